"""What a disposal needs of the captured half: which media go with records, and letting rows go in its transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select

from archiver.domain.exchange import Purpose
from archiver.domain.item import clean
from archiver.domain.keys import Key
from archiver.domain.task import TaskKind
from archiver.store import bulk
from archiver.store.bulk import chunks
from archiver.store.guards import lifted
from archiver.store.tables import exchanges, media_sources, segments, tasks

Shown = tuple[str, str]
"""An account, and the name of what its records show."""


@dataclass(frozen=True, slots=True)
class Orphans:
    """Media that no record shows any more when some go.

    ``shown`` are their names by account, ``contents`` their digests, ``exchanges`` the ids of the captures of them
    that nothing else cites.
    """

    shown: frozenset[Shown] = frozenset()
    contents: frozenset[str] = frozenset()
    exchanges: frozenset[str] = field(default_factory=frozenset)


def orphans(conn: Connection, keys: Sequence[Key]) -> Orphans:
    """The media that only these records of their account show."""
    going = {row[0]: row[1] for row in bulk.select(conn, _IDS, [clean(key) for key in keys])}
    named = {(row[0], row[1]) for row in bulk.select(conn, _SHOWN_BY, sorted(going))}
    identities = sorted({identity for _, identity in named})
    staying = {(row[0], row[1]) for row in bulk.select(conn, _SHOWN, identities) if row[2] not in going}
    lonely = named - staying
    contents = {row[2] for row in bulk.select(conn, _CONTENTS, identities) if (row[0], row[1]) in lonely and row[2]}
    still = {row[0] for row in bulk.select(conn, _HELD, sorted(contents)) if (row[1], row[2]) not in lonely}
    captures = _captures(conn, lonely)
    return Orphans(frozenset(lonely), frozenset(contents - still), frozenset(captures))


_IDS = "SELECT id, account FROM items WHERE key {among}"
_SHOWN_BY = """
SELECT DISTINCT i.account, a.identity FROM items i
JOIN versions v ON v.item_id = i.id JOIN attachments a ON a.version_id = v.id WHERE i.id {among}
"""
_SHOWN = """
SELECT DISTINCT i.account, a.identity, i.id FROM attachments a
JOIN versions v ON v.id = a.version_id JOIN items i ON i.id = v.item_id WHERE a.identity {among}
"""
_CONTENTS = "SELECT account, identity, sha256 FROM media_sources WHERE identity {among}"
_HELD = "SELECT sha256, account, identity FROM media_sources WHERE sha256 {among}"


def _captures(conn: Connection, lonely: Collection[Shown]) -> set[str]:
    """The captures of these, but for those that another name's row cites (`media.share`)."""
    e, s = exchanges.c, media_sources.c
    found: dict[str, int] = {}
    for some in chunks(sorted({identity for _, identity in lonely})):
        query = select(e.exchange, e.id, e.account, e.subject).where(
            e.purpose == Purpose.MEDIA.value, e.subject.in_(some)
        )
        found.update({row.exchange: row.id for row in conn.execute(query) if (row.account, row.subject) in lonely})
    cited: set[int] = set()
    for numbers in chunks(sorted(found.values())):
        citing = select(s.exchange_id, s.account, s.identity).where(s.exchange_id.in_(numbers))
        cited.update(row.exchange_id for row in conn.execute(citing) if (row.account, row.identity) not in lonely)
    return {exchange for exchange, number in found.items() if number not in cited}


def forget_files(conn: Connection, files: Iterable[str]) -> None:
    """Sealed WARC files that others have taken the place of; `rewrites` tells of them."""
    with lifted(conn):
        for some in chunks(sorted(files)):
            conn.execute(delete(segments).where(segments.c.warc_file.in_(some)))


def forget_tasks(conn: Connection, names: Iterable[str], shown: Collection[Shown]) -> None:
    """Nothing is to be asked any more about records of these names, or to be fetched that only they showed."""
    for some in chunks(sorted({clean(name) for name in names})):
        conn.execute(delete(tasks).where(tasks.c.subject.in_(some)))
    by_account: dict[str, list[str]] = {}
    for account, identity in sorted(shown):
        by_account.setdefault(account, []).append(identity)
    for account, identities in by_account.items():
        for some in chunks(identities):
            fetching = (tasks.c.account == account) & (tasks.c.kind == TaskKind.MEDIA.value)
            conn.execute(delete(tasks).where(fetching, tasks.c.subject.in_(some)))


def told_by(conn: Connection, exchange: str) -> list[Key]:
    """The records of which rows cite a capture."""
    return [Key(key) for (key,) in bulk.select(conn, _TOLD_BY, [exchange])]


_TOLD_BY = """
SELECT DISTINCT i.key FROM exchanges e JOIN versions v ON v.exchange_id = e.id JOIN items i ON i.id = v.item_id
WHERE i.state <> 'disposed' AND e.exchange {among}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capture lies, and of which account it is."""

    account: str
    file: str
    offset: int


def places(conn: Connection, ids: Sequence[str]) -> dict[str, Place]:
    """Where these captures lie."""
    return {row[0]: Place(*row[1:]) for row in bulk.select(conn, _PLACES, ids)}


_PLACES = "SELECT exchange, account, warc_file, warc_offset FROM exchanges WHERE exchange {among}"


def versions_of(conn: Connection, keys: Sequence[Key]) -> dict[Key, int]:
    """How many versions of each of these records are kept."""
    return {Key(row[0]): row[1] for row in bulk.select(conn, _LEARNED, [clean(key) for key in keys])}


_LEARNED = "SELECT key, learned FROM items WHERE key {among}"
