"""What a disposal asks of the store, and what is left of deleted rows in the database's own files."""

from __future__ import annotations

import shutil
from pathlib import Path

from archiver.domain.exchange import Content, Purpose
from archiver.domain.item import Attachment
from archiver.domain.task import TaskKind
from archiver.store import captures, disposing, media, tasks, tombstones, transfer
from archiver.store.engine import Store, open_store
from archiver.store.losses import Loss, losses
from archiver.store.search import Query, search
from tests.store.conftest import City, sighting


def picture(name: str) -> Attachment:
    """A picture of that name."""
    return Attachment("image", f"https://example.social/{name}.png")


def capture(city: City, name: str, sha256: str) -> str:
    """A picture is captured; the exchange's id."""
    identity = picture(name).identity
    with city.store.begin() as conn:
        exchange = city.exchange(conn, purpose=Purpose.MEDIA, subject=identity)
        media.link(conn, identity, Content(sha256, 10, "image/png"), file="f", offset=0, exchange=exchange)
    return exchange


def test_media_go_with_the_last_record_that_shows_them(city: City) -> None:
    """A picture goes when nothing that stays shows it, unless its content is shown under another name."""
    one = city.post(1, attachments=(picture("own"), picture("shared"), picture("twin")))
    two = city.post(2, attachments=(picture("shared"), picture("other")))
    exchanges = {name: capture(city, name, f"{name:0>64}") for name in ("own", "shared")}
    exchanges |= {name: capture(city, name, f"{'same':0>64}") for name in ("twin", "other")}
    with city.store.read() as conn:
        alone, both = disposing.orphans(conn, [one]), disposing.orphans(conn, [one, two])
        assert disposing.orphans(conn, []) == disposing.Orphans()
    assert alone.shown == {("city", picture(name).identity) for name in ("own", "twin")}
    assert alone.contents == {f"{'own':0>64}"}
    assert alone.exchanges == {exchanges["own"], exchanges["twin"]}
    assert both.exchanges == set(exchanges.values())
    assert len(both.contents) == 3


def test_nothing_is_asked_any_more_of_what_went(city: City) -> None:
    """Tasks about it, and for what only it showed, are forgotten; those of others stay."""
    one, two = city.post(1, attachments=(picture("own"),)), city.post(2, attachments=(picture("other"),))
    with city.store.begin() as conn:
        for kind, subject in ((TaskKind.THREAD, one), (TaskKind.THREAD, two)):
            tasks.ensure(conn, "city", kind, subject, due_at=city.now)
        for name in ("own", "other"):
            tasks.ensure(conn, "city", TaskKind.MEDIA, picture(name).identity, due_at=city.now)
        disposing.forget_tasks(conn, [one], disposing.orphans(conn, [one]).shown)
    left = {row[0] for row in city.rows("SELECT subject FROM tasks")}
    assert left == {two, picture("other").identity}


def test_only_what_stays_counts_as_a_loss(city: City) -> None:
    """Answers, and what hangs deeper, are counted below what goes; those that go with it are not."""
    root = city.post(1)
    for number, parent in ((2, 1), (3, 1), (4, 2)):
        city.post(number, parent=f"mastodon:{parent}", thread=root)
    with city.store.read() as conn:
        assert losses(conn, [root]) == [Loss(root, 3)]
        assert losses(conn, [root, sighting(2).key]) == [Loss(root, 2), Loss(sighting(2).key, 1)]
        assert losses(conn, [sighting(4).key]) == []


def test_no_word_is_left_in_the_database(city: City, empty_sqlite: Path, tmp_path: Path) -> None:
    """After rows gave way and the files were written anew, neither search nor a look at the bytes finds them."""
    for number in range(50):
        city.post(number, f"unspeakable{number}word" if number % 2 else f"ordinary{number}word")
    gone = [sighting(number).key for number in range(1, 50, 2)]
    shutil.copy(empty_sqlite, tmp_path / "second.sqlite")
    second = open_store(f"sqlite:///{tmp_path / 'second.sqlite'}")
    again = City(second)
    with city.store.read() as conn, second.begin() as other:
        tombstones.seed(other, tombstones.of(conn, gone))
    for number in range(0, 50, 2):
        again.post(number, f"ordinary{number}word")
    with city.store.begin() as conn:
        captures.add_sealed(conn, "city/api/A", sha256="0", records=1, size_bytes=1, first_at=None, last_at=None,
                            sealed_at=city.now)  # fmt: skip
        transfer.take_over_captured(conn, second)
        disposing.forget_files(conn, ["city/api/A"])
    second.dispose()
    city.store.sync()
    for _ in range(2):  # safe to repeat
        city.store.wipe()
    with city.store.read() as conn:
        assert search(conn, Query("unspeakable*")) == []
        assert len(search(conn, Query("ordinary*", limit=None))) == 25
        assert captures.sealed(conn) == {}
        assert {stone.key for stone in tombstones.among(conn, gone).values()} == set(gone)
    if city.store.dialect == "sqlite":
        assert_no_byte_of(city.store, b"unspeakable")


def assert_no_byte_of(store: Store, word: bytes) -> None:
    """The word stands in none of the database's files."""
    path = Path(store.url.removeprefix("sqlite:///"))
    files = list(path.parent.glob(f"{path.name}*"))
    assert b"ordinary" in path.read_bytes()
    assert [one.name for one in files if word in one.read_bytes()] == []
