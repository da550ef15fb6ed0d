"""Sealed files written anew: what stays is the same bytes, what goes is gone, and what was changed reads on."""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.domain.exchange import Exchange
from archiver.errors import EvidenceDamaged, StorageFull
from archiver.warc import facts as fact
from archiver.warc.conversions import open_message
from archiver.warc.http import Answer
from archiver.warc.names import SegmentKey, pushed_key, rewritten_name
from archiver.warc.originals import original_of
from archiver.warc.pushed import deliveries, delivery_at
from archiver.warc.reader import events, exchange_of, open_content
from archiver.warc.rewriting import KEEP, About, Decision, Remove, Replace, Rewritten, rewrite, survey
from archiver.warc.segment import describe
from archiver.warc.storage import write_all
from archiver.warc.stored import StoredEvent, records_in
from archiver.warc.validator import unresolved, validate
from archiver.warc.writer import CaptureRef, Original, Segments
from tests.warc.captures import AT, FACTS, INFO, KEY, MEDIA, Ticking, answer, coded, event, put, sealed_paths

FRAMING = {"content-length", "transfer-encoding", "content-encoding"}
ABOUT = About("D-2027-1", ("POLICE 12, edition 2026",), datetime(2027, 2, 3, 4, 5, 6, tzinfo=UTC), INFO)
JSON = [("Content-Type", "application/json; charset=utf-8"), ("ETag", '"7"'), ("X-Odd", "ä")]
SECRET = "Zwetschgenröster"


def page(*texts: str) -> bytes:
    """A listing."""
    return json.dumps([{"id": str(place), "text": one} for place, one in enumerate(texts)]).encode()


def by_id(decisions: dict[str, Decision]) -> Callable[[StoredEvent], Decision]:
    """Decisions by exchange."""
    return lambda one: decisions.get(one.id, KEEP)


def members(path: Path) -> dict[str, bytes]:
    """The compressed bytes of each record."""
    data = path.read_bytes()
    return {record.record_id: data[record.offset : record.end] for record in records_in(path)}


