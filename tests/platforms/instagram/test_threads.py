"""A medium with what was written below it, and what silence does not prove."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.domain.item import Form, State
from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.domain.task import Covered, Shortfall, TaskKind
from tests.platforms.instagram_world import CITY, HANDLE, HEAVY, NOW, Done, Server, carried_out, city, failed, key, task

ROOT = key("1")


def visit(server: Server, *known: str, **more: Any) -> Done:
    """One visit of the first post."""
    account = city(server.flavour)
    return carried_out(server, task(TaskKind.THREAD, ROOT, account=account, known=tuple(map(key, known)), **more))


def talk(count: int = 3, answers: int = 2, flavour: str = "facebook") -> Server:
    """A post with comments, and answers to the first of them."""
    server = Server(flavour=flavour)
    server.post("1")
    for n in range(count):
        server.comment(f"2{n:03d}", "1", text=f"Comment {n}")
    for n in range(answers):
        server.comment(f"3{n:03d}", "1", HANDLE, f"@pat.example {n}", to="2000")
    return server


def comments(done: Done) -> dict[str, ItemSeen]:
    """What was seen below the post."""
    return {seen.key: seen for seen in done.of(ItemSeen) if seen.key != ROOT}


@pytest.mark.parametrize("flavour", ["facebook", "instagram"])
def test_comments_and_their_answers_in_two_calls(flavour: str) -> None:
    """``comments`` lists the top level only: answers come along by expansion, or half of the record would be lost."""
    done = visit(talk(flavour=flavour))
    assert done.paths == ["1", "1/comments"]
    seen = comments(done)
    assert set(seen) == {key(f"200{n}") for n in range(3)} | {key("3000"), key("3001")}
    assert {one.parent for name, one in seen.items() if name.startswith(key("2"))} == {ROOT}
    assert {one.parent for name, one in seen.items() if name.startswith(key("3"))} == {key("2000")}
    assert {one.thread for one in seen.values()} == {ROOT}
    assert {one.author.native_id for name, one in seen.items() if name.startswith(key("3")) and one.author} == {CITY}
    assert done.findings == [Covered("comments", None, NOW, ROOT)]


@pytest.mark.parametrize("size", [1, 3, 50])
def test_long_rows_are_listed_to_their_end(size: int) -> None:
    """Of comments at most fifty a page; of answers more than came along have pages of their own."""
    server = talk(130, 120)
    server.page_most = server.nested_most = size
    done = visit(server)
    assert len(comments(done)) == 250
    assert len([seen for seen in done.of(ItemSeen) if seen.key != ROOT]) == 250, "none is listed twice"
    assert all("limit=50" in spec.url for spec in done.specs[1:])
    assert done.findings == [Covered("comments", None, NOW, ROOT)]


def test_answers_too_heavy_to_come_along_are_asked_for_by_themselves() -> None:
    """When even one comment with its answers is too much, the answers are left out of the page and follow."""
    server = talk(2, 4)
    heavy = failed(1, HEAVY, status=500)
    server.instead = lambda spec: heavy if "/comments?" in spec.url and "replies" in spec.url else None
    done = visit(server)
    assert {seen.key for seen in done.of(ItemSeen)} == {
        ROOT,
        *map(key, ("2000", "2001", "3000", "3001", "3002", "3003")),
    }
    assert done.findings == [Covered("comments", None, NOW, ROOT)]


def test_a_post_without_comments_costs_one_call() -> None:
    """Its count says so."""
    done = visit(talk(0, 0))
    assert done.paths == ["1"]
    assert done.findings == [Covered("comments", None, NOW, ROOT)]


def test_counted_and_not_listed_is_a_gap_with_the_likely_cause() -> None:
    """Missing scope, an app that is not approved, or the wrong token; not "no comments", and no removal."""
    server = talk()
    server.silent = {"comments"}
    done = visit(server, "1", "2000", "3000")
    (gap,) = done.findings
    assert isinstance(gap, Shortfall)
    assert (gap.stream, gap.scope) == ("comments", ROOT)
    assert "counts 5 comments here and lists none" in gap.reason
    assert "instagram_manage_comments" in gap.reason
    assert "Live" in gap.reason
    assert not done.follow_ups
    assert not done.of(GoneSeen)


def test_held_back_here_is_no_gap_where_comments_show_elsewhere() -> None:
    """Another post shows that the token sees comments: those of this one are a restricted account's, perhaps."""
    server = talk()
    server.post("9")
    server.comment("91", "9")
    server.edges["1", "comments"] = []
    done = visit(server, "1", "2000")
    assert done.paths[-1] == f"{CITY}/media"
    assert done.findings == [Covered("comments", None, NOW, ROOT)]
    assert {seen.key for seen in done.of(ItemSeen)} == {ROOT}


def test_fewer_than_counted_is_usual() -> None:
    """Comments of restricted accounts and below advertisements are counted and never listed."""
    server = talk()
    server.things["1"][1]["comments_count"] = 40
    assert visit(server).findings == [Covered("comments", None, NOW, ROOT)]


def test_a_refused_scope_is_a_gap_of_the_comments() -> None:
    """With the scopes that a new token needs."""
    server = talk()
    server.refused["comments"] = {"code": 10, "message": "(#10) Application does not have permission for this action"}
    (gap,) = visit(server).findings
    assert isinstance(gap, Shortfall)
    assert "instagram_business_manage_comments" in gap.reason


def test_hidden_comments_are_listed_as_such() -> None:
    """By whom is not told: Instagram's own filter hides as well."""
    server = talk()
    server.things["2001"][1]["hidden"] = True
    seen = comments(visit(server))
    assert (seen[key("2001")].state, seen[key("2001")].cause) == (State.HIDDEN, None)
    assert seen[key("2000")].state is State.LIVE


def test_a_writer_of_whom_nothing_or_only_a_name_is_told() -> None:
    """The name stands for the id; a comment without either is a record all the same."""
    server = talk()
    for name in ("from", "username"):
        del server.things["2000"][1][name]
    del server.things["2001"][1]["from"]
    seen = comments(visit(server))
    assert seen[key("2000")].author is None
    author = seen[key("2001")].author
    assert author is not None
    assert (author.native_id, author.handle) == ("@pat.example", "pat.example")


def test_what_is_said_during_a_broadcast_is_chat() -> None:
    """A kind of its own: it can't be listed afterwards, and is no comment below a post."""
    server = Server()
    server.post("1", None, edge="live_media", media_type="BROADCAST", media_product_type="LIVE", media_url=None)
    server.comment("2000", "1")["media"]["media_product_type"] = "LIVE"
    assert comments(visit(server))[key("2000")].form is Form.CHAT


def test_a_medium_that_is_not_there_is_asked_about_with_care() -> None:
    """It, and all that was known below it; this visit says nothing of them, for a lost right looks the same."""
    server = talk()
    server.delete("1")
    done = visit(server, "1", "2000", "3000")
    assert done.followed == {("confirm", key(one)) for one in ("1", "2000", "3000")}
    assert (done.findings, done.observations) == ([], [])


def test_somebody_elses_medium_is_left_alone() -> None:
    """With Instagram's login a mention elsewhere comes as a comment; its medium can't be read, and was never ours."""
    done = visit(Server(), "2000")
    assert (done.findings, done.follow_ups, len(done.specs)) == ([], [], 1)
