"""Writing: whole events or none, files by month and size, sealed for ever, and a full disk that costs nothing."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.errors import OperatorError, StorageFull
from archiver.warc import facts as fact
from archiver.warc.deflate import gzip_member
from archiver.warc.event import Block, BlockWriter
from archiver.warc.names import SegmentKey, begun_at
from archiver.warc.reader import events, exchange_of
from archiver.warc.segment import describe
from archiver.warc.storage import write_all
from archiver.warc.validator import validate
from archiver.warc.writer import Segments
from tests.warc.captures import AT, FACTS, INFO, KEY, MEDIA, Ticking, answer, event, open_paths, put, sealed_paths


def test_a_file_holds_one_account_and_class(segments: Segments, folder: Path) -> None:
    """Each account and class has its own folder and open file (R31)."""
    other = SegmentKey("mayor", "api")
    refs = [put(segments, event(), key) for key in (KEY, MEDIA, other, KEY)]
    assert [path.relative_to(folder).as_posix() for path in open_paths(folder)] == [
        "mayor/api/mayor-api-20260115120000-00001-archiver.warc.gz.open",
        "police-bluesky/api/police-bluesky-api-20260115120000-00001-archiver.warc.gz.open",
        "police-bluesky/media/police-bluesky-media-20260115120000-00001-archiver.warc.gz.open",
    ]
    assert refs[0].file == refs[3].file == "police-bluesky/api/police-bluesky-api-20260115120000-00001-archiver.warc.gz"
    assert refs[0].offset + refs[0].length < refs[3].offset


def test_an_event_is_with_the_system_before_its_facts_are_asked(segments: Segments, folder: Path) -> None:
    """What is derived from an answer is derived after the answer is out of our hands."""
    seen: list[list[str]] = []

    def facts() -> fact.Facts:
        (path,) = open_paths(folder)
        (stored,) = events(path)
        seen.append([record.type for record in stored.records])
        return FACTS

    segments.append(KEY, event(), facts)
    assert seen == [["request", "response"]]


def test_an_event_is_synced_once(folder: Path, clock: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    """One fsync for the three records, after the last of them."""
    synced: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    segments = Segments(folder, info=INFO, now=clock)
    put(segments, event())
    synced.clear()
    put(segments, event())
    assert synced == [open_paths(folder)[0].stat().st_size]


def test_a_fault_in_the_facts_costs_no_capture(segments: Segments, folder: Path) -> None:
    """The event is kept, marked as recovered, and the error goes on."""

    def facts() -> fact.Facts:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        segments.append(KEY, event(), facts)
    (stored,) = events(open_paths(folder)[0])
    assert stored.facts["recovered"] == ["true"]
    assert stored.facts["account"] == ["police-bluesky"]
    assert exchange_of(stored).body == b"hello"
    put(segments, event())
    segments.seal()
    assert [list(validate(path)) for path in sealed_paths(folder)] == [[]]


def test_a_fact_with_an_impossible_name_leaves_nothing(segments: Segments, folder: Path) -> None:
    """A bug in a caller cuts the file back to the last whole event."""
    put(segments, event())
    before = open_paths(folder)[0].read_bytes()
    with pytest.raises(ValueError, match="can't be the name of a field"):
        segments.append(KEY, event(), lambda: {"a b": "c"})
    assert open_paths(folder)[0].read_bytes() == before


def test_large_blocks_are_streamed_from_their_spool(segments: Segments, folder: Path, tmp_path: Path) -> None:
    """A block on disk is stored like one in memory, and leaves no name in the spool folder."""
    spool = tmp_path / "spool"
    body = os.urandom(3_000_000)
    writer = BlockWriter(spool, memory_limit=100_000)
    for at in range(0, len(body), 60_000):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" * (at == 0) + body[at : at + 60_000])
    assert list(spool.iterdir()) == []
    with writer.finish() as block:
        assert block.sha256 == hashlib.sha256(b"HTTP/1.1 200 OK\r\n\r\n" + body).hexdigest()
        put(segments, event(block))
    (stored,) = events(open_paths(folder)[0])
    assert exchange_of(stored).body == body
    segments.seal()
    assert list(validate(sealed_paths(folder)[0])) == []


class TestBlocks:
    """Bytes as they came, in memory or beside it."""

    @pytest.mark.parametrize("limit", [0, 10, 1000])
    def test_many_readers(self, limit: int, tmp_path: Path) -> None:
        """Readers of one block do not disturb each other, and can seek."""
        writer = BlockWriter(tmp_path, memory_limit=limit)
        for piece in (b"hello ", b"", b"wide ", b"world"):
            writer.write(piece)
        with writer.finish() as block:
            one, two = block.open(), block.open()
            assert one.read(5) == b"hello"
            assert two.read() == b"hello wide world"
            two.seek(-5, os.SEEK_END)
            assert (one.read(), two.read()) == (b" wide world", b"world")
            assert (block.size, block.sha256) == (16, hashlib.sha256(b"hello wide world").hexdigest())

    def test_a_closed_block_is_gone(self, tmp_path: Path) -> None:
        """Its file is given back; opening it again is an error."""
        writer = BlockWriter(tmp_path, memory_limit=0)
        writer.write(b"hello")
        block = writer.finish()
        block.close()
        with pytest.raises(ValueError, match="closed"):
            block.open()

    def test_discarding(self, tmp_path: Path) -> None:
        """What is not wanted leaves nothing."""
        writer = BlockWriter(tmp_path, memory_limit=0)
        writer.write(b"hello")
        writer.discard()
        assert list(tmp_path.iterdir()) == []

    def test_a_block_shows_no_content(self) -> None:
        """Its representation in a log is size and digest."""
        assert "hello" not in repr(Block.of(b"hello"))


class TestFiles:
    """When one file ends and the next begins."""

    def test_a_new_month_begins_a_new_file(self, segments: Segments, folder: Path, clock: Ticking) -> None:
        """A file holds captures of one month (UTC)."""
        clock.at = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
        put(segments, event())
        clock.at += timedelta(seconds=1)
        put(segments, event())
        (first,) = sealed_paths(folder)
        (second,) = open_paths(folder)
        assert first.name == "police-bluesky-api-20260131235959-00001-archiver.warc.gz"
        assert second.name == "police-bluesky-api-20260201000000-00002-archiver.warc.gz.open"
        assert [one.file for one in segments.newly_sealed()] == [f"police-bluesky/api/{first.name}"]
        assert segments.newly_sealed() == []

    def test_a_full_file_is_followed_by_another(self, folder: Path, clock: Ticking) -> None:
        """A file does not grow beyond the limit by an event that could begin the next."""
        segments = Segments(folder, info=INFO, now=clock, size_limit=20_000)
        for _ in range(6):
            put(segments, event(answer(os.urandom(8000))))
        segments.seal()
        sealed = segments.newly_sealed()
        assert sum(one.records - 1 for one in sealed) == 18
        assert all(10_000 < one.size_bytes < 20_000 for one in sealed)
        assert [begun_at(path.name) for path in sealed_paths(folder)] == [clock.at] * len(sealed)
        assert all(not list(validate(path)) for path in sealed_paths(folder))

    def test_an_oversize_record_has_its_own_file(self, folder: Path, clock: Ticking) -> None:
        """No record is cut in segments (R68)."""
        segments = Segments(folder, info=INFO, now=clock, size_limit=20_000)
        put(segments, event())
        put(segments, event(answer(os.urandom(50_000))))
        put(segments, event())
        segments.seal()
        assert [one.records for one in segments.newly_sealed()] == [4, 4, 4]

    def test_the_next_process_goes_on_with_the_open_file(
        self, segments: Segments, folder: Path, clock: Ticking
    ) -> None:
        """Closing seals nothing."""
        put(segments, event())
        segments.close()
        again = Segments(folder, info=INFO, now=clock)
        assert [one.set_aside for one in again.recover()] == [None]
        put(again, event())
        (sealed,) = again.seal()
        assert sealed.records == 7
        assert list(validate(folder / sealed.file)) == []

    def test_recovery_is_not_forgotten(self, segments: Segments, folder: Path, clock: Ticking) -> None:
        """Whoever writes without having called recover() gets it all the same."""
        put(segments, event())
        segments.close()
        path = open_paths(folder)[0]
        path.write_bytes(path.read_bytes() + gzip_member(b"torn")[:10])
        again = Segments(folder, info=INFO, now=clock)
        put(again, event())
        again.seal()
        assert list(validate(sealed_paths(folder)[0])) == []

    def test_many_accounts_need_few_descriptors(
        self, folder: Path, clock: Ticking, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only the files that were written last are held open."""
        monkeypatch.setattr("archiver.warc.writer._OPEN_FILES", 3)
        segments = Segments(folder, info=INFO, now=clock)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(2):
            for number in range(10):
                put(segments, event(), SegmentKey(f"account-{number}", "api"))
        assert len(list(Path("/proc/self/fd").iterdir())) <= before + 3
        assert [one.records for one in segments.seal()] == [7] * 10

    @pytest.mark.parametrize("account", ["", "..", "a/b", ".hidden", "a b", "-x"])
    def test_an_account_can_be_no_other_folder(self, account: str) -> None:
        """A key never leads out of the WARC folder."""
        with pytest.raises(ValueError, match="can't be the name of a folder"):
            SegmentKey(account, "api")

    def test_a_note_needs_a_urn(self, segments: Segments) -> None:
        """Else it could not be told from a failed capture."""
        with pytest.raises(ValueError, match="must be a urn"):
            segments.note(KEY, "https://example.org/", {}, AT)


