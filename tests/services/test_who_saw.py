"""Who saw data about somebody: seeded views give the exact report (records rules R14 and R15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.config import profile as profiles
from archiver.domain.acting import Actor
from archiver.domain.classification import UNDECIDED, Clearance, Part, Span, text_digest
from archiver.domain.page_settings import Member, SettingName, Snapshot
from archiver.domain.profile import Profile
from archiver.errors import NotCleared, NotFound, UsageError
from archiver.services.clearance import DENIED, VIEW, Access, Aim, Asked, note_denial, noting
from archiver.services.export import Format, Request, export
from archiver.services.moderation.entries import looks
from archiver.services.records import find, load
from archiver.services.who_saw import REPORT, Asking, Report, Sight, report
from archiver.store.decisions import audit, classes
from archiver.store.decisions.classes import NewMark
from archiver.store.selection import Query
from tests.services.house import ANN, BOB, CITY, House, built, key, sight

DANA, LEE, IDA = Actor("Dana Clerk", "dclerk"), Actor("Lee Police", "lee"), Actor("Ida Auditor", "ida")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAW = "Law 4.2"
TEXT = "My number is 123-45-6789, call!"
EVERYTHING = Query(limit=None)


UNDER_ALL = pytest.mark.parametrize("profile", profiles.names(), indirect=True)
"""For what a state's law may change; all else is asked under the default profile."""


@pytest.fixture
def profile(request: pytest.FixtureRequest) -> Profile:
    """The default profile, or the one that is asked for."""
    return profiles.load_profile(getattr(request, "param", profiles.default_name()))


@pytest.fixture
def house(tmp_path: Path, profile: Profile) -> Iterator[House]:
    """Ann wrote a text of which a piece is marked, and a message; Bob a message and a quote of Ann's; the city a post."""
    with built(tmp_path / "archive.sqlite") as it:
        it.show(
            sight("city", CITY, text="Council at noon", visibility="public"),
            sight("ann", ANN, text=TEXT, visibility="public"),
            sight("ann-quiet", ANN, text="A quiet word", visibility="direct"),
            sight("bob-quiet", BOB, text="Another word", visibility="direct"),
            sight("bob-quote", BOB, text=TEXT, visibility="public", quotes=key("ann")),
        )
        span = Span(1, text_digest(key("ann"), TEXT), 13, 24)
        with it.store.begin() as conn:
            classes.add(conn, NewMark(key("ann"), Part.TEXT, profile.class_names[1], LAW, "SSN", span), DANA, it.now)
        yield it


class Reading:
    """Somebody's reading of the house, with what they are cleared for; each an hour after the one before."""

    def __init__(self, house: House, profile: Profile) -> None:
        self.house, self.profile, self.now = house, profile, NOON

    def terms(self, by: Actor, *names: str, way: str, accounts: frozenset[str] | None = None) -> Access:
        """Terms on which each object is noted."""
        self.now += timedelta(hours=1)
        at, asked = self.now, Asked(names, by, "Request 7")
        noted, refused = (noting(self.house.store, asked, way, lambda: at, act) for act in (VIEW, DENIED))
        return Access(self.profile, NOON.date(), Clearance(frozenset(names), accounts), noted, "cleared", refused)

    def deny(self, by: Actor, name: str, aim: Aim) -> None:
        """Somebody asked for what is not open to them."""
        self.now += timedelta(hours=1)
        note_denial(self.house.store, Asked((name,), by, "Request 8"), "show", "not cleared", self.now, aim)

    def report(self, *about: str, since: datetime | None = None, until: datetime | None = None) -> Report:
        """Who saw it."""
        return report(self.house.store, about, Asking(IDA, "Breach 4", self.now), since=since, until=until)


@pytest.fixture
def reading(house: House, profile: Profile) -> Reading:
    """Readings under each profile."""
    return Reading(house, profile)


