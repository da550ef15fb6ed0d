"""Grants by class, account and series: each has to be there, through every door (records rule R14)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archiver.config import profile as profiles
from archiver.domain.acting import Actor
from archiver.domain.classification import UNDECIDED, Part
from archiver.domain.history import EventName
from archiver.domain.item import State
from archiver.domain.keys import Key
from archiver.domain.observation import StateSeen
from archiver.domain.profile import Profile
from archiver.errors import NotCleared
from archiver.services import searches
from archiver.services.clearance import DENIED, VIEW, Access, Asked, Duty, cleared, noting
from archiver.services.export import Format, Request, export
from archiver.services.moderation.entries import Scope
from archiver.services.moderation.report import report as moderation
from archiver.services.records import find, load
from archiver.services.retention.assigning import Target, assign
from archiver.store.decisions import audit, classes
from archiver.store.decisions.classes import NewMark
from archiver.store.selection import Query
from tests.services.house import ANN, CITY, House, built, key, sight
from tests.services.retention.shelf import DANA, NOW, TERMS, TODAY, Shelf

LEE = Actor("Lee Police", "lee")
A, B = "cities@2001-03-01/A-1", "cities@2001-03-01/B-1"
EVERYTHING = Query(limit=None)


@pytest.fixture
def profile() -> Profile:
    """The default one: whose work is about what is no state's matter."""
    return profiles.load_profile(profiles.default_name())


class Desk:
    """Records of two series and of none, each marked in whole; and a message of the first series."""

    def __init__(self, house: House, profile: Profile) -> None:
        self.house, self.store, self.profile = house, house.store, profile
        self.closed = profile.class_names[1]
        shelf = Shelf(house)
        shelf.schedule("A-1; created; 3 years; destroy", "B-1; created; 9 years; destroy")
        house.show(
            sight("open", CITY, text="Council at noon", visibility="public"),
            *(sight(name, ANN, text=f"Canary of {name}", visibility="public") for name in ("a", "b", "both", "none")),
            sight("quiet", ANN, text="Canary of quiet", visibility="direct"),
        )
        for code, *names in (("A-1", "a", "quiet"), ("B-1", "b")):
            shelf.assign(code, *map(key, names))
        with house.store.begin() as conn:
            for name in ("a", "b", "both", "none"):
                classes.add(conn, NewMark(key(name), Part.RECORD, self.closed, "Law 1", "why"), DANA, house.now)
        self.shelf = shelf

    def terms(self, duty: Duty, *names: str, way: str = "search") -> Access:
        """The terms that somebody of that duty has, who asks for classes."""
        asked = Asked(names or (self.closed,), LEE, "Request 7")
        opened = cleared(self.profile, asked, duty)
        noted, refused = (noting(self.store, asked, way, lambda: NOW, act) for act in (VIEW, DENIED))
        return Access(self.profile, TODAY, opened, noted, "cleared", refused, TERMS)

    def found(self, access: Access) -> set[str]:
        """What a search finds beyond what is public."""
        return {hit.record.removeprefix("mastodon:") for hit in find(self.store, EVERYTHING, access).hits} - {"open"}

    def acts(self, act: str) -> list[str]:
        """The records of which that stands in the log."""
        with self.store.read() as conn:
            return [one.subject.removeprefix("mastodon:") for one in audit.rows(conn, verbs=(act,))]


@pytest.fixture
def desk(tmp_path: Path, profile: Profile) -> Iterator[Desk]:
    """A desk."""
    with built(tmp_path / "archive.sqlite") as house:
        yield Desk(house, profile)


def duty(desk: Desk, *series: str, accounts: tuple[str, ...] | None = None, sees: tuple[str, ...] = ()) -> Duty:
    """Work about these series; about all, where none is named."""
    about = frozenset(series) if series else None
    return Duty(frozenset(sees or (desk.closed, UNDECIDED)), None if accounts is None else frozenset(accounts), about)


def test_class_account_and_series_have_to_be_granted_all_three(desk: Desk) -> None:
    """The whole table: a record is shown where each of the three is there, and is closed where one is missing."""
    wrong = []
    for asked, accounts, series in [
        *product((desk.closed, UNDECIDED), (None,), (None, A)), (desk.closed, ("city",), B), (desk.closed, ("other",), A),
    ]:  # fmt: skip
        work = duty(desk, *([series] if series else []), accounts=accounts)
        expected = {
            name
            for name, of, class_ in (
                ("a", A, desk.closed), ("b", B, desk.closed), ("none", None, desk.closed), ("both", None, desk.closed),
                ("quiet", A, UNDECIDED),
            )
            if class_ == asked and accounts != ("other",) and series in {None, of}
        }  # fmt: skip
        if (found := desk.found(desk.terms(work, asked))) != expected:
            wrong.append((asked, accounts, series, found, expected))
    assert wrong == []


