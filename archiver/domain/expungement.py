"""What a court's order to expunge takes out beside the words: the names by which a record could be found (R35). Pure.

Each name gives way to a mark, in texts, addresses and values of any kind. A mark is random, and nothing keeps which
name it took the place of: what stays knows that something was there, and nobody can tell what.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from html.entities import codepoint2name
from typing import Any
from urllib.parse import quote

from archiver.domain.disposal import Tombstone
from archiver.domain.keys import Key, platform_of

BY_ORDER = "court order"
"""Stands in the place of a schedule for what goes by an order of a court."""
DISPOSITION = "expunge"
PREFIX = "expunged-"
"""How each mark begins."""

_AT = ("at://", "at:\\/\\/")
_SPACE = re.compile(r"^[^/]*[.:][^/]*/(?=[^/]+$)")
"""A key space before an id: a server."""
_PARTS = re.compile(r"\d+_(\d+)")
"""Ids of Meta's comments and posts: what it belongs to, and its own."""
_HOST = re.compile(r"https?(?::|%3[Aa])(?:\\?/|%2[Ff]){2}[^/\\%]+(?:\\?/|%2[Ff])")
_DID = re.compile(r"did:[a-z]+:")
_BEGINS = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4}))"
"""Before a name: nothing that is a part of a word; what addresses and JSON write with letters is none."""
_GAP = "(?:\\s|[+_.-]|%20|%C2%A0|\u00a0|&nbsp;|&#160;|&#xa0;|\\\\u00a0|\\\\[nrt])+"
"""Between the parts of a person's name."""
TELLING = 6
"""Shorter ids, and pieces of them, could be anything."""


@dataclass(frozen=True)
class Marks:
    """``names`` are what is to be replaced, with what takes its place; `of` makes it for records.

    ``keys`` are the records' keys with those that stand for them from now on, ``called`` are other marks of these.
    ``words`` are names of people, told by whoever proposed it, with marks as long as they are: so the places of links
    and mentions in a text, which platforms tell by counting, stay right. They are found in whatever case and spelling.
    """

    names: Mapping[str, str]
    keys: Mapping[Key, Key] = field(default_factory=dict)
    called: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, records: Mapping[Key, Collection[str]], new: Callable[[], str], more: Mapping[str, str] | None = None
    ) -> Marks:
        """For records with their other names: keys, native ids, addresses. ``more`` are digests and their like.

        ``new`` makes a mark that was never there before.
        """
        names: dict[str, str] = dict(more or {})
        keys: dict[Key, Key] = {}
        called: dict[Key, tuple[str, ...]] = {}
        for key, others in records.items():
            mark = new()
            platform = platform_of(key)
            for name in (key, *others):
                for one in _spellings(platform, name):
                    names.setdefault(one, _in_its_form(one, mark))
        every = cls(names)
        for key, others in records.items():
            keys[key] = Key(every.text(key))
            called[keys[key]] = tuple(sorted({every.text(name) for name in others} - {keys[key]}))
        return cls(names, keys, called)

    @classmethod
    def of_people(cls, names: Iterable[str], new: Callable[[], str]) -> Marks:
        """For names of people alone."""
        return cls({}, words={name: _as_long(name, new()) for name in names})

    @property
    def least(self) -> int:
        """How long the shortest name is."""
        return min(map(len, self.names), default=0)

    def text(self, text: str) -> str:
        """A text without the names."""
        return self._pattern.sub(lambda found: self._mark(found, found[0]), text) if self else text

    def data(self, data: bytes) -> bytes:
        """Bytes without the names; all others stay as they are, whatever their encoding."""
        if not self:
            return data
        return self._bytes.sub(lambda found: self._mark(found, found[0].decode()).encode(), data)

    def value(self, value: Any) -> Any:
        """A value of JSON, a row, or an observation, without the names."""
        if isinstance(value, str | bytes):
            if isinstance(value, bytes):
                return self.data(value)
            return self.text(value) if type(value) is str else value  # an enumeration has no names in it
        if isinstance(value, dict):
            return {self.value(name): self.value(one) for name, one in value.items()}
        if isinstance(value, list | tuple | frozenset | set):
            made = map(self.value, value)
            return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
        if is_dataclass(value) and not isinstance(value, type):
            told = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
            new = {name: self.value(one) for name, one in told.items()}
            changed = {name: one for name, one in new.items() if one is not told[name] and one != told[name]}
            return replace(value, **changed) if changed else value
        return value

    def in_text(self, text: str) -> bool:
        """Whether a text has one of the names."""
        return bool(self) and self._pattern.search(text) is not None

    def in_data(self, data: bytes) -> bool:
        """Whether bytes have one."""
        return bool(self) and self._bytes.search(data) is not None

    def __bool__(self) -> bool:
        """Whether there is anything to take out."""
        return bool(self.names or self.words)

    def _mark(self, found: re.Match[Any], text: str) -> str:
        """In the place of what was found; the groups of the expression are the words."""
        return self.names[text] if found.lastindex is None else self._marks[found.lastindex - 1]

    @cached_property
    def _marks(self) -> list[str]:
        return [self.words[name] for name in self._longest(self.words)]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self._expression)

    @cached_property
    def _bytes(self) -> re.Pattern[bytes]:
        return re.compile(self._expression.encode())

    @property
    def _expression(self) -> str:
        """The longest name first; none is found inside of a longer word."""
        words = [f"({_spelled(name)})" for name in self._longest(self.words)]
        names = [*map(re.escape, self._longest(self.names)), *words]
        return rf"{_BEGINS}(?:{'|'.join(names)})(?![A-Za-z0-9])"

    @staticmethod
    def _longest(names: Iterable[str]) -> list[str]:
        return sorted(names, key=lambda name: (-len(name), name))


