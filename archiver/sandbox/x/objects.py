"""Posts, people, files, polls and places as JSON objects: the members that were asked for, but those without value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver.sandbox.model import Person, PollQuestion
from archiver.sandbox.x.files import addresses_of, default_face, face_of
from archiver.sandbox.x.ids import short_link, timestamp
from archiver.sandbox.x.model import Media, Place, Wording, XPost
from archiver.sandbox.x.parameters import Wanted
from archiver.sandbox.x.quirks import Quirks
from archiver.sandbox.x.wording import told
from archiver.sandbox.x.world import EDITABLE, EDITS, XWorld

Shown = tuple[XPost, Wording]
"""One version of a post."""


@dataclass(frozen=True, slots=True)
class Objects:
    """Makes the objects of one answer. ``base`` is where addresses of files begin."""

    x: XWorld
    base: str
    wanted: Wanted
    quirks: Quirks
    now: datetime
    viewer: Person | None = None

    # --- posts

    def post(self, shown: Shown) -> dict[str, Any]:
        """A version of a post."""
        post, version = shown
        text = told(post, version)
        value: dict[str, Any] = {
            "id": version.id,
            "text": text.text,
            "edit_history_tweet_ids": [one.id for one in post.versions],
        }
        parts: dict[str, Callable[[], object]] = {
            "author_id": lambda: post.author.id,
            "attachments": lambda: _attachments(post, version),
            "card_uri": lambda: post.card,
            "community_id": lambda: post.community,
            "conversation_id": lambda: post.top.id if post.shares is None else post.id,
            "created_at": lambda: timestamp(version.at),
            "display_text_range": lambda: list(text.shown),
            "edit_controls": lambda: _edit_controls(post),
            "entities": lambda: text.entities,
            "geo": lambda: {"place_id": post.place.id} if post.place else None,
            "in_reply_to_user_id": lambda: post.parent.author.id if post.parent else None,
            "lang": lambda: version.lang,
            "non_public_metrics": lambda: {"impression_count": post.views, "url_link_clicks": 0},
            "note_tweet": lambda: text.note,
            "organic_metrics": lambda: {"impression_count": post.views, "like_count": post.likes},
            "possibly_sensitive": lambda: post.sensitive,
            "public_metrics": lambda: _metrics(post),
            "referenced_tweets": lambda: [{"type": how, "id": one.id} for how, (_, one) in referred(post)],
            "reply_settings": lambda: post.reply_settings,
            "withheld": lambda: _withheld(post),
        }
        value |= _chosen(self.wanted.post_fields, parts)
        return self._odd(value)

    # --- people

    def person(self, person: Person) -> dict[str, Any]:
        """Somebody's profile."""
        profile = person.profile
        pinned = self.x.pinned.get(person.id)
        value: dict[str, Any] = {"id": person.id, "name": profile.display_name, "username": person.handle}
        parts: dict[str, Callable[[], object]] = {
            "created_at": lambda: timestamp(person.joined_at),
            "description": lambda: profile.description,
            "entities": lambda: _site_entities(person),
            "location": lambda: "Maple Ford" if person.official else None,
            "pinned_tweet_id": lambda: pinned.latest.id if pinned is not None else None,
            "profile_image_url": lambda: face_of(self.base, person) or default_face(self.base),
            "protected": lambda: person.id in self.x.protected,
            "public_metrics": lambda: self._counts(person),
            "url": lambda: short_link(_site(person)) if person.official else None,
            "verified": lambda: person.official,
            "verified_type": lambda: "government" if person.official else "none",
        }
        value |= _chosen(self.wanted.user_fields, parts)
        return self._odd(value)

    def _counts(self, person: Person) -> dict[str, int]:
        return {
            "followers_count": person.followers,
            "following_count": len(person.follows),
            "tweet_count": sum(1 for post in self.x.of(person) if post.gone_at is None),
            "listed_count": 0,
            "like_count": 0,
            "media_count": sum(1 for post in self.x.of(person) if post.latest.media),
        }

    # --- what belongs to posts

    def media(self, media: Media) -> dict[str, Any]:
        """A file; of a photo the address of a small one, of a video those of all its renditions."""
        photo = media.kind == "image"
        kind = "photo" if photo else "video" if media.kind == "video" else "animated_gif"
        value: dict[str, Any] = {"media_key": media.key, "type": kind}
        found = addresses_of(self.base, media)
        parts: dict[str, Callable[[], object]] = {
            "alt_text": lambda: media.picture.alt,
            "duration_ms": lambda: 12_400 if kind == "video" else None,
            "height": lambda: media.picture.height,
            "preview_image_url": lambda: None if photo else found.small,
            "public_metrics": lambda: {"view_count": 918} if kind == "video" else None,
            "url": lambda: found.small if photo else None,
            "variants": lambda: None if photo else found.variants,
            "width": lambda: media.picture.width,
        }
        value |= _chosen(self.wanted.media_fields, parts)
        return self._odd(value)

    def poll(self, poll: PollQuestion, asked_at: datetime) -> dict[str, Any]:
        """A poll as it stands."""
        over = poll.closes_at <= self.now
        options = [
            {"position": n, "label": label, "votes": votes}
            for n, (label, votes) in enumerate(zip(poll.options, poll.votes, strict=True), start=1)
        ]
        parts: dict[str, Callable[[], object]] = {
            "duration_minutes": lambda: (poll.closes_at - asked_at) // timedelta(minutes=1),
            "end_datetime": lambda: timestamp(poll.closes_at),
            "voting_status": lambda: "closed" if over else "open",
        }
        return self._odd({"id": poll.id, "options": options} | _chosen(self.wanted.poll_fields, parts))

    def place(self, place: Place) -> dict[str, Any]:
        """A place."""
        parts: dict[str, Callable[[], object]] = {
            name: lambda name=name: getattr(place, name)  # type: ignore[misc]
            for name in ("country", "country_code", "name", "place_type")
        }
        return {"id": place.id, "full_name": place.full_name} | _chosen(self.wanted.place_fields, parts)

    def _odd(self, value: dict[str, Any]) -> dict[str, Any]:
        if self.quirks.extra_fields:
            value["x_mood"] = {"of": ["nobody", 1, None]}
        return value


