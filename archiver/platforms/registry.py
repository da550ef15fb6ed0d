"""Which adapter serves which platform: one line each. A module is imported when its first account is."""

from __future__ import annotations

from importlib import import_module

from archiver.domain.account import Account
from archiver.errors import ConfigError
from archiver.platforms.adapter import Adapter

_ADAPTERS = {
    "bluesky": "archiver.platforms.bluesky:BlueskyAdapter",
    "facebook": "archiver.platforms.facebook:FacebookAdapter",
    "feed": "archiver.platforms.feed:FeedAdapter",
    "instagram": "archiver.platforms.instagram:InstagramAdapter",
    "mastodon": "archiver.platforms.mastodon:MastodonAdapter",
    "threads": "archiver.platforms.threads:ThreadsAdapter",
    "x": "archiver.platforms.x:XAdapter",
    "youtube": "archiver.platforms.youtube:YouTubeAdapter",
}


def platforms() -> tuple[str, ...]:
    """The names of all platforms that can be collected."""
    return tuple(sorted(_ADAPTERS))


def adapter_class(platform: str) -> type[Adapter]:
    """The adapter of a platform; raises ConfigError for an unknown one."""
    place = _ADAPTERS.get(platform)
    if place is None:
        raise ConfigError([f"platform {platform!r} is not known; known are {', '.join(platforms())}"])
    module, _, name = place.partition(":")
    found: type[Adapter] = getattr(import_module(module), name)
    return found


def counts(platform: str) -> bool:
    """Whether what is asked of a platform costs something, in money or in units."""
    return adapter_class(platform).tariff is not None


def adapter_for(account: Account) -> Adapter:
    """The adapter of an account's platform, bound to the account."""
    return adapter_class(account.platform)(account)
