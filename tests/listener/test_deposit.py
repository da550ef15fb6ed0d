"""Deliveries in WARC files: as they came, valid, whole or not at all, and readable while more come."""

from __future__ import annotations

import gzip
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.errors import StorageFull
from archiver.listener.deposit import Delivery, Depositor
from archiver.listener.messages import Message, Reader, Reply
from archiver.warc import facts as fact
from archiver.warc.names import SEVERAL, is_pushed, pushed_key
from archiver.warc.pushed import ask_to_seal, committed, deliveries, sealing_is_asked
from archiver.warc.segment import Segment
from archiver.warc.validator import validate
from archiver.warc.writer import SegmentKey, Segments
from tests.listener.receiving import depositor, request, stored
from tests.support.pushed import comment, delivery, entry

AT = datetime(2026, 11, 22, 15, 0, 0, 123456, tzinfo=UTC)
BODY = delivery(entry("11", comment(1, "Größe: 3/4 😀")))


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[tuple[Segments, Depositor]]:
    """What writes deliveries."""
    segments, made = depositor(tmp_path / "warc")
    yield segments, made
    segments.close()


@pytest.fixture
def desk(writing: tuple[Segments, Depositor]) -> Depositor:
    """The same, where nothing else is needed of it."""
    return writing[1]


def came(raw: bytes, *signed_for: str) -> Delivery:
    """A delivery out of its bytes."""
    reader = Reader()
    reader.feed(raw)
    message = next(one for one in reader.events() if isinstance(one, Message))
    return Delivery(message, AT, 12, Reply(200).fixed(AT).wire, frozenset(signed_for or {"city"}))


def valid(folder: Path) -> None:
    """Every file is right, for our validator and for two readers of others."""
    paths = sorted(folder.rglob("*.warc.gz*"))
    assert paths
    for path in paths:
        assert list(validate(path)) == []


def test_a_delivery_is_kept_as_it_came(desk: Depositor) -> None:
    """Head and body to the last byte, the answer beside them, and whose secret signed it."""
    raw = request(BODY, more="X-Forwarded-Proto: https\r\nx-ODD:  spaced \r\n")
    assert desk.keep([came(raw, "parks", "city")]) == [True]
    (one,) = stored(desk.folder)
    with one.request.open_block() as block:
        assert block.read() == raw
    assert one.event.response is not None
    with one.event.response.open_block() as block:
        assert (
            block.read()
            == b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 15:00:00 GMT\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        )
    facts = one.event.facts
    assert facts[fact.SIGNED_FOR] == ["city", "parks"]
    assert (facts[fact.STREAM], facts[fact.PURPOSE], facts[fact.FETCH_TIME_MS]) == (["push"], ["push"], ["12"])
    assert (one.request.target, one.request.at) == ("https://records.example.gov/meta", AT)
    valid(desk.folder)


def test_it_is_read_as_an_exchange(desk: Depositor) -> None:
    """What an adapter gets: the body that was sent, our status, and whom to read it for."""
    desk.keep([came(request(BODY))])
    (one,) = stored(desk.folder)
    exchange = one.exchange("note", 7, "city", "11")
    assert (exchange.id, exchange.sequence, exchange.account, exchange.subject) == ("note", 7, "city", "11")
    assert (exchange.stream, exchange.task_kind, exchange.method, exchange.status) == ("push", "push", "POST", 200)
    assert (exchange.url, exchange.request_body, exchange.captured_at) == ("http://records.example.gov/meta", BODY, AT)


def test_credentials_in_headers_are_left_out_and_the_signature_is_not(desk: Depositor) -> None:
    """A proxy may add its own; the marker and the metadata record say that something was there (R62)."""
    raw = request(BODY, more="Authorization: Basic c2VjcmV0\r\nCookie: a=secret\r\n")
    desk.keep([came(raw)])
    (one,) = stored(desk.folder)
    with one.request.open_block() as block:
        kept = block.read()
    assert b"c2VjcmV0" not in kept
    assert b"a=secret" not in kept
    assert b"\r\nAuthorization: [removed]\r\nCookie: [removed]\r\n" in kept
    assert b"X-Hub-Signature-256: sha256=" in kept
    assert one.event.facts[fact.REMOVED_HEADER] == ["authorization", "cookie"]
    valid(desk.folder)