def inflated(path: Path) -> bytes:
    """All bytes of a file as anybody sees them who unfolds its members, and their bodies."""
    return gzip.decompress(path.read_bytes())


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where new files go."""
    return tmp_path / "disposal" / "warc"


def seal(segments: Segments, folder: Path) -> Path:
    """The one sealed file."""
    segments.seal()
    (path,) = sealed_paths(folder)
    return path


def test_one_of_many_goes_and_the_others_stay_byte_for_byte(segments: Segments, folder: Path, target: Path) -> None:
    """R31: the members of 99 captures are the same bytes; the file is valid, says what it replaces, and reads on."""
    refs = [put(segments, event(answer(page(f"word {n}"), headers=JSON)), sequence=str(n)) for n in range(100)]
    old = seal(segments, folder)
    before = members(old)
    done = rewrite(old, target, by_id({refs[40].record_id: Remove()}), ABOUT)
    assert done.path is not None
    after = members(done.path)
    gone = set(before) - set(after)
    assert gone == set(done.removed)
    assert len(gone) == 3
    assert {name: data for name, data in after.items() if name in before} == {
        name: data for name, data in before.items() if name not in gone
    }
    assert list(validate(done.path)) == []
    read = {one.id: one.ref for one in events(done.path)}
    assert read == done.places
    assert set(read) == {ref.record_id for ref in refs} - {refs[40].record_id}
    assert b"word 40" not in inflated(done.path)
    own, kept, *_ = records_in(done.path)
    assert own.type == kept.type == "warcinfo"
    with own.open_block() as block:
        told = fact.from_block(block.read())
    assert told[fact.REPLACES] == [old.name]
    assert told[fact.REPLACES_SHA256] == [done.old_sha256]
    assert told[fact.DISPOSAL] == ["D-2027-1"]
    assert done.path.name == rewritten_name(old.name)
    assert done.path.stat().st_mode & 0o777 == 0o444
    assert list(target.rglob("*.part")) == []


@pytest.mark.parametrize("coding", ["", "gzip", "deflate"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_changed_answer_reads_as_the_exchange_that_it_was(
    segments: Segments, folder: Path, target: Path, coding: str, *, chunked: bool
) -> None:
    """The same exchange but for its body: id, date, address, status, header fields, facts; and the file is valid."""
    body = page("stays", SECRET)
    headers = [*JSON, ("Content-Encoding", coding)] if coding else JSON
    ref = put(segments, event(answer(coded(body, coding) if coding else body, headers=headers, chunked=chunked)))
    old = seal(segments, folder)
    (before,) = (exchange_of(one) for one in events(old))
    done = rewrite(old, target, by_id({ref.record_id: Replace(page("stays"), "application/json", 1)}), ABOUT)
    assert done.path is not None
    assert list(validate(done.path)) == []
    (found,) = events(done.path)
    after = exchange_of(found)
    assert after.body == page("stays")
    assert _but_body(after, FRAMING) == _but_body(before, FRAMING)
    assert found.ref == done.places[ref.record_id]
    assert found.changes[fact.RECORDS_REMOVED] == ["1"]
    assert done.replaced == {ref.record_id: found.main.record_id}
    assert describe(done.path) == done.sealed
    assert SECRET.encode() not in inflated(done.path)
    assert json.dumps(SECRET)[1:-1].encode() not in inflated(done.path)


def _but_body(exchange: Exchange, framing: set[str]) -> tuple[object, ...]:
    headers = tuple(one for one in exchange.headers if one[0].lower() not in framing)
    return (
        exchange.id, exchange.sequence, exchange.captured_at, exchange.url, exchange.method, exchange.status, headers,
        exchange.request_body, exchange.stream, exchange.task_kind, exchange.subject, exchange.ok, exchange.truncated,
    )  # fmt: skip


def later(one: str, minutes: int = 60) -> dict[str, object]:
    """A later capture of an address."""
    return {"url": f"https://api.example.org/{one}", "captured_at": AT + timedelta(minutes=minutes)}


def repeat(segments: Segments, body: bytes, key: SegmentKey = KEY) -> tuple[CaptureRef, CaptureRef]:
    """An answer, and a later one with the same payload."""
    first = event(answer(body, headers=JSON))
    ref = put(segments, first, key, sequence="1")
    original = Original(first.url, first.captured_at, ref.record_id, ref.file, ref.offset)
    second = event(answer(body, headers=[("Content-Type", "application/json"), ("X-Own", "2")]), **later("again"))
    again = segments.append(key, second, lambda: {**FACTS, fact.SEQUENCE: "2"}, original=original)
    return ref, again


def swap(done: Rewritten, old: Path) -> Path:
    """The new file in the place of the old one."""
    assert done.path is not None
    new = old.with_name(done.path.name)
    done.path.rename(new)
    old.unlink()
    return new


def test_a_survivor_gets_the_payload_of_its_original(segments: Segments, folder: Path, target: Path) -> None:
    """R32: the original goes, what repeats it replays as before, with the same payload digest."""
    ref, again = repeat(segments, b"a picture" * 500, MEDIA)
    old = seal(segments, folder)
    before = {one.id: one for one in events(old)}
    assert before[again.record_id].main.type == "revisit"
    exchange = exchange_of(before[again.record_id])
    decide = by_id({ref.record_id: Remove()})
    found = survey([old], decide)
    assert found.files == (old,)
    done = rewrite(old, target, decide, ABOUT, lost=found.lost)
    new = swap(done, old)
    (left,) = events(new)
    assert left.main.type == "conversion"
    assert left.ref.payload_digest == again.payload_digest
    assert left.changes[fact.RECORDS_REMOVED] == ["0"]
    assert _but_body(exchange_of(left), FRAMING) == _but_body(exchange, FRAMING)
    assert exchange_of(left).body == exchange.body
    with open_content(folder, left.file, left.ref.offset) as content:
        assert content.read() == b"a picture" * 500
    assert list(validate(new)) == []
    assert list(unresolved(folder)) == []


def test_what_repeats_a_payload_elsewhere_makes_a_file_be_written_anew(
    segments: Segments, folder: Path, target: Path, clock: Ticking
) -> None:
    """The original lies in the file of the month before; the survivor's file has to change as well."""
    first = event(answer(b"picture" * 300))
    ref = put(segments, first, MEDIA)
    clock.at += timedelta(days=40)
    original = Original(first.url, first.captured_at, ref.record_id, ref.file, ref.offset)
    again = segments.append(MEDIA, event(answer(b"picture" * 300), **later("b")), lambda: FACTS, original=original)
    segments.seal()
    one, two = sealed_paths(folder)
    decide = by_id({ref.record_id: Remove()})
    found = survey([one, two], decide)
    assert found.files == (one, two)
    gone = rewrite(one, target, decide, ABOUT, lost=found.lost)
    assert (gone.sealed, gone.path) == (None, None)
    assert len(gone.removed) == 3
    assert list(target.rglob("*.gz")) == []
    done = rewrite(two, target, decide, ABOUT, lost=found.lost)
    one.unlink()
    new = swap(done, two)
    assert [each.id for each in events(new)] == [again.record_id]
    assert list(unresolved(folder)) == []


