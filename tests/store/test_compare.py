"""Two stores: whether they hold the same, and one taking over what the other read out of the WARC files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.coverage import CoverageState, Span
from archiver.domain.exchange import Content, Exchange
from archiver.domain.item import Attachment, Cause, Link, Metrics, Person, Poll, PollOption, State
from archiver.domain.keys import Key
from archiver.domain.observation import AccountSeen, GoneSeen, SettingSeen, StateSeen
from archiver.domain.page_settings import Member, SettingName
from archiver.domain.task import TaskKind
from archiver.store import (
    accounts,
    captures,
    coverage,
    downloads,
    items,
    media,
    page_settings,
    search,
    tasks,
    tombstones,
    transfer,
    validators,
)
from archiver.store.compare import DUMPS, differences
from archiver.store.downloads import Download
from archiver.store.engine import Store, create_scratch
from archiver.store.guards import lifted
from archiver.store.search import Query

KEY = Key("mastodon:1")


def story(city: Any, *, detour: bool = False) -> None:
    """Something in every captured table. ``detour`` makes rows get other numbers than without it, and nothing else."""
    if detour:
        with city.store.begin() as conn:
            name = city.exchange(conn)
            items.set_gate(conn, Key("x"), "hidden", {KEY}, exchange=name, at=city.now)
        with city.store.begin() as conn, lifted(conn):
            for table in ("gate_members", "gates", "exchanges"):
                conn.exec_driver_sql(f"DELETE FROM {table}")
            # the number goes on, so that later rows have others
            conn.exec_driver_sql("INSERT INTO exchanges SELECT * FROM exchanges")
        city.exchanges, city.now = 0, city.now - timedelta(hours=1)
    poll = Poll((PollOption("a", 1),))
    city.post(1, "One", attachments=(Attachment("image", "u", source="blob:1"),), links=(Link("u"),), poll=poll, metrics=Metrics(1),
              aliases=(Key("mastodon:other"),))  # fmt: skip
    city.post(1, "Two", author=Person("p1", "new", "New"), poll=Poll((PollOption("a", 2),)))
    city.post(2, "日本語", created_at=None)
    city.state(KEY, StateSeen(KEY, State.HIDDEN, "list", Cause.BY_CITY))
    city.state(Key("mastodon:2"), GoneSeen(Key("mastodon:2"), "404"))
    with city.store.begin() as conn:
        name = city.exchange(conn)
        accounts.observe(conn, "city", AccountSeen("me", "city", "City", {"k": "v"}), city.now)
        items.set_gate(conn, KEY, "hidden", {Key("a"), Key("b")}, exchange=name, at=city.now)
        answer = Exchange(name, 1, "city", "https://a.example/", "posts", city.now, headers=(("ETag", '"a"'),))
        tombstones.note_residue(conn, name, [Key("mastodon:disposed")])
        blocked = SettingSeen(SettingName.BLOCKED_USERS, (Member("7", "@troll"),))
        page_settings.observe(conn, "city", blocked, exchange=name, at=city.now)
        validators.note(conn, answer, captures.number_of(conn, name), answer.header("etag"))
        coverage.set_total(conn, "city", "posts", 3, city.now)
        coverage.replace(conn, "city", "posts", None, [Span("posts", None, None, city.now, CoverageState.COMPLETE)])
        media.link(conn, "blob:1", Content("ab", 3, "image/png"), file="M", offset=1, exchange=name)
        parts = (downloads.Part("posts.zip", "ab" * 32, 3, name),)
        downloads.begin(conn, Download(
            0, "note", "city", "test", None, "city", None, None, None, None, False, city.now, 0, None, None, parts
        ))  # fmt: skip
        begun = downloads.of_parts(conn, "city", ["ab" * 32])
        assert begun is not None
        entry = downloads.EntryRow(KEY, "new", "", "posts.json", "/0")
        downloads.add(conn, begun, name, [entry], [downloads.FileRow("media/1.png", "ab")], 1)


@pytest.fixture
def second(tmp_path: Path, other_city: Callable[..., Any]) -> Iterator[Any]:
    """Another city of the same name, in a store of its own."""
    store = create_scratch(tmp_path / "second.sqlite")
    try:
        yield other_city(store)
    finally:
        store.dispose()


def test_the_same_story_is_the_same(city: Any, second: Any) -> None:
    """Whatever the database and the numbers of rows, equal captures compare equal; each table has been compared."""
    story(city)
    story(second, detour=True)
    assert list(differences(city.store, second.store)) == []
    with city.store.read() as conn:
        for dump in DUMPS:
            assert conn.execute(dump.query).first() is not None, f"the story leaves {dump.table} empty"


CHANGES = [
    ("a text", "UPDATE versions SET text = 'Three' WHERE ordinal = 2", "versions: mastodon:1 2 differs: text 'Two', 'Three'"),
    ("a text that is gone", "UPDATE versions SET text = NULL WHERE ordinal = 2", "versions: mastodon:1 2 differs: text 'Two', None"),
    ("a state", "UPDATE items SET state = 'live' WHERE key = 'mastodon:2'", "records: mastodon:2 differs: state 'gone', 'live'"),
    ("an event less", "DELETE FROM events WHERE event = 'gone'", "is only in the first store"),
    ("a member more", "INSERT INTO gate_members SELECT id, 'c' FROM gates", "gate_members: mastodon:1 hidden c is only in the second store"),
    ("another offset", "UPDATE exchanges SET warc_offset = 7 WHERE sequence = 1", "exchanges: city-00000001 differs: warc_offset 1000, 7"),
    ("another name", "UPDATE person_versions SET display_name = 'X' WHERE handle = 'new'", "display_name 'New', 'X'"),
    ("a picture's place", "UPDATE media_sources SET warc_file = 'N'", "media_sources: city blob:1 differs: warc_file 'M', 'N'"),
    ("what was learned of the account", "UPDATE accounts SET native_id = 'you'", "accounts: city differs: native_id 'me', 'you'"),
    ("an order of options", "UPDATE polls SET position = 4 WHERE votes = 1", "polls: mastodon:1 1"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "said"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_a_change_is_found(city: Any, second: Any, statement: str, said: str) -> None:
    """Any captured value that differs is named with its row and both values."""
    story(city)
    story(second)
    with second.store.begin() as conn, lifted(conn):
        conn.exec_driver_sql(statement)
    found = [str(one) for one in differences(city.store, second.store)]
    assert found
    assert any(said in one for one in found), found


def test_taking_over(city: Any, second: Any, store: Store) -> None:
    """A rebuilt store replaces what was captured, by all that was lost or wrong; the work ahead stays, and guards hold again."""
    story(second)
    city.post(9, "wrong")
    with store.begin() as conn:
        tasks.ensure(conn, "city", TaskKind.POLL, due_at=city.now)
        run = captures.start_run(conn, "collect", city.now)
    with store.begin() as conn:
        transfer.take_over_captured(conn, second.store)
    assert list(differences(store, second.store)) == []
    with store.read() as conn:
        assert [hit.record for hit in search.search(conn, Query(words="two"))] == [KEY]
        assert [hit.record for hit in search.search(conn, Query(words="本語"))] == ["mastodon:2"]
        assert search.search(conn, Query(words="wrong")) == []
        assert tasks.left(conn, "city", city.now) == 1
    assert city.rows("SELECT id FROM runs") == [(run,)]
    city.exchanges, city.now = second.exchanges, second.now
    city.post(3, "goes on")
    city.post(1, "Four")
    assert city.rows("SELECT count(*) FROM items") == [(3,)]
    with pytest.raises(Exception, match="append-only"), store.begin() as conn:
        conn.exec_driver_sql("DELETE FROM versions")


def test_a_take_over_that_fails_changes_nothing(city: Any, second: Any, store: Store) -> None:
    """It is one transaction: whatever stops it, the store is as it was."""
    story(city)
    before = city.rows("SELECT key, state FROM items ORDER BY key")

    def fail() -> None:
        with store.begin() as conn:
            transfer.take_over_captured(conn, second.store)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert city.rows("SELECT key, state FROM items ORDER BY key") == before
    with store.read() as conn:
        assert len(search.search(conn, Query(words="two"))) == 1


def test_the_index_made_anew_finds_the_same(city: Any, store: Store) -> None:
    """What is indexed from the rows is what was indexed when they came."""
    from archiver.store.reindex import reindex

    story(city)
    questions = ("one", "two", "new", "日", "a", "本語", '"a resident"', "one resident")

    def answers() -> list[list[str]]:
        with store.read() as conn:
            return [[hit.record for hit in search.search(conn, Query(words=words))] for words in questions]

    before = answers()
    with store.begin() as conn:
        reindex(conn)
    assert answers() == before
