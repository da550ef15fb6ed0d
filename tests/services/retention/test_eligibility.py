"""What is past its time, and why the rest is not: by schedule, event, period and status."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from archiver.config.schedule_file import example_schedule, parse_schedule
from archiver.domain.item import Body, Form, State
from archiver.domain.keys import Key
from archiver.domain.marking import RecordStatus, StatusMark
from archiver.domain.observation import ItemSeen
from archiver.domain.profile import Profile
from archiver.domain.register import Entry, Fact
from archiver.domain.retention import Trigger
from archiver.errors import UsageError
from archiver.services.retention import adopting, applying, assigning
from archiver.services.retention.eligibility import Terms, WhyNot, assess, eligible
from archiver.store.decisions import register, schedules, statuses
from archiver.store.decisions.applications import Approval
from archiver.store.decisions.schedules import Adoption
from archiver.store.selection import Query
from tests.services.house import ANN, CITY, key
from tests.services.retention.shelf import DANA, NOW, TERMS, TODAY, Shelf

CASES = [
    ("created", "3 years", "2020-01-15", "2023-01-15", False),
    ("created", "3 years", "2020-01-15", "2023-01-16", True),
    ("created", "1 year", "2020-02-29", "2021-02-28", False),
    ("created", "1 year", "2020-02-29", "2021-03-01", True),
    ("created", "4 years", "2020-02-29", "2024-02-29", False),
    ("created", "4 years", "2020-02-29", "2024-03-01", True),
    ("received", "1 month", "2023-01-31", "2023-02-28", False),
    ("received", "1 month", "2023-01-31", "2023-03-01", True),
    ("received", "90 days", "2024-01-01", "2024-03-31", False),
    ("received", "90 days", "2024-01-01", "2024-04-01", True),
    ("calendar_year_end", "1 year", "2020-01-15", "2021-12-31", False),
    ("calendar_year_end", "1 year", "2020-01-15", "2022-01-01", True),
    ("fiscal_year_end", "1 year", "2020-07-01", "2022-06-30", False),
    ("fiscal_year_end", "1 year", "2020-07-01", "2022-07-01", True),
    ("created", "permanent", "2020-01-15", "9999-12-31", False),
    ("created", "indefinite", "2020-01-15", "9999-12-31", False),
    ("removed_from_platform", "0 days", "2020-01-15", "9999-12-31", False),
    ("superseded", "0 days", "2020-01-15", "9999-12-31", False),
    ("action_completed", "0 days", "2020-01-15", "9999-12-31", False),
    ("case_closed", "0 days", "2020-01-15", "9999-12-31", False),
    ("account_closed", "0 days", "2020-01-15", "9999-12-31", False),
    ("manual", "0 days", "2020-01-15", "9999-12-31", False),
]
"""Event, period, day of the record, today, and whether it may go."""


def test_a_record_goes_when_its_period_is_over(shelf: Shelf, profile: Profile) -> None:
    """By calendar arithmetic, whatever the state; and never where the event has not happened (R22)."""
    tables = []
    for number, (trigger, period, *_) in enumerate(CASES):
        disposition = "destroy" if period[0].isdigit() else "retain"
        tables.append(f"A-{number}; {trigger}; {period}; {disposition}")
    shelf.schedule(*tables, name=f"{profile.id}-cities")
    terms = Terms(TERMS.zone, fiscal_year_begins=7)
    wrong = []
    for number, (_, _, created, today, goes) in enumerate(CASES):
        one = shelf.record(f"r{number}", created)
        shelf.assign(f"A-{number}", one)
        if shelf.look(f"r{number}", today, terms).eligible is not goes:
            wrong.append(CASES[number])
    assert wrong == []


def test_a_day_is_a_day_of_the_city(shelf: Shelf) -> None:
    """What was written at noon UTC is of the next day on the other side of the world."""
    shelf.schedule("A-1; created; 1 year; destroy")
    shelf.record("a", "2020-01-15")
    shelf.assign("A-1", account="city")
    auckland = shelf.look("a", terms=Terms(ZoneInfo("Pacific/Auckland")))
    assert (auckland.trigger_date, shelf.look("a").trigger_date) == (date(2020, 1, 16), date(2020, 1, 15))


def test_what_the_platform_dates_not_counts_from_its_first_sight(shelf: Shelf) -> None:
    """The city had it then, at the latest."""
    shelf.schedule("A-1; created; 1 year; destroy")
    seen = shelf.house.now
    shelf.house.show(ItemSeen(key("a"), Form.POST, ANN, Body(text="x"), thread=key("a")))
    shelf.assign("A-1", account="city")
    assert shelf.look("a").trigger_date == (seen + timedelta(hours=1)).date()


def test_a_live_post_is_never_past_its_time_under_removal(shelf: Shelf) -> None:
    """It is in use as long as it is to be seen; once it is gone, the day that we saw that counts (R22)."""
    shelf.schedule("A-1; removed_from_platform; 2 years; destroy")
    shelf.record("a")
    shelf.assign("A-1", account="city")
    assert shelf.look("a", "2999-01-01").why_not is WhyNot.NO_TRIGGER_DATE
    shelf.hide("a", "2026-12-01")
    hidden = shelf.look("a", "2028-12-01")
    assert (hidden.trigger_date, hidden.why_not) == (date(2026, 12, 1), WhyNot.NOT_DUE)
    assert shelf.look("a", "2028-12-02").eligible
    shelf.record("a", state=State.LIVE)
    assert shelf.look("a", "2999-01-01").why_not is WhyNot.NO_TRIGGER_DATE
    shelf.hide("a", "2027-06-01")
    assert shelf.look("a", "2999-01-01").trigger_date == date(2027, 6, 1)


def test_of_several_events_each_must_have_happened(shelf: Shelf) -> None:
    """The later of receipt and removal, as a schedule may say."""
    shelf.schedule("A-1; received & removed_from_platform; 2 years; transfer")
    shelf.record("a")
    shelf.assign("A-1", account="city")
    assert shelf.look("a", "2999-01-01").why_not is WhyNot.NO_TRIGGER_DATE
    shelf.hide("a", "2026-12-01")
    assert shelf.look("a", "2028-12-02").eligible


def test_an_account_closes_by_the_register(shelf: Shelf) -> None:
    """The day that a person entered there starts the clock."""
    shelf.schedule("A-1; account_closed; 1 year; destroy")
    shelf.record("a")
    shelf.assign("A-1", account="city")
    with shelf.store.begin() as conn:
        register.add(conn, [Entry("city", Fact.CLOSED, date(2025, 2, 1), NOW, DANA)])
    assert shelf.look("a").trigger_date == date(2025, 2, 1)
    assert shelf.look("a").eligible


def test_a_person_states_the_day_of_an_event(shelf: Shelf) -> None:
    """For a record and its thread; it can be corrected, and taken back."""
    shelf.schedule("A-1; case_closed; 1 year; destroy")
    shelf.record("a")
    shelf.record("b", to="a")
    shelf.assign("A-1", account="city")
    assert shelf.event(Trigger.CASE_CLOSED, "2024-03-01", key("b"), threads=True) == [key("b"), key("a")]
    assert {name: one.due for name, one in shelf.all().items()} == dict.fromkeys("ab", date(2025, 3, 2))
    shelf.event(Trigger.CASE_CLOSED, "2026-03-01", key("a"))
    shelf.event(Trigger.CASE_CLOSED, None, key("b"))
    assert shelf.look("a").why_not is WhyNot.NOT_DUE
    assert shelf.look("b").why_not is WhyNot.NO_TRIGGER_DATE


@pytest.mark.parametrize(
    ("trigger", "day", "said"),
    [(Trigger.CREATED, "2020-01-01", "is read from the records"), (Trigger.CASE_CLOSED, "2026-11-24", "not come yet")],
)
def test_no_day_is_stated_that_a_person_can_not_know(shelf: Shelf, trigger: Trigger, day: str, said: str) -> None:
    """What the capture tells stays as captured, and the future is not stated."""
    shelf.record("a")
    with pytest.raises(UsageError, match=said):
        shelf.event(trigger, day, key("a"))


def test_without_an_adopted_schedule_nothing_goes(shelf: Shelf) -> None:
    """Neither before the adoption, nor outside the adopted section, nor after the withdrawal (R21)."""
    name = shelf.take_in("A-1; created; 1 year; destroy; Council", "B-1; created; 1 year; destroy; Parks")
    shelf.record("a")
    shelf.assign("A-1", account="city")
    assert shelf.look("a").why_not is WhyNot.NOT_ADOPTED
    shelf.adopt(name, "2022-01-01", ["Parks"])
    assert shelf.look("a").why_not is WhyNot.NOT_ADOPTED
    shelf.adopt(name, "2023-01-01", ["Council"])
    assert shelf.look("a", "2022-12-31").why_not is WhyNot.NOT_ADOPTED
    assert shelf.look("a", "2023-01-01").eligible
    adopting.withdraw(shelf.store, name, date(2025, 5, 1), "replaced", DANA, NOW)
    assert shelf.look("a", "2025-04-30").eligible
    assert shelf.look("a", "2025-05-01").why_not is WhyNot.NOT_ADOPTED


def test_an_example_disposes_of_nothing(shelf: Shelf, profile: Profile) -> None:
    """The packaged ones can be imported and assigned; adopting them is refused."""
    edition = parse_schedule(example_schedule(profile.id), "example")
    adopting.take_in(shelf.store, edition, "ab" * 32, DANA, NOW)
    shelf.record("a", "1990-01-01")
    for one in edition.series:
        shelf.assign(one.code, account="city")
    with pytest.raises(UsageError, match="is an example and can't be adopted"):
        shelf.adopt(edition.name)
    with shelf.store.begin() as conn:  # even if it were written there in some other way
        schedules.add_adoption(conn, Adoption(edition.name, date(2001, 1, 1), "x", DANA, NOW))
    found = shelf.look("a", "2999-01-01")
    assert found.why_not is WhyNot.NOT_ADOPTED
    assert len(found.matches) == len(edition.series)


def test_a_new_edition_changes_nothing_until_it_is_mapped_and_adopted(shelf: Shelf) -> None:
    """In whatever order the two are done (R21)."""
    old = shelf.schedule("A-1; created; 10 years; destroy")
    shelf.record("a")
    shelf.assign("A-1", account="city")
    new = shelf.take_in("A-9; created; 1 year; destroy", edition="2026-01-01")
    assert shelf.look("a").edition == old
    adopting.follow(shelf.store, old, new, {"A-1": "A-9"}, same=False, by=DANA, at=NOW)
    assert shelf.look("a").edition == old
    shelf.adopt(new, "2026-06-01")
    assert (shelf.look("a").edition, shelf.look("a").eligible) == (new, True)
    assert (shelf.look("a", "2026-05-31").edition, shelf.look("a", "2026-05-31").eligible) == (old, False)


def test_the_same_code_in_a_later_edition_waits_for_its_mapping(shelf: Shelf) -> None:
    """The configuration's series is of the edition adopted first, until a person says what follows on it."""
    configured(shelf, "A-1")
    old = shelf.schedule("A-1; created; 10 years; destroy")
    new = shelf.schedule("A-1; created; 1 year; destroy", edition="2026-01-01")
    shelf.record("a")
    assert (shelf.look("a").edition, shelf.look("a").eligible) == (old, False)
    adopting.withdraw(shelf.store, old, date(2026, 6, 1), "replaced", DANA, NOW)
    assert (shelf.look("a").edition, shelf.look("a").why_not) == (old, WhyNot.NOT_ADOPTED)
    adopting.follow(shelf.store, old, new, {}, same=True, by=DANA, at=NOW)
    assert (shelf.look("a").edition, shelf.look("a").eligible) == (new, True)


