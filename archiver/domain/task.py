"""What to do for one account, and the steps of doing it.

A task is resumed from its cursor alone, so a cursor holds all that an adapter must remember
between two exchanges of it, as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from archiver.domain.access import AccessSeen
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key

Cursor = dict[str, Any]
NO_ANSWERS: Mapping[Key, int] = MappingProxyType({})


class TaskKind(StrEnum):
    """The kinds of task.

    An account has one ``profile``, ``poll``, ``mentions`` and ``access``, and a ``thread`` for each root. ``access``
    looks after the credential, daily: what it may do, how long it lives (`AccessSeen`), and its renewal (a request with
    a `Grant`). ``push`` asks for nothing: it is the place up to which deliveries were read. ``chat`` follows the live
    chat of a stream from its start to its end, ``captions`` looks for the subtitles of one video. ``subscribe`` has
    what is new pushed to ``Task.callback``, daily, where there is one.
    """

    PROFILE = "profile"
    POLL = "poll"
    THREAD = "thread"
    CONFIRM = "confirm"
    HISTORY = "history"
    MENTIONS = "mentions"
    BACKFILL = "backfill"
    MEDIA = "media"
    ACCESS = "access"
    PUSH = "push"
    CHAT = "chat"
    CAPTIONS = "captions"
    SUBSCRIBE = "subscribe"


@dataclass(frozen=True, slots=True)
class About:
    """What the store knows of a subject of a task.

    ``author`` is a native person id, ``thread`` the root of the conversation; ``left`` the cursor in which the last
    visit ended, which may be that of a step without requests. ``below`` is what of ``Task.known`` stands below it.
    """

    author: str | None = None
    thread: Key | None = None
    left: Cursor | None = None
    below: tuple[Key, ...] = ()


Window = tuple[datetime | None, datetime]
"""From a moment (None: from the beginning) until another; aware, UTC."""


@dataclass(frozen=True, slots=True)
class Task:
    """One carrying-out of a task.

    ``subjects`` are the keys it is about: the root of a thread, the record to confirm, several of them where the
    adapter asks for more at once (``adapter.batches``); for media the identity of the attachment.
    ``since`` and ``until`` bound the window of a poll or backfill (aware, UTC; None: unbounded). ``full`` asks for a
    listing of everything, whatever is known.
    ``known`` are native ids of records in the thread that the store has (thread tasks), so that what hangs
    below a deleted one can be asked for by itself; for media the records that show it. ``answers`` are how many answers
    the platform counted last below each root, where it counts them (thread tasks). ``address`` is where
    a media file was last seen; addresses that platforms sign expire.
    ``access`` is what was last told of the credential in use (access tasks; None: nothing, or another one is in use
    since). ``renewable``: a new one could be kept, so the task may ask for it (`archiver.domain.access.renewal_due`).
    ``about`` has what is known of the subjects, where a task may have several (``adapter.batches``); ``complete``, for
    tasks that list, the spans of ``posts`` and ``mentions`` that were listed completely. ``everything``: a person asks
    for all of it, whatever the cadence says and whatever it costs.
    ``callback`` is the address at which this archiver receives what is pushed for the account; None: nowhere.
    ``started_at`` is the task's present; adapters have no clock.
    """

    account: Account
    kind: TaskKind
    started_at: datetime
    subjects: tuple[str, ...] = ()
    cursor: Cursor | None = None
    since: datetime | None = None
    until: datetime | None = None
    full: bool = False
    known: tuple[Key, ...] = ()
    answers: Mapping[Key, int] = field(default_factory=lambda: NO_ANSWERS)
    address: str | None = None
    access: AccessSeen | None = None
    renewable: bool = False
    callback: str | None = None
    about: Mapping[str, About] = field(default_factory=lambda: NOTHING_KNOWN)
    complete: Mapping[str, tuple[Window, ...]] = field(default_factory=lambda: NOTHING_LISTED)
    everything: bool = False

    @property
    def subject(self) -> str | None:
        """The one subject of a task that has one."""
        return self.subjects[0] if self.subjects else None


NOTHING_KNOWN: Mapping[str, About] = MappingProxyType({})
NOTHING_LISTED: Mapping[str, tuple[Window, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Covered:
    """All of ``stream`` between two moments was listed (``from_at`` None: from the beginning).

    ``scope`` narrows it to one thread. What the store has inside and the listing did not show is then
    a candidate for confirmation. ``roots``: the platform lists what the account published, and none of its answers
    among them; so an answer that was not shown is no candidate. ``absence`` False: nothing is, because the platform
    leaves out what is there all the same, or does not answer about it by itself.
    """

    stream: str
    from_at: datetime | None
    until_at: datetime
    scope: Key | None = None
    roots: bool = False
    absence: bool = True


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Something of ``stream`` was not captured and a later round or a person can mend it: a gap."""

    stream: str
    from_at: datetime | None
    until_at: datetime
    reason: str
    scope: Key | None = None


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The platform never gives this (to this kind of caller); no gap. ``scope`` narrows it to one thread."""

    stream: str
    reason: str
    scope: Key | None = None


Finding = Covered | Shortfall | NotOffered


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task that this one found to be needed (an edit history, a confirmation); ``due_at`` None: at once."""

    kind: TaskKind
    subject: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next. The loop sends the first request, captures the answer, and asks ``proceed`` for the next step.

    ``requests`` are still to be sent, in order; none left means that the task is done. ``cursor`` is what a new process
    needs to go on from here. ``not_before`` asks the loop to wait (aware, UTC). ``again_at``, of a step without
    requests: the task is not done, and goes on from its cursor then; other tasks are carried out meanwhile.
    """

    requests: tuple[RequestSpec, ...] = ()
    cursor: Cursor | None = None
    not_before: datetime | None = None
    findings: tuple[Finding, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    again_at: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether nothing is left to ask."""
        return not self.requests

    def rest(self) -> Step:
        """This step after its first request was answered; findings and follow-ups were taken by the loop."""
        return replace(self, requests=self.requests[1:], findings=(), follow_ups=(), not_before=None)


