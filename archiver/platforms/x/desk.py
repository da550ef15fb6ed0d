"""Requests to X: each with its price, the token, and only what is stored of the answer (x.md, sections 5 and 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Purpose, RequestSpec
from archiver.domain.task import Cursor, Step
from archiver.platforms.resuming import ResumingDesk
from archiver.platforms.x import fieldlists
from archiver.platforms.x.ids import Names
from archiver.platforms.x.prices import OWNED_NOTE, most
from archiver.platforms.x.routes import DEFAULT_BASE, Call, Query, address, route_of
from archiver.platforms.x.standing import Standing

TOKEN: Final = "token"  # noqa: S105 - the secret's name
BETWEEN_SEARCHES: Final = timedelta(seconds=1)
"""The full archive answers once a second."""
EXPANDED: Final = ("article.cover_media", "article.media_entities", "attachments.media_keys", "attachments.poll_ids")
"""What costs nothing beside a post: its pictures and polls."""

_PLACES = {
    Call.TIMELINE: "pagination_token", Call.MENTIONS: "pagination_token", Call.RECENT_SEARCH: "next_token",
    Call.FULL_SEARCH: "next_token",
}  # fmt: skip
_EXPANSIONS = "expansions"


def with_expansions(*names: str) -> Query:
    """The parameters of a listing of posts, with these expansions and no others."""
    kept = [(name, value) for name, value in fieldlists.POSTS if name != _EXPANSIONS]
    return [*kept, (_EXPANSIONS, ",".join(names))] if names else kept


OWN_POSTS: Final = tuple(fieldlists.POSTS)
"""Of the account's posts: with whole originals of what it repeats, and whom it answers."""
OTHERS_POSTS: Final = tuple(with_expansions(*EXPANDED, "author_id", "geo.place_id"))
"""Of what others say to it: what they answer is known already, so it is not paid for again."""
KNOWN_POSTS: Final = tuple(with_expansions(*EXPANDED, "geo.place_id"))
"""Of posts that were captured before: counts, polls, and that they are there. Whose they are is known."""
VERSIONS: Final = tuple(with_expansions(*EXPANDED, fieldlists.VERSIONS, "geo.place_id"))
"""Of all versions of an edited post."""
SIGNS: Final = tuple((name, value) for name, value in fieldlists.POSTS if name == "tweet.fields")
"""Of posts of which nothing but whether they are there is in question."""


@dataclass(frozen=True, slots=True)
class Desk(ResumingDesk):
    """Where the requests of one account are written. ``token``: it has one; ``own_id`` None: not known yet."""

    base: str
    token: bool
    own_id: str | None
    standing: Standing

    @classmethod
    def of(cls, account: Account) -> Desk:
        """The desk of an account, with what is known of its token."""
        own_id = Names.of(account).account_id(account.native_id) if account.native_id is not None else None
        base = (account.base_url or DEFAULT_BASE).rstrip("/")
        return cls(base, account.authenticated, own_id, Standing.of(account, own_id))

    @property
    def root(self) -> str:
        """The server's address."""
        return self.base

    def ask(self, call: Call, native_id: str = "", query: Query = (), *, stream: str, page: int = 1) -> RequestSpec:
        """A call."""
        return self.again(address(self.base, call, native_id, query), stream, page)

    def turned(self, url: str, token: str, *, stream: str, page: int) -> RequestSpec:
        """The next page of a listing, whose first or earlier page ``url`` is."""
        return self.again(self.base + self.place(with_token(url, token)), stream, page)

    def media(self, url: str) -> RequestSpec:
        """The bytes of a file: no token, wherever they are."""
        return RequestSpec(url, stream="media", purpose=Purpose.MEDIA, follow=True)

    def again(self, url: str, stream: str, page: int) -> RequestSpec:
        """The token goes with every call; what it may cost depends on whose it is."""
        route = route_of(url)
        cheap = route is not None and route.call in {Call.TIMELINE, Call.MENTIONS} and route.id == self.own_id
        note = OWNED_NOTE if cheap and self.standing.owned else ""
        credential = TOKEN if self.token else None
        return RequestSpec(url, stream=stream, credential=credential, page=page, cost=most(url, note), note=note)

    def after(self, asked: Sequence[RequestSpec], state: Cursor, at: datetime, step: Step | None = None) -> Step:
        """A step, which waits a second after ``at`` where it asks the full archive; findings are ``step``'s."""
        found = step or Step()
        whole = bool(asked) and is_full(asked[0].url)
        wait = at + BETWEEN_SEARCHES if whole else None
        return self.step(asked, state, findings=found.findings, follow_ups=found.follow_ups, not_before=wait)


def with_token(url: str, token: str | None) -> str:
    """A listing's address with the place of a page; None: its first page."""
    route, parts = route_of(url), urlsplit(url)
    place = _PLACES.get(route.call if route else Call.RECENT_SEARCH, "pagination_token")
    kept = [one for one in parse_qsl(parts.query, keep_blank_values=True) if one[0] not in _PLACES.values()]
    query = urlencode([*kept, (place, token)] if token is not None else kept)
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{query}"


def token_in(url: str) -> str | None:
    """The place of a page in its address; None for the first."""
    route = route_of(url)
    return (route.value("next_token") or route.value("pagination_token")) if route is not None else None


def is_full(url: str) -> bool:
    """Whether a request asks the full archive."""
    route = route_of(url)
    return route is not None and route.call is Call.FULL_SEARCH


def second(at: datetime) -> str:
    """A time as X takes it in parameters: whole seconds, UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
