"""After a crash: whole events stay, a torn end is set aside, an interrupted event is completed, damage is reported."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import EvidenceDamaged, StorageFull
from archiver.warc.deflate import gzip_member
from archiver.warc.members import Broken, Damage, Scanned, next_record, scan
from archiver.warc.reader import StoredEvent, events, exchange_of
from archiver.warc.segment import mark_of
from archiver.warc.validator import validate
from archiver.warc.writer import Recovered, SegmentKey, Segments
from tests.warc.captures import AT, FACTS, INFO, KEY, Ticking, answer, event, open_paths, put, sealed_paths

Whole = tuple[Path, bytes, list[Scanned]]
"""An open file: its path in the WARC folder, its bytes, its records."""

NOW = datetime(2026, 1, 16, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """What a file holds of two captures and a note."""
    folder = tmp_path_factory.mktemp("whole")
    segments = Segments(folder, info=INFO, now=Ticking(AT))
    put(segments, event(answer(b"one" * 50)), subject="one")
    segments.note(KEY, "urn:x:two", {**FACTS, "subject": "two"}, AT)
    put(segments, event(answer(b"five", chunked=True)), subject="three")
    segments.close()
    (path,) = open_paths(folder)
    with path.open("rb") as file:
        return path.relative_to(folder), path.read_bytes(), list(scan(file))


@pytest.fixture
def ram(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one, for tests with thousands of files."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)


def left(folder: Path, name: Path, data: bytes) -> Path:
    """What a crash left of a file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def recovered(folder: Path) -> tuple[list[Recovered], list[str], Path]:
    """Recover, seal, and give what was told, the subjects of the events and the file."""
    segments = Segments(folder, info=INFO, now=Ticking(NOW))
    told = segments.recover()
    segments.seal()
    paths = sealed_paths(folder)
    subjects = [one.facts.get("subject", ["recovered"])[0] for path in paths for one in events(path)]
    return told, subjects, paths[0] if paths else folder


LAST = {"one": 3, "two": 4, "three": 7}
"""The last record of each event."""


def ends(records: list[Scanned]) -> dict[str, int]:
    """Where each event ends, by its subject."""
    return {subject: records[index].end for subject, index in LAST.items()}


@pytest.mark.slow
def test_every_point_of_truncation(whole: Whole, ram: Path) -> None:
    """Wherever a file ends: all whole events survive, once; it is valid; the rest is set aside, to the byte."""
    name, data, records = whole
    responses = [(records[index], records[index + 1]) for index in (2, 6)]
    ends_of_events = [records[0].end, *ends(records).values()]
    checked: set[tuple[int, int]] = set()
    for length in range(len(data) + 1):
        folder = ram / str(length)
        left(folder, name, data[:length])
        (told,), subjects, path = recovered(folder)
        interrupted = next((one for one, late in responses if one.end <= length < late.end), None)
        assert subjects == [s for s, end in ends(records).items() if end <= length] + ["recovered"] * bool(
            interrupted
        ), length
        kept = interrupted.end if interrupted else max([0, *(end for end in ends_of_events if end <= length)])
        aside = told.set_aside.read_bytes() if told.set_aside else b""
        assert (aside, told.completed, told.damaged) == (data[kept:length], int(bool(interrupted)), ()), length
        assert told.bytes_set_aside == length - kept
        if subjects:
            assert path.read_bytes()[:kept] == data[:kept], length
            assert bool(interrupted) or path.stat().st_size == kept, length
        if subjects and (kept, told.completed) not in checked:  # the same bytes are as valid
            checked.add((kept, told.completed))
            assert list(validate(path)) == [], length
        shutil.rmtree(folder)
    assert len(checked) == 5


def test_an_interrupted_event_is_completed(folder: Path, whole: Whole) -> None:
    """Its metadata record gets the id that request and response name, the caller's facts, and says that it is late."""
    name, data, records = whole
    left(folder, name, data[: records[-2].end])
    segments = Segments(folder, info=INFO, now=Ticking(NOW))
    seen: list[StoredEvent] = []

    def facts(one: StoredEvent) -> dict[str, str]:
        seen.append(one)
        return {"sequence": "99"}

    (told,) = segments.recover(facts)
    assert (told.completed, told.set_aside) == (1, None)
    last = list(events(open_paths(folder)[0]))[-1]
    assert last.metadata is not None
    assert last.response is not None
    assert last.metadata.record_id == records[-1].record_id
    assert last.metadata.at == last.response.at == AT
    assert last.facts == {
        "account": ["police-bluesky"], "purpose": ["api"], "removed-header": ["authorization"], "sequence": ["99"], "recovered": ["true"],
    }  # fmt: skip
    exchange = exchange_of(last)
    assert (exchange.sequence, exchange.account, exchange.body) == (99, "police-bluesky", b"five")
    assert seen[0].response == last.response
    assert seen[0].metadata is None


