"""All entries of a period, or the one that is named: captured events, changes of settings, acts that people told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from archiver.domain.item import clean
from archiver.domain.keys import Key
from archiver.domain.moderation import ON_PEOPLE, TAKES_AWAY, Action, By, Entry, Note, Source, Subject, concluded
from archiver.domain.moderation_report import Look
from archiver.domain.opening import SHUT_OUT, Opening, person_digests
from archiver.domain.page_settings import ON_PEOPLE as PEOPLE
from archiver.domain.page_settings import Snapshot
from archiver.services.clearance import Access
from archiver.services.moderation.captured import (
    A_DAY,
    WITHHELD_PERSON,
    of_record,
    of_settings,
    shows_people,
    subject_of,
)
from archiver.services.release import Release
from archiver.store import Connection, accounts, items, page_settings, removals, views
from archiver.store.decisions import moderation as told
from archiver.store.decisions.moderation import ManualAct, ManualSetting

ACT = "act:"
"""What the name of an act that a person told begins with; its number follows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for. ``since`` is the first moment, ``until`` the first one that is too late (aware, UTC).

    ``zone`` is the city's, in which a policy's days begin; ``access`` are the terms on which somebody reads.
    """

    zone: ZoneInfo
    access: Access
    since: datetime | None = None
    until: datetime | None = None
    account: str | None = None


def gathered(conn: Connection, scope: Scope) -> list[Entry]:
    """The entries of a period with all that people say of them, oldest first."""
    keys = removals.records(conn, since=scope.since, until=scope.until, account=scope.account)
    found = _of_records(conn, scope, keys)
    found += _of_settings(conn, scope, scope.account)
    found = [one for one in found if _within(one.at, scope)]
    acts = told.acts_between(conn, since=scope.since, until=scope.until, account=scope.account)
    whole = _concluded(conn, scope, _with_acts(conn, scope, found, list(acts)))
    return _noted(scope, whole)


def _noted(scope: Scope, entries: list[Entry]) -> list[Entry]:
    """The entries, once it is noted whom they name."""
    named = ((one.account, _names(one.subject.person)) for one in entries if one.subject.person)
    note_people(scope.access, named)
    return entries


def _names(person: str) -> list[str]:
    """Who is named by the words of an entry: one person, perhaps under an earlier name and a later one."""
    return person.split(" → ")


def note_people(access: Access, shown: Iterable[tuple[str, Iterable[str]]]) -> None:
    """Have it noted that a reader is shown who was shut out on these accounts (R14): these people."""
    named: dict[str, set[str]] = {}
    for account, names in shown:
        named.setdefault(account, set()).update(names)
    if named and access.opened is not None:
        access.opened(
            [Opening(f"{account}#{SHUT_OUT}", people=person_digests(names)) for account, names in sorted(named.items())]
        )


def found(conn: Connection, scope: Scope, name: str) -> Entry | None:
    """The entry of that name; the latest one of a record or of an account's setting that is named alone."""
    if name.startswith(ACT):
        number = name.removeprefix(ACT)
        acts = told.acts_between(conn, number=int(number)) if number.isdecimal() and len(number) < 18 else ()
        chosen = [_of_act(conn, scope, one) for one in acts]
    else:
        chosen = _named(conn, scope, name)
    return next(iter(_noted(scope, _concluded(conn, scope, chosen[-1:]))), None)


def of_one_record(conn: Connection, scope: Scope, key: Key) -> list[Entry]:
    """All entries of a record, oldest first."""
    acts = list(told.acts_between(conn, record=key))
    return _noted(scope, _concluded(conn, scope, _with_acts(conn, scope, _of_records(conn, scope, [key]), acts)))


def _of_settings(conn: Connection, scope: Scope, account: str | None) -> list[Entry]:
    """What changed in the settings; of what a person wrote down with who did, and the screenshot."""
    written = {one.snapshot.proof: one for one in told.setting_entries(conn, account=account)}
    entries = of_settings(snapshots(conn, account), scope.access)
    return [_signed(entry, written[proof]) if proof in written else entry for entry, proof in entries]


def _signed(entry: Entry, written: ManualSetting) -> Entry:
    remark = f": {written.remark}" if written.remark else ""
    day = entry.at.astimezone(UTC)
    return replace(entry, kept=written.kept, basis=f"as {written.by.name} found it, {day:%Y-%m-%d %H:%M} UTC{remark}")


def snapshots(conn: Connection, account: str | None) -> list[Snapshot]:
    """All looks at settings, captured and written down by people."""
    manual = (entry.snapshot for entry in told.setting_entries(conn, account=account))
    return [*page_settings.snapshots(conn, account=account), *manual]


def looks(tracks: Iterable[Sequence[Snapshot]], access: Access) -> list[Look]:
    """Each of these settings as it stood at its last look; whoever is named in one, it is noted."""
    last = [(track, _look(track, access)) for track in tracks if track]
    people = [(track[-1], one) for track, one in last if one.setting in PEOPLE and one.words]
    note_people(access, ((seen.account, _of_members(seen)) for seen, _ in people))
    return [one for _, one in last]


