"""Text, facets and embeds of records, on small hand-written ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.item import Link
from archiver.domain.observation import GateSeen, ItemSeen
from archiver.platforms.bluesky.addresses import Addresses
from archiver.platforms.bluesky.records import record
from archiver.platforms.bluesky.richtext import rich_text
from archiver.platforms.bluesky.syntax import AtUri

DID = "did:plc:citycitycitycitycitycity"
ROOT = f"at://{DID}/app.bsky.feed.post/3n2aaaaaaaa2a"
SERVED = Addresses("bluesky", "http://bsky.test")
PUBLIC = Addresses("bluesky", None)
POOL = "Pool reopens Saturday 🏊 — details from @millbrookparks.test at millbrook.example/pool #MillbrookPool"


def post(addresses: Addresses = PUBLIC, **value: Any) -> ItemSeen:
    """A post of the city's repository."""
    uri = AtUri(DID, "app.bsky.feed.post", "3n2aaaaaaaa2a")
    seen = record(uri, {"$type": "app.bsky.feed.post", **value}, "bafyreiroot", addresses, "")
    assert isinstance(seen, ItemSeen)
    return seen


def facet(start: Any, end: Any, **feature: Any) -> dict[str, Any]:
    """One facet with one feature."""
    kind = f"app.bsky.richtext.facet#{feature.pop('kind')}"
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": kind, **feature}]}


def blob(cid: str = "bafkreiexampleblob", mime: str = "image/jpeg") -> dict[str, Any]:
    """A blob as records have it."""
    return {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": 123456}


# --- text and facets


def test_facets_count_bytes_not_characters() -> None:
    """The published vector: 100 characters, 105 bytes; the mention is at bytes 44-64 (pitfall 3)."""
    seen = post(text=POOL, tags=["aquatics"], facets=[
        facet(44, 64, kind="mention", did="did:plc:parks"),
        facet(68, 90, kind="link", uri="https://millbrook.example/pool"),
        facet(91, 105, kind="tag", tag="MillbrookPool"),
    ])  # fmt: skip
    assert seen.body.text == POOL
    assert seen.mentions == {"did:plc:parks"}
    assert seen.body.links == (Link("https://millbrook.example/pool", title="millbrook.example/pool"),)
    assert seen.body.tags == ("MillbrookPool", "aquatics")


def test_a_link_says_other_words_than_its_address() -> None:
    """Both are kept: what a reader saw, and where it leads."""
    found = rich_text("see here", [facet(4, 8, kind="link", uri="https://evil.example/")])
    assert found.links == (Link("https://evil.example/", title="here"),)


MALFORMED = {
    "reversed": (5, 1),
    "empty": (3, 3),
    "beyond the text": (0, 999),
    "negative": (-2, 3),
    "no numbers": ("0", "3"),
    "absent": (None, None),
    "through a character": (1, 3),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_facet_is_left_out_and_the_text_stays(name: str) -> None:
    """They occur in the wild."""
    start, end = MALFORMED[name]
    seen = post(text="🏊 pool", facets=[facet(start, end, kind="link", uri="https://x.example/")])
    assert (seen.body.text, seen.body.links) == ("🏊 pool", ())


def test_overlapping_facets_are_both_read_in_the_order_of_the_text() -> None:
    """Which of them a client draws is its choice."""
    facets = [facet(2, 6, kind="link", uri="https://b.example/"), facet(0, 4, kind="link", uri="https://a.example/")]
    assert [link.url for link in rich_text("abcdef", facets).links] == ["https://a.example/", "https://b.example/"]


@given(st.text(max_size=60), st.integers(-5, 300), st.integers(-5, 300))
def test_no_facet_raises(text: str, start: int, end: int) -> None:
    """Whatever the text and wherever the facet."""
    found = rich_text(text, [facet(start, end, kind="tag", tag="x")])
    assert found.tags in {(), ("x",)}


def test_an_empty_text_is_empty_and_an_absent_one_unknown() -> None:
    """Absent is not empty (design 5.4)."""
    assert post(text="").body.text == ""
    assert post().body.text is None
    assert post(text=5).body.text is None


def test_languages_and_self_labels_are_kept() -> None:
    """Up to three languages; labels in the order given."""
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}, {"val": "porn"}, 7]}
    seen = post(text="x", langs=["en", "es", 5], labels=labels)
    assert (seen.body.lang, seen.body.labels) == ("en,es", ("graphic-media", "porn"))


