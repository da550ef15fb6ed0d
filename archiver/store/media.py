"""Pictures, videos and files: which are wanted, and in which WARC file each lies. The WARC is their only home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from archiver.domain.exchange import Content
from archiver.domain.item import State
from archiver.domain.keys import Key
from archiver.errors import NotFound
from archiver.store.bulk import chunks
from archiver.store.tables import attachments, exchanges, items, media, media_sources, versions
from archiver.store.upsert import upsert


class MediaState(StrEnum):
    """How far a wanted one is."""

    PENDING = "pending"
    STORED = "stored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A media object that some record shows and no capture has yet."""

    account: str
    identity: str
    url: str
    wanted_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where an account's capture of a media object lies. ``truncated`` is WARC-Truncated's word when a limit cut it."""

    sha256: str
    file: str
    offset: int
    truncated: str | None


def want(conn: Connection, account: str, urls: Mapping[str, str], at: datetime) -> list[str]:
    """Enter media by identity, with an address each; gives those that the account did not have yet."""
    c = media_sources.c
    known: set[str] = set()
    for some in chunks(list(urls)):
        known.update(conn.execute(select(c.identity).where(c.account == account, c.identity.in_(some))).scalars())
    new = [identity for identity in urls if identity not in known]
    if new:
        fresh = {"account": account, "state": MediaState.PENDING.value, "wanted_at": at}
        conn.execute(insert(media_sources), [fresh | {"identity": one, "url": urls[one]} for one in new])
    return new


def readdress(conn: Connection, account: str, urls: Mapping[str, str]) -> None:
    """What is not captured yet was seen at these addresses last, by identity: signed ones expire."""
    conn.execute(_READDRESS, [{"whose": account, "what": one, "address": urls[one]} for one in sorted(urls)])


def address_of(conn: Connection, account: str, identity: str) -> str | None:
    """Where it was last seen; None when the account's records show no such thing."""
    c = media_sources.c
    return conn.execute(select(c.url).where(c.account == account, c.identity == identity)).scalar_one_or_none()


def shown_by(conn: Connection, account: str, identity: str, limit: int = 10) -> tuple[Key, ...]:
    """The records of an account that show it, those that can still be seen and the newest first."""
    query = (
        select(items.c.key)
        .join(versions, versions.c.item_id == items.c.id)
        .join(attachments, attachments.c.version_id == versions.c.id)
        .where(attachments.c.identity == identity, items.c.account == account)
        .group_by(items.c.id, items.c.key, items.c.state)
        .order_by(items.c.state != State.LIVE.value, items.c.id.desc())
    )
    return tuple(Key(key) for key in conn.execute(query.limit(limit)).scalars())


def wanted(conn: Connection, account: str, limit: int | None = None) -> list[Wanted]:
    """What the account's records show and no capture has yet, longest wanted first."""
    c = media_sources.c
    query = select(c.account, c.identity, c.url, c.wanted_at).where(
        c.account == account, c.state == MediaState.PENDING.value
    )
    return [Wanted(*row) for row in conn.execute(query.order_by(c.id).limit(limit))]


def link(
    conn: Connection,
    identity: str,
    content: Content,
    *,
    file: str,
    offset: int,
    exchange: str,
    truncated: str | None = None,
) -> None:
    """A capture has it. A cut one never takes the place of a whole one."""
    number, account, at = _exchange(conn, exchange)
    facts = {
        "sha256": content.sha256,
        "mime": content.mime,
        "size_bytes": content.size_bytes,
        "width": content.width,
        "height": content.height,
    }
    conn.execute(upsert(conn, media).values(**facts).on_conflict_do_nothing())
    place = {
        "state": MediaState.STORED.value,
        "last_error": None,
        "sha256": content.sha256,
        "warc_file": file,
        "warc_offset": offset,
        "truncated": truncated,
        "exchange_id": number,
    }
    want(conn, account, {identity: identity}, at)
    c = media_sources.c
    where = update(media_sources).where(c.account == account, c.identity == identity)
    if truncated is not None:
        where = where.where(c.sha256.is_(None) | c.truncated.is_not(None))
    conn.execute(where.values(**place))


def failed(conn: Connection, account: str, identity: str, error: str) -> None:
    """It can't be had; one that was captured before stays."""
    c = media_sources.c
    conn.execute(
        update(media_sources)
        .where(c.account == account, c.identity == identity, c.sha256.is_(None))
        .values(state=MediaState.FAILED.value, last_error=error)
    )


def place_of(conn: Connection, sha256: str, account: str | None = None) -> Place:
    """Where it lies: the account's own capture where it has one, else any; raises NotFound."""
    c = media_sources.c
    query = select(c.sha256, c.warc_file, c.warc_offset, c.truncated).where(c.sha256 == sha256)
    found = conn.execute(query.order_by(c.account != (account or ""), c.id).limit(1)).one_or_none()
    if found is None:
        raise NotFound(f"There is no media object {sha256}.")
    return Place(*found)


@dataclass(frozen=True, slots=True)
class Kept(Place):
    """The same, with the number of the exchange that brought it."""

    exchange_id: int


def kept(conn: Connection, account: str, identity: str) -> Kept | None:
    """The account's capture of an attachment, by its name."""
    c = media_sources.c
    row = conn.execute(_kept().where(c.account == account, c.identity == identity)).one_or_none()
    return None if row is None else Kept(row.sha256, row.warc_file, row.warc_offset, row.truncated, row.exchange_id)


def kept_content(conn: Connection, account: str, sha256: str) -> Kept | None:
    """The account's capture of a content (hex digest), under whatever name; a whole one."""
    c = media_sources.c
    query = _kept().where(c.account == account, c.sha256 == sha256, c.truncated.is_(None)).order_by(c.id).limit(1)
    row = conn.execute(query).one_or_none()
    return None if row is None else Kept(row.sha256, row.warc_file, row.warc_offset, row.truncated, row.exchange_id)


def _kept() -> Select[Any]:
    c = media_sources.c
    columns = select(c.sha256, c.warc_file, c.warc_offset, c.truncated, c.exchange_id)
    return columns.where(c.state == MediaState.STORED.value)


def share(conn: Connection, account: str, identity: str, place: Kept, at: datetime) -> None:
    """An attachment shows a content that the account has under another name."""
    want(conn, account, {identity: identity}, at)
    c = media_sources.c
    conn.execute(
        update(media_sources)
        .where(c.account == account, c.identity == identity)
        .values(
            state=MediaState.STORED.value, last_error=None, sha256=place.sha256, warc_file=place.file,
            warc_offset=place.offset, truncated=place.truncated, exchange_id=place.exchange_id,
        )
    )  # fmt: skip


def is_wanted(conn: Connection, account: str, identity: str) -> bool:
    """Whether an attachment has no capture yet, and one could be had."""
    c = media_sources.c
    pending = (c.account == account) & (c.identity == identity) & (c.state == MediaState.PENDING.value)
    return conn.execute(select(c.id).where(pending)).first() is not None


def _exchange(conn: Connection, exchange: str) -> tuple[int, str, datetime]:
    c = exchanges.c
    row = conn.execute(select(c.id, c.account, c.captured_at).where(c.exchange == exchange)).one()
    return row.id, row.account, row.captured_at


_READDRESS = (
    update(media_sources)
    .where(
        media_sources.c.account == bindparam("whose"),
        media_sources.c.identity == bindparam("what"),
        media_sources.c.state != MediaState.STORED.value,
        media_sources.c.url != bindparam("address"),
    )
    .values(url=bindparam("address"))
)
