"""Polls and backfills: the account's own posts, reposts and gates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.observation import ItemSeen
from archiver.domain.task import Covered, Shortfall, TaskKind
from archiver.sandbox.model import Standing
from tests.platforms.bluesky_world import NOW, BlueskyWorld, Carried, Reply, story

FEED, LIST = "getAuthorFeed", "listRecords"


@pytest.fixture
def world() -> BlueskyWorld:
    """A city with some months of posts."""
    world = BlueskyWorld()
    world.named = story(world)
    return world


def full(world: BlueskyWorld, **more: Any) -> Carried:
    """A full poll."""
    return world.carry_out(world.task(TaskKind.POLL, full=True, **more))


def covered(done: Carried) -> list[Covered]:
    """What of the posts is complete."""
    return [found for found in done.findings if isinstance(found, Covered) and found.stream == "posts"]


def test_the_repository_is_listed_whole(world: BlueskyWorld) -> None:
    """All own posts, answers and reposts, whatever the feed shows (pitfall 1)."""
    done = full(world)
    own = {post.key for post in world.city.person.posts}
    assert own <= set(done.items)
    assert covered(done) == [Covered("posts", None, NOW)]


def test_a_feed_that_ends_early_or_leaves_posts_out_costs_nothing_but_views(world: BlueskyWorld) -> None:
    """Production's feeds have ended without a cursor and without posts that the repository holds."""
    world.by_method[FEED] = Reply(200, b'{"feed": []}')
    done = full(world)
    assert {post.key for post in world.city.person.posts} <= set(done.items)
    assert covered(done) == [Covered("posts", None, NOW)]


def test_records_come_from_the_origin_with_their_cid_and_views_do_not(world: BlueskyWorld) -> None:
    """A cached view never overrules the repository."""
    done = full(world)
    key = world.named["notice 3"].key
    record, view = (seen for seen in done.observations if isinstance(seen, ItemSeen) and seen.key == key)
    assert (record.origin, view.origin) == (True, False)
    assert record.native_version == view.native_version
    assert record.body.text == view.body.text
    assert record.metrics is None
    assert view.metrics is not None


def test_a_repost_is_a_share_with_the_original_s_whole_text(world: BlueskyWorld) -> None:
    """Keyed by the repost, spoken by the sharer: the words are not the city's own (pitfall 4)."""
    done = full(world)
    share = done.items[world.named["share"].key]
    assert (share.form, share.body.text, share.shares) == (
        "share",
        "Ridge Loop is closed.",
        world.named["closed"].key,
    )
    assert share.author is not None
    assert share.author.native_id == world.city.person.id
    assert share.body.quotes is None
    assert world.named["closed"].key not in done.items


def test_a_repost_that_the_feed_omits_gets_its_text_by_address(world: BlueskyWorld) -> None:
    """Each repost is named before its original, so that the answer can be read by itself."""
    world.by_method[FEED] = Reply(200, b'{"feed": []}')
    done = full(world)
    assert done.items[world.named["share"].key].body.text == "Ridge Loop is closed."
    assert done.items[world.named["share of an own post"].key].body.text == world.named["notice 1"].latest.text
    assert world.named["closed"].key not in done.items
    assert done.methods.count("getPosts") == 1


def test_a_repost_whose_original_is_gone_stays_a_share_without_text(world: BlueskyWorld) -> None:
    """What it repeats is still named."""
    world.world.delete(world.named["closed"])
    share = full(world).items[world.named["share"].key]
    assert (share.body.text, share.shares) == (None, world.named["closed"].key)


def test_many_reposts_keep_the_cursor_small() -> None:
    """What waits for the feed is bounded; the rest is asked for at once."""
    world = BlueskyWorld()
    for n in range(620):
        original = world.world.post(world.ann, f"original {n}", at=NOW - timedelta(days=40, minutes=n))
        world.world.share("city", original, at=NOW - timedelta(days=30, minutes=n))
    world.by_method[FEED] = Reply(200, b'{"feed": []}')
    done = full(world)
    shares = [seen for seen in done.items.values() if seen.form == "share"]
    assert len(shares) == 620
    assert {share.body.text is not None for share in shares} == {True}
    assert max(len(json.dumps(step.cursor)) for step in done.steps) < 100_000


