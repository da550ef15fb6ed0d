"""``hold``: the commands by which a clerk stops destruction, tells custodians, and ends a hold with a second person."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from filelock import FileLock

from archiver.domain.item import Kind
from archiver.store.decisions import audit
from archiver.store.engine import Store, open_store, upgrade
from tests.capture.test_notify import server
from tests.store.conftest import City, sighting
from tests.support.command import run

CONFIG = """
[archive]
name = "Maple Ford"
timezone = "America/Chicago"
[[people]]
name = "Dana Clerk"
[[people]]
name = "Lee Attorney"
[[people]]
name = "Sam Trainee"
approves = false
[[accounts]]
id = "city"
platform = "mastodon"
handle = "city@example.social"
{more}
"""
DANA = ("--by", "Dana Clerk")
LEE = ("--by", "Lee Attorney")
WHY = ("--matter", "Doe v. City", "--reason", "A claim was received", *DANA)


class Desk:
    """A folder with an archive of four records, and the commands on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.configure()
        self.store: Store = open_store(f"sqlite:///{home / 'data' / 'archive.sqlite'}")
        self.city = City(self.store)

    def configure(self, more: str = "") -> None:
        """Write the configuration, with ``more`` in the account's table."""
        (self.home / "config.toml").write_text(CONFIG.format(more=more), encoding="utf-8")

    def run(self, *arguments: str, code: int = 0) -> CompletedProcess[str]:
        """A command, which must end with that code."""
        done = run(self.home, *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def json(self, *arguments: str) -> dict[str, Any]:
        """What a command reports."""
        found: dict[str, Any] = json.loads(self.run(*arguments, "--json").stdout)
        return found

    def acts(self, subject: str) -> list[tuple[str, str, str | None]]:
        """What the audit log has of something."""
        with self.store.read() as conn:
            return [(one.act, one.by.name, one.reason) for one in audit.rows(conn, subject=subject)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with such an archive, to copy from."""
    made = tmp_path_factory.mktemp("home")
    (made / "data").mkdir()
    upgrade(f"sqlite:///{made / 'data' / 'archive.sqlite'}")
    desk = Desk(made)
    root = desk.city.post(1, "A pothole on Main Street")
    desk.city.see(sighting(2, "Fix the pothole!", thread=root, parent=root), kind=Kind.COMMENT)
    desk.city.see(sighting(3, "Thank you", thread=root, parent=root), kind=Kind.COMMENT)
    desk.city.post(4, "Parade on Sunday")
    desk.store.dispose()
    return made


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk, whose people are known by name."""
    shutil.copytree(home, tmp_path / "home")
    desk = Desk(tmp_path / "home")
    desk.city.exchanges = 4
    yield desk
    desk.store.dispose()


def test_a_hold_is_placed_shown_and_listed(desk: Desk) -> None:
    """It says how much it covers, from when until when, of which accounts; a later record is under it on arrival."""
    done = desk.run("hold", "place", "pothole", *WHY)
    assert done.stdout.startswith(
        "H-1 is placed. 2 records are under it, from 2025-12-31 18:01 until 2025-12-31 18:02."
    )
    desk.city.post(5, "Another POTHOLE")
    shown = desk.json("hold", "show", "H-1")
    assert (shown["records"], shown["state"], shown["placed_by"]) == (3, "open", "Dana Clerk")
    assert shown["scope"]["query"]["words"] == "pothole"
    assert shown["accounts"][0]["account"] == "city"
    assert shown["last_at"] == "2026-01-01T00:05:00Z"
    (listed,) = desk.json("hold", "list")["holds"]
    assert listed == shown
    assert "3 records are under it" in desk.run("hold", "show", "h-1").stdout
    assert desk.acts("H-1") == [("hold place", "Dana Clerk", "A claim was received")]


def test_the_list_of_a_hold_can_be_read(desk: Desk) -> None:
    """Each record with why it is covered and since when; context as such."""
    desk.run("hold", "place", "fix", "--record", "mastodon:4", *WHY)
    found = {one["record"]: one["why"] for one in desk.json("hold", "show", "H-1", "--records")["list"]}
    assert found == {"mastodon:1": "context", "mastodon:2": "matched", "mastodon:4": "named"}
    assert "mastodon:4\tnamed\t" in desk.run("hold", "show", "H-1", "--records").stdout


def test_what_was_disposed_of_can_not_be_named(desk: Desk) -> None:
    """Nothing is left of it to hold; and filters don't count its tombstone."""
    with desk.store.begin() as conn:
        conn.exec_driver_sql("UPDATE items SET state = 'disposed' WHERE key = 'mastodon:4'")
    done = desk.run("hold", "place", "--record", "mastodon:4", *WHY, code=1)
    assert "mastodon:4 was disposed of" in done.stderr
    desk.run("hold", "place", "--account", "city", *WHY)
    assert desk.json("hold", "show", "H-1")["records"] == 3


def test_a_record_says_under_which_holds_it_is(desk: Desk) -> None:
    """`show` of it names them, with their matter; one that is under none says nothing."""
    desk.run("hold", "place", "--record", "mastodon:4", *WHY)
    desk.run("hold", "place", "--type", "data-request", "--account", "city", *WHY)
    assert [one["hold"] for one in desk.json("show", "mastodon:4")["holds"]] == ["H-1", "H-2"]
    assert [one["hold"] for one in desk.json("show", "mastodon:1")["holds"]] == ["H-2"]
    assert "H-2  data_request  Doe v. City" in desk.run("show", "mastodon:1").stdout


def test_status_counts_open_holds(desk: Desk) -> None:
    """In a sentence and in JSON; none are not mentioned."""
    assert desk.json("status")["holds"] == 0
    assert "hold" not in desk.run("status").stdout
    desk.run("hold", "place", "--everything", *WHY)
    assert desk.json("status")["holds"] == 1
    assert "1 hold on destruction is open" in desk.run("status").stdout


def test_a_release_needs_two_people(desk: Desk) -> None:
    """Who asks can't approve, nor can who approves nothing; with another hold on it a record stays stopped."""
    desk.run("hold", "place", "pothole", *WHY)
    desk.run("hold", "place", "fix", "--no-context", *WHY)
    assert "Nobody has asked" in desk.run("hold", "release", "H-1", "--approve", *LEE, code=2).stderr
    desk.run("hold", "notices", "H-1", "--to", "Kim Lane", *DANA)
    desk.run("hold", "release", "H-1", "--reason", "settled", *DANA)
    assert "another person" in desk.run("hold", "release", "H-1", "--approve", "--by", "dana  CLERK", code=2).stderr
    assert "does not approve" in desk.run("hold", "release", "H-1", "--approve", "--by", "Sam Trainee", code=2).stderr
    assert desk.json("hold", "show", "H-1")["state"] == "open"
    done = desk.run("hold", "release", "H-1", "--approve", *LEE)
    assert done.stdout.splitlines() == [
        "H-1 is released. 1 record is no longer under any hold.",
        "Tell its custodians that it is over: Kim Lane.",
    ]
    assert [one["hold"] for one in desk.json("hold", "list")["holds"]] == ["H-2"]
    assert [one["hold"] for one in desk.json("hold", "list", "--all")["holds"]] == ["H-1", "H-2"]
    assert [act for act, *_ in desk.acts("H-1")] == ["hold place", "hold notice", "hold ask-release", "hold release"]
    assert "released already" in desk.run("hold", "release", "H-1", "--reason", "again", *DANA, code=2).stderr


WRONG: list[tuple[tuple[str, ...], int, str]] = [
    (("place", *WHY), 2, "Nothing says what is to be covered"),
    (("place", "...", *WHY), 2, "Punctuation alone"),
    (("place", "x", "--matter", "m", *DANA), 2, "needs a matter and a reason"),
    (("place", "x", "--matter", "m", "--reason", "r"), 2, "Nobody is named who decides this"),
    (("place", "x", "--matter", "m", "--reason", "r", "--by", "Somebody"), 2, "not one of the people"),
    (("place", "--account", "cty", *WHY), 2, 'no account "cty"'),
    (("place", "--type", "whim", "x", *WHY), 2, "Known: legal_hold"),
    (("place", "--record", "mastodon:99", *WHY), 1, "no record 'mastodon:99'"),
    (("show", "H-7"), 1, 'no hold "H-7"'),
    (("release", "H-7", "--reason", "r", *DANA), 1, 'no hold "H-7"'),
    (("release", "H-7", *DANA), 2, "A release needs a reason"),
    (("release", "H-7", "--approve", "--reason", "r", *DANA), 2, "Give one of them"),
    (("notices", "H-7", "--to", "Sam", *DANA), 1, 'no hold "H-7"'),
    (("notices", "--to", "Sam", *DANA), 2, "Of which hold"),
    (("notices", "H-7", "--to", "Sam", "--remind", *DANA), 2, "one of them at a time"),
]


def test_what_can_not_be_meant_is_refused(desk: Desk) -> None:
    """In one sentence, and no hold is placed."""
    for arguments, code, sentence in WRONG:
        assert sentence in desk.run("hold", *arguments, code=code).stderr
    assert desk.json("hold", "list", "--all")["holds"] == []


def test_a_hold_warns_of_accounts_that_are_not_collected(desk: Desk) -> None:
    """A paused account under a hold is told of when it is placed and whenever it is shown."""
    desk.configure("paused = true")
    done = desk.run("hold", "place", "pothole", *WHY)
    assert "H-1 covers city, and nothing is collected from it: it is paused in the configuration." in done.stderr
    assert "nothing is collected from it" in desk.run("hold", "list").stderr
    desk.configure()
    assert desk.run("hold", "show", "H-1").stderr == ""


@pytest.mark.parametrize("act", [("change", "city", "--collect", "off"), ("close", "city")], ids=["off", "closed"])
def test_who_ends_the_collection_is_told_of_holds(desk: Desk, act: tuple[str, ...]) -> None:
    """Those that cover the account; a hold on another one's records is none of its business."""
    desk.run("hold", "place", "--platform", "bluesky", *WHY)
    desk.run("hold", "place", "--record", "mastodon:4", *WHY)
    done = desk.run("account", *act, "--reason", "Spam.", *DANA)
    assert done.stderr == "Warning: city is under H-2 (Doe v. City); what happens there from now on is not kept.\n"
    assert "H-2 covers city, and nothing is collected from it" in desk.run("hold", "list").stderr


def test_notices_are_brought_acknowledged_and_reminded(desk: Desk) -> None:
    """Without mail the text is given to be brought by hand, and recorded either way."""
    desk.run("hold", "place", "pothole", "--account", "city", *WHY)
    sent = desk.run("hold", "notices", "H-1", "--to", "Sam Porter <sam@city.example>", "--to", "Kim Lane", *DANA)
    assert "is to be brought by hand; it is recorded as sent" in sent.stdout
    assert "To: Sam Porter\nFrom: Dana Clerk, Maple Ford\nAbout: legal hold H-1, Doe v. City" in sent.stdout
    assert "It concerns all records with the words pothole of the account city, with what they answer" in sent.stdout
    desk.run("hold", "notices", "H-1", "--acknowledge", "sam porter", *DANA)
    by_name = {one["custodian"]: one for one in desk.json("hold", "notices", "H-1")["notices"]}
    assert by_name["Sam Porter"]["acknowledged_at"] is not None
    assert by_name["Kim Lane"]["acknowledged_at"] is None
    assert desk.json("hold", "notices")["notices"] == []
    assert desk.run("hold", "notices", "H-1", "--remind", *DANA).stdout == "Nobody is overdue.\n"
    assert "Sam Porter, Kim Lane" in desk.run("hold", "notices", "H-1", "--acknowledge", "Pat", *DANA, code=1).stderr
    assert [act for act, *_ in desk.acts("H-1")] == ["hold place", "hold notice", "hold notice", "hold acknowledge"]


def test_a_notice_goes_out_by_mail(desk: Desk) -> None:
    """Through the server of the alerts, to the custodian alone."""
    with server() as (inbox, smtp):
        desk.configure(
            f'[alerts.mail]\nhost = "{smtp.host}"\nport = {smtp.port}\nsecurity = "none"\n'
            'sender = "archiver@city.example"\nto = ["it@city.example"]'
        )
        desk.run("hold", "place", "pothole", *WHY)
        done = desk.run("hold", "notices", "H-1", "--to", "Sam Porter <sam@city.example>", *DANA)
        assert done.stdout == "The notice to Sam Porter went to sam@city.example.\n"
        assert inbox.envelopes[0].rcpt_tos == ["sam@city.example"]
        assert inbox.mail()["Subject"] == "Legal hold H-1: Doe v. City"
        assert "Do not delete, edit or hide" in inbox.mail().get_content()
        failed = desk.run("hold", "notices", "H-1", "--to", "Kim <nobody@city.example>", *DANA, code=1)
        assert "could not be sent" in failed.stderr
    assert [one["custodian"] for one in desk.json("hold", "notices", "H-1")["notices"]] == ["Sam Porter"]


def test_a_notice_in_own_words_is_written_to_a_file(desk: Desk, tmp_path: Path) -> None:
    """The city attorney's text goes out as it is."""
    desk.run("hold", "place", "pothole", *WHY)
    (tmp_path / "ours.txt").write_text("Keep everything.", encoding="utf-8")
    letter = str(tmp_path / "letter.txt")
    desk.run("hold", "notices", "H-1", "--to", "Kim Lane", "--text", str(tmp_path / "ours.txt"), "-o", letter, *DANA)
    assert Path(letter).read_text(encoding="utf-8") == "Keep everything."
    assert "can't be read" in desk.run("hold", "notices", "H-1", "--to", "K", "--text", "none", *DANA, code=2).stderr


def test_a_hold_is_placed_while_another_process_collects(desk: Desk) -> None:
    """The data folder is another's, and its store is open there; what that one captures next is under the hold."""
    command = [sys.executable, "-c", "from archiver.cli.main import main; main()"]
    command += ["--config", str(desk.home / "config.toml")]
    with FileLock(desk.home / "data" / ".lock"):
        busy = subprocess.run([*command, "collect"], capture_output=True, text=True, check=False)
        assert "Another archiver process works on" in busy.stderr
        done = subprocess.run([*command, "hold", "place", "snow", *WHY], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert "No records are under it so far." in done.stdout
        desk.city.post(9, "Snow on Main Street")
    assert desk.json("hold", "show", "H-1")["records"] == 1
