"""Placing stops on destruction, and releasing them by two people (records rules R26 and R27)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.domain import coverage as ledger
from archiver.domain.acting import Actor
from archiver.domain.item import clean
from archiver.domain.keys import Key
from archiver.domain.stops import Step, StopType
from archiver.errors import NotFound, UsageError
from archiver.store import Connection, accounts, coverage, items, tombstones, views
from archiver.store.decisions import audit, extents, notices, register, stops
from archiver.store.decisions.audit import Act
from archiver.store.decisions.extents import Extent, Listed
from archiver.store.decisions.notices import Notice
from archiver.store.decisions.scopes import Scope
from archiver.store.decisions.stops import Release, Stop
from archiver.store.engine import Store


@dataclass(frozen=True, slots=True)
class Reach:
    """An account that a stop reaches: what it covers of it, and how completely that was captured.

    ``extent`` None: nothing so far, only what is still to come. ``standstill`` says why nothing more is collected;
    None where it is.
    """

    account: str
    extent: Extent | None
    captured_until: datetime | None
    gaps: int
    standstill: str | None

    def document(self) -> dict[str, Any]:
        """In the words of ``--json``."""
        one = self.extent
        return {
            "account": self.account,
            "records": one.records if one else 0,
            "first_at": one.first_at if one else None,
            "last_at": one.last_at if one else None,
            "captured_until": self.captured_until,
            "gaps": self.gaps,
            "not_collected": self.standstill,
        }


@dataclass(frozen=True, slots=True)
class Hold:
    """A stop, what it reaches at the moment of asking, and who was told of it."""

    stop: Stop
    reaches: tuple[Reach, ...]
    notices: tuple[Notice, ...]

    @property
    def records(self) -> int:
        """How many records are under it."""
        return sum(one.extent.records for one in self.reaches if one.extent)

    @property
    def first_at(self) -> datetime | None:
        """When the oldest of them was made."""
        return min((one.extent.first_at for one in self.reaches if one.extent), default=None)

    @property
    def last_at(self) -> datetime | None:
        """When the newest of them was made."""
        return max((one.extent.last_at for one in self.reaches if one.extent), default=None)

    def warnings(self) -> Iterator[str]:
        """Sentences about accounts of which nothing more is collected, while what they may show is under the stop."""
        if self.stop.released:
            return
        for one in self.reaches:
            if one.standstill:
                yield f"{self.stop.name} covers {one.account}, and nothing is collected from it: {one.standstill}"


def place(
    store: Store, kind: StopType, scope: Scope, *, matter: str, reason: str, by: Actor, at: datetime,
    paused: Mapping[str, bool],
) -> Hold:  # fmt: skip
    """Place a stop, with its row in the audit log. ``paused`` are the configured accounts.

    Raises UsageError where nothing is asked for, or nothing that can be found; NotFound for records that are not held.
    """
    matter, reason = matter.strip(), reason.strip()
    if not matter or not reason:
        raise UsageError("A stop needs a matter and a reason.", advice='Add --matter "Doe v. City" --reason "…".')
    if scope.query is None and not scope.threads and not scope.records:
        raise UsageError(
            "Nothing says what is to be covered.",
            advice="Add words, filters, --record or --thread; --everything covers all there is and all that comes.",
        )
    if scope.query is not None and scope.query.hopeless:
        raise UsageError("Punctuation alone can't be searched for.", advice="Name words, or leave them away.")
    with store.begin() as conn:
        _require_accounts(conn, scope, paused)
        stop = stops.place(conn, at=at, kind=kind, matter=matter, reason=reason, by=by, scope=_resolved(conn, scope))
        hold = _seen(conn, stop, paused)
        details = {"type": kind.value, "matter": matter, "scope": stop.scope.document(), "records": hold.records}
        audit.add(conn, Act(at, by, "hold place", stop.name, reason, details))
        return hold


def ask_release(store: Store, name: str, *, by: Actor, at: datetime, reason: str) -> Stop:
    """One person asks to release a stop; it stands until another approves."""
    if not reason.strip():
        raise UsageError("A release needs a reason.", advice='Add --reason "…".')
    with store.begin() as conn:
        stop = open_one(conn, name)
        stops.add_step(conn, stop.name, Release(Step.ASKED, at, by, reason.strip()))
        audit.add(conn, Act(at, by, "hold ask-release", stop.name, reason.strip()))
        return open_one(conn, name)


def approve_release(store: Store, name: str, *, by: Actor, at: datetime, logins: bool) -> tuple[Stop, int]:
    """Another person approves the release: the stop, and how many records are under no stop now.

    ``logins``: people are told apart by login as well. Retention clocks stay as they are: they run from their triggers,
    whatever was stopped in between.
    """
    with store.begin() as conn:
        stop = open_one(conn, name)
        asked = stop.asked
        if asked is None:
            raise UsageError(
                f"Nobody has asked to release {name}.", advice=f"First `archiver hold release {name} --reason …`."
            )
        if not by.is_second_to(asked.by, logins=logins):
            raise UsageError(
                f"{asked.by.name} asked for this release, so another person must approve it.",
                advice="Have somebody else run this, from a login of their own where the configuration names logins.",
            )
        stops.cover_all(conn, at)
        freed = extents.freed_by(conn, stop)
        stops.add_step(conn, stop.name, Release(Step.APPROVED, at, by, asked.reason))
        details = {"asked_by": asked.by.name, "records_under_no_stop": freed}
        audit.add(conn, Act(at, by, "hold release", stop.name, asked.reason, details))
        return _found(conn, name), freed


def load(store: Store, name: str, paused: Mapping[str, bool]) -> Hold:
    """One stop as it stands. Raises NotFound."""
    with store.read() as conn:
        return _seen(conn, _found(conn, name), paused)


def listed(store: Store, paused: Mapping[str, bool], *, open_only: bool) -> list[Hold]:
    """All stops, in the order in which they were placed."""
    with store.read() as conn:
        return [_seen(conn, stop, paused) for stop in stops.every(conn, open_only=open_only)]


def records_of(store: Store, name: str) -> Iterator[Listed]:
    """The records on a stop's list, oldest first. Raises NotFound."""
    with store.read() as conn:
        yield from extents.listed(conn, _found(conn, name))


