"""Reviews and recommendations of a page. The Graph API gives none since v22; pushed events still tell of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Body, Form, Person
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.platforms.facebook.ids import Names
from archiver.platforms.facebook.people import person_of
from archiver.platforms.facebook.setting import Setting
from archiver.platforms.meta.fields import count, identifier, mapping, moment, text
from archiver.platforms.meta.links import links_in

Review = Mapping[str, Any]


def review_seen(names: Names, review: Review, pointer: str, setting: Setting) -> Iterator[ItemSeen]:
    """An entry of the edge ``ratings``."""
    reviewer = person_of(names, review.get("reviewer"))
    story = mapping(review.get("open_graph_story"))
    key = review_key(names, identifier(story.get("id")), reviewer, setting.page)
    if key is not None:
        yield review_of(review, key, reviewer, moment(review.get("created_time")), pointer)


def review_key(names: Names, story_id: str | None, reviewer: Person | None, page: str | None) -> Key | None:
    """The story's id; where it is not returned, the reviewer's: everyone has one review of a page."""
    if story_id:
        return names.thing(story_id)
    return names.thing(f"{page}/reviews/{names.person_id(reviewer.native_id)}") if reviewer and page else None


def review_of(review: Review, key: Key, reviewer: Person | None, created_at: Any, pointer: str) -> ItemSeen:
    """A review with its verdict as title, so that a changed verdict is an edit."""
    words = text(review.get("review_text"))
    return ItemSeen(
        key=key,
        form=Form.REVIEW,
        author=reviewer,
        body=Body(text=words, title=_verdict(review), links=links_in(words) or None),
        created_at=created_at,
        thread=key,
        thread_author=reviewer.native_id if reviewer else None,
        pointer=pointer,
        united=True,
    )


def _verdict(review: Review) -> str | None:
    """What the reviewer thinks: recommended or not, or stars."""
    recommended = (text(review.get("recommendation_type")) or "").lower()
    if recommended in {"positive", "negative"}:
        return "Recommends" if recommended == "positive" else "Doesn't recommend"
    stars = count(review.get("rating"))
    return f"{stars} of 5 stars" if stars else None
