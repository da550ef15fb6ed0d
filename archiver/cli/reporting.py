"""``status`` and ``coverage``: is everything being captured, and what is missing?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archiver.cli.context import state_of
from archiver.cli.output import harmless, local, print_json, table, utc
from archiver.domain.access import NEVER, ending, remedy
from archiver.domain.task import TaskKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from archiver.config import Settings
    from archiver.domain.access import AccessSeen
    from archiver.domain.coverage import Span
    from archiver.services.backup.reminders import Standing
    from archiver.services.health import AccountHealth
    from archiver.services.recurring import Standing as Recurrence
    from archiver.services.spending import Overview
    from archiver.store.engine import Store

_NUMBER = re.compile(r"[0-9]+")


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.command()(status)
    app.command()(coverage)


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Per account: its state, the last success, the last error with what to do, records, coverage, deliveries, costs.

    Examples: `archiver status`, `archiver status --json`
    """
    from datetime import UTC, datetime

    from archiver.reception import is_receiving
    from archiver.services.adoption import unclaimed
    from archiver.services.health import health
    from archiver.services.holds import count_open
    from archiver.store import accounts
    from archiver.wiring import bounds, open_for_reading, secrets_of

    settings, now = state_of(context).settings(), datetime.now(UTC)
    with open_for_reading(settings) as store:
        paused = {one.id: one.paused for one in settings.accounts}
        found = health(store, now, paused=paused, bounds=bounds(settings, secrets_of(settings)))
        with store.read() as conn:
            strangers = unclaimed(settings.storage, accounts.listed(conn))
            stopped = count_open(conn)
        kept = backup_standing(store, settings, now)
        again = recurring_standing(store, settings, now)
    receiving = is_receiving(settings) if settings.listen is not None else None
    if as_json:
        document = {"accounts": [_document(one) for one in found], "receiving": receiving, "unclaimed": strangers}
        reminders = [one.reminder for one in again if one.reminder is not None]
        print_json(document | {"backup": _backup(kept), "holds": stopped, "reminders": reminders})
        return
    zone = ZoneInfo(settings.archive.timezone)
    columns = ("account", "platform", "state", "last success", "records", "captured until", "gaps")
    table(columns, [_row(one, zone) for one in found])
    for one in found:
        for sentence in sentences(one, now, zone):
            typer.echo(f"{one.account}: {sentence}")
    if receiving is False:
        typer.echo("No receiver is running, so nothing is pushed. Start `archiver run` or `archiver listen`.")
    if strangers:
        typer.echo(f"Deliveries are kept that no account has the id of: {', '.join(strangers)}.")
    if stopped:
        holds = "1 hold on destruction is" if stopped == 1 else f"{stopped} holds on destruction are"
        typer.echo(f"{holds} open; `archiver hold list` names them.")
    for sentence in kept.reminders if kept is not None else ():
        typer.echo(sentence)
    for sentence in filter(None, (each.reminder for each in again)):
        typer.echo(sentence)


def backup_standing(store: Store, settings: Settings, now: datetime) -> Standing | None:
    """How it stands with backups; None where this archive has none configured and never made one."""
    from archiver.config.settings import BackupSettings
    from archiver.services.backup.reminders import standing

    chosen = settings.backup or BackupSettings(folder=settings.home)
    kept = standing(store, now, remind=chosen.remind, drill=chosen.drill)
    return kept if settings.backup is not None or kept.last is not None else None


def recurring_standing(store: Store, settings: Settings, now: datetime) -> list[Recurrence]:
    """How it stands with what the law of the state asks for again and again."""
    from archiver.config import load_profile
    from archiver.services.recurring import standing

    today = now.astimezone(ZoneInfo(settings.archive.timezone)).date()
    return standing(store, load_profile(settings.archive.profile), today)


def _backup(kept: Standing | None) -> dict[str, object] | None:
    if kept is None:
        return None
    last, tried = kept.last, kept.drill
    return {
        "last": last.name if last else None,
        "last_at": utc(last.made_at) if last else None,
        "folder": last.folder if last else None,
        "drill_at": utc(tried.at) if tried else None,
        "drill": tried.outcome if tried else None,
        "reminders": list(kept.reminders),
    }


