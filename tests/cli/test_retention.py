"""``archiver retention``, as a records officer types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.profile import Profile
from archiver.domain.stops import StopType
from archiver.store.decisions import audit, stops
from archiver.store.decisions.scopes import Scope
from archiver.store.engine import open_store
from tests.services.house import House, built, key, sight
from tests.services.retention.shelf import DANA, NOW
from tests.support.command import run

CONFIG = """
[archive]
name = "City"
profile = "{profile}"
timezone = "America/Chicago"
database = "sqlite:///archive.sqlite"

[[accounts]]
id = "city"
platform = "mastodon"
handle = "city@social.example"
base_url = "https://social.example"
"""
SCHEDULE = """
[schedule]
id = "cities"
title = "General schedule"
edition = 2021-03-01
authority = { body = "State archives", reference = "2021-4", source_url = "https://archives.example/cities" }

[[series]]
code = "COM-1"
title = "Posts, routine"
section = "Communications"
trigger = "created"
period = "2 years"
disposition = "destroy"

[[series]]
code = "COM-2"
title = "Comments on a council matter"
section = "Communications"
trigger = "case_closed"
period = "3 years"
disposition = "transfer"
archival = "yes"
"""


class Desk:
    """A folder with an archive, and the commands that are given in it."""

    def __init__(self, home: Path, house: House) -> None:
        self.home = home
        self.house = house

    def say(self, *words: str, code: int = 0) -> str:
        """The output of a command that ends with that code."""
        done = run(self.home, "retention", *words)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    def tell(self, *words: str) -> Any:
        """The same as JSON."""
        return json.loads(self.say(*words, "--json"))


@pytest.fixture
def desk(tmp_path: Path, profile: Profile, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An archive with an old post and an old comment on it, and a schedule in a file."""
    monkeypatch.setenv("ARCHIVER_BY", "Dana Clerk")
    (tmp_path / "config.toml").write_text(CONFIG.format(profile=profile.id))
    (tmp_path / "schedule.toml").write_text(SCHEDULE)
    with built(tmp_path / "archive.sqlite") as house:
        old = datetime(2020, 1, 15, 12, tzinfo=UTC)
        house.show(sight("a", created_at=old), sight("b", created_at=old, to="a"), sight("c"))
        yield Desk(tmp_path, house)


def test_a_schedule_is_imported_adopted_and_assigned(desk: Desk) -> None:
    """From the file to what is due; each step says what it did, and is in the log."""
    assert "Imported cities@2021-03-01: 2 series" in desk.say("import", "schedule.toml")
    assert "Already there, unchanged" in desk.say("import", "schedule.toml")
    assert desk.tell("list")["editions"][0]["adopted"] is None
    assert "2 years" in desk.say("series")
    desk.say("assign", "COM-1", "--account", "city", "--reason", "routine")
    assert desk.tell("due")["due"] == []
    assert "their schedule is not adopted" in desk.say("due")
    assert "is adopted from 2021-06-01 on" in desk.say(
        "adopt", "cities", "--on", "2021-06-01", "--instrument", "Resolution 21-9"
    )
    (group,) = desk.tell("due")["due"]
    assert (group["series"], group["records"], group["oldest"]) == ("COM-1", 2, "2020-01-15")
    assert desk.tell("due", "--until", "2022-01-15")["due"] == []
    assert "On 2022-01-16 2 records may be proposed for disposal; 1 record kept" in desk.say(
        "due", "--until", "2022-01-16"
    )
    assert "adopted from 2021-06-01 on: Resolution 21-9 (entered by Dana Clerk)" in desk.say("show", "cities")
    assert [one["series"] for one in desk.tell("show", "cities")["series"]] == ["COM-1", "COM-2"]
    with desk.house.store.read() as conn:
        done = [(one.act, one.by.name) for one in audit.rows(conn)]
    assert done == [(act, "Dana Clerk") for act in ("schedule import", "series assign", "schedule adopt")]


