"""What an archive of Bluesky gets wrong most easily, seen through the rules of history.

Pitfalls are numbered in docs/platforms/bluesky.md; the others are in the tests of polls, threads, confirmations and
accounts, each named in its sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from archiver.domain.history import EventName, Known, weigh, weigh_gone
from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.domain.task import TaskKind
from tests.platforms.bluesky_world import NOW, BlueskyWorld, Carried, story


@dataclass(slots=True)
class History:
    """What a store would remember of one record."""

    key: str
    known: Known | None = None
    texts: list[str | None] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    doubts: int = 0

    def take(self, done: Carried) -> None:
        """Weigh what a task showed of the record, in its order."""
        for seen in done.observations:
            if isinstance(seen, ItemSeen) and seen.key == self.key:
                self._sighting(seen)
            elif isinstance(seen, GoneSeen) and seen.key == self.key and self.known is not None:
                change = weigh_gone(self.known, seen)
                self.events += [str(name) for name, _ in change.events]
                self.known = replace(self.known, state=change.state)

    def _sighting(self, seen: ItemSeen) -> None:
        change = weigh(self.known, seen)
        self.doubts += change.doubt
        self.events += [str(name) for name, _ in change.events]
        version = change.version
        if version is None:
            assert self.known is not None
            self.known = replace(self.known, state=change.state)
            return
        if version.basis in {"first", "edit"}:
            self.texts.append(version.body.text)
        names = frozenset(filter(None, {version.native_version})) | (
            self.known.native_versions if self.known else frozenset()
        )
        edited_at = seen.body.edited_at
        self.known = Known(
            seen.key,
            change.state,
            change.cause,
            version.facets,
            version.digest,
            edited_at,
            version.native_version,
            names,
        )


@pytest.fixture
def world() -> BlueskyWorld:
    """A city."""
    world = BlueskyWorld()
    world.named = story(world)
    return world


def poll(world: BlueskyWorld) -> Carried:
    """A full poll."""
    return world.carry_out(world.task(TaskKind.POLL, full=True))


def test_polling_again_is_no_news(world: BlueskyWorld) -> None:
    """Record, view and record again of every post and share: one version each, and no event but its first sight."""
    keys = {seen.key for seen in poll(world).sightings}
    for key in keys:
        history = History(key)
        history.take(poll(world))
        history.take(poll(world))
        assert len(history.texts) == 1, key
        assert history.events == ["seen"], key


def test_an_overwritten_post_is_edited_once(world: BlueskyWorld) -> None:
    """PutRecord is legal: the same address, a new CID, no trace of the old text (pitfall 10)."""
    history = History(world.named["notice 3"].key)
    history.take(poll(world))
    world.world.edit(world.named["notice 3"], "Notice 3, corrected")
    history.take(poll(world))
    history.take(poll(world))
    assert history.texts == [world.named["notice 3"].versions[0].text, "Notice 3, corrected"]
    assert history.events == ["seen", "edited"]


def test_a_view_that_keeps_the_first_version_takes_nothing_back(world: BlueskyWorld) -> None:
    """Production was seen to show the first version of an overwritten post for ever: it is known by its CID."""
    world.api.appview.views.keeps_first_version = True
    history = History(world.named["notice 3"].key)
    history.take(poll(world))
    world.world.edit(world.named["notice 3"], "Notice 3, corrected")
    for _ in range(3):
        history.take(poll(world))
    assert history.texts[-1] == "Notice 3, corrected"
    assert history.events == ["seen", "edited"]


def test_an_edit_back_is_an_edit(world: BlueskyWorld) -> None:
    """The old text comes with the old CID, and is the present all the same: the repository says so."""
    post = world.named["notice 3"]
    history = History(post.key)
    history.take(poll(world))
    world.world.edit(post, "Notice 3, corrected")
    history.take(poll(world))
    world.world.edit(post, post.versions[0].text)
    history.take(poll(world))
    assert history.texts == [post.versions[0].text, "Notice 3, corrected", post.versions[0].text]


def test_pictures_taken_out_of_a_post_are_an_edit(world: BlueskyWorld) -> None:
    """The record says that it has none; that is not the same as saying nothing."""
    post = world.named["pictures"]
    history = History(post.key)
    history.take(poll(world))
    world.world.edit(post, pictures=())
    history.take(poll(world))
    assert history.events == ["seen", "edited"]


def test_a_record_made_again_under_its_key_is_restored(world: BlueskyWorld) -> None:
    """Deleted and created with the same address: gone, then back."""
    post = world.named["notice 3"]
    history = History(post.key)
    history.take(poll(world))
    world.world.delete(post)
    history.take(poll(world))
    history.take(world.carry_out(world.task(TaskKind.CONFIRM, post.key)))
    world.world.undelete(post)
    history.take(poll(world))
    assert [name for name in history.events if name != EventName.EXPLAINED] == ["seen", "gone", "restored"]


def test_a_lingering_view_of_a_removed_comment_is_a_doubt_and_no_return(world: BlueskyWorld) -> None:
    """Only the author's own repository brings a record back; a confirmation asks it."""
    post = world.named["question"]
    thread = world.task(TaskKind.THREAD, world.named["hearing"].key)
    history = History(post.key)
    lingering = world.carry_out(thread)
    history.take(lingering)
    world.world.delete(post)
    history.take(world.carry_out(world.task(TaskKind.CONFIRM, post.key)))
    history.take(lingering)
    assert history.doubts == 1
    assert "restored" not in history.events
    world.world.undelete(post)
    history.take(world.carry_out(world.task(TaskKind.CONFIRM, post.key)))
    assert "restored" in history.events


