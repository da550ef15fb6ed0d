"""What the people of a town do on the network; each deed enters the truth at once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.domain.item import Kind
from archiver.sandbox.cid import cid_of_bytes
from archiver.sandbox.images import Picture, picture
from tests.real.network import Network
from tests.real.person import POST, Person, Ref
from tests.real.truth import Attached, Expected, Truth

RESIDENTS = ("ann", "ben", "cara", "dan", "eve", "max")


class Town:
    """A city with its police and six residents. Every name is made up."""

    def __init__(self, network: Network, place: str) -> None:
        self.network = network
        self.place = place
        self.truth = Truth()
        self.ref: dict[str, Ref] = {}
        """Records that are spoken of again, by name."""
        self.people = [Person.joins(network, f"{place}-{name}.test") for name in ("hall", "pd", *RESIDENTS)]
        self.city, self.police, self.ann, self.ben, self.cara, self.dan, self.eve, self.max = self.people
        self.truth.did = self.city.did
        self._moment = datetime.now(UTC).replace(microsecond=0) - timedelta(days=40)
        self._seed = sum(map(ord, place)) * 1000
        self._values: dict[str, dict[str, Any]] = {}
        self._avatar: dict[str, Any] = {}

    def close(self) -> None:
        """Let everybody hang up."""
        for person in self.people:
            person.leave()

    def value(self, what: Ref) -> dict[str, Any]:
        """A record as its author wrote it first."""
        return self._values[what.uri]

    def by(self, who: Person) -> list[Expected]:
        """What somebody wrote that must be in the archive."""
        return [one for one in self.truth.records.values() if one.author == who.did]

    def say(
        self,
        who: Person,
        text: str,
        *,
        reply: Ref | None = None,
        quote: Ref | None = None,
        files: list[Attached] | None = None,
        embed: dict[str, Any] | None = None,
        links: dict[str, str] | None = None,
        targets: list[str] | None = None,
        mentions: list[Person] | None = None,
        tags: list[str] | None = None,
        langs: list[str] | None = None,
        created_at: str | None = None,
        more: dict[str, Any] | None = None,
        kind: Kind | None = None,
        record: bool = True,
        by_login: bool = False,
    ) -> Ref:
        """Post something, and enter it into the truth; ``record=False``: the archive is not asked for it."""
        files = files or []
        value: dict[str, Any] = {"text": text, "createdAt": created_at or self.now(), **(more or {})}
        facets = _facets(text, links or {}, mentions or [], tags or [])
        if facets:
            value["facets"] = facets
        if langs:
            value["langs"] = langs
        if reply is not None:
            value["reply"] = {"root": reply.top.strong, "parent": reply.strong}
        embed = embed or _embed(who, files, quote)
        if embed:
            value["embed"] = embed
        made = who.create(POST, value)
        made = Ref(made.uri, made.cid, reply.top if reply else None)
        self._values[made.uri] = value
        if not record:
            self.truth.uncertain.add(made.uri)
            return made
        self.truth.add(
            Expected(
                made.uri, who.did, kind or self._kind(reply), [text],
                parent=reply.uri if reply else None, thread=made.top.uri, quotes=quote.uri if quote else None,
                attached=files, links=[*(links or {}).values(), *(targets or [])],
                lang=",".join(langs) if langs else None, created_at=value["createdAt"], by_login=by_login,
            )
        )  # fmt: skip
        return made

    def _kind(self, reply: Ref | None) -> Kind:
        if reply is None:
            return Kind.POST
        return Kind.COMMENT if reply.root is None else Kind.REPLY

    def repost(self, what: Ref, text: str) -> Ref:
        """The city shares a post that says ``text``."""
        made = self.city.create("app.bsky.feed.repost", {"subject": what.strong, "createdAt": self.now()})
        original = self.truth.records.get(what.uri)
        links, lang = (original.links, original.lang) if original else ([], None)
        self.truth.add(Expected(made.uri, self.city.did, Kind.SHARE, [text], thread=made.uri, links=links, lang=lang))
        return made

    def overwrite(self, who: Person, what: Ref, text: str) -> None:
        """Write another text over a post; nothing is left of the one before."""
        value = self._values[what.uri] | {"text": text}
        who.put(POST, what.rkey, value)
        self.truth.edited(what.uri, text)

    def delete(self, who: Person, what: Ref, cause: str) -> None:
        """Take a record back."""
        who.delete(what.uri)
        self.truth.becomes(what.uri, "gone", "gone", cause)

    def hide(self, root: Ref, replies: list[Ref]) -> None:
        """The city says which answers below its post are hidden: these, and no others."""
        value = {"post": root.uri, "hiddenReplies": [one.uri for one in replies], "createdAt": self.now()}
        self.city.put("app.bsky.feed.threadgate", root.rkey, value)

    def detach(self, post: Ref, quotes: list[Ref]) -> None:
        """The city says which quotes of its post are detached: these, and no others."""
        value = {"post": post.uri, "detachedEmbeddingUris": [one.uri for one in quotes], "createdAt": self.now()}
        self.city.put("app.bsky.feed.postgate", post.rkey, value)

    def profile(
        self,
        who: Person,
        name: str,
        description: str,
        *,
        avatar: Attached | None = None,
        pinned: Ref | None = None,
        labels: dict[str, Any] | None = None,
    ) -> Ref:
        """Write a profile; who gives no new picture keeps the old one."""
        value: dict[str, Any] = {"displayName": name, "description": description}
        if avatar is not None:
            self._avatar[who.did] = who.upload(avatar.file)
        if who.did in self._avatar:
            value["avatar"] = self._avatar[who.did]
        if pinned is not None:
            value["pinnedPost"] = pinned.strong
        if labels is not None:
            value["labels"] = labels
        return who.put("app.bsky.actor.profile", "self", value)

    def rename(self, who: Person, name: str) -> None:
        """Give somebody another handle."""
        handle = f"{self.place}-{name}.test"
        who.call("com.atproto.identity.updateHandle", {"handle": handle})
        who.handle = handle

    def file(self, mime: str = "image/png", alt: str | None = "", *, kind: str = "image") -> Attached:
        """A new file that nobody else has."""
        self._seed += 1
        return Attached(picture(self._seed, alt, mime=mime), alt, kind)

    def captions(self, lang: str, text: str) -> Attached:
        """The words of a film, as a file; its description is its language."""
        data = f"WEBVTT\n\n00:00.000 --> 00:02.000\n{text}\n".encode()
        file = Picture("captions", "text/vtt", data, 0, 0, lang, hashlib.sha256(data).hexdigest(), cid_of_bytes(data))
        return Attached(file, lang, "captions")

    def now(self) -> str:
        """The story's time, some minutes after the time before."""
        self._moment += timedelta(minutes=7, milliseconds=1)
        return self._moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _facets(text: str, links: dict[str, str], mentions: list[Person], tags: list[str]) -> list[dict[str, Any]]:
    """Facets for words of the text; their places count bytes of UTF-8."""
    features = [(words, {"$type": "link", "uri": uri}) for words, uri in links.items()]
    features += [(f"@{one.handle}", {"$type": "mention", "did": one.did}) for one in mentions]
    features += [(tag, {"$type": "tag", "tag": tag.removeprefix("#")}) for tag in tags]
    facets = []
    for words, feature in features:
        start = len(text[: text.index(words)].encode())
        index = {"byteStart": start, "byteEnd": start + len(words.encode())}
        feature["$type"] = f"app.bsky.richtext.facet#{feature['$type']}"
        facets.append({"index": index, "features": [feature]})
    return facets


def _embed(who: Person, files: list[Attached], quote: Ref | None) -> dict[str, Any] | None:
    """Pictures or a film, a quoted post, or both."""
    media: dict[str, Any] | None = None
    if files and files[0].kind == "video":
        media = {
            "$type": "app.bsky.embed.video",
            "video": who.upload(files[0].file),
            "alt": files[0].alt,
            "aspectRatio": _ratio(files[0].file),
            "captions": [{"lang": captions.alt, "file": who.upload(captions.file)} for captions in files[1:]],
        }
    elif files:
        images = [{"image": who.upload(one.file), "alt": one.alt, "aspectRatio": _ratio(one.file)} for one in files]
        media = {"$type": "app.bsky.embed.images", "images": images}
    if quote is None:
        return media
    quoted = {"$type": "app.bsky.embed.record", "record": quote.strong}
    if media is None:
        return quoted
    return {"$type": "app.bsky.embed.recordWithMedia", "record": quoted, "media": media}


def _ratio(file: Picture) -> dict[str, int]:
    return {"width": file.width, "height": file.height}
