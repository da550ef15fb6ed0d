"""Exports of a real store with real WARC files behind it."""

from __future__ import annotations

import csv as reader
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from archiver.config import profile as profiles
from archiver.domain.account import Account
from archiver.domain.classification import UNDECIDED, Clearance
from archiver.domain.coverage import CoverageState, Span
from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.item import Attachment, Body, Cause, Form, Kind, Link, Metrics, Person, Poll, PollOption, State
from archiver.domain.keys import Key
from archiver.domain.observation import AccountSeen, GoneSeen, ItemSeen, Observation, StateSeen
from archiver.domain.opening import Opening
from archiver.errors import EvidenceDamaged, UsageError
from archiver.exports.dataset import MediaMode
from archiver.sandbox.images import picture
from archiver.services.clearance import Access
from archiver.services.contents import content_facts
from archiver.services.export import Format, Request, export, filter_words, made_at
from archiver.services.ingest import ingest
from archiver.store import accounts, captures, coverage, media
from archiver.store.captures import ExchangeRow
from archiver.store.engine import Store, open_store, upgrade
from archiver.store.selection import Query
from archiver.warc.event import Block, CaptureEvent
from archiver.warc.reader import live_exchange
from archiver.warc.writer import SegmentKey, Segments, WarcInfo

CITY = Person("1", "city", "City of Example")
RESIDENT = Person("2", "zoe", "Zoë Peña")
MADE_AT = datetime(2026, 11, 22, 15, 4, 5, tzinfo=UTC)
PUBLIC_PICTURE, PRIVATE_PICTURE = picture(1, "public"), picture(2, "private")
CANARY = "canary-7f3a"
PUBLIC = Access(profiles.load_profile(profiles.default_name()), MADE_AT.date())


def key(number: int) -> Key:
    """A record's key."""
    return Key(f"mastodon:{number}")


@cache
def _empty() -> Path:
    """A file that holds an empty store, to copy from."""
    path = Path(mkdtemp()) / "archive.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


