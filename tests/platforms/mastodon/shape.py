"""What of a sighting the expected results state: the officer's view, as JSON."""

from __future__ import annotations

from typing import Any

from archiver.domain.item import Body
from archiver.domain.observation import ItemSeen


def shape(seen: ItemSeen) -> dict[str, Any]:
    """A sighting in short; what is None or empty is left out, except the text."""
    author = seen.author
    whole: dict[str, Any] = {
        "key": seen.key,
        "form": None if seen.form == "post" else str(seen.form),
        "parent": seen.parent,
        "shares": seen.shares,
        "author": f"{author.native_id} {author.handle}" if author else None,
        "text": seen.body.text,
        "created": seen.created_at.isoformat() if seen.created_at else None,
        **body_shape(seen.body),
    }
    return {name: value for name, value in whole.items() if name == "text" or value not in (None, [], "")}


def body_shape(body: Body) -> dict[str, Any]:
    """What an edit can change, in short."""
    return {
        "edited": body.edited_at.isoformat() if body.edited_at else None,
        "visibility": None if body.visibility == "public" else body.visibility,
        "warning": body.content_warning,
        "lang": body.lang,
        "media": [[one.kind, one.identity, one.alt_text] for one in body.attachments or ()],
        "links": [link.url for link in body.links or () if not link.card],
        "cards": [f"{link.url} {link.title}" for link in body.links or () if link.card],
        "poll": [[option.title, option.votes] for option in body.poll.options] if body.poll else None,
        "quotes": body.quotes,
        "tags": list(body.tags or ()),
        "labels": list(body.labels or ()),
    }
