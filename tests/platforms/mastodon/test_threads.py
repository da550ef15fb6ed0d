"""A thread is seen whole, as far as the server has it, and what fell out of it is not lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.keys import Key
from archiver.domain.task import Covered, FollowUp, Meaning, NotOffered, Shortfall, TaskKind
from archiver.platforms.mastodon import MastodonAdapter
from tests.platforms.mastodon_world import ANN, BOB, CITY, NOW, Answer, Carried, Server, carry_out, city, task

ROOT = "113000000000000020"
SCOPE = Key(f"mastodon:{ROOT}")
LATER = NOW - timedelta(hours=3)


def rooted() -> Server:
    """A server with a post of the city."""
    server = Server()
    server.post(ROOT, content="<p>Main St closed</p>")
    return server


def name(number: int) -> str:
    """The id of an answer."""
    return str(113100000000000000 + number)


def visit(server: Server, *known: str, **more: Any) -> Carried:
    """One visit of the thread."""
    return carry_out(server, task(TaskKind.THREAD, SCOPE, known=tuple(Key(f"mastodon:{one}") for one in known), **more))


def test_answers_hang_where_they_answer() -> None:
    """The tree is that of ``in_reply_to_id``, whatever order the server has."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.post(name(2), CITY, to=name(1))
    server.post(name(3), BOB, to=name(2))
    done = visit(server)
    assert {one.key: one.parent for one in done.items} == {
        SCOPE: None,
        f"mastodon:{name(1)}": SCOPE,
        f"mastodon:{name(2)}": f"mastodon:{name(1)}",
        f"mastodon:{name(3)}": f"mastodon:{name(2)}",
    }
    assert {one.thread for one in done.items} == {SCOPE}
    assert {one.thread_author for one in done.items} == {CITY}
    assert [one.parent_author for one in done.items] == [None, CITY, ANN, CITY]
    assert done.findings == [Covered("comments", None, NOW, SCOPE)]


def test_a_chain_of_one_s_own_answers_names_the_right_parent() -> None:
    """``in_reply_to_account_id`` skips over self-replies: it names whom the first of them answered."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.post(name(2), ANN, to=name(1))["in_reply_to_account_id"] = CITY
    assert visit(server).item(name(2)).parent_author == ANN


def test_the_root_is_read_again() -> None:
    """A poll's result, an edit and counts show there."""
    server = rooted()
    server.edit(ROOT, "<p>Main St open</p>", LATER)
    done = visit(server)
    assert done.item(ROOT).body.text == "Main St open"
    assert FollowUp(TaskKind.HISTORY, SCOPE) in done.follow_ups


