"""Whose token it is, and whose account: asked, because no adapter sees a token."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from archiver.domain.observation import AccountSeen, ItemSeen
from archiver.domain.task import Meaning, Shortfall, TaskKind
from archiver.platforms.instagram import InstagramAdapter
from tests.platforms.instagram_world import (
    CITY,
    PAGE,
    SCOPED,
    Done,
    Server,
    carried_out,
    city,
    exchange_of,
    failed,
    ok,
    task,
)

GATEWAY = "https://gateway.example.gov"


def profile(server: Server, **more: object) -> Done:
    """The first task of an account of which nothing is known but its configuration."""
    return carried_out(server, task(TaskKind.PROFILE, account=city(None, **{"base_url": GATEWAY, **more})))


def learned(done: Done) -> AccountSeen:
    """What was learned of the account, all answers together."""
    facts: dict[str, str] = {}
    for seen in done.of(AccountSeen):
        facts |= seen.facts
    last: AccountSeen = done.of(AccountSeen)[-1]
    return replace(last, facts=facts)


def test_a_token_of_instagrams_own_login_answers_about_itself() -> None:
    """``user_id`` is the account's id everywhere; ``id`` is known to this app only, and kept as a fact."""
    done = profile(Server(flavour="instagram"))
    seen = learned(done)
    assert (seen.native_id, seen.handle) == (CITY, "cityofelmbrook")
    assert seen.facts == {"flavour": "instagram", "app-scoped id": SCOPED}
    assert done.paths == ["me", "me"]
    assert {one.key for one in done.of(ItemSeen)} == {f"instagram:{CITY}"}


def test_a_pages_token_leads_through_the_page() -> None:
    """The page names its account, and is needed again for messages."""
    done = profile(Server())
    seen = learned(done)
    assert (seen.native_id, seen.facts) == (CITY, {"flavour": "facebook", "page": PAGE})
    assert done.paths == ["me", "me", CITY]


def test_a_system_users_token_leads_through_its_pages() -> None:
    """Of several pages the one whose account has the configured name."""
    server = Server(holder="User")
    other = {"id": "105", "name": "Parks", "instagram_business_account": {"id": "17841499", "username": "parks"}}
    server.things["105"] = ("Page", other)
    server.things["106"] = ("Page", {"id": "106", "name": "No account"})
    server.edges["122000000000055", "accounts"] = ["106", "105", PAGE]
    for size in (1, 100):
        server.page_most = size
        seen = learned(profile(server))
        assert (seen.native_id, seen.facts["page"]) == (CITY, PAGE)


def test_the_only_account_is_it_even_under_a_new_name() -> None:
    """Names change; of two accounts neither of which has the name, none is taken."""
    server = Server(holder="User")
    server.things[PAGE][1]["instagram_business_account"]["username"] = "elmbrook_official"
    assert learned(profile(server)).native_id == CITY
    server.things["105"] = (
        "Page",
        {"id": "105", "instagram_business_account": {"id": "17841499", "username": "parks"}},
    )
    server.edges["122000000000055", "accounts"].append("105")
    done = profile(server)
    assert not done.of(AccountSeen)
    assert [type(one) for one in done.findings] == [Shortfall]


def test_a_page_without_an_account_needs_a_person() -> None:
    """The words say what to link and which scopes are needed."""
    server = Server()
    del server.things[PAGE][1]["instagram_business_account"]
    done = profile(server)
    assert done.verdict is not None
    assert done.verdict.meaning is Meaning.ACCESS_LOST
    assert "Meta Business Suite" in done.verdict.detail


def test_the_id_in_place_of_the_name_needs_no_page() -> None:
    """The account is asked for by its id at once."""
    done = profile(Server(), handle=CITY)
    assert done.paths == ["me", CITY]
    assert learned(done).native_id == CITY


def test_without_a_base_url_the_other_host_is_asked_when_the_first_cannot_read_the_token() -> None:
    """A token of Facebook's means nothing at Instagram's host; what it answered is no reason to give up."""
    server = Server()
    server.faults = [failed(190, "Invalid OAuth access token - Cannot parse access token")]
    done = profile(server, base_url=None)
    assert [urlsplit(spec.url).hostname for spec in done.specs] == ["graph.instagram.com"] + ["graph.facebook.com"] * 2
    assert learned(done).native_id == CITY


@pytest.mark.parametrize("subcode", [463, 460, 458])
def test_an_expired_token_is_no_reason_to_ask_elsewhere(subcode: int) -> None:
    """The host knew the token, so it is this host's: a person must renew it."""
    server = Server()
    server.faults = [failed(190, "Error validating access token: Session has expired", subcode=subcode)]
    done = profile(server, base_url=None)
    assert len(done.specs) == 1
    assert done.verdict is not None
    assert done.verdict.meaning is Meaning.ACCESS_LOST


def test_the_hosts_own_address_tells_the_login() -> None:
    """No question whose answer is in the configuration."""
    done = carried_out(Server(), task(TaskKind.PROFILE, account=city(None, base_url="https://graph.facebook.com")))
    assert done.paths == ["me", CITY]
    assert "instagram_business_account" in done.specs[0].url


def test_what_was_learned_once_is_not_asked_again() -> None:
    """Not in later tasks, and not when this one goes on in another process."""
    server = Server()
    account = city(None, base_url=GATEWAY)
    adapter, poll = InstagramAdapter(account), task(TaskKind.POLL, account=account)
    step = adapter.start(poll)
    for answer in (failed(100, "(#100) Tried accessing nonexisting field (user_id) on node type (Page)"),
                   ok(server.things[PAGE][1])):  # fmt: skip
        step = adapter.proceed(poll, step, exchange_of(poll, step.requests[0], answer))
    again = InstagramAdapter(account).start(replace(poll, cursor=json.loads(json.dumps(step.cursor))))
    assert [spec.url for spec in again.requests] == [spec.url for spec in step.requests]
    assert f"/{CITY}/stories" in step.requests[0].url
    assert carried_out(server, task(TaskKind.PROFILE, account=city(base_url=GATEWAY))).paths == [CITY]


def test_another_login_than_before_is_noticed() -> None:
    """A token of the page in place of one of Instagram's own: the profile finds its way, and takes no page for it."""
    done = carried_out(Server(), task(TaskKind.PROFILE, account=city("instagram", base_url=GATEWAY)))
    assert done.paths == ["me", "me", CITY]
    assert {seen.native_id for seen in done.of(AccountSeen)} == {CITY}
    assert learned(done).facts["flavour"] == "facebook"


def test_an_account_that_was_unlinked_needs_a_person() -> None:
    """Made a personal one, or unlinked from its page: nothing can be read, and the words say why."""
    server = Server()
    server.missing = {CITY}
    done = carried_out(server, task(TaskKind.PROFILE))
    assert done.verdict is not None
    assert (done.verdict.meaning, done.observations) == (Meaning.ACCESS_LOST, [])
    assert "personal" in done.verdict.detail
