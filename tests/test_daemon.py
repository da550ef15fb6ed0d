"""`archiver run`, as systemd runs it: a process of its own against a simulated city."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import archiver
from archiver import config
from archiver.daemon import Daemon, Every
from archiver.domain.acting import Actor
from archiver.platforms.registry import platforms
from archiver.sandbox.faults import slow
from archiver.sandbox.server import SandboxCity
from archiver.services.collect import Collector
from archiver.services.registering import Change, Sitting, adopt, close
from archiver.services.rounds import carry_out
from archiver.services.schedule import Rhythm, anything_due, rest_until
from archiver.store import accounts
from archiver.store.accounts import Outcome
from archiver.store.engine import open_store
from archiver.systemd import watchdog_s
from archiver.wiring import alerts_of, open_archive, open_for_deciding

PROGRAM = [sys.executable, "-c", "from archiver.cli.main import main; main()"]
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
HALF_A_YEAR = timedelta(days=180)


@pytest.fixture(scope="module")
def city() -> Iterator[SandboxCity]:
    """A small city that is open."""
    with SandboxCity(size="small") as opened:
        yield opened


def configure(city: SandboxCity, folder: Path, *, poll: str = "2s", only: int = 3) -> Path:
    """A configuration of the city's accounts."""
    text = f'[archive]\nname = "Maple Ford"\n[schedule]\npoll = "{poll}"\n[capture]\nallow_networks = ["127.0.0.0/8"]\nrequests_per_second = 1000\n'
    for name, one in list(city.world.accounts.items())[:only]:
        text += f'[[accounts]]\nid = "{name}"\nplatform = "{one.platform}"\nhandle = "{one.handle}"\nbase_url = "{city.base_url(name)}"\n'
    path = folder / "config.toml"
    path.write_text(text)
    return path


def settings_of(path: Path) -> config.Settings:
    """The configuration, read."""
    return config.load(path, platforms=platforms())