def test_an_answer_names_parent_and_root_and_whose_they_are() -> None:
    """From the record, which is the author's own word, not from the view around it."""
    reply = {"root": {"uri": ROOT, "cid": "c"}, "parent": {"uri": "at://did:plc:ann/app.bsky.feed.post/3n2bbbbbbbb2a"}}
    seen = post(text="x", reply=reply)
    assert (seen.parent, seen.thread) == (f"bluesky:{reply['parent']['uri']}", f"bluesky:{ROOT}")
    assert (seen.parent_author, seen.thread_author) == ("did:plc:ann", DID)


def test_an_answer_without_a_root_is_kept_and_its_thread_is_open() -> None:
    """A client that left the root out: the archive follows the parents."""
    seen = post(text="x", reply={"parent": {"uri": "at://did:plc:ann/app.bsky.feed.post/3n2bbbbbbbb2a"}})
    assert (seen.parent, seen.thread, seen.thread_author) == (
        "bluesky:at://did:plc:ann/app.bsky.feed.post/3n2bbbbbbbb2a",
        None,
        None,
    )


@pytest.mark.parametrize("created", ["2031-01-01T00:00:00.000Z", "1492-10-12T00:00:00Z", "not a time", None, 7])
def test_a_record_with_an_absurd_date_is_kept(created: Any) -> None:
    """CreatedAt is the author's claim."""
    assert post(text="x", createdAt=created).body.text == "x"


def test_the_permalink_holds_the_did() -> None:
    """A handle changes, the DID stays."""
    assert post(text="x").permalink == f"https://bsky.app/profile/{DID}/post/3n2aaaaaaaa2a"


# --- embeds


def test_pictures_have_alt_text_size_and_a_permanent_name() -> None:
    """An empty alt text is empty, not absent; the address is the CDN's in public, the server's own with a base_url."""
    images = [
        {"alt": "Map", "aspectRatio": {"width": 800, "height": 600}, "image": blob()},
        {"alt": "", "image": blob("bafkb")},
    ]
    embed = {"$type": "app.bsky.embed.images", "images": images}
    first, second = post(embed=embed).body.attachments or ()
    assert (first.kind, first.alt_text, first.mime, first.width, first.height) == (
        "image",
        "Map",
        "image/jpeg",
        800,
        600,
    )
    assert first.source == first.identity == f"blob:{DID}/bafkreiexampleblob"
    assert first.url == f"https://cdn.bsky.app/img/feed_fullsize/plain/{DID}/bafkreiexampleblob@jpeg"
    assert second.alt_text == ""
    served = (post(SERVED, embed=embed).body.attachments or ())[0]
    assert (
        served.url
        == f"http://bsky.test/xrpc/com.atproto.sync.getBlob?did={DID.replace(':', '%3A')}&cid=bafkreiexampleblob"
    )
    assert served.source == first.source


def test_a_gallery_is_pictures_under_another_name() -> None:
    """New in 2026: items instead of images."""
    items = [{"$type": "app.bsky.embed.gallery#image", "alt": f"{n}", "image": blob(f"bafk{n}")} for n in range(12)]
    seen = post(embed={"$type": "app.bsky.embed.gallery", "items": items})
    assert [one.alt_text for one in seen.body.attachments or ()] == [f"{n}" for n in range(12)]


def test_a_video_brings_its_captions() -> None:
    """The film, then each caption file with its language."""
    captions = [{"lang": "en", "file": blob("bafkvtt", "text/vtt")}, {"lang": "es"}]
    embed = {
        "$type": "app.bsky.embed.video",
        "video": blob("bafkfilm", "video/mp4"),
        "alt": "Clip",
        "captions": captions,
    }
    film, words = post(embed=embed).body.attachments or ()
    assert (film.kind, film.alt_text, film.mime, film.source) == ("video", "Clip", "video/mp4", f"blob:{DID}/bafkfilm")
    assert (words.kind, words.alt_text, words.mime, words.source) == (
        "captions",
        "en",
        "text/vtt",
        f"blob:{DID}/bafkvtt",
    )


def test_a_link_card_is_a_link_and_its_picture_an_attachment() -> None:
    """The card's title and description are its words."""
    external = {"uri": "https://x.example/", "title": "Draft", "description": "Open", "thumb": blob(), "readingTime": 7}
    seen = post(embed={"$type": "app.bsky.embed.external", "external": external})
    assert seen.body.links == (Link("https://x.example/", title="Draft\nOpen", card=True),)
    assert [one.kind for one in seen.body.attachments or ()] == ["thumbnail"]


