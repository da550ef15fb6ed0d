"""The moderation record's rules: what an event shows, what people add, and what is missing then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.acting import Actor
from archiver.domain.history import EventName
from archiver.domain.item import Cause
from archiver.domain.moderation import (
    SAYABLE,
    Action,
    By,
    Doubt,
    Entry,
    Note,
    PolicyVersion,
    Rule,
    Source,
    Subject,
    action_of,
    by_of,
    concluded,
    in_force,
    rules_in,
    said,
    same_text,
)
from archiver.domain.page_settings import Member, SettingName, Snapshot, Turn, changes

NOW = datetime(2026, 11, 3, 15, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dana")
POLICY = PolicyVersion(
    1, None, date(2026, 1, 1), "Comments", "…", "ab", "About page", (Rule("3", "No threats"), Rule("4b", "No ads")),
    NOW, DANA,
)  # fmt: skip
HIDDEN = Entry(
    "k#hidden@x", Source.API, "city", NOW, Action.HIDE, By.CITY, Subject(text="You fools"), Action.HIDE,
)  # fmt: skip
WHOLE = Note(NOW, DANA, actor="Pat Doe", rule="3", reason="A threat against a clerk")


@pytest.mark.parametrize(
    ("event", "cause", "before", "action", "by"),
    [
        (EventName.HIDDEN, Cause.BY_CITY, None, Action.HIDE, By.CITY),
        (EventName.HIDDEN, None, None, Action.HIDE, By.UNKNOWN),
        (EventName.HIDDEN, Cause.HELD_FOR_REVIEW, None, Action.HOLD_FOR_REVIEW, By.UNKNOWN),
        (EventName.UNHIDDEN, None, Cause.HELD_FOR_REVIEW, Action.APPROVE, By.UNKNOWN),
        (EventName.UNHIDDEN, None, Cause.BY_CITY, Action.UNHIDE, By.UNKNOWN),
        (EventName.GONE, None, None, Action.VANISH, By.UNKNOWN),
        (EventName.GONE, Cause.BY_CITY, None, Action.DELETE, By.CITY),
        (EventName.GONE, Cause.BY_CITY, Cause.HELD_FOR_REVIEW, Action.REJECT, By.CITY),
        (EventName.GONE, Cause.BY_AUTHOR, None, Action.DELETE, By.AUTHOR),
        (EventName.GONE, Cause.AUTHOR_SUSPENDED, None, Action.VANISH, By.PLATFORM),
        (EventName.HIDDEN, Cause.AUTHOR_PROTECTED, None, Action.HIDE, By.AUTHOR),
        (EventName.RESTORED, None, None, Action.RESTORE, By.UNKNOWN),
        (EventName.DETACHED, None, None, Action.DETACH, By.UNKNOWN),
    ],
)
def test_an_event_says_what_it_proves_and_no_more(
    event: EventName, cause: Cause | None, before: Cause | None, action: Action, by: By
) -> None:
    """A 404 alone is a vanishing by nobody knows whom (R7)."""
    assert (action_of(event, cause, before), by_of(cause)) == (action, by)


@pytest.mark.parametrize(
    ("entry", "note", "doubts"),
    [
        (HIDDEN, WHOLE, ()),
        (HIDDEN, None, (Doubt.NO_REASON, Doubt.NO_ACTOR, Doubt.NO_RULE)),
        (HIDDEN, replace(WHOLE, rule="Rule 4B."), ()),
        (HIDDEN, replace(WHOLE, rule="9"), (Doubt.UNKNOWN_RULE,)),
        (replace(HIDDEN, at=NOW - timedelta(days=365)), WHOLE, (Doubt.NO_POLICY,)),
        (replace(HIDDEN, captured=False), WHOLE, (Doubt.NEVER_CAPTURED,)),
        (replace(HIDDEN, subject=Subject(own=True)), None, ()),
        (replace(HIDDEN, seen_as=Action.UNHIDE), None, ()),
        (replace(HIDDEN, seen_as=Action.DELETE, by=By.AUTHOR), None, ()),
        (replace(HIDDEN, seen_as=Action.DELETE, by=By.AUTHOR), WHOLE, (Doubt.CONTRADICTED,)),
        (replace(HIDDEN, seen_as=Action.VANISH, by=By.UNKNOWN), None, (Doubt.NO_REASON, Doubt.NO_ACTOR, Doubt.NO_RULE)),
    ],
    ids=[
        "all is said", "nothing is said", "the rule in other letters", "a rule that the policy lacks",
        "before the policy's start", "gone before any capture", "the account's own", "shown again",
        "the author took it away", "and the city says it was a clerk", "vanished",
    ],
)  # fmt: skip
def test_what_is_missing_is_named(entry: Entry, note: Note | None, doubts: tuple[Doubt, ...]) -> None:
    """A reason is wanted for what the city shut out, or may have (R45, R46)."""
    whole = concluded(entry, [note] if note else [], [POLICY], entry.at.date())
    assert whole.doubts == doubts


def test_a_vanishing_that_the_city_owns_up_to_is_a_deletion() -> None:
    """What people say counts beside what was captured, which stays as it was (R7)."""
    gone = replace(HIDDEN, action=Action.VANISH, seen_as=Action.VANISH, by=By.UNKNOWN)
    told = concluded(gone, [WHOLE], [POLICY], NOW.date())
    assert (told.action, told.by, told.seen_as) == (Action.DELETE, By.CITY, Action.VANISH)
    assert told.rule == Rule("3", "No threats")


WORDS = st.none() | st.sampled_from(["a", "b", "c"])
NOTES = st.lists(
    st.builds(Note, at=st.just(NOW), by=st.just(DANA), actor=WORDS, rule=WORDS, reason=WORDS, notice=WORDS)
)


@given(NOTES)
def test_of_several_notes_the_latest_word_on_each_thing_counts(notes: list[Note]) -> None:
    """A later note that is silent about something leaves it as it was; all of them are kept."""
    whole = said(notes)
    for name in SAYABLE:
        told = [value for note in notes if (value := getattr(note, name)) is not None]
        assert getattr(whole, name) == (told[-1] if told else None)
    assert whole.notes == tuple(notes)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("1. Be kind\n2. No ads\n\nMore words.\n10) Last", ["1", "2", "10"]),
        ("## Rules\n- **3.1.** No threats\n* b) No spam", ["3.1", "b"]),
        ("Rule 4: No names\nSection 5. No links\nR-2: Stay on topic", ["4", "5", "R-2"]),
        ("Note: this is no rule.\nWe met on 3.4 miles of road.\n(see 1) above", []),
        ("1. One\n1. Again", ["1"]),
    ],
)
def test_the_numbered_lines_of_a_policy_are_its_rules(text: str, codes: list[str]) -> None:
    """As people number them; each number once."""
    assert [one.code for one in rules_in(text)] == codes


@given(st.text(max_size=300))
def test_any_text_may_be_a_policy(text: str) -> None:
    """Whatever it is, rules are found or not, each under a number of its own."""
    codes = [one.code.casefold() for one in rules_in(text)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("account", "day", "number"),
    [
        ("city", date(2025, 12, 31), None),
        ("city", date(2026, 1, 1), 1),
        ("city", date(2026, 6, 1), 3),
        ("police", date(2026, 2, 1), 1),
        ("police", date(2026, 3, 1), 2),
        ("police", date(2026, 6, 1), 2),
    ],
)
def test_the_policy_in_force_is_the_latest_of_the_accounts_own_or_of_all(
    account: str, day: date, number: int | None
) -> None:
    """An account with a policy of its own is not bound by a later one for all."""
    own = replace(POLICY, number=2, account="police", effective=date(2026, 3, 1))
    later = replace(POLICY, number=3, effective=date(2026, 6, 1))
    found = in_force([later, POLICY, own], account, day)
    assert (found.number if found else None) == number


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("You  FOOLS\n", "you fools", True), ("you fools!", "you fools", False), ("Straße", "STRASSE", True)],
)
def test_case_and_space_make_no_other_text(one: str, other: str, same: bool) -> None:
    """Like texts are found by their words."""
    assert (same_text(one) == same_text(other)) is same


def look(hours: int, *members: tuple[str, str]) -> Snapshot:
    """A look at the filters, so many hours after the first."""
    at = NOW + timedelta(hours=hours)
    return Snapshot("city", SettingName.FILTERS, at, tuple(Member(*one) for one in members), f"exchange-{hours}")


def test_a_filter_word_that_is_new_is_one_change_with_its_window() -> None:
    """It was added after the look that lacks it, at the latest by the one that has it (R47)."""
    (change,) = changes([look(0, ("1", "idiot")), look(24, ("1", "idiot"), ("2", "scam")), look(48, ("1", "idiot"), ("2", "scam"))])  # fmt: skip
    assert (change.turn, change.member.words) == (Turn.ADDED, "scam")
    assert (change.after, change.at) == (NOW, NOW + timedelta(hours=24))
    assert (change.proof_before, change.proof) == ("exchange-0", "exchange-24")


MEMBERS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y"]))


@given(st.lists(MEMBERS, max_size=5))
def test_the_changes_lead_from_each_look_to_the_next(looks: list[dict[str, str]]) -> None:
    """Carried out on the first look, they give the last one; where nothing changed there is none."""
    now = dict(looks[0]) if looks else {}
    for change in changes([look(hours, *sorted(one.items())) for hours, one in enumerate(looks)]):
        if change.turn is Turn.REMOVED:
            assert now.pop(change.member.name) == change.member.words
        else:
            assert now.get(change.member.name) == change.before
            now[change.member.name] = change.member.words
    assert now == (looks[-1] if looks else {})
