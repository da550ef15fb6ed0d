"""Meta's platforms as servers of the city: one port each, one world, one app."""

from __future__ import annotations

from typing import Any

from archiver.sandbox.meta.facebook_api import FacebookApi
from archiver.sandbox.meta.facebook_events import change, message
from archiver.sandbox.meta.facebook_pages import FacebookPages
from archiver.sandbox.meta.model import FACEBOOK
from archiver.sandbox.meta.tokens import App
from archiver.sandbox.meta.webhooks import Sender
from archiver.sandbox.meta.wire import SIGNATURE
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.serving import PlatformServer

APP_ID = "210000000000007"
VERIFY = "maple-ford-verifies"
"""What the city has told the platform to say at the handshake."""
CALLS = 1200
"""Calls that a page of a small city has in 24 hours, where limits are the real ones."""


class MetaHosts:
    """The servers. ``generous`` raises the limits so far that nobody waits."""

    def __init__(self, meta: MetaWorld, *, generous: bool = True) -> None:
        self.meta = meta
        self.app = App(APP_ID, f"{meta.world.seed:032x}"[::-1], "Maple Ford Records")
        self.pages = FacebookPages(meta)
        calls = 1_000_000_000 if generous else CALLS
        self.facebook = PlatformServer(
            meta.world,
            lambda url: FacebookApi(meta, url, self.app, calls=calls),
            signature=SIGNATURE,
            etags=False,
        )
        self.open()

    def open(self) -> None:
        """Let the tokens of all accounts be good that have none yet."""
        for account in self.meta.world.accounts.values():
            if account.platform == FACEBOOK and self.facebook.api.tokens.known(account.secret) is None:
                self.facebook.api.accept(account.person, account.secret)

    @property
    def servers(self) -> tuple[PlatformServer[Any], ...]:
        """All of them."""
        return tuple(self._by_platform().values())

    def server(self, account: str) -> PlatformServer[Any]:
        """The server of an account."""
        return self._by_platform()[self.meta.world.accounts[account].platform]

    def _by_platform(self) -> dict[str, PlatformServer[Any]]:
        return {FACEBOOK: self.facebook}

    def revoke(self, account: str, subcode: int = 460) -> None:
        """End the token of an account."""
        self.server(account).api.tokens.end(self.meta.world.accounts[account].secret, subcode)

    def reconnect(self, account: str) -> None:
        """The same token is good again."""
        self.server(account).api.tokens.revive(self.meta.world.accounts[account].secret)

    def page_events(self, callback: str) -> Sender:
        """The sender of the pages' events to a callback, from now on."""
        sender = Sender(self.meta, callback, self.app.secret, VERIFY, "page", change, message)
        sender.skip()
        return sender
