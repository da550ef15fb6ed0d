"""How much of a thread one answer shows.

Stock Mastodon cuts ``/context`` without a word: for callers without a token after 60 answers and at depth 20 (and
above after 40), with one after 4096. What a cut hides is below the statuses that have more answers than were shown,
and is asked for there; answers right below the status asked about can't be had in another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.platforms.mastodon.fields import count, identifier
from archiver.platforms.mastodon.ids import order
from archiver.platforms.mastodon.statuses import Status, status_id

MOST, DEEPEST = 60, 20
MOST_WITH_TOKEN = 4096
LEAVES = 20
"""Where a server states no counts, so many of the deepest and newest leaves are asked about."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one answer leaves open.

    ``further`` are ids below which more may be, with the number of answers that each says it has. ``short``: answers
    right below the status asked about are missing.
    """

    further: tuple[tuple[str, int | None], ...] = ()
    short: bool = False


def reach(top: str, answers: int | None, descendants: Sequence[Status], *, token: bool) -> Reach:
    """What of the thread below ``top``, which says that it has so many ``answers``, was not shown."""
    tree = _Tree(top, descendants)
    by_number = len(descendants) >= (MOST_WITH_TOKEN if token else MOST)
    deepest = set() if token else {one for one, depth in tree.depths.items() if depth >= DEEPEST}
    if not by_number and not deepest:
        return Reach()
    open_ids = [
        one
        for one in tree.depths
        if (by_number or one in deepest) and _more(tree.counts.get(one), len(tree.children.get(one, ())))
    ]
    told = [one for one in open_ids if tree.counts.get(one) is not None]
    untold = [one for one in open_ids if tree.counts.get(one) is None and not tree.children.get(one)]
    by_place = sorted([*told, *_first(untold, tree)], key=lambda one: (-tree.depths[one], order(one)))
    missing = by_number and _more(answers, len(tree.children.get(top, ())))
    return Reach(tuple((one, tree.counts.get(one)) for one in by_place), missing)


def _more(stated: int | None, shown: int) -> bool:
    return stated is None or stated > shown


def _first(leaves: Sequence[str], tree: _Tree) -> list[str]:
    newest = sorted(leaves, key=order, reverse=True)
    return sorted(newest, key=lambda one: -tree.depths[one])[:LEAVES]


class _Tree:
    """Answers hung below each other by ``in_reply_to_id``, whatever order they came in."""

    def __init__(self, top: str, descendants: Sequence[Status]) -> None:
        self.children: dict[str, list[str]] = {}
        self.counts: dict[str, int | None] = {}
        self.depths: dict[str, int] = {}
        for status in descendants:
            native_id, parent = status_id(status), identifier(status.get("in_reply_to_id"))
            if native_id is not None and parent is not None:
                self.children.setdefault(parent, []).append(native_id)
                self.counts[native_id] = count(status.get("replies_count"))
        layer, depth = [top], 0
        while layer:
            depth += 1
            below = (one for parent in layer for one in self.children.get(parent, ()))
            layer = [one for one in below if one not in self.depths and one != top]
            self.depths |= dict.fromkeys(layer, depth)
