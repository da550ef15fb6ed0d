"""The account register: what the city decided about its accounts, entry by entry (records rule R1).

An entry states one fact and stays; the one entered last counts. What stands for an account is worked out from all of
its entries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from archiver.domain.account import Capacity
from archiver.domain.acting import Actor

CONFIGURATION = Actor("config.toml", "")
"""Whose entries are what the configuration was found to say: its changes are a part of an account's history."""

ON, OFF = "on", "off"


class Fact(StrEnum):
    """What an entry is about; in brackets what its value is."""

    ADOPTED = "adopted"  # [none; the decision is the entry's authority]
    OPENED = "opened"  # [none] since when the account exists
    CLOSED = "closed"  # [none] nothing new is collected from that day on
    CAPACITY = "capacity"  # [a Capacity]
    DEPARTMENT = "department"  # [a name, or none]
    POSTS = "may post"  # [a person's name]
    POSTS_NO_MORE = "may no longer post"  # [a person's name]
    COLLECTION = "collection"  # [on, off]


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact about an account, from ``day`` on (a day of the archive's zone).

    ``at`` is when it was entered (aware, UTC), ``authority`` the document that decides it.
    """

    account: str
    fact: Fact
    day: date
    at: datetime
    by: Actor
    value: str | None = None
    authority: str | None = None
    reason: str | None = None

    @property
    def is_configured(self) -> bool:
        """Whether the configuration says so, and no person entered it."""
        return self.by == CONFIGURATION


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for an account now. ``entries`` are all of its entries, as they were entered."""

    account: str
    entries: tuple[Entry, ...] = ()

    @property
    def adopted(self) -> Entry | None:
        """The decision to keep this account's records."""
        return self._last(Fact.ADOPTED)

    @property
    def opened(self) -> date | None:
        """The day on which the account was opened, as far as it was entered."""
        found = self._last(Fact.OPENED)
        return found.day if found else None

    @property
    def closed(self) -> Entry | None:
        """Its closing; None where it is open. Adopting it again opens it again."""
        last = self._last(Fact.CLOSED, Fact.ADOPTED)
        return last if last is not None and last.fact is Fact.CLOSED else None

    @property
    def capacity(self) -> Capacity | None:
        """In which capacity it is used; None where nothing was entered yet."""
        found = self._last(Fact.CAPACITY)
        return Capacity(found.value) if found and found.value else None

    @property
    def department(self) -> str | None:
        """The department that it belongs to."""
        found = self._last(Fact.DEPARTMENT)
        return found.value if found else None

    @property
    def turned_off(self) -> Entry | None:
        """A person's decision not to collect it at present. ``paused`` of the configuration is none."""
        found = [one for one in self.entries if one.fact is Fact.COLLECTION and not one.is_configured]
        return found[-1] if found and found[-1].value == OFF else None

    @property
    def posters(self) -> list[Entry]:
        """Who may post, and since when; by name."""
        last = {_plain(one.value): one for one in self.entries if one.fact in {Fact.POSTS, Fact.POSTS_NO_MORE}}
        return sorted((one for one in last.values() if one.fact is Fact.POSTS), key=lambda one: _plain(one.value))

    def may_post(self, name: str) -> bool:
        """Whether somebody of that name does, apart from spaces and capitals."""
        return _plain(name) in {_plain(one.value) for one in self.posters}

    def configured(self, fact: Fact) -> Entry | None:
        """What the configuration was last found to say of it."""
        found = [one for one in self.entries if one.fact is fact and one.is_configured]
        return found[-1] if found else None

    @property
    def refusal(self) -> str | None:
        """Why nothing is collected from it, as a sentence without its name; None where nothing is in the way."""
        if (closed := self.closed) is not None:
            return f"closed since {closed.day}{_because(closed)}: nothing new is collected, its records stay."
        if (off := self.turned_off) is not None:
            return f"{off.by.name} turned its collection off on {off.day}{_because(off)}."
        return None

    def _last(self, *facts: Fact) -> Entry | None:
        return next((one for one in reversed(self.entries) if one.fact in facts), None)


def standings(entries: Iterable[Entry]) -> dict[str, Standing]:
    """What stands for each account of which there are entries; these in the order in which they were entered."""
    found: dict[str, list[Entry]] = {}
    for one in entries:
        found.setdefault(one.account, []).append(one)
    return {account: Standing(account, tuple(those)) for account, those in found.items()}


def needs_reason(capacity: Capacity) -> bool:
    """Whether a named officer must say why such an account is collected: collecting makes it government data (R1)."""
    return capacity in {Capacity.PERSONAL, Capacity.CAMPAIGN}


def _because(entry: Entry) -> str:
    return f" ({entry.reason.rstrip('.')})" if entry.reason else ""


def _plain(name: str | None) -> str:
    return " ".join((name or "").split()).casefold()
