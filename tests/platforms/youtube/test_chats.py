"""Following a live chat: from before its beginning to its end, at the chat's own pace and no dearer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.exchange import RequestSpec
from archiver.domain.observation import ItemSeen
from archiver.domain.task import FollowUp, NotOffered, Shortfall, Task, TaskKind
from archiver.platforms.youtube.chats import (
    GRACE,
    INTERRUPTED,
    LONGEST,
    LOST_PLACE,
    MISSED,
    MISSED_BEGINNING,
    SHORTEST,
)
from archiver.platforms.youtube.ids import Names
from archiver.platforms.youtube.pursuits import chat_of
from tests.platforms.youtube_world import ANN, NOW, Answer, Run, Server, again, carry_out, failed, key, stamp, task

VIDEO = "vidLiveNow1"
MINUTE = timedelta(minutes=1)


def message(number: int) -> dict[str, Any]:
    """What somebody says."""
    snippet = {"type": "textMessageEvent", "liveChatId": "chat1", "displayMessage": f"Louder {number}",
               "publishedAt": "2026-11-22T17:59:00.208241+00:00"}  # fmt: skip
    author = {"channelId": ANN, "displayName": "@ann"}
    return {"kind": "youtube#liveChatMessage", "id": f"LCC.m{number}", "snippet": snippet, "authorDetails": author}


def stream(phase: str = "live", **details: str) -> Server:
    """A channel with one stream, which began a minute ago unless the details say otherwise."""
    server = Server(chat=[message(1), message(2)])
    told = details or {"activeLiveChatId": "chat1", "actualStartTime": stamp(NOW - MINUTE)}
    server.upload(VIDEO, snippet={"liveBroadcastContent": phase}, liveStreamingDetails=told)
    return server


ASKED: Task = task(TaskKind.CHAT, key(VIDEO))


def resumed(server: Server, run: Run) -> Run:
    """The task goes on at the moment that it named."""
    assert run.last.again_at is not None
    return carry_out(server, again(ASKED, run), at=run.last.again_at)


def said(run: Run) -> list[str]:
    """The messages that were read."""
    return [
        one.key.removeprefix("youtube:") for one in run.observations if isinstance(one, ItemSeen) and "LCC" in one.key
    ]


def test_a_chat_is_followed_to_its_end() -> None:
    """Each message once; every answer costs five units; at the end nothing is missing."""
    server = stream()
    first = carry_out(server, ASKED)
    assert first.calls == [f"videos id={VIDEO}", "liveChat/messages"]
    assert [spec.cost for spec in first.specs] == [1, 5]
    server.chat.append(message(3))
    second = resumed(server, first)
    assert (said(first), said(second)) == (["LCC.m1", "LCC.m2"], ["LCC.m3"])
    server.chat_over = True
    last = resumed(server, second)
    assert (last.last.done, last.last.again_at) == (True, None)
    assert [type(found).__name__ for found in last.findings] == ["Covered"]
    assert carry_out(server, again(ASKED, last)).calls == []


def test_a_chat_in_which_nobody_writes_is_asked_more_seldom() -> None:
    """Every quarter of a minute while people write, at most a minute apart while they do not."""
    server = stream()
    run, pauses = carry_out(server, ASKED), []
    for _ in range(4):
        before = run.last.again_at
        run = resumed(server, run)
        assert before is not None
        assert run.last.again_at is not None
        pauses.append(run.last.again_at - before)
    assert pauses == [SHORTEST * 2, LONGEST, LONGEST, LONGEST]
    server.chat.append(message(3))
    before = run.last.again_at
    run = resumed(server, run)
    assert run.last.again_at is not None
    assert before is not None
    assert run.last.again_at - before == SHORTEST


def test_youtube_may_ask_for_more_patience() -> None:
    """`pollingIntervalMillis` is the least."""
    server = stream()
    body = b'{"kind": "youtube#liveChatMessageListResponse", "pollingIntervalMillis": 90000, "nextPageToken": "1", "items": []}'
    server.instead = lambda spec: (200, [], body) if "/liveChat/" in spec.url else None
    assert carry_out(server, ASKED).last.again_at == NOW + timedelta(seconds=90)


def test_a_stream_to_come_is_waited_for() -> None:
    """By polls, until a quarter of an hour before; a late one is looked for more and more seldom, then no more."""
    begins = NOW + timedelta(hours=3)
    server = stream("upcoming", activeLiveChatId="chat1", scheduledStartTime=stamp(begins))
    first = carry_out(server, ASKED)
    assert (first.calls, first.last.again_at, first.last.done) == ([f"videos id={VIDEO}"], None, True)
    assert said(carry_out(server, again(ASKED, first), at=begins - 15 * MINUTE)) == ["LCC.m1", "LCC.m2"]
    for hours, minutes in ((1, 10), (3, 15), (100, 15)):
        late = stream("upcoming", scheduledStartTime=stamp(NOW - timedelta(hours=hours)))
        assert carry_out(late, ASKED).last.again_at == NOW + minutes * MINUTE
    never = stream("upcoming", scheduledStartTime=stamp(NOW - timedelta(days=8)))
    assert carry_out(never, ASKED).last.again_at is None


@pytest.mark.parametrize(
    ("began", "reasons"),
    [(NOW - GRACE, []), (NOW - timedelta(hours=1), [MISSED_BEGINNING])],
    ids=["just begun", "long since begun"],
)
def test_a_beginning_that_was_missed_stays_a_gap(began: Any, reasons: list[str]) -> None:
    """The first answer reaches back some minutes only."""
    server = stream(activeLiveChatId="chat1", actualStartTime=stamp(began))
    run = carry_out(server, ASKED)
    server.chat_over = True
    found = [one for one in resumed(server, run).findings if isinstance(one, Shortfall)]
    assert [one.reason for one in found] == reasons
    assert all((one.from_at, one.until_at, one.scope) == (began, NOW, key(VIDEO)) for one in found)


def test_a_stream_that_is_over_is_missed_for_good() -> None:
    """YouTube shows no chat of the past."""
    server = stream("none", actualStartTime="2026-11-22T16:00:00Z", actualEndTime="2026-11-22T17:00:00Z")
    run = carry_out(server, ASKED)
    assert [(one.reason, one.scope) for one in run.findings if isinstance(one, Shortfall)] == [(MISSED, key(VIDEO))]
    assert carry_out(server, again(ASKED, run)).findings == []


def test_a_chat_that_is_not_for_this_caller_is_no_gap() -> None:
    """Nor does it stop anything else."""
    server = stream()
    server.instead = lambda spec: failed(403, "forbidden") if "/liveChat/" in spec.url else None
    run = carry_out(server, ASKED)
    assert [type(found) for found in run.findings] == [NotOffered]
    assert run.last.done


def test_a_chat_that_is_switched_off_was_not_missed() -> None:
    """It may be switched on while the stream lasts: the task can be called for again."""
    server = stream(actualStartTime=stamp(NOW - MINUTE))
    run = carry_out(server, ASKED)
    assert [type(found) for found in run.findings] == [NotOffered]
    server.videos[VIDEO]["liveStreamingDetails"]["activeLiveChatId"] = "chat1"
    assert said(carry_out(server, again(ASKED, run))) == ["LCC.m1", "LCC.m2"]


def test_a_stream_that_is_not_there_is_asked_about_with_care() -> None:
    """It may be deleted, or private."""
    server = stream()
    server.remove(VIDEO)
    assert carry_out(server, ASKED).follow_ups == [FollowUp(TaskKind.CONFIRM, key(VIDEO))]


def test_a_lost_place_is_found_again_by_the_video() -> None:
    """The first messages come again; each is one record."""
    server, left = stream(), [1]
    first = carry_out(server, ASKED)

    def instead(spec: RequestSpec) -> Answer | None:
        if "pageToken" not in spec.url or not left[0]:
            return None
        left[0] -= 1
        return failed(400, "invalidPageToken")

    server.instead = instead
    assert said(resumed(server, first)) == ["LCC.m1", "LCC.m2"]


def refusing(server: Server, reason: str, *, status: int = 403, times: int = 1, at: str = "/liveChat/") -> None:
    """The next questions about the chat are refused."""
    left = [times]

    def instead(spec: RequestSpec) -> Answer | None:
        if at not in spec.url or not left[0]:
            return None
        left[0] -= 1
        return failed(status, reason)

    server.instead = instead


def gaps(run: Run) -> list[tuple[Any, Any, str]]:
    """What a carrying-out says that is missing."""
    return [(one.from_at, one.until_at, one.reason) for one in run.findings if isinstance(one, Shortfall)]


@pytest.mark.parametrize("away", [MINUTE, 60 * MINUTE], ids=["a minute", "an hour"])
def test_what_was_said_before_a_place_was_found_again_is_a_gap(away: timedelta) -> None:
    """Where it took longer than the first answer reaches back; and a place may be lost as often as it pleases."""
    server, at, expected = stream(), NOW, []
    run = carry_out(server, ASKED)
    for _ in range(3):
        heard, at = at, at + away
        refusing(server, "invalidPageToken", status=400, at="pageToken")
        run = carry_out(server, again(ASKED, run), at=at)
        expected += [(heard, at, LOST_PLACE)] if away > GRACE else []
    server.chat_over = True
    assert run.last.again_at is not None
    assert gaps(carry_out(server, again(ASKED, run), at=run.last.again_at)) == expected


def test_an_end_that_nobody_heard_is_a_gap() -> None:
    """When the place is lost and the stream is over, or its video is not there any more."""
    ended, back = NOW + 30 * MINUTE, NOW + 60 * MINUTE
    over, removed = stream(), stream()
    first = [carry_out(one, ASKED) for one in (over, removed)]
    over.videos[VIDEO]["snippet"]["liveBroadcastContent"] = "none"
    over.videos[VIDEO]["liveStreamingDetails"] = {
        "actualStartTime": stamp(NOW - MINUTE), "actualEndTime": stamp(ended),
    }  # fmt: skip
    removed.remove(VIDEO)
    for server in (over, removed):
        refusing(server, "invalidPageToken", status=400)
    assert gaps(carry_out(over, again(ASKED, first[0]), at=back)) == [(NOW, ended, INTERRUPTED)]
    assert gaps(carry_out(removed, again(ASKED, first[1]), at=back)) == [(NOW, back, INTERRUPTED)]


def test_a_chat_that_is_refused_as_switched_off_was_not_missed() -> None:
    """Neither while the stream lasts, nor when it is over; switched on in between, it is followed."""
    server = stream()
    refusing(server, "liveChatDisabled")
    run = carry_out(server, ASKED)
    assert [type(found) for found in run.findings] == [NotOffered]
    assert said(carry_out(server, again(ASKED, run))) == ["LCC.m1", "LCC.m2"]
    server.videos[VIDEO]["snippet"]["liveBroadcastContent"] = "none"
    server.videos[VIDEO]["liveStreamingDetails"] = {
        "actualStartTime": stamp(NOW - MINUTE), "actualEndTime": stamp(NOW + MINUTE),
    }  # fmt: skip
    last = carry_out(server, again(ASKED, run), at=NOW + 2 * MINUTE)
    assert [type(found) for found in last.findings] == [NotOffered]


@pytest.mark.parametrize("reason", ["liveChatNotFound", "liveChatEnded", "invalidPageToken"])
def test_a_chat_that_is_not_open_before_the_beginning_is_asked_for_again(reason: str) -> None:
    """What is refused then says nothing of the chat of the stream itself."""
    begins = stamp(NOW + 5 * MINUTE)
    server = stream("upcoming", activeLiveChatId="chat1", scheduledStartTime=begins)
    refusing(server, reason, times=2)
    run = carry_out(server, ASKED)
    assert (run.findings, run.last.done) == ([], True)
    server.instead = None
    assert said(carry_out(server, again(ASKED, run))) == ["LCC.m1", "LCC.m2"]


@pytest.mark.parametrize(
    "announced", [{"scheduledStartTime": stamp(NOW - timedelta(days=2))}, {}], ids=["late", "never"]
)
def test_a_chat_that_is_open_day_and_night_before_any_beginning(announced: dict[str, str]) -> None:
    """It does not eat up the day's quota; when the stream begins, nothing of it was missed."""
    server = stream("upcoming", activeLiveChatId="chat1", **announced)
    run, spent = carry_out(server, ASKED), 0
    while run.last.again_at is not None and run.last.again_at < NOW + timedelta(days=1):
        run = resumed(server, run)
        spent += sum(spec.cost for spec in run.specs)
    assert 100 < spent < 700
    assert run.last.again_at is not None
    began = run.last.again_at - 10 * MINUTE
    server.chat.append(message(3))
    server.videos[VIDEO]["liveStreamingDetails"]["actualStartTime"] = stamp(began)
    server.videos[VIDEO]["snippet"]["liveBroadcastContent"] = "live"
    before, run = run.last.again_at, resumed(server, run)
    assert said(run) == ["LCC.m3"]
    assert run.last.again_at == before + SHORTEST
    server.chat_over = True
    assert gaps(resumed(server, run)) == []


def test_a_stream_that_was_given_up_is_followed_when_it_begins() -> None:
    """As long as it does not, nobody asks for its chat."""
    server = stream("upcoming", activeLiveChatId="chat1", scheduledStartTime=stamp(NOW - timedelta(days=8)))
    run = carry_out(server, ASKED)
    assert (run.calls, run.last.done) == ([f"videos id={VIDEO}"], True)
    account, video = task(TaskKind.POLL), server.videos[VIDEO]
    assert list(chat_of(Names.of(account.account), account, {"id": VIDEO, **video})) == []
    video["snippet"]["liveBroadcastContent"] = "live"
    assert [one.kind for one in chat_of(Names.of(account.account), account, {"id": VIDEO, **video})] == [TaskKind.CHAT]
