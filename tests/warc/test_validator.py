"""The validator finds nothing in what we write, and each fault in what we would never write."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.domain.exchange import Purpose
from archiver.warc.event import Redaction
from archiver.warc.members import scan
from archiver.warc.validator import unresolved, validate
from archiver.warc.writer import Original, Segments
from tests.warc.captures import AT, FACTS, INFO_ID, KEY, MEDIA, URL, answer, event, member, put, record, sealed_paths

NAME = "police-bluesky-api-20260115120000-00001-archiver.warc.gz"
INFO_BLOCK = (
    b"software: a\r\nformat: WARC File Format 1.1\r\nconformsTo: b\r\noperator: c\r\nisPartOf: d\r\ndescription: e\r\nrobots: f\r\n"
    b"http-header-user-agent: g\r\naccount: h\r\nschedule: i\r\ndigest-encoding: j\r\nhttp-rewriting: k\r\nheader-removal: l\r\n"
)
WARCINFO = record("warcinfo", INFO_BLOCK, WARC_Record_ID=INFO_ID, WARC_Filename=NAME)
IDS = [f"<urn:uuid:{digit * 8}-2222-4222-8222-222222222222>" for digit in "abc"]
ASKED = b"GET /v1/posts?limit=50 HTTP/1.1\r\nHost: api.example.org\r\n\r\n"
HELLO = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
HELLO_DIGEST = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
ORIGINAL = "<urn:uuid:99999999-2222-4222-8222-222222222222>"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


def request(block: bytes = ASKED, **fields: str | list[str] | None) -> bytes:
    """A request as it should be, but for ``fields``."""
    return record("request", block, **{"WARC_Record_ID": IDS[0], "WARC_Concurrent_To": [IDS[1], IDS[2]], **fields})


def response(block: bytes = HELLO, **fields: str | list[str] | None) -> bytes:
    """Its response."""
    usual: dict[str, str | list[str] | None] = {
        "WARC_Record_ID": IDS[1],
        "WARC_Concurrent_To": [IDS[0], IDS[2]],
        "WARC_Payload_Digest": HELLO_DIGEST,
    }
    return record("response", block, **{**usual, **fields})


def metadata(block: bytes = b"sequence: 1\r\n", **fields: str | list[str] | None) -> bytes:
    """Its metadata."""
    return record("metadata", block, **{"WARC_Record_ID": IDS[2], "WARC_Concurrent_To": [IDS[0], IDS[1]], **fields})


def revisit(block: bytes = b"HTTP/1.1 200 OK\r\n\r\n", **fields: str | list[str] | None) -> bytes:
    """A revisit in the response's place."""
    usual: dict[str, str | list[str] | None] = {
        "WARC_Record_ID": IDS[1], "WARC_Concurrent_To": [IDS[0], IDS[2]], "WARC_Payload_Digest": HELLO_DIGEST, "WARC_Truncated": "length",
        "WARC_Profile": IDENTICAL, "WARC_Refers_To": ORIGINAL, "WARC_Refers_To_Target_URI": URL, "WARC_Refers_To_Date": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    return record("revisit", block, **{**usual, **fields})


def lone(block: bytes = b"a: b\r\n", **fields: str | list[str] | None) -> bytes:
    """A metadata record by itself."""
    return record("metadata", block, **{"WARC_Target_URI": "urn:x:y", **fields})


def event_of(*, req: bytes = request(), res: bytes = response(), meta: bytes = metadata()) -> bytes:
    """A file's bytes with one event."""
    return WARCINFO + req + res + meta


def reheaded(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A member with its head changed as bytes."""
    head, blank, rest = gzip.decompress(data).partition(b"\r\n\r\n")
    return gzip.compress(change(head + b"\r\n") + blank[2:] + rest)


def line(text: bytes) -> Callable[[bytes], bytes]:
    """Add a line to a head."""
    return lambda head: head + text


@dataclass(frozen=True)
class Broken:
    """A file's bytes, what must be found, and at which record (counted from 0)."""

    data: bytes
    problem: str
    at: int = 0
    expected: str = ""


def flipped(data: bytes) -> bytes:
    """One bit of the second member's deflate data changed."""
    wrong = bytearray(data)
    wrong[len(WARCINFO) + 60] ^= 1
    return bytes(wrong)


CASES = {
    # Lines (R55).
    "an older version": Broken(WARCINFO + reheaded(lone(), lambda head: head.replace(b"WARC/1.1", b"WARC/1.0")), "the version line is wrong", 1, "WARC/1.1"),
    "a folded line": Broken(WARCINFO + reheaded(lone(), line(b"X-A: b\r\n  c\r\n")), "folded", 1),
    "a bare line feed": Broken(WARCINFO + reheaded(lone(), line(b"X-A: b\nX-B: c\r\n")), "bare line end", 1),
    "a control character": Broken(WARCINFO + reheaded(lone(), line(b"X-A: b\x01\r\n")), "control characters", 1),
    "Latin-1": Broken(WARCINFO + reheaded(lone(), line(b"X-A: caf\xe9\r\n")), "not UTF-8", 1),
    "an encoded word": Broken(WARCINFO + reheaded(lone(), line(b"X-A: =?utf-8?q?a?=\r\n")), "RFC 2047", 1),
    "a line without a colon": Broken(WARCINFO + reheaded(lone(), line(b"hello\r\n")), "no named field", 1),
    "a space in a name": Broken(WARCINFO + reheaded(lone(), line(b"X A: b\r\n")), "no named field", 1),
    "a repeated field": Broken(WARCINFO + lone(WARC_Target_URI=["urn:x:y", "urn:x:z"]), "warc-target-uri is repeated", 1),
    "a repeated field of ours": Broken(WARCINFO + lone(X_Own=["a", "b"]), "x-own is repeated", 1),
    # The fields that all have.
    "no date": Broken(WARCINFO + lone(WARC_Date=None), "warc-date is missing", 1),
    "no id": Broken(WARCINFO + lone(WARC_Record_ID=None), "warc-record-id is missing", 1),
    "no length": Broken(WARCINFO + lone(Content_Length=None), "content-length is missing", 1),
    "no type": Broken(WARCINFO + lone(WARC_Type=None), "the record type is unknown", 1),
    "no block digest": Broken(WARCINFO + lone(WARC_Block_Digest=None), "warc-block-digest is missing", 1),
    "no payload digest": Broken(event_of(res=response(WARC_Payload_Digest=None)), "warc-payload-digest is missing", 2, HELLO_DIGEST[7:]),
    "a continuation record": Broken(WARCINFO + record("continuation"), "the record type is unknown", 1),
    # Forms.
    "a date in local time": Broken(WARCINFO + lone(WARC_Date="2026-01-15T11:59:58+01:00"), "WARC-Date is not formed right", 1),
    "a date without seconds": Broken(WARCINFO + lone(WARC_Date="2026-01-15T11:59Z"), "WARC-Date is not formed right", 1),
    "a date that is none": Broken(WARCINFO + lone(WARC_Date="2026-02-30T11:59:58Z"), "WARC-Date is not formed right", 1),
    "ten digits of a second": Broken(WARCINFO + lone(WARC_Date="2026-01-15T11:59:58.1234567890Z"), "WARC-Date is not formed right", 1),
    "an id without brackets": Broken(WARCINFO + lone(WARC_Record_ID=INFO_ID.strip("<>").replace("1", "3")), "WARC-Record-ID is not formed right", 1),
    "an id that is no UUID": Broken(WARCINFO + lone(WARC_Record_ID="<urn:uuid:1>"), "WARC-Record-ID is not formed right", 1),
    "an id used twice": Broken(WARCINFO + lone(WARC_Record_ID=INFO_ID), "the record id was used before", 1),
    "a target in brackets": Broken(WARCINFO + lone(WARC_Target_URI="<https://example.org/>"), "WARC-Target-URI is not formed right", 1),
    "a target with a space": Broken(WARCINFO + lone(WARC_Target_URI="https://example.org/a b"), "WARC-Target-URI is not formed right", 1),
    "a target with a token": Broken(WARCINFO + lone(WARC_Target_URI="https://example.org/?a=b&access_token=EAAB"), "WARC-Target-URI is not formed right", 1),
    "a profile in brackets": Broken(event_of(res=revisit(WARC_Profile=f"<{IDENTICAL}>")), "WARC-Profile is not formed right", 2),
    "another algorithm": Broken(WARCINFO + lone(b"", WARC_Block_Digest="sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"), "WARC-Block-Digest is not formed right", 1),
    "a digest with =": Broken(WARCINFO + lone(b"", WARC_Block_Digest="sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), "WARC-Block-Digest is not formed right", 1),
    "a digest in capitals": Broken(WARCINFO + lone(b"", WARC_Block_Digest="sha256:" + hashlib.sha256().hexdigest().upper()), "WARC-Block-Digest is not formed right", 1),
    "an address that is none": Broken(event_of(res=response(WARC_IP_Address="api.example.org")), "WARC-IP-Address is not formed right", 2),
    "a reason for a cut that is none": Broken(event_of(res=response(WARC_Truncated="yes")), "WARC-Truncated is not formed right", 2),
    "another content type": Broken(event_of(res=response(Content_Type="application/json")), "the content type of a response record is wrong", 2),
    # Which field on which type (R56).
    "a target on a warcinfo": Broken(record("warcinfo", INFO_BLOCK, WARC_Filename=NAME, WARC_Target_URI=URL), "warc-target-uri may not stand on a warcinfo record"),
    "no target on a response": Broken(event_of(res=response(WARC_Target_URI=None)), "warc-target-uri is missing from a response record", 2),
    "a payload digest on a metadata": Broken(WARCINFO + lone(WARC_Payload_Digest=HELLO_DIGEST), "warc-payload-digest may not stand on a metadata record", 1),
    "an address on a conversion": Broken(WARCINFO + record("conversion", WARC_IP_Address="192.0.2.1"), "warc-ip-address may not stand on a conversion record", 1),
    "a reference on a request": Broken(event_of(req=request(WARC_Refers_To=ORIGINAL)), "warc-refers-to may not stand on a request record", 1),
    "a profile on a response": Broken(event_of(res=response(WARC_Profile=IDENTICAL)), "warc-profile may not stand on a response record", 2),
    "a file name on a response": Broken(event_of(res=response(WARC_Filename=NAME)), "warc-filename may not stand on a response record", 2),
    "a segment number": Broken(event_of(res=response(WARC_Segment_Number="1")), "warc-segment-number may not stand on a response record", 2),
    "a warcinfo of no file name": Broken(record("warcinfo", INFO_BLOCK), "warc-filename is missing from a warcinfo record"),
    # Revisits (R64).
    "a revisit of nothing": Broken(event_of(res=revisit(WARC_Refers_To=None)), "warc-refers-to is missing from a revisit record", 2),
    "a revisit of no date": Broken(event_of(res=revisit(WARC_Refers_To_Date=None)), "warc-refers-to-date is missing from a revisit record", 2),
    "a revisit of no address": Broken(event_of(res=revisit(WARC_Refers_To_Target_URI=None)), "warc-refers-to-target-uri is missing", 2),
    "a revisit without a profile": Broken(event_of(res=revisit(WARC_Profile=None)), "warc-profile is missing from a revisit record", 2),
    "a profile of WARC 1.0": Broken(event_of(res=revisit(WARC_Profile=IDENTICAL.replace("1.1", "1.0"))), "WARC-Profile is not formed right", 2),
    "a revisit without a payload digest": Broken(event_of(res=revisit(WARC_Payload_Digest=None)), "a revisit for an identical payload has no WARC-Payload-Digest", 2),
    "a revisit that hides what it lacks": Broken(event_of(res=revisit(WARC_Truncated=None)), "a revisit without its body does not say so", 2),
    # Digests and lengths.
    "a wrong block digest": Broken(WARCINFO + lone(b"a: b\r\n", WARC_Block_Digest=HELLO_DIGEST), "the block is not what its digest says", 1, HELLO_DIGEST),
    "a wrong payload digest": Broken(event_of(res=response(WARC_Payload_Digest="sha256:" + "0" * 64)), "the payload is not what its digest says", 2),
    "a payload digest over the chunks": Broken(
        event_of(res=response(WARC_Payload_Digest="sha256:" + hashlib.sha256(HELLO.partition(b"\r\n\r\n")[2]).hexdigest())),
        "the payload is not what its digest says", 2,
    ),
    "a payload digest of no HTTP": Broken(event_of(res=response(b"garbage")), "a payload digest of a payload that can't be told", 2),
    "a length too long": Broken(WARCINFO + lone(b"a: b\r\n", Content_Length="60"), "the block is shorter than Content-Length", 1, "60"),
    "a length too short": Broken(WARCINFO + lone(b"a: b\r\n", Content_Length="3"), "not followed by two line ends", 1),
    "two records in one member": Broken(WARCINFO + gzip.compress(gzip.decompress(lone()) + gzip.decompress(lone())), "a gzip member holds more than one record", 1),
    "no line ends after the block": Broken(WARCINFO + gzip.compress(gzip.decompress(lone())[:-2]), "not followed by two line ends", 1),
    "a flipped bit": Broken(flipped(event_of()), "", 1),
    "a torn end": Broken(event_of()[:-20], "the file ends within a record", 3),
    "bytes behind the end": Broken(event_of() + b"more" * 10, "the gzip member is damaged", 4),
    "zeros behind the end": Broken(event_of() + bytes(4096), "the gzip member is damaged", 4),
    "no WARC at all": Broken(gzip.compress(b"hello\r\n\r\n"), "the version line is wrong"),
    "an empty file": Broken(b"", "the file holds no record"),
    # Events (R58, R59).
    "a response without a request": Broken(WARCINFO + response() + metadata(), "an event is not whole", 1),
    "a request without a response": Broken(WARCINFO + request() + metadata(), "an event is not whole", 1),
    "an event without metadata": Broken(WARCINFO + request(WARC_Concurrent_To=IDS[1]) + response(WARC_Concurrent_To=IDS[0]), "an event is not whole", 1),
    "a link in one direction": Broken(event_of(res=response(WARC_Concurrent_To=IDS[0])), "does not name the others", 1),
    "two dates in one event": Broken(event_of(res=response(WARC_Date="2026-01-15T11:59:59Z")), "differ in their date", 1),
    "another file's warcinfo": Broken(WARCINFO + lone(WARC_Warcinfo_ID=ORIGINAL), "WARC-Warcinfo-ID is not this file's", 1),
    # Files (R57, R68).
    "no warcinfo first": Broken(lone() + WARCINFO, "the first record is no warcinfo"),
    "another file's name": Broken(record("warcinfo", INFO_BLOCK, WARC_Filename="other" + NAME), "WARC-Filename is not the file's name", 0, NAME),
    "a warcinfo without operator": Broken(record("warcinfo", INFO_BLOCK.replace(b"operator: c\r\n", b""), WARC_Filename=NAME), "does not tell its operator"),
    "a warcinfo that tells an address": Broken(record("warcinfo", INFO_BLOCK + b"x: at 10.1.2.3\r\n", WARC_Filename=NAME), "an internal address"),
    "a metadata that is no list": Broken(WARCINFO + lone(b"hello"), "no list of fields", 1),
    # Messages (R60, R62).
    "HTTP/2 in the status line": Broken(event_of(res=response(b"HTTP/2 200\r\n\r\nhello")), "not in HTTP/1.1 syntax", 2),
    "a request without its method": Broken(event_of(req=request(b"/v1/posts HTTP/1.1\r\nHost: a\r\n\r\n")), "does not begin with a request line", 1),
    "a token in a request": Broken(event_of(req=request(ASKED[:-2] + b"authorization: Bearer abc\r\n\r\n")), "holds the value of a credential header", 1),
    "a cookie in a response": Broken(event_of(res=response(HELLO.replace(b"Transfer", b"Set-Cookie: a=b\r\nTransfer"))), "holds the value of a credential header", 2),
    "a removal that nobody tells": Broken(event_of(req=request(ASKED[:-2] + b"Cookie: [removed]\r\n\r\n")), "a removed header is not disclosed", 1, "removed-header"),
}  # fmt: skip


def place(tmp_path: Path, data: bytes, name: str = NAME) -> Path:
    """A file in its account's folder."""
    path = tmp_path / "police-bluesky" / "api" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def offsets(data: bytes) -> list[int]:
    """Where members begin, as far as the file is sound, and where the last one ends."""
    found = [0]
    while found[-1] < len(data):
        inflate = zlib.decompressobj(31)
        try:
            inflate.decompress(data[found[-1] :])
        except zlib.error:
            break
        found.append(len(data) - len(inflate.unused_data))
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_found(name: str, tmp_path: Path) -> None:
    """Each way of being wrong is found, in its place, once."""
    case = CASES[name]
    findings = list(validate(place(tmp_path, case.data)))
    assert any(case.problem in one.problem for one in findings), findings
    one = next(one for one in findings if case.problem in one.problem)
    assert one.offset == (offsets(case.data)[case.at] if case.data else 0)
    assert one.file == f"police-bluesky/api/{NAME}"
    assert case.expected in one.expected


def test_the_pattern_of_the_cases_is_right(tmp_path: Path) -> None:
    """What the cases change is a file without a finding."""
    assert list(validate(place(tmp_path, event_of()))) == []
    assert list(validate(place(tmp_path, event_of(res=revisit()) + lone()))) == []
    assert list(validate(place(tmp_path, event_of(res=response(b"garbage", WARC_Payload_Digest=None))))) == []


@pytest.mark.parametrize(
    "name",
    ["x.warc.gz", NAME.replace("20260115", "20261315"), NAME.replace("-00001", "-1"), NAME.replace("-archiver", "")],
)
def test_a_wrong_file_name_is_found(name: str, tmp_path: Path) -> None:
    """Prefix, timestamp, serial and host (R68)."""
    info = record("warcinfo", INFO_BLOCK, WARC_Filename=name)
    assert [one.problem for one in validate(place(tmp_path, info, name))] == ["the file's name has another form"]


def test_a_damaged_record_does_not_hide_the_next_fault(tmp_path: Path) -> None:
    """After damage the check goes on at the next record."""
    findings = [one.problem for one in validate(place(tmp_path, flipped(event_of()) + lone(WARC_Date="now")))]
    assert any("gzip member is damaged" in problem or "digest" in problem for problem in findings)
    assert any("WARC-Date is not formed right" in problem for problem in findings)


def test_the_end_of_an_open_file_may_be_unfinished(tmp_path: Path) -> None:
    """A record that is being written is no finding; damage in the midst is."""
    data = event_of()
    assert list(validate(place(tmp_path, data[:-20], NAME + ".open"))) == []
    assert list(validate(place(tmp_path, data[: len(WARCINFO + request())], NAME + ".open"))) == []
    assert list(validate(place(tmp_path, flipped(data), NAME + ".open"))) != []


def every_kind(segments: Segments) -> None:
    """Captures of every kind that there is."""
    first = event(answer(b"a" * 5000), redactions=(Redaction("request-header authorization", 1),))
    ref = put(segments, first)
    original = Original(first.url, first.captured_at, ref.record_id, ref.file, ref.offset)
    removed = (Redaction("request-header Authorization", 1), Redaction("response-body", 2, "sha256:" + "0" * 64))
    segments.append(KEY, event(answer(b"a" * 5000), redactions=removed), lambda: FACTS, original=original)
    segments.append(
        KEY, event(b"HTTP/1.1 304 Not Modified\r\n\r\n", redactions=removed), lambda: FACTS, original=original
    )
    for one in (
        event(redactions=removed),
        event(answer(b"no", status="404 Not Found"), redactions=removed),
        event(answer(b"limit", status="429 Too Many Requests"), redactions=removed),
        event(answer(b"cut off")[:-3], truncated="disconnect", redactions=removed),
        event(b"garbage", failure="protocol", failure_detail="illegal status line", redactions=removed),
        event(answer(b"fine"), failure="protocol", redactions=removed),
        event(None, failure="tls", failure_detail="certificate has expired"),
        event(
            method="HEAD",
            request=b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
            response=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        ),
        event(url="https://example.org/ä?q=a b|c#d", request=b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", peer="2001:db8::1"),
    ):
        put(segments, one, subject='"odd"\r\n value ', rate_limit="X-Rate-Limit-Remaining: 5")
    put(segments, event(answer(b"\x89PNG"), purpose=Purpose.MEDIA, redactions=removed), MEDIA)
    segments.note(KEY, "urn:archiver:task:poll", {"outcome": "done", "finding": ["{}", "[]"]}, AT)


@pytest.fixture
def written(segments: Segments, folder: Path) -> list[Path]:
    """Sealed files with captures of every kind."""
    every_kind(segments)
    segments.seal()
    return sealed_paths(folder)


def test_nothing_is_found_in_what_we_write(written: list[Path], folder: Path) -> None:
    """Captures of every kind pass, and their revisits find their originals."""
    assert len(written) == 2
    for path in written:
        assert list(validate(path)) == []
    assert list(unresolved(folder)) == []


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    """Whichever byte of a file changes, something is found (but for the few of gzip that say nothing)."""
    data = event_of()
    missed = []
    for at in range(len(data)):
        wrong = bytearray(data)
        wrong[at] ^= 0x10
        if not list(validate(place(tmp_path, bytes(wrong)))):
            missed.append(at)
    silent = {start + at for start in offsets(data) for at in (3, 4, 5, 6, 7, 8, 9)}  # flags, time, level, system
    silent |= {end - 9 for end in offsets(data)}  # the bits that fill the last byte of deflate
    assert set(missed) <= silent


def test_a_revisit_without_its_original_is_found(segments: Segments, folder: Path) -> None:
    """The reference must lead to a response of the same account with that date, address and payload."""
    first = event(answer(b"a" * 5000))
    ref = put(segments, first)
    for original in (
        Original(first.url, first.captured_at, "00000000-0000-4000-8000-000000000000"),
        Original(first.url + "x", first.captured_at, ref.record_id),
    ):
        segments.append(KEY, event(answer(b"a" * 5000)), lambda: FACTS, original=original)
    segments.append(
        KEY, event(answer(b"b" * 5000)), lambda: FACTS, original=Original(first.url, first.captured_at, ref.record_id)
    )
    problems = [one.problem for one in unresolved(folder)]
    assert len(problems) == 3
    assert "which is in no file of that account" in problems[0]
    assert problems[1:] == ["WARC-Refers-To-Target-URI is not the original's", "the original has another payload"]


def test_golden_warcinfo(written: list[Path]) -> None:
    """The first record says who, what and how, and names no machine (R57)."""
    text = gzip.decompress(written[0].read_bytes()[: offsets(written[0].read_bytes())[1]]).decode()
    text = re.sub(r"urn:uuid:[0-9a-f-]{36}", "urn:uuid:ID", text)
    text = re.sub(r"archiver/[\d.]+\w*", "archiver/VERSION", text)
    text = re.sub(r"(Block-Digest: sha256:)[0-9a-f]{64}|(Content-Length: )\d+", r"\1\2…", text)
    assert text == (
        "WARC/1.1\r\n"
        "WARC-Type: warcinfo\r\n"
        "WARC-Record-ID: <urn:uuid:ID>\r\n"
        "WARC-Date: 2026-01-15T12:00:00.000000Z\r\n"
        "WARC-Filename: police-bluesky-api-20260115120000-00001-archiver.warc.gz\r\n"
        "WARC-Block-Digest: sha256:…\r\n"
        "Content-Type: application/warc-fields\r\n"
        "Content-Length: …\r\n"
        "\r\n"
        "software: archiver/VERSION\r\n"
        "format: WARC File Format 1.1\r\n"
        "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
        "operator: City of Example\r\n"
        "isPartOf: City of Example\r\n"
        "description: Social media records of the city's own accounts, as the platforms' official APIs answered\r\n"
        "robots: not applicable: official APIs are asked, with the account owner's consent\r\n"
        "http-header-user-agent: archiver/test (records@city.example)\r\n"
        "account: police-bluesky\r\n"
        "capture-class: api\r\n"
        "schedule: undetermined\r\n"
        "digest-encoding: sha256, lowercase base16\r\n"
        "http-rewriting: none: blocks are the bytes on the wire, transfer and content coding included\r\n"
        "header-removal: credentials are replaced: in headers by [removed], in addresses by the same percent-encoded, "
        "in bodies by a word of the same length; each metadata record lists them\r\n"
        "\r\n\r\n"
    )


def test_golden_event(segments: Segments, folder: Path) -> None:
    """The three records of an event, as text."""
    put(segments, event(redactions=(Redaction("request-header authorization", 1),)))
    path = next(folder.rglob("*.open"))
    with path.open("rb") as file:
        scanned = list(scan(file))[1:]
    ids = {one.record_id: kind for one, kind in zip(scanned, ["REQUEST", "RESPONSE", "METADATA"], strict=True)}
    data = path.read_bytes()
    texts = [gzip.decompress(data[one.offset : one.end]).decode() for one in scanned]
    named = [re.sub(r"urn:uuid:([0-9a-f-]{36})", lambda m: f"urn:uuid:{ids.get(m[1], 'INFO')}", text) for text in texts]
    assert named[1] == (
        "WARC/1.1\r\n"
        "WARC-Type: response\r\n"
        "WARC-Record-ID: <urn:uuid:RESPONSE>\r\n"
        "WARC-Target-URI: https://api.example.org/v1/posts?limit=50\r\n"
        "WARC-Date: 2026-01-15T11:59:58.678901Z\r\n"
        "WARC-Concurrent-To: <urn:uuid:REQUEST>\r\n"
        "WARC-Concurrent-To: <urn:uuid:METADATA>\r\n"
        "WARC-Warcinfo-ID: <urn:uuid:INFO>\r\n"
        "WARC-IP-Address: 192.0.2.10\r\n"
        "WARC-Protocol: http/1.1\r\n"
        "WARC-Protocol: tls/1.3\r\n"
        "WARC-Payload-Digest: sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\r\n"
        f"WARC-Block-Digest: sha256:{hashlib.sha256(HELLO).hexdigest()}\r\n"
        "Content-Type: application/http;msgtype=response\r\n"
        "Content-Length: 62\r\n"
        "\r\n"
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        "\r\n\r\n"
    )
    assert named[0].endswith(
        "Content-Type: application/http;msgtype=request\r\nContent-Length: 84\r\n\r\n"
        "GET /v1/posts?limit=50 HTTP/1.1\r\nHost: api.example.org\r\nAuthorization: [removed]\r\n\r\n\r\n\r\n"
    )
    assert named[2].partition("\r\n\r\n")[2] == (
        "purpose: api\r\nfetchTimeMs: 12\r\nremoved-header: authorization\r\naccount: police-bluesky\r\nsequence: 7\r\n"
        "stream: posts\r\ntask: poll\r\nsubject: bluesky:at://did:plc:x/app.bsky.feed.post/3k\r\n\r\n\r\n"
    )
    assert member(b"x") != member(b"y")
