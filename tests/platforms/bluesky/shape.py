"""Observations as the short JSON of the expected results."""

from __future__ import annotations

from typing import Any

from archiver.domain.observation import (
    AccountSeen,
    GateSeen,
    GoneSeen,
    ItemSeen,
    Observation,
    StateSeen,
    TotalSeen,
)


def shape(seen: Observation) -> dict[str, Any]:
    """One observation; what is absent is left out."""
    if isinstance(seen, ItemSeen):
        return {"record": seen.key}
    if isinstance(seen, GateSeen):
        return {"gate": seen.gate, "scope": seen.scope, "members": sorted(seen.members), "basis": seen.basis}
    if isinstance(seen, AccountSeen):
        words = {"account": seen.native_id, "handle": seen.handle, "name": seen.display_name, "facts": dict(seen.facts)}
        return _given(words)
    if isinstance(seen, TotalSeen):
        return {"total": seen.stream, "count": seen.total}
    if isinstance(seen, GoneSeen):
        return _given({"gone": seen.key, "basis": seen.basis, "cause": seen.cause and str(seen.cause)})
    assert not isinstance(seen, StateSeen), "Bluesky states no visibility without showing the record"
    raise AssertionError(f"unexpected: {seen}")


def record_shape(seen: ItemSeen) -> dict[str, Any]:
    """A sighting, with what an expectation is about."""
    body, author = seen.body, seen.author
    words = {
        "form": str(seen.form) if seen.form != "post" else None,
        "parent": seen.parent,
        "thread": seen.thread if seen.thread != seen.key else None,
        "shares": seen.shares,
        "quotes": body.quotes,
        "author": " ".join(filter(None, (author.native_id, author.handle, author.display_name))) if author else None,
        "text": body.text,
        "title": body.title,
        "created": seen.created_at.isoformat() if seen.created_at else None,
        "lang": body.lang,
        "media": [[a.kind, a.identity, a.alt_text, a.mime, a.width, a.height] for a in body.attachments or ()],
        "links": [[link.url, link.title, link.card] for link in body.links or ()],
        "tags": list(body.tags or ()),
        "labels": list(body.labels or ()),
        "mentions": sorted(seen.mentions),
        "counts": [seen.metrics.likes, seen.metrics.replies, seen.metrics.shares] if seen.metrics else None,
        "version": seen.native_version,
        "origin": seen.origin,
        "permalink": seen.permalink,
    }
    return _given(words)


def _given(words: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in words.items() if value not in (None, [], {})}
