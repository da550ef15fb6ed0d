"""Who wrote it. A person is a channel: its id is permanent, its handle and name are not.

Since 2023 the name shown with a comment is the handle (``@rowanres``); before, and still in chats, it was the channel's
title.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archiver.domain.item import Person
from archiver.platforms.fields import mapping, text
from archiver.platforms.youtube.fields import identifier
from archiver.platforms.youtube.ids import Names, is_channel

_IN_ADDRESS = re.compile(r"/channel/(UC[A-Za-z0-9_-]{22})", re.ASCII)


def commenter(names: Names, snippet: Mapping[str, Any]) -> Person | None:
    """The author of a comment; the name stands for the id where no answer tells it."""
    name, page = text(snippet.get("authorDisplayName")) or None, text(snippet.get("authorChannelUrl"))
    told = identifier(mapping(snippet.get("authorChannelId")).get("value"))
    return person(names, told or in_address(page), name, text(snippet.get("authorProfileImageUrl")))


def person(names: Names, channel: str | None, name: str | None, picture: str | None = None) -> Person | None:
    """Somebody by the id of the channel, the name as shown, and the picture's address; None without id and name."""
    handle = name.removeprefix("@") if name and name.startswith("@") else None
    if channel is not None:
        return Person(names.person(channel), handle, name, picture or None)
    return Person(names.nameless(name), handle, name, picture or None) if name else None


def in_address(url: str | None) -> str | None:
    """The channel whose page an address is; None where it tells a handle or a name instead."""
    found = _IN_ADDRESS.search(url or "")
    return found.group(1) if found and is_channel(found.group(1)) else None
