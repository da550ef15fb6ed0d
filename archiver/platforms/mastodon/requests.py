"""Requests to one server. The token goes with every call, and calls go to the account's own server only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archiver.domain.exchange import Purpose, RequestSpec
from archiver.platforms.mastodon.routes import Call, Query, address
from archiver.platforms.resuming import ResumingDesk

_ACCEPT = (("Accept", "application/json"),)


@dataclass(frozen=True, slots=True)
class Desk(ResumingDesk):
    """Where requests to one server are written. ``token``: the account has one."""

    base: str
    token: bool

    def ask(self, call: Call, native_id: str = "", query: Query = (), *, stream: str, page: int = 1) -> RequestSpec:
        """A call."""
        return self.again(address(self.base, call, native_id, query), stream, page)

    def next(self, url: str, *, stream: str, page: int) -> RequestSpec:
        """The next page of a listing."""
        return self.again(self.base + self.place(url), stream, page)

    def media(self, url: str) -> RequestSpec:
        """The bytes of an attachment: no token, wherever they are."""
        return RequestSpec(url, stream="media", purpose=Purpose.MEDIA, follow=True)

    @property
    def root(self) -> str:
        """The server's address."""
        return self.base

    def again(self, url: str, stream: str, page: int) -> RequestSpec:
        """The token goes with every call, but to what is there for everybody."""
        spec = RequestSpec(url, stream=stream, headers=_ACCEPT, page=page, follow="nodeinfo" in url)
        return replace(spec, credential="token") if self.token and not spec.follow else spec
