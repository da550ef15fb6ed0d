"""Keys for what a download shows without an id."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from archiver.domain.account import Account
from archiver.domain.keys import Key, make_key

MADE = "download/"
"""What the native id of such a record begins with: no platform's ids do."""


def made_key(account: Account, form: str, at: datetime | None, text: str | None, *rest: str) -> Key:
    """The key of a thing that a download shows without an id: made of what it is, so that any download gives the same.

    ``form`` tells things apart that were made in the same second; ``at`` is when, ``text`` the repaired text, ``rest``
    what else tells it apart from another thing with the same text: never its place in the file, which moves.
    """
    told = [form, at.isoformat() if at else None, text, *rest]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return make_key(account.platform, f"{MADE}{digest[:32]}", f"{account.key_space}{account.id}/")


def is_made(key: Key) -> bool:
    """Whether a key was made of the content of a download."""
    return f"/{MADE}" in key.partition(":")[2]