class Archive:
    """A store and a WARC folder that are filled by hand."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'archive.sqlite'}"
        shutil.copy(_empty(), folder / "archive.sqlite")
        self.store: Store = open_store(self.url)
        self.warc = folder / "warc"
        self.now = datetime(2026, 11, 1, 8, tzinfo=UTC)
        self.sequence = 0
        info = WarcInfo(operator="City of Example", archive="City of Example", user_agent="test")
        self.segments = Segments(self.warc, info=info, now=lambda: self.now)
        self.accounts = [Account(name, "mastodon", f"{name}@city.example") for name in ("clerk", "police")]
        with self.store.begin() as conn:
            accounts.register(conn, self.accounts, self.now)
        for account, person in zip(self.accounts, (CITY, Person("3", "police", "Police")), strict=True):
            self.observe(AccountSeen(person.native_id, person.handle or "", person.display_name), account=account.id)

    def observe(self, *seen: Observation, account: str = "clerk") -> None:
        """One exchange shows something."""
        event = CaptureEvent(
            "https://city.example/api/v1/x", "GET", self._tick(), 10, b"GET /api/v1/x HTTP/1.1\r\n\r\n",
            Block.of(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        )  # fmt: skip
        with self.store.begin() as conn:
            exchange = self._record(conn, event, account, {})
            ingest(conn, accounts.get(conn, account), exchange, seen)

    def fetch(self, identity: str, content: bytes) -> None:
        """A picture is captured."""
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n".encode()
        event = CaptureEvent(
            identity,
            "GET",
            self._tick(),
            10,
            b"GET / HTTP/1.1\r\n\r\n",
            Block.of(head + content),
            purpose=Purpose.MEDIA,
        )
        with self.store.begin() as conn:
            exchange = self._record(conn, event, "clerk", content_facts(event))
            assert exchange.content is not None
            place = conn.exec_driver_sql(
                "SELECT warc_file, warc_offset FROM exchanges WHERE exchange = ?", (exchange.id,)
            ).one()
            media.link(conn, identity, exchange.content, file=place[0], offset=place[1], exchange=exchange.id)

    def _record(self, conn: Any, event: CaptureEvent, account: str, facts: dict[str, str]) -> Exchange:
        self.sequence += 1
        facts = {"account": account, "sequence": str(self.sequence), "stream": "posts", "task": "poll"} | facts
        ref = self.segments.append(SegmentKey(account, str(event.purpose)), event, lambda: facts)
        exchange = live_exchange(event, ref, facts)
        row = ExchangeRow(exchange, ref.file, ref.offset, ref.length, ref.payload_digest, ref.block_digest)
        captures.add(conn, row)
        return exchange

    def _tick(self) -> datetime:
        self.now += timedelta(hours=1)
        return self.now

    def export(self, name: str, **more: Any) -> Path:
        """Export into the folder of the archive."""
        path = self.warc.parent / name
        options: dict[str, Any] = {"format": Format.SQLITE, "archive": "City of Example", "made_at": MADE_AT} | more
        options.setdefault("access", PUBLIC)
        export(self.store, self.warc, Request(path=path, **options))
        return path


def seen(number: int, text: str | None, *, author: Person = RESIDENT, form: Form = Form.POST, **more: Any) -> ItemSeen:
    """A sighting."""
    in_body = {name: more.pop(name) for name in list(more) if name in Body.__slots__}
    at = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=number)
    facts: dict[str, Any] = {"created_at": at, "thread": key(number)} | more
    return ItemSeen(key(number), form, author, Body(text=text, **in_body), **facts)


def image(name: str, alt: str | None = None) -> Attachment:
    """A picture of a record."""
    return Attachment("image", f"https://files.example/{name}", alt_text=alt)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Two accounts; the clerk's has a thread, an edit, a hidden comment, a removal, a share, and a private conversation."""
    it = Archive(tmp_path)
    below: dict[str, Any] = {"parent": key(1), "thread": key(1), "thread_author": "1"}
    post: dict[str, Any] = {
        "attachments": (image("a.png", "A plough"), image("missing.png")), "visibility": "public",
        "links": (Link("https://x.example/1"),), "poll": Poll((PollOption("yes", 3), PollOption("no", 1))),
    }  # fmt: skip
    it.observe(
        seen(1, "Even side", author=CITY, metrics=Metrics(likes=1), **post),
        seen(2, "Thanks!", visibility="public", **below),
        seen(3, "Crooks", visibility="unlisted", **below),
        seen(4, "Gone soon", visibility="public", **below),
        seen(5, None, author=CITY, form=Form.SHARE, shares=key(900)),
        seen(6, f"{CANARY} followers", author=CITY, visibility="private", attachments=(image("private.png", CANARY),)),
        seen(7, f"{CANARY} just for you", visibility="direct", author=Person("9", CANARY, CANARY), **below),
        seen(900, "The river is high", author=Person("8", "county", "County"), visibility="public"),
    )
    it.observe(seen(1, "Odd side", author=CITY, edited_at=it.now, metrics=Metrics(likes=5), **post))
    it.observe(StateSeen(key(3), State.HIDDEN, "hidden by the account", Cause.BY_CITY), GoneSeen(key(4), "404"))
    it.observe(seen(50, "Lost dog", author=Person("3", "police", "Police")), account="police")
    it.fetch("https://files.example/a.png", PUBLIC_PICTURE.data)
    it.fetch("https://files.example/private.png", PRIVATE_PICTURE.data)
    with it.store.begin() as conn:
        gap = Span(
            "posts", None, it.now, it.now + timedelta(hours=1), CoverageState.GAP, "the platform did not answer", it.now
        )
        coverage.replace(conn, "clerk", "posts", None, [Span("posts", None, None, it.now, CoverageState.COMPLETE), gap])
    yield it
    it.segments.close()
    it.store.dispose()


