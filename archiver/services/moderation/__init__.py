"""The moderation record: what the captures show beside what people say of it (docs/decisions/0084)."""

from __future__ import annotations
