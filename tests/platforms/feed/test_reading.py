"""What a feed shows, in both dialects."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.domain.observation import AccountSeen, ItemSeen
from archiver.errors import ShapeChanged
from archiver.platforms.feed import FeedAdapter
from tests.platforms.feed_world import BASE, FEED, NOW, Site, exchange, news

RSS = "application/rss+xml"


def seen(body: bytes, kind: str = "application/atom+xml") -> list[ItemSeen]:
    """The records in an answer, the feed's own profile first."""
    found = FeedAdapter(news()).read(exchange(body, kind=kind))
    return [one for one in found if isinstance(one, ItemSeen)]


def test_both_dialects_say_the_same() -> None:
    """An article is one record whichever dialect it is written in, but for what RSS has no place for."""
    site = Site()
    site.publish(
        1,
        "<p>Main St &amp; 2nd</p>\n  <p>closed\n until noon<br>Friday</p>",
        enclosure=f"{BASE}/plan.pdf",
        tags=("roads",),
    )
    for body, kind in ((site.atom(), "application/atom+xml"), (site.rss(), RSS)):
        _profile, post = seen(body, kind)
        assert post.key == "feed:tag:news.example.gov,2026:1"
        assert post.body.title == "Notice 1"
        assert post.body.text == "Main St & 2nd\n\nclosed until noon\nFriday"
        assert post.created_at == NOW - timedelta(days=1)
        assert post.permalink == f"{BASE}/news/1"
        assert [one.url for one in post.body.attachments or ()] == [f"{BASE}/plan.pdf"]
        assert post.body.tags == ("roads",)
        assert post.author is not None
        assert post.author.display_name == "City of Example News"


def test_a_later_date_is_an_edit() -> None:
    """``updated`` tells of an edit where it is later than the publication."""
    site = Site()
    site.publish(1, updated=NOW)
    site.publish(2)
    edits = {post.key.rpartition(":")[2]: post.body.edited_at for post in seen(site.atom())[1:]}
    assert edits == {"1": NOW, "2": None}


def test_links_and_pictures_of_the_text_are_found_whole() -> None:
    """Relative addresses are relative to the feed; a picture keeps its description."""
    site = Site()
    site.publish(1, '<p><a href="/map">Map</a> <img src="../a.png" alt="The map"></p>')
    (_profile, post) = seen(site.atom())
    assert [link.url for link in post.body.links or ()] == [f"{BASE}/map"]
    assert [(one.kind, one.url, one.alt_text) for one in post.body.attachments or ()] == [
        ("image", f"{BASE}/a.png", "The map")
    ]


def test_script_is_no_text() -> None:
    """What a reader does not see is not said."""
    site = Site()
    site.publish(1, "<p>Hello</p><script>alert(1)</script><style>p {}</style>")
    assert seen(site.atom())[1].body.text == "Hello"


NAMELESS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>
<item><title>No id, no link</title><description>One</description></item>
<item><title>No id, no link</title><description>Two</description></item></channel></rss>"""


def test_an_entry_without_a_name_is_called_by_what_it_says() -> None:
    """Two entries without id and link are two records, the same ones each time."""
    first, again = ([post.key for post in seen(NAMELESS, RSS)[1:]] for _ in range(2))
    assert first == again
    assert len(set(first)) == 2


LATIN = (
    '<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>Straße</title>'
    "<item><guid>7</guid><title>Bänke &amp; Bäume</title></item></channel></rss>"
).encode("latin-1")
BROKEN = b"""<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>A & B</title></item><item><guid>2"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>&c;&x;</title></item></channel></rss>"""


def test_another_encoding_is_read() -> None:
    """The document's own word on its encoding counts where the server says nothing."""
    profile, post = seen(LATIN, "application/xml")
    assert (profile.body.title, post.body.title) == ("Straße", "Bänke & Bäume")


def test_a_broken_feed_is_read_as_far_as_it_goes() -> None:
    """A bare ampersand, a document that ends in the middle."""
    assert "A & B" in [post.body.title for post in seen(BROKEN, RSS)]


