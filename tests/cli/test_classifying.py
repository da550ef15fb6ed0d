"""``classify`` and ``--clearance``, as commands: what is not public is marked, counted, and shown to whom it is open."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import mkdtemp
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.keys import Key
from archiver.domain.profile import Profile
from archiver.store.decisions import audit
from archiver.store.engine import open_store, upgrade
from tests.services.house import CITY, House, sight
from tests.services.retention.shelf import Shelf
from tests.support.command import run

CONFIG = """
[archive]
name = "City"
profile = "{profile}"
timezone = "America/Chicago"

[[people]]
name = "Dana Clerk"
sees = ["undecided", "{sees}"]

[[people]]
name = "Lee Police"
sees = ["{sees}"]
accounts = ["elsewhere"]

[[people]]
name = "Kim Intern"

[[accounts]]
id = "city"
platform = "mastodon"
handle = "city@social.example"

[[accounts]]
id = "elsewhere"
platform = "mastodon"
handle = "elsewhere@social.example"
"""
TEXT = "My number is 123-45-6789, call me at 555-010-4477!"
DANA = ("--by", "Dana Clerk")


@cache
def _empty() -> Path:
    path = Path(mkdtemp()) / "archive.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


class Desk:
    """An archive under a profile, and commands at it."""

    def __init__(self, home: Path, profile: Profile) -> None:
        self.home, self.profile = home, profile
        self.closed = profile.class_names[1]
        (home / "config.toml").write_text(CONFIG.format(profile=profile.id, sees=self.closed))
        (home / "data").mkdir(exist_ok=True)
        path = home / "data" / "archive.sqlite"
        shutil.copy(_empty(), path)
        self.store = open_store(f"sqlite:///{path}")
        self.house = house = House(self.store, Account("city", "mastodon", "city@social.example"))
        house.show(
            sight("1", CITY, text="Council meets at noon", visibility="public"),
            sight("2", text=TEXT, visibility="public", to="1"),
            sight("3", text="A quiet word about the council", visibility="direct", to="1"),
            sight("4", text="I'm 14 and saw the council", visibility="public", to="1"),
        )

    def run(self, *words: str, code: int = 0) -> CompletedProcess[str]:
        """A command; it ends with that code."""
        done = run(self.home, *words)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return done

    def tell(self, *words: str) -> Any:
        """What a command says as JSON."""
        return json.loads(self.run(*words, "--json").stdout)

    def acts(self) -> list[tuple[str, str, str, str | None]]:
        """The audit log: who, what, to what, why."""
        with self.store.read() as conn:
            return [(one.by.name, one.act, one.subject, one.reason) for one in audit.rows(conn)]

    def found(self, *words: str) -> set[str]:
        """The numbers of the records that a search gives."""
        return {one["record"].rpartition(":")[2] for one in self.tell("search", *words)["records"]}


@pytest.fixture
def desk(tmp_path: Path, profile: Profile) -> Any:
    """A desk under each profile."""
    made = Desk(tmp_path, profile)
    yield made
    made.store.dispose()


def test_a_suggestion_becomes_a_mark(desk: Desk) -> None:
    """Hints only suggest (R16); a person marks, with the entry's law; then exports and searches leave it out."""
    number = next(one for one in desk.profile.special if list(one.spans("123-45-6789")))
    suggested = desk.tell("classify", "suggest")
    assert {(one["record"], one["words"]) for one in suggested["suggestions"]} >= {
        ("mastodon:2", "123-45-6789"),
        ("mastodon:2", "555-010-4477"),
        ("mastodon:4", "14"),
    }
    assert suggested["not_public"] == 1
    assert "555-010-4477" in desk.run("show", "mastodon:2").stdout  # an own number in a comment stays until marked
    done = desk.run(
        "classify",
        "mark",
        "mastodon:2",
        "--like",
        number.name,
        "--part",
        "text",
        "--span",
        "13-24",
        "--reason",
        "R-1",
        *DANA,
    )
    assert done.stdout == (f"Mark 1: text 13-24 of version 1 of mastodon:2 is {number.class_} ({number.citation}).\n")
    assert "123-45-6789" not in {one["words"] for one in desk.tell("classify", "suggest")["suggestions"]}
    shown = desk.run("show", "mastodon:2").stdout
    assert f"My number is [withheld: {number.citation}], call" in shown
    assert desk.found("number") == {"2"}
    assert desk.found("123") == set()
    assert desk.tell("search", "123")["not_public"] == 1
    assert desk.acts() == [("Dana Clerk", "class mark", "mastodon:2", "R-1")]
    desk.run("classify", "withdraw", "1", "--reason", "A case number", *DANA)
    assert desk.found("123") == {"2"}
    assert [one["withdrawn"]["reason"] for one in desk.tell("classify", "list", "--all")["marks"]] == ["A case number"]
    assert desk.tell("classify", "list")["marks"] == []


