"""What an archive can know of an account on X, and how that changes with what happens."""

from __future__ import annotations

from datetime import timedelta

from archiver.sandbox import SandboxCity
from archiver.sandbox.x.act import XAct
from tests.sandbox.x.conftest import ACCOUNT, NOW, Caller


def test_the_same_seed_gives_the_same_city() -> None:
    """Number by number."""
    with SandboxCity(seed=7, size="x", now=NOW) as one, SandboxCity(seed=7, size="x", now=NOW) as other:
        assert [post.id for post in one.x.x.posts()] == [post.id for post in other.x.x.posts()]


def test_what_each_token_reaches(call: Caller) -> None:
    """The user's a week of replies, the application's all of them; a wall stands before old reposts."""
    x, resident = call.x, call.people[0]
    root = x.post(call.account, "Root", at=x.now() - timedelta(days=30))
    old = x.reply(resident, root, "Old", unnamed=True, at=x.now() - timedelta(days=29))
    new = x.reply(resident, root, "New", unnamed=True, at=x.now() - timedelta(days=1))
    down = x.reply(resident, root, "Down", ranked_down=True)
    theirs = call.city.truth(ACCOUNT, authenticated=True)
    assert set(theirs.records) == {root.key, new.key}
    assert {old.key, down.key} <= set(theirs.optional)
    assert set(call.city.truth(ACCOUNT, authenticated=False).records) == {root.key, old.key, new.key}


def test_what_becomes_of_records(call: Caller) -> None:
    """Edits are versions; the deleted and suspended are gone, the protected hidden; what comes back is restored."""
    x, (one, two, three) = call.x, call.people
    root = x.post(call.account, "Root")
    gone, kept, banned = (x.reply(person, root, "Answer") for person in (one, two, three))
    call.city.truth(ACCOUNT)
    x.edit(root, "Root, corrected")
    x.delete(gone)
    x.protect(two)
    x.world.suspend(three)
    records = call.city.truth(ACCOUNT).records
    assert records[root.key].texts == ["Root", "Root, corrected"]
    for post, state, cause in (
        (gone, "gone", None),
        (banned, "gone", "author_suspended"),
        (kept, "hidden", "author_protected"),
    ):
        assert records[post.key].state == state
        assert records[post.key].causes == frozenset({None, cause})
    x.unprotect(two)
    x.world.restore(three)
    records = call.city.truth(ACCOUNT).records
    assert records[kept.key].events == ["seen", "hidden", "unhidden"]
    assert records[banned.key].events == ["seen", "gone", "restored"]


def test_the_second_act() -> None:
    """Every scene has something to happen to, and no two the same record."""
    with SandboxCity(seed=7, size="x", now=NOW) as city:
        before = set(city.truth(ACCOUNT).records)
        scenes = {scene.name: scene for scene in XAct(city.x.x, ACCOUNT).play()}
        assert set(scenes) == {
            "new post", "edit", "hidden", "reply removed", "post removed", "suspended", "protected", "left",
            "renamed", "burst",
        }  # fmt: skip
        after = city.truth(ACCOUNT).records
        assert len(set(after) - before) == 41
        for name, state in (
            ("reply removed", "gone"),
            ("suspended", "gone"),
            ("protected", "hidden"),
            ("left", "gone"),
        ):
            assert {after[post.key].state for post in scenes[name].posts if post.key in after} == {state}, name
        assert after[scenes["hidden"].posts[0].key].events == ["seen"]
        first, second = after[scenes["edit"].posts[0].key].texts
        assert first.startswith("The crosswalk is opne. https://t.co/")
        assert second.startswith("The crosswalk is open. Mind the paint. https://t.co/")
