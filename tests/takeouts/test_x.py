"""X's account archive: every layout, and what is missing in it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.domain.item import Form
from archiver.domain.observation import OWN_ACCOUNT, GoneSeen, ItemSeen, PastSeen
from archiver.platforms.x.ids import Names
from archiver.platforms.x.reading import read
from archiver.takeouts.protocol import Entry, NotUnderstood
from archiver.takeouts.x import XArchive
from archiver.takeouts.x.posts import written_at
from tests.platforms.x.test_reading import exchange
from tests.takeouts.memory import InMemory

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ARCHIVER_SHARED", str(ROOT.parent / "shared"))) / "recorded" / "takeouts" / "x-archive"
needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded downloads in {SHARED}")

CITY = "1200000000000000001"
ACCOUNT = Account("city", "x", "ExampletonCity", native_id=CITY)
FIRST, SECOND, THIRD = "2119369334584246294", "2119372354483126295", "2119375354483126296"
READER = XArchive()
MANIFEST: dict[str, Any] = {
    "userInfo": {"accountId": CITY, "userName": "ExampletonCity", "displayName": "City of Exampleton"},
    "archiveInfo": {"generationDate": "2026-11-16T10:00:00.000Z", "isPartialArchive": False},
}


def script(name: str, content: Any) -> str:
    """A file of an archive."""
    return f"window.YTD.{name}.part0 = {json.dumps(content)}"


def manifest(**more: Any) -> str:
    """X's manifest."""
    return f"window.__THAR_CONFIG = {json.dumps(MANIFEST | more)}"


def tweet(native_id: str = FIRST, text: str = "Hello", **more: Any) -> dict[str, Any]:
    """A post as archives have one."""
    initial = {"editTweetIds": [native_id], "editableUntil": "2026-11-08T11:00:00.000Z", "isEditEligible": True}
    whole = {
        "id": native_id, "id_str": native_id, "full_text": text, "created_at": "Sun Nov 08 10:00:00 +0000 2026",
        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}, "lang": "en",
        "favorite_count": "3", "retweet_count": "1", "edit_info": {"initial": initial},
    }  # fmt: skip
    return {"tweet": whole | more}


def shown(files: dict[str, Any], account: Account = ACCOUNT) -> list[Entry | NotUnderstood]:
    """All that a download shows."""
    return list(READER.read(InMemory(files), account))


def posts(*tweets: Any, **more: Any) -> list[ItemSeen]:
    """The records of posts."""
    found = shown({"data/tweets.js": script("tweets", list(tweets)), "data/manifest.js": manifest()} | more)
    return [one.shown for one in found if isinstance(one, Entry) and isinstance(one.shown, ItemSeen)]


@needs_recordings
class TestRecorded:
    @staticmethod
    def download(name: str) -> InMemory:
        """A recorded archive."""
        found = {str(path.relative_to(SHARED / name)): path.read_bytes() for path in (SHARED / name).rglob("*.js")}
        return InMemory(found)

    def test_every_recorded_archive_comes_out_as_expected(self) -> None:
        """Each entry with its place, in its order."""
        expected = json.loads((Path(__file__).parent / "expected" / "x.json").read_text())
        folders = sorted(path.name for path in SHARED.iterdir() if path.is_dir())
        wanting = Account("city", "x", "ExampletonCity", messages=True)
        assert {
            name: [_short(one) for one in READER.read(self.download(name), wanting)] for name in folders
        } == expected

    def test_a_recorded_post_is_read_as_the_api_s_recording_of_it_is(self) -> None:
        """Key, words, time, links, pictures: whatever both of them tell."""
        archive = {
            one.shown.key: one.shown
            for one in READER.read(self.download("handwritten"), ACCOUNT)
            if isinstance(one, Entry) and isinstance(one.shown, ItemSeen)
        }
        body = json.loads((SHARED.parents[1] / "x" / "handwritten" / "timeline_page1.json").read_bytes())["body"]
        api = {
            seen.key: seen
            for seen in read(Names.of(ACCOUNT), exchange(body)) if isinstance(seen, ItemSeen)
        }  # fmt: skip
        both = archive.keys() & api.keys()
        assert len(both) == 4
        for key in both:
            one, other = archive[key], api[key]
            assert (one.form, one.created_at, one.author and one.author.native_id) == (
                other.form, other.created_at, other.author and other.author.native_id,
            )  # fmt: skip
            assert one.parent == other.parent
            assert [a.identity for a in one.body.attachments or ()] in (
                [a.identity for a in other.body.attachments or ()],
                [],
            )

    def test_a_recorded_archive_says_whose_it_is(self) -> None:
        """By its manifest, by its account file, or not at all."""
        about = {name: READER.about(self.download(name)) for name in ("handwritten", "twitter-to-sqlite", "hpi")}
        assert [(one.native_id, one.handle) for one in about.values()] == [
            (CITY, "ExampletonCity"), ("12497", "simonw"), (None, None),
        ]  # fmt: skip
        assert about["handwritten"].generated_at == datetime(2026, 11, 16, 10, tzinfo=UTC)


