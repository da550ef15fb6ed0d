"""Nothing is gone because of a lost right: signs of life come first, then the question."""

from __future__ import annotations

import pytest

from archiver.domain.observation import FactSeen, GoneSeen, ItemSeen
from archiver.domain.task import Covered, Meaning, NotOffered, Shortfall, TaskKind
from tests.platforms.instagram_world import CITY, HANDLE, NOW, Done, Server, carried_out, city, failed, key, task


def town(flavour: str = "facebook") -> Server:
    """Two posts, and comments below one of them."""
    server = Server(flavour=flavour)
    server.post("1")
    server.post("2")
    server.comment("21", "1")
    server.comment("22", "1", "sam.example", "Rude")
    server.comment("31", "1", HANDLE, "@pat.example Tuesday", to="21")
    return server


def ask(server: Server, *ids: str) -> Done:
    """One confirmation."""
    return carried_out(server, task(TaskKind.CONFIRM, *map(key, ids), account=city(server.flavour)))


@pytest.mark.parametrize("flavour", ["facebook", "instagram"])
def test_first_signs_of_life_then_the_ids(flavour: str) -> None:
    """The account, its newest media with a comment of them, then each id; what is there is seen, what is not is gone."""
    server = town(flavour)
    server.delete("22")
    done = ask(server, "22", "21", "2")
    account = "me" if flavour == "instagram" else CITY
    assert done.paths == [account, f"{CITY}/media", "22", "21", "2", "2"]
    (gone,) = done.of(GoneSeen)
    assert (gone.key, gone.cause) == (key("22"), None)
    assert gone.basis.startswith("100/33 Unsupported get request")
    assert {seen.key for seen in done.of(ItemSeen)} == {key("21"), key("2")}
    assert not done.of(FactSeen), "a medium's missing text is no refused field"
    assert done.findings == [Covered("removals", None, NOW)]


def test_a_deleted_post_with_all_below_it() -> None:
    """Each by the platform's word about its own id."""
    server = town()
    server.delete("1")
    server.comment("41", "2")
    assert {seen.key for seen in ask(server, "1", "21", "31").of(GoneSeen)} == set(map(key, ("1", "21", "31")))


def test_a_lost_account_proves_nothing() -> None:
    """100/33 about the account itself is a lost right: a person must act, and no id is asked."""
    server = town()
    server.missing = {CITY, "21"}
    done = ask(server, "21")
    assert done.verdict is not None
    assert done.verdict.meaning is Meaning.ACCESS_LOST
    assert (done.paths, done.observations) == ([CITY], [])


@pytest.mark.parametrize("silent", ["media", "comments"])
def test_silence_where_something_is_counted_proves_nothing(silent: str) -> None:
    """No list of posts beside a count of posts, no comment below counted ones: no id is asked, and a gap says why."""
    server = town()
    server.silent, server.missing = {silent}, {"21"}
    done = ask(server, "21")
    (gap,) = done.findings
    assert isinstance(gap, Shortfall)
    assert gap.stream == "removals"
    assert "nothing was taken for removed" in gap.reason
    assert "21" not in done.paths
    assert not done.of(GoneSeen)


def test_a_refused_listing_proves_nothing() -> None:
    """A scope is missing: the gap has the words for it."""
    server = town()
    server.refused["media"] = {"code": 10, "message": "(#10) no"}
    done = ask(server, "21")
    assert done.verdict is not None
    assert done.verdict.meaning is Meaning.ACCESS_LOST
    assert not done.of(GoneSeen)


def test_messages_are_not_asked_about() -> None:
    """All but the newest twenty of a conversation answer as if they had been deleted."""
    assert ask(town(), "aWdfZAG06").specs == []


def test_a_place_without_comments_has_none_to_show() -> None:
    """Where none is counted, none need be listed; the last comment's removal is found all the same."""
    server = Server()
    server.post("1")
    server.comment("21", "1")
    server.delete("21")
    assert [seen.key for seen in ask(server, "21").of(GoneSeen)] == [key("21")]


@pytest.mark.parametrize("code", [10, 200, 110, 3])
def test_a_refusal_of_one_id_is_no_removal(code: int) -> None:
    """Only "not there" is an answer about it."""
    server = town()
    server.instead = lambda spec: failed(code, f"(#{code}) no") if "/v26.0/21?" in spec.url else None
    done = ask(server, "21", "22")
    assert not done.of(GoneSeen)
    assert key("22") in {seen.key for seen in done.of(ItemSeen)}


def test_code_24_is_not_there_as_well() -> None:
    """Instagram's other way of saying it."""
    server = town()
    gone = failed(24, "(#24) The requested resource does not exist")
    server.instead = lambda spec: gone if "/v26.0/21?" in spec.url else None
    assert [seen.key for seen in ask(server, "21").of(GoneSeen)] == [key("21")]


def test_the_profile_is_never_asked_for_by_its_key() -> None:
    """It is the sign of life itself."""
    assert not ask(town(), CITY).of(GoneSeen)


# --- mentions elsewhere, of which events told


def test_a_mention_elsewhere_is_read_by_its_expansion() -> None:
    """A comment or a caption; it names the account, whoever wrote it."""
    server = town()
    server.tag("9", "festival.example", f"With @{HANDLE}", task(TaskKind.POLL).started_at)
    server.comment("91", "9", "sam.example", f"@{HANDLE} look")
    done = ask(server, "mention/9/91", "mention/9")
    assert done.paths == [CITY, CITY]
    comment, medium = done.of(ItemSeen)
    assert (comment.key, comment.parent, comment.mentions) == (key("91"), key("9"), {CITY})
    assert (medium.key, medium.thread, medium.mentions) == (key("9"), key("9"), {CITY})
    assert medium.body.text == f"With @{HANDLE}"


def test_a_mention_that_cannot_be_read_is_no_removal() -> None:
    """A private account's, or taken back meanwhile."""
    done = ask(town(), "mention/9/91")
    assert (done.observations, done.findings) == ([], [])


def test_instagrams_own_login_reads_no_mentions() -> None:
    """The event about them is all."""
    done = ask(town("instagram"), "mention/9/91")
    assert [type(one) for one in done.findings] == [NotOffered]
    assert not any("mentioned" in spec.url for spec in done.specs)