def test_the_profile_is_versioned(world: BlueskyWorld) -> None:
    """It is overwritten in place; each CID is a version, the view in between makes none."""
    history = History(f"bluesky:at://{world.city.person.id}/app.bsky.actor.profile/self")
    profile = world.task(TaskKind.PROFILE)
    history.take(world.carry_out(profile))
    world.world.describe("city", description="New description")
    history.take(world.carry_out(profile))
    history.take(world.carry_out(profile))
    assert history.texts == ["Posts and comments are public records.", "New description"]


def test_a_renamed_resident_s_comment_is_the_same_record(world: BlueskyWorld) -> None:
    """The DID is the key of everything; the name is history of the person (pitfall 5)."""
    thread = world.task(TaskKind.THREAD, world.named["hearing"].key)
    history = History(world.named["question"].key)
    history.take(world.carry_out(thread))
    world.world.rename(world.ann, display_name="Ann Berg", handle="annberg.example")
    done = world.carry_out(thread)
    history.take(done)
    assert history.events == ["seen"]
    author = done.items[world.named["question"].key].author
    assert author is not None
    assert (author.handle, author.display_name) == ("annberg.example", "Ann Berg")


def test_a_person_who_asks_not_to_be_shown_is_kept_with_that_wish(world: BlueskyWorld) -> None:
    """!no-unauthenticated: the public view still returns the comment; exports can heed the label."""
    world.ann.hides_from_public = True
    seen = world.carry_out(world.task(TaskKind.THREAD, world.named["hearing"].key)).items[world.named["question"].key]
    assert seen.body.labels == ("author:!no-unauthenticated",)


def test_a_post_from_the_future_is_kept_with_the_date_it_claims(world: BlueskyWorld) -> None:
    """CreatedAt is written by the author's client."""
    post = world.world.post("city", "From the future", at=NOW + timedelta(days=2000), seen_at=NOW)
    assert poll(world).items[post.key].created_at == NOW + timedelta(days=2000)


def test_nothing_is_asked_by_handle_once_the_did_is_known(world: BlueskyWorld) -> None:
    """Handles change in the middle of a run (pitfall 5)."""
    world.carry_out(world.task(TaskKind.PROFILE))
    poll(world)
    world.carry_out(world.task(TaskKind.THREAD, world.named["hearing"].key, full=True))
    assert [spec.url for spec in world.asked if "millbrook.example" in spec.url] == []


def test_no_session_is_made_for_public_reads(world: BlueskyWorld) -> None:
    """CreateSession is limited to 30 in 5 minutes (pitfall 7)."""
    for kind in (TaskKind.PROFILE, TaskKind.POLL):
        world.carry_out(world.task(kind, account=world.logged_in, full=True))
    assert not [spec for spec in world.asked if spec.credential or "createSession" in spec.url]
