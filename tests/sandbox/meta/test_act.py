"""The second act on pages and profiles: each scene does what it says, and none is about what another one was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.city import Size
from archiver.sandbox.meta.act import MetaScene
from archiver.sandbox.meta.model import Thing
from tests.sandbox.meta.profiles import NOW, bare

ACCOUNTS = ("city-facebook", "city-instagram", "city-threads")
CHANGES: dict[str, Callable[[Thing], bool]] = {
    "edit": lambda thing: len(thing.versions) > 1,
    "comment edited": lambda thing: len(thing.versions) > 1,
    "hidden": lambda thing: thing.hidden,
    "unhidden": lambda thing: not thing.hidden,
    "comment removed": lambda thing: thing.gone_at is not None,
    "post removed": lambda thing: thing.gone_at is not None,
}


def played(account: str) -> list[MetaScene]:
    """All scenes in a small city."""
    city = SandboxCity(seed=7, size=Size((account,), 12, 60, 4, 8, 1.0), now=NOW)
    city.stop()
    return list(city.meta_act(account).play())


@pytest.mark.parametrize("account", ACCOUNTS)
def test_what_happens(account: str) -> None:
    """Every scene but the edited comment, which Instagram does not know; and afterwards it is as it was told."""
    scenes = {scene.name: scene for scene in played(account)}
    wanted = {"new post", "burst", *CHANGES} - ({"comment edited"} if account == "city-instagram" else set())
    assert scenes.keys() == wanted
    for name, changed in CHANGES.items():
        if name in scenes:
            assert changed(scenes[name].things[0]), name
    assert len(scenes["burst"].things) == 41
    assert scenes["new post"].posts[0].text == "The crosswalk is open."


@pytest.mark.parametrize("account", ACCOUNTS)
def test_no_two_scenes_are_about_the_same_thing(account: str) -> None:
    """But the burst, which is below the newest post."""
    things: list[Thing] = [thing for scene in played(account) if scene.name != "burst" for thing in scene.things]
    assert len(set(things)) == len(things)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_where_nothing_is_nothing_happens(account: str) -> None:
    """An empty page gets a post, and what people say about it."""
    city = SandboxCity(seed=7, size=bare(account), now=NOW)
    city.stop()
    names = [scene.name for scene in city.meta_act(account).play()]
    assert names == ["new post", "burst"]
