"""Instagram's professional accounts, through a Facebook page's token or one of Instagram's own login."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.observation import Observation
from archiver.domain.spending import Tariff
from archiver.domain.task import Cursor, FollowUp, Step, Task, TaskKind, Verdict
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import Connection
from archiver.platforms.instagram import (
    access,
    answers,
    confirming,
    files,
    learning,
    listings,
    mentions,
    threads,
    visits,
)
from archiver.platforms.instagram.flavours import Flavour, Who, told_by
from archiver.platforms.instagram.ids import PLATFORM, Names
from archiver.platforms.instagram.office import WHO, Office
from archiver.platforms.instagram.push import hints
from archiver.platforms.instagram.reading import read
from archiver.platforms.meta import connecting
from archiver.platforms.meta.version import GRAPH_VERSION


class InstagramAdapter:
    """One professional account. Which login its token was made with is asked once, and kept in the account's facts."""

    platform: ClassVar[str] = PLATFORM
    kinds: ClassVar[frozenset[TaskKind]] = frozenset(
        {
            TaskKind.PROFILE, TaskKind.POLL, TaskKind.BACKFILL, TaskKind.THREAD, TaskKind.CONFIRM, TaskKind.MENTIONS,
            TaskKind.MEDIA, TaskKind.ACCESS,
        }
    )  # fmt: skip
    batches: ClassVar[Mapping[TaskKind, int]] = {TaskKind.CONFIRM: confirming.BATCH}
    tariff: ClassVar[Tariff | None] = None

    def __init__(self, account: Account) -> None:
        self.account = account
        self.names = Names.of(account)

    @property
    def id_server(self) -> str | None:
        """None: ids are unique wherever they are asked for."""
        return None

    def start(self, task: Task) -> Step:
        """First requests, from the task's saved cursor; before them, who the account is."""
        who = self._who(task, task.cursor)
        if who is None:
            anew = task.kind is TaskKind.ACCESS
            return learning.resumed(self.account, task) or self._begun(task, learning.start(self.account, anew=anew))
        office = Office.of(self.account, who).knowing(task.cursor)
        return office.desk.resumed(task.cursor) or self._started(task, who)

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """What next; an empty step means done."""
        who = self._who(task, step.cursor)
        if who is not None and learning.is_another_login(exchange):
            return self._begun(task, learning.by_facebook(self.account))
        if who is None:
            return self._begun(task, learning.proceed(self.account, task, step, exchange))
        office = Office.of(self.account, who).knowing(step.cursor)
        mended = office.desk.mended(step, exchange) if task.kind is not TaskKind.CONFIRM else None
        return mended or _PROCEED[task.kind](office, task, step, exchange)

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """What the answer shows."""
        version = self.account.api_version or GRAPH_VERSION
        return read(self.names, exchange, version, messages=self.account.messages)

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:
        """What to look at because of a delivery."""
        return hints(self.names, exchange)

    def judge(self, exchange: Exchange) -> Verdict:
        """What the answer means for the loop."""
        learned = learning.flavour_of(self.account) if exchange.task_kind != TaskKind.ACCESS else None
        return answers.judge(exchange, learned or told_by(self.account.base_url))

    def login(self) -> Login | None:
        """None: the token is the bearer."""
        return None

    def connection(self) -> Connection:
        """The ways to a token that lasts."""
        return connecting.instagram(
            self.account.base_url or Flavour.INSTAGRAM.host, access.OF_INSTAGRAM, access.OF_FACEBOOK
        )

    def _who(self, task: Task, cursor: Cursor | None) -> Who | None:
        """Who the account is, as far as it was learned. A look at the token believes nothing that an older one told."""
        known = Who.saved_as((cursor or {}).get(WHO))
        if known is not None or learning.asking(cursor) or task.kind is TaskKind.ACCESS:
            return known
        return Who.of(self.account)

    def _begun(self, task: Task, learned: Step | Who) -> Step:
        """The task itself, once it is known who the account is."""
        return self._started(task, learned) if isinstance(learned, Who) else learned

    def _started(self, task: Task, who: Who) -> Step:
        return _START[task.kind](Office.of(self.account, who), task)


_START: dict[TaskKind, Callable[[Office, Task], Step]] = {
    TaskKind.PROFILE: visits.start,
    TaskKind.POLL: listings.start,
    TaskKind.BACKFILL: listings.start,
    TaskKind.THREAD: threads.start,
    TaskKind.CONFIRM: confirming.start,
    TaskKind.MENTIONS: mentions.start,
    TaskKind.MEDIA: files.start,
    TaskKind.ACCESS: access.start,
}

_PROCEED: dict[TaskKind, Callable[[Office, Task, Step, Exchange], Step]] = {
    TaskKind.PROFILE: visits.proceed,
    TaskKind.POLL: listings.proceed,
    TaskKind.BACKFILL: listings.proceed,
    TaskKind.THREAD: threads.proceed,
    TaskKind.CONFIRM: confirming.proceed,
    TaskKind.MENTIONS: mentions.proceed,
    TaskKind.MEDIA: files.proceed,
    TaskKind.ACCESS: access.proceed,
}
