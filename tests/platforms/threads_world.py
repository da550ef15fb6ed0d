"""A small Threads server in memory: what the adapter's tests ask instead of the real one.

It honours ``fields`` (an unknown one fails the call), pages by cursors without ``next``, leaves out what has no value,
answers 100/33 about what is not there, and shows answers to a token with the scope only. Switches make it worse.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.domain.task import (
    Shortfall,
    Task,
    TaskKind,
)
from archiver.platforms.meta.fieldlists import Field, parse
from archiver.platforms.threads import ThreadsAdapter
from tests.platforms import carrying
from tests.platforms.carrying import exchange_of

BASE = "https://threads.example.gov"
CITY, HANDLE = "27100000000000001", "cityofelmbrook"
ANN, BOB = "ann.example", "bob.example"
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
SCOPES = frozenset({"threads_basic", "threads_read_replies", "threads_manage_mentions", "threads_manage_replies"})
CDN = "https://scontent-iad3-1.cdninstagram.com/v"
LASTING = "oe=7FFFFFFF"

_PROFILE = frozenset(
    [
        "id",
        "username",
        "name",
        "threads_profile_picture_url",
        "threads_biography",
        "is_verified",
        "is_eligible_for_geo_gating",
    ]
)
_POST = frozenset(
    [
        "id",
        "media_product_type",
        "media_type",
        "text",
        "timestamp",
        "permalink",
        "shortcode",
        "username",
        "owner",
        "media_url",
        "thumbnail_url",
        "gif_url",
        "alt_text",
        "children",
        "is_quote_post",
        "quoted_post",
        "reposted_post",
        "link_attachment_url",
        "poll_attachment",
        "topic_tag",
        "is_spoiler_media",
        "text_entities",
        "text_attachment",
        "ghost_post_status",
        "ghost_post_expiration_timestamp",
        "location_id",
        "location",
        "allowlisted_country_codes",
        "is_verified",
        "profile_picture_url",
        "has_replies",
        "is_reply",
        "is_reply_owned_by_me",
        "root_post",
        "replied_to",
        "hide_status",
        "reply_audience",
        "reply_approval_status",
    ]
)
_PLACE = frozenset(["id", "name", "address", "city", "country", "latitude", "longitude", "postal_code"])
_OF_ANSWERS = frozenset({"has_replies", "is_reply", "is_reply_owned_by_me"})

Answer = tuple[int, list[tuple[str, str]], bytes]
Query = Mapping[str, str]


def stamp(moment: datetime) -> str:
    """A time as Threads writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def picture(native_id: str, *, kind: str = "IMAGE", end: str = LASTING) -> dict[str, Any]:
    """One file of a post, at a signed address."""
    ending = "mp4" if kind == "VIDEO" else "jpg"
    return {"id": native_id, "media_type": kind, "media_url": f"{CDN}/{native_id}_n.{ending}?oh=00_Af{native_id}&{end}"}


class Refusal(Exception):
    """An error object, with its HTTP status."""

    def __init__(self, code: int, message: str, *, subcode: int | None = None, status: int = 400) -> None:
        super().__init__(message)
        error: dict[str, Any] = {"message": message, "type": "THApiException", "code": code, "fbtrace_id": "AbCdEf"}
        if subcode is not None:
            error["error_subcode"] = subcode
        self.status = status
        self.error = error


def missing(native_id: str) -> Refusal:
    """What is not there, or not for this token."""
    return Refusal(
        100, f"Unsupported get request. Object with ID '{native_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation", subcode=33,
    )  # fmt: skip


