"""What one reading opens and refuses: gathered while records go by, and written down before they are shown (R14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.domain.classification import NotPublic
from archiver.domain.keys import Key
from archiver.domain.opening import Noted, Opening
from archiver.domain.redaction import Redactor
from archiver.services.blackening import texts_of, words_of
from archiver.services.clearance import Access
from archiver.store.views import Record

_AT_ONCE = 500
"""So many openings are written down together."""


class Openings:
    """The objects of one reading; each is told once, however often it is passed by."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._shown: list[Opening] = []
        self._refused: list[Opening] = []
        self._told: set[Opening] = set()

    def shown(self, one: Opening) -> None:
        """Something that is not public is about to be shown."""
        self._add(self._shown, one)

    def refused(self, one: Opening) -> None:
        """Something of a class that was asked for stays closed."""
        self._add(self._refused, one)

    def done(self) -> None:
        """What is not yet written down, is."""
        _write(self._shown, self._access.opened)
        _write(self._refused, self._access.refused)

    def _add(self, objects: list[Opening], one: Opening) -> None:
        if one in self._told:
            return
        self._told.add(one)
        objects.append(one)
        if len(objects) >= _AT_ONCE:
            self.done()


def _write(objects: list[Opening], to: Noted | None) -> None:
    if objects and to is not None:
        to(list(objects))
    objects.clear()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is open of a record, and its words."""

    opening: Opening
    words: Redactor


class Repeats:
    """What is open of some records, and by which words one knows it in others: who reads these has seen it, too."""

    def __init__(self) -> None:
        self._known: dict[Key, _Known] = {}
        self._everywhere: list[_Known] = []

    def __bool__(self) -> bool:
        return bool(self._known)

    def __contains__(self, key: Key) -> bool:
        return key in self._known

    def add(self, record: Record, parts: Sequence[NotPublic]) -> None:
        """These parts of a record are not public and may be shown."""
        if not parts:
            return
        opening = Opening(record.row["record"], tuple(parts))
        self._known[record.row["record"]] = _Known(opening, Redactor(words_of(record, parts)))
        chosen = [one for one in parts if one.mark is not None and one.mark.everywhere]
        if everywhere := Redactor(words_of(record, chosen)):
            self._everywhere.append(_Known(opening, everywhere))

    def among(self, record: Record) -> list[Opening]:
        """What a record, as it is about to be shown, says of others: of those that it shares or quotes, or of any."""
        said = [*filter(None, (record.row["text"],)), *texts_of(record)]
        related = {record.row["shares"], record.row["quotes"]}
        near = [one for key in related if (one := self._known.get(key)) is not None]
        return [
            one.opening
            for one in (*near, *self._everywhere)
            if one.opening.subject != record.row["record"] and any(one.words.has(text) for text in said)
        ]
