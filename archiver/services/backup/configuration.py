"""The configuration in a backup: without the passwords that an address may hold, and moved where it is restored."""

from __future__ import annotations

import re

from archiver.config.lines import lines_of

MASK = "PASSWORD"
"""Stands where a password stood; after a restore a person writes it there again."""

_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s/:@\"']*:)[^\s/@\"']+(?=@)", re.IGNORECASE)
_PLACES = ("data_dir", "database", "storage")


def without_passwords(text: str) -> str:
    """The text with a mark in the place of each password within an address (``scheme://user:password@host``)."""
    return _PASSWORD.sub(rf"\g<before>{MASK}", text)


def is_masked(text: str) -> bool:
    """Whether there is such a mark in it."""
    return f":{MASK}@" in text


def moved_home(text: str) -> str:
    """The text for another folder: data and store lie beside it, where they lie when nothing is said."""
    lines = text.splitlines(keepends=True)
    found = lines_of(text)
    for number in sorted({found[f"archive.{name}"] for name in _PLACES if f"archive.{name}" in found}, reverse=True):
        del lines[number - 1]
    return "".join(lines)
