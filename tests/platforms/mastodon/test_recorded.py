"""Every answer that real servers gave goes through the adapter and comes out as the expected results say."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from archiver.domain.item import Form
from archiver.domain.observation import ItemSeen, PastSeen
from archiver.domain.task import Meaning
from archiver.errors import ShapeChanged
from archiver.platforms.mastodon import MastodonAdapter
from archiver.platforms.mastodon.routes import route_of
from tests.platforms.mastodon.recorded import (
    FOLDERS,
    Recorded,
    account_of,
    asks_for_one,
    needs_recordings,
    recordings,
    statuses_in,
)
from tests.platforms.mastodon.shape import body_shape, shape

EXPECTED = Path(__file__).parent / "expected"

pytestmark = needs_recordings


def sighting(folder: str, recorded: Recorded, status: dict[str, Any]) -> ItemSeen:
    """A recorded status as the answer to a call for it alone."""
    url = asks_for_one(folder, str(status["id"]))
    answer = recorded.exchange(url=url, status=200, headers=(), body=json.dumps(status).encode())
    seen = next(iter(MastodonAdapter(account_of(folder)).read(answer)))
    assert isinstance(seen, ItemSeen)
    return seen


def all_statuses(folder: str) -> Iterator[tuple[Recorded, dict[str, Any]]]:
    """Every recorded status, of whatever call's answer."""
    for recorded in recordings(folder):
        for _, status in statuses_in(recorded.answer):
            yield recorded, status


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_status_comes_out_as_expected(folder: str) -> None:
    """Key, parent, author, words, times, pictures with their descriptions, polls and quotations are the expected ones."""
    expected = json.loads((EXPECTED / f"{Path(folder).name}.json").read_text())
    missing = {(key, name) for key, variants in expected.items() for one in variants for name in one["in"]}
    for recorded, status in all_statuses(folder):
        found = shape(sighting(folder, recorded, status))
        key = found.pop("key")
        variants = [{k: v for k, v in one.items() if k != "in"} for one in expected[key] if recorded.name in one["in"]]
        assert found in variants, f"{recorded.name} {key}"
        missing.discard((key, recorded.name))
    assert not missing


@pytest.mark.parametrize("folder", FOLDERS)
def test_plain_markup_reads_alike_by_a_simpler_method(folder: str) -> None:
    """Taking the tags out one after the other, which does for what these servers wrote, gives the same words."""
    for recorded, status in all_statuses(folder):
        source = status.get("reblog") or status
        if "content" not in source or "granary" in folder:
            continue
        words = (
            re.sub(r'<(p|span) class="quote-inline">.*?</\1>', "", source["content"])
            if source.get("quote")
            else source["content"]
        )
        words = re.sub(r"</p>\s*<p[^>]*>", "\n\n", re.sub(r"<br ?/?>", "\n", words))
        assert sighting(folder, recorded, status).body.text == html.unescape(re.sub(r"<[^>]+>", "", words))


def test_what_was_posted_is_what_is_read_on_stock_mastodon() -> None:
    """The words that a client sent are the words that come out of the server's HTML."""
    compared = 0
    for recorded in recordings("mastodon-py-cassettes/local-instance-4.6"):
        words = parse_qs(recorded.sent).get("status") if isinstance(recorded.sent, str) else None
        posted = recorded.method == "POST" and recorded.url.endswith("/statuses") and recorded.status == 200
        if posted and words and "content" in recorded.answer:
            compared += 1
            assert sighting("mastodon-py-cassettes/local-instance-4.6", recorded, recorded.answer).body.text == words[0]
    assert compared > 100


def test_what_was_posted_is_what_is_read_on_gotosocial() -> None:
    """GoToSocial gives authors the plain source beside the HTML."""
    pairs = [
        (sighting("gotosocial", one, status), status)
        for one, status in all_statuses("gotosocial")
        if status.get("text")
    ]
    assert len(pairs) > 100
    assert all(seen.body.text == status["text"] for seen, status in pairs)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_answer_is_read_without_a_fault(folder: str) -> None:
    """Whatever was recorded of the calls that are made gives observations, or is no answer to read."""
    adapter = MastodonAdapter(account_of(folder))
    for recorded in recordings(folder):
        if recorded.url.split("?")[0].endswith(("/relationships", "/search")):  # calls that are never made
            continue
        verdict = adapter.judge(recorded.exchange())
        try:
            list(adapter.read(recorded.exchange()))
        except ShapeChanged:
            assert recorded.answer is None or verdict.meaning is not Meaning.PROCEED, recorded.name


def test_listings_show_what_the_server_listed() -> None:
    """Each status of a page is one sighting, in the page's order, pointing at its place."""
    for folder in ("gotosocial", "takahe"):
        adapter = MastodonAdapter(account_of(folder))
        for recorded in recordings(folder):
            route = route_of(recorded.url)
            if route is None or route.call != "listing" or recorded.status != 200:
                continue
            items = [one for one in adapter.read(recorded.exchange()) if isinstance(one, ItemSeen)]
            listed = [one for one in items if one.pointer.count("/") == 1]
            assert [one.key for one in listed] == [f"mastodon:{one['id']}" for one in recorded.answer]
            assert [one.pointer for one in listed] == [f"/{n}" for n in range(len(listed))]


