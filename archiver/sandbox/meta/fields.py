"""``fields=a,b{c},comments.limit(5).order(chronological).as(first){id}`` as a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archiver.sandbox.meta.problems import Problem

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """One entry: ``arguments`` are its modifiers (``limit``, ``summary`` …); ``alias`` that of ``.as()``.

    ``children`` None: none were named, the defaults are meant.
    """

    name: str
    arguments: dict[str, str] = field(default_factory=dict)
    alias: str | None = None
    children: tuple[Wanted, ...] | None = None

    @property
    def member(self) -> str:
        """The member of the answer that it becomes."""
        return self.alias or self.name


def parse(text: str) -> tuple[Wanted, ...]:
    """Read a field list.

    Raises Problem 2500, in the platform's words, for a text that is none and for a name that occurs twice on a level.
    """
    if not text.strip():
        return ()
    reader = _Reader(text)
    found = reader.entries(0)
    if reader.at < len(text):
        raise reader.unexpected("end of string")
    return found


def render(wanted: tuple[Wanted, ...]) -> str:
    """The list again, as it stands in paging links."""
    return ",".join(_render(one) for one in wanted)


def _render(one: Wanted) -> str:
    modifiers = "".join(f".{name}({value})" for name, value in one.arguments.items())
    alias = f".as({one.alias})" if one.alias else ""
    children = "" if one.children is None else "{" + render(one.children) + "}"
    return one.name + modifiers + alias + children


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def entries(self, depth: int) -> tuple[Wanted, ...]:
        if depth > _DEEPEST:
            raise self.error("Too many levels of field expansion")
        found: list[Wanted] = []
        while True:
            found.append(self.entry(depth))
            if not self.take(","):
                break
        members = [one.member for one in found]
        for member in members:
            if members.count(member) > 1:
                raise self.error(f"Field {member} specified more than once. This is only possible before version 2.1")
        return tuple(found)

    def entry(self, depth: int) -> Wanted:
        name = self.name()
        arguments: dict[str, str] = {}
        alias: str | None = None
        while self.take("."):
            modifier = self.name()
            value = self.argument()
            if modifier == "as":
                alias = value
            else:
                arguments[modifier] = value
        children: tuple[Wanted, ...] | None = None
        if self.take("{"):
            children = self.entries(depth + 1)
            if not self.take("}"):
                raise self.unexpected('"}"')
        return Wanted(name, arguments, alias, children)

    def name(self) -> str:
        self.space()
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self.unexpected("a field name")
        self.at = match.end()
        self.space()
        return match.group()

    def argument(self) -> str:
        if not self.take("("):
            raise self.unexpected('"("')
        end = self.text.find(")", self.at)
        if end < 0:
            raise self.unexpected('")"')
        value, self.at = self.text[self.at : end].strip(), end + 1
        self.space()
        return value

    def take(self, letter: str) -> bool:
        self.space()
        if self.text[self.at : self.at + 1] != letter:
            return False
        self.at += 1
        self.space()
        return True

    def space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def unexpected(self, wanted: str) -> Problem:
        found = self.text[self.at : self.at + 1] or "end of string"
        return self.error(f'Expected {wanted} instead of "{found}".')

    def error(self, words: str) -> Problem:
        return Problem(2500, f'Syntax error "{words}" at character {self.at}: {self.text[:200]}')
