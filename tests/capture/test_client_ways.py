"""The ways to a server: TLS, own authorities, a proxy; and that the bytes recorded are those of the exchange alone."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path

import pytest
import trustme

from archiver.capture.client import Network
from archiver.capture.transport import proxy_of, tls_context
from archiver.domain.exchange import Purpose
from archiver.errors import ConfigError
from tests.capture.conftest import TOKEN, MakeRig, stored, taken
from tests.capture.servers import Proxy, hang_up, peer, proxy, silence
from tests.capture.spellings import leaks

ANSWER = b"HTTP/1.1 200 OK\r\nX-Odd:a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
LOOPBACK = (ip_network("127.0.0.0/8"),)
ServerTls = Callable[..., ssl.SSLContext]


def here(host: str, port: int) -> list[str]:
    """Every name leads to this machine."""
    return ["127.0.0.1"]


def nowhere(host: str, port: int) -> list[str]:
    """A network in which only the proxy knows names."""
    raise OSError(-2, "Name or service not known")


def test_tls(make_rig: MakeRig, server_tls: ServerTls, bundle: Path) -> None:
    """Over TLS the bytes of HTTP are recorded, and which TLS it was."""
    with peer(ANSWER, ANSWER, tls=server_tls("social.example")) as server:
        rig = make_rig(resolve=here, ca_bundle=bundle, allow_networks=LOOPBACK)
        url = f"https://social.example:{server.port}/"
        events = [rig.get(url, credential="token") for _ in range(2)]
        assert server.connections == 1
        assert f"Bearer {TOKEN}".encode() in server.requests[1]
    for event in events:
        assert stored(event) == ANSWER
        assert (event.protocols, event.peer) == (("http/1.1", "tls/1.3"), "127.0.0.1")
        assert event.request.endswith(b"Authorization: [removed]\r\n\r\n")


def test_an_unknown_authority(make_rig: MakeRig, server_tls: ServerTls) -> None:
    """A certificate that nobody vouches for ends the exchange before anything is sent."""
    with peer(ANSWER, tls=server_tls("social.example")) as server:
        event = make_rig(resolve=here, allow_networks=LOOPBACK).get(
            f"https://social.example:{server.port}/", credential="token"
        )
    assert (event.failure, event.request, event.response) == ("tls", b"", None)
    assert "unable to get local issuer certificate" in str(event.failure_detail)


def test_a_certificate_for_somebody_else(make_rig: MakeRig, server_tls: ServerTls, bundle: Path) -> None:
    """A certificate for another name is refused."""
    with peer(ANSWER, tls=server_tls("other.example")) as server:
        rig = make_rig(resolve=here, allow_networks=LOOPBACK, ca_bundle=bundle)
        event = rig.get(f"https://social.example:{server.port}/")
    assert event.failure == "tls"
    assert "social.example" in str(event.failure_detail)


def test_no_tls_there(make_rig: MakeRig) -> None:
    """A server that speaks no TLS, or hangs up in the handshake, is a failure of TLS; one that is silent, of time."""
    with peer(hang_up(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        rig = make_rig(resolve=here, allow_networks=LOOPBACK, connect_timeout_s=0.5)
        assert rig.get(f"https://social.example:{server.port}/").failure in {"tls", "timeout"}
    with peer(silence()) as server:
        assert rig.get(f"https://social.example:{server.port}/").failure == "timeout"


def test_public_authorities_stay(bundle: Path) -> None:
    """An own bundle is trusted beside the public authorities, not instead of them."""
    assert len(tls_context(bundle).get_ca_certs()) == len(tls_context(None).get_ca_certs()) + 1


def test_a_bundle_that_is_none(tmp_path: Path) -> None:
    """A file without certificates is a fault of the configuration."""
    (tmp_path / "empty.pem").write_text("nothing")
    for path in (tmp_path / "empty.pem", tmp_path / "nowhere.pem"):
        with pytest.raises(ConfigError, match="ca_bundle"):
            tls_context(path)


def tunnel(server_port: int, host: str = "social.example") -> dict[str, tuple[str, int]]:
    """Where the proxy finds that server."""
    return {f"{host}:{server_port}": ("127.0.0.1", server_port)}


def test_a_tunnel(make_rig: MakeRig, server_tls: ServerTls, bundle: Path) -> None:
    """Through a proxy's tunnel the inner exchange is recorded and nothing of the proxy; it may have a password."""
    password = base64.b64encode(b"city:pr0xy-p4ss")
    with ExitStack() as stack:
        server = stack.enter_context(peer(ANSWER, ANSWER, tls=server_tls("social.example")))
        way = stack.enter_context(proxy(tunnel(server.port), authorization=b"Basic " + password))
        rig = make_rig(resolve=nowhere, ca_bundle=bundle, proxy=way.url.replace("http://", "http://city:pr0xy-p4ss@"))
        events = [rig.get(f"https://social.example:{server.port}/a?b", credential="token") for _ in range(2)]
        assert [head.split(b"\r\n")[0] for head in way.heads] == [b"CONNECT social.example:%d HTTP/1.1" % server.port]
        assert leaks(way.heads[0], TOKEN) == []
    for event in events:
        assert (event.failure, stored(event)) == (None, ANSWER)
        assert event.request.startswith(b"GET /a?b HTTP/1.1\r\nHost: social.example")
        assert b"roxy" not in event.request + repr(event).encode()
        assert event.peer is None
        assert event.protocols == ("http/1.1", "tls/1.3")


