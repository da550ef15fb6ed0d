"""How the ids of a platform become keys, and back, where all of it is one space of ids and the account has one name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from archiver.domain.account import Account
from archiver.domain.keys import Key, make_key


@dataclass(frozen=True, slots=True)
class Naming:
    """Built from nothing but the account's configuration, so that a rebuild names things as live capture did.

    ``space`` is the account's key space; ``handle`` its name without ``@``, or its id.
    """

    platform: ClassVar[str]

    space: str
    handle: str

    @classmethod
    def of(cls, account: Account) -> Self:
        """The names of an account."""
        return cls(account.key_space, account.handle.strip().removeprefix("@"))

    def is_own(self, username: str | None) -> bool:
        """Whether a name is the configured account's."""
        return username is not None and username.lower() == self.handle.lower()

    def person(self, native_id: str) -> str:
        """The permanent id of a person."""
        return f"{self.space}{native_id}"

    def nameless(self, username: str) -> str:
        """What stands for the id of a person of whom only the name is told."""
        return f"{self.space}@{username.removeprefix('@')}"

    def account_id(self, person: str) -> str:
        """A person's id as the API writes it."""
        return person.removeprefix(self.space)

    def thing(self, native_id: str) -> Key:
        """The key of what has this id."""
        return make_key(self.platform, native_id, self.space)

    def native(self, key: str) -> str:
        """The id that a key is made of."""
        return key.removeprefix(f"{self.platform}:").removeprefix(self.space)