def test_a_chunked_delivery_keeps_its_chunks(desk: Depositor) -> None:
    """The block has the framing, payload digest and exchange are without it."""
    head = b"POST /meta HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    one = came(head + b'5\r\n{"ent\r\n9\r\nry":[{}]}\r\n0\r\n\r\n')
    assert desk.keep([one]) == [True]
    (kept,) = stored(desk.folder)
    assert kept.exchange("", 0, "", None).request_body == b'{"entry":[{}]}'
    assert kept.ref("").payload_digest == f"sha256:{one.digest}"
    valid(desk.folder)


@pytest.mark.parametrize(
    ("body", "folder"),
    [
        (BODY, "_11"),
        (delivery(entry("11"), entry("11")), "_11"),
        (delivery(entry("11"), entry("12")), "_several"),
        (delivery(), "_several"),
        (b"not JSON", "_several"),
        (delivery(entry("../../etc")), "_several"),
        (delivery(entry("x" * 300)), "_several"),
    ],
    ids=["one", "one twice", "two", "nobody", "no JSON", "a path", "too long"],
)
def test_each_account_s_deliveries_lie_apart(desk: Depositor, body: bytes, folder: str) -> None:
    """One file holds one account (R31), as far as a delivery is about one; no id leads out of the folder."""
    desk.keep([came(request(body))])
    (path,) = desk.folder.rglob("*.open")
    assert path.relative_to(desk.folder).parts[:2] == (folder, "push")
    assert is_pushed(path)


