"""Photos, albums, videos, reels, broadcasts, events and stories; and that one thing is one record through all sources."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from archiver.domain.item import Form, State
from archiver.domain.observation import AccountSeen, ItemSeen
from tests.platforms.facebook.answers import CDN, CITY, PAGE, comment, listing, picture, post, record, records
from tests.platforms.facebook.test_posts import differs
from tests.services.house import House, built

REEL, REEL_POST, PHOTO = "1220000000000077", "910000000000500", "910000000000301"
WORDS = "Ribbon cutting, see https://elmbrook.example/ribbon"


def video(signature: str = "4", **more: Any) -> dict[str, Any]:
    """A reel as its own lists have it."""
    return {
        "id": REEL,
        "title": "Ribbon",
        "description": WORDS,
        "created_time": "2026-10-30T17:00:00+0000",
        "updated_time": "2026-10-30T17:05:00+0000",
        "length": 31.4,
        "permalink_url": f"/reel/{REEL}/",
        "source": f"https://video-iad3-1.xx.fbcdn.net/o1/v/x.mp4?oh={signature}&oe=692C1A00",
        "from": CITY,
        "post_id": REEL_POST,
        "published": True,
        "status": {"video_status": "ready"},
        "views": 81,
    } | more


def video_post(**more: Any) -> dict[str, Any]:
    """The same as a post."""
    hung = {"media_type": "video", "type": "video_inline", "target": {"id": REEL, "url": f"/reel/{REEL}/"},
            "media": {"image": {"src": f"{CDN}/t.jpg?oh=1"}, "source": "https://video-iad3-1.xx.fbcdn.net/x.mp4?oh=9"},
            "title": "Ribbon", "url": f"https://www.facebook.com/reel/{REEL}/"}  # fmt: skip
    return post(
        id=f"{PAGE}_{REEL_POST}", message=WORDS, status_type="added_video", created_time="2026-10-30T17:00:00+0000",
        attachments={"data": [hung]}, story="City of Elmbrook is live.", **more,
    )  # fmt: skip


def photo(**more: Any) -> dict[str, Any]:
    """A photo by itself."""
    return {
        "id": PHOTO,
        "name": WORDS,
        "created_time": "2026-11-03T14:05:11+0000",
        "from": CITY,
        "link": f"https://www.facebook.com/photo.php?fbid={PHOTO}",
        "images": [
            {"height": 720, "width": 540, "source": f"{CDN}/s_n.jpg?oh=1"},
            {"height": 1440, "width": 1080, "source": f"{CDN}/b_n.jpg?oh=1"},
        ],
        "alt_text": "May be an image of leaves",
        "page_story_id": f"{PAGE}_910000000000321",
    } | more


def photo_post() -> dict[str, Any]:
    """The post that this photo is all of."""
    return post(message=WORDS, status_type="added_photos", attachments={"data": [picture(PHOTO)]})


@pytest.fixture
def city() -> Iterator[House]:
    """A store that knows whose page it is."""
    with TemporaryDirectory() as folder, built(Path(folder) / "house.sqlite") as house:
        house.show(AccountSeen(PAGE, "ElmbrookCity"))
        yield house


REEL_SOURCES = [
    (f"{PAGE}/video_reels", listing(video("1"))),
    (f"{PAGE}/videos", listing(video("2"))),
    (f"{PAGE}/published_posts", listing(video_post())),
    (f"{PAGE}/feed", listing(video_post(is_popular=True))),
]


@pytest.mark.parametrize("order", list(itertools.permutations(REEL_SOURCES)))
def test_a_reel_seen_through_four_sources_is_one_record_with_one_version(city: House, order: Any) -> None:
    """In whatever order they come, twice; its key is that of the source that came first."""
    for path, answer in (*order, *order):
        city.show(*records(path, answer))
    ((key, kind),) = city.rows("SELECT key, kind FROM items")
    assert (key in {f"facebook:{PAGE}_{REEL_POST}", f"facebook:{REEL}"}, kind) == (True, "post")
    assert city.rows("SELECT DISTINCT basis FROM versions WHERE basis NOT IN ('first', 'detail')") == []
    assert city.rows("SELECT title, text FROM versions ORDER BY ordinal DESC LIMIT 1") == [("Ribbon", WORDS)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_photo_and_the_post_that_it_is_all_of_are_one_record(city: House, order: tuple[int, ...]) -> None:
    """Seen as a photo of an album, as a post, and by itself."""
    sources = [
        (f"{PAGE}/published_posts", listing(photo_post())),
        ("900000000000009/photos", listing(photo())),
        (PHOTO, photo(alt_text="Something else")),
    ]
    for place in order:
        city.show(*records(*sources[place]))
    assert city.rows("SELECT count(*) FROM items") == [(1,)]
    assert city.rows("SELECT DISTINCT basis FROM versions WHERE basis NOT IN ('first', 'detail')") == []


def test_comments_below_a_reel_and_below_its_post_are_the_same_comments(city: House) -> None:
    """They stand in the thread of the one record."""
    number = "555000000000001"
    city.show(*records(f"{PAGE}/video_reels", listing(video())))
    city.show(*records(f"{REEL}/comments", listing(comment(number) | {"id": f"{REEL}_{number}"})))
    city.show(*records(f"{PAGE}_{REEL_POST}/comments", listing(comment(number) | {"id": f"{REEL_POST}_{number}"})))
    key = f"facebook:{REEL}"
    assert city.rows("SELECT kind, parent, thread FROM items WHERE parent IS NOT NULL") == [("comment", key, key)]


def test_photos_of_an_album_post_are_apart(city: House) -> None:
    """Each has its words and its comments."""
    several = post(attachments={"data": [{"type": "album", "media_type": "album", "subattachments": {
        "data": [picture(PHOTO), picture("910000000000302")]}}]})  # fmt: skip
    city.show(*records(f"{PAGE}/published_posts", listing(several)))
    city.show(*records("900000000000009/photos", listing(photo())))
    city.show(*records(f"{PHOTO}/comments", listing(comment() | {"id": f"{PHOTO}_555000000000001"})))
    assert city.rows("SELECT thread FROM items WHERE parent IS NOT NULL") == [(f"facebook:{PHOTO}",)]
    assert city.rows("SELECT count(*) FROM items WHERE kind = 'post'") == [(2,)]


def test_a_photo_is_kept_in_its_biggest_size() -> None:
    """Without the description that a machine made of it, which changes with the machine."""
    (one,) = record(PHOTO, photo()).body.attachments or ()
    assert (one.url, one.source, one.width, one.height, one.alt_text) == (
        f"{CDN}/b_n.jpg?oh=1", f"facebook:photo:{PHOTO}", 1080, 1440, None,
    )  # fmt: skip
    (described,) = record(PHOTO, photo(alt_text_custom="Two leaves")).body.attachments or ()
    assert described.alt_text == "Two leaves"


def test_a_photo_that_was_asked_for_its_address_alone_is_no_record() -> None:
    """It may be that of a resident's comment."""
    assert records(f"{PHOTO}?fields=id,images,album,alt_text", photo(), task_kind="media") == []


