"""One call on its way through the API: who asks, what, and what answers may need on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from archiver.sandbox.model import Person
from archiver.sandbox.youtube import paging
from archiver.sandbox.youtube.credentials import Caller
from archiver.sandbox.youtube.paging import Page, Place
from archiver.sandbox.youtube.parameters import Given
from archiver.sandbox.youtube.quirks import Quirks
from archiver.sandbox.youtube.wire import moment
from archiver.sandbox.youtube.world import YouTubeWorld

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """``path`` is what stands below ``/youtube/v3/``; ``base`` the address that files begin with."""

    path: str
    given: Given
    caller: Caller
    youtube: YouTubeWorld
    quirks: Quirks
    base: str
    now: datetime

    @property
    def viewer(self) -> Person | None:
        """Whose token it is; None: an API key."""
        return self.caller.person

    def chosen(self, parts: dict[str, Callable[[], Any]]) -> dict[str, Any]:
        """Those of a resource's parts that were asked for and are there (a part may be None)."""
        told = {name: tell() for name, tell in parts.items() if name in self.given.parts}
        return {name: value for name, value in told.items() if value is not None}

    def time(self, at: datetime) -> str:
        """A moment in a resource."""
        return moment(at).replace("Z", ".000Z") if self.quirks.old_forms else moment(at)

    def listed(self, kind: str, items: Sequence[dict[str, Any]], page: Page[Any] | None = None) -> dict[str, Any]:
        """The answer of a method that lists."""
        value: dict[str, Any] = {"kind": f"youtube#{kind}"}
        if page is not None:
            tokens = {"nextPageToken": page.next, "prevPageToken": page.before}
            value |= {name: token for name, token in tokens.items() if token is not None}
            value["pageInfo"] = {"totalResults": page.total, "resultsPerPage": self.given.number("maxResults")}
        if items or not self.quirks.bare_empty:
            value["items"] = [one | {"brandNew": {"since": 2027}} for one in items] if self.quirks.strange else items
        return value

    def by_place(self, things: Sequence[T]) -> Page[T]:
        """The page that was asked for of a list of videos or playlists."""
        return paging.by_place(things, self.given.one("pageToken"), self._size(), self._question())

    def by_last(self, things: Sequence[T], place: Callable[[T], Place]) -> Page[T]:
        """The page that was asked for of a list of comments."""
        return paging.by_last(things, self.given.one("pageToken"), self._size(), self._question(), place=place)

    def _size(self) -> int:
        size = self.given.number("maxResults")
        if not self.quirks.short_pages:
            return size
        # The first page is empty, the others have what a third of them could.
        return max(size // 3, 1) if self.given.has("pageToken") else 0

    def _question(self) -> str:
        asked = sorted(
            (name, values)
            for name, values in self.given.values.items()
            if name not in {"pageToken", "part", "textFormat", "maxResults", "hl"}
        )
        return f"{self.path} {asked}"
