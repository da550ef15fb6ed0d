"""A small Instagram in memory: what the adapter's tests ask instead of a real one. Strict, as the Graph API is.

Only fields that were asked for are answered, an unknown one fails the call, listings are paged, links to the next page
hold a token. Switches make it either login's host, or break it in the ways of the real one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Step, Task, TaskKind, Verdict
from archiver.platforms.instagram import InstagramAdapter
from archiver.platforms.meta.fieldlists import Field, parse
from tests.platforms import carrying

CITY, PAGE, SCOPED = "17841400000000001", "104000000000101", "24000000000000009"
HANDLE = "cityofelmbrook"
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
FACEBOOK, INSTAGRAM = "https://graph.facebook.com", "https://graph.instagram.com"
TOKEN = "EAAsecretsecretsecret"

Answer = tuple[int, list[tuple[str, str]], bytes]
Node = dict[str, Any]

USER = "id username name biography website profile_picture_url followers_count follows_count media_count media stories tags live_media"
MEDIUM = (
    "id caption media_type media_product_type media_url thumbnail_url permalink shortcode timestamp username owner like_count "
    "comments_count is_comment_enabled alt_text children comments"
)
COMMENT = "id text timestamp username from like_count hidden parent_id media user replies"
KNOWN: dict[str, frozenset[str]] = {
    "IGUser": frozenset(f"{USER} ig_id mentioned_media mentioned_comment".split()),
    "Instagram": frozenset(f"{USER} user_id account_type conversations".split()),
    "IGMedia": frozenset(f"{MEDIUM} ig_id shares_count is_ai_generated collaborators".split()),
    "ShadowIGMedia": frozenset(MEDIUM.split()),
    "IGComment": frozenset(COMMENT.split()),
    "Page": frozenset(["id", "name", "instagram_business_account", "conversations"]),
    "User": frozenset(["id", "name", "accounts"]),
    "Conversation": frozenset(["id", "updated_time", "participants", "messages"]),
    "Message": frozenset(
        ["id", "created_time", "from", "to", "message", "is_unsupported", "attachments", "shares", "story"]
    ),
    "": frozenset(),
}
EDGES = frozenset(
    [
        "media",
        "stories",
        "tags",
        "live_media",
        "children",
        "comments",
        "replies",
        "conversations",
        "messages",
        "accounts",
    ]
)


def stamp(moment: datetime) -> str:
    """A time as the Graph API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def link(name: str, *, until: datetime = NOW + timedelta(days=4)) -> str:
    """The signed address of a file."""
    return f"https://scontent-iad3-1.cdninstagram.com/v/{name}?oh=00_A&oe={int(until.timestamp()):X}"


