"""Deliveries, as platforms send them, to commands as a person starts them: `listen`, `run`, `collect`, and kill -9."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from archiver.store.engine import open_store
from tests.listener.receiving import stored
from tests.platforms.mastodon_world import CITY, Server
from tests.services.loopback import served
from tests.support.pushed import SECRET, WORD, comment, delivery, entry, headers

ROOT = "113000000000000020"
pytestmark = pytest.mark.slow

PROGRAM = (sys.executable, "-m", "tests.support.pushed")
PER_SECOND = 200
SENDERS = 8


@dataclass
class Installation:
    """A folder with a configuration, the commands on it, and the address that platforms call."""

    home: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> tuple[str, ...]:
        """A command line."""
        return (*PROGRAM, "--config", str(self.home / "config.toml"), *arguments)

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        done = subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode in codes, f"{arguments} left with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A command that stays; it receives when the block begins."""
        process = subprocess.Popen(self.command(*arguments), env=self.environment, stderr=subprocess.PIPE, text=True)
        log: list[str] = []
        reader = threading.Thread(target=lambda: log.extend(process.stderr or ()))
        reader.start()
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and process.poll() is None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    break
                time.sleep(0.05)
            assert process.poll() is None, log
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            reader.join()
            if process.stderr is not None:
                process.stderr.close()
            assert not [line for line in log if "Traceback" in line], log

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        store = open_store(f"sqlite:///{self.home / 'data' / 'archive.sqlite'}")
        try:
            with store.read() as conn:
                return [tuple(row) for row in conn.exec_driver_sql(statement)]
        finally:
            store.dispose()

    def assert_sound(self) -> None:
        """Every file is valid, the store agrees, and the files give the same store again."""
        assert json.loads(self.run("verify", "--full", "--json").stdout)["findings"] == []
        assert json.loads(self.run("rebuild", "--check", "--json").stdout)["differences"] == []


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """An archive of one account on a server of this machine."""
    world = Server()
    world.post(ROOT, CITY)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with served(world) as base:
        (tmp_path / "config.toml").write_text(
            f'[archive]\nname = "City"\n[schedule]\npoll = "1h"\n'
            f'[capture]\nallow_networks = ["127.0.0.0/8"]\nrequests_per_second = 1000\n'
            f'[listen]\nport = {port}\nverify_token = {{ env = "WORD" }}\n'
            f'[[accounts]]\nid = "city"\nplatform = "mastodon"\nhandle = "city"\nbase_url = "{base}"\n'
            f'app_secret = {{ env = "SECRET" }}\n'
        )
        yield Installation(tmp_path, port, os.environ | {"WORD": WORD, "SECRET": SECRET})


