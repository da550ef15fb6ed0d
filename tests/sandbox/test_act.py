"""The second act of the demonstration."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from archiver.sandbox import SandboxCity
from tests.sandbox.conftest import NOW, Caller


@pytest.fixture
def played() -> Iterator[SandboxCity]:
    """A city that was captured once."""
    with SandboxCity(seed=2, size="small", now=NOW) as city:
        city.look()
        yield city


def test_every_scene_plays(played: SandboxCity) -> None:
    """Each has a sentence to tell and an account that it is about."""
    scenes = [played.live(number) for number in range(len(played.act))]
    assert [scene.name for scene in scenes if scene] == [
        "new post",
        "edit",
        "overwritten",
        "hidden",
        "unhidden",
        "comment removed",
        "post removed",
        "burst",
        "left",
        "renamed",
        "gap",
        "token revoked",
    ]
    assert all(scene.told and scene.account in played.world.accounts for scene in scenes if scene)


def test_the_truth_follows(played: SandboxCity) -> None:
    """Afterwards an archive holds what was and what became of it."""
    list(played.act.play())
    played.look()
    truths = [played.truth(name) for name in played.world.accounts]
    events = {event for truth in truths for record in truth.records.values() for event in record.events}
    assert events == {"seen", "edited", "hidden", "unhidden", "gone"}


def test_the_same_seed_plays_the_same() -> None:
    """Scene by scene, post by post."""
    plays = []
    for _ in range(2):
        with SandboxCity(seed=2, size="small", now=NOW) as city:
            plays.append([(scene.name, [post.key for post in scene.posts]) for scene in city.act.play()])
    assert plays[0] == plays[1]


def test_the_token_is_dead_until_reconnected(played: SandboxCity) -> None:
    """The last scene needs a person."""
    list(played.act.play())
    account = played.world.accounts["parks-mastodon"]
    path = "/api/v1/accounts/verify_credentials"
    assert Caller(played).mastodon(path, token=account.secret).status == 401
    played.reconnect("parks-mastodon")
    assert Caller(played).mastodon(path, token=account.secret).status == 200
