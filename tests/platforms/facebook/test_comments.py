"""Comments and replies: their place in the thread, who sees them, and what is no edit."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.domain.item import State
from archiver.platforms.facebook.asked import COMMENT as FIELDS
from tests.platforms.facebook.answers import (
    COMMENT,
    PAGE,
    PAT,
    POST,
    REPLY,
    WHOLE,
    comment,
    listing,
    picture,
    record,
    records,
)
from tests.platforms.facebook.test_posts import differs

EDGE = f"{WHOLE}/comments"
ABOVE = {"id": f"{POST}_{COMMENT}", "message": "What about Oak Street?", "from": PAT}


def test_the_tree_is_that_of_parents() -> None:
    """A comment right below the post, a reply to it, and a reply to that; all in the post's thread."""
    third = comment("555000000000003", parent={"id": f"{POST}_{REPLY}"})
    one, two, three = records(EDGE, listing(comment(), comment(REPLY, parent=ABOVE), third))
    assert [seen.key for seen in (one, two, three)] == [
        f"facebook:{POST}_{COMMENT}", f"facebook:{POST}_{REPLY}", f"facebook:{POST}_555000000000003",
    ]  # fmt: skip
    assert [seen.parent for seen in (one, two, three)] == [f"facebook:{WHOLE}", one.key, two.key]
    assert {seen.thread for seen in (one, two, three)} == {f"facebook:{WHOLE}"}
    assert two.parent_author == PAT["id"]


@pytest.mark.parametrize(
    "parent", [f"{POST}_{COMMENT}", f"{WHOLE}_{COMMENT}", COMMENT], ids=["two parts", "three parts", "bare"]
)
def test_a_parents_id_is_normalised(parent: str) -> None:
    """However it is written."""
    assert record(EDGE, listing(comment(REPLY, parent={"id": parent}))).parent == f"facebook:{POST}_{COMMENT}"


def test_the_link_tells_what_a_reply_stands_below_where_its_parent_is_not_told() -> None:
    """It names the comment at the top, even if that may not be seen any more."""
    where = f"https://www.facebook.com/{PAGE}/posts/{POST}/?comment_id={COMMENT}&reply_comment_id={REPLY}"
    assert record(EDGE, listing(comment(REPLY, permalink_url=where))).parent == f"facebook:{POST}_{COMMENT}"


def test_a_call_without_parents_says_nothing_of_them() -> None:
    """A flat list that was asked for without ``parent`` must not hang replies below the post."""
    seen = record(f"{EDGE}?fields=id,message&filter=stream", listing({"id": f"{POST}_{REPLY}", "message": "a"}))
    assert (seen.parent, seen.thread) == (None, f"facebook:{WHOLE}")
    asked = record(f"{EDGE}?fields={FIELDS.text}", listing({"id": f"{POST}_{REPLY}", "message": "a"}))
    assert asked.parent == f"facebook:{WHOLE}"


@pytest.mark.parametrize(
    ("path", "parent", "thread"),
    [
        pytest.param(f"{POST}_{COMMENT}/comments", f"{POST}_{COMMENT}", POST, id="replies to a comment"),
        pytest.param(f"{WHOLE}/comments", WHOLE, WHOLE, id="comments on a post"),
        pytest.param("1220000000000077/comments", "1220000000000077", "1220000000000077", id="comments on a reel"),
    ],
)
def test_a_list_stands_below_what_it_was_asked_of(path: str, parent: str, thread: str) -> None:
    """Ids of posts and comments look alike: whose number stands first in the entries' ids tells."""
    seen = record(path, listing(comment(REPLY)))
    assert (seen.parent, seen.thread) == (f"facebook:{parent}", f"facebook:{thread}")


def test_a_comment_by_itself_knows_its_thread_by_its_id() -> None:
    """By its first half, which is another name of the post."""
    seen = record(f"{POST}_{COMMENT}?fields={FIELDS.text}", comment())
    assert (seen.parent, seen.thread, seen.aliases) == (
        f"facebook:{POST}",
        f"facebook:{POST}",
        (f"facebook:{COMMENT}",),
    )


def test_replies_inside_a_comment_follow_it() -> None:
    """With the comment as parent, at every depth."""
    deepest = {"data": [comment("555000000000009")]}
    inside = {"data": [comment(REPLY, comments=deepest)]}
    one, two, three = records(EDGE, listing(comment(comments=inside)))
    assert (two.parent, three.parent, three.thread) == (one.key, two.key, f"facebook:{WHOLE}")
    assert three.pointer == "/data/0/comments/data/0/comments/data/0"


def test_who_wrote_a_comment_may_not_be_told() -> None:
    """Then it has no author; its words are kept all the same."""
    nameless = comment()
    del nameless["from"]
    seen = record(EDGE, listing(nameless))
    assert (seen.author, seen.body.text) == (None, "What about Oak Street?")


@pytest.mark.parametrize(("hidden", "state"), [(True, State.HIDDEN), (False, State.LIVE), (None, None)])
def test_a_hidden_comment_is_hidden_by_nobody_knows_whom(hidden: bool | None, state: State | None) -> None:
    """It may have been the city, or Facebook's own filter."""
    seen = record(EDGE, listing(comment(is_hidden=hidden)))
    assert (seen.state, seen.cause) == (state, None)


def test_a_private_comment_is_marked() -> None:
    """Only the page and its author see it."""
    assert record(EDGE, listing(comment(is_private=True))).body.visibility == "private"


def test_a_picture_without_words_is_a_comment_with_an_empty_text() -> None:
    """Its photo has a name that stays, whatever the address."""
    photo = picture("910000000000400")
    seen = record(EDGE, listing(comment(message="", attachment=photo)))
    assert seen.body.text == ""
    assert [one.source for one in seen.body.attachments or ()] == ["facebook:photo:910000000000400"]
    later = record(EDGE, listing(comment(message="", attachment=picture("910000000000400", "2"))))
    assert not differs(seen.body, later.body)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ({"type": "sticker", "target": {"id": "369239263222822"}}, "facebook:sticker:369239263222822"),
        ({"type": "animated_image_share"}, "facebook:file:giphy.gif"),
        ({"type": "photo"}, "facebook:file:giphy.gif"),
        ({"type": "photo", "url": "https://www.facebook.com/x/photos/a.1/910000000000401/"}, "facebook:photo:910000000000401"),
        ({"type": "video_inline", "target": {"id": "77000"}}, "facebook:video:77000"),
    ],
)  # fmt: skip
def test_everything_that_hangs_on_a_comment_has_a_lasting_name(kind: dict[str, Any], name: str) -> None:
    """An id where there is one, else the file's name without the signature."""
    media = {"media": {"image": {"src": "https://external.xx.fbcdn.net/v/giphy.gif?oh=1&oe=2"}}}
    seen = record(EDGE, listing(comment(attachment=media | kind)))
    assert [one.source for one in seen.body.attachments or ()] == [name]


def test_a_preview_that_comes_later_is_no_edit() -> None:
    """Facebook fetches the card of a link after the comment was written."""
    link = {"type": "share", "unshimmed_url": "https://a.example/", "url": "https://l.facebook.com/l.php?u=x&h=1"}
    before = record(EDGE, listing(comment(message="https://a.example/"))).body
    after = record(EDGE, listing(comment(message="https://a.example/", attachment=link))).body
    assert not differs(before, after)
    assert not differs(after, before)


def test_an_edited_comment_differs() -> None:
    """There is no mark of it: only other words."""
    assert differs(record(EDGE, listing(comment())).body, record(EDGE, listing(comment(message="Other"))).body)
