"""Answers that carry their entity tag inside: a list of YouTube's has a member ``etag``, and no header field for it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from archiver.domain.exchange import Exchange


@runtime_checkable
class Tagging(Protocol):
    """An adapter of a platform that does so."""

    def tag_of(self, exchange: Exchange) -> str | None:
        """The entity tag of a whole answer as ``If-None-Match`` has it (RFC 9110, section 8.8.3); None without one."""
        ...
