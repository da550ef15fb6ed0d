"""What of an observation the expected results state: the officer's view, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from archiver.domain.access import AccessSeen
from archiver.domain.observation import AccountSeen, FactSeen, GoneSeen, ItemSeen, Observation


def shape(seen: Observation) -> dict[str, Any]:
    """An observation in short; what is None or empty is left out."""
    match seen:
        case ItemSeen():
            whole = _item(seen)
        case AccountSeen():
            whole = {"account": seen.native_id, "handle": seen.handle, "name": seen.display_name}
        case GoneSeen():
            whole = {"gone": seen.key, "basis": seen.basis}
        case FactSeen():
            whole = {"fact": seen.name, "value": seen.value}
        case AccessSeen():
            whole = {"access": {name: str(value) for name, value in asdict(seen).items()}}
        case _:
            whole = {"other": repr(seen)}
    return {name: value for name, value in whole.items() if value not in (None, [], "", ())}


def _item(seen: ItemSeen) -> dict[str, Any]:
    body, author = seen.body, seen.author
    return {
        "key": seen.key,
        "form": None if seen.form == "post" else str(seen.form),
        "parent": seen.parent,
        "thread": seen.thread,
        "shares": seen.shares,
        "quotes": body.quotes,
        "author": f"{author.native_id} {author.handle}" if author else None,
        "title": body.title,
        "text": body.text,
        "created": seen.created_at.isoformat() if seen.created_at else None,
        "state": str(seen.state) if seen.state else None,
        "media": [[one.kind, one.identity, one.alt_text] for one in body.attachments or ()],
        "links": [f"{link.url}{' (card)' if link.card else ''}" for link in body.links or ()],
        "poll": [[option.title, option.votes] for option in body.poll.options] if body.poll else None,
        "closes": body.poll.closes_at.isoformat() if body.poll and body.poll.closes_at else None,
        "tags": list(body.tags or ()),
        "labels": list(body.labels or ()),
        "permalink": seen.permalink,
        "pointer": seen.pointer,
        "aliases": list(seen.aliases),
    }