def anonymous(stone: Tombstone, marks: Marks) -> Tombstone:
    """A tombstone that says of what went neither name nor time: of its place in time the year is left."""
    year = stone.moment.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return Tombstone(
        record=marks.keys[stone.record], names=marks.called[marks.keys[stone.record]], account=stone.account,
        kind=stone.kind, parent=_marked(stone.parent, marks), thread=marks.text(stone.thread),
        thread_author=stone.thread_author, created_at=None, moment=year, first_seen_at=year, last_seen_at=year,
    )  # fmt: skip


def _marked(text: str | None, marks: Marks) -> str | None:
    return None if text is None else marks.text(text)


def taken(marks: Marks, others: Iterable[Sequence[str]]) -> Iterator[str]:
    """Of records that stay, each with its names: those whose own name has one of what goes in it."""
    return (names[0] for names in others if any(marks.in_text(name) for name in names))


def _as_long(name: str, mark: str) -> str:
    """A mark of as many letters; a network's number stays one in its form (``did:plc:``)."""
    kept = found[0] if (found := _DID.match(name)) else ""
    return (kept + mark)[: len(name)].ljust(len(name), "-")


def _spelled(name: str) -> str:
    """An expression for a person's name in whatever case, and as JSON, HTML and addresses write its letters."""
    return rf"(?i:{_GAP.join(''.join(map(_letter, part)) for part in unicodedata.normalize('NFC', name).split())})"


def _letter(letter: str) -> str:
    if letter.isascii() and letter.isalnum():
        return letter
    cases = {letter} if letter.isascii() else {letter, letter.lower(), letter.upper()}
    found: set[str] = set()
    for one in cases | {unicodedata.normalize("NFD", case) for case in cases}:
        codes = [ord(point) for point in one]
        found |= {one, quote(one, safe=""), "".join(f"&#{code};" for code in codes), json.dumps(one)[1:-1]}
        found |= {"".join(f"&#x{code:x};" for code in codes), f"\\{one}" if one == "/" else one}
        found |= {"".join(f"\\u{code:04x}" for code in codes if code < 0x10000)} - {""}
        found |= {f"&{codepoint2name[code]};" for code in codes if len(codes) == 1 and code in codepoint2name}
    return f"(?:{'|'.join(map(re.escape, sorted(found, key=lambda one: (-len(one), one))))})"


def _spellings(platform: str, name: str) -> Iterator[str]:
    """How a name of a record is written in answers and addresses."""
    bare = _SPACE.sub("", name.removeprefix(f"{platform}:"))
    if (found := _PARTS.fullmatch(bare)) and len(found[1]) >= TELLING:
        yield found[1]  # the other is that of what it belongs to
        return
    yield bare
    if bare.startswith("at://") and len(last := bare.rpartition("/")[2]) >= TELLING:
        yield last
    coded = quote(bare, safe="")
    lower = re.sub("%..", lambda found: found[0].lower(), coded)
    yield from {coded, lower, quote(bare), bare.replace("/", "\\/")} - {bare}


def _in_its_form(name: str, mark: str) -> str:
    """A mark that is an address where the name is one; others' addresses may begin with it."""
    if name.startswith(_AT):
        return _at_uri(mark)
    return f"{found[0]}{mark}" if (found := _HOST.match(name)) else mark


def _at_uri(mark: str) -> str:
    return f"at://did:plc:{PREFIX.rstrip('-')}/app.bsky.feed.post/{mark}"