def test_an_edited_answer_has_its_history_read() -> None:
    """Residents edit, too."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.edit(name(1), "<p>Never mind</p>", LATER)
    assert visit(server).follow_ups == [FollowUp(TaskKind.HISTORY, f"mastodon:{name(1)}")]


# what the server cuts off


def test_a_thread_cut_at_sixty_answers_is_read_on_below_what_is_shown() -> None:
    """Five answers with thirty below each: what hangs below those that are shown is had, the others are a gap."""
    server = rooted()
    for n in range(1, 6):
        server.post(name(100 * n), ANN, to=ROOT)
        for below in range(1, 31):
            server.post(name(100 * n + below), BOB, to=name(100 * n + below - 1))
    server.deepest = 99
    done = visit(server)
    first = done.exchanges[1].json()["descendants"]
    assert len(first) == 60
    assert {f"mastodon:{name(100 + n)}" for n in range(31)} <= set(done.keys)
    assert {f"mastodon:{name(200 + n)}" for n in range(31)} <= set(done.keys)
    assert [one.reason for one in done.short()] == [
        "The server shows only a part of this long thread to callers without a token; set the account's token to capture the rest."
    ]
    assert done.covered("comments") == []


def test_what_is_below_a_cut_is_found_there() -> None:
    """Sixty shown, ten more below the last one: all seventy are seen, and the thread is complete."""
    server = rooted()
    for n in range(1, 71):
        server.post(name(n), ANN if n % 2 else BOB, to=name(n - 1) if n > 1 else ROOT)
    server.deepest = 99
    done = visit(server)
    assert len({one for one in done.keys if one != SCOPE}) == 70
    assert done.findings == [Covered("comments", None, NOW, SCOPE)]


def test_a_thread_cut_at_depth_twenty_is_read_on_from_there() -> None:
    """A chain of fifty is seen to its end, with the parents of each."""
    server = rooted()
    for n in range(1, 51):
        server.post(name(n), ANN, to=name(n - 1) if n > 1 else ROOT)
    done = visit(server)
    assert len({one for one in done.keys if one != SCOPE}) == 50
    assert done.item(name(50)).parent == f"mastodon:{name(49)}"
    assert done.findings == [Covered("comments", None, NOW, SCOPE)]
    assert len([url for url in done.urls if url.endswith("/context")]) == 3


def test_answers_without_counts_are_asked_about_from_the_deepest_and_newest() -> None:
    """A fork that states no ``replies_count`` leaves only guessing."""
    server = rooted()
    for n in range(1, 66):
        server.post(name(n), ANN, to=name(n - 1) if n > 1 else ROOT)
    server.deepest = 99
    for status in server.statuses.values():
        del status["replies_count"]
    done = visit(server)
    assert len({one for one in done.keys if one != SCOPE}) == 65


def test_fewer_than_sixty_answers_are_all() -> None:
    """Nothing more is asked, even if counts say otherwise: those of blocked and removed answers do."""
    server = rooted()
    for n in range(1, 60):
        server.post(name(n), ANN, to=ROOT)
    server.statuses[ROOT]["replies_count"] = 300
    done = visit(server)
    assert len(done.exchanges) == 2
    assert done.findings == [Covered("comments", None, NOW, SCOPE)]


def test_with_a_token_a_long_thread_comes_at_once() -> None:
    """4096 answers and any depth."""
    server = rooted()
    for n in range(1, 200):
        server.post(name(n), ANN, to=ROOT)
    done = visit(server, account=city(authenticated=True))
    assert len(done.exchanges) == 2
    assert len(done.items) == 200
    assert done.findings == [Covered("comments", None, NOW, SCOPE)]


def test_exactly_sixty_answers_that_are_all_are_no_gap() -> None:
    """The counts tell that nothing is missing."""
    server = rooted()
    for n in range(1, 61):
        server.post(name(n), ANN, to=ROOT)
    done = visit(server)
    assert done.findings == [Covered("comments", None, NOW, SCOPE)]


def test_a_wide_thread_that_is_cut_is_a_gap_from_its_beginning() -> None:
    """A hundred answers right below the post: forty of them no caller without a token can see."""
    server = rooted()
    for n in range(1, 101):
        server.post(name(n), ANN, to=ROOT)
    done = visit(server)
    (short,) = done.short()
    assert isinstance(short, Shortfall)
    assert (short.stream, short.scope, short.until_at) == ("comments", SCOPE, NOW)
    assert short.from_at == NOW - timedelta(days=1)


def test_a_thread_without_end_is_not_followed_for_ever() -> None:
    """A hundred contexts a visit, then it is short."""
    server = rooted()
    for n in range(1, 2500):
        server.post(name(n), ANN, to=name(n - 1) if n > 1 else ROOT)
    done = visit(server)
    assert len(done.exchanges) <= 102
    assert done.short()


# what falls out of the thread


@pytest.mark.parametrize("nullify", [True, False])
def test_what_is_below_a_deleted_answer_is_asked_for_by_its_id(nullify: bool) -> None:
    """Its subtree is in nobody's context any more, but still there; a new answer below it is found, too."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.post(name(2), BOB, to=name(1))
    server.post(name(3), ANN, to=name(2))
    server.delete(name(1), nullify=nullify)
    server.post(name(4), BOB, to=name(3))
    done = visit(server, ROOT, name(1), name(2), name(3))
    assert {one for one in done.keys if one != SCOPE} == {f"mastodon:{name(n)}" for n in (2, 3, 4)}
    assert done.gone == {}
    assert done.covered("comments") == [Covered("comments", None, NOW, SCOPE)]


