"""The story of the city: the same from the same seed, and with everything in it that can trouble an archive."""

from __future__ import annotations

from collections import Counter

import pytest

from archiver.sandbox import SandboxCity, texts
from archiver.sandbox.bluesky_records import cid_of
from archiver.sandbox.city import SIZES, tell
from archiver.sandbox.model import BLUESKY, MASTODON
from archiver.sandbox.world import World
from tests.sandbox.conftest import NOW, Caller


def fingerprint(world: World) -> list[tuple[str, str, str]]:
    """Ids, texts and CIDs of all posts."""
    return [
        (post.key, post.latest.text, cid_of(post) if post.platform == BLUESKY else "") for post in world.posts.values()
    ]


def test_one_seed_one_city() -> None:
    """Id by id, text by text; another seed gives another city."""
    worlds = []
    for seed in (5, 5, 6):
        world = World(seed=seed, now=NOW)
        tell(world, SIZES["small"])
        worlds.append(fingerprint(world))
    assert worlds[0] == worlds[1] != worlds[2]


def test_one_seed_one_answer(small: SandboxCity) -> None:
    """Two servers of the same city answer alike, apart from their own address."""
    with SandboxCity(seed=7, size="small", now=NOW) as again:
        did = small.world.person("hall-bluesky").id
        answers = [
            Caller(city).xrpc("app.bsky.feed.getAuthorFeed", actor=did).body.replace(city.bluesky_url.encode(), b"")
            for city in (small, again)
        ]
    assert answers[0] == answers[1]


def test_a_demonstration_is_large_enough() -> None:
    """Some 300 posts, 1,500 answers and 60 pictures on five accounts over years, ending now."""
    world = World(seed=1, now=NOW)
    tell(world, SIZES["demo"])
    official = [post for post in world.posts.values() if post.author.official]
    answers = [post for post in world.posts.values() if post.parent is not None]
    pictures = [picture for post in official for picture in post.latest.pictures]
    assert len(world.accounts) == 5
    assert len([post for post in official if post.parent is None and post.shares is None]) >= 290
    assert len(answers) >= 1450
    assert len(pictures) >= 50
    past = [post.created_at for post in official if post.created_at.year > 2015]
    assert (NOW - min(past)).days > 1000
    assert max(past) <= NOW


@pytest.mark.parametrize("platform", [BLUESKY, MASTODON])
def test_it_has_everything(platform: str) -> None:
    """Each thing that can happen to a record happens at least once."""
    world = World(seed=1, now=NOW)
    tell(world, SIZES["demo"])
    posts = [post for post in world.posts.values() if post.platform == platform]
    happened = Counter[str]()
    for post in posts:
        happened["shared"] += post.shares is not None
        happened["quoted"] += post.quote is not None
        happened["edited"] += len(post.versions) > 1
        happened["removed"] += post.gone
        happened["removed in the middle"] += post.gone and bool(post.replies)
        happened["film"] += any(picture.kind == "video" for picture in post.latest.pictures)
        happened["card"] += post.card is not None
        happened["hidden"] += post.hidden
        happened["detached"] += post.detached
        happened["against the gate"] += post.breaks_gate
        happened["left"] += not post.author.active
        happened["poll"] += post.poll is not None
        happened["warned of"] += bool(post.latest.content_warning)
        happened["private"] += post.visibility in {"private", "direct"}
        happened["in another tongue"] += post.latest.lang in {"so", "hmn", "ar", "he", "zh"}
    both = {
        "shared",
        "quoted",
        "edited",
        "removed",
        "removed in the middle",
        "film",
        "card",
        "left",
        "in another tongue",
    }
    only = {
        BLUESKY: {"hidden", "detached", "against the gate"},
        MASTODON: {"poll", "warned of", "private"},
    }
    assert {name for name, times in happened.items() if times} >= both | only[platform]


def test_hostile_texts_are_said() -> None:
    """Every one of them, on one platform or the other."""
    world = World(seed=1, now=NOW)
    tell(world, SIZES["demo"])
    said = " ".join(post.latest.text for post in world.posts.values())
    assert [sentence for sentence, text in texts.HOSTILE if text not in said] == []


def test_even_threads_for_measuring() -> None:
    """A benchmark's pages are of one size."""
    size = SIZES["bench"]
    world = World(seed=1, now=NOW)
    tell(world, type(size)(size.accounts, 20, 2000, 0, 50, 1.0, oddities=False, even=True))
    roots = [post for post in world.posts_of("hall-bluesky") if post.parent is None and post.shares is None]
    assert {len(post.replies) for post in roots} == {10, 11} or {len(post.replies) for post in roots} == {10}
    assert sum(1 for post in world.posts.values() if not post.author.official) == 2000
