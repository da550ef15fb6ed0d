"""News feeds, RSS and Atom: a city's news pages, and any place that has no API (``docs/platforms/feed.md``)."""

from archiver.platforms.feed.adapter import FeedAdapter

__all__ = ["FeedAdapter"]
