from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from archiver.domain.exchange import Purpose
from archiver.sandbox.images import picture
from archiver.services.contents import content_facts
from archiver.warc.event import Block, CaptureEvent

PICTURE = picture(3, "a picture")
WHOLE = {
    "content-sha256": PICTURE.sha256,
    "content-bytes": str(len(PICTURE.data)),
    "content-mime": "image/png",
    "width": str(PICTURE.width),
    "height": str(PICTURE.height),
}


def captured(body: bytes, *headers: str, status: int = 200) -> CaptureEvent:
    """A media answer as it came off the wire."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers, "", ""]
    response = Block.of("\r\n".join(lines).encode() + body)
    at = datetime(2026, 3, 4, tzinfo=UTC)
    return CaptureEvent("http://x/", "GET", at, 1, b"", response, purpose=Purpose.MEDIA)


def test_the_content_is_told_by_its_bytes_not_by_the_server() -> None:
    """Digest, size, type and pixels are those of the file, whatever the header says."""
    assert content_facts(captured(PICTURE.data, "Content-Type: text/plain")) == WHOLE


def test_the_coding_of_the_wire_is_not_the_content() -> None:
    """A file that was compressed on the way has the digest of the file."""
    assert content_facts(captured(gzip.compress(PICTURE.data), "Content-Encoding: gzip")) == WHOLE


def test_an_unknown_file_has_the_type_that_the_server_says() -> None:
    """Parameters of the type are left out."""
    facts = content_facts(captured(b"hello", "Content-Type: Text/Plain; charset=utf-8"))
    assert facts == {
        "content-sha256": hashlib.sha256(b"hello").hexdigest(),
        "content-bytes": "5",
        "content-mime": "text/plain",
    }


def test_what_is_no_file_has_no_facts() -> None:
    """An error page, an API's answer, a failure, and an answer that breaks HTTP."""
    good = captured(PICTURE.data)
    assert content_facts(captured(b"not here", status=404)) == {}
    assert content_facts(replace(good, purpose=Purpose.API)) == {}
    assert content_facts(replace(good, failure="timeout")) == {}
    assert content_facts(replace(good, response=None)) == {}
    assert content_facts(replace(good, response=Block.of(b"not HTTP"))) == {}


def test_a_cut_file_has_the_facts_of_what_came() -> None:
    """A limit cut it: digest and size are those of the part; when nothing came there is nothing to tell."""
    good = captured(PICTURE.data)
    assert good.response is not None
    assert good.response.data is not None
    part = PICTURE.data[:500]
    cut = replace(good, response=Block.of(good.response.data[: -len(PICTURE.data)] + part), truncated="length")
    facts = content_facts(cut)
    assert (facts["content-sha256"], facts["content-bytes"]) == (hashlib.sha256(part).hexdigest(), "500")
    empty = replace(good, response=Block.of(good.response.data[: -len(PICTURE.data)]), truncated="unspecified")
    assert content_facts(empty) == {}