@dataclass(slots=True)
class Server:
    """The switches and the posts."""

    base: str = BASE
    scopes: frozenset[str] = SCOPES
    holder: str = CITY
    token: str = "valid"
    with_next: bool = False
    page_most: int = 100
    unknown_fields: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    refused: dict[str, Refusal] = field(default_factory=dict)
    hides_by_id: Callable[[dict[str, Any]], bool] = lambda _post: False
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    mentions: list[str] = field(default_factory=list)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[RequestSpec] = field(default_factory=list)
    faults: list[Answer] = field(default_factory=list)
    profile: dict[str, Any] = field(
        default_factory=lambda: {
            "id": CITY, "username": HANDLE, "name": "City of Elmbrook", "is_verified": True,
            "threads_profile_picture_url": f"{CDN}/p_n.jpg?oh=1&{LASTING}",
            "threads_biography": "Official account. Comments are public records: https://elmbrook.example/records",
        }
    )  # fmt: skip
    life: dict[str, Any] = field(
        default_factory=lambda: {
            "type": "USER", "application": "Elmbrook Records", "is_valid": True, "user_id": CITY,
            "issued_at": int((NOW - timedelta(days=10)).timestamp()), "expires_at": int((NOW + timedelta(days=50)).timestamp()),
        }
    )  # fmt: skip

    # what happens on Threads

    def post(self, native_id: str, text: str | None = "Hello", author: str = HANDLE, **more: Any) -> dict[str, Any]:
        """A post; ``at`` is when, ``to`` what it answers. ``author`` is a name."""
        at: datetime = more.pop("at", NOW - timedelta(days=1))
        parent: str | None = more.pop("to", None)
        own = author == HANDLE
        code = f"DQ{native_id}"
        post: dict[str, Any] = {
            "id": native_id, "media_product_type": "THREADS", "media_type": "TEXT_POST", "timestamp": stamp(at),
            "permalink": f"https://www.threads.com/@{author}/post/{code}", "shortcode": code, "username": author,
            "is_quote_post": False, "has_replies": False, "is_reply": parent is not None, "reply_audience": "EVERYONE",
        } | ({"text": text} if text else {}) | ({"owner": {"id": CITY}} if own else {})  # fmt: skip
        if parent is not None:
            above = self.posts.get(parent, {})
            root = above.get("root_post", {"id": parent})
            post |= {
                "is_reply_owned_by_me": own,
                "root_post": root,
                "replied_to": {"id": parent},
                "hide_status": "NOT_HUSHED",
            }
            if above:
                above["has_replies"] = True
            post.pop("owner", None)
        self.posts[native_id] = post | more
        return self.posts[native_id]

    def delete(self, native_id: str) -> None:
        """Take a post away; what answered it stays."""
        gone = self.posts.pop(native_id)
        parent = gone.get("replied_to", {}).get("id")
        left = any(one.get("replied_to", {}).get("id") == parent for one in self.posts.values())
        if parent in self.posts and not left:
            self.posts[parent]["has_replies"] = False

    # how it answers

    def answer(self, spec: RequestSpec) -> Answer:
        """The answer to a request."""
        self.asked.append(spec)
        if self.faults:
            return self.faults.pop(0)
        if spec.purpose is Purpose.MEDIA:
            expired = "gone=1" in spec.url
            return (403, [("Content-Type", "text/plain")], b"URL signature expired") if expired else (200, [], b"bytes")
        assert spec.url.startswith(self.base), spec.url
        parts = urlsplit(spec.url.removeprefix(self.base))
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        try:
            self._authorize(spec)
            return _json(self._api(parts.path.strip("/").split("/"), query))
        except Refusal as refusal:
            return _json({"error": refusal.error}, refusal.status)

    def _authorize(self, spec: RequestSpec) -> None:
        named = {one.name for one in spec.private}
        if spec.credential is None and "access_token" not in named:
            raise Refusal(104, "An access token is required to request this resource.")
        if self.token != "valid" and "debug_token" not in spec.url:
            raise Refusal(190, "Error validating access token: Session has expired", subcode=463, status=401)

    def _api(self, path: Sequence[str], query: Query) -> Any:  # noqa: PLR0911 - a table
        match path:
            case ["v1.0", *rest]:
                return self._api(rest, query)
            case ["debug_token"]:
                return {"data": self.life | {"is_valid": self.token == "valid", "scopes": sorted(self.scopes)}}
            case ["refresh_access_token"]:
                return {"access_token": "x" * 40, "token_type": "bearer", "expires_in": 5183944}
            case [node] if node in {"me", self.holder}:
                return self._fields(self.profile, query, _PROFILE, "ThreadsUser")
            case [node] if node in self.places:
                return self._fields(self.places[node], query, _PLACE, "Location")
            case [node] if node in self.posts and not self.hides_by_id(self.posts[node]):
                return self._fields(self.posts[node], query, _POST, "ThreadsMedia")
            case [node, edge]:
                return self._edge(node, edge, query)
        raise missing(path[-1])

    def _edge(self, node: str, edge: str, query: Query) -> Any:
        if edge in self.refused:
            raise self.refused[edge]
        own = node in {"me", self.holder}
        listed = self._own(edge) if own else self._of_post(node, edge)
        if edge in self.silent:
            listed = []
        if query.get("reverse") != "false":
            listed = sorted(listed, key=lambda post: (post["timestamp"], post["id"]), reverse=True)
        else:
            listed = sorted(listed, key=lambda post: (post["timestamp"], post["id"]))
        return self._page(node, edge, listed, query)

    def _own(self, edge: str) -> list[dict[str, Any]]:
        mine = [post for post in self.posts.values() if post["username"] == HANDLE]
        match edge:
            case "threads":
                return [post for post in mine if not post["is_reply"] and "ghost_post_status" not in post]
            case "ghost_posts":
                return [post for post in mine if "ghost_post_status" in post]
            case "replies":
                self._needs("threads_read_replies")
                return [post for post in mine if post["is_reply"]]
            case "mentions":
                self._needs("threads_manage_mentions")
                return [self.posts[native_id] for native_id in self.mentions if native_id in self.posts]
        raise missing(edge)

    def _of_post(self, node: str, edge: str) -> list[dict[str, Any]]:
        if node not in self.posts and edge != "replies":
            raise missing(node)
        self._needs("threads_manage_replies" if edge == "pending_replies" else "threads_read_replies")
        match edge:
            case "conversation" if self.posts[node]["is_reply"]:
                raise Refusal(100, "Param threads-media-id must be the ID of a root post")
            case "conversation":
                return [post for post in self.posts.values() if post.get("root_post", {}).get("id") == node]
            case "replies":
                if node not in self.posts:
                    raise missing(node)
                return [post for post in self.posts.values() if post.get("replied_to", {}).get("id") == node]
            case "pending_replies":
                return [post for post in self.pending.values() if post["root_post"]["id"] == node]
        raise missing(node)

    def _needs(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refusal(10, "Application does not have permission for this action", status=403)

    def _page(self, node: str, edge: str, listed: Sequence[dict[str, Any]], query: Query) -> Any:
        limit = min(int(query.get("limit", "25")), self.page_most)
        after = query.get("after")
        known = [post["id"] for post in listed]
        if after is not None and after.removeprefix("QVFI") not in known:
            raise Refusal(100, "Invalid cursor")
        start = known.index(after.removeprefix("QVFI")) + 1 if after else 0
        page = listed[start : start + limit]
        shown = [self._fields(post, query, _POST, "ThreadsMedia") for post in page]
        if not page:
            return {"data": []}
        paging: dict[str, Any] = {"cursors": {"before": f"QVFI{page[0]['id']}", "after": f"QVFI{page[-1]['id']}"}}
        if self.with_next and start + limit < len(listed):
            paging["next"] = (
                f"https://graph.threads.net/v1.0/{node}/{edge}?access_token=SECRET&after=QVFI{page[-1]['id']}"
            )
        return {"data": shown, "paging": paging}

    def _fields(self, thing: Mapping[str, Any], query: Query, known: frozenset[str], kind: str) -> dict[str, Any]:
        asked = parse(query.get("fields", "id"))
        for one in asked:
            if one.name not in known or one.name in self.unknown_fields:
                raise Refusal(100, f"(#100) Tried accessing nonexisting field ({one.name}) on node type ({kind})")
        if (
            kind == "ThreadsMedia"
            and "threads_read_replies" not in self.scopes
            and _OF_ANSWERS & {f.name for f in asked}
        ):
            raise Refusal(10, "Application does not have permission for this action", status=403)
        return {"id": thing["id"]} | {one.name: _expanded(thing[one.name], one) for one in asked if one.name in thing}


def _expanded(value: Any, asked: Field) -> Any:
    """A carousel's entries unfolded as asked, else their ids."""
    if not isinstance(value, dict) or "data" not in value:
        return value
    names = {one.name for one in asked.below or ()} | {"id"}
    return {"data": [{name: one[name] for name in one if name in names} for one in value["data"]]}


def _json(value: Any, status: int = 200) -> Answer:
    return status, [("Content-Type", "application/json; charset=UTF-8")], json.dumps(value).encode()


@dataclass(slots=True)
class Carried(carrying.Carried):
    """All that a task did, by ids without the platform."""

    @property
    def keys(self) -> list[str]:
        """The ids that were seen, in order."""
        return [one.key.removeprefix("threads:") for one in self.items]

    @property
    def gone(self) -> dict[str, str]:
        """What is not there, with the basis."""
        return {one.key.removeprefix("threads:"): one.basis for one in self.observations if isinstance(one, GoneSeen)}

    @property
    def paths(self) -> list[str]:
        """What was asked, without server, version and parameters."""
        return [urlsplit(exchange.url).path.removeprefix("/v1.0/") for exchange in self.exchanges]

    def item(self, native_id: str) -> ItemSeen:
        """The last sighting of a post."""
        return next(one for one in reversed(self.items) if one.key == f"threads:{native_id}")

    def short(self) -> dict[str, str]:
        """What is missing, by stream."""
        return {one.stream: one.reason for one in self.findings if isinstance(one, Shortfall)}


def city(**more: Any) -> Account:
    """The city's account."""
    words: dict[str, Any] = {"handle": HANDLE, "native_id": CITY, "base_url": BASE, "authenticated": True} | more
    return Account("city-threads", "threads", **words)


def key(native_id: str) -> Key:
    """A record's key."""
    return Key(f"threads:{native_id}")


def task(kind: TaskKind, *subjects: str, account: Account | None = None, **more: Any) -> Task:
    """A task of the city's account; subjects by their native ids."""
    keys = tuple(one if ":" in one else key(one) for one in subjects)
    return Task(account or city(), kind, NOW, keys, **more)


def carry_out(server: Server, task: Task) -> Carried:
    """A task from its start to its end, or to the first answer that is no answer."""

    def served(spec: RequestSpec, number: int) -> Exchange:
        return exchange_of(server.answer(spec), spec, task, number)

    return carrying.carried_out(ThreadsAdapter(task.account), task, served, Carried(), most=300)
