"""What lasts of the addresses that Meta signs; addresses in texts are every platform's (`archiver.platforms.links`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from archiver.platforms.links import is_address, links_in
from archiver.platforms.meta.requests import query_of

__all__ = ["ends_at", "is_address", "links_in", "unsigned"]

_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,9}", re.ASCII)
_FIRST_UNIX_S = 1_000_000_000  # September 2001: Meta's addresses are younger


def ends_at(url: str) -> datetime | None:
    """When Meta's CDN gives nothing at a signed address any more: ``oe``, in hexadecimal Unix seconds.

    None for an address that has no end, or says nothing of it. (facebook.md, section 16.)
    """
    value = next((value for name, value in query_of(url) if name == "oe"), "")
    if not _HEXADECIMAL.fullmatch(value) or (seconds := int(value, 16)) < _FIRST_UNIX_S:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def unsigned(url: str) -> str:
    """What lasts of the address of a file: all before the signed query."""
    return url.partition("?")[0]
