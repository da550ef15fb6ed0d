"""Ids of one server in order, and what a handle means."""

from __future__ import annotations

import pytest

from archiver.domain.account import Account
from archiver.platforms.mastodon import MastodonAdapter
from archiver.platforms.mastodon.ids import Names, order
from archiver.platforms.mastodon.routes import Call, Route, address, route_of


def test_numbers_are_in_order_of_size() -> None:
    """Old ids are short: text order would put them last."""
    assert sorted(["113000000000000020", "9", "999999", "0010", "113000000000000003"], key=order) == [
        "9", "0010", "999999", "113000000000000003", "113000000000000020",
    ]  # fmt: skip


def test_other_ids_are_in_order_of_text() -> None:
    """A ULID's text order is its order in time."""
    ids = ["01M81YV432WPQM3DRXH0K31GYV", "01M81YTZR97WC0AYZN46ZJ96NK", "01M81YV06JB8G92E23ERJ68W3C"]
    assert sorted(ids, key=order) == sorted(ids)


@pytest.mark.parametrize(
    ("handle", "base_url", "base", "lookup"),
    [
        ("city@social.example.gov", None, "https://social.example.gov", "city"),
        ("@city@social.example.gov", None, "https://social.example.gov", "city"),
        (" city@social.example.gov ", None, "https://social.example.gov", "city"),
        ("city", "https://social.example.gov/", "https://social.example.gov", "city"),
        ("city@example.gov", "https://social.example.gov", "https://social.example.gov", "city@example.gov"),
        ("city@localhost:3000", "http://localhost:3000", "http://localhost:3000", "city"),
        ("city@social.example.gov", "http://127.0.0.1:8080/gw", "http://127.0.0.1:8080/gw", "city@social.example.gov"),
    ],
)
def test_a_handle_tells_the_server_unless_a_base_url_does(
    handle: str, base_url: str | None, base: str, lookup: str
) -> None:
    """The account's domain may differ from that of its server."""
    names = Names.of(Account("a", "mastodon", handle, base_url=base_url))
    assert (names.base, names.lookup) == (base, lookup)


def test_ids_belong_to_the_server_that_is_asked() -> None:
    """Two servers may give the same number."""
    assert MastodonAdapter(Account("a", "mastodon", "city@Social.Example.gov")).id_server == "social.example.gov"


@pytest.mark.parametrize(
    ("acct", "own"),
    [
        ("city", True),
        ("City", True),
        ("city@example.gov", True),
        ("city@b.example", False),
        (None, False),
        ("cit", False),
    ],
)
def test_the_account_is_known_by_its_name(acct: str | None, own: bool) -> None:
    """With or without its domain."""
    assert Names.of(Account("a", "mastodon", "city@example.gov", base_url="https://s.example.gov")).is_own(acct) is own


def test_keys_and_ids_are_each_other_s_inverse() -> None:
    """In any key space; profiles apart from statuses."""
    for space in ("", "b.example/"):
        names = Names.of(Account("a", "mastodon", "city@example.gov", key_space=space))
        assert names.native(names.status("12")) == "12"
        assert names.profile_id(names.profile("12")) == "12"
        assert names.profile_id(names.status("12")) is None
        assert names.account_id(names.person("12")) == "12"


@pytest.mark.parametrize("call", Call)
@pytest.mark.parametrize("base", ["https://h.example", "http://127.0.0.1:1/gateway/mastodon"])
def test_an_address_is_recognised_as_the_call_it_was_made_for(call: Call, base: str) -> None:
    """Wherever the server stands, with parameters and a slash at the end."""
    url = address(base, call, "0/1 ä", [("limit", "40")])
    route = route_of(url)
    assert route == Route(call, "0/1 ä" if "/0" in url else "")
    assert route_of(url.replace("?", "/?")) == route


@pytest.mark.parametrize(
    "url", ["https://h/", "https://h/api/v1/timelines/home", "https://h/api/v1/statuses/1/source", "https://[", "x"]
)
def test_other_addresses_are_no_call_of_ours(url: str) -> None:
    """They are read as nothing."""
    assert route_of(url) is None
