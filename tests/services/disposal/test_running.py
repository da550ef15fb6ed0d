"""Carrying a disposal out: what is named goes, from everywhere; all else stays as it was."""

from __future__ import annotations

import inspect
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from archiver.domain.keys import Key
from archiver.domain.moderation import KEPT_FOLDER, Action, Kept
from archiver.domain.retention import Disposition
from archiver.errors import UsageError
from archiver.ledger.notes import NotSigned, Signer
from archiver.services.disposal import comparing, expunging, finishing, proposing, running, staging
from archiver.services.disposal.certificates import certificate_of
from archiver.services.disposal.running import run
from archiver.store import items, tombstones, views
from archiver.store.decisions import audit, disposals, moderation
from archiver.store.decisions.disposals import Receipt
from archiver.store.decisions.moderation import ManualAct
from tests.services.loopback import Desk
from tests.support.disposal import (
    ANN,
    BOB,
    FIRST,
    OTHERS,
    ROOT,
    SECOND,
    SERIES,
    WORDS,
    Done,
    approve,
    dispose,
    faults,
    found_in,
    hold,
    key,
    propose,
    schedule,
    thread_at,
    workshop,
)

FULL = os.environ.get("ARCHIVER_STORY") == "full"  # read now: while tests run, the person's settings are out of reach


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    """All that is due in the thread was disposed of; kept exports and what a crash left lay about."""
    with thread_at(tmp_path_factory.mktemp("done")) as made:
        for name in ("exports/kept.csv", "spool/half", "warc/city-mastodon/api/x.warc.gz.torn-20260101000000"):
            (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (made.folder / name).write_bytes(WORDS[0])
        assert {word for _, word in found_in(made.folder, WORDS + OTHERS)} == {*WORDS, *OTHERS}
        shop = workshop(made)
        yield Done(made, shop, dispose(made, shop))


def test_what_is_due_goes_from_everywhere(done: Done) -> None:
    """No file of the archive holds a word of it, and the rest is there, verified and read again alike."""
    certificate, at_work = done.certificate, done.desk
    assert [one.entry.record for one in certificate.destroyed] == [key(ROOT), key(SECOND)]
    assert certificate.exports == ("kept.csv",)
    assert list(found_in(at_work.folder, WORDS)) == []
    assert {word for _, word in found_in(at_work.folder, OTHERS)} == set(OTHERS)
    assert faults(at_work) == []
    assert not (at_work.folder / "disposal").exists()


def test_what_somebody_wrote_down_of_it_goes_too(at_work: Desk) -> None:
    """The words in an entry of the moderation record, and the screenshot; that it was done, and by whom, stays."""
    folder = at_work.folder / KEPT_FOLDER
    folder.mkdir()
    now = at_work.clock.now()
    with at_work.store.begin() as conn:
        for native, word in ((ROOT, WORDS[0]), (FIRST, OTHERS[0])):
            (folder / native).write_bytes(word)
            kept = Kept("screen.png", "0" * 64, 8, f"{KEPT_FOLDER}/{native}")
            moderation.add_act(
                conn,
                ManualAct(
                    "city", Action.DELETE, now, False, now, ANN, "seen", key(native), text=word.decode(), kept=kept
                ),
            )
    dispose(at_work)
    assert list(found_in(at_work.folder, WORDS)) == []
    assert at_work.rows("SELECT record, text FROM moderation_acts ORDER BY id") == [
        (key(ROOT), None), (key(FIRST), OTHERS[0].decode()),
    ]  # fmt: skip
    assert [path.name for path in folder.iterdir()] == [FIRST]
    with at_work.store.begin() as conn, pytest.raises(DBAPIError, match="append-only"):
        conn.exec_driver_sql("UPDATE moderation_acts SET text = NULL")


def test_the_files_tell_what_took_their_place(done: Done) -> None:
    """The store says which WARC file was written anew as which, and all of them are signed as sealed."""
    certificate, at_work = done.certificate, done.desk
    with at_work.store.read() as conn:
        assert tuple(disposals.replaced(conn, certificate.name)) == certificate.files
    folder = at_work.folder / "warc"
    assert certificate.files
    assert all(
        one.new and (folder / one.new).exists() and not (folder / one.file).exists() for one in certificate.files
    )
    assert certificate.residue == ()


def test_those_who_stay_keep_what_they_answered(done: Done) -> None:
    """An answer whose root went still names it, and the root says under what it was disposed of (R25, R33)."""
    certificate, at_work = done.certificate, done.desk
    with at_work.store.read() as conn:
        answer, root = views.record(conn, key(FIRST)), views.record(conn, key(ROOT))
        gone = disposals.gone(conn, [key(ROOT)])[key(ROOT)]
        assert items.resolve(conn, ROOT) == key(ROOT)
    assert answer is not None
    assert root is not None
    assert (answer.row["parent"], answer.row["thread"], answer.row["text"]) == (key(ROOT), key(ROOT), "answer0word")
    assert (root.row["state"], root.row["text"], root.row["author"]) == ("disposed", None, None)
    assert (gone.series, gone.disposal, gone.at) == ("COM-1", certificate.name, certificate.run_at)


def test_the_list_is_signed_and_stays(done: Done) -> None:
    """Row and file are the same signed note; another text is not taken for it, and no word of a record is in it."""
    at_work, shop, certificate = done.desk, done.shop, done.certificate
    note = (at_work.folder / "disposals" / "D-2026-001.txt").read_text()
    with at_work.store.read() as conn:
        (one,) = disposals.runs(conn)
        acts = [act.act for act in audit.rows(conn, subject="D-2026-001")]
    assert one.note == note
    assert certificate_of(one, shop.signer.verifier) == certificate
    assert not any(word.decode() in note for word in WORDS)
    assert acts == ["disposal propose", "disposal approve", "disposal run"]
    with pytest.raises(NotSigned):
        Signer.generate("city").verifier.text_of(note)


def test_what_a_stop_covers_stays(at_work: Desk) -> None:
    """A stop that is placed after the approval keeps its records, and the certificate says why (R26)."""
    name = propose(at_work)
    approve(at_work, name)
    stop = hold(at_work.store, [key(ROOT)], at_work.clock.now())
    certificate = run(workshop(at_work), name, by=BOB, at=at_work.clock.now())
    assert [one.entry.record for one in certificate.destroyed] == [key(SECOND)]
    assert [(one.record, one.reason) for one in certificate.kept] == [(key(ROOT), f"under stop {stop}")]
    assert {word for _, word in found_in(at_work.folder, WORDS)} == {b"rootword"}
    assert faults(at_work) == []


def test_a_stop_in_the_last_moment(at_work: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Placed from elsewhere when all is prepared, it still keeps what it covers."""
    name = propose(at_work)
    approve(at_work, name)
    differs, placed = running._differs_in_nothing_else, list[str]()

    def slow(*arguments: Any) -> None:
        differs(*arguments)
        if not placed:
            placed.append(hold(at_work.store, [key(SECOND)], at_work.clock.now()))

    monkeypatch.setattr(running, "_differs_in_nothing_else", slow)
    certificate = run(workshop(at_work), name, by=BOB, at=at_work.clock.now())
    assert [one.entry.record for one in certificate.destroyed] == [key(ROOT)]
    assert [one.reason for one in certificate.kept] == [f"under stop {placed[0]}"]
    assert faults(at_work) == []


def test_a_second_disposal_cuts_what_the_first_left(at_work: Desk) -> None:
    """Once the stop is over, the other record goes by a list of its own, out of files that were rewritten before."""
    name = propose(at_work)
    approve(at_work, name)
    hold(at_work.store, [key(ROOT)], at_work.clock.now())
    run(workshop(at_work), name, by=BOB, at=at_work.clock.now())
    with at_work.store.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER stopped_records_no_DELETE")
        conn.exec_driver_sql("DELETE FROM stopped_records")
    assert dispose(at_work).name == "D-2026-002"
    assert list(found_in(at_work.folder, WORDS)) == []
    assert faults(at_work) == []


def test_what_is_to_be_transferred_waits_for_a_receipt(tmp_path: Path) -> None:
    """Without a receipt nothing of it goes; with one it does, and the certificate names bag and digest (R34)."""
    with thread_at(tmp_path) as desk:
        to_be_moved = replace(SERIES, code="COM-2", disposition=Disposition.TRANSFER_THEN_DESTROY)
        schedule_again(desk, to_be_moved)
        name = propose(desk)
        approve(desk, name)
        with pytest.raises(UsageError, match="no archive's receipt"):
            run(workshop(desk), name, by=BOB, at=desk.clock.now())
        assert {word for _, word in found_in(desk.folder, WORDS)} == set(WORDS)
        with desk.store.begin() as conn:
            proposing.record_receipt(conn, Receipt(name, desk.clock.now(), ANN, "bag-1", "ab12", "letter 7"))
        certificate = run(workshop(desk), name, by=BOB, at=desk.clock.now())
        assert certificate.receipt == "letter 7: bag-1, ab12"
        assert list(found_in(desk.folder, WORDS)) == []


def schedule_again(desk: Desk, series: Any) -> None:
    """Another series for all that there is, kept longer than the one that it goes before."""
    with desk.store.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER series_assignments_no_DELETE")
        conn.exec_driver_sql("DELETE FROM series_assignments")
        for table in ("schedule_adoptions", "schedule_series", "schedule_editions"):
            conn.exec_driver_sql(f"DROP TRIGGER {table}_no_DELETE")
            conn.exec_driver_sql(f"DELETE FROM {table}")
    schedule(desk.store, series=series)


def test_what_the_platform_shows_again_is_not_taken_in(done: Done) -> None:
    """Nothing is asked about what went, and no task waits for it."""
    subjects = {row[0] for row in done.desk.rows("SELECT subject FROM tasks")}
    assert not subjects & {key(ROOT), key(SECOND)}
    with done.desk.store.read() as conn:
        assert {stone.key for stone in tombstones.among(conn, [Key(key(ROOT))]).values()} == {key(ROOT)}


class Steps:
    """Ends this process, as a kill would, at the n-th call or return of a function of the disposal; else lists them."""

    def __init__(self, last: int | None = None) -> None:
        self.last = last
        self.taken: list[str] = []

    def watch(self, *modules: ModuleType) -> None:
        """Count the calls of these modules' functions, in this process."""
        for module in modules:
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__:
                    setattr(module, name, self._counted(function))

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self._step(function)
            answer = function(*arguments, **named)
            self._step(function)
            return answer

        return counted

    def _step(self, function: Callable[..., Any]) -> None:
        self.taken.append(function.__module__.rpartition(".")[2])
        if len(self.taken) == self.last:
            os._exit(9)


def in_a_child(folder: Path, name: str, steps: Steps) -> list[str]:
    """Run a disposal in a process of its own; in which module each step was, nothing where it was killed."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads of the tests are not in the child
        child = os.fork()
    if child == 0:
        try:
            with thread_at(folder) as desk:
                steps.watch(running, staging, comparing, expunging, finishing)
                running.run(workshop(desk), name, by=BOB, at=desk.clock.now())
                os.write(writing, " ".join(steps.taken).encode())
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as told:
        taken = told.read()
    os.waitpid(child, 0)
    return taken.split()


def chosen(taken: list[str], *, many: bool) -> list[int]:
    """Steps to be killed at: some of the preparing, and of what comes after the transaction."""
    after = [place for place, module in enumerate(taken, start=1) if module == "finishing" and place > len(taken) // 2]
    before = range(1, after[0])
    wanted = (len(before), len(after)) if many else (1, 4)
    return [
        steps[len(steps) * number // count]
        for steps, count in zip((before, after), wanted, strict=True)
        for number in range(count)
    ]


def test_a_kill_leaves_all_or_nothing(tmp_path: Path) -> None:
    """Wherever a run is killed, either nothing happened, or the next start finishes it; then all is as it must be."""
    first = tmp_path / "first"
    with thread_at(first) as desk:
        name = propose(desk)
        approve(desk, name)
    shutil.copytree(first, tmp_path / "whole")
    taken = in_a_child(tmp_path / "whole", name, Steps())
    outcomes = set()
    for last in chosen(taken, many=FULL):
        folder = tmp_path / f"killed-{last}"
        shutil.copytree(first, folder)
        assert in_a_child(folder, name, Steps(last)) == []
        with thread_at(folder) as desk:
            finishing.finish(desk.store, desk.folder / "warc", desk.folder, desk.clock.now())
            with desk.store.read() as conn:
                was_done = disposals.run_of(conn, name) is not None
            left = {word for _, word in found_in(folder, WORDS)}
            assert left == (set() if was_done else set(WORDS)), f"killed at step {last} of {len(taken)}"
            assert not (folder / "disposal").exists()
            assert faults(desk) == []
            outcomes.add(was_done)
    assert outcomes == {True, False}
