"""What of an observation the expected results state: the officer's view, as JSON."""

from __future__ import annotations

from typing import Any

from archiver.domain.observation import AccountSeen, GoneSeen, ItemSeen, Observation, TotalSeen


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
    return {name: value for name, value in whole.items() if name == "text" or value not in (None, [], "", {})}


def _item(seen: ItemSeen) -> dict[str, Any]:
    author, body, counts = seen.author, seen.body, seen.metrics
    return {
        "key": seen.key,
        "at": seen.pointer,
        "form": None if seen.form == "post" else str(seen.form),
        "parent": seen.parent,
        "thread": None if seen.thread == seen.key else seen.thread,
        "author": f"{author.native_id} {author.handle}" if author else None,
        "title": body.title,
        "text": body.text,
        "created": seen.created_at.isoformat() if seen.created_at else None,
        "state": seen.state,
        "media": [f"{one.kind} {one.identity} {file_of(one.url)}" for one in body.attachments or ()],
        "links": [link.url for link in body.links or ()],
        "quotes": body.quotes,
        "visibility": body.visibility,
        "labels": list(body.labels or ()),
        "mentions": sorted(seen.mentions),
        "left out": sorted(body.left_out),
        "counts": [counts.likes, counts.replies] if counts else None,
        "permalink": seen.permalink,
        "aliases": list(seen.aliases),
    }


def file_of(url: str) -> str:
    """The name of a file without the signature around it."""
    return url.partition("?")[0].rpartition("/")[2]
