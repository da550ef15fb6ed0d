"""Video files that yt-dlp fetches: the real program against a page on loopback, kept and found again by real commands."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from archiver import config
from archiver.domain.account import Account
from archiver.platforms.films import WithFilms
from archiver.platforms.registry import adapter_for, platforms
from archiver.services import films
from archiver.services.asking import Stopped, TaskFailed
from archiver.services.films import Films
from archiver.store import accounts, media
from archiver.wiring import Archive, open_archive
from tests.support.command import run

FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(range(256)) * 40
IDENTITY = "youtube:vidMeeting1/film"
CONFIG = """
[archive]
name = "City"
[[accounts]]
id = "council"
platform = "youtube"
handle = "@council"
base_url = "{base}"
video_files = {wanted}
token = {{ env = "CANARY_KEY" }}
"""


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()
        if "missing" not in self.path:
            self.wfile.write(FILM)

    def _answer(self) -> None:
        if "slow" in self.path:
            threading.Event().wait(20)
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", "0" if "missing" in self.path else str(len(FILM)))
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def base() -> Iterator[str]:
    """A site whose pages are video files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def opened(home: Path, base: str, stop: threading.Event | None = None, *, wanted: bool = True) -> Iterator[Archive]:
    """The archive of a city whose council has a channel."""
    (home / "config.toml").write_text(CONFIG.format(base=base, wanted=str(wanted).lower()))
    with open_archive(config.load(home / "config.toml", platforms=platforms()), stop=stop) as archive:
        yield archive


def parts_of(archive: Archive) -> tuple[Account, Films]:
    """The account, and what fetches for it."""
    found = archive.parts(lambda *_: None).films("council")
    assert found is not None
    with archive.store.read() as conn:
        return accounts.get(conn, "council"), found


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account's key."""
    monkeypatch.setenv("CANARY_KEY", "AIzaSyCanary-0000000000000000000000000")


def test_a_film_is_kept_whole_and_found_again(tmp_path: Path, base: str) -> None:
    """Its bytes are those of the page; rebuild and verify know it; the WARC says what fetched it."""
    with opened(tmp_path, base) as archive:
        account, fetcher = parts_of(archive)
        adapter = adapter_for(account)
        assert isinstance(adapter, WithFilms)
        page = adapter.film_page(IDENTITY)
        assert page == f"{base}/watch?v=vidMeeting1"
        fetcher.fetch(account, IDENTITY, page)
        with archive.store.read() as conn:
            kept = media.kept(conn, "council", IDENTITY)
        assert kept is not None
        assert kept.sha256 == hashlib.sha256(FILM).hexdigest()
        assert list((tmp_path / "data" / "spool").iterdir()) == []
    assert run(tmp_path, "verify", "--full").returncode == 0
    assert run(tmp_path, "rebuild", "--check").returncode == 0
    files = [path for path in (tmp_path / "data" / "warc").rglob("*.warc.gz*") if "/media/" in str(path)]
    said = b"".join(gzip.decompress(path.read_bytes()) for path in files if path.suffix in {".gz", ".open"})
    assert b"fetched-by: yt-dlp 20" in said
    assert b"WARC-Type: resource\r\n" in said
    assert FILM in said


def _missing(_stop: threading.Event) -> str:
    return "missing"


def _slow(stop: threading.Event) -> str:
    threading.Timer(1.0, stop.set).start()
    return "slow"


@pytest.mark.parametrize(
    ("page", "trouble", "words"),
    [(_missing, TaskFailed, "could not fetch youtube:vidMeeting1/film: .*404"), (_slow, Stopped, "^$")],
    ids=["a page that is gone", "a stop in the middle"],
)
def test_what_goes_wrong_leaves_nothing(
    tmp_path: Path, base: str, page: Callable[[threading.Event], str], trouble: type[Exception], words: str
) -> None:
    """The program's own words are told, and neither a file nor a row is left."""
    stop = threading.Event()
    with opened(tmp_path, base, stop) as archive:
        account, fetcher = parts_of(archive)
        with pytest.raises(trouble, match=words):
            fetcher.fetch(account, IDENTITY, f"{base}/{page(stop)}")
        with archive.store.read() as conn:
            assert media.kept(conn, "council", IDENTITY) is None
        assert list((tmp_path / "data" / "spool").iterdir()) == []


def test_without_the_program_a_person_is_told(tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is on and the extra is not there: a sentence with the command that mends it."""
    monkeypatch.setattr(films, "PROGRAM", "yt_dlp_that_is_not_there")
    with opened(tmp_path, base) as archive:
        account, fetcher = parts_of(archive)
        with pytest.raises(TaskFailed, match="yt-dlp is not installed"):
            fetcher.fetch(account, IDENTITY, f"{base}/watch?v=vidMeeting1")


def test_nothing_is_fetched_unless_it_is_turned_on(tmp_path: Path, base: str) -> None:
    """It is the operator's decision."""
    with opened(tmp_path, base, wanted=False) as archive:
        assert archive.parts(lambda *_: None).films("council") is None