LAYOUTS: dict[str, dict[str, str]] = {
    "since 2022": {"data/tweets.js": script("tweets", [tweet()])},
    "from 2019 on": {"tweet.js": script("tweet", [tweet()])},
    "large accounts": {"data/tweets-part1.js": "window.YTD.tweets.part1 = " + json.dumps([tweet()])},
    "without a wrapper": {"data/tweet.js": script("tweet", [tweet()["tweet"]])},
    "a folder around it": {"twitter-2026-11-16/data/tweets.js": script("tweets", [tweet()])},
    "with a byte order mark": {"data/tweets.js": "\ufeff" + script("tweets", [tweet()]) + "\n"},
    "by months": {
        "data/js/tweets/2026_11.js": "Grailbird.data.tweets_2026_11 = "
        + json.dumps([{"id_str": FIRST, "text": "Hello", "created_at": "2026-11-08 10:00:00 +0000", "entities": {}}])
    },
}


@pytest.mark.parametrize("files", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_is_recognized_and_read(files: dict[str, str]) -> None:
    """By what stands in the files."""
    assert READER.recognizes(InMemory(files))
    (entry,) = shown(files)
    assert isinstance(entry, Entry)
    seen = entry.shown
    assert isinstance(seen, ItemSeen)
    assert (seen.key, seen.body.text, seen.created_at) == (f"x:{FIRST}", "Hello", datetime(2026, 11, 8, 10, tzinfo=UTC))
    assert (seen.thread, seen.author and seen.author.native_id) == (seen.key, CITY)
    assert entry.path in files


OTHERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "other scripts": {"data/tweets.js": "var a = 1", "assets/tweet.js": "!function(){}"},
    "of another platform": {"posts/profile_posts_1.json": [{"timestamp": 1}]},
    "broken": {"data/account.js": b"\xff\xfe\x00"},
}


@pytest.mark.parametrize("files", OTHERS.values(), ids=OTHERS)
def test_other_downloads_are_not_recognized(files: dict[str, Any]) -> None:
    """And reading them shows nothing."""
    assert not READER.recognizes(InMemory(files))
    assert shown(files) == []