def told(made: Report) -> list[tuple[str, str, str | None, str, str]]:
    """Of each sight: the hour after noon with who it was, record or filter, part, class, outcome."""
    return [
        (f"{(one.at - NOON) // timedelta(hours=1)} {one.person}", one.subject, one.part, one.class_, one.outcome)
        for one in made.sights
    ]


@UNDER_ALL
def test_seeded_views_give_the_exact_report(reading: Reading, tmp_path: Path) -> None:
    """A search, a page, an export, refusals of a record, of a filter and of another account: Ann's, and no other's."""
    store, closed = reading.house.store, reading.profile.class_names[1]
    find(store, EVERYTHING, reading.terms(DANA, closed, UNDECIDED, way="search"))  # 1
    load(store, key("ann-quiet"), reading.terms(LEE, UNDECIDED, way="show"))  # 2
    reading.deny(LEE, closed, Aim(key("ann")))  # 3
    reading.deny(LEE, closed, Aim(query=Query(author="ann", words="secret")))  # 4
    reading.deny(LEE, closed, Aim(query=Query(author="bob")))  # 5: none of hers
    request = Request(
        Format.JSON, tmp_path / "x.json", "City", NOON, reading.terms(DANA, closed, way="export json")
    )  # 6
    export(store, tmp_path, request)
    find(store, EVERYTHING, reading.terms(LEE, UNDECIDED, way="search", accounts=frozenset({"elsewhere"})))  # 7
    find(store, EVERYTHING, Access(reading.profile, NOON.date()))  # public data; nobody is noted
    hers = [
        ("1 Dana Clerk", "mastodon:ann-quiet", "record", UNDECIDED, "shown"),
        ("1 Dana Clerk", "mastodon:ann", "text", closed, "shown"),
        ("2 Lee Police", "mastodon:ann-quiet", "record", UNDECIDED, "shown"),
        ("3 Lee Police", "mastodon:ann", None, closed, "refused"),
        ("4 Lee Police", "author: ann; words that are not kept", None, closed, "refused"),
        ("6 Dana Clerk", "mastodon:ann", "text", closed, "shown"),
        ("7 Lee Police", "mastodon:ann-quiet", "record", UNDECIDED, "refused"),
    ]
    assert sorted(told(reading.report("@Ann"))) == sorted(hers)
    assert sorted(told(reading.report("2"))) == sorted(told(reading.report("mastodon:2"))) == sorted(hers)
    first = reading.report("ann").sights
    assert {(one.about, one.login, one.way) for one in first} >= {("mastodon:2", "dclerk", "export json")}
    assert {(one.version, one.span, one.law) for one in first if one.part == "text"} == {(1, "13-24", LAW)}
    assert {one.purpose for one in first} == {"Request 7", "Request 8"}


def test_days_and_records_narrow_it(reading: Reading) -> None:
    """The first moment counts, the end does not; a record that is named stands for itself."""
    store = reading.house.store
    for name in ("ann-quiet", "bob-quiet", "ann-quiet"):
        load(store, key(name), reading.terms(DANA, UNDECIDED, way="show"))
    hour = timedelta(hours=1)
    found = told(reading.report("ann", since=NOON + hour, until=NOON + 3 * hour))
    assert [one[:2] for one in found] == [("1 Dana Clerk", "mastodon:ann-quiet")]
    assert [one[1] for one in told(reading.report(key("bob-quiet")))] == ["mastodon:bob-quiet"]
    assert len(told(reading.report("bob", "ann"))) == 3


def test_who_reads_a_quote_has_seen_what_it_quotes(reading: Reading) -> None:
    """The words stand in Bob's quote as well; who reads only that has seen Ann's number."""
    closed = reading.profile.class_names[1]
    found = find(reading.house.store, Query(author="bob", words="number"), reading.terms(DANA, closed, way="search"))
    assert [hit.record for hit in found.hits] == ["mastodon:bob-quote"]
    assert told(reading.report("ann")) == [("1 Dana Clerk", "mastodon:ann", "text", closed, "shown")]


