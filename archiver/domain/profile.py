"""A state's rules as values: its classes of data, what it has its officers watch for, how it disposes (R103).

Nothing here knows a state. What a state says stands in a file of `archiver.profiles`, in that state's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

HINTED_FIELDS = ("text", "title", "content_warning", "alt_text")
"""The words of a record in which hints are looked for."""


@dataclass(frozen=True, slots=True)
class Opening:
    """When data of a class becomes public by the passing of time: ``years`` after it was made, at the earliest.

    ``condition`` is what the law asks besides, and no date can tell: the officer looks. ``citation`` says it.
    """

    years: int
    citation: str
    condition: str | None = None

    def on(self, made: date) -> date:
        """The first day; the 1st of March where the years end on a 29th of February that there is not."""
        return _years_after(made, self.years)


@dataclass(frozen=True, slots=True)
class DataClass:
    """A class of data and who may see it (R12): everybody, the one whom it is about, staff whose work asks for it.

    ``data`` says of whom such data is (individuals, others, both); ``citation`` what defines the class.
    """

    name: str
    label: str
    data: str
    public: bool
    subject: bool
    staff: bool
    citation: str
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Special:
    """An entry of the watch list (R17): data with a law of its own.

    ``class_`` is what such data is as a rule, None where that depends: then a hint asks for a look and no more.
    ``hints`` are patterns that may betray it in a record's words; a group named ``span`` narrows what is marked.
    ``caution`` is what to weigh before marking (R16).
    """

    name: str
    label: str
    citation: str
    class_: str | None
    hints: tuple[re.Pattern[str], ...] = ()
    caution: str | None = None

    def spans(self, words: str) -> Iterator[tuple[int, int]]:
        """Where a text hints at it: start and end in characters, in order, each place once."""
        found = {_span(match) for hint in self.hints for match in hint.finditer(words)}
        return iter(sorted(found))


@dataclass(frozen=True, slots=True)
class DisposalRules:
    """What differs between the states when records are disposed of.

    ``archival_body`` takes what is kept for good. ``appraisal_before_disposal``: series marked archival are looked
    at by that body first. ``clock_starts_on_removal``: what is published online is being used, so that its period
    begins when it is taken down. ``destruction_list`` says which law asks for a list of what was destroyed.
    """

    archival_body: str
    appraisal_before_disposal: bool
    clock_starts_on_removal: bool
    destruction_list: str


@dataclass(frozen=True, slots=True)
class Recurring:
    """What the law has a city do again and again: at the latest ``years`` after it was done last."""

    name: str
    label: str
    citation: str
    years: int

    def until(self, done: date) -> date:
        """The last day on which it is not late, where it was done on that day."""
        return _years_after(done, self.years)


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one state. ``id`` names it in the configuration, ``version`` is the rule set's (R13)."""

    id: str
    title: str
    version: str
    law: str
    classes: tuple[DataClass, ...]
    special: tuple[Special, ...]
    disposal: DisposalRules
    recurring: tuple[Recurring, ...] = ()

    @property
    def rule_set(self) -> str:
        """The rule set as answers note it: ``id version``."""
        return f"{self.id} {self.version}"

    @property
    def public(self) -> DataClass:
        """The class that data has unless somebody says otherwise."""
        return self.classes[0]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of all classes, public first."""
        return tuple(one.name for one in self.classes)

    def class_of(self, name: str) -> DataClass | None:
        """A class by its name; None for a name that this state does not have."""
        return next((one for one in self.classes if one.name == name), None)

    def special_of(self, name: str) -> Special | None:
        """An entry of the watch list by its name."""
        return next((one for one in self.special if one.name == name), None)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _span(match: re.Match[str]) -> tuple[int, int]:
    return match.span("span") if "span" in match.re.groupindex else match.span()
