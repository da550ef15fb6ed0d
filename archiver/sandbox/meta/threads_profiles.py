"""What a city and its residents do on Threads, in the platform's own terms.

Forms of things: ``post`` (roots: posts, quotes, reposts), ``reply`` (at any depth), ``ghost`` (posts for a day) and
``child`` (a part of a carousel). ``facts`` hold what few have: ``quote`` (a `Thing`), ``poll``, ``location``,
``attached`` (the long text), ``topic``, ``gif``, ``approval`` (``pending``, ``ignored``), ``hide_status``,
``ghost_until``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Unpack

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.world import Details, MetaWorld
from archiver.sandbox.model import Person

GHOST_LIFE = timedelta(hours=24)


class ThreadsProfiles:
    """The doings on profiles; edits, hidings and removals are `MetaWorld`'s."""

    def __init__(self, meta: MetaWorld) -> None:
        self.meta = meta

    def profile(self, who: Person | str) -> Person:
        """A profile, by account name."""
        return self.meta.world.person(who)

    # --- posts

    def post(self, who: Person | str, text: str, **details: Unpack[Details]) -> Thing:
        """A root; several pictures are a carousel."""
        return self._with_parts(self.meta.add("post", self.profile(who), text, **details))

    def reply(self, who: Person | str, below: Thing, text: str, **details: Unpack[Details]) -> Thing:
        """An answer, at any depth; to one's own post it is a continuation."""
        details["parent"] = below
        return self._with_parts(self.meta.add("reply", self.profile(who), text, **details))

    def ghost(self, who: Person | str, text: str, **details: Unpack[Details]) -> Thing:
        """A post for a day; its owner sees it afterwards, too."""
        at = details.get("at") or self.meta.now()
        details["facts"] = {**details.get("facts", {}), "ghost_until": at + GHOST_LIFE}
        return self.meta.add("ghost", self.profile(who), text, **details)

    def quote(self, who: Person | str, original: Thing, text: str, **details: Unpack[Details]) -> Thing:
        """A post that quotes another one."""
        details["facts"] = {**details.get("facts", {}), "quote": original}
        return self.post(who, text, **details)

    def repost(self, who: Person | str, original: Thing, **details: Unpack[Details]) -> Thing:
        """Somebody else's post repeated: an empty front with an id of its own."""
        details["shares"] = original
        original.shared += 1
        return self.meta.add("post", self.profile(who), **details)

    def _with_parts(self, post: Thing) -> Thing:
        parts: Sequence[Picture] = post.latest.pictures
        if len(parts) > 1:
            for part in parts:
                self.meta.add("child", post.author, at=post.created_at, whole=post, pictures=[part])
        return post

    # --- what the account decides about answers

    def hush(self, reply: Thing, status: str = "HIDDEN") -> None:
        """Hide an answer; ``COVERED``, ``RESTRICTED`` and ``BLOCKED`` are the platform's words for other reasons."""
        reply.facts["hide_status"] = status
        self.meta.hide(reply)

    def unhush(self, reply: Thing) -> None:
        """Show it again."""
        reply.facts["hide_status"] = "UNHUSHED"
        self.meta.unhide(reply)

    def approve(self, reply: Thing) -> None:
        """An answer that waited is shown."""
        with self.meta.world.change():
            reply.facts.pop("approval", None)

    def ignore(self, reply: Thing) -> None:
        """An answer that waited is turned down."""
        with self.meta.world.change():
            reply.facts["approval"] = "ignored"


def poll(*options: str, shares: Sequence[float], votes: int, ends: Any) -> dict[str, Any]:
    """``facts["poll"]``: two to four options with the shares of the votes (0 to 1); ``ends`` a moment."""
    return {"options": options, "shares": tuple(shares), "votes": votes, "ends": ends}


def place(native: str, name: str, **more: Any) -> dict[str, Any]:
    """``facts["location"]``."""
    return {"id": native, "name": name, **more}
