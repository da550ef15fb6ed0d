"""The desk: how calls are written, remembered, and mended after an error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.task import NotOffered, Step
from archiver.platforms.meta.fieldlists import FieldList, asked_fields
from archiver.platforms.meta.requests import Desk, limit_of, query_of
from archiver.platforms.resuming import state_of
from tests.platforms.meta.answers import answer, error

POST = FieldList.of("post", "id,message,icon,from{id,name},comments.limit(0).summary(true),reactions.limit(0)")
PHOTO = FieldList.of("photo", "id,images,icon")
GRAPH = "https://graph.facebook.com"
REDUCE = {"error": {"code": 1, "message": "Please reduce the amount of data you're asking for, then retry"}}


def desk(**words: Any) -> Desk:
    """The desk of a city's account."""
    account = Account("city", "facebook", "city", authenticated=words.pop("authenticated", True), **words)
    return Desk.of(account, GRAPH, "v26.0", [POST, PHOTO])


def listing(of: Desk, limit: int = 100) -> RequestSpec:
    """A page of posts."""
    return of.ask("104/published_posts", POST, [("limit", str(limit))], stream="posts")


def test_a_call_carries_its_secrets_apart_from_its_address() -> None:
    """The token goes into the header, the signature is added by the client, and the answer comes uncompressed."""
    spec = listing(desk())
    assert spec.url.startswith(f"{GRAPH}/v26.0/104/published_posts?fields=id,message,icon,from%7Bid,name%7D,")
    assert spec.credential == "token"
    assert [(one.name, one.template, one.optional) for one in spec.private] == [("appsecret_proof", "{proof}", True)]
    assert ("Accept-Encoding", "identity") in spec.headers


def test_without_a_token_nothing_of_the_account_is_sent() -> None:
    """Neither header nor signature."""
    spec = listing(desk(authenticated=False))
    assert (spec.credential, spec.private) == (None, ())


@pytest.mark.parametrize("base_url", ["http://gateway.test:8443/fb/", "http://gateway.test:8443/fb"])
def test_a_gateway_and_a_version_of_one_s_own(base_url: str) -> None:
    """The operator's words replace the adapter's."""
    spec = listing(desk(base_url=base_url, api_version="v25.0"))
    assert spec.url.startswith("http://gateway.test:8443/fb/v25.0/104/published_posts?")


def test_a_task_goes_on_with_another_server_and_version() -> None:
    """A cursor has neither of them in it."""
    step = desk().step([listing(desk())], {"seen": 7})
    cursor = json.loads(json.dumps(step.cursor))
    assert GRAPH not in json.dumps(cursor)
    resumed = desk(base_url="http://gateway.test/fb", api_version="v27.0").resumed(cursor)
    assert resumed is not None
    assert resumed.requests[0].url.startswith("http://gateway.test/fb/v27.0/104/published_posts?fields=")
    assert state_of(resumed) == {"seen": 7}
    again = desk().resumed(cursor)
    assert again is not None
    assert again.requests == step.requests
    assert desk().resumed({}) is None


def mended(step: Step, body: Any, of: Desk | None = None) -> Step | None:
    """The step after this answer to its first request."""
    return (of or desk()).mended(step, answer(body, 500, url=step.requests[0].url))


def test_too_much_is_asked_for_in_halves_then_without_the_dearest() -> None:
    """Down to one entry, then field by field, then no more."""
    step: Step | None = desk().step([listing(desk())], {"seen": 7})
    seen = []
    while step is not None:
        seen.append((limit_of(step.requests[0].url), len((asked_fields(step.requests[0].url) or "").split("),"))))
        assert state_of(step) == {"seen": 7}
        step = mended(step, REDUCE)
    assert [limit for limit, _ in seen] == [100, 50, 25, 12, 6, 3, 1, 1, 1]
    assert "reactions" in (asked_fields(listing(desk()).url) or "")


def test_one_object_that_is_too_much_is_asked_for_with_less() -> None:
    """It has no pages to make smaller."""
    step = mended(desk().step([desk().ask("104_910", POST, stream="posts")]), REDUCE)
    assert step is not None
    assert asked_fields(step.requests[0].url) == "id,message,icon,from{id,name},comments.limit(0).summary(true)"


def test_a_field_that_is_not_known_is_left_out_here_and_later_and_reported() -> None:
    """Of this request, of those that wait, of those to come in this task, and of no other list."""
    refused = error(100, None, "(#100) Tried accessing nonexisting field (icon) on node type (PagePost)")
    step = mended(desk().step([listing(desk()), listing(desk(), 50), desk().ask("1", PHOTO, stream="posts")]), refused)
    assert step is not None
    fields = [asked_fields(spec.url) for spec in step.requests]
    assert ["icon" in (one or "") for one in fields] == [False, False, True]
    assert ["icon" in one.reason for one in step.findings if isinstance(one, NotOffered)] == [True]
    later = desk().knowing(step.cursor)
    assert "icon" not in listing(later).url
    assert "icon" in later.ask("1", PHOTO, stream="posts").url


def test_what_an_account_s_facts_refuse_is_not_asked_for() -> None:
    """Learned by an earlier task, for this version."""
    facts = {"refused field v26.0 post.icon": "(#100)", "refused field v25.0 post.message": "(#100)"}
    fields = asked_fields(listing(desk(facts=facts)).url) or ""
    assert "icon" not in fields
    assert "message" in fields


@pytest.mark.parametrize(
    "body",
    [{"data": []}, error(190, 463), error(100, 33), error(100, None, "nonexisting field (nothing) on node type (X)")],
)
def test_other_answers_are_not_mended(body: Any) -> None:
    """Nor is an error about a field that was not asked for: it would be asked for ever."""
    assert mended(desk().step([listing(desk())]), body) is None


def test_the_next_page_has_all_fields_again_and_grows_from_time_to_time() -> None:
    """One heavy post makes the pages after it neither poorer nor small for ever."""
    url = f"{GRAPH}/v26.0/104/feed?fields=id&limit=3&since=5&after=OLD&access_token=[removed]&appsecret_proof=%5Bremoved%5D"
    for page, limit in ((2, 3), (5, 6)):
        spec = desk().next(answer({}, url=url), [("after", "NEW")], fields=POST, most=100, stream="posts", page=page)
        query = dict(query_of(spec.url))
        assert query["fields"] == POST.text
        assert (query["limit"], query["after"], query["since"]) == (str(limit), "NEW", "5")
        assert spec.page == page
        assert {"access_token", "appsecret_proof"} & query.keys() == set()


@pytest.mark.parametrize(("url", "expected"), [("https://x/?limit=7", 7), ("https://x/", 25), ("https://[", 25)])
def test_the_size_of_a_page(url: str, expected: int) -> None:
    """The platform's own where none is asked for."""
    assert limit_of(url) == expected
