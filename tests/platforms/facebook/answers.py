"""Answers and deliveries in the exact shape of the platform's, made up (facebook.md, section 17), and what reads them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.item import Body
from archiver.domain.observation import ItemSeen, Observation
from archiver.platforms.facebook.ids import Names
from archiver.platforms.facebook.reading import read

PAGE, POST, COMMENT, REPLY = "104000000000101", "910000000000321", "555000000000001", "555000000000002"
WHOLE = f"{PAGE}_{POST}"
CITY = {"name": "City of Elmbrook", "id": PAGE}
PAT = {"name": "Pat Example", "id": "7100000000000001"}
NAMES = Names.of(Account("city", "facebook", PAGE))
GRAPH = "https://graph.facebook.com/v26.0"
CDN = "https://scontent-iad3-1.xx.fbcdn.net"


def picture(number: str, signature: str = "1") -> dict[str, Any]:
    """A photo as an attachment."""
    address = f"https://www.facebook.com/photo.php?fbid={number}&set=a.900000000000009&type=3"
    return {
        "media": {"image": {"height": 720, "src": f"{CDN}/v/{number}_n.jpg?oh={signature}&oe=69300A1C", "width": 540}},
        "media_type": "photo",
        "target": {"id": number, "url": address},
        "type": "photo",
        "url": address,
    }


def album(*photos: dict[str, Any]) -> dict[str, Any]:
    """Several photos, as a post has them."""
    return {"data": [{"media_type": "album", "type": "album", "title": "Photos", "target": {"id": POST},
                      "subattachments": {"data": list(photos)}}]}  # fmt: skip


def link(url: str = "https://elmbrook.example/leaf", signature: str = "AT3") -> dict[str, Any]:
    """A link to another site, behind the redirect whose signature changes."""
    shim = f"https://l.facebook.com/l.php?u=https%3A%2F%2Felmbrook.example%2Fleaf&h={signature}"
    return {"data": [{"media_type": "link", "type": "share", "title": "Leaves", "description": "When and where",
                      "media": {"image": {"src": f"https://external.xx.fbcdn.net/safe_image.php?d={signature}"}},
                      "unshimmed_url": url, "url": shim, "target": {"url": shim}}]}  # fmt: skip


def post(**more: Any) -> dict[str, Any]:
    """A post of the page, all told."""
    return {
        "id": WHOLE,
        "created_time": "2026-11-03T14:05:11+0000",
        "updated_time": "2026-11-04T08:12:40+0000",
        "from": CITY,
        "message": "Leaf pick-up starts Monday. Details: https://elmbrook.example/leaf",
        "status_type": "mobile_status_update",
        "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{POST}/",
        "is_published": True,
        "is_hidden": False,
        "is_expired": False,
        "timeline_visibility": "normal",
        "privacy": {"allow": "", "deny": "", "description": "Public", "friends": "", "value": "EVERYONE"},
        "shares": {"count": 3},
        "comments": {"data": [], "summary": {"order": "chronological", "total_count": 4, "can_comment": True}},
        "reactions": {"data": [], "summary": {"total_count": 12, "viewer_reaction": "NONE"}},
    } | more


def comment(number: str = COMMENT, **more: Any) -> dict[str, Any]:
    """A comment on the post."""
    return {
        "id": f"{POST}_{number}",
        "created_time": "2026-11-03T15:00:00+0000",
        "from": PAT,
        "message": "What about Oak Street?",
        "comment_count": 1,
        "like_count": 2,
        "is_hidden": False,
        "is_private": False,
        "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{POST}/?comment_id={number}",
    } | more


def listing(*entries: dict[str, Any]) -> dict[str, Any]:
    """A page of a list."""
    after = f"{GRAPH}/x?access_token=REDACTED&after=QVFIUnR3bw"
    return {"data": list(entries), "paging": {"cursors": {"before": "QQ", "after": "QR"}, "next": after}}


def exchange(path: str, answer: Any, **more: Any) -> Exchange:
    """The answer to a call."""
    words: dict[str, Any] = {"status": 200, "body": json.dumps(answer).encode()} | more
    return Exchange("0", 0, "city", f"{GRAPH}/{path}", "posts", datetime(2026, 11, 22, tzinfo=UTC), **words)


def pushed(*changes: dict[str, Any], entry: str = PAGE) -> Exchange:
    """A delivery with these changes."""
    whole = {"object": "page", "entry": [{"id": entry, "time": 1793720000, "changes": list(changes)}]}
    return Exchange(
        "0", 0, "city", "https://archive.example/push", "push", datetime(2026, 11, 22, tzinfo=UTC), method="POST",
        request_body=json.dumps(whole).encode(), status=200, task_kind="push", subject=entry,
    )  # fmt: skip


def feed(item: str, verb: str, **value: Any) -> dict[str, Any]:
    """A change of the page's feed."""
    return {"field": "feed", "value": {"item": item, "verb": verb, "post_id": WHOLE} | value}


def shown(path: str, answer: Any, **more: Any) -> list[Observation]:
    """What an answer shows."""
    return list(read(NAMES, exchange(path, answer, **more)))


def records(path: str, answer: Any, **more: Any) -> list[ItemSeen]:
    """The records in an answer."""
    return [one for one in shown(path, answer, **more) if isinstance(one, ItemSeen)]


def record(path: str, answer: Any, **more: Any) -> ItemSeen:
    """The one record in an answer."""
    (one,) = records(path, answer, **more)
    return one


def body(path: str, answer: Any) -> Body:
    """What of the one record in an answer an edit can change."""
    return record(path, answer).body
