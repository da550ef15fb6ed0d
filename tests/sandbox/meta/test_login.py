"""The logins of Instagram and Threads: codes, tokens for an hour and for sixty days, renewals, by the city's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.meta.login import Login
from archiver.sandbox.model import Person
from tests.sandbox.conftest import ask
from tests.sandbox.meta.profiles import NOW, Host, bare

LETTERS = {"city-instagram": "ig", "city-threads": "th"}
SCOPES = {"instagram_business_basic", "threads_basic"}


@pytest.fixture(params=LETTERS)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """An account without posts, for one test."""
    with SandboxCity(seed=7, size=bare(request.param), now=NOW) as city:
        yield Host(city, request.param, "v26.0" if request.param == "city-instagram" else "v1.0")


def login_of(host: Host) -> Login:
    """The login of a server."""
    login: Login = host.city.hosts.server(host.account).api.login
    return login


def redeem(host: Host, **changed: str) -> Any:
    """A code for a token, as the redirect's receiver asks."""
    app = host.city.hosts.app_of(host.account)
    fields = {
        "client_id": app.id,
        "client_secret": app.secret,
        "grant_type": "authorization_code",
        "redirect_uri": "https://records.example/done",
    }
    return host.form("oauth/access_token", **(fields | changed)).json


def short_of(host: Host, person: Person) -> str:
    """A token for an hour."""
    answer = redeem(host, code=login_of(host).approve(person, SCOPES))
    value: str = answer["data"][0]["access_token"] if "data" in answer else answer["access_token"]
    return value


def at_host(host: Host, path: str, token: str, **params: str) -> Any:
    """A call of a token path, which has no version."""
    return ask(f"{host.base}/{path}", params, token=token).json


def exchange(host: Host, token: str, **changed: str) -> Any:
    """An hour's token for one of sixty days."""
    known = {
        "grant_type": f"{LETTERS[host.account]}_exchange_token",
        "client_secret": host.city.hosts.app_of(host.account).secret,
    }
    return at_host(host, "access_token", token, **(known | changed))


def renew(host: Host, token: str) -> Any:
    """Sixty days more."""
    return at_host(host, "refresh_access_token", token, grant_type=f"{LETTERS[host.account]}_refresh_token")


def test_a_code_is_good_once_and_for_an_hour(host: Host) -> None:
    """The second time, an hour later, with a wrong secret: errors in this endpoint's own form."""
    login = login_of(host)
    code = login.approve(host.person, SCOPES)
    answer = redeem(host, code=code)
    told = answer["data"][0] if host.account == "city-instagram" else answer
    assert told["user_id"] == (host.person.id if host.account == "city-instagram" else int(host.person.id))
    assert redeem(host, code=code)["error_message"] == "This authorization code has been used"
    late = login.approve(host.person, SCOPES)
    host.city.world.advance(timedelta(hours=1))
    assert redeem(host, code=late)["error_message"] == "This authorization code has expired"
    wrong = redeem(host, code=login.approve(host.person, SCOPES), client_secret="guess")
    assert (wrong["error_type"], wrong["code"]) == ("OAuthException", 400)


def test_other_forms_of_the_same_answer(host: Host) -> None:
    """Flat, and with an id that is no number: seen in the wild, too."""
    login = login_of(host)
    login.enveloped = login.numbers = False
    answer = redeem(host, code=login.approve(host.person, SCOPES))
    assert answer["user_id"] == host.person.id
    if host.account == "city-instagram":
        assert answer["permissions"] == sorted(SCOPES)


def test_from_an_hour_to_sixty_days(host: Host) -> None:
    """A short token ends within the hour; a long one is not exchanged again."""
    short = short_of(host, host.person)
    swapped = exchange(host, short)
    assert (swapped["token_type"], swapped["expires_in"]) == ("bearer", 5_183_944)
    assert exchange(host, short, client_secret="guess")["error"]["code"] == 1
    assert exchange(host, swapped["access_token"])["error"]["code"] == 452
    host.city.world.advance(timedelta(hours=1))
    assert host.error("me", token=short)["error_subcode"] == 463
    assert host.ok("me", token=swapped["access_token"])["id"]


def test_a_renewal_wants_a_day_and_a_living_token(host: Host) -> None:
    """Too young, a day old, and dead after sixty days without renewal."""
    long = exchange(host, short_of(host, host.person))["access_token"]
    assert "24 hours" in renew(host, long)["error"]["message"]
    host.city.world.advance(timedelta(hours=24))
    renewed = renew(host, long)
    assert renewed["access_token"] != long
    assert renewed["expires_in"] == 5_183_944
    assert ("permissions" in renewed) is (host.account == "city-instagram")
    host.city.world.advance(timedelta(days=59, hours=1))
    assert renew(host, long)["error"]["error_subcode"] == 463
    assert host.ok("me", token=renewed["access_token"])["id"]
    host.city.world.advance(timedelta(days=1))
    assert renew(host, renewed["access_token"])["error"]["error_subcode"] == 463


def test_a_revocation_ends_what_it_was_renewed_to(host: Host) -> None:
    """The person takes the permission back: no token of hers works; reconnected, all do."""
    host.city.world.advance(timedelta(hours=25))
    renewed = renew(host, host.token)["access_token"]
    host.city.revoke(host.account)
    assert [host.error("me", token=one)["code"] for one in (host.token, renewed)] == [190, 190]
    host.city.reconnect(host.account)
    assert host.ok("me", token=renewed)["id"]


def test_looking_into_a_token(host: Host) -> None:
    """Threads tells of a token, with the app's or with itself; the Instagram host has no such path."""
    app = host.city.hosts.app_of(host.account)
    if host.account == "city-instagram":
        assert host.error("debug_token", input_token=host.token)["code"] == 2500
        return
    for caller in (f"TH|{app.token}", host.token):
        data = host.ok("debug_token", token=caller, input_token=host.token)["data"]
        assert (data["type"], data["is_valid"], data["user_id"]) == ("USER", True, host.person.id)
        assert data["expires_at"] == int((NOW + timedelta(days=60)).timestamp())
        assert data["data_access_expires_at"] == int((NOW + timedelta(days=90)).timestamp())
        assert not {"granular_scopes", "profile_id"} & data.keys()
    told = at_host(host, "oauth/access_token", host.token, grant_type="client_credentials", client_id=app.id,
                   client_secret=app.secret)  # fmt: skip
    assert told["access_token"] == f"TH|{app.id}|{app.secret}"