def test_what_is_not_public_is_counted_and_not_shown(desk: Desk) -> None:
    """A message is undecided until somebody decides; to whom it is open it is shown, and that is noted."""
    assert desk.found("council") == {"1", "4"}
    done = desk.run("search", "council")
    assert "quiet" not in done.stdout
    assert "1 record is not public; --clearance" in done.stderr
    done = desk.run("show", "mastodon:3", code=1)
    assert "mastodon:3 is not public: undecided (visibility: direct)." in done.stderr
    assert "Of the thread: 1 record is not public" in desk.run("show", "mastodon:1").stdout
    cleared = ("--clearance", "undecided", *DANA, "--purpose", "Request 7")
    assert desk.found("council", *cleared) == {"1", "3", "4"}
    assert "quiet" in desk.run("show", "mastodon:3", *cleared).stdout
    assert desk.acts() == [("Dana Clerk", "view", "mastodon:3", "Request 7")] * 2
    desk.run("classify", "mark", "mastodon:3", "--class", "public", "--reason", "On city business", *DANA)
    assert desk.found("quiet") == {"3"}


def test_a_page_is_full_of_what_may_be_seen(tmp_path: Path, one_profile: Profile) -> None:
    """What is withheld takes no place on it."""
    desk = Desk(tmp_path, one_profile)
    pages = [desk.tell("search", "--limit", "1", "--offset", str(number)) for number in range(4)]
    seen = [hit["record"] for page in pages for hit in page["records"]]
    assert sorted(seen) == ["mastodon:1", "mastodon:2", "mastodon:4"]
    assert [page["more"] for page in pages] == [True, True, False, False]
    desk.store.dispose()


