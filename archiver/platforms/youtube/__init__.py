"""YouTube: the Data API v3, its channel feeds, and the pushes that tell of them."""

from archiver.platforms.youtube.adapter import YouTubeAdapter

__all__ = ["YouTubeAdapter"]
