"""What was disposed of never comes back, and what stays keeps its place beside the tombstones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.domain.item import Attachment, Body, Cause, Person, State
from archiver.domain.observation import GateSeen, GoneSeen, ItemSeen, PastSeen, PastVersion, StateSeen
from archiver.store import items, tombstones, views
from archiver.store.search import Query, search
from archiver.store.tables import metadata
from tests.services.house import ANN, BOB, CITY, House, built, key, sight
from tests.services.test_ingest import OTHER_THREAD, OWN_THREAD, PLACES

ALL = OWN_THREAD + OTHER_THREAD


def bury(house: House, *sights: ItemSeen, beside: House) -> None:
    """Put tombstones of records that the other house has into a house that has none."""
    with beside.store.read() as conn:
        stones = tombstones.of(conn, [one.key for one in sights])
    with house.store.begin() as conn:
        tombstones.seed(conn, stones)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A store that has all of the records."""
    with built(tmp_path_factory.mktemp("before") / "store.sqlite") as house:
        house.show(*ALL)
        yield house


@settings(max_examples=40, deadline=None)
@given(buried=st.sets(st.sampled_from(range(len(ALL)))), order=st.permutations(ALL))
def test_the_others_keep_their_places(before: House, buried: set[int], order: list[ItemSeen]) -> None:
    """Whatever is disposed of, the others have the same kind, parent and thread when all is read again."""
    gone = [ALL[number] for number in sorted(buried)]
    with TemporaryDirectory() as folder, built(Path(folder) / "second.sqlite") as second:
        bury(second, *gone, beside=before)
        for one in order:
            second.show(one)
        left = {name: place for name, place in PLACES.items() if key(name) not in {one.key for one in gone}}
        assert second.places(*PLACES) == left
        parents = "SELECT key, parent, thread FROM items WHERE state <> 'disposed' ORDER BY key"
        kept = [row for row in before.rows(parents) if row[0].removeprefix("mastodon:") in left]
        assert second.rows(parents) == kept


def test_nothing_said_of_it_again_is_taken_in(house: House, tmp_path: Path) -> None:
    """A sight, a history, a state, a removal, a list: of none of them a word is kept, and no visit is planned."""
    post = sight("post", CITY, text="unspeakable")
    with built(tmp_path / "other.sqlite") as other:
        other.show(post)
        bury(house, post, beside=other)
    past = PastSeen(key("post"), (PastVersion(datetime(2026, 1, 1, tzinfo=UTC), post.body),))
    rows = _rows(house, without={"exchanges", "residue"})
    for seen in (
        post, past, GoneSeen(key("post"), "404"), StateSeen(key("post"), State.HIDDEN, "hidden", Cause.BY_CITY),
        GateSeen(key("post"), "detached", frozenset({key("post")}), "list"),
    ):  # fmt: skip
        shown = house.show(seen)
        assert (shown.changes, shown.follow_ups, shown.seen) == (0, [], 0)
    after = _rows(house, without={"exchanges", "residue", "gates", "counters"})
    assert after == {name: found for name, found in rows.items() if name in after}
    with house.store.read() as conn:
        assert search(conn, Query("unspeakable")) == []
        assert set(tombstones.residues(conn)) == {"exchange-2", "exchange-3"}  # the two that show its words


def _rows(house: House, *, without: set[str]) -> dict[str, list[tuple[object, ...]]]:
    names = [table.name for table in metadata.sorted_tables if table.name not in without]
    return {name: house.rows(f"SELECT * FROM {name}") for name in names}


def test_what_shows_nothing_but_its_ids_is_no_residue(house: House, tmp_path: Path) -> None:
    """Where others need the ids of what was cut, no word of it is left, and nobody is told that one is."""
    post = sight("post", CITY, text="unspeakable")
    with built(tmp_path / "other.sqlite") as other:
        other.show(post)
        bury(house, post, beside=other)
    house.show(replace(post, author=Person("90"), body=Body(text="", attachments=(), links=())))
    with house.store.read() as conn:
        assert tombstones.residues(conn) == {}
    house.show(replace(post, author=Person("90"), body=Body(attachments=(Attachment("image", "https://x/1"),))))
    with house.store.read() as conn:
        assert tombstones.residues(conn) == {"exchange-3": [key("post")]}


def test_a_tombstone_is_found_by_each_of_its_names(house: House, tmp_path: Path) -> None:
    """What is shown under another id of a record that was disposed of is that record."""
    reel = sight("reel", CITY, aliases=(key("medium"),), united=True)
    with built(tmp_path / "other.sqlite") as other:
        other.show(reel)
        bury(house, reel, beside=other)
    house.show(sight("medium", CITY, text="again"))
    with house.store.read() as conn:
        assert items.resolve(conn, "medium") == key("reel")
        assert tombstones.residues(conn) == {"exchange-2": [key("reel")]}


def test_it_is_shown_as_disposed_of(house: House, tmp_path: Path) -> None:
    """A tombstone has its ids, kind and times, the state `disposed`, and no text, name or version."""
    with built(tmp_path / "other.sqlite") as other:
        other.show(*OWN_THREAD)
        bury(house, OWN_THREAD[0], beside=other)
    house.show(*OWN_THREAD)
    with house.store.read() as conn:
        found = views.record(conn, key("post"))
        comment = views.record(conn, key("comment"))
        hits = search(conn, Query(state=State.DISPOSED))
        assert key("post") in {one.row["record"] for one in views.thread(conn, key("post"))}
    assert found is not None
    assert comment is not None
    assert {name for name, value in found.row.items() if value is not None} == {
        "record", "account", "platform", "native_id", "kind", "thread", "created_at", "first_seen_at", "last_seen_at",
        "state", "versions",
    }  # fmt: skip
    assert (found.row["state"], found.row["versions"], found.row["kind"]) == ("disposed", 0, "post")
    assert found.versions == found.events == found.attachments == []
    assert (comment.row["parent"], comment.row["thread"]) == (key("post"), key("post"))
    assert [(hit.record, hit.snippet, hit.author) for hit in hits] == [(key("post"), "", None)]


def test_nobody_s_id_but_the_city_s_is_kept(house: House) -> None:
    """A tombstone says that the account began a thread, and never who else wrote anything."""
    stranger = Person("99", "stranger", "A Stranger")
    house.show(*OWN_THREAD, sight("alone", stranger), sight("back", BOB, to="alone", thread_author="99"))
    with house.store.read() as conn:
        stones = tombstones.of(conn, [key(name) for name in ("post", "comment", "alone", "back")])
    assert {stone.record: stone.thread_author for stone in stones} == {
        key("post"): CITY.native_id, key("comment"): None, key("alone"): None, key("back"): None,
    }  # fmt: skip
    assert ANN.native_id not in {stone.thread_author for stone in stones}
