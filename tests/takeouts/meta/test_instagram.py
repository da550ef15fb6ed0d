"""An Instagram account's download: posts, stories, what was put away or deleted, and the account's own comments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.item import Cause, Form, State
from archiver.domain.observation import OWN_ACCOUNT, GoneSeen, ItemSeen
from archiver.takeouts.meta.instagram import InstagramDownload
from archiver.takeouts.protocol import Entry, NotUnderstood
from tests.takeouts.memory import InMemory, broken
from tests.takeouts.recorded import recorded

READER = InstagramDownload()
CITY = Account("city", "instagram", "exampletoncity")
ROOT = "your_instagram_activity"
AT = 1794751200


def read(files: dict[str, Any] | InMemory) -> list[Entry | NotUnderstood]:
    """Everything that a download shows."""
    download = files if isinstance(files, InMemory) else InMemory(files)
    return list(READER.read(download, CITY))


def shown(files: dict[str, Any] | InMemory) -> list[ItemSeen]:
    """The items that it shows."""
    return [one.shown for one in read(files) if isinstance(one, Entry) and isinstance(one.shown, ItemSeen)]


def picture(uri: str = "media/posts/202611/1.jpg", **fields: Any) -> dict[str, Any]:
    """A picture of a post."""
    return {"uri": uri, "creation_timestamp": AT, **fields}


def test_the_recorded_download() -> None:
    """The recorded download names its account and gives its posts, its story and its comment."""
    files = recorded("instagram/handwritten")
    assert READER.recognizes(files)
    assert READER.about(files).handle == "exampletoncity"
    leaves, bridge, story, comment = shown(files)
    assert leaves.body.text == "Leaf zones 🍁"
    assert bridge.body.text == "Two views of the new bridge"
    assert len(bridge.body.attachments or ()) == 2
    assert bridge.created_at == datetime(2026, 11, 14, 14, 0, 1, tzinfo=UTC)
    assert (story.form, story.body.text) == (Form.STORY, "")
    assert [one.kind for one in story.body.attachments or ()] == ["video"]
    assert comment.body.text == "Yes, at 8."
    assert comment.thread_author == OWN_ACCOUNT


POSTS: dict[str, tuple[dict[str, Any], str | None]] = {
    "the words of one picture": ({"media": [picture(title=broken("Grüße"))]}, "Grüße"),
    "words that are right already": ({"media": [picture(title="Grüße")]}, "Grüße"),
    "the words of several": ({"media": [picture(title="x"), picture(title="y")], "title": "Both"}, "Both"),
    "several without words": ({"media": [picture(title="x"), picture(title="y")]}, None),
    "an empty text": ({"media": [picture(title="")]}, ""),
    "no text": ({"media": [picture()]}, None),
}


@pytest.mark.parametrize(("entry", "text"), POSTS.values(), ids=POSTS)
@pytest.mark.parametrize("path", ["content/posts_1.json", f"{ROOT}/content/posts_1.json", f"{ROOT}/media/posts_1.json"])
def test_posts_of_all_years(path: str, entry: dict[str, Any], text: str | None) -> None:
    """The caption is found wherever that year's layout has it."""
    files = InMemory({path: [entry]})
    assert READER.recognizes(files)
    (found,) = shown(files)
    assert found.body.text == text
    assert found.created_at == datetime.fromtimestamp(AT, UTC)


def test_reels_and_archived_and_deleted() -> None:
    """Reels are posts; what was put away is hidden by its owner; what was deleted is gone, with what says so."""
    files = {
        f"{ROOT}/media/reels.json": {"ig_reels_media": [{"media": [picture("media/reels/1.mp4", title="Reel")]}]},
        f"{ROOT}/media/archived_posts.json": {"ig_archived_post_media": [{"media": [picture(title="Old")]}]},
        f"{ROOT}/media/recently_deleted_content.json": {
            "ig_recently_deleted_media": [{"media": [picture(title="Oops")]}]
        },
        f"{ROOT}/media/profile_photos.json": {"ig_profile_picture": [picture("media/profile/1.jpg")]},
    }
    reel, old, oops = shown(files)
    assert (reel.body.text, reel.form) == ("Reel", Form.POST)
    assert (old.state, old.cause) == (State.HIDDEN, Cause.OWNER_PRIVATE)
    gone = read(files)[-1]
    assert isinstance(gone, Entry)
    assert isinstance(gone.shown, GoneSeen)
    assert gone.shown.key == oops.key
    assert "recently_deleted_content.json" in gone.shown.basis


def spoken(comment: str, owner: str, time: str) -> dict[str, Any]:
    """A comment in the layout of before 2025, in some language."""
    fields = {comment: {"value": "Yes"}, owner: {"value": "someone"}, time: {"timestamp": AT}}
    return {"media_list_data": [{"uri": ""}], "string_map_data": fields}


COMMENTS: dict[str, Any] = {
    "English": spoken("Comment", "Media Owner", "Time"),
    "Dutch": spoken("Opmerking", "Media-eigenaar", "Tijd"),
    "French, broken": spoken("Commentaire", broken("Propriétaire du média"), "Heure"),
    "a language that nobody here knows": spoken("Коментар", "Власник", "Час"),
    "in another order": {"string_map_data": {"Time": {"timestamp": AT}, "Media Owner": {"value": "someone"}, "Comment": {"value": "Yes"}}},
    "of 2025": {"timestamp": AT, "label_values": [{"label": "Comment", "value": "Yes"}, {"label": "Media Owner", "value": "someone"}]},
}  # fmt: skip


@pytest.mark.parametrize("entry", COMMENTS.values(), ids=COMMENTS)
@pytest.mark.parametrize("member", [None, "comments_media_comments", "comments_reels_comments"])
def test_comments_in_any_language(entry: dict[str, Any], member: str | None) -> None:
    """The words and the time of a comment are found whatever their fields are called."""
    files = {f"{ROOT}/comments/post_comments_1.json": {member: [entry]} if member else [entry]}
    (found,) = shown(files)
    assert found.body.text == "Yes"
    assert found.created_at == datetime.fromtimestamp(AT, UTC)
    assert found.thread_author is None
    assert found.parent is not None


def test_what_is_not_understood_is_said() -> None:
    """A post without pictures or time and a comment without words are told, and the others are read."""
    files = {
        f"{ROOT}/media/posts_1.json": [{"media": [picture(title="A")]}, {"media": []}, {"media": [{"uri": "b.jpg"}]}],
        f"{ROOT}/comments/post_comments_1.json": {"comments_media_comments": [{"string_map_data": {}}]},
        f"{ROOT}/media/stories.json": b'{"ig_stories": [',
    }
    found = read(files)
    assert [type(one) for one in found] == [Entry, *[NotUnderstood] * 4]


def test_the_name_of_the_account_in_any_language() -> None:
    """The account is named whatever the field is called."""
    profile = {
        "profile_user": [{"string_map_data": {"Naam": {"value": "City of X"}, "Gebruikersnaam": {"value": "city.x"}}}]
    }
    assert READER.about(InMemory({"personal_information/x.json": profile})).handle == "city.x"
    assert READER.about(InMemory({})).handle is None
