"""A store with a few records, and schedules to keep them by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from archiver.config.schedule_file import parse_schedule
from archiver.domain.acting import Actor
from archiver.domain.item import Cause, Kind, State
from archiver.domain.keys import Key
from archiver.domain.observation import StateSeen
from archiver.domain.retention import Edition, Trigger
from archiver.services.retention import adopting, assigning
from archiver.services.retention.assigning import Target
from archiver.services.retention.eligibility import Eligibility, Terms, assess
from archiver.store.decisions.schedules import Adoption
from archiver.store.selection import Query
from tests.services.house import House, key, sight

DANA = Actor("Dana Clerk", "dclerk")
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
TODAY = date(2026, 11, 23)
TERMS = Terms(ZoneInfo("America/Chicago"))


def schedule(*series: str, name: str = "cities", edition: str = "2001-03-01", example: bool = False) -> Edition:
    """A schedule with series like ``"A-1; created; 3 years; destroy; Council"``; the section may be left out."""
    tables = []
    for one in series:
        code, trigger, period, disposition, *section = (part.strip() for part in one.split(";"))
        tables.append(
            f"[[series]]\ncode = {code!r}\ntitle = 'Series {code}'\ntrigger = {trigger.split(' & ')!r}\n"
            f"period = {period!r}\ndisposition = {disposition!r}\n" + "".join(f"section = {s!r}\n" for s in section)
        )
    head = f"[schedule]\nid = {name!r}\ntitle = 'A schedule'\nedition = {edition}\nexample = {str(example).lower()}\n"
    return parse_schedule(head + "\n".join(tables), "schedule.toml")


class Shelf:
    """The house with people who decide about its records."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.store = house.store

    def record(self, name: str, day: str = "2020-01-15", **more: Any) -> Key:
        """A post of that day, at noon UTC."""
        self.house.show(sight(name, created_at=datetime.fromisoformat(f"{day}T12:00:00+00:00"), **more))
        return key(name)

    def hide(self, name: str, at: str, cause: Cause | None = None) -> None:
        """The platform says on that day that it is hidden."""
        self.house.now = datetime.fromisoformat(f"{at}T11:00:00+00:00")
        self.house.show(StateSeen(key(name), State.HIDDEN, cause=cause, basis="hidden, says the platform"))

    def take_in(self, *series: str, **more: Any) -> str:
        """Import a schedule; its name."""
        return adopting.take_in(self.store, schedule(*series, **more), "ab" * 32, DANA, NOW).name

    def adopt(self, name: str, day: str = "2001-04-01", sections: Sequence[str] = ()) -> None:
        """The city adopts it."""
        adopting.adopt(
            self.store, Adoption(name, date.fromisoformat(day), "Resolution 01-9", DANA, NOW, tuple(sections))
        )

    def schedule(self, *series: str, **more: Any) -> str:
        """Import a schedule and adopt it; its name."""
        name = self.take_in(*series, **more)
        self.adopt(name)
        return name

    def assign(
        self, code: str, *records: Key, edition: str | None = None, threads: bool = False, **filters: Any
    ) -> int:
        """Assign a series to what the filters of a query find, to records or their threads; the assignment's number."""
        kind = Kind(filters.pop("kind")) if "kind" in filters else None
        query = None if records else Query(limit=None, kind=kind, **filters)
        return assigning.assign(
            self.store, Target(code, edition), query, () if threads else records, threads=records if threads else (),
            reason=None, by=DANA, at=NOW, today=TODAY,
        ).number  # fmt: skip

    def choose(self, code: str, over: str) -> None:
        """A person decides which of two series holds."""
        assigning.choose(self.store, Target(code), Target(over), reason="routine", by=DANA, at=NOW, today=TODAY)

    def event(self, trigger: Trigger, day: str | None, *records: Key, threads: bool = False) -> list[Key]:
        """A person states the day of an event."""
        return assigning.state_event(
            self.store, trigger, records, date.fromisoformat(day) if day else None, threads=threads,
            reason="as the file says", by=DANA, at=NOW, today=TODAY,
        )  # fmt: skip

    def look(self, name: str, on: str = "2026-11-23", terms: Terms = TERMS) -> Eligibility:
        """What a record's retention comes to on a day."""
        with self.store.read() as conn:
            (found,) = assess(conn, date.fromisoformat(on), terms, [key(name)])
        return found

    def all(self, on: str = "2026-11-23") -> dict[str, Eligibility]:
        """The same of all records, by name."""
        with self.store.read() as conn:
            found = assess(conn, date.fromisoformat(on), TERMS)
            return {one.record.removeprefix("mastodon:"): one for one in found}
