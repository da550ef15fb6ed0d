"""What of an observation the expected results state: the officer's view, as JSON."""

from __future__ import annotations

from typing import Any

from archiver.domain.item import Body
from archiver.domain.observation import (
    AccountSeen,
    AuthorSeen,
    GoneSeen,
    ItemSeen,
    Observation,
    PastSeen,
    StateSeen,
    TotalSeen,
)


def shape(seen: Observation) -> dict[str, Any]:
    """An observation in short; what is None or empty is left out, except an empty text."""
    if isinstance(seen, ItemSeen):
        whole = _item(seen)
    elif isinstance(seen, PastSeen):
        whole = {"past": seen.key, "versions": [{"at": one.at.isoformat()} | words(one.body) for one in seen.versions]}
    elif isinstance(seen, AccountSeen):
        whole = {"account": f"{seen.native_id} {seen.handle}", "name": seen.display_name}
    elif isinstance(seen, TotalSeen):
        whole = {"total": seen.total, "of": seen.stream}
    elif isinstance(seen, GoneSeen):
        whole = {"gone": seen.key, "basis": seen.basis, "cause": seen.cause}
    elif isinstance(seen, StateSeen):
        whole = {"stated": seen.key, "state": seen.state, "basis": seen.basis, "cause": seen.cause}
    elif isinstance(seen, AuthorSeen):
        whole = {"author": seen.author, "state": seen.state, "basis": seen.basis, "cause": seen.cause}
    else:
        whole = {"other": repr(seen)}
    return {name: value for name, value in whole.items() if name == "text" or value not in (None, [], "", {})}


def words(body: Body) -> dict[str, Any]:
    """What of a record an edit can change, in short."""
    whole = {
        "title": body.title,
        "text": body.text,
        "edited": body.edited_at.isoformat() if body.edited_at else None,
        "media": [f"{one.kind} {one.identity} {one.url}" for one in body.attachments or ()],
        "alt": [one.alt_text for one in body.attachments or () if one.alt_text],
        "links": [link.url if link.expanded is None else f"{link.url} {link.expanded}" for link in body.links or ()],
        "poll": [f"{one.title}: {one.votes}" for one in body.poll.options] if body.poll else None,
        "closes": body.poll.closes_at.isoformat() if body.poll and body.poll.closes_at else None,
        "quotes": body.quotes,
        "tags": list(body.tags or ()),
        "lang": body.lang,
        "visibility": body.visibility,
        "labels": list(body.labels or ()),
        "partial": sorted(body.partial),
    }
    return {name: value for name, value in whole.items() if name == "text" or value not in (None, [], "")}


def _item(seen: ItemSeen) -> dict[str, Any]:
    author, counts = seen.author, seen.metrics
    return {
        "key": seen.key,
        "at": seen.pointer,
        "form": None if seen.form == "post" else str(seen.form),
        "parent": seen.parent,
        "thread": None if seen.thread == seen.key else seen.thread or "not told",
        "thread author": None if author and seen.thread_author == author.native_id else seen.thread_author,
        "parent author": seen.parent_author,
        "shares": seen.shares,
        "author": f"{author.native_id} {author.handle}" if author else None,
        **words(seen.body),
        "created": seen.created_at.isoformat() if seen.created_at else None,
        "state": seen.state,
        "cause": seen.cause,
        "mentions": sorted(seen.mentions),
        "counts": [counts.likes, counts.replies, counts.shares, counts.views] if counts else None,
        "permalink": seen.permalink,
        "version": seen.native_version,
        "aliases": list(seen.aliases),
        "cached": None if seen.origin else True,
    }
