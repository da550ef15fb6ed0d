"""What an export is made of: plain rows per table, and the contents of media, each read once and never all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

from archiver.domain.item import clean

Row = Mapping[str, object]
Cell = str | int | float | bytes | None


class Bundle(Protocol):
    """One record with all its rows, each under the names of the columns of its table."""

    @property
    def row(self) -> Row:
        """The row of ``records``."""
        ...

    @property
    def versions(self) -> Sequence[Row]:
        """Oldest first."""
        ...

    @property
    def events(self) -> Sequence[Row]:
        """In the order in which they were seen."""
        ...

    @property
    def attachments(self) -> Sequence[Row]:
        """By version and position."""
        ...

    @property
    def links(self) -> Sequence[Row]:
        """By version and position."""
        ...

    @property
    def polls(self) -> Sequence[Row]:
        """By version and position."""
        ...

    @property
    def metrics(self) -> Sequence[Row]:
        """Oldest first."""
        ...

    @property
    def origins(self) -> Sequence[Row]:
        """In the order in which downloads were imported."""
        ...


class Dataset(Protocol):
    """A selection of the archive, streamed: nothing of it needs to be in memory at once.

    Each part is asked for once, in the order in which they stand here: what is withheld may become known while records
    go by. The order of rows follows from their content, so that the same selection gives the same bytes. Exchanges and
    media that no exported row cites are dropped by the export; a column that a row lacks is NULL.
    """

    @property
    def about(self) -> Mapping[str, str]:
        """Facts for the table ``about``: archive, made_at, made_by, filter, version, checkpoint …"""
        ...

    def accounts(self) -> Iterable[Row]:
        """By name; all that records and coverage refer to."""
        ...

    def coverage(self) -> Iterable[Row]:
        """By account, stream, thread and time."""
        ...

    def downloads(self) -> Iterable[Row]:
        """In the order in which they were imported; all that origins refer to."""
        ...

    def records(self) -> Iterable[Bundle]:
        """Oldest first."""
        ...

    def exchanges(self) -> Iterable[Row]:
        """In the order in which they were captured."""
        ...

    def media(self) -> Iterable[Row]:
        """By digest."""
        ...

    def withheld(self) -> Iterable[Row]:
        """What was left out or blacked out."""
        ...

    def open_media(self, sha256: str) -> BinaryIO:
        """The content of a media row. Raises EvidenceDamaged or NotFound where the archive can't give it."""
        ...


class MediaMode(StrEnum):
    """Where the contents of media go: inside the export, beside it as files, or nowhere (digests only)."""

    INLINE = "inline"
    FILES = "files"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Options:
    """How an export is written. ``media`` None: as is usual for the format. ``force``: replace what is there.

    ``datasette``: an SQLite file gets a ``NAME.metadata.json`` beside it that explains its tables and columns there.
    """

    media: MediaMode | None = None
    force: bool = False
    datasette: bool = False


@dataclass(frozen=True, slots=True)
class MissingMedia:
    """A content that the archive should have and could not give; ``problem`` is a sentence."""

    sha256: str
    problem: str


@dataclass(frozen=True, slots=True)
class Produced:
    """What was written. ``missing`` is empty unless the archive itself is damaged."""

    files: tuple[str, ...]
    counts: Mapping[str, int]
    missing: tuple[MissingMedia, ...] = ()


def cell(value: object) -> Cell:
    """A value as exports write it: UTC moments as ``2026-11-22T15:04:05Z``, texts that every reader takes."""
    kind = type(value)
    if kind is str:
        return _text(value)  # type: ignore[arg-type]  # mypy does not narrow by type()
    if value is None or kind is int:
        return value  # type: ignore[return-value]
    if kind is datetime:
        return moment(value)  # type: ignore[arg-type]
    return _rare(value)


def cells(row: Row, names: Sequence[str]) -> list[Cell]:
    """The values of these columns."""
    get = row.get
    return [None if (value := get(name)) is None else cell(value) for name in names]


def _text(text: str) -> str:
    return text if text.isascii() and "\x00" not in text else clean(text)


def _rare(value: object) -> Cell:
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | bytes):
        return value
    raise TypeError(f"{type(value).__name__} has no form in an export")


def moment(at: datetime) -> str:
    """ISO 8601, UTC, whole seconds; ``at`` is aware."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    try:
        at = at.astimezone(UTC)
    except OverflowError:  # the first or last day of the calendar
        at = at.replace(tzinfo=UTC)
    return at.isoformat(timespec="seconds")[:19] + "Z"
