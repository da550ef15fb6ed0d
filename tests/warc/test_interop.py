"""Other people's programs read our files: warcio, FastWARC and pywb."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from archiver.domain.exchange import Purpose
from archiver.warc.event import CaptureEvent
from archiver.warc.reader import events
from archiver.warc.rewriting import KEEP, About, Decision, Replace, rewrite, survey
from archiver.warc.stored import StoredEvent
from archiver.warc.writer import Original, SegmentKey, Segments
from tests.warc.captures import AT, FACTS, INFO, KEY, MEDIA, URL, Ticking, answer, coded, event, put, sealed_paths

JSON = json.dumps({"posts": [{"text": "Straße gesperrt 🚧", "id": number} for number in range(90)]}).encode()
LATER = AT + timedelta(hours=1)
PICTURE = b"\x89PNG\r\n\x1a\n" + os.urandom(20_000)


@dataclass(frozen=True)
class Archived:
    """Sealed files with captures that replay, and what they are to give back."""

    paths: list[Path]
    contents: dict[str, bytes]


def one(name: str, response: bytes) -> CaptureEvent:
    """A capture of its own address."""
    path = f"/v1/{name}?limit=50"
    ask = f"GET {path} HTTP/1.1\r\nHost: api.example.org\r\nAuthorization: [removed]\r\n\r\n".encode()
    return event(response, url=f"https://api.example.org{path}", request=ask)


@pytest.fixture
def archived(segments: Segments, folder: Path) -> Archived:
    """Answers as platforms give them, a picture, repeated payloads, errors and notes."""
    json_type = ("Content-Type", "application/json; charset=utf-8")
    gzipped = [json_type, ("Content-Encoding", "gzip")]
    plain = one("plain", answer(JSON, headers=[json_type]))
    ref = put(segments, plain)
    original = Original(plain.url, plain.captured_at, ref.record_id, ref.file, ref.offset)
    put(segments, one("gzip", answer(coded(JSON, "gzip"), headers=gzipped)))
    put(segments, one("gone", answer(b'{"error": "NotFound"}', status="404 Not Found", headers=[json_type])))
    picture = event(
        answer(PICTURE, headers=[("Content-Type", "image/png")]),
        url="https://cdn.example.org/a.png",
        purpose=Purpose.MEDIA,
    )
    put(segments, picture, MEDIA)
    again = one("again", answer(JSON, headers=[json_type, ("Date", "later")]))
    segments.append(KEY, again, lambda: FACTS, original=original)
    segments.append(
        KEY, one("unchanged", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'), lambda: FACTS, original=original
    )
    held = replace(one("plain", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'), captured_at=LATER)
    segments.append(KEY, held, lambda: FACTS, original=original)
    put(segments, event(None, failure="timeout"))
    segments.note(KEY, "urn:archiver:task:poll", {"outcome": "done"}, AT)
    segments.seal()
    contents = {
        plain.url: JSON,
        "https://api.example.org/v1/gzip?limit=50": JSON,
        picture.url: PICTURE,
        again.url: JSON,
    }
    return Archived(sealed_paths(folder), contents)


@pytest.fixture
def chunked(segments: Segments, folder: Path) -> Path:
    """A file with chunked answers, plain and gzip."""
    put(segments, one("chunked", answer(JSON, chunked=True)))
    put(segments, one("both", answer(coded(JSON, "gzip"), headers=[("Content-Encoding", "gzip")], chunked=True)))
    (sealed,) = segments.seal()
    return folder / sealed.file


CUT = json.dumps({"posts": [{"text": "Straße gesperrt 🚧", "id": 1}, None]}).encode()


@pytest.fixture
def rewritten(tmp_path: Path) -> Path:
    """A file written anew: one answer as it was, one out of which something was cut, one whose original is gone."""
    json_type = [("Content-Type", "application/json; charset=utf-8"), ("Content-Encoding", "gzip")]
    key = SegmentKey("parks-bluesky", "api")
    segments = Segments(tmp_path / "other", info=INFO, now=Ticking(AT))
    body = answer(coded(JSON, "gzip"), headers=json_type)
    put(segments, one("whole", body), key)
    cut = put(segments, one("cut", body), key)
    original = Original(URL, AT, cut.record_id, cut.file, cut.offset)
    segments.append(key, one("survivor", body), lambda: FACTS, original=original)
    (sealed,) = segments.seal()
    path = tmp_path / "other" / sealed.file
    about = About("D-1", ("series 1",), LATER, INFO)
    change = Replace(CUT, "application/json; charset=utf-8", 1)

    def decide(event: StoredEvent) -> Decision:
        return change if event.id == cut.record_id else KEEP

    done = rewrite(path, tmp_path / "new", decide, about, lost=survey([path], decide).lost)
    assert done.path is not None
    return done.path


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command."""
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def script(name: str) -> Path:
    """A command of our own environment."""
    return Path(sys.executable).parent / name


