"""A whole simulated city: years of posts, oddities and all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.domain.observation import ItemSeen
from archiver.domain.task import TaskKind
from archiver.sandbox.city import SIZES, tell
from archiver.sandbox.reach import reachable
from archiver.sandbox.world import World
from tests.platforms.bluesky_world import NOW, BlueskyWorld


@pytest.mark.parametrize("account", ["hall-bluesky", "police-bluesky"])
def test_all_that_can_be_found_of_a_city_is_found_and_nothing_else(account: str) -> None:
    """Profile, repository, every thread, notifications: the records are those that the world says can be reached."""
    told = World(seed=3, now=NOW)
    tell(told, SIZES["demo"])
    world = BlueskyWorld(told=told, account=account)
    login = world.logged_in
    tasks = [
        world.task(TaskKind.POLL, account=login, full=True),
        world.task(TaskKind.MENTIONS, account=login, full=True),
    ]
    seen: dict[str, ItemSeen] = {}
    for task in tasks:
        seen |= world.carry_out(task).items
    roots = [key for key, one in seen.items() if _is_own_root(one, world)]
    for root in roots:
        done = world.carry_out(world.task(TaskKind.THREAD, root, account=login))
        assert done.ended == "done"
        seen |= done.items
    assert set(seen) == {post.key for post in reachable(told, world.city, authenticated=True)}


def test_a_second_poll_of_a_city_costs_one_request() -> None:
    """Nothing changed in its repository."""
    told = World(seed=3, now=NOW)
    tell(told, SIZES["demo"])
    world = BlueskyWorld(told=told, account="hall-bluesky")
    first = world.carry_out(world.task(TaskKind.POLL, full=True))
    again = world.carry_out(world.task(TaskKind.POLL, cursor=first.leftover, since=NOW - timedelta(days=3)))
    assert len(again.exchanges) == 1


def _is_own_root(seen: ItemSeen, world: BlueskyWorld) -> bool:
    own = seen.author is not None and seen.author.native_id == world.city.person.id
    return own and seen.form == "post" and seen.parent is None
