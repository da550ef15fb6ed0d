"""The schema's revision: read it, check it, move it forward.

Revisions are numbered in a line, and a file of `migrations/versions` begins with its number. So Alembic, which takes
most of a second to load, is needed only to move a store forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table, text
from sqlalchemy.engine import URL

from archiver.errors import OperatorError, StoreTooNew, StoreTooOld
from archiver.store.connections import reading_engine, shown, translated, writing_engine

_REVISION = table("alembic_version", column("version_num"))  # Alembic's own table
_ONE_AT_A_TIME = 5_207_861_220_191  # a number of our own for PostgreSQL's advisory lock


def revision(url: URL) -> str | None:
    """The store's revision, None when there is none. A missing SQLite file is not made."""
    if url.get_backend_name() == "sqlite" and not _sqlite_file(url).exists():
        return None
    with _connection(url, to_write=False) as conn:
        return _revision(conn)


def require_current(url: URL) -> None:
    """Raise StoreTooOld or StoreTooNew unless the store's schema is this program's."""
    have, known = revision(url), revisions()
    head = known[-1]
    if have == head:
        return
    where = shown(url)
    if have is None:
        raise StoreTooOld(f"There is no store at {where} yet.")
    if have in known:
        raise StoreTooOld(f"The store at {where} has schema {have}, this program works with {head}.")
    raise StoreTooNew(f"The store at {where} has schema {have}, which this program does not know; it knows {head}.")


def is_blank(url: URL) -> bool:
    """Whether there is nothing at all: no store, and no tables of another program. Makes nothing."""
    if url.get_backend_name() == "sqlite" and not _sqlite_file(url).exists():
        return True
    with _connection(url, to_write=False) as conn:
        return not inspect(conn).get_table_names()


def upgrade(url: URL) -> None:
    """Bring the store to the newest schema; makes the SQLite file, readable for its owner only."""
    if url.get_backend_name() == "sqlite":
        _make_file(_sqlite_file(url))
    with as_file(scripts_folder()) as folder, _connection(url, to_write=True) as conn:
        if url.get_backend_name() == "postgresql":
            _require_utf8(conn, url)
            conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ONE_AT_A_TIME})
        have = _revision(conn)
        if have is not None and have not in revisions():
            raise StoreTooNew(f"The store has schema {have}, which this program does not know.")
        _move(conn, folder)


def revisions() -> list[str]:
    """The revisions that this program knows, the oldest first."""
    return sorted(
        file.name.partition("_")[0] for file in (scripts_folder() / "versions").iterdir() if file.name[:1].isdigit()
    )


def _require_utf8(conn: Connection, url: URL) -> None:
    """Other encodings lack most of the letters that people write."""
    encoding = conn.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise OperatorError(
            f"The database {shown(url)} has the encoding {encoding}; records need UTF8.",
            advice="Make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
        )


def _move(conn: Connection, folder: Path) -> None:
    from alembic import command  # noqa: PLC0415 - takes most of a second, and few commands need it
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table(_REVISION.name):
        return None
    return conn.execute(select(_REVISION.c.version_num)).scalar_one_or_none()


def _sqlite_file(url: URL) -> Path:
    return Path(url.database or "")


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise OperatorError(
            f"The store {path} can't be made: {error.strerror}.", advice="Look at the folder's permissions."
        ) from error


@contextmanager
def _connection(url: URL, *, to_write: bool) -> Iterator[Connection]:
    engine = writing_engine(url) if to_write else reading_engine(url)
    try:
        with translated(shown(url)), engine.begin() as conn:
            yield conn
    finally:
        engine.dispose()


def scripts_folder() -> Traversable:
    """Where the revisions are: inside an installed package, or beside it in a checkout."""
    package = files("archiver")
    carried = package / "_migrations"
    return carried if carried.is_dir() else Path(str(package)).parent / "migrations"