class TestSealing:
    """A sealed file is finished, read-only, and told of."""

    def test_a_sealed_file(self, segments: Segments, folder: Path) -> None:
        """Digest, counts and dates are the file's; nobody may write to it; nothing is left beside it."""
        put(segments, event(captured_at=AT + timedelta(seconds=5)))
        put(segments, event(captured_at=AT))
        (sealed,) = segments.seal()
        path = folder / sealed.file
        assert path.stat().st_mode & 0o777 == 0o444
        assert sealed.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (sealed.records, sealed.first_at, sealed.last_at) == (7, AT, AT + timedelta(seconds=5))
        assert sealed.size_bytes == path.stat().st_size
        assert describe(path) == sealed
        assert list(path.parent.iterdir()) == [path]
        assert segments.seal() == []

    def test_only_the_files_asked_for(self, segments: Segments, folder: Path) -> None:
        """Other accounts go on writing."""
        put(segments, event())
        put(segments, event(), MEDIA)
        assert [one.file.split("/")[1] for one in segments.seal([KEY])] == ["api"]
        assert [path.parent.name for path in open_paths(folder)] == ["media"]

    def test_what_an_earlier_process_left_open(self, segments: Segments, folder: Path, clock: Ticking) -> None:
        """Sealing everything finishes those files, too."""
        put(segments, event())
        segments.close()
        (sealed,) = Segments(folder, info=INFO, now=clock).seal()
        assert sealed.records == 4

    def test_the_final_name_appears_last(
        self, segments: Segments, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Until everything is done the file has its open name; a stop in between loses nothing."""
        put(segments, event())

        def stop(*_args: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(Path, "rename", stop)
        with pytest.raises(KeyboardInterrupt):
            segments.seal()
        monkeypatch.undo()
        assert sealed_paths(folder) == []
        assert open_paths(folder)[0].stat().st_mode & 0o777 == 0o644
        put(segments, event())
        again = Segments(folder, info=INFO, now=Ticking(AT))
        again.recover()
        put(again, event())
        assert [one.records for one in again.seal()] == [10]

    def test_no_file_is_overwritten(self, segments: Segments, folder: Path) -> None:
        """Two files of one name are both evidence."""
        put(segments, event())
        final = open_paths(folder)[0].with_suffix("")
        final.write_bytes(b"evidence")
        with pytest.raises(OperatorError, match="exists already"):
            segments.seal()
        assert final.read_bytes() == b"evidence"
        assert len(open_paths(folder)) == 1


def spooled(body: bytes, folder: Path) -> Block:
    """A block in a file, made while files may grow as they like."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits[1], limits[1]))
    writer = BlockWriter(folder / "spool", memory_limit=0)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + body)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    return writer.finish()


