"""A download is kept whole, each row leads into it, and however often it is imported it is there once."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.config import load_profile
from archiver.domain.account import Account
from archiver.domain.acting import Actor
from archiver.domain.classification import Part, Span, text_digest
from archiver.domain.keys import Key
from archiver.domain.profile import Profile
from archiver.errors import DownloadRefused, OperatorError, UsageError
from archiver.services.clearance import Access
from archiver.services.imports import reading
from archiver.services.imports.report import report_of
from archiver.store.decisions import classes
from archiver.store.decisions.classes import NewMark
from archiver.warc.reader import open_content
from archiver.warc.uncompressed import open_resource
from tests.services.imports.bureau import CITY, Bureau, bureau
from tests.takeouts.memory import broken, zipped

ROOT = "this_profile's_activity_across_facebook"
POSTS = f"{ROOT}/posts/profile_posts_1.json"
AT = 1794751200
"""2026-11-15 14:00 UTC; the clock of the archive stands at a later time."""
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(200))

PUBLIC = Access(load_profile("us-mn"), date(2026, 11, 23))
"""What anyone may see."""


def post(text: str | None, at: int = AT, *uris: str, **data: Any) -> dict[str, Any]:
    """A post as Facebook's download has it."""
    told: list[dict[str, Any]] = [{"post": broken(text)}] if text is not None else []
    media = [{"media": {"uri": uri, "creation_timestamp": at}} for uri in uris]
    return {
        "timestamp": at,
        "data": [*told, *([data] if data else [])],
        "attachments": [{"data": media}] if media else [],
    }


LIST = "https://graph.facebook.com/v26.0/1000/posts?fields=id,message"


def listed(page: Bureau, *posts: tuple[str, int, str]) -> None:
    """The Graph API was asked for the page and its posts; of each the id, the second behind 14:00, and the text."""
    at = "2026-11-15T14:{:02}:{:02}+0000"
    page.introduced({"id": "1000", "name": "Example PD", "link": "https://facebook.com/1000"})
    data = [
        {"id": f"1000_{name}", "created_time": at.format(*divmod(second, 60)), "message": text,
         "from": {"id": "1000", "name": "Example PD"}, "permalink_url": f"https://facebook.com/{name}"}
        for name, second, text in posts
    ]  # fmt: skip
    page.captured(LIST, {"data": data})


def test_each_row_leads_into_the_zip(page: Bureau) -> None:
    """The zip's digest is unchanged, and file and pointer of each version lead to its words inside (R65)."""
    files = {POSTS: [post("One"), post("Grüße – 🍁", AT + 60)], "notes.txt": "kept"}
    path = page.handed_in("page.zip", files)
    page.take(path, on=date(2026, 11, 16))
    (part,) = page.rows("SELECT sha256, size_bytes, name FROM download_parts")
    assert part == (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size, "page.zip")
    rows = page.rows(
        "SELECT v.text, v.pointer, x.warc_file, x.warc_offset, x.payload_digest, x.url FROM versions v "
        "JOIN exchanges x ON x.id = v.exchange_id ORDER BY v.id"
    )
    assert len(rows) == 2
    for text, pointer, file, offset, digest, url in rows:
        assert digest == f"sha256:{part[0]}"
        assert url.startswith(f"urn:archiver:download:{part[0]}/this_profile")
        with open_resource(page.folder / "warc", file, offset) as stream:
            whole = stream.read()
            assert hashlib.sha256(whole).hexdigest() == part[0]
        name, _, place = pointer.partition("#")
        entry = json.loads(zipfile.ZipFile(io.BytesIO(whole)).read(name))[int(place.removeprefix("/"))]
        assert entry["data"][0]["post"] == broken(text)
    assert page.rows("SELECT requested_on, requested_by, reader FROM downloads") == [
        ("2026-11-16", "J. Clerk", "Facebook download")
    ]
    page.assert_sound(verified=True)


def test_a_second_import_changes_nothing(page: Bureau) -> None:
    """The same zip again, under another name, writes not a byte and not a row."""
    path = page.handed_in("page.zip", {POSTS: [post("One"), post("Two", AT + 60)]})
    assert page.take(path).total.new == 2
    before = (page.warc_bytes(), page.texts(), page.rows("SELECT * FROM download_entries"))
    again = page.take(path.rename(page.folder / "renamed.zip"))
    assert again.already
    assert (page.warc_bytes(), page.texts(), page.rows("SELECT * FROM download_entries")) == before


