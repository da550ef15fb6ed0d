"""Telling a person what only a person can mend, again and again until it is over, and then that it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import structlog

from archiver.domain.access import WARN_AHEAD, ending, remedy
from archiver.errors import ArchiverError
from archiver.services.health import SILENT, AccountHealth, health
from archiver.services.noticing import overdue
from archiver.store import alerts as register
from archiver.store.alerts import Told
from archiver.store.decisions.notices import Notice
from archiver.store.engine import Store

log = structlog.get_logger()

PATIENCE = timedelta(days=1)
"""A gap that is open for so long does not close by itself."""
_WEEK = timedelta(days=7)
LEAST_FREE_BYTES = 2 * 10**9
MACHINE = "machine"
"""The subject of what concerns all accounts."""


class Kind(StrEnum):
    """What is wrong."""

    ATTENTION = "attention"
    FAILED = "failed"
    GAP = "gap"
    DISK = "disk"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that a person must know of: what it is, since when (UTC), and what to do.

    ``every`` is how long it is kept silent about once it was told, where that is longer than usual.
    """

    subject: str
    kind: Kind
    since_at: datetime
    what: str
    todo: str
    every: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Decision:
    """What to say now: troubles that are new or due to be repeated, and those that are over."""

    alerts: tuple[Trouble, ...]
    solved: tuple[Told, ...]

    def __bool__(self) -> bool:
        return bool(self.alerts or self.solved)


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out, in one mail and one webhook call."""

    subject: str
    text: str
    payload: Mapping[str, object]


Channel = Callable[[Message], None]
"""Brings a message to a person; raises an ArchiverError that says in one sentence why it could not."""


def troubles(accounts: Iterable[AccountHealth], free_bytes: int, now: datetime) -> list[Trouble]:
    """What a person must know of. An account gives one trouble, the one that explains the others.

    Beside it there may be the end of its token, which is still to come.
    """
    found = [trouble for one in accounts for trouble in (_of(one, now), _to_come(one, now)) if trouble is not None]
    if free_bytes < LEAST_FREE_BYTES:
        what = f"The archive's disk has {free_bytes / 10**9:.1f} GB left."
        found.append(Trouble(MACHINE, Kind.DISK, now, what, "Make room before capture stops."))
    return found


def notices_troubles(late: Iterable[Notice]) -> list[Trouble]:
    """Custodians who have not said in time that they read the notice of a hold; a trouble for each hold."""
    holds: dict[str, list[Notice]] = {}
    for one in late:
        holds.setdefault(one.stop, []).append(one)
    return [
        Trouble(
            name,
            Kind.NOTICE,
            min(one.due_at or one.sent_at for one in found),
            f"The notice of this hold was not acknowledged by {', '.join(one.custodian for one in found)}.",
            f"Run `archiver hold notices {name} --remind`, or note who has answered with --acknowledge.",
        )
        for name, found in holds.items()
    ]


def _of(one: AccountHealth, now: datetime) -> Trouble | None:
    if one.state in SILENT:
        return None
    error, advice = one.unnamed(one.last_error or "The last round failed."), one.advice or ""
    if one.attention_since is not None:
        return Trouble(one.account, Kind.ATTENTION, one.attention_since, error, advice)
    if one.failed_since is not None:
        return Trouble(one.account, Kind.FAILED, one.failed_since, error, advice)
    opened = [(gap.opened_at or gap.until_at, gap) for gap in one.open_gaps]
    old = [(at, gap) for at, gap in opened if now - at >= PATIENCE]
    if not old:
        return None
    at, gap = min(old, key=lambda pair: pair[0])
    what = f"The {gap.stream} have a gap: {one.unnamed(gap.reason or 'no reason is known').rstrip('.')}."
    return Trouble(one.account, Kind.GAP, at, what, advice or "Run `archiver check`.")


def _to_come(one: AccountHealth, now: datetime) -> Trouble | None:
    """The end of a token, weeks ahead; of a dead one the account's attention tells."""
    what, ends = ending(one.access, now), one.access.ends_at if one.access else None
    if what is None or ends is None or one.state in SILENT or one.attention_since is not None:
        return None
    todo = remedy(one.account, one.access, now)
    every = _WEEK if ends - now > _WEEK else timedelta()
    return Trouble(one.account, Kind.TOKEN, ends - WARN_AHEAD, what, todo, every)


