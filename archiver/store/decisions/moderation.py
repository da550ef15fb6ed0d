"""What people say about moderation: notes on what was captured, acts that no platform tells of, policies, settings.

Everything is added and nothing is changed; a later note counts before an earlier one, field by field. Only the words
of a record that is destroyed go with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Identity, Index, Row, Table, insert, select, update

from archiver.domain.acting import Actor
from archiver.domain.moderation import Action, Kept, Note, PolicyVersion, Rule
from archiver.domain.page_settings import Member, SettingName, Snapshot
from archiver.store.bulk import chunks
from archiver.store.guards import lifted, refuse_change_of
from archiver.store.tables import metadata
from archiver.store.types import Id, Json, Moment, Words

notes = Table(
    "moderation_notes",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("reference", Words, nullable=False),  # of the entry that it is about
    Column("action", Words),
    Column("actor", Words),  # the person of the city who did it
    Column("rule", Words),
    Column("reason", Words),
    Column("notice", Words),
    Column("appeal", Words),
    Index(None, "reference"),
)

acts = Table(
    # what was done and no platform tells of
    "moderation_acts",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("entered_at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("account", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("at", Moment, nullable=False),  # when it was done
    Column("day_only", Boolean, nullable=False),  # nobody knows the hour
    Column("record", Words),
    Column("whom", Words),  # who was blocked, or wrote what was taken away
    Column("text", Words),  # what stood there, as far as the city knows
    Column("source", Words, nullable=False),
    Column("basis", Words, nullable=False),  # how it is known
    Column("file", Json),
    Index(None, "at"),
    Index(None, "record"),
)

policies = Table(
    "moderation_policies",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("entered_at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("account", Words),  # null: for all accounts that have none of their own
    Column("effective", Words, nullable=False),  # a day, YYYY-MM-DD
    Column("title", Words, nullable=False),
    Column("shown_at", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("sha256", Words, nullable=False),  # of the file's bytes
    Column("rules", Json, nullable=False),  # [code, words] each
)

settings = Table(
    # settings that a person looked up and wrote down
    "moderation_settings",
    metadata,
    Column("id", Id, Identity(), primary_key=True),
    Column("entered_at", Moment, nullable=False),
    Column("person", Words, nullable=False),
    Column("login", Words, nullable=False),
    Column("account", Words, nullable=False),
    Column("setting", Words, nullable=False),
    Column("at", Moment, nullable=False),  # when it stood so
    Column("members", Json, nullable=False),
    Column("remark", Words),
    Column("file", Json),
    Index(None, "account", "setting"),
)
TABLES = ("moderation_notes", "moderation_acts", "moderation_policies", "moderation_settings")
refuse_change_of(*TABLES)


@dataclass(frozen=True, slots=True)
class ManualAct:
    """Something that was done and that no platform tells of. ``number`` 0: not entered yet.

    ``at`` (aware, UTC) is when it was done, the beginning of the day where nobody knows the hour (``day_only``).
    ``basis`` says how it is known, ``kept`` is a file that shows it. ``imported``: from a list of another tool.
    """

    account: str
    action: Action
    at: datetime
    day_only: bool
    entered_at: datetime
    by: Actor
    basis: str
    record: str | None = None
    whom: str | None = None
    text: str | None = None
    kept: Kept | None = None
    imported: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class ManualSetting:
    """A setting that a person looked up and wrote down; ``snapshot.proof`` is the entry's number."""

    snapshot: Snapshot
    entered_at: datetime
    by: Actor
    remark: str | None = None
    kept: Kept | None = None


def add_note(conn: Connection, reference: str, note: Note) -> None:
    """Write down what somebody says of an entry."""
    conn.execute(
        insert(notes).values(
            at=note.at, person=note.by.name, login=note.by.login, reference=reference,
            action=None if note.action is None else str(note.action), actor=note.actor, rule=note.rule,
            reason=note.reason, notice=note.notice, appeal=note.appeal,
        )
    )  # fmt: skip


def notes_of(conn: Connection, references: Sequence[str] | None = None) -> dict[str, list[Note]]:
    """The notes by what they are about, in the order of their making; None: all of them."""
    c = notes.c
    found: dict[str, list[Note]] = {}
    query = select(notes).order_by(c.id)
    for row in conn.execute(query if references is None else query.where(c.reference.in_(references))):
        action = None if row.action is None else Action(row.action)
        note = Note(
            row.at, Actor(row.person, row.login), action, row.actor, row.rule, row.reason, row.notice, row.appeal
        )
        found.setdefault(row.reference, []).append(note)
    return found


