"""Threads: what is below a post, however it was cut, and what the city hid there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from archiver.domain.keys import Key
from archiver.domain.task import Covered, FollowUp, Shortfall, TaskKind
from archiver.sandbox.model import Post, Standing
from tests.platforms.bluesky_world import NOW, BlueskyWorld, Carried, Reply, story


@pytest.fixture
def world() -> BlueskyWorld:
    """A city with a hearing and its comments."""
    world = BlueskyWorld()
    world.named = story(world)
    return world


def visit(world: BlueskyWorld, name: str = "hearing", **more: Any) -> Carried:
    """One visit to a thread."""
    return world.carry_out(world.task(TaskKind.THREAD, world.named[name].key, **more))


def below(root: Post) -> set[str]:
    """The keys of everything below a post that still exists."""
    found: set[str] = set()
    stack = list(root.replies)
    while stack:
        post = stack.pop()
        stack += post.replies
        if not post.gone:
            found.add(post.key)
    return found


def everything(world: BlueskyWorld) -> tuple[Key, ...]:
    """What the archive knows after a first visit."""
    return tuple(Key(key) for key in visit(world).items)


def test_a_thread_deeper_than_an_answer_goes_is_read_to_its_end(world: BlueskyWorld) -> None:
    """27 levels: production gives ten at a time, the walk goes on below the last ones."""
    done = visit(world)
    assert below(world.named["hearing"]) <= set(done.items)
    asked = [exchange.url for exchange in done.exchanges if "getPostThread" in exchange.url]
    assert len(asked) == 3
    assert all("depth=10" in url and "parentHeight=0" in url for url in asked)


def test_the_whole_thread_is_covered(world: BlueskyWorld) -> None:
    """And its quotes are."""
    hearing = Key(world.named["hearing"].key)
    assert visit(world).findings == [Covered("quotes", None, NOW, hearing), Covered("comments", None, NOW, hearing)]


def test_comments_name_parent_thread_and_whose_thread_it_is(world: BlueskyWorld) -> None:
    """So that a city's thread is told from somebody else's."""
    done = visit(world)
    seen = done.items[world.named["answer"].key]
    assert (seen.parent, seen.thread) == (world.named["question"].key, world.named["hearing"].key)
    assert (seen.parent_author, seen.thread_author) == (world.ann.id, world.city.person.id)


def test_a_removed_comment_takes_nothing_below_it_out_of_the_archive(world: BlueskyWorld) -> None:
    """The subtree is gone from the root's view, and still there by its own address (pitfall 2)."""
    known = everything(world)
    world.world.delete(world.named["middle"])
    fresh = world.world.reply(world.bo, world.named["below middle"], "New below a removed comment")
    done = visit(world, known=known)
    assert world.named["below middle"].key in done.items
    assert fresh.key in done.items
    assert world.named["middle"].key not in done.items
    assert done.gone == []


def test_a_deactivated_person_takes_nothing_of_others_out_of_the_archive(world: BlueskyWorld) -> None:
    """Bo wrote every other post of a deep thread; everybody else's answers are still found."""
    known = everything(world)
    world.world.suspend(world.bo, Standing.DEACTIVATED)
    done = visit(world, known=known)
    others = {post.key for post in world.ann.posts + world.city.person.posts if post.root is world.named["hearing"]}
    assert others <= set(done.items)
    assert len(done.exchanges) < 40


def test_a_removed_root_leaves_its_comments_readable(world: BlueskyWorld) -> None:
    """The thread answers NotFound; every known comment is asked for by itself, and the root is to be confirmed."""
    known = everything(world)
    world.world.delete(world.named["hearing"])
    done = visit(world, known=known)
    assert below(world.named["hearing"]) <= set(done.items)
    assert done.follow_ups == [FollowUp(TaskKind.CONFIRM, world.named["hearing"].key)]
    assert done.gone == []
    assert [found.stream for found in done.findings] == ["quotes", "comments"]


