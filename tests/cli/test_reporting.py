"""What `status` and `check` say of an account, sentence by sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from archiver.cli.reporting import sentences
from archiver.cli.setup import marked
from archiver.domain.access import AccessSeen
from archiver.domain.coverage import CoverageState, Span
from archiver.domain.keys import Key
from archiver.services.alerts import troubles
from archiver.services.checkup import Checked, Level
from archiver.services.health import AccountHealth, AccountState

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONE = ZoneInfo("UTC")
LIMIT = "the platform's limit on calls was reached"
WELL = AccountHealth("city", "facebook", "city", AccountState.OK, NOW, None, None, 3, NOW, (), None, 3, 0)


def silent(thread: int, count: int, days: int | None = 2) -> Span:
    """A thread that so many comments are missing of, for so many days or from the beginning."""
    begin = None if days is None else NOW - days * DAY
    reason = f"city: Facebook counts {count} comments here and lists none."
    return Span("comments", Key(f"facebook:1_{thread}"), begin, NOW - HOUR, CoverageState.GAP, reason)


def gap(reason: str) -> Span:
    """A gap of the posts that is open for two days."""
    return Span("posts", None, NOW - 2 * DAY, NOW - DAY, CoverageState.GAP, reason, opened_at=NOW - 2 * DAY)


WORDS = {
    "nothing": (WELL, []),
    "an error": (
        replace(WELL, last_error=f"city: {LIMIT}.", advice="Wait."), [f"{LIMIT}.", "Wait."],
    ),
    "an error without the name": (replace(WELL, last_error="It was not collected yet."), ["It was not collected yet."]),
    "a gap for two reasons": (
        replace(WELL, open_gaps=(gap(f"city: {LIMIT}; then city: the city: no answer."),)),
        [f"gap in posts from 2026-11-20 15:00 until 2026-11-21 15:00: {LIMIT}; then the city: no answer."],
    ),
    "access to data that is over, as the last round said": (
        replace(
            WELL, access=AccessSeen("user", valid=True, data_access_expires_at=NOW), advice="Log in again.",
            last_error="city: The token's access to data has ended on 2026-11-22; lists may come back empty without an error.",
        ),
        ["The token's access to data has ended on 2026-11-22; lists may come back empty without an error. Log in again."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WORDS)
def test_nothing_is_said_twice(case: str) -> None:
    """A line begins with the account's name; what follows does not begin with it again, nor say one thing twice."""
    one, said = WORDS[case]
    assert " ".join(sentences(one, NOW, ZONE)) == " ".join(said)


SILENT = "Facebook counts {} comments here and lists none."
UNTIL, AND = "until 2026-11-22 14:00", "and 2026-11-22 14:00"
GAPS = {
    "one thread": ((silent(1, 3),), [f"gap in comments from 2026-11-20 15:00 {UNTIL}: {SILENT.format(3)}"]),
    "threads that miss as much": (
        (silent(1, 3, 5), silent(2, 3)), [f"gaps in comments of 2 threads between 2026-11-17 15:00 {AND}: {SILENT.format(3)}"],
    ),
    "many threads, each with a number of its own": (
        tuple(silent(number, number) for number in range(1, 501)),
        [f"gaps in comments of 500 threads between 2026-11-20 15:00 {AND}: for instance: {SILENT.format(1)}"],
    ),
    "from the beginning": (
        (silent(1, 3), silent(2, 3, None)), [f"gaps in comments of 2 threads between - {AND}: {SILENT.format(3)}"],
    ),
    "two gaps of one thread": (
        (silent(1, 3, 9), silent(1, 3)),
        [f"gap in comments from 2026-11-{day} 15:00 {UNTIL}: {SILENT.format(3)}" for day in (13, 20)],
    ),
    "other reasons, other streams and whole streams stay apart": (
        (gap("no answer"), silent(1, 3), replace(silent(2, 3), reason="no answer"), replace(silent(3, 3), stream="edits"),
         replace(silent(4, 3), scope=None)),
        ["gap in posts from 2026-11-20 15:00 until 2026-11-21 15:00: no answer.",
         f"gap in comments from 2026-11-20 15:00 {UNTIL}: {SILENT.format(3)}",
         f"gap in comments from 2026-11-20 15:00 {UNTIL}: no answer.",
         f"gap in edits from 2026-11-20 15:00 {UNTIL}: {SILENT.format(3)}",
         f"gap in comments from 2026-11-20 15:00 {UNTIL}: {SILENT.format(3)}"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GAPS)
def test_threads_that_are_silent_alike_are_one_line(case: str) -> None:
    """Each reason once, with the number of threads, from the first beginning to the last end."""
    gaps, said = GAPS[case]
    assert list(sentences(replace(WELL, open_gaps=gaps), NOW, ZONE)) == said


def test_alerts_and_check_say_the_name_once() -> None:
    """They put it before what they say, too."""
    lost = replace(WELL, attention_since=NOW, last_error=f"city: {LIMIT}.")
    torn = replace(WELL, open_gaps=(gap(f"city: {LIMIT}"),))
    assert [one.what for one in troubles([lost, torn], 10**12, NOW)] == [f"{LIMIT}.", f"The posts have a gap: {LIMIT}."]
    assert marked(Checked("city", Level.ACCOUNT, f"city: {LIMIT}.", "Wait.")) == f"FAULT   city: {LIMIT}. Wait."
