"""What is gone: only what two look-ups an hour apart leave out, and nothing that waits or is switched off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.domain.task import About, FollowUp, Task, TaskKind
from tests.platforms.youtube_world import (
    NOW,
    OWNER,
    PLAYLIST,
    Run,
    Server,
    again,
    carry_out,
    city,
    failed,
    key,
    stamp,
    task,
)

VIDEO = "vidMeeting1"
HOUR = timedelta(hours=1)


@pytest.fixture
def server() -> Server:
    """Two videos, a thread with answers, a playlist."""
    made = Server()
    made.upload(VIDEO)
    made.upload("vidMeeting2")
    made.thread(1, VIDEO, 2)
    made.playlists[PLAYLIST] = [VIDEO]
    return made


TOP = "Ugthread000000000001AaABAg"


def confirmation(*ids: str, **more: Any) -> Task:
    """A confirmation of these; the store knows in which thread comments stand."""
    about = {key(one): About(thread=key(VIDEO)) for one in ids if one.startswith("Ug")}
    return task(TaskKind.CONFIRM, *(key(one) for one in ids), about=about, **more)


def gone(run: Run) -> set[str]:
    """What a carrying-out found gone."""
    return {one.key.removeprefix("youtube:") for one in run.observations if isinstance(one, GoneSeen)}


def after_an_hour(server: Server, first: Run, asked: Task) -> Run:
    """The rest of a task that was suspended."""
    assert first.last.again_at == NOW + HOUR
    return carry_out(server, again(asked, first, about=asked.about), at=NOW + HOUR)


def test_what_is_there_is_seen_and_no_more(server: Server) -> None:
    """One call for videos, one for comments, one for playlists; the task is done."""
    run = carry_out(server, confirmation(VIDEO, "vidMeeting2", TOP, PLAYLIST))
    assert run.calls == [f"videos id={VIDEO},vidMeeting2", f"comments id={TOP}", f"playlists id={PLAYLIST}"]
    assert {one.key for one in run.observations if isinstance(one, ItemSeen)} == {
        key(one) for one in (VIDEO, "vidMeeting2", TOP, PLAYLIST)
    }
    assert (run.last.done, run.last.again_at, gone(run)) == (True, None, set())


def test_one_look_is_no_proof(server: Server) -> None:
    """The second comes an hour later, and only then a record is gone. The cause is not told."""
    asked = confirmation(VIDEO, "vidMeeting2", TOP)
    server.remove("vidMeeting2", TOP)
    first = carry_out(server, asked)
    assert gone(first) == set()
    second = after_an_hour(server, first, asked)
    assert gone(second) == {"vidMeeting2", TOP}
    assert second.calls == ["commentThreads videoId=vidMeeting1", "videos id=vidMeeting2", f"comments id={TOP}"]
    assert {one.cause for one in second.observations if isinstance(one, GoneSeen)} == {None}


def test_a_look_up_that_forgets_for_once_removes_nothing(server: Server) -> None:
    """What the second look shows is there, and is read as ever."""
    server.glitches = {VIDEO, TOP}
    asked = confirmation(VIDEO, TOP)
    second = after_an_hour(server, carry_out(server, asked), asked)
    assert gone(second) == set()
    assert {one.key for one in second.observations if isinstance(one, ItemSeen)} >= {key(VIDEO), key(TOP)}


@pytest.mark.parametrize("how", ["full", "everything"])
def test_in_a_round_of_everything_the_second_look_follows_at_once(server: Server, how: str) -> None:
    """Nothing waits for an hour to pass when a person asks."""
    server.remove("vidMeeting2")
    run = carry_out(server, confirmation("vidMeeting2", **{how: True}))
    assert (gone(run), run.last.again_at) == ({"vidMeeting2"}, None)
    assert run.calls == ["videos id=vidMeeting2"] * 2


def test_comments_that_are_switched_off_are_not_gone(server: Server) -> None:
    """Below such a video every look-up of a comment is empty."""
    asked = confirmation(TOP, f"{TOP}.9answer0001")
    server.off.add(VIDEO)
    second = after_an_hour(server, carry_out(server, asked), asked)
    assert (gone(second), second.calls) == (set(), [f"commentThreads videoId={VIDEO}"])


def test_a_comment_that_waits_for_review_is_hidden_and_not_gone(server: Server) -> None:
    """The owner's queues are asked before the second look; a comment that is in none of them is gone."""
    server.credential, account = OWNER, city(owner=True)
    server.page_most = 1
    other = server.thread(2, VIDEO)[0]
    server.thread(3, VIDEO)
    for one in (TOP, "Ugthread000000000003AaABAg"):
        server.comments[one].status = "heldForReview"
    server.remove(other)
    asked = confirmation(TOP, other, account=account)
    second = after_an_hour(server, carry_out(server, asked), asked)
    assert gone(second) == {other}
    held = [one for one in second.observations if isinstance(one, ItemSeen) and one.key == key(TOP)]
    assert [(one.state, one.cause) for one in held] == [("hidden", "held_for_review")]


