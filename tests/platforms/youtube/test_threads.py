"""Visits of a video's comments: complete, and no dearer than need be."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.exchange import RequestSpec
from archiver.domain.observation import ItemSeen
from archiver.domain.task import Covered, FollowUp, Meaning, NotOffered, Shortfall, TaskKind
from archiver.platforms.youtube.rhythm import COMMENTS_OFF, LATEST_AGAIN, SOONEST_AGAIN
from tests.platforms.youtube_world import (
    NOW,
    Answer,
    Run,
    Server,
    again,
    carry_out,
    failed,
    key,
    task,
)

VIDEO = "vidMeeting1"
DAY = timedelta(days=1)


@pytest.fixture
def server() -> Server:
    """A video with three threads: without answers, with three, with seven."""
    made = Server()
    made.upload(VIDEO)
    for number, replies in enumerate((0, 3, 7), start=1):
        made.thread(number, VIDEO, replies)
    return made


def visit(server: Server, **more: Any) -> Run:
    """A visit with what YouTube counts, and what the store has."""
    words: dict[str, Any] = {"answers": {key(VIDEO): len(server.comments)}, **more}
    return carry_out(server, task(TaskKind.THREAD, key(VIDEO), **words))


def revisit(server: Server, run: Run, *, after: timedelta, known: list[str] | None = None, **more: Any) -> Run:
    """The next visit; ``known`` is what the store has (all that the server had, unless it is said)."""
    words: dict[str, Any] = {
        "started_at": NOW + after,
        "answers": {key(VIDEO): len(server.comments)},
        "known": tuple(key(one) for one in ([VIDEO, *server.comments] if known is None else known)),
        **more,
    }
    return carry_out(server, again(task(TaskKind.THREAD, key(VIDEO)), run, **words))


def seen(run: Run) -> set[str]:
    """The comments that a visit showed."""
    return {one.key.removeprefix("youtube:") for one in run.observations if isinstance(one, ItemSeen)}


def test_five_answers_come_along_and_the_others_are_asked_for(server: Server) -> None:
    """Only of the thread that has more than five; then all is known."""
    run = visit(server)
    assert run.calls == [f"commentThreads videoId={VIDEO}", "comments parentId=Ugthread000000000003AaABAg"]
    assert seen(run) == set(server.comments)
    assert run.findings == [Covered("comments", None, NOW, key(VIDEO))]


@pytest.mark.parametrize("native_id", ["UgkxPost0000000001", "UgyElsewhere00000AaABAg"])
def test_nothing_is_asked_below_what_only_a_download_shows(server: Server, native_id: str) -> None:
    """A community post, and the channel's comment below somebody else's video."""
    run = carry_out(server, task(TaskKind.THREAD, key(native_id), full=True))
    assert (run.calls, run.last.done) == ([], True)


def test_nothing_is_asked_where_youtube_counts_as_many_as_before(server: Server) -> None:
    """What is remembered stays, and what was whole is taken for whole, so that a gap of a broken visit ends."""
    first = visit(server)
    second = revisit(server, first, after=timedelta(hours=1))
    whole = Covered("comments", None, NOW + timedelta(hours=1), key(VIDEO), absence=False)
    assert (second.calls, second.findings, second.last.cursor) == ([], [whole], first.last.cursor)


def test_more_comments_are_looked_for_where_they_may_be(server: Server) -> None:
    """A quick walk lists the threads, and asks for the answers of the one that the store does not have all of."""
    first, known = visit(server), [VIDEO, *server.comments]
    server.thread(4, VIDEO, 9)
    second = revisit(server, first, after=timedelta(hours=1), known=known)
    assert second.calls == [f"commentThreads videoId={VIDEO}", "comments parentId=Ugthread000000000004AaABAg"]
    assert second.findings == [Covered("comments", None, NOW + timedelta(hours=1), key(VIDEO), absence=False)]
    assert revisit(server, second, after=timedelta(hours=2)).calls == []


def test_an_answer_that_replaced_another_is_noticed(server: Server) -> None:
    """One was removed and one written: as many as are known, but one of those that came along is not."""
    first, known = visit(server), [VIDEO, *server.comments]
    top = "Ugthread000000000003AaABAg"
    server.remove(f"{top}.9answer0001")
    server.comment(f"{top}.9new", VIDEO, to=top)
    server.thread(5, VIDEO)
    second = revisit(server, first, after=timedelta(hours=1), known=known)
    assert f"comments parentId={top}" in second.calls


def test_fewer_comments_are_reason_for_a_thorough_walk(server: Server) -> None:
    """Which one is missing only a complete list tells."""
    first = visit(server)
    server.remove("Ugthread000000000001AaABAg")
    second = revisit(server, first, after=timedelta(hours=1))
    assert "comments parentId=Ugthread000000000003AaABAg" in second.calls
    assert second.findings == [Covered("comments", None, NOW + timedelta(hours=1), key(VIDEO))]


@pytest.mark.parametrize(
    ("quiet", "again_after"),
    [
        pytest.param(timedelta(hours=1), SOONEST_AGAIN, id="of a lively one daily"),
        pytest.param(30 * DAY, 5 * DAY, id="after a sixth of the time that it was quiet"),
        pytest.param(900 * DAY, LATEST_AGAIN, id="of an old one monthly"),
    ],
)
def test_without_a_new_count_all_is_listed_again_from_time_to_time(quiet: timedelta, again_after: timedelta) -> None:
    """An edit changes no count."""
    server = Server()
    server.upload(VIDEO)
    server.comment("Ugone0000000000000AaABAg", VIDEO, at=NOW - quiet)
    first = visit(server)
    due = next(n for n in range(1, 60) if revisit(server, first, after=n * DAY).calls)
    assert timedelta() <= due * DAY - again_after < 1.5 * DAY


def test_a_round_of_everything_spares_nothing(server: Server) -> None:
    """A person who asks for all gets all: the counts do not matter."""
    first = visit(server)
    assert len(revisit(server, first, after=timedelta(minutes=1), full=True).calls) == 2


def test_comments_that_are_switched_off_change_nothing(server: Server) -> None:
    """It is a note at this video, no gap; they are asked for again in a week, or where they are counted again."""
    first = visit(server)
    server.off.add(VIDEO)
    off = revisit(server, first, after=2 * DAY, full=True)
    assert [type(found) for found in off.findings] == [NotOffered]
    assert [found.scope for found in off.findings] == [key(VIDEO)]
    assert (off.follow_ups, off.observations) == ([], [])
    assert revisit(server, off, after=3 * DAY).calls == []
    assert revisit(server, off, after=2 * DAY + COMMENTS_OFF).calls == [f"commentThreads videoId={VIDEO}"]
    server.off.clear()
    server.thread(6, VIDEO)
    back = revisit(server, off, after=3 * DAY)
    assert Covered("comments", None, NOW + 3 * DAY, key(VIDEO)) in back.findings


def test_a_video_that_is_not_there_is_asked_about_with_its_comments(server: Server) -> None:
    """Deleted or private, its comments list does not tell."""
    first, known = visit(server), [VIDEO, *server.comments, "LCC.chat"]
    server.videos.clear()
    second = revisit(server, first, after=DAY, known=known, full=True)
    asked = [FollowUp(TaskKind.CONFIRM, key(one)) for one in (VIDEO, *server.comments)]
    assert (second.findings, second.follow_ups) == ([], asked)


def _refusing(times: int, reason: str, *, call: str) -> Any:
    left = [times]

    def instead(spec: RequestSpec) -> Answer | None:
        if f"/{call}?" not in spec.url or "pageToken" not in spec.url or not left[0]:
            return None
        left[0] -= 1
        return failed(400, reason)

    return instead


@pytest.mark.parametrize("call", ["commentThreads", "comments"])
@pytest.mark.parametrize("reason", ["invalidPageToken", "processingFailure"])
def test_a_lost_place_begins_the_list_again_once(server: Server, call: str, reason: str) -> None:
    """And the second time the walk is incomplete, and says so."""
    server.page_most = 2
    server.instead = _refusing(1, reason, call=call)
    run = visit(server)
    assert seen(run) == set(server.comments)
    assert run.findings == [Covered("comments", None, NOW, key(VIDEO))]
    server.instead = _refusing(9, reason, call=call)
    short = visit(server)
    assert [type(found) for found in short.findings] == [Shortfall]
    assert "lost its place" in str(short.findings[0])


def test_a_list_of_answers_that_repeats_ends(server: Server) -> None:
    """`comments.list` gave its first page for every token in 2024."""
    server.page_most = 2
    ignorant = Server(comments=server.comments, videos=server.videos, page_most=2)

    def instead(spec: RequestSpec) -> Answer | None:
        if "/comments?" not in spec.url:
            return None
        status, headers, body = ignorant.answer(_without_token(spec))
        changed = json.loads(body)
        changed["nextPageToken"] = f"{changed['nextPageToken']}{len(server.asked)}"
        return status, headers, json.dumps(changed).encode()

    server.instead = instead
    run = visit(server)
    assert len(run.calls) < 12
    assert [type(found) for found in run.findings] == [Shortfall]


def _without_token(spec: RequestSpec) -> RequestSpec:
    return RequestSpec(spec.url.split("&pageToken")[0], spec.stream, credential="token", key_header=spec.key_header)


def test_a_walk_that_fell_short_is_not_made_again_at_once(server: Server) -> None:
    """It would cost the same again at every visit, and bring the same."""
    server.page_most = 2
    server.instead = _refusing(9, "processingFailure", call="commentThreads")
    second = revisit(server, visit(server), after=timedelta(hours=1))
    assert (second.calls, second.findings) == ([], [])


def test_a_used_up_quota_stops_and_goes_on_at_the_same_place(server: Server) -> None:
    """Nothing that was listed is listed again."""
    server.page_most = 1
    spent = [4]

    def instead(_spec: RequestSpec) -> Answer | None:
        spent[0] -= 1
        return failed(403, "quotaExceeded") if spent[0] < 0 else None

    server.instead = instead
    asked = task(TaskKind.THREAD, key(VIDEO), answers={key(VIDEO): len(server.comments)})
    first = carry_out(server, asked)
    assert first.verdict is not None
    assert first.verdict.meaning is Meaning.WAIT
    server.instead = None
    rest = carry_out(server, again(asked, first))
    assert seen(first) | seen(rest) == set(server.comments)
    assert not {spec.url for spec in first.specs[:4]} & {spec.url for spec in rest.specs}


def test_a_thread_that_vanishes_while_it_is_listed_is_no_fault(server: Server) -> None:
    """Its answers are not there any more, and the next page is."""
    removed = "Ugthread000000000003AaABAg"

    def instead(spec: RequestSpec) -> Answer | None:
        return failed(404, "commentNotFound") if f"parentId={removed}" in spec.url else None

    server.instead = instead
    assert visit(server).findings == [Covered("comments", None, NOW, key(VIDEO))]
