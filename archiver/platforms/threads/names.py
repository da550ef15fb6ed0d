"""Names and ids of Threads.

Posts and profiles have numbers of up to 18 digits. Of other people no answer tells the number, only the name: their
permanent id is the name behind an ``@``, so whoever takes a new name is another person here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archiver.domain.account import Account
from archiver.domain.item import Person
from archiver.domain.keys import Key, make_key
from archiver.domain.observation import OWN_ACCOUNT

PLATFORM = "threads"
HOST = "https://graph.threads.net"
VERSION = "v1.0"

_MENTION = re.compile(r"(?<![\w@.])@([A-Za-z0-9._]{1,30})")


@dataclass(frozen=True, slots=True)
class Names:
    """How the ids of Threads become keys, and back.

    Built from nothing but the account's configuration, so that a rebuild names things as live capture did. ``handle``
    is the account's name, or its id.
    """

    space: str
    base: str
    handle: str

    @classmethod
    def of(cls, account: Account) -> Names:
        """The names of an account."""
        handle = account.handle.strip().removeprefix("@")
        return cls(account.key_space, (account.base_url or HOST).rstrip("/"), handle)

    def is_own(self, username: str | None, native_id: str | None = None) -> bool:
        """Whether a name, or an id, is that of the configured account."""
        by_name = username is not None and username.lower() == self.handle.lower()
        return by_name or (native_id is not None and native_id == self.handle)

    def post(self, native_id: str) -> Key:
        """The key of a post or answer; also of its short code."""
        return make_key(PLATFORM, native_id, self.space)

    def profile(self, native_id: str) -> Key:
        """The key of a profile; posts and profiles share one space of numbers."""
        return make_key(PLATFORM, native_id, self.space)

    def native(self, key: str) -> str:
        """The id within Threads that a key is made of."""
        return key.removeprefix(f"{PLATFORM}:").removeprefix(self.space)

    def number(self, native_id: str) -> str:
        """The permanent id of a person whose number is told."""
        return f"{self.space}{native_id}"

    def somebody(self, username: str, *, display_name: str | None = None, avatar: str | None = None) -> Person:
        """A person of whom only the name is told."""
        native_id = OWN_ACCOUNT if self.is_own(username) else f"{self.space}@{username.lower()}"
        return Person(native_id, username, display_name, avatar)

    def named_in(self, text: str | None) -> frozenset[str]:
        """Whether a text names the account; whom else it names, nobody needs to know."""
        found = any(self.is_own(name.rstrip(".")) for name in _MENTION.findall(text or ""))
        return frozenset({OWN_ACCOUNT} if found else ())
