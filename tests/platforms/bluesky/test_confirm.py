"""Confirmations: what a listing did not show is asked for where it lives, and only that answer counts."""

from __future__ import annotations

import pytest

from archiver.domain.item import Cause
from archiver.domain.task import TaskKind
from archiver.sandbox.model import Standing
from tests.platforms.bluesky.internet import Internet
from tests.platforms.bluesky_world import BlueskyWorld, Carried, Reply, story

PAGE = Reply(502, b"<html>Bad gateway</html>", (("Content-Type", "text/html"),))


@pytest.fixture
def world() -> BlueskyWorld:
    """A city, one server."""
    world = BlueskyWorld()
    world.named = story(world)
    return world


@pytest.fixture
def internet() -> Internet:
    """The same city in the network as it is."""
    return Internet()


def confirm(world: BlueskyWorld, *names: str) -> Carried:
    """A confirmation of named posts."""
    return world.carry_out(world.task(TaskKind.CONFIRM, *(world.named[name].key for name in names)))


def causes(done: Carried) -> dict[str, set[Cause | None]]:
    """All causes that were given for each record, and with which words."""
    found: dict[str, set[Cause | None]] = {}
    for gone in done.gone:
        found.setdefault(gone.key, set()).add(gone.cause)
    return found


def test_what_is_there_is_seen_at_its_origin(world: BlueskyWorld) -> None:
    """Own and others' records, posts and shares; a view as well for the counts."""
    done = confirm(world, "notice 3", "share", "question")
    for name in ("notice 3", "share", "question"):
        assert done.items[world.named[name].key].origin
    assert done.gone == []


def test_a_resident_s_removal_is_proven_by_their_own_repository(world: BlueskyWorld) -> None:
    """Their server does not have it, and their signed repository does not hold it."""
    world.world.delete(world.named["question"])
    done = confirm(world, "question")
    assert done.methods == ["getPosts", "getRecord", "getRecord"]
    assert causes(done) == {world.named["question"].key: {None, Cause.BY_AUTHOR}}
    assert done.gone[0].basis == "RecordNotFound"
    assert done.gone[1].basis.startswith("not in the signed repository (rev 3")


def test_the_city_s_own_removal_is_by_the_city(world: BlueskyWorld) -> None:
    """The same proof, from the city's repository."""
    world.world.delete(world.named["notice 3"])
    assert causes(confirm(world, "notice 3")) == {world.named["notice 3"].key: {None, Cause.BY_CITY}}


def test_without_a_proof_no_cause_is_given(world: BlueskyWorld) -> None:
    """A server that gives no proofs: RecordNotFound alone is also what a takedown looks like (records rule R7)."""
    world.proves = False
    world.world.delete(world.named["question"])
    assert causes(confirm(world, "question")) == {world.named["question"].key: {None}}


def test_a_record_that_the_server_took_down_is_not_the_author_s_removal(world: BlueskyWorld) -> None:
    """The signed repository still holds it: the platform hides it."""
    world.world.take_down(world.named["notice 3"])
    done = confirm(world, "notice 3")
    assert causes(done) == {world.named["notice 3"].key: {None, Cause.BY_PLATFORM}}
    assert "though the repository holds it" in done.gone[-1].basis


STANDINGS = {
    Standing.DEACTIVATED: Cause.ACCOUNT_CLOSED,
    Standing.DELETED: Cause.ACCOUNT_CLOSED,
    Standing.TAKEN_DOWN: Cause.AUTHOR_SUSPENDED,
}


@pytest.mark.parametrize("standing", STANDINGS)
def test_the_state_of_the_author_s_account_is_the_cause(internet: Internet, standing: Standing) -> None:
    """Their repository is closed or suspended as a whole."""
    internet.world.suspend(internet.ann, standing)
    assert causes(confirm(internet, "question")) == {internet.named["question"].key: {None, STANDINGS[standing]}}


def test_a_server_set_by_the_operator_need_not_know_every_repository(world: BlueskyWorld) -> None:
    """It may be the city's own: that a resident's repository is not there says nothing of their account."""
    world.world.suspend(world.ann, Standing.DELETED)
    assert causes(confirm(world, "question")) == {world.named["question"].key: {None}}
    world.world.suspend(world.bo, Standing.TAKEN_DOWN)
    assert Cause.AUTHOR_SUSPENDED in causes(confirm(world, "middle"))[world.named["middle"].key]


