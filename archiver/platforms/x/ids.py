"""Names and ids of X: numbers in the form of text, larger than 2**53, each telling when it was made.

A post's key is the first id of its chain of edits; the ids of its later versions are other names of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from archiver.domain.keys import Key
from archiver.platforms.naming import Naming

PLATFORM = "x"
WEBSITE = "https://x.com"
_PROFILE, _MEDIUM, _MESSAGE = "user/", "media/", "message/"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS = 1_288_834_974_657
_FIRST_ID = 1 << 44
"""Far above the last id that was only counted (November 2010); a made id passes it an hour after the first one."""


@dataclass(frozen=True, slots=True)
class Names(Naming):
    """How the ids of X become keys, and back; built from nothing but the account's configuration.

    ``handle`` is the account's name without ``@``, or its id.
    """

    platform: ClassVar[str] = PLATFORM

    @property
    def handle_id(self) -> str | None:
        """The account's id where the configuration has it in place of the name.

        A name of digits alone is possible, too, but not of so many: names have fifteen characters at most, and the
        ids of old accounts, which are shorter, can't be told from such a name.
        """
        return self.handle if is_id(self.handle) and len(self.handle) > _LONGEST_NAME else None

    def post(self, post_id: str) -> Key:
        """The key of a post, by the first id of its chain; by any other id the name under which it is found."""
        return self.thing(post_id)

    def profile(self, user_id: str) -> Key:
        """The key of an account's profile."""
        return self.thing(f"{_PROFILE}{user_id}")

    def medium(self, media_id: str) -> Key:
        """The permanent name of a picture or video: the digits of its media key, which downloads name, too."""
        return self.thing(f"{_MEDIUM}{media_id}")

    def message(self, native_id: str) -> Key:
        """The key of a private message, or of a conversation (two people: both ids with a hyphen)."""
        return self.thing(f"{_MESSAGE}{native_id}")

    def profile_id(self, key: str) -> str | None:
        """The account's id where the key names a profile."""
        native = self.native(key)
        return native.removeprefix(_PROFILE) if native.startswith(_PROFILE) else None


_LONGEST_NAME = 15


def is_id(word: str) -> bool:
    """Whether a word is an id of X: digits, up to the nineteen or twenty of an unsigned 64-bit number."""
    return word.isascii() and word.isdigit() and len(word) <= 20


def made_at(native_id: str) -> datetime | None:
    """When an id was made, to the second, which is what ``created_at`` shows; None for ids that were counted."""
    if not is_id(native_id) or int(native_id) < _FIRST_ID:
        return None
    return _EPOCH + timedelta(seconds=((int(native_id) >> 22) + _FIRST_MS) // 1000)


def permalink(post_id: str, username: str | None = None) -> str:
    """The page of a post. The name may be any; the one at the time is what people know."""
    return f"{WEBSITE}/{username or 'i'}/status/{post_id}"
