"""Polls and backfills: every source of a page, none of them trusted alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.task import Covered, Meaning, TaskKind
from archiver.platforms.meta.fieldlists import asked_fields
from archiver.platforms.meta.requests import limit_of, query_of
from archiver.platforms.progress import AGAIN
from tests.platforms.facebook_world import (
    MISSING,
    NOW,
    PAGE,
    TOKEN,
    Answer,
    Server,
    carry_out,
    fault,
    page,
    person,
    resumed,
    stamp,
    task,
)

FULL = task(TaskKind.POLL, full=True)
WINDOW = task(TaskKind.POLL, since=NOW - timedelta(days=3))
DAY = timedelta(days=1)


def posts(count: int = 5, **more: Any) -> Server:
    """A page with so many posts, one a day, the newest of yesterday."""
    server = Server(**more)
    for n in range(count):
        server.post(910000000000300 - n, f"Notice {n}", at=NOW - (n + 1) * DAY)
    return server


def test_all_sources_are_read_and_what_several_show_is_one_record() -> None:
    """A post is on three lists, a reel on two and as a post: each has one key."""
    server = posts(2)
    reel = {"id": "1220000000000077", "description": "Ribbon", "created_time": stamp(NOW), "post_id": "910000000000300"}
    for edge in ("video_reels", "videos"):
        server.list(f"{PAGE}/{edge}", reel)
    done = carry_out(server, FULL)
    assert [path.partition("/")[2] for path in done.paths] == [
        "published_posts", "posts", "feed", "visitor_posts", "video_reels", "videos", "stories", "live_videos", "events",
        "albums", "ratings",
    ]  # fmt: skip
    assert done.keys == [f"facebook:{PAGE}_910000000000300", f"facebook:{PAGE}_910000000000299"]
    assert [one.from_at for one in done.covered("posts")] == [None]


def test_a_frequent_poll_stops_at_its_window_and_leaves_the_rare_sources_out() -> None:
    """Its window overlaps what is known; nothing older is asked for."""
    server = posts(30, page_most=5)
    done = carry_out(server, WINDOW)
    assert done.paths.count(f"{PAGE}/published_posts") == 2
    assert f"{PAGE}/posts" not in done.paths
    assert f"{PAGE}/ratings" not in done.paths
    assert done.covered("posts") == [Covered("posts", WINDOW.since, NOW, roots=True)]


def test_no_window_is_sent_and_no_link_is_followed() -> None:
    """Windows of the API have holes, and its links hold the token."""
    server = posts(9, page_most=2)
    done = carry_out(server, WINDOW)
    asked = [name for exchange in done.exchanges for name, _ in query_of(exchange.url)]
    assert {"since", "until", "access_token"} & set(asked) == set()
    assert TOKEN not in json.dumps([[spec.url for spec in server.asked], done.cursors])
    assert "after" in asked


def test_the_page_s_id_is_found_out_first() -> None:
    """As long as nobody knows it, its name is asked about; the lists are asked for by the id."""
    done = carry_out(posts(1), task(TaskKind.POLL, account=page(native_id=None), full=True))
    assert done.paths[0] == "elmbrook"
    assert {path.partition("/")[0] for path in done.paths[1:]} == {PAGE}


def test_pages_may_be_empty_and_go_on() -> None:
    """Entries that the token may not see are filtered after the query."""
    server = posts(9, page_most=2)
    hidden = server.lists[f"{PAGE}/published_posts"][2:4]

    def filtered(server: Server, answer: Answer) -> Answer:
        body = json.loads(answer[2])
        body["data"] = [one for one in body["data"] if one["id"] not in {post["id"] for post in hidden}]
        return answer[0], answer[1], json.dumps(body).encode()

    server.after = filtered
    done = carry_out(server, FULL)
    assert len(done.keys) == 7
    assert done.covered("posts")


def test_a_cursor_that_comes_twice_ends_the_source_and_is_no_complete_list() -> None:
    """The bug is known; the alarm is a gap."""
    server = posts(9, page_most=3)
    server.loops = {f"{PAGE}/published_posts"}
    done = carry_out(server, FULL)
    assert done.short()["posts"] == AGAIN
    assert all(one.from_at is not None for one in done.covered("posts"))
    assert f"{PAGE}/feed" in done.paths


REFUSALS: list[tuple[str, str, Answer, str, str]] = [
    ("reviews that were given up", "ratings", fault(12), "never", "reviews"),
    ("a permission that the feed needs", "feed", fault(10), "short", "feed"),
    ("a permission that visitors' posts need", "visitor_posts", fault(200, 2069030), "short", "visitor posts"),
    ("an edge that the platform says does not exist", "video_reels", fault(100), "short", "reels"),
    ("stories that can't be read", "stories", MISSING, "short", "stories"),
]


@pytest.mark.parametrize(("sentence", "edge", "answer", "how", "stream"), REFUSALS)
def test_a_source_that_is_refused_ends_by_itself(
    sentence: str, edge: str, answer: Answer, how: str, stream: str
) -> None:
    """Never the account's round, and not the posts that other sources show."""
    server = posts(3)
    server.refused[edge] = answer
    done = carry_out(server, FULL)
    assert stream in (done.never() if how == "never" else done.short()), sentence
    assert len(done.keys) == 3
    assert done.covered("posts")
    assert {one.meaning for one in done.verdicts} == {Meaning.PROCEED}
    assert not any(one.stream == stream for one in done.findings if isinstance(one, Covered))


