"""From an entry's HTML to what a reader sees: plain text, links and pictures.

White space is shown as a browser shows it: runs of it are one space, and none stands at the edges of a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from archiver.domain.item import Attachment
from archiver.platforms.feed.documents import Words
from archiver.platforms.rendering import Rendered, render

_PRE = re.compile(r"<pre\b|</pre\s{0,9}>", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BLOCK = re.compile(
    r" ?(</?(?:p|div|br|li|ul|ol|dl|dt|dd|h[1-6]|table|thead|tbody|tr|blockquote|pre|figure|figcaption|hr|section"
    r"|article|header|footer|nav|aside|main)\b[^<>]*>) ?",
    re.IGNORECASE,
)


def rendered(words: Words | None) -> Rendered | None:
    """A text as it is read; None where there is none."""
    if words is None:
        return None
    return render(_tidied(words.value)) if words.markup else Rendered(words.value, ())


def pictures(words: Words | None) -> tuple[Attachment, ...]:
    """The pictures inside a text, each once."""
    if words is None or not words.markup or "<img" not in words.value.lower():
        return ()
    finder = _Pictures()
    finder.feed(words.value)
    finder.close()
    return tuple(finder.found.values())


def _tidied(markup: str) -> str:
    return "".join(part if kept else _BLOCK.sub(r"\1", _SPACE.sub(" ", part)) for part, kept in _parts(markup)).strip()


def _parts(markup: str) -> Iterator[tuple[str, bool]]:
    """Pieces of markup, each with whether it is preformatted: from a ``<pre>`` to the next end of one, if there is one.

    One pass over the tags, since a search for the end from each ``<pre>`` would take time in the square of the length.
    """
    at, begun = 0, None
    for tag in _PRE.finditer(markup):
        if not tag[0].startswith("</"):
            begun = tag.start() if begun is None else begun
        elif begun is not None:
            yield markup[at:begun], False
            yield markup[begun : tag.end()], True
            at, begun = tag.end(), None
    yield markup[at:], False


class _Pictures(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, Attachment] = {}

    def parse_html_declaration(self, i: int) -> int:
        """Read ``<!…>`` as a comment. The library raises on a marked section it does not know."""
        return self.parse_comment(i) if self.rawdata.startswith("<!--", i) else self.parse_bogus_comment(i)

    def close(self) -> None:
        """Leave out a tag that was begun and never ended: the library tries again at each ``<`` of such a tail."""
        self.rawdata = ""
        super().close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        source = (stated.get("src") or "").strip()
        if tag == "img" and source.startswith(("http://", "https://")):
            self.found.setdefault(source, Attachment("image", source, alt_text=stated.get("alt")))