@dataclass(slots=True)
class Server:
    """The switches and the things of one host. ``flavour`` is whose login its tokens are of.

    ``holder``: the token opens a ``Page``, or is a ``User``'s with pages. ``silent`` are edges that answer nothing,
    ``refused`` those that answer with an error, ``missing`` ids that answer like deleted ones. ``heavy``: so many entries
    at most. ``instead`` may answer a request in the server's place.
    """

    flavour: str = "facebook"
    holder: str = "Page"
    page_most: int = 100
    nested_most: int = 50
    heavy: int | None = None
    unknown_fields: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    refused: dict[str, Node] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    faults: list[Answer] = field(default_factory=list)
    things: dict[str, tuple[str, Node]] = field(default_factory=dict)
    edges: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    asked: list[RequestSpec] = field(default_factory=list)
    instead: Callable[[RequestSpec], Answer | None] | None = None

    def __post_init__(self) -> None:
        """The account, and its page where there is one."""
        user: Node = {
            "id": CITY, "username": HANDLE, "name": "City of Elmbrook", "biography": "Official account",
            "website": "https://elmbrook.example/", "profile_picture_url": link("p_1.jpg"), "followers_count": 5120,
            "follows_count": 12, "media_count": 0,
        }  # fmt: skip
        kind = "IGUser"
        if self.flavour == "instagram":
            user, kind = user | {"id": SCOPED, "user_id": CITY, "account_type": "BUSINESS"}, "Instagram"
        self.things[CITY] = (kind, user)
        linked = {"id": CITY, "username": HANDLE}
        self.things[PAGE] = ("Page", {"id": PAGE, "name": "City Hall", "instagram_business_account": linked})
        self.things["122000000000055"] = ("User", {"id": "122000000000055", "name": "Clerk"})
        self.edges["122000000000055", "accounts"] = [PAGE]

    # what happens there

    def post(self, native_id: str, caption: str | None = "Hello", *, edge: str = "media", **more: Any) -> Node:
        """A medium of the account, the newest of its listing."""
        at: datetime = more.pop("at", NOW - timedelta(days=1))
        medium: Node = {
            "id": native_id, "media_type": "IMAGE", "media_product_type": "FEED", "media_url": link(f"{native_id}.jpg"),
            "permalink": f"https://www.instagram.com/p/C{native_id}/", "shortcode": f"C{native_id}", "timestamp": stamp(at),
            "username": HANDLE, "owner": {"id": CITY}, "like_count": 3, "comments_count": 0, "is_comment_enabled": True,
            **more,
        }  # fmt: skip
        if caption is not None:
            medium["caption"] = caption
        medium = {name: value for name, value in medium.items() if value is not None}
        self.things[native_id] = ("IGMedia" if self.flavour == "facebook" else "ShadowIGMedia", medium)
        self.edges.setdefault((CITY, edge), []).insert(0, native_id)
        if edge == "media":
            self.user["media_count"] += 1
        return medium

    def album(self, native_id: str, *parts: Node, **more: Any) -> Node:
        """A carousel of parts, which have ids of their own."""
        medium = self.post(native_id, media_type="CAROUSEL_ALBUM", media_url=parts[0].get("media_url"), **more)
        for part in parts:
            self.things[part["id"]] = (self.things[native_id][0], part)
        self.edges[native_id, "children"] = [part["id"] for part in parts]
        return medium

    def tag(self, native_id: str, username: str, caption: str, at: datetime) -> Node:
        """Somebody else's medium in which the account is tagged: no owner is told."""
        medium = self.post(native_id, caption, edge="tags", at=at, username=username)
        del medium["owner"]
        return medium

    def comment(
        self, native_id: str, medium: str, who: str = "pat.example", text: str = "What about Oak Street?", **more: Any
    ) -> Node:
        """A comment below a medium, or with ``to`` an answer to one."""
        at: datetime = more.pop("at", NOW - timedelta(hours=20))
        parent: str | None = more.pop("to", None)
        own = who == HANDLE
        writer = {"id": CITY if own else f"1560{sum(map(ord, who)):08d}", "username": who}
        comment: Node = {
            "id": native_id, "text": text, "timestamp": stamp(at), "username": who, "from": writer, "like_count": 0,
            "hidden": False, "media": {"id": medium, "media_product_type": "FEED"}, **more,
        }  # fmt: skip
        if own:
            comment["user"] = {"id": CITY}
        if parent:
            comment["parent_id"] = parent
        self.things[native_id] = ("IGComment", comment)
        self.edges.setdefault((parent, "replies") if parent else (medium, "comments"), []).insert(0, native_id)
        self.things[medium][1]["comments_count"] += 1
        return comment

    def delete(self, native_id: str) -> None:
        """Deleted: in no listing, and 100/33 by its id; what is below it, too."""
        kind, thing = self.things.pop(native_id)
        for (node, _edge), ids in list(self.edges.items()):
            if native_id in ids:
                ids.remove(native_id)
            if node == native_id:
                for below in list(ids):
                    self.delete(below)
        medium = thing.get("media", {}).get("id") if kind == "IGComment" else None
        if medium in self.things:
            self.things[medium][1]["comments_count"] -= 1
        if kind.endswith("IGMedia"):
            self.user["media_count"] -= 1

    @property
    def user(self) -> Node:
        """The account."""
        return self.things[CITY][1]

    # how it answers

    def answer(self, spec: RequestSpec) -> Answer:
        """The answer to a request."""
        self.asked.append(spec)
        if self.faults:
            return self.faults.pop(0)
        otherwise = self.instead(spec) if self.instead is not None else None
        if otherwise is not None:
            return otherwise
        if spec.purpose is Purpose.MEDIA:
            return 200, [("Content-Type", "image/jpeg")], b""
        if spec.credential is None and "access_token" not in {one.name for one in spec.private}:
            return failed(2500, "An active access token must be used to query information about the current user.")
        parts = [part for part in urlsplit(spec.url).path.split("/") if part][1:]
        query = dict(parse_qsl(urlsplit(spec.url).query))
        try:
            return self._answered(parts, query)
        except _Failed as error:
            return error.answer

    def _answered(self, parts: Sequence[str], query: Mapping[str, str]) -> Answer:
        if parts[-1] == "debug_token":
            if "base" in query:
                raise _Failed(failed(100, "(#100) Unknown parameter"))
            return ok({"data": {
                "app_id": "210000000000007", "type": "SYSTEM_USER", "is_valid": True, "expires_at": 0, "data_access_expires_at": 0,
                "issued_at": 1789000000, "scopes": ["instagram_basic", "pages_show_list", "pages_read_engagement"],
            }})  # fmt: skip
        if parts[-1] == "refresh_access_token":
            scopes = "instagram_business_basic,instagram_business_manage_comments"
            return ok({"access_token": TOKEN, "token_type": "bearer", "expires_in": 5183944, "permissions": scopes})
        node = self._node(parts[0])
        asked = parse(query.get("fields", "id"))
        if len(parts) == 1:
            return ok(self._shown(node, asked))
        return self._listed(node, parts[1], asked, query)

    def _node(self, name: str) -> str:
        if name == "me":
            if self.flavour == "instagram":
                return CITY
            return PAGE if self.holder == "Page" else "122000000000055"
        if name not in self.things or name in self.missing:
            words = f"Unsupported get request. Object with ID '{name}' does not exist, cannot be loaded due to missing permissions, or does not support this operation"
            raise _Failed(failed(100, words, subcode=33, kind="GraphMethodException"))
        return name

    def _shown(self, native_id: str, asked: Sequence[Field]) -> Node:
        kind, thing = self.things[native_id]
        shown: Node = {}
        for one in asked:
            if one.name not in KNOWN[kind] or one.name in self.unknown_fields:
                raise _Failed(
                    failed(100, f"(#100) Tried accessing nonexisting field ({one.name}) on node type ({kind})")
                )
            if one.name in {"mentioned_media", "mentioned_comment"}:
                wanted = one.edits.partition("(")[2].rstrip(")")
                if wanted not in self.things:
                    raise _Failed(failed(110, "(#110) The media is not visible"))
                shown[one.name] = self._shown(wanted, one.below or ())
            elif one.name in EDGES and one.name not in thing:
                page = self._expanded(native_id, one)
                if page is not None:
                    shown[one.name] = page
            elif isinstance(thing.get(one.name), dict) and one.below is not None:
                names = {inner.name for inner in one.below}
                shown[one.name] = {name: value for name, value in thing[one.name].items() if name in names}
            elif one.name in thing:
                shown[one.name] = thing[one.name]
        return {**shown, "id": thing["id"]} if "id" not in shown else shown

    def _expanded(self, native_id: str, one: Field) -> Node | None:
        ids = self._ids(native_id, one.name)
        if not ids:
            return None
        limit = int(one.edits.partition("limit(")[2].partition(")")[0] or 25)
        limit = min(limit, self.nested_most) if one.name in {"replies", "comments"} else limit
        return self._page(native_id, one.name, ids, one.below or parse("id"), 0, limit)

    def _listed(self, node: str, edge: str, asked: Sequence[Field], query: Mapping[str, str]) -> Answer:
        if edge in self.refused:
            return 400, JSON, json.dumps({"error": self.refused[edge]}).encode()
        limit = int(query.get("limit", 25))
        if limit > 100 or (self.heavy is not None and limit > self.heavy):
            return 500, JSON, json.dumps({"error": {"code": 1, "message": HEAVY}}).encode()
        most = 50 if edge in {"comments", "replies"} else 100
        start = int(query.get("after", "c0").rpartition("c")[2])
        ids = self._ids(node, edge)
        return ok(self._page(node, edge, ids, asked, start, min(limit, most, self.page_most)))

    def _ids(self, node: str, edge: str) -> list[str]:
        kind = self.things[node][0]
        if edge not in KNOWN[kind]:
            raise _Failed(failed(2500, f"Unknown path components: /{edge}"))
        return (
            [] if edge in self.silent else [one for one in self.edges.get((node, edge), []) if one not in self.missing]
        )

    def _page(self, node: str, edge: str, ids: Sequence[str], asked: Sequence[Field], start: int, limit: int) -> Node:
        page: Node = {"data": [self._shown(one, asked) for one in ids[start : start + limit]]}
        following = start + limit
        if following < len(ids):
            after = {"access_token": TOKEN, "limit": limit, "after": f"c{following}"}
            page["paging"] = {
                "cursors": {"before": f"c{start}", "after": f"c{following}"},
                "next": f"https://graph.{self.flavour}.com/v26.0/{node}/{edge}?{urlencode(after)}",
            }
        elif edge != "comments" and page["data"]:
            page["paging"] = {"cursors": {"before": f"c{start}", "after": f"c{following}"}}
        return page


