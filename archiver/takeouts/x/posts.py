"""A post of an archive, brought into the form in which the API shows posts, so that both are read alike.

What an archive lacks stays absent: the conversation, polls, whose post was reposted, most counts. Reposts are told by
their beginning alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from archiver.domain.item import Person
from archiver.domain.keys import Key
from archiver.domain.observation import OWN_ACCOUNT, ItemSeen, PastSeen
from archiver.platforms.x.answer import Answer
from archiver.platforms.x.fields import flag, identifier, identifiers, mapping, objects, text
from archiver.platforms.x.ids import Names, is_id, made_at
from archiver.platforms.x.posts import repost_seen
from archiver.platforms.x.scene import Scene
from archiver.platforms.x.texts import unescaped
from archiver.platforms.x.versions import records
from archiver.takeouts.x.entities import entities_of, number

Object = Mapping[str, Any]

_TOLD = frozenset({"id", "text", "attachments", "entities", "referenced_tweets", "edit_history_tweet_ids"})
"""What an archive leaves out where it has no value; long texts are elsewhere."""
_REPOST = re.compile(r"RT @\w{1,15}: ", re.ASCII)
_LONGEST_REPOST = 144  # 140 code points; older archives count some of them twice
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = re.compile(r"\w{3} (\w{3}) ([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) \+0000 ([0-9]{4})", re.ASCII)
_FIRST_POST = datetime(2006, 3, 21, tzinfo=UTC)
_PREFIX = {"photo": "3", "video": "7", "animated_gif": "16"}


@dataclass(frozen=True, slots=True)
class Writer:
    """Whose archive it is, as far as it says."""

    names: Names
    native_id: str | None
    handle: str | None
    display_name: str | None

    @property
    def user(self) -> Object:
        """As the API shows a person."""
        known = {"id": self.native_id, "username": self.handle, "name": self.display_name}
        return {name: value for name, value in known.items() if value}


def written_at(value: Any) -> datetime | None:
    """``Sat Jun 06 13:02:35 +0000 2020``, or with ISO 8601 in the oldest archives; None for what can't be."""
    if not isinstance(value, str):
        return None
    try:
        match = _TIME.fullmatch(value)
        if match:
            month, day, hour, minute, second, year = match.groups()
            at = datetime(
                int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC
            )
        else:
            at = datetime.fromisoformat(value)
            at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return at if at >= _FIRST_POST else None


def tweet_of(entry: Any) -> Object:
    """The post in an entry; very old layouts have no wrapper."""
    whole = mapping(entry)
    return mapping(whole.get("tweet")) or whole


def post_id(tweet: Object) -> str | None:
    """The id of a post."""
    native_id = identifier(tweet.get("id_str")) or identifier(tweet.get("id"))
    return native_id if native_id and is_id(native_id) else None


def post_time(tweet: Object) -> datetime | None:
    """When a post was written; a few archives have a time before X existed, but an id tells it, too."""
    return written_at(tweet.get("created_at")) or made_at(post_id(tweet) or "")


def post_text(tweet: Object) -> str | None:
    """The text, escaped as the API has it."""
    return text(tweet.get("full_text")) or text(tweet.get("text"))


def shown(writer: Writer, tweet: Object, pointer: str, note: Object | None) -> Iterator[ItemSeen | PastSeen]:
    """The record that a post is; ``note``: its whole text, where it is a long one."""
    native_id = post_id(tweet)
    if native_id is None:
        return
    post = _as_post(writer, tweet, native_id, note)
    scene = _scene(writer, post, _media(tweet), pointer)
    if is_repost(tweet):
        yield _by_writer(writer, repost_seen(scene, post, native_id, pointer))
        return
    for seen in records(scene, scene.answer.data, set()):
        if isinstance(seen, ItemSeen):
            yield _by_writer(writer, seen)
        elif isinstance(seen, PastSeen):
            yield seen


def key_of(writer: Writer, tweet: Object) -> Key | None:
    """The key of a post's record."""
    native_id = post_id(tweet)
    return writer.names.post(_chain(tweet, native_id)[0]) if native_id else None


def is_repost(tweet: Object) -> bool:
    """Whether it looks like a repost. One that somebody typed looks the same, if it is as short."""
    words = unescaped(post_text(tweet) or "")
    return bool(_REPOST.match(words)) and len(words) <= _LONGEST_REPOST and not tweet.get("in_reply_to_status_id_str")


def media_of(tweet: Object) -> Iterator[tuple[str, Object]]:
    """The media of a post, all of them, each with the digits that name it."""
    extended = mapping(tweet.get("extended_entities")).get("media")
    listed = extended if isinstance(extended, list) else mapping(tweet.get("entities")).get("media")
    for _, one in objects(listed):
        native_id = identifier(one.get("id_str")) or identifier(one.get("id"))
        if native_id and is_id(native_id):
            yield native_id, one