def test_a_repeated_answer_is_cut_as_its_original(segments: Segments, folder: Path, target: Path) -> None:
    """Both show the record, so both are replaced; neither needs the other."""
    ref, again = repeat(segments, page("stays", SECRET))
    old = seal(segments, folder)
    done = rewrite(
        old,
        target,
        by_id({one.record_id: Replace(page("stays"), "application/json", 1) for one in (ref, again)}),
        ABOUT,
    )
    new = swap(done, old)
    assert [exchange_of(one).body for one in events(new)] == [page("stays")] * 2
    assert dict(exchange_of(list(events(new))[1]).headers)["X-Own"] == "2"
    assert SECRET.encode() not in inflated(new)
    assert list(validate(new)) == []
    assert list(unresolved(folder)) == []


@pytest.mark.parametrize("cut_too", [True, False], ids=["cut too", "kept"])
def test_what_a_304_says_still_holds_is_what_is_left(
    segments: Segments, folder: Path, target: Path, *, cut_too: bool
) -> None:
    """An answer that nothing has changed shows what its original shows now; cut itself, it is still such an answer."""
    first = event(answer(page("stays", SECRET), headers=JSON))
    ref = put(segments, first, sequence="1")
    original = Original(first.url, first.captured_at, ref.record_id, ref.file, ref.offset)
    not_modified = event(b'HTTP/1.1 304 Not Modified\r\nETag: "7"\r\nDate: now\r\n\r\n', captured_at=AT + timedelta(1))
    again = segments.append(KEY, not_modified, lambda: {**FACTS, fact.SEQUENCE: "2"}, original=original)
    old = seal(segments, folder)
    before = {one.id: exchange_of(one) for one in events(old)}
    cut = Replace(page("stays"), "application/json", 1)
    wanted: dict[str, Decision] = {ref.record_id: cut, **({again.record_id: cut} if cut_too else {})}
    found = survey([old], by_id(wanted))
    new = swap(rewrite(old, target, by_id(wanted), ABOUT, lost=found.lost), old)
    after = {one.id: exchange_of(one) for one in events(new)}
    assert after[again.record_id].body == page("stays")
    assert after[again.record_id].unmodified
    assert after[again.record_id].status == 304
    assert _but_body(after[again.record_id], FRAMING) == _but_body(before[again.record_id], FRAMING)
    assert list(validate(new)) == []
    assert list(unresolved(folder)) == []
    response = next(one.response for one in events(new) if one.id == again.record_id)
    assert response is not None
    held = original_of(response) if response.type == "revisit" else response
    with open_message(held) as message:  # as a later 304 finds it again
        assert Answer(message).head.status == 200


def test_a_304_whose_original_goes_has_it_itself(segments: Segments, folder: Path, target: Path) -> None:
    """Nothing that was said to hold still is lost with the answer that said it first."""
    first = event(answer(coded(page("stays"), "gzip"), headers=[*JSON, ("Content-Encoding", "gzip")]))
    ref = put(segments, first, sequence="1")
    original = Original(first.url, first.captured_at, ref.record_id, ref.file, ref.offset)
    again = segments.append(
        KEY,
        event(b"HTTP/1.1 304 Not Modified\r\n\r\n", captured_at=AT + timedelta(1)),
        lambda: FACTS,
        original=original,
    )
    old = seal(segments, folder)
    before = {one.id: exchange_of(one) for one in events(old)}[again.record_id]
    decide = by_id({ref.record_id: Remove()})
    new = swap(rewrite(old, target, decide, ABOUT, lost=survey([old], decide).lost), old)
    (left,) = events(new)
    after = exchange_of(left)
    assert (after.body, after.unmodified, after.status) == (before.body, True, 304)
    assert list(validate(new)) == []
    assert list(unresolved(folder)) == []


