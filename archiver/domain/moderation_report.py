"""The moderation record of a period, as a report tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.domain.keys import Key
from archiver.domain.moderation import Doubt, Entry, PolicyVersion
from archiver.domain.page_settings import SettingName


@dataclass(frozen=True, slots=True)
class Unlike:
    """One text that was treated in two ways: taken away in ``entries``, left standing in ``standing``."""

    account: str
    text: str
    entries: tuple[Entry, ...]
    standing: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A setting as it stood at the last look. ``words`` are its entries; None: they are data on individuals."""

    account: str
    setting: SettingName
    first_at: datetime
    last_at: datetime
    entries: int
    words: tuple[str, ...] | None
    manual: bool


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. ``since`` is the first moment, ``until`` the first one that is too late (aware, UTC; None: unbounded).

    ``coverage`` are the spans of these accounts and dates (records rule R6), as the exports have them. ``clearance``
    says in words on what terms it was read.
    ``not_compared`` counts texts without a word that could be searched for, or with too many records like them.
    """

    archive: str
    made_at: datetime
    timezone: str
    since: datetime | None
    until: datetime | None
    accounts: tuple[str, ...]
    clearance: str
    entries: tuple[Entry, ...]
    policies: tuple[PolicyVersion, ...]
    coverage: tuple[Mapping[str, Any], ...]
    settings: tuple[Look, ...] = ()
    unlike: tuple[Unlike, ...] = ()
    not_compared: int = 0

    @property
    def open(self) -> tuple[Entry, ...]:
        """What has no reason yet."""
        return tuple(one for one in self.entries if one.is_open)

    def doubted(self) -> Iterator[tuple[Doubt, tuple[Entry, ...]]]:
        """What is missing or does not agree, with all that it is true of; what has no reason first."""
        for doubt in Doubt:
            found = tuple(one for one in self.entries if doubt in one.doubts)
            if found:
                yield doubt, found

    def gaps(self) -> list[Mapping[str, Any]]:
        """The spans in which something may be missing."""
        return [span for span in self.coverage if span["state"] == "gap"]

    def counts(self) -> Sequence[tuple[str, str, str, str, int]]:
        """How often: account, what was done, by whom, under which rule."""
        found = Counter(
            (one.account, str(one.action), one.said.actor or str(one.by), one.said.rule or "") for one in self.entries
        )
        return [(*key, number) for key, number in sorted(found.items())]
