"""Sealed files are signed, and what is changed together with its row is found all the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.ledger.notes import Signer
from archiver.services.seal import enter_missed, seal_all
from archiver.services.verify import Finding, verify
from archiver.store import captures
from archiver.store.engine import Store, open_store, upgrade
from archiver.warc.event import Block, CaptureEvent
from archiver.warc.writer import SegmentKey, Segments, WarcInfo

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
SIGNER = Signer.generate("city/seals")
STRANGER = Signer.generate("city/seals")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Sealing:
    """A store, a WARC folder with one capture in it, and how to seal and check it."""

    store: Store
    segments: Segments

    def seal(self, signer: Signer | None = SIGNER) -> Path:
        """Seal everything; the one file."""
        (sealed,) = seal_all(self.store, self.segments, AT, signer=signer)
        return self.segments.folder / sealed.file

    def findings(self, signer: Signer = SIGNER) -> list[Finding]:
        """What verifying finds about signatures and digests."""
        found = verify(
            self.store, self.segments.folder, full=False, workers=1, progress=lambda _done, _of: None,
            verifier=signer.verifier,
        )  # fmt: skip
        return [one for one in found if "exchange" not in one.problem]

    def change_row(self, file: Path, **columns: object) -> None:
        """What somebody with the database open can do, past the triggers."""
        with self.store.begin() as conn:
            conn.exec_driver_sql("DROP TRIGGER IF EXISTS segments_no_UPDATE")
            for column, value in columns.items():
                conn.exec_driver_sql(f"UPDATE segments SET {column} = ?", (value,))


@pytest.fixture
def sealing(tmp_path: Path) -> Iterator[Sealing]:
    """An archive with one capture, not sealed yet."""
    url = f"sqlite:///{tmp_path / 'archive.sqlite'}"
    upgrade(url)
    store = open_store(url)
    info = WarcInfo(operator="City", archive="City", user_agent="test")
    segments = Segments(tmp_path / "warc", info=info, now=lambda: AT)
    capture = CaptureEvent("https://city.example/api", "GET", AT, 10, b"GET /api HTTP/1.1\r\n\r\n", Block.of(ANSWER),
                           payload_sha256=hashlib.sha256(b"{}").hexdigest())  # fmt: skip
    facts = {"account": "city", "sequence": "1", "stream": "posts", "task": "poll"}
    segments.append(SegmentKey("city", "api"), capture, lambda: facts)
    yield Sealing(store, segments)
    segments.close()
    store.dispose()


def test_a_sealed_file_verifies(sealing: Sealing) -> None:
    """The statement is kept with the sealing, says what the file is, and holds."""
    file = sealing.seal()
    assert sealing.findings() == []
    with sealing.store.read() as conn:
        (row,) = captures.sealed(conn).values()
    assert row.statement is not None
    said = SIGNER.verifier.text_of(row.statement)
    assert f"sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}\n" in said
    assert f"bytes {file.stat().st_size}\n" in said


def test_a_file_and_its_row_changed_together(sealing: Sealing) -> None:
    """Who changes a file and the digest in the store can't sign it."""
    file = sealing.seal()
    file.chmod(0o644)
    file.write_bytes(file.read_bytes() + file.read_bytes())
    sealing.change_row(file, sha256=hashlib.sha256(file.read_bytes()).hexdigest(), size_bytes=file.stat().st_size)
    (found,) = sealing.findings()
    assert "is about something else: it says 'sha256 " in found.problem


def test_a_statement_taken_away(sealing: Sealing) -> None:
    """No statement, and one of another key with the same name, are findings."""
    file = sealing.seal()
    (found,) = sealing.findings(STRANGER)
    assert "is not signed by city/seals" in found.problem
    sealing.change_row(file, statement=None)
    (found,) = sealing.findings()
    assert found.problem == "its sealing is not signed"


def test_a_stop_between_sealing_and_entering(sealing: Sealing) -> None:
    """A sealed file without an entry is a finding, until the next start enters and signs it."""
    (sealed,) = sealing.segments.seal()
    assert [one.problem for one in sealing.findings()] == ["it is sealed, and the store has no entry of its sealing"]
    (entered,) = enter_missed(sealing.store, sealing.segments, AT, signer=SIGNER)
    assert entered.sha256 == sealed.sha256
    assert sealing.findings() == []
    assert enter_missed(sealing.store, sealing.segments, AT, signer=SIGNER) == []