def _by_writer(writer: Writer, seen: ItemSeen) -> ItemSeen:
    """All that an archive shows is by its owner, whether or not it says who that is."""
    if seen.author is not None:
        return seen
    author = Person(OWN_ACCOUNT, handle=writer.handle, display_name=writer.display_name)
    return replace(seen, author=author, thread_author=OWN_ACCOUNT if seen.thread == seen.key else seen.thread_author)


def _scene(writer: Writer, post: Object, media: Mapping[str, Object], pointer: str) -> Scene:
    user = writer.user
    answer = Answer(
        data=((pointer, post),), posts=(), users={writer.native_id: user} if writer.native_id else {}, media=media,
        polls={}, places={}, problems=(), meta={},
    )  # fmt: skip
    return Scene.of_download(writer.names, answer, _TOLD)


def _as_post(writer: Writer, tweet: Object, native_id: str, note: Object | None) -> Object:
    at = post_time(tweet)
    post: dict[str, Any] = {
        "id": native_id,
        "text": post_text(tweet),
        "author_id": writer.native_id,
        "created_at": at.isoformat() if at else None,
        "edit_history_tweet_ids": list(_chain(tweet, native_id)),
        "entities": entities_of(mapping(tweet.get("entities"))),
        "lang": text(tweet.get("lang")),
        "possibly_sensitive": flag(tweet.get("possibly_sensitive")),
        "community_id": identifier(tweet.get("community_id_str")),
        "note_tweet": note,
        "public_metrics": _counts(tweet),
    }
    keys = [f"{_PREFIX.get(str(one.get('type')), '0')}_{media_id}" for media_id, one in media_of(tweet)]
    if keys:
        post["attachments"] = {"media_keys": keys}
    post |= _references(tweet)
    return {name: value for name, value in post.items() if value is not None}


def _references(tweet: Object) -> dict[str, Any]:
    """What it answers and what it quotes. People who have gone are ``-1``."""
    answered = identifier(tweet.get("in_reply_to_status_id_str")) or identifier(tweet.get("in_reply_to_status_id"))
    person = identifier(tweet.get("in_reply_to_user_id_str")) or identifier(tweet.get("in_reply_to_user_id"))
    quoted = identifier(tweet.get("quoted_status_id_str"))
    listed = [("replied_to", answered), ("quoted", quoted)]
    found: dict[str, Any] = {
        "referenced_tweets": [{"type": how, "id": one} for how, one in listed if one and is_id(one)]
    }
    if person and is_id(person):
        found["in_reply_to_user_id"] = person
    return found


def _chain(tweet: Object, native_id: str) -> tuple[str, ...]:
    """The ids of all versions; archives have them since 2022."""
    info = mapping(tweet.get("edit_info"))
    edit = mapping(info.get("edit"))
    control = mapping(edit.get("editControlInitial")) or mapping(info.get("initial"))
    chain = tuple(one for one in identifiers(control.get("editTweetIds")) if is_id(one))
    first = identifier(edit.get("initialTweetId"))
    if native_id not in chain:
        chain = (first, native_id) if first and is_id(first) and first != native_id else (native_id,)
    return chain


def _counts(tweet: Object) -> dict[str, int]:
    counts = {"like_count": number(tweet.get("favorite_count")), "retweet_count": number(tweet.get("retweet_count"))}
    return {name: value for name, value in counts.items() if value is not None}


def _media(tweet: Object) -> dict[str, Object]:
    """The media of a post as the API shows them."""
    found: dict[str, Object] = {}
    for native_id, one in media_of(tweet):
        kind = text(one.get("type")) or ""
        size = mapping(one.get("original_info"))
        still = text(one.get("media_url_https")) or text(one.get("media_url"))
        medium = {
            "type": kind,
            "url" if kind == "photo" else "preview_image_url": still,
            "alt_text": text(one.get("ext_alt_text")),
            "width": number(size.get("width")),
            "height": number(size.get("height")),
            "variants": list(_variants(one)),
        }
        found[f"{_PREFIX.get(kind, '0')}_{native_id}"] = {name: value for name, value in medium.items() if value}
    return found


def _variants(medium: Object) -> Iterator[dict[str, Any]]:
    for _, one in objects(mapping(medium.get("video_info")).get("variants")):
        rate = number(one.get("bitrate"))
        yield {"content_type": one.get("content_type"), "url": one.get("url")} | ({"bit_rate": rate} if rate else {})
