"""Links, names and hashtags of a text in an archive, brought into the form in which the API has them.

All numbers are text there, and a place is ``indices``; the link of a picture stands with the picture and not among the
links.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.platforms.x.fields import identifier, objects, text

Object = Mapping[str, Any]


def entities_of(source: Object) -> dict[str, Any]:
    """Entities as the API has them, of a post's ``entities`` or a long text's ``core``."""
    found: dict[str, Any] = {
        "urls": [*_urls(source), *_media_links(source)],
        "hashtags": list(_tags(source, "hashtags")),
        "cashtags": [*_tags(source, "symbols"), *_tags(source, "cashtags")],
        "mentions": list(_mentions(source)),
    }
    return {name: value for name, value in found.items() if value}


def number(value: Any) -> int | None:
    """A count or position, which archives write as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def _urls(source: Object) -> Iterator[dict[str, Any]]:
    for _, one in objects(source.get("urls")):
        url, leads_to = _link(one)
        if url:
            yield _place(one) | {"url": url, "expanded_url": leads_to}


def _media_links(source: Object) -> Iterator[dict[str, Any]]:
    """The link at the end of a text with pictures, once."""
    for _, one in objects(source.get("media")):
        url, leads_to = _link(one)
        if url:
            yield _place(one) | {"url": url, "expanded_url": leads_to}
            return


def _link(one: Object) -> tuple[str | None, str | None]:
    """Long texts and messages have other names for the same."""
    url = text(one.get("url")) or text(one.get("shortUrl"))
    leads_to = text(one.get("expanded_url")) or text(one.get("expandedUrl")) or text(one.get("expanded"))
    return (url, leads_to) if url else (leads_to, None)


def _tags(source: Object, name: str) -> Iterator[dict[str, Any]]:
    for _, one in objects(source.get(name)):
        if tag := text(one.get("text")) or text(one.get("tag")):
            yield _place(one) | {"tag": tag}


def _mentions(source: Object) -> Iterator[dict[str, Any]]:
    for name in ("user_mentions", "mentions"):
        for _, one in objects(source.get(name)):
            username = text(one.get("screen_name")) or text(one.get("screenName"))
            native_id = identifier(one.get("id_str")) or identifier(one.get("id")) or identifier(one.get("userId"))
            known = native_id if native_id and native_id.isdigit() else None
            if known or username:
                yield _place(one) | {"username": username} | ({"id": known} if known else {})


def _place(one: Object) -> dict[str, int]:
    """Where it stands: ``indices``, or in long texts ``fromIndex`` and ``toIndex``."""
    indices = one.get("indices")
    if isinstance(indices, list) and len(indices) == 2:
        start, end = number(indices[0]), number(indices[1])
    else:
        start, end = number(one.get("fromIndex")), number(one.get("toIndex"))
    return {"start": start, "end": end} if start is not None and end is not None else {}
