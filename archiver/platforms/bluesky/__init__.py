"""Bluesky, by the AT Protocol: repositories for the account's own records, the AppView for how others see them."""

from archiver.platforms.bluesky.adapter import BlueskyAdapter

__all__ = ["BlueskyAdapter"]
