"""What a city and its residents do on Instagram, in the platform's own terms.

Forms of things: ``post reel story live`` of the account, ``child`` (a part of a carousel), ``comment``; and of other
people ``tagged`` (the account is tagged in the picture), ``mention`` (its name is in the caption, or in a ``remark``
below it). A reply to a reply is stored below the top comment, with the name of the one who is answered in front.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Unpack

from archiver.sandbox.images import Picture, picture
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.world import STORY_LIFE, Details, MetaWorld
from archiver.sandbox.model import Person

OWN = ("post", "reel")
"""What ``media`` lists."""


class InstagramProfiles:
    """The doings on profiles; edits, hidings and removals are `MetaWorld`'s."""

    def __init__(self, meta: MetaWorld) -> None:
        self.meta = meta

    def profile(self, who: Person | str) -> Person:
        """A profile, by account name."""
        return self.meta.world.person(who)

    # --- what the account publishes

    def post(self, who: Person | str, caption: str, shots: Sequence[Picture], **details: Unpack[Details]) -> Thing:
        """Pictures or films in the grid; several are a carousel."""
        if not shots:
            raise ValueError("nothing can be published on Instagram without a picture or film")
        details["pictures"] = shots
        post = self.meta.add("post", self.profile(who), caption, **details)
        if len(shots) > 1:
            for part in shots:
                self.meta.add("child", post.author, at=post.created_at, whole=post, pictures=[part])
        return post

    def reel(self, who: Person | str, caption: str, film: Picture, **details: Unpack[Details]) -> Thing:
        """A reel."""
        details["pictures"] = [film]
        return self.meta.add("reel", self.profile(who), caption, **details)

    def story(self, who: Person | str, shot: Picture, **details: Unpack[Details]) -> Thing:
        """A story: there for 24 hours, texts and stickers on it are no data."""
        at = details.get("at") or self.meta.now()
        details.update({"at": at, "pictures": [shot], "expires_at": at + STORY_LIFE})
        return self.meta.add("story", self.profile(who), **details)

    def go_live(self, who: Person | str, **details: Unpack[Details]) -> Thing:
        """A broadcast that goes on until `end_live`."""
        return self.meta.add("live", self.profile(who), **details)

    def end_live(self, live: Thing) -> None:
        """It is over: neither the broadcast nor what was said can be read any more."""
        with self.meta.world.change():
            live.expires_at = self.meta.now()

    # --- what is said

    def comment(self, author: Person | str, below: Thing, text: str, **details: Unpack[Details]) -> Thing:
        """A comment below a medium, or an answer to a comment."""
        if below.form == "comment" and below.parent is not None and below.parent.form == "comment":
            text, below = f"@{below.author.handle} {text}", below.parent
        details["parent"] = below
        return self.meta.add("comment", author, text, **details)

    # --- other people's media

    def tag(self, author: Person, who: Person | str, caption: str, shot: Picture, **details: Unpack[Details]) -> Thing:
        """Somebody's picture in which the account is tagged."""
        named = self.profile(who)
        details.update({"owner": named, "mentions": [named], "pictures": [shot]})
        return self.meta.add("tagged", author, caption, **details)

    def mention(
        self, author: Person, who: Person | str, caption: str, shot: Picture, **details: Unpack[Details]
    ) -> Thing:
        """Somebody's picture whose caption may name the account; only an event tells of it."""
        named = self.profile(who)
        details.update({"owner": named, "mentions": [named], "pictures": [shot]})
        return self.meta.add("mention", author, caption, **details)

    def remark(self, author: Person, below: Thing, text: str, **details: Unpack[Details]) -> Thing:
        """A comment below somebody else's medium that names the account."""
        details.update({"parent": below, "mentions": [below.owner]})
        return self.meta.add("remark", author, text, **details)

    # --- messages

    def converse(self, who: Person | str, resident: Person) -> Thing:
        """A conversation with a resident; its id is long, and no number."""
        native = f"aWdfZAG06MTpJR01lc3NhZA2VUaHJlYWQ{self.meta.new_id(resident.platform)}"
        return self.meta.add("conversation", resident, id=native, owner=self.profile(who))

    def message(self, conversation: Thing, author: Person | str, text: str, **details: Unpack[Details]) -> Thing:
        """One message, by either side."""
        native = f"aWdfZAG1faXRlbTox{self.meta.new_id(conversation.platform)}"
        details.update({"id": native, "whole": conversation})
        return self.meta.add("message", author, text, **details)


@cache
def cover(film: Picture) -> Picture:
    """The still picture that stands for a film."""
    return picture(int(film.sha256[:12], 16), None, mime="image/jpeg")
