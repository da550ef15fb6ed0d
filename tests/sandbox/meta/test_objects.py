"""Objects of the Graph API: defaults, chosen fields, versions, paths, and what is not there."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from archiver.sandbox.images import picture
from archiver.sandbox.meta.model import Thing
from tests.sandbox.conftest import ask
from tests.sandbox.meta.conftest import ACCOUNT, Graph


def test_defaults_are_few(graph: Graph) -> None:
    """Without ``fields`` there is the name and id of a page, and little more of a post."""
    post = graph.pages.post(graph.page, "Hello")
    assert graph.ok("me") == {"name": graph.page.profile.display_name, "id": graph.page.id}
    assert graph.ok(post.id) == {"created_time": "2026-11-22T15:00:00+0000", "message": "Hello", "id": post.id}


def test_fields_come_as_asked_and_the_id_always(graph: Graph) -> None:
    """In order, with the members chosen of an object, under the alias given."""
    post = graph.pages.post(graph.page, "Hello", reactions={"LIKE": 2, "LOVE": 3})
    fields = (
        "message,from{name},reactions.type(LOVE).limit(0).summary(total_count).as(love),likes.summary(true).limit(0)"
    )
    assert graph.ok(post.id, fields=fields) == {
        "message": "Hello",
        "from": {"name": graph.page.profile.display_name, "id": graph.page.id},
        "love": {"data": [], "summary": {"total_count": 3, "viewer_reaction": "NONE"}},
        "likes": {"data": [], "summary": {"total_count": 2, "can_like": True, "has_liked": False}},
        "id": post.id,
    }


def test_a_field_without_value_is_left_out(graph: Graph) -> None:
    """Neither null nor empty; an edge with nothing on it, too."""
    post = graph.pages.post(graph.page, "")
    assert graph.ok(post.id, fields="message,story,place,attachments,comments") == {"id": post.id}


@pytest.mark.parametrize(
    ("path", "fields", "named", "kind"),
    [
        ("me", "id,nix", "nix", "Page"),
        ("me/published_posts", "id,nix", "nix", "Post"),
        ("me/published_posts", "from{nix}", "nix", "User"),
        ("me/published_posts", "comments{id,nix}", "nix", "Comment"),
        ("me/nix", "", "nix", "Page"),
    ],
)
def test_an_unknown_field_fails_the_call_and_is_named(
    town: Graph, path: str, fields: str, named: str, kind: str
) -> None:
    """At whatever depth, once there is something of that type to show."""
    error = town.error(path, fields=fields, limit=100) if fields else town.error(path)
    assert (error["code"], error["status"]) == (100, 400)
    assert error["message"] == f"(#100) Tried accessing nonexisting field ({named}) on node type ({kind})"


def test_fields_can_be_refused_by_a_version(graph: Graph) -> None:
    """By name, or by type and name."""
    graph.city.facebook.api.quirks.refused = {"Page.about"}
    assert "(about)" in graph.error("me", fields="id,about")["message"]


def test_a_dead_version_is_served_by_the_oldest_alive(graph: Graph) -> None:
    """And the header says so; a call without version, too. A version to come is no path."""
    base = graph.city.facebook.base_url
    for path, version in (("/v26.0/me", "v26.0"), ("/v12.0/me", "v21.0"), ("/me", "v21.0")):
        answer = ask(base + path, token=graph.token)
        assert (answer.status, answer.headers["facebook-api-version"]) == (200, version)
    assert ask(f"{base}/v99.0/me", token=graph.token).json["error"]["code"] == 2500
    assert graph.city.facebook.api.noted.unversioned == 1


@pytest.mark.parametrize(
    ("path", "code", "subcode"),
    [("123456789", 100, 33), ("104000000000101_5", 100, 33), ("nobody", 803, None), ("me/feed/more", 2500, None)],
)
def test_what_is_not_there(graph: Graph, path: str, code: int, subcode: int | None) -> None:
    """Unknown ids, names and paths, in the platform's words."""
    error = graph.error(path)
    assert (error["code"], error.get("error_subcode")) == (code, subcode)
    assert len(error["fbtrace_id"]) == 23


def test_writing_is_refused(graph: Graph) -> None:
    """The archive's token can do more than the sandbox lets it."""
    answer = ask(f"{graph.city.facebook.base_url}/v26.0/{graph.page.id}/feed", token=graph.token, post={"message": "x"})
    assert answer.json["error"]["message"].startswith("Unsupported post request.")