def test_a_parent_that_the_server_forgot_is_not_stated_anew() -> None:
    """Stock Mastodon sets ``in_reply_to_id`` to null when the parent goes: no parent, and no new thread, is told."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.post(name(2), BOB, to=name(1))
    server.delete(name(1))
    orphan = visit(server, name(1), name(2)).item(name(2))
    assert (orphan.parent, orphan.thread, orphan.thread_author) == (None, None, None)


def test_an_orphan_without_any_trace_of_its_parent_is_no_root_either() -> None:
    """A fork that forgets ``in_reply_to_account_id``, too."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.post(name(2), BOB, to=name(1))
    server.delete(name(1))
    server.statuses[name(2)]["in_reply_to_account_id"] = None
    assert visit(server, name(2)).item(name(2)).thread is None


def test_known_answers_are_asked_for_twenty_at_a_time() -> None:
    """The most that a look-up takes."""
    server = rooted()
    done = visit(server, *(name(n) for n in range(1, 46)))
    look_ups = [url for url in done.urls if "id%5B%5D" in url]
    assert [url.count("id%5B%5D") for url in look_ups] == [20, 20, 5]


def test_a_server_without_look_ups_is_asked_one_by_one() -> None:
    """GoToSocial has none."""
    server = rooted()
    server.batch = False
    server.post(name(1), ANN, to=ROOT)
    server.post(name(2), BOB, to=name(1))
    server.delete(name(1), nullify=False)
    done = visit(server, name(1), name(2))
    assert f"mastodon:{name(2)}" in done.keys
    assert done.gone == {f"mastodon:{name(1)}": "404"}
    assert f"/api/v1/statuses/{name(2)}/context" not in done.urls


def test_an_answer_that_came_late_with_an_old_id_is_found() -> None:
    """Ids are filed by date: a late one may be older than all that is known."""
    server = rooted()
    server.post(name(9), ANN, to=ROOT)
    visit(server)
    server.post(name(1), BOB, to=ROOT, at=NOW - timedelta(hours=20))
    assert f"mastodon:{name(1)}" in visit(server, name(9)).keys


def test_a_root_that_is_gone_leaves_its_answers_to_be_asked_for() -> None:
    """They keep their state until the server answers about each."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.delete(ROOT)
    done = visit(server, name(1), name(2))
    assert done.gone == {SCOPE: "404"}
    assert f"mastodon:{name(1)}" in done.keys
    assert f"/api/v1/statuses/{ROOT}/context" not in done.urls
    assert done.covered("comments") == [Covered("comments", None, NOW, SCOPE)]


def test_beside_a_thread_that_is_short_what_was_asked_for_in_vain_is_confirmed() -> None:
    """A complete listing has that done by itself, for all that it should have shown."""
    server = rooted()
    for n in range(1, 101):
        server.post(name(n), ANN, to=ROOT)
    server.delete(name(3))
    assert visit(server, name(3), name(4)).follow_ups == [FollowUp(TaskKind.CONFIRM, f"mastodon:{name(3)}")]


def test_a_web_page_that_says_404_is_no_proof() -> None:
    """A proxy, or whoever owns the domain now, may have written it: a confirmation makes sure."""
    server = rooted()
    server.html_errors = True
    server.delete(ROOT)
    done = visit(server)
    assert done.gone == {}
    assert done.follow_ups == [FollowUp(TaskKind.CONFIRM, SCOPE)]


# who may see what, and what comes later


@pytest.mark.parametrize(("authenticated", "count"), [(True, 3), (False, 2)])
def test_private_answers_come_with_the_token_only(authenticated: bool, count: int) -> None:
    """They are marked as what they are."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.post(name(2), ANN, to=ROOT, visibility="direct")
    done = visit(server, account=city(authenticated=authenticated))
    assert len(done.items) == count
    assert not authenticated or done.item(name(2)).body.visibility == "direct"


