"""The state of X in the city, and everything that can happen there.

`XWorld` stands on the city's `World`: its clock, its lock, its version, its people and accounts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict, Unpack

from archiver.sandbox.images import Picture, picture
from archiver.sandbox.model import Person, PollQuestion, ProfileVersion
from archiver.sandbox.world import CityAccount, World
from archiver.sandbox.x.ids import native_id, opaque
from archiver.sandbox.x.model import Media, Place, Withheld, Wording, X, XPost

EDITABLE = timedelta(minutes=60)
EDITS = 5
OLDEST_NUMBERS = 2_200_000_000
"""Who joined before snowflakes has a small number."""
_NAME = re.compile(r"(?<!\w)@(\w{1,15})")
_KEYS = {"image": "3", "video": "7", "gif": "16"}


class Details(TypedDict, total=False):
    """What a post may have beside its text; see `XPost`. ``unnamed``: the names in front were taken away."""

    at: datetime | None
    pictures: Sequence[Picture]
    quote: XPost | None
    poll: PollQuestion | None
    place: Place | None
    withheld: Withheld | None
    community: str | None
    card: str | None
    reply_settings: str
    sensitive: bool
    likes: int
    views: int
    unseen_replies: int
    ranked_down: bool
    unnamed: bool
    lang: str
    animated: bool


class XWorld:
    """Posts by the number of each of their versions, gone ones too.

    ``protected``: ids of people who are. ``pinned``: the post at the head of a profile, by the person's id.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.protected: set[str] = set()
        self._by_id: dict[str, XPost] = {}
        self._of: dict[str, list[XPost]] = {}
        self._naming: dict[str, dict[XPost, None]] = {}
        self._threads: dict[str, list[XPost]] = {}
        self.pinned: dict[str, XPost] = {}
        self._media: dict[str, tuple[Media, str]] = {}
        self._used: set[str] = set()

    # --- looking things up

    def now(self) -> datetime:
        """The city's present."""
        return self.world.now()

    def posts(self) -> Iterator[XPost]:
        """All posts, gone ones too."""
        for posts in list(self._of.values()):
            yield from posts

    def find(self, native: str) -> tuple[XPost, Wording] | None:
        """A version of a post by its number, and the post; gone ones too."""
        post = self._by_id.get(native)
        if post is None:
            return None
        return next((post, version) for version in post.versions if version.id == native)

    def of(self, who: Person | str) -> list[XPost]:
        """All that somebody posted, oldest first, gone ones too."""
        return self._of.get(self.world.person(who).id, [])

    def naming(self, who: Person | str) -> list[XPost]:
        """What names somebody, in any version."""
        return list(self._naming.get(self.world.person(who).id, ()))

    def thread(self, root: XPost) -> list[XPost]:
        """All answers below a root, at any depth, gone ones too."""
        return self._threads.get(root.id, [])

    def conversation(self, native: str) -> list[XPost]:
        """The same by the root's number, even where the root is gone."""
        return self._threads.get(native, [])

    def media(self, name: str) -> tuple[Media, XPost] | None:
        """A file by the name in its addresses, and the post that it was made for."""
        found = self._media.get(name)
        return None if found is None else (found[0], self._by_id[found[1]])

    def person(self, native: str) -> Person | None:
        """Somebody by number."""
        return self.world.people.get((X, native))

    def named(self, username: str) -> Person | None:
        """Somebody by present name."""
        found = self.world.find_person(X, username)
        return found if found is not None and found.handle.lower() == username.lower() else None

    # --- who sees what

    def shows(self, person: Person, viewer: Person | None) -> bool:
        """Whether what somebody posts is to be seen by a viewer (None: an application)."""
        if viewer is person:
            return True
        if viewer is not None and viewer.id in person.blocks:
            return False
        return person.id not in self.protected or (viewer is not None and person.id in viewer.follows)

    def visible(self, post: XPost, viewer: Person | None) -> bool:
        """Whether a viewer gets a post when asking for it by its number."""
        whole = post.shares is None or self.visible(post.shares, viewer)
        return whole and post.there and self.shows(post.author, viewer)

    # --- people

    def add_person(self, handle: str, name: str, *, joined_at: datetime | None = None, **facts: Any) -> Person:
        """Somebody who writes there; letters, digits and underscores, fifteen at most."""
        if not re.fullmatch(r"\w{1,15}", handle, re.ASCII):
            raise ValueError(f"{handle!r} can be nobody's name on X")
        joined = (joined_at or self.now()).replace(microsecond=0)
        native = self._new_id(joined)
        if joined.year < 2016:
            native = str(OLDEST_NUMBERS + len(self.world.people))
        person = Person(X, native, handle, joined, followers=facts.get("followers", 3))
        person.official = facts.get("official", False)
        person.profiles.append(ProfileVersion(joined, name, facts.get("description", ""), facts.get("avatar")))
        with self.world.change():
            self.world.join(person)
        return person

    def add_account(self, name: str, handle: str, title: str, *, department: str, **facts: Any) -> CityAccount:
        """An account of the city. ``secret`` is the access token of its user."""
        person = self.add_person(handle, title, official=True, **facts)
        secret = opaque("access token", self.world.seed, name, length=91)
        account = CityAccount(name, X, person, department, secret)
        with self.world.change():
            self.world.accounts[name] = account
        return account

    def protect(self, who: Person | str) -> None:
        """Only followers see what they post."""
        with self.world.change():
            self.protected.add(self.world.person(who).id)

    def unprotect(self, who: Person | str) -> None:
        """Everybody does again."""
        with self.world.change():
            self.protected.discard(self.world.person(who).id)

    # --- posts

    def post(self, who: Person | str, text: str, **details: Unpack[Details]) -> XPost:
        """A new post, now or at a moment of the past; with ``quote`` it quotes another one."""
        return self._add(self.world.person(who), text, None, details)

    def reply(self, who: Person | str, parent: XPost, text: str, **details: Unpack[Details]) -> XPost:
        """An answer. The names of whom it answers are put in front, unless ``unnamed``."""
        author = self.world.person(who)
        answered = () if details.get("unnamed") else _answered(parent, author)
        names = "".join(f"@{person.handle} " for person in answered)
        return self._add(author, names + text, parent, details, shown_from=len(names))

    def repost(self, who: Person | str, original: XPost, *, at: datetime | None = None) -> XPost:
        """Somebody repeats a post."""
        source = original.shares or original
        return self._add(self.world.person(who), "", None, {"at": at}, shares=source)

    def edit(
        self, post: XPost, text: str, *, pictures: Sequence[Picture] | None = None, at: datetime | None = None
    ) -> Wording:
        """A new version, with a number of its own; the old ones stay as long as the post does."""
        old = post.latest
        moment = (at or self.now()).astimezone(UTC)
        with self.world.change():
            native = self._new_id(moment)
            prefix = old.text[: old.shown_from]
            whole = prefix + text
            media = old.media if pictures is None else self._files(pictures, moment, native)
            version = Wording(
                native, moment, whole, post.author.handle, old.shown_from, media, self._whom(whole), old.lang
            )
            post.versions.append(version)
            self._by_id[native] = post
            self._name(post, version)
            return version

    def delete(self, post: XPost, *, at: datetime | None = None) -> None:
        """It is deleted with all its versions; answers to it stay."""
        with self.world.change():
            post.gone_at = at or self.now()

    def undelete(self, post: XPost) -> None:
        """X had lost it for a while."""
        with self.world.change():
            post.gone_at = None

    def hide(self, reply: XPost) -> None:
        """The author of the conversation hides an answer: nothing that is read tells."""
        with self.world.change():
            reply.hidden = True

    def unhide(self, reply: XPost) -> None:
        """It is shown again."""
        with self.world.change():
            reply.hidden = False

    def pin(self, post: XPost) -> None:
        """It stands at the head of its author's profile."""
        with self.world.change():
            self.pinned[post.author.id] = post

    def vote(self, post: XPost, votes: Sequence[int]) -> None:
        """A poll's votes as they stand now."""
        if post.poll is None:
            raise ValueError("this post has no poll")
        with self.world.change():
            post.poll.votes[:] = votes

    # --- inside

    def _add(
        self,
        author: Person,
        text: str,
        parent: XPost | None,
        details: Details,
        *,
        shown_from: int = 0,
        shares: XPost | None = None,
    ) -> XPost:
        at = (details.get("at") or self.now()).astimezone(UTC)
        with self.world.change():
            native, lang = self._new_id(at), details.get("lang", "en")
            media = self._files(details.get("pictures", ()), at, native, animated=details.get("animated", False))
            version = Wording(native, at, text, author.handle, shown_from, media, self._whom(text), lang)
            post = XPost(author, [version], parent, parent.top if parent else None, details.get("quote"), shares)
            for name in ("poll", "place", "withheld", "community", "card", "reply_settings", "sensitive", "likes",
                         "views", "unseen_replies", "ranked_down"):  # fmt: skip
                if name in details:
                    setattr(post, name, details[name])
            elsewhere = parent is not None and parent.top.author is not author
            if post.poll is None and shares is None and not elsewhere and post.community is None:
                post.editable_until = at + EDITABLE
            self._join(post)
            return post

    def _join(self, post: XPost) -> None:
        self._by_id[post.id] = post
        self._of.setdefault(post.author.id, []).append(post)
        self._name(post, post.latest)
        if post.parent is not None:
            post.parent.replies.append(post)
            self._threads.setdefault(post.top.id, []).append(post)
        if post.quote is not None:
            post.quote.quotes.append(post)
        if post.shares is not None:
            post.shares.reposts.append(post)

    def _name(self, post: XPost, version: Wording) -> None:
        for _, person in version.named:
            self._naming.setdefault(person.id, {})[post] = None

    def _whom(self, text: str) -> tuple[tuple[str, Person], ...]:
        found: dict[str, Person] = {}
        for name in _NAME.findall(text):
            person = self.named(name)
            if person is not None:
                found.setdefault(name, person)
        return tuple(found.items())

    def _files(
        self, pictures: Sequence[Picture], at: datetime, post: str, *, animated: bool = False
    ) -> tuple[Media, ...]:
        made = []
        for one in pictures:
            kind = "gif" if animated and one.kind == "video" else one.kind
            native = self._new_id(at)
            name = "G" + opaque("file", native, length=14)
            small = picture(int(hashlib.sha256(one.data).hexdigest()[:8], 16), None, mime="image/jpeg")
            media = Media(f"{_KEYS[kind]}_{native}", kind, name, one, small)
            self._media[name] = media, post
            made.append(media)
        return tuple(made)

    def _new_id(self, at: datetime) -> str:
        serial = 0
        while (native := native_id(at, serial * 4096 + 283)) in self._used:
            serial += 1
        self._used.add(native)
        return native


def _answered(parent: XPost, author: Person) -> list[Person]:
    """Who is named in front of an answer: the author of what it answers, and whom that one answers."""
    found = [parent.author, *(person for name, person in parent.latest.named if _in_front(parent, name))]
    return [person for person in dict.fromkeys(found) if person is not author]


def _in_front(post: XPost, name: str) -> bool:
    return f"@{name} " in post.text[: post.latest.shown_from]


__all__ = ["EDITABLE", "EDITS", "Details", "XWorld"]
