"""What people enter in the account register: adopting an account, changing what stands for it, closing it (R1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from archiver.domain.account import Capacity
from archiver.domain.acting import Actor
from archiver.domain.coverage import Span
from archiver.domain.marking import CapacityMark
from archiver.domain.register import OFF, ON, Entry, Fact, Standing, needs_reason
from archiver.errors import UsageError
from archiver.store import Connection, accounts, coverage
from archiver.store.accounts import AccountRow, HandleRow
from archiver.store.decisions import audit, marks
from archiver.store.decisions import register as entries
from archiver.store.decisions.audit import Act
from archiver.store.engine import Store


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who enters something, and when: ``at`` is aware, UTC; ``today`` is its day in the archive's zone."""

    by: Actor
    at: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Change:
    """What to enter about an account; None and empty stay as they are. ``on`` is the day from which it holds."""

    on: date | None = None
    decision: str | None = None
    reason: str | None = None
    capacity: Capacity | None = None
    department: str | None = None
    opened: date | None = None
    collect: bool | None = None
    may_post: Sequence[str] = ()
    may_not_post: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """What the register says of an account, and what was learned of it.

    ``spans`` are its coverage, ``marks`` those of its posts, oldest first.
    """

    row: AccountRow
    standing: Standing
    handles: tuple[HandleRow, ...]
    spans: tuple[Span, ...]
    marks: tuple[CapacityMark, ...]


def adopt(store: Store, account: str, sitting: Sitting, change: Change) -> None:
    """Enter that the city decided to keep this account's records; a closed one is open again after that.

    Raises NotFound for an account that the configuration does not name, UsageError where it is adopted already.
    """
    with store.begin() as conn:
        was = _standing(conn, account)
        if was.adopted is not None and was.closed is None:
            raise UsageError(
                f"{account} is in the register: adopted on {was.adopted.day} by {was.adopted.authority}.",
                advice=f"`archiver account change {account}` changes what stands for it.",
            )
        if not change.decision:
            raise UsageError("By which decision was it adopted?", advice='Add --decision "Resolution 26-118".')
        if needs_reason(was.capacity or Capacity.OFFICIAL) and not change.reason:
            raise UsageError(
                f"{account} is a {was.capacity} account; collecting it makes it government data.",
                advice="Add --reason with what the officer named by --by decided, and why (R1).",
            )
        day = change.on or sitting.today
        first = Entry(
            account, Fact.ADOPTED, day, sitting.at, sitting.by, authority=change.decision, reason=change.reason
        )
        _enter(conn, "account add", account, sitting, change, [first, *_changes(was, account, sitting, change)])


def change(store: Store, account: str, sitting: Sitting, change: Change) -> None:
    """Enter what is different from now on. Raises NotFound, and UsageError with what is missing or changes nothing."""
    with store.begin() as conn:
        was = _standing(conn, account)
        new = list(_changes(was, account, sitting, change))
        if not new:
            raise UsageError("Nothing is said that would change.", advice="Say what, like --capacity or --may-post.")
        _enter(conn, "account change", account, sitting, change, new)


def close(store: Store, account: str, sitting: Sitting, *, on: date | None, reason: str | None) -> None:
    """Enter that the account is closed: nothing new is collected, its records stay, their time may begin to run."""
    with store.begin() as conn:
        was = _standing(conn, account)
        if was.closed is not None:
            raise UsageError(f"{account} is closed already, since {was.closed.day}.", advice="Nothing was entered.")
        if not reason:
            raise UsageError(f"Why is {account} closed?", advice="Add --reason.")
        day = on or sitting.today
        if was.opened is not None and day < was.opened:
            raise UsageError(f"{account} was opened on {was.opened}.", advice="It can't be closed before that.")
        entry = Entry(account, Fact.CLOSED, day, sitting.at, sitting.by, reason=reason)
        _enter(conn, "account close", account, sitting, Change(on=on, reason=reason), [entry])


def listed(store: Store) -> list[tuple[AccountRow, Standing]]:
    """Every account that the store knows, by name, and what stands for it."""
    with store.read() as conn:
        standing = entries.all_standings(conn)
        return [(row, standing.get(row.account.id, Standing(row.account.id))) for row in accounts.rows(conn)]


def card(store: Store, account: str) -> Card:
    """All about one account. Raises NotFound."""
    with store.read() as conn:
        row = accounts.row(conn, account)
        return Card(
            row, entries.standing(conn, account), tuple(accounts.handles(conn, account)),
            tuple(coverage.spans(conn, account)), tuple(marks.of_account(conn, account)),
        )  # fmt: skip


def _standing(conn: Connection, account: str) -> Standing:
    accounts.row(conn, account)
    return entries.standing(conn, account)


def _changes(was: Standing, account: str, sitting: Sitting, change: Change) -> Iterator[Entry]:
    """The entries that a change makes, in the register's order."""
    day = change.on or sitting.today
    _require_reasons(was, account, change)

    def entry(fact: Fact, value: str | None, on: date = day) -> Entry:
        return Entry(account, fact, on, sitting.at, sitting.by, value, change.decision, change.reason)

    if change.opened is not None:
        yield entry(Fact.OPENED, None, change.opened)
    if change.capacity is not None and change.capacity is not was.capacity:
        yield entry(Fact.CAPACITY, str(change.capacity))
    if change.department is not None and change.department != was.department:
        yield entry(Fact.DEPARTMENT, change.department)
    if change.collect is not None and change.collect is (was.turned_off is not None):
        yield entry(Fact.COLLECTION, ON if change.collect else OFF)
    for name in change.may_post:
        if not was.may_post(name):
            yield entry(Fact.POSTS, " ".join(name.split()))
    for name in change.may_not_post:
        if not was.may_post(name):
            raise UsageError(f'"{name}" is not among those who may post on {account}.', advice=_posters(was))
        yield entry(Fact.POSTS_NO_MORE, " ".join(name.split()))


def _require_reasons(was: Standing, account: str, change: Change) -> None:
    """Raises UsageError where a decision needs words that are not given."""
    if change.reason:
        return
    if change.capacity is not None and needs_reason(change.capacity) and change.capacity is not was.capacity:
        raise UsageError(
            f"{account} would be collected as a {change.capacity} account, which makes it government data.",
            advice="Add --reason with what the officer named by --by decided, and why (R1).",
        )
    if change.capacity is not None and was.capacity not in {None, change.capacity}:
        raise UsageError(f"{account} is {was.capacity} so far.", advice="Add --reason: why is it not any more?")
    if change.collect is not None and change.collect is (was.turned_off is not None):
        raise UsageError("Turning a collection on or off needs a reason.", advice="Add --reason.")


def _posters(was: Standing) -> str:
    names = [str(one.value) for one in was.posters]
    return f"Those are: {', '.join(names)}." if names else "Nobody is entered there."


def _enter(
    conn: Connection, act: str, account: str, sitting: Sitting, change: Change, new: Sequence[Entry]
) -> None:  # fmt: skip
    late = next((one for one in new if one.day > sitting.today), None)
    if late is not None:
        raise UsageError(f"{late.day} is still to come.", advice="Enter it on that day, or later.")
    entries.add(conn, new)
    now = entries.standing(conn, account)
    accounts.restate(
        conn, account, capacity=now.capacity or accounts.get(conn, account).capacity, department=now.department
    )
    details = [{"fact": str(one.fact), "day": one.day.isoformat(), "value": one.value} for one in new]
    facts: Mapping[str, object] = {"entries": details} | ({"decision": change.decision} if change.decision else {})
    audit.add(conn, Act(sitting.at, sitting.by, act, account, change.reason, facts))
