"""The read side, in the officer's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.domain.coverage import CoverageState, Span
from archiver.domain.exchange import Content
from archiver.domain.item import Attachment, Cause, Link, Metrics, Person, Poll, PollOption, State
from archiver.domain.keys import Key
from archiver.domain.observation import AccountSeen, GoneSeen, StateSeen
from archiver.store import accounts, coverage, media, views
from archiver.store.engine import Store
from archiver.store.search import Query

START = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Key("mastodon:1")

PROMISED = {  # design 5.3, as far as the store tells it
    "record": "record account platform native_id kind parent thread quotes author author_handle author_id title text created_at "
    "edited_at first_seen_at last_seen_at state cause versions permalink lang",
    "versions": "record version observed_at text edited_at state digest exchange",
    "events": "record event at basis exchange",
    "attachments": "record version position kind url alt_text media",
    "links": "record version position url expanded title",
    "polls": "record version position option votes closes_at",
    "metrics": "record observed_at likes replies shares views",
    "accounts": "account platform handle platform_id display_name capacity department series",
    "media": "sha256 mime bytes width height",
    "exchanges": "exchange url status captured_at warc_file warc_offset payload_digest",
    "coverage": "account stream from_at until_at state reason",
}


@pytest.fixture
def town(city: Any, store: Store) -> Any:
    """A record with a history, and a plain one."""
    with store.begin() as conn:
        accounts.observe(conn, "city", AccountSeen("me", "newname", "City"), START)
        gap = Span("posts", None, START, START + timedelta(hours=1), CoverageState.GAP, "outage", START)
        later = Span("posts", None, START + timedelta(days=9), START + timedelta(days=10), CoverageState.COMPLETE)
        coverage.replace(conn, "city", "posts", None, [gap, later])
    picture = Attachment("image", "https://x/1.jpg", source="blob:1", alt_text="A cat")
    poll = Poll((PollOption("a", 1),))
    city.post(1, "One", title="T", attachments=(picture,), links=(Link("u", "v", "w"),), poll=poll, metrics=Metrics(likes=1),
              partial=frozenset({"attachments"}), author=Person("p1", "old", "Old"), lang="en", permalink="https://x/1",
              quotes=Key("mastodon:q"))  # fmt: skip
    both = (picture, Attachment("image", "https://x/2.jpg"))
    city.post(
        1,
        "One",
        attachments=both,
        poll=Poll((PollOption("a", 7),)),
        metrics=Metrics(likes=1),
        author=Person("p1", "new", "New"),
    )
    city.post(1, "Two", attachments=both, author=Person("p1", "new", "New"))
    city.state(KEY, StateSeen(KEY, State.HIDDEN, "list", Cause.BY_CITY))
    city.post(2, "Other")
    with store.begin() as conn:
        media.link(
            conn,
            "blob:1",
            Content("ab" * 32, 1000, "image/jpeg", 4, 3),
            file="M",
            offset=7,
            exchange=city.exchange(conn),
        )
    return city


def test_everything_promised_is_there(town: Any, store: Store) -> None:
    """Each table has at least the columns of the design."""
    with store.read() as conn:
        record = views.record(conn, KEY)
        assert record is not None
        tables: dict[str, Any] = {
            "record": [record.row], "versions": record.versions, "events": record.events, "attachments": record.attachments,
            "links": record.links, "polls": record.polls, "metrics": record.metrics, "accounts": list(views.account_rows(conn)),
            "media": list(views.media_rows(conn)), "exchanges": list(views.exchange_rows(conn)), "coverage": list(views.coverage_rows(conn)),
        }  # fmt: skip
    for name, columns in PROMISED.items():
        assert tables[name], name
        for row in tables[name]:
            assert set(columns.split()) <= set(row), name


def test_a_record_with_its_history(town: Any, store: Store) -> None:
    """Details are folded into the version that they complete; numbers, names and states are as they were at the time."""
    with store.read() as conn:
        record = views.record(conn, KEY)
        assert views.record(conn, Key("mastodon:none")) is None
    assert record is not None
    assert [(row["version"], row["text"], row["state"], row["cause"], row["basis"]) for row in record.versions] == [
        (1, "One", "live", None, "first"), (2, "Two", "live", None, "edit"), (3, "Two", "hidden", "by_city", "state"),
    ]  # fmt: skip
    assert [(row["version"], row["url"], row["media"]) for row in record.attachments] == [
        (number, url, sha)
        for number in (1, 2, 3)
        for url, sha in (("https://x/1.jpg", "ab" * 32), ("https://x/2.jpg", None))
    ]
    assert [(row["version"], row["votes"]) for row in record.polls] == [(1, 7), (2, 7), (3, 7)]
    assert [row["event"] for row in record.events] == ["seen", "edited", "hidden"]
    assert [row["likes"] for row in record.metrics] == [1]
    expected = {
        "record": KEY, "native_id": "1", "platform": "mastodon", "author": "New", "author_handle": "new", "author_id": "p1",
        "text": "Two", "title": "T", "state": "hidden", "cause": "by_city", "versions": 3, "lang": "en", "quotes": "mastodon:q",
        "created_at": START + timedelta(minutes=1),
    }  # fmt: skip
    assert {name: record.row[name] for name in expected} == expected


def test_an_unknown_author(city: Any, store: Store) -> None:
    """A record without an author, text or time is shown with what there is."""
    city.post(1, None, author=None, created_at=None)
    with store.read() as conn:
        record = views.record(conn, KEY)
    assert record is not None
    assert [
        record.row[name] for name in ("author", "author_handle", "author_id", "text", "created_at", "edited_at")
    ] == [None] * 6


SELECTIONS = [
    ("everything, oldest first", Query(limit=None), ["mastodon:1", "mastodon:2"]),
    ("by words", Query(words="other"), ["mastodon:2"]),
    ("by words that were edited away", Query(words="one"), ["mastodon:1"]),
    ("by state", Query(state=State.HIDDEN), ["mastodon:1"]),
    ("by a time without records", Query(until=START), []),
    ("a limit is for pages, not for exports", Query(limit=1, offset=1), ["mastodon:1", "mastodon:2"]),
    ("nothing that can be searched for", Query(words="?!"), []),
]


@pytest.mark.parametrize(("query", "expected"), [case[1:] for case in SELECTIONS], ids=[case[0] for case in SELECTIONS])
def test_selection(town: Any, store: Store, query: Query, expected: list[str]) -> None:
    """The records of a query, and only what belongs to them in every other table."""
    with store.read() as conn:
        assert [record.row["record"] for record in views.records(conn, query)] == expected
        cited = {row["exchange"] for row in views.exchange_rows(conn, query)}
        rows = [
            row for record in views.records(conn, query) for row in (*record.versions, *record.events, *record.metrics)
        ]
        pictures = {row["sha256"] for row in views.media_rows(conn, query)}
        shown = {row["media"] for record in views.records(conn, query) for row in record.attachments} - {None}
        assert {row["exchange"] for row in views.exchanges_of(conn, cited)} == cited
    assert {row["exchange"] for row in rows} <= cited
    assert bool(cited) is bool(expected)
    assert pictures == shown


def test_coverage_of_a_time(town: Any, store: Store) -> None:
    """The spans that touch the asked time; accounts that were not asked for are left out."""
    with store.read() as conn:
        assert [row["state"] for row in views.coverage_rows(conn)] == ["gap", "complete"]
        assert [row["state"] for row in views.coverage_rows(conn, Query(since=START + timedelta(hours=1)))] == [
            "complete"
        ]
        assert [row["state"] for row in views.coverage_rows(conn, Query(until=START + timedelta(days=9)))] == ["gap"]
        assert list(views.coverage_rows(conn, Query(account="other"))) == []
        assert [row["handle"] for row in views.account_rows(conn, Query(platform="mastodon"))] == ["newname"]
        assert list(views.account_rows(conn, Query(platform="bluesky"))) == []


def test_a_thread(city: Any, store: Store, seen: Any) -> None:
    """All of it, oldest first."""
    city.see(seen(3, thread=KEY), seen(1, thread=KEY), seen(2, thread=KEY))
    with store.read() as conn:
        assert [record.row["native_id"] for record in views.thread(conn, KEY)] == ["1", "2", "3"]


def test_many_records_come_in_portions(city: Any, store: Store, seen: Any) -> None:
    """More records than are loaded at a time, each once, in order; a caller may stop in the middle."""
    for start in range(0, 1200, 300):
        city.see(*(seen(number, f"text {number}", links=(Link(f"u{number}"),)) for number in range(start, start + 300)))
    city.state(KEY, GoneSeen(KEY, "404"))
    with store.read() as conn:
        found = [(record.row["native_id"], record.links[0]["url"]) for record in views.records(conn)]
        some = views.records(conn)
        assert next(some).row["native_id"] == "0"
        some.close()  # type: ignore[attr-defined]
        assert len(list(views.exchange_rows(conn))) == 5
    assert found == [(str(number), f"u{number}") for number in range(1200)]


def test_a_quote_leads_to_its_record_by_whatever_name(city: Any, store: Store) -> None:
    """A later version (X) has an id of its own; the record's row names the record, its versions what was told."""
    city.post(1, "One", aliases=(Key("mastodon:1-edited"),))
    city.post(2, "Look", quotes=Key("mastodon:1-edited"))
    city.post(3, "Look", quotes=Key("mastodon:never-seen"))
    with store.read() as conn:
        found = {one.row["record"]: one for one in views.records(conn)}
    assert [found[Key(f"mastodon:{n}")].row["quotes"] for n in (2, 3)] == ["mastodon:1", "mastodon:never-seen"]
    assert found[Key("mastodon:2")].versions[0]["quotes"] == "mastodon:1-edited"
