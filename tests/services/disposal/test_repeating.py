"""What was disposed of does not come back with an older copy of the archive."""

from __future__ import annotations

import shutil
from pathlib import Path

from archiver.domain.acting import Actor
from archiver.domain.disposal import Certificate
from archiver.services.disposal.repeating import repeat
from archiver.store.decisions import disposals
from tests.services.loopback import Desk, desk
from tests.support.disposal import WORDS, dispose, faults, found_in, workshop


def test_an_older_copy_is_brought_up_to_date(at_work: Desk, tmp_path: Path) -> None:
    """The list's words are gone from the copy, too, whatever it knew of the list; doing it again does nothing."""
    at_work.segments.seal()
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copytree(at_work.folder / "warc", copy / "warc")
    at_work.store.sync()
    shutil.copy(at_work.folder / "archive.sqlite", copy / "archive.sqlite")
    certificate = dispose(at_work)
    note = (at_work.folder / "disposals" / "D-2026-001.txt").read_text()
    assert Certificate.parse(note.rpartition("\n\n")[0] + "\n") == certificate
    with desk(copy, at_work.world, clock=at_work.clock) as other:
        assert {word for _, word in found_in(copy, WORDS)} == set(WORDS)
        shop, now = workshop(other), other.clock.now()
        assert repeat(shop, certificate, note, by=Actor("It", "it"), at=now)
        assert not repeat(shop, certificate, note, by=Actor("It", "it"), at=now)
        assert list(found_in(copy, WORDS)) == []
        assert (copy / "disposals" / "D-2026-001.txt").read_text() == note
        assert faults(other) == []
        with other.store.read() as conn, at_work.store.read() as first:
            assert list(disposals.stones(conn)) == list(disposals.stones(first))
            assert [run.note for run in disposals.runs(conn)] == [note]
