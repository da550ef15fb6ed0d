"""The databases' errors as ours: one table, what it does not name is a bug and stays as it is."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, OperationalError

from archiver.errors import OperatorError, StorageFull

Table = tuple[tuple[str, type[OperatorError], str, str], ...]
"""Signs of an error, the kind of ours, what it says and what to do. The first sign that fits counts."""

_SQLITE: Table = (
    ("database or disk is full", StorageFull, "The disk of the store is full.", StorageFull.advice),
    (
        "disk I/O error",  # what SQLite says of a quota and of a limit on the size of files, too
        OperatorError,
        "The store can't be written to its disk.",
        "Make room there, or look at quotas and limits; if there is room, look at the system's log.",
    ),
    (
        "database is locked",
        OperatorError,
        "Another program keeps the store locked.",
        "End it, then run the command again.",
    ),
    (
        "unable to open database file",
        OperatorError,
        "The store can't be opened.",
        "Look at the folder and its permissions.",
    ),
    (
        "attempt to write a readonly database",
        OperatorError,
        "The store can't be written.",
        "Look at the file's permissions.",
    ),
    ("file is not a database", OperatorError, "The store is not an SQLite file.", "Look at the database's address."),
    (
        "database disk image is malformed",
        OperatorError,
        "The store is damaged.",
        "Move it away and run `archiver rebuild`: the WARC files hold what was captured.",
    ),
)

_NO_SUCH_DATABASE = ("There is no such database on the server.", "Make it with `createdb`.")
_REFUSED = ("The database server refuses the user or password.", "Look at both, and at ~/.pgpass.")

_POSTGRES: Table = (
    # SQLSTATE or its class
    ("53100", StorageFull, "The disk of the store is full.", StorageFull.advice),
    ("53", OperatorError, "The database server has run out of something.", "Look at its log."),
    ("57P", OperatorError, "The database server was shut down.", "Start it, then run the command again."),
    ("08", OperatorError, "The connection to the database server broke.", "Look at the server and the network."),
    ("28", OperatorError, *_REFUSED),
    ("3D", OperatorError, *_NO_SUCH_DATABASE),
    ("42501", OperatorError, "The database user may not do that.", "Give it its own database or schema."),
    ("55P03", OperatorError, "Another program keeps the store locked.", "End it, then run the command again."),
)


_POSTGRES_CONNECTING: Table = (
    # words of the server's answer before there is a connection; it gives no SQLSTATE then
    ('database "', OperatorError, *_NO_SUCH_DATABASE),
    ('role "', OperatorError, *_REFUSED),
    ("password authentication", OperatorError, *_REFUSED),
    ("pg_hba.conf", OperatorError, *_REFUSED),
    ("", OperatorError, "The database server can't be reached.", "Look at the server and the network."),
)

_POSTGRES_ASKING: Table = (
    # what the driver says of an address before it asks the server
    ("invalid connection option", OperatorError, "The database's address can't be understood.", "Look at its end."),
)


def translate(error: DBAPIError, where: str) -> OperatorError | None:
    """The error that a person can act on, None when it is a bug. ``where`` names the store, without a password."""
    text = str(error.orig).strip()
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        found = [row for row in _POSTGRES if state.startswith(row[0])]
    elif type(error.orig).__module__.startswith("psycopg"):
        known = _POSTGRES_CONNECTING if isinstance(error, OperationalError) else _POSTGRES_ASKING
        found = [row for row in known if row[0] in text]
    else:
        found = [row for row in _SQLITE if row[0] in text]
    if not found:
        return None
    _, kind, message, advice = found[0]
    return kind(f"{where}: {message} ({text})", advice=advice)