def test_the_series_that_decides_is_the_one_that_keeps_it_longest(desk: Desk) -> None:
    """Where two hold, the shorter one opens nothing; once somebody chose it, it does."""
    for code in ("A-1", "B-1"):
        query = Query(words=f"canary {'both' if code == 'A-1' else 'of both'}", limit=None)
        assign(desk.store, Target(code), query, (), threads=(), reason=None, by=DANA, at=NOW, today=TODAY)
    assert "both" not in desk.found(desk.terms(duty(desk, A)))
    assert "both" in desk.found(desk.terms(duty(desk, B)))


def test_what_follows_on_a_series_is_granted_with_it(desk: Desk) -> None:
    """A later edition, adopted and mapped, takes nobody's work away."""
    from archiver.services.retention import adopting

    later = desk.shelf.schedule("A-9; created; 3 years; destroy", edition="2020-01-01")
    assert desk.found(desk.terms(duty(desk, A))) == {"a"}
    adopting.follow(desk.store, "cities@2001-03-01", later, {"A-1": "A-9"}, same=False, by=DANA, at=NOW)
    assert desk.found(desk.terms(duty(desk, A))) == desk.found(desk.terms(duty(desk, f"{later}/A-9"))) == {"a"}


def test_every_door_keeps_it_closed(desk: Desk, tmp_path: Path) -> None:
    """Search, one record, its thread, export, a saved search, the moderation record: no word of another series."""
    work = duty(desk, A)
    for name in ("a", "b"):
        desk.house.show(StateSeen(key(name), State.HIDDEN, basis="hidden, says the platform"))
    with pytest.raises(NotCleared):
        load(desk.store, key("b"), desk.terms(work))
    assert load(desk.store, key("a"), desk.terms(work)) is not None
    path = tmp_path / "x.json"
    export(desk.store, tmp_path, Request(Format.JSON, path, "City", NOW, desk.terms(work)))
    told = json.loads(path.read_bytes())
    assert {one["record"] for one in told["records"]} == {key("open"), key("a")}
    _, result, _ = searches.save(
        desk.store,
        "all",
        EVERYTHING,
        zone="UTC",
        access=desk.terms(work),
        by=LEE,
        at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert set(result.members) == {key("open"), key("a")}
    made = moderation(
        desk.store, Scope(ZoneInfo("UTC"), desk.terms(work)), archive="City", made_at=datetime(2026, 11, 23, tzinfo=UTC)
    )
    texts = {one.subject.record: one.subject.text for one in made.entries if one.reference.count(EventName.HIDDEN)}
    assert texts == {key("a"): "Canary of a", key("b"): None}
    for written in (path.read_bytes(), repr(made).encode(), repr(result).encode()):
        assert b"Canary of b" not in written


def test_a_refusal_is_logged_without_content(desk: Desk) -> None:
    """Each record of a class that was asked for and that the work does not reach; none of another class."""
    desk.found(desk.terms(duty(desk, A)))
    assert sorted(desk.acts(DENIED)) == ["b", "both", "none"]
    assert desk.acts(VIEW) == ["a"]
    desk.found(desk.terms(duty(desk, B), UNDECIDED))
    assert desk.acts(DENIED)[3:] == ["quiet"]
    with desk.store.read() as conn:
        log = repr(list(audit.rows(conn)))
    assert "Canary" not in log
    assert desk.found(desk.terms(duty(desk))) == {"a", "b", "both", "none"}
    assert len(desk.acts(DENIED)) == 4


def test_who_is_shut_out_is_of_no_series(desk: Desk) -> None:
    """Lists of people are open only to whom all series are."""
    from archiver.services.moderation.captured import shows_people

    assert shows_people(desk.terms(duty(desk), UNDECIDED), "city")
    assert not shows_people(desk.terms(duty(desk, A), UNDECIDED), "city")


def test_no_series_is_asked_for_where_the_work_is_about_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it costs to work out a series is paid by those readings alone that need it."""

    def fail(*_: object) -> dict[Key, str | None]:
        raise AssertionError

    monkeypatch.setattr("archiver.services.granting.deciding", fail)
    assert desk.found(desk.terms(duty(desk))) == {"a", "b", "both", "none"}
