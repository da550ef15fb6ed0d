"""The city with its servers running: what ``archiver demo``, the tests and the benchmarks start."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from archiver.sandbox.act import Act, Scene
from archiver.sandbox.bluesky_api import BlueskyApi
from archiver.sandbox.city import SIZES, Size, part_of, platform_of, tell
from archiver.sandbox.mastodon_api import MastodonApi
from archiver.sandbox.meta.act import MetaAct
from archiver.sandbox.meta.facebook_api import FacebookApi
from archiver.sandbox.meta.hosts import MetaHosts
from archiver.sandbox.meta.instagram_quirks import Flavour
from archiver.sandbox.meta.truth import MetaTruth
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import BLUESKY, MASTODON, Post
from archiver.sandbox.quarter import Quarter
from archiver.sandbox.serving import PlatformServer
from archiver.sandbox.truth import Observer, Truth
from archiver.sandbox.wire import Asked
from archiver.sandbox.world import MastodonIds, World
from archiver.sandbox.x.quarter import XQuarter
from archiver.sandbox.xrpc import Style
from archiver.sandbox.youtube.hosts import YouTubeHosts

BLUESKY_SIGNATURE = (("X-Powered-By", "Express"), ("Access-Control-Allow-Origin", "*"), ("Vary", "Accept-Encoding"))
MASTODON_SIGNATURE = (
    ("Server", "Mastodon"),
    ("Vary", "Authorization, Origin"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)


class SandboxCity:
    """A simulated city on loopback ports.

    ``now`` sets the city's present (None: the wall clock). ``generous`` raises the platforms' limits so far that a
    demonstration never waits; pass False for the real ones. ``bluesky_style`` picks the server release to speak,
    ``mastodon_ids`` numbers or ULIDs, ``instagram_login`` which of Instagram's two logins its accounts have.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        size: str | Size = "small",
        now: datetime | None = None,
        generous: bool = True,
        bluesky_style: Style = "0.0.280",
        mastodon_ids: MastodonIds = "snowflake",
        instagram_login: Flavour = "instagram",
    ) -> None:
        self.world = World(seed=seed, now=now, mastodon_ids=mastodon_ids)
        told = SIZES[size] if isinstance(size, str) else size
        tell(self.world, told)
        self.meta = MetaWorld(self.world)
        self.hosts = MetaHosts(self.meta, generous=generous, instagram_login=instagram_login)
        self.youtube = YouTubeHosts(self.world, generous=generous)
        self.x = XQuarter(self.world, generous=generous)
        self.quarters: tuple[Quarter, ...] = (self.hosts, self.x, self.youtube)
        for quarter in self.quarters:
            names = tuple(name for name in told.accounts if platform_of(name) in quarter.platforms)
            if names:
                quarter.tell(part_of(told, names))
        factor = 1000 if generous else 1
        self.bluesky = PlatformServer(
            self.world,
            lambda url: BlueskyApi(self.world, url, factor=factor, style=bluesky_style),
            signature=BLUESKY_SIGNATURE,
        )
        self.mastodon = PlatformServer(
            self.world, lambda url: MastodonApi(self.world, url, factor=factor), signature=MASTODON_SIGNATURE
        )

        self.observer = Observer(self.world)
        self.act = Act(self.world, self.bluesky.faults, self.revoke)

    @property
    def bluesky_url(self) -> str:
        """The ``base_url`` of all Bluesky accounts."""
        return self.bluesky.base_url

    @property
    def mastodon_url(self) -> str:
        """The ``base_url`` of all Mastodon accounts."""
        return self.mastodon.base_url

    @property
    def facebook(self) -> PlatformServer[FacebookApi]:
        """The server of ``graph.facebook.com``."""
        return self.hosts.facebook

    def base_url(self, account: str) -> str:
        """The ``base_url`` of an account, by its name in the city."""
        quarter = self._quarter(account)
        if quarter is not None:
            return quarter.server(account).base_url
        return self.bluesky_url if self.world.accounts[account].platform == BLUESKY else self.mastodon_url

    def secrets(self, account: str, *, authenticated: bool = True) -> dict[str, str]:
        """What stands as secrets in an account's configuration, by setting (``token``, ``app_id`` …)."""
        quarter = self._quarter(account)
        if quarter is not None:
            return quarter.secrets(account, authenticated=authenticated)
        return {"token": self.world.accounts[account].secret} if authenticated else {}

    def _quarter(self, account: str) -> Quarter | None:
        """Where an account lives; None: on Bluesky or Mastodon."""
        platform = self.world.accounts[account].platform
        return next((quarter for quarter in self.quarters if platform in quarter.platforms), None)

    def truth(self, account: str, *, authenticated: bool = False) -> Truth:
        """What a perfect archive holds after a capture right now; counts as a look.

        On Meta's platforms nothing can be seen without a token; the truth is always that of the account's own.
        """
        quarter = self._quarter(account)
        if quarter is not None:
            return quarter.look(account, authenticated=authenticated)
        return self.observer.look(account, authenticated=authenticated)

    def meta_truth(self, account: str) -> MetaTruth:
        """The same for an account on one of Meta's platforms, with the names that its things go by."""
        return self.hosts.look(account)

    def look(self, *accounts: str, authenticated: bool = False) -> None:
        """A capture of these accounts (default: all) just happened: what can be seen now is seen."""
        for account in accounts or tuple(self.world.accounts):
            self.truth(account, authenticated=authenticated)

    def revoke(self, account: str) -> None:
        """End the archive's access to an account; ``reconnect`` gives it back."""
        quarter = self._quarter(account)
        if quarter is not None:
            quarter.revoke(account)
        elif self.world.accounts[account].platform == BLUESKY:
            self.bluesky.api.sessions.revoke(account)
        else:
            self.mastodon.api.revoked.add(self.world.accounts[account].secret)

    def reconnect(self, account: str) -> None:
        """The same secret is good again, as after a person has renewed it."""
        quarter = self._quarter(account)
        if quarter is not None:
            quarter.reconnect(account)
            return
        self.bluesky.api.sessions.accept(account)
        self.mastodon.api.revoked.discard(self.world.accounts[account].secret)

    def live(self, step: int) -> Scene | None:
        """Play one step of the second act (from 0); None when nothing could happen."""
        return self.act.step(step)

    def meta_act(self, account: str) -> MetaAct:
        """The second act of an account on one of Meta's platforms."""
        return self.hosts.act(account)

    def warm(self) -> int:
        """Make and encode the page of each thread beforehand; how many there are. For benchmarks.

        Bluesky's pages for anonymous callers, Mastodon's for the account's token (its others are cut at sixty).
        """
        made = 0
        for account in self.world.accounts.values():
            if account.platform not in {BLUESKY, MASTODON}:
                continue
            for post in account.person.posts:
                if post.shares is not None or post.parent is not None:
                    continue
                for target in _thread_targets(post):
                    server = self.bluesky if post.platform == BLUESKY else self.mastodon
                    headers = {} if post.platform == BLUESKY else {"authorization": f"Bearer {account.secret}"}
                    server.page(Asked.of("GET", target, headers))
                made += 1
        return made

    def start(self) -> Self:
        """Open the doors."""
        for server in self._servers():
            server.start()
        return self

    def stop(self) -> None:
        """Close the ports and all connections."""
        # Each waits for its own loop to notice: together, not one after another.
        stopping = [threading.Thread(target=server.stop) for server in self._servers()]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()

    def _servers(self) -> Iterator[PlatformServer[Any]]:
        yield from (self.bluesky, self.mastodon)
        for quarter in self.quarters:
            yield from quarter.servers

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _thread_targets(post: Post) -> tuple[str, ...]:
    """The ways in which a thread may be asked for; the order of parameters is the caller's."""
    if post.platform != BLUESKY:
        return (f"/api/v1/statuses/{post.id}/context",)
    uri = quote(post.id, safe="")
    return (f"/xrpc/app.bsky.feed.getPostThread?uri={uri}&depth=10&parentHeight=0",)
