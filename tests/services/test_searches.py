"""Saved searches: done again, they say what is new, what is gone and what has changed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from archiver import config
from archiver.domain.acting import Actor
from archiver.domain.classification import Part, Span, text_digest
from archiver.domain.fulltext import RULES
from archiver.domain.item import Cause, Person, State
from archiver.domain.keys import Key
from archiver.domain.observation import StateSeen
from archiver.errors import NotFound, UsageError
from archiver.services import searches
from archiver.services.clearance import Access
from archiver.services.covered import asked_about, covered
from archiver.store.decisions import audit, classes
from archiver.store.decisions import searches as kept
from archiver.store.decisions.classes import NewMark
from archiver.store.selection import Query
from tests.services.house import House, key, sight

DANA = Actor("Dana Clerk", "dclerk")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ALL = Query(limit=None)
Save = Callable[..., Any]


@pytest.fixture
def access() -> Access:
    """What anyone may see."""
    return Access(config.load_profile("us-mn"), date(2026, 11, 23))


@pytest.fixture
def save(house: House, access: Access) -> Save:
    """Save a search on a house with three records."""
    house.show(sight("1", text="Café potholes on Oak St 🚧"), sight("2", text="#pothole again"), sight("3"))

    def of(words: str = "", name: str = "mine", **more: Any) -> Any:
        query = Query(words=words, limit=1, **more)
        return searches.save(house.store, name, query, zone="America/Chicago", access=access, by=DANA, at=NOW)

    return of


def _again(house: House, access: Access) -> searches.Again:
    return searches.again(house.store, "mine", access=access, by=DANA, at=NOW)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("cafe", "1"), ("CAFÉ", "1"), ("🚧", "1"), ("#pothole", "2"), ('"oak st"', "1"), ("pothole*", "12"), ("", "123")],
)
def test_all_that_is_found_is_kept(save: Save, words: str, expected: str) -> None:
    """An accent, an emoji and a hashtag are found; every page counts, whatever page was shown."""
    _saved, result, _found = save(words)
    assert set(result.members) == {key(name) for name in expected}
    assert result.rules == RULES


def test_nothing_new_is_the_same_digest(house: House, access: Access, save: Save) -> None:
    """On unchanged data a search gives the same digest, and no difference."""
    _saved, first, _found = save("pothole*")
    done = _again(house, access)
    assert done.same
    assert (done.now.digest, done.new, done.gone, done.changed, done.notes) == (first.digest, (), (), (), ())


def test_one_record_more_is_one_difference(house: House, access: Access, save: Save) -> None:
    """It is told once: the time after that, it is no longer new."""
    save("pothole*")
    house.show(sight("4", text="One more pothole"), sight("5", text="Something else"))
    done = _again(house, access)
    assert [hit.record for hit in done.new] == [key("4")]
    assert (done.gone, done.changed, done.same) == ((), (), False)
    assert _again(house, access).same


def test_an_edit_and_a_hiding_are_changes(house: House, access: Access, save: Save) -> None:
    """A record whose words or state are others shows as changed; one that was only seen again does not."""
    save()
    house.show(sight("1", text="Café potholes, mended", edited_at=NOW), sight("3"))
    house.show(StateSeen(key("2"), State.HIDDEN, "api", Cause.BY_CITY))
    done = _again(house, access)
    assert {hit.record for hit in done.changed} == {key("1"), key("2")}
    assert (done.new, done.gone) == ((), ())


def test_what_is_no_longer_found_is_gone_from_the_result(house: House, access: Access, save: Save) -> None:
    """It is named with the state that it is in now."""
    save(state=State.LIVE)
    house.show(StateSeen(key("2"), State.HIDDEN, "api", Cause.BY_CITY))
    done = _again(house, access)
    assert done.gone == (searches.Gone(key("2"), "hidden"),)
    assert (done.new, done.changed) == ((), ())


def test_an_author_who_is_withheld_since_is_named_by_no_key(house: House, access: Access) -> None:
    """A record's key from before may name its author; the record is neither gone nor new, it has another name."""
    person = Person("did:plc:canary7f3acanary", "canary.example", "A Name")
    named = Key(f"mastodon:{person.native_id}/9")
    house.show(replace(sight("9", person), key=named, thread=named))
    searches.save(house.store, "mine", ALL, zone="UTC", access=access, by=DANA, at=NOW)
    with house.store.begin() as conn:
        number = classes.add(conn, NewMark(named, Part.AUTHOR, "private", "Law 4.2", "A child"), DANA, NOW).id
    done = _again(house, access)
    assert (done.new, done.gone, done.changed) == ((), (), ())
    assert list(done.now.members) == [f"mastodon:withheld-{number}"]
    with house.store.begin() as conn:
        classes.add(conn, NewMark(named, Part.RECORD, "private", "Law 4.2", "A child"), DANA, NOW)
    (gone,) = _again(house, access).gone
    assert person.native_id not in gone.record


