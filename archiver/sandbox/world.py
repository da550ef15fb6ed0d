"""The state of the city on both platforms, and everything that can happen to it.

A test calls ``post``, ``reply``, ``edit``, ``delete``, ``hide`` …; each call takes accounts by their name in the city
(``"police-bluesky"``) or as ``Person``. Answers of the servers follow at once. All of it is safe between threads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypedDict, Unpack

from archiver.sandbox.clock import CityClock
from archiver.sandbox.ids import did_plc, micros_of, snowflake, tid, ulid
from archiver.sandbox.images import Picture
from archiver.sandbox.model import (
    BLUESKY,
    MASTODON,
    Card,
    Gate,
    Person,
    PollQuestion,
    Post,
    ProfileVersion,
    QuoteGate,
    Standing,
    Version,
)

POSTS = "app.bsky.feed.post"
SHARES = "app.bsky.feed.repost"
MastodonIds = Literal["snowflake", "ulid"]


@dataclass(frozen=True, slots=True)
class CityAccount:
    """An account of the city that is to be archived. ``secret`` is its app password or access token."""

    name: str
    platform: str
    person: Person
    department: str
    secret: str

    @property
    def handle(self) -> str:
        """What stands in the archiver's configuration."""
        return self.person.handle


class PostDetails(TypedDict, total=False):
    """What a post may have beside its text.

    ``at`` is the author's time, ``seen_at`` the server's (default: the same).
    """

    at: datetime | None
    seen_at: datetime | None
    pictures: Sequence[Picture]
    quote: Post | None
    mentions: Sequence[Person]
    tags: Sequence[str]
    hidden_tags: Sequence[str]
    card: Card | None
    poll: PollQuestion | None
    lang: str | None
    content_warning: str
    visibility: str
    labels: Sequence[str]
    likes: int
    date_style: int
    breaks_gate: bool
    quote_state: str
    undelivered: bool


