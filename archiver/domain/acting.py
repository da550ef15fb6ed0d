"""Who acts: the person whose name an act carries, and the account of the machine that it was done from."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who decides. ``login`` is the operating system's account, as far as it can be told."""

    name: str
    login: str

    def is_same_person(self, other: Actor) -> bool:
        """Whether two acts were one person's: the names as they look, apart from spaces and capitals."""
        return _plain(self.name) == _plain(other.name)

    def is_second_to(self, first: Actor, *, logins: bool) -> bool:
        """Whether this is another person, as R27 and R28 ask for; by login too where those tell people apart."""
        return not self.is_same_person(first) and not (logins and self.login == first.login)


def _plain(name: str) -> str:
    """How a name looks: other spellings of the same letters, and signs that nobody sees, make no second person."""
    shown = "".join(one for one in unicodedata.normalize("NFKC", name) if unicodedata.category(one) not in _UNSEEN)
    return unicodedata.normalize("NFKC", " ".join(shown.split()).casefold())


_UNSEEN = frozenset({"Cf"})
