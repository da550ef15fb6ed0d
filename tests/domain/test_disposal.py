"""Destruction lists: what is approved has one digest, and what is kept for ever can be read again."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.domain.disposal import Certificate, Destroyed, Entry, Kept, Residue, Rewritten, Tombstone, digest_of
from archiver.domain.item import Kind
from archiver.domain.keys import Key

DAY = datetime(2026, 11, 23, 5, tzinfo=UTC)
ENTRY = Entry(
    record=Key("x:1"), account="city-x", kind=Kind.POST, created_at=DAY, schedule="general", edition="2024",
    series="COM-1", series_title="Posts", disposition="destroy", trigger_on=date(2020, 1, 1), due_on=date(2023, 1, 1),
)  # fmt: skip

keys = st.text(min_size=1, max_size=12).map(lambda text: Key(f"x:{text}"))
moments = st.datetimes(timezones=st.just(UTC))
entries = st.builds(Entry, record=keys)
stones = st.builds(
    Tombstone, record=keys, names=st.lists(st.text(), max_size=2).map(tuple), created_at=st.none() | moments,
    moment=moments, first_seen_at=moments, last_seen_at=moments,
)  # fmt: skip
certificates = st.builds(
    Certificate,
    proposed_at=moments, approved_at=moments, run_at=moments,
    destroyed=st.lists(st.builds(Destroyed, entry=entries, stone=stones), max_size=3).map(tuple),
    kept=st.lists(st.builds(Kept), max_size=2).map(tuple),
    residue=st.lists(st.builds(Residue), max_size=2).map(tuple),
    files=st.lists(st.builds(Rewritten), max_size=2).map(tuple),
    exports=st.lists(st.text(), max_size=2).map(tuple),
)  # fmt: skip


@given(certificates)
@settings(max_examples=40)
def test_is_read_again(certificate: Certificate) -> None:
    """The text of a destruction list gives the list back, and the same text again."""
    again = Certificate.parse(certificate.text())
    assert again == certificate
    assert again.text() == certificate.text()


@given(st.lists(entries, unique_by=lambda one: one.record, max_size=5), st.randoms())
@settings(max_examples=40)
def test_digest_is_of_the_list_and_not_of_its_order(some: list[Entry], random: Random) -> None:
    """A list has the same digest in whatever order it was read."""
    mixed = list(some)
    random.shuffle(mixed)
    assert digest_of(mixed) == digest_of(some)


OTHER: dict[str, Any] = {
    "created_at": None,
    "kind": Kind.REPLY,
    "trigger_on": date(2020, 1, 2),
    "due_on": date(2023, 1, 2),
}


@pytest.mark.parametrize("name", [one.name for one in fields(Entry)])
def test_digest_tells_each_change(name: str) -> None:
    """Whatever is changed on a list, its digest is another one."""
    changed = replace(ENTRY, **{name: OTHER.get(name, "another")})
    assert digest_of([changed]) != digest_of([ENTRY])


def test_a_shorter_list_has_another_digest() -> None:
    """Taking a record off a list changes its digest too."""
    assert digest_of([ENTRY, replace(ENTRY, record=Key("x:2"))]) != digest_of([ENTRY])


@pytest.mark.parametrize("text", ["", "archiver seal v1\nfile a\n", "hello\n"])
def test_refuses_other_texts(text: str) -> None:
    """A text of another kind is no destruction list."""
    with pytest.raises(ValueError, match="no destruction list"):
        Certificate.parse(text)


def test_totals_are_by_series() -> None:
    """Each series has its count and its span of days."""
    stone = Tombstone(Key("x:1"), (), "city-x", Kind.POST, None, "x:1", None, DAY, DAY, DAY, DAY)
    later = replace(stone, record=Key("x:2"), moment=datetime(2026, 12, 1, tzinfo=UTC))
    other = replace(ENTRY, series="COM-2")
    certificate = Certificate(
        "D-2026-001", "City", "0" * 64, "Ann", DAY, "Bob", DAY, "Bob", DAY,
        (Destroyed(ENTRY, stone, 1), Destroyed(ENTRY, later, 1), Destroyed(other, stone, 1, not_public=True)),
    )  # fmt: skip
    first, second = certificate.totals
    assert (first.series, first.records, first.from_on, first.until_on) == (
        "COM-1", 2, date(2026, 11, 23), date(2026, 12, 1),
    )  # fmt: skip
    assert (second.series, second.records) == ("COM-2", 1)
    assert certificate.not_public
