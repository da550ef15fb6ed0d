"""Single parts of Meta's entries: times, texts, pictures and videos with the files that hold them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.domain.account import Account
from archiver.domain.item import Attachment
from archiver.domain.keys import Key
from archiver.platforms.fields import text
from archiver.takeouts.keys import made_key
from archiver.takeouts.repair import repaired

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MENTION = re.compile(r"@\[\d+:(?:\d+:)?([^\]]*)\]")
_KINDS = {
    "image": ("jpg", "jpeg", "png", "gif", "webp", "heic", "avif", "bmp", "tif", "tiff"),
    "video": ("mp4", "mov", "webm", "mkv", "avi", "m4v", "3gp"),
    "audio": ("mp3", "m4a", "aac", "ogg", "opus", "wav", "oga"),
}
_BY_ENDING = {ending: kind for kind, endings in _KINDS.items() for ending in endings}


class Namer:
    """Makes keys for things of one account. What was made in the same moment is told apart by its order."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._moments: Counter[tuple[str, datetime | None, str]] = Counter()

    def key(self, form: str, at: datetime | None, *rest: str) -> Key:
        """The key of one more thing. Its words are no part of it: they may be edited from one download to the next."""
        place = (form, at, "/".join(rest))
        count = self._moments[place]
        self._moments[place] += 1
        return made_key(self._account, form, at, None, *rest, *([str(count)] if count else []))

    def named(self, form: str, *words: str) -> Key:
        """The key of what has a name of its own."""
        return made_key(self._account, form, None, None, *words)


def moment(value: Any, *, per_second: int = 1) -> datetime | None:
    """Unix time as aware UTC; ``per_second`` 1000 for milliseconds. 0 stands for no time."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        return None
    try:
        return _EPOCH + timedelta(seconds=value // per_second, milliseconds=value % per_second)
    except OverflowError:
        return None


def words(value: Any) -> str | None:
    """A text as its author wrote it, with the names of whom it mentions."""
    found = text(value)
    return None if found is None else _MENTION.sub(r"\1", repaired(found))


def attachment(medium: Mapping[str, Any]) -> Attachment | None:
    """A picture, video, sound or file; its address is its path in the download. None: the entry names no file."""
    path = text(medium.get("uri"))
    if not path:
        return None
    path = repaired(path)
    kind = _BY_ENDING.get(path.rpartition(".")[2].lower(), "file")
    return Attachment(kind, path)


def files_of(attachments: Iterable[Attachment]) -> tuple[tuple[str, str], ...]:
    """Which file of the download holds what each attachment shows. Some are addresses on the web instead."""
    return tuple((one.identity, one.url) for one in attachments if "://" not in one.url)
