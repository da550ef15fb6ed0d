"""Facebook's part of the contract suite."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.task import Meaning, TaskKind
from tests.platforms.contract.server import NOW as CAPTURED
from tests.platforms.contract.server import Case, Provided, Reply
from tests.platforms.facebook_world import (
    BASE,
    BOB,
    CDN,
    MISSING,
    NOW,
    PAGE,
    REDUCE,
    Answer,
    Server,
    fault,
    page,
    person,
    stamp,
    task,
)

POST = f"{PAGE}_910000000000305"
GONE_POST, GONE_COMMENT = f"{PAGE}_910000000000302", "910000000000305_555000000000003"


def provide() -> Provided:
    """A page with posts of two sources, a reel, a story, an album, a thread with replies, and what was removed."""
    server, account = _story(), page()

    def serve(spec: RequestSpec, page_size: int | None) -> Reply:
        server.page_most = page_size or 100
        url = re.sub(r"([?&]limit=)(\d+)", lambda m: f"{m[1]}{min(page_size or 100, int(m[2]))}", spec.url)
        status, headers, body = server.answer(replace(spec, url=url))
        return Reply(status, body, headers)

    return Provided(
        account=account,
        serve=serve,
        tasks=(
            task(TaskKind.ACCESS, account=account),
            task(TaskKind.PROFILE, account=account),
            task(TaskKind.PROFILE, account=page(native_id=None)),
            task(TaskKind.POLL, account=account, full=True),
            task(TaskKind.POLL, account=account, since=NOW - timedelta(days=6, hours=12)),
            task(TaskKind.BACKFILL, account=page(native_id=None), since=NOW - timedelta(days=19)),
            task(TaskKind.POLL, account=page(messages=True), full=True),
            task(TaskKind.THREAD, f"facebook:{POST}", account=account),
            task(TaskKind.CONFIRM, f"facebook:{GONE_POST}", f"facebook:{GONE_COMMENT}", f"facebook:{POST}",
                 account=account),
            task(TaskKind.MENTIONS, account=account, full=True),
            task(TaskKind.MEDIA, "facebook:photo:910000000000301", account=account),
            task(TaskKind.MEDIA, "facebook:file:map.png", account=account, address=f"{CDN}/map.png?oe=7F000000"),
        ),
        elsewhere=page(base_url=None),
        limits={"limit": (1, 100)},
        most_values={},
        may_hold_secret=frozenset({"graph.facebook.com"}),
        meanings=_meanings(account),
        totals=False,
    )  # fmt: skip


def _story() -> Server:
    server, day = Server(), timedelta(days=1)
    for n in range(1, 6):
        server.post(910000000000300 + n, f"Notice {n}", at=NOW - (12 - 2 * n) * day)
    server.post(910000000000310, "The hydrant leaks", author=BOB, at=NOW - day, edges=["visitor_posts", "feed"])
    tagged = server.post(910000000000311, "Thanks!", author=BOB, at=NOW - 3 * day, edges=["tagged"])
    tagged["tagged_time"] = tagged["created_time"]
    server.list(f"{PAGE}/video_reels", {
        "id": "1220000000000077", "description": "Ribbon cutting", "created_time": stamp(NOW - 2 * day), "length": 31.4,
        "permalink_url": "/reel/1220000000000077/", "source": f"{CDN}/x.mp4?oe=7F000000", "post_id": "910000000000500",
        "from": person(PAGE),
    })  # fmt: skip
    server.lists[f"{PAGE}/stories"] = [{
        "post_id": "910000000000600", "status": "PUBLISHED", "creation_time": str(int(NOW.timestamp()) - 3600),
        "media_type": "photo", "media_id": "910000000000601", "url": "https://facebook.com/stories/1/",
    }]  # fmt: skip
    server.list(f"{PAGE}/albums", {"id": "900000000000009", "name": "Timeline Photos", "count": 3,
                                   "created_time": stamp(NOW - 90 * day), "from": person(PAGE)})  # fmt: skip
    for n in range(1, 4):
        sizes = [{"width": 100 * k, "height": 50 * k, "source": f"{CDN}/{n}_{k}.jpg?oe=7F000000"} for k in (1, 3, 2)]
        server.list("900000000000009/photos", {
            "id": f"91000000000030{n}", "name": f"Leaf {n}", "created_time": stamp(NOW - n * day), "images": sizes,
        })  # fmt: skip
    conversation = server.list(f"{PAGE}/conversations", {"id": "t_1", "updated_time": stamp(NOW - day)})
    server.lists[f"{conversation['id']}/messages"] = [
        {"id": f"m_{n}", "created_time": stamp(NOW - day), "from": person(BOB), "to": {"data": [person(PAGE)]}, "message": "?"}
        for n in (2, 1)
    ]  # fmt: skip
    first = server.comment(POST, 555000000000001)
    for n in range(2, 8):
        server.comment(POST, 555000000000000 + n, f"Answer {n}", to=first if n % 2 else None, is_hidden=n == 4)
    server.delete(GONE_POST)
    server.delete(GONE_COMMENT)
    return server


def _meanings(account: Account) -> list[Case]:
    """A few of the table; the adapter's own tests have the rest."""
    root = f"{BASE}/v26.0"
    listing, below = f"{root}/{PAGE}/published_posts?fields=id&limit=100", f"{root}/{POST}/comments?fields=id&limit=100"

    def case(name: str, url: str, answer: Answer, meaning: Meaning, minutes: int | None = None) -> Case:
        until = None if minutes is None else CAPTURED + timedelta(minutes=minutes)
        return Case(name, url, Reply(answer[0], answer[2], answer[1]), meaning, until=until)

    blocked = fault(80001)
    header = '{"104":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":17}]}'
    blocked = (blocked[0], (*blocked[1], ("X-Business-Use-Case-Usage", header)), blocked[2])
    return [
        case("a limit with an end", listing, blocked, Meaning.WAIT, 17),
        case("a limit without one", listing, fault(4), Meaning.WAIT, 5),
        case("a dead token", listing, fault(190, 463), Meaning.ACCESS_LOST),
        case("a permission without which nothing is read", listing, fault(10), Meaning.ACCESS_LOST),
        case("a permission that only comments need", below, fault(10), Meaning.PROCEED),
        case("a post that is not there is an answer", f"{root}/{POST}?fields=id,message,status_type", MISSING,
             Meaning.PROCEED),
        case("a page that is not there", f"{root}/{PAGE}?fields=id,is_published", MISSING, Meaning.ACCESS_LOST),
        case("too much at once", listing, (500, (), json.dumps(REDUCE).encode()), Meaning.PROCEED),
        case("a fault that passes", listing, fault(2, status=500), Meaning.RETRY),
    ]  # fmt: skip
