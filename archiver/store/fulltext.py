"""The full-text index: the same tokens in both databases (docs/decisions/0050-full-text.md).

The domain turns text into tokens (`archiver.domain.fulltext`); here they are put into an FTS5 table without content
or a tsvector. There is a document per version whose words differ from those before, so that a word that was edited
away is found.

On SQLite a document's number is its record's time and its version's number in one, so that the index itself
yields the newest first and a span of time is a span of numbers. Its account is a token of the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from archiver.domain.fulltext import Term
from archiver.store.tables import on_create

SQLITE_CREATE = """
CREATE VIRTUAL TABLE fulltext USING fts5(words, content='', columnsize=0, tokenize="ascii tokenchars '#_-'")
"""
POSTGRES_CREATE = (
    """
CREATE TABLE fulltext (
  version_id BIGINT NOT NULL CONSTRAINT pk_fulltext PRIMARY KEY
    CONSTRAINT fk_fulltext_version_id REFERENCES versions (id),
  words TSVECTOR NOT NULL)
""",
    "CREATE INDEX ix_fulltext_words ON fulltext USING gin (words)",
)

ID_BITS = 30
ID_MASK = (1 << ID_BITS) - 1
_MAX_SECOND = (1 << (63 - ID_BITS)) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def document_number(at: datetime, version_id: int) -> int:
    """SQLite's number of a document: 33 bits of seconds since 1970, 30 bits of version id (a billion)."""
    if version_id > ID_MASK:
        raise OverflowError("This store holds a billion versions; that many belong on PostgreSQL.")
    return first_number(at) | version_id


def first_number(at: datetime) -> int:
    """The lowest number of a document of that second."""
    second = int((at - _EPOCH).total_seconds())
    return min(max(second, 0), _MAX_SECOND) << ID_BITS


def version_of(number: int) -> int:
    """The version's number in a document's number."""
    return number & ID_MASK


def account_token(account: str) -> str:
    """The token that tells a document's account; no text gives it, for no word holds ``_`` or ``-``."""
    return f"_{account}"


Document = tuple[datetime, int, str, str]
"""The record's moment, the version's number, the account, the tokens."""


def add_documents(conn: Connection, documents: Sequence[Document]) -> None:
    """Put documents into the index."""
    if not documents:
        return
    if conn.dialect.name == "sqlite":
        # FTS5 writes out what it has gathered whenever a number is lower than the one before
        rows = sorted(
            (document_number(at, id_), f"{account_token(account)} _ {words}") for at, id_, account, words in documents
        )
        conn.exec_driver_sql("INSERT INTO fulltext (rowid, words) VALUES (?, ?)", rows)
    else:
        vectors = [(id_, tsvector(words)) for _, id_, _, words in documents]
        conn.exec_driver_sql("INSERT INTO fulltext (version_id, words) VALUES (%s, %s::tsvector)", vectors)


def clear(conn: Connection) -> None:
    """Empty the index."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("INSERT INTO fulltext (fulltext) VALUES ('delete-all')")
    else:
        conn.exec_driver_sql("DELETE FROM fulltext")


def tsvector(words: str) -> str:
    """Tokens as PostgreSQL reads a tsvector. Tokens hold no quote and no backslash."""
    return " ".join(f"'{token}':{min(place, 16383)}" for place, token in enumerate(words.split(" "), start=1) if token)


def fts5_query(terms: Sequence[Term]) -> str:
    """The terms as an FTS5 expression."""
    return " AND ".join('"' + " ".join(term.tokens) + '"' + (" *" if term.prefix else "") for term in terms)


def tsquery(terms: Sequence[Term]) -> str:
    """The terms as a tsquery."""
    return " & ".join(_tsquery_term(term) for term in terms)


def _tsquery_term(term: Term) -> str:
    *before, last = (f"'{token}'" for token in term.tokens)
    return "(" + " <-> ".join([*before, last + (":*" if term.prefix else "")]) + ")"


def _attach() -> None:
    on_create("sqlite", SQLITE_CREATE)
    for statement in POSTGRES_CREATE:
        on_create("postgresql", statement)


_attach()
