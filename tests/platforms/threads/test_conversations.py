"""A thread is seen whole, hidden and waiting answers included; silence is not taken for emptiness."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.item import Cause, State
from archiver.domain.observation import FactSeen
from archiver.domain.task import Covered, FollowUp, NotOffered, Shortfall, TaskKind
from archiver.platforms.threads.conversations import LOST_PENDING, NO_SCOPE, SILENT, TOO_MANY
from tests.platforms.threads_world import (
    ANN,
    BOB,
    NOW,
    SCOPES,
    Carried,
    Refusal,
    Server,
    carry_out,
    city,
    key,
    task,
)

LATER = NOW - timedelta(hours=3)
COMPLETE = [Covered("comments", None, NOW, key("30"))]


def rooted() -> Server:
    """A post of the city's, with answers of all depths."""
    server = Server()
    server.post("30", "Leaf pick-up starts Monday", at=NOW - timedelta(days=1))
    server.post("31", "What about Oak Street?", ANN, at=LATER, to="30")
    server.post("32", "Tuesday.", at=LATER + timedelta(minutes=1), to="31")
    server.post("33", "Thanks", ANN, at=LATER + timedelta(minutes=2), to="32")
    server.post("34", "spam", BOB, at=LATER + timedelta(minutes=3), to="30")
    return server


def visit(server: Server, *known: str, subject: str = "30", **more: Any) -> Carried:
    """One visit of a thread, of which the store knows some records."""
    return carry_out(server, task(TaskKind.THREAD, subject, known=tuple(key(one) for one in known), **more))


def test_a_conversation_is_flat_and_has_all_depths() -> None:
    """Each answer with what it answers; the root is read again first, for edits and a poll's result."""
    done = visit(rooted())
    assert {one.key: one.parent for one in done.items} == {
        key("30"): None,
        key("31"): key("30"),
        key("32"): key("31"),
        key("33"): key("32"),
        key("34"): key("30"),
    }
    assert {one.thread for one in done.items} == {key("30")}
    assert (done.paths, done.findings) == (["30", "30/conversation", "30/conversation", "30/pending_replies"], COMPLETE)


def test_pages_go_on_by_cursors() -> None:
    """One answer a page: all are seen, once."""
    server = rooted()
    server.page_most = 1
    done = visit(server)
    assert (sorted(done.keys), done.findings) == (["30", "31", "32", "33", "34"], COMPLETE)


def test_hidden_answers_stay_listed() -> None:
    """With their state; who hid them is not told."""
    server = rooted()
    server.posts["34"]["hide_status"] = "HIDDEN"
    one = visit(server).item("34")
    assert (one.state, one.cause) == (State.HIDDEN, None)


def test_answers_that_wait_are_seen_where_the_scope_allows() -> None:
    """They are hidden until somebody at the city approves them, whatever else is said of them."""
    server = rooted()
    server.pending["35"] = server.post("35", "First!", BOB, at=LATER, to="30", reply_approval_status="pending")
    del server.posts["35"]
    one = visit(server).item("35")
    assert (one.state, one.cause, one.parent) == (State.HIDDEN, Cause.HELD_FOR_REVIEW, key("30"))


def test_where_the_scope_does_not_allow_it_is_said() -> None:
    """No gap: the rest of the thread is complete."""
    server = rooted()
    server.scopes = SCOPES - {"threads_manage_replies"}
    done = visit(server)
    assert [one for one in done.findings if not isinstance(one, NotOffered)] == COMPLETE
    assert list(done.never()) == ["answers waiting for approval"]


def test_a_lost_scope_for_waiting_answers_removes_none() -> None:
    """What was listed as waiting, is in no other list: without that list nothing is known of it."""
    server = rooted()
    server.pending["35"] = server.post("35", "First!", BOB, at=LATER, to="30", reply_approval_status="pending")
    del server.posts["35"]
    facts = {one.name: one.value for one in visit(server).observations if isinstance(one, FactSeen)}
    server.scopes = SCOPES - {"threads_manage_replies"}
    done = visit(server, "35", account=city(facts=facts))
    assert [LOST_PENDING in one.reason for one in done.findings if isinstance(one, Shortfall)] == [True]
    assert done.covered("comments") == []


def test_without_the_scope_for_answers_a_thread_is_a_gap() -> None:
    """With the remedy."""
    server = rooted()
    server.scopes = frozenset({"threads_basic"})
    done = visit(server)
    (gap,) = [one for one in done.findings if isinstance(one, Shortfall)]
    assert (gap.scope, NO_SCOPE in gap.reason or "permission" in gap.reason) == (key("30"), True)
    assert not done.covered("comments")


def test_a_silent_conversation_is_not_an_empty_one() -> None:
    """The post says that it has answers: the other list is asked, and if that is silent, too, nothing is concluded."""
    server = rooted()
    server.silent = {"conversation", "replies"}
    done = visit(server, "30", "31", "34")
    assert done.paths[-1] == "30/replies"
    assert [one.reason for one in done.findings if isinstance(one, Shortfall)] == [SILENT]
    assert done.covered("comments") == []


