"""Names and ids of one server: local to it, and never compared with another server's.

Stock Mastodon and Takahē count with numbers that grow (older ones are shorter), GoToSocial uses ULIDs and Pleroma
flake ids, whose text order is their order in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from archiver.domain.account import Account
from archiver.domain.keys import Key, make_key

PLATFORM = "mastodon"

_PROFILE = "accounts/"  # statuses and accounts are numbered apart: on old servers both have a 1


def order(status_id: str) -> tuple[int, int, str]:
    """A sort key for ids of one server: numbers by size, others by text."""
    if status_id.isascii() and status_id.isdigit():
        digits = status_id.lstrip("0")
        return (0, len(digits), digits)
    return (1, 0, status_id)


@dataclass(frozen=True, slots=True)
class Names:
    """How the ids of one account's server become keys, and back.

    Built from nothing but the account's configuration, so that a rebuild names things as live capture did.
    """

    space: str
    base: str
    user: str
    domain: str

    @classmethod
    def of(cls, account: Account) -> Names:
        """The names of an account. Its handle is ``name@domain``, or ``name`` where a ``base_url`` is set."""
        user, _, domain = account.handle.strip().removeprefix("@").partition("@")
        base = (account.base_url or f"https://{domain or 'invalid.invalid'}").rstrip("/")
        return cls(account.key_space, base, user, domain or urlsplit(base).netloc)

    @property
    def lookup(self) -> str:
        """What to look the account up by: the bare name on its own server, else the whole handle."""
        return self.user if self.domain.lower() == urlsplit(self.base).netloc.lower() else f"{self.user}@{self.domain}"

    def is_own(self, acct: str | None) -> bool:
        """Whether a server's ``acct`` is the configured account's."""
        return acct is not None and acct.lower() in {self.user.lower(), f"{self.user}@{self.domain}".lower()}

    def person(self, account_id: str) -> str:
        """The permanent id of a person."""
        return f"{self.space}{account_id}"

    def account_id(self, person: str) -> str:
        """A person's id as the server writes it."""
        return person.removeprefix(self.space)

    def status(self, status_id: str) -> Key:
        """The key of a status (a boost has an id of its own)."""
        return make_key(PLATFORM, status_id, self.space)

    def profile(self, account_id: str) -> Key:
        """The key of an account's profile."""
        return make_key(PLATFORM, _PROFILE + account_id, self.space)

    def uri(self, uri: str) -> Key:
        """The key by which a thing is found under its name in all the Fediverse."""
        return make_key(PLATFORM, uri)

    def native(self, key: str) -> str:
        """The id within the server that a key is made of."""
        return key.removeprefix(f"{PLATFORM}:").removeprefix(self.space)

    def profile_id(self, key: str) -> str | None:
        """The account's id when the key names a profile."""
        native = self.native(key)
        return native.removeprefix(_PROFILE) if native.startswith(_PROFILE) else None
