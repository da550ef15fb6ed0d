"""From a delivery on disk to records: each once for an account, in the archive's order, and the same at a rebuild."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from archiver.domain.account import Account
from archiver.domain.acting import Actor
from archiver.domain.delivery import address
from archiver.domain.observation import AccountSeen
from archiver.domain.register import Entry, Fact
from archiver.domain.task import TaskKind
from archiver.listener.deposit import Delivery, Depositor
from archiver.listener.messages import Message, Reader, Reply
from archiver.listener.signature import has_signed
from archiver.listener.tally import Tally
from archiver.platforms import registry
from archiver.services.adoption import Adopted, Adopter, unclaimed
from archiver.services.health import health
from archiver.services.journal import Journal
from archiver.services.rebuild import check, rebuild
from archiver.services.register import register
from archiver.services.replay import recover
from archiver.services.seal import enter_missed, seal_all
from archiver.services.verify import verify
from archiver.store import accounts, tasks
from archiver.store.decisions import register as entries
from archiver.warc.names import PUSHED
from archiver.warc.writer import Segments
from tests.listener.receiving import INFO, request
from tests.platforms.mastodon_world import ANN, CITY, Server
from tests.services.loopback import Desk, desk, served
from tests.support.pushed import ADAPTER, SECRET, comment, delivery, entry

ROOT = "113000000000000020"
HIM = "mastodon:113500000000000001"


class Office:
    """A process that collects, beside one that receives."""

    def __init__(self, desk_: Desk) -> None:
        self.desk = desk_
        self.segments = Segments(
            desk_.folder / "warc", info=INFO, now=desk_.clock.now, ours=lambda key: key.klass == PUSHED
        )
        self.receiver = Depositor(self.segments, Tally())
        self.adopter = Adopter(desk_.store, desk_.journal, desk_.folder / "warc", desk_.stop)

    def push(self, body: bytes, *, seconds: float = 1, signed_for: str = "city") -> None:
        """A delivery comes, some time after what came before, signed with the tests' secret."""
        self.desk.clock.advance(seconds)
        reader = Reader()
        reader.feed(request(body))
        message = next(one for one in reader.events() if isinstance(one, Message))
        now = self.desk.clock.now()
        came = Delivery(message, now, 3, Reply(200).fixed(now).wire, frozenset({signed_for}))
        assert self.receiver.keep([came]) == [True]

    def page(self, *values: dict[str, object], page: str = CITY, late: float = 0) -> None:
        """A delivery about one page; ``late`` seconds after the platform sent it."""
        self.push(delivery(entry(page, *values, time=int(self.desk.clock.now().timestamp() - late) + 1)))

    def adopt(self, *others: str) -> dict[str, int]:
        """Read what came: how many deliveries, by account."""
        adopted: list[Adopted] = self.adopter.adopt(["city-mastodon", *others], self.desk.clock.now())
        return {one.account: one.deliveries for one in adopted}

    def texts(self) -> list[str]:
        """The versions of the record that comments are about, oldest first."""
        return [text for (text,) in self.desk.rows(
            f"SELECT v.text FROM versions v JOIN items i ON i.id = v.item_id WHERE i.key = '{HIM}' ORDER BY v.ordinal"
        )]  # fmt: skip

    def due(self) -> set[tuple[str, str]]:
        """The tasks that are due, by kind and subject."""
        with self.desk.store.read() as conn:
            return {(row.kind, row.subject) for row in tasks.due(conn, "city-mastodon", self.desk.clock.now())}

    def assert_sound(self) -> None:
        """Store and WARC files agree, and the files give the same store again."""
        warc = self.desk.folder / "warc"
        assert list(verify(self.desk.store, warc, full=True, workers=1, progress=_nobody)) == []
        compared = check(self.desk.store, warc, self.desk.folder / "scratch", self.desk.clock.now(), progress=_nobody)
        assert compared.differences == []
        assert compared.replayed.unread == []


def _nobody(_done: int, _of: int) -> None:
    """Nobody watches."""


