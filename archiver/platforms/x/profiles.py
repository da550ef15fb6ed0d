"""An account as the archive's values: who it is, and its profile as a record.

What a reader of the profile sees is compared: name, words, place, badge, links, pictures, the pinned post, and whether
posts are protected. Counts move by themselves and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Link
from archiver.domain.observation import OWN_POSTS, AccountSeen, ItemSeen, Observation, TotalSeen
from archiver.platforms.x.fields import count, flag, identifier, mapping, moment, objects, text
from archiver.platforms.x.ids import WEBSITE, Names, permalink
from archiver.platforms.x.posts import withheld
from archiver.platforms.x.scene import person_of
from archiver.platforms.x.texts import link_of, unescaped
from archiver.platforms.x.vocabulary import named

User = Mapping[str, Any]

PROTECTED, PUBLIC = "protected", "public"
_SMALL = "_normal."
_NO_BADGE = "none"


def profile_seen(names: Names, user: User, pointer: str, asked: frozenset[str]) -> Iterator[Observation]:
    """What the account's own answer shows; the profile itself only where its words were asked for."""
    native_id, username = identifier(user.get("id")), text(user.get("username"))
    if native_id is None or not username:
        return
    yield AccountSeen(names.person(native_id), username, text(user.get("name")))
    if "description" not in asked:
        return
    key = names.profile(native_id)
    yield ItemSeen(
        key=key,
        form=Form.PROFILE,
        author=person_of(names, native_id, user),
        body=_body(user, asked),
        created_at=moment(user.get("created_at")),
        thread=key,
        thread_author=names.person(native_id),
        permalink=f"{WEBSITE}/{username}",
        pointer=pointer,
    )
    posts = count(named(mapping(user.get("public_metrics")), "tweet_count"))
    if posts is not None:
        yield TotalSeen(OWN_POSTS, posts)


def full_size(picture: str) -> str:
    """The address of a profile's picture as it was uploaded; answers have that of a small one."""
    head, small, tail = picture.rpartition(_SMALL)
    return f"{head}.{tail}" if small else picture


def _body(user: User, asked: frozenset[str]) -> Body:
    protected = flag(user.get("protected"))
    return Body(
        text=_words(user),
        title=text(user.get("name")),
        visibility=None if protected is None else PROTECTED if protected else PUBLIC,
        attachments=_pictures(user, asked),
        links=_links(user) if "url" in asked else None,
        labels=tuple(_labels(user)),
        left_out=frozenset({"text"}) if _words(user) is None else frozenset(),
    )


def _words(user: User) -> str | None:
    """The description, and a line for each of the other things that stand there in words."""
    described = text(user.get("description"))
    badge = text(user.get("verified_type"))
    facts = (("Location", text(user.get("location"))), ("Verified", None if badge == _NO_BADGE else badge))
    lines = [f"{name}: {unescaped(value)}" for name, value in facts if value]
    parts = [part for part in (unescaped(described or ""), "\n".join(lines)) if part]
    return "\n\n".join(parts) if parts or described is not None else None


def _links(user: User) -> tuple[Link, ...]:
    """Where the profile leads: its own link, those of the description, the pinned post."""
    entities = mapping(user.get("entities"))
    found = [
        link
        for name in ("url", "description")
        for _, one in objects(mapping(entities.get(name)).get("urls"))
        if (link := link_of(one)) is not None
    ]
    own = text(user.get("url"))
    if own and own.startswith(("https://", "http://")) and own not in {link.url for link in found}:
        found.insert(0, Link(own))
    if pinned := identifier(named(user, "pinned_tweet_id")):
        found.append(Link(permalink(pinned), title="Pinned post"))
    return tuple(found)


def _pictures(user: User, asked: frozenset[str]) -> tuple[Attachment, ...] | None:
    """Picture and banner; both addresses change with the file, and only then."""
    found = []
    if picture := text(user.get("profile_image_url")):
        found.append(Attachment("image", full_size(picture)))
    if banner := text(user.get("profile_banner_url")):
        found.append(Attachment("image", banner))
    return tuple(found) if found or {"profile_image_url", "profile_banner_url"} <= asked else None


def _labels(user: User) -> Iterator[str]:
    if flag(user.get("parody")):
        yield "parody"
    yield from withheld(user)