def test_a_reel_is_named_by_itself() -> None:
    """Its post may be one that can't be asked for; the post's number is another name as soon as it is told."""
    alone = video()
    del alone["post_id"]
    assert record(f"{PAGE}/video_reels", listing(alone)).key == f"facebook:{REEL}"
    told = record(f"{PAGE}/video_reels", listing(video()))
    assert told.key == f"facebook:{REEL}"
    assert set(told.aliases) == {f"facebook:{REEL_POST}"}
    assert told.permalink == f"https://www.facebook.com/reel/{REEL}/"


def test_an_unpublished_video_is_only_marked() -> None:
    """Whether the public sees it, its post says; a video says nothing of being hidden."""
    seen = record(f"{PAGE}/videos", listing(video(published=False, scheduled_publish_time=1793800000)))
    assert (seen.state, seen.body.labels) == (None, ("scheduled",))


def test_a_broadcast_is_the_video_that_it_becomes(city: House) -> None:
    """A live video has an id of its own besides."""
    live = {"id": "10158276101223553", "title": "Ribbon", "description": WORDS, "status": "LIVE",
            "creation_time": "2026-10-30T17:00:00+0000", "video": {"id": REEL}, "from": CITY}  # fmt: skip
    city.show(*records(f"{PAGE}/live_videos", listing(live)))
    city.show(*records(f"{PAGE}/videos", listing(video())))
    city.show(*records(f"{PAGE}/live_videos", listing(live | {"status": "VOD"})))
    assert city.rows("SELECT count(*) FROM items") == [(1,)]
    assert {basis for (basis,) in city.rows("SELECT basis FROM versions")} <= {"first", "detail"}