def referred(post: XPost) -> list[tuple[str, Shown]]:
    """What a post refers to, and how: the version that was there when it did."""
    found = (("retweeted", post.shares), ("quoted", post.quote), ("replied_to", post.parent))
    return [(how, (one, _as_of(one, post.created_at))) for how, one in found if one is not None]


def _as_of(post: XPost, at: datetime) -> Wording:
    return max((one for one in post.versions if one.at <= at), key=lambda one: one.at, default=post.versions[0])


def _chosen(names: frozenset[str], parts: dict[str, Callable[[], object]]) -> dict[str, object]:
    values = {name: made() for name, made in parts.items() if name in names}
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def _attachments(post: XPost, version: Wording) -> dict[str, Any]:
    value: dict[str, Any] = {}
    if version.media:
        value["media_keys"] = [one.key for one in version.media]
    if post.poll is not None:
        value["poll_ids"] = [post.poll.id]
    return value


def _edit_controls(post: XPost) -> dict[str, Any]:
    eligible = post.editable_until is not None
    return {
        "edits_remaining": EDITS - len(post.versions) + 1 if eligible else 0,
        "is_edit_eligible": eligible,
        "editable_until": timestamp(post.editable_until or post.created_at + EDITABLE),
    }


def _metrics(post: XPost) -> dict[str, int]:
    shown = post.shares or post
    return {
        "retweet_count": sum(1 for one in shown.reposts if one.there),
        "reply_count": sum(1 for one in shown.replies if one.gone_at is None) + shown.unseen_replies,
        "like_count": shown.likes if post.shares is None else 0,
        "quote_count": sum(1 for one in shown.quotes if one.there),
        "bookmark_count": 0,
        "impression_count": shown.views,
    }


def _withheld(post: XPost) -> dict[str, Any] | None:
    kept = post.withheld
    if kept is None:
        return None
    return {"copyright": kept.copyright, "country_codes": list(kept.country_codes), "scope": "tweet"}


def _site(person: Person) -> str:
    return f"https://{person.handle.lower()}.example"


def _site_entities(person: Person) -> dict[str, Any] | None:
    if not person.official:
        return None
    url = short_link(_site(person))
    shown = _site(person).partition("://")[2]
    return {"url": {"urls": [{"start": 0, "end": len(url), "url": url, "expanded_url": _site(person),
                              "display_url": shown}]}}  # fmt: skip
