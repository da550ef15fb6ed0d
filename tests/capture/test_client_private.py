"""Secrets in parameters and in answers: sent, learnt, stored, and in nothing that is written (design, idea 6; R62)."""

from __future__ import annotations

import gzip
import hashlib
import json
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from archiver.capture.client import Client
from archiver.capture.credentials import proof
from archiver.capture.masking import fill
from archiver.capture.secrets import SecretRef, Secrets
from archiver.domain.account import Account
from archiver.domain.exchange import Grant, KeyHeader, PrivateParameter, RequestSpec
from archiver.errors import OperatorError
from archiver.warc.event import CaptureEvent
from archiver.warc.reader import live_exchange
from archiver.warc.writer import CaptureRef
from tests.capture.conftest import NETWORK, Rig, stored, taken
from tests.capture.servers import hang_up, peer, say
from tests.capture.spellings import leaks_of_any
from tests.support.clock import FakeClock

TOKEN, APP_ID, APP_SECRET, NEW = "EAAt0ken/canary+4711", "123456789012345", "app5ecret-canary", "EAAnew|t0ken=canary"
PROOF = PrivateParameter("appsecret_proof", "{proof}", optional=True)
INPUT = PrivateParameter("input_token", "{token}")
NOWHERE = CaptureRef("", "", 0, 0, None, None, FakeClock().now())


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """The files of the account's secrets."""
    found = {name: tmp_path / "secrets" / name for name in ("token", "app_id", "app_secret")}
    (tmp_path / "secrets").mkdir()
    for name, value in (("token", TOKEN), ("app_id", APP_ID), ("app_secret", APP_SECRET)):
        found[name].touch(0o600)
        found[name].write_text(value)
    return found


def rig_of(tmp_path: Path, refs: dict[str, SecretRef]) -> Rig:
    """A client of an account with these secrets."""
    secrets, stop, spool = Secrets({"city": refs}), threading.Event(), tmp_path / "spool"
    client = Client(NETWORK, secrets, spool, FakeClock(), stop)
    account = Account("city", "facebook", "city", authenticated=True, secrets=frozenset(refs))
    return Rig(client, secrets, stop, spool, account)


@pytest.fixture
def rig(tmp_path: Path, files: dict[str, Path]) -> Iterator[Rig]:
    """A client of an account with a token and an app."""
    made = rig_of(tmp_path, {name: SecretRef(file=path) for name, path in files.items()})
    yield made
    made.client.close()


