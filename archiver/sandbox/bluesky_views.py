"""What the AppView computes from the records: authors, counts, embeds, threads (lexicon ``app.bsky.feed.defs``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote as percent

from archiver.sandbox.bluesky_records import cid_of, gate_record, profile_record, record_of
from archiver.sandbox.ids import iso_ms
from archiver.sandbox.images import Picture
from archiver.sandbox.model import Person, Post
from archiver.sandbox.world import World

DEFS = "app.bsky.feed.defs#"


class Views:
    """The views of one world, with picture addresses below ``base_url``.

    ``keeps_first_version``: show the first version of an overwritten record for ever, as production was seen to do.
    """

    def __init__(self, world: World, base_url: str, *, depth_limit: int = 10) -> None:
        self.world = world
        self.base_url = base_url
        self.depth_limit = depth_limit
        self.keeps_first_version = False
        self._authors: dict[str, tuple[int, dict[str, Any]]] = {}

    # --- people

    def author(self, person: Person, viewer: Person | None = None) -> dict[str, Any]:
        """``profileViewBasic``; remembered for anonymous callers until the person's repository changes."""
        if viewer is not None:
            return self._author(person, viewer)
        revision = self.world.revisions.get(person.id, 0)
        kept = self._authors.get(person.id)
        if kept is None or kept[0] != revision:
            kept = self._authors[person.id] = (revision, self._author(person, None))
        return kept[1]

    def _author(self, person: Person, viewer: Person | None) -> dict[str, Any]:
        view: dict[str, Any] = {"did": person.id, "handle": shown_handle(person)}
        if person.profile.display_name:
            view["displayName"] = person.profile.display_name
        if person.profile.avatar:
            view["avatar"] = self._picture_url("avatar", person, person.profile.avatar)
        view["associated"] = {"activitySubscription": {"allowSubscriptions": "followers"}}
        if viewer is not None:
            view["viewer"] = _viewer_of_person(person, viewer)
        view["labels"] = self._author_labels(person)
        view["createdAt"] = iso_ms(person.joined_at)
        return view

    def profile(self, person: Person, viewer: Person | None = None) -> dict[str, Any]:
        """``profileViewDetailed``."""
        view = self._author(person, viewer)
        view["associated"] = {
            "lists": 0,
            "feedgens": 0,
            "starterPacks": 0,
            "labeler": False,
            **view["associated"],
        }
        if person.profile.description:
            view["description"] = person.profile.description
        view["indexedAt"] = iso_ms(person.profile_indexed_at or person.joined_at)
        view["followersCount"] = person.followers
        view["followsCount"] = len(person.follows)
        view["postsCount"] = sum(1 for post in person.posts if not post.gone and post.shares is None)
        if person.pinned:
            view["pinnedPost"] = profile_record(person).value["pinnedPost"]
        return view

    def listed(self, person: Person, viewer: Person | None = None) -> dict[str, Any]:
        """``profileView``: what lists of people hold."""
        view = self._author(person, viewer)
        if person.profile.description:
            view["description"] = person.profile.description
        view["indexedAt"] = iso_ms(person.profile_indexed_at or person.joined_at)
        return view

    # --- posts

    def post(self, post: Post, viewer: Person | None = None) -> dict[str, Any]:
        """``postView``."""
        record = record_of(post, 0 if self.keeps_first_version else -1)
        view: dict[str, Any] = {
            "uri": record.uri,
            "cid": record.cid,
            "author": self.author(post.author, viewer),
            "record": record.value,
        }
        embed = self._embed(post, self._shown_pictures(post), viewer, nested=False)
        if embed:
            view["embed"] = embed
        view |= {"bookmarkCount": 0} | _counts(post)
        view["indexedAt"] = iso_ms(self._indexed_at(post))
        if viewer is not None:
            view["viewer"] = _viewer_of_post(post, viewer)
        view["labels"] = _labels(post)
        gate = self.threadgate(post) if post.root is None else None
        if gate:
            view["threadgate"] = gate
        return view

    def threadgate(self, root: Post) -> dict[str, Any] | None:
        """``threadgateView`` of a root post that has one."""
        gate = self.world.gates.get(root.key)
        if gate is None or root.gone:
            return None
        record = gate_record(gate)
        return {"uri": record.uri, "cid": record.cid, "record": record.value, "lists": []}

    def feed_item(self, post: Post, viewer: Person | None = None) -> dict[str, Any] | None:
        """``feedViewPost`` of a post or share; None when there is nothing to show."""
        if post.shares is not None:
            if not post.shares.available:
                return None
            reason = {
                "$type": DEFS + "reasonRepost",
                "by": self.author(post.author, viewer),
                "uri": post.id,
                "cid": cid_of(post),
                "indexedAt": iso_ms(self._indexed_at(post)),
            }
            return {"post": self.post(post.shares, viewer), "reason": reason}
        item: dict[str, Any] = {"post": self.post(post, viewer)}
        if post.parent and post.root:
            reply = {"root": self._context(post.root, viewer), "parent": self._context(post.parent, viewer)}
            grandparent = post.parent.parent
            if grandparent and post.parent.available:
                reply["grandparentAuthor"] = self.author(grandparent.author, viewer)
            item["reply"] = reply
        return item

    def _context(self, post: Post, viewer: Person | None) -> dict[str, Any]:
        if not post.available:
            return {"$type": DEFS + "notFoundPost", "uri": post.id, "notFound": True}
        return {"$type": DEFS + "postView", **self.post(post, viewer)}

    # --- threads

    def thread(self, post: Post, *, depth: int, height: int, viewer: Person | None = None) -> dict[str, Any]:
        """The answer of ``getPostThread`` for a post that is available."""
        depth = min(depth, self.depth_limit)
        node = self._node(post, depth, viewer)
        if post.breaks_gate:
            node.pop("replies", None)
        elif post.parent is not None and height > 0:
            node["parent"] = self._parent_node(post, height, viewer)
        answer = {"thread": node}
        gate = self.threadgate(post.top)
        if gate:
            answer["threadgate"] = gate
        return answer

    def shown_replies(self, post: Post) -> list[Post]:
        """The direct answers that a thread shows, newest first."""
        shown = [
            reply
            for reply in post.replies
            if reply.available and not reply.breaks_gate and not cut_off(reply, post) and not cut_off(reply, post.top)
        ]
        return sorted(shown, key=lambda reply: (reply.created_at, reply.id), reverse=True)

    def _node(self, post: Post, depth: int, viewer: Person | None) -> dict[str, Any]:
        node: dict[str, Any] = {"$type": DEFS + "threadViewPost", "post": self.post(post, viewer)}
        if depth > 0:
            node["replies"] = [self._node(reply, depth - 1, viewer) for reply in self.shown_replies(post)]
        node["threadContext"] = {}
        return node

    def _parent_node(self, post: Post, height: int, viewer: Person | None) -> dict[str, Any]:
        parent = post.parent
        assert parent is not None
        if not parent.available:
            return {"$type": DEFS + "notFoundPost", "uri": parent.id, "notFound": True}
        if cut_off(post, parent):
            author = {"did": parent.author.id}
            return {"$type": DEFS + "blockedPost", "uri": parent.id, "blocked": True, "author": author}
        node: dict[str, Any] = {"$type": DEFS + "threadViewPost", "post": self.post(parent, viewer)}
        if parent.parent is not None and height > 1:
            node["parent"] = self._parent_node(parent, height - 1, viewer)
        node["threadContext"] = {}
        return node

    # --- embeds

    def _shown_pictures(self, post: Post) -> tuple[Picture, ...]:
        return post.versions[0 if self.keeps_first_version else -1].pictures

    def _embed(
        self, post: Post, pictures: Sequence[Picture], viewer: Person | None, *, nested: bool
    ) -> dict[str, Any] | None:
        media = self._media(post, pictures)
        if post.quote is None:
            return media
        if nested:
            return media
        record = {"record": self._quoted(post, post.quote, viewer)}
        if media is None:
            return {"$type": "app.bsky.embed.record#view", **record}
        return {"$type": "app.bsky.embed.recordWithMedia#view", "media": media, "record": record}

    def _media(self, post: Post, pictures: Sequence[Picture]) -> dict[str, Any] | None:
        if pictures and pictures[0].kind == "video":
            film = pictures[0]
            folder = f"{self.base_url}/vid/{percent(post.author.id, safe='')}/{film.cid}"
            return {
                "$type": "app.bsky.embed.video#view",
                "cid": film.cid,
                "playlist": f"{folder}/playlist.m3u8",
                "thumbnail": f"{folder}/thumbnail.jpg",
                "alt": film.alt or "",
                "aspectRatio": {"width": film.width, "height": film.height},
            }
        if pictures:
            images = [
                {
                    "thumb": self._picture_url("feed_thumbnail", post.author, picture),
                    "fullsize": self._picture_url("feed_fullsize", post.author, picture),
                    "alt": picture.alt or "",
                    "aspectRatio": {"width": picture.width, "height": picture.height},
                }
                for picture in pictures
            ]
            return {"$type": "app.bsky.embed.images#view", "images": images}
        if post.card:
            external = {"uri": post.card.url, "title": post.card.title, "description": post.card.description}
            return {"$type": "app.bsky.embed.external#view", "external": external}
        return None

    def _quoted(self, post: Post, quoted: Post, viewer: Person | None) -> dict[str, Any]:
        kind = "app.bsky.embed.record#"
        if not quoted.available:
            return {"$type": kind + "viewNotFound", "uri": quoted.id, "notFound": True}
        if post.detached:
            return {"$type": kind + "viewDetached", "uri": quoted.id, "detached": True}
        if cut_off(post, quoted):
            author = {"did": quoted.author.id}
            return {"$type": kind + "viewBlocked", "uri": quoted.id, "blocked": True, "author": author}
        record = record_of(quoted, 0 if self.keeps_first_version else -1)
        inner = self._embed(quoted, self._shown_pictures(quoted), viewer, nested=True)
        return {
            "$type": kind + "viewRecord",
            "uri": record.uri,
            "cid": record.cid,
            "author": self.author(quoted.author, viewer),
            "value": record.value,
            "labels": _labels(quoted),
            **_counts(quoted),
            "indexedAt": iso_ms(self._indexed_at(quoted)),
            "embeds": [inner] if inner else [],
        }

    def _picture_url(self, preset: str, person: Person, picture: Picture) -> str:
        return f"{self.base_url}/img/{preset}/plain/{person.id}/{picture.cid}@jpeg"

    def _indexed_at(self, post: Post) -> Any:
        return (None if self.keeps_first_version else post.indexed_at) or post.seen_at

    def _author_labels(self, person: Person) -> list[dict[str, Any]]:
        if not person.hides_from_public:
            return []
        record = profile_record(person)
        return [
            {
                "src": person.id,
                "uri": record.uri,
                "cid": record.cid,
                "val": "!no-unauthenticated",
                "cts": "1970-01-01T00:00:00.000Z",
            }
        ]


