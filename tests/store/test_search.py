"""One kind of search on both databases: what is found, what is not, and that no text raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from archiver.domain.item import Attachment, Kind, Link, Person, Poll, PollOption, State
from archiver.domain.observation import StateSeen
from archiver.store import search
from archiver.store.search import Query

FOUND: list[tuple[str, str, str]] = [
    # what it is about, the text, what was typed
    ("a word", "The pothole on Main St was filled.", "pothole"),
    ("letter case does not count", "SNOW Emergency", "snow EMERGENCY"),
    ("words in any order", "Snow on Main Street", "street snow"),
    ("an accent that was not typed", "Señor Peña spoke", "pena"),
    ("an accent that was not written", "Senor Pena spoke", "Peña"),
    ("a decomposed accent", "Cafe\u0301 on 5th", "café"),
    ("sharp s", "Hauptstraße 5", "HAUPTSTRASSE"),
    ("letters with a stroke", "Øresund i Łódź", "oresund lodz"),
    ("full-width letters", "ＰＯＴＨＯＬＥ", "pothole"),
    ("an emoji", "Well done 👍 city", "👍"),
    ("an emoji whatever its skin", "Thanks 👍🏽!", "👍"),
    ("an emoji with a skin that was not written", "Thanks 👍!", "👍🏽"),
    ("a heart in text or picture form", "I ❤️ parks", "❤"),
    ("a flag", "Go 🇺🇸🇲🇽 go", "🇲🇽"),
    ("a joined emoji by its part", "Family 👨‍👩‍👧 day", "👩"),
    ("emoji without a space", "great👏👏work", "👏 work"),
    ("a hashtag as such", "Stay safe #SnowEmergency", "#snowemergency"),
    ("a hashtag as a word", "Stay safe #SnowEmergency", "snowemergency"),
    ("a hashtag with an underscore", "see #main_street", "#main_street"),
    ("a part of such a hashtag", "see #main_street", "street"),
    ("a hashtag with an accent", "vive le #Québec", "#quebec"),
    ("a phrase", "the city council met", '"city council"'),
    ("a phrase in typographic quotes", "the city council met", "“city council”"),
    ("the beginning of a word", "all the snowplows", "snowpl*"),
    ("an apostrophe", "O'Brien won't come", "O'Brien"),
    ("an apostrophe of another form", "O’Brien won’t come", "won't"),
    ("a domain", "see https://www.city.gov/roads?id=7", "city.gov"),
    ("a mention", "thanks @mayor.city.gov", "@mayor.city.gov"),
    ("a number with punctuation", "It cost $1,250.00", "1,250"),
    ("two Han letters", "东京都的天气", "京都"),
    ("one Han letter", "东京都的天气", "天"),
    ("the last Han letter", "东京都的天气", "气"),
    ("many Han letters", "今天明尼阿波利斯市下雪了", "明尼阿波利斯"),
    ("Japanese", "雪かきをお願いします", "お願い"),
    ("half-width katakana", "ｶﾀｶﾅ", "カタカナ"),
    ("Korean with a particle", "도서관에서 만나요", "도서관"),
    ("Thai without spaces", "สวัสดีครับชาวเมือง", "ชาวเมือง"),
    ("Han beside Latin letters", "iPhone用充電器", "iphone"),
    ("Han after Latin letters", "iPhone用充電器", "充電"),
    ("Han and Latin letters in one", "iPhone用充電器", "iphone用"),
    ("a Han hashtag", "明日は #東京マラソン", "#東京マラソン"),
    ("Somali", "Waxaan rabaa inaan ka hadlo waddada", "waddada"),
    ("Hmong", "Nyob zoo tsev kawm ntawv", "tsev kawm"),
    ("Cyrillic", "Новости города", "новости"),
    ("Arabic with and without vowel signs", "مَدِينَة", "مدينة"),
    ("Hindi", "नगर निगम की बैठक", "बैठक"),
    ("a word after a NUL", "before\x00after", "after"),
    ("a word after a lone surrogate", "before\ud800 after", "after"),
    ("operators are words", "do or do not and near", "NOT AND NEAR OR"),
    ("a column that is none", "text: hello", "text:hello"),
]

NOT_FOUND: list[tuple[str, str, str]] = [
    ("all words must occur", "snow on Main", "snow broadway"),
    ("a phrase is in order", "council of the city", '"city council"'),
    ("no stemming", "all the snowplows", "snowplow"),
    ("a word is no hashtag", "a snow day", "#snow"),
    ("another skin is the same, another hand is not", "ok 👍", "👎"),
    ("Han letters that don't stand together", "东西京城都", "东京"),
    ("flags are no letters between two flags", "🇺🇸🇲🇽", "🇸🇲"),
    ("punctuation alone finds nothing", "What?!", "?!"),
    ("a phrase does not reach over punctuation of another word", "city. The council", '"city council"'),
]

HOSTILE = [
    '"', "'", '""', '"""', "*", "**", "^", "a^b", "(", ")", "((", "a OR", "OR", "AND", "NOT", "NEAR(", "NEAR(a b, 5)", "NEAR/3",
    "-", "--", "-a", "+a", "a -b", "a:b", "words:a", "{a b}:c", "{", "}", "[", "]", "\\", "a\\'b", "'; DROP TABLE items; --",
    "a' & 'b", "a | b", "!a", "<->", "a <-> b", ":*", "a:*", "&", "|", "!", "%", "_", "a%b", "\x00", "a\x00b", "\ud800", "a\udfffb",
    "\n\t", "ﷺ", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "\u200d", "\ufe0f", "\U000e0067", "́", "#", "##", "#️⃣", "#*", '"a', 'a"', '"a* b"', "a*b", "*a", "$$", "$1", "?", ":name",
    "%s", "%(a)s", "a" * 5000, "a " * 3000, "漢" * 3000, "(" * 3000, '"' * 2001, "NOT " * 500, "\\" * 99, "_city", "_",
]  # fmt: skip


