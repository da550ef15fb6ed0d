"""What a round brought, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import print_json, utc

if TYPE_CHECKING:
    from archiver.services.adoption import Adopted
    from archiver.services.collect import Round


def report(rounds: Sequence[Round], pushed: Sequence[Adopted] = (), *, stopped: bool, as_json: bool) -> None:
    """One line for each account; what fell short, and what to do, on the next line. First what had been pushed."""
    if as_json:
        numbers = Counter[str]()
        for came in pushed:
            numbers[came.account] += came.deliveries
        print_json({"stopped": stopped, "accounts": [_document(one, numbers[one.account]) for one in rounds]})
        return
    for came in pushed:
        total = came.total
        typer.echo(
            f"{came.account}: {came.deliveries} deliveries read; {total.new} new, {total.edited} edited, "
            f"{total.hidden} hidden, {total.removed} removed."
        )
    for one in rounds:
        total = one.total
        typer.echo(
            f"{one.account}: {total.new} new, {total.edited} edited, {total.hidden} hidden, {total.removed} removed; "
            f"{total.seen} seen in {one.exchanges} calls."
        )
        for sentence in _shortcomings(one):
            typer.echo(f"  gap: {sentence}")
    if stopped:
        typer.echo("Stopped. Everything captured so far is kept; the same command goes on from here.")


def _shortcomings(one: Round) -> list[str]:
    sentences = [str(one.trouble)] if one.trouble else []
    return sentences + list(dict.fromkeys(one.problems + one.gaps))


def _document(one: Round, deliveries: int) -> dict[str, object]:
    total = one.total
    return {
        "account": one.account,
        "started_at": utc(one.started_at),
        "deliveries": deliveries,
        "exchanges": one.exchanges,
        "seen": total.seen,
        "new": total.new,
        "edited": total.edited,
        "hidden": total.hidden,
        "removed": total.removed,
        "tasks_left": one.tasks_left,
        "gaps": _shortcomings(one),
    }