def configured(shelf: Shelf, code: str) -> None:
    """The configuration gives the account a series."""
    with shelf.store.begin() as conn:
        conn.exec_driver_sql(f"UPDATE accounts SET series = '{code}'")


def test_the_configuration_s_series_is_the_account_s(shelf: Shelf) -> None:
    """What a person says of a part of the account goes before it."""
    shelf.schedule("A-1; created; 1 year; destroy", "A-2; created; 90 years; destroy")
    configured(shelf, "A-1")
    shelf.record("a")
    shelf.record("b", to="a")
    assert shelf.look("a").code == shelf.look("b").code == "A-1"
    shelf.assign("A-2", account="city", kind="comment")
    found = shelf.all()
    assert {name: one.code for name, one in found.items()} == {"a": "A-1", "b": "A-2"} or found["b"].kind != "comment"
    configured(shelf, "Z-9")
    assert shelf.look("a").why_not is WhyNot.NOT_ADOPTED


def test_of_two_series_that_match_the_longer_counts_until_a_person_decides(shelf: Shelf) -> None:
    """Where neither is more specific (R23)."""
    shelf.schedule("A-1; created; 1 year; destroy", "A-2; created; 50 years; destroy")
    shelf.record("a", text="a council hearing")
    shelf.assign("A-1", account="city")
    shelf.assign("A-2", words="hearing")
    found = shelf.look("a")
    assert (found.code, found.why_not, found.in_doubt) == ("A-2", WhyNot.NOT_DUE, True)
    assert shelf.look("a", "2070-01-16").eligible
    shelf.choose("A-1", "A-2")
    found = shelf.look("a")
    assert (found.code, found.eligible, found.in_doubt) == ("A-1", True, False)
    assert len(found.matches) == 2
    shelf.choose("A-2", "A-1")
    assert shelf.look("a").code == "A-2"


