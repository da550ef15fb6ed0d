"""Where a feed is, and what its things are called."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Purpose, RequestSpec
from archiver.domain.keys import Key, make_key
from archiver.platforms.resuming import ResumingDesk

PLATFORM = "feed"
_ACCEPT = (("Accept", "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"),)
_PROFILE = "feed/"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_LONGEST = 1000
"""A longer id is a stranger's joke, or a broken feed; its digest names it as well."""


@dataclass(frozen=True, slots=True)
class Place(ResumingDesk):
    """One feed. ``server`` is what stands before the path, ``path`` begins with a slash; ``token``: it wants one.

    ``name`` is the feed's permanent id: its address as configured, a ``base_url`` aside.
    """

    server: str
    path: str
    name: str
    space: str
    token: bool = False

    @classmethod
    def of(cls, account: Account) -> Place:
        """The handle is the feed's address; with a ``base_url`` only its path counts."""
        handle = account.handle.strip()
        if "://" not in handle:
            handle = f"/{handle.lstrip('/')}" if account.base_url else f"https://{handle}"
        try:
            parts = urlsplit(handle)
        except ValueError:  # no address: the client refuses it, and says so
            return cls("https://invalid.invalid", "/", account.handle, account.key_space)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        server = (account.base_url or f"{parts.scheme}://{parts.netloc}").rstrip("/")
        return cls(server, path, account.handle.strip(), account.key_space, account.authenticated)

    @property
    def root(self) -> str:
        """What stands before each path."""
        return self.server

    def first(self, stream: str) -> RequestSpec:
        """The newest entries."""
        return self.again(f"{self.server}{self.path}", stream, 1)

    def again(self, url: str, stream: str, page: int) -> RequestSpec:
        """A page of the feed, unless it is as it was (RFC 9110, section 13)."""
        credential = "token" if self.token else None
        return RequestSpec(
            url, stream, headers=_ACCEPT, credential=credential, page=page, follow=True, conditional=page == 1
        )

    def following(self, url: str, asked: str) -> str | None:
        """The address of a next page as we may ask for it; None where it is on another server."""
        try:
            parts = urlsplit(url)
            known = {urlsplit(one)[:2] for one in (asked, self.server, self.name)}
        except ValueError:
            return None
        return f"{self.server}{self.place(url)}" if parts[:2] in known and parts.path.startswith("/") else None

    def media(self, url: str) -> RequestSpec:
        """The bytes of a file: no token, wherever they are."""
        return RequestSpec(url, stream="media", purpose=Purpose.MEDIA, follow=True)

    def entry(self, native_id: str) -> Key:
        """The key of an entry. An id that is no address is unique in its feed alone, and may be a mere number."""
        whole = native_id if _ADDRESS.match(native_id) else f"{self.name}#{native_id}"
        if len(whole) > _LONGEST:
            whole = f"{self.name}#{hashlib.sha256(whole.encode('utf-8', 'surrogatepass')).hexdigest()}"
        return make_key(PLATFORM, whole, self.space)

    def profile(self) -> Key:
        """The key of what the feed says of itself."""
        return make_key(PLATFORM, f"{_PROFILE}{self.name}", self.space)