@pytest.fixture(autouse=True)
def platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that pushes."""
    monkeypatch.setitem(registry._ADAPTERS, "mastodon", ADAPTER)


@pytest.fixture
def world() -> Server:
    """A server with one post of the city's."""
    made = Server()
    made.post(ROOT, CITY)
    return made


@pytest.fixture
def office(tmp_path: Path, world: Server) -> Iterator[Office]:
    """An archive that has read the account's profile and its posts."""
    with served(world), desk(tmp_path, world) as made:
        at_work = Office(made)
        made.round()
        yield at_work
        at_work.segments.close()


def test_a_delivery_becomes_records_and_work(office: Office) -> None:
    """A comment that is pushed is a record at once; its thread is due now; the exchange leads to the delivery."""
    office.page(comment(1, "I object"))
    assert office.adopt() == {"city-mastodon": 1}
    assert office.texts() == ["I object"]
    assert (TaskKind.THREAD, f"mastodon:{ROOT}") in office.due()
    ((file, offset, stream, kind, subject, status),) = office.desk.rows(
        "SELECT warc_file, warc_offset, stream, task_kind, subject, status FROM exchanges WHERE stream = 'push'"
    )
    assert (file.split("/")[:2], stream, kind, subject, status) == ([f"_{CITY}", "push"], "push", "push", CITY, 200)
    assert offset > 0
    assert office.adopt() == {}
    office.assert_sound()


def test_the_last_delivery_is_told(office: Office) -> None:
    """`status` says when it came."""
    office.page(comment(1))
    came = office.desk.clock.now()
    office.desk.clock.advance(500)
    office.adopt()
    (told,) = health(office.desk.store, office.desk.clock.now(), paused={"city-mastodon": False})
    assert told.last_delivery_at == came


def test_edits_and_removals_are_what_they_are(office: Office) -> None:
    """A comment that lives for seconds is kept with all its texts, though no listing ever showed it."""
    office.page(comment(1, "first"))
    office.page(comment(1, "second", verb="edited"))
    office.page(comment(1, verb="remove"))
    assert office.adopt() == {"city-mastodon": 3}
    assert office.texts() == ["first", "second"]
    assert office.desk.rows(f"SELECT state FROM items WHERE key = '{HIM}'") == [("gone",)]


def test_the_same_bytes_again_change_nothing(office: Office) -> None:
    """Platforms send again what they hold to be unanswered; so might a stranger who saw one."""
    body = delivery(entry(CITY, comment(1, "first")))
    office.push(body)
    office.adopt()
    office.page(comment(1, "second", verb="edited"))
    office.adopt()
    office.push(body)
    office.push(body)
    assert office.adopt() == {}
    assert office.texts() == ["first", "second"]


@pytest.mark.parametrize("late", [0, 9000])
def test_what_comes_behind_a_removal_brings_nothing_back(office: Office, late: float) -> None:
    """An edit that was sent before the removal and comes after it is no sight of the record: the platform is asked."""
    office.page(comment(1, "first"))
    office.page(comment(1, verb="remove"))
    office.page(comment(1, "second", verb="edited"), late=late)
    assert office.adopt() == {"city-mastodon": 3}
    assert office.desk.rows(f"SELECT state FROM items WHERE key = '{HIM}'") == [("gone",)]
    assert office.desk.rows("SELECT count(*) FROM events WHERE event = 'restored'") == [(0,)]
    assert (TaskKind.CONFIRM, HIM) in office.due()
    office.assert_sound()


def test_what_comes_late_changes_nothing_that_was_seen_since(office: Office, world: Server) -> None:
    """A delivery of hours ago does not bring an old text back: the platform is asked in its place."""
    office.page(comment(1, "second"))
    office.adopt()
    office.desk.clock.advance(7200)
    office.page(comment(1, "first"), late=9000)
    office.page(comment(1, verb="remove"), late=9000)
    assert office.adopt() == {"city-mastodon": 2}
    assert office.texts() == ["second"]
    assert office.desk.rows(f"SELECT state FROM items WHERE key = '{HIM}'") == [("live",)]
    assert (TaskKind.CONFIRM, HIM) in office.due()


