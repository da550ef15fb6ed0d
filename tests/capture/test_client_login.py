"""Logging in, renewing a session, and that no token of it leaves memory."""

from __future__ import annotations

import json

import pytest

from archiver.domain.exchange import RequestSpec
from archiver.errors import TokenMissing
from archiver.platforms.adapter import Login
from archiver.warc.event import CaptureEvent
from tests.capture.conftest import TOKEN, MakeRig, Rig, stored, taken
from tests.capture.servers import Peer, Play, hang_up, peer
from tests.capture.spellings import leaks

JSON = (("Content-Type", "application/json"),)
TOKENS = [f"eyJhbGciOiJub25lIn0.{name}-{n}-canary.c2ln/Zg==" for n in range(4) for name in ("access", "refresh")]


def session(number: int, **more: object) -> bytes:
    """A login's answer with the tokens of that number."""
    members = {
        "did": "did:plc:x",
        "accessJwt": TOKENS[number * 2],
        "refreshJwt": TOKENS[number * 2 + 1],
        "active": True,
    }
    return answer(200, json.dumps({**members, **more}).encode().replace(b"/", b"\\/"))


def answer(status: int, body: bytes = b"{}") -> bytes:
    """An answer with JSON."""
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


def bluesky(server: Peer) -> Login:
    """Bluesky's login at this server."""
    create = RequestSpec(
        f"{server.url}/xrpc/com.atproto.server.createSession", "profile", method="POST", headers=JSON,
        body=b'{"identifier": "city.example", "password": "{secret}"}',
    )  # fmt: skip
    refresh = RequestSpec(f"{server.url}/xrpc/com.atproto.server.refreshSession", "profile", method="POST")
    return Login(create, "accessJwt", refresh, "refreshJwt")


def clean(*events: CaptureEvent) -> bool:
    """Whether no secret can be read out of what the events hold."""
    data = b"".join(
        repr(event).encode() + event.request + (stored(event) if event.response else b"") for event in events
    )
    return all(leaks(data, secret) == [] for secret in (TOKEN, *TOKENS))


def bearer(request: bytes) -> str | None:
    """The token of a request, as sent."""
    line = next((one for one in request.split(b"\r\n") if one.startswith(b"Authorization: Bearer ")), None)
    return line.decode().removeprefix("Authorization: Bearer ") if line else None


def test_a_login_and_what_follows(rig: Rig) -> None:
    """The secret is only in the login's body, the session's token in what follows, and none of it is stored."""
    with peer(session(0), answer(200, b'{"echo": "' + TOKENS[0].encode() + b'"}')) as server:
        login, own = bluesky(server), rig.at(server.url)
        assert own.client.needs_login(own.account, login)
        first = own.client.login(own.account, login)
        assert not own.client.needs_login(own.account, login)
        second = own.get(f"{server.url}/xrpc/app.bsky.notification.listNotifications", credential="token")
        assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2])["password"] == TOKEN
        assert [bearer(request) for request in server.requests] == [None, TOKENS[0]]
        assert b"Accept-Encoding: identity\r\n" in server.requests[0]
    assert clean(first, second)
    assert len(first.request) == len(server.requests[0])
    document = json.loads(stored(first).partition(b"\r\n\r\n")[2])
    assert (document["did"], document["active"]) == ("did:plc:x", True)
    assert set(document["accessJwt"]) | set(document["refreshJwt"]) == set("REMOVED")
    assert taken(first) == {"request-body": 1, "response-body": 2}
    assert [one.received_digest is not None for one in first.redactions] == [False, True]
    assert taken(second) == {"request-header authorization": 1, "response-body": 1}


@pytest.mark.parametrize("token", ['quo"te\\back/slash', "Straße пароль 🔑", "plain-and-simple"])
def test_the_secret_is_escaped(token: str, make_rig: MakeRig) -> None:
    """Any character may be in a password; the server reads what was configured."""
    rig = make_rig(token=token)
    with peer(session(0)) as server:
        event = rig.at(server.url).client.login(rig.at(server.url).account, bluesky(server))
        assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2])["password"] == token
    assert leaks(event.request + repr(event).encode(), token) == []


