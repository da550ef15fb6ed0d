"""Polls of a feed: what is complete, and what may be missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from archiver.domain.task import Covered, Finding, NotOffered, Shortfall, Step, TaskKind
from archiver.platforms.feed import FeedAdapter
from archiver.platforms.feed.walking import OUTRUN
from tests.platforms.feed_world import FEED, NOW, Site, exchange, task

HOUR = timedelta(hours=1)


def poll(site: Site, last: Step | None = None, **more: Any) -> tuple[Step, list[Finding]]:
    """One poll from the cursor of the last one."""
    one = task(TaskKind.POLL, cursor=last.cursor if last else None, **more)
    adapter = FeedAdapter(one.account)
    step, found = adapter.start(one), list[Finding]()
    while not step.done:
        page = int(step.requests[0].url.partition("page=")[2] or 1)
        step = adapter.proceed(one, step, exchange(site.atom(page), url=step.requests[0].url))
        found += step.findings
    return step, found


def site_of(count: int, *, paged: bool) -> Site:
    """A site that shows five articles at a time, one an hour."""
    site = Site(page_size=5, paged=paged)
    for number in range(count):
        site.publish(number, at=NOW - (count - number) * HOUR)
    return site


def test_the_first_look_covers_what_the_feed_shows() -> None:
    """From its oldest entry on; the past before is not offered."""
    _, found = poll(site_of(5, paged=False))
    assert [(one.from_at, one.until_at) for one in found if isinstance(one, Covered)] == [(NOW - 5 * HOUR, NOW)]
    assert [one.stream for one in found if isinstance(one, NotOffered)] == ["older posts"]


def test_a_page_that_meets_the_last_one_is_complete() -> None:
    """Some entry was there before, so none in between is missing, however short the feed is."""
    site = site_of(5, paged=False)
    last, _ = poll(site)
    site.publish(99, at=NOW)
    _, found = poll(site, last, since=NOW - timedelta(days=3))
    assert found == [Covered("posts", NOW - timedelta(days=3), NOW, absence=False)]


def test_a_page_that_meets_nothing_may_have_lost_entries() -> None:
    """All entries are new: what was pushed out between two polls is a gap."""
    last, _ = poll(site_of(5, paged=False))
    site = site_of(30, paged=False)
    site.articles = site.articles[10:]
    _, found = poll(site, last, since=NOW - timedelta(days=3))
    (gap,) = [one for one in found if isinstance(one, Shortfall)]
    assert (gap.from_at, gap.until_at, gap.reason) == (NOW - timedelta(days=3), NOW - 5 * HOUR, OUTRUN)


def test_older_pages_are_asked_for_where_the_feed_has_them() -> None:
    """RFC 5005: then nothing is lost."""
    last, _ = poll(site_of(5, paged=True))
    site = site_of(30, paged=True)
    _, found = poll(site, last, since=NOW - 20 * HOUR)
    assert found == [Covered("posts", NOW - 20 * HOUR, NOW, absence=False)]


def test_the_next_page_stays_on_the_feed_s_server() -> None:
    """A stranger's address in the feed is not asked."""
    one = task(TaskKind.POLL, full=True)
    adapter = FeedAdapter(one.account)
    body = site_of(30, paged=True).atom().replace(FEED.encode() + b"?page", b"http://127.0.0.1/x?page")
    assert adapter.proceed(one, adapter.start(one), exchange(body)).done


def test_no_absence_is_a_removal() -> None:
    """An entry that is not shown any more was pushed out, as far as a feed can tell."""
    _, found = poll(site_of(30, paged=True), full=True)
    assert [one.absence for one in found if isinstance(one, Covered)] == [False]
