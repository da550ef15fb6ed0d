"""X (Twitter), by version 2 of its API: paid for by what it returns, so that asking is planned by what it may find."""

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
from archiver.platforms.x import (
    access,
    answers,
    confirming,
    connecting,
    conversations,
    fetching,
    histories,
    listings,
    mentions,
    prices,
    pushes,
    standing,
    visits,
)
from archiver.platforms.x.desk import Desk
from archiver.platforms.x.ids import PLATFORM, Names
from archiver.platforms.x.reading import read


class XAdapter:
    """One account on X."""

    platform: ClassVar[str] = PLATFORM
    kinds: ClassVar[frozenset[TaskKind]] = frozenset(
        {
            TaskKind.ACCESS, TaskKind.PROFILE, TaskKind.POLL, TaskKind.BACKFILL, TaskKind.MENTIONS, TaskKind.THREAD,
            TaskKind.HISTORY, TaskKind.CONFIRM, TaskKind.MEDIA,
        }
    )  # fmt: skip
    batches: ClassVar[Mapping[TaskKind, int]] = {
        TaskKind.THREAD: conversations.BATCH,
        TaskKind.CONFIRM: confirming.BATCH,
        TaskKind.HISTORY: histories.BATCH,
    }
    tariff: ClassVar[Tariff | None] = prices.TARIFF

    def __init__(self, account: Account) -> None:
        self.account = account
        self.names = Names.of(account)
        self.desk = Desk.of(account)

    @property
    def id_server(self) -> str | None:
        """None: ids are unique everywhere."""
        return None

    def start(self, task: Task) -> Step:
        """First requests, from the task's saved cursor."""
        return self.desk.resumed(task.cursor) or _START[task.kind](self.desk, self.names, task)

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """What next; an empty step means done."""
        return _PROCEED[task.kind](self.desk, self.names, task, step, exchange)

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """What the answer, or a delivery, shows."""
        yield from read(self.names, exchange, messages=self.account.messages)
        yield from standing.learned(exchange)

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:
        """What a delivery calls for. The receiver does not take X's deliveries yet."""
        return pushes.hints(self.names, exchange)

    def judge(self, exchange: Exchange) -> Verdict:
        """What the answer means for the loop."""
        return answers.judge(exchange, token_sent=self.account.authenticated, session=self.login() is not None)

    def login(self) -> Login | None:
        """A session by the refresh token, where one is configured; else the token is used as it is."""
        return connecting.login(self.account)

    def connection(self) -> Connection:
        """The ways to a token that lasts."""
        return connecting.connection(self.account)


_START: dict[TaskKind, Callable[[Desk, Names, Task], Step]] = {
    TaskKind.ACCESS: access.start,
    TaskKind.PROFILE: visits.start,
    TaskKind.POLL: listings.start,
    TaskKind.BACKFILL: listings.start,
    TaskKind.MENTIONS: mentions.start,
    TaskKind.THREAD: conversations.start,
    TaskKind.HISTORY: histories.start,
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
    TaskKind.HISTORY: histories.proceed,
    TaskKind.CONFIRM: confirming.proceed,
    TaskKind.MEDIA: fetching.proceed,
}