class TestPosts:
    def test_words_links_and_tags_are_those_of_the_api(self) -> None:
        """Escaped signs, places as text, the link of a picture beside the others."""
        entities = {
            "urls": [{"url": "https://t.co/a", "expanded_url": "https://city.example", "indices": ["12", "26"]}],
            "hashtags": [{"text": "snow", "indices": ["6", "11"]}], "symbols": [{"text": "X", "indices": ["1", "3"]}],
            "user_mentions": [{"screen_name": "ann", "id_str": "13"}, {"screen_name": "gone", "id_str": "-1"}],
            "media": [{"url": "https://t.co/p", "expanded_url": "https://x.com/photo/1", "indices": ["27", "41"], "id_str": "77"}],
        }  # fmt: skip
        (seen,) = posts(tweet(text="Salt &amp; #snow https://t.co/a https://t.co/p", entities=entities))
        assert seen.body.text == "Salt & #snow https://t.co/a https://t.co/p"
        assert [(link.url, link.expanded) for link in seen.body.links or ()] == [
            ("https://t.co/a", "https://city.example"), ("https://t.co/p", "https://x.com/photo/1"),
        ]  # fmt: skip
        assert (seen.body.tags, seen.mentions) == (("snow", "$X"), frozenset({"13", "@gone"}))
        assert seen.metrics is not None
        assert (seen.metrics.likes, seen.metrics.shares, seen.metrics.replies) == (3, 1, None)

    def test_an_answer_has_its_parent_and_no_thread(self) -> None:
        """The archive does not tell the conversation; people who have gone are -1."""
        one, other = posts(
            tweet(SECOND, in_reply_to_status_id_str=FIRST, in_reply_to_user_id_str="13"),
            tweet(THIRD, in_reply_to_status_id=SECOND, in_reply_to_user_id_str="-1"),
        )
        assert (one.parent, one.parent_author, one.thread) == (f"x:{FIRST}", "13", None)
        assert (other.parent, other.parent_author) == (f"x:{SECOND}", None)

    def test_a_repost_is_told_by_its_beginning(self) -> None:
        """What it repeats is not told; one that is too long to be one was typed."""
        cut = "RT @ann: " + "a" * 130 + "…"
        one, other = posts(tweet(SECOND, cut), tweet(THIRD, "RT @ann: " + "a" * 200))
        assert (one.form, one.shares, one.body.text) == (Form.SHARE, None, "a" * 130 + "…")
        assert (one.body.partial, other.form) == (frozenset({"text"}), Form.POST)

    def test_an_edited_post_is_the_record_of_its_first_version(self) -> None:
        """An earlier version is history, whatever the order."""
        chain = {"editTweetIds": [FIRST, SECOND], "isEditEligible": True}
        old = tweet(FIRST, "al day", edit_info={"initial": chain})
        new = tweet(
            SECOND, "all day", created_at="Sun Nov 08 10:12:00 +0000 2026",
            edit_info={"edit": {"initialTweetId": FIRST, "editControlInitial": chain}},
        )  # fmt: skip
        found = [one.shown for one in shown({"data/tweets.js": script("tweets", [new, old])}) if isinstance(one, Entry)]
        now, weak, past = found
        assert isinstance(now, ItemSeen)
        assert isinstance(weak, ItemSeen)
        assert (now.key, now.aliases, now.body.edited_at) == (
            f"x:{FIRST}", (f"x:{SECOND}",), datetime(2026, 11, 8, 10, 12, tzinfo=UTC),
        )  # fmt: skip
        assert (weak.key, weak.origin, weak.body.text) == (f"x:{FIRST}", False, "al day")
        assert isinstance(past, PastSeen)
        assert [version.body.text for version in past.versions] == ["al day", None]

    def test_media_have_their_files_beside_the_script(self) -> None:
        """A video's best file; two pictures of one post; one that is missing is named where it should be."""
        media = [
            {"id_str": "71", "type": "photo", "media_url_https": "https://pbs.example/media/A.jpg", "ext_alt_text": "A map"},
            {"id_str": "72", "type": "photo", "media_url_https": "https://pbs.example/media/B.jpg"},
            {
                "id_str": "73", "type": "video", "media_url_https": "https://pbs.example/thumb/C.jpg",
                "video_info": {"variants": [
                    {"content_type": "application/x-mpegURL", "url": "https://v.example/list.m3u8?tag=1"},
                    {"bitrate": "832000", "content_type": "video/mp4", "url": "https://v.example/low.mp4?tag=1"},
                    {"bitrate": "2176000", "content_type": "video/mp4", "url": "https://v.example/high.mp4?tag=1"},
                ]},
            },
        ]  # fmt: skip
        files: dict[str, Any] = {
            "data/tweets.js": script("tweets", [tweet(extended_entities={"media": media})]),
            f"data/tweets_media/{FIRST}-A.jpg": b"a", f"data/tweets_media/{FIRST}-low.mp4": b"c",
        }  # fmt: skip
        (entry,) = shown(files)
        assert isinstance(entry, Entry)
        assert isinstance(entry.shown, ItemSeen)
        assert entry.files == (
            ("x:media/71", f"data/tweets_media/{FIRST}-A.jpg"), ("x:media/72", f"data/tweets_media/{FIRST}-B.jpg"),
            ("x:media/73", f"data/tweets_media/{FIRST}-low.mp4"),
        )  # fmt: skip
        assert [(one.kind, one.alt_text) for one in entry.shown.body.attachments or ()] == [
            ("image", "A map"), ("image", None), ("video", None),
        ]  # fmt: skip

    def test_posts_of_an_archive_that_does_not_say_whose_it_is_are_its_owner_s(self) -> None:
        """Who that is, the archive that takes it in knows."""
        (entry,) = shown({"data/tweets.js": script("tweets", [tweet()])}, Account("city", "x", "ExampletonCity"))
        assert isinstance(entry, Entry)
        assert isinstance(entry.shown, ItemSeen)
        assert entry.shown.author is not None
        assert (entry.shown.author.native_id, entry.shown.thread_author) == (OWN_ACCOUNT, OWN_ACCOUNT)


