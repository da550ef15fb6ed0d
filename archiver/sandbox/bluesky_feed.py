"""The order and filters of an author's feed, its cursors, and what an account is notified of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.sandbox.bluesky_records import cid_of, record_of
from archiver.sandbox.bluesky_views import Views, cut_off
from archiver.sandbox.ids import iso_ms, micros_of
from archiver.sandbox.model import Person, Post


def order(post: Post) -> tuple[int, str]:
    """Feeds sort by the earlier of the author's and the server's time, in milliseconds, then by CID."""
    return micros_of(min(post.created_at, post.seen_at)) // 1000, cid_of(post)


def cursor_after(post: Post) -> str:
    """The cursor that goes on below a post."""
    moment, cid = order(post)
    return f"{moment}__{cid}"


def parse_cursor(text: str) -> tuple[int, str]:
    """Raises ValueError for what is no cursor."""
    moment, separator, cid = text.partition("__")
    if not separator or not cid:
        raise ValueError(text)
    return int(moment), cid


def passes(post: Post, name: str) -> bool:
    """Whether a feed's filter lets a post through; an unknown filter is the default."""
    if name == "posts_no_replies":
        return post.shares is not None or post.parent is None
    if name == "posts_and_author_threads":
        return post.shares is not None or post.parent is None or post.top.author is post.author
    kinds = {"posts_with_media": "image", "posts_with_video": "video"}
    if name in kinds:
        return post.shares is None and any(picture.kind == kinds[name] for picture in post.latest.pictures)
    return True


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that an account is told of."""

    reason: str
    post: Post
    at: datetime
    subject: Post | None


def notices(person: Person) -> list[Notice]:
    """What an account is notified of, newest first: direct answers, mentions, quotes, shares; not deeper answers."""
    found = [notice for notice in _notices(person) if _reaches(notice, person)]
    return sorted(found, key=lambda notice: (notice.at, notice.post.id), reverse=True)


def notification(views: Views, notice: Notice, viewer: Person) -> dict[str, Any]:
    """One entry of ``listNotifications``."""
    record = record_of(notice.post)
    author = views.listed(notice.post.author, viewer)
    entry: dict[str, Any] = {"uri": record.uri, "cid": record.cid, "author": author, "reason": notice.reason}
    if notice.subject is not None:
        entry["reasonSubject"] = notice.subject.id
    entry |= {"record": record.value, "isRead": False, "indexedAt": iso_ms(notice.at), "labels": []}
    return entry


def _notices(person: Person) -> Iterator[Notice]:
    for post in person.concerned:
        if not post.available or post.breaks_gate:
            continue
        if post.parent is not None and post.parent.author is person:
            yield Notice("reply", post, post.seen_at, post.parent)
        elif post.quote is not None and post.quote.author is person:
            yield Notice("quote", post, post.seen_at, post.quote)
        elif person in post.mentions:
            yield Notice("mention", post, post.seen_at, None)
        elif post.shares is not None and post.shares.author is person:
            yield Notice("repost", post, post.seen_at, post.shares)


def _reaches(notice: Notice, person: Person) -> bool:
    """Blocked people notify nobody."""
    if notice.subject is not None and cut_off(notice.post, notice.subject):
        return False
    return notice.post.author.id not in person.blocks and person.id not in notice.post.author.blocks
