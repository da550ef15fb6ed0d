"""What an app may ask binds all its accounts: two pages on one server on this machine, real files and a real store."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from archiver.capture.client import Client, MediaLimits, Network
from archiver.capture.pace import Pacer
from archiver.capture.secrets import SecretRef, Secrets
from archiver.domain.account import Account
from archiver.domain.exchange import Headers
from archiver.domain.task import TaskKind
from archiver.errors import RateLimited
from archiver.services.collect import Collector, Parts, Round
from archiver.services.journal import Journal
from archiver.services.register import register
from archiver.services.schedule import Rhythm, anything_due
from archiver.store import captures
from archiver.store.engine import Store, open_store, upgrade
from archiver.warc.writer import Segments, WarcInfo
from tests.platforms.facebook_world import Answer, fault
from tests.support.clock import FakeClock

APPS = {"city": "246813579", "parks": "246813579", "zoo": "975318642", "pool": None}
"""The accounts' apps."""
OTHERS = ("zoo", "pool")
SPENT: Headers = (("X-App-Usage", '{"call_count": 100, "total_time": 3, "total_cputime": 1}'),)
PAGE_SPENT: Headers = (("X-Page-Usage", '{"call_count": 100, "total_time": 3, "total_cputime": 1}'),)


@dataclass
class Graph:
    """The server: it gives everybody the same answer, and counts by page. ``during`` happens while it answers."""

    base: str = ""
    says: Answer = field(default_factory=lambda: fault(4, 1349210, "(#4) Application request limit reached"))
    asked: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def served(self) -> Iterator[None]:
        """On a port of this machine."""
        graph = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                graph.asked[self.headers["Authorization"].removeprefix("Bearer token-of-the-")] += 1
                status, headers, body = graph.says
                self.send_response(status)
                for name, value in (*headers, ("Content-Length", str(len(body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            self.base = f"http://127.0.0.1:{server.server_port}"
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield
            finally:
                server.shutdown()


@dataclass
class Work:
    """An archive of all the accounts; each round has the pace of a new process."""

    graph: Graph
    store: Store
    journal: Journal
    client: Client
    clock: FakeClock

    def collector(self, account: str) -> Collector:
        """Who collects for an account."""
        with self.store.begin() as conn:
            run = captures.start_run(conn, "collect", self.clock.now())
        parts = Parts(
            store=self.store, journal=self.journal, client=self.client, pacer=Pacer(min_interval_s=0), clock=self.clock,
            stop=threading.Event(), attempts=3,
        )  # fmt: skip
        return Collector(parts, account, wait=False, run=run)

    def round(self, account: str) -> Round:
        """A round of its profile."""
        return self.collector(account).due(kinds=(TaskKind.PROFILE,))

    def asked(self, account: str) -> int:
        """How many calls its round makes."""
        before = self.graph.asked[account]
        self.round(account)
        return self.graph.asked[account] - before


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    """The archive, and the server that it asks."""
    graph, clock = Graph(), FakeClock()
    upgrade(url := f"sqlite:///{tmp_path / 'archive.sqlite'}")
    store = open_store(url)
    refs = {name: _refs(tmp_path, name, app) for name, app in APPS.items()}
    segments = Segments(tmp_path / "warc", info=WarcInfo(operator="C", archive="C", user_agent="t"), now=clock.now)
    network = Network("test", 5, 5, None, None, (), MediaLimits(10**6, 10, None))
    client = Client(network, Secrets(refs), tmp_path / "spool", clock, threading.Event())
    with graph.served():
        register(store, [_page(name, graph.base, frozenset(refs[name])) for name in APPS], clock.now())
        yield Work(graph, store, Journal(store, segments), client, clock)
    client.close()
    segments.close()
    store.dispose()


def _page(name: str, base: str, secrets: frozenset[str]) -> Account:
    return Account(name, "facebook", name, base_url=base, authenticated=True, secrets=secrets)


def _refs(folder: Path, name: str, app: str | None) -> dict[str, SecretRef]:
    """Its token, and its app if it has one, in files of its own."""
    values = {"token": f"token-of-the-{name}"} | ({"app_id": app} if app else {})
    for secret, value in values.items():
        path = folder / f"{name}-{secret}"
        path.touch(0o600)
        path.write_text(value)
    return {secret: SecretRef(file=folder / f"{name}-{secret}") for secret in values}


@pytest.mark.parametrize(
    "says",
    [fault(4, None, "(#4) Application request limit reached"), fault(341, None, "Limit reached"), (503, SPENT, b"")],
    ids=["4", "341", "used up"],
)
def test_a_limit_of_the_app_binds_its_other_account(work: Work, says: Answer) -> None:
    """Not one call for it tries out what was said already; accounts of other apps, or of none, go on."""
    work.graph.says = says
    assert work.asked("city") == 1
    blocked = work.round("parks")
    assert isinstance(blocked.trouble, RateLimited)
    assert blocked.trouble.message.startswith("parks: ")
    assert work.graph.asked["parks"] == 0
    with work.store.read() as conn:
        assert not anything_due(conn, "parks", work.clock.now(), Rhythm())
    assert [work.asked(name) for name in OTHERS] == [1, 1]
    work.clock.advance(3601)
    assert work.asked("parks") == 1


def test_a_round_that_is_under_way_is_bound_too(work: Work) -> None:
    """It began before its neighbour was refused, and asks nothing after that."""
    parks = work.collector("parks")
    begin = parks.asker.heed_announced_limit

    def begin_then_refuse() -> None:
        begin()
        parks.asker.heed_announced_limit = begin  # type: ignore[method-assign]
        work.round("city")

    parks.asker.heed_announced_limit = begin_then_refuse  # type: ignore[method-assign]
    assert isinstance(parks.due(kinds=(TaskKind.PROFILE,)).trouble, RateLimited)
    assert dict(work.graph.asked) == {"city": 1}


@pytest.mark.parametrize(
    "says", [fault(80001, None, "Too many calls to this Page"), fault(32), (503, PAGE_SPENT, b"")],
    ids=["80001", "32", "used up"],
)  # fmt: skip
def test_a_limit_of_a_page_is_its_own(work: Work, says: Answer) -> None:
    """The other page of the same app still asks."""
    work.graph.says = says
    assert work.asked("city") == 1
    assert work.asked("city") == 0
    assert work.asked("parks") == 1
