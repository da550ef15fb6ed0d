"""What one reading opens, record by record: the classes that were asked for, as far as the person's work reaches (R14).

Where the work is about some series only, a record counts as of the series that decides how long it is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from archiver.domain.classification import UNDECIDED, Classified, NotPublic
from archiver.domain.keys import Key, platform_of
from archiver.services.clearance import Access
from archiver.services.retention.deciding import deciding, followed
from archiver.store import Connection
from archiver.store.decisions import classes
from archiver.store.views import Record


def author_of(record: Record) -> str | None:
    """Who wrote a record, as ``platform:id``; None where nobody knows."""
    author = record.row["author_id"]
    return f"{platform_of(record.row['record'])}:{author}" if author else None


class Grants:
    """The clearance of an access, applied to records. ``few``: only those will be asked for that `prepare` names."""

    def __init__(self, conn: Connection, access: Access, *, few: bool) -> None:
        self._conn = conn
        self._access = access
        self._few = few
        self._series: dict[Key, str | None] = {}
        self._clearance = access.clearance
        if access.clearance.series is not None:
            series = followed(conn, access.today, access.clearance.series)
            self._clearance = replace(access.clearance, series=series)

    def prepare(self, keys: Iterable[Key]) -> None:
        """These records will be asked for: look up their series at once."""
        if self._clearance.series is not None:
            self._look_up([key for key in keys if key not in self._series])

    def kept(self, found: Classified, record: Record) -> list[NotPublic]:
        """The parts that may not be shown."""
        if not self._is_child(record):
            return list(found.parts)
        return self._clearance.kept_back(found, record.row["account"], self._series_of(found, record))

    def opened(self, found: Classified, record: Record) -> list[NotPublic]:
        """The parts that are not public and may be shown."""
        if not self._is_child(record):
            return []
        return self._clearance.opened(found, record.row["account"], self._series_of(found, record))

    def refused(self, kept: Iterable[NotPublic], record: Record) -> list[NotPublic]:
        """Of the parts that may not be shown those of a class that was asked for; other people's were not."""
        return self._clearance.refused(kept) if self._is_child(record) else []

    def names_people(self, record: Record) -> bool:
        """Whether the reader may know what people say of a record's author: nobody has decided that it is public."""
        clearance = self._clearance
        if UNDECIDED not in clearance.classes:
            return False
        series = self._looked_up(record.row["record"]) if clearance.series is not None else None
        return clearance.covers(UNDECIDED, record.row["account"], series)

    def _is_child(self, record: Record) -> bool:
        """Whether a reading for a parent is about this record."""
        children = self._access.children
        return children is None or author_of(record) in children

    def _series_of(self, found: Classified, record: Record) -> str | None:
        """The series of a record of which not all is public; where nobody asks for it, none is looked up."""
        wanted: Collection[str] = self._clearance.classes
        if self._clearance.series is None or not any(one.class_ in wanted for one in found.parts):
            return None
        return self._looked_up(record.row["record"])

    def _looked_up(self, key: Key) -> str | None:
        if key not in self._series:
            self._look_up([key] if self._few else sorted({key, *classes.limited_keys(self._conn)}))
        return self._series[key]

    def _look_up(self, keys: Sequence[Key]) -> None:
        known = deciding(self._conn, self._access.today, self._access.terms, keys) if keys else {}
        self._series |= {key: known.get(key) for key in keys}
