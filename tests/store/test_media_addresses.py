"""Where a picture was last seen, and by which records: signed addresses expire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archiver.domain.item import Attachment, Cause, State
from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.store import media
from archiver.store.engine import Store

Seen = Callable[..., ItemSeen]


def picture(address: str, source: str | None = "photo:1") -> tuple[Attachment, ...]:
    """A picture at a signed address."""
    return (Attachment("image", address, source),)


def test_a_later_sight_brings_a_fresh_address(city: Any, seen: Seen, store: Store) -> None:
    """As long as it is not captured, without a new version; what has no permanent name is its own address."""
    city.see(seen(1, attachments=picture("https://cdn/1?oe=1")), seen(2, attachments=picture("https://x/2", None)))
    city.see(seen(1, attachments=picture("https://cdn/1?oe=2")), seen(2, attachments=picture("https://x/2", None)))
    with store.read() as conn:
        assert media.address_of(conn, "city", "photo:1") == "https://cdn/1?oe=2"
        assert media.address_of(conn, "city", "https://x/2") == "https://x/2"
        assert media.address_of(conn, "city", "photo:2") is None
        assert media.address_of(conn, "police", "photo:1") is None
    assert city.rows("SELECT count(*) FROM versions") == [(2,)]
    city.see(seen(1, "Edited", attachments=picture("https://cdn/1?oe=3")))
    with store.read() as conn:
        assert media.address_of(conn, "city", "photo:1") == "https://cdn/1?oe=3"


def test_what_is_captured_keeps_its_address(city: Any, seen: Seen, store: Store) -> None:
    """It is not asked for again; what could not be had still learns where it is."""
    city.see(seen(1, attachments=picture("https://cdn/1?oe=1") + picture("https://cdn/2?oe=1", "photo:2")))
    with store.begin() as conn:
        conn.exec_driver_sql("UPDATE media_sources SET state = 'stored' WHERE identity = 'photo:1'")
        media.failed(conn, "city", "photo:2", "403")
    city.see(seen(1, attachments=picture("https://cdn/1?oe=2") + picture("https://cdn/2?oe=2", "photo:2")))
    with store.read() as conn:
        assert media.address_of(conn, "city", "photo:1") == "https://cdn/1?oe=1"
        assert media.address_of(conn, "city", "photo:2") == "https://cdn/2?oe=2"


def test_the_records_that_show_it(city: Any, seen: Seen, store: Store) -> None:
    """Those that can be seen first, the newest first, each once, and of the account's own only."""
    keys = [seen(number, attachments=picture(f"https://cdn/{number}")).key for number in (1, 2, 3)]
    for number in (1, 2, 3):
        city.see(seen(number, attachments=picture(f"https://cdn/{number}")))
    city.see(seen(1, "Edited", attachments=picture("https://cdn/1")))
    city.state(keys[2], GoneSeen(keys[2], "404", Cause.BY_AUTHOR))
    with store.read() as conn:
        assert media.shown_by(conn, "city", "photo:1") == (keys[1], keys[0], keys[2])
        assert media.shown_by(conn, "city", "photo:1", limit=1) == (keys[1],)
        assert media.shown_by(conn, "police", "photo:1") == ()
    assert city.rows(f"SELECT count(*) FROM items WHERE state = '{State.GONE}'") == [(1,)]
