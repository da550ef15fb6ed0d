"""Instagram's API for professional accounts, both logins (``docs/platforms/instagram.md``)."""

from archiver.platforms.instagram.adapter import InstagramAdapter

__all__ = ["InstagramAdapter"]
