"""What a perfect archive of an account holds now and has held, to be compared with an export.

An archive knows what it saw: each ``look`` is the moment of a perfect capture, and the truth is made from all looks.
Mastodon's edit histories show what happened between two looks, too; Bluesky's overwritten records do not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from archiver.sandbox.bluesky_records import PROFILE, cid_of
from archiver.sandbox.images import Picture
from archiver.sandbox.mastodon_entities import named, sees
from archiver.sandbox.mastodon_html import seen, typed
from archiver.sandbox.model import BLUESKY, Person, Post, Standing, Version
from archiver.sandbox.reach import nearby, reachable
from archiver.sandbox.world import CityAccount, World


@dataclass(frozen=True, slots=True)
class TrueAttachment:
    """A picture or film as uploaded. ``alt`` None: the platform gives none."""

    kind: str
    mime: str
    alt: str | None
    sha256: str
    size_bytes: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class TrueVersion:
    """One state of a record: what a reader saw. ``native`` is Bluesky's CID; ``at`` the author's time of it."""

    text: str
    content_warning: str
    attachments: tuple[TrueAttachment, ...]
    state: str
    at: datetime
    native: str | None = None


@dataclass(slots=True)
class TrueRecord:
    """A record. ``versions`` in order; ``events`` by name, in order; ``causes`` are those that a source proves."""

    key: str
    native_id: str
    kind: str
    parent: str | None
    thread: str
    quotes: str | None
    author_id: str
    author_handle: str
    author_name: str
    created_at: datetime
    visibility: str
    versions: list[TrueVersion] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    state: str = "live"
    causes: frozenset[str | None] = frozenset({None})
    detached: bool = False

    @property
    def texts(self) -> list[str]:
        """The text of each version."""
        return [version.text for version in self.versions]

    @property
    def attachments(self) -> tuple[TrueAttachment, ...]:
        """The attachments as last seen."""
        return self.versions[-1].attachments


@dataclass(frozen=True, slots=True)
class TrueProfile:
    """One state of the account's own profile."""

    display_name: str
    description: str
    avatar_sha256: str | None


@dataclass(slots=True)
class Truth:
    """All that belongs to one account. ``profile_key`` names the record of its profile.

    ``records`` is what must be held, ``optional`` what may be held beside it (the threads of other people in which the
    account answered); no other record belongs to the account.
    """

    account: str
    platform: str
    profile_key: str
    profiles: list[TrueProfile]
    records: dict[str, TrueRecord]
    optional: dict[str, TrueRecord] = field(default_factory=dict)

    def by_kind(self) -> dict[str, int]:
        """How many records there are of each kind."""
        counts: dict[str, int] = {}
        for record in self.records.values():
            counts[record.kind] = counts.get(record.kind, 0) + 1
        return counts

    def by_state(self) -> dict[str, int]:
        """How many records are in each state."""
        counts: dict[str, int] = {}
        for record in self.records.values():
            counts[record.state] = counts.get(record.state, 0) + 1
        return counts


def stored(text: str) -> str:
    """A text as rows and exports have it: NUL and lone surrogates replaced by U+FFFD."""
    return "".join("\ufffd" if c == "\0" or 0xD800 <= ord(c) <= 0xDFFF else c for c in text)


class Observer:
    """Remembers what each perfect capture saw. ``look`` is called after a capture, ``truth`` looks once more."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._truths: dict[tuple[str, bool], Truth] = {}

    def look(self, name: str, *, authenticated: bool = False) -> Truth:
        """A perfect capture of an account happened just now; what the archive holds after it."""
        with self._world.lock:
            account = self._world.accounts[name]
            truth = self._truths.get((name, authenticated))
            if truth is None:
                truth = self._truths[name, authenticated] = _empty(account)
            self._see_profile(truth, account.person)
            found = reachable(self._world, account, authenticated=authenticated)
            around = nearby(account, authenticated=authenticated)
            around = {post for post in around - found if post.key not in truth.records}
            viewer = account.person if authenticated else None
            for posts, records in ((found, truth.records), (around, truth.optional)):
                for post in sorted(posts, key=lambda p: (p.created_at, p.id)):
                    if post.key not in records:
                        known = truth.optional.pop(post.key) if post.key in truth.optional else None
                        records[post.key] = known or _record(post, account.person, viewer)
                    _see(records[post.key], post)
                for key in records.keys() - {post.key for post in posts}:
                    self._ask(records[key], self._world.posts[key], account, viewer)
            return truth

    def _ask(self, record: TrueRecord, post: Post, account: CityAccount, viewer: Person | None) -> None:
        """What is known but can't be found any more is asked for by its id."""
        there = post.available if account.platform == BLUESKY else sees(viewer, post)
        if post.removed_by_admin and post.author is account.person:
            there = False
        if there:
            _see(record, post)
        elif record.state != "gone":
            record.state = "gone"
            record.events.append("gone")
            record.causes = _causes(post, account.person)

    @staticmethod
    def _see_profile(truth: Truth, person: Person) -> None:
        if not person.active:
            return
        now = person.profile
        avatar = now.avatar.sha256 if now.avatar else None
        profile = TrueProfile(now.display_name, now.description, avatar)
        if not truth.profiles or truth.profiles[-1] != profile:
            truth.profiles.append(profile)


