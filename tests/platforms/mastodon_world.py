"""A small Mastodon server in memory: what the adapter's tests ask instead of a real one.

It answers requests like stock Mastodon; switches make it a fork, an old version or a closed server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import ItemSeen, PastSeen
from archiver.domain.task import (
    Shortfall,
    Task,
    TaskKind,
)
from archiver.platforms.mastodon import MastodonAdapter
from tests.platforms import carrying
from tests.platforms.carrying import exchange_of

HOST = "social.example.gov"
BASE = f"https://{HOST}"
CITY, ANN, BOB = "109000000000000001", "110000000000000009", "110000000000000077"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

Answer = tuple[int, list[tuple[str, str]], bytes]


def stamp(moment: datetime) -> str:
    """A time as Mastodon writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def account(native_id: str, acct: str, name: str = "", **more: Any) -> dict[str, Any]:
    """An account as the server shows it."""
    user, _, domain = acct.partition("@")
    home = domain or HOST
    return {
        "id": native_id, "username": user, "acct": acct, "display_name": name or user.title(), "locked": False, "bot": False,
        "created_at": "2022-11-01T00:00:00.000Z", "note": "<p>Official</p>", "url": f"https://{home}/@{user}",
        "uri": f"https://{home}/users/{user}", "avatar": f"https://files.example.gov/{user}.png",
        "avatar_static": f"https://files.example.gov/{user}.png", "header": "https://files.example.gov/h.png",
        "header_static": "https://files.example.gov/h.png", "followers_count": 120, "following_count": 3, "statuses_count": 410,
        "last_status_at": "2026-03-02", "emojis": [], "fields": [], **more,
    }  # fmt: skip


PEOPLE = {
    CITY: account(CITY, "city", "City of Example"),
    ANN: account(ANN, "ann@elsewhere.example", "Ann"),
    BOB: account(BOB, "bob", "Bob"),
}


def attachment(native_id: str = "5", **more: Any) -> dict[str, Any]:
    """A picture."""
    return {
        "id": native_id, "type": "image", "url": f"https://files.example.gov/media/{native_id}.jpg",
        "preview_url": f"https://files.example.gov/media/{native_id}s.jpg", "remote_url": None,
        "meta": {"original": {"width": 800, "height": 600}}, "description": "Map of the detour", **more,
    }  # fmt: skip


