"""How the account register looks: as rows, as the lines of one account, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from archiver.cli.output import local

if TYPE_CHECKING:
    from archiver.config import Settings
    from archiver.domain.register import Entry, Standing
    from archiver.services.registering import Card
    from archiver.store.accounts import AccountRow

_DATED = {"adopted", "opened", "closed"}
COLUMNS = ("account", "platform", "handle", "capacity", "department", "adopted", "by decision", "collected")


def row(account: AccountRow, standing: Standing, settings: Settings) -> tuple[str, ...]:
    """An account as a row of the list."""
    adopted = standing.adopted
    return (
        account.account.id, account.account.platform, account.handle, str(account.account.capacity),
        account.account.department or "", str(adopted.day) if adopted else "-",
        (adopted.authority or "") if adopted else "-", collected(account, standing, settings),
    )  # fmt: skip


def collected(account: AccountRow, standing: Standing, settings: Settings) -> str:
    """Whether it is collected, in a word or two."""
    setting = next((one for one in settings.accounts if one.id == account.account.id), None)
    if standing.closed is not None:
        return f"closed {standing.closed.day}"
    if standing.turned_off is not None:
        return f"off since {standing.turned_off.day}"
    if setting is None:
        return "not in the configuration"
    return "paused" if setting.paused else "yes"


def document(account: AccountRow, standing: Standing, settings: Settings) -> dict[str, object]:
    """An account as JSON."""
    adopted, closed = standing.adopted, standing.closed
    return {
        "account": account.account.id,
        "platform": account.account.platform,
        "platform_id": account.account.native_id,
        "handle": account.handle,
        "display_name": account.display_name,
        "capacity": str(account.account.capacity),
        "department": account.account.department,
        "series": account.account.series,
        "adopted_on": adopted.day if adopted else None,
        "decision": adopted.authority if adopted else None,
        "opened_on": standing.opened,
        "closed_on": closed.day if closed else None,
        "closed_reason": closed.reason if closed else None,
        "may_post": [{"person": one.value, "since": one.day} for one in standing.posters],
        "collected": collected(account, standing, settings),
        "not_collected": standing.refusal,
        "registered_at": account.registered_at,
    }


def card_document(card: Card, settings: Settings) -> dict[str, object]:
    """All about one account as JSON."""
    return document(card.row, card.standing, settings) | {
        "history": [
            {
                "entered_at": one.at, "by": one.by.name, "login": one.by.login, "fact": str(one.fact), "on": one.day,
                "value": one.value, "decision": one.authority, "reason": one.reason,
            }
            for one in card.standing.entries
        ],
        "handles": [
            {
                "platform_id": one.native_id, "handle": one.handle, "display_name": one.display_name,
                "observed_at": one.observed_at,
            }
            for one in card.handles
        ],
        "coverage": [
            {
                "stream": one.stream, "thread": one.scope, "from_at": one.from_at, "until_at": one.until_at,
                "state": str(one.state), "reason": one.reason,
            }
            for one in card.spans
        ],
        "marks": [
            {
                "record": one.record, "capacity": str(one.capacity), "at": one.at, "by": one.by.name,
                "reason": one.reason,
            }
            for one in card.marks
        ],
    }  # fmt: skip


def card_lines(card: Card, settings: Settings) -> Iterator[str]:
    """All about one account, for people."""
    zone = ZoneInfo(settings.archive.timezone)
    row_, standing = card.row, card.standing
    account = row_.account
    yield f"{account.id}  ({account.platform}, @{row_.handle}, {row_.display_name or 'no name seen yet'})"
    for name, value in _facts(card, settings).items():
        yield f"  {name + ':':15}{value}"
    if standing.refusal is not None:
        yield f"  {standing.refusal[0].upper()}{standing.refusal[1:]}"
    yield from _section("What was entered", [_entered(one, zone) for one in standing.entries])
    yield from _section(
        "Names", [f"{local(one.observed_at, zone)}  @{one.handle}  {one.display_name or ''}" for one in card.handles]
    )
    yield from _section("Captured", list(_captured(card, zone)))
    marks = [
        f"{local(one.at, zone)}  {one.record}  {one.capacity}  by {one.by.name}: {one.reason}" for one in card.marks
    ]
    yield from _section("Marked posts", marks)


def told(entry: Entry) -> str:
    """An entry as a sentence about its account."""
    value = f": {entry.value}" if entry.value is not None else ""
    words = [f"{entry.fact}{value}, {'on' if entry.fact in _DATED else 'from'} {entry.day}"]
    words += [f"by {entry.authority}"] if entry.authority else []
    words += [f"because: {entry.reason}"] if entry.reason else []
    return "; ".join(words)


def _facts(card: Card, settings: Settings) -> Mapping[str, str]:
    standing, account = card.standing, card.row.account
    adopted, posters = standing.adopted, standing.posters
    setting = next((one for one in settings.accounts if one.id == account.id), None)
    other = setting.capacity if setting is not None and setting.capacity is not account.capacity else None
    return {
        "platform's id": account.native_id or "not known yet",
        "capacity": f"{account.capacity} (the configuration says {other})" if other else str(account.capacity),
        "department": account.department or "-",
        "series": account.series or "-",
        "opened": str(standing.opened or "-"),
        "adopted": f"{adopted.day} by {adopted.authority}" if adopted else "no decision is entered",
        "may post": ", ".join(f"{one.value} (since {one.day})" for one in posters) or "nobody is entered",
        "collected": collected(card.row, standing, settings),
    }


def _entered(entry: Entry, zone: ZoneInfo) -> str:
    return f"{local(entry.at, zone)}  {entry.by.name}: {told(entry)}"


def _captured(card: Card, zone: ZoneInfo) -> Iterator[str]:
    """What is covered of each stream as a whole; of single threads only that there are gaps."""
    whole = [one for one in card.spans if one.scope is None]
    for one in whole:
        begins = local(one.from_at, zone) if one.from_at else "the beginning"
        why = f": {one.reason}" if one.reason else ""
        yield f"{one.stream}  {one.state}  from {begins} until {local(one.until_at, zone)}{why}"
    threads = {one.scope for one in card.spans if one.scope is not None and str(one.state) == "gap"}
    if threads:
        yield f"{len(threads)} threads have gaps; `archiver coverage {card.row.account.id}` lists them"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {one}" for one in lines)
