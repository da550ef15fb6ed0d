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

_STEPS = [timedelta(seconds=step) for step in (0, -1, 1, -2, 2)]
"""Where to look, the likeliest first: the two are written down one after the other."""
_CUT = re.compile(r"(?:…|\.\.\.)?\s*(?:https://t\.co/\w+)?\s*$", re.ASCII)
_SHORTEST = 20
"""So many characters at least must be alike; only texts of more than 280 are long ones."""


@dataclass(frozen=True, slots=True)
class LongText:
    """A long text with the place where it stands; ``note`` is as the API's ``note_tweet`` has it."""

    pointer: str
    native_id: str | None
    written_at: datetime
    note: Mapping[str, Any]


@dataclass(slots=True)
class LongTexts:
    """All long texts of an archive, in memory: there are few of them, of 25,000 characters at most."""

    _by_second: dict[datetime, list[LongText]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, entries: Iterable[tuple[str, Any]]) -> LongTexts:
        """The texts of a file, each with its pointer."""
        texts = cls()
        for pointer, entry in entries:
            note = mapping(mapping(entry).get("noteTweet"))
            core, at = mapping(note.get("core")), moment(note.get("createdAt"))
            words = text(core.get("text"))
            if at is None or words is None:
                continue
            shown = {"text": words, "entities": entities_of(core)}
            found = LongText(f"{pointer}/noteTweet", identifier(note.get("noteTweetId")), at, shown)
            texts._by_second.setdefault(at.replace(microsecond=0), []).append(found)
        return texts

    def of_post(self, native_id: str, written_at: datetime | None, beginning: str) -> Mapping[str, Any] | None:
        """The whole text of a post that begins like this, as ``note_tweet``."""
        if written_at is None:
            return None
        start = _CUT.sub("", unescaped(beginning))
        for one in self._near(written_at):
            same = unescaped(str(one.note["text"])).startswith(start) and len(start) >= _SHORTEST
            if (same or one.native_id == native_id) and one.pointer not in self._used:
                self._used.add(one.pointer)
                return one.note
        return None

    @property
    def left(self) -> list[LongText]:
        """Those whose post was not found, in the order of the file."""
        return [one for texts in self._by_second.values() for one in texts if one.pointer not in self._used]

    def _near(self, at: datetime) -> list[LongText]:
        second = at.replace(microsecond=0)
        return [one for step in _STEPS for one in self._by_second.get(second + step, ())]