class TestLongTexts:
    WHOLE = "The council has adopted the budget. " * 20
    CUT = WHOLE[:270] + "… https://t.co/more"

    def note(self, native_id: str = "99", at: str = "2026-11-08T10:00:01.000Z", **more: Any) -> Any:
        """A long text."""
        core = {
            "text": self.WHOLE,
            "urls": [{"shortUrl": "https://t.co/b", "expandedUrl": "https://b.example"}],
            "hashtags": [],
        }
        return {"noteTweet": {"noteTweetId": native_id, "createdAt": at, "core": core} | more}

    def test_a_long_post_gets_its_whole_text(self) -> None:
        """By the time and the beginning; its id is another."""
        notes = {"data/note-tweet.js": script("note_tweet", [self.note()])}
        (seen,) = posts(tweet(text=self.CUT), **notes)
        assert (seen.body.text, seen.body.partial) == (self.WHOLE, frozenset())
        assert [link.expanded for link in seen.body.links or ()] == ["https://b.example"]

    def test_without_it_the_post_is_cut(self) -> None:
        """A text of another moment, or of other words, is not taken for it, but told."""
        late, other = self.note(at="2026-11-08T10:05:00.000Z"), self.note()
        other["noteTweet"]["core"] = {"text": "Something else that is long enough to be compared."}
        notes = {"data/note-tweet.js": script("note_tweet", [late, other])}
        (seen,) = posts(tweet(text=self.CUT), **notes)
        assert (seen.body.text, seen.body.partial) == (self.CUT[:271], frozenset({"text", "links"}))
        found = shown({"data/tweets.js": script("tweets", []), **notes})
        assert [(one.path, one.pointer) for one in found if isinstance(one, NotUnderstood)] == [
            ("data/note-tweet.js", "/0/noteTweet"), ("data/note-tweet.js", "/1/noteTweet"),
        ]  # fmt: skip

    def test_one_text_is_that_of_one_post(self) -> None:
        """Two posts of a second that begin alike have a text each."""
        notes = {"data/note-tweet.js": script("note_tweet", [self.note("1"), self.note("2")])}
        found = posts(tweet(FIRST, self.CUT), tweet(SECOND, self.CUT), tweet(THIRD, self.CUT), **notes)
        assert [seen.body.text == self.WHOLE for seen in found] == [True, True, False]


def test_a_deleted_post_is_shown_and_then_gone_with_the_time() -> None:
    """Also where only the time is left."""
    files = {
        "data/deleted-tweets.js": script("deleted_tweets", [tweet(deleted_at="Sat Nov 14 19:00:00 +0000 2026")]),
        "data/deleted-tweet-headers.js": script(
            "deleted_tweet_headers", [{"tweet": {"tweet_id": SECOND, "deleted_at": "Sat Nov 14 20:00:00 +0000 2026"}}]
        ),
    }
    seen, gone, header = (one.shown for one in shown(files) if isinstance(one, Entry))
    assert isinstance(seen, ItemSeen)
    words = "deleted at 2026-11-14T{}:00:00Z, as the platform's own download says ({})"
    assert gone == GoneSeen(seen.key, words.format(19, "data/deleted-tweets.js"))
    assert isinstance(header, GoneSeen)
    assert (header.key, header.basis) == (f"x:{SECOND}", words.format(20, "data/deleted-tweet-headers.js"))


class TestMessages:
    FILES = {  # noqa: RUF012 - never changed
        "data/direct-messages.js": script("direct_messages", [{"dmConversation": {
            "conversationId": f"{CITY}-13",
            "messages": [
                {"messageCreate": {
                    "id": "1990000000000000011", "senderId": "13", "recipientId": CITY, "text": "When? &amp; where?",
                    "createdAt": "2026-11-15T13:00:00.000Z", "urls": [{"url": "https://t.co/a", "expanded": "https://a.example"}],
                    "mediaUrls": ["https://ton.twitter.com/dm/1990000000000000011/1990000000000000012/Ab1.jpg"],
                }},
                {"joinConversation": {"initiatingUserId": "13"}},
            ],
        }}]),
        "data/tweets.js": script("tweets", []),
        "data/direct_messages_media/1990000000000000011-Ab1.jpg": b"a",
    }  # fmt: skip

    def test_they_are_left_out_unless_they_are_wanted(self) -> None:
        """And that is told."""
        (told,) = shown(self.FILES)
        assert isinstance(told, NotUnderstood)
        assert (told.path, "not collected" in told.why) == ("data/direct-messages.js", True)

    def test_wanted_ones_are_records_of_their_conversation(self) -> None:
        """With the ids that the API has; people without names; their files."""
        (entry,) = shown(self.FILES, Account("city", "x", "ExampletonCity", native_id=CITY, messages=True))
        assert isinstance(entry, Entry)
        seen = entry.shown
        assert isinstance(seen, ItemSeen)
        assert (seen.key, seen.thread, seen.form) == (
            "x:message/1990000000000000011",
            f"x:message/{CITY}-13",
            Form.MESSAGE,
        )
        assert (seen.author and seen.author.native_id, seen.body.text, seen.body.visibility) == (
            "13",
            "When? & where?",
            "private",
        )
        assert [link.expanded for link in seen.body.links or ()] == ["https://a.example"]
        assert entry.files == (
            ("x:media/1990000000000000012", "data/direct_messages_media/1990000000000000011-Ab1.jpg"),
        )  # fmt: skip


