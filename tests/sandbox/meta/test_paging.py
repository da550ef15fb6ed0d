"""Pages of connections: cursors, their links, limits, and what goes wrong with them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.sandbox.meta.model import Thing
from tests.sandbox.conftest import ask
from tests.sandbox.meta.conftest import Graph


def posts(graph: Graph, count: int) -> list[Thing]:
    """So many posts, one an hour, the newest last."""
    now = graph.city.world.now()
    return [graph.pages.post(graph.page, f"Post {n}", at=now - timedelta(hours=count - n)) for n in range(count)]


def comments(graph: Graph, count: int) -> tuple[Thing, list[Thing]]:
    """A post with so many comments, oldest first."""
    post = graph.pages.post(graph.page, "Say something", at=graph.city.world.now() - timedelta(days=1))
    at = post.created_at
    return post, [
        graph.pages.comment(graph.resident(), post, f"Comment {n}", at=at + timedelta(minutes=n)) for n in range(count)
    ]


@pytest.mark.parametrize("limit", [1, 7, 25, 100])
@pytest.mark.parametrize("short", [False, True])
def test_all_pages_together_are_all_once(graph: Graph, limit: int, short: bool) -> None:
    """Whatever the page size, and when pages come short or empty."""
    made = posts(graph, 40)
    graph.city.facebook.api.quirks.short_pages = short
    pages = graph.listed("me/published_posts", limit=limit)
    assert [one["id"] for page in pages for one in page] == [post.id for post in reversed(made)]
    if short and limit < 100:
        assert [] in pages
        assert max(map(len, pages)) < max(2, limit)


def test_limits(graph: Graph) -> None:
    """25 by default, 100 at most for posts; more is refused, much more is too much; comments are cut to 100."""
    posts(graph, 110)
    post, _ = comments(graph, 110)
    assert len(graph.ok("me/posts")["data"]) == 25
    assert len(graph.ok("me/published_posts", limit=100)["data"]) == 100
    assert graph.error("me/published_posts", limit=101)["code"] == 100
    assert graph.error("me/published_posts", limit="many")["code"] == 100
    much = graph.get("me/published_posts", limit=500)
    assert much.status == 500
    assert much.json == {"error": {"code": 1, "message": much.json["error"]["message"]}}
    assert len(graph.ok(f"{post.id}/comments", limit=1000)["data"]) == 100


def test_links_carry_the_token_of_header_callers(graph: Graph) -> None:
    """And all that was asked for; following one by its cursor is the same as following it."""
    posts(graph, 3)
    answer = graph.ok("me/published_posts", limit=2, fields="id,message")
    following = answer["paging"]["next"]
    query = parse_qs(urlsplit(following).query)
    assert query["access_token"] == [graph.token]
    assert (query["limit"], query["fields"]) == (["2"], ["id,message"])
    assert "previous" not in answer["paging"]
    second = ask(following).json
    assert second["data"] == graph.ok("me/published_posts", limit=2, fields="id,message",
                                      after=answer["paging"]["cursors"]["after"])["data"]  # fmt: skip
    assert "next" not in second["paging"]
    assert ask(second["paging"]["previous"]).json["data"] == answer["data"]
    graph.city.facebook.api.quirks.echo_token = False
    assert graph.token not in graph.get("me/published_posts", limit=2).body.decode()


def test_a_token_twice_is_odd(graph: Graph) -> None:
    """The header and the one in ``next`` together: code 210."""
    posts(graph, 3)
    following = graph.ok("me/published_posts", limit=2)["paging"]["next"]
    assert ask(following, token=graph.token).json["error"]["code"] == 210


def test_positions_shift_when_comments_come_and_go(graph: Graph) -> None:
    """A removal before the cursor hides one from the crawl; keys of posts do not shift."""
    post, made = comments(graph, 6)
    first = graph.ok(f"{post.id}/comments", limit=3)
    assert first["paging"]["cursors"]["after"] == "MgZDZD"
    graph.city.meta.delete(made[0])
    second = graph.ok(f"{post.id}/comments", limit=3, after="MgZDZD")
    assert [one["message"] for one in second["data"]] == ["Comment 4", "Comment 5"]
    many = posts(graph, 6)
    cursor = graph.ok("me/published_posts", limit=3)["paging"]["cursors"]["after"]
    graph.city.meta.delete(many[-1])
    assert graph.ok("me/published_posts", limit=1, after=cursor)["data"][0]["id"] == many[2].id


def test_cursors_that_die(graph: Graph) -> None:
    """When switched on, a cursor whose post was removed is refused; garbage always is."""
    many = posts(graph, 6)
    cursor = graph.ok("me/published_posts", limit=3)["paging"]["cursors"]["after"]
    graph.city.meta.delete(many[3])
    assert graph.ok("me/published_posts", limit=1, after=cursor)["data"][0]["id"] == many[2].id
    graph.city.facebook.api.quirks.dying_cursors = True
    assert graph.error("me/published_posts", after=cursor)["code"] == 100
    assert graph.error("me/published_posts", after="&&")["code"] == 100


def test_a_loop(graph: Graph) -> None:
    """The same ``after`` again and again, with ``next``."""
    posts(graph, 9)
    graph.city.facebook.api.quirks.looping = {"published_posts"}
    first = graph.ok("me/published_posts", limit=2)["paging"]["cursors"]["after"]
    second = graph.ok("me/published_posts", limit=2, after=first)
    assert second["paging"]["cursors"]["after"] == first
    assert "next" in second["paging"]


def test_cursors_without_next(graph: Graph) -> None:
    """Although there is more."""
    posts(graph, 9)
    graph.city.facebook.api.quirks.without_next = {"published_posts"}
    paging = graph.ok("me/published_posts", limit=2)["paging"]
    assert paging.keys() == {"cursors"}


def test_paged_by_time(graph: Graph) -> None:
    """``until`` and a token in place of cursors, with empty parameters beside them."""
    made = posts(graph, 5)
    graph.city.facebook.api.quirks.timed = {"feed"}
    graph.city.facebook.api.quirks.holes = {}
    answer = graph.ok("me/feed", limit=2)
    assert "cursors" not in answer["paging"]
    query = parse_qs(urlsplit(answer["paging"]["next"]).query, keep_blank_values=True)
    assert query["since"] == [""]
    rest = ask(answer["paging"]["next"]).json["data"]
    assert [one["id"] for one in answer["data"] + rest] == [post.id for post in reversed(made[1:])]


def test_since_and_until(graph: Graph) -> None:
    """Unix seconds or a day; nonsense is refused."""
    made = posts(graph, 30)
    middle = made[15].created_at
    found = graph.ok("me/published_posts", limit=100, since=int(middle.timestamp()))["data"]
    assert len(found) == 15
    assert len(graph.ok("me/published_posts", limit=100, until=middle.strftime("%Y-%m-%d"))["data"]) == 16
    assert graph.error("me/published_posts", since="yesterday-ish")["code"] == 100


def test_nested_pages_have_links_of_their_own(graph: Graph) -> None:
    """Comments inside posts go on below the post."""
    post, made = comments(graph, 5)
    nested = graph.ok("me/published_posts", fields="comments.limit(2).filter(stream){message}")["data"][0]["comments"]
    assert len(nested["data"]) == 2
    following = urlsplit(nested["paging"]["next"])
    assert following.path == f"/v26.0/{post.id}/comments"
    assert parse_qs(following.query)["fields"] == ["message"]
    assert [one["message"] for one in ask(nested["paging"]["next"]).json["data"]] == [made[2].text, made[3].text]


def test_too_much_at_once(graph: Graph) -> None:
    """Entries times fields: halving the page helps, and so do fewer fields."""
    posts(graph, 40)
    graph.city.facebook.api.quirks.heaviest = 200
    fields = "id,message,created_time,permalink_url"
    assert graph.get("me/published_posts", limit=100, fields=fields).status == 500
    assert graph.get("me/published_posts", limit=50, fields=fields).status == 200
    assert graph.get("me/published_posts", limit=100, fields="id,message").status == 200
    assert graph.get("me/published_posts", limit=50, fields=f"{fields},comments.limit(50){{id}}").status == 500
