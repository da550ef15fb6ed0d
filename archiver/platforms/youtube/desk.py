"""Requests to the Data API and to the channel feeds, each with its credential and its price."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, KeyHeader, Purpose, RequestSpec
from archiver.domain.task import Cursor, Step
from archiver.platforms.connecting import TOKEN
from archiver.platforms.resuming import ResumingDesk
from archiver.platforms.youtube.captions import FORMAT
from archiver.platforms.youtube.costs import cost_of
from archiver.platforms.youtube.routes import API, SITE, Call, Query, address, parts_of, route_of

CREDENTIAL, AS_BEARER, AS_KEY = "credential", "bearer", "key"
"""The fact that tells how the credential is shown, and its values."""
KEY_FIELD = KeyHeader("X-Goog-Api-Key", tokens=("ya29.",))
"""Keys have a header field of their own. Google's access tokens tell by how they begin that they are none."""
_ALWAYS_ANEW = frozenset({Call.CHAT, Call.CAPTION_FILE})
"""Calls of which no answer stands for a later one."""
_MOST: dict[Call, int] = {
    Call.PLAYLISTS: 50,
    Call.PLAYLIST_ITEMS: 50,
    Call.THREADS: 100,
    Call.COMMENTS: 100,
    Call.CHAT: 2000,
}
"""The largest pages, so that a listing takes the fewest calls."""


@dataclass(frozen=True, slots=True)
class Desk(ResumingDesk):
    """Where requests are written. ``base`` stands before the API's paths, ``feeds`` before those of the feeds.

    ``credential``: there is one to send. ``bearer``: it looks like a key, and is none.
    """

    base: str
    feeds: str
    credential: bool
    bearer: bool = False

    @classmethod
    def of(cls, account: Account) -> Desk:
        """The desk of an account."""
        base = (account.base_url or "").rstrip("/")
        return cls(base or API, base or SITE, account.authenticated, account.facts.get(CREDENTIAL) == AS_BEARER)

    @property
    def root(self) -> str:
        """What stands before the API's paths."""
        return self.base

    def ask(self, call: Call, *query: tuple[str, str], stream: str, last_look: bool = False) -> RequestSpec:
        """The first page of a call, with all the parts that anybody may see."""
        most = (("maxResults", str(_MOST[call])),) if call in _MOST and not _by_id(query) else ()
        return self.spoken(call, (parts_of(call, last_look=last_look), *query, *most), stream=stream)

    def spoken(self, call: Call, query: Query, *, stream: str) -> RequestSpec:
        """A call with just these parameters."""
        return self.again(address(self.base, call, query), stream, 1)

    def feed(self, channel: str, *, stream: str) -> RequestSpec:
        """The feed of a channel: its fifteen newest public videos."""
        return self.again(address(self.feeds, Call.FEED, (("channel_id", channel),)), stream, 1)

    def next(self, exchange: Exchange, token: str, page: int) -> RequestSpec:
        """The page of the same listing that a token leads to."""
        return self.turned(exchange.url, token, stream=exchange.stream, page=page)

    def turned(self, url: str, token: str, *, stream: str, page: int) -> RequestSpec:
        """The page that a token leads to of the listing at an address."""
        route = route_of(url)
        if route is None:
            raise ValueError(f"{url} is no call of the API")
        query = [(name, value) for name, value in route.query if name != "pageToken"]
        return self.again(address(self.base, route.call, (*query, ("pageToken", token))), stream, page)

    def subtitles(self, track: str, *, stream: str) -> RequestSpec:
        """The text of one track of subtitles, as a file: the owner's token opens it."""
        spec = self.again(address(self.base, Call.CAPTION_FILE, (("tfmt", FORMAT),), native_id=track), stream, 1)
        return replace(spec, purpose=Purpose.MEDIA)

    def picture(self, url: str) -> RequestSpec:
        """The bytes of a picture: no credential, wherever they are."""
        return RequestSpec(url, stream="media", purpose=Purpose.MEDIA, follow=True)

    def again(self, url: str, stream: str, page: int) -> RequestSpec:
        """A request of the API with its credential, or of the feeds without one."""
        route = route_of(url)
        call = route.call if route is not None else None
        if call is Call.FEED:
            return RequestSpec(self.feeds + self.place(url), stream=stream, page=page, conditional=True)
        anew = call in _ALWAYS_ANEW or route is None or route.last_look
        spec = RequestSpec(
            self.base + self.place(url), stream=stream, page=page, cost=cost_of(url), conditional=not anew
        )
        return self._signed(spec) if self.credential else spec

    def resumed(self, cursor: Cursor | None) -> Step | None:
        """The step that a cursor was saved with; a question that showed the credential as a token does so again."""
        step = ResumingDesk.resumed(self, cursor)
        if step is None:
            return None
        shown = tuple(shown_as_token(spec) if spec.note == AS_BEARER else spec for spec in step.requests)
        return replace(step, requests=shown)

    def _signed(self, spec: RequestSpec) -> RequestSpec:
        return replace(spec, credential=TOKEN, key_header=None if self.bearer else KEY_FIELD)


def shown_as_token(spec: RequestSpec) -> RequestSpec:
    """The same question with the credential as bearer token, whatever it looks like; its note says so."""
    return replace(spec, key_header=None, note=AS_BEARER)


def _by_id(query: Query) -> bool:
    """Whether it looks up ids: then there are no pages, and the API takes no size of them."""
    return any(name == "id" for name, _ in query)