@pytest.mark.parametrize(("said", "silent"), [(None, True), (False, False)], ids=["nothing", "that it has none"])
def test_what_a_post_says_of_its_answers_counts(said: bool | None, silent: bool) -> None:
    """Known answers and an empty list: a post that says that it has none is believed, one that says nothing is not."""
    server = rooted()
    for number in ("31", "32", "33", "34"):
        server.delete(number)
    server.posts["30"]["has_replies"] = said
    done = visit(server, "30", "31")
    assert ([one.reason for one in done.findings if isinstance(one, Shortfall)] == [SILENT]) is silent
    assert bool(done.covered("comments")) is not silent


def test_a_long_thread_does_not_fill_the_cursor() -> None:
    """It is written with each page."""
    server = rooted()
    for number in range(1000, 1400):
        server.post(
            str(number),
            "x",
            ANN,
            at=LATER + timedelta(hours=1, seconds=number),
            to=str(number - 1) if number % 5 else "30",
        )
    known = tuple(key(str(number)) for number in range(1000, 1400))
    sizes = [len(json.dumps(cursor)) for cursor in carry_out(server, task(TaskKind.THREAD, "30", known=known)).cursors]
    assert len(sizes) > 6
    assert max(sizes) < 2000, "400 ids alone are more"


def test_the_other_list_makes_up_for_a_silent_conversation() -> None:
    """Direct answers, and what those say that they have."""
    server = rooted()
    server.silent = {"conversation"}
    done = visit(server)
    assert {"31", "34"} <= set(done.keys)


def test_what_is_known_and_not_shown_is_looked_for_before_it_is_doubted() -> None:
    """The list of direct answers is asked, too; then the thread is complete, and the store has the rest confirmed."""
    server = rooted()
    server.delete("34")
    done = visit(server, "30", "31", "34")
    assert "30/replies" in done.paths
    assert done.findings == COMPLETE
    assert done.gone == {}


def test_an_answer_that_says_it_has_answers_is_asked_for_them() -> None:
    """If the conversation does not show any."""
    server = rooted()
    server.posts["34"]["has_replies"] = True
    assert visit(server).paths.count("34/replies") == 1


def test_a_root_that_is_gone_has_all_below_it_confirmed() -> None:
    """What hangs below it keeps its state until Threads answers about it."""
    server = rooted()
    server.delete("30")
    done = visit(server, "30", "31", "34")
    assert done.follow_ups == [FollowUp(TaskKind.CONFIRM, key(one)) for one in ("30", "31", "34")]
    assert (done.findings, done.gone) == ([], {})


class TestElsewhere:
    """The account's answer in somebody else's thread."""

    @pytest.fixture
    def server(self) -> Server:
        """Ann's post, the city's answer, and what came of it."""
        server = Server()
        server.post("40", "Whose trees are these?", ANN, at=LATER)
        server.post("41", "The city's.", at=LATER, to="40")
        server.post("42", "Thanks", ANN, at=LATER, to="41")
        server.post("43", "More?", BOB, at=LATER, to="42")
        server.post("49", "Not about the city", BOB, at=LATER, to="40")
        return server

    def test_what_is_below_it_is_followed_answer_by_answer(self, server: Server) -> None:
        """A conversation can't be had of what is no root; what is beside it is none of the city's business."""
        done = visit(server, subject="41")
        assert sorted(done.keys) == ["41", "42", "43"]
        assert done.findings == [Covered("comments", None, NOW, key("41"))]

    def test_a_root_that_turns_out_to_be_none_is_followed_like_that(self, server: Server) -> None:
        """A token that is not told what it answers sees a root in everything."""
        for name in ("is_reply", "replied_to"):
            server.unknown_fields.add(name)
        assert {"41", "42"} <= set(visit(server, subject="41").keys)

    def test_a_thread_with_very_many_branches_is_short(self, server: Server) -> None:
        """The rest is for the next visit, and the gap says so."""
        for number in range(100, 210):
            server.post(str(number), "x", ANN, at=LATER, to="41", has_replies=True)
        reasons = [one.reason for one in visit(server, subject="41").findings if isinstance(one, Shortfall)]
        assert reasons == [TOO_MANY]


class TestPlaces:
    """Where a post was written."""

    def test_the_place_is_asked_for_where_only_its_id_came_along(self) -> None:
        """Its answer is kept beside the post's."""
        server = rooted()
        server.posts["30"]["location_id"] = "390000000000001"
        server.places["390000000000001"] = {"id": "390000000000001", "name": "City Hall"}
        done = visit(server)
        assert "390000000000001" in done.paths
        assert done.item("30").body.labels == ("location:390000000000001",)
        assert done.findings == COMPLETE

    def test_a_refused_place_takes_nothing_from_the_thread(self) -> None:
        """It needs a scope of its own."""
        server = rooted()
        server.posts["30"]["location_id"] = "390000000000001"
        done = visit(server)
        assert list(done.never()) == ["places"]
        assert [one for one in done.findings if isinstance(one, Covered)] == COMPLETE


def test_other_refusals_are_gaps_too() -> None:
    """A fault of a list of direct answers below the root is the root's gap."""
    server = rooted()
    server.refused["conversation"] = Refusal(100, "Param is not supported")
    server.refused["replies"] = Refusal(10, "Application does not have permission for this action", status=403)
    done = visit(server)
    assert [one for one in done.findings if isinstance(one, Shortfall)]