class Service:
    """A running daemon and what it tells systemd."""

    def __init__(self, path: Path, *, watchdog_s: int | None = None) -> None:
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = f"\0archiver-test-{os.getpid()}-{time.monotonic_ns()}"
        self.listener.bind(address)
        self.heard: queue.Queue[str] = queue.Queue()
        # systemd reads at once; where nobody does, the tenth message is the last that the socket takes
        self.reader = threading.Thread(target=self._listen)
        self.reader.start()
        environment = os.environ | {
            "NOTIFY_SOCKET": f"@{address[1:]}",
            "PYTHONPATH": str(Path(archiver.__file__).parent.parent),
        }
        if watchdog_s is not None:
            environment["WATCHDOG_USEC"] = str(watchdog_s * 1_000_000)
        self.process = subprocess.Popen(
            [*PROGRAM, "--config", str(path), "run"], env=environment, stderr=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        """Kill it if it is still there, and listen no more."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        self.listener.shutdown(socket.SHUT_RD)
        self.reader.join()
        self.listener.close()

    def _listen(self) -> None:
        while message := self.listener.recv(4096):
            self.heard.put(message.decode())

    def says(self) -> str:
        """The next thing that it tells systemd."""
        return self.heard.get(timeout=60)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, float, str]:
        """Ask it to end: exit code, seconds that it took, and its log."""
        began = time.monotonic()
        self.process.send_signal(how)
        _, log = self.process.communicate(timeout=30)
        return self.process.returncode, time.monotonic() - began, log


@contextmanager
def service(path: Path, *, watchdog_s: int | None = None) -> Iterator[Service]:
    """A daemon that is ready."""
    one = Service(path, watchdog_s=watchdog_s)
    try:
        assert one.says().startswith("READY=1\nSTATUS=Collecting")
        yield one
    finally:
        one.close()


def successes(path: Path) -> int:
    """How many accounts had a round that went well."""
    store = open_store(settings_of(path).database)
    try:
        with store.read() as conn:
            return sum(row.outcome.last_success_at is not None for row in accounts.rows(conn))
    finally:
        store.dispose()


def runs(path: Path) -> list[tuple[str, str]]:
    """The register of runs: command and outcome."""
    store = open_store(settings_of(path).database)
    try:
        with store.read() as conn:
            found = conn.exec_driver_sql("SELECT command, outcome FROM runs ORDER BY id")
            return [(row[0], row[1]) for row in found]
    finally:
        store.dispose()


def until(question: object, seconds: float = 60) -> None:
    """Wait until a question is answered with yes."""
    assert callable(question)
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.3)


@pytest.mark.slow
def test_a_day_in_short(city: SandboxCity, tmp_path: Path) -> None:
    """It collects, tells systemd how it does, refuses a second one, and ends on SIGTERM with everything stored."""
    path = configure(city, tmp_path)
    with service(path, watchdog_s=2) as one:
        assert one.says() == "WATCHDOG=1"
        second = subprocess.run([*PROGRAM, "--config", str(path), "run"], capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert second.stderr.startswith("archiver: Another archiver process works on ")
        assert second.stderr.count("\n") == 1
        until(lambda: successes(path) == 3)
        code, seconds, log = one.stop()
        assert (code, seconds < 10) == (0, True), log
        told = [one.says()]
        while told[-1] != "STOPPING=1":
            told.append(one.says())
        assert 'event="round done"' in log
        assert "Traceback" not in log
    assert all(outcome in {"done", "done, with gaps", "stopped"} for _, outcome in runs(path))
    checked = subprocess.run(
        [*PROGRAM, "--config", str(path), "rebuild", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
def test_stopped_in_the_middle_of_a_slow_round(tmp_path: Path) -> None:
    """A server that keeps everybody waiting does not keep us from ending, within ten seconds; Ctrl-C does the same."""
    with SandboxCity(size="small") as slow_city:
        slow_city.bluesky.faults.add(slow(wait_s=30), times=None)
        with service(configure(slow_city, tmp_path, only=1)) as one:
            until(lambda: slow_city.bluesky.faults.rules[0].hits > 0)
            code, seconds, log = one.stop(signal.SIGINT)
            assert (code, seconds < 10) == (0, True), log


def test_a_missed_tick_is_reported(tmp_path: Path) -> None:
    """An account that waited too long for its turn is in the log and in the register of runs, and still gets it."""
    with SandboxCity(size="small") as slow_city:
        path = configure(slow_city, tmp_path, only=2)
        slow_city.bluesky.faults.add(slow(wait_s=4), times=1)
        settings, stop = settings_of(path), threading.Event()
        with open_archive(settings, stop=stop) as archive:
            daemon = Daemon(archive, alerts_of(settings), threads=1, grace=timedelta(seconds=1))
            worker = threading.Thread(target=daemon.run)
            worker.start()
            until(lambda: successes(path) == 2)
            stop.set()
            worker.join(timeout=20)
            assert not worker.is_alive()
    assert any(
        command.startswith("run ") and outcome.startswith("missed: planned for ") for command, outcome in runs(path)
    )


@pytest.mark.slow
def test_one_accounts_fault_is_its_own(city: SandboxCity, tmp_path: Path) -> None:
    """An unexpected error of one account is its last error in the store, and the other accounts go on."""
    path = configure(city, tmp_path, only=2)
    first, second = list(city.world.accounts)[:2]
    with open_archive(settings_of(path)) as archive:
        parts = archive.parts(lambda _account, _event, _round: None)

        def work(name: str, run: int) -> object:
            if name == first:
                raise KeyError("a resident's words")
            return Collector(parts, name, wait=False, run=run).due()

        with pytest.raises(KeyError):
            carry_out(archive.store, archive.clock, [first, second], "run", work)  # type: ignore[arg-type]
        with archive.store.read() as conn:
            bad, good = accounts.outcome(conn, first), accounts.outcome(conn, second)
    assert bad.failed_since is not None
    assert bad.error == f"{first}: A fault in the archiver itself: KeyError."
    assert good.error is None


def test_an_account_that_is_closed_meanwhile(city: SandboxCity, tmp_path: Path) -> None:
    """Closing it beside the running daemon ends its rounds at the next tick, said once; a new adoption begins them."""
    path = configure(city, tmp_path, only=1)
    settings = settings_of(path)
    (name,) = (one.id for one in settings.accounts)
    sitting = Sitting(Actor("Dana Clerk", "d"), NOW, NOW.date())
    with open_archive(settings) as archive:
        daemon = Daemon(archive, alerts_of(settings))
        assert daemon._its_turn(name)
        with open_for_deciding(settings) as store:
            close(store, name, sitting, on=None, reason="moved")
        with capture_logs() as logs:
            assert not daemon._its_turn(name)
            assert not daemon._its_turn(name)
        assert [(line["event"], line["account"]) for line in logs] == [("not collected", name)]
        with open_for_deciding(settings) as store:
            adopt(store, name, sitting, Change(decision="Resolution 26-118"))
        assert daemon._its_turn(name)


def test_a_clock_that_was_set_back(city: SandboxCity, tmp_path: Path) -> None:
    """Tasks that a clock in the future planned are due at once, and so is what it announced."""
    path = configure(city, tmp_path, poll="15m", only=1)
    (name,) = (one.id for one in settings_of(path).accounts)
    rhythm = Rhythm()
    with open_archive(settings_of(path)) as archive:
        parts = archive.parts(lambda _account, _event, _round: None)
        Collector(parts, name, wait=False, run=1).due()
        now = archive.clock.now()
        with archive.store.read() as conn:
            assert not anything_due(conn, name, now, rhythm)
            assert anything_due(conn, name, now - HALF_A_YEAR, rhythm)
            assert anything_due(conn, name, now - timedelta(hours=1), rhythm)
        again = Collector(parts, name, wait=False, run=2)
        again.round.started_at = now - HALF_A_YEAR
        again.due()
        with archive.store.read() as conn:
            assert not anything_due(conn, name, archive.clock.now(), rhythm)


def test_ticks_never_pile_up() -> None:
    """After a jump of fifty years there is one tick, now, and the next one is an interval away."""
    every, much_later = Every(timedelta(seconds=10)), NOW + timedelta(days=50 * 365)
    assert every.get_next_fire_time(None, NOW) == NOW
    assert every.get_next_fire_time(NOW, NOW) == NOW + timedelta(seconds=10)
    assert every.get_next_fire_time(NOW, much_later) == much_later + timedelta(seconds=10)


FINE = Outcome(NOW, None, None, None, None)
ERROR = replace(FINE, error="no answer", error_at=NOW)
LOST = replace(ERROR, attention_since=NOW)
RESTS = {
    "all is well": (FINE, timedelta(), None),
    "just after an error": (ERROR, timedelta(minutes=1), timedelta(minutes=15)),
    "an interval after an error": (ERROR, timedelta(minutes=15), None),
    "an account that needs a person": (LOST, timedelta(minutes=15), timedelta(hours=1)),
    "an account that needs a person, an hour later": (LOST, timedelta(hours=1), None),
    "an error of a clock that ran ahead": (LOST, timedelta(days=-1), None),
}


@pytest.mark.parametrize("case", RESTS)
def test_rests(case: str) -> None:
    """How long an account is left alone after something went wrong."""
    outcome, later, rest = RESTS[case]
    assert rest_until(outcome, Rhythm(), NOW + later) == (None if rest is None else NOW + rest)


def test_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of what systemd waits for, when it waits for this process."""
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert watchdog_s() is None
    monkeypatch.setenv("WATCHDOG_USEC", "3000000")
    assert watchdog_s() == 1.5
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert watchdog_s() is None


@pytest.mark.parametrize("name", ["archiver.service", "archiver-listen.service"])
def test_the_unit(root: Path, tmp_path: Path, name: str) -> None:
    """Systemd finds nothing wrong with the unit."""
    text = (root / "packaging" / "systemd" / name).read_text()
    unit = tmp_path / name
    unit.write_text(text.replace("/opt/archiver/bin/archiver", sys.executable))
    try:
        done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("systemd-analyze is not installed")
    assert (done.returncode, done.stderr) == (0, "")
