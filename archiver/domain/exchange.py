"""What is asked of a platform, and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from archiver.domain.parsing import parse_json
from archiver.errors import ShapeChanged

Headers = tuple[tuple[str, str], ...]
"""Header fields in order, names spelled as they came; a name may repeat."""


class Purpose(StrEnum):
    """Why a request is sent: ``media`` streams to disk and passes the network guard."""

    API = "api"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class PrivateParameter:
    """A parameter whose value is made of secrets; the client adds it at the last moment.

    It goes into the query; of a POST into the body, which then is a form (``application/x-www-form-urlencoded``).

    ``template`` has names of the account's secrets in braces: ``{token}``, ``{app_id}|{app_secret}``. ``{proof}``
    stands for the HMAC-SHA256, in lower-case hex, of the request's credential with ``app_secret`` as key (Meta's
    appsecret_proof). An ``optional`` one is left out where a secret that it needs is not configured.
    """

    name: str
    template: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """The header field in which a credential goes that is an application's key, and no bearer token.

    ``tokens`` are what a bearer token of the platform begins with; such a one goes into ``Authorization`` as ever.
    """

    name: str
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """The entry of a list one of whose ``members`` is ``value``; letter case does not count."""

    members: tuple[str, ...]
    value: str


Place = tuple[str | Where, ...]
"""Where something stands in a JSON answer: names of members, and entries of lists."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer brings credentials: the client takes them, keeps them out of what is written, and stores them.

    ``brings`` are names of the account's secrets with the place of their new values. Whoever reads the answer finds
    markers there; an answer without them, such as an error, changes nothing.
    """

    brings: tuple[tuple[str, Place], ...] = (("token", ("access_token",)),)


@dataclass(frozen=True, slots=True)
class RequestSpec:
    """One request to send. Holds no secret: ``credential`` only names the one that the client adds.

    ``credential`` is the name of a secret, or a template of several as in `PrivateParameter`. ``private`` are
    parameters with secrets in them. ``basic`` are the names of the secrets that go as user and password (RFC 7617),
    where both are configured. ``grant``: the answer brings new secrets.
    ``stream`` is the coverage stream that it serves: ``profile posts comments quotes mentions edits media
    stories reviews messages push access``.
    ``page`` counts the pages of one listing from 1. ``follow`` lets the client follow redirects
    (each hop is an exchange of its own; a credential never goes to another origin).
    ``cost`` is the most that the answer may cost, in the smallest unit of the platform's tariff
    (`archiver.domain.spending`); 0: it is free. ``note`` is a word to whoever reads the answer, now or in a rebuild: it
    is kept beside the exchange, and comes back as `Exchange.note`.
    ``conditional``: the validator of the last whole answer to this very
    URL goes along (RFC 9110, section 13), and an answer that nothing has changed is that answer's body again. It is
    for GET requests of the purpose ``api`` without private parameters; elsewhere it asks for nothing.
    """

    url: str
    stream: str
    method: str = "GET"
    headers: Headers = ()
    body: bytes | None = None
    credential: str | None = None
    private: tuple[PrivateParameter, ...] = ()
    basic: tuple[str, str] | None = None
    grant: Grant | None = None
    purpose: Purpose = Purpose.API
    page: int = 1
    follow: bool = False
    key_header: KeyHeader | None = None
    cost: int = 0
    conditional: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The payload of a media exchange, decoded: on disk and in the WARC, not in memory."""

    sha256: str
    size_bytes: int
    mime: str | None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its response, as an adapter sees it: live, or read back out of a WARC.

    ``id`` is the WARC-Record-ID of the response (of the metadata record when no response came), a bare UUID.
    ``sequence`` orders all exchanges of the archive. ``body`` is without transfer and content coding;
    it is empty for media, whose facts are in ``content``. ``status`` is None and ``failure`` set
    (``dns connect tls timeout disconnect refused protocol``) when no response came.
    ``truncated`` is WARC-Truncated's word.
    ``task_kind`` and ``subject`` name the task that asked; ``note`` is the request's.
    ``unmodified``: the platform said that nothing has changed (304); ``body`` is that of the answer it repeats, and
    ``headers`` are the new answer's with what describes that body (its type, its language, its links) from the old one.
    """

    id: str
    sequence: int
    account: str
    url: str
    stream: str
    captured_at: datetime
    method: str = "GET"
    request_body: bytes | None = None
    status: int | None = None
    headers: Headers = ()
    body: bytes = b""
    content: Content | None = None
    failure: str | None = None
    truncated: str | None = None
    purpose: Purpose = Purpose.API
    task_kind: str = ""
    subject: str | None = None
    unmodified: bool = False
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether a whole answer with a 2xx status came, or was said to hold still."""
        answered = self.unmodified or (self.status is not None and 200 <= self.status < 300)
        return answered and self.truncated is None

    @property
    def redirects(self) -> bool:
        """Whether the answer names another address to ask (RFC 9110, section 15.4)."""
        return self.status in {301, 302, 303, 307, 308} and self.header("location") is not None

    def header(self, name: str) -> str | None:
        """The first response header of that name, in any letter case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def json(self) -> Any:
        """The body as JSON; raises ShapeChanged when it isn't."""
        try:
            return parse_json(self.body)
        except (ValueError, RecursionError) as error:
            raise ShapeChanged(f"{self.url} answered {self.status} with something that is not JSON.") from error