def test_what_comes_late_and_is_new_is_kept(office: Office) -> None:
    """Hours of a receiver that was down are made up for."""
    office.page(comment(1, "one"), comment(1, "two", verb="edited"), late=9000)
    assert office.adopt() == {"city-mastodon": 1}
    assert office.texts() == ["one", "two"]


def test_a_delivery_that_is_older_than_what_was_seen_is_not_believed(office: Office, world: Server) -> None:
    """It came before a listing and is read behind it: what it tells may have been changed since."""
    office.page(comment(1, "as it was first"))
    office.desk.clock.advance(60)
    world.post(HIM.removeprefix("mastodon:"), ANN, to=ROOT)
    office.desk.round(everything=True)
    shown = office.texts()
    assert office.adopt() == {"city-mastodon": 1}
    assert office.texts() == shown
    assert (TaskKind.CONFIRM, HIM) in office.due()


def test_several_pages_in_one_delivery_are_read_for_each(office: Office) -> None:
    """One record of what came, one exchange for each account, and each gets its own entries only."""
    second = _second_account(office)
    office.push(delivery(entry(CITY, comment(1)), entry("777", comment(2)), entry("888", comment(3))))
    assert office.adopt(second) == {"city-mastodon": 1, second: 1}
    rows = office.desk.rows("SELECT account, subject, warc_file, warc_offset FROM exchanges WHERE stream = 'push'")
    assert {row[:2] for row in rows} == {("city-mastodon", CITY), (second, "777")}
    assert len({row[2:] for row in rows}) == 1
    assert {key for (key,) in office.desk.rows("SELECT key FROM items WHERE key LIKE 'mastodon:1135%'")} == {
        HIM, "mastodon:113500000000000002",
    }  # fmt: skip
    assert list(verify(office.desk.store, office.desk.folder / "warc", full=True, workers=1, progress=_nobody)) == []


def test_a_page_that_nobody_collects_waits(office: Office) -> None:
    """It is kept and told; configured and known one day, it is read from the beginning."""
    office.page(comment(1), page="777")
    office.page(comment(2), page="777")
    office.push(b"signed, and not JSON")
    assert office.adopt() == {}
    with office.desk.store.read() as conn:
        assert unclaimed(office.desk.folder / "warc", accounts.listed(conn)) == ["777"]
    second = _second_account(office)
    assert office.adopt(second) == {second: 2}
    assert office.adopt(second) == {}


SIGNERS = {
    "its own application": ({"token", "app_secret"}, "city-mastodon", None, True),
    "another's application": ({"token", "app_secret"}, "parks", "another secret", False),
    "the same application, when the account was not configured yet": ({"app_secret"}, "parks", SECRET, True),
    "another's application, and the account has none": ({"token"}, "parks", None, True),
}


@pytest.mark.parametrize("case", SIGNERS)
def test_whose_word_counts(office: Office, case: str) -> None:
    """Who has an application of its own is not spoken of by another's: that is kept, told once, and never read."""
    secrets, signer, secret, read = SIGNERS[case]
    office.page(comment(1))
    office.adopt()
    with office.desk.store.begin() as conn:
        before = accounts.get(conn, "city-mastodon")
        accounts.register(conn, [replace(before, secrets=frozenset(secrets))], office.desk.clock.now())
    office.adopter = Adopter(
        office.desk.store, office.desk.journal, office.desk.folder / "warc", office.desk.stop,
        lambda account, raw: account == "city-mastodon" and secret is not None and has_signed(secret, raw),
    )  # fmt: skip
    with capture_logs() as logs:
        for number in (2, 1):
            body = delivery(entry(CITY, comment(number, verb="remove"), time=int(office.desk.clock.now().timestamp())))
            office.push(body, signed_for=signer)
        assert office.adopt() == ({"city-mastodon": 2} if read else {})
        assert office.adopt() == {}
    assert office.desk.rows(f"SELECT state FROM items WHERE key = '{HIM}'") == [("gone" if read else "live",)]
    doubts = [line for line in logs if "another account's application" in line["event"]]
    assert [line["log_level"] for line in doubts] == ([] if read else ["warning"])
    office.assert_sound()


