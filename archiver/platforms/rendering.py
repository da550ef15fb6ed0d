"""From a post's sanitised HTML to the plain text that a reader sees.

Paragraphs are a blank line apart, ``<br>`` is a line break, entities are decoded once. White space inside a
paragraph stays, as Mastodon's own pages show it (``white-space: pre-wrap``). Addresses are shortened on screen by
spans of the classes ``invisible`` and ``ellipsis``: such a link is written out in full. Nothing is executed and
nothing raises: markup that makes no sense is read as a browser would, as far as it goes.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser

from archiver.domain.item import Link
from archiver.platforms.layout import Layout

Attributes = list[tuple[str, str | None]]

SCHEMES = frozenset(
    {"http", "https", "mailto", "xmpp", "magnet", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "gemini", "matrix"}
)  # fmt: skip
"""Schemes that Mastodon's sanitizer lets through; an address of another one is no link."""

_BLANK_LINE = frozenset({
    "p", "div", "blockquote", "pre", "ul", "ol", "dl", "table", "hr", "section", "article", "figure", "h1", "h2",
    "h3", "h4", "h5", "h6",
})  # fmt: skip
_NEW_LINE = frozenset({"li", "tr", "dt", "dd", "figcaption", "caption"})
_BLOCKS = _BLANK_LINE | _NEW_LINE
_NO_CLASS: frozenset[str] = frozenset()
_CONTAINERS = frozenset({"ul", "ol", "dl", "table", "blockquote", "div", "section", "article", "figure"})
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
_UNSEEN = frozenset({"script", "style", "template", "head", "title", "noscript", "iframe", "object", "svg"})
_TIDY = re.compile(
    r"([^<]+)"
    r"|<(/?)(p|br|a|span|b|i|u|em|strong|del|ul|ol|li|blockquote|pre|code|h[1-6]|div)"
    r"((?:\ [a-z-]+=\"[^\"<>]*\")*)\ ?/?>"
)
_ATTRIBUTE = re.compile(r"([a-z-]+)=\"([^\"]*)\"")
_DIGITS = 10  # of a list's first number
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of a piece of markup, and the addresses it leads to (mentions and hashtags have fields of their own)."""

    text: str
    links: tuple[Link, ...]


def render(markup: str, *, without_quote_line: bool = False) -> Rendered:
    """Render markup to text.

    ``without_quote_line`` leaves out the line ``RE: <address>`` (class ``quote-inline``) that servers put in for
    software which can't show quotes; a reader of the quote itself does not see it. Its link is kept.
    """
    if "<" not in markup and "&" not in markup:
        return Rendered(markup, ())
    renderer = _Renderer(without_quote_line=without_quote_line)
    if not renderer.feed_tidy(markup):
        renderer = _Renderer(without_quote_line=without_quote_line)
        renderer.feed(markup)
    renderer.close()
    return Rendered(renderer.layout.text, tuple(renderer.links))


def is_address(href: str) -> bool:
    """Whether an address is absolute and of a scheme that servers let through."""
    scheme = _SCHEME.match(href)
    return scheme is not None and scheme.group(1).lower() in SCHEMES


@dataclass(slots=True)
class _Open:
    """An element whose end has not come yet, with what holds inside of it.

    ``silent``: nothing is text there (a script). ``unseen``: nothing is shown there. ``invisible``: only hidden
    letters are there. ``pre``: all white space counts. ``block`` is the innermost block around.
    """

    tag: str = ""
    ellipsis: bool = False
    silent: bool = False
    unseen: bool = False
    invisible: bool = False
    pre: bool = False
    block: str = ""


_TOP = _Open()


@dataclass(slots=True)
class _Anchor:
    """A link being read: what it shows, and whether parts of its address are hidden."""

    href: str
    classes: frozenset[str]
    whole: list[str]
    shown: list[str]

    def words(self) -> str:
        """What a reader takes it for: the whole address where the page shortens it, else what the page shows."""
        shown, whole = "".join(self.shown), "".join(self.whole)
        if shown == whole or not is_address(self.href):
            return whole
        if shown.rstrip("…") in self.href:
            return self.href
        return whole if is_address(whole) else shown


class _Renderer(HTMLParser):
    def __init__(self, *, without_quote_line: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[Link] = []
        self._without_quote_line = without_quote_line
        self.layout = Layout()
        self._open: list[_Open] = [_TOP]
        self._count: Counter[str] = Counter()
        self._lists: list[int | None] = []
        self._anchor: _Anchor | None = None
        self._drop_newline = False  # the line end right after <pre>

    def feed_tidy(self, markup: str) -> bool:
        """Read markup as sanitizers write it, in less than half the time; False for any other.

        Nearly all that servers send is tidy: lower-case tags that are ended, attributes in double quotes, no comments.
        """
        at, end = 0, len(markup)
        while at < end:
            token = _TIDY.match(markup, at)
            if token is None:
                return False
            at = token.end()
            words, closing, tag, attributes = token.groups()
            if words is not None:
                self.handle_data(html.unescape(words) if "&" in words else words)
            elif closing:
                self.handle_endtag(tag)
            else:
                found = _ATTRIBUTE.findall(attributes) if attributes else []
                self.handle_starttag(tag, [(name, html.unescape(value)) for name, value in found])
        return True

    # the parser's calls

    def parse_html_declaration(self, i: int) -> int:
        """Read ``<!…>`` as a comment. The library raises on a marked section it does not know."""
        if self.rawdata.startswith("<!--", i):
            return self.parse_comment(i)
        return self.parse_bogus_comment(i)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(reversed(attrs)) if attrs else {}
        classes = frozenset((given.get("class") or "").split()) if attrs else _NO_CLASS
        if tag in {"td", "th"} and not (self.layout.at_line_start or self._unseen):
            self.layout.say("\t")
        self._boundary(tag)
        if tag == "br":
            if self._anchor is not None:
                self._anchor.whole.append("\n")
                self._anchor.shown.append("\n")
            elif not self._unseen:
                self.layout.end_lines(1)
        elif tag == "img" and not self._unseen:
            self.layout.say(given.get("alt") or "")
        if tag in _VOID:
            return
        self._count[tag] += 1
        self._open.append(self._inside(tag, classes))
        self._enter(tag, given, classes)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)  # HTML knows no self-closing elements but the void ones

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            if tag == "br":  # browsers read </br> as <br>
                self.handle_starttag("br", [])
            return
        if self._count[tag]:
            while self._close_innermost() != tag:
                pass
            self._boundary(tag)
        elif tag == "p":  # browsers read a stray </p> as an empty paragraph
            self._boundary(tag)

    def handle_data(self, data: str) -> None:
        if self._drop_newline:
            self._drop_newline = False
            data = data.removeprefix("\n")
        around = self._open[-1]
        if around.silent or (around.unseen and self._anchor is None):
            return
        if not data.strip(" \t\r\n\f") and not self._inline:
            return
        if self._anchor is not None:
            self._anchor.whole.append(data)
        if around.invisible:
            return
        if around.ellipsis:
            data += "…"
        if self._anchor is not None:
            self._anchor.shown.append(data)
            return
        ended = data.rstrip("\n")
        self.layout.say(ended)
        self.layout.end_lines(len(data) - len(ended))

    def close(self) -> None:
        """Read a tag that was begun and never ended as words, and an endless comment as nothing.

        The library tries again at each ``<`` of such a tail, which takes time in the square of its length.
        """
        tail = self.rawdata if self.cdata_elem is None else ""
        if tail.startswith("<"):
            self.rawdata = ""
            if not tail.startswith(("<!", "<?")):
                self.handle_data(html.unescape(tail))
        super().close()
        while len(self._open) > 1:
            self._close_innermost()

    # elements

    def _inside(self, tag: str, classes: frozenset[str]) -> _Open:
        around = self._open[-1]
        quote_line = self._without_quote_line and "quote-inline" in classes
        silent = around.silent or tag in _UNSEEN
        return _Open(
            tag,
            "ellipsis" in classes,
            silent,
            around.unseen or quote_line or silent,
            around.invisible or "invisible" in classes,
            around.pre or tag == "pre",
            tag if tag in _BLOCKS else around.block,
        )

    def _close_innermost(self) -> str:
        tag = self._open.pop().tag
        self._count[tag] -= 1
        self._leave(tag)
        return tag

    def _enter(self, tag: str, given: dict[str, str | None], classes: frozenset[str]) -> None:
        if tag == "a":
            self._finish_anchor()
            self._anchor = _Anchor((given.get("href") or "").strip(), classes, [], [])
        elif tag == "blockquote":
            self.layout.indent("> ", "> ")
        elif tag in {"ul", "ol"}:
            start = given.get("start") or ""
            number = int(start) if start.isascii() and start.isdigit() and len(start) < _DIGITS else 1
            self._lists.append(number if tag == "ol" else None)
        elif tag == "li":
            mark = self._mark()
            self.layout.indent(mark, " " * len(mark))
        elif tag == "pre":
            self._drop_newline = True

    def _leave(self, tag: str) -> None:
        if tag == "a":
            self._finish_anchor()
        elif tag in {"blockquote", "li"}:
            self.layout.outdent(keep_mark=tag == "li" and not self._unseen)
        elif tag in {"ul", "ol"}:
            self._lists.pop()

    def _mark(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "• "
        number = self._lists[-1]
        self._lists[-1] = number + 1
        return f"{number}. "

    def _finish_anchor(self) -> None:
        """Write a link out: what it shows, or its whole address where the page shows only a part of that."""
        anchor, self._anchor = self._anchor, None
        if anchor is None:
            return
        words = anchor.words()
        if not self._unseen:
            self.layout.say(words)
        named = bool(anchor.classes & {"mention", "hashtag"}) and words.lstrip()[:1] in {"@", "#", "\uff03"}
        if is_address(anchor.href) and not named:
            self.links.append(Link(anchor.href, title=words if words.strip() not in {"", anchor.href} else None))

    # blocks

    @property
    def _unseen(self) -> bool:
        return self._open[-1].unseen

    @property
    def _inline(self) -> bool:
        """Whether white space alone is part of a line: inside a paragraph, not between blocks."""
        around = self._open[-1]
        if self._anchor is not None or around.pre:
            return True
        if around.block in _CONTAINERS:
            return not self.layout.empty and not self.layout.parted
        return bool(around.block) or not self.layout.parted

    def _boundary(self, tag: str) -> None:
        """The start or end of a block: lines are parted there, whatever follows."""
        if tag not in _BLOCKS or self._unseen:
            return
        self.layout.part(1 if tag in _NEW_LINE or self._in_list(tag) else 2)

    def _in_list(self, tag: str) -> bool:
        """Whether a list stands in another one's entry, where no blank line parts them."""
        return tag in {"ul", "ol"} and bool(self._lists)
