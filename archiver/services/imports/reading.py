"""A kept download, read out of the WARC files a stretch at a time: for an import and for a rebuild alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import structlog

from archiver.domain.account import Account
from archiver.domain.observation import ItemSeen
from archiver.errors import OperatorError
from archiver.store.downloads import Download, PartPlace
from archiver.takeouts.protocol import Entry, NotUnderstood
from archiver.takeouts.readers import reader_named
from archiver.takeouts.zips import Joined, Zip
from archiver.warc.uncompressed import open_resource

log = structlog.get_logger()

SPAN = 300
"""So many entries share a note and a transaction."""


@dataclass(slots=True)
class Span:
    """A stretch of what a reader yields, counted from 0: entries of one file, and what was not understood."""

    first: int
    until: int
    path: str = ""
    entries: list[Entry] = field(default_factory=list)
    not_understood: list[NotUnderstood] = field(default_factory=list)

    def paths(self) -> set[str]:
        """The files that these entries show."""
        return {path for entry in self.entries for _identity, path in entry.files}


class Reading:
    """A download that is being read. Raises OperatorError where this version has no reader of that name any more."""

    def __init__(self, folder: Path, download: Download, places: list[PartPlace], account: Account) -> None:
        reader = reader_named(download.reader)
        if reader is None:
            raise OperatorError(f"There is no reader {download.reader!r}.", advice="Update the archiver.")
        self._streams: list[BinaryIO] = []
        try:
            for place in places:
                self._streams.append(open_resource(folder, place.file, place.offset))
            zips = [Zip(part.name, stream) for part, stream in zip(download.parts, self._streams, strict=True)]
            self.files = Joined(zips, kept=True)
        except BaseException:
            self.close()
            raise
        whose = replace(account, native_id=account.native_id or download.platform_id, messages=download.messages)
        self._source = _guarded(reader.read(self.files, whose))
        self._next: Entry | NotUnderstood | None = None
        self.at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the zips."""
        if hasattr(self, "files"):
            self.files.close()
        for stream in self._streams:
            stream.close()

    def spans(self) -> Iterator[Span]:
        """All of it from where it stands, in stretches; a thing and what is said of it are in one."""
        while self._peek() is not None:
            span = Span(self.at, self.at)
            while (one := self._peek()) is not None and not _ends(span, one):
                self._take(span, one)
            yield span

    def between(self, first: int, until: int) -> Span:
        """The entries with these numbers, in the order in which spans were read."""
        span = Span(first, until)
        while self.at < until and (one := self._peek()) is not None:
            taken = span if self.at >= first else Span(0, 0)
            self._take(taken, one)
        return span

    def _peek(self) -> Entry | NotUnderstood | None:
        if self._next is None:
            self._next = next(self._source, None)
        return self._next

    def _take(self, span: Span, one: Entry | NotUnderstood) -> None:
        self._next = None
        self.at += 1
        span.until = self.at
        if isinstance(one, NotUnderstood):
            span.not_understood.append(one)
        else:
            span.entries.append(one)
            span.path = one.path


def _ends(span: Span, one: Entry | NotUnderstood) -> bool:
    if isinstance(one, NotUnderstood) or not span.entries:
        return False
    said_of_it = not isinstance(one.shown, ItemSeen) and one.shown.key == span.entries[-1].shown.key
    return one.path != span.path or (span.until - span.first >= SPAN and not said_of_it)


def _guarded(source: Iterator[Entry | NotUnderstood]) -> Iterator[Entry | NotUnderstood]:
    """A reader that fails costs no record: the download is kept, and what was not read is said."""
    try:
        yield from source
    except Exception as error:
        log.exception("a reader of downloads failed")
        yield NotUnderstood("", f"a fault in the archiver's reader: {type(error).__name__}; report it")
