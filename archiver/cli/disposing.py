"""``propose``, ``expunge``, ``review``, ``approve``, ``receipt``, ``run``, ``disposals``, ``certificates``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from archiver.cli.acting import By, actor, person_of
from archiver.cli.context import state_of, stop_on_signals
from archiver.cli.output import harmless, local, print_json, table
from archiver.cli.progress import counting
from archiver.cli.retention import AsJson, today
from archiver.errors import NotFound, UsageError

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.domain.acting import Actor
    from archiver.domain.disposal import Certificate
    from archiver.services.disposal.proposing import Review

Name = Annotated[str, typer.Argument(metavar="DISPOSAL", help="The list's name, such as D-2026-001.")]


def add_to(group: typer.Typer) -> None:
    """Hang the commands of this module into the group."""
    for command in (propose, expunge, review, approve, receipt, run, disposals, certificates):
        group.command()(command)


def propose(
    context: typer.Context,
    account: Annotated[list[str] | None, typer.Option("--account", help="Only this account; may be repeated.")] = None,
    series: Annotated[
        list[str] | None, typer.Option("--series", metavar="CODE", help="Only this series; may be repeated.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="What the list is for.")] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Freeze the list of what is past its time now. It destroys nothing: another person has to approve it.

    Examples: `archiver retention propose --by "Dana Clerk"`,
    `archiver retention propose --account police-facebook --by "Dana Clerk"`
    """
    from archiver.services.disposal import proposing
    from archiver.services.disposal.weighing import Wish
    from archiver.services.retention.eligibility import terms_of
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who, wish = actor(settings, by), Wish(frozenset(account or ()), frozenset(series or ()))
    with open_for_deciding(settings) as store, store.begin() as conn:
        now = datetime.now(UTC)
        made = proposing.propose(
            conn, at=now, day=today(settings), by=who, terms=terms_of(settings), wish=wish, reason=reason
        )
        found = proposing.review(conn, made.name)
    _tell(found, settings, as_json=as_json)
    if not as_json:
        typer.echo(f"\nNext, as another person: archiver retention review {made.name}")


def expunge(
    context: typer.Context,
    records: Annotated[list[str], typer.Argument(metavar="RECORD...", help="Keys, ids or addresses of records.")],
    order: Annotated[str, typer.Option("--order", help="The court's order: its number, and the court.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, without naming a person: it stays.")],
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="A person's name, handle or number that goes from what stays, too; repeatable."),
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """List what a court has ordered to be expunged: it goes with its names and every reference to it.

    It destroys nothing: another person has to approve the list, and then it is carried out as each list is. Records
    need not be due, and may have been disposed of before. All of them go, or none.

    Example: `archiver retention expunge mastodon:113000000000000020 --order "27-CR-20-1234" --reason "order of 3 May"
    --by "Dana Clerk"`
    """
    from archiver.services.disposal import expunging, proposing
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_for_deciding(settings) as store, store.begin() as conn:
        made = expunging.propose(
            conn, records, court_order=order, reason=reason, at=datetime.now(UTC), day=today(settings), by=who,
            names=names or (),
        )  # fmt: skip
        found = proposing.review(conn, made.name)
        shown = expunging.shown_still(conn, made.name)
    _tell(found, settings, as_json=as_json)
    if not as_json:
        if shown:
            typer.echo(
                f"{len(shown)} of them are still there at the platform as far as the archive knows. Have them removed "
                "there first: once expunged they can't be recognised, and would be collected again."
            )
        typer.echo(f"\nNext, as another person: archiver retention review {made.name}")


