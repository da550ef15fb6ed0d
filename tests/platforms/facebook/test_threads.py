"""What stands below a post: all levels, hidden ones with their state, and lists that shift while they are read."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.exchange import RequestSpec
from archiver.domain.item import State
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.domain.task import Covered, FollowUp, Meaning, TaskKind
from archiver.platforms.facebook.adapter import FacebookAdapter
from archiver.platforms.facebook.threads import PASSES, UNQUIET
from archiver.platforms.meta.requests import query_of
from tests.platforms.facebook_world import MISSING, NOW, PAGE, Server, carry_out, fault, task

NUMBER = 910000000000321
POST = f"{PAGE}_{NUMBER}"
ROOT = Key(f"facebook:{POST}")
THREAD = task(TaskKind.THREAD, ROOT)


def thread(count: int = 7, **more: Any) -> Server:
    """A post with so many comments: one answers the page, the others each the first."""
    server = Server(**more)
    server.post(NUMBER, "Leaf pick-up starts Monday", at=NOW - timedelta(days=2))
    first = server.comment(POST, 555000000000001)
    for n in range(2, count + 1):
        server.comment(POST, 555000000000000 + n, f"Answer {n}", to=first)
    return server


def key(number: int) -> Key:
    """The key of a comment."""
    return Key(f"facebook:{NUMBER}_{555000000000000 + number}")


def test_all_levels_come_in_one_list_oldest_first() -> None:
    """Replies hang below what they answer; the root is read anew."""
    server = thread()
    server.lists[f"{POST}/comments"][3] |= {"is_hidden": True}
    del server.lists[f"{POST}/comments"][4]["from"]
    done = carry_out(server, THREAD)
    assert done.keys == [ROOT, *(key(n) for n in range(1, 8))]
    by_key = {one.key: one for one in done.items}
    assert (by_key[key(1)].parent, by_key[key(2)].parent) == (ROOT, key(1))
    assert (by_key[key(4)].state, by_key[key(5)].author) == (State.HIDDEN, None)
    query = dict(query_of(done.exchanges[1].url))
    assert (query["filter"], query["order"], query["summary"]) == ("stream", "chronological", "true")
    assert done.findings == [Covered("comments", None, NOW, ROOT)]


def test_after_several_pages_the_first_is_read_again() -> None:
    """Where nothing had shifted that is all; where all fits on one page nothing can."""
    assert carry_out(thread(7, page_most=3), THREAD).paths.count(f"{POST}/comments") == 4
    assert carry_out(thread(7), THREAD).paths.count(f"{POST}/comments") == 1


def meddle(server: Server, at: int, what: Any) -> None:
    """Something happens before the request of this number."""

    def before(server: Server, _spec: RequestSpec) -> None:
        if len(server.asked) == at:
            what(server)

    server.before = before


def removes_first(server: Server) -> None:
    """The first comment is removed: all others move forward."""
    server.delete(f"{NUMBER}_555000000000001")


def inserts_first(server: Server) -> None:
    """A comment that was held back is shown, at its old place."""
    server.comment(POST, 555000000000099)
    entries = server.lists[f"{POST}/comments"]
    entries.insert(0, entries.pop())


def removes_second_page(server: Server) -> None:
    """One of a page that has been read, behind the first."""
    server.delete(f"{NUMBER}_555000000000005")


@pytest.mark.parametrize("what", [removes_first, inserts_first, removes_second_page])
def test_a_list_that_shifts_between_pages_is_read_again(what: Any) -> None:
    """Positions are all that its cursors know; nothing is missed for that."""
    server = thread(12, page_most=3)
    meddle(server, 4, what)
    done = carry_out(server, THREAD)
    assert set(done.keys) >= {f"facebook:{one['id']}" for one in server.lists[f"{POST}/comments"]}
    assert done.paths.count(f"{POST}/comments") > 6
    assert done.covered("comments")


def test_a_thread_that_never_rests_is_left_for_the_next_visit() -> None:
    """So many passes and no more; not complete, and said why."""
    server = thread(9, page_most=3)
    number = iter(range(100, 1000))

    def before(server: Server, spec: RequestSpec) -> None:
        if "comments" in spec.url and "after=" not in spec.url:
            server.comment(POST, 555000000000000 + next(number))
            entries = server.lists[f"{POST}/comments"]
            entries.insert(0, entries.pop())

    server.before = before
    done = carry_out(server, THREAD)
    assert done.short() == {"comments": UNQUIET}
    firsts = [one.url for one in done.exchanges if "comments" in one.url.partition("?")[0] and "after=" not in one.url]
    assert len(firsts) == 2 * PASSES


def test_more_counted_than_listed_is_noted_and_no_gap() -> None:
    """Private, filtered and removed ones are counted, too: 18 counted and 15 listed is what was recorded."""
    server = thread(15)
    server.uncounted[POST] = 3
    done = carry_out(server, THREAD)
    assert done.covered("comments")
    assert done.short() == {}
    assert "comments not listed" in done.never()


def test_comments_that_are_counted_and_not_one_listed_are_a_gap() -> None:
    """A person's token, or an app without access: nothing is confirmed gone, the clerk hears why."""
    server = thread(4, silent=True)
    done = carry_out(server, THREAD)
    assert done.covered("comments") == []
    assert "4 comments" in done.short()["comments"]
    assert "pages_read_user_content" in done.short()["comments"]
    assert done.follow_ups == []


