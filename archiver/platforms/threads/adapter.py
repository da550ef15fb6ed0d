"""Threads, by Meta's Threads API: the account's own token, no scraping, nobody else's public posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.observation import Observation
from archiver.domain.spending import Tariff
from archiver.domain.task import FollowUp, Step, Task, TaskKind, Verdict
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import Connection
from archiver.platforms.meta import connecting
from archiver.platforms.meta.requests import Desk
from archiver.platforms.threads import (
    access,
    answers,
    confirming,
    conversations,
    fetching,
    listings,
    mentions,
    push,
    visits,
)
from archiver.platforms.threads.names import HOST, PLATFORM, VERSION, Names
from archiver.platforms.threads.reading import read
from archiver.platforms.threads.wanted import LISTS


class ThreadsAdapter:
    """One account on Threads."""

    platform: ClassVar[str] = PLATFORM
    kinds: ClassVar[frozenset[TaskKind]] = frozenset(
        {
            TaskKind.ACCESS, TaskKind.PROFILE, TaskKind.POLL, TaskKind.BACKFILL, TaskKind.MENTIONS, TaskKind.THREAD,
            TaskKind.CONFIRM, TaskKind.MEDIA,
        }
    )  # fmt: skip
    batches: ClassVar[Mapping[TaskKind, int]] = {TaskKind.CONFIRM: confirming.BATCH}
    tariff: ClassVar[Tariff | None] = None

    def __init__(self, account: Account) -> None:
        self.names = Names.of(account)
        self.desk = Desk.of(account, HOST, VERSION, LISTS, signed=False)

    @property
    def id_server(self) -> str | None:
        """None: ids are unique everywhere."""
        return None

    def start(self, task: Task) -> Step:
        """First requests, from the task's saved cursor."""
        desk = self.desk.knowing(task.cursor)
        begins = task.kind in _REMEMBERING or (task.cursor or {}).get("step") == confirming.TOKEN
        again = None if begins else desk.resumed(task.cursor)
        return again or _START[task.kind](desk, self.names, task)

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """What next; an empty step means done."""
        return _PROCEED[task.kind](self.desk.knowing(step.cursor), self.names, task, step, exchange)

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """What the answer, or a delivery, shows."""
        return read(self.names, self.desk.version, exchange)

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:
        """What a delivery calls for."""
        return push.pushed(self.names, exchange)

    def judge(self, exchange: Exchange) -> Verdict:
        """What the answer means for the loop."""
        return answers.verdict(exchange)

    def login(self) -> Login | None:
        """None: the token is the bearer."""
        return None

    def connection(self) -> Connection:
        """The ways to a token that lasts."""
        return connecting.threads(self.desk.base, access.SCOPES)


_REMEMBERING = frozenset({TaskKind.ACCESS, TaskKind.MEDIA})
"""Tasks whose calls are not all of the kind that the desk finds in a cursor; they find their place by themselves."""

_START: dict[TaskKind, Callable[[Desk, Names, Task], Step]] = {
    TaskKind.ACCESS: access.start,
    TaskKind.PROFILE: visits.start,
    TaskKind.POLL: listings.start,
    TaskKind.BACKFILL: listings.start,
    TaskKind.MENTIONS: mentions.start,
    TaskKind.THREAD: conversations.start,
    TaskKind.CONFIRM: confirming.start,
    TaskKind.MEDIA: fetching.start,
}

_PROCEED: dict[TaskKind, Callable[[Desk, Names, Task, Step, Exchange], Step]] = {
    TaskKind.ACCESS: access.proceed,
    TaskKind.PROFILE: visits.proceed,
    TaskKind.POLL: listings.proceed,
    TaskKind.BACKFILL: listings.proceed,
    TaskKind.MENTIONS: mentions.proceed,
    TaskKind.THREAD: conversations.proceed,
    TaskKind.CONFIRM: confirming.proceed,
    TaskKind.MEDIA: fetching.proceed,
}
