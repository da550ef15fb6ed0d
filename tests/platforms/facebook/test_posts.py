"""Posts: their words, what hangs on them, who sees them, and what is no edit."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.domain.comparison import compare, stored_facets
from archiver.domain.item import Body, Cause, Form, Metrics, State, facets_of
from archiver.platforms.facebook.asked import POST as FIELDS
from archiver.platforms.facebook.asked import ROOT
from tests.platforms.facebook.answers import (
    CDN,
    PAGE,
    PAT,
    POST,
    WHOLE,
    album,
    body,
    link,
    listing,
    picture,
    post,
    record,
    records,
)

EDGE = f"{PAGE}/published_posts"


def read_post(**more: Any) -> Body:
    """The body of a post that is otherwise all told."""
    return body(EDGE, listing(post(**more)))


def differs(one: Body, other: Body) -> bool:
    """Whether the second sight of a record is an edit."""
    return compare(stored_facets(facets_of(one), one.partial), other).edited


def test_a_post_is_read_with_all_that_is_told() -> None:
    """Key, author, time, words, counts, audience, state and the way back to the proof."""
    seen = record(EDGE, listing(post()))
    assert (seen.key, seen.thread, seen.pointer) == (f"facebook:{WHOLE}", f"facebook:{WHOLE}", "/data/0")
    assert seen.author is not None
    assert (seen.author.native_id, seen.author.display_name) == (PAGE, "City of Elmbrook")
    assert seen.created_at is not None
    assert seen.created_at.isoformat() == "2026-11-03T14:05:11+00:00"
    assert seen.metrics == Metrics(likes=12, replies=4, shares=3)
    assert (seen.state, seen.cause, seen.body.visibility) == (State.LIVE, None, "public")
    assert [one.url for one in seen.body.links or ()] == ["https://elmbrook.example/leaf"]


def test_reactions_are_counted_by_kind() -> None:
    """Each kind under its name; kinds that nobody chose are left out."""
    kinds = {
        kind: {"data": [], "summary": {"total_count": number}}
        for kind, number in (("love", 2), ("like", 9), ("sad", 0))
    }
    seen = record(f"{WHOLE}?fields={ROOT.text}", post() | kinds)
    assert seen.metrics == Metrics(likes=12, replies=4, shares=3, reactions=(("like", 9), ("love", 2)))


def test_what_is_left_out_is_none() -> None:
    """A bare post has no words, not empty ones; a list of the page's own tells who wrote it all the same."""
    seen = record(EDGE, listing({"id": WHOLE, "created_time": "2026-11-03T14:05:11+0000"}))
    assert seen.author is not None
    assert seen.author.native_id == PAGE
    assert (seen.body.text, seen.body.attachments, seen.body.links, seen.state, seen.metrics) == (None,) * 5
    assert record(f"{PAGE}/feed", listing({"id": WHOLE})).author is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"shares": {"count": 3}}, {"shares": {"count": 4}}, id="counts"),
        pytest.param({"updated_time": "1"}, {"updated_time": "2"}, id="the time of the last comment"),
        pytest.param(
            {"attachments": album(picture("1", "a"), picture("2", "a"))},
            {"attachments": album(picture("1", "b"), picture("2", "b"))},
            id="signed addresses of pictures",
        ),
        pytest.param({"attachments": link(signature="a")}, {"attachments": link(signature="b")}, id="the redirect"),
        pytest.param({"full_picture": f"{CDN}/a.jpg?oh=1"}, {"full_picture": f"{CDN}/a.jpg?oh=2"}, id="preview"),
        pytest.param({"attachments": link()}, {}, id="a call that leaves attachments out"),
        pytest.param({}, {"attachments": link()}, id="a call that has attachments"),
        pytest.param({"status_type": None}, {"status_type": "mobile_status_update"}, id="marks"),
        pytest.param({"from": {"id": PAGE, "name": "A"}}, {"from": {"id": PAGE, "name": "B"}}, id="a new name"),
    ],
)  # fmt: skip
def test_what_changes_by_itself_is_no_edit(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Only what somebody changed is."""
    assert not differs(read_post(**one), read_post(**other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"message": "a"}, {"message": "b"}, id="words"),
        pytest.param({"attachments": album(picture("1"), picture("2"))}, {"attachments": album(picture("1"))}, id="photo"),
        pytest.param({"attachments": link()}, {"attachments": link("https://other.example/")}, id="link"),
        pytest.param({}, {"privacy": {"value": "CUSTOM"}}, id="audience"),
    ],
)  # fmt: skip
def test_what_somebody_changed_is_an_edit(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Words, pictures, links and audience."""
    assert differs(read_post(**one), read_post(**other))


def test_a_post_whose_words_were_taken_out_has_none_any_more() -> None:
    """Facebook leaves out an empty message; asked for and left out, it was emptied, where the photo's album is told."""
    wordless = post(attachments=album(picture("1"), picture("2")))
    del wordless["message"]
    asked = body(f"{EDGE}?fields={FIELDS.text}", listing(wordless))
    assert differs(read_post(attachments=album(picture("1"), picture("2"))), asked)
    assert not differs(read_post(attachments=album(picture("1"), picture("2"))), body(EDGE, listing(wordless)))


@pytest.mark.parametrize(
    ("more", "state", "cause"),
    [
        ({}, State.LIVE, None),
        ({"timeline_visibility": "forced_allow"}, State.LIVE, None),
        ({"is_hidden": True}, State.HIDDEN, Cause.BY_CITY),
        ({"timeline_visibility": "hidden"}, State.HIDDEN, Cause.BY_CITY),
        ({"is_published": False}, State.HIDDEN, Cause.OWNER_PRIVATE),
        ({"is_published": False, "scheduled_publish_time": 1793800000}, State.HIDDEN, Cause.OWNER_PRIVATE),
        ({"is_published": False, "is_inline_created": True}, None, None),
        ({"is_expired": True}, State.HIDDEN, None),
        ({"is_hidden": True, "from": PAT}, State.HIDDEN, None),
        ({"is_published": False, "from": PAT}, State.HIDDEN, None),
        ({"is_published": None}, None, None),
    ],
)
def test_states_are_what_the_platform_says_and_causes_what_is_certain(
    more: dict[str, Any], state: State | None, cause: Cause | None
) -> None:
    """Only the page's people hide or unpublish its own posts; who hid somebody else's, nobody says."""
    seen = record(EDGE, listing(post(**more)))
    assert (seen.state, seen.cause) == (state, cause)


def test_a_share_holds_the_words_of_both() -> None:
    """The sharer's first; the original's key is what it shares."""
    original = {"data": [{"type": "native_templates", "description": "Road closed.", "title": "Police"}]}
    seen = record(
        EDGE, listing(post(parent_id="380528198800882_493275620859472", message="See:", attachments=original))
    )
    assert (seen.form, seen.shares) == (Form.SHARE, "facebook:380528198800882_493275620859472")
    assert seen.body.text == "See:\n\nRoad closed."
    alone = read_post(parent_id="380528198800882_493275620859472", message="See:")
    assert not differs(seen.body, alone)
    assert not differs(alone, seen.body)


def test_a_parent_that_is_the_post_itself_makes_no_share() -> None:
    """Some cross-posted things name themselves."""
    assert record(EDGE, listing(post(parent_id=WHOLE))).form is Form.POST


def test_a_list_of_what_names_the_page_makes_mentions() -> None:
    """Wherever the name stands; elsewhere ``message_tags`` say who is named, in both of their shapes."""
    theirs = {"id": "7100000000000001_8", "message": "Thanks, City of Elmbrook", "from": PAT}
    assert record(f"{PAGE}/tagged", listing(theirs)).mentions == {PAGE}
    tags = [{"id": "5", "name": "A", "offset": 0, "length": 1}]
    for shape in (tags, {"0": tags}):
        assert record(f"{PAGE}/feed", listing(theirs | {"message_tags": shape})).mentions == {"5"}
    assert record(f"{PAGE}/feed", listing(theirs | {"message_tags": []})).mentions == frozenset()


def test_a_long_album_is_cut_and_completed_without_an_edit() -> None:
    """Twelve pictures are listed; all of them at the post's attachments."""
    pictures = [picture(str(910000000000400 + number)) for number in range(15)]
    first = read_post(attachments=album(*pictures[:12]))
    whole = record(f"{WHOLE}/attachments", album(*pictures)).body
    assert "attachments" in first.partial
    assert not differs(first, whole)
    assert len(whole.attachments or ()) == 15
    assert not differs(whole, first)


def test_the_one_photo_or_video_of_a_post_is_another_name_of_it() -> None:
    """But not of a post that shows somebody else's, or sets a picture of the page again."""
    one = {"data": [picture("910000000000301")]}
    own = record(EDGE, listing(post(status_type="added_photos", attachments=one)))
    assert set(own.aliases) == {f"facebook:{POST}", "facebook:910000000000301"}
    shared = record(EDGE, listing(post(status_type="shared_story", attachments=one)))
    assert set(shared.aliases) == {f"facebook:{POST}"}
    again = {"data": [picture("910000000000301") | {"type": "profile_media"}]}
    assert set(record(EDGE, listing(post(status_type="added_photos", attachments=again))).aliases) == {
        f"facebook:{POST}"
    }


def test_facebooks_own_line_is_the_title() -> None:
    """But a video's title stands with the video, so that both sights of it agree."""
    assert read_post(story="City of Elmbrook updated its cover photo.").title is not None
    assert read_post(story="City of Elmbrook was live.", status_type="added_video").title is None


def test_comments_inside_a_post_follow_it() -> None:
    """Each with the post as parent, thread and thread's author; an old three-part id is normalised."""
    inside = {"data": [{"id": f"{WHOLE}_555000000000009", "message": "Hi", "from": PAT}]}
    _, comment = records(EDGE, listing(post(comments=inside)))
    assert comment.key == f"facebook:{POST}_555000000000009"
    assert (comment.parent, comment.thread, comment.thread_author) == (f"facebook:{WHOLE}", f"facebook:{WHOLE}", PAGE)
    assert comment.pointer == "/data/0/comments/data/0"


@pytest.mark.parametrize("comments", [[], {"total_count": 3}, {"data": [], "count": 3}, None, 3])
def test_old_shapes_of_comments_are_read(comments: Any) -> None:
    """An empty list in place of an object, a count in place of a summary."""
    assert record(EDGE, listing(post(comments=comments))).key == f"facebook:{WHOLE}"
