"""The records of Bluesky repositories, as ``com.atproto.repo.listRecords`` gives them (lexicons ``app.bsky.*``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.sandbox.cid import cid_of_record
from archiver.sandbox.ids import iso_ms, iso_us, tid
from archiver.sandbox.images import Picture
from archiver.sandbox.model import BLUESKY, Gate, Person, Post, QuoteGate
from archiver.sandbox.world import POSTS, SHARES, World

PROFILE = "app.bsky.actor.profile"
THREADGATE = "app.bsky.feed.threadgate"
POSTGATE = "app.bsky.feed.postgate"
FOLLOW = "app.bsky.graph.follow"
BLOCK = "app.bsky.graph.block"

_URL = re.compile(r"https?://[^\s]+[^\s.,;:!?)]")
_TAG = re.compile(r"(?<!\w)#(\w+)")
_NAME = re.compile(r"(?<![\w@])@([\w.-]+\w)")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a repository."""

    uri: str
    cid: str
    value: dict[str, Any]

    @property
    def rkey(self) -> str:
        """The last part of its address."""
        return self.uri.rsplit("/", 1)[1]


def record_of(post: Post, version: int = -1) -> Record:
    """The record of a post or share in one of its versions (default: as it stands)."""
    number = version % len(post.versions)
    value = _share_value(post) if post.shares else _post_value(post, number)
    cid = post.cids.get(number)
    if cid is None:
        cid = post.cids[number] = cid_of_record(value)
    return Record(post.id, cid, value)


def cid_of(post: Post, version: int = -1) -> str:
    """The CID alone, without building the record twice."""
    number = version % len(post.versions)
    return post.cids.get(number) or record_of(post, number).cid


def blob(picture: Picture) -> dict[str, Any]:
    """A blob as it stands in a record."""
    return {
        "$type": "blob",
        "ref": {"$link": picture.cid},
        "mimeType": picture.mime,
        "size": len(picture.data),
    }


def profile_record(person: Person) -> Record:
    """The profile, record key ``self``."""
    profile = person.profile
    value: dict[str, Any] = {"$type": PROFILE, "displayName": profile.display_name}
    if profile.description:
        value["description"] = profile.description
    if profile.avatar:
        value["avatar"] = blob(profile.avatar)
    if person.pinned:
        value["pinnedPost"] = _strong(person.pinned[0], -1)
    if person.hides_from_public:
        labels = [{"val": "!no-unauthenticated"}]
        value["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": labels}
    return _record(f"at://{person.id}/{PROFILE}/self", value)


def gate_record(gate: Gate) -> Record:
    """A threadgate; same record key as the post it governs."""
    value: dict[str, Any] = {"$type": THREADGATE, "post": gate.post.id, "createdAt": iso_ms(gate.made_at)}
    if gate.allow is not None:
        value["allow"] = [{"$type": f"{THREADGATE}#{rule}"} for rule in gate.allow]
    if gate.hidden:
        value["hiddenReplies"] = [reply.id for reply in gate.hidden]
    return _record(gate.post.id.replace(POSTS, THREADGATE), value)


def quote_gate_record(gate: QuoteGate) -> Record:
    """A postgate; same record key as the post it governs."""
    value: dict[str, Any] = {"$type": POSTGATE, "post": gate.post.id, "createdAt": iso_ms(gate.made_at)}
    if gate.detached:
        value["detachedEmbeddingUris"] = [quote.id for quote in gate.detached]
    if gate.closed:
        value["embeddingRules"] = [{"$type": f"{POSTGATE}#disableRule"}]
    return _record(gate.post.id.replace(POSTS, POSTGATE), value)


def collection(world: World, person: Person, name: str, *, with_removed: bool = False) -> list[Record]:
    """A collection in ascending order of its record keys; ``with_removed``: what the server does not show, too."""
    return sorted(_records(world, person, name, with_removed=with_removed), key=lambda record: record.rkey)


def collections(world: World, person: Person) -> list[str]:
    """The collections that hold anything, in alphabetical order."""
    names = [PROFILE, POSTS, POSTGATE, SHARES, THREADGATE, BLOCK, FOLLOW]
    return [name for name in names if next(_records(world, person, name), None) is not None]


def find_record(world: World, person: Person, name: str, rkey: str) -> Record | None:
    """One record of a repository, None when it is not there (any more)."""
    if name in {POSTS, SHARES}:
        post = world.find(f"{BLUESKY}:at://{person.id}/{name}/{rkey}")
        return record_of(post) if post and not post.gone and not post.removed_by_admin else None
    return next((record for record in _records(world, person, name) if record.rkey == rkey), None)


def blobs(person: Person) -> dict[str, Picture]:
    """The blobs that a repository's present records refer to, by CID."""
    found: dict[str, Picture] = {}
    if person.profile.avatar:
        found[person.profile.avatar.cid] = person.profile.avatar
    for post in person.posts:
        if not post.gone:
            found.update((picture.cid, picture) for picture in post.latest.pictures)
    return found


