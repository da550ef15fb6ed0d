"""The moderation record: what captures show and people add, entry by entry, and the report on a period."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from archiver.config import load_profile
from archiver.domain.acting import Actor
from archiver.domain.classification import UNDECIDED, Clearance, Part, Span, text_digest
from archiver.domain.item import Cause, Person, State
from archiver.domain.keys import Key
from archiver.domain.moderation import Action, By, Doubt, Entry, Note, Source
from archiver.domain.moderation_report import Report
from archiver.domain.observation import GateSeen, GoneSeen, ItemSeen, SettingSeen, StateSeen
from archiver.domain.page_settings import Member, SettingName
from archiver.errors import NotFound, UsageError
from archiver.services.clearance import Access
from archiver.services.moderation import deciding
from archiver.services.moderation.deciding import PolicyGiven, SettingGiven
from archiver.services.moderation.entries import Scope, gathered, of_one_record
from archiver.services.moderation.report import report
from archiver.store.decisions import audit, classes
from archiver.store.decisions.classes import NewMark
from archiver.store.decisions.moderation import ManualAct
from tests.services.house import BEGINNING, BOB, CITY, House, key, sight

DANA = Actor("Dana Clerk", "dclerk")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
PUBLIC = Access(load_profile("us-mn"), NOW.date())
CLEARED = replace(PUBLIC, clearance=Clearance(frozenset({UNDECIDED})))
SCOPE = Scope(ZoneInfo("America/Chicago"), PUBLIC)
ALL = replace(SCOPE, access=CLEARED)


def entries(house: House, scope: Scope = SCOPE) -> list[Entry]:
    """The whole record."""
    with house.store.read() as conn:
        return gathered(conn, scope)


def compiled(house: House, scope: Scope = SCOPE) -> Report:
    """The report."""
    return report(house.store, scope, archive="Maple Ford", made_at=NOW)


def gate(*names: str) -> GateSeen:
    """What the city has hidden below its post."""
    return GateSeen(key("post"), "hidden", frozenset(key(name) for name in names), "the list of hidden answers")


@pytest.fixture
def talk(house: House) -> House:
    """A post of the city, and comments below it; each is an exchange, an hour after the one before."""
    house.show(sight("post", CITY, text="Open late"))
    house.show(sight("rude", to="post", text="You fools"), sight("kind", BOB, to="post", text="Thank you"))
    return house


def test_a_hidden_comment_has_its_text_its_versions_and_its_captures(talk: House) -> None:
    """What stood there, what it said before an edit, who is proved to have hidden it, and between which looks (R45)."""
    talk.show(sight("rude", to="post", text="You idiots", edited_at=BEGINNING + timedelta(hours=3)))
    talk.show(gate("rude"))
    (entry,) = entries(talk)
    assert (entry.action, entry.by, entry.source) == (Action.HIDE, By.CITY, Source.API)
    assert (entry.subject.text, entry.subject.earlier_text, entry.subject.version) == ("You idiots", "You fools", 2)
    assert entry.subject.author == "Ann (@ann)"
    assert entry.before is not None
    assert entry.shown is not None
    assert (entry.before.exchange, entry.shown.exchange) == ("exchange-4", "exchange-5")
    assert (entry.after, entry.at) == (BEGINNING + timedelta(hours=4), BEGINNING + timedelta(hours=5))
    assert entry.is_open
    assert Doubt.NO_POLICY in entry.doubts


def test_showing_it_again_is_an_entry_of_its_own_and_wants_no_reason(talk: House) -> None:
    """The hiding stays in the record beside it."""
    talk.show(gate("rude"))
    talk.show(gate())
    hidden, shown = entries(talk)
    assert (hidden.action, shown.action, shown.by) == (Action.HIDE, Action.UNHIDE, By.CITY)
    assert (hidden.is_open, shown.is_open) == (True, False)


def test_a_404_is_a_vanishing_until_somebody_proves_or_says_more(talk: House) -> None:
    """Said by a person it is a deletion by the city; what was captured stays as it was (R7)."""
    talk.show(GoneSeen(key("rude"), "404"))
    (gone,) = entries(talk)
    assert (gone.action, gone.by, gone.basis) == (Action.VANISH, By.UNKNOWN, "404")
    said = deciding.note(talk.store, SCOPE, key("rude"), Note(NOW, DANA, actor="Pat Doe", reason="A threat"))
    assert (said.action, said.by, said.seen_as) == (Action.DELETE, By.CITY, Action.VANISH)
    assert (said.said.actor, said.is_open) == ("Pat Doe", False)
    again = deciding.note(talk.store, SCOPE, said.reference, Note(NOW, DANA, reason="A threat against a clerk"))
    assert (again.said.actor, again.said.reason) == ("Pat Doe", "A threat against a clerk")
    assert len(again.said.notes) == 2


@pytest.mark.parametrize(
    ("cause", "by", "wants"),
    [(Cause.BY_AUTHOR, By.AUTHOR, False), (Cause.BY_PLATFORM, By.PLATFORM, False), (Cause.BY_CITY, By.CITY, True)],
)
def test_what_a_source_proves_says_whose_act_it_was(talk: House, cause: Cause, by: By, wants: bool) -> None:
    """Only the city has to give reasons."""
    talk.show(GoneSeen(key("rude"), "said by the platform", cause))
    (gone,) = entries(talk)
    assert (gone.action, gone.by, gone.is_open) == (Action.DELETE, by, wants)


def test_waiting_for_review_ends_in_approval_or_rejection(talk: House) -> None:
    """As a platform that holds comments tells it."""
    for name, end in (("rude", GoneSeen(key("rude"), "rejected", Cause.BY_CITY)), ("kind", StateSeen(key("kind"), State.LIVE, "published"))):  # fmt: skip
        talk.show(StateSeen(key(name), State.HIDDEN, "heldForReview", Cause.HELD_FOR_REVIEW))
        talk.show(end)
    assert [one.action for one in entries(talk)] == [
        Action.HOLD_FOR_REVIEW, Action.REJECT, Action.HOLD_FOR_REVIEW, Action.APPROVE,
    ]  # fmt: skip


def test_the_accounts_own_post_wants_no_reason(talk: House) -> None:
    """It is in the record all the same: it vanished."""
    talk.show(GoneSeen(key("post"), "404"))
    (gone,) = entries(talk)
    assert (gone.subject.own, gone.doubts) == (True, ())


def test_the_words_of_what_few_were_shown_are_withheld(house: House) -> None:
    """With the basis; whoever asks for them gets them."""
    house.show(sight("secret", names_city=True, text="Call me", visibility="direct"), GoneSeen(key("other"), "404"))
    house.show(GoneSeen(key("secret"), "404"))
    (entry,) = entries(house)
    assert (entry.subject.text, entry.subject.author, entry.subject.withheld) == (None, None, "visibility: direct")
    (entry,) = entries(house, ALL)
    assert (entry.subject.text, entry.subject.withheld) == ("Call me", None)


def test_a_policy_binds_from_its_day_in_the_citys_zone(talk: House) -> None:
    """An event before it is flagged, and so is a rule that it lacks (R46)."""
    talk.show(gate("rude"))
    at = talk.now.astimezone(SCOPE.zone).date()
    given = PolicyGiven(b"\xef\xbb\xbf1. No threats\n", "Comments", at + timedelta(days=1), "the page's About")
    assert deciding.policy(talk.store, given, DANA, NOW).rules[0].words == "No threats"
    deciding.note(talk.store, SCOPE, key("rude"), Note(NOW, DANA, actor="Pat", rule="1", reason="x"))
    assert entries(talk)[0].doubts == (Doubt.NO_POLICY,)
    deciding.policy(talk.store, replace(given, effective=at), DANA, NOW)
    assert entries(talk)[0].doubts == ()
    deciding.note(talk.store, SCOPE, key("rude"), Note(NOW, DANA, rule="7"))
    assert entries(talk)[0].doubts == (Doubt.UNKNOWN_RULE,)


def blocked(*names: str) -> SettingSeen:
    """The list of blocked people."""
    return SettingSeen(SettingName.BLOCKED_USERS, tuple(Member(name, f"@{name}") for name in names))


def filters(*words: str) -> SettingSeen:
    """The filter words."""
    return SettingSeen(SettingName.FILTERS, tuple(Member(word, word) for word in words))


def test_one_filter_word_more_is_one_entry_with_its_window(talk: House) -> None:
    """The first look is where the record begins, and nothing that anybody did (R47)."""
    talk.show(filters("idiot"))
    talk.show(filters("idiot"))
    talk.show(filters("idiot", "scam"))
    (entry,) = entries(talk)
    assert (entry.action, entry.subject.setting) == (Action.SETTING_CHANGE, "filters: added: scam")
    assert (entry.after, entry.at) == (talk.now - timedelta(hours=1), talk.now)
    assert entry.is_open
    noted = deciding.note(
        talk.store, SCOPE, entry.reference, Note(NOW, DANA, actor="Pat", rule="1", reason="Spam wave")
    )
    assert not noted.is_open


def test_a_blocked_person_is_named_only_when_asked_for(talk: House) -> None:
    """The list is data on individuals (R47); that somebody was blocked is not."""
    talk.show(blocked())
    talk.show(blocked("troll"))
    talk.show(blocked())
    block, unblock = entries(talk)
    assert (block.action, unblock.action, block.subject.person) == (Action.BLOCK, Action.UNBLOCK, None)
    assert "troll" not in repr(block)
    assert block.subject.withheld is not None
    assert entries(talk, ALL)[0].subject.person == "@troll"
    (last,) = compiled(talk).settings
    assert (last.setting, last.entries, last.words) == (SettingName.BLOCKED_USERS, 0, None)


def act(action: Action = Action.BLOCK, **more: Any) -> ManualAct:
    """Something that no platform tells of."""
    facts: dict[str, Any] = {"at": BEGINNING, "day_only": True, "entered_at": NOW, "by": DANA, "basis": "Pat told me"}
    return ManualAct("city", action, **facts | more)


def test_what_no_platform_tells_of_is_written_down(talk: House) -> None:
    """A block by hand has who, rule and reason at once; its name leads to it."""
    name = deciding.act(talk.store, act(whom="@troll"), Note(NOW, DANA, actor="Pat", reason="Threats"))
    (entry,) = entries(talk, ALL)
    assert (entry.reference, entry.source, entry.action) == (name, Source.MANUAL, Action.BLOCK)
    assert (entry.subject.person, entry.said.actor, entry.day_only, entry.captured) == ("@troll", "Pat", True, True)
    assert entries(talk)[0].subject.person is None


def test_what_vanished_before_any_capture_is_said(talk: House) -> None:
    """The report does not pass over it (R49)."""
    deciding.act(talk.store, act(Action.DELETE, text="Something about Oak Street", whom="@ann"), None)
    (entry,) = entries(talk)
    assert Doubt.NEVER_CAPTURED in entry.doubts
    assert entry.subject.text == "Something about Oak Street"


def test_words_about_a_record_repeat_nothing_that_is_withheld_of_it(talk: House) -> None:
    """What a person wrote of a text, of its author, and how it is known, goes out as the record does (R12)."""
    told = act(Action.HIDE, record=key("rude"), whom="@ann", text="She said: You fools", basis="Bob read You fools")
    with talk.store.begin() as conn:
        span = Span(1, text_digest(key("rude"), "You fools"), 4, 9)
        classes.add(conn, NewMark(key("rude"), Part.TEXT, "private", "Law 4.2", "x", span), DANA, NOW)
        classes.add(conn, NewMark(key("rude"), Part.AUTHOR, "private", "Law 4.2", "x"), DANA, NOW)
    deciding.act(talk.store, told, None)
    (entry,) = entries(talk)
    assert entry.subject.text == "She said: You [withheld: Law 4.2]"
    assert "ann" not in str(entry.subject.person)
    assert entry.basis.startswith("Bob read You [withheld: Law 4.2]; ")
    (whole,) = entries(talk, replace(SCOPE, access=replace(PUBLIC, clearance=Clearance(frozenset({"private"})))))
    assert (whole.subject.text, whole.subject.person) == ("She said: You fools", "@ann")


def test_a_withheld_record_is_named_by_no_key_that_names_its_author(house: House) -> None:
    """It has the name that exports give it, and notes on it are found under that."""
    author = Person("did:plc:canary7f3acanary", "canary.example", "A Name")
    named = Key(f"mastodon:{author.native_id}/9")
    house.show(replace(sight("9", author), key=named, thread=named))
    house.show(GoneSeen(named, "404"))
    deciding.note(house.store, SCOPE, named, Note(NOW, DANA, reason="A threat"))
    with house.store.begin() as conn:
        number = classes.add(conn, NewMark(named, Part.RECORD, "private", "Law 4.2", "x"), DANA, NOW).id
    (entry,) = entries(house)
    assert entry.subject.record == f"mastodon:withheld-{number}"
    assert author.native_id not in entry.reference
    assert entry.said.reason == "A threat"


def test_an_act_that_a_capture_shows_later_is_one_entry_with_it(talk: House) -> None:
    """Told on the day, seen the day after (R49): with what is said under either name."""
    told = deciding.act(talk.store, act(Action.DELETE, record=key("rude")), Note(NOW, DANA, reason="A threat"))
    talk.show(GoneSeen(key("rude"), "404"))
    (entry,) = entries(talk)
    assert (entry.told_as, entry.action, entry.by, entry.said.reason) == (told, Action.DELETE, By.CITY, "A threat")
    assert (entry.subject.text, entry.captured) == ("You fools", True)
    deciding.note(talk.store, SCOPE, entry.reference, Note(NOW, DANA, actor="Pat"))
    with talk.store.read() as conn:
        assert [one.said.actor for one in of_one_record(conn, SCOPE, key("rude"))] == ["Pat"]
    deciding.act(talk.store, act(Action.HIDE, record=key("kind")), None)
    assert len(entries(talk)) == 2


def test_a_setting_that_a_person_looked_up_is_held_against_the_one_before(talk: House) -> None:
    """Shown as written down; its screenshot is kept under its digest, once."""
    for day, lines in ((1, ["Idiot", "idiot ", ""]), (3, ["idiot", "Scam"])):
        at = BEGINNING + timedelta(days=day)
        deciding.setting(talk.store, SettingGiven("city", SettingName.FILTERS, at, lines), DANA, NOW)
    (entry,) = entries(talk)
    assert (entry.source, entry.subject.setting) == (Source.MANUAL, "filters: added: Scam")
    assert (entry.after, entry.at) == (BEGINNING + timedelta(days=1), BEGINNING + timedelta(days=3))


def test_a_file_is_kept_under_its_digest(tmp_path: Path) -> None:
    """A copy, for its owner only; handed in twice it lies there once."""
    picture = tmp_path / "blocked people.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    kept = [deciding.keep_file(tmp_path / "data", picture) for _ in range(2)]
    assert kept[0] == kept[1]
    copy = tmp_path / "data" / kept[0].path
    assert copy.read_bytes() == picture.read_bytes()
    assert (kept[0].name, kept[0].sha256) == (picture.name, hashlib.sha256(picture.read_bytes()).hexdigest())
    assert [one.name for one in copy.parent.iterdir()] == [copy.name]
    assert copy.stat().st_mode & 0o077 == 0
    with pytest.raises(UsageError):
        deciding.keep_file(tmp_path / "data", tmp_path / "none.png")


@pytest.mark.parametrize(
    "name",
    ["rude", "mastodon:none", "mastodon:rude#hidden@20261101T000000Z", "act:99", "act:x", "act:" + "9" * 40, "#", ""],
)
def test_what_is_not_in_the_record_can_t_be_noted(talk: House, name: str) -> None:
    """A record that nothing was done to, a wrong time, a number that nobody gave."""
    with pytest.raises(NotFound):
        deciding.note(talk.store, SCOPE, name, Note(NOW, DANA, reason="x"))


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe1\x00"])
def test_a_policy_is_a_text(talk: House, content: bytes) -> None:
    """Anything else is refused, and leaves nothing."""
    with pytest.raises(UsageError):
        deciding.policy(talk.store, PolicyGiven(content, "x", date(2026, 1, 1), "x"), DANA, NOW)
    assert compiled(talk).policies == ()


def test_every_act_stands_in_the_audit_log_without_anybodys_words(talk: House) -> None:
    """Who did what, and to what; the words are in the record itself."""
    talk.show(gate("rude"))
    deciding.note(talk.store, SCOPE, key("rude"), Note(NOW, DANA, actor="Pat", reason="QZX said"))
    deciding.act(talk.store, act(text="QZX", whom="QZX", basis="QZX"), Note(NOW, DANA, reason="QZX"))
    deciding.policy(talk.store, PolicyGiven(b"1. QZX", "QZX", date(2026, 1, 1), "QZX"), DANA, NOW)
    deciding.setting(talk.store, SettingGiven("city", SettingName.FILTERS, BEGINNING, ["QZX"], "QZX"), DANA, NOW)
    with talk.store.read() as conn:
        logged = list(audit.rows(conn))
    assert [one.act for one in logged] == [
        "moderation note",
        "moderation act",
        "moderation policy",
        "moderation setting",
    ]
    assert {one.by for one in logged} == {DANA}
    assert "QZX" not in repr(logged)


def test_a_report_is_of_its_period_and_accounts(talk: House) -> None:
    """The first moment counts, the last doesn't; what is missing is named with what it is missing from."""
    talk.show(gate("rude"))
    first = talk.now
    talk.show(GoneSeen(key("kind"), "404"))
    whole = compiled(talk)
    assert [one.action for one in whole.entries] == [Action.HIDE, Action.VANISH]
    assert whole.open == whole.entries
    assert whole.counts() == [("city", "hide", "city", "", 1), ("city", "vanish", "unknown", "", 1)]
    assert next(doubt for doubt, _ in whole.doubted()) is Doubt.NO_REASON
    assert len(compiled(talk, replace(SCOPE, since=first, until=talk.now)).entries) == 1
    assert compiled(talk, replace(SCOPE, account="police")).entries == ()


def same(name: str, text: str, **more: Any) -> ItemSeen:
    """A comment by Bob."""
    return sight(name, BOB, to="post", text=text, **more)


@pytest.mark.parametrize(
    ("other", "listed"),
    [
        (same("twin", "you  FOOLS"), True),
        (same("twin", "You fools, all of you"), False),
        (same("twin", "You fools", state=State.HIDDEN), False),
        (same("twin", "You fools", visibility="private"), False),
    ],
    ids=["in other letters", "with more words", "hidden, too", "that few were shown"],
)
def test_the_same_text_left_standing_is_listed(talk: House, other: ItemSeen, listed: bool) -> None:
    """Of two identical comments one was hidden (R50)."""
    talk.show(other)
    talk.show(gate("rude"))
    whole = compiled(talk)
    assert [one.standing for one in whole.unlike] == ([(key("twin"),)] if listed else [])


def test_texts_without_words_are_said_not_to_be_compared(talk: House) -> None:
    """Nothing leads from a lone emoji to others like it."""
    talk.show(same("face", "🙃"))
    talk.show(gate("face"))
    assert compiled(talk).not_compared == 1
