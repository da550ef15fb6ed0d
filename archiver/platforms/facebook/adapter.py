"""A Facebook Page that the city administers, by the Graph API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.observation import Observation
from archiver.domain.spending import Tariff
from archiver.domain.task import FollowUp, Step, Task, TaskKind, Verdict
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import Connection
from archiver.platforms.facebook import access, answers, confirming, files, listings, mentions, threads, visits
from archiver.platforms.facebook.asked import LISTS
from archiver.platforms.facebook.ids import GRAPH, PLATFORM, Names
from archiver.platforms.facebook.push import pushed
from archiver.platforms.facebook.reading import read
from archiver.platforms.facebook.routes import Call, route_of
from archiver.platforms.meta import connecting
from archiver.platforms.meta.fieldlists import refusals
from archiver.platforms.meta.requests import Desk, version_of
from archiver.platforms.meta.version import GRAPH_VERSION


class FacebookAdapter:
    """One page. The token, that of the page or of a system user, is the bearer itself."""

    platform: ClassVar[str] = PLATFORM
    kinds: ClassVar[frozenset[TaskKind]] = frozenset({
        TaskKind.ACCESS, TaskKind.PROFILE, TaskKind.POLL, TaskKind.BACKFILL, TaskKind.THREAD, TaskKind.CONFIRM,
        TaskKind.MENTIONS, TaskKind.MEDIA,
    })  # fmt: skip
    batches: ClassVar[Mapping[TaskKind, int]] = {TaskKind.CONFIRM: confirming.BATCH}
    tariff: ClassVar[Tariff | None] = None

    def __init__(self, account: Account) -> None:
        self.account = account
        self.names = Names.of(account)
        self.desk = Desk.of(account, GRAPH, GRAPH_VERSION, LISTS)

    @property
    def id_server(self) -> str | None:
        """None: all ids are of one number space."""
        return None

    def start(self, task: Task) -> Step:
        """First requests, from the task's saved cursor."""
        resumed = files.resumed if task.kind is TaskKind.MEDIA else _nothing
        desk = self.desk.knowing(task.cursor)
        return resumed(desk, task.cursor) or desk.resumed(task.cursor) or _START[task.kind](desk, self.names, task)

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """What next; an empty step means done. A call that failed for what it asked is asked otherwise first."""
        desk = self.desk.knowing(step.cursor)
        mended = desk.mended(step, exchange) if exchange.purpose is Purpose.API else None
        return mended or _PROCEED[task.kind](desk, self.names, task, step, exchange)

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """What the answer shows."""
        if exchange.purpose is Purpose.API:
            yield from refusals(exchange, LISTS, version_of(exchange.url))
            route = route_of(exchange.url)
            if route is not None and route.call is Call.DEBUG_TOKEN:
                yield from access.read(exchange)
                return
        yield from read(self.names, exchange)

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:
        """What a delivery calls for."""
        return pushed(self.names, exchange)

    def judge(self, exchange: Exchange) -> Verdict:
        """What the answer means for the loop."""
        return answers.judge(exchange)

    def login(self) -> Login | None:
        """None: the token is the bearer."""
        return None

    def connection(self) -> Connection:
        """The ways to a token that lasts."""
        return connecting.facebook(self.account, self.desk.root, access.WANTED)


def _nothing(_desk: Desk, _cursor: object) -> Step | None:
    return None


_START: dict[TaskKind, Callable[[Desk, Names, Task], Step]] = {
    TaskKind.ACCESS: access.start,
    TaskKind.PROFILE: visits.start,
    TaskKind.POLL: listings.start,
    TaskKind.BACKFILL: listings.start,
    TaskKind.THREAD: threads.start,
    TaskKind.CONFIRM: confirming.start,
    TaskKind.MENTIONS: mentions.start,
    TaskKind.MEDIA: files.start,
}

_PROCEED: dict[TaskKind, Callable[[Desk, Names, Task, Step, Exchange], Step]] = {
    TaskKind.ACCESS: access.proceed,
    TaskKind.PROFILE: visits.proceed,
    TaskKind.POLL: listings.proceed,
    TaskKind.BACKFILL: listings.proceed,
    TaskKind.THREAD: threads.proceed,
    TaskKind.CONFIRM: confirming.proceed,
    TaskKind.MENTIONS: mentions.proceed,
    TaskKind.MEDIA: files.proceed,
}
