"""A small town's records as an export gets them, made by hand: every table, every state, and hostile texts."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from archiver.errors import EvidenceDamaged
from archiver.exports.dataset import Dataset, Row

T0 = datetime(2026, 11, 1, 8, 0, 0, 250_000, tzinfo=UTC)
CITY, RESIDENT = "did:plc:city", "did:plc:resident"
POST = "bluesky:at://did:plc:city/app.bsky.feed.post/1"
COMMENT = "bluesky:at://did:plc:resident/app.bsky.feed.post/2"
HIDDEN = "bluesky:at://did:plc:resident/app.bsky.feed.post/3"
GONE = "bluesky:at://did:plc:resident/app.bsky.feed.post/4"
ANSWER = "bluesky:at://did:plc:city/app.bsky.feed.post/5"
SHARE = "bluesky:at://did:plc:city/app.bsky.feed.repost/6"
QUOTE = "bluesky:at://did:plc:resident/app.bsky.feed.post/7"
MENTION = "bluesky:at://did:plc:resident/app.bsky.feed.post/8"
PROFILE = "bluesky:at://did:plc:city/app.bsky.actor.profile/self"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 5000
DOWNLOAD = "0d0d0d0d-0000-4000-8000-000000000001"
EXCHANGE = "0a0a0a0a-0000-4000-8000-000000000001"

HOSTILE = {
    "a formula": '=HYPERLINK("http://evil.example","click")',
    "a plus": "+1 from me",
    "a minus": "-- \nJoe",
    "an at": "@SUM(A1:A9)",
    "a tab": "\t=1+1",
    "a space before a formula": "  =1+1",
    "a full-width formula": "＝1+1",
    "a pipe to a program": "|cmd /c calc",
    "an apostrophe": "'=1+1",
    "two apostrophes": "''",
    "a long id": "113000000000000020",
    "leading zeros": "0042",
    "a date": "11/12",
    "quotes and commas": 'He said "no", twice',
    "line breaks": "a\r\nb\nc\rd",
    "NUL": "a\x00b",
    "lone surrogates": "a\ud83db\udc00",
    "right to left": "\u202eexe.gpj\u202c שלום",
    "markup": "<script>alert(1)</script>&amp;<!--",
    "SQL": "'); DROP TABLE records; --",
    "emoji": "❄️👩‍👩‍👧‍👦🏳️‍🌈",
    "separators": "a\u2028b\u2029c\x85d",
    "nothing": "",
}  # fmt: skip


PARTS = ("versions", "events", "attachments", "links", "polls", "metrics", "origins")


@dataclass
class TownRecord:
    """A record with all its rows."""

    row: Row
    versions: list[Row]
    events: list[Row]
    attachments: list[Row]
    links: list[Row]
    polls: list[Row]
    metrics: list[Row]
    origins: list[Row] = field(default_factory=list)


@dataclass
class Town:
    """A data set in memory."""

    about: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def accounts(self) -> Iterable[Row]:
        """The rows of ``accounts``."""
        return self.tables.get("accounts", [])

    def coverage(self) -> Iterable[Row]:
        """The rows of ``coverage``."""
        return self.tables.get("coverage", [])

    def downloads(self) -> Iterable[Row]:
        """The rows of ``downloads``."""
        return self.tables.get("downloads", [])

    def records(self) -> Iterator[TownRecord]:
        """Each record with its rows."""
        for row in self.tables.get("records", []):
            yield TownRecord(row, *(self._of(row, name) for name in PARTS))

    def exchanges(self) -> Iterable[Row]:
        """The rows of ``exchanges``."""
        return self.tables.get("exchanges", [])

    def media(self) -> Iterable[Row]:
        """The rows of ``media``."""
        return self.tables.get("media", [])

    def withheld(self) -> Iterable[Row]:
        """The rows of ``withheld``."""
        return self.tables.get("withheld", [])

    def _of(self, row: Row, table: str) -> list[Row]:
        return [one for one in self.tables.get(table, []) if one["record"] == row["record"]]

    def open_media(self, sha256: str) -> BinaryIO:
        """A content."""
        if sha256 not in self.contents:
            raise EvidenceDamaged("x.warc.gz does not hold it.")
        return io.BytesIO(self.contents[sha256])

    def add(self, key: str, kind: str, text: str | None, *, author: str = RESIDENT, **more: Any) -> None:
        """A record with its first version."""
        row = record(key, kind, text, author=author, hours=len(self.tables["records"]), **more)
        self.tables["records"].append(row)
        self.tables["versions"].append(version(row, 1, text))
        self.tables["events"].append({"record": key, "event": "seen", "at": row["first_seen_at"], "exchange": EXCHANGE})


def at(hours: float) -> datetime:
    """So many hours after the first of November, eight o'clock."""
    return T0 + timedelta(hours=hours)


