"""Expungement by order of a court: beside the words the names go, from everywhere; all else stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from archiver.domain.disposal import Certificate
from archiver.domain.keys import Key
from archiver.domain.moderation import Action
from archiver.errors import NotFound, UsageError
from archiver.services import searches
from archiver.services.disposal import expunging, proposing, running
from archiver.services.disposal.certificates import certificate_of
from archiver.services.disposal.running import Workshop, run
from archiver.store import items, views
from archiver.store.decisions import audit, disposals, moderation
from archiver.store.decisions.audit import Act
from archiver.store.decisions.moderation import ManualAct
from tests.services.loopback import Desk
from tests.support.disposal import (
    ANN, BOB, FIRST, OTHERS, ROOT, SECOND, WORDS, approve, dispose, faults, found_in, hold, key, thread_at, workshop,
)  # fmt: skip

ORDER = "27-CR-20-1234"


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    """An archive with a thread."""
    with thread_at(tmp_path) as made:
        yield made


def order(desk: Desk, *records: str) -> str:
    """Ann proposes what the order names, Bob approves it; the list's name."""
    with desk.store.begin() as conn:
        made = expunging.propose(
            conn, records, court_order=ORDER, reason="sealed", at=desk.clock.now(), day=date(2026, 11, 24), by=ANN
        )
    approve(desk, made.name)
    return made.name


def expunge(desk: Desk, *records: str, shop: Workshop | None = None) -> Certificate:
    """Propose, approve and run."""
    return run(shop or workshop(desk), order(desk, *records), by=BOB, at=desk.clock.now())


@dataclass
class Done:
    """An expungement that was carried out, for tests that only look at it."""

    desk: Desk
    shop: Workshop
    certificate: Certificate


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    """The root of the thread was expunged; people had decided things about it."""
    with thread_at(tmp_path_factory.mktemp("done")) as made:
        now = made.clock.now()
        with made.store.begin() as conn:
            audit.add(conn, Act(now, ANN, "class mark", key(ROOT), f"see {ROOT}", {"records": [key(ROOT), key(FIRST)]}))
            deed = ManualAct("city", Action.DELETE, now, False, now, ANN, "seen", key(ROOT), "Resident", "rootword")
            moderation.add_act(conn, deed)
        assert {word for _, word in found_in(made.folder, [ROOT.encode(), *WORDS])} == {ROOT.encode(), *WORDS}
        shop = workshop(made)
        yield Done(made, shop, expunge(made, ROOT, shop=shop))


def test_words_and_names_go_from_everywhere(done: Done) -> None:
    """No file of the archive holds its id or a word of it, and the rest is there, verified and read again alike."""
    folder = done.desk.folder
    assert list(found_in(folder, [ROOT.encode(), WORDS[0]])) == []
    others = [*OTHERS, WORDS[1], FIRST.encode(), SECOND.encode()]
    assert {word for _, word in found_in(folder, others)} == set(others)
    assert faults(done.desk) == []