def review(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """A list as the person has to see it who is to approve it.

    Counts by series, from when to when, a sample of keys, what stops keep of what is due, and what the readers of
    threads lose.

    Example: `archiver retention review D-2026-001`
    """
    from archiver.services.disposal import proposing
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with open_for_reading(settings) as store, store.read() as conn:
        found = proposing.review(conn, name)
    _tell(found, settings, as_json=as_json)
    if not as_json and found.standing(datetime.now(UTC)) == "proposed":
        typer.echo(f"\nTo approve it: archiver retention approve {name} --digest {found.proposal.digest[:8]} --by NAME")


def approve(
    context: typer.Context,
    name: Name,
    digest: Annotated[
        str, typer.Option("--digest", help="The first eight digits of the list's digest, as `review` shows it.")
    ],
    by: By = None,
) -> None:
    """Approve a list that another person proposed; it may then be carried out until it expires.

    Example: `archiver retention approve D-2026-001 --digest 1a2b3c4d --by "Lee Attorney"`
    """
    from archiver.services.disposal import proposing
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = _approver(settings, by)
    logins = any(person.login is not None for person in settings.people)
    with open_for_deciding(settings) as store, store.begin() as conn:
        proposing.approve(conn, name, at=datetime.now(UTC), by=who, digest=digest, logins=logins)
    typer.echo(f"{name} is approved by {who.name}. Next, with the daemon stopped: archiver retention run {name}")


def _approver(settings: Settings, by: str | None) -> Actor:
    who = actor(settings, by)
    person = person_of(settings, who)
    if person is not None and not person.approves:
        raise UsageError(
            f"{person.name} approves nothing, by the configuration.",
            advice=f"Have another person approve it, or set approves in [[people]] of {settings.path}.",
        )
    return who


def receipt(
    context: typer.Context,
    name: Name,
    bag: Annotated[str, typer.Option("--bag", help="The name of the bag that the archives received.")],
    digest: Annotated[str, typer.Option("--digest", help="The digest of its manifest, as they confirm it.")],
    reference: Annotated[str, typer.Option("--reference", help="Their receipt: its number or letter, and whose.")],
    by: By = None,
) -> None:
    """Write down that an archives has what a list transfers to it; before that nothing to be transferred goes.

    Example: `archiver retention receipt D-2026-001 --bag posts-2019 --digest sha256:9f… --reference "letter of 3 May"`
    """
    from archiver.services.disposal import proposing
    from archiver.store.decisions.disposals import Receipt
    from archiver.wiring import open_for_deciding

    settings = state_of(context).settings()
    who = actor(settings, by)
    if not (bag.strip() and digest.strip() and reference.strip()):
        raise UsageError("A receipt names the bag, its digest, and the archives' own reference.")
    with open_for_deciding(settings) as store, store.begin() as conn:
        one = Receipt(name, datetime.now(UTC), who, bag.strip(), digest.strip(), reference.strip())
        proposing.record_receipt(conn, one)
    typer.echo(f"{name}: {reference.strip()} is recorded.")


def run(context: typer.Context, name: Name, by: By = None, as_json: AsJson = False) -> None:
    """Destroy what an approved list names. Nothing brings it back.

    Stops and terms of each record are asked for once more as it goes; what may not go stays, and is told. The daemon
    must be stopped. The certificate says what went, and what is left of it where.

    Example: `archiver retention run D-2026-001 --by "Lee Attorney"`
    """
    from archiver.reception import seal_pushed
    from archiver.services.disposal import running
    from archiver.wiring import open_archive, workshop_of

    settings = state_of(context).settings()
    who = actor(settings, by)
    with open_archive(settings, stop=stop_on_signals()) as archive, counting("bytes", quiet=as_json) as progress:
        seal_pushed(settings, archive.clock)
        found = running.run(workshop_of(archive, progress), name, by=who, at=archive.clock.now())
    _certify(found, settings, as_json=as_json)


def disposals(context: typer.Context, as_json: AsJson = False) -> None:
    """All lists that were proposed, and how far each has come.

    Example: `archiver retention disposals`
    """
    from archiver.services.disposal import proposing
    from archiver.store.decisions import disposals as lists
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    with open_for_reading(settings) as store, store.read() as conn:
        found = [proposing.review(conn, one.name) for one in lists.proposals(conn)]
    now, zone = datetime.now(UTC), ZoneInfo(settings.archive.timezone)
    if as_json:
        print_json({"disposals": [_document(one, now) for one in found]})
        return
    table(
        ("disposal", "state", "records", "proposed by", "on", "expires"),
        [
            (
                one.proposal.name, one.standing(now), str(one.proposal.records), one.proposal.by.name,
                local(one.proposal.at, zone), local(one.proposal.expires_at, zone),
            )
            for one in found
        ],
    )  # fmt: skip


def certificates(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="DISPOSAL", help="One list; without it: all.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="PATH", help="Write one to a file, by its ending: .pdf or .csv."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What was destroyed, under which series, who decided it, and what is left of it where.

    The signed list itself lies in the folder `disposals` of the data folder.

    Examples: `archiver retention certificates`, `archiver retention certificates D-2026-001 -o D-2026-001.pdf`
    """
    if output is not None and (name is None or output.suffix not in {".pdf", ".csv"}):
        raise UsageError("A file is written of one list, and ends in .pdf or .csv.")
    from archiver.ledger import keys
    from archiver.services.disposal.certificates import paper_of
    from archiver.store.decisions import disposals as lists
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    zone, verifier = ZoneInfo(settings.archive.timezone), keys.verifier(settings.keys)
    with open_for_reading(settings) as store, store.read() as conn:
        papers = [paper_of(conn, one, verifier, zone) for one in lists.runs(conn) if name in {None, one.name}]
    found = [paper.certificate for paper in papers]
    if name is not None and not found:
        raise NotFound(f"There is no certificate of {name}.", advice="`archiver retention certificates` names them.")
    if output is not None:
        output.write_bytes(papers[0].pdf if output.suffix == ".pdf" else papers[0].csv)
        typer.echo(f"{output} is written.")
    elif name is not None:
        _certify(found[0], settings, as_json=as_json)
    elif as_json:
        print_json({"certificates": [asdict(one) for one in found]})
    else:
        rows = [
            (one.name, local(one.run_at, zone), str(one.went), str(len(one.kept)), str(len(one.residue)))
            for one in found
        ]
        table(("disposal", "on", "destroyed", "kept", "residue"), rows)


def _document(found: Review, at: datetime) -> dict[str, Any]:
    document = asdict(found) | {"state": found.standing(at)}
    return document | {"approval": asdict(found.approval) if found.approval else None}


def _tell(found: Review, settings: Settings, *, as_json: bool) -> None:
    now, zone, proposal = datetime.now(UTC), ZoneInfo(settings.archive.timezone), found.proposal
    if as_json:
        print_json(_document(found, now))
        return
    typer.echo(f"{proposal.name}: {proposal.records} records, {found.standing(now)}.")
    typer.echo(
        f"Proposed by {proposal.by.name} on {local(proposal.at, zone)}; expires {local(proposal.expires_at, zone)}."
    )
    if found.approval is not None:
        typer.echo(f"Approved by {found.approval.by.name} on {local(found.approval.at, zone)}.")
    if found.span is not None:
        typer.echo(f"Written from {local(found.span[0], zone)} until {local(found.span[1], zone)}.")
    for one in found.counts:
        title = f"{one.series} {one.title}, {one.schedule} {one.edition}"
        typer.echo(f"  {one.records} under {title}: {one.disposition.replace('_', ' ')}")
    for account, count in found.accounts:
        typer.echo(f"  {count} of {account}")
    typer.echo("For example: " + ", ".join(harmless(key) for key in found.sample))
    _tell_names(found)
    if proposal.stopped:
        typer.echo(f"{len(proposal.stopped)} more are due and stay: {_reasons(proposal.stopped)}.")
    if found.losses:
        staying = sum(one.staying for one in found.losses)
        typer.echo(
            f"{staying} answers that stay lose what they answer, or the beginning of their thread; "
            f"most below {harmless(found.losses[0].record)}."
        )
    if found.waits_for_receipt:
        typer.echo("Some of it is to be transferred first: `archiver retention receipt` records that it was received.")
    if not found.intact:
        typer.echo("The list is not what was proposed; it can't be approved or carried out.", err=True)
    typer.echo(f"Digest: {proposal.digest}")


def _tell_names(found: Review) -> None:
    if found.names:
        names = ", ".join(harmless(name) for name in found.names)
        typer.echo(f"These names go from what stays, too, of which {found.named} records have them: {names}.")


def _reasons(kept: Any) -> str:
    counts: dict[str, int] = {}
    for one in kept:
        counts[one.reason] = counts.get(one.reason, 0) + 1
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))


def _certify(found: Certificate, settings: Settings, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(found))
        return
    zone = ZoneInfo(settings.archive.timezone)
    went = "1 record was" if found.went == 1 else f"{found.went} records were"
    how = f"expunged by order {harmless(found.order)}" if found.order else "destroyed"
    typer.echo(f"{found.name}: {went} {how} on {local(found.run_at, zone)}.")
    typer.echo(f"Proposed by {found.proposed_by}, approved by {found.approved_by}, carried out by {found.run_by}.")
    for one in found.totals:
        typer.echo(
            f"  {one.records} under {one.series} {one.title}, {one.schedule} {one.edition}, "
            f"of {one.from_on} until {one.until_on}"
        )
    anew, away = sum(one.new is not None for one in found.files), sum(one.new is None for one in found.files)
    typer.echo(
        f"{anew} WARC files were written anew, {away} went whole; {found.media} media and "
        f"{len(found.exports)} kept exports went."
    )
    if found.kept:
        typer.echo(f"{len(found.kept)} that were approved stay: {_reasons(found.kept)}.")
    if found.residue:
        typer.echo(f"Residue: {len(found.residue)} captures still show words of it.")
        for left in found.residue:
            until = f"until {left.until}" if left.until else "until a day that nobody can tell yet"
            typer.echo(f"  {left.file} at {left.offset}, {left.records} records, {until}: {left.reason}")
    if found.order:
        typer.echo(
            "Backups that were made before, exports that left the archive and printed pages hold it still: destroy "
            "them. A backup from before can't be restored any more."
        )
    typer.echo(f"Digest of the list: {found.digest}")
