"""Expungement by order of a court: beside the words the names go, from everywhere; all else stays as it was."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from archiver.domain.disposal import Certificate
from archiver.domain.keys import Key
from archiver.domain.moderation import KEPT_FOLDER, Action, Kept
from archiver.domain.opening import person_digest
from archiver.errors import NotFound, UsageError
from archiver.services.disposal import expunging, finishing, proposing
from archiver.services.disposal.certificates import certificate_of
from archiver.services.disposal.running import Workshop, run
from archiver.store import items, views
from archiver.store.decisions import audit, disposals, moderation
from archiver.store.decisions.audit import Act
from archiver.store.decisions.moderation import ManualAct
from archiver.store.search import Query, search
from tests.services.disposal.test_running import Steps, in_a_child
from tests.services.loopback import Desk
from tests.support.disposal import (
    ANN,
    BOB,
    FIRST,
    OTHERS,
    ROOT,
    SECOND,
    WORDS,
    Done,
    approve,
    dispose,
    faults,
    found_in,
    hold,
    key,
    thread_at,
    workshop,
)  # fmt: skip

FULL = os.environ.get("ARCHIVER_STORY") == "full"  # read now: while tests run, the person's settings are out of reach
ORDER = "27-CR-20-1234"


def order(desk: Desk, *records: str, names: Sequence[str] = ()) -> str:
    """Ann proposes what the order names, Bob approves it; the list's name."""
    with desk.store.begin() as conn:
        made = expunging.propose(
            conn, records, court_order=ORDER, reason="sealed", at=desk.clock.now(), day=date(2026, 11, 24), by=ANN,
            names=names,
        )  # fmt: skip
    approve(desk, made.name)
    return made.name


def expunge(desk: Desk, *records: str, shop: Workshop | None = None, names: Sequence[str] = ()) -> Certificate:
    """Propose, approve and run."""
    return run(shop or workshop(desk), order(desk, *records, names=names), by=BOB, at=desk.clock.now())


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    """The root of the thread was expunged; people had decided things about it."""
    with thread_at(tmp_path_factory.mktemp("done")) as made:
        now = made.clock.now()
        with made.store.begin() as conn:
            audit.add(conn, Act(now, ANN, "class mark", key(ROOT), f"see {ROOT}", {"records": [key(ROOT), key(FIRST)]}))
            kept = Kept("screen.png", "0" * 64, 8, f"{KEPT_FOLDER}/shot")
            (made.folder / KEPT_FOLDER).mkdir()
            (made.folder / kept.path).write_bytes(WORDS[0])
            deed = ManualAct(
                "city", Action.DELETE, now, False, now, ANN, "seen", key(ROOT), "Resident", "rootword", kept=kept
            )
            moderation.add_act(conn, deed)
        assert {word for _, word in found_in(made.folder, [ROOT.encode(), *WORDS])} == {ROOT.encode(), *WORDS}
        shop = workshop(made)
        yield Done(made, shop, expunge(made, ROOT, shop=shop))


def test_words_and_names_go_from_everywhere(done: Done) -> None:
    """No file of the archive holds its id or a word of it, and the rest is there, verified and read again alike."""
    folder = done.desk.folder
    assert list(found_in(folder, [ROOT.encode(), WORDS[0]])) == []
    others = [*OTHERS, WORDS[1], FIRST.encode(), SECOND.encode()]
    assert {word for _, word in found_in(folder, others)} == set(others)
    assert faults(done.desk) == []


def test_survivors_keep_a_mark_in_its_place(done: Done) -> None:
    """Who answered it names a mark that leads to a place without a name, and says under which order it went."""
    with done.desk.store.read() as conn:
        answer = views.record(conn, key(FIRST))
        assert answer is not None
        mark = Key(answer.row["parent"])
        place = views.record(conn, mark)
        gone = disposals.gone(conn, [mark])[mark]
        assert items.resolve(conn, ROOT) is None
    assert re.fullmatch(r"mastodon:expunged-[0-9a-f]{16}", mark)
    assert (answer.row["thread"], answer.row["text"]) == (mark, "answer0word")
    assert place is not None
    assert (place.row["state"], place.row["text"], place.row["created_at"]) == ("disposed", None, None)
    assert (gone.schedule, gone.edition, gone.disposal) == ("court order", ORDER, "E-2026-001")