def test_a_server_that_fetches_missing_answers_is_asked_once_more() -> None:
    """Mastodon 4.5 says when; the second answer is as complete as this server gets."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.refresh = 'id="abc", retry=7, result_count=1'
    asked: list[str] = []

    class Fetching(Server):
        """Has fetched an answer by the second time."""

        def answer(self, spec: Any) -> Answer:
            asked.append(spec.url)
            if len(asked) == 3:
                server.post(name(2), BOB, to=ROOT)
            return server.answer(spec)

    done = visit(Fetching())
    assert len([url for url in asked if url.endswith("/context")]) == 2
    assert done.waits == [done.exchanges[1].captured_at + timedelta(seconds=7)]
    assert f"mastodon:{name(2)}" in done.keys


@pytest.mark.parametrize("header", ['id="x", retry=86400', 'id="x", retry=5', 'id="x"', "nonsense", ""])
def test_a_refresh_that_nobody_can_wait_for_is_waited_for_a_minute(header: str) -> None:
    """Nor does a header that can't be read stop the visit."""
    server = rooted()
    server.refresh = header or " "
    done = visit(server)
    assert len(done.waits) == 1
    assert done.waits[0] - done.exchanges[1].captured_at <= timedelta(seconds=60)


def test_quotations_are_listed_with_a_token() -> None:
    """Where the root says that it has some (4.5 and later)."""
    server = rooted()
    server.statuses[ROOT]["quotes_count"] = 1
    server.post(name(7), ANN, quote={"state": "accepted", "quoted_status": {"id": ROOT}})
    done = visit(server, account=city(authenticated=True))
    assert done.item(name(7)).body.quotes == SCOPE
    assert Covered("quotes", None, NOW, SCOPE) in done.findings
    assert not [url for url in visit(server).urls if "quotes" in url]


def test_a_server_that_lists_no_quotations_is_no_gap() -> None:
    """It never gives them."""
    server = rooted()
    server.statuses[ROOT]["quotes_count"] = 1
    server.quotes = False
    done = visit(server, account=city(authenticated=True))
    assert [type(one) for one in done.findings] == [NotOffered, Covered]


# in somebody else's thread


def test_above_the_city_s_answer_only_what_concerns_it_is_read() -> None:
    """Strangers' posts are no records of the city, unless they mention it."""
    server = Server()
    server.post("1", ANN, content="<p>My cat</p>")
    server.post("2", BOB, to="1", mentions=[{"id": CITY, "acct": "city", "username": "city"}])
    server.post("3", BOB, to="2")
    server.post(ROOT, CITY, to="3")
    server.post(name(1), ANN, to=ROOT)
    done = visit(server)
    assert done.keys == [SCOPE, "mastodon:2", f"mastodon:{name(1)}"]
    assert done.item(name(1)).thread == "mastodon:1"
    assert done.item(name(1)).thread_author == ANN
    assert done.item(name(1)).parent == SCOPE


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_visit_goes_on_from_its_cursor(stop_after: int) -> None:
    """Another process asks only what is left."""
    server = rooted()
    server.post(name(1), ANN, to=ROOT)
    server.post(name(2), BOB, to=name(1))
    server.delete(name(1))
    known = tuple(Key(f"mastodon:{name(n)}") for n in (1, 2))
    first = task(TaskKind.THREAD, SCOPE, known=known)
    begun = carry_out(server, first, stop_after=stop_after)
    adapter = MastodonAdapter(first.account)
    step = adapter.start(first)
    for exchange in begun.exchanges:
        step = adapter.proceed(first, step, exchange)
    rest = (
        carry_out(server, task(TaskKind.THREAD, SCOPE, known=known, cursor=step.cursor)) if step.cursor else Carried()
    )
    whole = visit(server, name(1), name(2))
    assert [*begun.urls, *rest.urls] == whole.urls


def test_a_context_that_vanished_meanwhile_is_nothing_new() -> None:
    """Deleted between the two calls."""
    server = rooted()
    server.faults = [server.answer(MastodonAdapter(city()).start(task(TaskKind.THREAD, SCOPE)).requests[0])]
    server.delete(ROOT)
    done = visit(server)
    assert done.verdicts[-1].meaning is Meaning.PROCEED