def _empty(account: CityAccount) -> Truth:
    person = account.person
    bluesky = account.platform == BLUESKY
    key = f"bluesky:at://{person.id}/{PROFILE}/self" if bluesky else f"mastodon:accounts/{person.id}"
    return Truth(account.name, account.platform, key, [], {})


def _record(post: Post, owner: Person, viewer: Person | None) -> TrueRecord:
    quoted = (post.shares or post).quote
    return TrueRecord(
        key=post.key,
        native_id=post.id,
        kind=_kind(post, owner, viewer),
        parent=post.parent.key if post.parent and _parent_known(post) else None,
        thread=_thread(post, viewer).key,
        quotes=quoted.key if quoted else None,
        author_id=post.author.id,
        author_handle=post.author.handle,
        author_name=post.author.profile.display_name,
        created_at=post.created_at,
        visibility=post.visibility,
    )


def _see(record: TrueRecord, post: Post) -> None:
    """Weigh one sighting against what is known."""
    state = "hidden" if post.hidden else "live"
    before = record.versions[-1].state if record.versions else "live"
    if not record.versions:
        record.events.append("seen")
    elif record.state == "gone":
        record.events.append("restored")
    if before != state:
        record.events.append("hidden" if state == "hidden" else "unhidden")
    fresh = _unseen_versions(record, post)
    if not fresh and before != state:
        record.versions.append(replace(record.versions[-1], state=state))
    for version in fresh:
        if record.versions:
            record.events.append("edited")
        # Of what an edit history tells, only the last one's visibility is known.
        record.versions.append(_version(post, version, state if version is fresh[-1] else "live"))
    record.state = state
    record.detached = post.detached
    record.causes = frozenset({"by_city"}) if state == "hidden" else frozenset({None})


def _unseen_versions(record: TrueRecord, post: Post) -> list[Version]:
    """Bluesky shows the present version alone, Mastodon all of them."""
    if post.platform == BLUESKY:
        known = bool(record.versions) and record.versions[-1].native == cid_of(post)
        return [] if known else [post.latest]
    times = {version.at for version in record.versions}
    return [version for version in post.versions if version.at not in times]


def _version(post: Post, version: Version, state: str) -> TrueVersion:
    shown = post.shares.latest if post.shares else version
    source = post.shares or post
    if post.platform == BLUESKY:
        text, warning = shown.text, ""
    else:
        text, warning = seen(shown.text, named(source)), shown.content_warning
    attachments = tuple(_attachment(picture, post.platform) for picture in shown.pictures)
    native = cid_of(post, post.versions.index(version)) if post.platform == BLUESKY else None
    return TrueVersion(text, warning, attachments, state, version.at, native)


def _attachment(picture: Picture, platform: str) -> TrueAttachment:
    alt = picture.alt or "" if platform == BLUESKY else picture.alt or None
    size = len(picture.data)
    return TrueAttachment(picture.kind, picture.mime, alt, picture.sha256, size, picture.width, picture.height)


def _parent_known(post: Post) -> bool:
    """Mastodon forgets the parent of an answer when the parent is removed."""
    return post.platform == BLUESKY or (post.parent is not None and not post.parent.gone)


def _thread(post: Post, viewer: Person | None) -> Post:
    """The root; on Mastodon no further up than to an answer that is not shown, of which only the id is known."""
    if post.platform == BLUESKY:
        return post.top
    top = post
    while top.parent is not None and not top.parent.gone and (top is post or sees(viewer, top)):
        top = top.parent
    return top


def _kind(post: Post, owner: Person, viewer: Person | None) -> str:
    if post.shares is not None:
        return "share"
    top = _thread(post, viewer)
    if top is post:
        if post.quote is not None:
            return "quote"
        return "mention" if post.author is not owner and owner in post.mentions else "post"
    if top.author is owner and post.parent is top:
        return "comment"
    if top.author is not owner and post.author is not owner and owner in post.mentions:
        return "mention"
    return "reply"


def _causes(post: Post, owner: Person) -> frozenset[str | None]:
    """Causes that an archive may give without guessing."""
    if post.removed_by_admin and not post.gone:
        return frozenset({None, "by_platform"})
    if post.author.standing is Standing.DELETED:
        return frozenset({None, "account_closed"})
    if post.author.standing is not Standing.ACTIVE:
        return frozenset({None, "author_suspended", "account_closed", "author_protected"})
    if post.author is owner:
        return frozenset({None, "by_city", "by_author"})
    return frozenset({None, "by_author"})


__all__ = ["Observer", "TrueAttachment", "TrueProfile", "TrueRecord", "TrueVersion", "Truth", "stored", "typed"]