def record(
    key: str, kind: str, text: str | None, *, author: str = RESIDENT, hours: int = 0, **more: Any
) -> dict[str, Any]:
    """A row of ``records``."""
    name = {CITY: ("City of Example", "city.example"), RESIDENT: ("Zoë Peña", "zoe.example")}[author]
    return {
        "record": key, "account": "city-bluesky", "platform": "bluesky", "native_id": key.split(":", 1)[1],
        "kind": kind, "parent": None, "thread": key, "author": name[0], "author_handle": name[1], "author_id": author,
        "text": text, "created_at": at(hours), "first_seen_at": at(hours + 0.5), "last_seen_at": at(100),
        "state": "live", "versions": 1, "permalink": "https://bsky.example/" + key.rsplit("/", 1)[-1], "lang": "en",
    } | more  # fmt: skip


def version(row: Mapping[str, Any], number: int, text: str | None, **more: Any) -> dict[str, Any]:
    """A row of ``versions``."""
    return {
        "record": row["record"], "version": number, "observed_at": at(number), "text": text, "state": row["state"],
        "author": row["author"], "author_handle": row["author_handle"], "basis": "first" if number == 1 else "edit",
        "digest": hashlib.sha256((text or "").encode("utf-8", "surrogatepass")).hexdigest(),
        "exchange": EXCHANGE, "pointer": "/thread",
    } | more  # fmt: skip


def town() -> Town:
    """The town: a post that was edited, a comment, a hidden one, one that is gone, an answer, a share, and so on."""
    sha256 = hashlib.sha256(PICTURE).hexdigest()
    it = Town(
        about={
            "archive": "City of Example", "made_at": "2026-11-22T15:04:05Z", "made_by": "archiver 1.0",
            "filter": "everything", "checkpoint": "none",
        },
        tables={
            "accounts": [{
                "account": "city-bluesky", "platform": "bluesky", "handle": "city.example", "platform_id": CITY,
                "display_name": "City of Example", "capacity": "official", "department": "Clerk", "series": None,
            }],
            "exchanges": [{
                "exchange": EXCHANGE, "url": "https://api.example/xrpc/x", "method": "GET",
                "status": 200, "captured_at": at(1), "warc_file": "city-bluesky/api/x.warc.gz", "warc_offset": 0,
                "payload_digest": "sha256:00",
            }],
            "media": [{"sha256": sha256, "mime": "image/png", "bytes": len(PICTURE), "width": 640, "height": 480}],
            "records": [], "versions": [], "events": [],
            "attachments": [{
                "record": POST, "version": 2, "position": 0, "kind": "image", "url": "https://cdn.example/1.png",
                "alt_text": "A snowplough at dawn", "media": sha256,
            }],
            "links": [{
                "record": POST, "version": 2, "position": 0, "url": "https://t.example/1",
                "expanded": "https://city.example/snow", "title": None, "card": False,
            }],
            "polls": [{"record": POST, "version": 2, "position": 0, "option": "yes", "votes": 7, "closes_at": at(9)}],
            "metrics": [
                {"record": POST, "observed_at": at(1), "likes": 3, "replies": 1, "shares": 0, "views": None},
                {"record": POST, "observed_at": at(5), "likes": 9, "replies": None, "shares": 1, "views": None},
            ],
            "coverage": [
                {"account": "city-bluesky", "stream": "posts", "from_at": None, "until_at": at(90), "state": "complete"},
                {"account": "city-bluesky", "stream": "quotes", "from_at": at(80), "until_at": at(90), "state": "gap",
                 "reason": "the platform did not answer in time", "noticed_at": at(90)},
            ],
            "withheld": [],
            "downloads": [{
                "download": DOWNLOAD, "account": "city-bluesky", "format": "A download", "files": "city.zip", "sha256": "00" * 32,
                "imported_at": at(95),
            }],
            "origins": [{
                "record": POST, "download": DOWNLOAD, "match": "probable", "basis": "same time, same text",
                "file": "posts_1.json", "pointer": "/0", "exchange": EXCHANGE,
            }],
        },
        contents={sha256: PICTURE},
    )  # fmt: skip
    it.add(POST, "post", "Snow emergency: odd side tonight", author=CITY, versions=2, edited_at=at(2))
    it.tables["versions"][0]["text"] = "Snow emergency: even side tonight"
    it.tables["versions"][0]["digest"] = hashlib.sha256(b"even").hexdigest()
    it.tables["versions"].append(
        version(it.tables["records"][0], 2, "Snow emergency: odd side tonight", edited_at=at(2))
    )
    it.tables["events"].append(
        {"record": POST, "event": "edited", "at": at(3), "basis": "differs", "exchange": EXCHANGE}
    )
    it.add(COMMENT, "comment", "Mañana? Thanks to the crew of João!", parent=POST, thread=POST)
    it.add(HIDDEN, "comment", "You are all crooks", parent=POST, thread=POST, state="hidden", cause="by_city")
    it.tables["events"].append(
        {
            "record": HIDDEN,
            "event": "hidden",
            "at": at(20),
            "basis": "on the list of hidden replies",
            "exchange": EXCHANGE,
        }
    )
    it.add(GONE, "reply", "Never mind", parent=COMMENT, thread=POST, state="gone", cause=None)
    it.tables["events"].append({"record": GONE, "event": "gone", "at": at(30), "basis": "404", "exchange": EXCHANGE})
    it.add(ANSWER, "reply", "除雪車は明日の朝に来ます", author=CITY, parent=COMMENT, thread=POST, lang="ja")
    it.add(SHARE, "share", "The river is high", author=CITY, shares="bluesky:at://did:plc:county/app.bsky.feed.post/9")
    it.add(QUOTE, "quote", "Look at this", quotes=POST)
    it.add(
        MENTION,
        "mention",
        "Hey @city.example, a pothole on Main",
        parent="bluesky:at://x/y/z",
        thread="bluesky:at://x/y/z",
    )
    it.add(PROFILE, "profile", "Official account", author=CITY)
    for number, text in enumerate(HOSTILE.values(), start=100):
        it.add(f"bluesky:at://did:plc:resident/app.bsky.feed.post/{number}", "comment", text, parent=POST, thread=POST)
    for rows in (it.tables["versions"], it.tables["events"]):
        rows.sort(key=lambda row: (row["record"], row.get("version", 0)))
    return it