def test_what_is_said_of_a_record_itself_goes_before_all(shelf: Shelf) -> None:
    """The last thing said of it, until it is revoked."""
    shelf.schedule("A-1; created; 50 years; destroy", "A-2; created; 1 year; destroy", "A-3; created; 9 years; destroy")
    shelf.record("a", text="a council hearing")
    shelf.record("b")
    shelf.assign("A-1", words="hearing", account="city")
    shelf.assign("A-3", key("a"))
    last = shelf.assign("A-2", key("a"))
    assert shelf.look("a").code == "A-2"
    assert shelf.look("b").why_not is WhyNot.UNSCHEDULED
    assigning.revoke(shelf.store, last, reason="mistaken", by=DANA, at=NOW)
    assert shelf.look("a").code == "A-3"


def test_a_rule_finds_what_comes_later(shelf: Shelf) -> None:
    """A saved filter is asked again each time, for all records and for single ones alike."""
    shelf.schedule("A-1; created; 1 year; destroy")
    shelf.assign("A-1", words="pothole")
    shelf.record("a", text="a pothole on Main St")
    shelf.record("b", text="a fine road")
    assert {name: one.code for name, one in shelf.all().items()} == {"a": "A-1", "b": None}
    assert (shelf.look("a").code, shelf.look("b").code) == ("A-1", None)


