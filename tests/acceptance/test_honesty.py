"""What the archive says of itself when a platform falls silent or refuses a part: a gap for as long, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.server import SandboxCity
from tests.acceptance.children import Children
from tests.acceptance.conftest import Installation

ACCOUNT = "city-facebook"
FEW = Size((ACCOUNT,), posts=4, answers=12, pictures=2, residents=6, years=1.0, oddities=False)


@pytest.fixture
def archive(tmp_path: Path, children: Children) -> Iterator[Installation]:
    """An archive of a small page that was collected once."""
    with SandboxCity(seed=7, size=FEW) as city:
        made = Installation(tmp_path, city, (ACCOUNT,), authenticated=True, children=children)
        made.configure()
        made.collect(codes=(0,))
        yield made


def _gaps(archive: Installation) -> set[str]:
    return {row["stream"] for row in archive.coverage() if row["state"] == "gap"}


def test_a_refused_list_is_a_gap_until_it_is_read_again(archive: Installation) -> None:
    """The round that was refused says so, and does not call it made up for; the next good one closes it."""
    api = archive.city.hosts.facebook.api
    token = api.tokens.known(archive.city.world.accounts[ACCOUNT].secret)
    assert token is not None
    token.scopes.remove("pages_read_user_content")
    for _ in range(2):
        archive.collect(codes=(3,))
        assert {"mentions", "visitor posts", "feed"} <= _gaps(archive)
        assert archive.status()[ACCOUNT]["state"] == "gap"
    token.scopes.add("pages_read_user_content")
    archive.collect(codes=(0,))
    assert _gaps(archive) == set()
    assert archive.status()[ACCOUNT]["state"] == "ok"


def test_a_doubt_about_removals_ends_with_what_made_it(archive: Installation) -> None:
    """Nothing is gone while the page is not published; once everything shows again there is nothing left to doubt."""
    city = archive.city
    page = city.world.accounts[ACCOUNT].person
    city.meta.unpublished.add(page.id)
    archive.collect(codes=(3,))
    assert "removals" in _gaps(archive)
    city.meta.unpublished.clear()
    archive.collect(codes=(0,))
    assert _gaps(archive) == set()
    export = archive.export()
    assert export.execute("SELECT count(*) FROM records WHERE state = 'gone'").fetchone()[0] == 0
    assert export.execute("SELECT count(*) FROM events WHERE event IN ('gone', 'restored')").fetchone()[0] == 0
    archive.assert_sound()
