"""Notices of a hold: by mail where there is an address, overdue after their time, reminded, acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archiver.capture.notify import NotSent
from archiver.domain.acting import Actor
from archiver.domain.item import Kind, State
from archiver.domain.keys import Key
from archiver.domain.stops import StopType
from archiver.errors import UsageError
from archiver.services import holds
from archiver.services.alerts import Alerts, Message, notices_troubles
from archiver.services.noticing import Office, overdue, scope_in_words
from archiver.store.decisions import audit
from archiver.store.decisions.scopes import Scope
from archiver.store.engine import Store, open_store, upgrade
from archiver.store.selection import Query

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
DAY = timedelta(days=1)
DANA = Actor("Dana Clerk", "dclerk")
ZONE = ZoneInfo("America/Chicago")


@dataclass
class Post:
    """A mail server that keeps what it is given, unless it is broken."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False

    def __call__(self, address: str, subject: str, text: str) -> None:
        """Take a mail."""
        if self.broken:
            raise NotSent("The mail could not be sent.")
        self.sent.append((address, subject, text))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one hold."""
    url = f"sqlite:///{tmp_path / 'archive.sqlite'}"
    upgrade(url)
    opened = open_store(url)
    scope = Scope(Query("flood", limit=None))
    holds.place(opened, StopType.CLAIM, scope, matter="Flood", reason="claim", by=DANA, at=NOW, paused={})
    yield opened
    opened.dispose()


def office(store: Store, post: Post, days: int = 0) -> Office:
    """The clerk's office so many days later."""
    return Office(store, "Maple Ford", ZONE, DANA, NOW + days * DAY, post)


def late(store: Store, days: float) -> list[str]:
    """Who is overdue so many days later."""
    with store.read() as conn:
        return [one.custodian for one in overdue(conn, NOW + days * DAY)]


def test_a_notice_goes_out_by_mail_and_is_reminded_until_it_is_read(store: Store) -> None:
    """Overdue from the day that it names; a reminder gives a new one; who has read it is left alone."""
    post = Post()
    office(store, post).send("H-1", ["Sam <sam@city.example>", "kim@city.example", "Pat Brown"])
    assert [(address, subject) for address, subject, _ in post.sent] == [
        ("sam@city.example", "Claim H-1: Flood"),
        ("kim@city.example", "Claim H-1: Flood"),
    ]
    assert "until 2026-11-30" in post.sent[0][2]
    assert (late(store, 6.9), late(store, 7)) == ([], ["Sam", "kim@city.example", "Pat Brown"])
    office(store, post, 3).acknowledge("H-1", "KIM@city.example")
    letters = office(store, post, 8).remind("H-1", patience=2 * DAY)
    assert [(one.custodian, one.by_mail) for one in letters] == [("Sam", True), ("Pat Brown", False)]
    assert post.sent[-1][:2] == ("sam@city.example", "Claim H-1: Flood: reminder")
    assert "On 2026-11-23 you were sent a notice" in post.sent[-1][2]
    assert "Do not delete, edit or hide" in post.sent[-1][2]
    assert (late(store, 9), late(store, 10)) == ([], ["Sam", "Pat Brown"])
    found = {one.custodian: one for one in holds.load(store, "H-1", {}).notices}
    assert (found["Sam"].reminded, found["Sam"].address) == (1, "sam@city.example")


def test_a_second_notice_must_be_read_too(store: Store) -> None:
    """Who acknowledged the first one and was sent another has not read that."""
    post = Post()
    office(store, post).send("H-1", ["Sam"])
    office(store, post).acknowledge("H-1", "Sam")
    assert late(store, 30) == []
    office(store, post, 10).send("H-1", ["sam"])
    assert late(store, 30) == ["Sam"]


def test_a_mail_that_failed_is_not_recorded(store: Store) -> None:
    """The people before it in the list were sent theirs, and that is written down."""
    post = Post()
    office(store, post).send("H-1", ["Sam <sam@city.example>"])
    post.broken = True
    with pytest.raises(NotSent):
        office(store, post).send("H-1", ["Kim <kim@city.example>"])
    assert late(store, 30) == ["Sam"]
    with store.read() as conn:
        acts = [(one.act, one.details.get("custodian")) for one in audit.rows(conn, subject="H-1")]
    assert acts == [("hold place", None), ("hold notice", "Sam")]


