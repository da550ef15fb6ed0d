"""Whether a post is still there, and why not: only X's own word about it, and about its author, counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.domain.item import Cause, State
from archiver.domain.observation import AuthorSeen, GoneSeen, ItemSeen, StateSeen
from archiver.domain.task import About, Task, TaskKind
from tests.platforms.x_world import ANN, BOB, CITY, EVE, NOW, Carried, Server, carry_out, task

HOUR = timedelta(hours=1)


def _asked(server: Server, *posts: str) -> Task:
    keys = [f"x:{one}" for one in posts]
    about = {key: About(server.posts[one]["author_id"]) for key, one in zip(keys, posts, strict=True)}
    return task(TaskKind.CONFIRM, *keys, about=about)


def _authors(done: Carried) -> dict[str, tuple[State, Cause | None]]:
    return {one.author: (one.state, one.cause) for one in done.observations if isinstance(one, AuthorSeen)}


def test_a_hundred_posts_are_one_call_and_each_author_is_asked_for_once() -> None:
    """What is gone costs nothing; what is there is seen."""
    server = Server()
    posts = [server.post(ANN, f"Answer {n}", at=NOW - n * HOUR)["id"] for n in range(100)]
    server.gone.update(posts[:30])
    done = carry_out(server, _asked(server, *posts))
    assert done.calls == ["tweets", "users"]
    assert done.parameter("ids")[1] == ANN
    assert set(done.gone) == {f"x:{one}" for one in posts[:30]}
    assert {one.cause for one in done.observations if isinstance(one, GoneSeen)} == {None}
    assert set(done.keys) == {f"x:{one}" for one in posts[30:]}
    assert _authors(done) == {}


@pytest.mark.parametrize("fate", ["deleted", "suspended", "closed", "protected", "blocked"])
def test_why_a_post_is_not_shown(fate: str) -> None:
    """Each told apart, and none of them called a deletion by anybody (records rule R7)."""
    server = Server()
    post = server.post(ANN, "Answer", at=NOW - HOUR)["id"]
    if fate == "deleted":
        server.gone.add(post)
    elif fate == "suspended":
        server.suspended.add(ANN)
    elif fate == "closed":
        server.closed.add(ANN)
    elif fate == "protected":
        server.people[ANN]["protected"] = True
    else:
        server.kept.add(post)
    done = carry_out(server, _asked(server, post))
    stated = [one for one in done.observations if isinstance(one, GoneSeen | StateSeen)]
    assert [one.key for one in stated] == [f"x:{post}"]
    assert isinstance(stated[0], StateSeen) is (fate in {"protected", "blocked"})
    assert stated[0].cause is None
    assert (
        _authors(done)
        == {
            "deleted": {},
            "blocked": {},
            "suspended": {ANN: (State.GONE, Cause.AUTHOR_SUSPENDED)},
            "closed": {ANN: (State.GONE, None)},
            "protected": {ANN: (State.HIDDEN, Cause.AUTHOR_PROTECTED)},
        }[fate]
    )


def test_the_account_itself_is_not_asked_about() -> None:
    """Nobody needs to be told that the city's account is there."""
    server = Server()
    post = server.post(at=NOW - HOUR)["id"]
    server.gone.add(post)
    done = carry_out(server, _asked(server, post))
    assert done.calls == ["tweets"]
    assert set(done.gone) == {f"x:{post}"}


def test_authors_whom_nobody_knows_are_not_asked_for() -> None:
    """Then the cause stays unknown."""
    server = Server()
    post = server.post(BOB, at=NOW - HOUR)["id"]
    server.gone.add(post)
    done = carry_out(server, task(TaskKind.CONFIRM, f"x:{post}"))
    assert done.calls == ["tweets"]
    assert set(done.gone) == {f"x:{post}"}


def test_a_profile_is_asked_for_by_itself() -> None:
    """It is no post."""
    done = carry_out(Server(), task(TaskKind.CONFIRM, f"x:user/{CITY}"))
    assert done.calls == [f"users/{CITY}"]


def test_an_edited_post_that_is_there_is_no_older_version() -> None:
    """Its first id brings the words of its first version, which are nobody's edit back."""
    server = Server()
    post = server.post(EVE, "Teh", at=NOW - 2 * HOUR)["id"]
    server.edit(post, "The", NOW - HOUR)
    done = carry_out(server, _asked(server, post))
    (seen,) = [one for one in done.observations if isinstance(one, ItemSeen)]
    assert (seen.key, seen.body.text) == (f"x:{post}", None)
    assert done.planned(TaskKind.HISTORY) == [f"x:{post}"]
