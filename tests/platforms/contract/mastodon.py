"""Mastodon's part of the contract suite."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archiver.domain.account import Account
from archiver.domain.exchange import Purpose, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Meaning, TaskKind
from tests.platforms.contract.server import Case, Provided, Reply
from tests.platforms.mastodon_world import ANN, BASE, BOB, NOW, Server, attachment, city, task


def provide() -> Provided:
    """A city with some statuses, a boost, an edit, a thread with a removed answer, mentions."""
    server, known = _story()
    account = city(base_url=BASE)
    login = replace(account, authenticated=True)
    picture = attachment()["url"]

    def serve(spec: RequestSpec, page_size: int | None) -> Reply:
        if spec.purpose is Purpose.MEDIA:
            return Reply(200, b"", (("Content-Type", "image/jpeg"),))
        server.page_most = page_size or 40
        url = re.sub(r"([?&]limit=)(\d+)", lambda m: f"{m[1]}{min(page_size or 40, int(m[2]))}", spec.url)
        status, headers, body = server.answer(replace(spec, url=url))
        return Reply(status, body, tuple(headers))

    return Provided(
        account=account,
        serve=serve,
        tasks=(
            task(TaskKind.PROFILE, account=account),
            task(TaskKind.PROFILE, account=city(base_url=BASE, native_id=None)),
            task(TaskKind.POLL, account=account, full=True),
            task(TaskKind.POLL, account=account, since=NOW - timedelta(days=6, hours=12)),
            task(TaskKind.BACKFILL, account=account, since=NOW - timedelta(days=19)),
            task(TaskKind.THREAD, "mastodon:1010", account=account, known=known),
            task(TaskKind.CONFIRM, "mastodon:1012", "mastodon:1013", "mastodon:1001", account=account),
            task(TaskKind.HISTORY, "mastodon:1003", account=account),
            task(TaskKind.MENTIONS, account=login, full=True),
            task(TaskKind.MEDIA, picture, account=account),
        ),
        elsewhere=city(),
        limits={"limit": (1, 80)},
        most_values={"id[]": 40, "types[]": 20, "exclude_types[]": 20},
        may_hold_secret=frozenset({BASE.removeprefix("https://")}),
        meanings=_meanings(account),
    )


def _story() -> tuple[Server, tuple[Key, ...]]:
    server, day = Server(), timedelta(days=1)
    for n in range(1, 9):
        server.post(str(1000 + n), content=f"<p>Notice {n}</p>", at=NOW - (20 - 2 * n) * day)
    server.edit("1003", "<p>Notice 3, corrected</p>", NOW - 2 * day)
    server.statuses["1004"]["media_attachments"] = [attachment()]
    original = server.post("900", ANN, "<p>Trail closed</p>", at=NOW - 4 * day)
    server.boost("1009", original, at=NOW - 3 * day)
    server.post("1010", content="<p>Hearing on Tuesday</p>", at=NOW - 2 * day)
    for n, (author, parent) in enumerate([(ANN, "1010"), (BOB, "1010"), (ANN, "1012"), (BOB, "1011")], start=1011):
        server.post(str(n), author, f"<p>Answer {n}</p>", at=NOW - day, to=parent)
    known = tuple(Key(f"mastodon:{n}") for n in range(1010, 1015))
    server.delete("1012")
    server.notices = [
        {"id": str(n), "type": "mention", "created_at": "2026-03-09T12:00:00.000Z", "account": server.people[ANN],
         "status": server.statuses[key]} for n, key in ((52, "1011"), (51, "1013"))
    ]  # fmt: skip
    server.pinned = ["1001"]
    return server, known


def _meanings(account: Account) -> list[Case]:
    """A few of the table; the adapter's own tests have the rest."""
    listing = f"{BASE}/api/v1/accounts/{account.native_id}/statuses?limit=40"
    status = f"{BASE}/api/v1/statuses/1010"
    resets = (
        ("X-RateLimit-Limit", "300"),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", "2026-03-10T12:05:00.000000Z"),
    )
    page = Reply(502, b"<html>Bad gateway</html>", (("Content-Type", "text/html"),))
    limited = Reply(429, b'{"error": "Too many requests"}', resets)
    missing = Reply(404, b'{"error": "Record not found"}')
    return [
        Case("429 waits until the moment in X-RateLimit-Reset", listing, limited, Meaning.WAIT,
             until=datetime(2026, 3, 10, 12, 5, tzinfo=UTC)),
        Case("a bad gateway passes", listing, page, Meaning.RETRY),
        Case("a status that is not there is an answer", status, missing, Meaning.PROCEED),
        Case("an account that is not there is gone", listing, missing, Meaning.ACCOUNT_GONE),
    ]  # fmt: skip
