"""Imported downloads: what they show, and what is held against them, the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.exchange import Content
from archiver.domain.item import Attachment, Kind, Person
from archiver.domain.keys import Key
from archiver.domain.observation import AccountSeen
from archiver.store import accounts, downloads, media
from archiver.store.downloads import Download, EntryRow, FileRow, Part

ME = Person("me", "city", "City")


@pytest.fixture
def begun(city: Any) -> Download:
    """The import of one zip, of which nothing was read yet."""
    with city.store.begin() as conn:
        name = city.exchange(conn, stream="import", subject=None)
        accounts.observe(conn, "city", AccountSeen("me", "city"), city.now)
        parts = (Part("a.zip", "ab" * 32, 3, name), Part("b.zip", "cd" * 32, 4, name))
        downloads.begin(conn, Download(
            0, "note", "city", "test", "me", "city", city.now, "all", "2026-11-16", "J.", True, city.now, 0, None, None, parts,
        ))  # fmt: skip
        (found,) = downloads.of_account(conn, "city")
        assert replace(found, number=0).parts == parts
        return found


def test_an_import_is_found_by_its_zips(city: Any, begun: Download) -> None:
    """In any order, but only with all of them, and only for its account."""
    with city.store.read() as conn:
        assert downloads.of_parts(conn, "city", ["cd" * 32, "ab" * 32]) == begun
        assert downloads.of_parts(conn, "city", ["ab" * 32]) is None
        assert downloads.of_parts(conn, "other", ["ab" * 32, "cd" * 32]) is None
        assert downloads.named(conn, "note") == begun


def test_it_is_read_step_by_step(city: Any, begun: Download) -> None:
    """How far it was read, which files were looked at, and what was not understood, is remembered."""
    with city.store.begin() as conn:
        name = city.exchange(conn)
        downloads.add(conn, begun, name, [], [FileRow("a", "00"), FileRow("b", problem="missing")], 7)
        downloads.add(conn, begun, name, [], [FileRow("a", "00")], 9)
        downloads.finish(conn, begun, city.now, [["p", "/0", "odd"]])
        (found,) = downloads.of_account(conn, "city")
        assert (found.read, found.finished_at, found.not_understood) == (9, city.now, [["p", "/0", "odd"]])
        assert downloads.digests(conn, found, ["a", "b", "c"]) == {"a": "00", "b": None}
        assert downloads.missing_files(conn, found) == [("b", "missing")]


def test_candidates_are_near_own_and_not_joined_yet(city: Any, begun: Download) -> None:
    """Only what the account wrote at that time, of that kind, that no entry of this download took."""
    at = city.now
    city.post(1, "near", author=ME, created_at=at, attachments=(Attachment("image", "u", source="blob:1"),))
    city.post(2, "far", author=ME, created_at=at + timedelta(hours=1))
    city.post(3, "another's", created_at=at)
    city.post(4, "taken", author=ME, created_at=at)
    city.post("x/download/5", "made", author=ME, created_at=at)
    with city.store.begin() as conn:
        name = city.exchange(conn)
        media.link(conn, "blob:1", Content("ab", 3, None), file="M", offset=1, exchange=name)
        entry = EntryRow(Key("mastodon:4"), "probable", "why", "p", "/0")
        downloads.add(conn, begun, name, [entry], [], 1)
        minute = timedelta(minutes=1)
        near = downloads.candidates(
            conn,
            "city",
            [Kind.POST, Kind.MENTION],
            at - minute,
            at + minute,
            own="me",
            download=begun,
            made="/download/",
        )
        assert [one.text for _version, one in near] == ["near"]
        assert downloads.shown_media(conn, "city", [near[0][0]]) == {near[0][0]: {"ab"}}


def test_names_lead_to_records(city: Any, begun: Download) -> None:
    """A record is found by its key and by its other names."""
    city.post(1, "x", aliases=(Key("mastodon:other"),))
    with city.store.read() as conn:
        asked = [Key("mastodon:1"), Key("mastodon:other"), Key("mastodon:none")]
        assert downloads.known_keys(conn, asked) == dict.fromkeys(asked[:2], Key("mastodon:1"))


def test_the_two_sides_of_a_report(city: Any, begun: Download) -> None:
    """What only downloads have shown, and what of the same time and kind only was captured."""
    at = city.now
    city.post(1, "both", author=ME, created_at=at)
    city.post(2, "captured", author=ME, created_at=at + timedelta(minutes=1))
    city.post(3, "download", author=ME, created_at=at + timedelta(minutes=2))
    with city.store.begin() as conn:
        rows = [EntryRow(Key("mastodon:1"), "id", "", "p", "/0"), EntryRow(Key("mastodon:3"), "new", "", "p", "/1")]
        downloads.add(conn, begun, city.exchange(conn), rows, [], 2)
        found = downloads.compared(conn, begun)
        assert [(one.text, one.only_download) for one in found] == [("both", False), ("download", True)]
        first, last = downloads.spans(conn, begun)
        assert (first, last) == (at, at + timedelta(minutes=2))
        only = downloads.only_captured(conn, begun, own="me", from_at=first, until_at=last)
        assert [one.text for one in only] == ["captured"]
        assert downloads.shown_until(conn, [Key("mastodon:1"), Key("mastodon:3")]) == {
            Key("mastodon:3"): begun.generated_at
        }
        assert downloads.words_of(conn, Key("mastodon:1")) == {"both"}


def test_a_zip_is_kept_once(city: Any, begun: Download) -> None:
    """The account's copy of a zip is found by its digest."""
    with city.store.begin() as conn:
        assert downloads.kept_part(conn, "city", "ab" * 32) is None
        assert downloads.place_of(conn, begun.parts[0].exchange).exchange == begun.parts[0].exchange
