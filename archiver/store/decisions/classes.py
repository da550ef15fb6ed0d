"""Marks of what is not public: on a record, a field or a piece of its text (records rule R12).

A mark holds places, never words. Withdrawing one is another row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Row,
    Select,
    Table,
    func,
    insert,
    select,
    text,
)

from archiver.domain.acting import Actor
from archiver.domain.classification import OPEN_VISIBILITIES, Mark, Part, Span, Withdrawal
from archiver.domain.item import Kind
from archiver.domain.keys import Key
from archiver.errors import NotFound, UsageError
from archiver.store.bulk import chunks
from archiver.store.guards import refuse_change_of
from archiver.store.selection import Query, selected
from archiver.store.tables import items, metadata, versions
from archiver.store.types import Id, Moment, Words

class_marks = Table(
    "class_marks",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("record", Words, nullable=False),
    Column("part", Words, nullable=False),
    Column("version", Integer),  # as it was counted then
    Column("digest", Words),  # of the text
    Column("first_character", Integer),
    Column("end_character", Integer),  # the first one behind
    Column("class", Words, nullable=False),
    Column("citation", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("special", Words),  # the entry of the profile's watch list
    Column("opens_on", Words),  # a day, YYYY-MM-DD
    Column("everywhere", Boolean, nullable=False),
    Index(None, "record"),
)

class_withdrawals = Table(
    "class_withdrawals",
    metadata,
    Column("mark", Id, ForeignKey("class_marks.id"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("reason", Words, nullable=False),
)
refuse_change_of("class_marks", "class_withdrawals")

_OPEN = ", ".join(f"'{word}'" for word in sorted(filter(None, OPEN_VISIBILITIES)))
_LIMITED = text(f"visibility IS NOT NULL AND visibility NOT IN ({_OPEN})")  # one wording, so that the index is used
Index("ix_versions_limited", versions.c.item_id, sqlite_where=_LIMITED, postgresql_where=_LIMITED)


@dataclass(frozen=True, slots=True)
class NewMark:
    """A mark that is to be set."""

    record: Key
    part: Part
    class_: str
    citation: str
    reason: str
    span: Span | None = None
    special: str | None = None
    opens_on: date | None = None
    everywhere: bool = False


def add(conn: Connection, new: NewMark, by: Actor, at: datetime) -> Mark:
    """Set a mark; it as it was stored."""
    span = new.span
    values = {
        "at": at, "person": by.name, "login": by.login, "record": new.record, "part": new.part.value,
        "class": new.class_, "citation": new.citation, "reason": new.reason, "special": new.special,
        "opens_on": new.opens_on.isoformat() if new.opens_on else None, "everywhere": new.everywhere,
        "version": span.version if span else None, "digest": span.digest if span else None,
        "first_character": span.start if span else None, "end_character": span.end if span else None,
    }  # fmt: skip
    (number,) = conn.execute(insert(class_marks).values(values)).inserted_primary_key or (0,)
    return Mark(
        number, new.record, new.part, new.class_, new.citation, new.reason, by, at, span, new.special, new.opens_on,
        new.everywhere,
    )  # fmt: skip


def withdraw(conn: Connection, number: int, by: Actor, at: datetime, reason: str) -> Mark:
    """Have a mark hold no longer. Raises NotFound, and UsageError where it was withdrawn before."""
    found = get(conn, number)
    if found is None:
        raise NotFound(f"There is no mark {number}.", advice="`archiver classify list` tells their numbers.")
    if found.withdrawn is not None:
        raise UsageError(
            f"Mark {number} was withdrawn before, by {found.withdrawn.by.name}.", advice="Set a new mark if need be."
        )
    conn.execute(insert(class_withdrawals).values(mark=number, at=at, person=by.name, login=by.login, reason=reason))
    return found


def get(conn: Connection, number: int) -> Mark | None:
    """A mark by its number."""
    row = conn.execute(_marks().where(class_marks.c.id == number)).one_or_none()
    return None if row is None else _mark(row)


def of_record(conn: Connection, record: Key) -> list[Mark]:
    """All marks of a record, withdrawn ones too, oldest first."""
    return [_mark(row) for row in conn.execute(_marks().where(class_marks.c.record == record))]


def of_records(conn: Connection, records: Iterable[Key]) -> dict[Key, list[Mark]]:
    """The marks that stand on these records."""
    found: dict[Key, list[Mark]] = defaultdict(list)
    standing = _marks().where(class_withdrawals.c.mark.is_(None))
    for some in chunks(sorted(set(records))):
        for row in conn.execute(standing.where(class_marks.c.record.in_(some))):
            found[Key(row.record)].append(_mark(row))
    return dict(found)


def standing(conn: Connection, *, everywhere: bool = False) -> dict[Key, list[Mark]]:
    """All marks that were not withdrawn, by record. ``everywhere``: of the records only that have one for all records.

    These come with all their marks.
    """
    found: dict[Key, list[Mark]] = defaultdict(list)
    query = _marks().where(class_withdrawals.c.mark.is_(None))
    if everywhere:
        query = query.where(class_marks.c.record.in_(select(class_marks.c.record).where(class_marks.c.everywhere)))
    for row in conn.execute(query):
        found[Key(row.record)].append(_mark(row))
    return dict(found)


def listed(conn: Connection, *, account: str | None = None, withdrawn: bool = False) -> Iterator[Mark]:
    """The marks, oldest first; of one account only, and with those that were withdrawn, where that is asked for."""
    query = _marks()
    if account is not None:
        query = query.join(items, items.c.key == class_marks.c.record).where(items.c.account == account)
    if not withdrawn:
        query = query.where(class_withdrawals.c.mark.is_(None))
    with conn.execute(query.execution_options(yield_per=500)) as rows:
        yield from map(_mark, rows)


def limited(conn: Connection, records: Iterable[Key]) -> dict[Key, list[str]]:
    """Those of the records that the platform shows, or showed once, to fewer people than all: its words for that."""
    found: dict[Key, set[str]] = defaultdict(set)
    query = _limited().add_columns(items.c.key, versions.c.visibility)
    for some in chunks(sorted(set(records))):
        for row in conn.execute(query.where(items.c.key.in_(some))):
            found[Key(row.key)].add(row.visibility)
    return {key: sorted(words) for key, words in found.items()}


def limited_keys(conn: Connection) -> list[Key]:
    """All records that not everybody could see."""
    return [Key(key) for key in conn.execute(_limited().with_only_columns(items.c.key).distinct()).scalars()]


def limited_posts(conn: Connection) -> list[Key]:
    """Records that not everybody could see, without messages: what others may share or quote all the same."""
    kinds = [Kind.MESSAGE.value, Kind.CHAT.value]
    query = _limited().with_only_columns(items.c.key).where(items.c.kind.not_in(kinds)).distinct()
    return [Key(key) for key in conn.execute(query).scalars()]


def marked(conn: Connection, query: Query) -> list[Key]:
    """The records of a query on which a mark stands."""
    asked = selected(conn, query).subquery()
    found = select(items.c.key).where(items.c.key.in_(_standing()), items.c.id.in_(select(asked.c.id)))
    return [Key(key) for key in conn.execute(found).scalars()]


def limited_unmarked(conn: Connection, query: Query) -> dict[str, int]:
    """How many records of a query not everybody could see, and nobody has marked in any way, by account."""
    found = _limited_unmarked(conn, query).subquery()
    query_ = select(found.c.account, func.count().label("number")).group_by(found.c.account)
    return {row.account: row.number for row in conn.execute(query_)}


def limited_unmarked_keys(conn: Connection, query: Query) -> list[Key]:
    """Those records by their keys."""
    found = _limited_unmarked(conn, query).subquery()
    return [Key(key) for key in conn.execute(select(items.c.key).where(items.c.id.in_(select(found.c.id)))).scalars()]


def _limited_unmarked(conn: Connection, query: Query) -> Select[Any]:
    asked = selected(conn, query).subquery()
    few = _limited().with_only_columns(items.c.account, items.c.id).distinct()
    return few.where(items.c.id.in_(select(asked.c.id)), items.c.key.not_in(_standing()))


def _standing() -> Select[Any]:
    """The keys of marked records."""
    joined = select(class_marks.c.record).outerjoin(class_withdrawals)
    return joined.where(class_withdrawals.c.mark.is_(None))


def _limited() -> Select[Any]:
    """Versions, with their items, that not everybody could see."""
    return select(items.c.id).join(versions, versions.c.item_id == items.c.id).where(_LIMITED)


def _marks() -> Select[Any]:
    w = class_withdrawals.c
    told = select(
        class_marks,
        w.at.label("withdrawn_at"),
        w.person.label("withdrawn_person"),
        w.login.label("withdrawn_login"),
        w.reason.label("withdrawn_reason"),
    )
    return told.outerjoin(class_withdrawals, w.mark == class_marks.c.id).order_by(class_marks.c.id)


def _mark(row: Row[Any]) -> Mark:
    one = row._mapping  # noqa: SLF001 - the public name of a column called "class" can't be written
    span = None
    if one["digest"] is not None:
        span = Span(one["version"], one["digest"], one["first_character"], one["end_character"])
    withdrawn = None
    if one["withdrawn_at"] is not None:
        by = Actor(one["withdrawn_person"], one["withdrawn_login"])
        withdrawn = Withdrawal(by, one["withdrawn_at"], one["withdrawn_reason"])
    return Mark(
        id=one["id"], record=Key(one["record"]), part=Part(one["part"]), class_=one["class"], citation=one["citation"],
        reason=one["reason"], by=Actor(one["person"], one["login"]), at=one["at"], span=span, special=one["special"],
        opens_on=date.fromisoformat(one["opens_on"]) if one["opens_on"] else None, everywhere=bool(one["everywhere"]),
        withdrawn=withdrawn,
    )  # fmt: skip
