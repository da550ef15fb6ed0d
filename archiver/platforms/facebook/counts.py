"""Counts as Facebook states them: in summaries of expanded edges, or in fields.

They are stated for the moment and never part of a version. ``reactions`` counts all kinds together; how many were of
which kind stays in the captured answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archiver.domain.item import Metrics
from archiver.platforms.facebook.asked import KINDS_OF_REACTION
from archiver.platforms.meta.fields import count, mapping, summary


def total(edge: Any) -> int | None:
    """How many entries an edge has: ``summary.total_count``, in old answers ``total_count`` or ``count``."""
    stated = count(summary(edge).get("total_count"))
    if stated is not None:
        return stated
    inside = mapping(edge)
    return first(count(inside.get("total_count")), count(inside.get("count")))


def counts_of(thing: Mapping[str, Any]) -> Metrics | None:
    """The counts of a post, comment or medium; None where none is stated."""
    metrics = Metrics(
        likes=first(total(thing.get("reactions")), count(thing.get("like_count")), total(thing.get("likes"))),
        replies=first(total(thing.get("comments")), count(thing.get("comment_count"))),
        shares=count(mapping(thing.get("shares")).get("count")),
        views=first(count(thing.get("views")), count(thing.get("total_views"))),
        reactions=_kinds(thing),
    )
    return None if metrics == Metrics() else metrics


def _kinds(thing: Mapping[str, Any]) -> tuple[tuple[str, int], ...] | None:
    """How many reactions are of which kind, those of which there are none left out."""
    stated = [(kind, total(thing.get(kind))) for kind in map(str.lower, KINDS_OF_REACTION)]
    found = [(kind, number) for kind, number in stated if number is not None]
    return tuple((kind, number) for kind, number in found if number) if found else None


def first(*stated: int | None) -> int | None:
    """The first that is stated, zero included."""
    return next((one for one in stated if one is not None), None)
