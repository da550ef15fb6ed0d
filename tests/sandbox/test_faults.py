"""Trouble on purpose: each fault does what it says, as often as it is told, and then all is well again."""

from __future__ import annotations

import http.client
import time
from typing import Any

import pytest

from archiver.sandbox import SandboxCity, faults
from tests.sandbox.conftest import Caller, ask

PROFILE = "app.bsky.actor.getProfile"


@pytest.fixture
def hall(city: SandboxCity) -> str:
    """The DID of the city's own account."""
    return city.world.person("hall-bluesky").id


STATUSES: dict[str, tuple[faults.Fault, int, str]] = {
    "a server error in the platform's own form": (faults.server_error(), 500, "application/json; charset=utf-8"),
    "the page of a proxy": (faults.bad_gateway(), 502, "text/html; charset=utf-8"),
    "maintenance": (faults.unavailable(), 503, "application/json; charset=utf-8"),
    "a limit": (faults.too_many(), 429, "application/json; charset=utf-8"),
    "a login page": (faults.login_page(), 200, "text/html; charset=utf-8"),
    "sent elsewhere": (faults.redirect("https://elsewhere.example/"), 302, "text/html; charset=utf-8"),
    "a dead token": (faults.token_revoked(), 400, "application/json; charset=utf-8"),
}


@pytest.mark.parametrize(("fault", "status", "mime"), STATUSES.values(), ids=STATUSES.keys())
def test_statuses(city: SandboxCity, call: Caller, hall: str, fault: faults.Fault, status: int, mime: str) -> None:
    """The next answer is a bad one, the one after it is good."""
    city.bluesky.faults.add(fault, matching="getProfile")
    bad = call.xrpc(PROFILE, actor=hall)
    assert (bad.status, bad.headers["content-type"]) == (status, mime)
    assert call.xrpc(PROFILE, actor=hall).json["did"] == hall


def test_a_rule_counts(city: SandboxCity, call: Caller, hall: str) -> None:
    """It lets some through, strikes as often as told, and minds only what it matches."""
    rule = city.bluesky.faults.add(faults.server_error(), matching="getProfile", times=2, after=1)
    statuses = [call.xrpc(PROFILE, actor=hall).status for _ in range(4)]
    assert (statuses, rule.hits) == ([200, 500, 500, 200], 2)
    city.bluesky.faults.add(faults.server_error(), matching=lambda asked: asked.method == "POST", times=None)
    assert call.xrpc(PROFILE, actor=hall).status == 200
    assert call.login("hall-bluesky").status == 500
    city.bluesky.faults.clear()
    assert call.login("hall-bluesky").status == 200


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_truncated_body(city: SandboxCity, call: Caller, encoding: str) -> None:
    """The connection ends before the promised length, or before the last chunk."""
    root = city.world.post("hall-bluesky", "root")
    for n in range(30):
        city.world.reply("hall-bluesky", root, f"answer {n}")
    city.bluesky.faults.add(faults.truncated(), matching="getPostThread")
    url = f"{city.bluesky_url}/xrpc/app.bsky.feed.getPostThread?uri={root.id}"
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        ask(url, headers={"Accept-Encoding": encoding})
    assert ask(url, headers={"Accept-Encoding": encoding}).status == 200


def test_json_that_ends_in_the_middle(city: SandboxCity, call: Caller, hall: str) -> None:
    """Whole by its headers, broken as JSON."""
    city.bluesky.faults.add(faults.cut_json())
    answer = call.xrpc(PROFILE, actor=hall)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.raw)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        _ = answer.json


def test_a_slow_answer(city: SandboxCity, call: Caller, hall: str) -> None:
    """It comes whole, and late."""
    city.bluesky.faults.add(faults.slow(0.2, 0.1))
    began = time.monotonic()
    assert call.xrpc(PROFILE, actor=hall).json["did"] == hall
    assert time.monotonic() - began >= 0.3