def test_a_quote_with_a_picture_has_both() -> None:
    """RecordWithMedia holds a record embed, which holds a record: record.record."""
    quoted = "at://did:plc:parks/app.bsky.feed.post/3n29999999z2b"
    media = {"$type": "app.bsky.embed.images", "images": [{"alt": "Map", "image": blob()}]}
    strong = {"$type": "app.bsky.embed.record", "record": {"uri": quoted, "cid": "c"}}
    seen = post(embed={"$type": "app.bsky.embed.recordWithMedia", "media": media, "record": strong})
    assert seen.body.quotes == f"bluesky:{quoted}"
    assert [one.alt_text for one in seen.body.attachments or ()] == ["Map"]


def test_an_embedded_list_or_feed_is_a_link_and_no_quote() -> None:
    """Only posts are quoted."""
    feed = f"at://{DID}/app.bsky.feed.generator/news"
    seen = post(embed={"$type": "app.bsky.embed.record", "record": {"uri": feed, "cid": "c"}})
    assert (seen.body.quotes, seen.body.links) == (None, (Link(feed, card=True),))


def test_a_blob_in_its_first_form_is_read() -> None:
    """Posts of early 2023 have cid and mimeType alone."""
    embed = {
        "$type": "app.bsky.embed.images",
        "images": [{"alt": "", "image": {"cid": "bafkold", "mimeType": "image/png"}}],
    }
    (old,) = post(embed=embed).body.attachments or ()
    assert (old.source, old.mime) == (f"blob:{DID}/bafkold", "image/png")


@pytest.mark.parametrize("embed", [
    None, 7, [], {}, {"$type": 5}, {"$type": "app.bsky.embed.hologram", "images": [{}]}, {"$type": "app.bsky.embed.images"},
    {"$type": "app.bsky.embed.images", "images": [7, {}, {"image": {}}, {"image": {"ref": {"$link": "../../etc"}}}]},
    {"$type": "app.bsky.embed.video"}, {"$type": "app.bsky.embed.external", "external": {"uri": 7}},
    {"$type": "app.bsky.embed.record", "record": {"uri": "x"}}, {"$type": "app.bsky.embed.recordWithMedia", "media": 1},
])  # fmt: skip
def test_unknown_and_malformed_embeds_give_nothing_and_break_nothing(embed: Any) -> None:
    """The union is open, and any client writes into its own repository."""
    seen = post(text="x", embed=embed)
    assert (seen.body.text, seen.body.attachments, seen.body.links, seen.body.quotes) == ("x", (), (), None)


# --- gates


def test_a_threadgate_hides_and_names_its_post() -> None:
    """Same record key as the post; entries that are no addresses are left out."""
    hidden = "at://did:plc:dee/app.bsky.feed.post/3n2bbbbbbbb2a"
    uri = AtUri(DID, "app.bsky.feed.threadgate", "3n2aaaaaaaa2a")
    seen = record(uri, {"post": ROOT, "hiddenReplies": [hidden, "x", 7]}, "c", PUBLIC, "")
    assert isinstance(seen, GateSeen)
    assert (seen.scope, seen.gate, sorted(seen.members)) == (f"bluesky:{ROOT}", "hidden", [f"bluesky:{hidden}"])
    without = record(uri, {"allow": []}, "c", PUBLIC, "")
    assert isinstance(without, GateSeen)
    assert (without.scope, without.members) == (f"bluesky:{ROOT}", frozenset())


def test_a_postgate_detaches() -> None:
    """Quotes that the city cut off."""
    quote = "at://did:plc:bo/app.bsky.feed.post/3n2bbbbbbbb2a"
    uri = AtUri(DID, "app.bsky.feed.postgate", "3n2aaaaaaaa2a")
    seen = record(uri, {"post": ROOT, "detachedEmbeddingUris": [quote]}, "c", PUBLIC, "")
    assert isinstance(seen, GateSeen)
    assert (seen.gate, sorted(seen.members)) == ("detached", [f"bluesky:{quote}"])


def test_other_collections_are_no_records() -> None:
    """Likes and follows are left to the WARC."""
    assert record(AtUri(DID, "app.bsky.feed.like", "3n2aaaaaaaa2a"), {"subject": {}}, "c", PUBLIC, "") is None