def test_a_piece_that_the_grant_does_not_reach_is_a_refusal(reading: Reading) -> None:
    """Its record is shown without it; the log says which piece of which class, and none of its words."""
    closed = reading.profile.class_names[1]
    terms = reading.terms(LEE, closed, way="search", accounts=frozenset())
    assert (
        "123"
        not in next(hit for hit in find(reading.house.store, EVERYTHING, terms).hits if "ann" in hit.record).snippet
    )
    assert told(reading.report(key("ann"))) == [("1 Lee Police", "mastodon:ann", "text", closed, "refused")]
    with reading.house.store.read() as conn:
        assert "123-45" not in repr(list(audit.rows(conn)))


def test_a_record_out_of_reach_is_refused_once(reading: Reading) -> None:
    """The command that asked for it writes the refusal down; the reading itself writes no second one."""
    with pytest.raises(NotCleared):
        load(reading.house.store, key("ann-quiet"), reading.terms(LEE, UNDECIDED, way="show", accounts=frozenset()))
    assert told(reading.report("ann")) == []


def test_who_was_on_a_list_of_people_is_told(reading: Reading) -> None:
    """A list of blocked people names some: it is a sight of each of them, and of nobody else."""
    members = (Member("2", "@ann"), Member("77", "@zed"))
    track = [Snapshot("city", SettingName.BLOCKED_USERS, NOON, members, "exchange-1")]
    looks([track], reading.terms(DANA, UNDECIDED, way="moderation setting"))
    assert told(reading.report("ann")) == [
        ("1 Dana Clerk", "city#people shut out", "people shut out", UNDECIDED, "shown")
    ]
    assert told(reading.report("bob")) == []
    with reading.house.store.read() as conn:
        assert "zed" not in repr(list(audit.rows(conn)))


def test_asking_is_an_act_with_a_purpose(reading: Reading) -> None:
    """Who asks for a report is in the log themselves; nobody asks without saying what for, or about nobody."""
    reading.report("ann")
    with reading.house.store.read() as conn:
        (act,) = audit.rows(conn)
    assert (act.by, act.act, act.subject, act.reason) == (IDA, REPORT, "mastodon:2", "Breach 4")
    with pytest.raises(NotFound):
        reading.report("nobody")
    with pytest.raises(UsageError):
        report(reading.house.store, ["ann"], Asking(IDA, " ", NOON), since=None, until=None)


def test_a_refusal_of_before_is_told_as_far_as_it_says(reading: Reading) -> None:
    """Acts that an earlier version wrote name the record and the classes that were asked for, and no parts."""
    with reading.house.store.begin() as conn:
        act = audit.Act(NOON, DANA, VIEW, key("ann"), "R-1", {"classes": ["a", "b"], "for": "staff", "way": "show"})
        audit.add(conn, act)
    assert reading.report("ann").sights == (
        Sight(NOON, DANA.name, DANA.login, "R-1", "mastodon:2", key("ann"), None, None, None, "a, b", None, "shown",
              "show", "staff"),
    )  # fmt: skip


def test_where_everything_is_open_each_object_is_noted_all_the_same(tmp_path: Path, profile: Profile) -> None:
    """Nothing has to be taken out of what such a reader finds; the log has it (R14: bulk views log each object)."""
    with built(tmp_path / "archive.sqlite") as it:
        it.show(*(sight(name, ANN, visibility="public") for name in ("1", "2", "3")))
        with it.store.begin() as conn:
            for name in ("1", "2"):
                classes.add(conn, NewMark(key(name), Part.RECORD, profile.class_names[1], LAW, "why"), DANA, it.now)
        reading = Reading(it, profile)
        found = find(it.store, EVERYTHING, reading.terms(DANA, profile.class_names[1], way="search"))
        assert len(found.hits) == 3
        assert sorted(one[1] for one in told(reading.report("ann"))) == ["mastodon:1", "mastodon:2"]
