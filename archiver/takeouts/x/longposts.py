"""The whole texts of long posts, which stand in a file of their own, without the post's id.

A text belongs to the post that was written in the same second and begins alike; where its id is the post's, by that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from archiver.platforms.x.fields import identifier, mapping, moment, text
from archiver.platforms.x.texts import unescaped
from archiver.takeouts.x.entities import entities_of

Object = Mapping[str, Any]

_STEPS = [timedelta(seconds=step) for step in (0, -1, 1, -2, 2)]
"""Where to look, the likeliest first: the two are written down one after the other."""
_CUT = re.compile(r"(?:…|\.\.\.)?\s*(?:https://t\.co/\w+)?\s*$", re.ASCII)
_TAIL_CHARS = 60
"""What stands behind a cut text is no longer."""
_ALIKE_CHARS = 40
"""So many characters at least must be alike; only texts of more than 280 are long ones."""


@dataclass(frozen=True, slots=True)
class LongText:
    """A long text with the place where it stands; ``note`` is as the API's ``note_tweet`` has it."""

    pointer: str
    note: Object


@dataclass(slots=True)
class LongTexts:
    """All long texts of an archive, in memory: there are few of them, of 25,000 characters at most."""

    _all: dict[str, LongText] = field(default_factory=dict)  # by pointer; what has found its post is taken out
    _by_id: dict[str, str] = field(default_factory=dict)
    _by_beginning: dict[tuple[datetime, str], list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[tuple[str, Any]]) -> LongTexts:
        """The texts of a file, each with its pointer."""
        texts = cls()
        for pointer, entry in entries:
            note = mapping(mapping(entry).get("noteTweet"))
            core, at = mapping(note.get("core")), moment(note.get("createdAt"))
            words = text(core.get("text"))
            if at is not None and words is not None:
                texts._add(f"{pointer}/noteTweet", identifier(note.get("noteTweetId")), at, words, entities_of(core))
        return texts

    def of_post(self, native_id: str, written_at: datetime | None, beginning: str) -> Object | None:
        """The whole text of a post that begins like this, as ``note_tweet``."""
        found = self._by_id.get(native_id) or self._alike(written_at, beginning)
        one = self._all.pop(found, None) if found is not None else None
        return one.note if one is not None else None

    @property
    def left(self) -> list[LongText]:
        """Those whose post was not found, in the order of the file."""
        return list(self._all.values())

    def _add(self, pointer: str, native_id: str | None, at: datetime, words: str, entities: Object) -> None:
        self._all[pointer] = LongText(pointer, {"text": words, "entities": entities})
        if native_id is not None:
            self._by_id[native_id] = pointer
        place = (at.replace(microsecond=0), unescaped(words)[:_ALIKE_CHARS])
        self._by_beginning.setdefault(place, []).append(pointer)

    def _alike(self, written_at: datetime | None, beginning: str) -> str | None:
        start = unescaped(beginning)
        start = start[:-_TAIL_CHARS] + _CUT.sub("", start[-_TAIL_CHARS:])
        if written_at is None or len(start) < _ALIKE_CHARS:
            return None
        second = written_at.replace(microsecond=0)
        for step in _STEPS:
            for pointer in self._by_beginning.get((second + step, start[:_ALIKE_CHARS]), ()):
                one = self._all.get(pointer)
                if one is not None and unescaped(str(one.note["text"])).startswith(start):
                    return pointer
        return None
