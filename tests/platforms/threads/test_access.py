"""The token: what it may do, how long it lives, and its renewal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.domain.access import AccessSeen
from archiver.domain.task import Meaning, TaskKind
from tests.platforms.threads_world import NOW, SCOPES, Carried, Refusal, Server, carry_out, city, task

OLD = AccessSeen("user", valid=True, expires_at=NOW + timedelta(days=50), issued_at=NOW - timedelta(days=10))


def look(server: Server, **more: Any) -> Carried:
    """The daily task."""
    return carry_out(server, task(TaskKind.ACCESS, **more))


def told(done: Carried) -> list[AccessSeen]:
    """What was told of the token."""
    return [one for one in done.observations if isinstance(one, AccessSeen)]


def test_the_platform_says_what_it_may_do_and_how_long_it_lives() -> None:
    """Nothing is lacking, and nothing is renewed that could not be kept."""
    done = look(Server())
    (seen,) = told(done)
    assert (seen.kind, seen.valid, seen.scopes, seen.lacking) == ("user", True, SCOPES, ())
    assert (seen.issued_at, seen.expires_at) == (NOW - timedelta(days=10), NOW + timedelta(days=50))
    assert done.paths == ["debug_token"]


def test_what_is_lacking_is_named_with_what_it_is_for() -> None:
    """In words for whoever makes the token."""
    server = Server()
    server.scopes = frozenset({"threads_basic", "threads_manage_replies"})
    (seen,) = told(look(server))
    assert seen.lacking is not None
    assert [one.scope for one in seen.lacking] == ["threads_read_replies", "threads_manage_mentions"]


@pytest.mark.parametrize(
    ("secrets", "asker"),
    [(frozenset({"token"}), "token"), (frozenset({"token", "app_id", "app_secret"}), "TH|{app_id}|{app_secret}")],
    ids=["the token itself", "the app"],
)
def test_who_asks(secrets: frozenset[str], asker: str) -> None:
    """The app where it is configured; the token is a parameter that is kept out of what is written."""
    server = Server()
    look(server, account=city(secrets=secrets))
    (spec,) = server.asked
    assert (spec.credential, [one.name for one in spec.private]) == (asker, ["input_token"])
    assert "token=" not in spec.url


def test_a_token_of_some_days_is_renewed_where_a_new_one_can_be_kept() -> None:
    """The answer brings a new one for sixty days; the client takes it out."""
    server = Server()
    done = look(server, renewable=True, access=OLD)
    assert done.paths == ["debug_token", "refresh_access_token"]
    assert server.asked[1].grant is not None
    assert server.asked[1].credential is None
    assert server.asked[1].url.endswith("/v1.0/refresh_access_token?grant_type=th_refresh_token")
    seen = told(done)[1]
    assert seen.issued_at == done.exchanges[1].captured_at
    assert seen.expires_at == done.exchanges[1].captured_at + timedelta(seconds=5183944)


@pytest.mark.parametrize(
    ("age", "life"),
    [(timedelta(hours=5), timedelta(days=60)), (timedelta(days=61), -timedelta(days=1))],
    ids=["too young", "too late"],
)
def test_not_every_token_is_renewed(age: timedelta, life: timedelta) -> None:
    """Meta refuses one of less than a day, and one that is over."""
    server = Server()
    server.life |= {"issued_at": _unix(NOW - age), "expires_at": _unix(NOW + life)}
    assert look(server, renewable=True).paths == ["debug_token"]


def test_a_dead_token_is_known_for_one_without_being_asked_for_more() -> None:
    """It is not renewed either."""
    server = Server()
    server.token = "expired"
    done = look(server, renewable=True)
    assert [seen.valid for seen in told(done)] == [False]
    assert done.paths == ["debug_token"]


def test_a_refused_look_ends_nothing() -> None:
    """An app of the wrong kind may not ask; then the token is tried by a renewal, if it may be."""
    server = Server()
    refusal = Refusal(100, "The App_id in the input_token did not match the Viewing App")
    body = b'{"error":{"message":"%s","type":"OAuthException","code":100}}' % str(refusal).encode()
    server.faults = [(400, [], body)]
    done = look(server)
    assert (done.verdicts[0].meaning, told(done)) == (Meaning.PROCEED, [])


def test_a_new_process_renews_where_the_old_one_was_about_to() -> None:
    """The call can't be found in a cursor, its place can."""
    assert look(Server(), renewable=True, cursor={"renewing": True}).paths == ["refresh_access_token"]


def _unix(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())
