"""A small X in memory: what the adapter's tests ask instead of the real one.

It knows the calls that the adapter makes, is strict about parameters, and counts what it charges.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.keys import Key
from archiver.domain.observation import FactSeen
from archiver.domain.task import About, Shortfall, Task, TaskKind
from archiver.platforms.x import XAdapter
from tests.platforms import carrying

BASE = "http://x.test:8443"
CITY, ANN, BOB, EVE = "1200000000000000001", "1300000000000000001", "1300000000000000002", "1300000000000000003"
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
HANDLES = {CITY: "ExampletonCity", ANN: "ann", BOB: "bob", EVE: "eve"}
_EPOCH_MS = 1_288_834_974_657

Answer = tuple[int, list[tuple[str, str]], bytes]


def id_at(moment: datetime, serial: int = 0) -> str:
    """An id that was made then."""
    return str(((int(moment.timestamp() * 1000) - _EPOCH_MS) << 22) | serial)


def stamp(moment: datetime) -> str:
    """A time as X writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def user(native_id: str, **more: Any) -> dict[str, Any]:
    """A person as X shows them."""
    handle = HANDLES.get(native_id, f"user{native_id[-4:]}")
    return {
        "id": native_id, "username": handle, "name": handle.title(), "protected": False, "description": "Official",
        "created_at": "2014-01-01T00:00:00.000Z", "profile_image_url": f"https://pbs.twimg.com/{handle}_normal.jpg",
        "public_metrics": {"followers_count": 7, "tweet_count": 12, "following_count": 1, "listed_count": 0}, **more,
    }  # fmt: skip


