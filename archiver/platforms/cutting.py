"""Taking single records out of an answer that shows others, too (records rules R30, R31, R63). Pure.

In JSON each object that is such a record gives way to ``null``; where others need it, to an object that has nothing but
its own id, or nothing but ids; so the pointers of all others stay. In feeds the element is emptied. All other bytes
stay as they are.

What was cut is read again by the adapter, and must show of all other records what it showed before, to the last
detail. Where that can't be done, the cut is refused, with the reason in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.item import Body, Form
from archiver.domain.keys import Key, native_id_of, platform_of
from archiver.domain.observation import GoneSeen, ItemSeen, Observation, PastSeen, StateSeen
from archiver.domain.task import Verdict
from archiver.errors import ShapeChanged
from archiver.platforms.adapter import Adapter
from archiver.platforms.splicing import NoDocument, decoded, elements_with, escaped, with_empty_elements, with_values

PUSH = "push"
_OWN_IDS = ("id", "uri", "mid", "comment_id", "post_id", "media_key")
"""Members with an object's own id. What Facebook pushes of a comment has its post's, too."""
_SHOWS = (("snippet", "resourceId", "videoId"), ("contentDetails", "videoId"))
"""Where an entry of a list says whose title and description it shows: in YouTube's playlists."""
_ENTRIES = ("entry", "item")
_ID_NAME = re.compile(r"(?:^|_)(?:ids?|uri|did|cid|mid|key)$|Ids?$", re.ASCII)
_KIND_NAMES = frozenset({"$type", "type", "kind", "verb", "item", "object", "media_type", "event_type"})
_SPACE = re.compile(r"^[^/]*[.:][^/]*/(?=[^/]+$)")
"""A key space before an id: a server."""
_VALUE = re.compile(r'"((?:[^"\\]|\\.)*+)"|\b\d{3,}\b', re.DOTALL)
_WORD = re.compile(r"\S{1,300}")
_WEB = ("http:", "https:")
_LONG = 12
"""Words as long as this are looked for inside of other texts; shorter ones must be all of a text."""

_SAME = "another record is shown by the same object"
_OTHERS = "the other records of the answer could not be read as before"
_WORDS = "words of the record stand in another place, too"
UNREAD = "the answer can't be read, and names the record"
"""Why a capture is left as it is."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What an adapter made of an answer; ``broken``: it says that this is none."""

    seen: list[Observation]
    broken: bool = False

    def without(self, gone: Gone) -> _Reading:
        """What is not about records that go."""
        return _Reading([one for one in self.seen if gone.of_observation(one) is None], self.broken)