def test_a_delivery_is_cut_in_what_was_sent(segments: Segments, folder: Path, target: Path) -> None:
    """The request is the evidence, so the conversion stands in its place; notes find it by the old id."""
    body, key = page("stays", SECRET), pushed_key("11")
    head = b"POST /meta HTTP/1.1\r\nHost: a\r\nX-Hub-Signature-256: sha256=1\r\nContent-Length: %d\r\n\r\n" % len(body)
    sent = event(
        answer(b""), url="https://a/meta", method="POST", request=head + body,
        request_payload_sha256=hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    refs = segments.append_together(key, [(sent, {fact.STREAM: "push"})] * 2)
    old = seal(segments, folder)
    first = delivery_at(folder, refs[0].file, refs[0].offset, refs[0].record_id)
    cut = Replace(page("stays"), "application/json", 1)
    done = rewrite(old, target, by_id({first.event.id: cut}), ABOUT)
    assert list(done.replaced) == [refs[0].record_id]
    new = swap(done, old)
    size = new.stat().st_size
    found = list(deliveries(new, start=0, end=size, on_damage=lambda *_: pytest.fail("it is whole")))
    assert [one.exchange("x", 1, "a", None).request_body for one in found] == [page("stays"), body]
    assert [one.ref("").offset for one in found] == [done.places[ref.record_id].offset for ref in refs]
    again = delivery_at(folder, refs[0].file, refs[0].offset, refs[0].record_id)
    assert again.exchange("x", 1, "a", None).method == "POST"
    assert again.event.changes[fact.HTTP_FIELD][1] == "X-Hub-Signature-256: sha256=1"
    assert list(validate(new)) == []


def test_a_file_can_be_written_anew_twice(segments: Segments, folder: Path, target: Path) -> None:
    """The chain of warcinfos says what replaced what; the second cut counts on."""
    refs = [put(segments, event(answer(page("a", "b", "c"), headers=JSON)), sequence=str(n)) for n in range(3)]
    old = seal(segments, folder)
    once = Replace(page("a", "b"), "application/json", 1)
    first = swap(rewrite(old, target, by_id({refs[1].record_id: once}), ABOUT), old)
    twice = Replace(page("a"), "application/json", 1)
    again = replace(ABOUT, disposal="D-2028-1", authority=("court order 7",))
    done = rewrite(first, target, by_id({refs[1].record_id: twice}), again)
    second = swap(done, first)
    assert second.name.endswith("archiver.r2.warc.gz")
    assert list(validate(second)) == []
    assert [one.type for one in records_in(second)].count("warcinfo") == 3
    left = list(events(second))
    assert [one.id for one in left] == [ref.record_id for ref in refs]
    assert [exchange_of(one).body for one in left] == [page("a", "b", "c"), page("a"), page("a", "b", "c")]
    assert left[1].changes[fact.RECORDS_REMOVED] == ["2"]
    assert left[1].changes[fact.DISPOSAL] == ["D-2027-1", "D-2028-1"]
    assert dict(exchange_of(left[1]).headers)["ETag"] == '"7"'


def test_notes_failures_and_cut_off_answers_stay_what_they_are(segments: Segments, folder: Path, target: Path) -> None:
    """Nothing but the one event changes; a truncated answer that is cut is still truncated."""
    cut_off = event(answer(page("a", SECRET))[:-9], truncated="disconnect")
    ref = put(segments, cut_off, sequence="1")
    segments.note(
        KEY, "urn:archiver:task:1", {fact.SEQUENCE: "2", fact.ACCOUNT: KEY.account}, AT, refers_to=ref.record_id
    )
    put(segments, event(None, failure="timeout"), sequence="3")
    old = seal(segments, folder)
    before = [exchange_of(one) for one in events(old) if not one.is_note]
    new = swap(rewrite(old, target, by_id({ref.record_id: Replace(b"", "application/json", 1)}), ABOUT), old)
    found = list(events(new))
    assert [one.is_note for one in found] == [False, True, False]
    after = [exchange_of(one) for one in found if not one.is_note]
    assert (after[0].body, after[0].truncated, after[0].ok) == (b"", "disconnect", False)
    assert after[1] == before[1]
    assert list(validate(new)) == []


def test_a_full_disk_leaves_nothing(
    segments: Segments, folder: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever it happens: no file, no part of one, and the old one as it was; the next attempt is right."""
    refs = [put(segments, event(answer(os.urandom(3000))), sequence=str(n)) for n in range(5)]
    old = seal(segments, folder)
    before = old.read_bytes()
    for limit in range(8):
        left = limit

        def full(descriptor: int, data: bytes) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            write_all(descriptor, data)

        monkeypatch.setattr("archiver.warc.rewriting.write_all", full)
        with contextlib.suppress(StorageFull):
            rewrite(old, target, by_id({refs[2].record_id: Remove()}), ABOUT)
            break
        assert [path for path in target.rglob("*") if path.is_file()] == []
        assert old.read_bytes() == before
    assert limit > 2
    monkeypatch.undo()
    (new,) = target.rglob("*.gz")
    again = rewrite(old, target, by_id({refs[2].record_id: Remove()}), ABOUT)
    assert again.path == new
    assert list(validate(new)) == []


def test_a_damaged_file_is_not_written_anew(segments: Segments, folder: Path, target: Path) -> None:
    """What can't be read to its end is left for a person, whole."""
    put(segments, event(answer(os.urandom(3000))))
    ref = put(segments, event(answer(b"x")))
    old = seal(segments, folder)
    old.chmod(0o644)
    data = bytearray(old.read_bytes())
    data[2000] ^= 0xFF
    old.write_bytes(data)
    with pytest.raises(EvidenceDamaged):
        rewrite(old, target, by_id({ref.record_id: Remove()}), ABOUT)
    assert [path for path in target.rglob("*") if path.is_file()] == []


def test_damage_in_a_new_file_is_passed_over_as_in_any(segments: Segments, folder: Path, target: Path) -> None:
    """Records of both warcinfos are found behind what can't be read."""
    refs = [put(segments, event(answer(page(f"{n}", "b"), headers=JSON)), sequence=str(n)) for n in range(4)]
    old = seal(segments, folder)
    cut = Replace(page("x"), "application/json", 1)
    done = rewrite(old, target, by_id({refs[0].record_id: cut, refs[2].record_id: cut}), ABOUT)
    new = swap(done, old)
    new.chmod(0o644)
    for place in (done.places[refs[0].record_id], done.places[refs[1].record_id]):
        data = bytearray(new.read_bytes())
        data[place.offset + 60] ^= 0xFF
        new.write_bytes(data)
    told: list[object] = []
    found = [one.id for one in events(new, on_damage=lambda _path, damage: told.append(damage))]
    assert {refs[2].record_id, refs[3].record_id} <= set(found)
    assert told
    assert list(validate(new))


def test_reading_from_a_conversions_end_goes_on_with_the_next(segments: Segments, folder: Path, target: Path) -> None:
    """As after a crash, when all up to there is known already."""
    refs = [put(segments, event(answer(page("a", "b"), headers=JSON)), sequence=str(n)) for n in range(2)]
    old = seal(segments, folder)
    done = rewrite(old, target, by_id({refs[0].record_id: Replace(b"[]", "application/json", 1)}), ABOUT)
    place = done.places[refs[0].record_id]
    assert done.path is not None
    assert [one.id for one in events(done.path, start=place.offset + place.length)] == [refs[1].record_id]


CHANGES: dict[str, tuple[str, Callable[[list[bytes]], list[bytes]]]] = {
    "nothing is said about the conversion": ("do not go together", lambda some: [*some[:4], *some[5:]]),
    "the conversion is missing": ("stands without it", lambda some: [*some[:3], *some[4:]]),
    "the old warcinfo is missing": ("is not this file's", lambda some: [some[0], *some[2:]]),
    "the warcinfo of another file": ("WARC-Filename is not the file's name", lambda some: [some[1], *some[2:]]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_validator_knows_what_belongs_together(segments: Segments, folder: Path, target: Path, name: str) -> None:
    """A new file is held to the same rules, and to what it says of itself."""
    ref = put(segments, event(answer(page("a", "b"), headers=JSON)))
    old = seal(segments, folder)
    done = rewrite(old, target, by_id({ref.record_id: Replace(b"[]", "application/json", 1)}), ABOUT)
    assert done.path is not None
    problem, change = CHANGES[name]
    some = list(members(done.path).values())
    assert [one.type for one in records_in(done.path)] == [
        "warcinfo", "warcinfo", "request", "conversion", "metadata", "metadata",
    ]  # fmt: skip
    done.path.chmod(0o644)
    done.path.write_bytes(b"".join(change(some)))
    assert any(problem in one.problem for one in validate(done.path))


def test_names_sort_where_the_old_ones_did() -> None:
    """A rebuild reads the files of a folder by serial; the new name keeps it, and its own grows."""
    name = "police-api-20260115120000-00007-archiver.warc.gz"
    first = rewritten_name(name)
    assert first == "police-api-20260115120000-00007-archiver.r1.warc.gz"
    assert rewritten_name(first) == "police-api-20260115120000-00007-archiver.r2.warc.gz"
    assert rewritten_name("p-20260115120000-00007-a.r.warc.gz") == "p-20260115120000-00007-a.r.r1.warc.gz"
    with pytest.raises(ValueError, match="not the name"):
        rewritten_name("notes.warc.gz")
