"""A YouTube channel through the Data API v3, with an API key or a token of the channel's owner."""

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
from archiver.platforms.youtube import (
    access,
    chats,
    confirming,
    files,
    listings,
    subscribing,
    threads,
    tracks,
    visits,
)
from archiver.platforms.youtube.answers import judge
from archiver.platforms.youtube.connecting import connection, login
from archiver.platforms.youtube.costs import TARIFF
from archiver.platforms.youtube.feeds import hints
from archiver.platforms.youtube.fields import etag_of
from archiver.platforms.youtube.ids import PLATFORM, Names
from archiver.platforms.youtube.office import Office
from archiver.platforms.youtube.reading import read
from archiver.platforms.youtube.routes import SITE


class YouTubeAdapter:
    """One channel. Whose credential it is, is asked daily and kept in the account's facts."""

    platform: ClassVar[str] = PLATFORM
    kinds: ClassVar[frozenset[TaskKind]] = frozenset(
        {
            TaskKind.PROFILE, TaskKind.POLL, TaskKind.BACKFILL, TaskKind.THREAD, TaskKind.CONFIRM, TaskKind.CHAT,
            TaskKind.CAPTIONS, TaskKind.MEDIA, TaskKind.ACCESS, TaskKind.SUBSCRIBE,
        }
    )  # fmt: skip
    batches: ClassVar[Mapping[TaskKind, int]] = {TaskKind.CONFIRM: confirming.BATCH}
    tariff: ClassVar[Tariff | None] = TARIFF

    def __init__(self, account: Account) -> None:
        self.account = account
        self.names = Names.of(account)
        self.office = Office.of(account)

    @property
    def id_server(self) -> str | None:
        """None: ids are unique wherever they are asked for."""
        return None

    def start(self, task: Task) -> Step:
        """First requests, from the task's saved cursor."""
        office = self._office(task)
        return office.desk.resumed(task.cursor) or _START[task.kind](office, task)

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """What next; an empty step means done."""
        return _PROCEED[task.kind](self._office(task), task, step, exchange)

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """What the answer shows."""
        if exchange.task_kind != TaskKind.SUBSCRIBE:  # what the hub is asked is no delivery of it
            yield from access.told(self.names, exchange)
            yield from read(self.names, exchange)

    def judge(self, exchange: Exchange) -> Verdict:
        """What the answer means for the loop."""
        if exchange.task_kind == TaskKind.SUBSCRIBE:
            return subscribing.judged(exchange)
        session, token_sent = login(self.account) is not None, self.account.authenticated
        judged = access.judged if exchange.task_kind == TaskKind.ACCESS else judge
        return judged(exchange, session=session, token_sent=token_sent)

    @property
    def topic(self) -> str | None:
        """What the hub calls the channel's feed."""
        return subscribing.topic_of(self.office)

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:
        """The videos to look at because of a push."""
        return hints(self.names, exchange)

    def tag_of(self, exchange: Exchange) -> str | None:
        """The mark inside of a list; of old it had quotation marks of its own."""
        mark = etag_of(exchange)
        return mark if mark is None or mark.startswith('"') else f'"{mark}"'

    def login(self) -> Login | None:
        """A session, where there is a refresh token to make it of."""
        return login(self.account)

    def film_page(self, identity: str) -> str | None:
        """The page on which a video is watched."""
        video = self.names.video_of_film(identity)
        return f"{(self.account.base_url or SITE).rstrip('/')}/watch?v={video}" if video is not None else None

    def connection(self) -> Connection:
        """The ways to a credential that lasts."""
        return connection(self.account)

    def _office(self, task: Task) -> Office:
        """A look at the credential believes nothing that an older one told."""
        return self.office.unlearned() if task.kind is TaskKind.ACCESS else self.office


_START: dict[TaskKind, Callable[[Office, Task], Step]] = {
    TaskKind.PROFILE: visits.start,
    TaskKind.POLL: listings.start,
    TaskKind.BACKFILL: listings.start,
    TaskKind.THREAD: threads.start,
    TaskKind.CONFIRM: confirming.start,
    TaskKind.CHAT: chats.start,
    TaskKind.CAPTIONS: tracks.start,
    TaskKind.MEDIA: files.start,
    TaskKind.ACCESS: access.start,
    TaskKind.SUBSCRIBE: subscribing.start,
}

_PROCEED: dict[TaskKind, Callable[[Office, Task, Step, Exchange], Step]] = {
    TaskKind.PROFILE: visits.proceed,
    TaskKind.POLL: listings.proceed,
    TaskKind.BACKFILL: listings.proceed,
    TaskKind.THREAD: threads.proceed,
    TaskKind.CONFIRM: confirming.proceed,
    TaskKind.CHAT: chats.proceed,
    TaskKind.CAPTIONS: tracks.proceed,
    TaskKind.MEDIA: files.proceed,
    TaskKind.ACCESS: access.proceed,
    TaskKind.SUBSCRIBE: subscribing.proceed,
}
