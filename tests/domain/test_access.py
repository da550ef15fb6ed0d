"""What is known of a credential: when it ends, when a person hears of it, when it is renewed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.access import (
    NEVER,
    WARN_AHEAD,
    AccessSeen,
    Lacking,
    data_ended,
    days_left,
    ending,
    in_use,
    remedy,
    renewal_due,
)

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def seen(**facts: object) -> AccessSeen:
    """What was told of a user's token that is alive."""
    return AccessSeen("user", valid=True, **facts)  # type: ignore[arg-type]


ENDS = {
    "nothing is known": (None, None, None),
    "no end was told": (seen(), None, None),
    "it has no end": (seen(expires_at=NEVER, data_access_expires_at=NEVER), None, None),
    "far": (seen(expires_at=NOW + 60 * DAY), 60, None),
    "a minute too early": (seen(expires_at=NOW + WARN_AHEAD + timedelta(minutes=1)), 21, None),
    "three weeks": (seen(expires_at=NOW + WARN_AHEAD), 21, "The token ends in 21 days, on 2026-12-13."),
    "a day": (seen(expires_at=NOW + DAY), 1, "The token ends in 1 day, on 2026-11-23."),
    "hours": (seen(expires_at=NOW + HOUR), 0, "The token ends within a day."),
    "over": (seen(expires_at=NOW - HOUR), 0, "The token has ended on 2026-11-22."),
    "its access to data": (
        seen(expires_at=NEVER, data_access_expires_at=NOW + 5 * DAY), 5,
        "The token's access to data ends in 5 days, on 2026-11-27.",
    ),
    "its access to data is over": (
        seen(expires_at=NEVER, data_access_expires_at=NOW), 0,
        "The token's access to data has ended on 2026-11-22; lists may come back empty without an error.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ENDS)
def test_the_end(case: str) -> None:
    """How many days are left, and what a person is told of it."""
    access, left, sentence = ENDS[case]
    assert (days_left(access, NOW), ending(access, NOW)) == (left, sentence)


@pytest.mark.parametrize(
    ("access", "over"),
    [
        (None, False),
        (seen(), False),
        (seen(expires_at=NOW - HOUR), False),
        (seen(data_access_expires_at=NEVER), False),
        (seen(data_access_expires_at=NOW + HOUR), False),
        (seen(data_access_expires_at=NOW), True),
        (AccessSeen("user", valid=False, data_access_expires_at=NOW), False),
    ],
)
def test_the_end_of_access_to_data(access: AccessSeen | None, over: bool) -> None:
    """It is a trouble of a token that is alive; a person logs in again or takes a system user's."""
    assert (data_ended(access, NOW) is not None) is over
    assert ("system user" in remedy("city", access, NOW)) is over
    assert "`archiver account connect city`" in remedy("city", access, NOW)


RENEWALS = {
    "nothing is known: the platform says if it is too young": (None, True),
    "its age is not known": (seen(expires_at=NOW + 60 * DAY), True),
    "a day old": (seen(issued_at=NOW - DAY), False),
    "a week old": (seen(issued_at=NOW - 7 * DAY, expires_at=NOW + 53 * DAY), True),
    "without an end": (seen(issued_at=NOW - 70 * DAY, expires_at=NEVER), False),
    "over": (seen(issued_at=NOW - 70 * DAY, expires_at=NOW - HOUR), False),
    "of a clock that ran ahead": (seen(issued_at=NOW + DAY), False),
}


@pytest.mark.parametrize("case", RENEWALS)
def test_renewals(case: str) -> None:
    """Weekly, never a dead one, and never one that has no end."""
    access, due = RENEWALS[case]
    assert renewal_due(access, NOW) is due


def test_a_renewal_is_never_asked_for_too_early() -> None:
    """However often it is wanted, the platform's own limit holds."""
    young = seen(issued_at=NOW - HOUR)
    assert not renewal_due(young, NOW, every=timedelta(minutes=1))
    assert renewal_due(young, NOW, every=timedelta(minutes=1), not_before=HOUR)


moments = st.none() | st.integers(0, 700).map(lambda days: NOW + days * DAY)
told = st.builds(
    AccessSeen, st.sampled_from(["user", "page"]), st.booleans(), moments, moments, moments,
    st.none() | st.frozensets(st.sampled_from(["a", "b"])),
    st.none() | st.just((Lacking("c", "d"),)), st.sampled_from(["", "why"]),
)  # fmt: skip


@given(told, told, told)
def test_what_is_left_open_stays_as_it_was_known(one: AccessSeen, two: AccessSeen, three: AccessSeen) -> None:
    """An answer decides what it tells, takes nothing else away, and the order of taking over does not matter."""
    assert one.over(None) == one.over(one) == one
    assert one.over(two).over(three) == one.over(two.over(three))
    assert (one.over(two).valid, one.over(two).detail) == (one.valid, one.detail)
    assert one.over(two).expires_at == (one.expires_at or two.expires_at)


@pytest.mark.parametrize(
    ("changed_at", "used"),
    [(None, True), (NOW - DAY, True), (NOW, True), (NOW + timedelta(seconds=0.5), True), (NOW + HOUR, False)],
)
def test_whether_it_is_the_one_in_use(changed_at: datetime | None, used: bool) -> None:
    """A file that was put there after the look holds another one; one of the look itself does not."""
    assert in_use(NOW, changed_at) is used