def test_a_record_is_explained(desk: Desk) -> None:
    """Which series matches and why, what starts its clock, until when it is kept, and what is missing."""
    assert "No series matches it" in desk.say("explain", "a")
    desk.say("import", "schedule.toml")
    desk.say("adopt", "cities", "--on", "2021-06-01", "--instrument", "Resolution 21-9")
    desk.say("assign", "COM-1", "--account", "city")
    said = desk.say("explain", "a")
    for words in (
        "mastodon:a is a post of city, of 2020-01-15.",
        "to account city (assignment 1)",
        "It says: 2 years after created, then destroy.",
        'The day of the event "created" is 2020-01-15.',
        "It is kept through 2022-01-15; from 2022-01-16 on it may be destroyed. Its time is over.",
        "No stop keeps it: it may be proposed for disposal.",
    ):
        assert words in said
    desk.say("assign", "COM-2", "--record", "mastodon:b")
    assert "archiver retention event case_closed" in desk.say("explain", "mastodon:b")
    assert "2 records" in desk.say(
        "event", "case_closed", "mastodon:b", "--thread", "--on", "2021-02-28", "--reason", "Council voted"
    )
    found = desk.tell("explain", "mastodon:b")
    assert (found["series"], found["due"], found["eligible"]) == ("COM-2", "2024-02-29", True)
    assert "may be transferred to the archives" in desk.say("explain", "mastodon:b")
    with desk.house.store.begin() as conn:
        stops.place(
            conn, at=NOW, kind=StopType.LEGAL_HOLD, matter="Doe v. City", reason="suit", by=DANA,
            scope=Scope(records=(key("b"),), context=False),
        )  # fmt: skip
    assert "(legal hold, Doe v. City) keeps it until that is released" in desk.say("explain", "mastodon:b")
    assert desk.tell("explain", "mastodon:b")["eligible"] is False
    assert sum(one["stopped"] for one in desk.tell("due")["due"]) == 1
    assert "1 record may be proposed" in desk.say("due")


def test_what_holds_of_two_series_is_decided_by_a_person(desk: Desk) -> None:
    """Until then the longer one counts, and the explanation says so (R23)."""
    desk.say("import", "schedule.toml")
    desk.say("adopt", "cities@2021-03-01", "--on", "2021-06-01", "--instrument", "Resolution 21-9")
    desk.say("assign", "COM-1", "--account", "city")
    desk.say("assign", "COM-2", "--kind", "post", "--reason", "trial")
    assert "so the one that keeps it longest counts: COM-2" in desk.say("explain", "mastodon:a")
    desk.say("choose", "COM-1", "--over", "COM-2", "--reason", "routine")
    assert "COM-1 holds" in desk.say("explain", "mastodon:a")
    assert "COM-1 holds over COM-2" in desk.say("assignments")
    desk.say("revoke", "2", "--reason", "no trial")
    assert [one["series"] for one in desk.tell("assignments")["assignments"]] == ["COM-1"]
    assert "No assignment 2 holds" in desk.say("revoke", "2", "--reason", "again", code=1)


def test_a_later_edition_follows(desk: Desk) -> None:
    """Its series follow by their codes, and the old edition can be withdrawn."""
    desk.say("import", "schedule.toml")
    desk.say("adopt", "cities", "--on", "2021-06-01", "--instrument", "Resolution 21-9")
    desk.say("assign", "COM-1", "--account", "city")
    later = SCHEDULE.replace("2021-03-01", "2026-01-01").replace("2 years", "50 years")
    (desk.home / "later.toml").write_text(later)
    desk.say("import", "later.toml")
    names = ("cities@2021-03-01", "cities@2026-01-01")
    assert "COM-1" in desk.say("map", *names, "COM-1=COM-1", "--same")
    assert desk.tell("explain", "mastodon:a")["edition"] == names[0]
    desk.say("adopt", names[1], "--on", "2026-02-01", "--instrument", "Resolution 26-2", "--section", "Communications")
    assert desk.tell("explain", "mastodon:a")["edition"] == names[1]
    assert desk.tell("due")["due"] == []
    desk.say("withdraw", names[1], "--on", "2026-03-01", "--reason", "void")
    assert desk.tell("explain", "mastodon:a")["edition"] == names[0]
    (desk.home / "other.toml").write_text(later.replace("50 years", "5 years"))
    assert "an edition never changes" in desk.say("import", "other.toml", code=2)


