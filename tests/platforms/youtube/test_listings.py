"""Polls and backfills: no upload is missed, wherever it stands, and an idle look costs next to nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from archiver.domain.exchange import RequestSpec
from archiver.domain.observation import ItemSeen
from archiver.domain.task import Covered, FollowUp, Meaning, NotOffered, Shortfall, TaskKind
from archiver.platforms.youtube.rhythm import BETWEEN_WALKS
from tests.platforms.youtube_world import (
    CITY,
    NOW,
    OWNER,
    UPLOADS,
    Answer,
    Run,
    Server,
    again,
    carry_out,
    city,
    failed,
    key,
    task,
)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HEAD_CALLS = ["/feeds/videos.xml", "commentThreads", f"playlistItems playlistId={UPLOADS}"]


def channel(videos: int, **more: Any) -> Server:
    """So many videos, one a day, the newest of yesterday."""
    server = Server(**more)
    for n in range(videos):
        server.upload(f"vid{n:08}", at=NOW - (videos - n) * DAY)
    return server


def poll(server: Server, **more: Any) -> Run:
    """A full poll, unless it says otherwise."""
    return carry_out(server, task(TaskKind.POLL, **{"full": True, **more}))


def next_poll(server: Server, run: Run, after: timedelta, **more: Any) -> Run:
    """The poll after one that left its memory: it looks back over three days."""
    words: dict[str, Any] = {"started_at": NOW + after, "since": NOW - 3 * DAY, **more}
    return carry_out(server, again(task(TaskKind.POLL), run, **words))


def videos_in(run: Run) -> set[str]:
    """The videos that the API (and not only the feed) showed."""
    shown = [one for one in run.observations if isinstance(one, ItemSeen) and not one.initial]
    return {one.key.removeprefix("youtube:") for one in shown if len(one.key) == len("youtube:") + 11}


def test_a_full_poll_asks_for_fifty_videos_a_call() -> None:
    """The list by fifty, the details by fifty."""
    server = channel(120)
    run = poll(server)
    assert (len(videos_in(run)), server.units) == (120, 6)
    assert run.findings == [Covered("posts", None, NOW, roots=True)]


def test_a_video_that_is_published_deep_in_the_list_is_found() -> None:
    """It was uploaded before all others, and made public today: the feed tells at once, the walk in an hour at most."""
    for feed in (200, 404):
        server = channel(120)
        first = poll(server)
        server.upload("vidWaiting1", at=NOW, front=False)
        server.feed_status = feed
        assert ("vidWaiting1" in videos_in(next_poll(server, first, timedelta(minutes=15)))) is (feed == 200)
        assert "vidWaiting1" in videos_in(next_poll(server, first, BETWEEN_WALKS))


def test_an_idle_poll_costs_three_units() -> None:
    """The newest comments, the head of the list, and the details of what stands there; the feed is free."""
    server = channel(300)
    first = poll(server)
    spent = server.units
    idle = next_poll(server, first, timedelta(minutes=15))
    assert (server.units - spent, idle.calls[:3]) == (3, HEAD_CALLS)
    assert idle.findings == [Covered("posts", NOW - 3 * DAY, NOW + timedelta(minutes=15), roots=True, absence=False)]


def test_a_large_channel_is_walked_more_seldom() -> None:
    """A minute for each unit: of two thousand videos every eighty minutes."""
    server = channel(2000)
    first = poll(server)
    assert len(next_poll(server, first, timedelta(minutes=79)).calls) == 4
    assert len(next_poll(server, first, timedelta(minutes=80)).calls) == 3 + 80


@pytest.mark.parametrize(("status", "newer"), [(404, 0), (500, 0), (200, 20)], ids=["missing", "broken", "too short"])
def test_where_the_feed_tells_too_little_nothing_is_claimed(status: int, newer: int) -> None:
    """A head of the list alone may miss what was published; the next walk tells."""
    server = channel(120)
    first = poll(server)
    server.feed_status = status
    for n in range(newer):
        server.upload(f"new{n:08}", at=NOW)
    assert next_poll(server, first, timedelta(minutes=15)).findings == []


def test_what_a_walk_leaves_out_is_missed() -> None:
    """A deleted video is in no list; the store finds out by the claim that all was listed."""
    server = channel(60)
    first = poll(server)
    server.remove("vid00000003")
    second = next_poll(server, first, HOUR)
    assert "vid00000003" not in videos_in(second)
    assert second.findings == [Covered("posts", None, NOW + HOUR, roots=True)]


def test_a_channel_without_uploads_has_no_list_of_them() -> None:
    """An error that is none."""
    assert poll(Server()).findings == [Covered("posts", None, NOW, roots=True)]


def test_details_that_changed_between_pages_are_seen_once() -> None:
    """The list moved while it was walked: an entry stands on two pages."""
    server = channel(100)
    moved = [False]

    def instead(spec: RequestSpec) -> Answer | None:
        if "pageToken" in spec.url and not moved[0]:
            moved[0] = True
            server.upload("vidNewest01", at=NOW)
        return None

    server.instead = instead
    run = poll(server)
    asked = [one for spec in run.specs if "/videos?" in spec.url for one in spec.url.split("&id=")[1].split(",")]
    assert len(asked) == len(set(asked)) == 100


@pytest.mark.parametrize("reason", ["invalidPageToken", "processingFailure"])
def test_a_lost_place_begins_the_walk_again_once(reason: str) -> None:
    """The second time the list is incomplete, and nothing is missed in it."""
    for times, ends in ((1, Covered), (2, Shortfall)):
        server, left = channel(120), [times]

        def instead(spec: RequestSpec, left: list[int] = left) -> Answer | None:
            if "pageToken=100" not in spec.url or not left[0]:
                return None
            left[0] -= 1
            return failed(400, reason)

        server.instead = instead
        run = poll(server)
        assert [type(found) for found in run.findings] == [ends]
        assert len(videos_in(run)) == (120 if ends is Covered else 100)


def test_a_used_up_quota_in_mid_walk_goes_on_from_there() -> None:
    """Until midnight in California; then the next page, and no page twice."""
    server, left = channel(200), [3]

    def instead(_spec: RequestSpec) -> Answer | None:
        left[0] -= 1
        return failed(403, "quotaExceeded") if left[0] < 0 else None

    server.instead = instead
    asked = task(TaskKind.POLL, full=True)
    first = carry_out(server, asked)
    assert first.verdict is not None
    assert (first.verdict.meaning, first.verdict.until) == (Meaning.WAIT, NOW.replace(hour=8) + DAY)
    server.instead = None
    rest = carry_out(server, again(asked, first, full=True))
    assert videos_in(first) | videos_in(rest) == set(server.uploads)
    assert len(rest.calls) == 8 - 3


def test_only_what_is_to_be_captured_is_asked_for() -> None:
    """A backfill of some days, and an account that is captured from a day on; the whole list is walked all the same."""
    server = channel(120)
    day = NOW - 10 * DAY
    window = carry_out(server, task(TaskKind.BACKFILL, since=day, until=NOW - 5 * DAY))
    assert len(videos_in(window)) == 5
    assert window.findings == [Covered("posts", day, NOW - 5 * DAY, roots=True)]
    since = poll(server, account=city(since=date(2026, 11, 13)))
    assert len(videos_in(since)) == 9
    assert since.findings == [Covered("posts", datetime(2026, 11, 13, tzinfo=NOW.tzinfo), NOW, roots=True)]


def test_more_videos_than_youtube_lists_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list ends at about twenty thousand; older ones are not taken for removed."""
    monkeypatch.setattr("archiver.platforms.youtube.listings.HORIZON", 100)
    run = poll(channel(100))
    assert run.findings[0] == Covered("posts", None, NOW, roots=True, absence=False)
    assert isinstance(run.findings[1], NotOffered)