def read(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The answer of an exported file."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def test_the_store_comes_out_whole(archive: Archive) -> None:
    """Records of both accounts, versions, events, parts, counts, coverage, and where the proof is."""
    path = archive.export("all.sqlite")
    assert read(path, "PRAGMA integrity_check") == [("ok",)]
    records = {
        row[0]: row[1:] for row in read(path, "SELECT record, account, kind, text, state, cause, versions FROM records")
    }
    assert records[key(1)] == ("clerk", "post", "Odd side", "live", None, 2)
    assert records[key(2)] == ("clerk", "comment", "Thanks!", "live", None, 1)
    assert records[key(3)] == ("clerk", "comment", "Crooks", "hidden", "by_city", 2)
    assert records[key(4)] == ("clerk", "comment", "Gone soon", "gone", None, 1)
    assert records[key(50)][0] == "police"
    assert read(path, "SELECT text_before, text_after FROM edits") == [("Even side", "Odd side")]
    assert read(path, "SELECT likes FROM metrics ORDER BY observed_at") == [(1,), (5,)]
    assert read(path, "SELECT option, votes FROM polls WHERE version = 2") == [("yes", 3), ("no", 1)]
    assert read(path, "SELECT state, reason, noticed_at IS NULL FROM coverage ORDER BY until_at") == [
        ("complete", None, 1),
        ("gap", "the platform did not answer", 0),
    ]
    assert read(path, "SELECT author, author_handle FROM records WHERE record = ?", key(2)) == [("Zoë Peña", "zoe")]
    assert {row[0] for row in read(path, "SELECT record FROM posts")} == {key(1), key(5), key(50)}
    assert {row[0] for row in read(path, "SELECT record FROM removed_or_hidden")} == {key(3), key(4)}


def test_a_share_without_a_text_has_the_originals(archive: Archive) -> None:
    """In the record; its version stays as it was seen."""
    path = archive.export("all.sqlite")
    assert read(path, "SELECT text FROM records WHERE record = ?", key(5)) == [("The river is high",)]
    assert read(path, "SELECT text FROM versions WHERE record = ?", key(5)) == [(None,)]


def test_media_come_out_of_the_warc_files(archive: Archive) -> None:
    """The content and what proves it; a picture that was not captured says so."""
    path = archive.export("all.sqlite")
    assert read(path, "SELECT sha256, content FROM media") == [(PUBLIC_PICTURE.sha256, PUBLIC_PICTURE.data)]
    rows = read(
        path, "SELECT alt_text, media, note, exchange IS NULL FROM attachments WHERE version = 2 ORDER BY position"
    )
    assert rows == [("A plough", PUBLIC_PICTURE.sha256, None, 0), (None, None, "not captured yet", 1)]


@pytest.mark.parametrize("fmt", list(Format))
def test_what_is_not_public_does_not_go_out(archive: Archive, fmt: Format) -> None:
    """No word, no picture, no name and no description of it is anywhere in the raw bytes; that it exists is listed."""
    path = archive.export(f"all.{fmt}", format=fmt)
    written = b"".join(one.read_bytes() for one in (path, *path.parent.glob("all*/**/*")) if one.is_file())
    assert CANARY.encode() not in written
    assert PRIVATE_PICTURE.sha256.encode() not in written
    assert PRIVATE_PICTURE.data not in written
    assert b"private.png" not in written
    assert b"visibility: direct" in written
    assert b"visibility: private" in written


def test_what_is_withheld_is_listed_with_its_basis(archive: Archive) -> None:
    """The record's key, kind and date, and none of its words."""
    path = archive.export("all.sqlite")
    rows = read(path, "SELECT record, kind, part, basis FROM withheld ORDER BY record")
    assert rows == [
        (key(6), "post", "record", "visibility: private"),
        (key(7), "comment", "record", "visibility: direct"),
    ]
    assert read(path, "SELECT count(*) FROM records WHERE visibility IN ('private', 'direct')") == [(0,)]


def test_it_goes_out_when_asked_for_and_says_so(archive: Archive) -> None:
    """With a clearance for what nobody has decided yet: the visibility is in its column, and each opening is noted."""
    opened: list[Opening] = []
    cleared = replace(PUBLIC, clearance=Clearance(frozenset({UNDECIDED})), opened=opened.extend, note="for Dana")
    path = archive.export("all.sqlite", access=cleared)
    assert [one.subject for one in opened] == [key(6), key(7)]
    assert read(
        path, "SELECT record, visibility FROM records WHERE visibility IN ('private', 'direct') ORDER BY record"
    ) == [
        (key(6), "private"),
        (key(7), "direct"),
    ]
    assert read(path, "SELECT count(*) FROM withheld") == [(0,)]
    assert read(path, "SELECT value FROM about WHERE key = 'clearance'") == [("for Dana",)]


def test_a_record_that_was_private_in_one_version_is_not_public(archive: Archive) -> None:
    """The earlier version would go out with it."""
    archive.observe(seen(60, f"{CANARY} first", visibility="private"), seen(61, "x", visibility="whatever-is-new"))
    archive.observe(seen(60, "Now for all", visibility="public"))
    path = archive.export("all.sqlite")
    assert CANARY.encode() not in path.read_bytes()
    assert {row[0] for row in read(path, "SELECT record FROM withheld")} == {key(6), key(7), key(60), key(61)}


FILTERS: dict[str, tuple[Query, set[Key]]] = {
    "an account": (Query(account="police"), {key(50)}),
    "a state": (Query(state=State.GONE), {key(4)}),
    "a kind": (Query(kind=Kind.SHARE), {key(5)}),
    "words": (Query(words="crooks"), {key(3)}),
    "words that were edited away": (Query(words="even side"), {key(1)}),
    "nothing that is there": (Query(words="unicorn"), set()),
    "a page of a search is not an export": (Query(account="clerk", limit=1, offset=1, kind=Kind.COMMENT), {key(2), key(3), key(4)}),
}  # fmt: skip


@pytest.mark.parametrize(("query", "found"), FILTERS.values(), ids=FILTERS)
def test_a_selection_is_whole_in_itself(archive: Archive, query: Query, found: set[Key]) -> None:
    """References hold, and no exchange or picture is there that nothing cites."""
    path = archive.export("some.sqlite", query=query)
    assert {row[0] for row in read(path, "SELECT record FROM records")} == found
    assert read(path, "PRAGMA foreign_key_check") == []
    cited = "SELECT exchange FROM versions UNION SELECT exchange FROM events UNION SELECT exchange FROM metrics UNION SELECT exchange FROM attachments"
    assert read(path, f"SELECT exchange FROM exchanges EXCEPT SELECT * FROM ({cited})") == []
    assert read(path, "SELECT sha256 FROM media EXCEPT SELECT media FROM attachments") == []


def test_the_filter_is_stated_in_words() -> None:
    """So that the same export can be asked for again (records rule R42)."""
    since, until = datetime(2026, 1, 1, 6, tzinfo=UTC), datetime(2026, 2, 1, 6, tzinfo=UTC)
    assert filter_words(Query(limit=None)) == "everything"
    assert filter_words(Query(words="snow", account="clerk", kind=Kind.POST, since=since, until=until)) == (
        "words: snow; account: clerk; kind: post; since: 2026-01-01T06:00:00Z; until: 2026-02-01T06:00:00Z (not included)"
    )


def test_every_format_has_the_same_records(archive: Archive) -> None:
    """By key and text."""
    sqlite_file = archive.export("all.sqlite")
    document = json.loads(archive.export("all.json", format=Format.JSON).read_bytes())
    folder = archive.export("all", format=Format.CSV, media=MediaMode.NONE)
    with (folder / "records.csv").open(encoding="utf-8-sig", newline="") as file:
        table = [(row["record"], row["text"]) for row in reader.DictReader(file)]
    expected = read(sqlite_file, "SELECT record, text FROM records ORDER BY id")
    assert [(row["record"], row["text"]) for row in document["records"]] == expected
    assert table == [(record, text or "") for record, text in expected]


def test_the_same_archive_gives_the_same_bytes(archive: Archive) -> None:
    """Twice in a row, and whatever was captured of others in between."""
    first = archive.export("a.sqlite", query=Query(account="clerk", limit=None))
    archive.observe(seen(70, "Found dog", author=Person("3", "police", "Police")), account="police")
    second = archive.export("b.sqlite", query=Query(account="clerk", limit=None))
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()


def test_a_damaged_warc_file_is_told_and_the_rest_is_written(archive: Archive) -> None:
    """The officer has an export, and an error that says what is missing in it."""
    (warc,) = (archive.warc / "clerk" / "media").iterdir()
    data = bytearray(warc.read_bytes())
    data[len(data) // 4 : len(data) // 4 + 20] = bytes(20)
    warc.write_bytes(data)
    with pytest.raises(EvidenceDamaged, match=r"all\.sqlite was written, but 1 of its media"):
        archive.export("all.sqlite")
    path = archive.warc.parent / "all.sqlite"
    assert read(path, "SELECT count(*) FROM records")[0][0] == 7
    content, problem = read(path, "SELECT content, problem FROM media")[0]
    assert content is None
    assert problem


NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_moment_of_making_can_be_given() -> None:
    """By SOURCE_DATE_EPOCH, else it is now."""
    assert made_at({}, NOW) == NOW
    assert made_at({"SOURCE_DATE_EPOCH": ""}, NOW) == NOW
    assert made_at({"SOURCE_DATE_EPOCH": "0"}, NOW) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("epoch", ["yesterday", "1.5", "9" * 30])
def test_a_moment_that_is_none_is_a_usage_error(epoch: str) -> None:
    """In one sentence."""
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        made_at({"SOURCE_DATE_EPOCH": epoch}, NOW)


@pytest.mark.parametrize("fmt", list(Format))
def test_the_cover_says_what_was_captured(archive: Archive, fmt: Format) -> None:
    """Of each account that was asked about, in a sentence, in every format; the spans are in the table beside it."""
    path = archive.export(f"all.{fmt}", format=fmt)
    written = "".join(
        one.read_text(encoding="utf-8", errors="replace")
        for one in (path, *path.parent.glob("all*/*"))
        if one.is_file()
    )
    for account in {row[0] for row in read(archive.export("spans.sqlite"), "SELECT account FROM accounts")}:
        assert f"{account} was " in written or f"captured of {account}." in written
