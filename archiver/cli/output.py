"""How results look: tables on a terminal, plain lines in a pipe, one JSON document with ``--json``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import typer


def utc(moment: datetime | None) -> str | None:
    """ISO 8601, UTC, whole seconds: the form of the exports."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """A moment as the people of the city read it."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else "-"


def print_json(document: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(document, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    raise TypeError(type(value).__name__)


def is_terminal() -> bool:
    """Whether a person reads stdout directly."""
    return sys.stdout.isatty()


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table with lines on a terminal; tab-separated in a pipe. Text of strangers can't draw or colour anything."""
    if not is_terminal():
        typer.echo("\t".join(columns))
        for row in rows:
            typer.echo("\t".join(harmless(cell).replace("\t", " ") for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, header_style="bold")
    for row in rows:
        drawn.add_row(*(Text(harmless(cell)) for cell in row))
    Console().print(drawn)


def harmless(text: str) -> str:
    """Text without control characters and direction marks, line breaks shown as a mark."""
    return "".join(_shown(character) for character in text)


_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def _shown(character: str) -> str:
    if character in "\r\n\u2028\u2029":
        return "⏎" if character != "\r" else ""
    if character in _TURNING:
        return ""
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return character if character.isprintable() or character == "\t" else "\ufffd"
