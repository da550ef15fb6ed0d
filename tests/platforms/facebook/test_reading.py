"""Reading as a whole: by calls, tolerant of what nobody knows, and of the page and its messages."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.domain.item import Cause, Form, Metrics, State
from archiver.domain.observation import AccountSeen, GoneSeen, ItemSeen, Observation
from archiver.errors import ShapeChanged
from archiver.platforms.facebook.asked import BARE, PHOTO, PROBE
from archiver.platforms.facebook.asked import PAGE as PAGE_FIELDS
from archiver.platforms.facebook.asked import POST as POST_FIELDS
from archiver.platforms.facebook.ids import Names
from archiver.platforms.facebook.reading import read
from tests.platforms.facebook.answers import (
    CDN,
    COMMENT,
    NAMES,
    PAGE,
    PAT,
    POST,
    WHOLE,
    album,
    comment,
    exchange,
    link,
    listing,
    picture,
    post,
    pushed,
    record,
    records,
    shown,
)
from tests.platforms.facebook.test_media import event, photo, video
from tests.platforms.facebook.test_posts import differs

ANSWERS: list[tuple[str, Any]] = [
    (f"{PAGE}/published_posts", listing(post(attachments=album(picture("1"), picture("2")), comments={"data": [comment()]}))),
    (f"{PAGE}/feed", listing(post(parent_id="1_2", attachments=link()))),
    (f"{WHOLE}/comments", listing(comment(attachment=picture("3"), parent={"id": f"{POST}_7", "from": PAT}))),
    (f"{PAGE}/video_reels", listing(video())),
    ("900000000000009/photos", listing(photo())),
    (f"{PAGE}/events", listing(event())),
    (f"{PAGE}?fields={PAGE_FIELDS.text}", {"id": PAGE, "name": "City", "about": "A", "hours": {"mon_1_open": "1"}}),
    ("t_1/messages", listing({"id": "m_1", "message": "Hi", "from": PAT, "attachments": {"data": [{"id": "1"}]}})),
]  # fmt: skip
DELIVERY = {"item": "comment", "verb": "add", "comment_id": "1_2", "post_id": WHOLE, "from": PAT, "message": "a"}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just("https://[x/"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside a body."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] + [place for name, one in inside for place in places_in(one, (*path, name))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A body with another value at one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


def with_unknown_fields(value: Any, junk: Any) -> Any:
    """A body with a field more in every object."""
    if isinstance(value, dict):
        return {name: with_unknown_fields(one, junk) for name, one in value.items()} | {"a_new_field": junk}
    return [with_unknown_fields(one, junk) for one in value] if isinstance(value, list) else value


@given(which=st.sampled_from(ANSWERS), junk=JUNK)
def test_fields_that_nobody_knows_change_nothing(which: tuple[str, Any], junk: Any) -> None:
    """In any object of an answer, with any value."""
    path, answer = which
    assert shown(path, with_unknown_fields(answer, junk)) == shown(path, answer)


@settings(max_examples=300)
@given(data=st.data())
def test_a_value_of_another_type_never_stops_the_reading(data: st.DataObject) -> None:
    """It counts as not returned; only a wrong shape of the whole answer is an error."""
    path, answer = data.draw(st.sampled_from(ANSWERS))
    place = data.draw(st.sampled_from(places_in(answer)))
    try:
        seen = shown(path, changed(answer, place, data.draw(JUNK)))
    except ShapeChanged:
        assert len(place) <= 1
    else:
        assert all(isinstance(one, Observation) for one in seen)


@settings(max_examples=200)
@given(data=st.data())
def test_a_delivery_with_any_value_is_read(data: st.DataObject) -> None:
    """Whoever can sign deliveries can send anything."""
    change = {"field": "feed", "value": DELIVERY}
    place = data.draw(st.sampled_from(places_in(change)))
    delivery = pushed(changed(change, place, data.draw(JUNK)))
    assert all(isinstance(one, Observation) for one in read(NAMES, delivery))


@pytest.mark.parametrize("status", [400, 404, 500, 200])
def test_errors_show_nothing(status: int) -> None:
    """Wherever they come, with whatever status: in a poll even "not there" does not."""
    error = {
        "error": {
            "message": "Unsupported get request.",
            "type": "GraphMethodException",
            "code": 100,
            "error_subcode": 33,
        }
    }
    assert shown(f"{WHOLE}?fields={POST_FIELDS.text}", error, status=status) == []


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        (f"{WHOLE}?fields={POST_FIELDS.text}", f"facebook:{WHOLE}"),
        (f"{POST}_{COMMENT}?fields=id,comment_count,like_count,is_hidden", f"facebook:{POST}_{COMMENT}"),
        (f"{PAGE}?fields={PROBE.text}", None),
        (f"{PAGE}/published_posts", None),
    ],
)
def test_only_a_confirmation_takes_the_platforms_word_for_it(path: str, gone: str | None) -> None:
    """About the one id that was asked for, never about the page or a list."""
    words = "Unsupported get request. Object with ID '1' does not exist"
    error = {"error": {"message": words, "code": 100, "error_subcode": 33}}
    seen = shown(path, error, status=400, task_kind="confirm", subject=gone)
    assert seen == ([GoneSeen(NAMES.thing(gone.removeprefix("facebook:")), f"100/33 {words}")] if gone else [])


def test_a_bare_look_confirms_that_something_is_there() -> None:
    """It says nothing of what it is, so nothing of it changes."""
    path = f"910000000000301?fields={BARE.text}"
    (seen,) = shown(path, {"id": "910000000000301", "created_time": "2026-11-03T14:05:11+0000"}, task_kind="confirm")
    assert isinstance(seen, ItemSeen)
    assert (seen.key, seen.body.text, seen.body.attachments) == ("facebook:910000000000301", None, None)
    assert shown(path, {"id": "910000000000301"}) == []


def test_an_answer_that_is_none_is_a_changed_shape() -> None:
    """A list without entries, a body that is no object."""
    for path, answer in ((f"{PAGE}/feed", {"x": 1}), (f"{PAGE}/feed", []), (f"{WHOLE}?fields={POST_FIELDS.text}", [])):
        with pytest.raises(ShapeChanged):
            shown(path, answer)


@pytest.mark.parametrize("path", ["debug_token?input_token=x", "me/accounts", "oauth/access_token", ""])
def test_calls_about_the_token_show_no_records(path: str) -> None:
    """They inform the adapter."""
    assert [one for one in shown(path, {"data": [{"id": "1", "access_token": "x"}]}) if isinstance(one, ItemSeen)] == []


def test_media_are_not_read() -> None:
    """They are bytes."""
    from archiver.domain.exchange import Purpose

    assert list(read(NAMES, replace(exchange(f"{PAGE}/feed", listing(post())), purpose=Purpose.MEDIA))) == []


def test_any_version_and_any_server_is_read_alike() -> None:
    """The path tells the call; parameters that the client adds are passed over."""
    one = exchange(f"{PAGE}/published_posts", listing(post()))
    for url in (
        f"https://graph.facebook.com/{PAGE}/published_posts",
        f"http://127.0.0.1:8080/gateway/v19.0/{PAGE}/published_posts?appsecret_proof=%5Bremoved%5D&limit=3",
    ):
        assert list(read(NAMES, replace(one, url=url))) == list(read(NAMES, one))


def page(**more: Any) -> dict[str, Any]:
    """The page itself."""
    return {
        "id": PAGE, "name": "City of Elmbrook", "username": "ElmbrookCity", "about": "The city.", "bio": "The city.",
        "description": "All of it.", "phone": "555-0100", "website": "https://elmbrook.example",
        "emails": ["clerk@elmbrook.example"], "fan_count": 100, "is_published": True,
        "hours": {"mon_1_open": "08:00", "mon_1_close": "16:30"}, "link": "https://www.facebook.com/ElmbrookCity",
        "picture": {"data": {"url": f"{CDN}/p_n.jpg?oh=1&oe=2", "is_silhouette": False}},
        "cover": {"cover_id": "900000000000077", "source": f"{CDN}/c_n.jpg?oh=1"},
    } | more  # fmt: skip


PROFILE = f"{PAGE}?fields={PAGE_FIELDS.text}"


def test_the_page_is_an_account_and_a_record() -> None:
    """Its words, a line for each of its facts, its pictures by names that stay."""
    account, profile = shown(PROFILE, page())
    assert account == AccountSeen(PAGE, "ElmbrookCity", "City of Elmbrook")
    assert isinstance(profile, ItemSeen)
    assert (profile.form, profile.key, profile.state) == (Form.PROFILE, f"facebook:{PAGE}", State.LIVE)
    assert profile.body.text == (
        "The city.\n\nAll of it.\n\nPhone: 555-0100\nWebsite: https://elmbrook.example\nEmail: clerk@elmbrook.example\n"
        "Hours mon: 08:00 to 16:30"
    )
    assert [one.source for one in profile.body.attachments or ()] == [
        "facebook:file:p_n.jpg", "facebook:photo:900000000000077",
    ]  # fmt: skip
    assert profile.metrics == Metrics(likes=100)


def test_what_changes_on_a_page_by_itself_is_no_version() -> None:
    """Counts and addresses; but a new word, number or picture is."""
    before = record(PROFILE, page()).body
    again = page(fan_count=101, picture={"data": {"url": f"{CDN}/p_n.jpg?oh=9&oe=3"}})
    assert not differs(before, record(PROFILE, again).body)
    for change in ({"about": "Another."}, {"phone": "1"}, {"picture": {"data": {"url": f"{CDN}/q_n.jpg?oh=1"}}}):
        assert differs(before, record(PROFILE, page(**change)).body)


@pytest.mark.parametrize("kept", [(), ("about",), ("about", "bio", "description"), ("picture", "link")])
def test_what_a_lost_scope_leaves_out_of_a_page_was_not_emptied(kept: tuple[str, ...]) -> None:
    """The answer does not even say whether the page is published: words, links, pictures and state hold as known."""
    before = record(PROFILE, page())
    less = {name: value for name, value in page().items() if name in {"id", "name", "username", "fan_count", *kept}}
    seen = record(PROFILE, less)
    assert not differs(before.body, seen.body)
    assert seen.state is None


def test_a_fact_that_was_emptied_is_an_edit_where_all_is_shown() -> None:
    """Sent empty, or left out as Facebook does with most that is empty."""
    before = record(PROFILE, page()).body
    without = {name: value for name, value in page().items() if name != "description"}
    assert differs(before, record(PROFILE, without).body)
    assert differs(before, record(PROFILE, page(description="")).body)


def test_an_unpublished_page_is_hidden_by_its_owner() -> None:
    """Nobody else can."""
    seen = record(PROFILE, page(is_published=False))
    assert (seen.state, seen.cause) == (State.HIDDEN, Cause.OWNER_PRIVATE)


def test_other_pages_are_not_this_account() -> None:
    """Unless it was the profile task that asked, by the page's id, after the page was renamed."""
    names = Names.of(Account("city", "facebook", "OldName"))
    assert list(read(names, exchange(PROFILE, page()))) == []
    assert len(list(read(names, exchange(PROFILE, page(), task_kind="profile")))) == 2


