"""The network guard at work: on names, redirects, kept connections and a name server that changes its mind."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.platforms.adapter import Login
from archiver.warc.event import CaptureEvent
from tests.capture.conftest import TOKEN, MakeRig, Rig
from tests.capture.servers import peer
from tests.support.clock import FakeClock

EMPTY = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 0\r\n\r\n"
LOOPBACK = (ip_network("127.0.0.0/8"),)


def exchange(event: CaptureEvent, status: int, location: str | None) -> Exchange:
    """What the loop makes of an event."""
    headers = () if location is None else (("Location", location),)
    return Exchange("id", 1, "city", event.url, "posts", FakeClock().now(), status=status, headers=headers)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_private_address_is_refused(purpose: Purpose, rig: Rig) -> None:
    """A file, and any other call, to an address that is not public is refused before a byte is sent."""
    with peer(EMPTY) as server:
        event = rig.get(server.url, purpose=purpose)
        assert server.connections == 0
    assert (event.failure, event.request, event.peer) == ("refused", b"", None)
    assert event.failure_detail == "127.0.0.1 is at 127.0.0.1, which is not public: loopback."


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0"]
)
def test_other_spellings_of_this_machine(host: str, make_rig: MakeRig) -> None:
    """However loopback is spelled, the address that would be connected to is judged."""
    event = make_rig(resolve=lambda name, port: [socket.gethostbyname(name)]).get(
        f"http://{host}:9/", purpose=Purpose.MEDIA
    )
    assert (event.failure, event.request) == ("refused", b"")


def test_one_bad_address_is_enough(make_rig: MakeRig) -> None:
    """A name with a public and a private address is not asked at all."""
    rig = make_rig(resolve=lambda host, port: ["8.8.8.8", "10.0.0.8"])
    event = rig.get("http://cdn.example/a.png", purpose=Purpose.MEDIA)
    assert (event.failure, event.failure_detail) == (
        "refused",
        "cdn.example is at 10.0.0.8, which is not public: private.",
    )


def test_a_name_server_that_changes_its_mind(make_rig: MakeRig) -> None:
    """A name is resolved once per connection and that answer is connected to: rebinding finds no second chance."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["127.0.0.2"]

    with peer(EMPTY) as server:
        rig = make_rig(resolve=resolve, allow_networks=(ip_network("127.0.0.2/32"),))
        first = rig.get(f"http://cdn.example:{server.port}/", purpose=Purpose.MEDIA)
        second = rig.get(f"http://cdn.example:{server.port}/", purpose=Purpose.MEDIA)
        assert server.connections == 0
    assert (first.failure, first.failure_detail) == ("connect", "127.0.0.2: Connection refused.")
    assert (second.failure, asked) == ("refused", ["cdn.example"] * 2)


def test_allowed_networks_pass(make_rig: MakeRig) -> None:
    """What the operator allowed is asked."""
    with peer(EMPTY) as server:
        event = make_rig(allow_networks=LOOPBACK).get(server.url, purpose=Purpose.MEDIA)
    assert (event.failure, event.peer) == (None, "127.0.0.1")


def test_the_accounts_own_server_passes(rig: Rig) -> None:
    """The origin of the account's base_url is the operator's word; another port of that host is not."""
    with peer(EMPTY) as own, peer(EMPTY) as other:
        assert rig.fetch(own.url, "/a.png", purpose=Purpose.MEDIA).failure is None
        assert rig.at(own.url).get(other.url, purpose=Purpose.MEDIA).failure == "refused"
        assert rig.at(own.url.replace("http:", "https:")).get(own.url, purpose=Purpose.MEDIA).failure == "refused"


def test_trust_does_not_spread_over_a_kept_connection(rig: Rig) -> None:
    """An open connection to one account's own server is not open to another account's files."""
    with peer(EMPTY, EMPTY) as server:
        assert rig.fetch(server.url).failure is None
        stranger = Account("parks", "mastodon", "parks")
        event = rig.client.send(stranger, RequestSpec(server.url + "/x", "media", purpose=Purpose.MEDIA))
        assert (event.failure, event.request) == ("refused", b"")
        assert len(server.requests) == 1


def test_each_redirect_is_judged_again(make_rig: MakeRig) -> None:
    """A public-looking address that leads to a private one ends there."""
    with peer(
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n"
    ) as server:
        rig = make_rig(allow_networks=LOOPBACK)
        spec = RequestSpec(server.url, "media", purpose=Purpose.MEDIA, follow=True)
        first = rig.client.send(rig.account, spec)
        hop = rig.client.redirect(spec, exchange(first, 302, "http://169.254.169.254/latest/meta-data/"))
    assert hop is not None
    event = rig.client.send(rig.account, hop)
    assert (event.failure, event.url) == ("refused", "http://169.254.169.254/latest/meta-data/")


