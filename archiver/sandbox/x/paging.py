"""Pages of lists: tokens that tell a caller nothing, pages shorter than asked; the end is only a missing token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.sandbox.wire import Asked
from archiver.sandbox.x.ids import opaque
from archiver.sandbox.x.objects import Shown
from archiver.sandbox.x.parameters import Wanted
from archiver.sandbox.x.problems import invalid
from archiver.sandbox.x.quirks import Quirks

_NOT_THE_LIST = frozenset({"pagination_token", "next_token", "max_results"})
_SHORT = (2, 0, 1)
"""What a page of a third list holds, one after another: half of what was asked, nothing, all of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: below a number, as the how-many-eth of its list; and where the one before did."""

    below: int | None = None
    page: int = 1
    before: Place | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list. ``next_token`` None: it is the last."""

    shown: list[Shown]
    next_token: str | None
    previous_token: str | None = None


class Pages:
    """The tokens of one server. They stay good; `Quirks.refuse_tokens` says otherwise."""

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks
        self._places: dict[str, tuple[str, Place]] = {}

    def cut(self, asked: Asked, wanted: Wanted, newest_first: Sequence[Shown]) -> Page:
        """The page that a call asks for."""
        of = self._list_of(asked)
        place = self._place(asked, wanted, of)
        rest = [one for one in newest_first if place.below is None or int(one[1].id) < place.below]
        size = wanted.size
        if self._quirks.short_pages:
            part = _SHORT[(place.page - 1) % len(_SHORT)]
            size = size // part if part else 0
        page = rest[:size]
        token = None
        if len(rest) > size:
            below = int(page[-1][1].id) if page else place.below
            token = self._token(of, Place(below, place.page + 1, place))
        previous = self._token(of, place.before) if place.before is not None else None
        return Page(page, token, previous)

    @staticmethod
    def _list_of(asked: Asked) -> str:
        given = sorted((name, value) for name, value in asked.params.items() if name not in _NOT_THE_LIST)
        return repr((asked.path, given))

    def _token(self, of: str, place: Place) -> str:
        token = opaque(of, place.below, place.page)
        self._places[token] = (of, place)
        return token

    def _place(self, asked: Asked, wanted: Wanted, of: str) -> Place:
        if wanted.token is None:
            return Place()
        name = "next_token" if "next_token" in asked.params else "pagination_token"
        known = self._places.get(wanted.token)
        if known is None or known[0] != of or self._refused():
            message = f"The `{name}` query parameter value [{wanted.token}] is not valid"
            raise invalid((name, wanted.token, message))
        return known[1]

    def _refused(self) -> bool:
        if self._quirks.refuse_tokens <= 0:
            return False
        self._quirks.refuse_tokens -= 1
        return True
