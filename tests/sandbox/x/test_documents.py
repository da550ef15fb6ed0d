"""The simulator's strictness and shapes beside X's own documents and real-shaped answers, where these are at hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.sandbox.x import parameters
from archiver.sandbox.x.endpoints import ENDPOINTS
from tests.sandbox.recorded import SHARED, needs_recordings, shape
from tests.sandbox.x.conftest import Caller
from tests.sandbox.x.test_objects import EVERYTHING

X = SHARED / "x"
OLD = X / "openapi" / "x-api-v2-openapi-2.159-tweet-names.json"
LATER = {"matched_media_notes", "note_request_suggestions", "paid_partnership", "start"}
"""Names that came after that document, by the prose."""
NOT_SIMULATED = {"search_count.fields"}

pytestmark = needs_recordings


def _document() -> Any:
    return json.loads(OLD.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("TweetFieldsParameter", parameters.POST_FIELDS),
        ("TweetExpansionsParameter", parameters.POST_EXPANSIONS),
        ("UserFieldsParameter", parameters.USER_FIELDS),
        ("UserExpansionsParameter", parameters.USER_EXPANSIONS),
        ("MediaFieldsParameter", parameters.MEDIA_FIELDS),
        ("PollFieldsParameter", parameters.POLL_FIELDS),
        ("PlaceFieldsParameter", parameters.PLACE_FIELDS),
    ],
)
def test_names_are_those_of_the_document(name: str, known: frozenset[str]) -> None:
    """No more, but for what came later, and no less."""
    enum = set(_document()["components"]["parameters"][name]["schema"]["items"]["enum"])
    assert known - enum <= LATER
    assert enum - known == set()


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
def test_endpoints_take_what_the_document_says(endpoint: Any) -> None:
    """The same parameters, the same page sizes, the same sorts of tokens."""
    document = _document()
    path, operation = next(
        (path, document["paths"][path]["get"])
        for path in document["paths"]
        if endpoint.pattern.fullmatch(path.replace("{id}", "1").replace("{username}", "a"))
        and ("{" in path or endpoint.pattern.pattern.replace("\\", "") == path)
    )
    given = [_resolved(document, one) for one in operation["parameters"]]
    query = {one["name"] for one in given if one["in"] == "query"}
    ours = set(endpoint.shape.lists) | endpoint.shape.others | ({"max_results"} if endpoint.shape.page else set())
    assert ours == query, path
    for one in given:
        if one["name"] == "max_results":
            assert endpoint.shape.page[:2] == (one["schema"]["minimum"], one["schema"]["maximum"])
    kinds = {name for choice in operation["security"] for name in choice}
    assert (endpoint.app is not None, endpoint.user is not None) == ("BearerToken" in kinds, "UserToken" in kinds)


def _resolved(document: Any, parameter: Any) -> Any:
    if "$ref" not in parameter:
        return parameter
    return document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]


@pytest.mark.parametrize("name", ["timeline_page1", "conversation_search", "edited_post_versions"])
def test_answers_have_the_shapes_of_samples(lively: Caller, name: str) -> None:
    """Wherever both have a value it is of the same kind, and the simulator's has every member of the sample's posts."""
    sample = shape(json.loads((X / "handwritten" / f"{name}.json").read_text(encoding="utf-8"))["body"])
    listed = lively.ok(f"users/{lively.account.id}/tweets", max_results=100, **EVERYTHING)
    found = lively.ok("tweets/search/recent", query=f"to:{lively.account.handle}", max_results=100, **EVERYTHING)
    ours = shape(found, into=shape(listed))
    for place, kinds in sample.items():
        if place in ours:
            assert ours[place] <= kinds | {"null"}, place
    missing = {place for place in sample if place.startswith(".data[].") and place not in ours}
    assert {place for place in missing if "url" not in place and "entities" not in place} == set()


@pytest.mark.parametrize(
    ("sample", "path", "kind"),
    [
        ("error_401_bad_token", "users/me", "wrong"),
        ("error_403_unsupported_auth", "users/me", "app"),
        ("error_400_invalid_field", "tweets?ids=1&tweet.fields=id,no_such_field", "user"),
        ("error_400_since_id_too_old", "tweets/search/recent?query=a&since_id=1200000000000000000", "user"),
        ("lookup_batch_all_gone", "tweets?ids=1890000000000000001", "user"),
        ("lookup_single_gone", "tweets/1890000000000000001", "user"),
        ("lookup_user_missing", "users/by/username/nobody", "user"),
        ("empty_result", "tweets/search/recent?query=zzzzzzzzzz", "user"),
    ],
)
def test_errors_are_those_of_samples(lively: Caller, sample: str, path: str, kind: str) -> None:
    """Status, members, and words up to what is listed in them."""
    wanted = json.loads((X / "handwritten" / f"{sample}.json").read_text(encoding="utf-8"))
    answer = lively.get(path, token="wrong" if kind == "wrong" else lively.token(kind))
    assert answer.status == wanted["status"]
    assert shape(answer.json) == shape(wanted["body"])
    if "errors" not in wanted["body"]:
        assert answer.json == wanted["body"]