def test_expiry_and_renewal(rig: Rig) -> None:
    """An ended session is renewed by its refresh token, which rotates; the secret is not sent again."""
    with peer(session(0), session(1), session(2), answer(200)) as server:
        login, own = bluesky(server), rig.at(server.url)
        events = [own.client.login(own.account, login)]
        for _ in range(2):
            own.client.expire(own.account)
            assert own.client.needs_login(own.account, login)
            assert own.client.refreshing(own.account, login)
            events.append(own.client.login(own.account, login))
        events.append(own.get(f"{server.url}/x", credential="token"))
        assert [bearer(request) for request in server.requests] == [None, TOKENS[1], TOKENS[3], TOKENS[4]]
        assert b"refreshSession" in server.requests[1]
        assert b"Content-Length: 0\r\n" in server.requests[1]
    assert clean(*events)


def test_a_renewal_without_a_new_refresh_token(rig: Rig) -> None:
    """Where only the access token is new, the refresh token stays."""
    with peer(session(0), session(1, refreshJwt=None), session(2)) as server:
        login, own = bluesky(server), rig.at(server.url)
        for _ in range(3):
            own.client.login(own.account, login)
            own.client.expire(own.account)
        assert [bearer(request) for request in server.requests] == [None, TOKENS[1], TOKENS[1]]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_renewal(status: int, rig: Rig) -> None:
    """When the refresh token is refused, the next login uses the secret."""
    refusal = answer(status, b'{"error": "ExpiredToken", "message": "' + TOKENS[1].encode() + b'"}')
    with peer(session(0), refusal, session(1)) as server:
        login, own = bluesky(server), rig.at(server.url)
        own.client.login(own.account, login)
        own.client.expire(own.account)
        refused = own.client.login(own.account, login)
        assert own.client.needs_login(own.account, login)
        assert not own.client.refreshing(own.account, login)
        renewed = own.client.login(own.account, login)
        assert not own.client.needs_login(own.account, login)
        assert b"createSession" in server.requests[2]
    assert clean(refused, renewed)


@pytest.mark.parametrize("trouble", [hang_up(), answer(503), answer(429), answer(500)])
def test_a_renewal_that_meets_trouble(trouble: Play | bytes, rig: Rig) -> None:
    """A passing fault costs no session: the refresh token is tried again."""
    with peer(session(0), trouble, session(1)) as server:
        login, own = bluesky(server), rig.at(server.url)
        own.client.login(own.account, login)
        own.client.expire(own.account)
        own.client.login(own.account, login)
        assert own.client.needs_login(own.account, login)
        assert own.client.refreshing(own.account, login)
        own.client.login(own.account, login)
        assert not own.client.needs_login(own.account, login)


BROKEN: dict[str, Play | bytes] = {
    "refused": answer(401, b'{"error": "AuthenticationRequired"}'),
    "no JSON": answer(200, b"<html>"),
    "a list": answer(200, b"[]"),
    "without the token": answer(200, b'{"did": "x"}'),
    "a token that is no text": answer(200, b'{"accessJwt": 5}'),
    "cut": hang_up(session(0)[:-20]),
    "no answer": hang_up(),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_login_without_a_session(case: str, rig: Rig) -> None:
    """Without an access token there is no session, and the secret itself is never sent as one."""
    with peer(BROKEN[case], answer(200)) as server:
        login, own = bluesky(server), rig.at(server.url)
        event = own.client.login(own.account, login)
        assert own.client.needs_login(own.account, login)
        after = own.get(f"{server.url}/x", credential="token")
        assert (after.failure, len(server.requests)) == ("protocol", 1)
    assert clean(event, after)


def test_tokens_under_other_names(rig: Rig) -> None:
    """What goes by a token's name is masked wherever it stands in a login's answer."""
    more = {"idToken": TOKENS[4], "nested": [{"client_secret": TOKENS[6], "name": "stays-as-it-is"}]}
    with peer(session(0, **more)) as server:
        own = rig.at(server.url)
        event = own.client.login(own.account, bluesky(server))
    assert clean(event)
    assert b"stays-as-it-is" in stored(event)


def test_accounts_that_do_not_log_in(rig: Rig, make_rig: MakeRig) -> None:
    """Where the secret itself is the bearer, or there is none, nothing is to be logged in."""
    bare = make_rig(token=None)
    with peer() as server:
        login = bluesky(server)
        assert not rig.client.needs_login(rig.account, None)
        assert not bare.client.needs_login(bare.account, login)
        with pytest.raises(TokenMissing):
            bare.client.login(bare.account, login)


def test_a_gzipped_login(rig: Rig) -> None:
    """A server that compresses unasked hides no token."""
    import gzip

    body = gzip.compress(session(0).partition(b"\r\n\r\n")[2])
    whole = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with peer(whole) as server:
        own = rig.at(server.url)
        event = own.client.login(own.account, bluesky(server))
        assert not own.client.needs_login(own.account, bluesky(server))
    assert clean(event)
