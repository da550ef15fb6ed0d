"""Minors: what is said of them, who is told, and that a parent's request waits for an open one of the child (R18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from archiver.config import profile as profiles
from archiver.domain.acting import Actor
from archiver.domain.classification import UNDECIDED, Audience, Clearance, Part
from archiver.domain.minors import MINOR, MinorFlag, Outcome
from archiver.domain.profile import Profile
from archiver.errors import ArchiverError, NotCleared, NotFound, UsageError
from archiver.services import minors
from archiver.services.classifying import standing, suggestions
from archiver.services.clearance import VIEW, Access, Asked, noting
from archiver.services.records import find, load
from archiver.services.who_saw import Asking, report
from archiver.store.decisions import audit, classes
from archiver.store.decisions.classes import NewMark
from archiver.store.selection import Query
from tests.services.house import ANN, BOB, CITY, House, built, key, sight

DANA, LEE = Actor("Dana Clerk", "dclerk"), Actor("Lee Attorney", "lee")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PAT = "Pat Lee"
EVERYTHING = Query(limit=None)


UNDER_ALL = pytest.mark.parametrize("profile", profiles.names(), indirect=True)
"""For what a state's law may change; all else is asked under the default profile."""


@pytest.fixture
def profile(request: pytest.FixtureRequest) -> Profile:
    """The default profile, or the one that is asked for."""
    return profiles.load_profile(getattr(request, "param", profiles.default_name()))


class Family:
    """Ann and Bob, with a marked record each, and a post of the city's."""

    def __init__(self, house: House, profile: Profile) -> None:
        self.store, self.profile, self.closed = house.store, profile, profile.class_names[1]
        self.now = NOW
        house.show(
            sight("city", CITY, visibility="public"),
            sight("ann", ANN, visibility="public"),
            sight("ann-2", ANN, visibility="public"),
            sight("bob", BOB, visibility="public"),
        )
        with house.store.begin() as conn:
            for name in ("ann", "bob"):
                classes.add(conn, NewMark(key(name), Part.RECORD, self.closed, "Law 1", "why"), DANA, house.now)

    def tick(self) -> datetime:
        """A minute later."""
        self.now += timedelta(minutes=1)
        return self.now

    def flag(self, value: MinorFlag, word: str = "ann", evidence: str | None = "school card") -> None:
        """Somebody says it of Ann."""
        minors.flag(self.store, word, value, reason="Request 7", evidence=evidence, by=DANA, now=self.tick())

    def relate(self, word: str = "ann", parent: str = PAT) -> None:
        """Pat is Ann's parent."""
        minors.relate(self.store, word, parent, evidence="birth certificate", by=DANA, now=self.tick())

    def ask(self, word: str = "ann") -> str:
        """Ann asks to withhold; the request's name."""
        made = minors.ask(self.store, word, TODAY, reason="A letter", by=DANA, now=self.tick(), today=TODAY)
        return made.name

    def decide(self, name: str, outcome: Outcome) -> None:
        """The city decides."""
        minors.decide(self.store, name, outcome, reason="It would harm", by=LEE, now=self.tick())

    def children(self, parent: str = PAT) -> frozenset[str]:
        """Whose data that parent may get."""
        with self.store.read() as conn:
            return minors.children_of(conn, parent)

    def terms(self, *names: str) -> Access:
        """Terms on which each opening is noted."""
        asked = Asked(names, DANA, "Request 7", Audience.STAFF)
        noted = noting(self.store, asked, "show", lambda: NOW, VIEW)
        return Access(self.profile, TODAY, Clearance(frozenset(names)), noted)


@pytest.fixture
def family(tmp_path: Path, profile: Profile) -> Iterator[Family]:
    """Under each profile."""
    with built(tmp_path / "archive.sqlite") as house:
        yield Family(house, profile)


@UNDER_ALL
def test_a_request_of_a_parent_waits_for_an_open_one_of_the_child(family: Family) -> None:
    """It can't be completed until the city has decided; then as was decided; and after another request, again not."""
    family.flag(MinorFlag.EVIDENCED)
    family.relate()
    assert family.children("pat  LEE") == {"mastodon:2"}
    name = family.ask()
    with pytest.raises(NotCleared, match=rf"is open \({name}\)"):
        family.children()
    family.decide(name, Outcome.GIVE)
    assert family.children() == {"mastodon:2"}
    family.decide(again := family.ask(), Outcome.WITHHOLD)
    with pytest.raises(NotCleared, match="decided to withhold"):
        family.children()
    assert again != name


def test_what_is_not_known_gives_a_parent_nothing(family: Family) -> None:
    """No relation, no word that the person is a minor, or none any more."""
    with pytest.raises(NotCleared, match="nothing shows that this is the person's parent"):
        family.children()
    family.relate()
    with pytest.raises(NotCleared, match="nobody has said"):
        family.children()
    family.flag(MinorFlag.ASSERTED, evidence=None)
    assert family.children() == {"mastodon:2"}
    family.flag(MinorFlag.UNKNOWN)
    with pytest.raises(NotCleared, match="nobody has said"):
        family.children()


def test_an_open_request_of_one_child_stops_it_for_all(family: Family) -> None:
    """A decided one leaves out that child alone."""
    for word in ("ann", "bob"):
        family.flag(MinorFlag.EVIDENCED, word)
        family.relate(word)
    assert family.children() == {"mastodon:2", "mastodon:3"}
    name = family.ask("bob")
    with pytest.raises(NotCleared):
        family.children()
    family.decide(name, Outcome.WITHHOLD)
    assert family.children() == {"mastodon:2"}