def over(conn: Connection, key: Key) -> list[Stop]:
    """The open stops that a record is under."""
    names = stops.stopping(conn, [key]).get(key, ())
    return [stop for stop in stops.every(conn, open_only=True) if stop.name in names] if names else []


def reaching(store: Store, account: str) -> list[Stop]:
    """The open stops that cover records of an account, or may cover what is still to come from it."""
    with store.read() as conn:
        platform = accounts.get(conn, account).platform
        return [
            stop
            for stop in stops.every(conn, open_only=True)
            if _may_reach(stop.scope, account, platform) or extents.has_records_of(conn, stop, account)
        ]


def count_open(conn: Connection) -> int:
    """How many stops are open."""
    return len(stops.every(conn, open_only=True))


def _found(conn: Connection, name: str) -> Stop:
    stop = stops.named(conn, clean(name).upper())
    if stop is None:
        raise NotFound(f'There is no hold "{name}".', advice="`archiver hold list --all` has all of them.")
    return stop


def open_one(conn: Connection, name: str) -> Stop:
    """An open stop. Raises NotFound, and UsageError where it was released."""
    stop = _found(conn, name)
    if stop.released is not None:
        raise UsageError(f"{stop.name} was released already.", advice=f"`archiver hold show {stop.name}` says by whom.")
    return stop


def _resolved(conn: Connection, scope: Scope) -> Scope:
    """The scope with records and threads by their keys, whatever name was given for them."""
    records = _keys(conn, scope.records)
    rows = items.stored(conn, _keys(conn, scope.threads))
    threads = tuple(dict.fromkeys(one.thread for one in rows.values()))
    return Scope(scope.query, threads, records, scope.context)


def _keys(conn: Connection, names: Sequence[str]) -> tuple[Key, ...]:
    found = {name: items.resolve(conn, name) for name in names}
    lacking = [name for name, key in found.items() if key is None]
    if lacking:
        raise NotFound(
            f"There is no record {', '.join(map(repr, lacking))}.", advice="`archiver search` lists the keys."
        )
    keys = tuple(dict.fromkeys(key for key in found.values() if key is not None))
    gone = tombstones.among(conn, keys)
    if gone:
        raise NotFound(f"{', '.join(sorted(gone))} was disposed of.", advice="The destruction list says under what.")
    return keys


def _require_accounts(conn: Connection, scope: Scope, paused: Mapping[str, bool]) -> None:
    """A misspelt account would give a hold that covers nothing."""
    wanted = scope.query.account if scope.query else None
    known = {row.account.id for row in accounts.rows(conn)} | paused.keys()
    if wanted is not None and wanted not in known:
        raise UsageError(f'There is no account "{wanted}".', advice=f"Known: {', '.join(sorted(known))}.")


def _seen(conn: Connection, stop: Stop, paused: Mapping[str, bool]) -> Hold:
    found = {one.account: one for one in extents.extent(conn, stop)}
    reaches = []
    for account in accounts.listed(conn):
        if account.id not in found and not _may_reach(stop.scope, account.id, account.platform):
            continue
        spans = coverage.spans(conn, account.id)
        whole = [span for span in spans if span.scope is None and span.state is not ledger.CoverageState.NOT_OFFERED]
        reaches.append(
            Reach(
                account.id,
                found.get(account.id),
                ledger.coverage_until(whole),
                _gaps(conn, stop.scope, account.id),
                _standstill(conn, account.id, paused),
            )
        )
    return Hold(stop, tuple(reaches), tuple(notices.of(conn, [stop.name])))


def _may_reach(scope: Scope, account: str, platform: str) -> bool:
    """Whether a record of that account may match, as far as the filters tell."""
    query = scope.query
    return query is not None and query.account in {None, account} and query.platform in {None, platform}


def _gaps(conn: Connection, scope: Scope, account: str) -> int:
    """Spans of the asked time in which something of the account may be missing."""
    spans = views.coverage_rows(conn, scope.query) if scope.query is not None else views.coverage_rows(conn)
    return sum(span["account"] == account and span["state"] == ledger.CoverageState.GAP for span in spans)


def _standstill(conn: Connection, account: str, paused: Mapping[str, bool]) -> str | None:
    """Why nothing more is collected from an account."""
    if (refused := register.standing(conn, account).refusal) is not None:
        return refused
    if account not in paused:
        return "the configuration does not name it any more."
    return "it is paused in the configuration." if paused[account] else None


def waiting(stop: Stop) -> bool:
    """Whether somebody asked for its release, and nobody has approved it."""
    return stop.released is None and stop.asked is not None
