"""What Threads says of an answer's visibility, and what of that may be claimed (records rule R7).

Meta gives the words of ``hide_status`` without their meaning. That an answer is hidden is stated; by whom is not: the
account may have hidden it, a filter of the account or of Meta, and the account's own answers elsewhere are hidden by
others. So there is no cause. Approvals are given or withheld by the account alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archiver.domain.item import Cause, State
from archiver.platforms.meta.fields import text

_HIDDEN = frozenset({"HIDDEN", "COVERED", "BLOCKED", "RESTRICTED"})
_SHOWN = frozenset({"NOT_HUSHED", "UNHUSHED"})
_APPROVALS: Mapping[str, Cause] = {"pending": Cause.HELD_FOR_REVIEW, "ignored": Cause.BY_CITY}

Stated = tuple[State | None, Cause | None]


def state_of(post: Mapping[str, Any]) -> Stated:
    """State and cause as far as they are stated.

    An answer that waits for approval is listed as ``NOT_HUSHED`` all the same: the approval counts. A post for a day is
    shown to its owner alone once the day is over. A word that is not known says nothing.
    """
    approval = (text(post.get("reply_approval_status")) or "").lower()
    if approval in _APPROVALS:
        return State.HIDDEN, _APPROVALS[approval]
    ghost = (text(post.get("ghost_post_status")) or "").upper()
    if ghost == "ARCHIVED":
        return State.HIDDEN, Cause.OWNER_PRIVATE
    status = (text(post.get("hide_status")) or "").upper()
    if status in _HIDDEN:
        return State.HIDDEN, None
    if status in _SHOWN or ghost == "ACTIVE" or approval == "approved":
        return State.LIVE, None
    return None, None