def test_recovering_twice_changes_nothing_more(folder: Path, whole: Whole) -> None:
    """A second start after the first finds nothing to do."""
    name, data, _ = whole
    path = left(folder, name, data[:-5])
    Segments(folder, info=INFO, now=Ticking(NOW)).recover()
    after = path.read_bytes()
    (told,) = Segments(folder, info=INFO, now=Ticking(NOW)).recover()
    assert (told.set_aside, told.completed, told.damaged) == (None, 0, ())
    assert path.read_bytes() == after


def test_the_same_second_twice_sets_aside_two_files(folder: Path, whole: Whole) -> None:
    """What was set aside before is never overwritten."""
    name, data, _ = whole
    path = left(folder, name, data + b"\x1f\x8b\x08torn")
    (first,) = Segments(folder, info=INFO, now=Ticking(NOW)).recover()
    path.write_bytes(data + b"\x1f\x8b\x08again")
    (second,) = Segments(folder, info=INFO, now=Ticking(NOW)).recover()
    assert first.set_aside is not None
    assert second.set_aside is not None
    assert first.set_aside.name == f"{path.stem}.torn-20260116080000"
    assert second.set_aside.read_bytes() == b"\x1f\x8b\x08again"
    assert first.set_aside.read_bytes() == b"\x1f\x8b\x08torn"


def test_an_open_file_being_read_just_ends(folder: Path, whole: Whole) -> None:
    """Readers of an open file stop before a half written record; in a sealed one it is damage."""
    name, data, _ = whole
    path = left(folder, name, data[:-5])
    assert [one.facts["subject"][0] for one in events(path) if one.metadata] == ["one", "two"]
    sealed = path.rename(path.with_suffix(""))
    with pytest.raises(EvidenceDamaged, match="can't be read at byte"):
        list(events(sealed))


def test_flipped_bytes_are_reported_and_left(folder: Path, whole: Whole) -> None:
    """Damage in the midst is no crash: it is told with its place, the file is closed off unchanged, writing goes on elsewhere."""
    name, data, records = whole
    wrong = bytearray(data)
    wrong[records[2].offset + 200] ^= 0xFF
    path = left(folder, name, bytes(wrong))
    segments = Segments(folder, info=INFO, now=Ticking(AT))
    (told,) = segments.recover()
    assert [(one.offset, one.length) for one in told.damaged] == [(records[2].offset, records[2].length)]
    assert told.set_aside is None
    sealed = path.with_suffix("")
    assert sealed.read_bytes() == bytes(wrong)
    ref = put(segments, event())
    assert ref.file != told.file
    damage: list[Damage] = []
    subjects = [
        one.facts.get("subject", ["?"])[0] for one in events(sealed, on_damage=lambda _path, one: damage.append(one))
    ]
    assert subjects == ["two", "three"]
    assert [one.offset for one in damage] == [records[2].offset, records[1].offset]
    assert damage[1].problem == "what is left of an event whose response can't be read"
    assert any(one.offset == records[2].offset for one in validate(sealed))


def test_any_flipped_byte_costs_at_most_its_own_event(ram: Path, whole: Whole) -> None:
    """Recovery never raises, and never loses an event that the damage did not touch."""
    name, data, records = whole
    for at in range(records[1].offset, len(data), 3):
        wrong = bytearray(data)
        wrong[at] ^= 0x55
        folder = ram / str(at)
        left(folder, name, bytes(wrong))
        segments = Segments(folder, info=INFO, now=Ticking(AT))
        segments.recover()
        segments.seal()
        (path,) = sealed_paths(folder)
        found = [one.facts.get("subject", ["?"])[0] for one in events(path, on_damage=lambda *_: None)]
        hit = next(subject for subject, end in ends(records).items() if at < end)
        assert [one for one in ["one", "two", "three"] if one != hit and one not in found] == [], at
        shutil.rmtree(folder)


def test_bytes_of_a_power_cut_are_set_aside(folder: Path, whole: Whole) -> None:
    """A file system may leave zeros where the last event was to be."""
    name, data, records = whole
    left(folder, name, data[: records[4].end] + bytes(5000))
    (told,), subjects, path = recovered(folder)
    assert told.bytes_set_aside == 5000
    assert subjects == ["one", "two"]
    assert list(validate(path)) == []