HOPS: dict[str, tuple[str, int, str | None, str, tuple[str, str, str | None] | None]] = {
    "to a path": ("GET", 301, "/b?c=d", "token", ("GET", "https://a.example/b?c=d", "token")),
    "relative": ("GET", 302, "b", "token", ("GET", "https://a.example/x/b", "token")),
    "to another host": ("GET", 302, "https://b.example/", "token", ("GET", "https://b.example/", None)),
    "to another port": ("GET", 307, "https://a.example:8443/", "token", ("GET", "https://a.example:8443/", None)),
    "down to http": ("GET", 308, "http://a.example/", "token", ("GET", "http://a.example/", None)),
    "without a scheme": ("GET", 302, "//b.example/y", "token", ("GET", "https://b.example/y", None)),
    "with a fragment": ("GET", 302, "/b#top", "token", ("GET", "https://a.example/b", "token")),
    "see other after a post": ("POST", 303, "/b", "token", ("GET", "https://a.example/b", "token")),
    "found after a post": ("POST", 302, "/b", "token", ("GET", "https://a.example/b", "token")),
    "the same method after a post": ("POST", 307, "/b", "token", ("POST", "https://a.example/b", "token")),
    "see other after a head": ("HEAD", 303, "/b", "token", ("HEAD", "https://a.example/b", "token")),
    "to a file": ("GET", 302, "file:///etc/passwd", "token", None),
    "with a password": ("GET", 302, "https://u:p@a.example/", "token", None),
    "to what is no address": ("GET", 302, "http://[", "token", None),
    "nowhere": ("GET", 302, None, "token", None),
    "an answer that does not redirect": ("GET", 200, "/b", "token", None),
    "not modified": ("GET", 304, "/b", "token", None),
}


@pytest.mark.parametrize("case", HOPS)
def test_redirects(case: str, rig: Rig) -> None:
    """Where a redirect leads, by which method, and that a credential stays within its origin."""
    method, status, location, credential, expected = HOPS[case]
    spec = RequestSpec("https://a.example/x/y", "posts", method=method, credential=credential, follow=True)
    seen = Exchange("id", 1, "city", spec.url, "posts", FakeClock().now(), status=status,
                    headers=() if location is None else (("location", location),))  # fmt: skip
    hop = rig.client.redirect(spec, seen)
    assert (hop and (hop.method, hop.url, hop.credential)) == expected
    if hop is not None:
        assert hop.follow


def test_a_request_that_does_not_want_redirects(rig: Rig) -> None:
    """Without ``follow`` a redirect is an answer like any other."""
    spec = RequestSpec("https://a.example/", "posts")
    seen = Exchange("id", 1, "city", spec.url, "posts", FakeClock().now(), status=302, headers=(("Location", "/b"),))
    assert rig.client.redirect(spec, seen) is None


def test_a_redirect_with_a_token_in_it(make_rig: MakeRig) -> None:
    """What is stored of the address has no token; what is asked next has it."""
    rig = make_rig()
    answer = b"HTTP/1.1 302 Found\r\nLocation: /b?token=abc%20d&x=1\r\nContent-Length: 0\r\n\r\n"
    with peer(answer, EMPTY) as server:
        own = rig.at(server.url)
        spec = RequestSpec(server.url + "/a", "posts", follow=True)
        event = own.client.send(own.account, spec)
        hop = own.client.redirect(spec, exchange(event, 302, "/b?token=%5Bremoved%5D&x=1"))
        assert hop is not None
        second = own.client.send(own.account, hop)
        assert server.requests[1].startswith(b"GET /b?token=abc%20d&x=1 HTTP/1.1")
    assert second.url == server.url + "/b?token=%5Bremoved%5D&x=1"
    assert second.request.startswith(b"GET /b?token=%5Bremoved%5D&x=1 HTTP/1.1")


def test_a_credential_goes_over_tls_or_to_the_own_server(make_rig: MakeRig) -> None:
    """A token is never sent in the clear to an address that the operator did not name."""
    with peer(EMPTY, EMPTY) as server:
        rig = make_rig(allow_networks=LOOPBACK)
        event = rig.get(server.url, credential="token")
        assert (event.failure, server.connections) == ("refused", 0)
        login = Login(RequestSpec(server.url, "profile", method="POST", body=b'{"p": "{secret}"}'), "accessJwt")
        other = make_rig(allow_networks=LOOPBACK)
        assert other.client.login(other.account, login).failure == "refused"
        assert server.connections == 0
        assert rig.fetch(server.url, credential="token").failure is None
        assert f"Authorization: Bearer {TOKEN}\r\n".encode() in server.requests[0]
