"""Logins of an account on X: how they begin, are renewed, and end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archiver.domain.account import Account
from archiver.domain.task import Meaning
from archiver.platforms.x import XAdapter
from tests.platforms.x.test_reading import exchange

PUBLIC = Account("city", "x", "ExampletonCity", authenticated=True, secrets=frozenset({"refresh_token", "client_id"}))
CONFIDENTIAL = replace(PUBLIC, secrets=PUBLIC.secrets | {"client_secret"})
BEARER = replace(PUBLIC, secrets=frozenset({"token"}))
TOKENS = "oauth2/token"


def test_without_a_refresh_token_the_token_is_used_as_it_is() -> None:
    """An application's bearer token has no end."""
    assert XAdapter(BEARER).login() is None


@pytest.mark.parametrize(
    ("account", "says_who"), [(PUBLIC, True), (CONFIDENTIAL, False)], ids=["public", "with a secret"]
)
def test_a_session_is_made_of_the_refresh_token(account: Account, says_who: bool) -> None:
    """A client without a secret says in the form who it is, another by its secret; no secret stands in the request."""
    login = XAdapter(account).login()
    assert login is not None
    request = login.request
    assert (request.method, request.url, request.body) == (
        "POST", "https://api.x.com/2/oauth2/token", b"grant_type=refresh_token",
    )  # fmt: skip
    assert {one.name for one in request.private} == {"refresh_token", *({"client_id"} if says_who else ())}
    assert (request.basic is None) is says_who
    assert request.grant is not None
    assert [name for name, _ in request.grant.brings] == ["refresh_token", "token"]  # the used one first
    assert (login.access_member, login.secret, login.kept) == ("access_token", "refresh_token", "token")


def test_with_a_base_url_nothing_goes_elsewhere() -> None:
    """Neither the login page nor the call for tokens."""
    adapter = XAdapter(replace(PUBLIC, base_url="https://gateway.example/x/"))
    login = adapter.login()
    assert login is not None
    assert login.request.url == "https://gateway.example/x/2/oauth2/token"
    addresses = [way.authorize.url for way in adapter.connection().ways if way.authorize is not None]
    assert addresses == ["https://gateway.example/x/i/oauth2/authorize"]


def test_the_ways_to_a_token() -> None:
    """The cheaper one first; nothing that writes is asked for."""
    own, application = XAdapter(BEARER).connection().ways
    assert own.authorize is not None
    assert dict(own.authorize.parameters)["scope"] == "tweet.read users.read offline.access"
    assert (application.authorize, [one.name for one in application.asked]) == (None, ["token"])


UNAUTHORIZED = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
INVALID = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}


def test_a_refused_token_is_renewed_where_it_can_be() -> None:
    """Only if that does not help, and goes on for a while, is the access lost: good tokens are refused at times."""
    refused = exchange(UNAUTHORIZED, status=401)
    session, bearer = XAdapter(PUBLIC).judge(refused), XAdapter(BEARER).judge(refused)
    assert (session.meaning, session.at_last) == (Meaning.SESSION_EXPIRED, Meaning.ACCESS_LOST)
    assert (bearer.meaning, bearer.at_last) == (Meaning.RETRY, Meaning.ACCESS_LOST)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refresh_token_that_is_refused_is_lost(status: int) -> None:
    """It was used up by another program, or withdrawn; the person is told so."""
    verdict = XAdapter(PUBLIC).judge(exchange(INVALID, TOKENS, status=status, method="POST", query=()))
    assert verdict.meaning is Meaning.ACCESS_LOST
    assert "connect it again" in verdict.detail


def test_a_fault_of_the_server_for_tokens_may_pass() -> None:
    """Nothing is known then of the refresh token."""
    verdict = XAdapter(PUBLIC).judge(exchange({}, TOKENS, status=503, method="POST", query=()))
    assert verdict.meaning is Meaning.RETRY
