"""What Instagram does beside the quirks of all Graph hosts, and names that its two logins have for the same things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archiver.sandbox.meta.call import Call
from archiver.sandbox.meta.quirks import Quirks

Flavour = Literal["instagram", "facebook"]
"""With whom the account's owner logs in."""

COMMENTS_SCOPE = {"instagram": "instagram_business_manage_comments", "facebook": "instagram_manage_comments"}
BASIC_SCOPE = {"instagram": "instagram_business_basic", "facebook": "instagram_basic"}
MESSAGES_SCOPE = {"instagram": "instagram_business_manage_messages", "facebook": "instagram_manage_messages"}
NODE_NAMES = {
    "instagram": {"user": "User", "media": "Media", "comment": "Comment"},
    "facebook": {"user": "ShadowIGUser", "media": "ShadowIGMedia", "comment": "ShadowIGMediaComment"},
}


@dataclass(slots=True)
class InstagramQuirks(Quirks):
    """``horizon``: how many of the newest media ``media`` reaches.

    ``hidden_listed``: hidden comments stay in their lists. ``pinned``: ids of media that stand first, whatever their
    age.
    """

    horizon: int = 10_000
    hidden_listed: bool = True
    heaviest: int = 60_000
    pinned: tuple[str, ...] = ()


def quirks_of(call: Call) -> InstagramQuirks:
    """The switches of the server that answers."""
    quirks = call.quirks
    return quirks if isinstance(quirks, InstagramQuirks) else InstagramQuirks()