def answer(document: Any, *, status: str = "200 OK", packed: bool = False, fields: bytes = b"") -> bytes:
    """An answer in JSON."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    if packed:
        body, fields = gzip.compress(body), fields + b"Content-Encoding: gzip\r\n"
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n".encode()
    return head + fields + b"\r\n" + body


def body_of(event: CaptureEvent) -> Any:
    """The document that is stored."""
    return json.loads(live_exchange(event, NOWHERE, {}).body)


def everything(event: CaptureEvent) -> bytes:
    """All that is kept of an exchange."""
    block = stored(event) if event.response is not None else b""
    told = repr((event.url, event.failure_detail, event.redactions, live_exchange(event, NOWHERE, {}))).encode()
    return b"\n".join((event.request, block, told))


def test_private_parameters_are_sent_and_not_kept(rig: Rig) -> None:
    """They come last, are proved, and leave their names; the bearer is made of two secrets."""
    with peer(answer({"data": {"app_id": APP_ID, "is_valid": True}})) as server:
        event = rig.fetch(
            server.url, "/debug_token?fields=a", credential="{app_id}|{app_secret}", private=(INPUT, PROOF)
        )
        sent = server.requests[0]
    signed = proof(APP_SECRET, f"{APP_ID}|{APP_SECRET}")
    target = f"/debug_token?fields=a&input_token={quote(TOKEN, safe='')}&appsecret_proof={signed}"
    assert sent.startswith(f"GET {target} HTTP/1.1\r\n".encode()), sent
    assert f"Authorization: Bearer {APP_ID}|{APP_SECRET}\r\n".encode() in sent
    shown = "/debug_token?fields=a&input_token=%5Bremoved%5D&appsecret_proof=%5Bremoved%5D"
    assert event.url == server.url + shown
    assert event.request.startswith(f"GET {shown} HTTP/1.1\r\n".encode())
    assert taken(event) == {"url": 2, "request-header authorization": 1}
    assert leaks_of_any(everything(event), {TOKEN, APP_SECRET, signed}) == []
    assert body_of(event)["data"]["app_id"] == APP_ID


def test_any_name_may_be_private(rig: Rig) -> None:
    """Even a short value under an ordinary name is replaced, in what the server repeats, too."""
    short = PrivateParameter("code", "{app_id}")
    with peer(answer({}, fields=b"Link: </x?code=" + APP_ID.encode() + b">; rel=next\r\n")) as server:
        event = rig.fetch(server.url, "/a?b=c", private=(short,))
    assert event.url == f"{server.url}/a?b=c&code=%5Bremoved%5D"
    assert b"Link: </x?code=%5Bremoved%5D>; rel=next" in stored(event)


@pytest.mark.parametrize("name", ["X-Goog-Api-Key", "X-Own-Field"])
def test_a_key_in_a_field_of_its_own(name: str, rig: Rig) -> None:
    """It is sent there and nowhere else, and is kept under no name; to another origin it does not go along."""
    away = answer({"echo": TOKEN}, status="302 Found", fields=b"Location: http://127.0.0.2:1/c\r\n")
    with peer(away) as server:
        own = rig.at(server.url)
        spec = _spec(f"{server.url}/a", credential="token", key_header=KeyHeader(name), follow=True)
        event = own.client.send(own.account, spec)
        sent = server.requests[0]
    assert f"\r\n{name}: {TOKEN}\r\n".encode() in sent
    assert b"authorization" not in sent.lower()
    assert taken(event)[f"request-header {name.lower()}"] == 1
    assert leaks_of_any(everything(event), {TOKEN}) == []
    elsewhere = own.client.redirect(spec, live_exchange(event, NOWHERE, {}))
    assert elsewhere is not None
    assert elsewhere.credential is None


def test_a_key_goes_over_https_or_to_the_own_server(rig: Rig) -> None:
    """It is a secret as a bearer token is."""
    with peer(answer({})) as server:
        event = rig.get(f"{server.url}/a", credential="token", key_header=KeyHeader("X-Goog-Api-Key"))
        assert (event.failure, server.connections) == ("refused", 0)


def test_forms_are_not_kept_either(rig: Rig) -> None:
    """The fields of a form are overwritten at their length."""
    private = (PrivateParameter("client_secret", "{app_secret}"), PrivateParameter("client_id", "{app_id}"))
    with peer(answer({})) as server:
        event = rig.fetch(server.url, "/token", method="POST", body=b"grant_type=code", private=private)
        sent = server.requests[0]
    assert sent.endswith(f"\r\n\r\ngrant_type=code&client_secret={APP_SECRET}&client_id={APP_ID}".encode())
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in sent
    gone = b"grant_type=code&client_secret=" + fill(len(APP_SECRET)) + b"&client_id=" + fill(len(APP_ID))
    assert event.request.endswith(b"\r\n\r\n" + gone)
    assert taken(event)["request-body"] == 2


def test_private_parameters_go_over_https_or_to_the_own_server(rig: Rig) -> None:
    """To any other server in the clear nothing is sent, with or without a bearer."""
    with peer(answer({})) as server:
        for asked in ({"private": (INPUT,)}, {"grant": Grant()}, {"private": (INPUT,), "credential": "token"}):
            event = rig.get(f"{server.url}/a", **asked)
            assert event.failure == "refused"
            assert leaks_of_any(everything(event), {TOKEN}) == []
        assert server.connections == 0


def test_redirects(rig: Rig) -> None:
    """Within one origin they go along, once; to another nothing of them does."""
    moved = answer({}, status="302 Found", fields=b"Location: /b?input_token=" + quote(TOKEN).encode() + b"\r\n")
    away = answer({}, status="302 Found", fields=b"Location: http://127.0.0.2:1/c\r\n")
    with peer(moved, answer({}), away) as server:
        own = rig.at(server.url)
        spec = _spec(f"{server.url}/a", credential="token", private=(INPUT,), follow=True)
        first = own.client.send(own.account, spec)
        second_spec = own.client.redirect(spec, live_exchange(first, NOWHERE, {}))
        assert second_spec is not None
        second = own.client.send(own.account, second_spec)
        assert server.requests[1].count(b"input_token=") == 1
        third = own.client.send(own.account, spec)
        away_spec = own.client.redirect(spec, live_exchange(third, NOWHERE, {}))
    assert away_spec is not None
    assert (away_spec.credential, away_spec.private) == (None, ())
    for event in (first, second, third):
        assert leaks_of_any(everything(event), {TOKEN}) == []
    assert second.url == f"{server.url}/b?input_token=%5Bremoved%5D"


def _spec(url: str, **more: Any) -> RequestSpec:
    return RequestSpec(url, "access", **more)


# ---- answers that bring new secrets


@pytest.mark.parametrize("packed", [False, True])
def test_a_new_token_is_taken_and_stored(packed: bool, rig: Rig, files: dict[str, Path]) -> None:
    """It is in its file, for its owner only, and in use; the record has letters in its place, and says so."""
    body = {"access_token": NEW, "token_type": "bearer", "expires_in": 5183944, "user_id": 17841400000000001}
    plain = json.dumps(body).encode()
    with peer(answer(body, packed=packed), answer({"seen": NEW})) as server:
        event = rig.fetch(server.url, "/refresh", credential="token", grant=Grant())
        after = rig.fetch(server.url, "/me", credential="token")
        assert b"Accept-Encoding: identity\r\n" in server.requests[0]
        assert f"Bearer {NEW}\r\n".encode() in server.requests[1]
    assert body_of(event) == body | {"access_token": fill(len(NEW)).decode()}
    assert len(stored(event)) == len(answer(body, packed=packed))
    assert taken(event)["response-body"] == 1
    if not packed:
        received = next(one.received_digest for one in event.redactions if one.place == "response-body")
        assert received == f"sha256:{hashlib.sha256(plain).hexdigest()}"
    assert files["token"].read_text() == f"{NEW}\n"
    assert stat.S_IMODE(files["token"].stat().st_mode) == 0o600
    assert files["token"].stat().st_mtime == event.captured_at.timestamp()
    assert [path.name for path in files["token"].parent.iterdir() if path.name.startswith(".")] == []
    assert leaks_of_any(everything(event) + everything(after), {TOKEN, NEW}) == []
    assert rig.client.unkept(rig.account) is None


REFUSED = {
    "an error": answer({"error": {"message": "too young", "code": 10}}, status="400 Bad Request"),
    "an error within a success": answer({"error": {"message": "too young", "code": 10}}),
    "a broken answer": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b'{"access_token": "' + NEW.encode() + b'"}',
    "no JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_answer_that_brings_nothing(case: str, rig: Rig, files: dict[str, Path]) -> None:
    """The old token stays, whatever went wrong."""
    with peer(hang_up(REFUSED[case])) as server:
        event = rig.fetch(server.url, "/refresh", credential="token", grant=Grant())
    assert files["token"].read_text() == TOKEN
    assert leaks_of_any(everything(event), {TOKEN, NEW}) == []


def test_a_new_token_that_can_not_be_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is used as long as the process lives, and a person is told, once."""
    monkeypatch.setenv("CITY_TOKEN", TOKEN)
    rig = rig_of(tmp_path, {"token": SecretRef(env="CITY_TOKEN")})
    assert not rig.client.renewable(rig.account)
    with peer(answer({"access_token": NEW}), answer({})) as server:
        rig.fetch(server.url, "/refresh", credential="token", grant=Grant())
        rig.fetch(server.url, "/me", credential="token")
        assert f"Bearer {NEW}\r\n".encode() in server.requests[1]
    unkept = rig.client.unkept(rig.account)
    assert isinstance(unkept, OperatorError)
    assert "CITY_TOKEN" in str(unkept)
    assert leaks_of_any(str(unkept).encode(), {TOKEN, NEW}) == []
    assert rig.client.unkept(rig.account) is None
    rig.client.close()


