"""The JSON objects of Mastodon 4.6: accounts, statuses, their history, polls, attachments, notifications.

Fields stand in the order in which the real server sends them. What only a user token shows is there only with one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.sandbox.ids import iso_ms
from archiver.sandbox.images import Picture
from archiver.sandbox.mastodon_html import content, inline_quote, profile_page, typed, username
from archiver.sandbox.model import Person, PollQuestion, Post, Standing, Version
from archiver.sandbox.world import World

PUBLIC = frozenset({"public", "unlisted"})
SINCE = {
    "edited_at": (3, 5),
    "filtered": (4, 0),
    "quote": (4, 4),
    "quotes_count": (4, 5),
    "quote_approval": (4, 5),
    "tagged_collections": (4, 6),
}
"""The releases that brought a status' newer fields."""


class Entities:
    """The objects of one world as seen by one caller or another.

    ``timed`` turns true when an object was made that changes by the clock alone (an open poll, a card on its way).
    """

    def __init__(self, world: World, base_url: str) -> None:
        self.world = world
        self.base_url = base_url
        self.timed = False
        self.release = (4, 6)
        self._accounts: dict[str, tuple[int, dict[str, Any]]] = {}
        self.files: dict[str, tuple[Post | Person, Picture]] = {}

    # --- people

    def account(self, person: Person) -> dict[str, Any]:
        """``Account``; a suspended one is hollow. Remembered until the person does anything."""
        revision = self.world.revisions.get(person.id, 0)
        kept = self._accounts.get(person.id)
        if kept is None or kept[0] != revision or person.moved_to is not None:
            kept = self._accounts[person.id] = (revision, self._account(person))
        return kept[1]

    def _account(self, person: Person) -> dict[str, Any]:
        suspended = person.standing is not Standing.ACTIVE
        profile = person.profile
        picture = self._portrait(person)
        mine = [post for post in person.posts if not post.gone]
        last = max((post.created_at for post in mine), default=None)
        entity: dict[str, Any] = {
            "id": person.id,
            "username": username(person),
            "acct": person.handle,
            "display_name": "" if suspended else profile.display_name,
            "locked": False,
            "bot": False,
            "discoverable": True,
            "indexable": True,
            "group": False,
            "created_at": _midnight(person.joined_at),
            "note": "" if suspended else content(profile.description, {}, self.base_url),
            "url": profile_page(person, self.base_url),
            "uri": self.actor(person),
            "avatar": picture,
            "avatar_static": picture,
            "avatar_description": "",
            "header": f"{self.base_url}/headers/original/missing.png",
            "header_static": f"{self.base_url}/headers/original/missing.png",
            "header_description": "",
            "followers_count": 0 if suspended else person.followers,
            "following_count": 0 if suspended else len(person.follows),
            "statuses_count": 0 if suspended else len(mine),
            "last_status_at": None if suspended or last is None else last.date().isoformat(),
            "hide_collections": False,
            "show_media": True,
            "show_media_replies": True,
            "show_featured": True,
        }
        if person.domain is None:
            entity["noindex"] = False
        entity |= {"feature_approval": {"automatic": ["public"], "manual": [], "current_user": "unknown"}, "emojis": []}
        if person.domain is None:
            entity["roles"] = []
        entity["fields"] = [] if suspended else self._fields(person)
        if suspended:
            entity["suspended"] = True
        if person.moved_to is not None:
            entity["moved"] = self.account(person.moved_to)
        return entity

    def credentials(self, person: Person) -> dict[str, Any]:
        """``CredentialAccount``: the account of the token, with its sources."""
        source = {"privacy": "public", "sensitive": False, "language": "en", "note": person.profile.description}
        source_more = {"fields": [], "follow_requests_count": 0, "hide_collections": False, "discoverable": True}
        role = {"id": "-99", "name": "", "permissions": "65536", "color": "", "highlighted": False}
        return self.account(person) | {"source": source | source_more, "role": role}

    def actor(self, person: Person) -> str:
        """The ActivityPub id of a person."""
        home = f"https://{person.domain}" if person.domain else self.base_url
        return f"{home}/users/{username(person)}"

    # --- statuses

    def status(self, post: Post, viewer: Person | None = None, *, nested: bool = False) -> dict[str, Any]:
        """``Status``."""
        version = post.latest
        entity: dict[str, Any] = {"id": post.id, "created_at": iso_ms(post.created_at)}
        entity |= self._parentage(post)
        entity |= {
            "sensitive": bool(version.content_warning),
            "spoiler_text": version.content_warning,
            "visibility": post.visibility,
            "language": version.lang,
            "uri": self.uri(post),
            "url": self.page(post),
            "replies_count": reply_count(post),
            "reblogs_count": post.extra_shares + sum(1 for share in post.shared_by if not share.gone),
            "favourites_count": post.likes,
            "quotes_count": sum(1 for quote in post.quotes if not quote.gone),
            "edited_at": iso_ms(version.at) if len(post.versions) > 1 else None,
        }
        if viewer is not None:
            entity |= {"favourited": False, "reblogged": False, "muted": False, "bookmarked": False}
            if viewer is post.author and post.shares is None:
                entity["pinned"] = post in viewer.pinned
        entity["content"] = self.content(post, version)
        if viewer is not None:
            entity["filtered"] = []
        entity["reblog"] = self.status(post.shares, viewer) if post.shares else None
        if post.author.domain is None:
            entity["application"] = {"name": "Web", "website": None}
        entity["account"] = self.account(post.author)
        entity["media_attachments"] = self.attachments(post, version)
        entity |= self._references(post)
        entity["quote"] = self._quote(post, viewer, nested=nested)
        entity["card"] = self._card(post)
        entity["poll"] = self.poll(post.poll, viewer) if post.poll else None
        current = "denied" if viewer is None else "automatic"
        entity["quote_approval"] = {"automatic": ["public"], "manual": [], "current_user": current}
        return self._as_of_release(entity)

    def edits(self, post: Post) -> list[dict[str, Any]]:
        """``StatusEdit`` objects, oldest first; the last is the present state."""
        return [self._edit(post, version) for version in post.versions]

    def content(self, post: Post, version: Version) -> str:
        """The HTML of one version."""
        if post.shares is not None:
            return ""
        quoted = inline_quote(self.page(post.quote)) if post.quote else ""
        return quoted + content(version.text, named(post), self.base_url)

    def attachments(self, post: Post, version: Version) -> list[dict[str, Any]]:
        """``MediaAttachment`` objects of one version."""
        return [self._attachment(post, picture) for picture in version.pictures]

    def poll(self, poll: PollQuestion, viewer: Person | None = None) -> dict[str, Any]:
        """``Poll``."""
        expired = poll.closes_at <= self.world.now()
        self.timed |= not expired
        total = sum(poll.votes)
        entity: dict[str, Any] = {"id": poll.id, "expires_at": iso_ms(poll.closes_at), "expired": expired}
        entity |= {"multiple": poll.multiple, "votes_count": total, "voters_count": total}
        if viewer is not None:
            entity |= {"voted": False, "own_votes": []}
        options = [{"title": title, "votes_count": n} for title, n in zip(poll.options, poll.votes, strict=True)]
        return entity | {"options": options, "emojis": []}

    def notification(self, number: int, kind: str, post: Post, viewer: Person) -> dict[str, Any]:
        """``Notification``."""
        status = post.shares if kind == "reblog" and post.shares else post
        return {
            "id": str(number),
            "type": kind,
            "created_at": iso_ms(post.seen_at),
            "group_key": f"ungrouped-{number}",
            "account": self.account(post.author),
            "status": self.status(status, viewer),
        }

    def uri(self, post: Post) -> str:
        """The global name of a status."""
        ending = "/activity" if post.shares else ""
        return f"{self.actor(post.author)}/statuses/{post.id}{ending}"

    def page(self, post: Post) -> str:
        """The permalink for people."""
        return self.uri(post) if post.shares else f"{profile_page(post.author, self.base_url)}/{post.id}"

    # --- parts

    def _as_of_release(self, entity: dict[str, Any]) -> dict[str, Any]:
        """Without the fields that came later than the release that is spoken."""
        late = {name for name, since in SINCE.items() if self.release < since}
        return {name: value for name, value in entity.items() if name not in late} if late else entity

    def _parentage(self, post: Post) -> dict[str, Any]:
        """The parent's id turns null with the parent's removal, the account's stays."""
        parent = post.parent
        if parent is None:
            return {"in_reply_to_id": None, "in_reply_to_account_id": None}
        shown = None if parent.gone else parent.id
        return {"in_reply_to_id": shown, "in_reply_to_account_id": parent.author.id}

    def _references(self, post: Post) -> dict[str, Any]:
        mentions = [
            {
                "id": person.id,
                "username": username(person),
                "url": profile_page(person, self.base_url),
                "acct": person.handle,
            }
            for person in dict.fromkeys(post.mentions)
        ]
        tags = [{"name": tag.lower(), "url": f"{self.base_url}/tags/{tag.lower()}"} for tag in post.tags]
        return {"mentions": mentions, "tags": tags, "emojis": [], "tagged_collections": []}

    def _edit(self, post: Post, version: Version) -> dict[str, Any]:
        entity: dict[str, Any] = {
            "content": self.content(post, version),
            "spoiler_text": version.content_warning,
            "sensitive": bool(version.content_warning),
            "created_at": iso_ms(version.at),
            "account": self.account(post.author),
        }
        if post.poll:
            entity["poll"] = {"options": [{"title": title} for title in post.poll.options]}
        entity |= {"media_attachments": self.attachments(post, version), "emojis": []}
        return entity | {"quote": self._quote(post, None, nested=False)} if post.quote else entity

    def _quote(self, post: Post, viewer: Person | None, *, nested: bool) -> dict[str, Any] | None:
        if post.quote is None:
            return None
        state = "deleted" if not post.quote.available else "revoked" if post.detached else post.quote_state
        if nested:
            return {"state": state, "quoted_status_id": post.quote.id if state == "accepted" else None}
        shown = self.status(post.quote, viewer, nested=True) if state == "accepted" else None
        return {"state": state, "quoted_status": shown}

    def _card(self, post: Post) -> dict[str, Any] | None:
        card = post.card
        if card is None:
            return None
        if card.from_at is not None and card.from_at > self.world.now():
            self.timed = True
            return None
        empty = dict.fromkeys(("author_name", "author_url", "provider_name", "provider_url", "html"), "")
        return {
            "url": card.url,
            "title": card.title,
            "description": card.description,
            "language": "en",
            "type": "link",
            **empty,
            "width": 0,
            "height": 0,
            "image": None,
            "image_description": "",
            "embed_url": "",
            "blurhash": None,
            "published_at": None,
            "missing_attribution": False,
            "authors": [],
        }

    def _attachment(self, post: Post, picture: Picture) -> dict[str, Any]:
        native = str(int(hashlib.sha256(f"{post.id} {picture.cid}".encode()).hexdigest()[:14], 16) % 10**18).zfill(18)
        folder = "/".join(native[n : n + 3] for n in range(0, 18, 3))
        name = f"{picture.sha256[:16]}.{picture.suffix}"
        cache = "cache/" if post.author.domain else ""
        path = f"/system/{cache}media_attachments/files/{folder}/original/{name}"
        self.files[path] = (post, picture)
        remote = None
        if post.author.domain:
            # The other servers of the Fediverse are played by this one, so that an archive can ask them, too.
            there = f"/elsewhere/{post.author.domain}/system/media_attachments/files/{folder}/original/{name}"
            self.files[there] = (post, picture)
            remote = self.base_url + there
        size = f"{picture.width}x{picture.height}"
        shape = {"width": picture.width, "height": picture.height, "size": size}
        shape |= {"aspect": picture.width / picture.height}
        return {
            "id": native,
            "type": picture.kind,
            "url": self.base_url + path,
            "preview_url": self.base_url + path.replace("/original/", "/small/"),
            "remote_url": remote,
            "preview_remote_url": None,
            "text_url": None,
            "meta": {"original": shape, "small": shape},
            "description": picture.alt or None,
            "blurhash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH",
        }

    def _portrait(self, person: Person) -> str:
        picture = person.profile.avatar
        if picture is None or not person.active:
            return f"{self.base_url}/avatars/original/missing.png"
        path = f"/system/accounts/avatars/{person.id}/original/{picture.sha256[:16]}.{picture.suffix}"
        self.files[path] = (person, picture)
        return self.base_url + path

    def _fields(self, person: Person) -> list[dict[str, Any]]:
        if not person.official:
            return []
        url = f"https://{self.world.domain}/"
        link = content(url, {}, self.base_url).removeprefix("<p>").removesuffix("</p>")
        at = (person.joined_at + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000+00:00")
        return [{"name": "Web", "value": link, "verified_at": at}]


def named(post: Post) -> Mapping[str, Person]:
    """The people whom a status names, by the way they are written."""
    return {person.handle: person for person in post.mentions}


def reply_count(post: Post) -> int:
    """The answers that anybody may see."""
    shown = sum(1 for reply in post.replies if not reply.gone and reply.visibility in PUBLIC and not reply.undelivered)
    return post.extra_replies + shown


def sees(viewer: Person | None, post: Post) -> bool:
    """Whether a caller may see a status: public ones all, others their author and those who are named."""
    if post.gone or not post.author.active or post.undelivered:
        return False
    if post.visibility in PUBLIC or viewer is post.author:
        return True
    if viewer is None:
        return False
    return viewer in post.mentions or (post.visibility == "private" and post.author.id in viewer.follows)


def _midnight(moment: datetime) -> str:
    return iso_ms(moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


__all__ = ["PUBLIC", "Entities", "named", "reply_count", "sees", "typed"]