def big_town(records: int, megabytes: int) -> Dataset:
    """So many comments, made while they are read, and one video of so many megabytes."""
    return _BigTown(records, megabytes)


class _BigTown:
    def __init__(self, records: int, megabytes: int) -> None:
        self.size = records
        self.size_bytes = megabytes * 1024 * 1024
        self.sha256 = _digest_of_zeros(megabytes) if megabytes else ""
        self.about = {"archive": "Big City", "made_at": "2026-11-22T15:04:05Z"}

    def accounts(self) -> Iterable[Row]:
        return town().accounts()

    def coverage(self) -> Iterable[Row]:
        return ()

    def downloads(self) -> Iterable[Row]:
        return ()

    def records(self) -> Iterator[TownRecord]:
        for number in range(self.size):
            text = f"Comment {number} about pothole {number * 7919 % 10007} on street {number % 997}"
            row = record(f"bluesky:{number:09}", "comment", text, hours=0, thread="bluesky:000000000")
            shown: list[Row] = [
                {
                    "record": row["record"],
                    "version": 1,
                    "position": 0,
                    "kind": "video",
                    "url": "x",
                    "media": self.sha256,
                }
            ]
            yield TownRecord(row, [version(row, 1, text)], [], shown if self.sha256 and not number else [], [], [], [])

    def exchanges(self) -> Iterable[Row]:
        return town().exchanges()

    def media(self) -> Iterable[Row]:
        return [{"sha256": self.sha256, "mime": "video/mp4", "bytes": self.size_bytes}] if self.sha256 else []

    def withheld(self) -> Iterable[Row]:
        return ()

    def open_media(self, sha256: str) -> BinaryIO:
        assert sha256 == self.sha256
        return _Zeros(self.size_bytes)


class _Zeros(io.BytesIO):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def read(self, size: int | None = -1, /) -> bytes:
        piece = bytes(min(self.left, size or 0) if size and size > 0 else self.left)
        self.left -= len(piece)
        return piece


def _digest_of_zeros(megabytes: int) -> str:
    digest, piece = hashlib.sha256(), bytes(1024 * 1024)
    for _ in range(megabytes):
        digest.update(piece)
    return digest.hexdigest()
