"""Records schedules: editions as they were issued, their adoption by the city, and what follows on what (R21).

An edition never changes. That it was adopted is a row of its own, and so is its withdrawal; the last one that holds on
a day counts. A mapping says which series of a later edition follows on one of an earlier edition; until then, and
until the later edition is adopted, the earlier one goes on (docs/decisions/0080-schedules.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
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
    Table,
    UniqueConstraint,
    insert,
    select,
)

from archiver.domain.acting import Actor
from archiver.domain.retention import Archival, Disposition, Edition, Period, Series, Trigger
from archiver.store.guards import refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Day, Id, Json, Moment, Words, json_text

schedule_editions = Table(
    "schedule_editions",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("name", Words, nullable=False, unique=True),  # schedule@YYYY-MM-DD
    Column("schedule", Words, nullable=False),
    Column("edition", Day, nullable=False),
    Column("title", Words, nullable=False),
    Column("example", Boolean, nullable=False),
    Column("body", Words),
    Column("reference", Words),
    Column("source_url", Words),
    Column("digest", Words, nullable=False),
    Column("file_sha256", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
)

schedule_series = Table(
    "schedule_series",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("edition", Words, ForeignKey("schedule_editions.name"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("section", Words),
    Column("description", Words),
    Column("triggers", Json, nullable=False),
    Column("period", Words, nullable=False),
    Column("disposition", Words, nullable=False),
    Column("archival", Words, nullable=False),
    Column("classes", Json, nullable=False),
    Column("statute", Json, nullable=False),
    UniqueConstraint("edition", "code"),
)

schedule_adoptions = Table(
    "schedule_adoptions",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("edition", Words, ForeignKey("schedule_editions.name"), nullable=False),
    Column("adopted", Boolean, nullable=False),  # false: from that day on no longer
    Column("day", Day, nullable=False),
    Column("instrument", Words, nullable=False),
    Column("sections", Json, nullable=False),  # [] for the whole schedule
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Index(None, "edition"),
)

schedule_mappings = Table(
    "schedule_mappings",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("from_edition", Words, ForeignKey("schedule_editions.name"), nullable=False),
    Column("from_code", Words, nullable=False),
    Column("to_edition", Words, ForeignKey("schedule_editions.name"), nullable=False),
    Column("to_code", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Index(None, "from_edition", "from_code"),
)
refuse_change_of("schedule_editions", "schedule_series", "schedule_adoptions", "schedule_mappings")

SeriesName = tuple[str, str]
"""The name of an edition, and a code in it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """An edition as it was taken in. ``digest`` is of its content, ``file_sha256`` of the file; ``at`` aware, UTC."""

    edition: Edition
    digest: str
    file_sha256: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Adoption:
    """That an edition, or these sections of it, hold from a day on; or, not ``adopted``, that it holds no longer."""

    edition: str
    day: date
    instrument: str
    by: Actor
    at: datetime
    sections: tuple[str, ...] = ()
    adopted: bool = True

    def covers(self, series: Series) -> bool:
        """Whether the series is among what was adopted."""
        return self.adopted and (not self.sections or series.section in self.sections)


_RELIED_ON = (
    "schedule_adoptions, schedule_mappings, series_assignments, series_revocations, series_choices, trigger_dates, "
    "application_approvals, record_statuses, register_entries"
)


def rely(conn: Connection) -> None:
    """What is read of these decisions in a write transaction holds until its end: who decides anew waits for it."""
    if conn.dialect.name != "postgresql":
        return  # one writer at a time
    if conn.exec_driver_sql("SHOW transaction_read_only").scalar_one() == "off":
        conn.exec_driver_sql(f"LOCK TABLE {_RELIED_ON} IN SHARE MODE")


def digest_of(edition: Edition) -> str:
    """SHA-256, hex, over the canonical JSON of all that the edition says."""
    document = {
        "schedule": edition.schedule, "edition": edition.edition.isoformat(), "title": edition.title,
        "example": edition.example, "body": edition.body, "reference": edition.reference,
        "source_url": edition.source_url, "series": [_columns(one) for one in edition.series],
    }  # fmt: skip
    return hashlib.sha256(json_text(document).encode()).hexdigest()