def test_the_certificate_names_the_order_and_counts(done: Done) -> None:
    """It is signed, names no record, and its digest is one that nothing is left to try out."""
    certificate = done.certificate
    assert (certificate.order, certificate.expunged, certificate.destroyed) == (ORDER, 1, ())
    with done.desk.store.read() as conn:
        (one,) = disposals.runs(conn)
        review = proposing.review(conn, one.name)
        assert disposals.entries(conn, one.name) == []
    assert certificate_of(one, done.shop.signer.verifier) == certificate
    assert (done.desk.folder / "disposals" / "E-2026-001.txt").read_text() == one.note
    assert (review.intact, review.standing(done.desk.clock.now())) == (True, "carried out")


def test_the_audit_log_keeps_its_acts_without_the_name(done: Done) -> None:
    """No act goes, and who did what when and why stays; a mark stands where the record was named."""
    with done.desk.store.read() as conn:
        rows = list(audit.rows(conn))
    (marked,) = (act for act in rows if act.act == "class mark")
    assert (marked.by, marked.details["records"][1]) == (ANN, key(FIRST))
    assert marked.subject == marked.details["records"][0] == f"mastodon:{str(marked.reason).removeprefix('see ')}"
    assert [act.act for act in rows if act.subject == "E-2026-001"] == [
        "expunge propose", "disposal approve", "expunge run",
    ]  # fmt: skip
    assert done.desk.rows("SELECT record, whom, text FROM moderation_acts") == [(marked.subject, None, None)]
    with pytest.raises(Exception, match="append-only"), done.desk.store.begin() as conn:
        conn.exec_driver_sql("UPDATE acts SET reason = NULL")


def test_a_record_in_the_middle(at_work: Desk) -> None:
    """One answer goes, and a name out of another; those beside it and what they answer stay as they were."""
    name = OTHERS[0].decode()
    with at_work.store.begin() as conn:
        audit.add(conn, Act(at_work.clock.now(), ANN, "class mark", key(FIRST), f"about {name.upper()}"))
        audit.add(conn, Act(at_work.clock.now(), ANN, "view", "a list", details={"people": [person_digest(name)]}))
    expunge(at_work, SECOND, names=(name,))
    gone = [SECOND.encode(), WORDS[1], OTHERS[0], OTHERS[0].upper(), person_digest(name).encode()]
    assert list(found_in(at_work.folder, gone)) == []
    assert {word for _, word in found_in(at_work.folder, [*OTHERS[1:], WORDS[0]])} == {*OTHERS[1:], WORDS[0]}
    with at_work.store.read() as conn:
        answer = views.record(conn, key(FIRST))
        (run_,) = disposals.runs(conn)
        assert search(conn, Query(name)) == []
    assert answer is not None
    assert re.fullmatch("expunged-[0-9a-f]{2}", answer.row["text"])
    assert name not in run_.note
    assert faults(at_work) == []


def test_what_was_disposed_of_loses_its_tombstone_too(at_work: Desk) -> None:
    """The earlier certificate is signed anew without its name; the tombstone beside it stays."""
    shop = workshop(at_work)
    dispose(at_work, shop)
    assert {path.name for path, _ in found_in(at_work.folder / "disposals", [ROOT.encode()])} == {"D-2026-001.txt"}
    expunge(at_work, ROOT, shop=shop)
    assert list(found_in(at_work.folder, [ROOT.encode()])) == []
    with at_work.store.read() as conn:
        first = certificate_of(disposals.runs(conn)[0], shop.signer.verifier)
        assert [one.entry.created_at is None for one in first.destroyed].count(True) == 1
        assert items.resolve(conn, SECOND) == key(SECOND)
        assert first.digest == disposals.runs(conn)[0].note.partition('"digest":"')[2][:64]
        assert proposing.review(conn, first.name).intact
    assert faults(at_work) == []