@pytest.mark.parametrize(("text", "typed"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_finds(city: Any, text: str, typed: str) -> None:
    """What a person would expect to find is found, and the snippet shows where."""
    key = city.post(1, text)
    city.post(2, "nothing of the kind")
    with city.store.read() as conn:
        hits = search.search(conn, Query(words=typed))
        assert [hit.record for hit in hits] == [key]
        assert search.count(conn, Query(words=typed)) == 1
    assert hits[0].marks
    assert all(hits[0].snippet[start:end].strip() for start, end in hits[0].marks)


@pytest.mark.parametrize(("text", "typed"), [case[1:] for case in NOT_FOUND], ids=[case[0] for case in NOT_FOUND])
def test_does_not_find(city: Any, text: str, typed: str) -> None:
    """What was not asked for is not found."""
    city.post(1, text)
    with city.store.read() as conn:
        assert search.search(conn, Query(words=typed)) == []
        assert search.count(conn, Query(words=typed)) == 0


def test_no_text_raises(city: Any) -> None:
    """Whatever is typed is a search, in the words and in the author."""
    city.post(1, "a b name words NOT near")
    with city.store.read() as conn:
        for typed in HOSTILE:
            search.search(conn, Query(words=typed))
            search.count(conn, Query(words=typed, account="city"))
            search.search(conn, Query(author=typed))


def test_finds_in_all_that_a_reader_sees(city: Any) -> None:
    """Title, warning, descriptions of pictures, link cards, options, tags and the author's names are searched."""
    key = city.post(
        1,
        "text",
        title="headline",
        content_warning="flashing",
        attachments=(Attachment("image", "https://x/1", alt_text="A yellow bulldozer"),),
        links=(Link("https://x/2", title="Budget hearing", card=True),),
        poll=Poll((PollOption("Roundabout"), PollOption("Traffic light"))),
        tags=("Zoning",),
        author=Person("p9", "jane@example.social", "Jané Doe"),
    )
    with city.store.read() as conn:
        for words in (
            "text",
            "headline",
            "flashing",
            "bulldozer",
            "hearing",
            "roundabout",
            "#zoning",
            "jane doe",
            "example.social",
        ):
            assert [hit.record for hit in search.search(conn, Query(words=words))] == [key], words
        for phrase in ('"text headline"', '"headline text"', '"bulldozer budget"'):
            assert search.search(conn, Query(words=phrase)) == [], "no phrase reaches from one field into the next"
        assert search.search(conn, Query(words="bulldozer"))[0].snippet == "A yellow bulldozer"


def test_finds_what_was_edited_away(city: Any) -> None:
    """A word of an earlier version finds the record and says that it no longer stands there; once each."""
    key = city.post(1, "the mayor resigned")
    city.post(1, "the mayor is fine")
    with city.store.read() as conn:
        old, now = search.search(conn, Query(words="resigned")), search.search(conn, Query(words="mayor"))
    assert [(hit.record, hit.current, hit.snippet) for hit in old] == [(key, False, "the mayor resigned")]
    assert [(hit.record, hit.current, hit.snippet) for hit in now] == [(key, True, "the mayor is fine")]


def test_a_hidden_record_is_found_by_its_text(city: Any) -> None:
    """Hiding repeats the text in a version without a second document."""
    key = city.post(1, "rude words")
    city.state(key, StateSeen(key, State.HIDDEN, "list"))
    with city.store.read() as conn:
        hits = search.search(conn, Query(words="rude", state=State.HIDDEN))
        assert search.search(conn, Query(words="rude", state=State.LIVE)) == []
    assert [(hit.record, hit.current, hit.state) for hit in hits] == [(key, True, State.HIDDEN)]


class TestFilters:
    """The filters alone, and together with words."""

    @pytest.fixture
    def town(self, city: Any, seen: Any, other_city: Any) -> Any:
        """A city with two accounts on two platforms."""
        other = other_city(city.store, account="police", register=False)
        from archiver.domain.account import Account
        from archiver.store import accounts

        with city.store.begin() as conn:
            accounts.register(conn, [Account("police", "bluesky", "police.example")], city.now)
        city.see(*(seen(number, f"snow {number}") for number in range(10)))
        other.now = city.now
        other.see(
            *(
                seen(number, f"snow {number}", author=Person("p2", "officer", "Officer Krüger"))
                for number in range(10, 15)
            ),
            kind=Kind.REPLY,
        )
        return city

    CASES: ClassVar[list[tuple[str, dict[str, Any], list[int]]]] = [
        ("nothing", {}, list(range(15))),
        ("account", {"account": "police"}, list(range(10, 15))),
        ("an account that is none", {"account": "nobody"}, []),
        ("platform", {"platform": "bluesky"}, list(range(10, 15))),
        ("kind", {"kind": Kind.REPLY}, list(range(10, 15))),
        ("state", {"state": State.GONE}, []),
        ("author by native id", {"author": "p2"}, list(range(10, 15))),
        ("author by handle", {"author": "@officer"}, list(range(10, 15))),
        ("author by a part of the name", {"author": "kruger"}, list(range(10, 15))),
        ("author by the beginning of a name", {"author": "Krü*"}, list(range(10, 15))),
        ("author by name and half a name", {"author": "Officer Kr"}, []),
        ("since", {"since": datetime(2026, 1, 1, 0, 7, tzinfo=UTC)}, list(range(7, 15))),
        ("until", {"until": datetime(2026, 1, 1, 0, 7, tzinfo=UTC)}, list(range(7))),
        (
            "between, to the microsecond",
            {
                "since": datetime(2026, 1, 1, 0, 3, tzinfo=UTC) + timedelta(microseconds=1),
                "until": datetime(2026, 1, 1, 0, 5, tzinfo=UTC) + timedelta(microseconds=1),
            },
            [4, 5],
        ),
        ("several", {"account": "city", "since": datetime(2026, 1, 1, 0, 8, tzinfo=UTC), "author": "resident"}, [8, 9]),
    ]

    @pytest.mark.parametrize("words", ["", "snow"], ids=["without words", "with words"])
    @pytest.mark.parametrize(("filters", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
    def test_filter(self, town: Any, words: str, filters: dict[str, Any], expected: list[int]) -> None:
        """Newest first, and nothing but what was asked for."""
        query = Query(words=words, **filters)
        with town.store.read() as conn:
            assert [hit.record for hit in search.search(conn, query)] == [f"mastodon:{n}" for n in reversed(expected)]
            assert search.count(conn, query) == len(expected)

    def test_few_or_many(self, town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whether records are asked for the words or words for the records makes no difference."""
        queries = [Query(words="snow", author="resident", limit=3), Query(words="sn*", author="p2", offset=1)]
        with town.store.read() as conn:
            by_records = [search.search(conn, query) for query in queries]
            monkeypatch.setattr(search, "FEW", 0)
            assert [search.search(conn, query) for query in queries] == by_records
        assert [len(hits) for hits in by_records] == [3, 4]

    @pytest.mark.parametrize("words", ["", "snow"], ids=["without words", "with words"])
    def test_pages_hold_everything_once(self, town: Any, words: str) -> None:
        """Page by page is the same as all at once."""
        with town.store.read() as conn:
            whole = search.search(conn, Query(words=words, limit=None))
            pages = [search.search(conn, Query(words=words, limit=4, offset=start)) for start in range(0, 20, 4)]
        assert [len(page) for page in pages] == [4, 4, 4, 3, 0]
        assert [hit for page in pages for hit in page] == whole


def test_a_record_without_a_time_is_found_at_its_first_sight(city: Any) -> None:
    """What the platform does not date has its place at our first sight of it."""
    key = city.post(1, "undated", created_at=None)
    with city.store.read() as conn:
        assert [hit.record for hit in search.search(conn, Query(words="undated", since=city.now))] == [key]
        assert search.search(conn, Query(words="undated", until=city.now)) == []


def test_times_at_the_ends_of_the_calendar(city: Any) -> None:
    """Times that no one would believe are stored and found."""
    for number, moment in enumerate(
        (
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(1969, 12, 31, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        )
    ):
        city.post(f"odd{number}", "odd time", created_at=moment)
    with city.store.read() as conn:
        assert [hit.record for hit in search.search(conn, Query(words="odd"))] == [
            "mastodon:odd2",
            "mastodon:odd1",
            "mastodon:odd0",
        ]


LONG = [
    ("words", "begin " + " ".join(f"w{n}" for n in range(60_000)), "begin w100"),
    ("one word over and over", "begin " + "w " * 200_000, "begin w"),
    ("one word without an end", "begin " + "w" * 300_000, "begin w*"),
    ("letters of four bytes, all different", "begin " + "".join(map(chr, range(0x20000, 0x2A6D0))) * 6, "begin \U00020000\U00020001"),
    ("emoji, all different", "begin 👍 " + "".join(map(chr, range(0x1F300, 0x1F5FF))) * 300, "begin 👍"),
    ("one hashtag without an end", "begin #" + "t" * 300_000, "begin #t*"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "typed"), [case[1:] for case in LONG], ids=[case[0] for case in LONG])
def test_a_text_longer_than_any_platform_allows(city: Any, text: str, typed: str) -> None:
    """It is indexed up to a limit that both databases hold, and found by its first words."""
    city.post(1, text)
    with city.store.read() as conn:
        assert len(search.search(conn, Query(words=typed))) == 1