class TestWarcio:
    """The library that we read with, as a whole."""

    def test_all_records(self, archived: Archived) -> None:
        """Every record is there, with its block and our fields."""
        for path in archived.paths:
            ours = [record for stored in events(path) for record in stored.records]
            with path.open("rb") as file:
                archive = ArchiveIterator(file, no_record_parse=True)
                theirs = [(one.rec_headers.get_header("WARC-Record-ID"), one.raw_stream.read()) for one in archive]
            assert theirs[1:] == [(f"<urn:uuid:{one.record_id}>", one.data) for one in ours]

    def test_contents(self, archived: Archived) -> None:
        """What was captured is what its decoders give."""
        found = {}
        for path in archived.paths:
            with path.open("rb") as file:
                for record in ArchiveIterator(file):
                    if record.rec_type == "response" and record.http_headers.get_statuscode() == "200":
                        found[record.rec_headers.get_header("WARC-Target-URI")] = record.content_stream().read()
        assert found == {url: content for url, content in archived.contents.items() if "again" not in url}

    def test_check(self, archived: Archived) -> None:
        """`warcio check` finds every digest right."""
        done = run(script("warcio"), "check", "-v", *archived.paths)
        assert (done.returncode, "failed" in done.stdout) == (0, False), done.stdout

    def test_a_file_written_anew(self, rewritten: Path) -> None:
        """Its digests are right, and its conversions give their bodies."""
        done = run(script("warcio"), "check", "-v", rewritten)
        assert (done.returncode, "failed" in done.stdout) == (0, False), done.stdout
        with rewritten.open("rb") as file:
            found = {
                record.rec_headers.get_header("WARC-Target-URI").split("/")[-1]: record.content_stream().read()
                for record in ArchiveIterator(file)
                if record.rec_type in {"response", "conversion"}
            }
        assert found["whole?limit=50"] == JSON
        assert found["cut?limit=50"] == CUT
        assert gzip.decompress(found["survivor?limit=50"]) == JSON

    def test_check_of_chunked_answers(self, chunked: Path) -> None:
        """The one thing that it takes for wrong is right: the payload of a chunked body is without its chunks.

        (docs/decisions/0030-warc-records.md; webrecorder/warcio issue 74.)
        """
        done = run(script("warcio"), "check", "-v", chunked)
        failures = [line for line in done.stdout.splitlines() if "fail" in line]
        assert done.returncode == 1
        assert len(failures) == 2
        assert all("payload digest failed" in line for line in failures)


class TestFastWarc:
    """A reader that shares no code with ours."""

    def test_check(self, archived: Archived, chunked: Path) -> None:
        """`fastwarc check` finds every block digest right."""
        for path in [*archived.paths, chunked]:
            done = run(script("fastwarc"), "check", path)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "records were verified successfully" in done.stdout + done.stderr

    def test_a_file_written_anew(self, rewritten: Path) -> None:
        """All its records are read, in their order, and their digests hold."""
        found: list[str] = []
        for record in FastIterator(str(rewritten), parse_http=False):
            found.append(record.headers["WARC-Type"])
            assert record.verify_block_digest()
            if found[-1] == "conversion":
                digest = hashlib.sha256(record.reader.read()).hexdigest()
                assert record.headers["WARC-Payload-Digest"] == f"sha256:{digest}"
        event = ["request", "conversion", "metadata", "metadata"]
        assert found == ["warcinfo", "warcinfo", "request", "response", "metadata", *event, *event]

    def test_contents(self, archived: Archived, chunked: Path) -> None:
        """All records are read, block digests hold, and chunks and codings are undone."""
        found: dict[str, bytes] = {}
        count = 0
        for path in [*archived.paths, chunked]:
            for record in FastIterator(str(path), parse_http=False):
                count += 1
                assert record.verify_block_digest()
                if record.headers["WARC-Type"] == "response":
                    record.parse_http(auto_decode="all")
                    if record.http_headers.status_code == 200:
                        found[record.headers["WARC-Target-URI"]] = record.reader.read()
        assert {url: found[url] for url in archived.contents if "again" not in url} == {
            url: content for url, content in archived.contents.items() if "again" not in url
        }
        assert found["https://api.example.org/v1/chunked?limit=50"] == JSON
        assert found["https://api.example.org/v1/both?limit=50"] == JSON
        assert count == 1 + 3 * 6 + 2 + 1 + 3 + 1 + 3 * 2


