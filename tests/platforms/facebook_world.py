"""A small Graph API in memory: what the adapter's tests ask instead of Facebook.

Strict like the real one where it matters: unknown fields fail the call, lists are paged by cursors whose links echo the
token, comments by positions that shift, and what is not there answers 100/33.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Headers, Purpose, RequestSpec
from archiver.domain.observation import AccountSeen, FactSeen
from archiver.domain.task import (
    Shortfall,
    Task,
    TaskKind,
)
from archiver.platforms.facebook.adapter import FacebookAdapter
from archiver.platforms.meta.fieldlists import parse
from tests.platforms import carrying

BASE = "https://graph.example.gov"
CDN = "https://scontent-iad3-1.xx.fbcdn.example"
PAGE, ANN, BOB = "104000000000101", "7100000000000001", "7100000000000002"
NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
VERSION = "v26.0"
TOKEN = "EAAGsecret"
JSON = ("Content-Type", "application/json; charset=UTF-8")

Answer = tuple[int, Headers, bytes]
Thing = dict[str, Any]


def _json(value: Any, status: int = 200) -> Answer:
    return status, (JSON,), json.dumps(value).encode()


def stamp(moment: datetime) -> str:
    """A time as the Graph API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def person(native_id: str) -> Thing:
    """Somebody, as ``from`` shows them."""
    return {"id": native_id, "name": {PAGE: "City of Elmbrook", ANN: "Ann", BOB: "Bob"}[native_id]}