def test_a_thread_is_meant_with_what_comes_to_it(shelf: Shelf) -> None:
    """Named by any record in it; against a rule for the account the longer period counts, until a person chooses."""
    shelf.schedule("A-1; created; 1 year; destroy", "A-2; case_closed; 1 year; destroy")
    shelf.record("a")
    shelf.record("b", to="a")
    shelf.record("c")
    shelf.assign("A-1", account="city")
    shelf.assign("A-2", key("b"), threads=True)
    shelf.record("d", to="b")
    assert {name: one.code for name, one in shelf.all().items()} == {"a": "A-2", "b": "A-2", "c": "A-1", "d": "A-2"}
    assert [shelf.look(name).code for name in "abcd"] == ["A-2", "A-2", "A-1", "A-2"]
    shelf.choose("A-1", "A-2")
    assert shelf.look("d").code == "A-1"


def test_what_no_series_matches_goes_only_by_an_approved_application(shelf: Shelf) -> None:
    """And only the records that the application lists (R24)."""
    shelf.record("a", "1999-01-01")
    assert shelf.look("a", "2999-01-01").why_not is WhyNot.UNSCHEDULED
    draft = applying.apply(
        shelf.store, Query(account="city"), "Old posts", by=DANA, at=NOW, at_day=TODAY, terms=TERMS
    ).application
    shelf.record("b", "1999-01-01")
    assert shelf.look("a", "2999-01-01").why_not is WhyNot.UNSCHEDULED
    applying.grant(shelf.store, draft.name, Approval("PR1-26-1", "The panel", date(2026, 10, 1), DANA, NOW))
    found = shelf.all()
    assert (found["a"].eligible, found["a"].application, found["a"].due) == (True, "PR1-26-1", date(2026, 10, 1))
    assert found["b"].why_not is WhyNot.UNSCHEDULED
    assert shelf.look("a", "2026-09-30").why_not is WhyNot.UNSCHEDULED


