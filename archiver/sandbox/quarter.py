"""A quarter of the city: platforms with a world of their own beside the one of Bluesky and Mastodon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from archiver.sandbox.city import Size
from archiver.sandbox.serving import PlatformServer
from archiver.sandbox.truth import Truth


class Keyed(Protocol):
    """Something that an archive holds as a record of that key."""

    @property
    def key(self) -> str:
        """``platform:id``."""
        ...


class AnyScene(Protocol):
    """What just happened: a name, a sentence for the audience, the account and what it was about."""

    @property
    def name(self) -> str:
        """One word or two."""
        ...

    @property
    def told(self) -> str:
        """A sentence."""
        ...

    @property
    def account(self) -> str:
        """Its name in the city."""
        ...

    @property
    def posts(self) -> Sequence[Keyed]:
        """What it was about, the most important first."""
        ...


class SecondAct(Protocol):
    """What happens to an account after the first capture."""

    def play(self) -> Iterator[AnyScene]:
        """All scenes that this account has something for."""
        ...


class Quarter(Protocol):
    """What the city wants of each. Accounts go by their names in the city."""

    @property
    def platforms(self) -> frozenset[str]:
        """Whose accounts live here."""
        ...

    @property
    def servers(self) -> Sequence[PlatformServer[Any]]:
        """All servers, to be started and stopped."""
        ...

    def tell(self, size: Size) -> None:
        """Make the accounts of a size, which are all of these platforms, with the life below them."""
        ...

    def server(self, account: str) -> PlatformServer[Any]:
        """The server behind an account's ``base_url``."""
        ...

    def secrets(self, account: str, *, authenticated: bool) -> dict[str, str]:
        """What stands as secrets in an account's configuration, by setting.

        Not ``authenticated``: what reads the public view alone, on platforms that have one for it.
        """
        ...

    def look(self, account: str, *, authenticated: bool) -> Truth:
        """A perfect capture happens now; what the archive holds after it."""
        ...

    def act(self, account: str) -> SecondAct:
        """The second act of an account."""
        ...

    def revoke(self, account: str) -> None:
        """End the archive's access to an account."""
        ...

    def reconnect(self, account: str) -> None:
        """The same secrets are good again, as after a person has renewed them."""
        ...
