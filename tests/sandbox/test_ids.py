"""Names of things."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from archiver.sandbox.ids import did_plc, iso_ms, micros_of, snowflake, tid, ulid

MOMENTS = st.integers(1_200_000_000_000, 2_200_000_000_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))


def test_a_known_tid() -> None:
    """The vector of the fact sheet: 2026-11-22T15:53:43.656Z, clock 29."""
    assert tid(1_795_362_823_656_000, 29) == "3n2vxxplom22x"


@given(MOMENTS, MOMENTS)
def test_ids_sort_by_time(one: datetime, other: datetime) -> None:
    """Whatever is younger by a millisecond sorts after, on each platform."""
    early, late = sorted((one, other))
    if late - early < timedelta(milliseconds=1):
        return
    assert tid(micros_of(early), 9) < tid(micros_of(late), 9)
    assert int(snowflake(early, 9)) < int(snowflake(late, 9))
    assert ulid(early, 9) < ulid(late, 9)
    assert iso_ms(early) <= iso_ms(late)


def test_a_did_comes_from_its_seed() -> None:
    """24 letters of base32, the same for the same seed."""
    assert did_plc(1, "hall") == did_plc(1, "hall") != did_plc(2, "hall")
    assert len(did_plc(1, "hall")) == len("did:plc:") + 24
