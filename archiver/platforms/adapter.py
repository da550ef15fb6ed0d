"""What a platform must write, and nothing else of it is known elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import Observation
from archiver.domain.spending import Tariff
from archiver.domain.task import FollowUp, Step, Task, TaskKind, Verdict
from archiver.platforms.connecting import Connection


@dataclass(frozen=True, slots=True)
class Login:
    """How a credential becomes a session, where a platform wants that (Bluesky's app passwords, OAuth 2).

    The client carries it out: it puts the secret where ``{secret}`` stands in ``request.body`` (JSON-escaped), or
    into the request's private parameters, reads the tokens from the answer's top-level JSON members, and keeps all of
    them out of what is written. ``refresh`` is sent with the refresh token as bearer.
    ``secret`` is the name of the secret that a session is made of. Where the request has a `Grant`, the answer brings
    new secrets, which are stored before the session is used: X takes each refresh token once. ``kept`` is the secret
    in which the access token itself is kept from one process to the next, so that a session lasts as long as it may.
    """

    request: RequestSpec
    access_member: str
    refresh: RequestSpec | None = None
    refresh_member: str | None = None
    secret: str = "token"  # noqa: S105 - the secret's name
    kept: str | None = None


class Adapter(Protocol):
    """One platform, bound to one account. Pure: no socket, no token, no clock, no database.

    ``read`` may use only the account's platform, base_url, handle and key_space, so that a rebuild reads
    what live capture read. Observations come in the order of the answer.
    """

    platform: ClassVar[str]
    kinds: ClassVar[frozenset[TaskKind]]
    """The kinds of task that this platform has."""
    batches: ClassVar[Mapping[TaskKind, int]]
    """How many subjects one task of a kind is about, where it may be more than one.

    The cursor of such a task says for whom it is; those that were begun together go on together.
    """

    tariff: ClassVar[Tariff | None]
    """What calls cost; None where nobody counts. Each request then says in its ``cost`` how much it may come to."""

    def __init__(self, account: Account) -> None: ...

    @property
    def id_server(self) -> str | None:
        """The one server (host and port) on which the platform's ids are unique; None where they are so everywhere."""
        ...

    def start(self, task: Task) -> Step:
        """First requests, from the task's saved cursor."""
        ...

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """What next, after the first request of ``step`` was answered; an empty Step means done."""
        ...

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """What the answer shows; routed by the request's URL. Unknown fields never raise.

        Raises ShapeChanged when the answer is not shaped as documented. An exchange of the stream ``push`` is a
        delivery: ``request_body`` is what the platform sent, and ``subject`` the id of whom to read it for.
        """
        ...

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:
        """What a delivery calls for: tasks that fetch what it names. Empty on platforms that push nothing."""
        ...

    def judge(self, exchange: Exchange) -> Verdict:
        """What the answer means for the loop."""
        ...

    def login(self) -> Login | None:
        """How the account's secret becomes a session; None where the secret itself is the bearer."""
        ...

    def connection(self) -> Connection:
        """The ways in which a person gets a token that lasts, for `archiver account connect`."""
        ...
