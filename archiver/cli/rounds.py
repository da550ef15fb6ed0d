"""What a round brought, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from archiver.cli.output import harmless, print_json, utc

if TYPE_CHECKING:
    from archiver.services.adoption import Adopted
    from archiver.services.collect import Round


def report(
    rounds: Sequence[Round], pushed: Sequence[Adopted] = (), *, refused: Mapping[str, str], stopped: bool, as_json: bool
) -> None:
    """One line for each account; what fell short, and what to do, on the next line. First what had been pushed.

    ``refused`` are accounts from which nothing was collected, with the reason.
    """
    if as_json:
        numbers = Counter[str]()
        for came in pushed:
            numbers[came.account] += came.deliveries
        documents = [_document(one, numbers[one.account]) for one in rounds]
        left_out = [{"account": account, "why": why} for account, why in refused.items()]
        print_json({"stopped": stopped, "accounts": documents, "not_collected": left_out})
        return
    for account, why in refused.items():
        typer.echo(f"{account}: {harmless(why)}")
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