@pytest.mark.parametrize("counted", [True, False])
def test_known_comments_that_an_empty_list_does_not_show(counted: bool) -> None:
    """None counted: they may all be gone, and are confirmed. No count at all: that says nothing."""
    server = thread(3)
    for number in (1, 2, 3):
        server.delete(f"{NUMBER}_55500000000000{number}")

    def uncounted(_server: Server, answer: Any) -> Any:
        body = json.loads(answer[2])
        for one in (body, *body.get("data", ())):
            one.pop("summary", None)
            one.pop("comments", None)
        return answer[0], answer[1], json.dumps(body).encode()

    server.after = None if counted else uncounted
    done = carry_out(server, task(TaskKind.THREAD, ROOT, known=(ROOT, key(1), key(2))))
    assert bool(done.covered("comments")) is counted
    assert ("known here" in done.short().get("comments", "")) is not counted


def test_comments_that_are_held_back_from_everybody_are_no_gap() -> None:
    """Counted and not listed here, while the token sees those of other posts: they are filtered, private or removed."""
    server = thread(0)
    server.lists[f"{POST}/comments"] = []
    server.uncounted[POST] = 3
    other = server.post(910000000000322)
    server.comment(other["id"], 555000000000999)
    other["comments"] = {"data": server.lists[f"{other['id']}/comments"]}
    done = carry_out(server, THREAD)
    assert done.paths[-1] == f"{PAGE}/published_posts"
    assert done.covered("comments")
    assert done.short() == {}
    assert "comments not listed" in done.never()


def test_a_thread_without_comments_is_complete() -> None:
    """Nothing is counted, nothing listed."""
    server = Server()
    server.post(NUMBER)
    server.lists[f"{POST}/comments"] = []
    assert carry_out(server, THREAD).findings == [Covered("comments", None, NOW, ROOT)]


def test_a_root_that_is_not_there_is_confirmed_first() -> None:
    """So is what is known below it: its list is not asked for, and nothing is taken for gone by that."""
    server = thread(3)
    server.delete(POST)
    done = carry_out(server, task(TaskKind.THREAD, ROOT, known=(ROOT, key(1), key(2))))
    assert done.paths == [POST]
    assert done.follow_ups == [FollowUp(TaskKind.CONFIRM, one) for one in (ROOT, key(1), key(2))]
    assert (done.findings, done.gone) == ([], {})


