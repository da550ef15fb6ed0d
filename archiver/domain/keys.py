"""The stable name of a record: ``platform:native_id``."""

from __future__ import annotations

from typing import NewType

Key = NewType("Key", str)
"""``platform:native_id``; for Bluesky the native id is the at-URI."""


def make_key(platform: str, native_id: str, space: str = "") -> Key:
    """Name a record. ``space`` keeps apart two servers of one platform whose ids may collide."""
    return Key(f"{platform}:{space}{native_id}")


def platform_of(key: Key) -> str:
    """The platform's part of a key."""
    return key.split(":", 1)[0]


def native_id_of(key: Key) -> str:
    """All of a key after its platform."""
    return key.split(":", 1)[1]