def sentences(one: AccountHealth, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """What there is to say of an account below the table, for lines that begin with its name."""
    from archiver.services.health import AccountState

    if one.not_collected is not None:
        yield harmless(one.not_collected)
    if one.state is AccountState.CLOSED:
        return
    if one.last_error:
        yield f"{one.unnamed(one.last_error)} {one.advice or ''}".rstrip()
    if one.access is not None and one.access.valid and one.access.detail:
        yield harmless(one.access.detail)
    if (what := ending(one.access, now)) and what not in (one.last_error or ""):
        yield f"{what} {remedy(one.account, one.access, now)}"
    if one.last_delivery_at is not None:
        yield f"the last delivery came {local(one.last_delivery_at, zone)}."
    yield from _spending(one.spending, zone)
    yield from _gaps(one, zone)


_WORK = {
    TaskKind.PROFILE: "the profile",
    TaskKind.POLL: "new posts",
    TaskKind.MENTIONS: "mentions",
    TaskKind.THREAD: "threads to be visited",
    TaskKind.HISTORY: "edits",
    TaskKind.CONFIRM: "looks whether something is still there",
    TaskKind.MEDIA: "files",
    TaskKind.CAPTIONS: "subtitles",
    TaskKind.CHAT: "live chats",
    TaskKind.BACKFILL: "the past",
}
"""What tasks are for, in the clerk's words."""


def _spending(one: Overview | None, zone: ZoneInfo) -> Iterator[str]:
    """What was spent, what it comes to, and what waits for it."""
    if one is None or not (one.calls or one.limit):
        return
    of = f" of {one.words(one.limit)}" if one.limit is not None else ", without a budget,"
    sentence = f"{one.words(one.spent)}{of} were spent in {one.term.name}"
    if one.forecast is not None:
        sentence += f", {one.words(one.forecast)} are to be expected by its end"
    if len(one.sharers) > 1:
        sentence += f"; the {len(one.sharers)} accounts with the same key spent {one.words(one.shared)}"
    yield f"{sentence}."
    if one.put_off:
        what = ", ".join(f"{_WORK.get(kind, str(kind))} ({count})" for kind, count in sorted(one.put_off.items()))
        ends = local(one.term.ends, zone)
        yield f"put off, as it would cost too much now: {what}. A new budget begins {ends}."


def coverage(
    context: typer.Context,
    account: Annotated[str | None, typer.Argument(help="One account; all when none is named.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """The spans of time that were captured completely, and the gaps with their reasons.

    Examples: `archiver coverage`, `archiver coverage city-mastodon --json`
    """
    from archiver.store import coverage as ledger
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    chosen = settings.chosen([account] if account else [])
    with open_for_reading(settings) as store, store.read() as conn:
        spans = {one.id: ledger.spans(conn, one.id) for one in chosen}
    if as_json:
        print_json({"coverage": [_span(name, span) for name, found in spans.items() for span in found]})
        return
    zone = ZoneInfo(settings.archive.timezone)
    rows = [
        (name, span.stream, span.scope or "", local(span.from_at, zone) if span.from_at else "the beginning",
         local(span.until_at, zone), str(span.state), span.reason or "")
        for name, found in spans.items()
        for span in found
    ]  # fmt: skip
    table(("account", "stream", "thread", "from", "until", "state", "reason"), rows)


def _gaps(one: AccountHealth, zone: ZoneInfo) -> Iterator[str]:
    """The open gaps; those of many threads that are alike in one sentence. Reasons are alike but for their numbers."""
    alike: dict[tuple[str, bool, str], list[Span]] = {}
    for gap in one.open_gaps:
        key = (gap.stream, True, _NUMBER.sub("0", gap.reason or ""))
        alike.setdefault(key if gap.scope is not None else (gap.stream, False, repr(gap)), []).append(gap)
    for found in alike.values():
        threads = len({gap.scope for gap in found})
        if threads == 1:
            yield from (_gap(one, gap, zone) for gap in found)
            continue
        begins = [gap.from_at for gap in found if gap.from_at is not None]
        begin = min(begins) if len(begins) == len(found) else None
        when = f"between {local(begin, zone)} and {local(max(gap.until_at for gap in found), zone)}"
        like = "for instance: " if len({gap.reason for gap in found}) > 1 else ""
        yield f"gaps in {found[0].stream} of {threads} threads {when}: {like}{_reason(one, found[0])}"


def _gap(one: AccountHealth, gap: Span, zone: ZoneInfo) -> str:
    when = f"from {local(gap.from_at, zone)} until {local(gap.until_at, zone)}"
    return f"gap in {gap.stream} {when}: {_reason(one, gap)}"


def _reason(one: AccountHealth, gap: Span) -> str:
    return f"{one.unnamed(gap.reason or '').rstrip('.')}."


def _row(one: AccountHealth, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        one.account, one.platform, str(one.state), local(one.last_success_at, zone), str(one.records),
        local(one.coverage_until, zone), str(len(one.open_gaps)),
    )  # fmt: skip


def _document(one: AccountHealth) -> dict[str, object]:
    return {
        "account": one.account,
        "platform": one.platform,
        "handle": one.handle,
        "state": str(one.state),
        "not_collected": one.not_collected,
        "last_success_at": utc(one.last_success_at),
        "last_delivery_at": utc(one.last_delivery_at),
        "last_error": one.last_error,
        "advice": one.advice,
        "records": one.records,
        "coverage_until": utc(one.coverage_until),
        "gaps": [_span(one.account, gap) for gap in one.open_gaps],
        "stated_total": one.stated_total,
        "held_total": one.held_total,
        "tasks_due": one.tasks_due,
        "token": _token(one.access),
        "spending": _spent(one.spending),
    }


def _spent(one: Overview | None) -> dict[str, object] | None:
    if one is None:
        return None
    return {
        "unit": one.tariff.unit,
        "period": one.term.name,
        "ends_at": utc(one.term.ends),
        "spent": one.number(one.spent),
        "calls": one.calls,
        "budget": one.number(one.limit),
        "forecast": one.number(one.forecast),
        "shared_with": sorted(one.sharers - {one.account}),
        "shared_spent": one.number(one.shared),
        "put_off": {str(kind): count for kind, count in sorted(one.put_off.items())},
    }


def _token(access: AccessSeen | None) -> dict[str, object] | None:
    if access is None:
        return None
    return {
        "kind": access.kind,
        "valid": access.valid,
        "detail": access.detail,
        "expires_at": _end(access.expires_at),
        "data_access_expires_at": _end(access.data_access_expires_at),
        "lacking": [one.scope for one in access.lacking or ()],
    }


def _end(moment: datetime | None) -> str | None:
    return "never" if moment == NEVER else utc(moment)


def _span(account: str, span: Span) -> dict[str, object]:
    return {
        "account": account,
        "stream": span.stream,
        "thread": span.scope,
        "from_at": utc(span.from_at),
        "until_at": utc(span.until_at),
        "state": str(span.state),
        "reason": span.reason,
        "noticed_at": utc(span.opened_at),
        "closed_at": utc(span.closed_at),
    }