class TestDamage:
    def test_what_stops_being_json_is_told_and_the_rest_is_read(self) -> None:
        """A file that ends too early has its first posts; other files are read."""
        cut = script("tweets", [tweet(FIRST), tweet(SECOND)])[:-30]
        files = {"data/tweets.js": cut, "data/tweets-part1.js": script("tweets", [tweet(THIRD)])}
        kinds = [(type(one).__name__, one.path, one.pointer) for one in shown(files)]
        assert kinds == [
            ("Entry", "data/tweets-part1.js", "/0/tweet"), ("Entry", "data/tweets.js", "/0/tweet"),
            ("NotUnderstood", "data/tweets.js", "/1"),
        ]  # fmt: skip

    def test_every_file_that_stops_being_json_is_told(self) -> None:
        """Of whatever it is."""
        named = {
            "deleted-tweets": "deleted_tweets", "deleted-tweet-headers": "deleted_tweet_headers", "note-tweet": "note_tweet",
            "direct-messages": "direct_messages", "account": "account",
        }  # fmt: skip
        files = {f"data/{path}.js": f"window.YTD.{name}.part0 = [ {{" for path, name in named.items()}
        wanting = Account("city", "x", "ExampletonCity", messages=True)
        told = [one.path for one in shown(files, wanting) if isinstance(one, NotUnderstood)]
        assert sorted(told) == sorted(path for path in files if path != "data/account.js")
        assert READER.about(InMemory(files)).native_id is None

    def test_the_manifest_s_counts_are_held_against_the_files(self) -> None:
        """Wherever the folder lies."""
        types = {"tweets": {"files": [{"fileName": "data/tweets.js", "globalName": "YTD.tweets.part0", "count": "2"}]}}
        files = {"a/data/tweets.js": script("tweets", [tweet()]), "a/data/manifest.js": manifest(dataTypes=types)}
        (told,) = (one for one in shown(files) if isinstance(one, NotUnderstood))
        assert (told.path, "2" in told.why) == ("a/data/tweets.js", True)

    def test_a_file_of_posts_that_is_not_there_is_told(self) -> None:
        """A part that was not given is missed; a file of what is not read, or with nothing in it, is not."""
        types = {
            "tweets": {
                "files": [
                    {"fileName": "data/tweets.js", "globalName": "YTD.tweets.part0", "count": "1"},
                    {"fileName": "data/tweets-part1.js", "globalName": "YTD.tweets.part1", "count": "7"},
                ]
            },
            "likes": {"files": [{"fileName": "data/like.js", "globalName": "YTD.like.part0", "count": "9"}]},
            "deleted": {"files": [{"fileName": "data/deleted-tweets.js", "globalName": "YTD.deleted_tweets.part0",
                                   "count": "0"}]},
        }  # fmt: skip
        files = {"a/data/tweets.js": script("tweets", [tweet()]), "a/data/manifest.js": manifest(dataTypes=types)}
        (told,) = (one for one in shown(files) if isinstance(one, NotUnderstood))
        assert (told.path, "does not have it" in told.why) == ("a/data/tweets-part1.js", True)

    def test_what_is_no_post_and_what_is_not_read_is_told(self) -> None:
        """Each at its place."""
        files = {"data/tweets.js": script("tweets", [7, {"tweet": {}}]), "data/article.js": script("article", [{}])}
        assert [(one.path, one.pointer) for one in shown(files) if isinstance(one, NotUnderstood)] == [
            ("data/tweets.js", "/0"), ("data/tweets.js", "/1"), ("data/article.js", ""),
        ]  # fmt: skip


