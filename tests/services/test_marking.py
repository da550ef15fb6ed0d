"""What people say of single records: it is history, it hides nothing, and it changes no retention in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from archiver.domain.account import Account, Capacity
from archiver.domain.acting import Actor
from archiver.domain.marking import RecordStatus
from archiver.errors import NotFound, UsageError
from archiver.services.marking import kept_under, mark_capacity, set_status
from archiver.services.retention.eligibility import Terms
from archiver.store import accounts, views
from archiver.store.decisions import audit, marks, statuses
from tests.services.house import ACCOUNT, CITY, House, key, sight

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
KEPT = kept_under(Terms(ZoneInfo("America/Chicago")), AT.date())
DANA, LEE = Actor("Dana Clerk", "dclerk"), Actor("Lee Attorney", "lee")


def enter(house: House, account: Account) -> None:
    """Have the register say this of the account."""
    with house.store.begin() as conn:
        accounts.register(conn, [account], house.now)


@pytest.fixture
def mayor(house: House) -> House:
    """A mixed account with two posts."""
    enter(house, replace(ACCOUNT, capacity=Capacity.MIXED))
    house.show(sight("1", CITY), sight("2", CITY))
    return house


def mark(house: House, name: str = "1", capacity: Capacity = Capacity.PERSONAL, **more: object) -> str | None:
    """Mark it; what is said of its retention."""
    facts: dict[str, object] = {"by": DANA, "reason": "a birthday", "at": AT, "confirmed": False, "kept": KEPT}
    return mark_capacity(house.store, name, capacity, **facts | more).kept  # type: ignore[arg-type]


def shown(house: House) -> views.Record | None:
    """All that belongs to the first post."""
    with house.store.read() as conn:
        return views.record(conn, key("1"))


def test_a_mark_keeps_its_history_and_hides_nothing(mayor: House) -> None:
    """The last one counts, those before it stay, and the record is as it was (R48)."""
    before = shown(mayor)
    mark(mayor)
    mark(mayor, capacity=Capacity.OFFICIAL, by=LEE, reason="it announces a meeting")
    with mayor.store.read() as conn:
        told = marks.of_account(conn, "city")
        assert marks.capacity_of(conn, [key("1"), key("2")]) == {key("1"): told[1]}
        acts = [(one.act, one.subject, one.reason, dict(one.details)) for one in audit.rows(conn)]
    assert [(str(one.capacity), one.by, one.reason) for one in told] == [
        ("personal", DANA, "a birthday"), ("official", LEE, "it announces a meeting"),
    ]  # fmt: skip
    assert acts == [
        ("account mark", "mastodon:1", "a birthday", {"capacity": "personal", "before": None}),
        ("account mark", "mastodon:1", "it announces a meeting", {"capacity": "official", "before": "personal"}),
    ]
    assert shown(mayor) == before


def test_a_mark_asks_where_a_series_is_assigned(mayor: House) -> None:
    """It says what the mark leaves as it is, and enters nothing before that is confirmed."""
    enter(mayor, replace(ACCOUNT, capacity=Capacity.MIXED, series="EX-101"))
    with pytest.raises(UsageError, match=r"under the series EX-101 and no day.*changes nothing of that.*--confirm"):
        mark(mayor)
    assert mayor.rows("SELECT count(*) FROM capacity_marks") == [(0,)]
    assert mark(mayor, confirmed=True) == "It is kept under the series EX-101 and no day is known on which that ends."
    assert mayor.rows("SELECT count(*) FROM capacity_marks") == [(1,)]


def test_what_is_asked_about_retention_is_the_record(mayor: House) -> None:
    """By its key; where no series is assigned nothing needs to be confirmed."""
    assert mark(mayor) is None
    with pytest.raises(UsageError, match="mastodon:2 until 2030"):
        mark(mayor, "2", kept=lambda _conn, record: f"{record} until 2030.")


@pytest.mark.parametrize(
    ("capacity", "reason", "sentence"),
    [
        (Capacity.MIXED, "", "Why is 1 personal?"),
        (Capacity.OFFICIAL, "why", "city is official; posts of mixed accounts alone are marked"),
        (Capacity.PERSONAL, "why", "city is personal; posts of mixed accounts alone are marked"),
    ],
)
def test_marks_that_make_no_sense(mayor: House, capacity: Capacity, reason: str, sentence: str) -> None:
    """A mark without a reason, and one on an account that is one thing only."""
    enter(mayor, replace(ACCOUNT, capacity=capacity))
    with pytest.raises(UsageError) as refused:
        mark(mayor, reason=reason)
    assert sentence in str(refused.value)
    assert mayor.rows("SELECT count(*) FROM capacity_marks") == [(0,)]


def test_the_same_mark_again_is_none(mayor: House) -> None:
    """Nothing is new, so nothing is entered."""
    mark(mayor)
    with pytest.raises(UsageError, match="marked as personal already, by Dana Clerk"):
        mark(mayor, by=LEE)


def test_a_status_is_an_event(mayor: House) -> None:
    """Who, when, why and what it was before; a copy names its record copy by key (R2)."""
    say(mayor, ["1", "2"], RecordStatus.TRANSITORY)
    say(mayor, ["2"], RecordStatus.COPY, target="1")
    with mayor.store.read() as conn:
        now = statuses.status_of(conn, [key("1"), key("2")])
        acts = [(one.act, one.subject, dict(one.details)) for one in audit.rows(conn)]
    assert {one.record: (str(one.status), one.target) for one in now.values()} == {
        "mastodon:1": ("transitory", None), "mastodon:2": ("copy", "mastodon:1"),
    }  # fmt: skip
    assert acts == [
        ("record status", "mastodon:1", {"status": "transitory", "before": "undetermined"}),
        ("record status", "mastodon:2", {"status": "transitory", "before": "undetermined"}),
        ("record status", "mastodon:2", {"status": "copy", "before": "transitory", "target": "mastodon:1"}),
    ]


def say(
    house: House, names: list[str], status: RecordStatus, reason: str = "a thank you", target: str | None = None
) -> None:
    """Say that."""
    set_status(house.store, names, status, by=DANA, reason=reason, at=AT, target=target)


@pytest.mark.parametrize(
    ("names", "status", "reason", "target", "sentence"),
    [
        (["1"], RecordStatus.COPY, "why", None, "has a record copy"),
        (["1"], RecordStatus.RECORD, "why", "2", "has a record copy"),
        (["1"], RecordStatus.COPY, "why", "1", "1 can't be a copy of itself"),
        (["1"], RecordStatus.RECORD, "", None, "Why is it record?"),
        (["1", "99"], RecordStatus.RECORD, "why", None, "There is no record '99'"),
    ],
)
def test_statuses_that_are_refused(
    mayor: House, names: list[str], status: RecordStatus, reason: str, target: str | None, sentence: str
) -> None:
    """A copy without a target among them; of several records none gets it when one can't."""
    with pytest.raises((UsageError, NotFound)) as refused:
        say(mayor, names, status, reason, target)
    assert sentence in str(refused.value)
    assert mayor.rows("SELECT count(*) FROM record_statuses") == [(0,)]
    assert mayor.rows("SELECT count(*) FROM acts") == [(0,)]
