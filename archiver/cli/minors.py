"""``minor``: who is said to be a minor, who their parents are, and what is withheld from these (R18)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor
from archiver.cli.clearing import ClearanceOption, ForOption, Purpose, access
from archiver.cli.context import state_of
from archiver.cli.output import harmless, print_json, table, utc
from archiver.domain.minors import MinorFlag, Outcome

if TYPE_CHECKING:
    from archiver.domain.minors import WithholdRequest
    from archiver.services.minors import Child

minor = typer.Typer(
    help="Who is said to be a minor, their parents, and requests to withhold data from these.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Person = Annotated[str, typer.Argument(help="A handle, or the platform's id of the person.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, or who says so, without words of a record.")]


def add_to(app: typer.Typer) -> None:
    """Hang the commands of the group into the program."""
    app.add_typer(minor, name="minor")


@minor.command()
def flag(
    context: typer.Context,
    person: Person,
    is_: Annotated[MinorFlag, typer.Option("--is", help="Whether they are under 18: asserted, evidenced, unknown.")],
    reason: Reason,
    evidence: Annotated[str | None, typer.Option("--evidence", help="What shows it, in words.")] = None,
    by: By = None,
) -> None:
    """Say of a person who wrote records that they are a minor, or that this is not known after all.

    No class follows from it: look for what closes data about them, and mark that.

    Example: `archiver minor flag @ann --is evidenced --reason "Request 7" --evidence "school card, seen by me"
    --by "Dana Clerk"`
    """
    from archiver.services.minors import flag as enter
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_for_deciding(settings) as store:
        made = enter(store, person, is_, reason=reason, evidence=evidence, by=who, now=datetime.now(UTC))
    typer.echo(f"{harmless(made.person)}: being a minor is {made.flag}.")


@minor.command()
def parent(
    context: typer.Context,
    person: Person,
    name: Annotated[str, typer.Argument(metavar="PARENT", help="The parent's or guardian's name.")],
    evidence: Annotated[str, typer.Option("--evidence", help="What shows that they are, in words.")],
    by: By = None,
) -> None:
    """Say who is a person's parent or guardian, and what shows it.

    Example: `archiver minor parent @ann "Pat Lee" --evidence "birth certificate, seen" --by "Dana Clerk"`
    """
    from archiver.services.minors import relate
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_for_deciding(settings) as store:
        made = relate(store, person, name, evidence=evidence, by=who, now=datetime.now(UTC))
    typer.echo(f"{harmless(made.parent)} is a parent of {harmless(made.person)}.")


@minor.command()
def withhold(
    context: typer.Context,
    person: Person,
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day on which it was asked.")],
    reason: Reason,
    by: By = None,
) -> None:
    """Enter that a minor asked to withhold data about them from a parent. Until it is decided, parents get nothing.

    Example: `archiver minor withhold @ann --on 2026-11-20 --reason "Letter of the 19th" --by "Dana Clerk"`
    """
    from archiver.services.minors import ask
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    today = datetime.now(ZoneInfo(settings.archive.timezone)).date()
    with open_for_deciding(settings) as store:
        made = ask(store, person, on.date(), reason=reason, by=who, now=datetime.now(UTC), today=today)
    typer.echo(f"{made.name}: {harmless(made.person)} asked on {made.asked_on}; it is open.")


@minor.command()
def decide(
    context: typer.Context,
    request: Annotated[str, typer.Argument(help="The request, like W-1.")],
    outcome: Annotated[Outcome, typer.Argument(help="withhold: parents get nothing; give: they get it all the same.")],
    reason: Reason,
    by: By = None,
) -> None:
    """Enter what the city decided of a request to withhold, and why.

    Example: `archiver minor decide W-1 withhold --reason "It would harm the child" --by "Lee Attorney"`
    """
    from archiver.services.minors import decide as enter
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_for_deciding(settings) as store:
        made = enter(store, request, outcome, reason=reason, by=who, now=datetime.now(UTC))
    typer.echo(f"{made.name} is decided: {outcome}.")


@minor.command("list")
def list_(
    context: typer.Context,
    only_open: Annotated[bool, typer.Option("--open", help="Only those whose request is not decided yet.")] = False,
    clearance: ClearanceOption = None,
    by: By = None,
    purpose: Purpose = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Who is said to be a minor, with parents and requests; for those who may read what is undecided.

    Example: `archiver minor list --clearance undecided --by "Dana Clerk" --purpose "Request 7"`
    """
    from archiver.services.minors import listed
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with (
        access(settings, clearance, by, purpose, ForOption.STAFF, way="minor list") as terms,
        open_for_reading(settings) as store,
        store.read() as conn,
    ):
        everybody, closed = listed(conn, terms)
    found = [one for one in everybody if not only_open or any(each.decision is None for each in one.requests)]
    if as_json:
        print_json({"people": [_document(one) for one in found], "not_public": closed})
        return
    rows = [
        (
            one.person, ", ".join(one.handles), str(one.flag or "-"), ", ".join(each.parent for each in one.relations),
            ", ".join(_standing(each) for each in one.requests),
        )
        for one in found
    ]  # fmt: skip
    table(("person", "handles", "minor", "parents", "requests to withhold"), rows)
    if closed:
        typer.echo(f"Of {closed} more it is not public; --clearance undecided, --by and --purpose show them.", err=True)


def _standing(one: WithholdRequest) -> str:
    return f"{one.name} {one.decision.outcome if one.decision else 'open'}"


def _document(one: Child) -> dict[str, Any]:
    return {
        "person": one.person, "handles": list(one.handles), "minor": one.flag,
        "statements": [
            {
                "flag": each.flag, "reason": each.reason, "evidence": each.evidence, "by": each.by.name,
                "at": utc(each.at),
            }
            for each in one.statements
        ],
        "parents": [
            {"parent": each.parent, "evidence": each.evidence, "by": each.by.name, "at": utc(each.at)}
            for each in one.relations
        ],
        "requests": [
            {
                "request": each.name, "asked_on": each.asked_on, "reason": each.reason, "by": each.by.name,
                "at": utc(each.at), "decision": None if each.decision is None else {
                    "outcome": each.decision.outcome, "reason": each.decision.reason, "by": each.decision.by.name,
                    "at": utc(each.decision.at),
                },
            }
            for each in one.requests
        ],
    }  # fmt: skip