def test_no_digest_is_of_words_that_are_withheld(house: House, access: Access) -> None:
    """With the rest of the text, a short word could be found by trying; that changes are not said is said."""
    house.show(sight("1", text="My number is 123-45-6789"))
    span = Span(1, text_digest(key("1"), "My number is 123-45-6789"), 13, 24)
    with house.store.begin() as conn:
        classes.add(conn, NewMark(key("1"), Part.TEXT, "private", "Law 4.2", "A number", span), DANA, NOW)
    _saved, result, _found = searches.save(house.store, "mine", ALL, zone="UTC", access=access, by=DANA, at=NOW)
    assert result.members == {key("1"): ""}
    (note,) = _again(house, access).notes
    assert note.startswith("Of 1 record a part is withheld")


def test_a_search_is_kept_with_all_that_explains_it(house: House, save: Save) -> None:
    """As typed, as it was understood, with its filters, zone, coverage and who; its act has no words of a record."""
    saved, result, _found = save('"Oak St" pothole*', since=NOW, account="city")
    with house.store.read() as conn:
        found, last = kept.find(conn, "mine"), kept.last(conn, "mine")
        acts = [one for one in audit.rows(conn) if one.act.startswith("search")]
    assert found == saved
    assert last == result
    assert searches.query_of(saved) == Query('"Oak St" pothole*', account="city", since=NOW, limit=None)
    assert result.parsed == [[["oak", "st"], False], [["pothole"], True]]
    assert (saved.zone, saved.by) == ("America/Chicago", DANA)
    assert [(one.act, one.subject, one.by) for one in acts] == [("search save", "mine", DANA)]


def test_a_name_is_taken_once_and_must_be_known(house: House, access: Access, save: Save) -> None:
    """A second search does not take the first one's place; an unknown name is answered with those there are."""
    save()
    with pytest.raises(UsageError, match="There is a saved search"):
        save()
    with pytest.raises(UsageError, match="needs a name"):
        save(name="  ")
    with pytest.raises(NotFound, match=r"There are: mine\."):
        searches.again(house.store, "other", access=access, by=DANA, at=NOW)


def test_a_digest_is_of_keys_and_versions() -> None:
    """Another key, and another version of the same key, give another digest; the order does not."""
    one, two = Key("x:1"), Key("x:2")
    digests = [searches.digest_of(members) for members in ({one: "a", two: "b"}, {one: "b", two: "b"}, {one: "a"}, {})]
    assert len(set(digests)) == 4
    assert searches.digest_of({two: "b", one: "a"}) == digests[0]


def _row(state: str, *, stream: str = "posts", thread: str | None = None, account: str = "city") -> dict[str, Any]:
    moments = {"from_at": None, "until_at": NOW, "noticed_at": None, "closed_at": None}
    return {"account": account, "stream": stream, "thread": thread, "state": state, "reason": None} | moments


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "Nothing of that time was captured of city."),
        ([_row("complete")], "city was captured until THEN."),
        ([_row("complete"), _row("gap", thread="x:1")], "city was captured until THEN, with 1 gap."),
        ([_row("complete"), _row("gap", stream="mentions")], "city was not captured completely, with 1 gap."),
        (
            [_row("complete"), _row("not_offered", stream="stories")],
            "city was captured until THEN; the platform does not offer stories.",
        ),
        ([_row("complete", account="other")], "Nothing of that time was captured of city."),
    ],
)
def test_coverage_is_said_in_a_sentence(rows: list[dict[str, Any]], said: str) -> None:
    """Of each account that was asked about, also of one of which there is nothing."""
    (one,) = covered(["city"], rows)
    assert one.sentence("THEN") == said


def test_the_accounts_that_are_asked_about(house: House) -> None:
    """Those that the filters leave in, whether they have records or not."""
    assert asked_about(house.store, ALL) == ["city"]
    assert asked_about(house.store, Query(platform="x")) == []
