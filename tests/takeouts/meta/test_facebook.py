"""A Facebook page's download: posts, comments, albums and messages, with texts as they were written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.item import Form
from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.takeouts.keys import is_made
from archiver.takeouts.meta.facebook import FacebookDownload
from archiver.takeouts.protocol import Entry, NotUnderstood
from tests.takeouts.memory import InMemory, broken
from tests.takeouts.recorded import recorded

READER = FacebookDownload()
PAGE = Account("page", "facebook", "ExamplePD")
TALKING = Account("page", "facebook", "ExamplePD", messages=True)
ROOT = "this_profile's_activity_across_facebook"
POSTS = f"{ROOT}/posts/profile_posts_1.json"


def shown(files: dict[str, Any] | InMemory, account: Account = PAGE) -> list[ItemSeen]:
    """The items that a download shows."""
    return [one.shown for one in read(files, account) if isinstance(one, Entry) and isinstance(one.shown, ItemSeen)]


def read(files: dict[str, Any] | InMemory, account: Account = PAGE) -> list[Entry | NotUnderstood]:
    """Everything that a download shows."""
    download = files if isinstance(files, InMemory) else InMemory(files)
    found = list(READER.read(download, account))
    assert found == list(READER.read(download, account)), "the order must not change"
    return found


def post(**fields: Any) -> dict[str, Any]:
    """A post of the second that the sheet's example has."""
    return {"timestamp": 1794751200, "data": [{"post": "Hello"}], **fields}


def media(*uris: str, description: str = "") -> list[dict[str, Any]]:
    """The attachments of a post with pictures."""
    return [{"data": [{"media": {"uri": uri, "creation_timestamp": 1, "description": description}} for uri in uris]}]


def test_the_recorded_download() -> None:
    """The recorded page download gives its posts, its comment and, where they are wanted, its messages."""
    files = recorded("facebook-page/handwritten")
    assert READER.recognizes(files)
    leaves, jobs, comment = shown(files)
    assert leaves.body.text == "Leaf collection starts Monday – see the map 🍁"
    assert leaves.created_at == datetime(2026, 11, 15, 14, 0, tzinfo=UTC)
    assert leaves.body.edited_at == datetime(2026, 11, 15, 15, 0, tzinfo=UTC)
    assert [one.kind for one in leaves.body.attachments or ()] == ["image"]
    assert jobs.body.text == "Join us. Ask Exampleton HR"
    assert [(one.url, one.title) for one in jobs.body.links or ()] == [
        ("https://exampleton.example/jobs", "We are hiring")
    ]
    assert comment.body.text == "Yes – pickup is free."
    assert comment.parent == comment.thread != comment.key
    assert [type(one) for one in read(files)].count(NotUnderstood) == 1
    spoken = [one for one in shown(files, TALKING) if one.form is Form.MESSAGE]
    assert [(one.author.display_name if one.author else "", one.body.text) for one in spoken] == [
        ("City of Exampleton", "The office opens at 8."),
        ("Rowan Resident", "Merci ! À quelle heure ?"),
    ]
    assert spoken[0].thread == spoken[1].thread
    assert spoken[1].metrics is not None
    assert spoken[1].metrics.reactions == (("👍", 1),)


TEXTS: dict[str, tuple[dict[str, Any], str | None]] = {
    "a text": (post(), "Hello"),
    "no text": (post(data=[]), None),
    "an empty text": (post(data=[{"post": ""}]), ""),
    "broken text": (post(data=[{"post": broken("Grüße – 🍁")}]), "Grüße – 🍁"),
    "text that is right already": (post(data=[{"post": "Grüße – 🍁"}]), "Grüße – 🍁"),
    "a mention": (post(data=[{"post": "Ask @[274:Jo] or @[9:2048:Al]"}]), "Ask Jo or Al"),
    "the words of its only picture": (post(data=[], attachments=media("a.jpg", description="Map")), "Map"),
    "the words of one of several": (post(data=[], attachments=media("a.jpg", "b.jpg", description="Map")), None),
    "words that hang on it": (post(data=[], attachments=[{"data": [{"text": "Note"}]}]), "Note"),
}


@pytest.mark.parametrize(("entry", "text"), TEXTS.values(), ids=TEXTS)
def test_texts(entry: dict[str, Any], text: str | None) -> None:
    """What a reader of the post saw is its text; absent is not empty."""
    (found,) = shown({POSTS: [{"timestamp": 1, "data": [{"post": "first"}]}, entry]})[1:]
    assert found.body.text == text


def test_pictures_have_their_files() -> None:
    """Each picture names the file of the download that holds it; what lies on the web names none."""
    entry = post(attachments=media(f"{ROOT}/posts/media/a.jpg", "https://cdn.example/b.mp4", broken("ü.mp4")))
    (found,) = read({POSTS: [entry]})
    assert isinstance(found, Entry)
    assert [path for _identity, path in found.files] == [f"{ROOT}/posts/media/a.jpg", "ü.mp4"]
    assert not found.sure


