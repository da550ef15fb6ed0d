"""Texts as X gives them out: escaped, with ``t.co`` links for addresses, cut where they are long; and what is in them.

Positions count code points of the escaped text, as delivered. The end is the first position after, but of annotations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from archiver.sandbox.x.ids import short_link
from archiver.sandbox.x.model import Wording, XPost

SITE = "https://x.com"
LONGEST = 280
REPOSTED = 140
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_PART = re.compile(
    r"(?P<url>https?://[^\s<>\"]+)"
    r"|(?<!\w)@(?P<name>\w{1,15})"
    r"|(?<!\w)#(?P<tag>\w*[^\W\d]\w*)"
    r"|(?<!\w)\$(?P<cash>[A-Za-z]{1,6})\b"
    r"|(?P<odd>[&<>])"
)


@dataclass(slots=True)
class Told:
    """A text ready to be given out. ``note`` is the whole of a long one, with its own entities."""

    text: str
    entities: dict[str, list[dict[str, Any]]]
    shown: tuple[int, int]
    note: dict[str, Any] | None = None


def permalink(version: Wording) -> str:
    """Where people read a version of a post, under the name that its author had then."""
    return f"{SITE}/{version.handle}/status/{version.id}"


def seen(post: XPost, version: Wording) -> str:
    """The text as a reader sees it: in whole, nothing escaped, with short links."""
    text = told(post, version)
    whole = text.text if text.note is None else text.note["text"]
    return str(whole).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def told(post: XPost, version: Wording) -> Told:
    """One version of a post as text, entities and what of it is shown."""
    if post.shares is not None:
        return _repeated(post.shares)
    text, entities, start = _woven(version)
    note = None
    if len(version.text) - version.shown_from > LONGEST:
        note = {"text": text, "entities": entities} if entities else {"text": text}
        text, entities = _cut(version, text, entities)
    end = len(text)
    tails = [permalink(post.quote.versions[0])] if post.quote is not None else []
    tails += [f"{permalink(version)}/{_PAGES[one.kind]}/{n}" for n, one in enumerate(version.media, start=1)][:1]
    for target in tails:
        text = f"{text} {short_link(target)}" if text else short_link(target)
        keys = [one.key for one in version.media] if target is tails[-1] and version.media else [None]
        for key in keys:
            entities.setdefault("urls", []).append(_link(target, len(text), key))
    return Told(text, entities, (start, end), note)


def _woven(version: Wording) -> tuple[str, dict[str, list[dict[str, Any]]], int]:
    """The text escaped and with short links; what is in it; where what is shown begins."""
    named = dict(version.named)
    entities: dict[str, list[dict[str, Any]]] = {}
    parts: list[str] = []
    length, last, start = 0, 0, 0

    def put(text: str) -> None:
        nonlocal length
        parts.append(text)
        length += len(text)

    for found in _PART.finditer(version.text):
        put(version.text[last : found.start()])
        last = found.end()
        word = found.group()
        if found["odd"]:
            put(_ESCAPED[word])
        elif found["url"]:
            put(short_link(word))
            entities.setdefault("urls", []).append(_link(word, length))
        else:
            put(word)
            _note_word(entities, found, length, named)
        if last <= version.shown_from:
            start = length
    put(version.text[last:])
    return "".join(parts), entities, start + 1 if start else 0


def _note_word(
    entities: dict[str, list[dict[str, Any]]], found: re.Match[str], end: int, named: dict[str, Any]
) -> None:
    place = {"start": end - len(found.group()), "end": end}
    if found["tag"]:
        entities.setdefault("hashtags", []).append({**place, "tag": found["tag"]})
    elif found["cash"]:
        entities.setdefault("cashtags", []).append({**place, "tag": found["cash"]})
    elif found["name"] in named:
        person = named[found["name"]]
        entities.setdefault("mentions", []).append({**place, "username": found["name"], "id": person.id})


def _link(target: str, end: int, media_key: str | None = None) -> dict[str, Any]:
    url = short_link(target)
    shown = target.partition("://")[2]
    value: dict[str, Any] = {
        "start": end - len(url),
        "end": end,
        "url": url,
        "expanded_url": target,
        "display_url": shown if len(shown) <= 26 else shown[:26] + "…",
    }
    if media_key is not None:
        return value | {"display_url": f"pic.x.com/{url.rpartition('/')[2]}", "media_key": media_key}
    return value


def _cut(
    version: Wording, text: str, entities: dict[str, list[dict[str, Any]]]
) -> tuple[str, dict[str, list[dict[str, Any]]]]:
    """The beginning of a long text, with a link to the rest; only what is in the beginning is told of it."""
    keep = text.rfind(" ", 0, LONGEST - 30)
    keep = keep if keep > 0 else LONGEST - 30
    kept = {name: [one for one in found if one["end"] <= keep] for name, found in entities.items()}
    whole = permalink(version)
    beginning = f"{text[:keep]}… {short_link(whole)}"
    kept.setdefault("urls", []).append(_link(whole, len(beginning)))
    return beginning, {name: found for name, found in kept.items() if found}


def _repeated(original: XPost) -> Told:
    """``RT @name:`` and as much as fits."""
    text, _, _ = _woven(original.latest)
    head = f"RT @{original.author.handle}: "
    whole = head + text
    cut = whole if len(whole) <= REPOSTED else whole[: REPOSTED - 1] + "…"
    name = original.author.handle
    mention = {"start": 3, "end": 4 + len(name), "username": name, "id": original.author.id}
    return Told(cut, {"mentions": [mention]}, (0, len(cut)))


_PAGES = {"image": "photo", "video": "video", "gif": "video"}

__all__ = ["LONGEST", "REPOSTED", "SITE", "Told", "permalink", "seen", "told"]
