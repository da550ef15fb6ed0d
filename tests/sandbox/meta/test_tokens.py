"""Tokens: how they are got, what they open, how they end, and how they are proven."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest

from tests.sandbox.conftest import ask
from tests.sandbox.meta.conftest import Graph


def test_three_ways_to_send_one(graph: Graph) -> None:
    """By header (``Bearer`` or ``OAuth``) or parameter; sending none or a wrong one is refused."""
    url = f"{graph.city.facebook.base_url}/v26.0/{graph.page.id}"
    assert ask(url, token=graph.token).status == 200
    assert ask(url, headers={"Authorization": f"OAuth {graph.token}"}).status == 200
    assert ask(url, {"access_token": graph.token}).status == 200
    assert graph.city.facebook.api.noted.tokens_in_url == 1
    assert ask(url).json["error"]["code"] == 104
    assert ask(f"{graph.city.facebook.base_url}/v26.0/me").json["error"]["code"] == 2500
    refused = ask(url, token="EAAnonsense")
    assert (refused.status, refused.json["error"]["code"]) == (401, 190)
    assert refused.headers["www-authenticate"].startswith('OAuth "Facebook Platform" "invalid_token"')


@pytest.mark.parametrize("subcode", [458, 459, 460, 464, 467, 492])
def test_an_ended_token(graph: Graph, subcode: int) -> None:
    """190 with the reason, until it is good again."""
    graph.tokens.end(graph.token, subcode)
    error = graph.error("me")
    assert (error["code"], error["error_subcode"], error["status"]) == (190, subcode, 400)
    graph.city.reconnect("city-facebook")
    graph.ok("me")


def test_a_token_ends_at_a_moment(graph: Graph) -> None:
    """Of the city's clock: by date, or by what somebody does later."""
    token = graph.city.facebook.api.login("Ann", graph.page)
    graph.tokens.end(graph.token, 460, at=graph.city.world.now() + timedelta(minutes=30))
    graph.ok("me")
    graph.ok("me", token=token.value)
    graph.city.world.advance(timedelta(minutes=31))
    assert graph.error("me")["error_subcode"] == 460
    graph.ok("me", token=token.value)
    graph.city.world.advance(timedelta(minutes=31))
    error = graph.error("me", token=token.value)
    assert error["error_subcode"] == 463
    assert "Session has expired on Sunday, 22-Nov-26 08:00:00 PST" in error["message"]


def test_a_page_token_ends_with_the_one_it_was_made_from(graph: Graph) -> None:
    """The system user's removal ends the page's token."""
    graph.tokens.end(graph.city.facebook.api.system_token.value, 458)
    assert graph.error("me")["error_subcode"] == 458


def test_the_proof(graph: Graph) -> None:
    """Checked when it is sent; demanded when switched on."""
    proof = hmac.new(graph.city.hosts.app.secret.encode(), graph.token.encode(), hashlib.sha256).hexdigest()
    graph.ok("me", appsecret_proof=proof)
    wrong = graph.error("me", appsecret_proof="0" * 64)
    assert (wrong["code"], wrong["type"]) == (100, "GraphMethodException")
    assert wrong["message"] == "Invalid appsecret_proof provided in the API argument"
    graph.city.hosts.app.proof_required = True
    assert graph.error("me")["message"] == "API calls from the server require an appsecret_proof argument"
    graph.ok("me", appsecret_proof=proof)


def test_looking_into_tokens(graph: Graph) -> None:
    """``debug_token`` with the app token: kind, scopes, days, and why one is not valid."""
    app = graph.city.hosts.app.token
    data = graph.ok("debug_token", token=app, input_token=graph.token)["data"]
    assert (data["type"], data["is_valid"], data["expires_at"]) == ("PAGE", True, 0)
    assert data["profile_id"] == graph.page.id
    assert {"scope": "pages_show_list", "target_ids": [graph.page.id]} in data["granular_scopes"]
    graph.tokens.end(graph.token, 460)
    data = graph.ok("debug_token", token=app, input_token=graph.token)["data"]
    assert (data["is_valid"], data["error"]["subcode"]) == (False, 460)
    assert graph.ok("debug_token", token=app, input_token="x")["data"]["is_valid"] is False
    assert graph.error("debug_token", token=app)["code"] == 100


def test_from_a_login_to_a_token_that_lasts(graph: Graph) -> None:
    """Code, short token, long token, ``me/accounts``: as an administrator goes."""
    api, app = graph.city.facebook.api, graph.city.hosts.app
    code = api.code(api.login("Ann", graph.page))
    url = f"{graph.city.facebook.base_url}/v26.0/oauth/access_token"
    known = {"client_id": app.id, "client_secret": app.secret}
    short = ask(url, known | {"code": code, "redirect_uri": "https://records.example"}).json
    assert 3500 < short["expires_in"] <= 3600
    assert ask(url, known | {"code": code}).json["error"]["error_subcode"] == 36009
    page_of_short = graph.ok("me/accounts", token=short["access_token"])["data"][0]["access_token"]
    swapped = ask(url, known | {"grant_type": "fb_exchange_token", "fb_exchange_token": short["access_token"]}).json
    assert swapped["expires_in"] == 60 * 24 * 3600
    (told,) = graph.ok("me/accounts", token=swapped["access_token"])["data"]
    assert (told["id"], "MODERATE" in told["tasks"]) == (graph.page.id, True)
    graph.city.world.advance(timedelta(days=70))
    assert graph.ok("me", token=told["access_token"])["id"] == graph.page.id
    assert graph.error("me", token=page_of_short)["code"] == 190
    assert ask(url, known | {"client_secret": "guess", "code": "x"}).json["error"]["code"] == 1
    assert ask(url, known | {"grant_type": "client_credentials"}).json["access_token"] == app.token


def test_no_pages_without_the_scope(graph: Graph) -> None:
    """An empty list, no error."""
    token = graph.city.facebook.api.login("Ann", graph.page, scopes=frozenset({"public_profile"}))
    assert graph.ok("me/accounts", token=token.value)["data"] == []


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("me/published_posts", "pages_read_engagement"),
        ("me/feed", "pages_read_user_content"),
        ("me/visitor_posts", "pages_read_user_content"),
        ("me/conversations", "pages_messaging"),
    ],
)
def test_lacking_scopes(graph: Graph, path: str, scope: str) -> None:
    """Error 10 names the scope."""
    known = graph.tokens.known(graph.token)
    assert known is not None
    known.scopes.discard(scope)
    error = graph.error(path)
    assert error["code"] == 10
    assert scope in error["message"]