@dataclass
class Flood:
    """Senders at an even pace; what was answered with 200, and how long each answer took."""

    port: int
    per_second: int = PER_SECOND
    kept: dict[str, bytes] = field(default_factory=dict)
    sent: int = 0
    seconds: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def send(self, sender: int, until: float) -> None:
        """One connection's part, until then or until the receiver is gone."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        due, number = time.monotonic(), 0
        with suppress(OSError, http.client.HTTPException):
            while time.monotonic() < until and not self.over.is_set():
                due += SENDERS / self.per_second
                time.sleep(max(0.0, due - time.monotonic()))
                number += 1
                name = f"{sender}-{number}-{self.sent}"
                page = CITY if number % 4 else "999"
                body = delivery(entry(page, comment(1, f"{name} " + "words " * 200, verb="edited")))
                self.sent += 1
                began = time.monotonic()
                connection.request("POST", "/meta", body, headers(body))
                answered = connection.getresponse()
                answered.read()
                self.seconds.append(time.monotonic() - began)
                if answered.status == 200:
                    self.kept[name] = body
        connection.close()

    def during(self, seconds: float) -> list[threading.Thread]:
        """Begin; the threads end by themselves."""
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=self.send, args=(number, until)) for number in range(SENDERS)]
        for one in threads:
            one.start()
        return threads


def test_a_kill_in_a_flood_costs_no_answered_delivery(installed: Installation) -> None:
    """Whatever got its 200 before kill -9 is in WARC, and is read exactly once, beside a collection that goes on."""
    installed.run("collect")
    flood = Flood(installed.port)
    with installed.running("listen") as listening:
        threads = flood.during(30)
        time.sleep(1.5)
        listening.send_signal(signal.SIGKILL)
        listening.wait()
        flood.over.set()
        for one in threads:
            one.join()
    assert len(flood.kept) > 20
    before = len(flood.kept)
    flood.over.clear()
    with installed.running("listen") as listening:
        threads = flood.during(1.0)
        installed.run("collect")  # in the midst of it
        for one in threads:
            one.join()
        listening.send_signal(signal.SIGTERM)
        assert listening.wait(20) == 0
    assert len(flood.kept) > before
    on_disk = [one.exchange("", 0, "", None).request_body or b"" for one in stored(installed.home / "data" / "warc")]
    assert set(flood.kept.values()) <= set(on_disk)
    installed.run("collect")
    read = [row[0] for row in installed.rows("SELECT payload_digest FROM exchanges WHERE stream = 'push'")]
    assert len(read) == len(set(read)) == len({body for body in on_disk if f'"{CITY}"'.encode() in body})
    installed.assert_sound()


def test_two_hundred_a_second_are_answered_at_once(installed: Installation) -> None:
    """For some seconds, from request to synced and answered. The bound is wide: machines that test are busy."""
    flood = Flood(installed.port)
    with installed.running("listen") as listening:
        for one in flood.during(4):
            one.join()
        listening.send_signal(signal.SIGTERM)
        assert listening.wait(20) == 0
    assert len(flood.kept) == flood.sent == len(stored(installed.home / "data" / "warc"))
    flood.seconds.sort()
    median, slow = (1000 * flood.seconds[int(len(flood.seconds) * share)] for share in (0.5, 0.99))
    sys.stdout.write(f"{flood.sent} deliveries in 4 s: median {median:.1f} ms, p99 {slow:.1f} ms\n")
    assert median < 100
    assert slow < 1000


def test_the_daemon_receives_and_reads(installed: Installation) -> None:
    """With `run` alone: a comment that lives for seconds is a record, though it was never listed."""
    with installed.running("run") as daemon:
        connection = http.client.HTTPConnection("127.0.0.1", installed.port, timeout=30)
        connection.request("GET", f"/meta?hub.mode=subscribe&hub.verify_token={WORD}&hub.challenge=77")
        assert connection.getresponse().read() == b"77"
        for verb in ("add", "remove"):
            body = delivery(entry(CITY, comment(1, "gone in a minute", verb=verb)))
            connection.request("POST", "/meta", body, headers(body))
            answered = connection.getresponse()
            answered.read()
            assert answered.status == 200
        connection.close()
        deadline = time.monotonic() + 60
        found: list[tuple[Any, ...]] = []
        query = "SELECT i.state, v.text FROM items i JOIN versions v ON v.item_id = i.id WHERE i.key LIKE '%:1135%'"
        while time.monotonic() < deadline and found != [("gone", "gone in a minute")]:
            with suppress(Exception):
                found = installed.rows(query)
            time.sleep(0.2)
        assert found == [("gone", "gone in a minute")]
        said = json.loads(installed.run("status", "--json").stdout)
        assert said["receiving"] is True
        assert said["accounts"][0]["last_delivery_at"] is not None
        refused = installed.run("listen", codes=(1,))
        assert "Another receiver works on" in refused.stderr
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(30) == 0
    said = installed.run("status").stdout
    assert "No receiver is running" in said
    assert "the last delivery came" in said
    installed.assert_sound()


def test_files_are_sealed_while_it_receives(installed: Installation) -> None:
    """`seal` has the receiver close its files, enters them, and costs no delivery."""
    installed.run("collect")
    flood = Flood(installed.port, per_second=40)
    with installed.running("listen"):
        threads = flood.during(60)
        time.sleep(0.5)
        sealed = json.loads(installed.run("seal", "--json").stdout)["sealed"]
        flood.over.set()
        for one in threads:
            one.join()
    assert {one["file"].split("/")[0] for one in sealed if "/push/" in one["file"]} == {f"_{CITY}", "_999"}
    assert len(flood.kept) == flood.sent == len(stored(installed.home / "data" / "warc"))
    installed.run("collect")
    installed.assert_sound()
