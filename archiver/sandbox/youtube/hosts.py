"""YouTube as a quarter of the city: one port for API, feeds, files, hub and Google's token endpoint."""

from __future__ import annotations

from archiver.sandbox.city import Size
from archiver.sandbox.model import Person
from archiver.sandbox.serving import PlatformServer
from archiver.sandbox.world import World
from archiver.sandbox.youtube.act import YouTubeAct
from archiver.sandbox.youtube.api import YouTubeApi
from archiver.sandbox.youtube.credentials import PROJECT, Credentials
from archiver.sandbox.youtube.model import YOUTUBE
from archiver.sandbox.youtube.quota import Quota
from archiver.sandbox.youtube.story import tell_youtube
from archiver.sandbox.youtube.truth import YouTubeObserver, YouTubeTruth
from archiver.sandbox.youtube.wire import SIGNATURE
from archiver.sandbox.youtube.world import YouTubeWorld

PLENTY = 1_000_000_000
"""Units a day where nobody shall wait."""


class YouTubeHosts:
    """The server and its world. ``generous`` raises the allowances so far that nobody waits.

    ``sessions``: accounts are configured with a refresh token, as after `archiver account connect`; else with an
    access token that is renewed all the time.
    """

    platforms = frozenset({YOUTUBE})

    def __init__(self, world: World, *, generous: bool = True) -> None:
        self.world = YouTubeWorld(world)
        self.google = PlatformServer(world, lambda url: YouTubeApi(self.world, url), signature=SIGNATURE, etags=False)
        self.observer = YouTubeObserver(self.world)
        self.sessions = False
        self._refreshes: dict[str, str] = {}
        if generous:
            self.quota.allowances = dict.fromkeys(self.quota.allowances, PLENTY)

    @property
    def api(self) -> YouTubeApi:
        """What answers."""
        return self.google.api

    @property
    def credentials(self) -> Credentials:
        """Keys and tokens."""
        return self.api.credentials

    @property
    def quota(self) -> Quota:
        """The ledger of units."""
        return self.api.quota

    @property
    def spent(self) -> int:
        """Units that the city's project has spent today."""
        return self.quota.spent(PROJECT)

    @property
    def servers(self) -> tuple[PlatformServer[YouTubeApi], ...]:
        """The one that there is."""
        return (self.google,)

    def tell(self, size: Size) -> None:
        """Make the channels with their life, and let their tokens be good."""
        tell_youtube(self.world, size)
        self.open()

    def open(self) -> None:
        """Let the tokens of all channels be good that have none yet."""
        for account in self.world.world.accounts.values():
            if account.platform == YOUTUBE and not self.credentials.known(account.secret):
                self.credentials.accept(account.person, account.secret)

    def server(self, account: str) -> PlatformServer[YouTubeApi]:  # noqa: ARG002 - all accounts have the same
        """The server behind an account's ``base_url``."""
        return self.google

    def secrets(self, account: str, *, authenticated: bool) -> dict[str, str]:
        """The owner's token, or the key, with which everybody may read what is public."""
        if not authenticated:
            return {"token": self.credentials.key}
        if not self.sessions:
            return {"token": self.world.world.accounts[account].secret}
        if account not in self._refreshes:
            self._refreshes[account] = self.credentials.refresh_token(self._channel(account))
        credentials = self.credentials
        return {
            "refresh_token": self._refreshes[account],
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }

    def look(self, account: str, *, authenticated: bool) -> YouTubeTruth:
        """A capture with the owner's token, or with a key."""
        return self.observer.look(account, authenticated=authenticated)

    def act(self, account: str) -> YouTubeAct:
        """The second act of a channel."""
        return YouTubeAct(self.world, account)

    def revoke(self, account: str) -> None:
        """The owner withdraws the consent."""
        self.credentials.revoke(self._channel(account))

    def reconnect(self, account: str) -> None:
        """The same tokens are good again."""
        self.credentials.revive(self._channel(account))

    def _channel(self, account: str) -> Person:
        return self.world.world.accounts[account].person