def test_removed_parameters_are_noted(graph: Graph) -> None:
    """``pretty`` and ``date_format`` change nothing; ``ids`` on the root fails; what no path knows is noted."""
    graph.ok("me", pretty=0, date_format="U", nonsense=1)
    assert graph.city.facebook.api.noted.parameters == {"pretty", "date_format", "nonsense"}
    assert ask(f"{graph.city.facebook.base_url}/v26.0/?ids=1,2", token=graph.token).json["error"]["code"] == 100


def test_bytes_are_meta_s_own(graph: Graph) -> None:
    """Letters beyond ASCII in lower-case escapes, slashes escaped, and no ETag to ask again with."""
    post = graph.pages.post(graph.page, "Straße/Ä 🌱")
    answer = graph.get(post.id, fields="message")
    assert b'"Stra\\u00dfe\\/\\u00c4 \\ud83c\\udf31"' in answer.body
    assert json.loads(answer.body)["message"] == "Straße/Ä 🌱"
    assert "etag" not in answer.headers


def test_gone_and_restored(graph: Graph) -> None:
    """100/33 for it and all below it; the same ids are there again after it."""
    post = graph.pages.post(graph.page, "Hello")
    comment = graph.pages.comment(graph.resident(), post, "Hi")
    reply = graph.pages.comment(graph.page, comment, "Hello you")
    graph.city.meta.delete(comment)
    assert [graph.get(thing.id).status for thing in (post, comment, reply)] == [200, 400, 400]
    assert graph.error(reply.id)["error_subcode"] == 33
    graph.city.meta.restore(comment)
    assert graph.ok(reply.id)["message"] == "Hello you"
    graph.city.world.suspend(graph.resident())
    assert graph.get(comment.id).status == 400


def test_an_edit_leaves_no_trace_in_a_comment(graph: Graph) -> None:
    """And moves ``updated_time`` of a post, as a comment does."""
    post = graph.pages.post(graph.page, "Hello")
    comment = graph.pages.comment(graph.resident(), post, "Hi")
    before = graph.ok(comment.id, fields="id,created_time,message,like_count")
    graph.city.world.advance(timedelta(hours=1))
    graph.city.meta.edit(comment, "Ho")
    assert graph.ok(comment.id, fields="id,created_time,message,like_count") == before | {"message": "Ho"}
    graph.city.meta.edit(post, "Hello all")
    assert graph.ok(post.id, fields="updated_time")["updated_time"] == "2026-11-22T16:00:00+0000"


def test_an_unpublished_page(graph: Graph) -> None:
    """It can be read itself; nothing on it can."""
    post = graph.pages.post(graph.page, "Hello")
    graph.city.meta.unpublished.add(graph.page.id)
    assert graph.ok("me", fields="is_published")["is_published"] is False
    assert graph.ok("me/published_posts")["data"] == []
    assert graph.error(post.id)["error_subcode"] == 33


def test_another_page_is_closed(graph: Graph) -> None:
    """A page token opens its own page alone."""
    account = graph.city.meta.add_account("parks-facebook", "facebook", "parks", "Parks", department="Parks")
    theirs = graph.pages.post(account.person, "Ours")
    graph.city.hosts.open()
    assert graph.error(theirs.id)["error_subcode"] == 33
    assert graph.ok(theirs.id, token=account.secret)["message"] == "Ours"


def files(graph: Graph, count: int) -> Thing:
    """A post with so many pictures."""
    shown = [picture(number, f"Picture {number}") for number in range(count)]
    return graph.pages.post(graph.page, "Look", pictures=shown)


def test_one_picture_is_one_thread_under_two_ids(graph: Graph) -> None:
    """Comments below the photo are those of the post; the first half of their ids is another."""
    post = files(graph, 1)
    photo = post.parts[0]
    comment = graph.pages.comment(graph.resident(), photo, "Nice")
    assert comment.top is post
    by_post = graph.ok(f"{post.id}/comments")["data"]
    by_photo = graph.ok(f"{photo.id}/comments")["data"]
    assert by_post[0]["id"] == comment.id
    assert by_photo[0]["id"] == f"{photo.id}_{comment.number_of}"
    assert graph.ok(by_photo[0]["id"])["message"] == graph.ok(comment.number_of)["message"] == "Nice"
    assert graph.ok(photo.id, fields="page_story_id,album{name}") == {
        "page_story_id": post.id,
        "album": {"name": "Timeline Photos", "id": photo.facts["album"].id},
        "id": photo.id,
    }