def fault(code: int, subcode: int | None = None, message: str = "Refused", status: int = 400) -> Answer:
    """An error."""
    error: Thing = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    return _json({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)


MISSING = fault(100, 33, "Unsupported get request. Object with ID '9' does not exist, cannot be loaded due to missing "
                "permissions, or does not support this operation.")  # fmt: skip
REDUCE = {"error": {"code": 1, "message": "Please reduce the amount of data you're asking for, then retry"}}


@dataclass(slots=True)
class Server:
    """What is on the page, and the switches.

    ``lists`` are the entries of each edge by ``ID/edge``, in the order in which they are listed; ``objects`` what can be
    asked for by id. ``refused`` are edges and ids with the answer that they give instead; ``unknown`` fields that this
    version does not know; ``heaviest`` entries times fields beyond which it is too much. ``silent``: lists are empty.
    """

    lists: dict[str, list[Thing]] = field(default_factory=dict)
    objects: dict[str, Thing] = field(default_factory=dict)
    token: str = "valid"
    holder: str = PAGE
    page_most: int = 100
    version: str = VERSION
    usage: str | None = None
    refused: dict[str, Answer] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    heaviest: int = 10**9
    silent: bool = False
    uncounted: dict[str, int] = field(default_factory=dict)
    loops: set[str] = field(default_factory=set)
    files: dict[str, int] = field(default_factory=dict)
    asked: list[RequestSpec] = field(default_factory=list)
    before: Callable[[Server, RequestSpec], None] | None = None
    after: Callable[[Server, Answer], Answer] | None = None

    def __post_init__(self) -> None:
        self.objects[PAGE] = {
            "id": PAGE, "name": "City of Elmbrook", "username": "elmbrook", "about": "Official", "fan_count": 900,
            "followers_count": 950, "is_published": True, "category": "City Hall",
        }  # fmt: skip

    # what happens on the page

    def post(
        self, number: int, message: str = "Hello", *, author: str = PAGE, edges: Sequence[str] = (), **more: Any
    ) -> Thing:
        """A post, newest first on its edges; ``at`` is when."""
        at: datetime = more.pop("at", NOW - timedelta(days=1))
        native_id = f"{PAGE}_{number}"
        thing: Thing = {
            "id": native_id, "created_time": stamp(at), "updated_time": stamp(at), "from": person(author), "message": message,
            "status_type": "mobile_status_update", "is_published": True, "is_hidden": False, "is_expired": False,
            "timeline_visibility": "normal", "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{number}/", **more,
        }  # fmt: skip
        self.objects[native_id] = thing
        for edge in edges or ("published_posts", "posts", "feed"):
            self.list(f"{PAGE}/{edge}", thing)
        return thing

    def comment(self, post: str, number: int, message: str = "Why?", *, author: str = ANN, **more: Any) -> Thing:
        """A comment below a post or medium, last in its list; ``to`` is the comment that it answers."""
        at: datetime = more.pop("at", NOW - timedelta(hours=12))
        to: Thing | None = more.pop("to", None)
        below = post.rpartition("_")[2]
        thing: Thing = {
            "id": f"{below}_{number}", "created_time": stamp(at), "from": person(author), "message": message,
            "comment_count": 0, "like_count": 0, "is_hidden": False, "is_private": False,
            "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{below}/?comment_id={number}", **more,
        }  # fmt: skip
        if to is not None:
            thing["parent"] = {name: to[name] for name in ("id", "created_time", "from", "message")}
        self.objects[thing["id"]] = self.objects[str(number)] = thing
        self.lists.setdefault(f"{post}/comments", []).append(thing)
        return thing

    def list(self, edge: str, thing: Thing, native_id: str | None = None) -> Thing:
        """An entry of an edge, newest first, that can be asked for by its id."""
        entries = self.lists.setdefault(edge, [])
        entries.insert(0, thing)
        entries.sort(key=lambda one: str(one.get("created_time", "")), reverse=True)
        if "id" in thing:
            self.objects[thing["id"]] = thing
        return thing

    def delete(self, native_id: str) -> None:
        """It is gone from every list, and answers as if it had never been."""
        last = native_id.rpartition("_")[2]
        self.objects = {key: one for key, one in self.objects.items() if key.rpartition("_")[2] != last}
        for entries in self.lists.values():
            entries[:] = [one for one in entries if str(one.get("id", "")).rpartition("_")[2] != last]

    # how it answers

    def answer(self, spec: RequestSpec) -> Answer:
        """The answer to a request."""
        self.asked.append(spec)
        if self.before is not None:
            self.before(self, spec)
        if spec.purpose is Purpose.MEDIA:
            assert spec.credential is None
            status = self.files.get(spec.url, 200)
            return status, (("Content-Type", "text/plain" if status == 403 else "image/jpeg"),), b""
        assert spec.url.startswith(f"{BASE}/"), spec.url
        assert "access_token" not in spec.url
        parts = urlsplit(spec.url.removeprefix(BASE))
        status, headers, body = self._api(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), spec)
        if self.after is not None:
            status, headers, body = self.after(self, (status, headers, body))
        extra = (("facebook-api-version", self.version), *([("X-App-Usage", self.usage)] if self.usage else []))
        return status, (*headers, *extra), body

    def _api(self, path: str, query: dict[str, str], spec: RequestSpec) -> Answer:  # noqa: PLR0911 - a table
        words = path.strip("/").split("/")[1:]
        if spec.credential is None:
            return fault(104, message="An access token is required to request this resource.")
        if self.token != "valid":
            return fault(190, int(self.token), "Error validating access token", 401)
        edge = words[-1] if len(words) == 2 else ""
        refused = self.refused.get(edge) or self.refused.get("/".join(words))
        if refused is not None:
            return refused
        wrong = self._unknown(query.get("fields", ""))
        if wrong:
            message = f"(#100) Tried accessing nonexisting field ({wrong}) on node type ({_type(edge)})"
            return fault(100, message=message)
        weight = int(query.get("limit", "1")) * len(parse(query.get("fields", "id")))
        if weight > self.heaviest:
            return _json(REDUCE, 500)
        match words:
            case ["me"]:
                return _json({"id": self.holder})
            case ["debug_token"]:
                return _json(DEBUG)
            case [native_id] if (thing := self._object(native_id)) is not None:
                return _json(self._shown(thing, query.get("fields", "id")))
            case [native_id, _] if (
                self._object(native_id) is not None or path.strip("/").partition("/")[2] in self.lists
            ):
                return self._list(path, f"{native_id}/{edge}", query)
        return MISSING

    def _object(self, native_id: str) -> Thing | None:
        if native_id == self.objects[PAGE].get("username"):
            return self.objects[PAGE]
        return self.objects.get(native_id)

    def _unknown(self, fields: str) -> str | None:
        names = {one.name for one in parse(fields)} | {below.name for one in parse(fields) for below in one.below or ()}
        return next(iter(sorted(names & self.unknown)), None)

    def _shown(self, thing: Thing, fields: str) -> Thing:
        """Only what was asked for, and what it has."""
        shown = {"id": thing["id"]} if "id" in thing else {}
        for one in parse(fields):
            if one.name in thing:
                shown[one.name] = thing[one.name]
            elif one.name == "comments" and f"{thing.get('id')}/comments" in self.lists:
                first = [] if ".limit(0)" in one.edits else self.lists[f"{thing['id']}/comments"][:1]
                shown["comments"] = {"data": first, "summary": {"total_count": self._count(str(thing["id"]))}}
        return shown

    def _count(self, native_id: str) -> int:
        return len(self.lists.get(f"{native_id}/comments", [])) + self.uncounted.get(native_id, 0)

    def _list(self, path: str, name: str, query: dict[str, str]) -> Answer:
        entries = [] if self.silent else self.lists.get(name, [])
        limit = min(int(query.get("limit", "25")), self.page_most)
        begin = self._begin(name, entries, query.get("after"))
        page = entries[begin : begin + limit]
        body: Thing = {"data": [self._shown(one, query.get("fields", "id")) for one in page]}
        if page:
            last = begin + len(page)
            after = str(last) if name.endswith("/comments") else _named(page[-1], last)
            if name in self.loops and query.get("after"):
                after = query["after"]
            body["paging"] = {"cursors": {"before": "QVFIUm", "after": after}}
            if last < len(entries) or name in self.loops:
                body["paging"]["next"] = f"{BASE}{path}?access_token={TOKEN}&limit={limit}&after={after}"
        if "summary" in query:
            native_id = name.removesuffix("/comments")
            body["summary"] = {"order": "chronological", "total_count": self._count(native_id), "can_comment": True}
        return _json(body)

    def _begin(self, name: str, entries: Sequence[Thing], after: str | None) -> int:
        if not after:
            return 0
        if name.endswith("/comments"):
            return int(after)
        places = [n for n, one in enumerate(entries, start=1) if _named(one, n) == after]
        return places[0] if places else len(entries)


