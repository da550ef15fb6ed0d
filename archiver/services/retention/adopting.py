"""Schedules are taken in, adopted, withdrawn, and followed by later editions; each by a named person (R21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from archiver.domain.acting import Actor
from archiver.domain.profile import Profile
from archiver.domain.retention import Edition, Trigger
from archiver.errors import NotFound, UsageError
from archiver.store import Connection
from archiver.store.decisions import audit, schedules
from archiver.store.decisions.audit import Act
from archiver.store.decisions.schedules import Adoption, Imported, SeriesName
from archiver.store.engine import Store


@dataclass(frozen=True, slots=True)
class TakenIn:
    """An edition after its import. ``new`` is False where the very same one was there already."""

    name: str
    digest: str
    new: bool


def take_in(store: Store, edition: Edition, sha256: str, by: Actor, at: datetime) -> TakenIn:
    """Keep an edition. The same content again changes nothing; another content under its name is refused."""
    digest = schedules.digest_of(edition)
    with store.begin() as conn:
        there = {one.edition.name: one for one in schedules.editions(conn)}.get(edition.name)
        if there is not None and there.digest == digest:
            return TakenIn(edition.name, digest, new=False)
        if there is not None:
            raise UsageError(
                f"{edition.name} was imported on {there.at.date()} with another content, and an edition never changes.",
                advice="Give the changed schedule the day of its own issue as edition.",
            )
        schedules.add_edition(conn, edition, file_sha256=sha256, by=by, at=at)
        details = {"digest": digest, "file_sha256": sha256, "series": len(edition.series), "example": edition.example}
        audit.add(conn, Act(at, by, "schedule import", edition.name, None, details))
    return TakenIn(edition.name, digest, new=True)


def advice(edition: Edition, profile: Profile) -> list[str]:
    """What a records officer should weigh in a schedule under the rules of the state, a sentence each."""
    said = []
    if edition.example:
        said.append("It is an example: nothing is ever disposed of under it.")
    if profile.disposal.clock_starts_on_removal:
        early = [
            one.code for one in edition.series
            if one.period.ends and {Trigger.CREATED, Trigger.RECEIVED} & {*one.triggers}
            and Trigger.REMOVED_FROM_PLATFORM not in one.triggers
        ]  # fmt: skip
        if early:
            said.append(
                f"{profile.title}: the time of what is published online runs from the day it is taken down. "
                f"These series don't wait for removed_from_platform: {', '.join(early)}."
            )
    return said


def adopt(store: Store, adoption: Adoption) -> Adoption:
    """Write down that the city adopted an edition; gives it with the edition's full name."""
    with store.begin() as conn:
        edition = edition_of(conn, adoption.edition).edition
        if edition.example:
            raise UsageError(
                f"{edition.name} is an example and can't be adopted: nobody approved it.",
                advice="Write the city's own schedule (docs/reference/schedule-file.md) and import that.",
            )
        known = list(dict.fromkeys(one.section for one in edition.series if one.section))
        for section in adoption.sections:
            if section not in known:
                raise UsageError(
                    f'{edition.name} has no section "{section}".', advice=f"Known: {', '.join(known) or 'none'}."
                )
        found = Adoption(
            edition.name, adoption.day, adoption.instrument, adoption.by, adoption.at, adoption.sections
        )  # fmt: skip
        schedules.add_adoption(conn, found)
        details = {"day": adoption.day.isoformat(), "sections": list(adoption.sections)}
        audit.add(conn, Act(adoption.at, adoption.by, "schedule adopt", edition.name, adoption.instrument, details))
    return found


def withdraw(store: Store, name: str, day: date, reason: str, by: Actor, at: datetime) -> str:
    """Write down that an edition holds no longer from a day on; its full name."""
    with store.begin() as conn:
        edition = edition_of(conn, name).edition.name
        if edition not in schedules.in_force(schedules.adoptions(conn), day):
            raise UsageError(f"{edition} is not adopted on {day}.", advice="`archiver retention list` shows them.")
        schedules.add_adoption(conn, Adoption(edition, day, reason, by, at, adopted=False))
        audit.add(conn, Act(at, by, "schedule withdraw", edition, reason, {"day": day.isoformat()}))
    return edition


def follow(
    store: Store, old: str, new: str, pairs: Mapping[str, str], *, same: bool, by: Actor, at: datetime
) -> list[tuple[SeriesName, SeriesName]]:
    """Say which series of a later edition follow on those of an earlier one; what follows on what.

    ``pairs`` are codes, old to new; with ``same`` each series is followed by that of its own code, where there is one.
    """
    with store.begin() as conn:
        before, after = edition_of(conn, old).edition, edition_of(conn, new).edition
        if before.name == after.name:
            raise UsageError("An edition can't follow on itself.", advice="Name the earlier and the later one.")
        ours, theirs = ({one.code for one in edition.series} for edition in (before, after))
        wanted = {one.code: one.code for one in before.series if same and one.code in theirs} | dict(pairs)
        for code, of, known in [(a, before, ours) for a in wanted] + [(b, after, theirs) for b in wanted.values()]:
            if code not in known:
                raise NotFound(f"{of.name} has no series {code}.", advice="`archiver retention series` lists them.")
        if not wanted:
            raise UsageError("No series are named.", advice="Give OLD=NEW codes, or --same for equal codes.")
        names = {(before.name, a): (after.name, b) for a, b in wanted.items()}
        schedules.add_mappings(conn, names, by=by, at=at)
        audit.add(conn, Act(at, by, "schedule map", after.name, None, {"from": before.name, "codes": wanted}))
    return list(names.items())


def edition_of(conn: Connection, word: str) -> Imported:
    """An edition by its name, or by its schedule's where there is only one. Raises NotFound, UsageError."""
    found = [one for one in schedules.editions(conn) if word in {one.edition.name, one.edition.schedule}]
    exact = [one for one in found if one.edition.name == word]
    if exact or len(found) == 1:
        return (exact or found)[0]
    if not found:
        raise NotFound(f'There is no schedule "{word}".', advice="`archiver retention list` shows those imported.")
    names = ", ".join(one.edition.name for one in found)
    raise UsageError(f"There are several editions of {word}.", advice=f"Name one: {names}.")


def series_of(conn: Connection, code: str, edition: str | None, on: date) -> SeriesName:
    """A series by its code: in the named edition, else in the adopted one, else in the only one that has it.

    Raises NotFound, UsageError where several have it.
    """
    if edition is not None:
        one = edition_of(conn, edition).edition
        if code not in {series.code for series in one.series}:
            raise NotFound(f"{one.name} has no series {code}.", advice="`archiver retention series` lists them.")
        return (one.name, code)
    having = [
        each.edition.name for each in schedules.editions(conn) if code in {one.code for one in each.edition.series}
    ]
    force = schedules.in_force(schedules.adoptions(conn), on)
    chosen = _only([name for name in having if name in force]) or _only(having)
    if chosen is not None:
        return (chosen, code)
    if not having:
        raise NotFound(f"No schedule has the series {code}.", advice="`archiver retention series` lists them.")
    raise UsageError(f"Several schedules have a series {code}.", advice=f"Add --edition: {', '.join(having)}.")


def _only(names: Sequence[str]) -> str | None:
    return names[0] if len(names) == 1 else None
