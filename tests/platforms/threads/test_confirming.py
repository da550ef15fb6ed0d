"""Only what Threads says about an id, to a token that surely sees what it should, makes a record gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.task import Meaning, TaskKind
from archiver.platforms.threads.confirming import NOT_BY_ID
from archiver.platforms.threads.wanted import A_POST
from tests.platforms.threads_world import (
    ANN,
    BOB,
    CITY,
    NOW,
    SCOPES,
    Carried,
    Refusal,
    Server,
    carry_out,
    city,
    task,
)

BASIS = "100/33 Unsupported get request."


def made() -> Server:
    """Two posts, one of them with answers of others."""
    server = Server()
    server.post("20", "Another notice", at=NOW - timedelta(days=3))
    server.post("30", "Hearing on Tuesday", at=NOW - timedelta(days=2))
    server.post("31", "I object", ANN, to="30")
    server.post("32", "Me, too", BOB, to="30")
    return server


def confirm(server: Server, *ids: str, **more: Any) -> Carried:
    """A confirmation of some records."""
    return carry_out(server, task(TaskKind.CONFIRM, *ids, **more))


def test_what_is_there_is_seen() -> None:
    """One call each, and no more."""
    done = confirm(made(), "30", "31")
    assert (done.keys, done.gone, done.paths) == (["30", "31"], {}, ["30", "31"])


@pytest.mark.parametrize("number", ["31", "20"], ids=["an answer", "a post of its own"])
def test_what_is_not_there_is_gone_by_the_platform_s_own_words(number: str) -> None:
    """After another post, and another answer, could be read by their ids."""
    server = made()
    server.delete(number)
    done = confirm(server, number, "30")
    assert list(done.gone) == [number]
    assert done.gone[number].startswith(BASIS)
    assert done.paths.count(number) == 2


def test_the_first_not_there_says_nothing() -> None:
    """It may mean a lost permission; only the answer to the last question is evidence."""
    server = made()
    server.delete("31")
    adapter_saw = confirm(server, "31")
    evidence = [one for one in adapter_saw.exchanges if b"error_subcode" in one.body]
    assert len(evidence) == 2
    assert evidence[1].url.endswith("/31?fields=id")


def test_no_other_task_finds_anything_gone() -> None:
    """Not even one that asks for the same post."""
    server = made()
    server.delete("30")
    assert carry_out(server, task(TaskKind.THREAD, "30")).gone == {}


def test_a_token_that_died_ends_it() -> None:
    """The probe's verdict counts."""
    server = made()
    server.token = "expired"
    done = confirm(server, "31")
    assert (done.verdicts[-1].meaning, done.gone) == (Meaning.ACCESS_LOST, {})


def test_a_token_that_sees_nothing_by_id_proves_nothing() -> None:
    """Neither known-good posts nor the missing ones: as if all were deleted at once."""
    server = made()
    server.hides_by_id = lambda _post: True
    done = confirm(server, "31", "20")
    assert done.gone == {}
    assert "2 records" in done.short()["removals"]


def test_a_token_that_sees_no_answers_of_others_proves_nothing_of_them() -> None:
    """The account's own posts can be read by id, those of others can't."""
    server = made()
    server.hides_by_id = lambda post: not post["username"].startswith("city")
    done = confirm(server, "31")
    assert (done.gone, done.never()) == ({}, {"removed answers": NOT_BY_ID})


def test_an_account_that_is_not_shown_is_a_matter_for_a_person() -> None:
    """Then nothing is gone but the access."""
    server = made()
    server.holder = "555"
    done = confirm(server, "99")
    assert (done.verdicts[-1].meaning, done.gone) == (Meaning.ACCESS_LOST, {})


class TestNothingElseIsLeft:
    """The account's only post was deleted: there is no known-good one."""

    @pytest.fixture
    def server(self) -> Server:
        """One post, now gone."""
        server = Server()
        server.post("30", "Hearing on Tuesday")
        server.delete("30")
        return server

    def test_the_platform_s_word_about_the_token_will_do(self, server: Server) -> None:
        """It is valid and has the scopes."""
        done = confirm(server, "30")
        assert "debug_token" in done.paths
        assert list(done.gone) == ["30"]

    def test_without_the_scope_it_will_not(self, server: Server) -> None:
        """Then the post keeps its state."""
        server.scopes = SCOPES - {"threads_read_replies"}
        assert confirm(server, "30").gone == {}

    def test_an_answer_of_the_account_s_own_will_do_as_well(self, server: Server) -> None:
        """Elsewhere it still has some."""
        server.post("40", "Whose trees are these?", ANN)
        server.post("41", "The city's.", to="40")
        done = confirm(server, "30")
        assert f"{CITY}/replies" in done.paths
        assert "debug_token" not in done.paths
        assert list(done.gone) == ["30"]

    def test_a_new_process_asks_about_the_token_again(self, server: Server) -> None:
        """That call has parameters that no cursor may hold."""
        cursor = {
            "missing": ["30"],
            "step": "token",
            "node": CITY,
            "good": [],
            "answered": [],
            "ask": [["debug_token", "x", 1]],
        }
        done = confirm(server, "30", cursor=cursor)
        assert done.paths == ["debug_token", "30"]
        assert list(done.gone) == ["30"]


def test_without_a_list_of_posts_nothing_is_concluded() -> None:
    """A refusal is no answer about the record."""
    server = made()
    server.refused["threads"] = Refusal(10, "Application does not have permission for this action", status=403)
    server.delete("31")
    done = confirm(server, "31")
    assert (done.gone, list(done.short())) == ({}, ["removals"])


def test_a_silent_list_is_held_against_a_post_that_was_listed_before() -> None:
    """If that can't be read either, the token sees nothing, whatever is said of its scopes."""
    server = made()
    server.silent, server.hides_by_id = {"threads", "replies"}, lambda _post: True
    done = confirm(server, "31", account=city(facts={A_POST: "20"}))
    assert (done.gone, list(done.short())) == ({}, ["removals"])
    assert done.paths[-1] == "20"


def test_the_profile_is_asked_for_as_one() -> None:
    """Its id is the account's."""
    done = confirm(made(), CITY, account=city())
    assert done.item(CITY).form == "profile"
