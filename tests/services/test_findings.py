"""What a task found out about completeness, in the WARC and in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.domain.keys import Key
from archiver.domain.task import Covered, Finding, NotOffered, Shortfall, TaskKind
from archiver.services import findings
from archiver.store import coverage, tasks
from tests.services.house import ANN, BEGINNING, CITY, House, key, sight

MOMENTS = st.timedeltas(timedelta(), timedelta(days=3000)).map(datetime(2020, 1, 1, tzinfo=UTC).__add__)
SCOPES = st.none() | st.text(min_size=1).map(Key)
FINDINGS = st.one_of(
    st.builds(Covered, st.text(), st.none() | MOMENTS, MOMENTS, SCOPES),
    st.builds(Shortfall, st.text(), st.none() | MOMENTS, MOMENTS, st.text(), SCOPES),
    st.builds(NotOffered, st.text(), st.text(), SCOPES),
)
LATER = BEGINNING + timedelta(days=1)


@given(FINDINGS)
def test_a_finding_comes_back_from_the_metadata_record(finding: Finding) -> None:
    """What is written there is all that a rebuild has."""
    assert findings.from_json(findings.to_json(finding)) == finding


def _confirmed(house: House, covered: Covered, *, token: bool = True) -> set[str]:
    account = Account("city", "mastodon", "city@social.example", authenticated=token, native_id=CITY.native_id)
    with house.store.begin() as conn:
        findings.apply(conn, account, [covered], LATER, task_started=LATER)
        return {row.subject for row in tasks.due(conn, "city", LATER, kind=TaskKind.CONFIRM)}


def test_what_a_complete_listing_did_not_show_is_to_be_confirmed(house: House) -> None:
    """One absence starts a confirmation, and changes no state; the posts of others are in no listing of the account's."""
    house.show(sight("post", CITY), sight("theirs", ANN))
    assert _confirmed(house, Covered("posts", None, LATER)) == {"mastodon:post"}
    assert house.held("post")["post"].known.state == "live"


def test_a_listing_that_leaves_out_what_is_there_proves_no_absence(house: House) -> None:
    """It says how far it reached, and nothing is asked about because of it."""
    house.show(sight("post", CITY))
    assert _confirmed(house, Covered("posts", None, LATER, absence=False)) == set()


def test_what_lies_outside_of_the_window_is_not_missed(house: House) -> None:
    """A poll that looked back an hour says nothing of older posts."""
    house.show(sight("post", CITY))
    assert _confirmed(house, Covered("posts", BEGINNING, LATER)) == set()


@pytest.mark.parametrize(("token", "asked"), [(True, {"mastodon:secret"}), (False, set())], ids=["with", "without"])
def test_what_only_followers_see_is_asked_for_with_a_token_only(house: House, token: bool, asked: set[str]) -> None:
    """Without one the platform's answer would look like a removal."""
    house.show(sight("secret", CITY, visibility="private"))
    assert _confirmed(house, Covered("posts", None, LATER), token=token) == asked


def test_a_thread_may_not_be_offered_and_come_back(house: House) -> None:
    """Comments that are switched off below one post say nothing of the others, and end no later capture."""
    account = Account("city", "mastodon", "city@social.example")
    with house.store.begin() as conn:
        findings.apply(conn, account, [NotOffered("comments", "switched off", key("post"))], BEGINNING)
        off = coverage.track(conn, "city", "comments", key("post"))
        assert coverage.track(conn, "city", "comments", None) == ()
        findings.apply(conn, account, [Covered("comments", None, LATER, key("post"))], LATER)
        on = coverage.track(conn, "city", "comments", key("post"))
    assert [(str(span.state), span.reason) for span in off] == [("not_offered", "switched off")]
    assert [(str(span.state), span.until_at) for span in on] == [("complete", LATER)]


def test_a_gap_is_opened_and_closed(house: House) -> None:
    """The ledger keeps the span with the reason why it was late."""
    account = Account("city", "mastodon", "city@social.example")
    with house.store.begin() as conn:
        for finding in (
            Covered("posts", None, BEGINNING),
            Shortfall("posts", BEGINNING, LATER, "rate limit"),
            Covered("posts", BEGINNING, LATER + timedelta(hours=1)),
        ):
            findings.apply(conn, account, [finding], LATER)
        spans = coverage.track(conn, "city", "posts", None)
    assert {str(span.state) for span in spans} == {"complete"}
    assert "captured late: rate limit" in {span.reason for span in spans}


def test_a_thread_has_a_track_only_while_something_is_missing(house: House) -> None:
    """A complete thread needs none of its own: the stream's track says so."""
    account = Account("city", "mastodon", "city@social.example")
    whole = Covered("comments", None, LATER, key("post"))
    with house.store.begin() as conn:
        findings.apply(conn, account, [whole], LATER)
        assert coverage.spans(conn, "city") == []
        findings.apply(conn, account, [Shortfall("comments", None, LATER, "cut", key("post")), whole], LATER)
        assert [str(span.state) for span in coverage.spans(conn, "city")] == ["complete"]
