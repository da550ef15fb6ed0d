"""The city with its servers running: what ``archiver demo``, the tests and the benchmarks start."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Self

from archiver.sandbox.bluesky_api import BlueskyApi
from archiver.sandbox.city import SIZES, Size, tell
from archiver.sandbox.limits import Limit
from archiver.sandbox.mastodon_api import MastodonApi
from archiver.sandbox.serving import PlatformServer
from archiver.sandbox.world import World
from archiver.sandbox.xrpc import Style

BLUESKY_SIGNATURE = (("X-Powered-By", "Express"), ("Access-Control-Allow-Origin", "*"), ("Vary", "Accept-Encoding"))
MASTODON_SIGNATURE = (
    ("Server", "Mastodon"),
    ("Vary", "Authorization, Origin"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)
BLUESKY_LIMIT = Limit(3000, 300)
"""What a hosted PDS allows one address."""


class SandboxCity:
    """A simulated city on loopback ports.

    ``now`` sets the city's present (None: the wall clock). ``generous`` raises the platforms' limits so far that a
    demonstration never waits; pass False for the real ones. ``bluesky_style`` picks the server release to speak.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        size: str | Size = "small",
        now: datetime | None = None,
        generous: bool = True,
        bluesky_style: Style = "0.0.280",
    ) -> None:
        self.world = World(seed=seed, now=now)
        tell(self.world, SIZES[size] if isinstance(size, str) else size)
        factor = 1000 if generous else 1
        bluesky_limit = Limit(BLUESKY_LIMIT.calls * factor, BLUESKY_LIMIT.window_s)
        self.bluesky = PlatformServer(
            self.world,
            lambda url: BlueskyApi(self.world, url, limit=bluesky_limit, style=bluesky_style),
            signature=BLUESKY_SIGNATURE,
        )
        self.mastodon = PlatformServer(
            self.world, lambda url: MastodonApi(self.world, url, factor=factor), signature=MASTODON_SIGNATURE
        )

    @property
    def bluesky_url(self) -> str:
        """The ``base_url`` of all Bluesky accounts."""
        return self.bluesky.base_url

    @property
    def mastodon_url(self) -> str:
        """The ``base_url`` of all Mastodon accounts."""
        return self.mastodon.base_url

    def start(self) -> Self:
        """Open the doors."""
        self.bluesky.start()
        self.mastodon.start()
        return self

    def stop(self) -> None:
        """Close the ports and all connections."""
        self.bluesky.stop()
        self.mastodon.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
