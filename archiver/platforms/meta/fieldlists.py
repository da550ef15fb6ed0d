"""Which fields to ask for, written in the Graph API's expansion syntax: ``a,b{c,d},edge.limit(5).summary(true){x}``.

One field that a version does not know fails the whole call; an answer that would be too large fails it, too. So a list
of fields is a value that can be had without a field, and lighter. Write the dearest expansions last: `lighter` takes
them from the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from archiver.domain.exchange import Exchange
from archiver.domain.observation import FactSeen
from archiver.platforms.meta.errors import Fault, GraphError, error_of

_FACT = "refused field"
_NEVER_DROPPED = frozenset({"id", "from", "owner", "parent", "replied_to", "root_post"})
"""What tells who and where; no answer without them is worth having."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``edits`` are its modifiers as written (``.limit(5)``), ``below`` the fields of what it leads to."""

    name: str
    edits: str = ""
    below: tuple[Field, ...] | None = None

    @property
    def text(self) -> str:
        """As it is sent."""
        inside = "" if self.below is None else "{" + ",".join(one.text for one in self.below) + "}"
        return f"{self.name}{self.edits}{inside}"

    @property
    def expansion(self) -> bool:
        """Whether it leads to something, instead of being a plain value."""
        return bool(self.edits) or self.below is not None


@dataclass(frozen=True, slots=True)
class FieldList:
    """The fields of one kind of object. ``name`` is what refusals are remembered under: ``post``, ``comment``.

    ``types`` are the platform's words for that kind ("on node type (PagePost)"), where they are known.
    """

    name: str
    fields: tuple[Field, ...]
    types: frozenset[str] = frozenset()

    @classmethod
    def of(cls, name: str, text: str, *types: str) -> FieldList:
        """From the syntax, blanks and line ends ignored."""
        return cls(name, parse(text), frozenset(types))

    @property
    def text(self) -> str:
        """For the parameter ``fields``."""
        return ",".join(field.text for field in self.fields)

    def without(self, *names: str) -> FieldList:
        """Without fields of these names: at the top where they are there, else wherever they are."""
        fields = self.fields
        for name in names:
            kept = tuple(field for field in fields if field.name != name)
            fields = kept if len(kept) < len(fields) else tuple(_pruned(fields, name))
        return replace(self, fields=fields)

    def lighter(self) -> FieldList | None:
        """Without the last of its expansions; None when nothing dear is left in it."""
        for place in reversed(range(len(self.fields))):
            field = self.fields[place]
            if field.expansion and field.name not in _NEVER_DROPPED:
                return replace(self, fields=self.fields[:place] + self.fields[place + 1 :])
        return None


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[Field, ...]:
    """The fields of a text in expansion syntax; what is not closed ends with the text.

    Remembered, because every request and every answer asks for one of few lists.
    """
    return tuple(_field(part) for part in _parts("".join(text.split())) if part)


def asked_fields(url: str) -> str | None:
    """The ``fields`` of an address."""
    return next((value for name, value in _query(url) if name == "fields"), None)


def closest(lists: Sequence[FieldList], text: str) -> FieldList | None:
    """Which of the lists a text was made of: the one with most of its names and few others. None: none has any."""
    names = {field.name for field in parse(text)}
    best, most = None, (0.0, 0.0)
    for one in lists:
        own = {field.name for field in one.fields}
        shared = len(names & own)
        likeness = (shared / max(1, len(names)), shared / max(1, len(names | own)))
        if likeness > most:
            best, most = one, likeness
    return best


def refused_of(lists: Sequence[FieldList], asked: str, error: GraphError) -> FieldList | None:
    """The list of whose fields an error says that one is not known.

    None when the object is of a kind that another list is for: then the call was wrong, not the field.
    """
    of = closest(lists, asked)
    if error.fault is not Fault.FIELD or error.refused_field is None or of is None:
        return None
    elsewhere = any(error.node_type in one.types for one in lists if one.name != of.name)
    return None if elsewhere and error.node_type not in of.types else of


def refusals(exchange: Exchange, lists: Sequence[FieldList], version: str) -> Iterator[FactSeen]:
    """The fact that this version does not know a field, for later tasks; adapters yield it from ``read``."""
    error, asked = error_of(exchange), asked_fields(exchange.url)
    of = refused_of(lists, asked, error) if error is not None and asked is not None else None
    if of is not None and error is not None:
        yield FactSeen(f"{_FACT} {version} {of.name}.{error.refused_field}", error.message[:200])


def refused(facts: Mapping[str, str], version: str) -> frozenset[tuple[str, str]]:
    """What an account's facts say was refused by this version: names of a list and of a field in it."""
    found = set()
    for fact in facts:
        words = fact.removeprefix(f"{_FACT} {version} ")
        if words != fact:
            of, _, field = words.partition(".")
            found.add((of, field))
    return frozenset(found)


def _pruned(fields: Iterable[Field], name: str) -> Iterator[Field]:
    for field in fields:
        if field.below is None:
            yield field
            continue
        below = tuple(_pruned((one for one in field.below if one.name != name), name))
        if below:
            yield replace(field, below=below)


def _field(text: str) -> Field:
    head, brace, rest = text.partition("{")
    name, dot, edits = head.partition(".")
    below = parse(rest.removesuffix("}")) if brace else None
    return Field(name, dot + edits, below)


def _parts(text: str) -> Iterator[str]:
    """The text cut at its commas, but for those inside of braces and parentheses."""
    depth, begin = 0, 0
    for place, letter in enumerate(text):
        depth = max(0, depth + (letter in "{(") - (letter in "})"))
        if letter == "," and depth == 0:
            yield text[begin:place]
            begin = place + 1
    yield text[begin:]


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []
