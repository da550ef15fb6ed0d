"""What of an observation the expected results state: the officer's view, as JSON."""

from __future__ import annotations

from typing import Any

from archiver.domain.observation import AccountSeen, GoneSeen, ItemSeen, Observation, TotalSeen

_LONGEST = 80


def shape(seen: Observation) -> dict[str, Any]:
    """An observation in short; what is None or empty is left out, except an empty text."""
    if isinstance(seen, ItemSeen):
        whole = _item(seen)
    elif isinstance(seen, AccountSeen):
        whole = {"account": f"{seen.native_id} {seen.handle}", "name": seen.display_name, "facts": dict(seen.facts)}
    elif isinstance(seen, TotalSeen):
        whole = {"total": seen.total, "of": seen.stream}
    elif isinstance(seen, GoneSeen):
        whole = {"gone": seen.key, "basis": seen.basis, "cause": seen.cause}
    else:
        whole = {"other": repr(seen)}
    return {name: value for name, value in whole.items() if value not in (None, [], {}) and (name == "text" or value)}


def _item(seen: ItemSeen) -> dict[str, Any]:
    author, body, counts = seen.author, seen.body, seen.metrics
    return {
        "key": seen.key,
        "at": seen.pointer,
        "form": None if seen.form == "post" else str(seen.form),
        "parent": seen.parent,
        "thread": "itself" if seen.thread == seen.key else seen.thread,
        "thread author": seen.thread_author,
        "parent author": seen.parent_author,
        "author": f"{author.native_id} {author.handle or '-'} {author.display_name or '-'}" if author else None,
        "title": body.title,
        "text": short(body.text),
        "created": seen.created_at.isoformat() if seen.created_at else None,
        "edited": body.edited_at.isoformat() if body.edited_at else None,
        "state": f"{seen.state} {seen.cause or ''}".strip() if seen.state else None,
        "visibility": body.visibility,
        "lang": body.lang,
        "media": [f"{one.kind} {one.identity} {one.alt_text or ''}".strip() for one in body.attachments or ()],
        "links": [link.url for link in body.links or ()],
        "labels": list(body.labels or ()),
        "tags": len(body.tags or ()),
        "partial": sorted(body.partial),
        "counts": [counts.views, counts.likes, counts.replies] if counts else None,
        "permalink": seen.permalink,
        "initial": seen.initial,
    }


def short(text: str | None) -> str | None:
    """A text, a long one by its beginning and length."""
    return text if text is None or len(text) <= _LONGEST else f"{text[:_LONGEST]} … {len(text)} characters"