REFUSED = {
    "no purpose": (("--clearance", "{0}", *DANA), 2, "Add --purpose"),
    "no name": (("--clearance", "{0}", "--purpose", "x"), 2, "Add --by"),
    "a stranger": (("--clearance", "{0}", "--by", "Nobody", "--purpose", "x"), 2, "is not one of the people"),
    "a class of elsewhere": (("--clearance", "secret", *DANA, "--purpose", "x"), 2, '"secret" is not a class'),
    "without that work": (("--clearance", "{0}", "--by", "Kim Intern", "--purpose", "x"), 1, "is not cleared for {0}"),
    "undecided, to its subject": (
        ("--clearance", "undecided", *DANA, "--purpose", "x", "--for", "subject"), 1, "is not for the person it is about",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("options", "code", "sentence"), REFUSED.values(), ids=REFUSED)
def test_who_is_not_cleared_sees_nothing(
    tmp_path: Path, options: tuple[str, ...], code: int, sentence: str, one_profile: Profile
) -> None:
    """No search, no record and no file; that somebody without that work asked is in the log, without content (R14)."""
    desk = Desk(tmp_path, one_profile)
    commands = (("show", "mastodon:3"), ("export", "json", "-o", str(tmp_path / "x.json")))
    for command in commands:
        done = desk.run(*command, *(one.format(desk.closed) for one in options), code=code)
        assert sentence.format(desk.closed) in done.stderr
        assert "council" not in done.stdout
    assert not (tmp_path / "x.json").exists()
    denied = [act[:2] for act in desk.acts()]
    assert denied == ([(options[options.index("--by") + 1], "view deny")] * len(commands) if code == 1 else [])


def test_a_record_of_another_class_is_a_denial(tmp_path: Path, profile: Profile) -> None:
    """Who is cleared, and asks for a record that this does not open, is in the log, too (R14)."""
    desk = Desk(tmp_path, profile)
    done = desk.run("show", "mastodon:3", "--clearance", desk.closed, *DANA, "--purpose", "Request 7", code=1)
    assert "is not public" in done.stderr
    assert desk.acts() == [("Dana Clerk", "view deny", "mastodon:3", "Request 7")]
    desk.store.dispose()


@pytest.fixture
def one_profile() -> Profile:
    """The default one: what is asked here is no state's matter."""
    from archiver.config import profile as profiles

    return profiles.load_profile(profiles.default_name())


def test_clearance_for_one_account_opens_no_other(desk: Desk) -> None:
    """Lee's work is about another account: the mark on the city's holds for Lee, too."""
    desk.run("classify", "mark", "mastodon:1", "--class", desk.closed, "--citation", "Law 1", "--reason", "why", *DANA)
    for person, seen in (("Dana Clerk", {"1", "4"}), ("Lee Police", {"4"})):
        assert desk.found("council", "--clearance", desk.closed, "--by", person, "--purpose", "x") == seen
    assert desk.found("council") == {"4"}


def test_who_gets_to_see_it_counts(desk: Desk) -> None:
    """What the law closes to the one it is about is not exported for them, whoever asks."""
    for one in desk.profile.classes[1:2]:
        words = ("export", "json", "-o", str(desk.home / "x.json"), "--clearance", one.name, "--for", "subject", *DANA)
        done = desk.run(*words, "--purpose", "Request 8", code=0 if one.subject else 1)
        assert (one.citation in done.stderr) is not one.subject


FAULTS = {
    "no class": (("--reason", "x"), "It is not said of which class"),
    "a class of elsewhere": (("--class", "secret", "--reason", "x"), '"secret" is not a class of data'),
    "no law": (("--class", "{0}", "--reason", "x"), "No law is named that makes it {0}."),
    "no reason": (("--class", "{0}", "--citation", "Law"), "A mark needs a reason."),
    "not on the watch list": (("--like", "unicorns", "--reason", "x"), '"unicorns" is not on the watch list'),
    "a piece of all": (("--class", "{0}", "--citation", "L", "--reason", "x", "--span", "0-2"), "record is marked as a whole"),
    "no piece": (
        ("--class", "{0}", "--citation", "L", "--reason", "x", "--part", "text", "--span", "5-500"), "is no piece of it",
    ),
    "no such version": (
        ("--class", "{0}", "--citation", "L", "--reason", "x", "--part", "text", "--span", "0-2", "--version", "9"),
        "There is no version 9.",
    ),
    "no numbers": (("--class", "{0}", "--citation", "L", "--reason", "x", "--part", "text", "--span", "a"), "is not a piece"),
    "all of it everywhere": (("--class", "{0}", "--citation", "L", "--reason", "x", "--everywhere"), "Only a piece of a text"),
}  # fmt: skip


def test_faults_of_a_mark_are_sentences(tmp_path: Path, one_profile: Profile) -> None:
    """Each tells what is missing, and nothing is marked."""
    desk = Desk(tmp_path, one_profile)
    for options, sentence in FAULTS.values():
        words = (one.format(desk.closed) for one in options)
        done = desk.run("classify", "mark", "mastodon:2", *words, *DANA, code=2)
        assert sentence.format(desk.closed) in done.stderr
    desk.run("classify", "mark", "nothing", "--class", "public", "--reason", "x", *DANA, code=1)
    assert desk.tell("classify", "list")["marks"] == []
    desk.store.dispose()


def test_the_class_of_a_day_is_told(desk: Desk) -> None:
    """With the rule set, what is not public, when it opens, and all marks."""
    desk.run(
        "classify", "mark", "mastodon:4", "--class", desk.closed, "--citation", "Law 1", "--reason", "A child",
        "--part", "author", "--opens-on", "2050-01-01", *DANA,
    )  # fmt: skip
    told = desk.tell("classify", "show", "mastodon:4")
    assert (told["class"], told["rule_set"], told["opens_on"]) == (desk.closed, desk.profile.rule_set, "2050-01-01")
    assert [(one["part"], one["citation"]) for one in told["not_public"]] == [("author", "Law 1")]
    said = desk.run("classify", "show", "mastodon:4").stdout
    assert f"mastodon:4 is {desk.closed} by the rules of {desk.profile.rule_set}." in said
    assert "author is" in said
    assert "mastodon:4" in desk.run("classify", "list", "--account", "city").stdout
    assert desk.tell("classify", "show", "mastodon:3")["class"] == "undecided"
    row = desk.run("search", "14").stdout
    assert "[withheld: Law 1]\tI'm 14 and saw the council" in row
    assert "ann" not in row


def test_an_export_lists_what_it_withholds(desk: Desk) -> None:
    """By law, with the class; what is cleared is in it, and each record that is not public is noted as opened."""
    desk.run(
        "classify", "mark", "mastodon:2", "--class", desk.closed, "--citation", "Law 1", "--reason", "A number",
        "--part", "text", "--span", "13-24", *DANA,
    )  # fmt: skip
    desk.run("export", "sqlite", "-o", str(desk.home / "public.db"))
    with closing(sqlite3.connect(desk.home / "public.db")) as conn, conn:
        rows = conn.execute(
            "SELECT record, part, version, span, class, basis, reason FROM withheld ORDER BY record"
        ).fetchall()
        about = dict(conn.execute("SELECT key, value FROM about"))
    assert rows[0] == ("mastodon:2", "text", 1, "13-24", desk.closed, "Law 1", "A number")
    assert rows[1][:5] == ("mastodon:3", "record", None, None, "undecided")
    assert (about["clearance"], about["rule_set"]) == ("public data only", desk.profile.rule_set)
    conn.close()
    cleared = ("--clearance", f"undecided,{desk.closed}", *DANA, "--purpose", "Request 9")
    done = desk.tell("export", "json", "-o", str(desk.home / "all.json"), *cleared)
    assert done["counts"]["withheld"] == 0
    seen = {act[2] for act in desk.acts() if act[1] == "view"}
    assert seen == {Key("mastodon:2"), Key("mastodon:3")}
    assert "123-45-6789" in (desk.home / "all.json").read_text()
    assert "Request 9" in json.loads((desk.home / "all.json").read_text())["about"]["clearance"]


def test_work_about_one_series_opens_no_other(tmp_path: Path, one_profile: Profile) -> None:
    """As the configuration says it; the record that stays closed is in the log, without its words (R14)."""
    desk = Desk(tmp_path, one_profile)
    shelf = Shelf(desk.house)
    shelf.schedule("A-1; created; 3 years; destroy", "B-1; created; 3 years; destroy")
    shelf.assign("A-1", Key("mastodon:3"))
    config = desk.home / "config.toml"
    asked: tuple[str, ...] = ()
    for series, found in (("A-1", {"1", "3", "4"}), ("B-1", {"1", "4"})):
        grant = f'[[people]]\nname = "Sam {series}"\nsees = ["undecided"]\nseries = ["cities@2001-03-01/{series}"]\n'
        config.write_text(f"{config.read_text()}{grant}")
        asked = ("--clearance", "undecided", "--by", f"Sam {series}", "--purpose", "Request 7")
        assert desk.found("council", *asked) == found
    assert "mastodon:3 is not public" in desk.run("show", "mastodon:3", *asked, code=1).stderr
    with desk.store.read() as conn:
        acts = list(audit.rows(conn, verbs=("view", "view deny")))
    assert [(one.by.name, one.act, one.subject) for one in acts] == [
        ("Sam A-1", "view", "mastodon:3"),
        ("Sam B-1", "view deny", "mastodon:3"),
        ("Sam B-1", "view deny", "mastodon:3"),
    ]
    assert "quiet" not in repr(acts)
    desk.run("export", "json", "-o", str(desk.home / "sam.json"), *asked)
    told = json.loads((desk.home / "sam.json").read_text())
    assert "quiet" not in repr(told)
    assert "of series cities@2001-03-01/B-1, for staff" in told["about"]["clearance"]
    desk.store.dispose()