def _of_members(seen: Snapshot) -> list[str]:
    return [name for one in seen.members for name in (one.name, one.words)]


def _look(track: Sequence[Snapshot], access: Access) -> Look:
    """A setting as it stood at the last of these looks, as far as the reader may know it."""
    first, last = track[0], track[-1]
    shown = None if last.setting in PEOPLE and not shows_people(access, last.account) else last.members
    words = None if shown is None else tuple(one.words for one in shown)
    return Look(last.account, last.setting, first.at, last.at, len(last.members), words, last.manual)


def _named(conn: Connection, scope: Scope, name: str) -> list[Entry]:
    subject, marked, _ = name.rpartition("#")
    key = items.resolve(conn, subject if marked else name)
    entries = _of_records(conn, scope, [key]) if key is not None else []
    if marked and not entries and accounts.find(conn, subject) is not None:
        entries = _of_settings(conn, scope, subject)
    return [one for one in entries if name in {one.reference, one.filed_as}] if marked else entries


def _of_records(conn: Connection, scope: Scope, keys: Iterable[Key]) -> list[Entry]:
    own = {account.id: account.native_id for account in accounts.listed(conn)}
    release = Release(conn, scope.access)
    found = [
        entry
        for record in views.records_of(conn, keys)
        for entry in of_record(record, own.get(record.row["account"]), release)
    ]
    release.done()
    return found


def _within(at: datetime, scope: Scope) -> bool:
    return (scope.since is None or at >= scope.since) and (scope.until is None or at < scope.until)


def _concluded(conn: Connection, scope: Scope, entries: Iterable[Entry]) -> list[Entry]:
    entries = sorted(entries, key=lambda one: (one.at, one.reference))
    notes = told.notes_of(conn)
    policies = told.policy_versions(conn)
    return [concluded(one, _notes(notes, one), policies, one.at.astimezone(scope.zone).date()) for one in entries]


def _notes(notes: Mapping[str, Sequence[Note]], entry: Entry) -> list[Note]:
    """What is said of it, under each of its names, in the order of their making."""
    return sorted((note for name in entry.names for note in notes.get(clean(name), ())), key=lambda note: note.at)


def _of_act(conn: Connection, scope: Scope, act: ManualAct) -> Entry:
    """An act that no platform tells of. Of the record, where it is one that we have, stand its words."""
    key = items.resolve(conn, act.record) if act.record is not None else None
    record = next(iter(views.records_of(conn, [key])), None) if key is not None else None
    subject = Subject(record=Key(act.record)) if act.record else Subject()
    text, whom, basis = act.text, act.whom, act.basis
    if record is not None:
        release = Release(conn, scope.access)
        text, whom = (one and release.beside(record, one) for one in (text, whom))
        basis = release.beside(record, basis)
        subject = subject_of(record, release)
        release.done()
    if subject.withheld is None:
        subject = replace(subject, text=text or subject.text)
        hidden = whom is not None and act.action in ON_PEOPLE and not shows_people(scope.access, act.account)
        subject = replace(subject, person=None if hidden else whom, withheld=WITHHELD_PERSON if hidden else None)
    entered = f"entered by {act.by.name}, {act.entered_at.astimezone(scope.zone):%Y-%m-%d}"
    return Entry(
        reference=f"{ACT}{act.number}", source=Source.IMPORT if act.imported else Source.MANUAL, account=act.account,
        at=act.at, action=act.action, by=By.CITY, subject=subject, seen_as=act.action, basis=f"{basis}; {entered}",
        day_only=act.day_only, kept=act.kept, captured=act.action not in TAKES_AWAY or record is not None,
    )  # fmt: skip


def _with_acts(conn: Connection, scope: Scope, entries: list[Entry], acts: Sequence[ManualAct]) -> list[Entry]:
    """Acts beside what was captured; one that a later capture of the same record shows is a single entry with it."""
    whole = list(entries)
    for act in acts:
        entry = _of_act(conn, scope, act)
        place = next((number for number, one in enumerate(whole) if _shows(one, entry)), None)
        if place is None:
            whole.append(entry)
        else:
            whole[place] = replace(
                whole[place], by=By.CITY if whole[place].by is By.UNKNOWN else whole[place].by, kept=entry.kept,
                seen_as=entry.action if whole[place].seen_as is Action.VANISH else whole[place].seen_as,
                basis=f"{whole[place].basis}; {entry.basis}", told_as=entry.reference,
            )  # fmt: skip
    return whole


def _shows(captured: Entry, act: Entry) -> bool:
    """Whether a captured event is what an act led to: of the same record and kind, seen on that day or later."""
    alike = act.action is captured.seen_as or (act.action in _ENDS and captured.seen_as in _ENDS)
    same = captured.subject.record is not None and captured.subject.record == act.subject.record
    return (
        same
        and alike
        and captured.source is not Source.MANUAL
        and captured.at >= act.at
        and (captured.after is None or captured.after < act.at + A_DAY)
    )


_ENDS = frozenset({Action.DELETE, Action.REJECT, Action.VANISH})
