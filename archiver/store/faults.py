"""The databases' errors as ours: one table, what it does not name is a bug and stays as it is."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from archiver.errors import OperatorError, StorageFull

_SQLITE: tuple[tuple[str, type[OperatorError], str, str], ...] = (
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
    ("file is not a database", OperatorError, "The store is not an SQLite file.", "Look at [archive] database."),
    (
        "database disk image is malformed",
        OperatorError,
        "The store is damaged.",
        "Move it away and run `archiver rebuild`: the WARC files hold what was captured.",
    ),
)

_POSTGRES: tuple[tuple[str, type[OperatorError], str, str], ...] = (
    # SQLSTATE or its class
    ("53100", StorageFull, "The disk of the store is full.", StorageFull.advice),
    ("53", OperatorError, "The database server has run out of something.", "Look at its log."),
    ("57P", OperatorError, "The database server was shut down.", "Start it, then run the command again."),
    ("08", OperatorError, "The connection to the database server broke.", "Look at the server and the network."),
    ("28", OperatorError, "The database server refuses the user or password.", "Look at [archive] database."),
    ("3D", OperatorError, "There is no such database on the server.", "Make it with `createdb`."),
    ("42501", OperatorError, "The database user may not do that.", "Give it its own database or schema."),
    ("55P03", OperatorError, "Another program keeps the store locked.", "End it, then run the command again."),
)


def translate(error: DBAPIError, where: str) -> OperatorError | None:
    """The error that a person can act on, None when it is a bug."""
    state = getattr(error.orig, "sqlstate", None)
    text = str(error.orig)
    for sign, kind, message, advice in _POSTGRES if state else _SQLITE:
        if state.startswith(sign) if state else sign in text:
            return kind(f"{where}: {message} ({text.strip()})", advice=advice)
    if state is None and type(error.orig).__module__.startswith("psycopg") and error.connection_invalidated:
        return OperatorError(
            f"{where}: The database server can't be reached. ({text.strip()})",
            advice="Look at the server and the network.",
        )
    return None