@pytest.mark.parametrize(
    ("disposition", "why"),
    [
        ("destroy", None),
        ("transfer", None),
        ("transfer_then_destroy", None),
        ("review", WhyNot.TO_BE_REVIEWED),
        ("retain", WhyNot.TO_BE_RETAINED),
    ],
)
def test_what_is_to_be_reviewed_or_retained_does_not_go(shelf: Shelf, disposition: str, why: WhyNot | None) -> None:
    """A person decides on the one, nothing ends the other (R34)."""
    shelf.schedule(f"A-1; created; 1 year; {disposition}")
    shelf.record("a")
    shelf.assign("A-1", account="city")
    assert shelf.look("a").why_not is why


@pytest.mark.parametrize(
    ("status", "goes"),
    [(None, True), (RecordStatus.RECORD, True), (RecordStatus.TRANSITORY, True), (RecordStatus.UNDETERMINED, False)],
)
def test_what_is_marked_undetermined_stays(shelf: Shelf, status: RecordStatus | None, goes: bool) -> None:
    """Assigning a series is the decision that it is a record; who marks one as undetermined takes that back (R2)."""
    shelf.schedule("A-1; created; 1 year; destroy")
    shelf.record("a")
    shelf.assign("A-1", account="city")
    if status is not None:
        with shelf.store.begin() as conn:
            statuses.add(conn, StatusMark(key("a"), status, NOW, DANA, "looked at"))
    assert shelf.look("a").eligible is goes
    assert shelf.look("a").status is (status or RecordStatus.RECORD)


def test_all_and_one_are_told_alike(shelf: Shelf) -> None:
    """Asking for keys, also inside a write transaction, gives what asking for everything gives."""
    shelf.schedule("A-1; created; 1 year; destroy", "A-2; created; 20 years; destroy")
    names = [f"r{number}" for number in range(20)]
    for number, name in enumerate(names):
        shelf.record(name, f"20{number + 5:02}-06-01", text=f"word{number % 3} here")
    shelf.assign("A-1", account="city")
    shelf.assign("A-2", words="word1", account="city")
    everything = shelf.all()
    with shelf.store.begin() as conn:
        some = {one.record: one for one in assess(conn, TODAY, TERMS, [key(name) for name in [*names, "unknown"]])}
        going = {one.record for one in eligible(conn, TODAY, TERMS)}
    assert some == {one.record: one for one in everything.values()}
    assert going == {one.record for one in some.values() if one.eligible}
    assert 0 < len(going) < 20


def test_a_stated_day_does_not_shorten_what_the_capture_tells(shelf: Shelf) -> None:
    """Were a day of creation in the table, it would not count."""
    shelf.schedule("A-1; created; 1 year; destroy")
    shelf.record("a", "2026-01-15")
    shelf.assign("A-1", account="city")
    with shelf.store.begin() as conn:
        row = {
            "record": Key("mastodon:a"),
            "trigger": "created",
            "day": date(1990, 1, 1),
            "reason": "x",
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "person": "x",
            "login": "x",
        }
        from archiver.store.decisions.assignments import trigger_dates

        conn.execute(trigger_dates.insert().values(**row))
    assert shelf.look("a").trigger_date == date(2026, 1, 15)


def test_a_profile_is_in_use_as_long_as_its_account(shelf: Shelf) -> None:
    """It is one record that grows: its period begins when the account is closed."""
    shelf.schedule("A-1; created; 1 year; destroy")
    shelf.assign("A-1", account="city")
    seen = ItemSeen(key("city"), Form.PROFILE, CITY, Body(text="The city"), thread=key("city"))
    shelf.house.show(seen)
    assert shelf.look("city", "2999-01-01").why_not is WhyNot.NO_TRIGGER_DATE
    with shelf.store.begin() as conn:
        register.add(conn, [Entry("city", Fact.CLOSED, date(2027, 2, 1), NOW, DANA)])
    assert shelf.look("city", "2999-01-01").due == date(2028, 2, 2)