def test_polls_and_events() -> None:
    """A poll has its options, an event its name."""
    poll = {"poll": {"question": "?", "options": [{"option": "A", "voted": False}, {"option": "B"}]}}
    event = {"event": {"name": "Open house", "start_timestamp": 1794751200}}
    entry = post(data=[], attachments=[{"data": [poll]}, {"data": [event]}])
    (found,) = shown({POSTS: [entry]})
    assert [one.title for one in (found.body.poll.options if found.body.poll else ())] == ["A", "B"]
    assert found.body.text == "Open house"


def test_keys_last_from_download_to_download() -> None:
    """A later download with other posts around and an edited text gives the same thing the same key."""
    (before,) = shown({POSTS: [post()]})
    _newer, after = shown(
        {"your_facebook_activity/posts/x_1.json": [post(timestamp=9), post(data=[{"post": "Changed"}])]}
    )
    assert after.key == before.key
    assert is_made(after.key)
    twins = shown({POSTS: [post(), post()]})
    assert twins[0].key == before.key
    assert twins[0].key != twins[1].key
    assert shown({POSTS: [post()]}, Account("other", "facebook", "x"))[0].key != before.key


def test_albums_tell_only_what_no_post_shows() -> None:
    """A picture that a post shows is no record of its own."""
    album = {"name": "Bridge", "photos": [{"uri": "a.jpg", "creation_timestamp": 5, "description": "A"},
                                          {"uri": "b.jpg", "creation_timestamp": 6, "description": "B"}]}  # fmt: skip
    files = {POSTS: [post(attachments=media("a.jpg"))], f"{ROOT}/posts/album/0.json": album}
    assert [one.body.text for one in shown(files)] == ["Hello", "B"]


def test_unsent_messages_are_gone() -> None:
    """A message that was unsent has that as its proof."""
    conversation = {
        "participants": [{"name": "A"}],
        "messages": [{"sender_name": "A", "timestamp_ms": 1794756000123, "is_unsent": True}],
        "title": "A",
    }
    first, second = read({f"{ROOT}/messages/inbox/a_1/message_1.json": conversation}, TALKING)
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert isinstance(second.shown, GoneSeen)
    assert second.shown.key == first.shown.key
    assert "unsent" in second.shown.basis


ODD: dict[str, Any] = {
    "a file cut in the middle": b'[{"timestamp": 1794751200, "data": [{"post": "Hello"}]}, {"timestamp": 17',
    "a post without a time": [post(), {"data": [{"post": "x"}]}],
    "a post that is no object": [post(), 7],
    "a post with a text for a time": [post(), post(timestamp="soon")],
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_what_is_not_understood_is_said(value: Any) -> None:
    """The post before is read, and of the rest is told that it was not."""
    first, second = read({POSTS: value})
    assert isinstance(first, Entry)
    assert isinstance(second, NotUnderstood)
    assert second.path == POSTS


def test_strange_files_are_left_alone() -> None:
    """Likes, followers and settings are no records, empty lists are none, and nothing of them stops the rest."""
    likes = [{"timestamp": 5, "data": [{"reaction": {"reaction": "LIKE", "actor": "A"}}], "title": "A likes"}]
    files = {
        f"{ROOT}/comments_and_reactions/likes_and_reactions_1.json": likes,
        f"{ROOT}/comments_and_reactions/comments.json": {"comments_v2": []},
        f"{ROOT}/posts/profile_posts_2.json": [],
        "connections/followers/people_who_followed_you.json": {"followers_v3": [{"name": "A", "timestamp": 1}]},
        "unknown/new.json": {"x": 1},
        "broken.json": b"\xff\x00{",
        POSTS: b"\xef\xbb\xbf" + b'[{"timestamp": 1794751200, "data": [{"post": "Hello"}]}]',
    }
    assert [one.body.text for one in shown(files)] == ["Hello"]


@pytest.mark.parametrize(
    "path",
    [
        POSTS,
        "posts/page_posts_1.json",
        "posts/your_posts_1.json",
        "your_facebook_activity/posts/your_posts__check_ins__photos_and_videos_1.json",
    ],
)
def test_layouts_of_all_years(path: str) -> None:
    """Pages of today, classic pages and persons have the same posts at other places."""
    files = InMemory({path: [post()]})
    assert READER.recognizes(files)
    assert [one.body.text for one in shown(files)] == ["Hello"]


def test_other_downloads_are_not_taken_for_it() -> None:
    """An Instagram download, an X archive and a folder of pictures are none of Facebook's."""
    for files in (
        {"your_instagram_activity/media/posts_1.json": [{"media": [{"uri": "a.jpg", "creation_timestamp": 5}]}]},
        {"data/tweets.js": b"window.YTD.tweets.part0 = []"},
        {"posts/a.jpg": b""},
        {},
    ):
        assert not READER.recognizes(InMemory(files))
