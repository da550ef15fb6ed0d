"""A clerk's moderation record: what the city hid, showed again, deleted and whom it blocked, in a report that holds."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from archiver.sandbox.mastodon_api import MastodonApi
from archiver.sandbox.model import BLUESKY, MASTODON
from archiver.sandbox.server import SandboxCity
from tests.acceptance.children import Children
from tests.acceptance.conftest import Installation

HALL, PARKS = "hall-bluesky", "parks-mastodon"
DANA = ("--by", "Dana Clerk")


class Words(HTMLParser):
    """The words of a page, as a person reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        """Between the elements."""
        self.lines.append(data.strip())


def listed(archive: Installation, *more: str) -> list[dict[str, Any]]:
    """The entries of the record."""
    found: list[dict[str, Any]] = json.loads(archive.run("moderation", "list", "--json", *more).stdout)["entries"]
    return found


@pytest.fixture
def city() -> Iterator[SandboxCity]:
    """A city in which nothing has happened yet."""
    with SandboxCity(seed=7, size="empty") as running:
        yield running


@pytest.fixture
def archive(city: SandboxCity, tmp_path: Path) -> Iterator[Installation]:
    """Two accounts with their tokens; commands in forked processes, which start at once."""
    with Children(tmp_path) as children:
        made = Installation(tmp_path, city, (HALL, PARKS), authenticated=True, children=children)
        made.configure()
        yield made


def test_a_year_of_moderation_is_told_with_its_reasons(
    archive: Installation, city: SandboxCity, tmp_path: Path
) -> None:
    """Hide, unhide, delete, block, filter: captured, explained by people, reported; a rebuild gives the same report."""
    world, api = city.world, city.mastodon.api
    assert isinstance(api, MastodonApi)
    ann, bob = [p for (platform, _), p in world.people.items() if platform == BLUESKY and not p.official][:2]
    eve, troll = [p for (platform, _), p in world.people.items() if platform == MASTODON and not p.official][:2]
    post = world.post(HALL, "The crosswalk is open.")
    rude, twin, kind = (world.reply(one, post, text) for one, text in (
        (ann, "You <b>fools</b> never listen"), (bob, "you  <b>FOOLS</b> never listen"), (bob, "Thank you for the crosswalk"),
    ))  # fmt: skip
    status = world.post(PARKS, "The pool opens on Monday.")
    lost = world.reply(eve, status, "Close the pool, you crooks")
    archive.collect()
    assert listed(archive) == []

    world.hide(rude)
    world.hide(kind)
    archive.collect()
    world.unhide(kind)
    world.delete(lost)
    api.settings_of(PARKS).block(troll)
    api.settings_of(PARKS).filter_word("crooks")
    archive.collect()

    found = listed(archive)
    by_text = {(one["action"], one["text"]): one for one in found}
    assert {key[0] for key in by_text} == {"hide", "unhide", "vanish", "block", "setting_change"}
    hidden = by_text["hide", rude.latest.text]
    assert (hidden["by"], hidden["rule"], hidden["doubts"][:1]) == ("city", None, ["no reason yet"])
    assert by_text["vanish", lost.latest.text]["by"] == "unknown"
    assert (by_text["block", None]["person"], by_text["setting_change", None]["setting"][:15]) == (
        None,
        "filters: added:",
    )

    policy = tmp_path / "policy.md"
    policy.write_text("# Comments\n\n1. Stay on topic.\n2. No insults.\n", encoding="utf-8")
    archive.run("moderation", "policy", str(policy), "--effective", "2020-01-01", "--shown-at", "About", *DANA)
    reasons = ("--actor", "Pat Doe", "--rule", "2", "--reason", "An insult", *DANA)
    archive.run("moderation", "note", hidden["entry"], *reasons, "--notice", "Told by a reply")
    archive.run("moderation", "note", by_text["vanish", lost.latest.text]["record"], *reasons)
    archive.run("moderation", "note", by_text["block", None]["entry"], *reasons)
    archive.run(
        "moderation", "act", HALL, "delete", "--on", "2026-01-05", "--text", "Gone before anybody looked",
        "--known-from", "Pat Doe told it", *reasons,
    )  # fmt: skip
    left = listed(archive, "--open")
    assert [(one["action"], one["text"]) for one in left] == [("hide", kind.latest.text), ("setting_change", None)]

    page = tmp_path / "moderation.html"
    archive.run("moderation", "report", "-o", str(page), codes=(0,))
    if kept := os.environ.get("ARCHIVER_TEST_KEEP"):  # to look at it with one's own eyes
        Path(kept).write_bytes(page.read_bytes())
    words = " ".join(Words(page.read_text(encoding="utf-8")).lines)
    assert "You <b>fools</b> never listen" in words  # a stranger's tags are words
    for told in (
        "hidden",
        "shown again",
        "deleted",
        "blocked",
        "setting changed",
        "Pat Doe",
        "No insults.",
        "Told by a reply",
    ):
        assert told in words
    assert "it vanished before any capture" in words
    number = 1 + [one["entry"] for one in listed(archive)].index(hidden["entry"])
    assert f"taken away in entries {number}" in words
    assert troll.handle not in words

    report = json.loads(archive.run("moderation", "report", "--json").stdout)
    assert [one["left_standing"] for one in report["same_text_unlike_treatment"]] == [[f"bluesky:{twin.id}"]]
    assert report["without_reason"] == [one["entry"] for one in left]
    assert {span["account"] for span in report["coverage"]} == {HALL, PARKS}
    archive.run("rebuild")
    again = json.loads(archive.run("moderation", "report", "--json").stdout)
    assert again["entries"] == report["entries"]
