"""Every answer that real servers gave goes through the adapter and comes out as the expected results say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.observation import ItemSeen, Observation
from archiver.domain.task import Meaning
from archiver.platforms.bluesky import BlueskyAdapter
from tests.platforms.bluesky.recorded import (
    SERVERS,
    Recorded,
    account_of,
    city_of,
    fragments,
    needs_recordings,
    recordings,
)
from tests.platforms.bluesky.shape import record_shape, shape

EXPECTED = Path(__file__).parent / "expected"
SOMEBODY = Account("city", "bluesky", "city.example", native_id="did:plc:city")
OTHERS = "other-projects"

pytestmark = needs_recordings


def answers(folder: str) -> Iterator[tuple[Recorded, str, list[Observation]]]:
    """Each recorded answer with what it means and shows."""
    account = SOMEBODY if folder == OTHERS else account_of(folder)
    city = "did:plc:city" if folder == OTHERS else city_of(folder)
    adapter = BlueskyAdapter(account)
    for recorded in fragments() if folder == OTHERS else recordings(folder):
        exchange = recorded.exchange(city)
        meaning = adapter.judge(exchange).meaning
        yield recorded, str(meaning), list(adapter.read(exchange)) if meaning is Meaning.PROCEED else []


@pytest.mark.parametrize("folder", [*SERVERS, OTHERS])
def test_every_answer_means_and_shows_what_is_expected(folder: str) -> None:
    """Which records, gates, accounts and removals each answer shows, in its order."""
    expected: dict[str, Any] = json.loads((EXPECTED / f"{folder}.json").read_text())["answers"]
    found = {}
    for recorded, meaning, observations in answers(folder):
        seen = [one.key if isinstance(one, ItemSeen) else shape(one) for one in observations]
        found[recorded.name] = {"meaning": meaning} | ({"seen": seen} if seen else {})
    assert found == expected


@pytest.mark.parametrize("folder", [*SERVERS, OTHERS])
def test_every_record_comes_out_as_expected(folder: str) -> None:
    """Author, words, times, parents, quotes, pictures, links, tags, labels, counts and CID of each sighting."""
    expected: dict[str, list[dict[str, Any]]] = json.loads((EXPECTED / f"{folder}.json").read_text())["records"]
    missing = {(key, name) for key, variants in expected.items() for one in variants for name in one["in"]}
    for recorded, _meaning, observations in answers(folder):
        for seen in observations:
            if isinstance(seen, ItemSeen):
                variants = [one for one in expected[seen.key] if recorded.name in one["in"]]
                assert record_shape(seen) in [{k: v for k, v in one.items() if k != "in"} for one in variants]
                missing.discard((seen.key, recorded.name))
    assert not missing


@pytest.mark.parametrize("folder", SERVERS)
def test_views_say_what_their_records_say(folder: str) -> None:
    """By a simpler method: the words, times and parents stand as they are in the record inside each view."""
    for recorded, _meaning, observations in answers(folder):
        if recorded.call == "com.atproto.repo.listRecords":
            continue
        views = {view["uri"]: view for view in _post_views(recorded.answer)}
        for seen in observations:
            uri = seen.key.removeprefix("bluesky:") if isinstance(seen, ItemSeen) else ""
            if isinstance(seen, ItemSeen) and uri in views:
                record = views[uri]["record"]
                reply = record.get("reply") or {}
                assert seen.body.text == record["text"]
                assert seen.created_at is not None
                assert seen.created_at.isoformat(timespec="milliseconds") == record["createdAt"].replace("Z", "+00:00")
                assert seen.parent == (f"bluesky:{reply['parent']['uri']}" if reply else None)
                assert seen.thread == f"bluesky:{reply['root']['uri']}" if reply else seen.key
                assert seen.author is not None
                assert seen.author.handle == views[uri]["author"]["handle"]


@pytest.mark.parametrize("folder", SERVERS)
def test_a_listing_and_a_view_of_one_record_have_the_same_body(folder: str) -> None:
    """The same CID means the same words, pictures and links, whichever server showed it: no edit is seen where none was."""
    bodies: dict[tuple[str, str], set[str]] = {}
    for _recorded, _meaning, observations in answers(folder):
        for seen in observations:
            if isinstance(seen, ItemSeen) and seen.form == "post" and seen.native_version:
                body = seen.body
                said = (body.text, body.attachments, body.links, body.quotes, body.tags, body.lang)
                bodies.setdefault((seen.key, seen.native_version), set()).add(repr(said))
    assert {key: len(said) for key, said in bodies.items() if len(said) > 1} == {}
    assert len(bodies) > 20


def test_both_releases_of_the_servers_show_the_same_city() -> None:
    """The same story was recorded on an older and a newer release: the same texts come out of both."""
    older, newer = (
        {seen.body.text for _, _, found in answers(folder) for seen in found if isinstance(seen, ItemSeen)}
        for folder in ("v0.3.215-node20", "v0.6.7-node22")
    )
    assert older == newer


def _post_views(value: Any) -> Iterator[dict[str, Any]]:
    """Every object that looks like a post view, wherever it is."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack += one
        elif isinstance(one, dict):
            stack += one.values()
            if "uri" in one and "author" in one and "text" in (one.get("record") or {}):
                yield one
