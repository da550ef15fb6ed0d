"""What the platforms of Meta push, from the simulated city to the archive: answers that no round would ever have seen."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.meta.hosts import VERIFY
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.webhooks import Sender, Signature
from archiver.sandbox.server import SandboxCity
from tests.acceptance.conftest import Installation

pytestmark = pytest.mark.slow

PLATFORMS = ("city-facebook", "city-instagram", "city-threads")
FORGERIES: tuple[Signature, ...] = ("wrong", "missing", "legacy")
FEW = {"posts": 5, "answers": 15, "pictures": 2, "residents": 6, "years": 1.0, "oddities": False}


@dataclass
class Place:
    """A city with one account, an archive of it that receives, and the platform's sender."""

    city: SandboxCity
    archive: Installation
    account: str
    sender: Sender

    def answer(self, text: str) -> Thing:
        """A resident answers a post of the account."""
        act = self.city.meta_act(self.account)
        post = next(one for one in act.posts() if not one.hidden and one.author is one.owner)
        self.city.look()
        return act.answer(act._residents()[0], post, text)

    def told(self, export: sqlite3.Connection, text: str) -> list[tuple[str, str]]:
        """The versions of the record that begins so: text, and the method of the exchange that showed it."""
        rows = export.execute(
            "SELECT v.text, e.method FROM versions v JOIN exchanges e USING (exchange) WHERE v.record IN "
            "(SELECT record FROM versions WHERE text LIKE ?) ORDER BY v.version", (f"{text}%",),
        )  # fmt: skip
        return [tuple(row) for row in rows]


@contextmanager
def receiving(archive: Installation, port: int) -> Iterator[None]:
    """`archiver listen`, from when it answers."""
    process = subprocess.Popen(archive.command("listen"), env=archive.environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0


@pytest.fixture(params=PLATFORMS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A small city whose account was collected once, with a receiver beside it."""
    account = request.param
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with SandboxCity(seed=7, size=Size((account,), **FEW)) as city:  # type: ignore[arg-type]
        settings = f'[listen]\nport = {port}\nverify_token = {{ env = "VERIFY" }}\n'
        archive = Installation(tmp_path, city, (account,), authenticated=True, settings=settings)
        archive.secrets["VERIFY"] = VERIFY
        archive.configure()
        archive.collect(codes=(0,))
        callback = f"http://127.0.0.1:{port}/meta"
        hosts = city.hosts
        makers = {"facebook": hosts.page_events, "instagram": hosts.instagram_events, "threads": hosts.threads_events}
        with receiving(archive, port):
            yield Place(city, archive, account, makers[account.removeprefix("city-")](callback))


def test_answers_that_no_round_would_have_seen(place: Place) -> None:
    """A text that lives for a minute, forgeries, disorder and doubles: each answer once, each with what happened to it."""
    assert place.sender.handshake().answer == b"1158201444"
    assert place.sender.handshake(token="a guess").status == 403
    brief = place.answer("Mine: I take that back in a minute")
    assert [one.status for one in place.sender.flush()] == [200]
    forged = place.answer("Mine: forged")
    (entry,) = place.sender.waiting()
    for signature in FORGERIES:
        assert place.sender.deliver(place.sender.body([entry]), signature=signature).status == 403
    for number in range(4):
        place.answer(f"Mine: said {number}")
    assert {one.status for one in place.sender.flush(together=2, shuffle=Random(7), twice=True)} == {200}
    for thing in (brief, forged):
        place.city.meta.delete(thing)
    assert {one.status for one in place.sender.flush()} <= {200}
    place.archive.collect("--all", codes=(0,))
    export = place.archive.export()
    assert place.told(export, "Mine: I take that back") == [("Mine: I take that back in a minute", "POST")]
    states = dict(export.execute("SELECT text, state FROM records WHERE text LIKE 'Mine: %'").fetchall())
    assert states == {"Mine: I take that back in a minute": "gone"} | {f"Mine: said {n}": "live" for n in range(4)}
    assert export.execute("SELECT count(*) FROM versions WHERE text LIKE 'Mine: %'").fetchone()[0] == 5
    assert place.archive.status()[place.account]["last_delivery_at"] is not None
    place.archive.assert_sound()
