"""The coverage ledger."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.coverage import (
    WHY,
    WHY_NO_ANSWER,
    CoverageState,
    Span,
    Track,
    coverage_until,
    extend,
    gaps,
    not_offered,
    noted,
    open_gap,
)
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Meaning, NotOffered, Shortfall

DAY_0 = datetime(2026, 11, 1, tzinfo=UTC)
C, G, N = CoverageState.COMPLETE, CoverageState.GAP, CoverageState.NOT_OFFERED


def day(n: int | None) -> datetime | None:
    """Midnight of a November day; None is the beginning of time."""
    return None if n is None else DAY_0 + timedelta(days=n)


def moment(n: int) -> datetime:
    """The same, where there must be one."""
    return DAY_0 + timedelta(days=n)


def covered(track: Track, start: int | None, end: int) -> Track:
    """All was listed from one day to another, and said so at its end."""
    return extend(track, Covered("posts", day(start), moment(end)), at=moment(end))


def failed(track: Track, start: int | None, end: int, reason: str = "outage") -> Track:
    """Nothing was captured from one day to another, and said so at its end."""
    return open_gap(track, Shortfall("posts", day(start), moment(end), reason), at=moment(end))


def refused(track: Track, at: int, reason: str = "not for outsiders") -> Track:
    """The platform said that it does not give this."""
    return not_offered(track, NotOffered("posts", reason), at=moment(at))


def told(track: Track) -> list[tuple[object, ...]]:
    """A track in short: days, state, reason."""

    def number(at: datetime | None) -> int | None:
        return None if at is None else (at - DAY_0).days

    return [(number(s.from_at), number(s.until_at), s.state, s.reason) for s in track]


Story = Callable[[Track], Track]
STORIES: dict[str, tuple[Story, list[tuple[object, ...]]]] = {
    "one listing is one span": (lambda t: covered(t, 1, 3), [(1, 3, C, None)]),
    "a listing that adjoins extends it": (lambda t: covered(covered(t, 1, 3), 3, 5), [(1, 5, C, None)]),
    "a listing that overlaps extends it": (lambda t: covered(covered(t, 1, 4), 2, 5), [(1, 5, C, None)]),
    "a listing of everything swallows all": (lambda t: covered(covered(t, 2, 4), None, 6), [(None, 6, C, None)]),
    "a past that was not asked for is neither complete nor a gap": (
        lambda t: covered(covered(t, 1, 2), 5, 6), [(1, 2, C, None), (5, 6, C, None)],
    ),
    "a listing of no time changes nothing": (lambda t: covered(covered(t, 1, 2), 2, 2), [(1, 2, C, None)]),
    "an outage is a gap from the last complete moment on": (
        lambda t: failed(covered(t, None, 3), 3, 4), [(None, 3, C, None), (3, 4, G, "outage")],
    ),
    "failures in a row extend one gap": (
        lambda t: failed(failed(failed(t, 3, 4), 3, 5), 3, 6), [(3, 6, G, "outage")],
    ),
    "an outage that turns into a dead token is one gap with both reasons": (
        lambda t: failed(failed(t, 3, 4), 3, 5, "token"), [(3, 5, G, "outage; then token")],
    ),
    "an outage that flickers keeps each reason once": (
        lambda t: failed(failed(failed(failed(t, 3, 4), 3, 5, "dns"), 3, 6), 3, 7, "dns"),
        [(3, 7, G, "outage; then dns")],
    ),
    "a gap that is captured later keeps its row and says why it was late": (
        lambda t: covered(failed(covered(t, None, 3), 3, 6), 3, 7),
        [(None, 3, C, None), (3, 6, C, "captured late: outage"), (6, 7, C, None)],
    ),
    "capture goes on after a closed gap in a span of its own": (
        lambda t: covered(covered(failed(covered(t, 1, 3), 3, 6), 3, 7), 7, 9),
        [(1, 3, C, None), (3, 6, C, "captured late: outage"), (6, 9, C, None)],
    ),
    "a gap that is half captured stays open in its other half": (
        lambda t: covered(failed(t, 1, 5), 3, 5), [(1, 3, G, "outage"), (3, 5, C, "captured late: outage")],
    ),
    "a gap that is closed from both ends is one late span": (
        lambda t: covered(covered(failed(t, 1, 5), 3, 5), 1, 3), [(1, 5, C, "captured late: outage")],
    ),
    "a failure does not undo what was captured": (
        lambda t: failed(covered(t, 1, 5), None, 7), [(None, 1, G, "outage"), (1, 5, C, None), (5, 7, G, "outage")],
    ),
    "two outages with capture between them are two gaps": (
        lambda t: failed(covered(failed(t, 1, 2), 2, 4), 4, 5),
        [(1, 2, G, "outage"), (2, 4, C, None), (4, 5, G, "outage")],
    ),
    "what the platform never gives is no gap": (lambda t: refused(t, 3), [(None, 3, N, "not for outsiders")]),
    "said again it is still one span": (lambda t: refused(refused(t, 3), 5, "no more"), [(None, 5, N, "no more")]),
    "an outage before the first refusal was no gap either": (
        lambda t: refused(failed(t, None, 2), 3), [(None, 3, N, "not for outsiders")],
    ),
    "a refusal of older posts does not hide a gap in what is captured": (
        lambda t: refused(failed(covered(t, 4, 6), 6, 7), 8),
        [(None, 4, N, "not for outsiders"), (4, 6, C, None), (6, 7, G, "outage"), (7, 8, N, "not for outsiders")],
    ),
    "an outage where nothing is offered stays not offered": (
        lambda t: failed(refused(t, 3), None, 4), [(None, 3, N, "not for outsiders"), (3, 4, G, "outage")],
    ),
    "what is offered at last is complete": (lambda t: covered(refused(t, 3), None, 4), [(None, 4, C, None)]),
}  # fmt: skip


@pytest.mark.parametrize(("story", "spans"), STORIES.values(), ids=STORIES)
def test_findings_are_laid_over_the_track(story: Story, spans: list[tuple[object, ...]]) -> None:
    """A table of stories in days of November."""
    assert told(story(())) == spans


def test_a_gap_remembers_when_it_was_noticed_and_when_it_closed() -> None:
    """Noticed at the first failure, closed when its last part was captured."""
    track = covered(covered(failed(failed((), 1, 3), 1, 5), 1, 2), 2, 5)
    assert [(s.opened_at, s.closed_at, s.late) for s in track] == [(day(3), day(5), True)]


def test_a_remark_stays_on_the_newest_complete_span_until_it_is_taken_back() -> None:
    """A total that does not add up is no gap; the next listing keeps the remark, the next total may end it."""
    track = noted(covered(failed((), 1, 2), 2, 4), "12 stated, 11 listed")
    assert told(covered(track, 4, 5))[-1] == (2, 5, C, "12 stated, 11 listed")
    assert told(noted(track, None))[-1] == (2, 4, C, None)
    assert noted((), "nothing to remark on") == ()


def test_a_reason_never_grows_without_bound() -> None:
    """Whatever a failing server says, a gap names the first three reasons and the newest."""
    track: Track = ()
    for n in range(2, 30):
        track = failed(track, 1, n, f"fault {n}")
    assert told(track) == [(1, 29, G, "fault 2; then fault 3; then fault 4; then fault 29")]


def test_another_track_is_refused() -> None:
    """Spans of two streams, or of two threads, are never laid over each other."""
    for stranger in (Span("quotes", None, None, moment(1), C), Span("posts", Key("x:1"), None, moment(1), C)):
        with pytest.raises(ValueError, match="another track"):
            covered((stranger,), 1, 2)


def test_coverage_reaches_to_the_track_that_lags_most() -> None:
    """Gaps count as nothing, what is not offered does not count."""

    def track(stream: str, until: int, state: CoverageState = C) -> Span:
        return Span(stream, None, None, moment(until), state)

    assert coverage_until([]) is None
    assert coverage_until([track("posts", 5), track("mentions", 3), track("quotes", 9, N)]) == day(3)
    assert coverage_until([track("posts", 5), track("posts", 7, G)]) == day(5)
    assert coverage_until([track("posts", 5), track("mentions", 7, G)]) is None
    assert gaps([track("posts", 5), track("posts", 7, G)]) == [track("posts", 7, G)]


def test_each_way_to_fail_has_a_reason_in_plain_words() -> None:
    """None for an answer that can be read; one for all others, and for each way to get no answer."""
    assert set(WHY) == set(Meaning) - {Meaning.PROCEED}
    assert set(WHY_NO_ANSWER) == {"dns", "connect", "tls", "timeout", "disconnect", "refused", "protocol"}


FINDINGS = st.lists(
    st.tuples(
        st.sampled_from(["covered", "failed", "refused"]),
        st.none() | st.integers(0, 12),
        st.integers(0, 12),
        st.sampled_from(["outage", "token", "limit"]),
    ),
    max_size=12,
)


def tell(track: Track, finding: tuple[str, int | None, int, str]) -> Track:
    """Lay one made-up finding over a track."""
    what, start, end, reason = finding
    if what == "covered":
        return covered(track, start, end)
    return failed(track, start, end, reason) if what == "failed" else refused(track, end, reason)


def states(track: Track) -> dict[int, CoverageState]:
    """The state of each day; -1 stands for the time before the first."""
    days = range(-1, 13)
    return {
        n: span.state
        for n in days
        for span in track
        if (span.from_at is None or span.from_at <= moment(n)) and moment(n) < span.until_at
    }


@given(FINDINGS)
def test_spans_of_a_track_never_overlap(findings: list[tuple[str, int | None, int, str]]) -> None:
    """In order, each longer than nothing, and no two neighbours that could be one."""
    track: Track = ()
    for finding in findings:
        track = tell(track, finding)
        for one, two in itertools.pairwise(track):
            assert two.from_at is not None
            assert one.until_at <= two.from_at
            same = (one.state, one.reason, one.opened_at) == (two.state, two.reason, two.opened_at)
            assert not (one.until_at == two.from_at and same)
        for span in track:
            assert span.from_at is None or span.from_at < span.until_at
            assert (span.state is G) == (span.opened_at is not None and span.closed_at is None)


@given(FINDINGS)
def test_complete_time_never_shrinks(findings: list[tuple[str, int | None, int, str]]) -> None:
    """Whatever comes later, what was captured was captured; and nothing known becomes unknown."""
    track: Track = ()
    for finding in findings:
        before, track = states(track), tell(track, finding)
        after = states(track)
        assert before.keys() <= after.keys()
        assert all(after[n] is C for n, state in before.items() if state is C)


@given(FINDINGS, st.integers(0, 13))
def test_the_same_finding_twice_is_one(findings: list[tuple[str, int | None, int, str]], n: int) -> None:
    """Saying it again at the same moment changes nothing."""
    track: Track = ()
    for finding in findings:
        track = tell(track, finding)
    finding = ("covered", None, n, "")
    once = tell(track, finding)
    assert tell(once, finding) == once


@given(FINDINGS)
def test_a_listing_of_everything_leaves_no_gap(findings: list[tuple[str, int | None, int, str]]) -> None:
    """And each gap that there was is still a row, complete and with its reason."""
    track: Track = ()
    for finding in findings:
        track = tell(track, finding)
    whole = covered(track, None, 13)
    assert not gaps(whole)
    assert {f"captured late: {gap.reason}" for gap in gaps(track)} <= {s.reason for s in whole if s.late}
