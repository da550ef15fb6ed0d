"""The life of a page: the same from the same seed, with all that can trouble an archive; and the truth about it."""

from __future__ import annotations

from datetime import timedelta

from archiver.sandbox import SandboxCity, texts
from archiver.sandbox.city import Size
from archiver.sandbox.images import picture
from tests.sandbox.meta.conftest import ACCOUNT, BARE, NOW, Graph


def test_one_seed_one_page(town: Graph) -> None:
    """Id by id, text by text."""
    prints = []
    for seed in (7, 8):
        city = SandboxCity(seed=seed, size="facebook", now=NOW)
        prints.append([(key, thing.text) for key, thing in city.meta.things.items()])
        city.stop()
    assert prints[0] == [(key, thing.text) for key, thing in town.city.meta.things.items()]
    assert prints[0] != prints[1]


def test_a_city_on_all_platforms() -> None:
    """Accounts of Meta beside the others share the totals, and each has its address."""
    size = Size(("hall-bluesky", "parks-mastodon", ACCOUNT, "police-facebook"), 40, 80, 8, 8, 1.0)
    with SandboxCity(seed=3, size=size, now=NOW) as city:
        assert [city.base_url(name) for name in size.accounts] == [
            city.bluesky_url,
            city.mastodon_url,
            city.facebook.base_url,
            city.facebook.base_url,
        ]
        for name in size.accounts[2:]:
            own = [post for post in city.meta.of(name, "post") if post.author is city.world.person(name)]
            assert 10 <= len(own) <= 14  # with a reel, an album and a draft
        assert city.warm() > 0
        assert all(city.truth(name).records for name in size.accounts)


def test_it_has_everything(town: Graph) -> None:
    """Each form, each state, each oddity at least once; and hostile words."""
    things = list(town.city.meta.things.values())
    assert {thing.form for thing in things} == {
        "post", "comment", "photo", "album", "video", "reel", "live", "event", "story", "conversation", "message"
    }  # fmt: skip
    now = town.city.world.now()
    comments = [thing for thing in things if thing.form == "comment"]
    for name in ("hidden", "private", "unlisted", "nameless", "gone_at"):
        assert any(getattr(one, name) for one in comments), name
    posts = [thing for thing in things if thing.form == "post"]
    assert any(post.shares for post in posts)
    assert any(post.author is not town.page for post in posts)
    assert any(len(post.versions) > 1 for post in posts)
    assert any(not post.published for post in posts)
    assert any(not one.author.active for one in comments)
    assert {one.available(now) for one in things if one.form == "story"} == {True, False}
    said = " ".join(one.text for one in comments)
    assert sum(text in said for _, text in texts.HOSTILE) > 20


def test_the_truth_is_what_can_be_listed(town: Graph) -> None:
    """Every post that some list gives is in it, and each visible comment."""
    truth = town.city.meta_truth(ACCOUNT)
    listed = {
        one["id"].rsplit("_", 1)[-1]
        for edge in ("published_posts", "feed", "posts", "visitor_posts", "tagged")
        for page in town.listed(f"me/{edge}", limit=100, fields="id")
        for one in page
    }
    names = {key.removeprefix("facebook:") for key in truth.records}
    assert listed <= names
    post = max(town.city.meta.of(ACCOUNT, "post"), key=lambda one: len(one.replies))
    told = {
        one["id"].rsplit("_", 1)[-1]
        for page in town.listed(f"{post.id}/comments", filter="stream", limit=100, fields="id")
        for one in page
    }
    below = {
        one.native_id.rsplit("_", 1)[-1] for one in truth.records.values() if one.thread == f"facebook:{post.number_of}"
    }
    assert told == below - {post.number_of}
    hidden = [one for one in truth.records.values() if one.state == "hidden"]
    assert hidden
    assert all(one.events[:2] == ["seen", "hidden"] for one in hidden)


def test_the_truth_remembers_looks(graph: Graph) -> None:
    """An edit is a version, a hiding and a removal are events; what came and went between two looks is not there."""
    meta, pages = graph.city.meta, graph.pages
    post = pages.post(graph.page, "Hello")
    comment = pages.comment(graph.resident(), post, "Hi")
    graph.city.look()
    brief = pages.comment(graph.resident(), post, "Gone in a minute")
    meta.delete(brief)
    meta.edit(comment, "Ho")
    meta.hide(comment)
    graph.city.look()
    meta.unhide(comment)
    graph.city.look()
    meta.delete(post)
    graph.city.look()
    meta.restore(post)
    truth = graph.city.meta_truth(ACCOUNT)
    record = truth.records[f"facebook:{comment.number_of}"]
    assert record.texts == ["Hi", "Ho", "Ho"]
    assert record.events == ["seen", "hidden", "edited", "unhidden", "gone", "restored"]
    assert truth.records[f"facebook:{post.number_of}"].events == ["seen", "gone", "restored"]
    assert f"facebook:{brief.number_of}" not in truth.records
    assert truth.name_of(f"facebook:x_{comment.number_of}") == f"facebook:{comment.number_of}"


def test_a_story_that_ended_was_not_removed() -> None:
    """It stays as it was."""
    with SandboxCity(seed=7, size=BARE, now=NOW) as city:
        graph = Graph(city)
        story = graph.pages.story(graph.page, picture(1, None))
        city.look()
        city.world.advance(timedelta(hours=25))
        assert city.meta_truth(ACCOUNT).records[f"facebook:{story.number_of}"].state == "live"