# --- windows


def test_a_window_ends_the_listing(world: BlueskyWorld) -> None:
    """Older pages are not asked for, and no more is claimed than the window."""
    world.page_size = 2
    since = NOW - timedelta(days=70)
    done = world.carry_out(world.task(TaskKind.POLL, since=since))
    inside = {post.key for post in world.city.person.posts if post.created_at >= since}
    assert inside <= set(done.items)
    assert world.named["notice 0"].key not in {key for key, seen in done.items.items() if seen.origin}
    assert covered(done) == [Covered("posts", since, NOW)]


def test_a_backfill_goes_back_to_its_beginning_and_speaks_of_its_window(world: BlueskyWorld) -> None:
    """Newest first."""
    world.page_size = 5
    since, until = NOW - timedelta(days=88), NOW - timedelta(days=60)
    done = world.carry_out(world.task(TaskKind.BACKFILL, since=since, until=until))
    assert covered(done) == [Covered("posts", since, until)]
    times = [seen.created_at for seen in done.items.values() if seen.form == "post" and seen.origin]
    assert times == sorted(times, reverse=True)  # type: ignore[type-var]  # all have a date


def test_a_backdated_post_is_found_by_a_full_listing(world: BlueskyWorld) -> None:
    """Its claimed date is years before its record key; it never surfaces on a feed's first page."""
    old = world.world.post("city", "Imported", at=NOW - timedelta(days=4000), seen_at=NOW)
    assert full(world).items[old.key].created_at == NOW - timedelta(days=4000)


def test_keys_that_are_no_tids_do_not_end_a_window(world: BlueskyWorld) -> None:
    """A client may choose any key; such a page says nothing of time."""
    did = world.city.person.id
    value = {"$type": "app.bsky.feed.post", "text": "by hand", "createdAt": "2026-11-20T12:00:00Z"}
    odd = [{"uri": f"at://{did}/app.bsky.feed.post/zz-{n}", "cid": f"c{n}", "value": value} for n in range(3)]
    world.answers[2] = Reply(200, json.dumps({"records": odd, "cursor": "zz-0"}).encode())
    done = world.carry_out(world.task(TaskKind.POLL, since=NOW - timedelta(days=2)))
    assert done.methods[:3] == ["getLatestCommit", LIST, LIST]
    assert f"bluesky:at://{did}/app.bsky.feed.post/zz-1" in done.items


# --- nothing new


def test_an_unchanged_revision_ends_the_poll_at_once(world: BlueskyWorld) -> None:
    """One tiny request says that nothing in the repository changed; what is covered goes on from the last poll."""
    first = full(world)
    world.world.clock.advance(timedelta(minutes=15))
    again = world.carry_out(world.task(TaskKind.POLL, cursor=first.leftover, since=NOW - timedelta(days=3)))
    assert again.methods == ["getLatestCommit"]
    assert covered(again) == [Covered("posts", NOW, NOW + timedelta(minutes=15))]
    third = world.carry_out(world.task(TaskKind.POLL, cursor=again.leftover, since=NOW - timedelta(days=3)))
    assert third.methods == ["getLatestCommit"]


def test_a_changed_revision_or_a_full_poll_lists(world: BlueskyWorld) -> None:
    """A full poll lists even what is unchanged."""
    first = full(world)
    assert LIST in full(world, cursor=first.leftover).methods
    world.world.post("city", "News", at=NOW)
    again = world.carry_out(world.task(TaskKind.POLL, cursor=first.leftover, since=NOW - timedelta(days=3)))
    assert any(seen.body.text == "News" for seen in again.items.values())


def test_a_poll_that_fell_short_leaves_nothing_to_compare_with(world: BlueskyWorld) -> None:
    """Else the next one would take the same revision for complete."""
    world.answers[2] = Reply(400, b'{"error": "InvalidRequest", "message": "Blob not found"}')
    done = full(world)
    assert done.leftover is None
    assert covered(done) == []
    assert [found.stream for found in done.findings if isinstance(found, Shortfall)] == ["posts"]


# --- gates


