"""Which SQLite library is used, and how its connections are set up."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

SAFE_SINCE = (3, 51, 3)
"""Before this, several connections that write and checkpoint at the same moment can damage a WAL database."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Library:
    """A Python module that speaks SQLite, and the version that it carries."""

    module: ModuleType
    version: tuple[int, ...]

    @property
    def warning(self) -> str | None:
        """What the administrator should know of it, None when all is well."""
        if self.version >= SAFE_SINCE:
            return None
        have = ".".join(map(str, self.version))
        want = ".".join(map(str, SAFE_SINCE))
        return (
            f"SQLite {have} has a fault that can damage the store while several programs use it; "
            f"install pysqlite3 (it carries SQLite {want} or newer) or let only one archiver command run at a time."
        )


def _absent(_value: None) -> None:
    return None


@cache
def driver() -> Library:
    """The carried SQLite where there is one, else the one of this Python."""
    try:
        module = import_module("pysqlite3.dbapi2")
    except ImportError:  # there is no wheel for every system
        module = import_module("sqlite3")
    # An absent value would be offered to every adapter there might be, which takes longer than its whole row.
    module.register_adapter(type(None), _absent)
    return Library(module, tuple(module.sqlite_version_info))


def warn_of(used: Library) -> None:
    """Say once per opened store when the library is not safe."""
    if used.warning is not None:
        _log.warning(used.warning)


def set_up(connection: Any, *, writer: bool, durable: bool = False) -> None:
    """Prepare a fresh connection. ``durable``: a commit is on disk when it returns.

    Readers can't write, so they never checkpoint either: the one writer does.
    """
    connection.isolation_level = None  # BEGIN is ours to say
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout = 30000",
        # of captures the WARC is the write-ahead log: a commit lost with the power is read from it again
        f"synchronous = {'FULL' if durable else 'NORMAL'}",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # else REPLACE would delete without asking the triggers
        "secure_delete = ON",
        "temp_store = MEMORY",
        "cache_size = -65536",
        "journal_size_limit = 67108864",
        "wal_autocheckpoint = 8000",  # 32 MB: a page that many exchanges touch is written back once for all of them
    ):
        cursor.execute(f"PRAGMA {pragma}")
    if writer:
        cursor.execute("PRAGMA journal_mode = WAL")
    else:
        cursor.execute("PRAGMA query_only = ON")
        cursor.execute("PRAGMA wal_autocheckpoint = 0")
    cursor.close()
