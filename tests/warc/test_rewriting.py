"""Sealed files written anew: what stays is the same bytes, what goes is gone, and what was changed reads on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.domain.exchange import Exchange
from archiver.warc import facts as fact
from archiver.warc.names import rewritten_name
from archiver.warc.reader import events, exchange_of
from archiver.warc.rewriting import KEEP, About, Decision, Remove, Replace, rewrite
from archiver.warc.stored import StoredEvent, records_in
from archiver.warc.validator import validate
from archiver.warc.writer import Segments
from tests.warc.captures import INFO, answer, coded, event, put, sealed_paths

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
    framing = {"content-length", "transfer-encoding", "content-encoding"}
    assert _but_body(after, framing) == _but_body(before, framing)
    assert found.ref == done.places[ref.record_id]
    assert found.changes[fact.RECORDS_REMOVED] == ["1"]
    assert done.replaced == {ref.record_id: found.main.record_id}
    assert SECRET.encode() not in inflated(done.path)
    assert json.dumps(SECRET)[1:-1].encode() not in inflated(done.path)


def _but_body(exchange: Exchange, framing: set[str]) -> tuple[object, ...]:
    headers = tuple(one for one in exchange.headers if one[0].lower() not in framing)
    return (
        exchange.id, exchange.sequence, exchange.captured_at, exchange.url, exchange.method, exchange.status, headers,
        exchange.request_body, exchange.stream, exchange.task_kind, exchange.subject, exchange.ok, exchange.truncated,
    )  # fmt: skip
