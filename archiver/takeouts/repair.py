r"""Text as Meta's downloads have it: each byte of its UTF-8 was written as a character of its own.

``\u00e2\u0080\u0093`` stands for an en dash. Newer downloads may be right already, so each string is looked at by
itself and never a file as a whole.
"""

from __future__ import annotations

from typing import Any

from archiver.domain.parsing import in_each_text


def repaired(text: str) -> str:
    r"""A string as its author wrote it. One that is right already stays as it is.

    Every character must be below U+0100 and all of them together valid UTF-8. A text in a Western European language
    that is right already is no valid UTF-8, but for pairs that nobody writes (``Ã©``).

    >>> repaired("caf\u00c3\u00a9")
    'café'
    >>> repaired("caf\u00e9")
    'café'
    """
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def repaired_deeply(value: Any) -> Any:
    """A JSON value with every string in it repaired, once; the names of members, too: they are localized words."""
    return in_each_text(repaired, value)
