"""Edit histories, files, the profile, and whose token it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.domain.access import AccessSeen
from archiver.domain.keys import Key
from archiver.domain.observation import FactSeen, PastSeen
from archiver.domain.task import TaskKind
from archiver.platforms.x import XAdapter
from tests.platforms.x_world import ANN, CITY, NOW, Server, carry_out, city, learned, task

HOUR = timedelta(hours=1)


def test_all_versions_of_several_posts_come_by_one_call() -> None:
    """Oldest first, whichever id was asked for."""
    server = Server()
    posts = [server.post(text=f"Post {n}", at=NOW - (n + 2) * HOUR)["id"] for n in range(3)]
    for post in posts:
        server.edit(post, "second", NOW - HOUR)
        server.edit(post, "third", NOW - HOUR / 2)
    done = carry_out(server, task(TaskKind.HISTORY, *(f"x:{post}" for post in posts)))
    past = {one.key: one for one in done.observations if isinstance(one, PastSeen)}
    assert done.calls == ["tweets"]
    assert set(past) == {f"x:{post}" for post in posts}
    assert [version.body.text for version in past[Key(f"x:{posts[1]}")].versions] == ["Post 1", "second", "third"]


def test_versions_that_the_answer_leaves_out_are_asked_for_by_their_ids() -> None:
    """Once: what X does not show then, it does not show."""
    server = Server(versions_included=False)
    post = server.post(text="first", at=NOW - 2 * HOUR)["id"]
    last = server.edit(post, "second", NOW - HOUR)["id"]
    done = carry_out(server, task(TaskKind.HISTORY, f"x:{post}"))
    assert done.parameter("ids") == [post, f"{post},{last}"]
    past = [one for one in done.observations if isinstance(one, PastSeen)]
    assert [version.body.text for version in past[-1].versions] == ["first", "second"]


def test_a_history_of_a_post_that_is_gone_is_a_doubt() -> None:
    """Only a confirmation says that it is."""
    server = Server()
    post = server.post(at=NOW - HOUR)["id"]
    server.gone.add(post)
    done = carry_out(server, task(TaskKind.HISTORY, f"x:{post}"))
    assert done.gone == {}
    assert done.planned(TaskKind.CONFIRM) == [f"x:{post}"]


@pytest.mark.parametrize(
    ("token", "kind", "calls"),
    [("app", "app", ["usage/tweets"]), ("user", "user", ["usage/tweets", "users/me"])],
)
def test_whose_token_it_is(token: str, kind: str, calls: list[str]) -> None:
    """An application's sees its usage; a person's is asked who that is, once."""
    server = Server(token=token)
    done = carry_out(server, task(TaskKind.ACCESS))
    assert done.calls == calls
    assert FactSeen("kind of token", kind) in done.observations
    (seen,) = [one for one in done.observations if isinstance(one, AccessSeen)]
    assert (seen.kind, seen.valid) == (kind, True)
    assert server.given == (1 if token == "user" else 0)
    again = carry_out(server, task(TaskKind.ACCESS, account=learned(city(), done), access=seen))
    assert again.calls == ["usage/tweets"]


def test_a_colleague_s_token_is_told() -> None:
    """It reads what everybody sees, and costs five times as much."""
    done = carry_out(Server(token="user", holder=ANN), task(TaskKind.ACCESS))
    assert "@ann" in done.short()[0]


def test_a_file_is_fetched_where_it_was_last_seen() -> None:
    """Without the token; what is no address is not asked for."""
    address = "https://pbs.twimg.com/media/G1.jpg?name=orig"
    (spec,) = XAdapter(city()).start(task(TaskKind.MEDIA, "x:media/1", address=address)).requests
    assert (spec.url, spec.credential) == (address, None)
    assert XAdapter(city()).start(task(TaskKind.MEDIA, "x:media/1", address="blob:nothing")).done


def test_the_profile_says_what_never_comes() -> None:
    """Hidden answers, who liked and who reposted."""
    done = carry_out(Server(), task(TaskKind.PROFILE))
    assert done.calls == [f"users/{CITY}"]
    assert {"hidden answers", "reactions", "reposts by others"} <= set(done.never())