def test_a_source_that_is_offered_again_closes_its_gap() -> None:
    """By covering its own stream in the ledger."""
    done = carry_out(posts(3), FULL)
    for _, _, _, _, stream in REFUSALS:
        assert done.covered(stream), stream


@pytest.mark.parametrize("code", [190, 10])
def test_what_the_page_cannot_be_read_without_ends_the_round(code: int) -> None:
    """A dead token, and the permission to read the page's own posts."""
    server = posts(3)
    server.refused["published_posts"] = fault(code, 463)
    done = carry_out(server, FULL)
    assert [one.meaning for one in done.verdicts] == [Meaning.ACCESS_LOST]
    assert done.findings == []


def test_silence_of_everything_is_no_empty_page() -> None:
    """A person's token lists nothing with status 200: nothing is covered, and the clerk hears what to do."""
    server = posts(3, silent=True, holder="122000000000055")
    done = carry_out(server, FULL)
    assert done.paths[-1] == "me"
    assert "archiver account connect" in done.short()["posts"]
    assert done.covered("posts") == []


def test_silent_lists_beside_others_that_speak_are_a_gap() -> None:
    """Albums and reels show, posts do not: what is known is not confirmed gone, and the watermark stays."""
    server = posts(3)
    server.list(f"{PAGE}/albums", {"id": "900000000000001", "name": "Timeline", "count": 0, "created_time": stamp(NOW)})
    for edge in ("published_posts", "posts", "feed"):
        server.lists[f"{PAGE}/{edge}"].clear()
    for of in (FULL, WINDOW):
        done = carry_out(server, of)
        assert "none of the page's posts" in done.short()["posts"]
        assert done.covered("posts") == []


def test_a_new_page_has_nothing() -> None:
    """The page's own token says whose it is, so its silence is believed."""
    done = carry_out(Server(), FULL)
    assert done.paths[-1] == "me"
    assert done.covered("posts")
    assert "posts" not in done.short()


def test_what_is_too_much_is_asked_for_in_smaller_pages() -> None:
    """Halved until it passes; all posts come, with all their fields."""
    server = posts(40, heaviest=30 * 12)
    done = carry_out(server, FULL)
    assert len(done.keys) == 40
    limits = {limit_of(one.url) for one in done.exchanges if "published_posts" in one.url and one.status == 200}
    assert limits <= {6, 12}
    assert all("attachments" in (asked_fields(one.url) or "") for one in done.exchanges if "published_posts" in one.url)
    assert done.covered("posts")


def test_what_is_too_much_even_alone_comes_without_its_dearest_fields() -> None:
    """Down to one entry, then lighter; a source that is still too much is a gap of this source."""
    lighter = carry_out(posts(2, heaviest=25), FULL)
    assert len(lighter.keys) == 2
    assert lighter.covered("posts")
    nothing = carry_out(posts(2, heaviest=3), FULL)
    assert "reduce the amount" in nothing.short()["posts"]


def test_a_field_that_is_refused_is_dropped_for_all_and_remembered() -> None:
    """In this task, and by a fact for those to come; the others come with every field but this one."""
    server = posts(3, unknown={"timeline_visibility"})
    done = carry_out(server, FULL)
    assert len(done.keys) == 3
    assert sum(one.status == 400 for one in done.exchanges) == 1
    assert "field post.timeline_visibility" in done.never()
    server.asked.clear()
    later = carry_out(server, task(TaskKind.POLL, account=page(facts=done.facts), full=True))
    assert not any("timeline_visibility" in spec.url for spec in server.asked)
    assert all(one.status == 200 for one in later.exchanges)


def test_a_cursor_that_died_begins_its_source_again() -> None:
    """It names an entry, and dies with it."""
    server = posts(9, page_most=3)
    died: list[str] = []

    def dying(_server: Server, spec: Any) -> None:
        dies = "published_posts" in spec.url and "after=" in spec.url and not died
        if dies:
            died.append(spec.url)
        server.refused = {"published_posts": fault(100, message="Invalid cursors values")} if dies else {}

    server.before = dying
    done = carry_out(server, FULL)
    assert died
    assert len(done.keys) == 9
    assert done.covered("posts") == [Covered("posts", None, NOW, roots=True)]
    assert done.paths.count(f"{PAGE}/published_posts") == 5


