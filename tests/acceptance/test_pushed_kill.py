"""kill -9 while deliveries are read: each is read once, whatever the instruction."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.listener.deposit import Delivery
from archiver.listener.messages import Message, Reader, Reply
from archiver.sandbox.city import Size
from archiver.sandbox.server import SandboxCity
from archiver.warc import facts as fact
from archiver.warc.names import segments as segments_in
from archiver.warc.reader import events
from tests.acceptance.children import Children, Harm
from tests.acceptance.conftest import Installation
from tests.listener.receiving import depositor, request
from tests.support.pushed import delivery, entry

pytestmark = pytest.mark.slow

ACCOUNT = "city-facebook"
FEW = Size((ACCOUNT,), 2, 3, 0, 3, 1.0, oddities=False)
DELIVERIES = 3
POINTS = range(46, 200, 13)


@pytest.fixture
def archive(tmp_path: Path, children: Children) -> Iterator[Installation]:
    """An archive of a page, with three deliveries that nobody has read."""
    with SandboxCity(seed=7, size=FEW) as city:
        made = Installation(tmp_path, city, (ACCOUNT,), authenticated=True, children=children)
        made.configure()
        made.collect(codes=(0,))
        page = city.world.person(ACCOUNT).id
        segments, writer = depositor(made.data / "warc")
        for number in range(DELIVERIES):
            value = {"item": "post", "verb": "edited", "post_id": f"{page}_1", "message": f"Text {number}"}
            reader = Reader()
            reader.feed(request(delivery(entry(page, value)).replace(b"billboard", b"page")))
            message = next(one for one in reader.events() if isinstance(one, Message))
            now = datetime.now(UTC)
            writer.keep([Delivery(message, now, 1, Reply(200).fixed(now).wire, frozenset({ACCOUNT}))])
        segments.close()
        yield made


def _read(archive: Installation) -> tuple[int, int, int]:
    """Exchanges that are deliveries, how many different ones, and notes about them in the WARC files."""
    with closing(sqlite3.connect(archive.data / "archive.sqlite")) as store, store:
        rows = [row[0] for row in store.execute("SELECT payload_digest FROM exchanges WHERE stream = 'push'")]
    store.close()
    files = segments_in(archive.data / "warc" / ACCOUNT / "api")
    notes = sum(fact.DELIVERY_FILE in one.facts for path in files for one in events(path))
    return len(rows), len(set(rows)), notes


def test_each_delivery_is_read_once_wherever_the_reader_is_killed(archive: Installation, tmp_path: Path) -> None:
    """From the first write to the last commit; the next collection goes on, and files and store agree."""
    shutil.copytree(archive.data, tmp_path / "kept")
    seen = set()
    for point in POINTS:
        shutil.rmtree(archive.data)
        shutil.copytree(tmp_path / "kept", archive.data)
        archive.run("collect", harm=Harm(kill_at=point, torn=True), codes=(-9, 0, 3))
        seen.add(_read(archive)[2])
        archive.run("collect", codes=(0, 3))
        assert _read(archive) == (DELIVERIES, DELIVERIES, DELIVERIES), point
    assert len(seen) >= 3  # it was killed before, between and behind them
    archive.assert_sound()
