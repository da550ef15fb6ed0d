"""Mastodon's API, as stock Mastodon and its many relatives speak it (``docs/platforms/mastodon.md``)."""

from archiver.platforms.mastodon.adapter import MastodonAdapter

__all__ = ["MastodonAdapter"]
