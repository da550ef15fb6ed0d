"""One call on its way through the engine: who asks, what, and what answers may need on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.quirks import Quirks
from archiver.sandbox.meta.tokens import Operator, Token
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from archiver.sandbox.meta.cdn import Cdn
    from archiver.sandbox.meta.world import MetaWorld


@dataclass(frozen=True, slots=True)
class Call:
    """``version`` is the one that answers (``v26.0``); ``base`` the address that links begin with.

    ``page_token`` gives whoever has tasks on a page the page's own token.
    """

    asked: Asked
    token: Token
    version: str
    base: str
    now: datetime
    meta: MetaWorld
    quirks: Quirks
    cdn: Cdn
    page_token: Callable[[Operator, Person], str] | None = None

    def has(self, scope: str) -> bool:
        """Whether the token was given a scope."""
        return scope in self.token.scopes

    def link(self, picture: Picture, name: str, size: str = "") -> str:
        """A signed address of a file, another one each time."""
        return self.cdn.link(picture, name, size)