def test_gates_come_with_the_repository(world: BlueskyWorld) -> None:
    """Hiding is the city's public act."""
    gates = {(gate.gate, str(gate.scope)): {str(key) for key in gate.members} for gate in full(world).gates}
    hearing = world.named["hearing"].key
    assert gates["hidden", hearing] == {world.named["rude"].key}
    assert gates["detached", hearing] == {world.named["quote"].key}


def test_gates_of_old_posts_are_read_beyond_the_window(world: BlueskyWorld) -> None:
    """A gate has its post's key: one made today for an old post is far down the list."""
    done = world.carry_out(world.task(TaskKind.POLL, since=NOW - timedelta(hours=1)))
    assert {gate.gate for gate in done.gates} == {"hidden", "detached"}


# --- paging and faults


@pytest.mark.parametrize("style", ["0.0.221", "0.0.280"])
def test_both_cursor_styles_end(world: BlueskyWorld, style: Any) -> None:
    """One release gives a cursor on every page that is not empty, the other leaves it out on the last (pitfall 8)."""
    world.api.style = style
    world.page_size = 4
    assert {post.key for post in world.city.person.posts} <= set(full(world).items)


def test_a_short_or_empty_page_with_a_cursor_is_not_the_end(world: BlueskyWorld) -> None:
    """Feeds are filtered after the page is cut (pitfall 8)."""
    world.by_method = {}
    calls = full(world).methods.index(FEED) + 1
    world.answers[calls] = Reply(
        200, json.dumps({"feed": [], "cursor": f"{int(NOW.timestamp() * 1000)}__bafyrei"}).encode()
    )
    done = full(world)
    assert done.methods.count(FEED) == 2
    assert done.items[world.named["share"].key].body.text == "Ridge Loop is closed."


def test_a_garbage_cursor_starts_the_listing_again_without_one(world: BlueskyWorld) -> None:
    """A feed's cursor of another release gave 500; a repository's may, too. A pause, then from the first page."""
    world.page_size = 8
    whole = full(world)
    at = [n for n, method in enumerate(whole.methods, 1) if method == FEED][1]
    world.answers[at] = Reply(500, b'{"error": "InternalServerError", "message": "Internal Server Error"}')
    again = full(world)
    assert set(again.items) == set(whole.items)
    step = again.steps[at]
    assert step.not_before is not None
    assert "cursor=" not in step.requests[0].url
    assert again.methods.count(FEED) == whole.methods.count(FEED) + 2


def test_a_feed_that_keeps_failing_is_done_without(world: BlueskyWorld) -> None:
    """After one fresh start, the reposts' originals are asked for by address, and the posts are complete all the same."""
    world.page_size = 8
    broken = Reply(500, b'{"error": "InternalServerError", "message": "Internal Server Error"}')
    whole = full(world)
    at = [n for n, method in enumerate(whole.methods, 1) if method == FEED]
    world.answers = {at[1]: broken, at[1] + 2: broken}
    done = full(world)
    assert covered(done) == [Covered("posts", None, NOW)]


# --- the account's state


@pytest.mark.parametrize("standing", [Standing.DEACTIVATED, Standing.TAKEN_DOWN, Standing.DELETED])
def test_an_account_that_is_gone_is_said_to_be(world: BlueskyWorld, standing: Standing) -> None:
    """The repository is refused; its status settles why."""
    world.world.suspend("city", standing)
    done = full(world)
    assert done.ended == "account_gone"
    assert done.methods == ["getLatestCommit", "getRepoStatus"]


def test_a_repository_that_moved_is_followed() -> None:
    """The old server says that it has no such repository; the DID document knows better."""
    from tests.platforms.bluesky.internet import NEW_PDS, Internet

    internet = Internet(pds=NEW_PDS)
    internet.refuse["old.example.net"] = Reply(400, b'{"error": "RepoDeactivated", "message": "x"}')
    account = replace(internet.account, facts={"pds": "https://old.example.net"})
    done = internet.carry_out(internet.task(TaskKind.POLL, account=account, full=True))
    assert done.ended == "done"
    assert internet.hosts[:4] == ["old.example.net", "plc.directory", "new.example.net", "new.example.net"]
    assert covered(done) == [Covered("posts", None, NOW)]
