"""Comments: at every depth, hidden, private, counted and not listed, without a name; and silent emptiness."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.sandbox.images import picture
from archiver.sandbox.meta.model import Thing
from tests.sandbox.meta.conftest import Graph


@pytest.fixture
def thread(graph: Graph) -> dict[str, Thing]:
    """A post, a comment, a reply of the page, and an answer to that, a minute apart."""
    at = graph.city.world.now() - timedelta(hours=1)
    post = graph.pages.post(graph.page, "Leaf pick-up starts Monday.", at=at)
    first = graph.pages.comment(graph.resident(0), post, "What about Oak?", at=at + timedelta(minutes=1))
    reply = graph.pages.comment(graph.page, first, "Tuesday.", at=at + timedelta(minutes=2))
    third = graph.pages.comment(graph.resident(1), reply, "Thanks", at=at + timedelta(minutes=3))
    second = graph.pages.comment(graph.resident(1), post, "First!", at=at + timedelta(minutes=4))
    return {"post": post, "first": first, "reply": reply, "third": third, "second": second}


def messages(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    """The texts of a list."""
    return [one["message"] for one in answer["data"]]


def test_levels(graph: Graph, thread: dict[str, Thing]) -> None:
    """The first level by default, all with ``stream``; replies below their comment."""
    path = f"{thread['post'].id}/comments"
    assert messages(graph.ok(path)) == ["What about Oak?", "First!"]
    assert messages(graph.ok(path, order="reverse_chronological")) == ["First!", "What about Oak?"]
    assert messages(graph.ok(path, filter="stream")) == ["What about Oak?", "Tuesday.", "Thanks", "First!"]
    assert messages(graph.ok(f"{thread['first'].id}/comments")) == ["Tuesday."]
    assert graph.error(path, filter="everything")["code"] == 100


def test_who_answers_whom(graph: Graph, thread: dict[str, Thing]) -> None:
    """``parent`` on replies only; permanent links name the first level and the reply."""
    told = graph.ok(f"{thread['post'].id}/comments", filter="stream", fields="parent{id},permalink_url,comment_count")
    assert [one.get("parent", {}).get("id") for one in told["data"]] == [
        None,
        thread["first"].id,
        thread["reply"].id,
        None,
    ]
    assert told["data"][2]["permalink_url"].endswith(
        f"?comment_id={thread['first'].number_of}&reply_comment_id={thread['third'].number_of}"
    )
    assert [one["comment_count"] for one in told["data"]] == [1, 1, 0, 0]


def test_more_are_counted_than_listed(graph: Graph, thread: dict[str, Thing]) -> None:
    """Hidden and private ones are listed for the page; filtered and removed ones are only counted."""
    graph.city.meta.hide(thread["first"])
    thread["third"].private = True
    thread["second"].unlisted = True
    graph.city.meta.delete(thread["third"])
    told = graph.ok(f"{thread['post'].id}/comments", filter="stream", summary="true", fields="is_hidden,message")
    assert [(one["message"], one["is_hidden"]) for one in told["data"]] == [
        ("What about Oak?", True),
        ("Tuesday.", False),
    ]
    assert told["summary"] == {"order": "chronological", "total_count": 4, "can_comment": True}
    assert graph.error(thread["second"].id)["error_subcode"] == 33
    graph.city.meta.unhide(thread["first"])
    assert graph.ok(thread["first"].id, fields="is_hidden")["is_hidden"] is False


def test_comments_without_a_name(graph: Graph, thread: dict[str, Thing]) -> None:
    """Some always, all of those of people without the scope; the page's own keep theirs."""
    thread["first"].nameless = True
    path, fields = f"{thread['post'].id}/comments", "from,message"
    told = graph.ok(path, filter="stream", fields=fields)["data"]
    assert ["from" in one for one in told] == [False, True, True, True]
    graph.city.facebook.api.quirks.nameless = True
    told = graph.ok(path, filter="stream", fields=fields)["data"]
    assert [one.get("from", {}).get("id") for one in told] == [None, graph.page.id, None, None]


def test_a_picture_without_words(graph: Graph, thread: dict[str, Thing]) -> None:
    """Empty text, and one attachment."""
    comment = graph.pages.comment(graph.resident(), thread["post"], "", pictures=[picture(3, None)])
    told = graph.ok(comment.id, fields="message,attachment")
    assert told["message"] == ""
    assert told["attachment"]["type"] == "photo"
    assert told["attachment"]["media"]["image"]["src"].startswith(graph.city.facebook.base_url)


def test_named_people_are_marked_by_code_points(graph: Graph, thread: dict[str, Thing]) -> None:
    """Offsets count code points, not UTF-16."""
    name = graph.resident().profile.display_name
    comment = graph.pages.comment(graph.page, thread["first"], f"👍 {name} yes", mentions=[graph.resident()])
    (tag,) = graph.ok(comment.id, fields="message_tags")["message_tags"]
    assert (tag["offset"], tag["length"], tag["type"]) == (2, len(name), "user")


@pytest.mark.parametrize("case", ["user token", "missing scope", "quirk"])
def test_silent_emptiness(graph: Graph, thread: dict[str, Thing], case: str) -> None:
    """HTTP 200, no data, and a total that says otherwise."""
    token = graph.token
    if case == "user token":
        token = graph.city.facebook.api.login("Ann", graph.page).value
    elif case == "missing scope":
        known = graph.tokens.known(token)
        assert known is not None
        known.scopes.discard("pages_read_user_content")
    else:
        graph.city.facebook.api.quirks.silent.add("comments")
    answer = graph.get(f"{thread['post'].id}/comments", token=token, filter="stream", summary="true")
    assert (answer.status, answer.json["data"]) == (200, [])
    assert answer.json["summary"]["total_count"] == 4


def test_a_user_token_on_a_new_page(graph: Graph, thread: dict[str, Thing]) -> None:
    """Where it is not silent, it is 190 with a subcode of its own."""
    graph.city.facebook.api.quirks.strict_user_token = True
    token = graph.city.facebook.api.login("Ann", graph.page).value
    error = graph.error(f"{thread['post'].id}/comments", token=token)
    assert (error["code"], error["error_subcode"]) == (190, 2069032)


def test_replies_by_expansion(graph: Graph, thread: dict[str, Thing]) -> None:
    """Levels inside one another, each with its own paging."""
    fields = "message,comments.limit(1){message,comments{message}}"
    first = graph.ok(f"{thread['post'].id}/comments", fields=fields)["data"][0]
    assert first["comments"]["data"][0]["comments"]["data"][0]["message"] == "Thanks"
    assert "cursors" in first["comments"]["paging"]