@dataclass(slots=True)
class Server:
    """The switches and the statuses of one server."""

    open: bool = True
    token: str = "valid"
    batch: bool = True
    history: bool = True
    html_errors: bool = False
    quotes: bool = True
    most_below: int = 60
    deepest: int = 20
    page_most: int = 40
    link_base: str = BASE
    base: str = BASE
    refresh: str | None = None
    own: str = CITY
    people: dict[str, dict[str, Any]] = field(default_factory=lambda: {k: dict(v) for k, v in PEOPLE.items()})
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    histories: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pinned: list[str] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    blocked: list[dict[str, Any]] = field(default_factory=list)
    muted: list[dict[str, Any]] = field(default_factory=list)
    blocked_servers: list[str] = field(default_factory=list)
    filters: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, bool]] = field(default_factory=list)
    faults: list[Answer] = field(default_factory=list)
    hidden_pages: set[int] = field(default_factory=set)

    # what happens on the server

    def post(self, native_id: str, author: str = CITY, content: str = "<p>Hello</p>", **more: Any) -> dict[str, Any]:
        """A status; ``at`` is when, ``to`` what it answers."""
        at: datetime = more.pop("at", NOW - timedelta(days=1))
        parent: str | None = more.pop("to", None)
        person = self.people[author]
        answered = self.statuses[parent]["account"]["id"] if parent in self.statuses else None
        status = {
            "id": native_id, "created_at": stamp(at), "in_reply_to_id": parent, "in_reply_to_account_id": answered,
            "sensitive": False, "spoiler_text": "", "visibility": "public", "language": "en",
            "uri": f"{person['uri']}/statuses/{native_id}", "url": f"{person['url']}/{native_id}", "replies_count": 0,
            "reblogs_count": 0, "favourites_count": 0, "quotes_count": 0, "edited_at": None, "content": content,
            "reblog": None, "account": person, "media_attachments": [], "mentions": [], "tags": [], "emojis": [],
            "quote": None, "card": None, "poll": None, **more,
        }  # fmt: skip
        self.statuses[native_id] = status
        if parent in self.statuses:
            self.statuses[parent]["replies_count"] += 1
        return status

    def boost(self, native_id: str, original: dict[str, Any], author: str = CITY, **more: Any) -> dict[str, Any]:
        """A boost of a status."""
        status = self.post(native_id, author, "", **more)
        status |= {"reblog": original, "uri": status["uri"] + "/activity", "url": None}
        return status

    def edit(self, native_id: str, content: str, at: datetime) -> None:
        """A new version of a status; the server keeps the old one."""
        status = self.statuses[native_id]
        first = {**_version(status), "created_at": status["created_at"]}
        status |= {"content": content, "edited_at": stamp(at)}
        self.histories.setdefault(native_id, [first]).append({**_version(status), "created_at": stamp(at)})

    def delete(self, native_id: str, *, nullify: bool = True) -> None:
        """Stock Mastodon forgets what the answers to it answered; GoToSocial and Takahē do not."""
        gone = self.statuses.pop(native_id)
        if gone["in_reply_to_id"] in self.statuses:
            self.statuses[gone["in_reply_to_id"]]["replies_count"] -= 1
        for status in self.statuses.values():
            if nullify and status["in_reply_to_id"] == native_id:
                status["in_reply_to_id"] = None

    # how it answers

    def answer(self, spec: RequestSpec) -> Answer:
        """The answer to a request."""
        token = spec.credential == "token"
        self.asked.append((spec.url, token))
        if self.faults:
            return self.faults.pop(0)
        assert spec.url.startswith(self.base), spec.url
        parts = urlsplit(spec.url.removeprefix(self.base))
        query = parse_qs(parts.query)
        if token and self.token != "valid":
            return _json({"error": "The access token was revoked"}, 401)
        if not token and not self.open:
            return _json({"error": "This API requires an authenticated user"}, 401)
        return self._api(parts.path.rstrip("/"), query, token=token)

    def _api(self, path: str, query: dict[str, list[str]], *, token: bool) -> Answer:  # noqa: PLR0911 - a table
        words = path.removeprefix("/api/").split("/")
        match words:
            case ["v1", "accounts", "lookup"]:
                acct = query["acct"][0]
                return self._one(p for p in self.people.values() if acct in {p["acct"], f"{p['acct']}@{HOST}"})
            case ["v1", "accounts", "verify_credentials"]:
                return _json({**self.people[self.own], "source": {"note": "Official"}}) if token else _json({}, 401)
            case ["v1", "accounts", native_id]:
                return self._one(p for p in self.people.values() if p["id"] == native_id)
            case ["v1", "accounts", native_id, "statuses"]:
                return self._listing(path, native_id, query, token=token)
            case ["v1", "statuses"] if self.batch:
                return _json([self.statuses[i] for i in query.get("id[]", []) if self._visible(i, token=token)])
            case ["v1", "statuses", native_id]:
                return self._one(
                    s for i, s in self.statuses.items() if i == native_id and self._visible(i, token=token)
                )
            case ["v1", "statuses", native_id, "context"] if self._visible(native_id, token=token):
                return self._context(native_id, token=token)
            case ["v1", "statuses", native_id, "history"] if self.history and native_id in self.statuses:
                return _json(self.histories.get(native_id) or [_version(self.statuses[native_id])])
            case ["v1", "statuses", native_id, "quotes"] if self.quotes and token:
                return _json([s for s in self.statuses.values() if _quoted(s) == native_id])
            case ["v1", "notifications"] if token:
                return self._paged(path, self.notices, query)
            case ["v1", "notifications", "requests"] if token:
                return _json(self.requests)
            case ["v1", "blocks"] if token:
                return self._paged(path, self.blocked, query)
            case ["v1", "mutes"] if token:
                return self._paged(path, self.muted, query)
            case ["v1", "domain_blocks"] if token:
                return _json(self.blocked_servers)
            case ["v2", "filters"] if token:
                return _json(self.filters)
            case ["v2", "instance"] if not self.html_errors:
                return _json({"domain": HOST, "version": "4.6.4", "api_versions": {"mastodon": 11}})
            case ["v1", "instance"]:
                return _json({"uri": HOST, "version": "4.6.4"})
            case _:
                return self._missing()

    def _missing(self) -> Answer:
        if self.html_errors:
            return 404, [("Content-Type", "text/html")], b"<!DOCTYPE html><h1>404</h1>"
        return _json({"error": "Record not found"}, 404)

    def _one(self, found: Iterator[dict[str, Any]]) -> Answer:
        one = next(found, None)
        return self._missing() if one is None else _json(one)

    def _visible(self, native_id: str, *, token: bool) -> bool:
        status = self.statuses.get(native_id)
        return status is not None and (token or status["visibility"] in {"public", "unlisted"})

    def _listing(self, path: str, author: str, query: dict[str, list[str]], *, token: bool) -> Answer:
        if "pinned" in query:
            return _json([self.statuses[i] for i in self.pinned])
        mine = [i for i, s in self.statuses.items() if s["account"]["id"] == author and self._visible(i, token=token)]
        return self._paged(path, [self.statuses[i] for i in sorted(mine, key=_order, reverse=True)], query)

    def _paged(self, path: str, entries: Sequence[dict[str, Any]], query: dict[str, list[str]]) -> Answer:
        limit = min(int(query.get("limit", ["20"])[0]) or 20, self.page_most)
        below = query.get("max_id", [None])[0]
        left = [one for one in entries if below is None or _order(one["id"]) < _order(below)]
        page = left[:limit]
        if not page:
            return _json([])
        kept = [(name, value) for name, values in query.items() for value in values if name != "max_id"]
        links = [f'<{self.link_base}{path}?{urlencode([*kept, ("min_id", page[0]["id"])])}>; rel="prev"']
        if len(page) == limit:
            links.insert(0, f'<{self.link_base}{path}?{urlencode([*kept, ("max_id", page[-1]["id"])])}>; rel="next"')
        number = sum(1 for url, _ in self.asked if urlsplit(url).path == urlsplit(self.base).path + path)
        shown = [] if number in self.hidden_pages else page
        return _json(shown, 200, ("Link", ", ".join(links)))

    def _context(self, native_id: str, *, token: bool) -> Answer:
        above: list[dict[str, Any]] = []
        key = self.statuses[native_id]["in_reply_to_id"]
        while key in self.statuses:
            above.insert(0, self.statuses[key])
            key = self.statuses[key]["in_reply_to_id"]
        below = list(self._below(native_id, 1, token=token))
        above, shown = (above, below) if token else (above[-40:], below[: self.most_below])
        extra = [("Mastodon-Async-Refresh", self.refresh)] if self.refresh else []
        return _json({"ancestors": above, "descendants": shown}, 200, *extra)

    def _below(self, native_id: str, depth: int, *, token: bool) -> Iterator[dict[str, Any]]:
        for one in sorted(self.statuses, key=_order):
            if not token and depth > self.deepest:
                return
            if self.statuses[one]["in_reply_to_id"] == native_id and self._visible(one, token=token):
                yield self.statuses[one]
                yield from self._below(one, depth + 1, token=token)


