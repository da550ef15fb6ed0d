"""What `check` says of a token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archiver.domain.access import NEVER, AccessSeen, Lacking
from archiver.services.checkup import Level, check_terms, told_of

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (None, "when it ends was not told"),
        (NEVER, "it has no end"),
        (NOW + timedelta(days=60), "it ends on 2027-01-21"),
    ],
)
def test_when_a_token_ends(ends: datetime | None, said: str) -> None:
    """A day, never, or nothing told: each in words."""
    (told,) = told_of("city", AccessSeen("user", valid=True, expires_at=ends), NOW)
    assert (told.level, told.sentence) == (Level.OK, f"Its token is one of the kind 'user'; {said}.")


def test_access_to_data_ends() -> None:
    """It is not the token that ends; once it is over that is a fault of the account, and nothing about it is well."""
    seen = AccessSeen("user", valid=True, expires_at=NEVER, data_access_expires_at=NOW + timedelta(days=60))
    (told,) = told_of("city", seen, NOW)
    assert told.sentence == "Its token is one of the kind 'user'; its access to data ends on 2027-01-21."
    (told,) = told_of("city", seen, NOW + timedelta(days=60))
    assert (told.level, "access to data has ended on 2027-01-21" in told.sentence) == (Level.ACCOUNT, True)
    assert "Log in again" in told.advice
    assert "system user" in told.advice


def test_what_is_wrong_with_a_token() -> None:
    """Dead, near its end, or without a scope: what to do stands beside it."""
    (dead,) = told_of("city", AccessSeen("user", valid=False, detail="Session has expired."), NOW)
    assert dead.level is Level.ACCOUNT
    assert "Session has expired." in dead.sentence
    lacking = (Lacking("pages_read_user_content", "comments of residents"),)
    ends = NOW + timedelta(days=5)
    told = list(told_of("city", AccessSeen("page", valid=True, expires_at=ends, lacking=lacking), NOW))
    assert [one.level for one in told] == [Level.OK, Level.WARNING, Level.WARNING]
    assert "comments of residents" in told[-1].sentence
    assert all("archiver account connect city" in one.advice for one in told[1:])


def test_a_conflict_of_terms_and_law_is_told_until_the_city_has_decided() -> None:
    """R11: the words are dated, the decision is shown with who made it; other platforms have no such line."""
    (open_,) = check_terms(["bluesky", "x"], {})
    assert (open_.what, open_.level) == ("x terms", Level.WARNING)
    assert "within 24 hours" in open_.sentence
    assert "(read on 2026-08-22)" in open_.sentence
    assert "docs/platforms/x.md" in open_.advice
    (decided,) = check_terms(["x"], {"x": "kept (council, 2026-11-02)"})
    assert (decided.level, decided.sentence) == (Level.OK, "The city decided: kept (council, 2026-11-02).")