def date_text(moment: datetime, style: int) -> str:
    """``createdAt`` as the various clients write it: milliseconds, whole seconds, microseconds, with an offset."""
    if style == 1:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if style == 2:
        return iso_us(moment)
    if style == 3:
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    return iso_ms(moment)


def _records(world: World, person: Person, name: str, *, with_removed: bool = False) -> Iterator[Record]:
    if name == PROFILE:
        yield profile_record(person)
    elif name in {POSTS, SHARES}:
        kept = (post for post in person.posts if not post.gone and (with_removed or not post.removed_by_admin))
        yield from (record_of(post) for post in kept if (post.shares is not None) == (name == SHARES))
    elif name == THREADGATE:
        yield from (gate_record(gate) for gate in world.gates.values() if _stands(gate.post, person))
    elif name == POSTGATE:
        yield from (quote_gate_record(gate) for gate in world.quote_gates.values() if _stands(gate.post, person))
    elif name in {FOLLOW, BLOCK}:
        for other in sorted(person.follows if name == FOLLOW else person.blocks):
            key = tid(1_700_000_000_000_000 + sum(other.encode()), person.serial)
            value = {"$type": name, "subject": other, "createdAt": iso_ms(person.joined_at)}
            yield _record(f"at://{person.id}/{name}/{key}", value)


def _stands(post: Post, author: Person) -> bool:
    return post.author is author and not post.gone


def _record(uri: str, value: dict[str, Any]) -> Record:
    return Record(uri, cid_of_record(value), value)


def _strong(post: Post, version: int) -> dict[str, str]:
    return {"cid": cid_of(post, version), "uri": post.id}


def _share_value(post: Post) -> dict[str, Any]:
    assert post.shares is not None
    return {
        "$type": SHARES,
        "subject": _strong(post.shares, 0),
        "createdAt": date_text(post.created_at, post.date_style),
    }


def _post_value(post: Post, number: int) -> dict[str, Any]:
    version = post.versions[number]
    value: dict[str, Any] = {"$type": POSTS, "text": version.text}
    if version.lang:
        value["langs"] = [version.lang]
    if post.parent and post.root:
        value["reply"] = {
            "root": _strong(post.root, post.root_version),
            "parent": _strong(post.parent, post.parent_version),
        }
    facets = facets_of(version.text, post)
    if facets:
        value["facets"] = facets
    embed = _embed(post, version.pictures)
    if embed:
        value["embed"] = embed
    if post.hidden_tags:
        value["tags"] = list(post.hidden_tags)
    if post.labels:
        values = [{"val": label} for label in post.labels]
        value["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    value["createdAt"] = date_text(post.created_at, post.date_style)
    return value


def _embed(post: Post, pictures: tuple[Picture, ...]) -> dict[str, Any] | None:
    media: dict[str, Any] | None = None
    if pictures and pictures[0].kind == "video":
        film = pictures[0]
        media = {"$type": "app.bsky.embed.video", "video": blob(film), "alt": film.alt or ""}
        media["aspectRatio"] = {"width": film.width, "height": film.height}
    elif pictures:
        images = [
            {"alt": p.alt or "", "image": blob(p), "aspectRatio": {"width": p.width, "height": p.height}}
            for p in pictures
        ]
        media = {"$type": "app.bsky.embed.images", "images": images}
    elif post.card:
        external = {"uri": post.card.url, "title": post.card.title, "description": post.card.description}
        media = {"$type": "app.bsky.embed.external", "external": external}
    if post.quote is None:
        return media
    record = {"$type": "app.bsky.embed.record", "record": _strong(post.quote, post.quote_version)}
    if media is None:
        return record
    return {"$type": "app.bsky.embed.recordWithMedia", "media": media, "record": record}


def facets_of(text: str, post: Post) -> list[dict[str, Any]]:
    """Links, hashtags and known names of a text, in UTF-8 byte offsets, the end exclusive."""
    if "@" not in text and "#" not in text and "http" not in text:
        return []
    names = {person.handle: person.id for person in post.mentions}
    found: list[tuple[int, int, dict[str, str]]] = []
    for match in _URL.finditer(text):
        feature = {"$type": "app.bsky.richtext.facet#link", "uri": match.group()}
        found.append((match.start(), match.end(), feature))
    for match in _NAME.finditer(text):
        if match.group(1) in names:
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": names[match.group(1)]}
            found.append((match.start(), match.end(), feature))
    links = [(start, end) for start, end, _ in found]
    for match in _TAG.finditer(text):
        if not any(start <= match.start() < end for start, end in links):
            feature = {"$type": "app.bsky.richtext.facet#tag", "tag": match.group(1)}
            found.append((match.start(), match.end(), feature))

    def offset(index: int) -> int:
        return len(text[:index].encode("utf-8", "surrogatepass"))

    return [
        {"index": {"byteStart": offset(start), "byteEnd": offset(end)}, "features": [feature]}
        for start, end, feature in sorted(found, key=lambda entry: entry[0])
    ]
