"""The words of a post: as a reader sees them, with where their links lead, whom they name and their hashtags.

X sends ``&``, ``<`` and ``>`` escaped, once; positions of entities count in the text as sent. Long posts have all of
their words in ``note_tweet``, ``text`` is then their beginning. Links stay as they stand in the text (t.co).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archiver.domain.item import Link
from archiver.platforms.x.fields import Placed, identifier, mapping, objects, place_of, text
from archiver.platforms.x.vocabulary import named

Object = Mapping[str, Any]

_REPOST = re.compile(r"\ART @\w{1,15}: ", re.ASCII)
_CUT = re.compile(r"…(?:\s+https://t\.co/\w+)?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Words:
    """A post's text and what stands in it. ``cut``: it is only the beginning. None: not told."""

    text: str | None
    title: str | None = None
    links: tuple[Link, ...] | None = None
    tags: tuple[str, ...] | None = None
    cut: bool = False


def unescaped(text: str) -> str:
    """A text as a reader sees it. Nothing but these three is escaped, so ``&amp;copy;`` was typed as ``&copy;``."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def words_of(post: Object, asked: frozenset[str] | None) -> Words:
    """The words of a post that is not a repost. ``asked`` are the fields that were asked for; None: all of them.

    A field that was asked for and is not there has no value; of any other nothing is known.
    """
    note, article = mapping(named(post, "note_tweet")), mapping(post.get("article"))
    source = note if text(note.get("text")) is not None else post
    words, title = text(source.get("text")), text(article.get("title"))
    whole_article = text(article.get("plain_text"))
    shown = None if words is None else unescaped(words)
    cut = source is post and not _asked("note_tweet", asked) and shown is not None and _CUT.search(shown) is not None
    entities = [mapping(one.get("entities")) for one in ((note, article) if source is note else (post, article))]
    known = _asked("entities", asked) or any(entities)
    if whole_article:
        shown = whole_article if not shown else f"{shown}\n\n{whole_article}"
    return Words(
        text=_CUT.sub("…", shown) if cut and shown is not None else shown,
        title=title,
        links=tuple(_links(entities)) if known else None,
        tags=tuple(_tags(entities)) if known else None,
        cut=cut,
    )


def repost_of(post: Object) -> tuple[str | None, bool]:
    """The words of a repost whose original is not shown, and whether they are cut.

    X writes ``RT @name:`` before them and cuts the whole after 140 characters.
    """
    words = text(post.get("text"))
    if words is None:
        return None, False
    shown = unescaped(_REPOST.sub("", words, count=1))
    return shown, _CUT.search(shown) is not None


def mentions_in(post: Object) -> Iterator[tuple[str | None, str | None]]:
    """Whom a post names: id and name, in the order of the text. Until 2021 answers had the name alone."""
    note = mapping(named(post, "note_tweet"))
    for source in (post, note):
        for _, one in objects(mapping(source.get("entities")).get("mentions")):
            yield identifier(one.get("id")), text(one.get("username"))


def links_of(thing: Object) -> tuple[Link, ...] | None:
    """The links of a text, by its entities; None where these are not told."""
    entities = mapping(thing.get("entities"))
    return tuple(_links([entities])) if entities else None


def link_of(entity: Object) -> Link | None:
    """A link of the text. ``unwound_url`` is where all redirections end, as X found it."""
    url = text(entity.get("url"))
    if not url:
        return None
    leads_to = text(entity.get("unwound_url")) or text(entity.get("expanded_url"))
    return Link(url, expanded=leads_to if leads_to != url else None, title=text(entity.get("title")) or None)


def _links(sources: Iterable[Object]) -> Iterator[Link]:
    """The links, each place once: that of several pictures is repeated for each of them."""
    for entities in sources:
        for _, one in _in_order(entities.get("urls")):
            link = link_of(one)
            if link is not None:
                yield link


def _tags(sources: Iterable[Object]) -> Iterator[str]:
    """Hashtags as they are, and cashtags with their sign, which tells them apart."""
    for entities in sources:
        for name, sign in (("hashtags", ""), ("cashtags", "$")):
            for _, one in _in_order(entities.get(name)):
                if tag := text(one.get("tag")):
                    yield f"{sign}{tag}"


def _in_order(value: Any) -> list[Placed]:
    """Entities in the order of the text, those of one place once; of unknown places all."""
    found: dict[tuple[int, int, int], Placed] = {}
    for number, one in enumerate(objects(value)):
        start, end = place_of(one[1])
        found.setdefault((start, end, number if end == 0 else 0), one)
    return [found[place] for place in sorted(found)]


def _asked(name: str, asked: frozenset[str] | None) -> bool:
    return asked is None or name in asked
