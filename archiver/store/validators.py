"""What servers gave with their answers so that they can be asked whether anything has changed (RFC 9110, 8.8).

One row for each address of an account, of the last whole answer. It is made of captured exchanges, so a rebuild makes
it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select

from archiver.domain.exchange import Exchange
from archiver.store.tables import exchanges, validators
from archiver.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Validator:
    """The validators of an answer, and where it lies: file below the WARC folder, offset of its member in bytes."""

    etag: str | None
    last_modified: str | None
    exchange: str
    file: str
    offset: int


def note(conn: Connection, exchange: Exchange, number: int, etag: str | None) -> None:
    """A whole answer came with this entity tag; ``number`` is its row.

    One without validators leaves nothing to ask with.
    """
    last_modified = exchange.header("last-modified")
    if etag is None and last_modified is None:
        c = validators.c
        conn.execute(delete(validators).where(c.account == exchange.account, c.url == exchange.url))
        return
    values = {"etag": etag, "last_modified": last_modified, "exchange_id": number}
    statement = upsert(conn, validators).values(account=exchange.account, url=exchange.url, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["account", "url"], set_=values))


def of(conn: Connection, account: str, url: str) -> Validator | None:
    """What the last whole answer to an account from this very address came with."""
    found = conn.execute(_OF, {"account": account, "url": url}).one_or_none()
    return None if found is None else Validator(*found)


_OF = (
    select(
        validators.c.etag,
        validators.c.last_modified,
        exchanges.c.exchange,
        exchanges.c.warc_file,
        exchanges.c.warc_offset,
    )
    .join(exchanges, exchanges.c.id == validators.c.exchange_id)
    .where(validators.c.account == bindparam("account"), validators.c.url == bindparam("url"))
)