@pytest.mark.parametrize("folder", ["gotosocial", "takahe"])
def test_threads_hang_together_in_either_order(folder: str) -> None:
    """Depth-first (GoToSocial) or breadth-first (Takahē), every answer has its parent and the root's author."""
    adapter = MastodonAdapter(account_of(folder))
    recorded = next(one for one in recordings(folder) if one.name == "045-context-auth")
    root = recorded.url.split("/")[-2]
    exchange = recorded.exchange(task_kind="thread", subject=f"mastodon:{root}")
    items = {one.key: one for one in adapter.read(exchange) if isinstance(one, ItemSeen)}
    city = {
        one.author.native_id for one in items.values() if one.author and str(one.author.handle).startswith("millbrook")
    }
    assert len(items) == 14
    assert {one.thread for one in items.values()} == {f"mastodon:{root}"}
    assert {one.thread_author for one in items.values()} == city
    assert all(one.parent == f"mastodon:{root}" or one.parent in items for one in items.values())
    authors = {one.key: one.author.native_id for one in items.values() if one.author}
    parents = {one.parent_author == authors[one.parent] for one in items.values() if one.parent in authors}
    assert parents == {True}


@pytest.mark.parametrize(
    ("folder", "name", "versions"),
    [
        ("gotosocial", "049-history-auth", ["City hall closes at 5 pm on Friday.", "City hall closes at 4 pm on Friday.", "City hall closes at 3 pm on Friday."]),
        ("gotosocial", "050-history-unedited-auth", ["Public hearing on the Mill Street bike lane, Tuesday 6 pm. Questions? Reply here. (1/2)"]),
        ("gotosocial", "059-status-bob-edited-history", ["@millbrook This is a terrible idea. 😡", "@millbrook This is an idea."]),
        ("takahe", "049-history-auth", []),
    ],
)  # fmt: skip
def test_histories_give_every_version(folder: str, name: str, versions: list[str]) -> None:
    """Oldest first, the current one last; a server without the call gives none."""
    recorded = next(one for one in recordings(folder) if one.name == name)
    past = [one for one in MastodonAdapter(account_of(folder)).read(recorded.exchange()) if isinstance(one, PastSeen)]
    assert [entry.body.text for one in past for entry in one.versions] == versions
    assert all([entry.at for entry in one.versions] == sorted(entry.at for entry in one.versions) for one in past)


def test_the_last_version_of_a_history_is_the_status_itself() -> None:
    """Both carry the time of the last edit, and the same words and pictures."""
    answers = {one.name: one for one in recordings("gotosocial")}
    adapter = MastodonAdapter(account_of("gotosocial"))
    past = next(one for one in adapter.read(answers["049-history-auth"].exchange()) if isinstance(one, PastSeen))
    now = next(one for one in adapter.read(answers["048-status-edited-auth"].exchange()) if isinstance(one, ItemSeen))
    last = past.versions[-1]
    assert past.key == now.key
    assert last.at == last.body.edited_at == now.body.edited_at
    assert past.versions[0].body.edited_at is None
    assert past.versions[0].at == now.created_at
    same = {"edited", "warning", "media", "links", "poll"}
    assert {k: v for k, v in body_shape(last.body).items() if k in same} == {
        k: v for k, v in body_shape(now.body).items() if k in same
    }


def test_boosts_are_shares_of_what_somebody_else_wrote() -> None:
    """A boost has its own id and date; the words are the other's, and its key names them."""
    shares = [
        (seen, status)
        for folder in FOLDERS
        for one, status in all_statuses(folder)
        if (seen := sighting(folder, one, status)).form is Form.SHARE
    ]
    assert len(shares) > 10
    for seen, status in shares:
        assert seen.shares == f"mastodon:{status['reblog']['id']}"
        assert seen.key == f"mastodon:{status['id']}"
        assert seen.author is not None
        assert seen.author.native_id == status["account"]["id"]


@pytest.mark.parametrize(
    ("folder", "name", "meaning"),
    [
        ("gotosocial", "026-account-statuses-noauth", Meaning.ACCESS_LOST),
        ("gotosocial", "052-status-deleted-auth", Meaning.PROCEED),
        ("gotosocial", "076-bad-token", Meaning.ACCESS_LOST),
        ("gotosocial", "077-lookup-unknown", Meaning.ACCOUNT_GONE),
        ("gotosocial", "089-rate-limited-429", Meaning.WAIT),
        ("takahe", "003-instance-v2", Meaning.PROCEED),
        ("takahe", "052-status-deleted-auth", Meaning.PROCEED),
        ("takahe", "074-notifications-noauth", Meaning.ACCESS_LOST),
        ("takahe", "076-bad-token", Meaning.ACCESS_LOST),
        ("takahe", "077-lookup-unknown", Meaning.SHAPE_CHANGED),
    ],
)
def test_recorded_refusals_mean_what_they_should(folder: str, name: str, meaning: Meaning) -> None:
    """The table of answers holds for what real servers said."""
    recorded = next(one for one in recordings(folder) if one.name == name)
    assert MastodonAdapter(account_of(folder)).judge(recorded.exchange()).meaning is meaning


def test_recorded_budgets_are_read_in_either_spelling() -> None:
    """Stock Mastodon writes ``x-ratelimit-reset`` with microseconds, GoToSocial ``X-Ratelimit-Reset`` with milliseconds."""
    for folder, name in (
        ("gotosocial", "001-verify_credentials"),
        ("mastodon-py-cassettes/local-instance-4.6", "account"),
    ):
        recorded = next(one for one in recordings(folder) if one.name == name)
        budget = MastodonAdapter(account_of(folder)).judge(recorded.exchange()).budget
        assert budget is not None
        assert budget.limit == 300
        assert budget.resets_at is not None
        assert budget.resets_at.year == 2026
