"""Whom data is about: people by their exact names, their records, and whether a filter means one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from archiver.domain.item import clean
from archiver.domain.keys import Key
from archiver.store.bulk import chunks
from archiver.store.selection import Query, conditions
from archiver.store.tables import items, people, person_versions


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person as a platform knows them. ``handles`` are all that they ever had."""

    number: int
    platform: str
    native_id: str
    handles: tuple[str, ...]

    @property
    def name(self) -> str:
        """By which the report and the audit log name them; it stays when handles change."""
        return f"{self.platform}:{self.native_id}"


def people_called(conn: Connection, word: str) -> list[PersonFound]:
    """The people of that handle, of any time, or of that id, alone or behind the platform's name and a colon.

    A handle is found whole, in any case, with or without ``@``; a display name names nobody for certain, and finds
    none.
    """
    wanted = clean(" ".join(word.split()))
    handle = wanted.removeprefix("@").lower()
    p, v = people.c, person_versions.c
    by_handle = select(v.person_id).where(func.lower(v.handle).in_([handle, f"@{handle}"]))
    named = or_(p.native_id == wanted, p.platform + ":" + p.native_id == wanted, p.id.in_(by_handle))
    return [_found(conn, row.id, row.platform, row.native_id) for row in conn.execute(select(people).where(named))]


def _found(conn: Connection, number: int, platform: str, native_id: str) -> PersonFound:
    v = person_versions.c
    query = select(v.handle).where(v.person_id == number, v.handle.is_not(None)).order_by(v.id)
    return PersonFound(number, platform, native_id, tuple(dict.fromkeys(conn.execute(query).scalars())))


def records_by(conn: Connection, found: Iterable[PersonFound]) -> dict[Key, str]:
    """The records that these people wrote: by its key the name of who did."""
    names = {one.number: one.name for one in found}
    query = select(items.c.key, items.c.author_id).where(items.c.author_id.in_(list(names)))
    return {Key(row.key): names[row.author_id] for row in conn.execute(query)}


def means_any(conn: Connection, query: Query, records: Sequence[Key], before: datetime) -> bool:
    """Whether a filter, its words aside, leaves in one of these records that was there before a moment (aware, UTC)."""
    asked = select(items.c.id).where(*conditions(query), items.c.first_seen_at <= before).limit(1)
    return any(conn.execute(asked.where(items.c.key.in_(some))).first() is not None for some in chunks(records))


def accounts_of(conn: Connection, names: Sequence[str]) -> dict[str, set[str]]:
    """On which accounts there are records of these people, who are named as ``platform:id``."""
    p = people.c
    named = p.platform + ":" + p.native_id
    found: dict[str, set[str]] = {}
    for some in chunks(names):
        query = select(named.label("name"), items.c.account).join(items, items.c.author_id == p.id)
        for row in conn.execute(query.where(named.in_(some)).distinct()):
            found.setdefault(row.name, set()).add(row.account)
    return found