def test_a_photo_of_an_album_has_a_thread_of_its_own() -> None:
    """Asked for by the photo's id; the photo itself shows in its album's list."""
    server = Server()
    server.objects["910000000000400"] = {"id": "910000000000400"}
    server.comment("910000000000400", 555000000000009)
    done = carry_out(server, task(TaskKind.THREAD, "facebook:910000000000400"))
    assert done.paths == ["910000000000400/comments"]
    (seen,) = done.items
    assert (seen.key, seen.thread) == ("facebook:910000000000400_555000000000009", "facebook:910000000000400")
    server.delete("910000000000400")
    server.lists.clear()
    gone = carry_out(server, task(TaskKind.THREAD, "facebook:910000000000400"))
    assert gone.follow_ups == [FollowUp(TaskKind.CONFIRM, "facebook:910000000000400")]


@pytest.mark.parametrize(
    ("sentence", "answer", "short"),
    [
        ("a permission that is lacking", fault(10, message="(#10) pages_read_user_content"), True),
        ("an event, below which nothing can be said", fault(100, message="(#100) nonexisting edge"), False),
        ("an edge that was given up", fault(12), False),
        ("gone since the root was read", MISSING, False),
    ],
)
def test_a_refused_list_ends_the_visit_and_nothing_else(sentence: str, answer: Any, short: bool) -> None:
    """The account's round goes on."""
    server = thread(3)
    server.refused["comments"] = answer
    done = carry_out(server, THREAD)
    assert {one.meaning for one in done.verdicts} == {Meaning.PROCEED}
    assert ("comments" in done.short()) is short, sentence
    assert done.covered("comments") == []


def test_a_place_that_died_begins_the_list_again() -> None:
    """The comment that it names was removed; so often, and no more."""
    server = thread(9, page_most=3)
    died: list[str] = []

    def dying(server: Server, spec: RequestSpec) -> None:
        dies = "after=" in spec.url and len(died) < most
        died.extend([spec.url] if dies else [])
        server.refused = {"comments": fault(100, message="Invalid cursors values")} if dies else {}

    server.before = dying
    most = 1
    once = carry_out(server, THREAD)
    assert len(once.keys) == 10
    assert once.covered("comments")
    most = 99
    ever = carry_out(server, THREAD)
    assert ever.covered("comments") == []
    assert "Invalid cursors" in ever.short()["comments"]


def test_a_heavy_thread_comes_in_smaller_pages() -> None:
    """All the same complete."""
    done = carry_out(thread(40, heaviest=200), THREAD)
    assert len(done.keys) == 41
    assert done.covered("comments")


def test_a_stop_within_a_pass_loses_nothing() -> None:
    """The cursor knows what the first page was like, and how many were listed."""
    server = thread(12, page_most=3)
    whole = carry_out(server, THREAD)
    adapter = FacebookAdapter(THREAD.account)
    for number, cursor in enumerate(whole.cursors[:-1]):
        rest = carry_out(server, task(TaskKind.THREAD, ROOT, cursor=json.loads(json.dumps(cursor))))
        before = [seen for exchange in whole.exchanges[:number] for seen in adapter.read(exchange)]
        assert {one.key for one in before if isinstance(one, ItemSeen)} | set(rest.keys) == set(whole.keys)
        assert len(rest.exchanges) == len(whole.exchanges) - number
        assert rest.findings == whole.findings


def test_nothing_is_concluded_about_what_stands_elsewhere() -> None:
    """An event told of a comment that names the page, below a post that the token never saw: it answers as if gone."""
    elsewhere, comment = (
        Key("facebook:999000000000001_999000000000002"),
        Key("facebook:999000000000002_999000000000003"),
    )
    done = carry_out(thread(), task(TaskKind.THREAD, elsewhere, known=(comment,)))
    assert (done.gone, done.follow_ups) == ({}, [])
    ours = Key(f"facebook:{PAGE}_{NUMBER + 1}")
    assert FollowUp(TaskKind.CONFIRM, ours) in carry_out(thread(), task(TaskKind.THREAD, ours)).follow_ups
