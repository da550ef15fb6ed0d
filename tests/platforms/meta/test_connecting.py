"""The ways to tokens of Meta: what they ask for, what their calls carry and bring, and that no secret is in them."""

from __future__ import annotations

import pytest

from archiver.capture.credentials import names_in
from archiver.domain.account import Account
from archiver.platforms.connecting import TOKEN, Connection, Way
from archiver.platforms.registry import adapter_for, platforms

SECRETS = {"token", "app_id", "app_secret", "client_id", "client_secret", "refresh_token"}
HOSTS = {
    "facebook": "https://graph.facebook.com/v26.0/",
    "instagram": "https://graph.instagram.com/access_token?",
    "threads": "https://graph.threads.net/access_token?",
    "x": "https://api.x.com/2/oauth2/token",
    "youtube": "https://oauth2.googleapis.com/token",
}
OF_A_LOGIN = {"code", "code_verifier", "redirect_uri"}


def connection(platform: str) -> Connection:
    """The ways of an account that nobody collected yet."""
    return adapter_for(Account("city", platform, "@city.example")).connection()


ALL = [(platform, way) for platform in platforms() for way in connection(platform).ways]


@pytest.mark.parametrize("platform", platforms())
def test_every_platform_says_how_to_get_a_token(platform: str) -> None:
    """At least one way, each with a name of its own."""
    names = [way.name for way in connection(platform).ways]
    assert names
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("platform", "way"), ALL, ids=[f"{platform} by {way.name}" for platform, way in ALL])
def test_a_way_leads_to_a_token(platform: str, way: Way) -> None:
    """Each call has what it needs: from the person, the login or a call before; the last one brings the token."""
    known = {asked.name for asked in way.asked} | (OF_A_LOGIN if way.authorize is not None else set())
    assert all(asked.secret == (asked.name not in {"app_id", "client_id"}) for asked in way.asked)
    for stage in way.stages:
        spec = stage.request
        needed = {name for one in spec.private if not one.optional for name in names_in(one.template)}
        needed |= set(names_in(spec.credential or ""))
        assert needed <= known, stage
        assert spec.url.startswith(HOSTS[platform])
        assert spec.grant is not None
        known |= {name for name, _ in spec.grant.brings}
        assert stage.missing
    assert TOKEN in known


def test_a_page_is_asked_for_by_its_id_once_that_is_known() -> None:
    """Before, by its name in addresses."""
    for native_id, shown in ((None, "city.example"), ("104000000000001", "104000000000001")):
        account = Account("city", "facebook", "@city.example", native_id=native_id)
        stage = adapter_for(account).connection().ways[0].stages[-1]
        assert f"/{shown}?fields=id,access_token" in stage.request.url