def test_a_cursor_that_dies_every_time_is_given_up() -> None:
    """What its source did not show is a gap; the task ends."""
    server = posts(9, page_most=3)

    def dying(_server: Server, spec: Any) -> None:
        dies = "published_posts" in spec.url and "after=" in spec.url
        server.refused = {"published_posts": fault(100, message="Invalid cursors values")} if dies else {}

    server.before = dying
    done = carry_out(server, FULL)
    assert "Invalid cursors" in done.short()["posts"]
    assert all(one.from_at is not None for one in done.covered("posts"))


def test_a_full_poll_goes_back_to_where_the_account_s_window_begins() -> None:
    """``since`` of the configuration; without it to the first post."""
    server = posts(30, page_most=5)
    done = carry_out(server, task(TaskKind.POLL, since=NOW - 9 * DAY, full=True))
    assert 10 <= len(done.keys) <= 15
    assert len(carry_out(server, FULL).keys) == 30


def test_hidden_posts_and_events_that_were_called_off_are_asked_for() -> None:
    """By themselves lists leave them out, as if they were gone."""
    asked = {
        one.url.partition("?")[0].rpartition("/")[2]: dict(query_of(one.url))
        for one in carry_out(posts(1), FULL).exchanges
    }
    assert {name for name, query in asked.items() if query.get("include_hidden") == "true"} == {
        "published_posts", "posts", "feed", "visitor_posts",
    }  # fmt: skip
    assert asked["events"]["include_canceled"] == "true"


def test_lists_that_are_not_by_time_are_read_to_their_end() -> None:
    """Albums and events: an old one first says nothing of those after it."""
    server = posts(1, page_most=2)
    for n in range(6):
        server.lists.setdefault(f"{PAGE}/events", []).append(
            {"id": f"60000000000000{n}", "name": "Market", "created_time": stamp(NOW - (900 - n) * DAY)}
        )
    done = carry_out(server, WINDOW)
    assert done.paths.count(f"{PAGE}/events") == 3


def test_albums_lead_to_their_photos() -> None:
    """Those that changed; an empty one leads nowhere."""
    server = posts(1)
    for native_id, count, changed in (
        ("900000000000001", 2, NOW),
        ("900000000000002", 0, NOW),
        ("900000000000003", 5, None),
    ):
        server.list(f"{PAGE}/albums", {
            "id": native_id, "name": "Album", "count": count, "created_time": stamp(NOW - 90 * DAY), "from": person(PAGE),
            "updated_time": stamp(changed or NOW - 80 * DAY),
        })  # fmt: skip
    server.list("900000000000001/photos", {"id": "910000000000301", "created_time": stamp(NOW), "images": []})
    server.refused["900000000000003/photos"] = MISSING
    often, whole = carry_out(server, WINDOW), carry_out(server, FULL)
    assert [path for path in often.paths if "/photos" in path] == ["900000000000001/photos"]
    assert [path for path in whole.paths if "/photos" in path] == ["900000000000003/photos", "900000000000001/photos"]
    assert "facebook:910000000000301" in whole.keys
    assert "albums" not in whole.short()


def test_stories_of_the_last_day_are_covered_and_no_older_ones() -> None:
    """What left the list after its day was not removed, nor what came to its end while the listings went on."""
    listed, missed = carry_out(posts(1), FULL).covered("stories")
    assert (listed.from_at, listed.until_at, listed.absence) == (NOW - DAY, NOW, False)
    assert (missed.from_at, missed.until_at, missed.absence) == (NOW - DAY + timedelta(hours=4), NOW, True)


def test_private_messages_are_read_only_when_that_is_configured() -> None:
    """Conversations that changed, and of these what is still shown (records rule R12)."""
    server = posts(1)
    for number, age in ((1, 1), (2, 40)):
        server.list(f"{PAGE}/conversations", {"id": f"t_{number}", "updated_time": stamp(NOW - age * DAY)})
    server.lists[f"{PAGE}/conversations"].sort(key=lambda one: str(one["updated_time"]), reverse=True)
    server.lists["t_1/messages"] = [{"id": "m_1", "created_time": stamp(NOW), "from": person(PAGE), "message": "Hello"}]
    server.refused["t_2/messages"] = fault(100, message="(#100) This message was deleted or is empty")
    assert not any("conversations" in path for path in carry_out(server, FULL).paths)
    done = carry_out(server, task(TaskKind.POLL, account=page(messages=True), since=WINDOW.since))
    assert [path for path in done.paths if path.endswith("/messages")] == ["t_1/messages"]
    assert any("m_1" in key for key in done.keys)
    whole = carry_out(server, task(TaskKind.POLL, account=page(messages=True), full=True))
    assert "messages" not in whole.short()


def test_a_stop_between_two_sources_loses_none() -> None:
    """The cursor has what is left of them, and what came of those that were read."""
    server = posts(7, page_most=3)
    server.refused["feed"] = fault(10)
    whole = carry_out(server, FULL)
    for number, cursor in enumerate(whole.cursors[:-1]):
        rest = resumed(server, FULL, cursor)
        assert len(rest.exchanges) == len(whole.exchanges) - number
        assert rest.covered("posts") == whole.covered("posts")
