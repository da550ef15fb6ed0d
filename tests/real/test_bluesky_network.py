"""A real network, archived with our own commands over three days: nothing is missing, nothing is made up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.archive import Archive, History
from tests.real.comparison import differences
from tests.real.gateway import Gateway
from tests.real.network import Network
from tests.real.proofs import faults
from tests.real.story import Story

pytestmark = pytest.mark.real


def archived_over_three_days(archive: Archive, story: Story, *, login: bool) -> History:
    """Archive after each day of the story, and hold each export against the truth of that day; the last one's history."""
    kept = History()
    for day, command in (
        (story.first_day, ("backfill", "city")),
        (story.second_day, ("collect", "--all")),
        (story.third_day, ("collect", "--all")),
    ):
        day()
        archive.run(*command)
        with archive.export() as export:
            assert differences(export, story.truth, login=login) == []
            city = export.execute("SELECT handle, platform_id FROM accounts").fetchall()
            assert [tuple(row) for row in city] == [(story.city.handle, story.city.did)]
            kept = History.of(export)
    return kept


def nothing_is_added_by_looking_again(archive: Archive, before: History) -> None:
    """Another full round finds nothing new, each row points at its proof, and the archive is sound."""
    archive.run("collect", "--all")
    with archive.export() as export:
        assert History.of(export) == before
        assert list(faults(export, archive.folder / "data/warc")) == []
    status = archive.status("city")
    assert (status["state"], status["stated_total"]) == ("ok", status["held_total"])
    archive.run("verify", "--full")
    archive.run("rebuild", "--check")


def test_the_public_side_of_a_city_is_archived_whole(
    found: Callable[[str], Story], public: Gateway, tmp_path: Path
) -> None:
    """Without a token, through one address: posts, comments at any depth, quotes, files, edits, removals, moderation."""
    story = found("millbrook")
    archive = Archive(tmp_path)
    archive.add("city", story.city.handle, public.url)
    history = archived_over_three_days(archive, story, login=False)
    nothing_is_added_by_looking_again(archive, history)
    assert all(path.startswith("/xrpc/") for path in public.asked)


def test_with_an_app_password_the_city_sees_mentions_too(
    found: Callable[[str], Story], bluesky: Network, tmp_path: Path
) -> None:
    """With a token the PDS answers everything, what only the city is told included; the password is written nowhere."""
    story = found("riverton")
    archive = Archive(tmp_path, token=story.city.app_password("archive"))
    archive.add("city", story.city.handle, bluesky.pds)
    history = archived_over_three_days(archive, story, login=True)
    nothing_is_added_by_looking_again(archive, history)
    assert archive.token is not None
    assert archive.holds(b"createSession"), "logins are captured"
    assert archive.holds(re.escape(archive.token.encode()) + rb"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}") == []