class _Failed(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


JSON = [("Content-Type", "application/json; charset=UTF-8"), ("facebook-api-version", "v26.0")]
HEAVY = "Please reduce the amount of data you're asking for, then retry your request"


def ok(document: Node) -> Answer:
    """An answer as Meta writes it: slashes escaped."""
    return 200, JSON, json.dumps(document).replace("/", "\\/").encode()


def failed(
    code: int, message: str, *, subcode: int | None = None, kind: str = "OAuthException", status: int = 400
) -> Answer:
    """An error object."""
    error: Node = {"message": message, "type": kind, "code": code, "fbtrace_id": "AbCdEfGh"}
    if subcode is not None:
        error["error_subcode"] = subcode
    return status, JSON, json.dumps({"error": error}).encode()


def city(flavour: str | None = "facebook", **more: Any) -> Account:
    """The account; ``flavour`` None: nothing is learned of it yet."""
    learned: dict[str, Any] = {}
    if flavour is not None:
        learned = {"native_id": CITY, "facts": {"flavour": flavour, "page": PAGE if flavour == "facebook" else ""}}
    base = {"facebook": FACEBOOK, "instagram": INSTAGRAM}.get(flavour or "")
    return Account(
        **{"id": "city", "platform": "instagram", "handle": HANDLE, "authenticated": True, "base_url": base,
           "secrets": frozenset({"token"}), **learned, **more}
    )  # fmt: skip


def task(kind: TaskKind, *subjects: str, account: Account | None = None, **more: Any) -> Task:
    """A task of the account at the world's present."""
    return Task(account or city(), kind, NOW, subjects=subjects, **more)


@dataclass(slots=True)
class Done(carrying.Carried):
    """One task carried out: everything that was asked, seen and found."""

    @property
    def verdict(self) -> Verdict | None:
        """What the last answer meant."""
        return self.verdicts[-1] if self.verdicts else None

    @property
    def paths(self) -> list[str]:
        """What was asked for, without host, version and query."""
        return [urlsplit(spec.url).path.partition("/v26.0/")[2] for spec in self.specs]

    def of(self, kind: type) -> list[Any]:
        """The observations of one kind."""
        return [seen for seen in self.observations if isinstance(seen, kind)]

    @property
    def followed(self) -> set[tuple[str, str]]:
        """Follow-ups as pairs."""
        return {(str(one.kind), one.subject) for one in self.follow_ups}


def carried_out(server: Server, task_: Task, *, most: int = 400) -> Done:
    """The loop in small; ends where an answer can't be read."""

    def served(spec: RequestSpec, number: int) -> Exchange:
        return exchange_of(task_, spec, server.answer(spec), number + 1)

    return carrying.carried_out(InstagramAdapter(task_.account), task_, served, Done(), most=most)


def exchange_of(task_: Task, spec: RequestSpec, answer: Answer, number: int = 1) -> Exchange:
    """The exchange that the loop would hand over."""
    return carrying.exchange_of(answer, spec, task_, number)


def key(native_id: str) -> Key:
    """The key of a thing."""
    return Key(f"instagram:{native_id}")


Words = Callable[[Node], Node]


def steps(adapter: InstagramAdapter, task_: Task, server: Server) -> Iterator[Step]:
    """The steps of a task, as the loop goes through them."""
    step = adapter.start(task_)
    while not step.done:
        yield step
        spec = step.requests[0]
        step = adapter.proceed(task_, step, exchange_of(task_, spec, server.answer(spec)))
