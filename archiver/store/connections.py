"""Connections to the two databases, set up; and the databases' errors as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from archiver.errors import OperatorError
from archiver.store import sqlite
from archiver.store.faults import translate

_SECRET = ("password", "sslpassword")
"""What of an address behind the question mark nobody may see."""

_FORMS = "Write sqlite:///path/to/archive.sqlite or postgresql+psycopg://user@host/name."


def parse(url: str) -> URL:
    """The URL, or a sentence of what is wrong with it."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # whose words may show a part of a password
        raise OperatorError("The database's address can't be read.", advice=_FORMS) from None
    if parsed.drivername == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise OperatorError("The store must be a file.", advice=_FORMS)
        return parsed
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise OperatorError(f"The store can't be kept in {parsed.drivername}.", advice=_FORMS)


def shown(url: URL) -> str:
    """The address as a person may see it, and as two addresses of one database are compared: without passwords."""
    return url._replace(password=None).difference_update_query(_SECRET).render_as_string()


def writing_engine(url: URL, *, durable: bool = False) -> Engine:
    """An engine whose transactions may write."""
    return (
        _sqlite_engine(url, writer=True, durable=durable)
        if url.get_backend_name() == "sqlite"
        else _postgres_engine(url)
    )


def reading_engine(url: URL, writer: Engine | None = None) -> Engine:
    """An engine whose transactions see one unchanging view."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, writer=False)
    return (writer or _postgres_engine(url)).execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Whatever the database says in the block, said in our words; ``where`` names the store."""
    try:
        yield
    except DBAPIError as error:
        known = translate(error, where)
        if known is None:
            raise
        raise known from error


def _sqlite_engine(url: URL, *, writer: bool, durable: bool = False) -> Engine:
    size = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 600} if writer else {"pool_size": 4, "max_overflow": 60}
    engine = sa.create_engine(url, module=sqlite.driver().module, poolclass=sa.QueuePool, **size)

    @event.listens_for(engine, "connect")
    def prepare(connection: object, _entry: ConnectionPoolEntry) -> None:
        sqlite.set_up(connection, writer=writer, durable=durable)

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _postgres_engine(url: URL) -> Engine:
    try:
        return sa.create_engine(url, pool_pre_ping=True, max_overflow=60)
    except ModuleNotFoundError as error:
        raise OperatorError("The PostgreSQL driver is not installed.", advice="Install archiver[postgres].") from error