def test_the_owner_s_queues_are_read_daily() -> None:
    """Held comments of all videos by one list, spam by another; a key is never asked for them."""
    server = channel(3, credential=OWNER)
    server.comment("Ugheld00000000000000AaABAg", "vid00000001", status="heldForReview")
    server.comment("Ugspam00000000000000AaABAg", "vid00000002", status="likelySpam")
    run = poll(server, account=city(owner=True))
    assert run.calls[:2] == [
        "commentThreads moderationStatus=heldForReview",
        "commentThreads moderationStatus=likelySpam",
    ]
    held = {
        one.key: (one.state, one.cause) for one in run.observations if isinstance(one, ItemSeen) and "Ug" in one.key
    }
    assert set(held.values()) == {("hidden", "held_for_review")}
    assert len(held) == 2
    assert Covered("held comments", None, NOW, absence=False) in run.findings
    assert not [one for one in next_poll(server, run, HOUR, account=city(owner=True)).calls if "moderation" in one]
    assert not [one for one in poll(channel(3)).calls if "moderation" in one]


def test_a_token_without_the_scope_for_comments_leaves_a_gap_and_no_more() -> None:
    """The queues are refused; videos are listed all the same."""
    server = channel(3, credential=OWNER)
    server.instead = lambda spec: failed(403, "insufficientPermissions") if "moderationStatus" in spec.url else None
    run = poll(server, account=city(owner=True))
    assert [found.stream for found in run.findings if isinstance(found, Shortfall)] == [
        "held comments", "comments taken for spam",
    ]  # fmt: skip
    assert len(videos_in(run)) == 3