def test_all_that_wait_share_one_sync(desk: Depositor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group costs one fsync for each file."""
    desk.keep([came(request(BODY))])
    synced: list[int] = []
    truly = os.fsync

    def sync(descriptor: int) -> None:
        synced.append(descriptor)
        truly(descriptor)

    for segment in desk._segments._segments.values():
        monkeypatch.setattr(segment, "_fsync", sync)
    group = [came(request(delivery(entry("11", comment(number))))) for number in range(50)]
    assert desk.keep(group) == [True] * 50
    assert len(synced) == 1
    assert len(stored(desk.folder)) == 51


def test_a_full_disk_leaves_nothing_half_written(desk: Depositor) -> None:
    """Whatever of a group was written is cut off again; when there is room the next one is kept."""
    desk.keep([came(request(BODY))])
    (path,) = desk.folder.rglob("*.open")
    before = path.read_bytes()
    noise = [came(request(delivery(entry("11", comment(n, os.urandom(4000).hex()))))) for n in range(20)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 30_000, hard))
        assert desk.keep(noise) == [False] * 20
        assert path.read_bytes() == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert desk.keep(noise) == [True] * 20
    assert len(stored(desk.folder)) == 21
    valid(desk.folder)


def test_one_file_that_fails_costs_the_others_nothing(desk: Depositor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each delivery is told what became of itself."""
    truly = Segment.write

    def write(self: Segment, *args: object, **kwargs: object) -> object:
        if self.key == pushed_key("12"):
            raise StorageFull("No room.")
        return truly(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Segment, "write", write)
    group = [came(request(delivery(entry(page, comment(1))))) for page in ("11", "12", "13")]
    assert desk.keep(group) == [True, False, True]
    assert [one.file.split("/")[0] for one in stored(desk.folder)] == ["_11", "_13"]


def test_nobody_reads_what_is_not_synced(desk: Depositor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader takes its measure between two groups: never from one that may still be cut off."""
    desk.keep([came(request(BODY))])
    inside, go_on, measured = threading.Event(), threading.Event(), list[int]()
    truly = os.fsync

    def slowly(descriptor: int) -> None:
        inside.set()
        go_on.wait(10)
        truly(descriptor)

    (segment,) = desk._segments._segments.values()
    monkeypatch.setattr(segment, "_fsync", slowly)
    key = pushed_key("11")
    writer = threading.Thread(target=desk.keep, args=([came(request(BODY))],))
    reader = threading.Thread(target=lambda: measured.append(committed(desk.folder, key)[0][1]))
    writer.start()
    assert inside.wait(10)
    reader.start()
    reader.join(0.3)
    assert reader.is_alive()
    go_on.set()
    writer.join()
    reader.join()
    (path,) = desk.folder.rglob("*.open")
    assert measured == [path.stat().st_size]


def test_two_writers_share_a_folder_each_with_its_own_classes(desk: Depositor) -> None:
    """The archive's writer neither mends nor seals what the receiver has open."""
    desk.keep([came(request(BODY))])
    (path,) = desk.folder.rglob("*.open")
    archive = Segments(desk.folder, info=desk._segments._info, now=lambda: AT, ours=lambda key: key.klass != "push")
    archive.note(SegmentKey("city", "api"), "urn:archiver:task:city:x", {fact.SEQUENCE: "1"}, AT)
    assert archive.recover() == []
    assert [one.file.split("/")[0] for one in archive.seal()] == ["city"]
    assert path.exists()
    assert desk.keep([came(request(BODY))]) == [True]
    archive.close()


def test_files_are_sealed_by_whoever_asks(desk: Depositor) -> None:
    """A wish that another process left is fulfilled; the next delivery begins a new file."""
    desk.keep([came(request(BODY)), came(request(b"?"))])
    desk.look_after()
    assert len(list(desk.folder.rglob("*.open"))) == 2
    ask_to_seal(desk.folder)
    desk.look_after()
    assert not sealing_is_asked(desk.folder)
    assert sorted(path.parent.parent.name for path in desk.folder.rglob("*.warc.gz")) == ["_11", SEVERAL.account]
    assert not list(desk.folder.rglob("*.open"))
    desk.keep([came(request(BODY))])
    assert [path.name[-31:] for path, _ in committed(desk.folder, pushed_key("11"))][1].endswith(".open")
    valid(desk.folder)


@pytest.mark.parametrize(("lost", "kept"), [(1, 4), (200, 4), (600, 3), (1000, 3)])
def test_a_torn_group_keeps_what_is_whole(tmp_path: Path, lost: int, kept: int) -> None:
    """After a crash within a group: whole deliveries stay, the torn one is set aside, and new ones follow.

    Request and answer without what is said of them get that: they count as whole.
    """
    folder = tmp_path / "warc"
    segments, first = depositor(folder)
    first.keep([came(request(delivery(entry("11", comment(number))))) for number in range(4)])
    segments.close()
    (path,) = folder.rglob("*.open")
    for mark in folder.rglob("*.mark"):
        mark.unlink()
    os.truncate(path, path.stat().st_size - lost)
    segments, again = depositor(folder)
    again.recover()
    assert len(stored(folder)) == kept
    assert again.keep([came(request(BODY))]) == [True]
    assert len(stored(folder)) == kept + 1
    segments.close()
    assert [finding for path in folder.rglob("*.open") for finding in validate(path)] == []


def test_reading_goes_on_where_it_ended(desk: Depositor) -> None:
    """Offsets name deliveries: from the end of one to the next."""
    for number in range(3):
        desk.keep([came(request(delivery(entry("11", comment(number)))))])
    ((path, size),) = committed(desk.folder, pushed_key("11"))
    place, seen = 0, 0
    while found := next(iter(deliveries(path, start=place, end=size, on_damage=lambda *_: None)), None):
        place, seen = found.end, seen + 1
    assert (place, seen) == (size, 3)


@pytest.mark.parametrize("checker", ["warcio", "fastwarc"])
def test_other_readers_agree(desk: Depositor, checker: str) -> None:
    """Other people's programs find every digest right."""
    desk.keep([came(request(BODY)), came(request(delivery(entry("11", comment(2, "x" * 50_000)))))])
    desk.seal()
    (path,) = desk.folder.rglob("*.warc.gz")
    script = Path(sys.executable).parent / checker
    done = subprocess.run([script, "check", path], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert gzip.decompress(path.read_bytes()).count(b"WARC/1.1\r\n") == 7
