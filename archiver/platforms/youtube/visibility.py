"""What YouTube says of who may see something: a record's state, with the cause that its own field proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archiver.domain.item import Cause, State
from archiver.platforms.fields import text


@dataclass(frozen=True, slots=True)
class Visibility:
    """A state with its cause, both None where nothing is said; ``word`` is who may see it, of what can be seen."""

    state: State | None = None
    cause: Cause | None = None
    word: str | None = None


UNKNOWN = Visibility()
_BY_PRIVACY: Mapping[str, Visibility] = {
    "public": Visibility(State.LIVE, word="public"),
    "unlisted": Visibility(State.LIVE, word="unlisted"),
    "private": Visibility(State.HIDDEN, Cause.OWNER_PRIVATE),
}
"""A private video has no word: made public again as it was, it is shown again, and not edited."""
_BY_UPLOAD: Mapping[str, Visibility] = {
    "rejected": Visibility(State.GONE, Cause.BY_PLATFORM),
    "deleted": Visibility(State.GONE),
}
_BY_MODERATION: Mapping[str, Visibility] = {
    "published": Visibility(State.LIVE),
    "heldForReview": Visibility(State.HIDDEN, Cause.HELD_FOR_REVIEW),
    "likelySpam": Visibility(State.HIDDEN, Cause.HELD_FOR_REVIEW),
    "rejected": Visibility(State.HIDDEN),
}
"""Spam is held, too, until somebody reviews it. Who rejected a comment, owner or moderator, is not told."""


def of_status(status: Mapping[str, Any]) -> Visibility:
    """By a video's or playlist's ``status``: YouTube's own refusal or removal before the owner's choice."""
    by_upload = _BY_UPLOAD.get(text(status.get("uploadStatus")) or "")
    return by_upload or _BY_PRIVACY.get(text(status.get("privacyStatus")) or "", UNKNOWN)


def of_moderation(status: str | None) -> Visibility:
    """By a comment's ``moderationStatus``, or that of the listing in which it stands."""
    return _BY_MODERATION.get(status or "", UNKNOWN)
