"""Video files that a platform's API does not give, and that a program for it can fetch from the video's page."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class WithFilms(Protocol):
    """An adapter of such a platform."""

    def film_page(self, identity: str) -> str | None:
        """The page of the video whose file goes by this name; None for what is no video file."""
        ...