def test_unscheduled_records_are_applied_for(desk: Desk) -> None:
    """What the form asks for is drafted; the number of the approval lets them go (R24)."""
    assert [one["record"] for one in desk.tell("unscheduled", "--kind", "post")["records"]] == [
        "mastodon:a",
        "mastodon:c",
    ]
    said = desk.say("apply", "--description", "Posts of a test page", "--kind", "post", "--until", "2020-12-31")
    for words in ("Application A-1: Posts of a test page", "Dates: 2020-01-15 to 2020-01-15", "1 post of city"):
        assert words in said
    assert "Not approved yet" in desk.say("application", "A-1")
    desk.say("grant", "A-1", "--number", "PR1-26-118", "--from", "The panel", "--on", "2026-10-01")
    assert "Approved as PR1-26-118 by The panel" in desk.say("application", "A-1")
    assert "PR1-26-118" in desk.say("application")
    assert desk.tell("application")["applications"][0]["approval"]["body"] == "The panel"
    assert "by the approved application PR1-26-118" in desk.say("explain", "mastodon:a")
    (group,) = desk.tell("due")["due"]
    assert (group["series"], group["records"]) == ("PR1-26-118", 1)
    assert "was approved already" in desk.say(
        "grant", "A-1", "--number", "X", "--from", "Y", "--on", "2026-10-01", code=2
    )


def test_the_example_can_be_imported_and_not_adopted(desk: Desk, profile: Profile) -> None:
    """It shows the form of the state's schedule, and is refused where it could do harm (R21)."""
    desk.say("example", "example.toml")
    assert "is there already" in desk.say("example", "example.toml", code=2)
    assert "nothing is ever disposed of under it" in desk.say("import", "example.toml")
    (edition,) = desk.tell("list")["editions"]
    assert edition["example"] is True
    words = ("adopt", edition["edition"], "--on", "2021-06-01", "--instrument", "Resolution")
    assert "is an example and can't be adopted" in desk.say(*words, code=2)


def test_the_state_s_rules_are_held_against_a_schedule(desk: Desk, profile: Profile) -> None:
    """Where the time of what is published runs from its removal, a series that does not say so is named."""
    said = desk.say("import", "schedule.toml")
    assert ("don't wait for removed_from_platform: COM-1" in said) is profile.disposal.clock_starts_on_removal


def test_a_table_is_a_schedule_too(desk: Desk) -> None:
    """CSV, a line for each series; the options say the rest."""
    (desk.home / "table.csv").write_text(
        "code,title,trigger,period,disposition,classes\n"
        'COM-9,"Posts, and comments",received;removed_from_platform,3 years,destroy,public;private\n'
    )
    stated = ("--schedule", "table", "--edition", "2020-01-01", "--title", "A table")
    assert "Imported table@2020-01-01: 1 series" in desk.say("import", "table.csv", *stated)
    (row,) = desk.tell("series", "--edition", "table")["series"]
    assert (row["trigger"], row["classes"]) == (["received", "removed_from_platform"], ["public", "private"])
    assert "schedule.id is missing" in desk.say("import", "table.csv", code=2)
    assert "are for CSV" in desk.say("import", "schedule.toml", *stated, code=2)


IMPOSSIBLE = [
    ("assign COM-1 --account city", 1, "No schedule has the series COM-1"),
    ("adopt nothing --on 2026-01-01 --instrument x", 1, 'There is no schedule "nothing"'),
    ("show nothing", 1, 'There is no schedule "nothing"'),
    ("explain nothing", 1, "There is no record 'nothing'"),
    ("event read mastodon:a --on 2026-01-01 --reason x", 2, '"read" is not an event of a schedule'),
    ("event manual mastodon:a --reason x", 2, "No day is given"),
    ("event manual mastodon:z --on 2026-01-01 --reason x", 1, "There is no record 'mastodon:z'"),
    ("application A-9", 1, 'There is no application "A-9"'),
    ("import nothing.toml", 2, "There is no such file"),
    ("map a b x", 2, "Write OLD=NEW"),
    ("assign COM-1 --account city --thread mastodon:a", 2, "one of them"),
    ("assign COM-1", 2, "Nothing is assigned"),
    ("assign COM-1 !?", 2, "no word in these words"),
]
"""Words of a command, its exit code, and what is said."""


def test_what_can_not_be_done_is_said(desk: Desk) -> None:
    """In one sentence, and nothing is changed."""
    for words, code, said in IMPOSSIBLE:
        assert said in desk.say(*words.split(), code=code), words
    with desk.house.store.read() as conn:
        assert list(audit.rows(conn)) == []


def test_nobody_decides_unnamed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision carries a name."""
    monkeypatch.delenv("ARCHIVER_BY")
    assert "Nobody is named who decides this" in desk.say("import", "schedule.toml", code=2)
    store = open_store(f"sqlite:///{desk.home / 'archive.sqlite'}")
    with store.read() as conn:
        assert list(audit.rows(conn)) == []
    store.dispose()
