"""One thing, one record: what a platform shows under several ids (design 5.4).

A reel, video post or story has an id of its post and one of its medium; a comment on a video may be listed below
either. An adapter says of a sighting that all its names mean this very thing (``ItemSeen.united``). Whichever name
the store heard first is the record's key; sightings, statements, parents and threads under any other of its names are
about that record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from archiver.domain.item import Body
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, Observation, StateSeen
from archiver.store import items

if TYPE_CHECKING:
    from archiver.store import Connection


def united(conn: Connection, observations: Sequence[Observation]) -> Sequence[Observation]:
    """The observations, in order, each under the key by which the store has what it is about.

    Costs nothing where nothing is united and nothing is stated without being shown.
    """
    wanted = {name for seen in observations for name in _names(seen)}
    if not wanted:
        return observations
    known = _Known(items.named(conn, sorted(wanted)))
    return [known.renamed(seen) for seen in observations]


def _names(seen: Observation) -> Iterable[Key]:
    """All names in an observation that may be those of a record with another key."""
    if isinstance(seen, GoneSeen | StateSeen):
        return (seen.key,)
    if not isinstance(seen, ItemSeen) or not seen.united:
        return ()
    return [name for name in (seen.key, *seen.aliases, seen.parent, seen.thread) if name is not None]


def _without_words(body: Body) -> Body:
    """What a picture adds to the post that it is all of. Its caption may lag behind the post's words, or be none."""
    return replace(body, text=None, title=None, links=None, labels=None, left_out=frozenset())


class _Known:
    """The names that the store knows, and those that the observations before this one told."""

    def __init__(self, records: dict[Key, Key]) -> None:
        self.records = records

    def renamed(self, seen: Observation) -> Observation:
        """An observation under the record's key."""
        if isinstance(seen, GoneSeen | StateSeen):
            key = self.records.get(seen.key, seen.key)
            return seen if key == seen.key else replace(seen, key=key)
        if not isinstance(seen, ItemSeen) or not seen.united:
            return seen
        names = (seen.key, *seen.aliases)
        key = next((self.records[name] for name in names if name in self.records), seen.key)
        for name in names:
            self.records.setdefault(name, key)
        parent, thread = self._of(seen.parent), self._of(seen.thread)
        if seen.medium and key == seen.key:  # it is no part of another
            seen = replace(seen, medium=False)
        if key == seen.key and parent == seen.parent and thread == seen.thread:
            return seen
        aliases = tuple(name for name in names if name != key)
        body = _without_words(seen.body) if seen.medium else seen.body
        return replace(seen, key=key, aliases=aliases, parent=parent, thread=thread, body=body)

    def _of(self, name: Key | None) -> Key | None:
        return None if name is None else self.records.get(name, name)