def shown_handle(person: Person) -> str:
    """The handle, or ``handle.invalid`` when it does not point back."""
    return person.handle if person.handle_valid else "handle.invalid"


def cut_off(post: Post, other: Post) -> bool:
    """Whether one author blocks the other."""
    return other.author.id in post.author.blocks or post.author.id in other.author.blocks


def reply_count(post: Post) -> int:
    """Counts hidden, blocked and taken-down answers too; not the removed ones and those against the gate."""
    return post.extra_replies + sum(1 for reply in post.replies if not reply.gone and not reply.breaks_gate)


def _counts(post: Post) -> dict[str, int]:
    return {
        "replyCount": reply_count(post),
        "repostCount": post.extra_shares + sum(1 for share in post.shared_by if not share.gone),
        "likeCount": post.likes,
        "quoteCount": sum(1 for quote in post.quotes if not quote.gone),
    }


def _labels(post: Post) -> list[dict[str, Any]]:
    at = iso_ms(post.created_at)
    cid = cid_of(post) if post.labels else ""
    return [{"src": post.author.id, "uri": post.id, "cid": cid, "val": label, "cts": at} for label in post.labels]


def _viewer_of_person(person: Person, viewer: Person) -> dict[str, Any]:
    view: dict[str, Any] = {"muted": False, "blockedBy": viewer.id in person.blocks}
    if person.id in viewer.blocks:
        view["blocking"] = f"at://{viewer.id}/app.bsky.graph.block/{person.id[-13:]}"
    if person.id in viewer.follows:
        view["following"] = f"at://{viewer.id}/app.bsky.graph.follow/{person.id[-13:]}"
    return view


def _viewer_of_post(post: Post, viewer: Person) -> dict[str, Any]:
    return {
        "bookmarked": False,
        "threadMuted": False,
        "replyDisabled": False,
        "embeddingDisabled": False,
        "pinned": post in viewer.pinned,
    }