def test_a_blocked_reply_is_asked_for_by_its_address(world: BlueskyWorld) -> None:
    """A view may name it without showing it."""
    reply = world.named["rude"]
    thread = json.loads(world.carry_out(world.task(TaskKind.THREAD, world.named["hearing"].key)).exchanges[0].body)
    kept = [node for node in thread["thread"]["replies"] if node["post"]["uri"] != reply.id]
    blocked = {
        "$type": "app.bsky.feed.defs#blockedPost",
        "uri": reply.id,
        "blocked": True,
        "author": {"did": world.dee.id},
    }
    thread["thread"]["replies"] = [*kept, blocked]
    world.answers[1] = Reply(200, json.dumps(thread).encode())
    done = visit(world)
    assert reply.key in done.items
    assert world.named["below rude"].key in done.items


def test_a_block_between_city_and_resident_hides_nothing_from_the_archive(world: BlueskyWorld) -> None:
    """The public thread leaves the comment out for everybody; known ones are read by address."""
    known = everything(world)
    world.world.block(world.dee, "city")
    assert {world.named["rude"].key, world.named["below rude"].key} <= set(visit(world, known=known).items)


def test_an_answer_outside_the_gate_s_rules_is_no_comment_until_it_is_known(world: BlueskyWorld) -> None:
    """It is in no thread; asked for directly it exists."""
    reply = world.world.reply(world.dee, world.named["notice 5"], "against the rules", breaks_gate=True)
    assert reply.key not in visit(world, "notice 5").items
    assert reply.key in visit(world, "notice 5", known=(Key(reply.key),)).items


def test_counts_that_differ_from_what_is_shown_are_normal(world: BlueskyWorld) -> None:
    """ReplyCount keeps hidden, blocked and taken-down answers: no gap, and both numbers are kept (pitfall 12)."""
    world.world.set_counts(world.named["hearing"], replies=31)
    done = visit(world)
    metrics = done.items[world.named["hearing"].key].metrics
    assert metrics is not None
    assert (metrics.replies or 0) > 31
    assert not [found for found in done.findings if isinstance(found, Shortfall)]


def test_ancestors_in_somebody_else_s_thread_are_left_alone_unless_they_name_the_city(world: BlueskyWorld) -> None:
    """A thread below an answer of the city: the answers are its, the posts above are not."""
    w = world.world
    root = w.post(world.ann, "Their thread")
    naming = w.reply(world.bo, root, "Ask @city.millbrook.example", mentions=[world.city.person])
    mine = w.reply("city", naming, "We are looking into it.")
    under = w.reply(world.ann, mine, "Thanks")
    world.named["elsewhere"] = mine
    view = world.carry_out(world.task(TaskKind.THREAD, mine.key))
    assert set(view.items) == {mine.key, under.key}
    shown_with_parents = view.exchanges[0].url.replace("parentHeight=0", "parentHeight=80")
    spec = replace(view.steps[0].requests[0], url=shown_with_parents)
    world.answers[1] = world.serve(spec)
    assert set(visit(world, "elsewhere").items) == {mine.key, under.key, naming.key}
    assert "getRecord" not in visit(world, "elsewhere", known=(Key(under.key),)).methods


def test_a_share_has_no_thread(world: BlueskyWorld) -> None:
    """Nothing is asked."""
    assert visit(world, "share").exchanges == []


def test_a_wide_thread_of_known_comments_is_asked_for_in_batches(world: BlueskyWorld) -> None:
    """25 addresses a call, which is the most."""
    root = world.named["notice 6"]
    replies = [world.world.reply(world.bo, root, f"{n}") for n in range(60)]
    world.world.suspend(world.bo, Standing.TAKEN_DOWN)
    done = visit(world, "notice 6", known=tuple(Key(reply.key) for reply in replies))
    assert done.methods.count("getPosts") == 3
    assert max(exchange.url.count("uris=") for exchange in done.exchanges) == 25


