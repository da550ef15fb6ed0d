"""Authors: who wrote what, under which name at that time (design 5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from archiver.domain.fulltext import index_text
from archiver.domain.item import Person
from archiver.store import bulk
from archiver.store.rows import cleaned


@dataclass(slots=True)
class Author:
    """A person as a row refers to it: its number, and the number and tokens of the name it has now."""

    id: int
    version: int
    names: str


@dataclass(slots=True)
class _Known:
    author: Author
    handle: str | None
    display_name: str | None
    avatar: str | None


def resolve(
    conn: Connection, platform: str, seen: Iterable[Person], *, exchange: int, at: datetime
) -> dict[str, Author]:
    """The authors of one exchange, by native id. A new one, and a new name of a known one, is entered."""
    latest = {cleaned(person.native_id) or "": person for person in seen}
    if not latest:
        return {}
    known = _known(conn, platform, list(latest))
    moment = bulk.moments(conn)(at)
    new = [native_id for native_id in latest if native_id not in known]
    numbers = dict(zip(new, bulk.reserve(conn, "people", len(new)), strict=False))
    rows = [(number, platform, native_id, moment) for native_id, number in numbers.items()]
    bulk.insert(conn, "people", ("id", "platform", "native_id", "first_seen_at"), rows)

    named: list[tuple[int, str, Person]] = [
        (number, native_id, latest[native_id]) for native_id, number in numbers.items()
    ]
    for native_id, before in known.items():
        now = _completed(latest[native_id], before)
        if (now.handle, now.display_name) != (before.handle, before.display_name):
            named.append((before.author.id, native_id, now))
    authors = {native_id: before.author for native_id, before in known.items()}
    versions = []
    for (person, native_id, now), number in zip(named, bulk.reserve(conn, "person_versions", len(named)), strict=False):
        names = tokens(now.handle, now.display_name)
        authors[native_id] = Author(person, number, names)
        versions.append(
            (
                number,
                person,
                cleaned(now.handle),
                cleaned(now.display_name),
                cleaned(now.avatar),
                names,
                moment,
                exchange,
            )
        )
    bulk.insert(conn, "person_versions", _VERSION, versions)
    return authors


@lru_cache(maxsize=10_000)
def tokens(handle: str | None, display_name: str | None) -> str:
    """The words by which an author is found."""
    return " ".join(filter(None, (index_text(display_name or ""), index_text(handle or ""))))


_VERSION = ("id", "person_id", "handle", "display_name", "avatar", "names", "observed_at", "exchange_id")


_KNOWN = """
SELECT p.native_id, p.id, v.id AS version, v.names, v.handle, v.display_name, v.avatar
FROM people p JOIN person_versions v ON v.id = (SELECT max(id) FROM person_versions WHERE person_id = p.id)
WHERE p.platform = {} AND p.native_id {among}
"""


def _known(conn: Connection, platform: str, native_ids: list[str]) -> dict[str, _Known]:
    rows = bulk.select(conn, _KNOWN, native_ids, platform)
    return {
        native_id: _Known(Author(person, version, names), handle, display_name, avatar)
        for native_id, person, version, names, handle, display_name, avatar in rows
    }


def _completed(now: Person, before: _Known) -> Person:
    """A source that leaves a name out does not take it away."""
    return Person(
        now.native_id,
        cleaned(now.handle) if now.handle is not None else before.handle,
        cleaned(now.display_name) if now.display_name is not None else before.display_name,
        now.avatar if now.avatar is not None else before.avatar,
    )
