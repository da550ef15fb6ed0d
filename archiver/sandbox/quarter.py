"""A quarter of the city: platforms with a world of their own beside the one of Bluesky and Mastodon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from archiver.sandbox.city import Size
from archiver.sandbox.serving import PlatformServer
from archiver.sandbox.truth import Truth


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

    def revoke(self, account: str) -> None:
        """End the archive's access to an account."""
        ...

    def reconnect(self, account: str) -> None:
        """The same secrets are good again, as after a person has renewed them."""
        ...
