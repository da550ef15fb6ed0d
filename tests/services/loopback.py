"""An archive that collects from an in-memory Mastodon server over loopback: real HTTP, real WARC files, a real store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from archiver.capture.client import Client, MediaLimits, Network
from archiver.capture.pace import Pacer
from archiver.capture.secrets import SecretRef, Secrets
from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.task import TaskKind
from archiver.services.collect import Collector, Parts, Round
from archiver.services.journal import Journal
from archiver.services.register import register
from archiver.store import captures
from archiver.store.engine import Store, open_store, upgrade
from archiver.warc.names import PUSHED
from archiver.warc.writer import Segments, WarcInfo
from tests.platforms.mastodon_world import Answer, Server
from tests.support.clock import FakeClock


def answer(status: int, *headers: tuple[str, str], body: bytes = b"{}") -> Answer:
    """An answer that is none of the server's own."""
    return status, [("Content-Type", "application/json"), *headers], body


@contextmanager
def served(world: Server) -> Iterator[str]:
    """The server on a port of this machine; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            credential = "token" if self.headers.get("Authorization") else None
            sent = tuple(self.headers.items())
            spec = RequestSpec(world.base + self.path, "", headers=sent, credential=credential)
            status, headers, body = world.answer(spec)
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        world.base = world.link_base = f"http://127.0.0.1:{server.server_port}"
        for name in world.people:  # their pictures are on this machine, too
            world.people[name] |= dict.fromkeys(
                ("avatar", "avatar_static", "header", "header_static"), world.base + "/none.png"
            )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield world.base
        finally:
            server.shutdown()


@dataclass
class Desk:
    """The parts of one process that works on the archive, with a clock of its own."""

    world: Server
    store: Store
    segments: Segments
    journal: Journal
    client: Client
    clock: FakeClock
    stop: threading.Event
    folder: Path

    budget: Decimal | None = None

    @property
    def parts(self) -> Parts:
        """What a collector works with."""
        return Parts(
            store=self.store, journal=self.journal, client=self.client, pacer=Pacer(min_interval_s=0), clock=self.clock,
            stop=self.stop, attempts=3, budget=lambda _account: self.budget,
        )  # fmt: skip

    def collector(self, *, wait: bool = False) -> Collector:
        """A collector of the one account, in a run of its own."""
        with self.store.begin() as conn:
            run = captures.start_run(conn, "collect", self.clock.now())
        return Collector(self.parts, "city-mastodon", wait=wait, run=run)

    def round(self, *kinds: TaskKind, everything: bool = False, wait: bool = False) -> Round:
        """One round of what is due, or of these kinds alone."""
        return self.collector(wait=wait).due(everything=everything, kinds=kinds or None)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        with self.store.read() as conn:
            return [tuple(row) for row in conn.exec_driver_sql(statement)]

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])


@contextmanager
def desk(
    folder: Path, world: Server, *, token: bool = False, clock: FakeClock | None = None, url: str | None = None
) -> Iterator[Desk]:
    """A process on the archive in ``folder``, which it makes if there is none; ``url`` is of a store elsewhere."""
    if url is None:
        url = f"sqlite:///{folder / 'archive.sqlite'}"
        if not (folder / "archive.sqlite").exists():
            upgrade(url)
    secret = folder / "token"
    secret.write_text("a-secret-token-of-the-city")
    secret.chmod(0o600)
    clock, stop = clock or FakeClock(), threading.Event()
    store = open_store(url)
    account = Account("city-mastodon", "mastodon", "city", base_url=world.base, authenticated=token)
    register(store, [account], clock.now())
    info = WarcInfo(operator="City", archive="City", user_agent="test")
    segments = Segments(folder / "warc", info=info, now=clock.now, ours=lambda key: key.klass != PUSHED)
    network = Network("test", 5, 5, None, None, (), MediaLimits(10**6, 10, None))
    secrets = Secrets({"city-mastodon": {"token": SecretRef(file=secret)} if token else {}})
    client = Client(network, secrets, folder / "spool", clock, stop)
    try:
        yield Desk(world, store, segments, Journal(store, segments), client, clock, stop, folder)
    finally:
        client.close()
        segments.close()
        store.dispose()