def test_a_warc_file_as_attachment_is_no_record_of_ours(folder: Path, clock: Ticking) -> None:
    """A torn response whose body is itself a WARC file is torn, whatever can be read in it."""
    segments = Segments(folder, info=INFO, now=clock)
    put(segments, event())
    inner = open_paths(folder)[0].read_bytes()
    put(segments, event(answer(os.urandom(70_000) + inner + os.urandom(70_000))))
    segments.close()
    path = open_paths(folder)[0]
    data = path.read_bytes()
    start = len(inner)
    with path.open("rb") as file:
        request = next(scan(file, start))
    torn = data[: request.end] + b"\x1f\x8b\x08\x00" + bytes(20) + other_warc(folder)
    path.write_bytes(torn)
    mark_of(path).unlink()
    (told,) = Segments(folder, info=INFO, now=clock).recover()
    assert told.damaged == ()
    assert told.bytes_set_aside == len(torn) - start
    assert path.read_bytes() == inner


def other_warc(folder: Path) -> bytes:
    """The bytes of somebody else's WARC file."""
    other = Segments(folder / "other", info=INFO, now=Ticking(AT))
    put(other, event())
    other.close()
    data = open_paths(folder / "other")[0].read_bytes()
    for path in sorted((folder / "other").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (folder / "other").rmdir()
    return data


class TestMarks:
    """How far a file was known to be whole is noted beside it, so that a start need not read it all."""

    def test_only_the_rest_is_read(self, segments: Segments, folder: Path, clock: Ticking) -> None:
        """What lies before the mark is not read again at start; checking it is what `verify` is for."""
        put(segments, event())
        segments.close()
        path = open_paths(folder)[0]
        data = bytearray(path.read_bytes())
        data[300] ^= 0xFF
        path.write_bytes(bytes(data))
        again = Segments(folder, info=INFO, now=clock)
        (told,) = again.recover()
        assert told.damaged == ()
        put(again, event())
        (sealed,) = again.seal()
        assert (sealed.records, sealed.first_at, sealed.last_at) == (7, AT, AT)
        assert list(validate(folder / sealed.file)) != []

    @pytest.mark.parametrize("mark", [b"", b"{", b"[]", b"null", b'{"size": "x"}', b'{"size": 1}', None], ids=repr)
    def test_a_mark_that_can_not_be_read_is_no_harm(
        self, mark: bytes | None, segments: Segments, folder: Path, clock: Ticking
    ) -> None:
        """All of the file is read then."""
        put(segments, event())
        segments.close()
        path = mark_of(open_paths(folder)[0])
        path.unlink() if mark is None else path.write_bytes(mark)
        again = Segments(folder, info=INFO, now=clock)
        (told,) = again.recover()
        assert (told.set_aside, told.damaged) == (None, ())
        assert [one.records for one in again.seal()] == [4]

    def test_a_file_that_was_longer(self, segments: Segments, folder: Path, clock: Ticking) -> None:
        """A file shorter than its mark has lost what was on disk: that is damage, and told."""
        put(segments, event())
        put(segments, event())
        segments.close()
        path = open_paths(folder)[0]
        os.truncate(path, path.stat().st_size - 3)
        (told,) = Segments(folder, info=INFO, now=clock).recover()
        assert [one.problem for one in told.damaged] == ["the file was longer than it is"]
        assert len(list(events(path.with_suffix("")))) == 2

    def test_long_files_are_marked_on_the_way(
        self, segments: Segments, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A process that is killed has left a recent mark."""
        monkeypatch.setattr("archiver.warc.segment.MARK_EVERY_BYTES", 5000)
        for _ in range(3):
            put(segments, event(answer(os.urandom(3000))))
        assert mark_of(open_paths(folder)[0]).exists()


class TestOddFolders:
    """What else may lie in a folder at start."""

    def test_an_empty_file_is_removed(self, folder: Path, clock: Ticking, whole: Whole) -> None:
        """A stop right after a file was begun leaves nothing to keep."""
        path = left(folder, whole[0], b"")
        segments = Segments(folder, info=INFO, now=clock)
        (told,) = segments.recover()
        assert told.bytes_set_aside == 0
        assert not path.exists()
        put(segments, event())

    def test_a_torn_warcinfo(self, folder: Path, clock: Ticking, whole: Whole) -> None:
        """A file that never had a whole record is set aside, and a new one is begun."""
        path = left(folder, whole[0], whole[1][:100])
        segments = Segments(folder, info=INFO, now=clock)
        (told,) = segments.recover()
        assert told.bytes_set_aside == 100
        assert not path.exists()
        put(segments, event())
        segments.seal()
        assert [list(validate(path)) for path in sealed_paths(folder)] == [[]]

    def test_two_open_files_of_one_account(self, folder: Path, clock: Ticking, whole: Whole) -> None:
        """A stop in a change of files: the older is sealed, the newer goes on."""
        name, data, _ = whole
        left(folder, name, data)
        newer = left(folder, name.with_name(name.name.replace("-00001-", "-00002-")), data)
        segments = Segments(folder, info=INFO, now=clock)
        assert len(segments.recover()) == 2
        assert open_paths(folder) == [newer]
        assert [one.records for one in segments.newly_sealed()] == [8]

    def test_a_file_that_was_being_sealed(self, folder: Path, clock: Ticking, whole: Whole) -> None:
        """Read-only under its open name: it becomes an open file again."""
        path = left(folder, whole[0], whole[1])
        path.chmod(0o444)
        segments = Segments(folder, info=INFO, now=clock)
        segments.recover()
        assert path.stat().st_mode & 0o200
        put(segments, event())

    def test_sealed_and_torn_files_are_left_alone(self, folder: Path, clock: Ticking, whole: Whole) -> None:
        """Only open files are touched."""
        sealed = left(folder, Path(str(whole[0]).removesuffix(".open")), b"not even a WARC")
        torn = left(folder, Path(str(whole[0]).removesuffix(".open") + ".torn-20260101000000"), b"torn")
        assert Segments(folder, info=INFO, now=clock).recover() == []
        assert (sealed.read_bytes(), torn.read_bytes()) == (b"not even a WARC", b"torn")
        for stray in ("stray.open", "a/b/notes.open", f".hidden/api/{whole[0].name}", f"a b/api/{whole[0].name}"):
            left(folder, Path(stray), b"notes")
        assert Segments(folder, info=INFO, now=clock).recover() == []
        assert (folder / "a/b/notes.open").read_bytes() == b"notes"

    def test_no_room_to_set_aside(self, folder: Path, clock: Ticking, whole: Whole, no_room: None) -> None:
        """With a full disk the file stays as it was, and the error says so."""
        path = left(folder, whole[0], whole[1])
        with path.open("ab") as file:
            file.write(bytes(100))
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        with pytest.raises(StorageFull):
            Segments(folder, info=INFO, now=clock).recover()
        assert path.read_bytes() == whole[1] + bytes(100)
        assert [one.name for one in path.parent.iterdir()] == [path.name]

    @pytest.fixture
    def no_room(self) -> Iterator[None]:
        """Puts the limit back afterwards."""
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


class TestScanning:
    """Finding whole records in bytes that may be anything."""

    @given(data=st.binary(max_size=3000))
    def test_garbage(self, data: bytes) -> None:
        """Any bytes are either no record at their beginning, or nothing at all."""
        with memory_file(data) as file:
            if data:
                with pytest.raises(Broken):
                    list(scan(file))
            assert next_record(file, 0) is None

    @given(
        before=st.binary(min_size=1, max_size=500),
        after=st.binary(max_size=500),
        gap=st.sampled_from([0, 1024 * 1024 - 60]),
    )
    def test_a_record_is_found_behind_anything(self, before: bytes, after: bytes, gap: int) -> None:
        """Wherever it lies, across the edges of what is read at once, too."""
        data = b"WARC/1.1\r\nContent-Length: 2\r\n\r\nab\r\n\r\n"
        with memory_file(before + bytes(gap) + gzip_member(data) + after) as file:
            found = next_record(file, 0)
            assert found is not None
            assert found.offset == len(before) + gap
            assert found.fields == (("Content-Length", "2"),)

    @pytest.mark.parametrize(
        "text",
        [b"", b"hello", b"WARC/1.1\r\n\r\n", b"WARC/1.1\r\nContent-Length: 1\r\n\r\nab\r\n\r\n", b"WARC/1.1\r\nContent-Length: 3\r\n\r\nab\r\n\r\n",
         b"WARC/1.1\r\nContent-Length: -1\r\n\r\n\r\n\r\n", b"WARC/1.1\r\nContent-Length: 2\r\n\r\nab\n\n\n\n", bytes(2_000_000)],
        ids=["nothing", "no head", "no length", "too short", "too long", "a negative length", "other ends", "a head without end"],
    )  # fmt: skip
    def test_no_record(self, text: bytes) -> None:
        """A member of another form is no record."""
        with memory_file(gzip_member(text)) as file, pytest.raises(Broken):
            list(scan(file))


def memory_file(data: bytes) -> BinaryIO:
    """A file in memory with these bytes."""
    file = os.fdopen(os.memfd_create("test"), "w+b")
    file.write(data)
    file.flush()
    return file


def test_keys_of_other_names(folder: Path) -> None:
    """A folder's name is the account's."""
    segments = Segments(folder, info=INFO, now=Ticking(AT))
    put(segments, event(), SegmentKey("Mayor_2.0", "media"))
    segments.close()
    (told,) = Segments(folder, info=INFO, now=Ticking(AT)).recover()
    assert told.file.startswith("Mayor_2.0/media/Mayor_2.0-media-")