@pytest.mark.parametrize(
    "response",
    [
        b"\x16\x03\x01garbage",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nhello",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(JSON),
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"",
    ],
    ids=["garbage", "cut", "cut in its head", "cut in a chunk", "interim", "empty", "nothing"],
)
def test_broken_answers_break_no_reader(response: bytes, segments: Segments, folder: Path) -> None:
    """An answer that is no HTTP does not keep others from reading what follows it."""
    put(segments, event(response, failure=None if b"HTTP" in response else "protocol"))
    put(segments, one("plain", answer(JSON)))
    segments.seal()
    (path,) = sealed_paths(folder)
    with path.open("rb") as file:
        last = [record.rec_headers.get_header("WARC-Target-URI") for record in ArchiveIterator(file)][-1]
    assert last == "https://api.example.org/v1/plain?limit=50"
    fast = [record.headers.get("WARC-Target-URI") for record in FastIterator(str(path))]
    assert fast[-1] == last
    assert run(script("fastwarc"), "check", path).returncode == 0


class TestPywb:
    """An archived API answer, replayed in a web archive."""

    @pytest.fixture
    def replay(
        self, pywb_bin: Path, archived: Archived, chunked: Path, rewritten: Path, tmp_path: Path
    ) -> Iterator[str]:
        """The address of a running pywb with our files."""
        home = tmp_path / "pywb"
        home.mkdir()
        environment = {**os.environ, "PYTHONWARNINGS": "ignore", "HOME": str(home)}
        for command in (["init", "city"], ["add", "city", *archived.paths, chunked, rewritten]):
            subprocess.run(
                [pywb_bin / "wb-manager", *command], cwd=home, env=environment, check=True, capture_output=True
            )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [pywb_bin / "wayback", "-p", str(port), "-b", "127.0.0.1"],
            cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            base = f"http://127.0.0.1:{port}"
            wait_for(base, server)
            yield f"{base}/city"
        finally:
            server.terminate()
            server.wait(timeout=20)

    @pytest.mark.timeout(120)
    def test_replay(self, replay: str, archived: Archived) -> None:
        """Every answer comes back with its own bytes, a repeated payload from its original; failures and notes are not there."""
        wanted = archived.contents | {
            f"https://api.example.org/v1/{name}?limit=50": JSON for name in ("chunked", "both", "whole")
        }
        wanted["https://api.example.org/v1/cut?limit=50"] = CUT
        for url, content in wanted.items():
            status, body = fetched(f"{replay}/{AT:%Y%m%d%H%M%S}id_/{url}")
            assert (status, hashlib.sha256(body).hexdigest()) == (200, hashlib.sha256(content).hexdigest()), url
        status, body = fetched(f"{replay}/{AT:%Y%m%d%H%M%S}id_/https://api.example.org/v1/gone?limit=50")
        assert (status, body) == (404, b'{"error": "NotFound"}')
        assert fetched(f"{replay}/{AT:%Y%m%d%H%M%S}id_/https://api.example.org/v1/unchanged?limit=50") == (304, b"")
        held = fetched(f"{replay}/{LATER:%Y%m%d%H%M%S}id_/https://api.example.org/v1/plain?limit=50")
        assert held == (304, b"")  # pywb shows what the server answered then; the body is one capture earlier
        index = [
            json.loads(line) for line in fetched(f"{replay}/cdx?url=api.example.org/*&output=json")[1].splitlines()
        ]
        kinds = {line["url"].rsplit("/", 1)[-1].split("?")[0]: line.get("mime") for line in index}
        assert kinds["again"] == kinds["unchanged"] == "warc/revisit"
        assert {line.get("mime") for line in index if "/plain?" in line["url"]} == {"application/json", "warc/revisit"}
        assert URL not in [line["url"] for line in index]


def fetched(url: str) -> tuple[int, bytes]:
    """Status and content of an answer, as a browser sees it."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            status, headers, body = response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            status, headers, body = error.code, error.headers, error.read()
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return status, body


def wait_for(base: str, server: subprocess.Popen[bytes]) -> None:
    """Until pywb answers."""
    for _ in range(300):
        assert server.poll() is None, "pywb ended"
        with contextlib.suppress(OSError):
            fetched(base + "/")
            return
        time.sleep(0.1)
    pytest.fail("pywb did not start")