class World:
    """Both platforms, their people and posts. ``version`` grows with each change."""

    def __init__(
        self,
        *,
        seed: int = 1,
        now: datetime | None = None,
        domain: str = "mapleford.example",
        mastodon_ids: MastodonIds = "snowflake",
    ) -> None:
        self.seed = seed
        self._mastodon_ids = snowflake if mastodon_ids == "snowflake" else ulid
        self.clock = CityClock(now)
        self.domain = domain
        self.lock = threading.RLock()
        self.version = 0
        self.accounts: dict[str, CityAccount] = {}
        self.people: dict[tuple[str, str], Person] = {}
        self.posts: dict[str, Post] = {}
        self.gates: dict[str, Gate] = {}
        self.quote_gates: dict[str, QuoteGate] = {}
        self.revisions: dict[str, int] = {}
        self._handles: dict[tuple[str, str], Person] = {}
        self._used_ids: set[str] = set()

    # --- looking things up

    def now(self) -> datetime:
        """The city's present."""
        return self.clock.now()

    def person(self, who: Person | str) -> Person:
        """A person by the name of a city account, or as given."""
        return who if isinstance(who, Person) else self.accounts[who].person

    def find_person(self, platform: str, name: str) -> Person | None:
        """By permanent id or present handle."""
        return self.people.get((platform, name)) or self._handles.get((platform, name.lower()))

    def find(self, key: str) -> Post | None:
        """A post by its record key (``bluesky:at://…``, ``mastodon:…``), gone ones too."""
        return self.posts.get(key)

    def posts_of(self, who: Person | str) -> list[Post]:
        """All that somebody ever posted, in the order of posting, gone ones too."""
        return self.person(who).posts

    @contextmanager
    def change(self, *touched: Person) -> Iterator[None]:
        """Do something to the world while no answer is being made; ``touched`` repositories get a new revision."""
        with self.lock:
            yield
            self.version += 1
            for person in touched:
                self.revisions[person.id] = self.revisions.get(person.id, 0) + 1

    def advance(self, by: timedelta) -> None:
        """Let time pass for everybody."""
        with self.change():
            self.clock.advance(by)

    # --- people

    def add_person(
        self,
        platform: str,
        handle: str,
        display_name: str,
        *,
        description: str = "",
        joined_at: datetime | None = None,
        avatar: Picture | None = None,
        domain: str | None = None,
        official: bool = False,
        followers: int = 0,
    ) -> Person:
        """Somebody new at a platform."""
        with self.change():
            joined = joined_at or self.now() - timedelta(days=365)
            native = did_plc(self.seed, handle) if platform == BLUESKY else self._new_mastodon_id(joined)
            person = Person(platform, native, handle, joined, official=official, domain=domain, followers=followers)
            person.serial = len(self.people)
            person.profile_indexed_at = joined
            person.profiles.append(ProfileVersion(joined, display_name, description, avatar))
            self.people[platform, native] = person
            self._handles[platform, handle.lower()] = person
            return person

    def join(self, person: Person) -> None:
        """Somebody whom another model has made is to be found here, too (inside a ``change``)."""
        person.serial = len(self.people)
        self.people[person.platform, person.id] = person
        self._handles[person.platform, person.handle.lower()] = person

    def add_account(
        self, name: str, platform: str, handle: str, display_name: str, *, department: str, **facts: Any
    ) -> CityAccount:
        """An account of the city, with a secret made from the seed."""
        person = self.add_person(platform, handle, display_name, official=True, **facts)
        account = CityAccount(name, platform, person, department, _secret(platform, self.seed, name))
        self.accounts[name] = account
        return account

    def rename(self, who: Person | str, *, display_name: str | None = None, handle: str | None = None) -> None:
        """A new display name or handle; the permanent id stays."""
        person = self.person(who)
        with self.change(person):
            if handle is not None:
                del self._handles[person.platform, person.handle.lower()]
                person.handle = handle
                self._handles[person.platform, handle.lower()] = person
            if display_name is not None:
                self._new_profile(person, display_name=display_name)

    def describe(self, who: Person | str, *, description: str | None = None, avatar: Picture | None = None) -> None:
        """A new profile text or picture."""
        person = self.person(who)
        with self.change(person):
            self._new_profile(person, description=description, avatar=avatar)

    def _new_profile(
        self,
        person: Person,
        *,
        display_name: str | None = None,
        description: str | None = None,
        avatar: Picture | None = None,
    ) -> None:
        old = person.profile
        person.profiles.append(
            replace(
                old,
                at=self.now(),
                display_name=old.display_name if display_name is None else display_name,
                description=old.description if description is None else description,
                avatar=avatar or old.avatar,
            )
        )
        person.profile_indexed_at = self.now()

    def suspend(self, who: Person | str, standing: Standing = Standing.TAKEN_DOWN) -> None:
        """Take an account down, deactivate or delete it; ``restore`` undoes the first two."""
        person = self.person(who)
        with self.change(person):
            person.standing = standing

    def restore(self, who: Person | str) -> None:
        """An account is active again."""
        self.suspend(who, Standing.ACTIVE)

    def block(self, who: Person | str, whom: Person | str) -> None:
        """``who`` blocks ``whom``: their answers to each other leave the public threads (Bluesky)."""
        person = self.person(who)
        with self.change(person):
            person.blocks.add(self.person(whom).id)

    def unblock(self, who: Person | str, whom: Person | str) -> None:
        """End a block."""
        person = self.person(who)
        with self.change(person):
            person.blocks.discard(self.person(whom).id)

    # --- posts

    def post(self, who: Person | str, text: str, **details: Unpack[PostDetails]) -> Post:
        """A new post, now or at a moment of the past (``at``)."""
        person = self.person(who)
        with self.change(person):
            return self._add(person, text, None, details)

    def reply(self, who: Person | str, parent: Post, text: str, **details: Unpack[PostDetails]) -> Post:
        """An answer to a post."""
        person = self.person(who)
        with self.change(person):
            return self._add(person, text, parent, details)

    def share(self, who: Person | str, original: Post, *, at: datetime | None = None) -> Post:
        """Repeat a post (repost, boost)."""
        person = self.person(who)
        with self.change(person):
            share = self._add(person, "", None, {"at": at}, shares=original)
            original.shared_by.append(share)
            return share

    def edit(
        self,
        post: Post,
        text: str | None = None,
        *,
        pictures: Sequence[Picture] | None = None,
        content_warning: str | None = None,
        at: datetime | None = None,
    ) -> Version:
        """Change a post: Mastodon keeps the history; on Bluesky the record is overwritten under a new CID."""
        with self.change(post.author):
            old = post.latest
            version = Version(
                at or self.now(),
                old.text if text is None else text,
                old.pictures if pictures is None else tuple(pictures),
                old.content_warning if content_warning is None else content_warning,
                old.lang,
            )
            post.versions.append(version)
            post.indexed_at = version.at
            return version

    def delete(self, post: Post, *, at: datetime | None = None) -> None:
        """Its author removes a post for good."""
        with self.change(post.author):
            post.gone_at = at or self.now()
            if post in post.author.pinned:
                post.author.pinned.remove(post)

    def undelete(self, post: Post) -> None:
        """The record is made again under the same key (Bluesky), or an outage at its home is over."""
        with self.change(post.author):
            post.gone_at = None

    def take_down(self, post: Post) -> None:
        """The home server's administrator removes one record; Bluesky's views go on showing it."""
        with self.change(post.author):
            post.removed_by_admin = True

    def deliver(self, post: Post) -> None:
        """A status from elsewhere reaches the city's server at last, under its old id."""
        with self.change():
            post.undelivered = False
            post.seen_at = self.now()

    def pin(self, post: Post) -> None:
        """Put a post at the head of its author's profile."""
        with self.change(post.author):
            post.author.pinned.insert(0, post)

    def set_counts(
        self, post: Post, *, likes: int | None = None, shares: int | None = None, replies: int | None = None
    ) -> None:
        """State other totals than can be listed; ``shares`` and ``replies`` come on top of what exists."""
        with self.change():
            post.likes = post.likes if likes is None else likes
            post.extra_shares = post.extra_shares if shares is None else shares
            post.extra_replies = post.extra_replies if replies is None else replies

    # --- moderation by the city (Bluesky)

    def hide(self, reply: Post) -> None:
        """The city hides an answer below its own post."""
        root = reply.top
        with self.change(root.author):
            gate = self.gates.setdefault(root.key, Gate(root, self.now()))
            if reply not in gate.hidden:
                gate.hidden.append(reply)
            reply.hidden = True

    def unhide(self, reply: Post) -> None:
        """The city shows it again."""
        with self.change(reply.top.author):
            self.gates[reply.top.key].hidden.remove(reply)
            reply.hidden = False

    def allow_replies(self, post: Post, allow: Sequence[str] | None) -> None:
        """Who may answer: rule names (``mentionRule followerRule followingRule``), () nobody, None everybody."""
        with self.change(post.author):
            gate = self.gates.setdefault(post.key, Gate(post, self.now()))
            gate.allow = None if allow is None else tuple(allow)

    def detach(self, quote: Post) -> None:
        """The quoted author cuts a quote off."""
        if quote.quote is None:
            raise ValueError("this post quotes nothing")
        with self.change(quote.quote.author):
            gate = self.quote_gates.setdefault(quote.quote.key, QuoteGate(quote.quote, self.now()))
            gate.detached.append(quote)
            quote.detached = True

    def reattach(self, quote: Post) -> None:
        """The quote is shown again."""
        if quote.quote is None:
            raise ValueError("this post quotes nothing")
        with self.change(quote.quote.author):
            self.quote_gates[quote.quote.key].detached.remove(quote)
            quote.detached = False

    # --- inside

    def _add(
        self, person: Person, text: str, parent: Post | None, details: PostDetails, shares: Post | None = None
    ) -> Post:
        at = (details.get("at") or self.now()).astimezone(UTC)
        native = self._new_id(person, at, POSTS if shares is None else SHARES)
        version = Version(
            at,
            text,
            tuple(details.get("pictures", ())),
            details.get("content_warning", ""),
            details.get("lang", "en"),
        )
        quote = details.get("quote")
        post = Post(
            person.platform,
            native,
            f"{person.platform}:{native}",
            person,
            at,
            (details.get("seen_at") or at).astimezone(UTC),
            [version],
            parent=parent,
            root=parent.top if parent else None,
            parent_version=len(parent.versions) - 1 if parent else 0,
            root_version=len(parent.top.versions) - 1 if parent else 0,
            quote=quote,
            quote_version=len(quote.versions) - 1 if quote else 0,
            shares=shares,
            mentions=tuple(details.get("mentions", ())),
            tags=tuple(details.get("tags", ())),
            hidden_tags=tuple(details.get("hidden_tags", ())),
            card=details.get("card"),
            poll=details.get("poll"),
            visibility=details.get("visibility", "public"),
            labels=tuple(details.get("labels", ())),
            likes=details.get("likes", 0),
            breaks_gate=details.get("breaks_gate", False),
            date_style=details.get("date_style", 0),
            quote_state=details.get("quote_state", "accepted"),
            undelivered=details.get("undelivered", False),
        )
        self.posts[post.key] = post
        post.number = len(self.posts)
        person.posts.append(post)
        near = [other.author for other in (parent, quote, shares) if other is not None]
        for concerned in dict.fromkeys((*near, *post.mentions)):
            if concerned is not person:
                concerned.concerned.append(post)
        if parent is not None:
            parent.replies.append(post)
        if quote is not None:
            quote.quotes.append(post)
        return post

    def _new_id(self, person: Person, at: datetime, collection: str) -> str:
        if person.platform == MASTODON:
            return self._new_mastodon_id(at)
        micros = micros_of(at)
        while True:
            native = f"at://{person.id}/{collection}/{tid(micros, person.serial)}"
            if native not in self._used_ids:
                self._used_ids.add(native)
                return native
            micros += 1

    def _new_mastodon_id(self, at: datetime) -> str:
        serial = 0
        while True:
            native = self._mastodon_ids(at, serial)
            if native not in self._used_ids:
                self._used_ids.add(native)
                return native
            serial += 1


def _secret(platform: str, seed: int, name: str) -> str:
    letters = did_plc("secret", seed, name).rsplit(":", 1)[1]
    if platform == BLUESKY:
        return "-".join(letters[n : n + 4] for n in range(0, 16, 4))
    return letters + did_plc("more", seed, name).rsplit(":", 1)[1][:19]


def visible(posts: Iterable[Post]) -> list[Post]:
    """Those that the platform still gives out."""
    return [post for post in posts if post.available]


__all__ = ["POSTS", "SHARES", "CityAccount", "MastodonIds", "PostDetails", "World", "visible"]
