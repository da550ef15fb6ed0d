"""Polls and backfills list the account's posts completely, and say so only then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.task import Covered, FollowUp, Meaning, Shortfall, TaskKind
from archiver.platforms.mastodon import MastodonAdapter
from tests.platforms.mastodon_world import ANN, BASE, CITY, HOST, NOW, Answer, Server, carry_out, city, task

DAY = timedelta(days=1)


def posts(count: int, server: Server | None = None) -> Server:
    """So many posts, an hour apart, the newest an hour ago."""
    server = server or Server()
    for n in range(count):
        server.post(str(113000000000000000 + n), content=f"<p>Post {n}</p>", at=NOW - timedelta(hours=count - n))
    return server


def poll(server: Server, **more: Any) -> Any:
    """One poll."""
    return carry_out(server, task(TaskKind.POLL, **more))


@pytest.mark.parametrize("count", [0, 1, 39, 40, 41, 80, 95])
def test_a_full_poll_lists_everything_also_with_an_exact_multiple_of_the_page(count: int) -> None:
    """Forty posts make a page with a next one that is empty."""
    server = posts(count)
    done = poll(server, full=True)
    assert sorted(set(done.keys)) == sorted(f"mastodon:{native_id}" for native_id in server.statuses)
    assert done.findings == [Covered("posts", None, NOW)]


@given(count=st.integers(0, 30), size=st.integers(1, 12))
def test_any_page_size_gives_the_same_posts(count: int, size: int) -> None:
    """A server that clamps the limit gives less at a time, not less."""
    server = posts(count)
    server.page_most = size
    assert len(set(poll(server, full=True).keys)) == count


def test_pages_that_a_filter_left_empty_do_not_end_the_listing() -> None:
    """Some servers filter after their query: a page may be empty while a next one exists."""
    server = posts(95)
    server.hidden_pages = {2}
    done = poll(server, full=True)
    assert len(set(done.keys)) == 55
    assert [parse_qs(urlsplit(url).query).get("max_id") for url in done.urls[:3]] == [
        None,
        ["113000000000000055"],
        ["113000000000000015"],
    ]


def test_empty_pages_without_end_end_the_listing_with_a_gap() -> None:
    """A server that gives nothing but next pages is not followed for ever."""
    server = Server()
    server.faults = [(200, [("Link", f'<{BASE}/x?max_id={n}>; rel="next"')], b"[]") for n in range(50)]
    done = poll(server, since=NOW - DAY)
    assert len(done.exchanges) == 21
    assert [type(one) for one in done.findings] == [Shortfall]


def test_a_page_that_repeats_ends_the_listing_and_is_not_complete() -> None:
    """A server that ignores ``max_id`` gives the first page again and again; the span before it stays open."""
    server = posts(45)
    first: list[Answer] = []

    class Stuck(Server):
        """Always the first page."""

        def answer(self, spec: Any) -> Answer:
            first.append(server.answer(spec))
            return first[0]

    done = carry_out(Stuck(), task(TaskKind.POLL, since=NOW - 30 * DAY))
    assert len(done.exchanges) == 2
    oldest = NOW - timedelta(hours=40)
    assert done.findings == [
        Covered("posts", oldest, NOW),
        Shortfall("posts", NOW - 30 * DAY, oldest, "the server gave the same page again"),
    ]


def test_a_poll_stops_at_its_window_and_says_from_when_on_it_is_complete() -> None:
    """Nothing is asked that lies before the window."""
    done = poll(posts(200), since=NOW - 2 * DAY)
    assert len(done.exchanges) == 2
    assert done.findings == [Covered("posts", NOW - 2 * DAY, NOW)]
    assert {f"mastodon:{113000000000000200 - n}" for n in range(1, 48)} <= set(done.keys)


def test_a_post_that_was_dated_back_does_not_end_a_poll() -> None:
    """One old date at a page's end says nothing of what follows."""
    server = posts(95)
    server.statuses["113000000000000055"]["created_at"] = "2019-01-01T00:00:00.000Z"
    done = poll(server, since=NOW - 4 * DAY)
    assert "mastodon:113000000000000015" in done.keys


def test_a_window_that_ends_in_the_past_is_complete_up_to_its_end() -> None:
    """A backfill between two dates."""
    done = carry_out(posts(95), task(TaskKind.BACKFILL, since=NOW - 3 * DAY, until=NOW - DAY))
    assert done.findings == [Covered("posts", NOW - 3 * DAY, NOW - DAY)]


def test_no_request_depends_on_an_id_that_is_known() -> None:
    """``since_id`` leaves gaps and ids are no watermark: pages only go back by ``max_id``."""
    for full in (True, False):
        done = poll(posts(95), full=full, since=NOW - 90 * DAY)
        assert {name for url in done.urls for name in parse_qs(urlsplit(url).query)} <= {"limit", "max_id", "pinned"}


