"""Facets: what the plain text of a post cannot say (lexicon ``app.bsky.richtext.facet``).

A facet's index counts UTF-8 bytes, end exclusive. Ranges that are reversed, out of the text or cut through a character
occur in the wild; what such a facet names is dropped, the text stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archiver.domain.item import Link
from archiver.platforms.bluesky.syntax import is_did

_FEATURE = "app.bsky.richtext.facet#"


@dataclass(frozen=True, slots=True)
class RichText:
    """What the facets of one text name, in the order of the text. ``mentions`` are DIDs."""

    links: tuple[Link, ...] = ()
    mentions: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()


def rich_text(text: object, facets: object) -> RichText:
    """Read the facets of a text; whatever is malformed is left out."""
    links: list[Link] = []
    mentions: set[str] = set()
    tags: list[str] = []
    for shown, feature in _features(text, facets):
        kind = feature.get("$type")
        uri, did, tag = feature.get("uri"), feature.get("did"), feature.get("tag")
        if kind == _FEATURE + "link" and isinstance(uri, str):
            links.append(Link(uri, title=shown if shown != uri else None))
        elif kind == _FEATURE + "mention" and isinstance(did, str) and is_did(did):
            mentions.add(did)
        elif kind == _FEATURE + "tag" and isinstance(tag, str):
            tags.append(tag)
    return RichText(tuple(links), frozenset(mentions), tuple(tags))


def _features(text: object, facets: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each feature with the words that it stands on, in the order of the text."""
    if not isinstance(text, str) or not isinstance(facets, list):
        return
    encoded = text.encode("utf-8", "surrogatepass")
    found: list[tuple[int, str, dict[str, Any]]] = []
    for facet in facets:
        span = _span(facet, len(encoded))
        if span is None:
            continue
        start, end = span
        try:
            shown = encoded[start:end].decode()
        except UnicodeDecodeError:
            continue
        features = facet.get("features")
        known = features if isinstance(features, list) else []
        found += [(start, shown, feature) for feature in known if isinstance(feature, dict)]
    for _, shown, feature in sorted(found, key=lambda one: one[0]):
        yield shown, feature


def _span(facet: object, size: int) -> tuple[int, int] | None:
    index = facet.get("index") if isinstance(facet, dict) else None
    if not isinstance(index, dict):
        return None
    start, end = index.get("byteStart"), index.get("byteEnd")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= size:
        return None
    return start, end
