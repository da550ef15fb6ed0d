"""HTML becomes the text that a reader sees."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms import rendering
from archiver.platforms.rendering import render

LONG = (
    '<a href="https://example.gov/roads/detour-map-2026" rel="nofollow"><span class="invisible">https://</span>'
    '<span class="ellipsis">example.gov/roads/detour-map-2</span><span class="invisible">026</span></a>'
)

CASES = [
    ("a text without markup stays", "Snow tonight", "Snow tonight"),
    ("paragraphs are a blank line apart", "<p>One</p><p>Two</p>", "One\n\nTwo"),
    ("a line break is one", "<p>One<br>Two<br />Three</p>", "One\nTwo\nThree"),
    ("two line breaks are two", "<p>One<br><br>Two</p>", "One\n\nTwo"),
    ("a line break at a paragraph's end shows nothing", "<p>One<br></p><p>Two</p>", "One\n\nTwo"),
    ("line ends between paragraphs are the markup's own", "<p>One</p>\n\n<p>Two</p>\n", "One\n\nTwo"),
    ("an empty paragraph shows nothing", "<p>One</p><p></p><p>Two</p>", "One\n\nTwo"),
    ("white space inside a paragraph stays", "<p>  a   b </p>", "  a   b "),
    ("a line end inside a paragraph is shown", "<p>One\nTwo</p>", "One\nTwo"),
    ("white space between two spans stays", "<p><b>a</b> <i>b</i></p>", "a b"),
    ("entities are decoded once", "<p>5 &lt; 6 &amp;amp; 7 &#39;x&#x27;</p>", "5 < 6 &amp; 7 'x'"),
    ("an escaped tag is text", "<p>&lt;b&gt;bold&lt;/b&gt;</p>", "<b>bold</b>"),
    ("a text without tags is decoded, too", "Fish &amp; chips", "Fish & chips"),
    ("a no-break space stays what it is", "<p>6&nbsp;pm</p>", "6\u00a0pm"),
    ("a shortened address is written out", f"<p>Map: {LONG}.</p>", "Map: https://example.gov/roads/detour-map-2026."),
    (
        "an address with nothing hidden but the scheme is written out (Takahē)",
        '<p><a href="https://millbrook.example/pool"><span class="invisible">https://</span>millbrook.example/pool</a></p>',
        "https://millbrook.example/pool",
    ),
    (
        "an address in the author's own letters stays so",
        '<a href="https://xn--bcher-kva.example/x"><span class="invisible">https://</span>bücher.example/x</a>',
        "https://bücher.example/x",
    ),
    ("a link's words are what is seen", '<p><a href="https://example.gov">the map</a></p>', "the map"),
    (
        "hidden letters do not change a link's words",
        '<a href="https://evil.example"><span class="invisible">x</span>City of Example</a>',
        "City of Example",
    ),
    (
        "a link that shows another address than its own shows it",
        '<a href="https://evil.example"><span class="invisible">https://</span>bank.example</a>',
        "https://bank.example",
    ),
    ("hidden words outside a link are not seen", '<p>a<span class="invisible">b</span>c</p>', "ac"),
    ("shortened words outside a link end in an ellipsis", '<p><span class="ellipsis">abc</span></p>', "abc…"),
    (
        "a mention reads as its name",
        '<p><span class="h-card"><a href="https://h/@city" class="u-url mention">@<span>city</span></a></span> Hi</p>',
        "@city Hi",
    ),
    (
        "a hashtag reads as it was written",
        '<p><a href="/t" class="mention hashtag">#<span>Roads</span></a></p>',
        "#Roads",
    ),
    (
        "a list has bullets",
        "<p>Bring:</p><ul><li>ice</li><li>salt</li></ul><p>Bye</p>",
        "Bring:\n\n• ice\n• salt\n\nBye",
    ),
    ("an ordered list has its numbers", '<ol start="3"><li>c</li><li>d</li></ol>', "3. c\n4. d"),
    ("a list in a list is indented", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "• a\n  • b\n• c"),
    ("paragraphs in a list's entry are indented", "<ol><li><p>a</p><p>b</p></li></ol>", "1. a\n\n   b"),
    ("an empty entry keeps its bullet", "<ul><li></li><li>b</li></ul>", "• \n• b"),
    (
        "a quotation is marked on each line",
        "<blockquote><p>a</p><p>b<br>c</p></blockquote><p>d</p>",
        "> a\n>\n> b\n> c\n\nd",
    ),
    (
        "a quotation in a quotation is marked twice",
        "<blockquote>a<blockquote>b</blockquote></blockquote>",
        "> a\n>\n> > b",
    ),
    ("code keeps its lines and spaces", "<pre><code>if x:\n    y()\n</code></pre><p>z</p>", "if x:\n    y()\n\nz"),
    ("the line end after <pre> is not shown", "<pre>\nx</pre>", "x"),
    (
        "cells are parted by tabs, rows by lines",
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
        "a\tb\nc",
    ),
    ("a picture in the text reads as its description", '<p>I <img alt=":heart:" src="x"> it</p>', "I :heart: it"),
    ("emoji and other scripts stay", "<p>🏊 日本語 עברית :blobcat:</p>", "🏊 日本語 עברית :blobcat:"),
    ("a script is no text", "<p>a</p><script>alert(1)</script><style>p{}</style><p>b</p>", "a\n\nb"),
    ("an event handler does nothing", '<p onclick="x()">a<img src=x onerror="y()"></p>', "a"),
    ("a comment is no text", "<p>a<!-- b --></p>", "a"),
    ("a marked section that nobody knows is no text", "<![foo[x]]>a<!DOCTYPE html>b", "ab"),
    ("a lonely angle bracket is text", "<p>1 < 2</p>", "1 < 2"),
    ("tags that were never closed are closed at the end", "<blockquote><p>a<b>b", "> ab"),
    ("tags that were never opened end nothing", "</div></blockquote></a>a</li>", "a"),
    ("a link in a link ends the first", '<a href="https://a.example">a<a href="https://b.example">b</a>', "ab"),
    ("a tag that is never ended is text", '<p>a <a href="x <b>c</b>', 'a <a href="x <b>c</b>'),
    ("a comment that is never ended hides the rest, as in a browser", "<p>a</p><!-- <p>b</p>", "a"),
    ("a script that is never ended hides the rest, as in a browser", "<p>a</p><script>b", "a"),
    ("an entity cut off at the end is read as far as it goes", "a &am", "a &am"),
    ("nothing is nothing", "", ""),
    ("an empty paragraph alone is nothing", "<p></p>", ""),
]


@pytest.mark.parametrize(("markup", "text"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_text(markup: str, text: str) -> None:
    """Each case is a sentence."""
    assert render(markup).text == text


LINKS = [
    ("a shortened link leads to its whole address", LONG, [("https://example.gov/roads/detour-map-2026", None)]),
    ("a link under words has these for a title", '<a href="https://a.example">map</a>', [("https://a.example", "map")]),
    (
        "a link that pretends keeps both",
        '<a href="https://evil.example"><span class="invisible">https://</span>bank.example</a>',
        [("https://evil.example", "https://bank.example")],
    ),
    ("a mention is no link", '<a href="https://h/@a" class="u-url mention">@<span>a</span></a>', []),
    ("a hashtag is no link", '<a href="https://h/t" class="mention hashtag">#<span>t</span></a>', []),
    ("what only pretends to be a mention is a link", '<a href="https://h/x" class="mention">Win!</a>', [("https://h/x", "Win!")]),
    ("an address that would run is no link", '<a href="javascript:alert(1)">x</a>', []),
    ("an address without a server is no link", '<a href="/x">x</a>', []),
    ("a mail address is a link", '<a href="mailto:a@example.gov">mail</a>', [("mailto:a@example.gov", "mail")]),
    ("entities in an address are decoded", '<a href="https://a.example/?x=1&amp;y=2">a</a>', [("https://a.example/?x=1&y=2", "a")]),
    ("a link without words is one", '<a href="https://a.example"></a>', [("https://a.example", None)]),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "links"), [case[1:] for case in LINKS], ids=[case[0] for case in LINKS])
def test_links(markup: str, links: list[tuple[str, str | None]]) -> None:
    """Each case is a sentence."""
    assert [(link.url, link.title) for link in render(markup).links] == links


QUOTE = '<p class="quote-inline">RE: <a href="https://h/1">https://h/1</a></p><p>Look</p>'


def test_the_line_for_software_without_quotes_is_read_where_no_quote_is_shown() -> None:
    """``RE: <address>`` is all that a reader has then."""
    assert render(QUOTE).text == "RE: https://h/1\n\nLook"


def test_the_line_for_software_without_quotes_is_left_out_beside_the_quote() -> None:
    """Its address stays among the links."""
    rendered = render(QUOTE, without_quote_line=True)
    assert rendered.text == "Look"
    assert [link.url for link in rendered.links] == ["https://h/1"]


def test_the_line_may_stand_at_the_end_in_a_span() -> None:
    """As bridges write it."""
    markup = '<p>Look<span class="quote-inline"><br><br>RE: <a href="https://h/1">https://h/1</a></span></p>'
    assert render(markup, without_quote_line=True).text == "Look"


lines = st.text(st.characters(exclude_characters="\r\n"), min_size=1)
texts = st.lists(st.lists(lines, min_size=1), min_size=1).map(lambda ps: "\n\n".join("\n".join(p) for p in ps))


@given(texts)
def test_what_was_written_comes_back(text: str) -> None:
    """As a server puts it into HTML: escaped, a paragraph for each blank line, ``<br>`` for each line end."""
    paragraphs = (html.escape(part).replace("\n", "<br>") for part in text.split("\n\n"))
    assert render("".join(f"<p>{part}</p>" for part in paragraphs)).text == text


fragments = st.sampled_from([
    "<p>", "</p>", "<br>", "<a href=", "<a href='https://x'>", "</a>", "<", ">", "&", "&#", "&amp", "<!", "<![", "<!--", "-->",
    "<?", "</", "<script>", "</script>", "<pre>", "<ul>", "<li>", "</li>", "<blockquote>", "</blockquote>", "<td>", '"', "'", "\x00",
    "<ol start='x'>", "<span class='invisible'>", "<span class='quote-inline'>", "</span>", "\n", " ", "<textarea>", "]]>", "<title>",
    "<plaintext>", "<svg>", "&#1114112;", "&#xd800;", "<ol start='99999999999999999999'>",
])  # fmt: skip


@given(markup=st.lists(fragments | st.text(max_size=5)).map("".join), without=st.booleans())
def test_no_markup_raises(markup: str, *, without: bool) -> None:
    """Whatever a stranger writes, something is read, and links are addresses."""
    rendered = render(markup, without_quote_line=without)
    assert all(":" in link.url for link in rendered.links)


tidy = st.sampled_from([
    "<p>", "</p>", "<br>", "<br />", "<b>", "</b>", "<ul>", "</ul>", "<ol>", '<ol start="7">', "</ol>", "<li>", "</li>", "<pre>", "</pre>",
    "<blockquote>", "</blockquote>", '<a href="https://a.example/?x=1&amp;y=2" rel="nofollow">', "</a>", "</br>", "<p/>", "<b />",
    '<span class="invisible">', '<span class="ellipsis">', '<span class="quote-inline">', "</span>", "a", " ", "\n", "&lt;", "&amp;amp;",
    "&#39;", "&nbsp", "&", ">", '"', "x\n", '<a class="a" class="mention" href="">', "<div>", "<h1>", "</h1>",
])  # fmt: skip


@given(markup=st.lists(tidy | fragments).map("".join), without=st.booleans())
def test_the_short_way_for_tidy_markup_reads_like_the_long_one(markup: str, *, without: bool) -> None:
    """What the short way takes on, it reads as the library does."""
    short = rendering._Renderer(without_quote_line=without)
    if not short.feed_tidy(markup):
        return
    short.close()
    long = rendering._Renderer(without_quote_line=without)
    long.feed(markup)
    long.close()
    assert (short.layout.text, short.links) == (long.layout.text, long.links)


@pytest.mark.parametrize(
    "piece",
    [
        "<b>x",
        "<b></i>",
        "<blockquote>x",
        "<",
        "<!--",
        "<!",
        "&",
        '<a href="x',
        '<a href="https://x">y',
        "<ul><li>x",
        "</",
        '<a "',
    ],
)
@pytest.mark.timeout(20)
def test_markup_made_to_stall_does_not(piece: str) -> None:
    """A hundred kilobytes of the same piece are read in moments."""
    render(piece * (100_000 // len(piece)))