def test_an_album_has_its_name_and_description() -> None:
    """Counts are none of it."""
    one = {"id": "900000000000009", "name": "Leaves", "description": "2026", "created_time": "2016-08-02T00:39:35+0000"}
    first = record(f"{PAGE}/albums", listing(one | {"count": 3}))
    assert (first.body.title, first.body.text) == ("Leaves", "2026")
    assert first.author is not None
    assert first.author.native_id == PAGE
    assert not differs(first.body, record(f"{PAGE}/albums", listing(one | {"count": 4})).body)


def event(**more: Any) -> dict[str, Any]:
    """An event."""
    return {
        "id": "5971414212932788", "name": "Leaf day", "description": "Bring a rake.", "owner": CITY, "is_draft": False,
        "start_time": "2026-11-23T21:00:00+0800", "end_time": "2026-11-24T00:00:00+0800",
        "place": {"name": "Town hall", "location": {"city": "Elmbrook", "street": "1 Main St"}}, "attending_count": 4,
    } | more  # fmt: skip


def test_an_event_says_when_and_where() -> None:
    """In lines below its description, times as they were given; that one was moved or canceled is an edit."""
    seen = record(f"{PAGE}/events", listing(event()))
    assert seen.body.text == (
        "Bring a rake.\n\nStart: 2026-11-23T21:00:00+0800\nEnd: 2026-11-24T00:00:00+0800\n"
        "Place: Town hall, 1 Main St, Elmbrook"
    )
    assert seen.state is State.LIVE
    for change in ({"start_time": "2026-11-23T20:00:00+0800"}, {"is_canceled": True}, {"place": {"name": "Park"}}):
        assert differs(seen.body, record(f"{PAGE}/events", listing(event(**change))).body)
    assert not differs(seen.body, record(f"{PAGE}/events", listing(event(attending_count=5))).body)


def test_a_story_is_one_with_the_photo_that_it_shows(city: House) -> None:
    """Its photo is asked for by its id; that it was put into the archive after its day is no removal."""
    one = {"post_id": "910000000000600", "status": "PUBLISHED", "creation_time": "1793700000", "media_type": "photo",
           "media_id": "910000000000601", "url": "https://facebook.com/stories/104000000000101/UzpfSVND/"}  # fmt: skip
    seen = record(f"{PAGE}/stories", listing(one))
    assert (seen.form, seen.key, seen.state) == (Form.STORY, f"facebook:{PAGE}_910000000000600", None)
    assert seen.created_at is not None
    assert seen.created_at.timestamp() == 1793700000
    assert [file.source for file in seen.body.attachments or ()] == ["facebook:photo:910000000000601"]
    city.show(seen)
    shown = photo(id="910000000000601")
    del shown["name"]
    city.show(*records("910000000000601", shown))
    city.show(record(f"{PAGE}/stories", listing(one | {"status": "ARCHIVED"})))
    assert city.rows("SELECT kind, state, learned FROM items") == [("story", "live", 1)]


def test_a_review_has_its_verdict_as_title() -> None:
    """So that a changed verdict is an edit."""
    one = {"created_time": "2026-10-01T00:00:00+0000", "reviewer": {"id": "7", "name": "Pat"}, "review_text": "Good",
           "recommendation_type": "positive", "open_graph_story": {"id": "904801129604590"}}  # fmt: skip
    seen = record(f"{PAGE}/ratings", listing(one))
    assert (seen.form, seen.key, seen.body.title) == (Form.REVIEW, "facebook:904801129604590", "Recommends")
    worse = record(f"{PAGE}/ratings", listing(one | {"recommendation_type": "negative"}))
    assert differs(seen.body, worse.body)
    del one["open_graph_story"]
    assert record(f"{PAGE}/ratings", listing(one)).key == f"facebook:{PAGE}/reviews/7"


def test_every_kind_of_thing_names_its_author_and_its_thread() -> None:
    """Roots are their own threads."""
    seen: list[ItemSeen] = [
        record(f"{PAGE}/video_reels", listing(video())),
        record(PHOTO, photo()),
        record(f"{PAGE}/events", listing(event())),
    ]
    assert all(one.thread == one.key and one.thread_author == PAGE for one in seen)
