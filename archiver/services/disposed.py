"""What a platform, or a file, still shows of records that were disposed of: passed over, and never taken in again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archiver.domain.keys import Key
from archiver.domain.observation import GateSeen, GoneSeen, ItemSeen, Observation, PastSeen, StateSeen
from archiver.store import tombstones
from archiver.store.tombstones import Stone

if TYPE_CHECKING:
    from archiver.store import Connection


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an exchange's observations.

    ``stones`` are the records disposed of that the observations name, by the name as given; ``passed_over`` those
    whose words the exchange shows.
    """

    observations: Sequence[Observation]
    stones: dict[Key, Stone] = field(default_factory=dict)
    passed_over: frozenset[Key] = frozenset()


def without_disposed(conn: Connection, observations: Sequence[Observation]) -> Left:
    """The observations without those about records that were disposed of. Costs one look where none were."""
    stones = tombstones.among(conn, {name for seen in observations for name in _named(seen)})
    if not stones:
        return Left(observations)
    left: list[Observation] = []
    shown: set[Key] = set()
    for seen in observations:
        about = next((stones[name] for name in _names(seen) if name in stones), None)
        if about is None:
            left.append(_among_the_living(seen, stones))
        elif _says_something(seen):
            shown.add(about.key)
    return Left(left, stones, frozenset(shown))


def _names(seen: Observation) -> Iterable[Key]:
    """What an observation calls the record that it is about."""
    if isinstance(seen, ItemSeen):
        return (seen.key, *seen.aliases) if seen.united else (seen.key,)
    return (seen.key,) if isinstance(seen, GoneSeen | StateSeen | PastSeen) else ()


def _named(seen: Observation) -> Iterable[Key]:
    """All records that an observation names, what it hangs below and what stands on a list included."""
    if isinstance(seen, GateSeen):
        return seen.members
    above = (seen.parent, seen.thread) if isinstance(seen, ItemSeen) else ()
    return (*_names(seen), *(name for name in above if name is not None))


def _says_something(seen: Observation) -> bool:
    """Whether there is more to be seen of a record than ids: a word, a picture, a link, the name of who wrote it.

    Of what was cut, others may need the ids; those are in the tombstone as well.
    """
    if isinstance(seen, PastSeen):
        return True
    if not isinstance(seen, ItemSeen):
        return False
    body, author = seen.body, seen.author
    said = (body.text, body.title, body.markup, body.content_warning, body.tags, body.links, body.poll)
    named = (author.handle, author.display_name, author.avatar) if author else ()
    return any((*said, *named)) or any(one.url or one.alt_text for one in body.attachments or ())


def _among_the_living(seen: Observation, stones: dict[Key, Stone]) -> Observation:
    """A list without those of its members that were disposed of."""
    if not isinstance(seen, GateSeen) or seen.members.isdisjoint(stones):
        return seen
    return replace(seen, members=seen.members - stones.keys())