def test_a_released_hold_reminds_nobody(store: Store) -> None:
    """Its notices are no longer overdue."""
    office(store, Post()).send("H-1", ["Sam"])
    holds.ask_release(store, "H-1", by=DANA, at=NOW, reason="settled")
    holds.approve_release(store, "H-1", by=Actor("Lee", "lee"), at=NOW, logins=True)
    assert late(store, 30) == []


def test_the_daemon_tells_of_overdue_notices(store: Store) -> None:
    """Once, in the alerts, with what to run; and that it is over when everybody has answered."""
    said: list[Message] = []
    alerts = Alerts("Maple Ford", ZONE, DAY, {}, lambda: 10**12, [said.append])
    office(store, Post()).send("H-1", ["Sam", "Kim"])
    alerts.tell(store, NOW + 6 * DAY)
    assert said == []
    alerts.tell(store, NOW + 8 * DAY)
    alerts.tell(store, NOW + 8 * DAY)
    (told,) = said
    assert "H-1: The notice of this hold was not acknowledged by Sam, Kim." in told.text
    assert "archiver hold notices H-1 --remind" in told.text
    for name in ("Sam", "Kim"):
        office(store, Post(), 8).acknowledge("H-1", name)
    alerts.tell(store, NOW + 8 * DAY)
    assert "Solved" in said[-1].text
    assert notices_troubles([]) == []


def test_logins_tell_people_apart_where_they_count(store: Store) -> None:
    """Another name from the same login is no second person."""
    holds.ask_release(store, "H-1", by=DANA, at=NOW, reason="settled")
    other = replace(DANA, name="Lee Attorney")
    with pytest.raises(UsageError):
        holds.approve_release(store, "H-1", by=other, at=NOW, logins=True)
    assert holds.approve_release(store, "H-1", by=other, at=NOW, logins=False)[0].released is not None


SCOPES = {
    "all records, with what they answer, quote or pass on": Scope(Query(limit=None)),
    "all records with the words flood of the account a on mastodon of the kind reply that are gone by sam"
    " from 2026-01-01 on until 2026-01-31": Scope(
        Query(
            "flood", "a", "mastodon", Kind.REPLY, State.GONE, "sam", datetime(2026, 1, 1, 6, tzinfo=UTC),
            datetime(2026, 2, 1, 6, tzinfo=UTC),
        ),
        context=False,
    ),
    "the threads mastodon:1, mastodon:2; the records mastodon:3": Scope(
        None, (Key("mastodon:1"), Key("mastodon:2")), (Key("mastodon:3"),), context=False
    ),
}  # fmt: skip


@pytest.mark.parametrize("words", SCOPES)
def test_a_scope_is_said_in_words(words: str) -> None:
    """As custodians read it, with days of the city's zone."""
    assert scope_in_words(SCOPES[words], ZONE) == words


CUSTODIANS = {
    "Sam Porter <sam@city.example>": ("Sam Porter", "sam@city.example"),
    '"Porter, Sam" <sam@city.example>': ("Porter, Sam", "sam@city.example"),
    "Porter, Sam <sam@city.example>": ("Porter, Sam", "sam@city.example"),
    "<sam@city.example>": ("sam@city.example", "sam@city.example"),
    " sam@city.example ": ("sam@city.example", "sam@city.example"),
    "The  police\nchief": ("The police chief", None),
    "Sam <sam@a, kim@b>": ("Sam <sam@a, kim@b>", None),
}


@pytest.mark.parametrize("given", CUSTODIANS)
def test_a_custodian_is_a_name_an_address_or_both(store: Store, given: str) -> None:
    """However people write it; what is no single address is brought by hand."""
    (letter,) = office(store, Post()).send("H-1", [given])
    assert (letter.custodian, letter.address) == CUSTODIANS[given]


def test_nobody_is_sent_nothing(store: Store) -> None:
    """An empty name is refused before anybody is told."""
    post = Post()
    with pytest.raises(UsageError):
        office(store, post).send("H-1", ["Sam <sam@city.example>", " "])
    assert post.sent == []