def test_a_dropped_connection(city: SandboxCity, call: Caller, hall: str) -> None:
    """No answer at all; the log has it with status 0."""
    city.bluesky.faults.add(faults.disconnect())
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        call.xrpc(PROFILE, actor=hall)
    assert [entry.status for entry in city.bluesky.journal.calls] == [0]


@pytest.mark.parametrize(("platform", "was", "now"), [("bluesky", dict, list), ("mastodon", list, dict)])
def test_a_wrong_shape(city: SandboxCity, call: Caller, hall: str, platform: str, was: type, now: type) -> None:
    """A list where an object was, and the other way round."""

    def get() -> Any:
        if platform == "bluesky":
            return call.xrpc(PROFILE, actor=hall).json
        return call.mastodon(f"/api/v1/accounts/{city.world.person('parks-mastodon').id}/statuses").json

    assert isinstance(get(), was)
    (city.bluesky if platform == "bluesky" else city.mastodon).faults.add(faults.wrong_shape())
    assert isinstance(get(), now)


def test_a_page_that_repeats(city: SandboxCity, call: Caller, hall: str) -> None:
    """The same page with the same cursor, whatever is asked."""
    for n in range(9):
        city.world.post("hall-bluesky", f"{n}")
    city.bluesky.faults.add(faults.repeated_page(), matching="getAuthorFeed", times=3)
    first = call.xrpc("app.bsky.feed.getAuthorFeed", actor=hall, limit=3).json
    for _ in range(2):
        assert call.xrpc("app.bsky.feed.getAuthorFeed", actor=hall, limit=3, cursor=first["cursor"]).json == first
    moved = call.xrpc("app.bsky.feed.getAuthorFeed", actor=hall, limit=3, cursor=first["cursor"]).json
    assert moved != first


def test_a_listing_that_ends_early(city: SandboxCity, call: Caller, hall: str) -> None:
    """Fewer entries, no cursor, no link: nothing says that there is more."""
    for n in range(30):
        city.world.post("hall-bluesky", f"{n}")
        city.world.post("parks-mastodon", f"{n}")
    city.bluesky.faults.add(faults.silent_end(keep=2), matching="getAuthorFeed")
    feed = call.xrpc("app.bsky.feed.getAuthorFeed", actor=hall, limit=5).json
    assert (len(feed["feed"]), "cursor" in feed) == (2, False)
    city.mastodon.faults.add(faults.silent_end(), matching="/statuses")
    listed = call.mastodon(f"/api/v1/accounts/{city.world.person('parks-mastodon').id}/statuses")
    assert (len(listed.json), listed.links) == (20, {})


def test_views_that_lag(city: SandboxCity, call: Caller) -> None:
    """A cache in front of the AppView goes on showing what was; the repository does not."""
    post = city.world.post("hall-bluesky", "x")
    assert len(call.xrpc("app.bsky.feed.getPosts", uris=[post.id]).json["posts"]) == 1
    city.bluesky.stale = lambda asked: "app.bsky." in asked.path
    city.world.delete(post)
    rkey = post.id.rsplit("/", 1)[1]
    assert len(call.xrpc("app.bsky.feed.getPosts", uris=[post.id]).json["posts"]) == 1
    gone = call.xrpc("com.atproto.repo.getRecord", repo=post.author.id, collection="app.bsky.feed.post", rkey=rkey)
    assert gone.json["error"] == "RecordNotFound"
    city.bluesky.stale = lambda _: False
    assert call.xrpc("app.bsky.feed.getPosts", uris=[post.id]).json["posts"] == []


def test_the_log_counts_by_endpoint(city: SandboxCity, call: Caller, hall: str) -> None:
    """Ids do not tell endpoints apart."""
    for name in ("parks-mastodon", "library-mastodon"):
        call.mastodon(f"/api/v1/accounts/{city.world.person(name).id}")
    call.xrpc(PROFILE, actor=hall)
    assert city.mastodon.journal.counts() == {"/api/v1/accounts/:id": 2}
    assert city.bluesky.journal.counts() == {PROFILE: 1}
    city.bluesky.journal.clear()
    assert city.bluesky.journal.calls == []
