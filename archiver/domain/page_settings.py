"""Settings of an account that decide who may speak on it: blocked people, filters, who may comment (records rule R47).

A *snapshot* is all that one look at a setting showed. Between two of them stand the changes, each with the window of
time in which it happened: after the look that did not show it yet, at the latest by the one that did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise


class SettingName(StrEnum):
    """The settings that records are kept of, whatever a platform calls them."""

    BLOCKED_USERS = "blocked_users"
    BLOCKED_SERVERS = "blocked_servers"
    MUTED_USERS = "muted_users"
    RESTRICTED_USERS = "restricted_users"
    FILTERS = "filters"
    AUTOMATIC_HIDING = "automatic_hiding"
    COMMENT_REVIEW = "comment_review"
    WHO_MAY_COMMENT = "who_may_comment"
    AGE_LIMIT = "age_limit"
    COUNTRY_LIMIT = "country_limit"
    PAGE_ROLES = "page_roles"
    OTHER = "other"


ON_PEOPLE = frozenset({SettingName.BLOCKED_USERS, SettingName.MUTED_USERS, SettingName.RESTRICTED_USERS})
"""Lists that are data on individuals, so that nobody is shown the names without having asked for them (R47)."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of a setting: a blocked person, a filter word, a role. ``name`` stays when ``words`` change."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A setting as one look showed it. ``proof`` is the exchange of a captured one, the entry's number of a manual one.

    ``manual``: a person wrote it down. ``at`` is aware, UTC.
    """

    account: str
    setting: SettingName
    at: datetime
    members: tuple[Member, ...]
    proof: str
    manual: bool = False


class Turn(StrEnum):
    """How a member of a setting changed."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference between two snapshots; it happened after ``after`` and by ``at``. ``before`` are the old words."""

    account: str
    setting: SettingName
    turn: Turn
    member: Member
    after: datetime
    at: datetime
    proof_before: str
    proof: str
    manual: bool
    before: str | None = None


def changes(snapshots: Sequence[Snapshot]) -> Iterator[Changed]:
    """What changed from look to look, oldest first. ``snapshots`` are of one setting, in order of time.

    The first one is where the record begins and no change: what was set before it, nobody saw.
    """
    for earlier, later in pairwise(snapshots):
        yield from _between(earlier, later)


def _between(earlier: Snapshot, later: Snapshot) -> Iterator[Changed]:
    was = {one.name: one for one in earlier.members}
    now = {one.name: one for one in later.members}
    for name in sorted(was.keys() | now.keys()):
        old, new = was.get(name), now.get(name)
        if old == new:
            continue
        turn = Turn.ADDED if old is None else Turn.REMOVED if new is None else Turn.CHANGED
        member = new or old
        assert member is not None
        yield Changed(
            later.account, later.setting, turn, member, earlier.at, later.at, earlier.proof, later.proof, later.manual,
            old.words if old is not None and new is not None else None,
        )  # fmt: skip


def by_track(snapshots: Iterable[Snapshot]) -> dict[tuple[str, SettingName, bool], list[Snapshot]]:
    """Snapshots of the same account, setting and source together, in order of time.

    What a person wrote down is held against what a person wrote down: an API words the same thing in another way.
    """
    tracks: dict[tuple[str, SettingName, bool], list[Snapshot]] = {}
    for one in sorted(snapshots, key=lambda snapshot: snapshot.at):
        tracks.setdefault((one.account, one.setting, one.manual), []).append(one)
    return tracks
