"""Carrying a disposal out: what is named goes, from everywhere; all else stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.domain.keys import Key
from archiver.services import rebuild
from archiver.services.verify import verify
from tests.platforms.mastodon_world import ANN, CITY, Server
from tests.services.loopback import Desk, desk, served
from tests.support.disposal import dispose, found_in, schedule

ROOT = "113000000000000020"


def key(native_id: str) -> Key:
    """A status's key."""
    return Key(f"mastodon:{native_id}")


def nothing(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    """An archive with a thread whose root and second answer are of long ago."""
    world = Server()
    world.post(ROOT, CITY, "<p>rootword is here</p>", created_at="2020-01-01T00:00:00.000Z")
    for number in range(4):
        created = "2020-01-02T00:00:00.000Z" if number == 1 else "2026-11-01T00:00:00.000Z"
        world.post(f"11310000000000000{number}", ANN, f"<p>answer{number}word</p>", to=ROOT, created_at=created)
    with served(world), desk(tmp_path, world) as made:
        made.round()
        made.clock.advance(86400)
        made.round(everything=True)
        schedule(made.store)
        yield made


def test_what_is_due_goes_from_everywhere(at_work: Desk) -> None:
    """No file of the archive holds a word of it, and the rest is there, verified and read again alike."""
    certificate = dispose(at_work)
    assert [one.entry.record for one in certificate.destroyed] == [key(ROOT), key("113100000000000001")]
    assert list(found_in(at_work.folder, [b"rootword", b"answer1word"])) == []
    assert {word for _, word in found_in(at_work.folder, [b"answer0word", b"answer2word", b"answer3word"])} == {
        b"answer0word", b"answer2word", b"answer3word",
    }  # fmt: skip
    assert list(verify(at_work.store, at_work.folder / "warc", full=True, workers=1, progress=nothing)) == []
    compared = rebuild.check(
        at_work.store, at_work.folder / "warc", at_work.folder / "spool", at_work.clock.now(), progress=nothing
    )
    assert compared.differences == []
    assert compared.replayed.unread == []
