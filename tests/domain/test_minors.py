"""Whether what is about a minor may be given to a parent (records rule R18)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from archiver.config import profile as profiles
from archiver.domain.acting import Actor
from archiver.domain.classification import Audience, may_see
from archiver.domain.minors import MINOR, Barrier, Decision, MinorFlag, Outcome, WithholdRequest, to_parent
from archiver.domain.profile import Profile

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dclerk")


def request(outcome: Outcome | None = None, hours: int = 0) -> WithholdRequest:
    """A request, decided so many hours after noon, or open."""
    decision = None if outcome is None else Decision(outcome, "why", DANA, NOW + timedelta(hours=hours))
    return WithholdRequest("mastodon:2", date(2026, 11, 20), "a letter", DANA, NOW, decision)


WITHHOLD, GIVE = Outcome.WITHHOLD, Outcome.GIVE
CASES = {
    "a minor whose parent it is": (MinorFlag.EVIDENCED, (), True, None),
    "who says so alone": (MinorFlag.ASSERTED, (), True, None),
    "an open request": (MinorFlag.EVIDENCED, (request(),), True, Barrier.OPEN_REQUEST),
    "an open request after one that was refused": (
        MinorFlag.EVIDENCED, (request(GIVE), request()), True, Barrier.OPEN_REQUEST,
    ),
    "an open request of somebody of whom nothing is known": (None, (request(),), False, Barrier.OPEN_REQUEST),
    "a request that was granted": (MinorFlag.EVIDENCED, (request(WITHHOLD),), True, Barrier.WITHHELD),
    "a request that was refused": (MinorFlag.EVIDENCED, (request(GIVE),), True, None),
    "granted, then refused": (MinorFlag.EVIDENCED, (request(WITHHOLD, 1), request(GIVE, 2)), True, None),
    "refused later, entered first": (MinorFlag.EVIDENCED, (request(GIVE, 2), request(WITHHOLD, 1)), True, None),
    "refused, then granted": (MinorFlag.EVIDENCED, (request(GIVE, 1), request(WITHHOLD, 2)), True, Barrier.WITHHELD),
    "nobody said anything": (None, (), True, Barrier.NOT_A_MINOR),
    "not known after all": (MinorFlag.UNKNOWN, (), True, Barrier.NOT_A_MINOR),
    "a stranger": (MinorFlag.EVIDENCED, (), False, Barrier.NO_RELATION),
}  # fmt: skip


@pytest.mark.parametrize(("flag", "asked", "related", "barrier"), CASES.values(), ids=CASES)
def test_what_a_parent_gets(
    flag: MinorFlag | None, asked: tuple[WithholdRequest, ...], related: bool, barrier: Barrier | None
) -> None:
    """An open request stops it, whatever else is known; the latest decision counts."""
    assert to_parent(flag, asked, related=related) is barrier


def test_a_parent_sees_no_more_than_the_child(profile: Profile) -> None:
    """In each state what the law closes to the one it is about stays closed to their parent."""
    for one in profile.classes:
        assert may_see(one, Audience.PARENT) is may_see(one, Audience.SUBJECT)


def test_each_state_watches_for_minors() -> None:
    """The entry of the watch list is there, by which a suggestion tells what to weigh."""
    assert all(profiles.load_profile(name).special_of(MINOR) for name in profiles.names())