def test_two_downloads_of_different_dates(page: Bureau) -> None:
    """What both show is one record; a text that was edited between them is a version of it, newest last."""
    page.take(page.handed_in("old.zip", {POSTS: [post("One"), post("Two", AT + 60)]}), on=date(2026, 11, 16))
    newer = [post("Three", AT + 120), post("One, edited", AT, update_timestamp=AT + 500), post("Two", AT + 60)]
    page.take(page.handed_in("new.zip", {"posts/page_posts_1.json": newer}), on=date(2026, 11, 17))
    assert [text for _kind, _state, text in page.texts()] != []
    versions = page.rows("SELECT text FROM versions v JOIN items i ON i.id = v.item_id ORDER BY i.moment, v.ordinal")
    assert versions == [("One",), ("One, edited",), ("Two",), ("Three",)]
    assert page.matches() == ["new", "new", "new", "again", "again"]
    page.assert_sound()


def test_an_older_download_after_a_newer_one(page: Bureau) -> None:
    """The older text is a version, and the newer one stays what holds."""
    newer = [post("One, edited", AT, update_timestamp=AT + 500)]
    page.take(page.handed_in("new.zip", {POSTS: newer}), on=date(2026, 11, 17))
    page.take(page.handed_in("old.zip", {POSTS: [post("One")]}), on=date(2026, 11, 16))
    assert page.texts() == [("post", "live", "One, edited")]
    assert sorted(page.rows("SELECT text, basis FROM versions")) == [("One", "history"), ("One, edited", "first")]
    page.assert_sound()


JOINED: dict[str, tuple[dict[str, Any], str, str]] = {
    "the same second and text": (post("Hello"), "probable", "same time, same text"),
    "the next second": (post("Hello", AT + 1), "probable", "same time, same text"),
    "a minute later, the same text": (post("Hello", AT + 59), "probable", "same text, less than two minutes apart"),
    "the same second, an edited text": (post("Hello you"), "probable", "same time, and nothing else of that second; the text differs"),
    "other spaces": (post("Hello\r\n "), "probable", "same time, same text"),
    "another minute, another text": (post("Other", AT + 40), "new", "first seen in this download"),
    "an hour later, the same text": (post("Hello", AT + 3600), "new", "first seen in this download"),
}  # fmt: skip


@pytest.mark.parametrize(("entry", "match", "basis"), JOINED.values(), ids=JOINED)
def test_joining_without_ids(page: Bureau, entry: dict[str, Any], match: str, basis: str) -> None:
    """An entry without an id belongs to the captured record of that time and text, and that is said to be probable."""
    listed(page, ("1", 0, "Hello"), ("2", 1800, "Else"))
    page.take(page.handed_in("page.zip", {POSTS: [entry]}))
    assert page.rows("SELECT match, basis FROM download_entries") == [(match, basis)]
    assert len(page.texts()) == 2 + (match == "new")


def test_a_joined_record_keeps_what_was_captured(page: Bureau) -> None:
    """Key, state, last sight and words of a captured record stay; another text of the download is a version before."""
    listed(page, ("1", 0, "Hello, edited"))
    before = page.rows("SELECT key, state, last_seen_at, first_seen_at FROM items ORDER BY id")
    page.take(page.handed_in("page.zip", {POSTS: [post("Hello")]}))
    assert page.rows("SELECT key, state, last_seen_at, first_seen_at FROM items ORDER BY id") == before
    assert page.texts() == [("post", "live", "Hello, edited")]
    (event,) = page.rows("SELECT basis FROM events WHERE event = 'edited'")
    assert "a data download of the platform" in event[0]
    assert page.rows("SELECT subject FROM tasks WHERE subject LIKE '%download/%'") == []
    page.assert_sound(verified=True)


def test_two_posts_of_one_second_are_joined_with_two(page: Bureau) -> None:
    """Each captured record is taken once."""
    listed(page, ("1", 0, "Same"), ("2", 0, "Same"))
    page.take(page.handed_in("page.zip", {POSTS: [post("Same"), post("Same"), post("Same")]}))
    assert sorted(page.matches()) == ["new", "probable", "probable"]
    keys = page.rows("SELECT count(DISTINCT item_id) FROM download_entries")
    assert keys == [(3,)]


