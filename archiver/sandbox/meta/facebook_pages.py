"""What a city and its residents do on Facebook, in the platform's own terms.

Ids are composed as there: a post is ``PAGE_STORY``, a comment ``STORY_COMMENT`` (or ``PHOTO_COMMENT``), a picture of a
post is an object of its own. A post with one picture, and a post with a film, are one thread under two ids (`twin`);
each of several pictures has a thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Unpack

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.model import FACEBOOK, Thing
from archiver.sandbox.meta.world import STORY_LIFE, Details, MetaWorld
from archiver.sandbox.model import Person


class FacebookPages:
    """The doings on pages; edits, hidings and removals are `MetaWorld`'s."""

    def __init__(self, meta: MetaWorld) -> None:
        self.meta = meta
        self._albums: dict[tuple[str, str], Thing] = {}

    def page(self, who: Person | str) -> Person:
        """A page, by account name."""
        return self.meta.world.person(who)

    # --- posts

    def post(
        self,
        who: Person | str,
        text: str,
        *,
        link: tuple[str, str] | None = None,
        **details: Unpack[Details],
    ) -> Thing:
        """A post of the page, with pictures (or one film), or a ``link`` (address and title)."""
        page = self.page(who)
        pictures = details.pop("pictures", ())
        films = [one for one in pictures if one.kind == "video"]
        facts = dict(details.pop("facts", {}))
        facts.setdefault("status_type", _status_type(pictures, films, link))
        if link is not None:
            facts["link"] = link
        post = self._add_post(page, page, text, facts, details)
        if films:
            self.meta.join(post, self._file(post, "video", films[0], text))
            return post
        photos = [self._file(post, "photo", one, text if len(pictures) == 1 else "") for one in pictures]
        if len(photos) == 1:
            self.meta.join(post, photos[0])
        return post

    def _file(self, post: Thing, form: str, picture: Picture, text: str) -> Thing:
        album = self.album_named(post.owner, "Timeline Photos", "wall", at=post.created_at)
        facts = {"album": album} if form == "photo" else {}
        return self.meta.add(
            form, post.author, text, at=post.created_at, owner=post.owner, pictures=[picture], whole=post, facts=facts
        )

    def _add_post(self, page: Person, author: Person, text: str, facts: dict[str, Any], details: Details) -> Thing:
        details.update({"id": f"{page.id}_{self.meta.new_id(FACEBOOK)}", "owner": page, "facts": facts})
        return self.meta.add("post", author, text, **details)

    def visitor_post(self, author: Person, page: Person | str, text: str, **details: Unpack[Details]) -> Thing:
        """A resident writes on the page."""
        return self._add_post(self.page(page), author, text, {"status_type": "wall_post"}, details)

    def tag(self, author: Person, page: Person | str, text: str, **details: Unpack[Details]) -> Thing:
        """A public post elsewhere that names the page."""
        details["id"] = f"{author.id}_{self.meta.new_id(FACEBOOK)}"
        named = self.page(page)
        facts = {"status_type": "mobile_status_update", "tagged": True}
        details.update({"owner": named, "mentions": [named], "facts": facts})
        return self.meta.add("post", author, text, **details)

    def share(self, who: Person | str, original: Thing, text: str = "", **details: Unpack[Details]) -> Thing:
        """The page shares a post."""
        page = self.page(who)
        details["shares"] = original
        original.shared += 1
        return self._add_post(page, page, text, {"status_type": "shared_story"}, details)

    def schedule(self, who: Person | str, text: str, at: datetime) -> Thing:
        """A post that is to appear later."""
        page = self.page(who)
        facts = {"status_type": "mobile_status_update", "scheduled": at}
        return self._add_post(page, page, text, facts, {"published": False})

    # --- comments

    def comment(self, author: Person | str, to: Thing, text: str, **details: Unpack[Details]) -> Thing:
        """A comment below a post, photo, video or comment. On a twin it is in the thread of both."""
        below = to.twin if to.twin is not None and to.form in {"photo", "video", "reel"} else to
        details["id"] = f"{below.top.number_of}_{self.meta.new_id(FACEBOOK)}"
        details["parent"] = below
        return self.meta.add("comment", author, text, **details)

    # --- files, lives, events

    def album(self, who: Person | str, name: str, text: str = "", **details: Unpack[Details]) -> Thing:
        """An album of its own."""
        details["facts"] = {"name": name, "type": "normal"}
        return self.meta.add("album", self.page(who), text, **details)

    def album_named(self, page: Person, name: str, kind: str, *, at: datetime) -> Thing:
        """One of the automatic albums."""
        album = self._albums.get((page.id, name))
        if album is None:
            album = self.meta.add("album", page, "", at=at, facts={"name": name, "type": kind})
            self._albums[page.id, name] = album
        return album

    def photo(self, album: Thing, picture: Picture, text: str = "", **details: Unpack[Details]) -> Thing:
        """A picture in an album, without a post of its own."""
        details.update({"pictures": [picture], "whole": album, "facts": {"album": album}})
        return self.meta.add("photo", album.author, text, **details)

    def reel(self, who: Person | str, film: Picture, text: str, **details: Unpack[Details]) -> Thing:
        """A reel: only on ``video_reels`` and ``videos``. Its post is on no list; it can be read by its id."""
        page = self.page(who)
        post = self._add_post(page, page, text, {"status_type": "added_video", "reel": True}, details)
        reel = self._file(post, "reel", film, text)
        reel.facts["length"] = 31.4
        self.meta.join(post, reel)
        return reel

    def live(self, who: Person | str, title: str, film: Picture, **details: Unpack[Details]) -> Thing:
        """A broadcast, over by now: comments stand on it and on its video."""
        page = self.page(who)
        at = details.get("at")
        video = self.meta.add("video", page, title, at=at, pictures=[film])
        details["facts"] = {"title": title, "status": "VOD"}
        live = self.meta.add("live", page, "", **details)
        self.meta.join(live, video)
        return live

    def event(self, who: Person | str, name: str, text: str, starts_at: datetime, **details: Unpack[Details]) -> Thing:
        """An event. It begins in local time, with the zone's offset."""
        details["facts"] = {"name": name, "starts_at": starts_at, "canceled": False}
        return self.meta.add("event", self.page(who), text, **details)

    def story(self, who: Person | str, picture: Picture, **details: Unpack[Details]) -> Thing:
        """A story: there for 24 hours."""
        page = self.page(who)
        at = details.get("at") or self.meta.now()
        form = "video" if picture.kind == "video" else "photo"
        media = self.meta.add(
            form, page, "", at=at, pictures=[picture], expires_at=at + STORY_LIFE, facts={"story": True}
        )
        details.update({"pictures": [picture], "expires_at": at + STORY_LIFE, "facts": {"media": media}})
        return self.meta.add("story", page, "", **details)

    # --- messages

    def converse(self, page: Person | str, resident: Person) -> Thing:
        """A conversation with a resident."""
        native = f"t_{self.meta.new_id(FACEBOOK)}"
        return self.meta.add("conversation", resident, "", id=native, owner=page)

    def message(self, conversation: Thing, author: Person | str, text: str, **details: Unpack[Details]) -> Thing:
        """One message, by either side."""
        details.update({"id": f"m_{self.meta.new_id(FACEBOOK)}", "whole": conversation})
        return self.meta.add("message", author, text, **details)


def _status_type(pictures: Sequence[Picture], films: Sequence[Picture], link: tuple[str, str] | None) -> str:
    if films:
        return "added_video"
    if pictures:
        return "added_photos"
    return "shared_story" if link is not None else "mobile_status_update"