def decide(found: Sequence[Trouble], told: Sequence[Told], now: datetime, repeat: timedelta) -> Decision:
    """What to say. ``repeat`` is how long a trouble that was told is kept silent about; a clock set back ends that."""
    known = {(one.subject, one.kind): one for one in told}
    due = []
    for trouble in found:
        before = known.pop((trouble.subject, trouble.kind), None)
        if before is None or not before.told_at <= now < before.told_at + max(repeat, trouble.every):
            due.append(trouble)
    return Decision(tuple(due), tuple(known.values()))


def message(archive: str, decision: Decision, zone: ZoneInfo) -> Message:
    """One message for all that there is to say."""
    lines = []
    for one in decision.alerts:
        lines += [f"{one.subject}: {one.what}", f"  Since {_local(one.since_at, zone)}.", f"  {one.todo}".rstrip(), ""]
    for over in decision.solved:
        lines += [f"{over.subject}: Solved. It was: {over.what}", ""]
    names = list(dict.fromkeys(one.subject for one in decision.alerts or decision.solved))
    state = f"{len(names)} to look after" if decision.alerts else "solved"
    payload = {
        "archive": archive,
        "alerts": [
            _document(one.subject, one.kind, one.since_at, one.what) | {"todo": one.todo} for one in decision.alerts
        ],
        "solved": [
            _document(one.subject, one.kind, one.since_at, one.what) for one in decision.solved
        ],
        "text": "\n".join(line for line in lines if line),
    }  # fmt: skip
    shown = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
    return Message(f"{archive} archive: {state}: {shown}", "\n".join(lines).rstrip() + "\n", payload)


@dataclass(frozen=True, slots=True)
class Alerts:
    """How the people of an archive are told; made in ``wiring``.

    ``paused`` names the configured accounts; ``free_bytes`` measures the disk.
    """

    archive: str
    zone: ZoneInfo
    repeat: timedelta
    paused: Mapping[str, bool]
    free_bytes: Callable[[], int]
    channels: Sequence[Channel]

    def tell(self, store: Store, now: datetime) -> Decision:
        """Say what is to be said now, and keep what was said. What could not be sent is tried again next time."""
        if not self.channels:
            return Decision((), ())
        found = troubles(health(store, now, paused=self.paused), self.free_bytes(), now)
        with store.read() as conn:
            found += notices_troubles(overdue(conn, now))
            told = register.told(conn)
        decision = decide(found, told, now, self.repeat)
        if not decision or not self._sent(message(self.archive, decision, self.zone)):
            return decision
        since = {(one.subject, one.kind): one.since_at for one in told}
        with store.begin() as conn:
            for one in decision.alerts:
                began = min(one.since_at, since.get((one.subject, one.kind), one.since_at))
                register.tell(conn, Told(one.subject, str(one.kind), one.what, began, now))
            for over in decision.solved:
                register.forget(conn, over.subject, over.kind)
        return decision

    def _sent(self, said: Message) -> bool:
        """Whether it went out by one way at least."""
        sent = False
        for channel in self.channels:
            try:
                channel(said)
            except ArchiverError as error:
                log.warning("an alert was not sent", why=str(error))
            else:
                sent = True
        return sent


def _document(subject: str, kind: str, since_at: datetime, what: str) -> dict[str, str]:
    return {"subject": subject, "kind": str(kind), "since": _iso(since_at), "what": what}


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
