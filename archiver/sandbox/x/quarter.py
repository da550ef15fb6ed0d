"""X as a quarter of the city."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archiver.sandbox.city import Size
from archiver.sandbox.serving import PlatformServer
from archiver.sandbox.truth import Truth
from archiver.sandbox.world import CityAccount, World
from archiver.sandbox.x.act import XAct
from archiver.sandbox.x.model import X
from archiver.sandbox.x.server import XServer
from archiver.sandbox.x.story import tell_x
from archiver.sandbox.x.truth import XObserver
from archiver.sandbox.x.world import XWorld


class XQuarter:
    """The accounts on X, their world and their server. The first account owns the city's application."""

    def __init__(self, world: World, *, generous: bool = True) -> None:
        self.x = XWorld(world)
        self.served = XServer(self.x, generous=generous)
        self.observer = XObserver(self.x, self.served.api.quirks)

    @property
    def platforms(self) -> frozenset[str]:
        """X alone."""
        return frozenset({X})

    @property
    def servers(self) -> Sequence[PlatformServer[Any]]:
        """The one server."""
        return (self.served,)

    def tell(self, size: Size) -> None:
        """Make the accounts, and let their tokens be good."""
        tell_x(self.x, size)
        self.open()

    def open(self) -> None:
        """Let the tokens of all accounts be good that have none yet."""
        tokens = self.served.api.tokens
        for account in self.accounts():
            tokens.owner = tokens.owner or account.person
            if tokens.known(account.secret) is None:
                tokens.accept(account.person, account.secret)

    def accounts(self) -> list[CityAccount]:
        """The city's accounts on X."""
        return [account for account in self.x.world.accounts.values() if account.platform == X]

    def server(self, account: str) -> PlatformServer[Any]:  # noqa: ARG002 - they all have the same
        """The server; all accounts have the same."""
        return self.served

    def secrets(self, account: str, *, authenticated: bool) -> dict[str, str]:
        """The user's token; else the application's, which sees what is public, in the full archive, too."""
        return {"token": self.x.world.accounts[account].secret if authenticated else self.served.api.tokens.app.bearer}

    def look(self, account: str, *, authenticated: bool) -> Truth:
        """A perfect capture happens now, with the user's token or the application's."""
        return self.observer.look(account, authenticated=authenticated)

    def act(self, account: str) -> XAct:
        """The second act of an account."""
        return XAct(self.x, account)

    def revoke(self, account: str) -> None:
        """End all tokens of the account's user."""
        self.served.api.tokens.end(self.x.world.person(account))

    def reconnect(self, account: str) -> None:
        """They are good again."""
        self.served.api.tokens.revive(self.x.world.person(account))