def test_media_are_records_of_their_own(page: Bureau) -> None:
    """A picture of the download lies in WARC once, whole, however often it is shown; a missing one is told."""
    posts = [
        post("One", AT, "media/a.png"),
        post("Two", AT + 60, "media/copy.png"),
        post("Three", AT + 120, "media/no.png"),
    ]
    files = {POSTS: posts, "media/a.png": PICTURE, "media/copy.png": PICTURE}
    page.take(page.handed_in("page.zip", files))
    digest = hashlib.sha256(PICTURE).hexdigest()
    assert page.rows("SELECT sha256, mime, size_bytes FROM media") == [(digest, "image/png", len(PICTURE))]
    (place,) = page.rows("SELECT DISTINCT warc_file, warc_offset FROM media_sources WHERE sha256 IS NOT NULL")
    with open_content(page.folder / "warc", *place) as stream:
        assert stream.read() == PICTURE
    assert place[0].startswith("page/media/")
    assert page.rows("SELECT url, state FROM media_sources WHERE sha256 IS NULL") == [("media/no.png", "failed")]
    assert page.rows("SELECT kind FROM tasks WHERE kind = 'media'") == []
    assert report_of(page.store, PUBLIC, "page").missing_files == (("media/no.png", "the download does not have it"),)
    page.assert_sound(verified=True)


def test_two_parts_are_one_download(page: Bureau) -> None:
    """A post of the first zip shows the picture of the second; both are kept, and each row names its own."""
    one = page.handed_in("page-001.zip", {POSTS: [post("One", AT, "media/a.png")]})
    two = page.handed_in("page-002.zip", {"media/a.png": PICTURE, POSTS.replace("_1", "_2"): [post("Two", AT + 60)]})
    page.take(one, two)
    assert len(page.texts()) == 2
    assert page.rows("SELECT count(*) FROM media_sources WHERE state = 'stored'") == [(1,)]
    places = page.rows("SELECT DISTINCT x.warc_offset FROM versions v JOIN exchanges x ON x.id = v.exchange_id")
    assert len(places) == 2
    assert page.take(two, one).already
    page.assert_sound(verified=True)