def _second_account(office: Office) -> str:
    """Another account, whose profile was read."""
    account = Account("parks", "mastodon", "parks", base_url=office.desk.world.base)
    register(office.desk.store, [account], office.desk.clock.now())
    with office.desk.store.begin() as conn:
        accounts.observe(conn, "parks", AccountSeen("777", "parks"), office.desk.clock.now())
    return "parks"


def test_deliveries_wait_for_the_profile(tmp_path: Path, world: Server) -> None:
    """Before an account's id is known nothing is read for it; afterwards everything is."""
    with served(world), desk(tmp_path, world) as made:
        office = Office(made)
        office.page(comment(1))
        assert office.adopt() == {}
        made.round(TaskKind.PROFILE)
        assert office.adopt() == {"city-mastodon": 1}
        office.segments.close()


def test_what_can_t_be_read_is_kept_and_costs_nothing(office: Office) -> None:
    """A delivery that the adapter does not understand is an exchange without records."""
    office.push(json.dumps({"object": "billboard", "entry": [{"id": CITY, "changes": "?"}]}).encode())
    office.page(comment(1))
    assert office.adopt() == {"city-mastodon": 2}
    assert office.texts() == ["I object"]


def test_sealed_files_are_read_on(office: Office) -> None:
    """A file that is sealed in the midst keeps its name and its places; the next one follows it."""
    office.page(comment(1, "one"))
    office.adopt()
    office.page(comment(1, "two", verb="edited"))
    office.receiver.seal()
    office.page(comment(1, "three", verb="edited"))
    assert office.adopt() == {"city-mastodon": 2}
    assert office.texts() == ["one", "two", "three"]
    entered = enter_missed(office.desk.store, office.desk.segments, office.desk.clock.now(), pushed_only=True)
    assert [one.file.split("/")[1] for one in entered] == ["push"]
    seal_all(office.desk.store, office.desk.segments, office.desk.clock.now())
    office.assert_sound()


