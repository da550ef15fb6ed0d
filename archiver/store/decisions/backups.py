"""Backups that were made, and drills: restores that were tried, with what came of them (records rule R36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, Identity, Index, Row, Table, insert, select

from archiver.domain.acting import Actor
from archiver.store.decisions import audit
from archiver.store.decisions.audit import Act
from archiver.store.guards import refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Id, Json, Moment, Words

backups = Table(
    "backups",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("name", Words, nullable=False),
    Column("folder", Words, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("manifest", Words, nullable=False),  # its SHA-256
    Column("files", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Index(None, "made_at"),
)

drills = Table(
    "drills",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("backup", Words, nullable=False),
    Column("made_at", Moment, nullable=False),  # of the backup
    Column("manifest", Words, nullable=False),
    Column("outcome", Words, nullable=False),  # passed, failed
    Column("records", BigInteger, nullable=False),
    Column("findings", Json, nullable=False),  # sentences
    Index(None, "at"),
)
refuse_change_of("backups", "drills")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made. ``manifest`` is the SHA-256 of its manifest, ``records`` how many records it holds."""

    name: str
    folder: str
    made_at: datetime
    by: Actor
    manifest: str
    files: int
    size_bytes: int
    records: int


@dataclass(frozen=True, slots=True)
class Drill:
    """A restore that was tried. ``made_at`` is the backup's; ``findings`` says in sentences what was wrong."""

    at: datetime
    by: Actor
    backup: str
    made_at: datetime
    manifest: str
    records: int
    findings: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all was as it should be."""
        return not self.findings

    @property
    def outcome(self) -> str:
        """The same as a word."""
        return "passed" if self.passed else "failed"


def add_backup(conn: Connection, one: Backup, removed: tuple[str, ...] = ()) -> None:
    """Write down that it was made, and which older ones were deleted then."""
    conn.execute(
        insert(backups).values(
            name=one.name, folder=one.folder, made_at=one.made_at, person=one.by.name, login=one.by.login,
            manifest=one.manifest, files=one.files, size_bytes=one.size_bytes, records=one.records,
        )
    )  # fmt: skip
    details = {"folder": one.folder, "manifest": one.manifest, "removed": list(removed)}
    audit.add(conn, Act(one.made_at, one.by, "backup make", one.name, details=details))


def add_drill(conn: Connection, one: Drill) -> None:
    """Write down how it went."""
    conn.execute(
        insert(drills).values(
            at=one.at, person=one.by.name, login=one.by.login, backup=one.backup, made_at=one.made_at,
            manifest=one.manifest, outcome=one.outcome, records=one.records, findings=list(one.findings),
        )
    )  # fmt: skip
    details = {"outcome": one.outcome, "manifest": one.manifest, "findings": len(one.findings)}
    audit.add(conn, Act(one.at, one.by, "backup drill", one.backup, details=details))


def made(conn: Connection) -> list[Backup]:
    """All backups, the newest first."""
    return [_backup(row) for row in conn.execute(select(backups).order_by(backups.c.id.desc()))]


def tried(conn: Connection) -> list[Drill]:
    """All drills, the newest first."""
    return [_drill(row) for row in conn.execute(select(drills).order_by(drills.c.id.desc()))]


def named(conn: Connection, name: str) -> Backup | None:
    """What was written down of a backup when it was made."""
    query = select(backups).where(backups.c.name == name).order_by(backups.c.id.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    return _backup(row) if row is not None else None


def _backup(row: Row[tuple[object, ...]]) -> Backup:
    by = Actor(row.person, row.login)
    return Backup(row.name, row.folder, row.made_at, by, row.manifest, row.files, row.size_bytes, row.records)


def _drill(row: Row[tuple[object, ...]]) -> Drill:
    by = Actor(row.person, row.login)
    return Drill(row.at, by, row.backup, row.made_at, row.manifest, row.records, tuple(row.findings))
