"""Opening the store. Transactions begin here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from archiver.store import connections, migrate, sqlite, vacuuming
from archiver.store.connections import parse, reading_engine, translated, writing_engine


class Store:
    """An open store: one way to write, any number of ways to read.

    On SQLite there is one connection for writing and `begin` takes the database's write lock at once;
    a reader sees the store as it was when its transaction began.
    """

    def __init__(self, url: URL, writer: Engine, reader: Engine) -> None:
        self._url = url
        self._writer = writer
        self._reader = reader

    @property
    def url(self) -> str:
        """Where it is, without a password."""
        return connections.shown(self._url)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._url.get_backend_name()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction: committed at the end of the block, rolled back when an error leaves it."""
        with translated(self.url), self._writer.begin() as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: one unchanging view for all that is asked in the block."""
        with translated(self.url), self._reader.connect() as conn, conn.begin():
            yield conn

    def sync(self) -> None:
        """Have all that was committed on disk. PostgreSQL does so with each commit."""
        with translated(self.url):
            vacuuming.sync(self._writer)

    def wipe(self) -> None:
        """Leave nothing of deleted rows in the database's files (R30). Raises OperatorError while somebody reads."""
        with translated(self.url):
            vacuuming.wipe(self._writer)

    def dispose(self) -> None:
        """Close all connections; readers first, so that the writer's last one checkpoints."""
        self._reader.dispose()
        self._writer.dispose()


def open_store(url: str, *, check: bool = True, durable: bool = False) -> Store:
    """Open the store at ``url``: ``sqlite:////absolute/path`` or ``postgresql+psycopg://…``.

    ``check`` refuses a store whose schema is not this program's: StoreTooOld, StoreTooNew. ``durable`` is for what no
    WARC file can give back: each commit is on disk when it returns (PostgreSQL does so anyway).
    """
    parsed = parse(url)
    if check:
        migrate.require_current(parsed)
    if parsed.get_backend_name() == "sqlite":
        sqlite.warn_of(sqlite.driver())
    writer = writing_engine(parsed, durable=durable)
    return Store(parsed, writer, reading_engine(parsed, writer))


def revision(url: str) -> str | None:
    """The schema revision of the store, None when there is no store yet; makes nothing."""
    return migrate.revision(parse(url))


def shown(url: str) -> str:
    """The address as a person may see it, without a password: as `Store.url`."""
    return connections.shown(parse(url))


def upgrade(url: str) -> None:
    """Make the store, or bring it to this program's schema."""
    migrate.upgrade(parse(url))


def create_scratch(path: Path) -> Store:
    """A new SQLite store for a rebuild; the caller disposes of it and removes the file."""
    url = f"sqlite:///{path}"
    upgrade(url)
    return open_store(url)