@dataclass(slots=True)
class Server:
    """What is on X, by id; ``gone`` and ``kept`` (from this caller) are posts; the other sets are of people.

    ``token``: ``app`` or ``user``. ``archive`` False: this application has no access to the full archive.
    ``wall``, ``named_wall``: how far lists go back. ``lose_tokens``: so many places of pages are refused.
    ``versions_included``: look-ups bring earlier versions along. ``given`` counts what was paid for.
    """

    now: datetime = NOW
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    people: dict[str, dict[str, Any]] = field(default_factory=lambda: {one: user(one) for one in HANDLES})
    gone: set[str] = field(default_factory=set)
    suspended: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    versions_included: bool = True
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    token: str = "app"
    archive: bool = True
    holder: str = CITY
    wall: int = 3200
    named_wall: int = 800
    page_most: int | None = None
    lose_tokens: int = 0
    refuse_exclusions: bool = False
    asked: list[str] = field(default_factory=list)
    given: int = 0
    faults: list[Answer] = field(default_factory=list)

    # --- what happens there

    def post(self, author: str = CITY, text: str = "Notice", **more: Any) -> dict[str, Any]:
        """A post; ``at`` is when, ``to`` the id that it answers, ``quote`` and ``repost`` what it refers to."""
        at: datetime = more.pop("at", self.now - timedelta(hours=1))
        to, quote, repost = (more.pop(name, None) for name in ("to", "quote", "repost"))
        native_id = more.pop("id", None) or id_at(at, len(self.posts))
        referenced = [
            {"type": kind, "id": one}
            for kind, one in (("replied_to", to), ("quoted", quote), ("retweeted", repost))
            if one
        ]
        parent = self.posts.get(to or "")
        if parent is not None and more.pop("named", True):
            text = f"@{HANDLES[parent['author_id']]} {text}"
        post = {
            "id": native_id, "text": text, "author_id": author, "created_at": stamp(at), "lang": "en",
            "edit_history_tweet_ids": [native_id],
            "conversation_id": parent["conversation_id"] if parent else native_id, "entities": _entities(text),
            "public_metrics": {"retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0},
            **({"referenced_tweets": referenced} if referenced else {}),
            **({"in_reply_to_user_id": parent["author_id"]} if parent else {}), **more,
        }  # fmt: skip
        self.posts[native_id] = post
        if parent is not None:
            parent["public_metrics"]["reply_count"] += 1
        if quote in self.posts:
            self.posts[quote]["public_metrics"]["quote_count"] += 1
        return post

    def edit(self, native_id: str, text: str, at: datetime) -> dict[str, Any]:
        """A new version of a post: a post of its own, and all versions list the whole chain."""
        chain = [*self.posts[native_id]["edit_history_tweet_ids"], id_at(at, len(self.posts))]
        new = {**self.posts[chain[-2]], "id": chain[-1], "text": text, "created_at": stamp(at)}
        self.posts[chain[-1]] = new
        for version in chain:
            self.posts[version]["edit_history_tweet_ids"] = chain
        return new

    def refusal(self, parameter: str) -> Answer:
        """The answer to a request with a parameter that X does not take."""
        return _invalid(parameter, "1")

    # --- how it answers

    def answer(self, spec: RequestSpec) -> Answer:
        """The answer to a request."""
        self.asked.append(spec.url)
        if self.faults:
            return self.faults.pop(0)
        assert spec.url.startswith(BASE), spec.url
        assert spec.credential == "token", spec.url
        parts = urlsplit(spec.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self._called(parts.path.removeprefix("/2/").split("/"), query)

    def _called(self, words: list[str], query: dict[str, str]) -> Answer:  # noqa: PLR0911 - a table
        match words:
            case ["usage", "tweets"]:
                usage = {"data": {"project_usage": "7", "project_cap": "3000000"}}
                return _json(usage) if self.token == "app" else _forbidden()
            case ["users", "me"]:
                return self._person(self.holder) if self.token == "user" else _forbidden()
            case ["users", "by", "username", name]:
                found = [one for one in self.people.values() if one["username"].lower() == name.lower()]
                return self._person(found[0]["id"] if found else name)
            case ["users"]:
                return self._people(query["ids"].split(","))
            case ["users", native_id, "tweets"]:
                return self._list(self._of(native_id)[: self.wall], query)
            case ["users", native_id, "mentions"]:
                return self._list(self._naming(native_id)[: self.named_wall], query)
            case ["users", native_id]:
                return self._person(native_id)
            case ["tweets", "search", "recent" | "all" as which]:
                return self._search(query, whole=which == "all")
            case ["tweets", native_id, "quote_tweets"]:
                assert query["exclude"] == "retweets"
                quoting = {"type": "quoted", "id": native_id}
                found = [one for one in self._newest() if quoting in one.get("referenced_tweets", [])]
                return self._paged(found, query, "pagination_token")
            case ["tweets"]:
                return self._look_up(query["ids"].split(","), query)
        return _json({"title": "Not Found", "status": 404}, 404)

    def _there(self, native_id: str) -> bool:
        post = self.posts.get(native_id)
        chain = set(post["edit_history_tweet_ids"]) if post else set()
        return post is not None and not chain & self.gone and post["author_id"] not in self.suspended | self.closed

    def _newest(self) -> list[dict[str, Any]]:
        """What lists show: the newest version of each post, newest first."""
        shown = [one for one in self.posts.values() if one["edit_history_tweet_ids"][-1] == one["id"]]
        return sorted((one for one in shown if self._there(one["id"])), key=lambda one: -int(one["id"]))

    def _of(self, native_id: str) -> list[dict[str, Any]]:
        return [one for one in self._newest() if one["author_id"] == native_id]

    def _naming(self, native_id: str) -> list[dict[str, Any]]:
        name = f"@{self.people[native_id]['username']}".lower()
        return [one for one in self._newest() if name in one["text"].lower() and one["author_id"] != native_id]

    def _list(self, posts: list[dict[str, Any]], query: dict[str, str]) -> Answer:
        assert 5 <= int(query["max_results"]) <= 100, query
        assert not ("since_id" in query and "start_time" in query), "X refuses both together"
        return self._paged([one for one in posts if _inside(one, query)], query, "pagination_token")

    def _search(self, query: dict[str, str], *, whole: bool) -> Answer:
        if whole and (self.token != "app" or not self.archive):
            return _forbidden() if self.token != "app" else _not_enrolled()
        words, start = query["query"], datetime.fromisoformat(query["start_time"])
        assert len(words) <= (1024 if whole else 512), len(words)
        assert 10 <= int(query["max_results"]) <= 500, query
        if not whole and start < self.now - timedelta(days=7):
            return _invalid("start_time", query["start_time"])
        if self.refuse_exclusions and " -" in words:
            return _invalid("query", words)
        fits = _matcher(words, self.people)
        limit = self.now - timedelta(seconds=30)
        found = [one for one in self._newest() if fits(one) and datetime.fromisoformat(one["created_at"]) < limit]
        return self._paged([one for one in found if _inside(one, query)], query, "next_token")

    def _paged(self, posts: list[dict[str, Any]], query: dict[str, str], place: str) -> Answer:
        begin = 0
        if place in query:
            if self.lose_tokens:
                self.lose_tokens -= 1
                return _invalid(place, query[place])
            begin = int(query[place].partition("b26v")[2])
        size = min(int(query["max_results"]), self.page_most or 500)
        page = posts[begin : begin + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if begin + size < len(posts):
            meta["next_token"] = f"b26v{begin + size}"
        return self._posts(page, query, meta)

    def _posts(self, posts: Sequence[dict[str, Any]], query: dict[str, str], rest: dict[str, Any] | None) -> Answer:
        asked = set(query.get("expansions", "").split(","))
        more = [one for post in posts for one in self._referred(post, asked)]
        included = list({one["id"]: one for one in more if one not in posts}.values())
        authors = {one["author_id"] for one in posts if "author_id" in asked}
        authors |= {one["author_id"] for one in included if "referenced_tweets.id.author_id" in asked}
        keys = [key for one in (*posts, *included) for key in one.get("attachments", {}).get("media_keys", [])]
        includes: dict[str, Any] = {
            "users": [self.people[one] for one in sorted(authors)], "tweets": included,
            "media": [self.media[key] for key in dict.fromkeys(keys) if "attachments.media_keys" in asked],
        }  # fmt: skip
        body: dict[str, Any] = {"data": list(posts)} if posts else {}
        body |= (
            {"includes": {name: found for name, found in includes.items() if found}} if any(includes.values()) else {}
        )
        return self._charged(body | ({"meta": rest} if rest is not None else {}))

    def _referred(self, post: dict[str, Any], asked: set[str]) -> list[dict[str, Any]]:
        ids: list[str] = []
        if "referenced_tweets.id" in asked:
            ids += [one["id"] for one in post.get("referenced_tweets", [])]
        if self.versions_included and "edit_history_tweet_ids" in asked and len(post["edit_history_tweet_ids"]) > 1:
            ids += [one for one in post["edit_history_tweet_ids"] if one != post["id"]]
        return [self.posts[one] for one in ids if self._there(one)]

    def _look_up(self, ids: list[str], query: dict[str, str]) -> Answer:
        assert 1 <= len(ids) <= 100, len(ids)
        shown = [self.posts[one] for one in ids if self._there(one) and not self._kept_from_us(one)]
        errors = [self._problem(one) for one in ids if not self._there(one) or self._kept_from_us(one)]
        status, headers, body = self._posts(shown, query, None)
        whole = json.loads(body) | ({"errors": errors} if errors else {})
        return status, headers, json.dumps(whole).encode()

    def _kept_from_us(self, native_id: str) -> bool:
        author: dict[str, Any] = self.people.get(self.posts[native_id]["author_id"], {})
        return bool(author.get("protected")) or native_id in self.kept

    def _problem(self, native_id: str) -> dict[str, Any]:
        hidden = self._there(native_id)
        kind = "not-authorized-for-resource" if hidden else "resource-not-found"
        return {
            "resource_type": "tweet", "parameter": "ids", "resource_id": native_id, "value": native_id,
            "title": "Authorization Error" if hidden else "Not Found Error",
            "detail": f"Could not find tweet with ids: [{native_id}].",
            "type": f"https://api.twitter.com/2/problems/{kind}",
        }  # fmt: skip

    def _person(self, native_id: str) -> Answer:
        status, headers, body = self._people([native_id])
        whole = json.loads(body)
        return (status, headers, json.dumps(whole | {"data": whole["data"][0]} if "data" in whole else whole).encode())

    def _people(self, ids: list[str]) -> Answer:
        shown = [one for one in ids if one in self.people and one not in self.suspended | self.closed]
        errors = [
            {
                "resource_type": "user", "parameter": "ids", "resource_id": one, "value": one,
                "title": "Forbidden" if one in self.suspended else "Not Found Error",
                "detail": f"User has been suspended: [{one}]." if one in self.suspended else f"Could not find user [{one}].",
                "type": "https://api.twitter.com/2/problems/resource-not-found",
            }
            for one in ids if one not in shown
        ]  # fmt: skip
        body: dict[str, Any] = {"data": [self.people[one] for one in shown]} if shown else {}
        return self._charged(body | ({"errors": errors} if errors else {}))

    def _charged(self, body: dict[str, Any]) -> Answer:
        self.given += len(body.get("data", []))
        return _json(body)


def _entities(text: str) -> dict[str, Any]:
    by_name = {handle.lower(): native_id for native_id, handle in HANDLES.items()}
    found = [
        {"start": one.start(), "end": one.end(), "username": one[1], "id": by_name[one[1].lower()]}
        for one in re.finditer(r"@(\w+)", text)
        if one[1].lower() in by_name
    ]
    return {"mentions": found} if found else {}


def _inside(post: dict[str, Any], query: dict[str, str]) -> bool:
    at = datetime.fromisoformat(post["created_at"])
    if "since_id" in query and int(post["id"]) <= int(query["since_id"]):
        return False
    if "start_time" in query and at < datetime.fromisoformat(query["start_time"]):
        return False
    return not ("end_time" in query and at >= datetime.fromisoformat(query["end_time"]))


def _matcher(query: str, people: dict[str, dict[str, Any]]) -> Callable[[dict[str, Any]], bool]:
    """The few operators that the adapter uses: some joined by OR in brackets, then what is left out."""
    words = query.replace("(", " ").replace(")", " ").split()
    wanted = [_term(one, people) for one in words if one != "OR" and not one.startswith("-")]
    unwanted = [_term(one[1:], people) for one in words if one.startswith("-")]
    return lambda post: any(fits(post) for fits in wanted) and not any(fits(post) for fits in unwanted)


def _term(word: str, people: dict[str, dict[str, Any]]) -> Callable[[dict[str, Any]], bool]:
    name, _, value = word.partition(":")

    def refers(post: dict[str, Any], kind: str) -> bool:
        return {"type": kind, "id": value} in post.get("referenced_tweets", [])

    match name:
        case "conversation_id":
            return lambda post: post["conversation_id"] == value != post["id"]
        case "in_reply_to_tweet_id":
            return lambda post: refers(post, "replied_to")
        case "quotes_of_tweet_id":
            return lambda post: refers(post, "quoted")
        case "from":
            return lambda post: value in {post["author_id"], people[post["author_id"]]["username"]}
        case "is":
            return lambda post: any(one["type"] == "retweeted" for one in post.get("referenced_tweets", []))
        case _ if word.startswith("@"):
            return lambda post: word.lower() in post["text"].lower()
    raise AssertionError(f"not an operator that the adapter uses: {word}")


def _json(value: Any, status: int = 200, *headers: tuple[str, str]) -> Answer:
    limits = [("x-rate-limit-limit", "900"), ("x-rate-limit-remaining", "871"), ("x-rate-limit-reset", "1795371300")]
    return status, [("content-type", "application/json; charset=utf-8"), *limits, *headers], json.dumps(value).encode()


def _invalid(name: str, value: str) -> Answer:
    problem = {
        "errors": [{"parameters": {name: [value]}, "message": f"Invalid {name}"}], "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }  # fmt: skip
    return _json(problem, 400)


def _forbidden() -> Answer:
    problem = {
        "title": "Unsupported Authentication", "status": 403, "detail": "Authenticating this way is forbidden here.",
        "type": "https://api.twitter.com/2/problems/unsupported-authentication",
    }  # fmt: skip
    return _json(problem, 403)


def _not_enrolled() -> Answer:
    problem = {
        "title": "Client Forbidden", "reason": "client-not-enrolled", "detail": "Attach the App to a Project.",
        "type": "https://api.twitter.com/2/problems/client-forbidden",
    }  # fmt: skip
    return _json(problem, 403)


class Carried(carrying.Carried):
    """All that a task did, in the words of X."""

    @property
    def urls(self) -> list[str]:
        """What was asked, without the server."""
        return [one.url.removeprefix(BASE) for one in self.specs]

    @property
    def calls(self) -> list[str]:
        """The paths of what was asked."""
        return [urlsplit(url).path.removeprefix("/2/") for url in self.urls]

    @property
    def queries(self) -> list[str]:
        """What was searched for."""
        return [query for query in self.parameter("query") if query is not None]

    def parameter(self, name: str) -> list[str | None]:
        """The values of a parameter, request by request."""
        return [parse_qs(urlsplit(url).query).get(name, [None])[0] for url in self.urls]

    def spans(self, stream: str) -> list[tuple[datetime | None, datetime]]:
        """What was listed completely."""
        return [(one.from_at, one.until_at) for one in self.covered(stream)]

    def short(self) -> list[str]:
        """Why something is missing."""
        return [one.reason for one in self.findings if isinstance(one, Shortfall)]

    def planned(self, kind: TaskKind) -> list[str]:
        """What other tasks of a kind were found to be needed."""
        return [one.subject for one in self.follow_ups if one.kind is kind]

    @property
    def left(self) -> Any:
        """The cursor that the next task begins with."""
        return self.cursors[-1]


def city(**more: Any) -> Account:
    """The city's account."""
    words: dict[str, Any] = {
        "handle": "ExampletonCity", "native_id": CITY, "base_url": BASE, "authenticated": True, **more,
    }  # fmt: skip
    return Account("city-x", "x", **words)


def task(kind: TaskKind, *subjects: str, account: Account | None = None, **more: Any) -> Task:
    """A task of the city's account."""
    return Task(account or city(), kind, more.pop("at", NOW), subjects, **more)


def threads(*subjects: str, left: dict[str, Any] | None = None, **more: Any) -> Task:
    """A visit to threads that were never visited, or left in the same cursor."""
    root, below = more.pop("root", None), more.pop("below", ())
    about = {one: About(CITY, Key(root or one), left, below) for one in subjects}
    return task(TaskKind.THREAD, *subjects, about=about, **more)


def carry_out(server: Server, task: Task, *, most: int = 300) -> Carried:
    """A task from its start to its end, or to the first answer that is none."""

    def served(spec: RequestSpec, _number: int) -> Exchange:
        exchange = carrying.exchange_of(server.answer(spec), spec, task)
        return replace(exchange, captured_at=max(server.now, task.started_at))

    return carrying.carried_out(XAdapter(task.account), task, served, Carried(), most=most)


def learned(account: Account, done: Carried) -> Account:
    """The account with what a task has taught of it."""
    facts = {one.name: one.value for one in done.observations if isinstance(one, FactSeen)}
    return replace(account, facts={**account.facts, **facts})


def later(server: Server, by: timedelta) -> Server:
    """The same X some time later."""
    server.now, server.asked, server.given = server.now + by, [], 0
    return server