def test_each_of_many_pictures_has_its_own_thread(graph: Graph) -> None:
    """At most twelve are told with the post; the album has all."""
    post = files(graph, 14)
    graph.pages.comment(graph.resident(), post.parts[13], "The last one")
    assert graph.ok(f"{post.id}/comments") == {"data": []}
    assert graph.ok(f"{post.parts[13].id}/comments")["data"][0]["message"] == "The last one"
    shown = graph.ok(post.id, fields="attachments{type,media_type,subattachments}")["attachments"]["data"][0]
    assert (shown["type"], len(shown["subattachments"]["data"])) == ("album", 12)
    album = graph.ok("me/albums", fields="name,count")["data"][0]
    assert (album["name"], album["count"]) == ("Timeline Photos", 14)
    assert len(graph.ok(f"{album['id']}/photos", fields="images", limit=100)["data"]) == 14


def test_films_reels_lives_and_stories(graph: Graph) -> None:
    """Reels are on their own edge and among the videos, never in the feed; a story is there for a day."""
    film = picture(1, None, mime="video/mp4")
    post = graph.pages.post(graph.page, "Film", pictures=[film])
    reel = graph.pages.reel(graph.page, film, "Ribbon")
    live = graph.pages.live(graph.page, "Council", film)
    story = graph.pages.story(graph.page, picture(2, None))
    ids = {edge: [one["id"] for one in graph.ok(f"me/{edge}")["data"]] for edge in ("videos", "video_reels", "feed")}
    assert ids["video_reels"] == [reel.id]
    assert ids["feed"] == [post.id]
    assert set(ids["videos"]) == {reel.id, post.parts[0].id, live.twin.id if live.twin else ""}
    assert graph.ok("me/live_videos", fields="video{id},status")["data"][0]["status"] == "VOD"
    (told,) = graph.ok("me/stories")["data"]
    assert told["creation_time"] == "1795359600"
    assert graph.ok(told["media_id"], fields="images")["images"]
    graph.city.world.advance(timedelta(hours=25))
    assert graph.ok("me/stories")["data"] == []
    assert graph.error(told["media_id"])["error_subcode"] == 33
    assert story.form == "story"


def test_the_post_of_a_reel(graph: Graph) -> None:
    """It is on no list; it can be read by its id, or, where that is switched off, not at all."""
    reel = graph.pages.reel(graph.page, picture(1, None, mime="video/mp4"), "Ribbon")
    post = graph.ok(reel.id, fields="post_id,permalink_url")["post_id"]
    comment = graph.pages.comment(graph.resident(), reel, "Nice scissors")
    assert graph.ok(f"{graph.page.id}_{post}")["message"] == "Ribbon"
    assert graph.ok(f"{reel.id}/comments")["data"][0]["id"] == f"{reel.id}_{comment.number_of}"
    graph.city.facebook.api.quirks.reel_posts = False
    assert graph.error(f"{graph.page.id}_{post}")["error_subcode"] == 33
    assert graph.ok(f"{reel.id}/comments")["data"][0]["message"] == "Nice scissors"


def test_hidden_posts_are_listed_when_asked_for(graph: Graph) -> None:
    """By ``include_hidden``; by its id one can always be read."""
    post = graph.pages.post(graph.page, "Hidden from the timeline")
    graph.city.meta.hide(post)
    assert graph.ok("me/published_posts")["data"] == []
    (told,) = graph.ok("me/published_posts", include_hidden="true", fields="is_hidden,timeline_visibility")["data"]
    assert (told["is_hidden"], told["timeline_visibility"]) == (True, "hidden")
    assert graph.ok(post.id)["message"] == post.text


def test_ratings_are_no_more(graph: Graph) -> None:
    """Error 12 ends that source."""
    assert graph.error("me/ratings")["code"] == 12


def test_stream_keys_are_noted_when_asked_for(graph: Graph) -> None:
    """And so is a page's token: an archive must not."""
    graph.ok("me", fields="access_token")
    assert graph.city.facebook.api.noted.secrets == {"access_token"}


def test_conversations_tell_twenty_messages(town: Graph) -> None:
    """Of one with more, the newest."""
    found = town.ok("me/conversations", fields="id,message_count")["data"]
    assert [one["message_count"] for one in found] == [25, 3]
    told = town.ok(f"{found[0]['id']}/messages", fields="id,created_time,from,to,message", limit=50)["data"]
    assert len(told) == 20
    assert told[0]["created_time"] > told[-1]["created_time"]
    assert {told[0]["from"]["id"], told[0]["to"]["data"][0]["id"]} == {town.page.id, town.resident(1).id}
    assert town.city.world.accounts[ACCOUNT].secret.startswith("EAA")
