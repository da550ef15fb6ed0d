"""Facebook Pages, by the Graph API."""

from archiver.platforms.facebook.adapter import FacebookAdapter

__all__ = ["FacebookAdapter"]