def test_a_channel_of_which_only_the_handle_is_known_is_asked_who_it_is() -> None:
    """The uploads have a name of their own that follows from the channel's."""
    run = poll(channel(3), account=city(native_id=None, facts={}))
    assert run.calls[0] == "channels forHandle=@exampletoncity"
    assert len(videos_in(run)) == 3


def live(**details: str) -> dict[str, Any]:
    """What a video says of its stream; `phase` is YouTube's word."""
    phase = details.pop("phase")
    return {"snippet": {"liveBroadcastContent": phase}, "liveStreamingDetails": details}


@pytest.mark.parametrize(
    ("details", "due"),
    [
        pytest.param(live(phase="live", activeLiveChatId="c"), None, id="now"),
        pytest.param(
            live(phase="upcoming", activeLiveChatId="c", scheduledStartTime="2026-11-23T03:00:00Z"),
            NOW + 8 * HOUR + timedelta(minutes=45), id="a little before it begins",
        ),
    ],
)  # fmt: skip
def test_a_stream_is_followed(details: dict[str, Any], due: datetime | None) -> None:
    """From before its beginning."""
    server = Server()
    server.upload("vidLiveNow1", **details)
    assert poll(server).follow_ups == [FollowUp(TaskKind.CHAT, key("vidLiveNow1"), due)]


def test_an_ended_stream_is_called_for_only_where_its_chat_could_have_been_followed() -> None:
    """Of the years before the archive there is nothing to say."""
    server = channel(1)
    first = poll(server)
    server.upload(
        "vidOldLive1",
        **live(phase="none", actualStartTime="2026-01-01T00:00:00Z", actualEndTime="2026-01-01T01:00:00Z"),
    )
    server.upload(
        "vidNewLive1",
        **live(phase="none", actualStartTime="2026-11-22T17:00:00Z", actualEndTime="2026-11-22T17:30:00Z"),
    )
    assert next_poll(server, first, HOUR).follow_ups == [FollowUp(TaskKind.CHAT, key("vidNewLive1"))]
    assert poll(server).follow_ups == []


def test_subtitles_are_looked_for_a_few_videos_a_day() -> None:
    """Of the ten newest with every walk, of the others each in its turn: a look costs fifty units."""
    server, account = channel(80, credential=OWNER), city(owner=True)
    days = [
        {one.subject for one in poll(server, account=account, started_at=NOW + n * DAY).follow_ups} for n in range(28)
    ]
    newest = {key(one) for one in server.uploads[:10]}
    assert all(newest <= day for day in days)
    assert max(len(day) for day in days) <= 10 + 8
    assert set.union(*days) == {key(one) for one in server.uploads}
    assert poll(channel(3)).follow_ups == []


def test_the_feed_is_the_channel_s() -> None:
    """And carries no credential."""
    spec = next_poll(channel(60), poll(channel(60)), timedelta(minutes=15)).specs[0]
    assert spec.url == f"https://www.youtube.com/feeds/videos.xml?channel_id={CITY}"
    assert (spec.credential, spec.cost, spec.conditional) == (None, 0, True)
