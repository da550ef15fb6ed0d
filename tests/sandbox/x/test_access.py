"""Who may call what, how often, and what it comes to."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from archiver.sandbox.faults import disconnect, truncated
from archiver.sandbox.x import faults
from tests.sandbox.x.conftest import Caller

REDIRECT = "http://127.0.0.1:8721/callback"


def _post(call: Caller, path: str, form: dict[str, str], **headers: str) -> tuple[int, dict[str, Any]]:
    answer = httpx.post(f"{call.city.x.served.base_url}{path}", data=form, headers=headers)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("path", "kind", "status", "title"),
    [
        ("users/me", "app", 403, "Unsupported Authentication"),
        ("tweets/search/all?query=a", "user", 403, "Unsupported Authentication"),
        ("usage/tweets", "user", 403, "Unsupported Authentication"),
        ("usage/tweets", "app", 200, None),
        ("tweets/search/recent?query=a", "app", 200, None),
        ("users/me", "wrong", 401, "Unauthorized"),
        ("nothing/here", "user", 404, "Not Found Error"),
    ],
)
def test_the_sort_of_token(call: Caller, path: str, kind: str, status: int, title: str | None) -> None:
    """Each endpoint takes its own."""
    token = "wrong" if kind == "wrong" else call.token(kind)
    answer = call.get(path, token=token)
    assert (answer.status, answer.json.get("title")) == (status, title)


def test_a_scope_that_is_missing(call: Caller) -> None:
    """Is forbidden."""
    token = call.api.tokens.grant(call.account, frozenset({"users.read"}))
    assert call.get("users/me", token=token.value).status == 403


def test_the_login(call: Caller) -> None:
    """A code is good once, for half a minute, with its verifier; the refresh token is used up, the access token ends."""
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    app = call.api.tokens.app

    def approved() -> str:
        return call.api.tokens.approve(call.account, challenge=challenge, redirect_uri=REDIRECT)

    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "client_id": app.client_id}
    code = approved()
    assert _post(call, "/2/oauth2/token", {**form, "code": code, "code_verifier": "wrong"})[0] == 400
    late = approved()
    call.x.world.advance(timedelta(seconds=31))
    assert _post(call, "/2/oauth2/token", {**form, "code": late, "code_verifier": verifier})[0] == 400
    status, session = _post(call, "/2/oauth2/token", {**form, "code": approved(), "code_verifier": verifier})
    assert (status, session["expires_in"], session["token_type"]) == (200, 7200, "bearer")
    assert call.get("users/me", token=session["access_token"]).status == 200
    call.x.world.advance(timedelta(hours=2))
    assert call.get("users/me", token=session["access_token"]).status == 401
    renew = {"grant_type": "refresh_token", "refresh_token": session["refresh_token"], "client_id": app.client_id}
    status, renewed = _post(call, "/2/oauth2/token", renew)
    assert call.get("users/me", token=renewed["access_token"]).status == 200
    assert _post(call, "/2/oauth2/token", renew)[0] == 400
    assert _post(call, "/2/oauth2/token", {**renew, "client_id": "another"})[0] == 401


def test_the_application_s_token(call: Caller) -> None:
    """Comes for its key and secret."""
    app = call.api.tokens.app
    basic = base64.b64encode(f"{app.key}:{app.secret}".encode()).decode()
    form = {"grant_type": "client_credentials"}
    assert _post(call, "/oauth2/token", form, Authorization=f"Basic {basic}")[1]["access_token"] == app.bearer
    assert _post(call, "/oauth2/token", form, Authorization="Basic d3Jvbmc=")[0] == 403


def test_windows(call: Caller) -> None:
    """Headers count down; one too many is 429 until the window ends, a quarter of an hour after its first call."""
    call.api.limits._generous = False
    for left in range(74, -1, -1):
        answer = call.get("users/me")
        assert answer.headers["x-rate-limit-remaining"] == str(left)
    refused = call.get("users/me")
    assert (refused.status, refused.json["title"]) == (429, "Too Many Requests")
    resets = int(refused.headers["x-rate-limit-reset"])
    assert resets == int((call.x.now() + timedelta(minutes=15)).timestamp())
    call.x.world.advance(timedelta(minutes=15))
    call.ok("users/me")


def test_the_full_archive_answers_once_a_second(call: Caller) -> None:
    """The refusal has calls of the window left."""
    call.api.limits._generous = False
    call.ok("tweets/search/all", kind="app", query="a")
    refused = call.get("tweets/search/all", kind="app", query="a")
    assert (refused.status, refused.headers["x-rate-limit-remaining"]) == (429, "298")
    call.x.world.advance(timedelta(seconds=1))
    call.ok("tweets/search/all", kind="app", query="a")


def test_a_block(call: Caller) -> None:
    """Uses up a window until it is over, or lifted."""
    call.api.limits.block("me", seconds=120)
    assert call.get("users/me").status == 429
    call.api.limits.lift()
    call.ok("users/me")


def test_what_calls_cost(call: Caller) -> None:
    """Own reads are a fifth; what is included counts by one reading of the list and not by the other; so do repetitions."""
    theirs = call.x.post(call.people[0], "Theirs")
    call.x.reply(call.account, theirs, "Thank you")
    call.x.post(call.account, "Ours")
    bills = call.api.bills
    timeline = f"users/{call.account.id}/tweets"
    call.ok(timeline)
    assert bills.spent() == 2
    call.ok(timeline, kind="app")
    assert bills.spent() == 2 + 10
    call.ok(timeline, expansions="author_id,referenced_tweets.id", tweet_fields="referenced_tweets")
    assert (bills.spent(), bills.spent(includes=False)) == (12 + 2 + 10 + 5, 14)
    assert bills.spent(includes=False, once_a_day=True) == 2
    call.ok("users", ids=call.people[0].id)
    assert bills.spent() == 29 + 10
    call.ok("tweets/counts/all", kind="app", query="a")
    assert bills.spent() == 39 + 10
    for _ in range(3):
        call.ok("usage/tweets", kind="app")
        call.get("users/me", token="wrong")
        call.ok("tweets", ids="12")
    assert bills.spent() == 49
    assert call.ok("usage/tweets", kind="app")["data"]["project_usage"] == str(bills.posts()) == "6"


def test_what_is_charged_though_it_does_not_arrive(call: Caller) -> None:
    """An answer that breaks off was given; a failure was not."""
    call.x.post(call.account, "Ours")
    served, timeline = call.city.x.served, f"users/{call.account.id}/tweets"
    url = f"{served.base_url}/2/{timeline}"
    for fault in (truncated(), disconnect()):
        served.faults.add(fault)
        with pytest.raises(httpx.TransportError):
            httpx.get(url, headers={"Authorization": f"Bearer {call.token()}"})
    assert call.api.bills.spent() == 2
    for one in (faults.unavailable(), faults.unauthorized(), faults.capped(), faults.page(), faults.empty()):
        served.faults.add(one)
        assert call.get(timeline).status >= 400
    assert call.api.bills.spent() == 2


def test_the_end_of_the_money(call: Caller) -> None:
    """Credits end with 402, the month's cap with 429; both are looked at before a call, so the last one may go over."""
    for number in range(12):
        call.x.post(call.account, f"Post {number}", at=call.x.now() - timedelta(days=number + 1))
    timeline = f"users/{call.account.id}/tweets"
    call.api.bills.credits = 5
    call.ok(timeline)
    refused = call.get(timeline)
    assert (refused.status, refused.json["title"]) == (402, "CreditsDepleted")
    call.api.bills.credits = None
    call.api.bills.cap = 10
    refused = call.get(timeline)
    assert (refused.status, refused.json["title"]) == (429, "UsageCapExceeded")
    assert int(refused.headers["x-rate-limit-remaining"]) > 0


def test_cookies_and_tokens_where_none_belong(call: Caller) -> None:
    """Are noted."""
    base = call.city.x.served.base_url
    httpx.get(f"{base}/2/users/me", headers={"Cookie": "guest_id=1"})
    httpx.get(f"{base}/media/none.jpg", headers={"Authorization": "Bearer x"})
    assert [urlsplit(one).path for one in call.api.noted.cookies] == ["/2/users/me"]
    assert call.api.files.with_secrets == ["/media/none.jpg"]