def test_where_the_queues_can_t_be_read_no_comment_is_gone(server: Server) -> None:
    """A token without the scope for comments does not see what waits."""
    server.credential = OWNER
    server.remove(TOP)
    server.instead = lambda spec: failed(403, "insufficientPermissions") if "moderationStatus" in spec.url else None
    assert gone(carry_out(server, confirmation(TOP, account=city(owner=True), full=True))) == set()


def test_a_private_video_is_the_owner_s_to_see(server: Server) -> None:
    """To a key it looks gone; the owner's token tells."""
    server.hidden.add(VIDEO)
    asked = confirmation(VIDEO)
    assert gone(after_an_hour(server, carry_out(server, asked), asked)) == {VIDEO}
    server.credential = OWNER
    run = carry_out(server, confirmation(VIDEO, account=city(owner=True)))
    assert [(one.state, one.cause) for one in run.observations if isinstance(one, ItemSeen)] == [
        ("hidden", "owner_private")
    ]
    assert run.last.again_at is None


def test_of_other_records_there_is_no_look_up(server: Server) -> None:
    """Chat messages and channels are not asked about: the task is done, and nothing is gone."""
    run = carry_out(server, confirmation("LCC.message", "UCexampletonCity00000000"))
    assert (run.calls, run.last.done) == ([], True)


def test_community_posts_and_what_is_below_them_are_not_asked_about(server: Server) -> None:
    """Only a download has them; a look-up, which leaves them out, would prove nothing."""
    post, below = "UgkxPost0000000001", "UgyBelow0000000000AaABAg"
    about = {key(below): About(thread=key(post))}
    run = carry_out(server, task(TaskKind.CONFIRM, key(post), key(below), about=about))
    assert (run.calls, run.last.done, gone(run)) == ([], True, set())


def test_a_look_up_that_fails_proves_nothing(server: Server) -> None:
    """An error is no silence about an id."""
    server.instead = lambda _spec: failed(404, "notFound")
    run = carry_out(server, confirmation("vidMeeting2", full=True))
    assert (gone(run), len(run.calls)) == (set(), 1)


def test_fifty_records_are_asked_for_in_one_call() -> None:
    """So large is a batch."""
    server = Server()
    ids = [f"vid{n:08}" for n in range(50)]
    for one in ids:
        server.upload(one)
    assert len(carry_out(server, confirmation(*ids)).calls) == 1


@pytest.mark.parametrize("live", [True, False], ids=["on the air", "no stream"])
def test_the_chat_of_a_stream_that_a_push_told_of_is_followed_at_once(server: Server, live: bool) -> None:
    """And what was to be confirmed beside it is looked for all the same."""
    if live:
        server.videos[VIDEO]["liveStreamingDetails"] = {"activeLiveChatId": "chat1", "actualStartTime": stamp(NOW)}
    server.remove("vidMeeting2")
    asked = confirmation(VIDEO, "vidMeeting2")
    run = carry_out(server, asked)
    assert run.follow_ups == ([FollowUp(TaskKind.CHAT, key(VIDEO))] if live else [])
    assert gone(after_an_hour(server, run, asked)) == {"vidMeeting2"}
