"""What stands for an account follows from its entries, the last of which counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.account import Capacity
from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.domain.marking import RecordStatus, StatusMark
from archiver.domain.register import CONFIGURATION, OFF, ON, Entry, Fact, Standing, needs_reason, standings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = date(2026, 11, 23)
DANA = Actor("Dana Clerk", "dclerk")


def entry(
    fact: Fact, value: str | None = None, *, by: Actor = DANA, day: date = DAY, reason: str | None = None
) -> Entry:
    """One, of the account ``city``."""
    return Entry("city", fact, day, NOW, by, value, reason=reason)


def standing(*entries: Entry) -> Standing:
    """What stands after these."""
    return standings(entries).get("city", Standing("city"))


def test_of_nothing_nothing_stands() -> None:
    """An account without entries is open, and nobody decided anything about it."""
    empty = standing()
    assert (empty.adopted, empty.closed, empty.capacity, empty.department, empty.refusal) == (None,) * 5
    assert empty.posters == []


@pytest.mark.parametrize(
    ("facts", "is_closed"),
    [
        ([Fact.ADOPTED], False),
        ([Fact.ADOPTED, Fact.CLOSED], True),
        ([Fact.CLOSED], True),
        ([Fact.ADOPTED, Fact.CLOSED, Fact.CAPACITY], True),
        ([Fact.ADOPTED, Fact.CLOSED, Fact.ADOPTED], False),
        ([Fact.ADOPTED, Fact.CLOSED, Fact.ADOPTED, Fact.CLOSED], True),
    ],
)
def test_closed_until_adopted_again(facts: list[Fact], is_closed: bool) -> None:
    """Nothing but another adoption opens an account again."""
    values = {Fact.CAPACITY: "mixed"}
    now = standing(*(entry(fact, values.get(fact)) for fact in facts))
    assert (now.closed is not None) is is_closed
    assert (now.refusal is not None) is is_closed


def test_who_may_post() -> None:
    """From the day on that was entered last; a name is the same name in other capitals."""
    later = DAY + timedelta(days=1)
    now = standing(
        entry(Fact.POSTS, "Bo Writer"), entry(Fact.POSTS, "Al Editor"), entry(Fact.POSTS_NO_MORE, "bo  writer"),
        entry(Fact.POSTS, "AL EDITOR", day=later),
    )  # fmt: skip
    assert [(one.value, one.day) for one in now.posters] == [("AL EDITOR", later)]
    assert now.may_post("al editor")
    assert not now.may_post("Bo Writer")


@pytest.mark.parametrize(
    ("entries", "refused"),
    [
        ([entry(Fact.COLLECTION, OFF, reason="counsel asks for it.")], True),
        ([entry(Fact.COLLECTION, OFF), entry(Fact.COLLECTION, ON)], False),
        ([entry(Fact.COLLECTION, OFF, by=CONFIGURATION)], False),
        ([entry(Fact.COLLECTION, OFF), entry(Fact.COLLECTION, ON, by=CONFIGURATION)], True),
    ],
    ids=["off", "off and on", "paused in config.toml", "off, whatever config.toml says"],
)
def test_a_collection_that_was_turned_off(entries: list[Entry], refused: bool) -> None:
    """A person's word stands until a person takes it back; ``paused`` is the configuration's own."""
    said = standing(*entries).refusal
    assert (said is not None) is refused
    if said and entries[0].reason:
        assert said == "Dana Clerk turned its collection off on 2026-11-23 (counsel asks for it)."


@given(st.lists(st.sampled_from(list(Capacity)), min_size=1))
def test_the_capacity_entered_last_counts(entered: list[Capacity]) -> None:
    """Whatever stood before it; all of it stays readable."""
    now = standing(*(entry(Fact.CAPACITY, str(one)) for one in entered))
    assert now.capacity is entered[-1]
    assert [one.value for one in now.entries] == entered


def test_accounts_are_kept_apart() -> None:
    """An entry of one account says nothing of another."""
    other = Entry("parks", Fact.CLOSED, DAY, NOW, DANA)
    found = standings([entry(Fact.OPENED), other])
    assert (found["city"].closed, found["parks"].closed) == (None, other)
    assert (found["city"].opened, found["parks"].opened) == (DAY, None)


@pytest.mark.parametrize(
    ("capacity", "needed"), [("official", False), ("mixed", False), ("personal", True), ("campaign", True)]
)
def test_what_only_a_named_officer_lets_in(capacity: str, needed: bool) -> None:
    """Collecting a personal or a campaign account makes it government data (R1)."""
    assert needs_reason(Capacity(capacity)) is needed


@pytest.mark.parametrize("status", list(RecordStatus))
@pytest.mark.parametrize("target", [None, "https://example.gov/news/1"])
def test_a_copy_is_a_copy_of_something(status: RecordStatus, target: str | None) -> None:
    """A copy without a target is rejected, and so is a target of anything else (R2)."""
    if (status is RecordStatus.COPY) is (target is not None):
        assert StatusMark(Key("x:1"), status, NOW, DANA, "why", target).target == target
    else:
        with pytest.raises(ValueError, match="copy"):
            StatusMark(Key("x:1"), status, NOW, DANA, "why", target)


def test_what_nobody_decided_is_kept_as_a_record() -> None:
    """Only what somebody called transitory or a copy is none (R2)."""
    assert [str(one) for one in RecordStatus if one.counts_as_record] == ["undetermined", "record"]