def test_a_proxy_for_plain_http(make_rig: MakeRig) -> None:
    """Without TLS a proxy forwards; its password is on the wire and not in the record."""
    with peer(ANSWER) as server, proxy(tunnel(server.port), authorization=b"Proxy-Authorization: Basic ") as way:
        rig = make_rig(resolve=nowhere, proxy=way.url.replace("http://", "http://city:pr0xy-p4ss@"))
        event = rig.get(f"http://social.example:{server.port}/a?b|c")
        assert way.heads[0].startswith(b"GET http://social.example:%d/a?b|c HTTP/1.1\r\n" % server.port)
    assert stored(event) == ANSWER
    assert b"Proxy-Authorization: [removed]\r\n" in event.request
    assert taken(event) == {"request-header proxy-authorization": 1}
    assert event.url == f"http://social.example:{server.port}/a?b|c"


def test_a_proxy_that_refuses(make_rig: MakeRig) -> None:
    """A proxy's refusal is a failure to connect; what the proxy said is no answer of the platform."""
    with proxy({}, authorization=b"Basic never") as way:
        event = make_rig(resolve=nowhere, proxy=way.url).get("https://social.example/")
    assert (event.failure, event.response, event.request) == ("connect", None, b"")
    assert "407" in str(event.failure_detail)


def test_a_proxy_that_is_not_there(make_rig: MakeRig) -> None:
    """Without its proxy nothing goes out."""
    way = Proxy({})
    way.close()
    event = make_rig(resolve=nowhere, proxy=way.url).get("https://social.example/")
    assert (event.failure, event.request) == ("connect", b"")


def test_the_guard_before_a_proxy(make_rig: MakeRig) -> None:
    """The proxy connects, so names are judged by what this machine finds; what it can't find is left to the proxy."""
    with proxy({}) as way:
        inside = make_rig(resolve=lambda host, port: ["10.0.0.8"], proxy=way.url)
        assert inside.get("https://intranet.example/", purpose=Purpose.MEDIA).failure == "refused"
        assert inside.get("http://169.254.169.254/latest/", purpose=Purpose.MEDIA).failure == "refused"
        assert inside.get("http://[::1]/", purpose=Purpose.MEDIA).failure == "refused"
        assert way.heads == []
    with peer(ANSWER) as server, proxy(tunnel(server.port)) as way:
        assert make_rig(resolve=nowhere, proxy=way.url).get(f"http://social.example:{server.port}/").failure is None


def test_proxies_of_the_environment(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables about proxies and certificates are not read: the configuration alone says which way to go."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    with peer(ANSWER) as server:
        assert make_rig().fetch(server.url).failure is None


@pytest.mark.parametrize("address", ["https://proxy:1", "socks5://proxy:1", "proxy:3128", "http://", ""])
def test_addresses_that_are_no_proxy(address: str) -> None:
    """Only an http:// address is a proxy; the message does not repeat a password."""
    with pytest.raises(ConfigError, match="proxy"):
        proxy_of(address)


def test_a_network_shows_no_password() -> None:
    """The proxy's password is not in the settings' repr."""
    assert "p4ss" not in repr(Network("x", proxy="http://a:p4ss@b:1"))


def test_the_authority_is_ours(authority: trustme.CA) -> None:
    """The tests' authority is none that the public ones know."""
    assert authority.cert_pem.bytes() not in b"".join(
        ssl.DER_cert_to_PEM_cert(c).encode() for c in tls_context(None).get_ca_certs(binary_form=True)
    )