def test_an_omission_by_the_cached_view_alone_says_nothing(world: BlueskyWorld) -> None:
    """GetPosts leaves out silently, and lags: the author's server still has the record."""
    world.answers[1] = Reply(200, b'{"posts": []}')
    done = confirm(world, "question")
    assert done.gone == []
    assert done.items[world.named["question"].key].origin


def test_a_view_that_lingers_does_not_hide_a_removal(world: BlueskyWorld) -> None:
    """A just-removed post is shown for a while by the cache; its own server knows."""
    lingering = confirm(world, "question").exchanges[0]
    world.world.delete(world.named["question"])
    world.answers[1] = Reply(200, lingering.body)
    assert Cause.BY_AUTHOR in causes(confirm(world, "question"))[world.named["question"].key]


def test_a_batch_is_one_view_and_each_record_at_its_home(world: BlueskyWorld) -> None:
    """25 records of others: one call to the AppView."""
    keys = [post.key for post in world.ann.posts + world.bo.posts][:25]
    done = world.carry_out(world.task(TaskKind.CONFIRM, *keys))
    assert done.methods.count("getPosts") == 1
    assert done.methods.count("getRecord") == 25


def test_a_subject_named_twice_is_asked_for_once(world: BlueskyWorld) -> None:
    """As a retry of a batch may."""
    assert confirm(world, "notice 3", "notice 3").methods == ["getRecord"]


def test_a_gone_profile_or_gate_is_no_removed_record(world: BlueskyWorld) -> None:
    """Accounts without a profile record exist."""
    did = world.city.person.id
    world.by_method["getRecord"] = Reply(400, b'{"error": "RecordNotFound", "message": "Could not locate record"}')
    done = world.carry_out(world.task(TaskKind.CONFIRM, f"bluesky:at://{did}/app.bsky.actor.profile/self"))
    assert done.gone == []


# --- the network as it is


def test_each_author_s_server_is_found_through_their_did(internet: Internet) -> None:
    """One look into the directory for each author, then their own server; the city's is known."""
    done = confirm(internet, "question", "below rude", "middle", "notice 3")
    assert internet.hosts == [
        "public.api.bsky.app", "oyster.us-east.host.bsky.network",
        "plc.directory", "pds.residents.example", "pds.residents.example",
        "plc.directory", "pds.residents.example",
    ]  # fmt: skip
    assert done.gone == []


@pytest.mark.parametrize(
    "fault", [PAGE, Reply(500, b""), Reply(404, b"gone"), Reply(200, b"<html>"), Reply(403, b"no")]
)
def test_a_stranger_s_server_that_fails_holds_up_nobody(internet: Internet, fault: Reply) -> None:
    """The others are confirmed; about this one nothing is known, and nothing is said."""
    internet.refuse["pds.residents.example"] = fault
    internet.world.delete(internet.named["notice 3"])
    done = confirm(internet, "question", "notice 3")
    assert done.ended == "done"
    assert set(causes(done)) == {internet.named["notice 3"].key}


def test_a_stranger_s_limit_is_heeded(internet: Internet) -> None:
    """429 is 429, whoever says it."""
    internet.refuse["pds.residents.example"] = Reply(429, b"{}")
    assert confirm(internet, "question").ended == "wait"


@pytest.mark.parametrize("status", [404, 410])
def test_an_unknown_did_is_asked_for_at_the_appview(internet: Internet, status: int) -> None:
    """A tombstone in the directory: the AppView's answer about this record is all there is, and proves no cause."""
    internet.refuse["plc.directory"] = Reply(status, b'{"message": "DID not registered"}')
    internet.world.suspend(internet.ann, Standing.DELETED)
    done = confirm(internet, "question")
    assert causes(done) == {internet.named["question"].key: {None}}
    assert internet.hosts[-1] == "public.api.bsky.app"


def test_a_directory_that_fails_is_tried_again(internet: Internet) -> None:
    """It serves everybody; without it nothing can be confirmed."""
    internet.refuse["plc.directory"] = PAGE
    assert confirm(internet, "question").ended == "retry"
