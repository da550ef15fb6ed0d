"""The configured accounts are the register, and ids of two servers never meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from archiver.domain.account import Account, Capacity
from archiver.domain.acting import Actor
from archiver.domain.register import CONFIGURATION, Entry, Fact
from archiver.platforms.registry import adapter_for
from archiver.services.register import Said, register
from archiver.store.decisions import register as entries
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


def test_what_the_configuration_says_becomes_history(house: House) -> None:
    """Each change of it is one entry, on the day of the archive's zone; what stays the same adds none."""
    one, chicago = Account("city", "mastodon", "city@social.example"), ZoneInfo("America/Chicago")
    days = [
        (one, Said()),
        (one, Said()),
        (replace(one, department="Clerk"), Said(paused=True)),
        (replace(one, capacity=Capacity.CAMPAIGN), Said("The council asks for it.")),
    ]
    for number, (account, said) in enumerate(days):
        register(house.store, [account], AT + number * timedelta(days=1), said={"city": said}, zone=chicago)
    with house.store.read() as conn:
        told = entries.standing(conn, "city").entries
    assert {one.by for one in told} == {CONFIGURATION}
    assert [(one.day.day, one.fact, one.value, one.reason) for one in told] == [
        (21, Fact.CAPACITY, "official", None),
        (23, Fact.DEPARTMENT, "Clerk", None),
        (23, Fact.COLLECTION, "off", None),
        (24, Fact.CAPACITY, "campaign", "The council asks for it."),
        (24, Fact.DEPARTMENT, None, None),
        (24, Fact.COLLECTION, "on", None),
    ]


def test_a_persons_word_stands_until_the_configuration_changes(house: House) -> None:
    """Starting the program again with the same file takes nothing back; a later edit of the file counts again."""
    official = Account("city", "mastodon", "city@social.example")
    register(house.store, [official], AT)
    said = Entry("city", Fact.CAPACITY, date(2026, 11, 22), AT, Actor("Dana", "d"), "mixed", reason="family news")
    with house.store.begin() as conn:
        entries.add(conn, [said])
    (now,) = register(house.store, [official], AT)
    assert now.capacity is Capacity.MIXED
    (now,) = register(house.store, [replace(official, capacity=Capacity.PERSONAL)], AT, said={"city": Said("why")})
    assert now.capacity is Capacity.PERSONAL
    (now,) = register(house.store, [official], AT)
    assert now.capacity is Capacity.OFFICIAL