def add_edition(conn: Connection, edition: Edition, *, file_sha256: str, by: Actor, at: datetime) -> str:
    """Keep an edition that is not there yet; its digest."""
    digest = digest_of(edition)
    conn.execute(
        insert(schedule_editions).values(
            name=edition.name, schedule=edition.schedule, edition=edition.edition, title=edition.title,
            example=edition.example, body=edition.body, reference=edition.reference, source_url=edition.source_url,
            digest=digest, file_sha256=file_sha256, at=at, person=by.name, login=by.login,
        )
    )  # fmt: skip
    for position, one in enumerate(edition.series):
        conn.execute(insert(schedule_series).values(edition=edition.name, position=position, **_columns(one)))
    return digest


def editions(conn: Connection) -> list[Imported]:
    """All editions, by name."""
    series: dict[str, list[Series]] = {}
    c = schedule_series.c
    for row in conn.execute(select(schedule_series).order_by(c.edition, c.position)):
        series.setdefault(row.edition, []).append(_series(row))
    rows = conn.execute(select(schedule_editions).order_by(schedule_editions.c.name))
    return [_imported(row, tuple(series.get(row.name, ()))) for row in rows]


def add_adoption(conn: Connection, adoption: Adoption) -> None:
    """Write down that an edition was adopted, or withdrawn."""
    conn.execute(
        insert(schedule_adoptions).values(
            edition=adoption.edition, adopted=adoption.adopted, day=adoption.day, instrument=adoption.instrument,
            sections=list(adoption.sections), at=adoption.at, person=adoption.by.name, login=adoption.by.login,
        )
    )  # fmt: skip


def adoptions(conn: Connection) -> list[Adoption]:
    """All that was said about adoption, in the order in which it was entered."""
    rows = conn.execute(select(schedule_adoptions).order_by(schedule_adoptions.c.id))
    return [
        Adoption(
            row.edition, row.day, row.instrument, Actor(row.person, row.login), row.at, tuple(row.sections), row.adopted
        )
        for row in rows
    ]


def in_force(said: Iterable[Adoption], on: date) -> dict[str, Adoption]:
    """The editions that are adopted on a day, each with the adoption that holds; the first adopted first."""
    last: dict[str, Adoption] = {}
    for one in sorted((one for one in said if one.day <= on), key=lambda one: one.day):  # stable: entered later counts
        if one.adopted:
            last[one.edition] = one
        else:
            last.pop(one.edition, None)
    return last


def ever_adopted(said: Iterable[Adoption], on: date) -> tuple[str, ...]:
    """The editions that were adopted until a day, withdrawn since or not; the first adopted first."""
    found = sorted((one for one in said if one.adopted and one.day <= on), key=lambda one: one.day)
    return tuple(dict.fromkeys(one.edition for one in found))


def add_mappings(conn: Connection, pairs: Mapping[SeriesName, SeriesName], *, by: Actor, at: datetime) -> None:
    """Write down which series follows on which."""
    for (from_edition, from_code), (to_edition, to_code) in pairs.items():
        conn.execute(
            insert(schedule_mappings).values(
                from_edition=from_edition, from_code=from_code, to_edition=to_edition, to_code=to_code,
                at=at, person=by.name, login=by.login,
            )
        )  # fmt: skip


def mappings(conn: Connection) -> dict[SeriesName, tuple[SeriesName, ...]]:
    """For each series those that follow on it, what was said last first: it counts once its edition is adopted."""
    found: dict[SeriesName, tuple[SeriesName, ...]] = {}
    for row in conn.execute(select(schedule_mappings).order_by(schedule_mappings.c.id.desc())):
        key = (row.from_edition, row.from_code)
        found[key] = (*found.get(key, ()), (row.to_edition, row.to_code))
    return found


def _columns(one: Series) -> dict[str, Any]:
    return {
        "code": one.code, "title": one.title, "section": one.section, "description": one.description,
        "triggers": [str(trigger) for trigger in one.triggers], "period": str(one.period),
        "disposition": str(one.disposition), "archival": str(one.archival), "classes": list(one.classes),
        "statute": list(one.statute),
    }  # fmt: skip


def _series(row: Row[Any]) -> Series:
    return Series(
        row.code, row.title, tuple(map(Trigger, row.triggers)), Period.parse(row.period),
        Disposition(row.disposition), Archival(row.archival), row.section, row.description, tuple(row.classes),
        tuple(row.statute),
    )  # fmt: skip


def _imported(row: Row[Any], series: tuple[Series, ...]) -> Imported:
    edition = Edition(
        row.schedule, row.edition, row.title, series, row.example, row.body, row.reference, row.source_url
    )
    return Imported(edition, row.digest, row.file_sha256, Actor(row.person, row.login), row.at)