class TestFullDisk:
    """No room, in the midst of an event: the event is not there, the ones before are, and it is said plainly."""

    @pytest.fixture
    def limited(self) -> Iterator[None]:
        """Files of this process can't grow beyond 64 KiB (a write then fails as on a full disk)."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    @pytest.mark.parametrize(
        "size", [100, 9_000, 300_000], ids=["in the last record", "in a record", "in a streamed block"]
    )
    def test_the_file_ends_with_the_last_whole_event(
        self, size: int, segments: Segments, folder: Path, tmp_path: Path, limited: None
    ) -> None:
        """The write that does not fit is cut off, StorageFull says where, and there is room for the next that fits."""
        stored = 0
        bulky = event(answer(os.urandom(size)) if size < 60_000 else spooled(os.urandom(size), tmp_path))
        with pytest.raises(StorageFull, match="No room left while writing") as caught:  # noqa: PT012 - how often is the point
            for _ in range(200):
                put(segments, bulky)
                stored += 1
        assert caught.value.exit_code == 1
        assert bulky.response is not None
        bulky.response.close()
        segments.seal()
        assert sum(len(list(events(path))) for path in sealed_paths(folder)) == stored
        assert all(not list(validate(path)) for path in sealed_paths(folder))

    def test_work_goes_on_when_there_is_room(self, segments: Segments, folder: Path, limited: None) -> None:
        """The same process writes on after room was made."""
        put(segments, event())
        with pytest.raises(StorageFull):
            put(segments, event(answer(os.urandom(80_000))))
        put(segments, event())
        assert len(list(events(open_paths(folder)[0]))) == 2

    def test_a_file_that_can_not_be_begun_leaves_nothing(self, folder: Path, clock: Ticking) -> None:
        """Without room for its first record a new file is not there at all."""
        segments = Segments(folder, info=INFO, now=clock)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            with pytest.raises(StorageFull):
                put(segments, event())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert open_paths(folder) == []
        put(segments, event())

    def test_the_spool_may_be_full_too(self, tmp_path: Path, limited: None) -> None:
        """A body that does not fit beside memory is the same error."""
        writer = BlockWriter(tmp_path, memory_limit=0)
        writer.write(bytes(60_000))
        with pytest.raises(StorageFull):
            writer.write(bytes(60_000))
        writer.discard()

    def test_a_disk_that_really_is_full(self, tmp_path: Path) -> None:
        """On a file system of half a megabyte, each event is there or was refused (needs root, to mount one)."""
        disk = tmp_path / "disk"
        disk.mkdir()
        if os.geteuid() or shutil.which("mount") is None:
            pytest.skip("only root can mount a small file system")
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=512k", "none", disk], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("mounting a small file system is not allowed here")
        try:
            segments = Segments(disk / "warc", info=INFO, now=Ticking(AT))
            stored = 0
            with pytest.raises(StorageFull):  # noqa: PT012 - how often is the point
                for _ in range(1000):
                    put(segments, event(answer(os.urandom(7000))))
                    stored += 1
            assert stored > 10
            assert len(list(events(open_paths(disk)[0]))) == stored
            segments.close()
            (told,) = Segments(disk / "warc", info=INFO, now=Ticking(AT)).recover()
            assert (told.set_aside, told.completed, told.damaged) == (None, 0, ())
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_a_failing_disk_abandons_the_file(
        self, segments: Segments, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When not even cutting back works, the file is left to recovery, which the next write begins with."""
        put(segments, event())
        real = write_all

        def half(descriptor: int, data: bytes) -> None:
            real(descriptor, data[: len(data) // 2])
            raise OSError(5, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr("archiver.warc.segment.write_all", half)
            patch.setattr(os, "ftruncate", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
            with pytest.raises(OperatorError, match="Input/output error"):
                put(segments, event())
        put(segments, event())
        (sealed,) = segments.seal()
        assert sealed.records == 7
        assert list(validate(folder / sealed.file)) == []
        assert len(list((folder / "police-bluesky/api").glob("*.torn-*"))) == 1


def test_threads_may_share_a_writer(segments: Segments, folder: Path) -> None:
    """Events of several threads follow each other whole."""
    threads = [
        threading.Thread(target=lambda: [put(segments, event(answer(os.urandom(500)))) for _ in range(25)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    segments.seal()
    (path,) = sealed_paths(folder)
    assert len(list(events(path))) == 100
    assert list(validate(path)) == []


def test_a_writer_that_is_killed_leaves_whole_events(folder: Path, clock: Ticking, tmp_path: Path) -> None:
    """Kill -9 while events are written, again and again: every event that was reported is there, once, and the file is valid."""
    script = textwrap.dedent("""
        import itertools, os, sys
        from pathlib import Path
        from tests.warc.captures import *
        segments = Segments(Path(sys.argv[1]), info=INFO, now=Ticking(AT))
        segments.recover()
        for number in itertools.count():
            put(segments, event(answer(os.urandom(number % 7 * 3000))), subject=f"{os.getpid()}-{number}")
            print(f"{os.getpid()}-{number}", flush=True)
    """)
    reported: list[str] = []
    for stop_after in (1, 7, 13, 40):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        ) as process:
            assert process.stdout is not None
            reported += [process.stdout.readline().strip() for _ in range(stop_after)]
            process.kill()
            reported += process.stdout.read().split("\n")[:-1]
    segments = Segments(folder, info=INFO, now=clock)
    segments.recover()
    segments.seal()
    (path,) = sealed_paths(folder)
    # an event whose last record the kill took is completed without a subject: after each kill there can be one
    subjects = [one.facts.get("subject", [one.id])[0] for one in events(path)]
    assert set(reported) <= set(subjects)
    assert len(set(subjects)) == len(subjects)
    assert len(subjects) <= len(reported) + 4
    assert list(validate(path)) == []