def test_a_probe_of_the_page_renames_nobody() -> None:
    """Where it has no name in addresses, the profile alone says who it is."""
    path = f"{PAGE}?fields={PROBE.text}"
    assert shown(path, {"id": PAGE, "is_published": True}) == []
    named = shown(path, {"id": PAGE, "is_published": True, "username": "ElmbrookCity"})
    assert named == [AccountSeen(PAGE, "ElmbrookCity")]


def test_messages_are_private_and_in_their_conversations_thread() -> None:
    """With files and what was shared; one of which only the id is told says nothing."""
    files = {"data": [
        {"id": "65", "mime_type": "image/jpeg", "name": "a.jpg", "size": None, "image_data": {"url": f"{CDN}/a.jpg?oh=1",
                                                                                            "width": 3, "height": 4}},
        {"id": "66", "mime_type": "application/pdf", "name": "b.pdf", "file_url": "https://cdn.fbsbx.com/b.pdf?oh=2"},
        {"id": "67", "name": "Media not available due to new privacy rules in Europe."},
    ]}  # fmt: skip
    shares = {"data": [{"link": "https://elmbrook.example/x", "name": "X"}]}
    whole = {"id": "m_1", "created_time": "2026-11-03T15:00:00+0000", "from": PAT, "message": "Hi", "attachments": files,
             "shares": shares}  # fmt: skip
    (seen,) = records("t_9/messages", listing(whole, {"id": "m_0"}))
    assert (seen.form, seen.key, seen.thread) == (Form.MESSAGE, "facebook:m_1", "facebook:t_9")
    assert (seen.body.visibility, seen.body.text) == ("private", "Hi")
    assert [(one.kind, one.source, one.mime) for one in seen.body.attachments or ()] == [
        ("image", "facebook:file:65", "image/jpeg"), ("file", "facebook:file:66", "application/pdf"),
    ]  # fmt: skip
    assert [(one.url, one.title) for one in seen.body.links or ()] == [("https://elmbrook.example/x", "X")]
    inside = {"data": [{"id": "t_9", "messages": {"data": [whole]}}]}
    assert [one.key for one in records(f"{PAGE}/conversations", inside)] == ["facebook:m_1"]


def test_one_thing_read_by_itself_is_what_the_list_showed() -> None:
    """Post, photo: only the pointer differs, and that a list of the page's own names its author."""
    pairs = [
        (f"{WHOLE}?fields={POST_FIELDS.text}", post(), f"{PAGE}/published_posts"),
        (f"910000000000301?fields={PHOTO.text}", photo(), "900000000000009/photos"),
    ]
    for path, one, edge in pairs:
        alone, listed = record(path, one), record(edge, listing(one))
        assert replace(listed, pointer="") == replace(alone, pointer="")


def test_bodies_are_what_was_sent() -> None:
    """Escaped slashes and letters are decoded once, by JSON; nothing is trimmed, nothing decoded further."""
    words = " \u00e4 &amp; <b> \\/ \U0001f343\n\n"
    seen = record(f"{PAGE}/feed", json.loads(json.dumps(listing(post(message=words)))))
    assert seen.body.text == words