@pytest.mark.parametrize("kept", [0, 2])
def test_a_store_from_a_backup_catches_up_and_reads_nothing_twice(tmp_path: Path, world: Server, kept: int) -> None:
    """Notes in the WARC files say what was read; what has no note yet is read after that."""
    with served(world):
        with desk(tmp_path, world) as made:
            office = Office(made)
            made.round()
            for number in range(4):
                if number == kept:
                    _back_up(tmp_path)
                office.page(comment(number))
                office.adopt()
            office.page(comment(9))
            office.segments.close()
        for name in ("archive.sqlite", "archive.sqlite-wal", "archive.sqlite-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        shutil.copy(tmp_path / "backup.sqlite", tmp_path / "archive.sqlite")
        with desk(tmp_path, world) as again:
            office = Office(again)
            assert recover(again.store, again.segments).exchanges == 4 - kept
            office = Office(_with_journal(again))
            assert office.adopt() == {"city-mastodon": 1}
            assert office.adopt() == {}
            assert again.rows("SELECT count(*), count(DISTINCT warc_offset) FROM exchanges WHERE stream = 'push'") == [
                (5, 5)
            ]
            office.assert_sound()
            office.segments.close()


def _back_up(folder: Path) -> None:
    """A whole copy of the store, as the backup of a running one is made."""
    with sqlite3.connect(folder / "archive.sqlite") as source, sqlite3.connect(folder / "backup.sqlite") as target:
        source.backup(target)
    source.close()
    target.close()


def _with_journal(made: Desk) -> Desk:
    """The same desk with a journal that knows what recovery has entered."""
    return replace(made, journal=Journal(made.store, made.segments))


def test_a_lost_store_is_made_again_and_nothing_is_read_twice(office: Office) -> None:
    """After a rebuild the place is gone, and the rows say what was read."""
    office.page(comment(1, "one"))
    office.page(comment(1, "two", verb="edited"))
    office.adopt()
    with office.desk.store.begin() as conn:
        conn.exec_driver_sql("DELETE FROM tasks WHERE kind = 'push'")
    warc, now = office.desk.folder / "warc", office.desk.clock.now()
    assert rebuild(office.desk.store, warc, office.desk.folder / "scratch", now, progress=_nobody).unread == []
    assert office.adopt() == {}
    assert office.texts() == ["one", "two"]
    office.assert_sound()


def test_a_note_without_rows_is_entered_at_the_next_start(office: Office) -> None:
    """A store that fails behind the note: whatever comes next, the delivery is entered once."""
    office.page(comment(1))
    with office.desk.store.begin() as conn:
        conn.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON exchanges BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(Exception, match="full"):
        office.adopt()
    with office.desk.store.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER full")
    assert office.adopt() == {}
    assert office.desk.rows("SELECT count(*) FROM exchanges WHERE stream = 'push'") == [(1,)]
    assert office.texts() == ["I object"]


def test_a_stop_ends_reading_between_two_deliveries(office: Office) -> None:
    """And the next call goes on from there."""
    for number in range(3):
        office.page(comment(number))
    office.desk.stop.set()
    assert office.adopt() == {}
    office.desk.stop.clear()
    assert office.adopt() == {"city-mastodon": 3}


def test_damage_is_told(office: Office) -> None:
    """A delivery that was read and is changed or gone is a finding, and so is one that a store forgot."""
    office.page(comment(1))
    office.adopt()
    office.receiver.seal()
    enter_missed(office.desk.store, office.desk.segments, office.desk.clock.now())
    warc = office.desk.folder / "warc"
    (path,) = warc.glob("_*/push/*.warc.gz")
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-200])
    found = [one.problem for one in verify(office.desk.store, warc, full=False, workers=1, progress=_nobody)]
    assert "the sealed file was changed" in found
    path.unlink()
    found = [one.problem for one in verify(office.desk.store, warc, full=False, workers=1, progress=_nobody)]
    assert "the file is missing" in found
    replayed = check(office.desk.store, warc, office.desk.folder / "s", office.desk.clock.now(), progress=_nobody)
    assert any("is in no file of pushed events" in problem for problem in replayed.replayed.unread)


def test_a_threads_delivery_without_an_account_is_the_only_one_s() -> None:
    """Mentions on Threads don't say whom they mention; with two accounts nobody can tell."""
    mention = address(
        b'{"topic": "interaction", "target_id": "5", "values": {"field": "mentions", "value": {"id": "5"}}}'
    )
    city = Account("city", "threads", "city", native_id="27")
    page = Account("page", "facebook", "page", native_id="27")
    assert Adopter._concerns(city, [city, page], mention)
    assert not Adopter._concerns(page, [city, page], mention)
    assert not Adopter._concerns(city, [city, Account("parks", "threads", "parks", native_id="28")], mention)


def test_nothing_is_read_for_a_closed_account(office: Office) -> None:
    """What is pushed about it stays where it lies; it is no stranger's, and after a new adoption it is read."""
    office.page(comment(1))
    dana, now = Actor("Dana", "d"), office.desk.clock.now()
    closed = Entry("city-mastodon", Fact.CLOSED, now.date(), now, dana, reason="moved")
    with office.desk.store.begin() as conn:
        entries.add(conn, [closed])
    with capture_logs() as logs:
        assert office.adopt() == {}
    assert not [line for line in logs if "nobody" in line["event"] or "no account" in line["event"]]
    with office.desk.store.begin() as conn:
        entries.add(conn, [Entry("city-mastodon", Fact.ADOPTED, now.date(), now, dana, authority="Memo")])
    assert office.adopt() == {"city-mastodon": 1}
