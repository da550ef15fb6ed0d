"""Records with words that stand nowhere else: after a disposal no byte of the archive holds those of the ones that went.

``ARCHIVER_STORY=full`` disposes of 1,000 of 10,000 records, and of a third of a city's; CI of 20 of 200.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import pytest

from archiver import config
from archiver.domain.exchange import RequestSpec
from archiver.domain.retention import Disposition, Edition, Period, Series, Trigger
from archiver.domain.task import TaskKind
from archiver.platforms.registry import platforms
from archiver.services.disposal.running import run
from archiver.store import views
from archiver.store.decisions import assignments, schedules
from archiver.store.decisions.assignments import Assignment
from archiver.store.decisions.schedules import Adoption
from archiver.store.engine import Store
from archiver.wiring import open_archive, workshop_of
from tests.acceptance.conftest import Installation
from tests.platforms.mastodon_world import CITY, Answer, Server, attachment
from tests.services.house import empty_store
from tests.services.loopback import Desk, desk, served
from tests.support import disposal
from tests.support.disposal import ANN, BOB, LAW, LONG_AGO, dispose, faults, found_in, quick_scratch, schedule

FULL = os.environ.get("ARCHIVER_STORY") == "full"
pytestmark = pytest.mark.timeout(3600 if FULL else 600)
RECORDS = 10_000 if FULL else 200
FIRST_ID = 113000000000000000
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf00000301"
    "01002b8dd4ef0000000049454e44ae426082"
)


class Pictured(Server):
    """A server that has pictures, too: each with words of its own in its bytes."""

    def answer(self, spec: RequestSpec) -> Answer:
        """A picture, else what the server answers."""
        name = spec.url.rpartition("/media/")[2]
        if name != spec.url:
            return 200, [("Content-Type", "image/png")], PNG + f"picture{name}word".encode()
        return super().answer(spec)


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    """An archive of posts; each tenth is of long ago, each fiftieth has a picture."""
    world = Pictured()
    shutil.copy(empty_store(), tmp_path / "archive.sqlite")
    with served(world), quick_scratch(), desk(tmp_path, world) as made:
        for number in range(RECORDS):
            age = timedelta(days=2000 if number % 10 == 0 else 30)
            pictures = []
            if number % 50 in {0, 1}:
                url = f"{world.base}/media/{number:05}"
                pictures = [attachment(str(number), url=url, preview_url=None, remote_url=None, description=None)]
            world.post(
                str(FIRST_ID + number), CITY, f"<p>text{number:05}word</p>", at=made.clock.now() - age,
                media_attachments=pictures,
            )  # fmt: skip
        for _ in range(2):  # the posts, and not each one's thread
            made.round(TaskKind.PROFILE, TaskKind.POLL, TaskKind.MEDIA, everything=True)
            made.clock.advance(3600)
        schedule(made.store)
        yield made


def words_of(numbers: range, *, pictured: int) -> list[bytes]:
    """The words of posts, and of the pictures of those that have one."""
    texts = [f"text{number:05}word".encode() for number in numbers]
    return texts + [f"picture{number:05}word".encode() for number in numbers if number % 50 == pictured]


def test_a_tenth_of_the_records_goes(at_work: Desk) -> None:
    """No byte search of the folder finds their words or pictures; the others verify; the certificate names each."""
    old = range(0, RECORDS, 10)
    gone = words_of(old, pictured=0)
    kept = words_of(range(1, RECORDS, 10), pictured=1)
    assert {word for _, word in found_in(at_work.folder, gone + kept)} == {*gone, *kept}
    certificate = dispose(at_work)
    assert {one.entry.record for one in certificate.destroyed} == {disposal.key(str(FIRST_ID + one)) for one in old}
    assert certificate.media == len([number for number in old if number % 50 == 0])
    assert (certificate.kept, certificate.residue) == ((), ())
    assert list(found_in(at_work.folder, gone)) == []
    assert {word for _, word in found_in(at_work.folder, kept)} == set(kept)
    with at_work.store.read() as conn:
        states = [one.row["state"] for one in views.records(conn) if one.row["kind"] == "post"]
    assert (states.count("disposed"), states.count("live")) == (len(old), RECORDS - len(old))
    assert faults(at_work) == []
    _shown_again(at_work, gone)


def _shown_again(at_work: Desk, gone: list[bytes]) -> None:
    """What went is not taken in when the platform shows it again; what was captured of it is cut by the next run."""
    at_work.round(TaskKind.PROFILE, TaskKind.POLL, everything=True)
    assert at_work.rows("SELECT count(*) FROM items WHERE state = 'disposed'") == [(RECORDS // 10,)]
    assert at_work.rows("SELECT count(DISTINCT record) FROM residue")[0][0] > 0
    found = {path.relative_to(at_work.folder).parts[0] for path, _ in found_in(at_work.folder, gone)}
    assert found == {"warc"}
    at_work.clock.advance(400 * 86400)
    dispose(at_work)
    assert list(found_in(at_work.folder, gone)) == []
    assert at_work.rows("SELECT count(*) FROM residue") == [(0,)]


def assigned(store: Store, share: float) -> list[str]:
    """A schedule under which some of the records, taken by lot, may go; the texts that only these have."""
    series = Series("COM-1", "By lot", (Trigger.RECEIVED,), Period.parse("0 days"), Disposition.DESTROY)
    edition = Edition("general", LAW, "General schedule", (series,))
    with store.begin() as conn:
        rows = [one.row for one in views.records(conn) if one.row["kind"] != "profile"]
        chosen = {row["record"] for row in rows if random.Random(row["record"]).random() < share}
        schedules.add_edition(conn, edition, file_sha256="0" * 64, by=ANN, at=LONG_AGO)
        schedules.add_adoption(conn, Adoption(edition.name, LAW, "Resolution 1", ANN, LONG_AGO))
        name = (edition.name, series.code)
        assignments.assign(conn, Assignment(name, None, tuple(sorted(chosen)), ANN, LONG_AGO))
    staying = "\n".join(row["text"] or "" for row in rows if row["record"] not in chosen)
    texts = {row["text"] for row in rows if row["record"] in chosen and row["text"]}
    return sorted(text for text in texts if len(text) > 20 and text.isascii() and text not in staying)


@pytest.mark.skipif(not FULL, reason="takes a city, a minute on CI's machines; ARCHIVER_STORY=full asks for it")
def test_by_lot_from_a_city(settle: Any) -> None:
    """Whatever is taken out of threads, quotes, lists and shares of a city, all else verifies and is read alike."""
    made: Installation = settle(authenticated=True)
    made.collect()
    settings = config.load(made.home / "config.toml", platforms=platforms())
    with patch.dict(os.environ, made.secrets), quick_scratch(), open_archive(settings) as opened:
        texts = assigned(opened.store, 0.3)
        name = disposal.propose(cast("Desk", opened))
        disposal.approve(cast("Desk", opened), name)
        certificate = run(workshop_of(opened), name, by=BOB, at=opened.clock.now())
    assert len(certificate.destroyed) > 5
    assert texts
    told = {one.exchange for one in certificate.residue}
    left = {word.decode() for _, word in found_in(made.data, [text.encode() for text in texts])}
    assert not left or told, left
    made.assert_sound()