def test_entities_of_strangers_lead_nowhere() -> None:
    """No file of this machine gets into a record."""
    for post in seen(BOMB, RSS):
        assert "root:" not in (post.body.title or "")


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Not found</body></html>", b"{}", b"/etc/passwd", b"http://127.0.0.1/", b"\xff\xfe\x00"]
)
def test_what_is_no_feed_is_told(body: bytes) -> None:
    """A page, nothing, or the name of a file: none is a feed, and none is opened."""
    with pytest.raises(ShapeChanged):
        seen(body)


def test_the_account_is_the_feed() -> None:
    """Its permanent id is its address as configured, so that it is known before anything was asked."""
    found = list(FeedAdapter(news(base_url="http://127.0.0.1:9")).read(exchange(Site().atom())))
    assert found[0] == AccountSeen(FEED, FEED, "City of Example News")


def test_relative_addresses_of_files_start_from_the_feed() -> None:
    """A file without a server is on the feed's, and one that has no readable address stops nothing."""
    site = Site()
    site.publish(1, enclosure="/files/plan.pdf")
    site.publish(2, enclosure="http://[broken")
    for body, kind in ((site.atom(), "application/atom+xml"), (site.rss(), RSS)):
        files = {one.url for post in seen(body, kind)[1:] for one in post.body.attachments or ()}
        assert f"{BASE}/files/plan.pdf" in files


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "tail",
    ["<pre" * 50_000, "<pre>" * 20_000, '<img src="' * 20_000, "<![" * 20_000, "<!x" * 20_000],
    ids=["pre", "open pre", "img", "section", "declaration"],
)
def test_markup_that_never_ends_is_read_in_no_time(tail: str) -> None:
    """Tags that are begun over and over stop no poll, and what stood before them is read."""
    site = Site()
    site.publish(1, f'<p>Closed</p><img src="/a.png" alt="Map">{tail}')
    (_profile, post) = seen(site.atom())
    assert (post.body.text or "").startswith("Closed")
    assert (post.body.attachments or ())[0].url == f"{BASE}/a.png"


@pytest.mark.parametrize("begin", ["<pre>", "<PRE class='x'>", "<pre><pre>"])
def test_what_is_preformatted_keeps_its_spaces(begin: str) -> None:
    """Spaces count inside of ``<pre>`` and nowhere else."""
    site = Site()
    site.publish(1, f"<p>a  b</p>{begin}c  d</pre><p>e  f</p>")
    (_profile, post) = seen(site.atom())
    assert "a b" in (post.body.text or "")
    assert "c  d" in (post.body.text or "")
    assert "e f" in (post.body.text or "")


NUMBERED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>
<item><guid isPermaLink="false">7</guid><title>Seven</title></item></channel></rss>"""


def test_feeds_that_count_alike_have_records_of_their_own() -> None:
    """An id that is a mere number is unique in its feed alone; one beyond all measure is named by its digest."""
    keys = set()
    for handle in (FEED, f"{BASE}/events.xml"):
        found = FeedAdapter(news(handle=handle)).read(exchange(NUMBERED, kind=RSS))
        keys |= {one.key for one in found if isinstance(one, ItemSeen) and one.form == "post"}
    assert keys == {f"feed:{FEED}#7", f"feed:{BASE}/events.xml#7"}
    (_profile, long) = seen(NUMBERED.replace(b">7<", b">" + b"7" * 100_000 + b"<"), RSS)
    assert len(long.key) < 200


def test_half_a_surrogate_pair_stops_no_feed() -> None:
    """In an id, a title, a text or an address it becomes U+FFFD, so that the record can be written and asked for."""
    body = (
        b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>https://news.example.gov/</link>'
        b"<item><guid isPermaLink='false'>a&#xD83D;</guid><title>Snow &#xD83D;</title>"
        b"<description>half &#xD83D; a pair</description><link>https://news.example.gov/1</link></item></channel></rss>"
    )
    (_profile, post) = seen(body, RSS)
    for text in (post.key, post.body.title, post.body.text):
        assert text is not None
        text.encode()
        assert "\ufffd" in text
