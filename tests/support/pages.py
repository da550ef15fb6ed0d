"""Pages of the documentation whose commands are carried out, and whose output is held against what they say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

Run = Callable[[list[str]], str]
"""Carries out ``archiver`` with these arguments; gives what it prints."""

_BLOCK = re.compile(r"^```(console|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"# (\S+\.toml)\n")
_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?"), "DAY"),
    (re.compile(r"\bD-\d{4}-"), "D-YEAR-"),
    (re.compile(r"\b[0-9a-f]{8,}\b"), "NUMBER"),
    (re.compile(r"\b\d+(?:[.,]\d+)* (?:bytes|kB|MB)\b"), "SIZE"),
    (re.compile(r"\b\d+\b"), "N"),
    (re.compile(r"[ \t]+"), " "),
)
"""What differs from day to day and from archive to archive; columns may be wider or narrower, too."""


_GIVEN = (
    re.compile(r"--digest ([0-9a-f]{8})\b"),
    re.compile(r"\bmastodon:\d{10,}\b"),
    re.compile(r"\bD-\d{4}-\d{3}\b"),
)
"""What a command is given out of what another has printed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A command of a page, and the lines below it."""

    command: str
    output: str


def steps(page: str) -> Iterator[Shown | tuple[str, str]]:
    """What a page has a reader do, in order: commands, and files (name and content) to be written."""
    for kind, text in _BLOCK.findall(page):
        if kind == "toml":
            if named := _NAMED.match(text):
                yield named[1], text
            continue
        for one in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, output = one.partition("\n")
            yield Shown(command, output.rstrip("\n"))


def carried_out(page: str, home: Path, run: Run) -> Iterator[tuple[Shown, Shown]]:
    """Each command of the page, and beside it the command as it is now with what it prints.

    A digest, a record's key and a disposal's name that a page gives to a command stand for those that its commands
    have printed last; the same one stands for the same again. Files are written below ``home``.
    """
    said: list[str] = []
    stands_for: dict[str, str] = {}
    for step in steps(page):
        if not isinstance(step, Shown):
            (home / step[0]).write_text(step[1], encoding="utf-8")
            continue
        command = step.command
        for pattern in _GIVEN:
            for given in pattern.findall(command):
                if given not in stands_for and (printed := pattern.findall("\n".join(said))):
                    stands_for[given] = printed[-1]
                command = command.replace(given, stands_for.get(given, given))
        words = shlex.split(command)
        assert words[0] == "archiver", command
        output = run(words[1:]).rstrip("\n")
        said.append(output)
        yield step, Shown(command, output)


def plain(text: str) -> str:
    """An output without what differs from day to day."""
    for pattern, name in _VOLATILE:
        text = pattern.sub(name, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def renewed(page: str, found: list[tuple[Shown, Shown]]) -> str:
    """The page with its commands and their output as they are now."""
    done = ""
    for old, now in found:
        before, part, page = page.partition(_lines(old))
        assert part, old.command
        done += before + _lines(Shown(now.command, _aligned(now.output)))
    return done + page


def _aligned(output: str) -> str:
    """Tables, whose columns a pipe gets with tabs between, as a terminal shows them."""
    lines = []
    for tabular, group in groupby(output.splitlines(), key=lambda line: "\t" in line):
        rows = [line.split("\t") for line in group]
        widths = [max(len(row[n]) for row in rows if n < len(row)) for n in range(max(len(row) for row in rows))]
        lines += [
            "  ".join(cell.ljust(widths[n]) for n, cell in enumerate(row)).rstrip() if tabular else row[0]
            for row in rows
        ]
    return "\n".join(lines)


def _lines(one: Shown) -> str:
    return f"$ {one.command}\n" + (f"{one.output}\n" if one.output else "")
