"""Names and ids of Instagram: one number space for accounts, media, comments; names of people may change, ids do not.

An account has two ids where it logs in with Instagram: ``user_id``, which webhooks and owners of media name and which
is its id everywhere else, and ``id``, which only this app knows. Keys hold the first. People who comment have an id
that is made for each account that reads them; of some, an answer tells nothing but the name.
"""

from __future__ import annotations

from dataclasses import dataclass

from archiver.domain.account import Account
from archiver.domain.keys import Key, make_key

PLATFORM = "instagram"
MENTION = "mention/"
"""What the subject of a task begins with that reads a mention elsewhere: ``instagram:mention/MEDIA[/COMMENT]``."""
THUMBNAIL, PICTURE = "/thumbnail", "/picture/"


@dataclass(frozen=True, slots=True)
class Names:
    """How the ids of Instagram become keys, and back; built from nothing but the account's configuration.

    ``handle`` is the account's name without ``@``, or its id.
    """

    space: str
    handle: str

    @classmethod
    def of(cls, account: Account) -> Names:
        """The names of an account."""
        return cls(account.key_space, account.handle.strip().removeprefix("@"))

    @property
    def handle_id(self) -> str | None:
        """The account's id where the configuration has it in place of the name."""
        return self.handle if self.handle.isascii() and self.handle.isdigit() else None

    def is_own(self, username: str | None) -> bool:
        """Whether a name is the configured account's."""
        return username is not None and username.lower() == self.handle.lower()

    def person(self, native_id: str) -> str:
        """The permanent id of a person."""
        return f"{self.space}{native_id}"

    def nameless(self, username: str) -> str:
        """What stands for the id of a person of whom only the name is told."""
        return f"{self.space}@{username}"

    def account_id(self, person: str) -> str:
        """A person's id as the API writes it."""
        return person.removeprefix(self.space)

    def thing(self, native_id: str) -> Key:
        """The key of a medium, comment, profile, conversation or message."""
        return make_key(PLATFORM, native_id, self.space)

    def native(self, key: str) -> str:
        """The id that a key is made of."""
        return key.removeprefix(f"{PLATFORM}:").removeprefix(self.space)

    def mention(self, media: str, comment: str | None) -> Key:
        """The subject of a task that reads a mention elsewhere."""
        return self.thing(MENTION + "/".join(filter(None, (media, comment))))

    def mentioned(self, subject: str) -> tuple[str, str | None] | None:
        """The medium and comment of such a task's subject; None for any other."""
        native = self.native(subject)
        if not native.startswith(MENTION):
            return None
        media, _, comment = native.removeprefix(MENTION).partition("/")
        return media, comment or None