@dataclass(frozen=True, slots=True)
class Gone:
    """The records that go, by each of their names, and by platform by the ids that its answers have for them."""

    keys: Mapping[str, Key]
    by_platform: Mapping[str, Mapping[str, Key]]

    @classmethod
    def of(cls, names: Mapping[Key, Collection[str]]) -> Gone:
        """Made once for many cuts. ``names`` are the records' keys with their other names: keys and native ids."""
        keys: dict[str, Key] = {}
        by_platform: dict[str, dict[str, Key]] = {}
        for key, others in names.items():
            platform = platform_of(key)
            ids = by_platform.setdefault(platform, {})
            for name in (key, *others):
                keys[name] = key
                ids[_SPACE.sub("", name.removeprefix(f"{platform}:"))] = key
        return cls(keys, by_platform)

    def of_observation(self, seen: Observation) -> Key | None:
        """The record that goes, where an observation is about one."""
        if isinstance(seen, ItemSeen):
            return next((self.keys[name] for name in (seen.key, *seen.aliases) if name in self.keys), None)
        return self.keys.get(seen.key) if isinstance(seen, PastSeen | GoneSeen | StateSeen) else None


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left of a body.

    ``removed`` counts the objects that were taken out: with 0, and nothing ``refused``, the body is the old one.
    ``refused`` says why nothing could be taken out. ``kept_within`` are disposed records whose words a record repeats
    that stays: they go with that one.
    """

    body: bytes
    media_type: str
    removed: int = 0
    refused: str = ""
    kept_within: frozenset[Key] = frozenset()


def cut(adapter: Adapter, exchange: Exchange, gone: Gone) -> Cut:
    """Take records out of an exchange's body (of a delivery: of what was sent).

    Media are left as they are: whose they are, the store knows.
    """
    body = body_of(exchange)
    untouched = Cut(body, _media_type(exchange))
    if exchange.purpose is Purpose.MEDIA or not body:
        return untouched
    before = _read(adapter, exchange)
    try:
        if _is_xml(body):
            return _cut_feed(adapter, exchange, gone, before, untouched)
        made = _JsonCut(adapter, exchange, gone, before, untouched).made()
        return _cut_on(adapter, exchange, gone, made) if made.removed else made
    except (NoDocument, ValueError, RecursionError):
        return _cut_whole(adapter, exchange, gone, before, untouched)


def _cut_on(adapter: Adapter, exchange: Exchange, gone: Gone, made: Cut) -> Cut:
    """Cut until nothing more goes: where one place needs ids, others had them left, too, that can do without."""
    while True:
        after = with_body(exchange, made.body)
        again = _JsonCut(adapter, after, gone, _read(adapter, after), replace(made, removed=0)).made()
        if not again.removed or len(again.body) >= len(made.body):
            return made
        made = replace(made, body=again.body)


def body_of(exchange: Exchange) -> bytes:
    """The bytes that show records: what was answered, or of a delivery what was sent."""
    return (exchange.request_body or b"") if exchange.stream == PUSH else exchange.body


def with_body(exchange: Exchange, body: bytes) -> Exchange:
    """An exchange with other bytes in that place."""
    return replace(exchange, request_body=body) if exchange.stream == PUSH else replace(exchange, body=body)


def pointers_in(document: Any) -> Iterator[tuple[str, Any]]:
    """Each value of a document with its pointer."""
    return _walk(document)


def _shown_by(value: Mapping[str, Any], ids: Mapping[str, Key]) -> Key | None:
    """The record that goes, where an object says by its own id that it is that one."""
    named = [value.get(name) for name in _OWN_IDS if name != "post_id" or "comment_id" not in value]
    for path in _SHOWS:
        one: Any = value
        for name in path:
            one = one.get(name) if isinstance(one, dict) else None
        named.append(one)
    found = (ids.get(str(one)) for one in named if isinstance(one, str | int))
    return next((key for key in found if key is not None), None)


def _read(adapter: Adapter, exchange: Exchange) -> _Reading:
    try:
        return _Reading(list(adapter.read(exchange)))
    except ShapeChanged:
        return _Reading([], broken=True)


def _judged(adapter: Adapter, exchange: Exchange) -> Verdict | None:
    return None if exchange.stream == PUSH else adapter.judge(exchange)


def _holds(adapter: Adapter, exchange: Exchange, body: bytes, gone: Gone, before: _Reading) -> bool:
    """Whether what is left shows of all others what it showed before."""
    after = with_body(exchange, body)
    same = _read(adapter, after).without(gone) == before.without(gone)
    return same and _judged(adapter, after) == _judged(adapter, exchange)


def _is_xml(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def _media_type(exchange: Exchange) -> str:
    told = None if exchange.stream == PUSH else exchange.header("content-type")
    if told:
        return told
    return "application/xml" if _is_xml(body_of(exchange)) else "application/json"


def _cut_feed(adapter: Adapter, exchange: Exchange, gone: Gone, before: _Reading, untouched: Cut) -> Cut:
    as_list = replace(exchange, stream="posts")  # a feed that was asked for its title alone has its entries, too
    every = [*before.seen, *_read(adapter, as_list).seen]
    seen = [(one, gone.of_observation(one)) for one in every if isinstance(one, ItemSeen)]
    ids = gone.by_platform.get(adapter.platform, {})
    pointers = {one.pointer for one, key in seen if key and one.pointer}
    pointers |= elements_with(untouched.body, _ENTRIES, ids) - {one.pointer for one, key in seen if not key}
    kept = frozenset(key for one, key in seen if key and not one.pointer)
    if not pointers:
        return replace(untouched, kept_within=kept) if kept else _unread(adapter, exchange, gone, untouched)
    if pointers & {one.pointer for one, key in seen if not key}:
        return replace(untouched, refused=_SAME)
    body = with_empty_elements(untouched.body, pointers)
    if not _holds(adapter, exchange, body, gone, before):
        return replace(untouched, refused=_OTHERS)
    return replace(untouched, body=body, removed=len(pointers), kept_within=kept)


def _cut_whole(adapter: Adapter, exchange: Exchange, gone: Gone, before: _Reading, untouched: Cut) -> Cut:
    """A body that is no document: subtitles, or an answer that broke off. What is about one record goes whole."""
    if exchange.subject in gone.keys and not before.without(gone).seen:
        return replace(untouched, body=b"", removed=1)
    return _unread(adapter, exchange, gone, untouched)


def _unread(adapter: Adapter, exchange: Exchange, gone: Gone, untouched: Cut) -> Cut:
    """An answer of which nothing was read; it may name the records all the same."""
    if exchange.status in {200, None} and names_one(adapter, untouched.body, gone):
        return replace(untouched, refused=UNREAD)
    return untouched


def names_one(adapter: Adapter, data: bytes, gone: Gone) -> bool:
    """Whether bytes that nobody can read have an id of a record that goes, as a word of its own."""
    text = data.decode("utf-8", "replace")
    ids = (one for one in gone.by_platform.get(adapter.platform, {}) if one in text)
    return any(re.search(rf"(?<![\w.]){re.escape(one)}(?![\w.])", text) for one in ids)


def _words_of(seen: Observation) -> Iterator[str]:
    """The words of a record as an answer shows it."""
    bodies: list[Body] = []
    if isinstance(seen, ItemSeen):
        bodies = [seen.body]
    elif isinstance(seen, PastSeen):
        bodies = [version.body for version in seen.versions]
    for body in bodies:
        yield from (text for text in (body.text, body.title, body.markup, body.content_warning) if text)
        yield from (one.alt_text for one in body.attachments or () if one.alt_text)
        yield from (link.title for link in body.links or () if link.title)
        yield from (option.title for option in (body.poll.options if body.poll else ()))


def _walk(value: Any, pointer: str = "", *, but: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
    """Each value of a document with its pointer, outer ones first; ``but`` not these, nor what is inside of them."""
    rest = [(pointer, value)]
    while rest:
        at, one = rest.pop()
        if at in but:
            continue
        yield at, one
        if isinstance(one, dict | list):
            rest += reversed(_children(one, at))


def _children(value: Any, pointer: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(f"{pointer}/{escaped(name)}", one) for name, one in value.items()]
    return [(f"{pointer}/{place}", one) for place, one in enumerate(value)] if isinstance(value, list) else []


def _is_in(pointer: str, others: Collection[str]) -> bool:
    """Whether a place is one of others, or inside of one."""
    while pointer not in others:
        if not pointer:
            return False
        pointer = pointer.rpartition("/")[0]
    return True


_NOTHING: Any = object()


def _skeleton(value: Any, name: str = "", *, kept: bool = False, titles: bool = False) -> Any:
    """What of a value is ids and kinds (and ``titles``) and no other word; `_NOTHING` where there is none."""
    if isinstance(value, dict):
        kept = kept or bool(_ID_NAME.search(name))
        told = {one: inner for one, inner in value.items() if not _is_a_link(one, inner, value)}
        members = {one: _skeleton(inner, one, kept=kept, titles=titles) for one, inner in told.items()}
        return {one: inner for one, inner in members.items() if inner is not _NOTHING} or _NOTHING
    if isinstance(value, list):
        entries = [_skeleton(one, name, kept=kept, titles=titles) for one in value]
        return [one for one in entries if one is not _NOTHING] or _NOTHING
    if isinstance(value, bool) or (titles and name == "title"):
        return value
    if isinstance(value, str | int) and (kept or _ID_NAME.search(name) or name in _KIND_NAMES):
        return value if _WORD.fullmatch(str(value)) else _NOTHING
    return _NOTHING


def _is_a_link(name: str, value: Any, beside: Collection[str]) -> bool:
    """Whether an address is what somebody linked to, not the name of the object, which has an id of its own beside it.

    Bluesky's facets and link cards have what they lead to as their ``uri``: it is the author's, as words are.
    """
    return name == "uri" and "id" not in beside and isinstance(value, str) and value.casefold().startswith(_WEB)


def _nothing_of(value: Any) -> Any:
    """What stands in the place of a whole document, which stays what it is, and keeps the tag of YouTube's answers."""
    if isinstance(value, list):
        return []
    return {name: value[name] for name in ("kind", "etag") if isinstance(value.get(name), str)}


