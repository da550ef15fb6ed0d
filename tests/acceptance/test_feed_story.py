"""A city's news feed from the first look to an edit, as the officer sees it: real server, real commands, real files."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from tests.platforms.feed_world import Site
from tests.support.command import run

CONFIG = """
    [archive]
    name = "City of Example"
    [capture]
    requests_per_second = 500
    [[accounts]]
    id = "city-news"
    platform = "feed"
    handle = "{base}/news.xml"
    base_url = "{base}"
    poll = "1s"
"""
NOW = datetime.now(UTC).replace(microsecond=0)


class Web(ThreadingHTTPServer):
    """The site on a port of this machine; ``answers`` are the statuses that it gave to asks for the feed."""

    daemon_threads = True

    def __init__(self, site: Site) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = site
        self.answers: list[int] = []
        self.base = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Web

    def do_GET(self) -> None:
        if self.path != "/news.xml":
            self._send(200, b"%PDF-1.4 plan", [("Content-Type", "application/pdf")])
            return
        body = self.server.site.atom().replace(b"https://news.example.gov", self.server.base.encode())
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        status = 304 if self.headers.get("If-None-Match") == tag else 200
        self.server.answers.append(status)
        headers = [("ETag", tag), ("Content-Type", "application/atom+xml")]
        self._send(status, body if status == 200 else b"", headers)

    def _send(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(site: Site) -> Iterator[Web]:
    """The site, as long as the block lasts."""
    with Web(site) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        try:
            yield web
        finally:
            web.shutdown()


def collected(home: Path) -> None:
    """A round that must go well."""
    done = run(home, "collect", "--all")
    assert done.returncode == 0, done.stdout + done.stderr


def found(home: Path, *words: str) -> list[dict[str, Any]]:
    """What a search finds."""
    records: list[dict[str, Any]] = json.loads(run(home, "search", *words, "--kind", "post", "--json").stdout)[
        "records"
    ]
    return records


def shown(home: Path, record: str) -> dict[str, Any]:
    """One record with all that is known of it."""
    whole: dict[str, Any] = json.loads(run(home, "show", record, "--json").stdout)
    return whole


def test_a_news_feed(tmp_path: Path) -> None:
    """Entries are posts with their files, an unchanged feed costs a revisit, a changed entry is a version."""
    site = Site()
    for number in range(1, 4):
        site.publish(
            number, f"<p>Street {number} is closed.</p>", at=NOW - timedelta(days=number), enclosure="/plan.pdf"
        )
    with served(site) as web:
        for article in site.articles:
            article.enclosure = f"{web.base}/plan.pdf"
        (tmp_path / "config.toml").write_text(CONFIG.format(base=web.base))
        collected(tmp_path)
        collected(tmp_path)
        assert 304 in web.answers
        records = {key: shown(tmp_path, key)["text"] for key in (one["record"] for one in found(tmp_path, "closed"))}
        assert set(records.values()) == {f"Street {n} is closed." for n in (1, 2, 3)}
        key = next(one for one, text in records.items() if "2" in text)

        site.articles[1].html = "<p>Street 2 is open again.</p>"
        site.articles[1].updated = NOW
        collected(tmp_path)
        record = shown(tmp_path, key)
        assert [one["text"] for one in record["versions"]] == ["Street 2 is closed.", "Street 2 is open again."]
        assert record["edited_at"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")

        site.articles = site.articles[:2]
        collected(tmp_path)
        assert [one["state"] for one in found(tmp_path, "Street 3")] == ["live"], "what is pushed out is not removed"
    assert run(tmp_path, "verify", "--full").returncode == 0
    assert run(tmp_path, "rebuild", "--check").returncode == 0
    assert "revisit" in set(_types(tmp_path / "data" / "warc"))


def _types(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.warc.gz*"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                yield record.rec_type
