"""Exports with everything in them, for comparisons: a person whose work opens what nobody has decided yet."""

from __future__ import annotations

from pathlib import Path

_PERSON = '\n[[people]]\nname = "The Comparer"\nsees = ["undecided"]\n'

CLEARED = ("--clearance", "undecided", "--by", "The Comparer", "--purpose", "comparison")
"""What a command is given so that nothing is withheld."""


def for_all(config: Path) -> Path:
    """The same configuration with that person in it, in a file beside it."""
    path = config.with_name("cleared.toml")
    path.write_text(config.read_text(encoding="utf-8") + _PERSON, encoding="utf-8")
    return path
