"""The network that the archiver is held against is a real one, and behaves as the platform's fact sheet says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.real.gateway import Gateway
from tests.real.network import THREAD_DEPTH, Network
from tests.real.story import WIDE, Story

pytestmark = pytest.mark.real


@pytest.fixture
def ask(public: Gateway) -> Iterator[Callable[..., tuple[int, Any]]]:
    """Ask through the gateway; status and answer."""
    with httpx.Client(base_url=f"{public.url}/xrpc/", trust_env=False) as client:

        def asking(method: str, **params: Any) -> tuple[int, Any]:
            answer = client.get(method, params=params)
            return answer.status_code, answer.json()

        yield asking


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All posts of a view of a thread."""
    yield node
    for reply in node.get("replies", ()):
        yield from nodes(reply)


def test_a_town_is_seen_as_it_was_told(
    found: Callable[[str], Story], ask: Callable[..., tuple[int, Any]], public: Gateway
) -> None:
    """What the story says that it did can be read back: views and their limits, files, gates, deletions, accounts."""
    story = found("harbor")
    story.first_day()
    ref = story.ref

    def thread(of: str) -> list[dict[str, Any]]:
        status, answer = ask("app.bsky.feed.getPostThread", uri=ref[of].uri, depth=1000)
        assert status == 200, answer
        return list(nodes(answer["thread"]))

    deep = thread("deep")
    assert len(deep) == 1 + THREAD_DEPTH + 1, "the view ends at the depth limit; there is one fork above it"
    assert {one["post"]["replyCount"] for one in deep if "replies" not in one} == {2, 0}, "only one of the last goes on"
    assert len(thread("wide")) == 1 + WIDE + 2 * (WIDE // 10)
    hearing = {one["post"]["uri"] for one in thread("hearing")}
    assert ref["abuse"].uri in hearing, "what a threadgate hides is shown to programs"

    _, quotes = ask("app.bsky.feed.getQuotes", uri=ref["flood"].uri)
    shown = {one["uri"]: one["embed"] for one in quotes["posts"]}
    assert shown[ref["mocked"].uri]["record"]["$type"] == "app.bsky.embed.record#viewDetached"
    assert shown[ref["twisted"].uri]["record"]["$type"] == "app.bsky.embed.record#viewRecord"

    files = [(one.author, file.file) for one in story.truth.records.values() for file in one.attached]
    assert {file.mime for _, file in files} == {"image/jpeg", "image/png", "video/mp4", "text/vtt"}
    for did, file in files:
        got = httpx.get(
            f"{public.url}/xrpc/com.atproto.sync.getBlob", params={"did": did, "cid": file.cid}, trust_env=False
        )
        assert hashlib.sha256(got.content).hexdigest() == file.sha256
        assert got.headers["content-type"].startswith(file.mime)

    story.second_day()
    assert ask("app.bsky.feed.getPostThread", uri=ref["doomed"].uri)[1]["error"] == "NotFound"
    _, posts = ask("app.bsky.feed.getPosts", uris=[ref["survivor"].uri, ref["doomed"].uri, ref["leaf"].uri])
    assert [one["uri"] for one in posts["posts"]] == [ref["survivor"].uri]
    assert ask("app.bsky.actor.getProfile", actor=story.cara.did)[1]["error"] == "AccountDeactivated"
    assert ask("app.bsky.actor.getProfile", actor="harbor-hall.test")[1]["error"] == "InvalidRequest"
    assert ask("com.atproto.repo.describeRepo", repo=story.city.did)[1]["handle"] == "harbor-city.test"
    _, notice = ask("app.bsky.feed.getPosts", uris=[ref["notice"].uri])
    assert notice["posts"][0]["record"]["text"] == story.truth.records[ref["notice"].uri].text

    story.third_day()
    _, again = ask("app.bsky.feed.getPosts", uris=[ref["again"].uri])
    assert [one["cid"] for one in again["posts"]] == [ref["again"].cid]
    told = story.city.ask("app.bsky.notification.listNotifications", limit=100)["notifications"]
    assert {one["reason"] for one in told} >= {"reply", "quote"}


def test_a_pds_answers_views_to_its_own_people_only(bluesky: Network, public: Gateway) -> None:
    """Without a token the PDS refuses what the gateway gets from the AppView, and it states its limits."""
    path = "/xrpc/app.bsky.feed.getAuthorFeed?actor=did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
    refused = httpx.get(bluesky.pds + path, trust_env=False)
    assert (refused.status_code, refused.json()["error"]) == (401, "AuthMissing")
    assert httpx.get(public.url + path, trust_env=False).json()["error"] == "InvalidRequest"
    described = httpx.get(f"{public.url}/xrpc/com.atproto.server.describeServer", trust_env=False)
    assert described.headers["ratelimit-policy"] == "3000;w=300"
    assert public.asked == [path, "/xrpc/com.atproto.server.describeServer"]
