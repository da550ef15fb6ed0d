"""A real Bluesky network on this machine: PLC directory, PDS and AppView as they run elsewhere, on loopback."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import IO

from tests.support import postgres

START_S = 90
"""How long the servers may take to answer; five seconds are usual."""

SETTLE_S = 60

THREAD_DEPTH = 10
"""The levels of answers in one view of a thread, as in production."""

NODE = (18, 7)


class NetworkUnavailableError(RuntimeError):
    """What the servers need is not on this machine; says what, in one sentence."""


@dataclass(frozen=True)
class Network:
    """A running network. Addresses have no slash at the end."""

    pds: str
    appview: str
    plc: str
    bypass: str
    """Sent as ``x-ratelimit-bypass`` by those who make the world; the archiver keeps to the limits."""
    _process: subprocess.Popen[str] = field(repr=False)
    _lines: Queue[str] = field(repr=False)

    def settle(self) -> None:
        """Return when the AppView has seen everything that the PDS has."""
        assert self._process.stdin is not None
        self._process.stdin.write("settle\n")
        self._process.stdin.flush()
        line = _line(self._process, self._lines, SETTLE_S)
        assert line == "settled", f"The servers stopped: {line}"


@contextmanager
def running() -> Iterator[Network]:
    """Start a network of its own; stop it afterwards, and leave nothing behind.

    Raises NetworkUnavailableError. Ports, folders and the database are new each time, so nothing that an earlier run left can be
    in the way.
    """
    node, packages = _node(), _packages()
    home = Path(tempfile.mkdtemp(prefix="archiver-bluesky-"))
    try:
        with (
            _database() as server,
            server.database("bsky") as url,
            _process(node, packages, url, server.folder.parent, home) as network,
        ):
            yield network
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _process(node: str, packages: Path, database: str, database_home: Path, home: Path) -> Iterator[Network]:
    """The three servers, in one process."""
    bypass, log = secrets.token_hex(8), home / "log"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "ATPROTO_DEV_ENV": str(packages),
        "DATABASE_URL": database.replace("postgresql+psycopg", "postgresql"),
        "POSTGRES_HOME": str(database_home),
        "RATE_LIMIT_BYPASS": bypass,
        "MAX_THREAD_DEPTH": str(THREAD_DEPTH),
        "LOG_ENABLED": "true",
        "LOG_LEVEL": "warn",
        "LOG_DESTINATION": str(log),
    }
    with (home / "said").open("w") as said:
        process = subprocess.Popen(
            [node, Path(__file__).with_name("network.cjs")],
            env=environment,
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            start_new_session=True,  # an interrupt at the keyboard is ours to pass on
        )
    assert process.stdout is not None
    lines: Queue[str] = Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    try:
        first = _line(process, lines, START_S)
        if not first.startswith("{"):
            raise RuntimeError(f"The network did not start: {first}\n{_tail(home / 'said')}{_tail(log)}")
        ready = json.loads(first)
        yield Network(ready["pds"], ready["appview"], ready["plc"], bypass, process, lines)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        process.stdout.close()
        assert process.stdin is not None
        process.stdin.close()


def _read(output: IO[str], lines: Queue[str]) -> None:
    for line in output:
        lines.put(line.rstrip("\n"))
    lines.put("")


def _line(process: subprocess.Popen[str], lines: Queue[str], seconds: float) -> str:
    try:
        return lines.get(timeout=seconds) or f"it ended with {process.wait()}"
    except Empty:
        return f"no answer in {seconds:.0f} s"


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-3000:] if path.exists() else ""


@contextmanager
def _database() -> Iterator[postgres.Postgres]:
    """The machine's PostgreSQL, else that of the tests' requirements; both have ``pg_trgm``, which the AppView needs."""
    try:
        binaries = postgres.system_binaries() or postgres.binaries()
    except FileNotFoundError:
        raise NetworkUnavailableError(
            "PostgreSQL with pg_trgm keeps what the AppView shows: install postgresql-15."
        ) from None
    with postgres.running(server=binaries) as server:
        yield server


def _packages() -> Path:
    """The folder that `make test-real` installed the servers into."""
    folder = os.environ.get("ATPROTO_DEV_ENV")
    if not folder or not (Path(folder) / "node_modules/@atproto/dev-env").is_dir():
        raise NetworkUnavailableError("The Bluesky servers are not installed: run `make test-real`.")
    return Path(folder)


def _node() -> str:
    """The path of a Node that is new enough."""
    wanted = "Node 18.7 or newer runs the Bluesky servers: install nodejs and npm (Node 20 is tested)"
    node = shutil.which("node")
    if node is None:
        raise NetworkUnavailableError(f"{wanted}; there is no `node` here.")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout.strip()
    version = re.match(r"v(\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < NODE:
        raise NetworkUnavailableError(f"{wanted}; {node} is {said}.")
    return node
