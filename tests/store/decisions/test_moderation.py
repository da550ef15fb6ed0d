"""The moderation record in the store: what people say is given back as it was said, and settings as they were seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from archiver.domain.acting import Actor
from archiver.domain.item import Cause, State
from archiver.domain.keys import Key
from archiver.domain.moderation import Action, Kept, Note, PolicyVersion, Rule
from archiver.domain.observation import GoneSeen, SettingSeen, StateSeen
from archiver.domain.page_settings import Member, SettingName, Snapshot
from archiver.store import page_settings, removals
from archiver.store.decisions import moderation as told
from archiver.store.decisions.moderation import ManualAct, ManualSetting
from archiver.store.engine import Store
from archiver.store.selection import Query

NOW = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dclerk")
KEPT = Kept("blocked.png", "ab" * 32, 5, "moderation/ab.png")
ACT = ManualAct(
    "city", Action.BLOCK, NOW, True, NOW, DANA, "Pat told it", whom="@troll", text="\u202erude", kept=KEPT, record="mastodon:9",
)  # fmt: skip
POLICY = PolicyVersion(
    0, "city", date(2026, 1, 1), "Comments", "1. Be kind\n", "cd" * 32, "the page", (Rule("1", "Be kind"),), NOW, DANA
)
SETTING = ManualSetting(
    Snapshot("city", SettingName.FILTERS, NOW, (Member("idiot", "Idiot"),), "setting:1", manual=True), NOW, DANA, "seen"
)


def everything(store: Store) -> None:
    """One of each."""
    with store.begin() as conn:
        told.add_note(conn, "mastodon:1#hidden@x", Note(NOW, DANA, Action.DELETE, "Pat", "1", "why", "by mail", "none"))
        told.add_act(conn, ACT)
        told.add_policy(conn, POLICY)
        told.add_setting(conn, SETTING)


def test_what_was_said_is_given_back(store: Store) -> None:
    """Each field of it, and the number that it got."""
    everything(store)
    with store.read() as conn:
        note = Note(NOW, DANA, Action.DELETE, "Pat", "1", "why", "by mail", "none")
        assert told.notes_of(conn) == {"mastodon:1#hidden@x": [note]}
        assert told.notes_of(conn, ["other"]) == {}
        (act,) = told.acts_between(conn)
        assert act.number > 0
        assert act == ManualAct(**{name: getattr(ACT, name) for name in ACT.__slots__} | {"number": act.number})
        (policy,) = told.policy_versions(conn)
        assert policy.number > 0
        assert (policy.effective, policy.rules, policy.text) == (POLICY.effective, POLICY.rules, POLICY.text)
        (setting,) = told.setting_entries(conn)
        assert (setting.snapshot.members, setting.remark) == (SETTING.snapshot.members, "seen")


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ({"since": NOW}, True),
        ({"until": NOW}, False),
        ({"since": NOW + timedelta(seconds=1)}, False),
        ({"account": "police"}, False),
        ({"record": "mastodon:9"}, True),
    ],
)
def test_acts_are_found_by_time_account_and_record(store: Store, asked: dict[str, Any], there: bool) -> None:
    """The first moment counts, the last one doesn't."""
    everything(store)
    with store.read() as conn:
        assert bool(list(told.acts_between(conn, **asked))) is there


@pytest.mark.parametrize("table", told.TABLES)
def test_what_was_said_stays(store: Store, table: str) -> None:
    """The database itself refuses to change or delete it."""
    everything(store)
    for statement in (f"UPDATE {table} SET person = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), store.begin() as conn:
            conn.exec_driver_sql(statement)


def looked(city: Any, *pages: tuple[str, ...], broken_off: bool = False) -> None:
    """A look at the blocked people, in so many answers."""
    for number, names in enumerate(pages):
        last = number == len(pages) - 1 and not broken_off
        members = tuple(Member(name, f"@{name}") for name in names)
        seen = SettingSeen(SettingName.BLOCKED_USERS, members, first=number == 0, last=last)
        with city.store.begin() as conn:
            page_settings.observe(conn, "city", seen, exchange=city.exchange(conn), at=city.now)


def test_a_look_at_a_setting_is_whole_or_not_there(store: Store, city: Any) -> None:
    """A list of several answers is one snapshot at its end; one that was broken off is none."""
    looked(city, ("ann", "bob"), ("eve",))
    looked(city, ("ann", "bob"), broken_off=True)
    looked(city, ("ann", "bob"), ())
    looked(city, ())
    with store.read() as conn:
        found = list(page_settings.snapshots(conn, account="city"))
        assert list(page_settings.snapshots(conn, account="police")) == []
    assert [[one.name for one in look.members] for look in found] == [["ann", "bob", "eve"], ["ann", "bob"], []]
    assert [look.proof for look in found] == ["city-00000002", "city-00000005", "city-00000006"]


def test_what_was_seen_before_is_not_kept_again(store: Store, city: Any) -> None:
    """A list that does not change costs a row without members each time."""
    for _ in range(3):
        looked(city, ("ann", "bob"))
    assert city.rows("SELECT count(*), count(members) FROM setting_pages") == [(3, 1)]
    with store.read() as conn:
        assert len({look.members for look in page_settings.snapshots(conn)}) == 1


def test_records_are_found_by_when_something_was_done_to_them(store: Store, city: Any) -> None:
    """Sights and edits don't count; the index on the events answers it."""
    for number in (1, 2, 3):
        city.post(number, "Hello")
    city.post(3, "Hello, edited", edited_at=NOW)
    before = city.now + timedelta(minutes=1)
    city.state(Key("mastodon:2"), StateSeen(Key("mastodon:2"), State.HIDDEN, "list", Cause.BY_CITY))
    city.state(Key("mastodon:1"), GoneSeen(Key("mastodon:1"), "404"))
    with store.read() as conn:
        assert list(removals.records(conn)) == ["mastodon:1", "mastodon:2"]
        assert list(removals.records(conn, since=before, until=city.now)) == ["mastodon:2"]
        assert list(removals.records(conn, account="police")) == []


def test_records_with_the_same_words_are_found_with_their_present_text(store: Store, city: Any) -> None:
    """Those that are live, of the account, and as many as are asked for; the words may stand in an older version."""
    for number, text in enumerate(("You fools", "you FOOLS!", "Kind words", "You fools")):
        city.post(number, text)
    city.post(3, "Edited away", edited_at=NOW)
    city.state(Key("mastodon:1"), StateSeen(Key("mastodon:1"), State.HIDDEN, "list", Cause.BY_CITY))
    query = Query(words="you fools", account="city", state=State.LIVE, limit=9)
    with store.read() as conn:
        assert sorted(removals.with_words(conn, query)) == [("mastodon:0", "You fools"), ("mastodon:3", "Edited away")]
        assert len(removals.with_words(conn, replace(query, limit=1))) == 1
        assert removals.with_words(conn, replace(query, account="police")) == []
