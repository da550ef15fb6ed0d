"""Names and ids of Instagram: one number space for accounts, media, comments; names of people may change, ids do not.

An account has two ids where it logs in with Instagram: ``user_id``, which webhooks and owners of media name and which
is its id everywhere else, and ``id``, which only this app knows. Keys hold the first. People who comment have an id
that is made for each account that reads them; of some, an answer tells nothing but the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from archiver.domain.keys import Key
from archiver.platforms.naming import Naming

PLATFORM = "instagram"
MENTION = "mention/"
"""What the subject of a task begins with that reads a mention elsewhere: ``instagram:mention/MEDIA[/COMMENT]``."""
THUMBNAIL, PICTURE = "/thumbnail", "/picture/"


@dataclass(frozen=True, slots=True)
class Names(Naming):
    """How the ids of Instagram become keys, and back; built from nothing but the account's configuration.

    ``handle`` is the account's name without ``@``, or its id.
    """

    platform: ClassVar[str] = PLATFORM

    @property
    def handle_id(self) -> str | None:
        """The account's id where the configuration has it in place of the name."""
        return self.handle if self.handle.isascii() and self.handle.isdigit() else None

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