DEBUG = {
    "data": {
        "app_id": "210000000000007", "type": "PAGE", "application": "Elmbrook Records", "data_access_expires_at": 0,
        "expires_at": 0, "is_valid": True, "issued_at": 1789000000, "profile_id": PAGE,
        "scopes": ["pages_show_list", "pages_read_engagement", "pages_read_user_content", "public_profile"],
        "granular_scopes": [{"scope": "pages_read_engagement", "target_ids": [PAGE]}],
    }
}  # fmt: skip


def _named(thing: Thing, place: int) -> str:
    return "QVFIU" + str(thing.get("id") or thing.get("post_id") or place)


def _type(edge: str) -> str:
    return {"comments": "Comment", "albums": "Album", "photos": "Photo", "": "Page"}.get(edge, "PagePost")


@dataclass(slots=True)
class Carried(carrying.Carried):
    """All that a task did, and what came of it."""

    @property
    def keys(self) -> list[str]:
        """The keys that were seen, each once, in order."""
        return list(dict.fromkeys(one.key for one in self.items))

    @property
    def facts(self) -> dict[str, str]:
        """What later calls need to know."""
        return {one.name: one.value for one in self.observations if isinstance(one, FactSeen)}

    @property
    def account(self) -> AccountSeen | None:
        """Who the account is."""
        return next((one for one in self.observations if isinstance(one, AccountSeen)), None)

    @property
    def paths(self) -> list[str]:
        """What was asked: the path after the version, without parameters."""
        return [urlsplit(exchange.url).path.split("/", 2)[-1] for exchange in self.exchanges]

    def short(self) -> dict[str, str]:
        """What is missing, by stream."""
        return {one.stream: one.reason for one in self.findings if isinstance(one, Shortfall)}


def page(**more: Any) -> Account:
    """The city's account."""
    words: dict[str, Any] = {
        "handle": "elmbrook", "native_id": PAGE, "base_url": BASE, "authenticated": True, "secrets": frozenset({"token"}),
        **more,
    }  # fmt: skip
    return Account("city-facebook", "facebook", **words)


def task(kind: TaskKind, *subjects: str, account: Account | None = None, **more: Any) -> Task:
    """A task of the city's account."""
    return Task(account or page(), kind, NOW, subjects, **more)


def carry_out(server: Server, of: Task, *, most: int = 400) -> Carried:
    """A task from its start to its end, or to the first answer that is no answer."""

    def served(spec: RequestSpec, number: int) -> Exchange:
        return exchange_of(server.answer(spec), spec, of, number)

    return carrying.carried_out(FacebookAdapter(of.account), of, served, Carried(), most=most)


def resumed(server: Server, of: Task, cursor: Any) -> Carried:
    """The rest of a task, from a cursor, by another process."""
    return carry_out(server, replace(of, cursor=json.loads(json.dumps(cursor))))


def exchange_of(answer: Answer, spec: RequestSpec, of: Task, number: int = 0) -> Exchange:
    """What the loop makes of an answer. The client writes down what it added to the address, without the value."""
    added = "".join(f"{'&' if '?' in spec.url else '?'}{one.name}=%5Bremoved%5D" for one in spec.private[:1])
    return carrying.exchange_of(answer, replace(spec, url=spec.url + added), of, number)
