"""A client with its surroundings, and a certificate authority."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from archiver.capture.client import Client, Network
from archiver.capture.secrets import SecretRef, Secrets
from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.warc.event import CaptureEvent
from tests.support.clock import FakeClock

TOKEN = "s3cr3t/Token+canary-7f2d="
NETWORK = Network("archiver-tests/1", connect_timeout_s=2.0, read_timeout_s=2.0)


@dataclass
class Rig:
    """A client, and what a test wants to reach of its surroundings."""

    client: Client
    secrets: Secrets
    stop: threading.Event
    spool: Path
    account: Account = field(default_factory=lambda: Account("city", "mastodon", "city", authenticated=True))

    def at(self, base_url: str) -> Rig:
        """The same with the account's own server."""
        return replace(self, account=replace(self.account, base_url=base_url))

    def get(self, url: str, **spec: Any) -> CaptureEvent:
        """One attempt."""
        return self.client.send(self.account, RequestSpec(url, "posts", **spec))

    def fetch(self, base_url: str, path: str = "/", **spec: Any) -> CaptureEvent:
        """One attempt at the account's own server."""
        return self.at(base_url).get(base_url + path, **spec)


MakeRig = Callable[..., Rig]


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[MakeRig]:
    """Builds clients; ``resolve`` maps host names to addresses instead of a name server."""
    clients: list[Client] = []

    def make(
        *, token: str | None = TOKEN, resolve: Callable[[str, int], Sequence[str]] | None = None, **network: Any
    ) -> Rig:
        path = tmp_path / f"token-{len(clients)}"
        path.touch(0o600)
        path.write_text(f"{token}\n", encoding="utf-8")
        secrets = Secrets({"city": {"token": SecretRef(file=path)}} if token else {})
        stop = threading.Event()
        spool = tmp_path / "spool"
        extra = {} if resolve is None else {"resolve": resolve}
        client = Client(replace(NETWORK, **network), secrets, spool, FakeClock(), stop, **extra)
        clients.append(client)
        return Rig(client, secrets, stop, spool)

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def rig(make_rig: MakeRig) -> Rig:
    """A client with one account that has a token."""
    return make_rig()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the certificates of the tests' servers."""
    return trustme.CA()


@pytest.fixture(scope="session")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority's certificate, as an operator would configure it."""
    path = tmp_path_factory.mktemp("ca") / "bundle.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """TLS of a server with a certificate for the given names."""

    def make(*names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(context)
        return context

    return make


def stored(event: CaptureEvent) -> bytes:
    """The response block."""
    assert event.response is not None, (event.failure, event.failure_detail)
    with event.response.open() as stream:
        return stream.read()


def taken(event: CaptureEvent) -> dict[str, int]:
    """What was taken out, by place."""
    return {redaction.place: redaction.count for redaction in event.redactions}