def add_act(conn: Connection, act: ManualAct) -> int:
    """Write down what was done; its number."""
    number: int = conn.execute(
        insert(acts).values(
            entered_at=act.entered_at, person=act.by.name, login=act.by.login, account=act.account,
            action=str(act.action), at=act.at, day_only=act.day_only, record=act.record, whom=act.whom, text=act.text,
            source="import" if act.imported else "manual", basis=act.basis, file=_file_row(act.kept),
        ).returning(acts.c.id)
    ).scalar_one()  # fmt: skip
    return number


def acts_between(
    conn: Connection, *, since: datetime | None = None, until: datetime | None = None, account: str | None = None,
    number: int | None = None, record: str | None = None,
) -> Iterator[ManualAct]:  # fmt: skip
    """The acts that were done from ``since`` on and before ``until``, in order of time."""
    c = acts.c
    query = select(acts).order_by(c.at, c.id)
    if since is not None:
        query = query.where(c.at >= since)
    if until is not None:
        query = query.where(c.at < until)
    for column, value in ((c.account, account), (c.id, number), (c.record, record)):
        if value is not None:
            query = query.where(column == value)
    for row in conn.execute(query):
        yield ManualAct(
            row.account, Action(row.action), row.at, row.day_only, row.entered_at, Actor(row.person, row.login),
            row.basis, row.record, row.whom, row.text, _kept(row), row.source == "import", row.id,
        )  # fmt: skip


def forget_words(conn: Connection, records: Iterable[str]) -> None:
    """What stood in records that are destroyed goes from the acts about them, too (R30); that they were done stays."""
    with lifted(conn, acts.name):
        for some in chunks(sorted(set(records))):
            conn.execute(update(acts).where(acts.c.record.in_(some), acts.c.text.is_not(None)).values(text=None))


def files_about(conn: Connection, records: Iterable[str]) -> set[str]:
    """The files that show these records and nothing else, by their paths below the data folder."""
    going = set(records)
    found: dict[str, bool] = {}
    for record, file in conn.execute(select(acts.c.record, acts.c.file)):
        if file is not None:
            found[file[3]] = found.get(file[3], True) and record in going
    shown = {file[3] for file in conn.execute(select(settings.c.file)).scalars() if file is not None}
    return {path for path, only in found.items() if only} - shown


def add_policy(conn: Connection, policy: PolicyVersion) -> int:
    """Write down a version of the comment policy; its number."""
    number: int = conn.execute(
        insert(policies).values(
            entered_at=policy.entered_at, person=policy.by.name, login=policy.by.login, account=policy.account,
            effective=policy.effective.isoformat(), title=policy.title, shown_at=policy.shown_at, text=policy.text,
            sha256=policy.sha256, rules=[[one.code, one.words] for one in policy.rules],
        ).returning(policies.c.id)
    ).scalar_one()  # fmt: skip
    return number


def policy_versions(conn: Connection) -> list[PolicyVersion]:
    """All versions of the comment policy, in the order in which they took effect."""
    c = policies.c
    return [
        PolicyVersion(
            row.id, row.account, date.fromisoformat(row.effective), row.title, row.text, row.sha256, row.shown_at,
            tuple(Rule(*one) for one in row.rules), row.entered_at, Actor(row.person, row.login),
        )
        for row in conn.execute(select(policies).order_by(c.effective, c.id))
    ]  # fmt: skip


def add_setting(conn: Connection, entry: ManualSetting) -> int:
    """Write down how a setting stood; the entry's number."""
    seen = entry.snapshot
    number: int = conn.execute(
        insert(settings).values(
            entered_at=entry.entered_at, person=entry.by.name, login=entry.by.login, account=seen.account,
            setting=str(seen.setting), at=seen.at, members=[[one.name, one.words] for one in seen.members],
            remark=entry.remark, file=_file_row(entry.kept),
        ).returning(settings.c.id)
    ).scalar_one()  # fmt: skip
    return number


def setting_entries(conn: Connection, *, account: str | None = None) -> Iterator[ManualSetting]:
    """What people wrote down of settings, in order of the time at which it stood so."""
    c = settings.c
    query = select(settings).order_by(c.at, c.id)
    for row in conn.execute(query if account is None else query.where(c.account == account)):
        members = tuple(Member(*one) for one in row.members)
        seen = Snapshot(row.account, SettingName(row.setting), row.at, members, f"setting:{row.id}", manual=True)
        yield ManualSetting(seen, row.entered_at, Actor(row.person, row.login), row.remark, _kept(row))


def _file_row(kept: Kept | None) -> list[Any] | None:
    return None if kept is None else [kept.name, kept.sha256, kept.size_bytes, kept.path]


def _kept(row: Row[Any]) -> Kept | None:
    return None if row.file is None else Kept(*row.file)
