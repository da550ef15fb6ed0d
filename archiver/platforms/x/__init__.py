"""X (Twitter) by version 2 of its API, which is paid by what it returns (``docs/platforms/x.md``)."""

from archiver.platforms.x.adapter import XAdapter

__all__ = ["XAdapter"]
