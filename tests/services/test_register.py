"""The configured accounts are the register, and ids of two servers never meet."""

from __future__ import annotations

from datetime import UTC, datetime

from archiver.domain.account import Account
from archiver.platforms.registry import adapter_for
from archiver.services.register import register
from tests.services.house import House

AT = datetime(2026, 11, 22, tzinfo=UTC)


def _account(name: str, server: str, platform: str = "mastodon") -> Account:
    return Account(name, platform, f"{name}@{server}", base_url=f"https://{server}")


def test_equal_ids_of_two_servers_are_two_records(house: House) -> None:
    """The second server's ids get a key space of their own, the first's keep theirs."""
    here, there = register(house.store, [_account("one", "a.example"), _account("two", "b.example")], AT)
    assert adapter_for(here).id_server != adapter_for(there).id_server
    assert here.key_space != there.key_space


def test_accounts_of_one_server_share_its_ids(house: House) -> None:
    """A post that both of them saw is one record."""
    one, two = register(house.store, [_account("one", "a.example"), _account("two", "a.example")], AT)
    assert one.key_space == two.key_space


def test_a_key_space_is_given_once_and_for_good(house: House) -> None:
    """Neither a restart, nor another order in the configuration, nor an account that is left out changes a key."""
    configured = [_account("one", "a.example"), _account("two", "b.example"), _account("three", "b.example")]
    spaces = {account.id: account.key_space for account in register(house.store, configured, AT)}
    for again in (configured, configured[::-1], configured[1:]):
        assert {one.id: one.key_space for one in register(house.store, again, AT)} == {
            one.id: spaces[one.id] for one in again
        }
    assert spaces["two"] == spaces["three"]


def test_what_was_learned_of_an_account_stays(house: House) -> None:
    """Registering again keeps the permanent id that its profile told."""
    (again,) = register(house.store, [Account("city", "mastodon", "city@social.example")], AT)
    assert again.native_id == "1"
