"""A feed as an account: its entries are the posts, nobody answers, and nothing is ever called removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.observation import Observation
from archiver.domain.spending import Tariff
from archiver.domain.task import FollowUp, Step, Task, TaskKind, Verdict
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import TOKEN, Asked, Connection, Way
from archiver.platforms.feed import answers, walking
from archiver.platforms.feed.documents import feed_of
from archiver.platforms.feed.places import PLATFORM, Place
from archiver.platforms.feed.reading import read


class FeedAdapter:
    """One feed. A token is sent as a bearer where the account has one; public feeds need none."""

    platform: ClassVar[str] = PLATFORM
    kinds: ClassVar[frozenset[TaskKind]] = frozenset(
        {TaskKind.PROFILE, TaskKind.POLL, TaskKind.BACKFILL, TaskKind.MEDIA}
    )
    batches: ClassVar[Mapping[TaskKind, int]] = {}
    tariff: ClassVar[Tariff | None] = None

    def __init__(self, account: Account) -> None:
        self.account = account
        self.place = Place.of(account)

    @property
    def id_server(self) -> str | None:
        """None: ids that are no addresses are made such by the feed's own."""
        return None

    def start(self, task: Task) -> Step:
        """First requests, from the task's saved cursor."""
        if task.kind is TaskKind.MEDIA:
            return Step(tuple(self.place.media(url) for url in task.subjects))
        resumed = self.place.resumed(task.cursor)
        if resumed is not None:
            return resumed
        if task.kind is TaskKind.PROFILE:
            return self.place.step([self.place.first("profile")])
        return walking.start(self.place, task)

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """What next; an empty step means done. Raises ShapeChanged when the answer is no feed."""
        if task.kind is TaskKind.MEDIA:
            return step.rest()
        if task.kind is TaskKind.PROFILE:
            feed_of(exchange)
            return Step()
        return walking.proceed(self.place, task, step, exchange)

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """What the answer shows."""
        return read(self.place, exchange)

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:  # noqa: ARG002 - the protocol's shape
        """None: nothing is pushed."""
        return ()

    def judge(self, exchange: Exchange) -> Verdict:
        """What the answer means."""
        return answers.judge(exchange, token=self.account.authenticated)

    def login(self) -> Login | None:
        """None: a token is the bearer itself."""
        return None

    def connection(self) -> Connection:
        """Public feeds need no token; whoever runs another one gives it."""
        return Connection((
            Way(
                "token",
                "a token from whoever runs the site; public feeds need none",
                ("Ask the site's administrator for a token that may read the feed.",),
                (Asked(TOKEN, "The token"),),
            ),
        ))  # fmt: skip
