"""Whose the credential is: a key, the owner's token, somebody's, or none that YouTube takes."""

from __future__ import annotations

import pytest

from archiver.domain.access import NEVER, AccessSeen
from archiver.domain.exchange import RequestSpec
from archiver.domain.observation import FactSeen
from archiver.domain.task import Meaning, TaskKind
from archiver.platforms.youtube import YouTubeAdapter
from archiver.platforms.youtube.desk import AS_BEARER, AS_KEY, CREDENTIAL, KEY_FIELD
from archiver.platforms.youtube.office import WHOSE, Office
from tests.platforms.youtube_world import (
    ANN,
    CITY,
    KEY,
    ODD,
    OWNER,
    SOMEBODY,
    Answer,
    Run,
    Server,
    again,
    carry_out,
    city,
    failed,
    task,
)


def look(credential: str, *, server: Server | None = None) -> Run:
    """A look at a credential."""
    return carry_out(server or Server(credential=credential), task(TaskKind.ACCESS))


def told(run: Run) -> tuple[AccessSeen | None, dict[str, str]]:
    """What the look told of the credential, and the facts."""
    access = [one for one in run.observations if isinstance(one, AccessSeen)]
    facts = {one.name: one.value for one in run.observations if isinstance(one, FactSeen)}
    return (access[-1] if access else None), facts


MINE, PUBLIC = "channels mine=true", f"channels id={CITY}"


@pytest.mark.parametrize(
    ("credential", "calls", "kind", "facts"),
    [
        (OWNER, [MINE], "oauth", {WHOSE: CITY, CREDENTIAL: AS_KEY}),
        (SOMEBODY, [MINE], "oauth", {WHOSE: ANN, CREDENTIAL: AS_KEY}),
        (KEY, [MINE, PUBLIC], "key", {WHOSE: "", CREDENTIAL: AS_KEY}),
        (ODD, [MINE, MINE], "oauth", {WHOSE: CITY, CREDENTIAL: AS_BEARER}),
    ],
    ids=["the owner's token", "somebody's token", "a key", "a token that looks like a key"],
)
def test_it_is_found_out_whose_it_is(credential: str, calls: list[str], kind: str, facts: dict[str, str]) -> None:
    """With two questions at most; what was learned is kept as facts."""
    run = look(credential)
    access, learned = told(run)
    assert access is not None
    assert (run.calls, access.kind, access.valid, learned) == (calls, kind, True, facts)
    assert access.expires_at == (NEVER if kind == "key" else None)


def test_a_key_that_was_told_to_be_one_is_asked_one_question() -> None:
    """The public one, which tells that it is still good. A new credential is asked whose it is."""
    known = AccessSeen("key", valid=True, expires_at=NEVER)
    run = carry_out(Server(), task(TaskKind.ACCESS, access=known))
    assert (run.calls, told(run)[0]) == ([PUBLIC], known)
    refused = carry_out(Server(), task(TaskKind.ACCESS, access=AccessSeen("key", valid=False)))
    assert refused.calls[0] == MINE


def test_a_token_that_looks_like_a_key_is_shown_as_a_token_from_then_on() -> None:
    """Once it was learned; the next look at the credential tries it as a key again, because it may be a new one."""
    learned = city(facts=told(look(ODD))[1])
    assert Office.of(learned).owner
    assert {
        spec.key_header for spec in carry_out(Server(credential=ODD), task(TaskKind.PROFILE, account=learned)).specs
    } == {None}
    anew = carry_out(Server(credential=KEY), task(TaskKind.ACCESS, account=learned))
    assert anew.specs[0].key_header == KEY_FIELD
    assert told(anew)[1] == {WHOSE: "", CREDENTIAL: AS_KEY}


def test_the_question_as_a_token_survives_a_stop() -> None:
    """A new process asks it in the same way."""
    asked = task(TaskKind.ACCESS)
    run = look(ODD)
    resumed = YouTubeAdapter(asked.account).start(again(asked, run, cursor={"ask": [[
        "/youtube/v3/channels?part=id%2Csnippet&mine=true", "access", 1, AS_BEARER,
    ]]}))  # fmt: skip
    assert [(spec.note, spec.key_header) for spec in resumed.requests] == [(AS_BEARER, None)]


@pytest.mark.parametrize(
    ("status", "reason", "calls"),
    [(400, "keyInvalid", [MINE, MINE]), (403, "accessNotConfigured", [MINE]), (401, "authError", [MINE, PUBLIC])],
    ids=["neither key nor token", "a key that is not set up", "a token that has ended"],
)
def test_a_credential_that_is_refused_is_not_valid(status: int, reason: str, calls: list[str]) -> None:
    """With YouTube's words for a person; the loop ends the round because of it."""
    server = Server()
    server.instead = lambda _spec: failed(status, reason, "Not this one.")
    run = look(KEY, server=server)
    access, facts = told(run)
    assert run.calls == calls
    assert access is not None
    assert (access.valid, "Not this one." in access.detail, facts) == (False, True, {})


def test_a_token_without_a_channel_is_alive() -> None:
    """It reads what everybody sees."""
    server = Server()
    server.instead = lambda _spec: failed(401, "youtubeSignupRequired")
    run = look(KEY, server=server)
    access, facts = told(run)
    assert access is not None
    assert (run.calls, access.valid, facts[WHOSE], "no channel" in access.detail) == ([MINE], True, "", True)


def test_a_session_that_has_ended_is_renewed_first() -> None:
    """With a refresh token a refusal is no news of the credential."""
    account = city(secrets=frozenset({"token", "refresh_token", "client_id", "client_secret"}))
    server = Server(credential=OWNER)
    server.instead = lambda _spec: failed(401, "authError")
    run = carry_out(server, task(TaskKind.ACCESS, account=account))
    assert run.verdict is not None
    assert run.verdict.meaning is Meaning.SESSION_EXPIRED
    assert told(run) == (None, {})


@pytest.mark.parametrize(("status", "reason"), [(403, "quotaExceeded"), (500, "backendError")])
def test_what_says_nothing_of_the_credential_is_waited_for(status: int, reason: str) -> None:
    """A used-up quota, a fault: the look is taken later."""
    server = Server()

    def instead(_spec: RequestSpec) -> Answer | None:
        return failed(status, reason)

    server.instead = instead
    run = look(KEY, server=server)
    assert run.verdict is not None
    assert run.verdict.meaning in {Meaning.WAIT, Meaning.RETRY}
    assert told(run) == (None, {})
