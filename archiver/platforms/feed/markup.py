"""From an entry's HTML to what a reader sees: plain text, links and pictures.

White space is shown as a browser shows it: runs of it are one space, and none stands at the edges of a block.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from archiver.domain.item import Attachment
from archiver.platforms.feed.documents import Words
from archiver.platforms.rendering import Rendered, render

_PRE = re.compile(r"(<pre\b.*?</pre\s*>)", re.IGNORECASE | re.DOTALL)
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
    parts = _PRE.split(markup)  # every second one is preformatted
    return "".join(part if n % 2 else _BLOCK.sub(r"\1", _SPACE.sub(" ", part)) for n, part in enumerate(parts)).strip()


class _Pictures(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, Attachment] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        source = (stated.get("src") or "").strip()
        if tag == "img" and source.startswith(("http://", "https://")):
            self.found.setdefault(source, Attachment("image", source, alt_text=stated.get("alt")))
