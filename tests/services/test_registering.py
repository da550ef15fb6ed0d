"""What people enter in the account register, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from archiver.domain.account import Account, Capacity
from archiver.domain.acting import Actor
from archiver.domain.observation import AccountSeen
from archiver.errors import NotFound, UsageError
from archiver.services.register import Said, refusals, register
from archiver.services.registering import Change, Sitting, adopt, card, change, close, listed
from archiver.store.decisions import audit
from archiver.store.decisions import register as entries
from tests.services.house import ACCOUNT, House

TODAY = date(2026, 11, 23)
DANA = Actor("Dana Clerk", "dclerk")
SITTING = Sitting(DANA, datetime(2026, 11, 23, 15, tzinfo=UTC), TODAY)
DECIDED = Change(on=date(2026, 3, 2), decision="Resolution 26-118")


@pytest.fixture
def city(house: House) -> House:
    """A city whose account the configuration names."""
    register(house.store, [ACCOUNT], house.now)
    return house


def acts(house: House) -> list[tuple[str, str, str | None]]:
    """What the audit log has."""
    with house.store.read() as conn:
        return [(one.act, one.subject, one.reason) for one in audit.rows(conn)]


def test_a_life_of_an_account(city: House) -> None:
    """Adopted, changed, closed and adopted again: the card tells what stands, and all that was entered."""
    adopt(city.store, "city", SITTING, replace(DECIDED, opened=date(2019, 5, 1), may_post=["Bo Writer"]))
    now = card(city.store, "city")
    assert now.standing.adopted is not None
    assert (now.standing.adopted.day, now.standing.adopted.authority) == (DECIDED.on, "Resolution 26-118")
    assert (now.standing.opened, [one.value for one in now.standing.posters]) == (date(2019, 5, 1), ["Bo Writer"])
    assert [one.handle for one in now.handles] == ["city"]

    change(
        city.store, "city", SITTING, Change(capacity=Capacity.MIXED, reason="family news", may_not_post=["bo writer"])
    )
    now = card(city.store, "city")
    assert (now.standing.capacity, now.standing.posters) == (Capacity.MIXED, [])

    close(city.store, "city", SITTING, on=date(2026, 6, 30), reason="moved")
    assert list(refusals(city.store, ["city"])) == ["city"]
    with city.store.read() as conn:
        assert entries.closed_days(conn) == {"city": date(2026, 6, 30)}

    adopt(city.store, "city", SITTING, Change(decision="Resolution 26-200"))
    assert refusals(city.store, ["city"]) == {}
    people = [str(one.fact) for one in card(city.store, "city").standing.entries if not one.is_configured]
    assert people == ["adopted", "opened", "may post", "capacity", "may no longer post", "closed", "adopted"]
    assert acts(city) == [
        ("account add", "city", None), ("account change", "city", "family news"), ("account close", "city", "moved"),
        ("account add", "city", None),
    ]  # fmt: skip


def test_a_renamed_account_keeps_its_entry(city: House) -> None:
    """The register holds the account, whatever it calls itself (R1)."""
    adopt(city.store, "city", SITTING, DECIDED)
    city.show(AccountSeen("1", "townhall", "Town Hall"))
    ((row, standing),) = listed(city.store)
    assert (row.handle, row.account.native_id, standing.adopted is not None) == ("townhall", "1", True)
    assert [one.handle for one in card(city.store, "city").handles] == ["city", "townhall"]


def test_collecting_can_be_turned_off_and_on(city: House) -> None:
    """With a reason both times; turning off what is off changes nothing."""
    change(city.store, "city", SITTING, Change(collect=False, reason="counsel asks for it"))
    assert refusals(city.store, ["city"]) == {
        "city": "Dana Clerk turned its collection off on 2026-11-23 (counsel asks for it)."
    }
    with pytest.raises(UsageError, match="Nothing is said that would change"):
        change(city.store, "city", SITTING, Change(collect=False, reason="once more"))
    change(city.store, "city", SITTING, Change(collect=True, reason="settled"))
    assert refusals(city.store, ["city"]) == {}


REFUSED: dict[str, tuple[Callable[[House], None], str]] = {
    "an adoption without a decision": (
        lambda city: adopt(city.store, "city", SITTING, Change()), "By which decision was it adopted?",
    ),
    "a second adoption": (
        lambda city: adopt(city.store, "adopted", SITTING, DECIDED), "adopted is in the register: adopted on 2026-03-02 by Memo.",
    ),
    "an adoption of a personal account without a reason": (
        lambda city: adopt(city.store, "personal", SITTING, DECIDED), "makes it government data.",
    ),
    "personal without a reason": (
        lambda city: change(city.store, "city", SITTING, Change(capacity=Capacity.PERSONAL)), "makes it government data.",
    ),
    "campaign without a reason": (
        lambda city: change(city.store, "city", SITTING, Change(capacity=Capacity.CAMPAIGN)), "makes it government data.",
    ),
    "mixed without a reason": (
        lambda city: change(city.store, "city", SITTING, Change(capacity=Capacity.MIXED)), "city is official so far.",
    ),
    "collection off without a reason": (
        lambda city: change(city.store, "city", SITTING, Change(collect=False)), "needs a reason",
    ),
    "nothing": (lambda city: change(city.store, "city", SITTING, Change(reason="why")), "Nothing is said that would change."),
    "somebody who never did may no longer post": (
        lambda city: change(city.store, "city", SITTING, Change(may_not_post=["Al"])), '"Al" is not among those who may post',
    ),
    "a day to come": (
        lambda city: close(city.store, "city", SITTING, on=date(2026, 11, 24), reason="why"), "2026-11-24 is still to come.",
    ),
    "a closing without a reason": (lambda city: close(city.store, "city", SITTING, on=None, reason=""), "Why is city closed?"),
    "closed before it was opened": (
        lambda city: close(city.store, "adopted", SITTING, on=date(2026, 2, 27), reason="why"), "adopted was opened on 2026-02-28.",
    ),
    "a second closing": (
        lambda city: close(city.store, "closed", SITTING, on=None, reason="why"), "closed is closed already, since 2026-11-23.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(city: House, case: str) -> None:
    """One sentence, and neither an entry nor an act is written."""
    others = [Account(name, "mastodon", name) for name in ("adopted", "closed")]
    others.append(Account("personal", "mastodon", "p", Capacity.PERSONAL))
    register(city.store, others, city.now, said={"personal": Said("The mayor asks for it.")})
    adopt(city.store, "adopted", SITTING, Change(on=date(2026, 3, 2), decision="Memo", opened=date(2026, 2, 28)))
    close(city.store, "closed", SITTING, on=None, reason="moved")
    before = acts(city), city.rows("SELECT count(*) FROM register_entries")
    attempt, sentence = REFUSED[case]
    with pytest.raises(UsageError) as refused:
        attempt(city)
    assert sentence in str(refused.value)
    assert (acts(city), city.rows("SELECT count(*) FROM register_entries")) == before


def test_an_account_that_nobody_configured(city: House) -> None:
    """It has no entry and gets none."""
    with pytest.raises(NotFound, match="There is no account 'x'"):
        adopt(city.store, "x", SITTING, DECIDED)
    with pytest.raises(NotFound, match="There is no account 'x'"):
        close(city.store, "x", SITTING, on=None, reason="moved")