def test_a_node_that_is_cut_again_is_not_asked_for_again(world: BlueskyWorld) -> None:
    """A server that shows no answers below a post that counts some gets one question about it."""
    first = visit(world).exchanges[0]
    thread = json.loads(first.body)
    for node in thread["thread"]["replies"]:
        node.pop("replies", None)
        node["post"]["replyCount"] = 5
    world.by_method["getPostThread"] = Reply(200, json.dumps(thread).encode())
    done = visit(world)
    assert done.ended == "done"
    assert done.methods.count("getPostThread") == 1 + len(thread["thread"]["replies"])


# --- quotes


def test_quotes_are_public_comment_too(world: BlueskyWorld) -> None:
    """They are in no thread; detached ones are listed with the rest."""
    done = visit(world)
    for name in ("quote", "other quote"):
        assert done.items[world.named[name].key].body.quotes == world.named["hearing"].key


def test_a_post_without_quotes_is_not_asked_for_them(world: BlueskyWorld) -> None:
    """Its count says so, which is as good as an empty list: known quotes that were removed are noticed."""
    done = visit(world, "notice 2")
    assert "getQuotes" not in done.methods
    assert Covered("quotes", None, NOW, Key(world.named["notice 2"].key)) in done.findings
    assert "getQuotes" in visit(world, "notice 2", full=True).methods


def test_quotes_go_on_to_the_last_page(world: BlueskyWorld) -> None:
    """Page by page."""
    quotes = [world.world.post(world.ann, f"q{n}", quote=world.named["notice 7"]) for n in range(9)]
    world.page_size = 2
    assert {quote.key for quote in quotes} <= set(visit(world, "notice 7").items)


# --- gates


def test_hidden_comments_are_still_returned_and_the_gate_says_that_they_are_hidden(world: BlueskyWorld) -> None:
    """The repository's record is asked for: the view of it may lag."""
    done = visit(world)
    assert world.named["rude"].key in done.items
    (hidden,) = [gate for gate in done.gates if gate.gate == "hidden"]
    assert (hidden.scope, sorted(hidden.members)) == (world.named["hearing"].key, [world.named["rude"].key])


def test_showing_a_comment_again_empties_the_gate(world: BlueskyWorld) -> None:
    """The list is the whole of what is hidden."""
    known = everything(world)
    world.world.unhide(world.named["rude"])
    (hidden,) = [gate for gate in visit(world, known=known).gates if gate.gate == "hidden"]
    assert hidden.members == frozenset()


def test_removing_the_gate_s_record_shows_everything_again(world: BlueskyWorld) -> None:
    """RecordNotFound about the gate is the repository's own word that nothing is hidden."""
    known = everything(world)
    del world.world.gates[world.named["hearing"].key]
    (hidden,) = [gate for gate in visit(world, known=known).gates if gate.gate == "hidden"]
    assert (hidden.members, hidden.basis) == (frozenset(), "RecordNotFound")


def test_reattaching_a_quote_empties_the_postgate(world: BlueskyWorld) -> None:
    """Asked for whenever a post has quotes."""
    world.world.reattach(world.named["quote"])
    (detached,) = [gate for gate in visit(world).gates if gate.gate == "detached"]
    assert detached.members == frozenset()


def test_a_thread_without_comments_costs_one_call(world: BlueskyWorld) -> None:
    """Most posts of a city have none."""
    assert len(visit(world, "notice 8").exchanges) == 1


def test_a_refused_thread_is_a_gap(world: BlueskyWorld) -> None:
    """Not found is an answer; anything else is not."""
    world.answers[1] = Reply(400, b'{"error": "AccountTakedown", "message": "x"}')
    (found,) = visit(world).findings
    assert isinstance(found, Shortfall)
    assert found.scope == world.named["hearing"].key