TIMES = {
    "as archives have it": ("Sat Jun 06 13:02:35 +0000 2020", datetime(2020, 6, 6, 13, 2, 35, tzinfo=UTC)),
    "by months": ("2014-05-31 12:00:00 +0000", datetime(2014, 5, 31, 12, tzinfo=UTC)),
    "before X existed": ("Thu Jan 01 00:00:00 +0000 1970", None),
    "no month": ("Sat Xxx 06 13:02:35 +0000 2020", None),
    "no day": ("Sat Feb 31 13:02:35 +0000 2020", None),
    "nothing": (None, None),
}


@pytest.mark.parametrize(("told", "at"), TIMES.values(), ids=TIMES)
def test_times_of_posts(told: Any, at: datetime | None) -> None:
    """A table of what archives have."""
    assert written_at(told) == at


ODD: list[Any] = [
    None,
    7,
    -1,
    2**70,
    1.5,
    "",
    "x",
    "\ud800",
    [],
    {},
    [None],
    [{}],
    {"a": 1},
    True,
    "1" * 400,
    "http://[",
]
FULL: dict[str, Any] = {
    "data/tweets.js": [
        tweet(
            entities={"urls": [{"url": "https://t.co/a", "indices": ["1", "2"]}], "user_mentions": [{"id_str": "1"}]},
            extended_entities={"media": [{"id_str": "7", "type": "video", "video_info": {"variants": [{"url": "https://a"}]}}]},
            in_reply_to_status_id_str="5", edit_info={"edit": {"initialTweetId": "4", "editControlInitial": {"editTweetIds": ["4"]}}},
        )
    ],
    "data/note-tweet.js": [{"noteTweet": {"noteTweetId": "1", "createdAt": "2026-11-08T10:00:00.000Z", "core": {"text": "a"}}}],
    "data/deleted-tweets.js": [tweet(deleted_at="Sat Nov 14 19:00:00 +0000 2026")],
    "data/direct-messages.js": [{"dmConversation": {"conversationId": "1-2", "messages": [{"messageCreate": {
        "id": "5", "senderId": "1", "mediaUrls": ["https://a/dm/1/22222/a.jpg"], "urls": [{"url": "a"}], "text": "b",
    }}]}}],
    "data/account.js": [{"account": {"accountId": "1", "username": "a"}}],
}  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a JSON document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, one in inner for place in _places(one, (*path, name)))]


@given(st.sampled_from([place for place in _places(FULL) if len(place) > 1]), st.sampled_from(ODD))
def test_no_value_anywhere_stops_the_reading(place: tuple[Any, ...], odd: Any) -> None:
    """Whatever stands in an archive."""
    broken = json.loads(json.dumps(FULL))
    parent = broken
    for name in place[:-1]:
        parent = parent[name]
    parent[place[-1]] = odd
    files = {path: script(path[5:-3].replace("-", "_"), content) for path, content in broken.items()}
    files["data/manifest.js"] = "window.__THAR_CONFIG = " + json.dumps(
        {"userInfo": odd, "archiveInfo": {"isPartialArchive": odd}}
    )
    wanting = Account("city", "x", "ExampletonCity", messages=True)
    found = shown(files, wanting)
    assert all(one.shown.key.startswith("x:") for one in found if isinstance(one, Entry))
    READER.about(InMemory(files))
    assert found == shown(files, wanting)


def _short(one: Entry | NotUnderstood) -> dict[str, Any]:
    """An entry in short."""
    if isinstance(one, NotUnderstood):
        return {"not understood": f"{one.path}#{one.pointer}", "why": one.why}
    where = {"at": f"{one.path}#{one.pointer}"}
    if not isinstance(one.shown, ItemSeen):
        return where | {"gone": one.shown.key, "basis": getattr(one.shown, "basis", None)}
    seen, body = one.shown, one.shown.body
    told = {
        "key": seen.key, "form": str(seen.form), "text": body.text, "created": str(seen.created_at), "parent": seen.parent,
        "author": seen.author.native_id if seen.author else None, "links": [link.url for link in body.links or ()],
        "files": [path for _, path in one.files], "alt": [a.alt_text for a in body.attachments or ()],
        "partial": sorted(body.partial), "thread": seen.thread,
    }  # fmt: skip
    return where | {name: value for name, value in told.items() if value not in (None, [])}
