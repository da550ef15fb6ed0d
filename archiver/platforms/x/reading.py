"""What an answer shows, by the call that it answers. Pure: the same for live capture and for a rebuild."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.domain.exchange import Exchange
from archiver.domain.observation import Observation
from archiver.platforms.x.ids import Names


def read(names: Names, exchange: Exchange) -> Iterator[Observation]:
    """The observations of an answer, in its order; none for calls that only inform the adapter."""
    _ = names, exchange
    yield from ()
