"""Mastodon, and every server that speaks its API: GoToSocial, Pleroma, Akkoma, Pixelfed, Takahē and others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.observation import Observation
from archiver.domain.spending import Tariff
from archiver.domain.task import FollowUp, Step, Task, TaskKind, Verdict
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import TOKEN, Asked, Connection, Way
from archiver.platforms.mastodon import answers, confirming, histories, listings, mentions, threads, visits
from archiver.platforms.mastodon.ids import PLATFORM, Names
from archiver.platforms.mastodon.reading import read
from archiver.platforms.mastodon.requests import Desk


class MastodonAdapter:
    """One account on one server. The token, where there is one, is the bearer itself and does not expire."""

    platform: ClassVar[str] = PLATFORM
    kinds: ClassVar[frozenset[TaskKind]] = frozenset(
        {
            TaskKind.PROFILE, TaskKind.POLL, TaskKind.MENTIONS, TaskKind.THREAD, TaskKind.HISTORY, TaskKind.CONFIRM,
            TaskKind.MEDIA, TaskKind.BACKFILL,
        }
    )  # fmt: skip
    batches: ClassVar[Mapping[TaskKind, int]] = {TaskKind.CONFIRM: confirming.BATCH}
    tariff: ClassVar[Tariff | None] = None

    def __init__(self, account: Account) -> None:
        self.names = Names.of(account)
        self.desk = Desk(self.names.base, account.authenticated)

    @property
    def id_server(self) -> str | None:
        """Ids belong to one server: two of them may give the same number to two posts."""
        return urlsplit(self.names.base).netloc.lower()

    def start(self, task: Task) -> Step:
        """First requests, from the task's saved cursor."""
        if task.kind is TaskKind.MEDIA:
            return Step(tuple(self.desk.media(url) for url in task.subjects))
        return self.desk.resumed(task.cursor) or _START[task.kind](self.desk, self.names, task)

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """What next; an empty step means done."""
        if task.kind is TaskKind.MEDIA:
            return step.rest()
        return _PROCEED[task.kind](self.desk, self.names, task, step, exchange)

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """What the answer shows."""
        return read(self.names, exchange)

    def judge(self, exchange: Exchange) -> Verdict:
        """What the answer means for the loop."""
        return answers.judge(exchange, token_sent=self.desk.token)

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:  # noqa: ARG002 - the protocol's shape
        """None: nothing is pushed."""
        return ()

    def login(self) -> Login | None:
        """None: the token is the bearer."""
        return None

    def connection(self) -> Connection:
        """A token is made by hand, and stays good until it is withdrawn."""
        return Connection((
            Way(
                "application",
                "the access token of an application of the account's own",
                (
                    f"Sign in at {self.names.base} as the account; open Preferences → Development → New application.",
                    ("Name it archiver, tick read:accounts, read:statuses, read:notifications, read:blocks, read:mutes "
                    "and read:filters, and nothing else."),
                ),
                (Asked(TOKEN, "Your access token"),),
            ),
        ))  # fmt: skip


_START: dict[TaskKind, Callable[[Desk, Names, Task], Step]] = {
    TaskKind.PROFILE: visits.start,
    TaskKind.POLL: listings.start,
    TaskKind.BACKFILL: listings.start,
    TaskKind.THREAD: threads.start,
    TaskKind.CONFIRM: confirming.start,
    TaskKind.HISTORY: histories.start,
    TaskKind.MENTIONS: mentions.start,
}

_PROCEED: dict[TaskKind, Callable[[Desk, Names, Task, Step, Exchange], Step]] = {
    TaskKind.PROFILE: visits.proceed,
    TaskKind.POLL: listings.proceed,
    TaskKind.BACKFILL: listings.proceed,
    TaskKind.THREAD: threads.proceed,
    TaskKind.CONFIRM: confirming.proceed,
    TaskKind.HISTORY: histories.proceed,
    TaskKind.MENTIONS: mentions.proceed,
}