# ---- answers that show secrets unasked


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("pieces", [1, 7])
def test_tokens_in_any_answer(packed: bool, pieces: int, rig: Rig) -> None:
    """Page tokens and links are masked wherever they come; ids, numbers and people's words stay as they are."""
    other, linked = "EAAanother-page-canary", "EAAlinked|canary+1"
    document = {
        "data": [{"id": "104000000000001", "access_token": other, "count": 17841400000000001, "app": APP_ID}],
        "message": f"a citizen wrote ?access_token={'x' * 30} and access_token",
        "paging": {"next": f"https://graph.example/v1/me?access_token={quote(linked)}&after=QVFI", "mine": TOKEN},
    }
    with peer(say(answer(document, packed=packed), pieces=pieces, pause_s=0.001), answer({"echo": linked})) as server:
        event = rig.fetch(server.url, "/me/accounts", credential="token")
        again = rig.fetch(server.url, "/me", credential="token")
    kept = body_of(event)
    assert kept["data"][0] == document["data"][0] | {"access_token": fill(len(other)).decode()}  # type: ignore[index]
    assert kept["message"] == document["message"]
    assert kept["paging"]["next"] == (
        f"https://graph.example/v1/me?access_token={fill(len(quote(linked))).decode()}&after=QVFI"
    )
    assert taken(event)["response-body"] == 3
    assert len(json.dumps(kept)) == len(json.dumps(document))
    assert leaks_of_any(everything(event) + everything(again), {TOKEN, other, linked}) == []


def test_answers_to_nobody_are_not_searched(rig: Rig) -> None:
    """Who was shown no secret is not looked at: what stands in a public answer is public."""
    document = {"access_token": "EAAsomething-public"}
    with peer(answer(document)) as server:
        event = rig.fetch(server.url, "/public")
    assert body_of(event) == document
