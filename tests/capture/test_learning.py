"""Which texts of an answer are credentials, and which are people's."""

from __future__ import annotations

import json

import pytest

from archiver.capture.learning import at, brought, granted, shown
from archiver.domain.exchange import Grant, Where

PAGES = {
    "data": [
        {"id": "104", "username": "other", "access_token": "EAAother-page"},
        {"id": "105", "username": "CityOfElmbrook", "access_token": "EAAthe-city-page"},
        "nonsense",
    ],
    "expires_in": 5183944,
}
PLACES = {
    "a member": (("expires_in",), None),
    "the entry with an id": (("data", Where(("id",), "104"), "access_token"), "EAAother-page"),
    "the entry with a name, in any case": (
        ("data", Where(("id", "username"), "cityofelmbrook"), "access_token"),
        "EAAthe-city-page",
    ),
    "no such entry": (("data", Where(("id",), "106"), "access_token"), None),
    "an entry of what is no list": (("expires_in", Where(("id",), "1"), "access_token"), None),
    "a member of what is no object": (("data", "access_token"), None),
}


@pytest.mark.parametrize("case", PLACES)
def test_places(case: str) -> None:
    """Where a value stands is told by names of members and entries of lists."""
    place, value = PLACES[case]
    assert at(PAGES, place) == value


def test_grants() -> None:
    """A refresh brings a token, and may bring a new refresh token; what kind of token it is, is no secret."""
    answer = {"access_token": "new-token", "refresh_token": "new-refresh", "token_type": "bearer", "expires_in": 1}
    both = Grant((("token", ("access_token",)), ("refresh_token", ("refresh_token",))))
    assert granted(answer, Grant()) == {"token": "new-token"}
    assert granted(answer, both) == {"token": "new-token", "refresh_token": "new-refresh"}
    assert brought(answer, Grant()) == {"new-token", "new-refresh"}
    assert granted({"error": {"code": 190}}, Grant()) == {}
    assert granted({"access_token": 5}, Grant()) == {}


CITIZEN = "look: https://graph.example/?access_token=EAAwhat-a-citizen-pasted"
ANSWERS: dict[str, tuple[object, set[str]]] = {
    "a list of pages": (PAGES, {"EAAother-page", "EAAthe-city-page"}),
    "a list at the top": ([{"access_token": "EAAone"}], {"EAAone"}),
    "a link to the next page": (
        {"data": [], "paging": {"next": "https://graph.example/v1/1/feed?limit=2&access_token=EAA%2Bpage%7Cx&a=b"}},
        {"EAA+page|x"},
    ),
    "a proof in a link": ({"previous": "https://graph.example/?appsecret_proof=0f0f0f0f"}, {"0f0f0f0f"}),
    "a citizen's words": ({"message": CITIZEN, "text": '"access_token": "EAAx"', "link": CITIZEN}, set()),
    "an odd link": ({"next": "http://[::1/?access_token=EAAx"}, set()),
    "an error": ({"error": {"message": "access_token is missing"}}, set()),
    "a number": ({"access_token": 5}, set()),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_is_shown_unasked(case: str) -> None:
    """Members and links by their names; never what people wrote."""
    answer, secrets = ANSWERS[case]
    assert shown(json.dumps(answer).encode()) == secrets


@pytest.mark.parametrize("content", [b"", b"access_token", b'{"access_token":', b"[" * 100_000 + b"access_token"])
def test_what_is_no_json(content: bytes) -> None:
    """Nothing is found, and nothing fails."""
    assert shown(content) == set()