def _own_id_of(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        return value if name in _OWN_IDS and isinstance(value, str | int) else None
    return {one: value[one] for one in (*_OWN_IDS, "$type") if isinstance(value.get(one), str | int)} or None


def _ids_of(value: Any, name: str) -> Any:
    found = _skeleton(value, name)
    return None if found is _NOTHING else found


def _ids_and_titles_of(value: Any, name: str) -> Any:
    found = _skeleton(value, name, titles=True)
    return None if found is _NOTHING else found


_LEAVES: Mapping[str, Callable[[Any, str], Any]] = {
    "nothing": lambda _value, _name: None,
    "own id": _own_id_of,
    "ids": _ids_of,
    "ids and titles": _ids_and_titles_of,
}
"""What is left in the place of an object, the least first. A playlist that stays has the titles of its videos."""


@dataclass(slots=True)
class _Attempt:
    """One way to cut: values to be put in, the objects that go, and the records that stay within others."""

    values: dict[str, Any] = field(default_factory=dict)
    removed: int = 0
    kept: set[Key] = field(default_factory=set)


class _JsonCut:
    """The cut of one JSON body: the least is left with which all others are read as before."""

    def __init__(self, adapter: Adapter, exchange: Exchange, gone: Gone, before: _Reading, untouched: Cut) -> None:
        self._adapter = adapter
        self._exchange = exchange
        self._gone = gone
        self._before = before
        self._untouched = untouched
        self._text = decoded(untouched.body)[0]
        self._document: Any = None
        self._found: dict[bool, dict[str, Key]] = {}
        about = [(one, gone.of_observation(one)) for one in before.seen]
        leaving = [(one, key) for one, key in about if key and isinstance(one, ItemSeen | PastSeen)]
        self._profiles = [(one, key) for one, key in leaving if isinstance(one, ItemSeen) and one.form is Form.PROFILE]
        self._leaving = [pair for pair in leaving if not any(pair[0] is one for one, _ in self._profiles)]
        self._staying = [one for one, key in about if not key and isinstance(one, ItemSeen | PastSeen)]
        self._protected = {one.pointer for one in self._staying if one.pointer}
        own = {word for one in self._staying for word in _words_of(one)}
        words = {word.strip() for one, _key in self._leaving for word in _words_of(one)}
        self._words = {word for word in words if word and not any(word in other for other in own)}
        people = {one.author.native_id for one, _ in about if isinstance(one, ItemSeen) and one.author}
        self._people = {_SPACE.sub("", one) for one in people} | {key for _, key in self._profiles}

    def made(self) -> Cut:
        """The first way that holds, or why there is none."""
        if not self._leaving and not self._profiles and not self._may_show():
            return self._untouched
        self._document = json.loads(self._text)
        if any(one.pointer in self._protected for one, _key in self._leaving):
            return replace(self._untouched, refused=_SAME)
        return self._without_profiles(self._without_others())

    def _may_show(self) -> bool:
        """Whether an id of what goes is a value of the answer; to look at its text is faster than to read it."""
        ids = self._gone.by_platform.get(self._adapter.platform, {})
        if self._text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "["}:
            return True
        values = {one[1] or one[0] for one in _VALUE.finditer(self._text)}
        return any(one.replace("\\/", "/") in ids for one in values)

    def _without_profiles(self, cut: Cut) -> Cut:
        """Without what people say of themselves. Their ids and names stay, which all their records have."""
        for seen, key in [] if cut.refused else self._profiles:
            words = {word.strip() for word in (seen.body.text, seen.body.markup) if word and word.strip()}
            body = self._scrubbed(cut.body, words)
            if body is None:
                cut = replace(cut, kept_within=cut.kept_within | {key})
            elif body != cut.body:
                cut = replace(cut, body=body, removed=cut.removed + 1)
        return cut

    def _without_others(self) -> Cut:
        if not self._matches(by_id=True):
            return self._untouched
        reason, tried = _OTHERS, list[dict[str, Any]]()
        for whole, by_id, leaf, orphans in product((False, True), (True, False), _LEAVES, (True, False)):
            attempt = self._attempt(leaf, by_id=by_id, whole=whole, orphans=orphans)
            if attempt.values in tried:
                continue
            tried.append(attempt.values)
            if attempt.kept and not attempt.values:
                return replace(self._untouched, kept_within=frozenset(attempt.kept))
            body = with_values(self._untouched.body, attempt.values)
            if not _holds(self._adapter, self._exchange, body, self._gone, self._before):
                continue
            scrubbed = self._scrubbed(body, self._words - self._words_kept(attempt.kept))
            if scrubbed is None:
                reason = _WORDS
                continue
            removed = attempt.removed if scrubbed != self._untouched.body else 0  # an earlier cut left just that
            kept = frozenset(attempt.kept)
            return replace(self._untouched, body=scrubbed, removed=removed, kept_within=kept)
        return replace(self._untouched, refused=reason)

    def _matches(self, *, by_id: bool) -> dict[str, Key]:
        """The objects that show records which go, by pointer."""
        if by_id not in self._found:
            self._found[by_id] = self._searched(by_id=by_id)
        return self._found[by_id]

    def _searched(self, *, by_id: bool) -> dict[str, Key]:
        # a list of versions shows nothing but them; elsewhere its parts are found by their ids
        found = {
            one.pointer: key
            for one, key in self._leaving
            if one.pointer or isinstance(one, ItemSeen) or not self._staying
        }
        if not by_id:
            return found
        seen, ids = set(found), self._gone.by_platform.get(self._adapter.platform, {})
        for pointer, value in _walk(self._document):
            key = _shown_by(value, ids) if isinstance(value, dict) and pointer not in self._protected else None
            if key is None or key in self._people or native_id_of(key) in self._people:
                continue
            if pointer not in seen and _skeleton(value) != value:
                found[pointer] = key
        return {at: key for at, key in found.items() if at in seen or not self._is_wrapper(at, key, found)}

    def _is_wrapper(self, pointer: str, key: Key, found: Mapping[str, Key]) -> bool:
        """Whether an object has the id of a record inside of it: YouTube's threads have that of their first comment."""
        inside = f"{pointer}/"
        again = any(other.startswith(inside) and whose == key for other, whose in found.items())
        return again and any(other.startswith(inside) for other in self._protected)

    def _attempt(self, leaf: str, *, by_id: bool, whole: bool, orphans: bool) -> _Attempt:
        attempt = _Attempt()
        matches = self._matches(by_id=by_id)
        for pointer in sorted(matches, key=lambda one: (one.count("/"), one)):
            key = matches[pointer]
            if self._is_repeated(pointer, key, whole=whole):
                attempt.kept.add(key)
            elif not _is_in(pointer, attempt.values):
                value = _at(self._document, pointer)
                self._take(pointer, value, leaf, attempt.values)
                attempt.removed += 1
                if leaf == "ids and titles" and _ids_of(value, "") != _ids_and_titles_of(value, ""):
                    attempt.kept.add(key)
        if orphans:
            self._take_orphans(attempt.values)
        return attempt

    def _is_repeated(self, pointer: str, key: Key, *, whole: bool) -> bool:
        """Whether a share that stays has the object's words as its own."""
        sharing = [one.pointer for one in self._staying if isinstance(one, ItemSeen) and one.shares == key]
        return any(whole or pointer.startswith(f"{share}/") for share in sharing)

    def _take(self, pointer: str, value: Any, leaf: str, values: dict[str, Any]) -> None:
        """Put the least in the place of a value, and of all around records that stay inside of it."""
        inside = f"{pointer}/"
        if pointer in self._protected:
            return
        if any(other.startswith(inside) for other in self._protected):
            for at, one in _children(value, pointer):
                self._take(at, one, leaf, values)
            return
        left = _LEAVES[leaf](value, pointer.rpartition("/")[2])
        values[pointer] = _nothing_of(value) if not pointer and left is None else left

    def _take_orphans(self, values: dict[str, Any]) -> None:
        """Entries of lists (people, pictures, polls) that only what goes refers to go with it."""
        named = {one for at in values for _, one in _walk(_at(self._document, at)) if isinstance(one, str)}
        counts: dict[str, int] = {}
        candidates: list[tuple[str, Any, str]] = []
        for pointer, value in _walk(self._document, but=values):
            if isinstance(value, str) and value in named:
                counts[value] = counts.get(value, 0) + 1
            if (
                isinstance(value, dict)
                and pointer.rpartition("/")[2].isdigit()
                and not self._is_needed(pointer, values)
            ):
                own = {value[name] for name in _OWN_IDS if isinstance(value.get(name), str)}
                candidates += [(pointer, value, name) for name in own & named]
        for pointer, value, name in candidates:
            inside = sum(1 for _, one in _walk(value) if one == name)
            if counts.get(name, 0) <= inside and not _is_in(pointer, values):
                values[pointer] = None

    def _is_needed(self, pointer: str, values: Collection[str]) -> bool:
        """Whether an entry is a record that stays, or around or inside of one, or around what goes."""
        inside = f"{pointer}/"
        return _is_in(pointer, self._protected) or any(
            other.startswith(inside) for other in (*self._protected, *values)
        )

    def _scrubbed(self, body: bytes, words: Collection[str]) -> bytes | None:
        """Without words that stand in other places, such as previews; None where others need them there."""
        if not words:
            return body
        said = [(at, one) for at, one in _walk(json.loads(decoded(body)[0])) if isinstance(one, str)]
        every = "\0".join(one for _, one in said)
        there = [word for word in words if word in every]
        places = {at: None for at, one in said if any(_says(one, word) for word in there)}
        if not places:
            return body
        new = with_values(body, places)
        return new if _holds(self._adapter, self._exchange, new, self._gone, self._before) else None

    def _words_kept(self, kept: set[Key]) -> set[str]:
        return {word.strip() for one, key in self._leaving if key in kept for word in _words_of(one)}


def _says(text: str, word: str) -> bool:
    return word in text if len(word) >= _LONG else word == text.strip()


def _at(document: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document