def test_a_stop_keeps_all_of_it(at_work: Desk) -> None:
    """Where one record of the order, or with a name of it, is under a stop, nothing goes until it is released."""
    names = [order(at_work, ROOT, SECOND), order(at_work, ROOT, names=("answer1word",))]
    stop = hold(at_work.store, [key(SECOND)], at_work.clock.now())
    for name in names:  # the second would change what is held
        with pytest.raises(UsageError, match=rf"must stay: under stop {stop}\. Nothing was expunged"):
            run(workshop(at_work), name, by=BOB, at=at_work.clock.now())
    assert {word for _, word in found_in(at_work.folder, WORDS)} == set(WORDS)


def test_names_that_others_have_in_theirs(at_work: Desk) -> None:
    """A record whose name is a part of another's goes only with that one; and what is unknown can't be named."""
    with at_work.store.begin() as conn:
        conn.exec_driver_sql(
            f"INSERT INTO aliases (alias, item_id) SELECT 'x/{ROOT}.1', id FROM items WHERE key = '{key(FIRST)}'"
        )
    with pytest.raises(UsageError, match=f"such as {key(FIRST)}"):
        order(at_work, ROOT)
    with pytest.raises(NotFound, match="no record 'nothing'"):
        order(at_work, "nothing")
    with at_work.store.begin() as conn, pytest.raises(UsageError, match="names the court's order"):
        expunging.propose(
            conn, [ROOT], court_order=" ", reason="x", at=at_work.clock.now(), day=date(2026, 1, 1), by=ANN
        )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Ann", "too short"),
        ("27-cr-20", "stands there"),
        ("Ann  Clerk", "decided here"),
        ("@city", "too short"),
        (FIRST, "The ids of 1 other"),
    ],
)
def test_names_that_nobody_can_have_taken_out(at_work: Desk, name: str, why: str) -> None:
    """What could be another word, stands in the order's number, or is a name of who decides here."""
    with pytest.raises(UsageError, match=why):
        order(at_work, ROOT, names=(name,))


def steps_of(taken: list[str], *, many: bool) -> list[int]:
    """Where to kill: in the transaction when all is forgotten, and in what is left to be done; ``many``: everywhere."""
    inside = [place for place, module in enumerate(taken, start=1) if module == "expunging"][-1]
    after = range(inside + 1, len(taken) + 1)
    if many:
        return [*range(1, inside + 1), *after]
    return [inside, after[len(after) // 2]]


def test_a_kill_leaves_all_or_nothing(tmp_path: Path) -> None:
    """Killed at whatever step: the record is there with its name, or the next start ends it and no byte names it."""
    first = tmp_path / "first"
    with thread_at(first) as desk:
        name = order(desk, ROOT)
    shutil.copytree(first, tmp_path / "whole")
    taken = in_a_child(tmp_path / "whole", name, Steps())
    outcomes = set()
    words = {ROOT.encode(), WORDS[0]}
    for last in steps_of(taken, many=FULL):
        folder = tmp_path / f"killed-{last}"
        shutil.copytree(first, folder)
        assert in_a_child(folder, name, Steps(last)) == []
        with thread_at(folder) as desk:
            finishing.finish(desk.store, desk.folder / "warc", desk.folder, desk.clock.now())
            with desk.store.read() as conn:
                was_done = disposals.run_of(conn, name) is not None
            left = {word for _, word in found_in(folder, sorted(words))}
            assert left == (set() if was_done else words), f"killed at step {last} of {len(taken)}"
            assert not (folder / "disposal").exists()
            outcomes.add(was_done)
            if was_done:
                assert faults(desk) == []
            else:
                assert run(workshop(desk), name, by=BOB, at=desk.clock.now()).went == 1
                assert list(found_in(folder, sorted(words))) == []
    assert outcomes == {True, False}
