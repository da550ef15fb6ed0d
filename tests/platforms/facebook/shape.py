"""What of an observation the expected results state: the officer's view, as JSON."""

from __future__ import annotations

import hashlib
from typing import Any

from archiver.domain.item import Body
from archiver.domain.observation import AccountSeen, GoneSeen, ItemSeen, Observation, StateSeen

_LONG = 90


def shape(seen: Observation) -> dict[str, Any]:
    """An observation in short; what is None or empty is left out."""
    if isinstance(seen, AccountSeen):
        return {"account": f"{seen.native_id} {seen.handle} {seen.display_name}"}
    if isinstance(seen, GoneSeen):
        return _without_nothing({"gone": seen.key, "basis": seen.basis, "cause": seen.cause})
    if isinstance(seen, StateSeen):
        return _without_nothing({"stated": seen.key, "state": seen.state, "basis": seen.basis, "cause": seen.cause})
    assert isinstance(seen, ItemSeen)
    author = seen.author
    return _without_nothing(
        {
            "key": seen.key,
            "at": seen.pointer,
            "form": None if seen.form == "post" else str(seen.form),
            "parent": seen.parent,
            "thread": None if seen.thread == seen.key else seen.thread,
            "shares": seen.shares,
            "author": f"{author.native_id} {author.display_name}" if author else None,
            "created": seen.created_at.isoformat() if seen.created_at else None,
            "state": seen.state,
            "cause": seen.cause,
            "mentions": sorted(seen.mentions),
            "aliases": list(seen.aliases),
            **body_shape(seen.body),
        }
    )


def body_shape(body: Body) -> dict[str, Any]:
    """What an edit can change, in short."""
    return {
        "text": shortened(body.text),
        "title": body.title,
        "edited": body.edited_at.isoformat() if body.edited_at else None,
        "visibility": body.visibility,
        "media": [[one.kind, one.identity, one.alt_text] for one in body.attachments or ()],
        "links": [link.url for link in body.links or () if not link.card],
        "cards": [f"{link.url} {link.title}" for link in body.links or () if link.card],
        "labels": list(body.labels or ()),
        "partial": sorted(body.partial & {"attachments", "text"}),
    }


def shortened(text: str | None) -> str | None:
    """A text; of a long one the beginning, the length and a digest."""
    if text is None or len(text) <= _LONG:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[:50]} … ({len(text)}, {digest})"


def _without_nothing(whole: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in whole.items() if (name == "text" and value == "") or value not in (None, [], "")
    }