def _json(value: Any, status: int = 200, *headers: tuple[str, str]) -> Answer:
    return status, [("Content-Type", "application/json; charset=utf-8"), *headers], json.dumps(value).encode()


def _order(native_id: str) -> tuple[int, str]:
    return (len(native_id), native_id) if native_id.isdigit() else (99, native_id)


def _version(status: dict[str, Any]) -> dict[str, Any]:
    names = ("content", "spoiler_text", "sensitive", "created_at", "account", "media_attachments", "emojis")
    return {name: status[name] for name in names}


def _quoted(status: dict[str, Any]) -> str | None:
    quoted = (status["quote"] or {}).get("quoted_status") or {}
    found: str | None = quoted.get("id")
    return found


@dataclass(slots=True)
class Carried(carrying.Carried):
    """All that a task did, and what came of it."""

    @property
    def past(self) -> list[PastSeen]:
        """The edit histories."""
        return [one for one in self.observations if isinstance(one, PastSeen)]

    @property
    def urls(self) -> list[str]:
        """What was asked, without the server."""
        return [exchange.url.removeprefix(BASE) for exchange in self.exchanges]

    def item(self, native_id: str) -> ItemSeen:
        """The last sighting of a status."""
        return next(one for one in reversed(self.items) if one.key == f"mastodon:{native_id}")

    def short(self) -> list[Shortfall]:
        """What is missing."""
        return [one for one in self.findings if isinstance(one, Shortfall)]


def city(**more: Any) -> Account:
    """The city's account."""
    words: dict[str, Any] = {"handle": f"city@{HOST}", "native_id": CITY, **more}
    return Account("city-mastodon", "mastodon", **words)


def task(kind: TaskKind, *subjects: str, account: Account | None = None, **more: Any) -> Task:
    """A task of the city's account."""
    return Task(account or city(), kind, NOW, subjects, **more)


def carry_out(server: Server, task: Task, *, most: int = 300, stop_after: int | None = None) -> Carried:
    """A task from its start to its end, or to the first answer that is no answer."""

    def served(spec: RequestSpec, number: int) -> Exchange:
        return exchange_of(server.answer(spec), spec, task, number)

    return carrying.carried_out(
        MastodonAdapter(task.account), task, served, Carried(), most=most, stop_after=stop_after
    )
