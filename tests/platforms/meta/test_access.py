"""What a token may do, how long it lives, and its renewal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.domain.access import NEVER
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Grant
from archiver.platforms.meta.access import access_of, debug_token, renewal, renewed
from archiver.platforms.meta.requests import Desk

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
WANTED = (("basic", "the posts"), ("read_replies", "the answers"))
ACCOUNT = Account("city", "threads", "city", authenticated=True)


def answered(body: Any) -> Exchange:
    """An answer about the token."""
    return Exchange(
        "0", 1, "city", "https://graph.example/debug_token", "access", NOW, status=200, body=json.dumps(body).encode()
    )


def desk(account: Account = ACCOUNT) -> Desk:
    """Where calls are written."""
    return Desk.of(account, "https://graph.example", "v1.0")


def test_moments_and_scopes_are_told() -> None:
    """0 is never; what is lacking comes with what it is for."""
    seen = access_of(
        answered(
            {"data": {"type": "PAGE", "is_valid": True, "expires_at": 0, "issued_at": 1789000000, "scopes": ["basic"]}}
        ),
        WANTED,
    )
    assert seen is not None
    assert (seen.kind, seen.valid, seen.expires_at) == ("page", True, NEVER)
    assert seen.lacking is not None
    assert [(one.scope, one.purpose) for one in seen.lacking] == [("read_replies", "the answers")]


@pytest.mark.parametrize(
    ("targets", "has"),
    [(None, True), (["7"], True), ([7], True), (["8"], False), ([], False)],
    ids=["of everything", "of the page", "by a number", "of another page", "of none"],
)
def test_a_scope_may_reach_some_pages_only(targets: Any, has: bool) -> None:
    """Ticked in the login dialog for one page, it says nothing about another."""
    granular = {"scope": "basic"} | ({} if targets is None else {"target_ids": targets})
    seen = access_of(
        answered({"data": {"is_valid": True, "scopes": ["basic"], "granular_scopes": [granular]}}), WANTED, owner="7"
    )
    assert seen is not None
    assert seen.scopes is not None
    assert ("basic" in seen.scopes) is has


def test_a_dead_token_says_why() -> None:
    """In words for a person, with the platform's own."""
    error = {"code": 190, "subcode": 460, "message": "The user has changed the password"}
    seen = access_of(answered({"data": {"is_valid": False, "error": error, "scopes": []}}), WANTED)
    assert seen is not None
    assert not seen.valid
    assert "password" in seen.detail


@pytest.mark.parametrize("body", [{}, {"data": []}, {"data": {"is_valid": "yes"}}])
def test_what_tells_nothing_is_nothing(body: Any) -> None:
    """An answer of another shape says nothing of the token."""
    assert access_of(answered(body), WANTED) is None
    assert renewed(answered(body), WANTED) is None


def test_the_token_is_sent_once() -> None:
    """Twice, in the header and as a parameter, Graph hosts refuse it; no secret stands in what an adapter writes."""
    spec = renewal(desk(), "th_refresh_token")
    assert (spec.credential, [one.name for one in spec.private], spec.grant) == (None, ["access_token"], Grant())
    assert spec.url == "https://graph.example/v1.0/refresh_access_token?grant_type=th_refresh_token"
    looked = debug_token(desk(), ACCOUNT)
    assert (looked.credential, "input_token" in {one.name for one in looked.private}) == ("token", True)


def test_a_new_token_lives_as_long_as_it_says() -> None:
    """Years are not believed; scopes come as a list, as words with commas, or not at all."""
    for said in (["basic"], "basic", "basic, other"):
        seen = renewed(answered({"access_token": "x", "expires_in": 5183944, "permissions": said}), WANTED)
        assert seen is not None
        assert (seen.issued_at, seen.expires_at) == (NOW, NOW + timedelta(seconds=5183944))
        assert seen.lacking is not None
        assert [one.scope for one in seen.lacking] == ["read_replies"]
    long = renewed(answered({"access_token": "x", "expires_in": 10**15}), WANTED)
    assert long is not None
    assert long.expires_at == NOW + timedelta(days=400)
    assert (long.scopes, long.lacking) == (None, None)