def test_nothing_is_left_out_of_a_listing() -> None:
    """Answers to others and boosts are records, too."""
    server = posts(3)
    other = server.post("900", ANN, at=NOW - 9 * DAY)
    server.boost("113000000000000100", other)
    server.post("113000000000000101", to="900")
    done = poll(server, full=True)
    assert len(set(done.keys)) == 5
    assert not any("exclude" in url for url in done.urls)


def test_pinned_posts_are_read_with_a_full_listing() -> None:
    """They have no Link header, and no more than one page."""
    server = posts(2)
    server.pinned = ["113000000000000000"]
    assert [url for url in poll(server, full=True).urls if "pinned=true" in url] == [
        f"/api/v1/accounts/{CITY}/statuses?pinned=true"
    ]
    assert not [url for url in poll(server, since=NOW - DAY).urls if "pinned" in url]


class Moving(Server):
    """A server on which something happens before each page after the first."""

    def answer(self, spec: Any) -> Answer:
        """Something happens, then the answer."""
        if len(self.asked) == 1:
            self.happens()
        return Server.answer(self, spec)

    def happens(self) -> None:
        """What happens."""


def test_new_posts_while_paging_are_harmless() -> None:
    """Pages by ``max_id`` do not move; the new post is there at the next poll."""

    class Busy(Moving):
        def happens(self) -> None:
            self.post("113000000000000999", at=NOW)

    server = posts(95, Busy())
    assert len(set(poll(server, full=True).keys)) == 95


def test_a_post_deleted_between_two_pages_costs_no_other() -> None:
    """Not even when it is the one at which the next page begins."""

    class Deleting(Moving):
        def happens(self) -> None:
            self.delete("113000000000000055")
            self.delete("113000000000000054")

    server = posts(95, Deleting())
    keys = set(poll(server, full=True).keys)
    assert {f"mastodon:{native_id}" for native_id in server.statuses} <= keys


def test_an_edited_post_has_its_history_read() -> None:
    """The versions between two polls are on the server only."""
    server = posts(3)
    server.edit("113000000000000001", "<p>New</p>", NOW)
    assert poll(server, full=True).follow_ups == [FollowUp(TaskKind.HISTORY, "mastodon:113000000000000001")]


def test_a_boost_of_an_edited_post_has_no_history_of_its_own() -> None:
    """The history is the other's."""
    server = posts(1)
    original = server.post("900", ANN)
    server.edit("900", "<p>New</p>", NOW)
    server.boost("113000000000000100", original)
    assert poll(server, full=True).follow_ups == []


def test_the_account_s_id_is_looked_up_as_long_as_nobody_knows_it() -> None:
    """A first poll may come before the first profile."""
    done = poll(posts(3), account=city(native_id=None), full=True)
    assert done.urls[:2] == ["/api/v1/accounts/lookup?acct=city", f"/api/v1/accounts/{CITY}/statuses?limit=40"]
    assert len(set(done.keys)) == 4


def test_the_whole_handle_is_looked_up_on_another_server() -> None:
    """Where the account's domain is not that of the server (a gateway, a web domain of its own)."""
    account = city(native_id=None, base_url="https://gateway.example/masto/")
    step = MastodonAdapter(account).start(task(TaskKind.POLL, account=account))
    assert step.requests[0].url == f"https://gateway.example/masto/api/v1/accounts/lookup?acct=city%40{HOST}"


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_listing_goes_on_from_its_cursor_in_another_process(stop_after: int) -> None:
    """The cursor alone tells where, at whatever address the server is by then."""
    server = posts(95)
    first = task(TaskKind.POLL, full=True)
    adapter = MastodonAdapter(first.account)
    begun = carry_out(server, first, stop_after=stop_after)
    step = adapter.start(first)
    for exchange in begun.exchanges:
        step = adapter.proceed(first, step, exchange)
    moved = city(base_url="https://new.example")
    server.base = server.link_base = "https://new.example"
    rest = carry_out(server, task(TaskKind.POLL, account=moved, cursor=step.cursor, full=True))
    assert len(set(begun.keys) | set(rest.keys)) == 95
    assert rest.findings == [Covered("posts", None, NOW)]
    assert len(begun.exchanges) + len(rest.exchanges) == 4


def test_a_token_revoked_in_mid_run_ends_it_without_a_word_on_coverage() -> None:
    """Nothing that was not listed is called complete."""

    class Revoking(Moving):
        def happens(self) -> None:
            self.token = "revoked"

    done = poll(posts(95, Revoking()), account=city(authenticated=True), full=True)
    assert done.verdicts[-1].meaning is Meaning.ACCESS_LOST
    assert done.findings == []


@pytest.mark.parametrize("authenticated", [True, False])
def test_private_posts_come_with_the_token_only_and_say_so(authenticated: bool) -> None:
    """Their visibility is stored, so that no export takes them for public."""
    server = posts(1)
    for n, visibility in enumerate(["public", "unlisted", "private", "direct"]):
        server.post(f"11310000000000000{n}", visibility=visibility)
    done = poll(server, account=city(authenticated=authenticated), full=True)
    seen = {one.body.visibility for one in done.items}
    assert seen == ({"public", "unlisted", "private", "direct"} if authenticated else {"public", "unlisted"})
