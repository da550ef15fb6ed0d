"""The feeds' part of the contract suite."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from archiver.domain.exchange import Purpose, RequestSpec
from archiver.domain.task import Meaning, TaskKind
from tests.platforms.contract.server import Case, Provided, Reply
from tests.platforms.feed_world import BASE, FEED, HOST, NOW, Site, news, task

ATOM = (("Content-Type", "application/atom+xml; charset=utf-8"),)


def provide() -> Provided:
    """A site with some articles on several pages."""
    site = Site()
    for number in range(1, 9):
        site.publish(
            number,
            f"<p>Street {number} is closed.</p><p><a href='/map'>Map</a></p>",
            at=NOW - timedelta(days=20 - 2 * number),
            enclosure=f"{BASE}/plans/{number}.pdf",
        )
    account = news(base_url=BASE)

    def serve(spec: RequestSpec, page_size: int | None) -> Reply:
        if spec.purpose is Purpose.MEDIA:
            return Reply(200, b"", (("Content-Type", "application/pdf"),))
        site.page_size = page_size or 10
        page = int(parse_qs(urlsplit(spec.url).query).get("page", ["1"])[0])
        return Reply(200, site.atom(page), ATOM)

    return Provided(
        account=account,
        serve=serve,
        tasks=(
            task(TaskKind.PROFILE, account=account),
            task(TaskKind.POLL, account=account, full=True),
            task(TaskKind.POLL, account=account, since=NOW - timedelta(days=6, hours=12)),
            task(TaskKind.BACKFILL, account=account, since=NOW - timedelta(days=19)),
            task(TaskKind.MEDIA, f"{BASE}/plans/1.pdf", account=account),
        ),
        elsewhere=news(),
        limits={},
        most_values={},
        may_hold_secret=frozenset({HOST}),
        meanings=[
            Case("a busy server names its pause", FEED, Reply(503, b"", (("Retry-After", "60"),)), Meaning.WAIT),
            Case("a bad gateway passes", FEED, Reply(502, b"<html>Bad gateway</html>"), Meaning.RETRY),
            Case("a feed that moved for good is followed", FEED, Reply(301, b"", (("Location", "/f"),)), Meaning.REDIRECT),
            Case("a feed that is gone", FEED, Reply(410), Meaning.ACCOUNT_GONE),
            Case("no feed at this address", FEED, Reply(404), Meaning.SHAPE_CHANGED),
            Case("a feed that wants a password", FEED, Reply(401), Meaning.NEEDS_TOKEN),
        ],
        totals=False,
    )  # fmt: skip