class Meaning(StrEnum):
    """What an answer means for the loop; each adapter has a table of status and error code to meaning."""

    PROCEED = "proceed"  # an answer to read, a "not found" included
    REDIRECT = "redirect"  # followed by the loop, for requests that allow it
    RETRY = "retry"  # a passing fault: try again, with backoff
    WAIT = "wait"  # a limit: nothing before ``until``
    ACCESS_LOST = "access_lost"  # the token is dead or lacks a scope: a person must act
    NEEDS_TOKEN = "needs_token"  # noqa: S105 - a word, not a secret: this server answers no one without one
    SESSION_EXPIRED = "session_expired"  # log in again, then the same request
    ACCOUNT_GONE = "account_gone"  # the account itself is deleted, suspended or deactivated
    SHAPE_CHANGED = "shape_changed"  # not shaped as documented


@dataclass(frozen=True, slots=True)
class Budget:
    """What the platform's headers say of the calls left to this credential until ``resets_at`` (aware, UTC).

    ``shared``: it is the app's, which all its accounts use up together.
    """

    limit: int | None
    remaining: int
    resets_at: datetime | None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer's meaning, with the platform's words for a person and its budget headers.

    ``shared``: the limit is the app's, not the account's; it binds all accounts of that app. ``at_last`` is what a
    fault that may pass (``retry``) means where it does not pass.
    """

    meaning: Meaning
    detail: str = ""
    until: datetime | None = None
    budget: Budget | None = None
    shared: bool = False
    at_last: Meaning | None = None


__all__ = [
    "About", "Budget", "Covered", "Cursor", "Exchange", "Finding", "FollowUp", "Meaning", "NotOffered", "Shortfall",
    "Step", "Task", "TaskKind", "Verdict", "Window",
]  # fmt: skip
