"""The world in memory answers in the shapes that the published schemas demand, so that tests against it mean something."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from archiver.domain.task import TaskKind
from tests.platforms.bluesky.lexicon import faults
from tests.platforms.bluesky.recorded import SERVERS, needs_recordings, recordings
from tests.platforms.bluesky_world import BlueskyWorld, story

pytestmark = needs_recordings


@pytest.mark.parametrize("folder", SERVERS)
def test_the_validator_accepts_what_real_servers_answer(folder: str) -> None:
    """Every recorded answer to a query whose schema is at hand."""
    checked = 0
    for one in recordings(folder):
        if one.status == 200 and one.method == "GET" and one.call and isinstance(one.answer, dict):
            try:
                assert faults(one.call, one.answer) == [], one.name
            except (LookupError, KeyError):
                continue
            checked += 1
    assert checked > 15


def test_the_validator_rejects_what_is_not_shaped_as_demanded() -> None:
    """A list with a record that lacks its CID; a count that is a text; a node that does not say what it is."""
    assert faults("com.atproto.repo.listRecords", {"records": [{"uri": "x", "value": {}}]}) == [
        "listRecords/records/0 lacks cid"
    ]
    assert faults("com.atproto.sync.getLatestCommit", {"cid": "x", "rev": 7}) == ["getLatestCommit/rev is no string"]
    assert faults("app.bsky.feed.getPostThread", {"thread": {}}) == [
        "getPostThread/thread does not say what it is ($type)"
    ]


def test_the_world_answers_as_the_schemas_demand() -> None:
    """All answers to all tasks."""
    world = BlueskyWorld()
    named = story(world)
    login = replace(world.account, authenticated=True)
    tasks = [
        world.task(TaskKind.PROFILE, account=world.configured),
        world.task(TaskKind.POLL, full=True),
        world.task(TaskKind.THREAD, named["hearing"].key, full=True),
        world.task(TaskKind.CONFIRM, *(post.key for post in named.values())),
        world.task(TaskKind.MENTIONS, account=login, full=True),
    ]
    methods = set()
    for task in tasks:
        for exchange in world.carry_out(task).exchanges:
            nsid = exchange.url.partition("/xrpc/")[2].partition("?")[0]
            if exchange.status == 200 and exchange.body.startswith(b"{"):
                assert faults(nsid, json.loads(exchange.body)) == [], exchange.url
                methods.add(nsid)
    assert len(methods) == 12
