"""From what an author typed to the HTML that Mastodon serves, and to what a reader of it sees."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from archiver.sandbox.model import Person

# What Ruby's strip takes off; Mastodon strips a status before it is stored.
_STRIPPED = "\0\t\n\v\f\r "
_PART = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)'])"
    r"|(?<![\w@/])@(?P<name>[A-Za-z0-9_]+(?:@[A-Za-z0-9.-]+[A-Za-z0-9])?)"
    r"|(?<![\w#/&])#(?P<tag>\w*[^\W\d]\w*)"
)


def typed(text: str) -> str:
    """The text as the server keeps it: ends stripped, line ends of one kind."""
    return text.strip(_STRIPPED).replace("\r\n", "\n").replace("\r", "\n")


def seen(text: str, people: Mapping[str, Person]) -> str:
    """What a reader sees: names of people elsewhere lose their server, links stay whole."""

    def shorten(match: re.Match[str]) -> str:
        name = match.group("name")
        return f"@{name.split('@')[0]}" if name and name in people else match.group()

    return _PART.sub(shorten, typed(text))


def content(text: str, people: Mapping[str, Person], base_url: str) -> str:
    """The status' ``content``: paragraphs, line breaks, links split over spans, names, hashtags; all else escaped."""
    kept = typed(text)
    if not kept:
        return ""
    paragraphs = re.split(r"\n{2,}", kept)
    inner = ("<br />".join(_line(line, people, base_url) for line in p.split("\n")) for p in paragraphs)
    return "".join(f"<p>{paragraph}</p>" for paragraph in inner)


def inline_quote(url: str) -> str:
    """The paragraph that tells older readers what a status quotes."""
    return f'<p class="quote-inline">RE: {_link(url)}</p>'


def _line(line: str, people: Mapping[str, Person], base_url: str) -> str:
    parts: list[str] = []
    done = 0
    for match in _PART.finditer(line):
        made = _part(match, people, base_url)
        if made is None:
            continue
        parts += [html.escape(line[done : match.start()]).replace("&#x27;", "&#39;"), made]
        done = match.end()
    parts.append(html.escape(line[done:]).replace("&#x27;", "&#39;"))
    return "".join(parts)


def _part(match: re.Match[str], people: Mapping[str, Person], base_url: str) -> str | None:
    if url := match.group("url"):
        return _link(url)
    if tag := match.group("tag"):
        return f'<a href="{base_url}/tags/{tag}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
    person = people.get(match.group("name"))
    if person is None:
        return None
    name = match.group("name").split("@")[0]
    page = profile_page(person, base_url)
    return f'<span class="h-card" translate="no"><a href="{page}" class="u-url mention">@<span>{name}</span></a></span>'


def _link(url: str) -> str:
    """Scheme and ``www.`` invisible, thirty characters shown, the rest invisible."""
    head = re.match(r"https?://(?:www\.)?", url)
    prefix = head.group() if head else ""
    rest = url[len(prefix) :]
    shown, hidden = rest[:30], rest[30:]
    kind = "ellipsis" if hidden else ""
    spans = (
        f'<span class="invisible">{html.escape(prefix)}</span><span class="{kind}">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span>'
    )
    return f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener" translate="no">{spans}</a>'


def profile_page(person: Person, base_url: str) -> str:
    """The address of somebody's page, on their own server."""
    return f"https://{person.domain}/@{username(person)}" if person.domain else f"{base_url}/@{person.handle}"


def username(person: Person) -> str:
    """The name without its server."""
    return person.handle.split("@", maxsplit=1)[0]
