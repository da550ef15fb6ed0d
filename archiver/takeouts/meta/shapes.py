"""What a JSON file of Meta's downloads holds, told by its first entry and not by its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from archiver.platforms.fields import mapping
from archiver.takeouts.protocol import Files
from archiver.takeouts.streams import Unreadable, elements, members

MESSAGES = "messages"
_MEMBERS_LOOKED_AT = 4
_LIST = "["


def json_files(files: Files) -> Iterator[str]:
    """The JSON files of a download."""
    return (path for path in files.paths if path.lower().endswith(".json"))


def first_members(files: Files, path: str) -> dict[str, str]:
    """The first members of a file's object, each with the character that its value begins with; empty for a list."""
    found: dict[str, str] = {}
    with suppress(Unreadable, KeyError), files.open(path) as stream:
        for name, begins in members(stream):
            found[name] = begins
            if len(found) == _MEMBERS_LOOKED_AT or begins == _LIST:
                break
    return found


def first_element(files: Files, path: str, *names: str) -> Any:
    """The first element of a file's list, or of the list in one of its members; None where there is none."""
    with suppress(Unreadable, KeyError), files.open(path) as stream:
        return next((value for _pointer, value in elements(stream, *names)), None)
    return None


def is_conversation(found: dict[str, str]) -> bool:
    """Whether a file with these first members holds private messages. The participants stand before them."""
    return found.get("participants") == _LIST


def has(element: Any, *names: str) -> bool:
    """Whether an element is an object with one of these members."""
    return any(name in mapping(element) for name in names)
