"""A disposal on PostgreSQL: no file of the archive or of the server's data holds a word of what went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from archiver.errors import OperatorError
from archiver.services.disposal import finishing
from archiver.services.disposal.running import run
from archiver.services.moving import move
from archiver.store.decisions import disposals
from archiver.store.engine import open_store
from tests.services.loopback import Desk
from tests.support.disposal import (
    ANN,
    BOB,
    OTHERS,
    ROOT,
    SECOND,
    WORDS,
    approve,
    dispose,
    faults,
    found_in,
    key,
    no_progress,
    propose,
    thread_at,
    workshop,
)
from tests.support.postgres import Postgres, running

LOG = "pg_wal"


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server of its own: the files of other tests' databases would be searched, too."""
    with running() as started:
        yield started


OWNER, DATABASE = "archiver", "archive"


def address(server: Postgres) -> str:
    """The archive's database, as the user who owns it and may no more than that."""
    return server.url(DATABASE).replace("//postgres@", f"//{OWNER}@")


@pytest.fixture
def at_work(server: Postgres, tmp_path: Path) -> Iterator[Desk]:
    """An archive whose store was moved to the server, which has looked at all of it for its planner."""
    with thread_at(tmp_path) as before:
        url = address(server)
        told(server, f"CREATE ROLE {OWNER} LOGIN")
        told(server, f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        move(
            before.store, url, storage=before.folder / "warc", data_dir=before.folder, by=ANN, at=before.clock.now(),
            progress=no_progress,
        )  # fmt: skip
    for path in tmp_path.glob("archive.sqlite*"):
        path.unlink()
    told(server, "ANALYZE", database=DATABASE)
    with thread_at(tmp_path, url) as made:
        yield made


def told(server: Postgres, *statements: str, database: str = "postgres") -> None:
    """What its administrator says to the server."""
    with psycopg.connect(server.url(database, driver="postgresql"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def words(server: Postgres, among: Sequence[bytes], *, log: bool) -> set[bytes]:
    """Which of the words stand in the server's files: in its write-ahead log, or in all others."""
    found = found_in(server.folder, among)
    return {word for path, word in found if (LOG in path.relative_to(server.folder).parts) == log}


def test_what_is_due_goes_from_everywhere(at_work: Desk, server: Postgres) -> None:
    """After the next checkpoint only the write-ahead log has the words, and that ends as the how-to says."""
    told(server, "CHECKPOINT")
    assert words(server, WORDS + OTHERS, log=False) == {*WORDS, *OTHERS}
    certificate = dispose(at_work)
    assert [one.entry.record for one in certificate.destroyed] == [key(ROOT), key(SECOND)]
    assert list(found_in(at_work.folder, WORDS)) == []
    assert faults(at_work) == []
    told(server, "CHECKPOINT")
    assert words(server, WORDS, log=False) == set()
    assert words(server, OTHERS, log=False) == set(OTHERS)
    assert words(server, WORDS, log=True) == set(WORDS)
    told(server, "ALTER SYSTEM SET wal_recycle = off", "SELECT pg_reload_conf()")
    for _ in list((server.folder / LOG).iterdir()):  # some were named anew for later use before that
        told(server, "SELECT pg_switch_wal()", "CHECKPOINT")
    assert words(server, WORDS, log=True) == set()


def test_what_hinders_is_said(at_work: Desk, server: Postgres) -> None:
    """While another session sees the store as it was, or the user is not the owner, nothing passes for finished."""
    name = propose(at_work)
    approve(at_work, name)
    other = open_store(address(server))
    with other.read() as looking:
        looking.exec_driver_sql("SELECT 1 FROM runs LIMIT 1")
        with pytest.raises(OperatorError, match="Another program reads the store"):
            run(workshop(at_work), name, by=BOB, at=at_work.clock.now())
    other.dispose()
    told(server, f"ALTER DATABASE {DATABASE} OWNER TO postgres")
    with pytest.raises(OperatorError, match="does not own the database"):
        at_work.store.wipe()
    told(server, f"ALTER DATABASE {DATABASE} OWNER TO {OWNER}")
    assert unfinished(at_work) == [name]
    finishing.finish(at_work.store, at_work.folder / "warc", at_work.folder, at_work.clock.now())
    assert unfinished(at_work) == []
    told(server, "CHECKPOINT")
    assert words(server, WORDS, log=False) == set()


def unfinished(one: Desk) -> list[str]:
    """The disposals of which something is left to be done."""
    with one.store.read() as conn:
        return [one.name for one in disposals.unfinished(conn)]
