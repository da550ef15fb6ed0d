"""Where an object was found: what its call tells that the object itself may leave out."""

from __future__ import annotations

from dataclasses import dataclass, field

from archiver.domain.item import Person
from archiver.domain.observation import OWN_ACCOUNT
from archiver.platforms.facebook.ids import Names


@dataclass(frozen=True, slots=True)
class Setting:
    """The call behind an answer.

    ``page`` is the id of the page whose list it is. ``wrote``: the list holds only what the page itself published, so
    an object without ``from`` is the page's. ``tags``: it holds what names the page. ``unpublished``: it holds what
    the public can't see yet. ``asked`` are the fields that were asked for; empty where the call does not say.
    """

    page: str | None = None
    wrote: bool = False
    tags: bool = False
    unpublished: bool = False
    asked: frozenset[str] = field(default=frozenset())

    def author(self, names: Names, stated: Person | None) -> Person | None:
        """Who wrote an object whose ``from`` says so, or says nothing."""
        if stated is not None or not self.wrote:
            return stated
        return Person(names.person(self.page) if self.page else OWN_ACCOUNT)

    def is_own(self, names: Names, author: Person | None) -> bool:
        """Whether the page wrote it."""
        if author is None:
            return False
        own = {OWN_ACCOUNT, names.person(self.page)} if self.page else {OWN_ACCOUNT}
        return author.native_id in own