def test_messages_only_where_they_are_wanted(tmp_path: Path) -> None:
    """Private messages stay in the zip of an account that does not collect them."""
    talk = {
        "participants": [{"name": "A"}],
        "messages": [{"sender_name": "A", "timestamp_ms": AT * 1000, "content": "Hi"}],
    }
    files = {POSTS: [post("One")], f"{ROOT}/messages/inbox/a_1/message_1.json": talk}
    for number, wanted in enumerate((False, True)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with bureau(folder, Account("page", "facebook", "1000", messages=wanted)) as made:
            done = made.take(made.handed_in("page.zip", files))
            assert [kind for kind, _state, _text in made.texts()] == ["message", "post"][not wanted :]
            assert len(done.download.not_understood or ()) == (not wanted)


REFUSED: dict[str, tuple[bytes, type[Exception], str]] = {
    "no zip": (b"<html>", DownloadRefused, "no whole zip"),
    "a path that leads out": (zipped({POSTS: [post("x")], "zz": b""}).replace(b"zz", b".."), DownloadRefused, "leads out"),
    "a tar": (b"\x1f\x8b\x08", DownloadRefused, ".tgz"),
    "a download of nobody": (zipped({"a.txt": "x"}), OperatorError, "no download that is known"),
    "a download of Instagram": (zipped({"media/posts_1.json": [{"media": [{"uri": "a"}]}]}), OperatorError, "of instagram"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "kind", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_leaves_nothing(page: Bureau, data: bytes, kind: type[Exception], why: str) -> None:
    """One clear sentence, and not a byte or row of it."""
    path = page.folder / "bad.zip"
    path.write_bytes(data)
    before = page.warc_bytes()
    with pytest.raises(kind, match=why):
        page.take(path)
    assert page.warc_bytes() == before
    assert page.rows("SELECT * FROM downloads") == page.rows("SELECT * FROM exchanges") == []


def test_damage_deep_inside_leaves_nothing(page: Bureau) -> None:
    """A flipped bit in a video at the end is found before the first byte is kept."""
    path = page.folder / "bad.zip"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(POSTS, json.dumps([post("One")]))
        archive.writestr("zz.mp4", b"video" * 1000)
    data = bytearray(target.getvalue())
    data[data.index(b"videovideo") + 3000] ^= 1
    path.write_bytes(data)
    with pytest.raises(DownloadRefused, match="damaged"):
        page.take(path)
    assert page.warc_bytes() == 0


@pytest.mark.parametrize("given", [["none.zip"], ["folder"], ["a.zip", "a.zip"]], ids=str)
def test_files_that_are_none(page: Bureau, given: list[str]) -> None:
    """A folder, a missing file and a file given twice are usage errors."""
    (page.folder / "folder").mkdir()
    page.handed_in("a.zip", {POSTS: [post("x")]})
    with pytest.raises(UsageError):
        page.take(*(page.folder / name for name in given))


@pytest.mark.parametrize("stop_at", [1, 4, 7])
def test_an_import_that_is_stopped_goes_on(page: Bureau, monkeypatch: pytest.MonkeyPatch, stop_at: int) -> None:
    """Stopped behind any stretch and called again, it ends as if it had never been stopped."""
    monkeypatch.setattr(reading, "SPAN", 2)
    posts = [post(f"Post {n}", AT + 60 * n, f"media/{n}.png") for n in range(7)]
    files = {POSTS: posts, **{f"media/{n}.png": PICTURE + bytes([n]) for n in range(7)}}
    path = page.handed_in("page.zip", files)
    page.stop_at = stop_at
    stopped = page.take(path).stopped
    page.stop.clear()
    page.stop_at = None
    page.take(path)
    assert stopped == (stop_at < 7)
    assert [text for _kind, _state, text in page.texts()] == [f"Post {n}" for n in range(7)]
    assert page.matches() == ["new"] * 7
    assert page.rows("SELECT count(*) FROM media") == [(7,)]
    page.assert_sound()


def test_a_stop_before_anything_is_read_claims_no_more_than_that(page: Bureau) -> None:
    """A zip may be kept by then; called again, the import is whole."""
    path = page.handed_in("page.zip", {POSTS: [post("One")]})
    page.stop.set()
    with pytest.raises(OperatorError, match="before anything was read"):
        page.take(path)
    page.stop.clear()
    page.take(path)
    assert page.matches() == ["new"]


def test_progress_is_told(page: Bureau) -> None:
    """Hashing, checking, keeping and reading are told, each up to its end."""
    page.take(page.handed_in("page.zip", {POSTS: [post("One")], "a.bin": bytes(3_000_000)}))
    assert list(dict.fromkeys(what for what, _done, _of in page.told)) == ["hashing", "checking", "keeping", "reading"]
    for what in ("hashing", "checking", "keeping"):
        _what, done, of = [one for one in page.told if one[0] == what][-1]
        assert done == of > 0


def plain_download(posts: list[dict[str, Any]], made: int = AT + 10_000) -> dict[str, Any]:
    """A download with ids."""
    return {"about.json": {"id": "1", "handle": "city", "made": made}, "posts.json": posts}


def test_by_id_with_deletions(city: Bureau) -> None:
    """A post that the download shows as deleted is gone, and the event says when and where that stands."""
    posts = [
        {"id": "10", "at": AT, "text": "Stays"},
        {"id": "11", "at": AT + 1, "text": "Goes", "deleted": "2026-11-15T15:00:00Z"},
    ]
    city.take(city.handed_in("one.zip", plain_download(posts) | {"x.odd": "?"}))
    assert city.texts() == [("post", "live", "Stays"), ("post", "gone", "Goes")]
    (event,) = city.rows("SELECT basis FROM events WHERE event = 'gone'")
    assert event[0] == "deleted at 2026-11-15T15:00:00Z, as the platform's own download says (posts.json)"
    assert city.rows("SELECT subject FROM tasks WHERE kind = 'confirm'") == [("mastodon:10",)]
    city.take(city.handed_in("two.zip", plain_download(posts, AT + 20_000)))
    assert city.texts() == [("post", "live", "Stays"), ("post", "gone", "Goes")]
    assert city.matches() == ["new", "new", "id", "id"]
    assert city.rows("SELECT count(*) FROM events WHERE event IN ('gone', 'restored')") == [(1,)]
    city.assert_sound(verified=True)


def test_a_post_that_a_later_download_shows_deleted(city: Bureau) -> None:
    """Live in one download, deleted in the next: gone, with its words."""
    city.take(city.handed_in("one.zip", plain_download([{"id": "10", "at": AT, "text": "Was here"}])))
    gone = [{"id": "10", "at": AT, "text": "Was here", "deleted": "2026-11-15T18:00:00Z"}]
    city.take(city.handed_in("two.zip", plain_download(gone, AT + 20_000)))
    assert city.texts() == [("post", "gone", "Was here")]
    city.take(city.handed_in("zero.zip", plain_download([{"id": "10", "at": AT, "text": "Was here"}], AT + 5)))
    assert city.texts() == [("post", "gone", "Was here")]
    city.assert_sound()


def test_attachments_with_ids_get_their_files(city: Bureau) -> None:
    """A file of the download is what its attachment shows; what is missing is still wanted from its address."""
    posts = [{"id": "10", "at": AT, "text": "Two", "media": ["a.png", "b.png"]}]
    city.take(city.handed_in("one.zip", plain_download(posts) | {"media/a.png": PICTURE}))
    states = city.rows("SELECT identity, state FROM media_sources WHERE identity LIKE '%.png' ORDER BY identity")
    assert states == [("a.png", "stored"), ("b.png", "pending")]
    assert city.rows("SELECT subject FROM tasks WHERE kind = 'media'") == [("b.png",)]
    city.assert_sound()


def test_a_download_of_somebody_else(city: Bureau) -> None:
    """It is refused, unless a person says that it is the account under another name."""
    files = plain_download([{"id": "10", "at": AT, "text": "x"}])
    files["about.json"]["handle"] = "otherville"
    path = city.handed_in("one.zip", files)
    with pytest.raises(OperatorError, match="otherville"):
        city.take(path)
    assert city.warc_bytes() == 0
    assert city.take(path, anyway=True).total.new == 1


def test_the_report(page: Bureau) -> None:
    """What only the download has and what only was captured stand side by side."""
    listed(page, ("1", 0, "Both"), ("2", 60, "Captured only"), ("3", 3000, "After the download"))
    page.take(page.handed_in("page.zip", {POSTS: [post("Both"), post("Download only", AT + 600)]}))
    report = report_of(page.store, PUBLIC, "page")
    assert [row.text for row in report.only_download] == ["Download only"]
    assert [row.text for row in report.only_captured] == ["Captured only"]
    assert [row.text for row in report.probable] == ["Both"]
    assert dict(report.counts())["in both"] == 1


def test_the_report_says_nothing_that_is_withheld(page: Bureau, profile: Profile) -> None:
    """Of a record that is not public there stands the law, and of one with a piece that is not, the rest."""
    listed(page, ("1", 0, "Both 123-45-6789"), ("2", 60, "Captured only"))
    page.take(page.handed_in("page.zip", {POSTS: [post("Both 123-45-6789"), post("Download only", AT + 600)]}))
    access = Access(profile, date(2026, 11, 23))
    before = report_of(page.store, access, "page")
    actor, at = Actor("Dana Clerk", "dclerk"), datetime(2026, 11, 23, tzinfo=UTC)
    (both,), (alone,) = before.probable, before.only_download
    span = Span(1, text_digest(Key(both.record), str(both.text)), 5, 16)
    with page.store.begin() as conn:
        closed = profile.class_names[1]
        classes.add(conn, NewMark(Key(both.record), Part.TEXT, closed, "Law 4.2", "A number", span), actor, at)
        classes.add(conn, NewMark(Key(alone.record), Part.RECORD, closed, "Law 4.3", "All of it"), actor, at)
    report = report_of(page.store, access, "page")
    assert [row.text for row in report.probable] == ["Both [withheld: Law 4.2]"]
    assert [row.text for row in report.only_download] == ["[withheld: Law 4.3]"]
    assert report.counts() == before.counts()


def test_a_process_that_died_between_note_and_rows(
    city: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in WARC and not in the store is entered at the next start, out of the zip that lies there."""
    monkeypatch.setattr(reading, "SPAN", 1)
    posts = [{"id": str(n), "at": AT + n, "text": f"Post {n}"} for n in range(4)]
    path = city.handed_in("one.zip", plain_download(posts))
    with city.store.begin() as conn:
        conn.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON download_entries WHEN (SELECT count(*) FROM download_entries) = 2 "
            "BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(Exception, match="full"):
        city.take(path)
    with city.store.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER full")
    city.segments.close()
    city.store.dispose()
    with bureau(tmp_path, CITY) as again:
        assert len(again.texts()) == 3
        again.take(path)
        assert [text for _kind, _state, text in again.texts()] == [f"Post {n}" for n in range(4)]
        again.assert_sound()
