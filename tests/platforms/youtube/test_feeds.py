"""Feeds and pushes: hints, by hands that may be anybody's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.exchange import Exchange
from archiver.domain.task import FollowUp, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.youtube.elements import tree
from archiver.platforms.youtube.feeds import Tombstone, entries_of, hints
from archiver.platforms.youtube.reading import PUSH, read
from tests.platforms.youtube.answers import NOON, sightings
from tests.platforms.youtube.recorded import CITY, NAMES

OTHER = "UCother0000000000000000a"
HEAD = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
)


def entry(native_id: str, channel: str = CITY, inside: str = "") -> str:
    """An entry of a feed."""
    return (
        f"<entry><id>yt:video:{native_id}</id><yt:videoId>{native_id}</yt:videoId><yt:channelId>{channel}</yt:channelId>"
        f"<title>Meeting &amp; more</title><author><name>City</name></author>"
        f"<published>2026-11-10T03:00:00+00:00</published><updated>2026-11-10T03:00:09.123456789+00:00</updated>"
        f"{inside}</entry>"
    )


def tombstone(native_id: str, channel: str = CITY) -> str:
    """What a push says of a video that is not in the feed any more."""
    return (
        f'<at:deleted-entry ref="yt:video:{native_id}" when="2026-11-20T16:04:11.642702+00:00">'
        f"<at:by><name>City</name><uri>https://www.youtube.com/channel/{channel}</uri></at:by></at:deleted-entry>"
    )


def feed(*entries: str) -> bytes:
    """A feed's document."""
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{HEAD}{''.join(entries)}</feed>".encode()


def push(document: bytes, subject: str | None = CITY) -> Exchange:
    """A delivery that is read for an account."""
    return Exchange("0", 0, "city", "https://archive.example/hooks", PUSH, NOON, method="POST", request_body=document,
                    status=200, task_kind=PUSH, subject=subject)  # fmt: skip


def test_a_feed_shows_videos_as_they_were_then() -> None:
    """Of a video that is known it says nothing; without a description none is told."""
    group = "<media:group><media:description>a &lt; b\n</media:description><media:community><media:statistics "
    group += 'views="212"/></media:community></media:group>'
    told = feed(entry("a", inside=group), entry("b"))
    one, other = sightings(f"https://www.youtube.com/feeds/videos.xml?channel_id={CITY}", told)
    assert (one.key, one.initial, one.body.title, one.body.text) == ("youtube:a", True, "Meeting & more", "a < b\n")
    assert one.created_at == datetime(2026, 11, 10, 3, tzinfo=UTC)
    assert one.metrics is not None
    assert one.metrics.views == 212
    assert (other.body.text, other.body.links, other.metrics) == (None, None, None)
    assert [seen.pointer for seen in (one, other)] == [f"//*[local-name()='entry'][{n}]" for n in (1, 2)]


def test_a_feed_of_one_channel_shows_nobody_else() -> None:
    """Whoever may have written it."""
    told = feed(entry("a", OTHER), entry("b", "exampletonCity00000000"), entry("c"))
    assert [seen.key for seen in sightings(f"https://x.example/feeds/videos.xml?channel_id={CITY}", told)] == [
        "youtube:c"
    ]


def test_an_entry_without_a_video_is_passed_over() -> None:
    """A video is known by its own element, or by the entry's id."""
    told = feed(
        "<entry><title>x</title></entry>", "<entry><id>yt:video:a</id></entry>", "<entry><id>tag:b</id></entry>"
    )
    assert [one.video for one in entries_of(told)] == ["a"]


def test_a_push_is_read_for_its_account_alone() -> None:
    """What is about another channel is neither shown nor asked about."""
    told = push(feed(entry("a"), entry("b", OTHER), tombstone("c"), tombstone("d", OTHER), entry("a")))
    assert [getattr(seen, "key", None) for seen in read(NAMES, told)] == ["youtube:a", "youtube:a"]
    assert hints(NAMES, told) == tuple(FollowUp(TaskKind.CONFIRM, f"youtube:{one}") for one in "ac")


def test_a_tombstone_that_does_not_say_whose_it_is_is_looked_into() -> None:
    """It removes nothing by itself."""
    bare = '<at:deleted-entry ref="yt:video:c" when="soon"/><at:deleted-entry ref="yt:playlist:d"/>'
    assert entries_of(feed(bare)) == [Tombstone("c", None, None)]
    assert [hint.subject for hint in hints(NAMES, push(feed(bare)))] == ["youtube:c"]
    assert list(read(NAMES, push(feed(bare)))) == []


@pytest.mark.parametrize(
    ("sentence", "document"),
    [
        ("a page", b"<html><p>not found</html>"),
        ("nothing", b""),
        ("no XML", b"{}"),
        ("cut", feed(entry("a"))[:-20]),
        ("a document type", b'<!DOCTYPE feed [<!ENTITY a "b">]>' + feed(entry("a"))[39:]),
        ("something outside", b'<!DOCTYPE feed SYSTEM "file:///etc/passwd"><feed/>'),
        ("an entity of nobody", b"<feed>&a;</feed>"),
        ("absurdly deep", b"<a>" * 1000 + b"</a>" * 1000),
        ("an unknown encoding", b"<?xml version='1.0' encoding='novel'?><feed/>"),
    ],
)
def test_what_is_no_feed_is_of_an_unknown_shape(sentence: str, document: bytes) -> None:
    """Entities are neither followed nor expanded."""
    with pytest.raises(ShapeChanged):
        entries_of(document)
    assert sentence


def test_a_document_type_in_another_encoding_is_refused_too() -> None:
    """It is the parser that sees it, not a search in the bytes."""
    document = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE feed [<!ENTITY a "b">]><feed>&a;</feed>'
    with pytest.raises(ShapeChanged):
        tree(document.encode("utf-16"))


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode) | st.just(feed(entry("a"))))
def test_no_document_stops_anything_else(document: bytes) -> None:
    """It is a feed, or of an unknown shape."""
    try:
        found = entries_of(document)
    except ShapeChanged:
        return
    assert all(one.video for one in found)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_characters="\x7f"), max_size=60))
def test_words_come_out_as_they_were_written(words: str) -> None:
    """Whatever they are, with white space around a title cut."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    document = f"{HEAD}<entry><yt:videoId>a</yt:videoId><title>{escaped}</title></entry></feed>"
    (found,) = entries_of(document.encode())
    assert getattr(found, "title", None) == (words.strip() or None)