@UNDER_ALL
def test_a_parent_gets_what_is_the_child_s_and_what_is_public(family: Family) -> None:
    """Not what is private of others, on the same clearance; others' are no refusals, as nobody asked for them."""
    family.flag(MinorFlag.EVIDENCED)
    family.relate()
    refused: list[object] = []
    terms = replace(family.terms(family.closed), children=family.children(), refused=refused.extend)
    assert {hit.record for hit in find(family.store, EVERYTHING, terms).hits} == {key("city"), key("ann"), key("ann-2")}
    with pytest.raises(NotCleared):
        load(family.store, key("bob"), terms)
    assert load(family.store, key("ann"), terms) is not None
    assert refused == []


@UNDER_ALL
def test_no_class_follows_from_being_a_minor(family: Family) -> None:
    """Nothing is withheld by it, and what was public stays so (R16)."""
    before = standing(family.store, family.terms(), key("ann-2")).classified
    family.flag(MinorFlag.EVIDENCED)
    family.ask()
    assert standing(family.store, family.terms(), key("ann-2")).classified == before
    assert load(family.store, key("ann-2"), family.terms()) is not None


@UNDER_ALL
def test_the_flag_is_told_to_those_who_may_know(family: Family) -> None:
    """In `show`, and as a suggestion with what the profile says to weigh; to nobody else; and that it was, is noted."""
    family.flag(MinorFlag.EVIDENCED)
    cleared, public = family.terms(UNDECIDED), family.terms()
    shown = load(family.store, key("ann-2"), cleared)
    assert shown is not None
    assert shown.minor == {
        "flag": "evidenced", "at": NOW + timedelta(minutes=1), "by": "Dana Clerk", "reason": "Request 7",
        "evidence": "school card",
    }  # fmt: skip
    for terms, record in ((public, "ann-2"), (family.terms(family.closed), "ann-2"), (cleared, "city")):
        one = load(family.store, key(record), terms)
        assert one is not None
        assert one.minor is None
    with family.store.read() as conn:
        found, _ = suggestions(conn, cleared, EVERYTHING)
        hidden, _ = suggestions(conn, public, EVERYTHING)
    assert [(one.record, one.part, one.words, one.special.name) for one in found] == [
        (key("ann-2"), Part.AUTHOR, "ann", MINOR)
    ]
    assert hidden == []
    made = report(family.store, ["ann"], Asking(LEE, "Breach 4", NOW), since=None, until=None)
    assert [(one.subject, one.part, one.outcome) for one in made.sights] == [(key("ann-2"), MINOR, "shown")] * 2


def test_what_is_not_known_any_more_is_no_suggestion(family: Family) -> None:
    """All that was said stays, the latest counts."""
    family.flag(MinorFlag.EVIDENCED)
    family.flag(MinorFlag.UNKNOWN, evidence=None)
    with family.store.read() as conn:
        assert suggestions(conn, family.terms(UNDECIDED), EVERYTHING)[0] == []
        (child,), _ = minors.listed(conn, family.terms(UNDECIDED))
    assert [one.flag for one in child.statements] == [MinorFlag.EVIDENCED, MinorFlag.UNKNOWN]
    assert child.flag is MinorFlag.UNKNOWN


def test_the_list_names_people_to_those_who_may_know(family: Family) -> None:
    """Counted for others; the log has who was named by digest, and who was said what by number alone."""
    family.flag(MinorFlag.EVIDENCED)
    family.relate("bob")
    with family.store.read() as conn:
        assert minors.listed(conn, family.terms()) == ([], 2)
        elsewhere = replace(
            family.terms(UNDECIDED), clearance=Clearance(frozenset({UNDECIDED}), frozenset({"elsewhere"}))
        )
        assert minors.listed(conn, elsewhere) == ([], 2)
        found, closed = minors.listed(conn, family.terms(UNDECIDED))
        log = repr(list(audit.rows(conn)))
    assert ([one.person for one in found], closed) == (["mastodon:2", "mastodon:3"], 0)
    assert found[1].relations[0].parent == PAT
    assert not any(word in log for word in ("mastodon:2", "mastodon:3", PAT, "school card"))
    made = report(family.store, ["ann"], Asking(LEE, "Breach 4", NOW), since=None, until=None)
    assert [(one.subject, one.part) for one in made.sights] == [("minors", "minors")]


def test_what_makes_no_sense_is_refused(family: Family) -> None:
    """Nothing is written down then."""
    family.ask()
    family.decide("w-1", Outcome.GIVE)
    faults: list[tuple[type[ArchiverError], str]] = []
    for act in (
        lambda: family.flag(MinorFlag.EVIDENCED, evidence=" "),
        lambda: family.flag(MinorFlag.ASSERTED, "nobody"),
        lambda: family.relate(parent=" "),
        lambda: family.decide("W-1", Outcome.WITHHOLD),
        lambda: family.decide("W-9", Outcome.WITHHOLD),
        lambda: minors.ask(family.store, "ann", date(2026, 11, 24), reason="x", by=DANA, now=NOW, today=TODAY),
        lambda: minors.ask(family.store, "ann", TODAY, reason=" ", by=DANA, now=NOW, today=TODAY),
    ):
        with pytest.raises(ArchiverError) as caught:
            act()
        faults.append((caught.type, caught.value.message))
    assert [kind for kind, _ in faults] == [
        UsageError, NotFound, UsageError, UsageError, NotFound, UsageError, UsageError,
    ]  # fmt: skip
    with family.store.read() as conn:
        assert [act.act for act in audit.rows(conn)] == ["withhold ask", "withhold decide"]
