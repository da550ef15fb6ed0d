"""The page, its token, who tags it, and the table of what answers mean."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.access import NEVER, AccessSeen
from archiver.domain.account import Account
from archiver.domain.observation import AccountSeen
from archiver.domain.task import Covered, Meaning, TaskKind
from archiver.platforms.facebook.asked import LISTS
from archiver.platforms.facebook.routes import Call, Route, route_of
from tests.platforms.facebook_world import (
    BASE,
    BOB,
    DEBUG,
    MISSING,
    NOW,
    PAGE,
    Carried,
    Server,
    carry_out,
    fault,
    page,
    stamp,
    task,
)

ROOT = f"{BASE}/v26.0"


# --- the page


def test_the_page_by_its_id_and_by_its_name_as_long_as_that_is_not_known() -> None:
    """A new name is noticed; a wrong one is said so."""
    assert carry_out(Server(), task(TaskKind.PROFILE)).paths == [PAGE]
    first = carry_out(Server(), task(TaskKind.PROFILE, account=page(native_id=None)))
    assert first.paths == ["elmbrook"]
    assert [one.native_id for one in first.observations if isinstance(one, AccountSeen)] == [PAGE]
    server = Server()
    server.refused["elmbrok"] = fault(803, message="(#803) Some of the aliases you requested do not exist: elmbrok")
    wrong = carry_out(server, task(TaskKind.PROFILE, account=page(native_id=None, handle="elmbrok")))
    assert [one.meaning for one in wrong.verdicts] == [Meaning.ACCESS_LOST]
    assert "no page of this name" in wrong.verdicts[0].detail


def test_no_secret_is_asked_for() -> None:
    """Neither tokens nor the keys of live streams, in no list of fields."""
    names = {field.name for one in LISTS for field in one.fields}
    assert names & {"access_token", "stream_url", "secure_stream_url", "dash_ingest_url", "ingest_streams"} == set()


def test_another_version_that_answers_is_complained_about() -> None:
    """A dead version is answered by the oldest alive, without a word."""
    assert not any("version" in name for name in carry_out(Server(), task(TaskKind.PROFILE)).never())
    done = carry_out(Server(version="v27.0"), task(TaskKind.PROFILE))
    assert "answered in v27.0" in done.never()["api version v26.0"]
    own = carry_out(Server(version="v25.0"), task(TaskKind.PROFILE, account=page(api_version="v25.0")))
    assert "/v25.0/" in own.exchanges[0].url
    assert not any("version" in name for name in own.never())


def test_a_field_that_a_version_gave_up_costs_one_call_more() -> None:
    """The profile comes without it."""
    done = carry_out(Server(unknown={"company_overview"}), task(TaskKind.PROFILE))
    assert [one.status for one in done.exchanges] == [400, 200]
    assert done.account is not None
    assert list(done.facts) == ["refused field v26.0 page.company_overview"]


# --- the token


def access(data: dict[str, Any], account: Account | None = None) -> AccessSeen:
    """What is told of a token."""
    server = Server()
    server.after = lambda _server, answer: (answer[0], answer[1], json.dumps({"data": DEBUG["data"] | data}).encode())
    done = carry_out(server, task(TaskKind.ACCESS, account=account))
    (seen,) = [one for one in done.observations if isinstance(one, AccessSeen)]
    return seen


def test_a_page_s_token_that_does_not_end() -> None:
    """0 is never."""
    seen = access({})
    assert (seen.kind, seen.valid, seen.expires_at, seen.data_access_expires_at) == ("page", True, NEVER, NEVER)
    assert (seen.lacking, seen.detail) == ((), "")


def test_scopes_that_lack_are_told_with_what_they_are_for() -> None:
    """A granular one that does not reach the page lacks, too."""
    seen = access({"scopes": ["pages_show_list", "pages_read_engagement"], "granular_scopes": []})
    assert [(one.scope, "comments" in one.purpose) for one in seen.lacking or ()] == [("pages_read_user_content", True)]
    elsewhere = access({"granular_scopes": [{"scope": "pages_read_engagement", "target_ids": ["999"]}]})
    assert [one.scope for one in elsewhere.lacking or ()] == ["pages_read_engagement"]


def test_a_dead_token_says_why() -> None:
    """The inner error's subcode, in words for a person."""
    seen = access({"is_valid": False, "error": {"code": 190, "subcode": 460, "message": "Changed"}})
    assert not seen.valid
    assert "190" in seen.detail


def test_a_person_s_token_is_said_to_be_one() -> None:
    """Comments are silently empty for it."""
    assert "person's token" in access({"type": "USER"}).detail


@pytest.mark.parametrize(
    ("secrets", "credential", "private"),
    [
        ({"token"}, "token", ["input_token", "appsecret_proof"]),
        ({"token", "app_id", "app_secret"}, "{app_id}|{app_secret}", ["input_token"]),
    ],
)
def test_the_app_asks_about_the_token_where_it_is_configured(secrets: Any, credential: str, private: Any) -> None:
    """Else the token asks about itself."""
    server = Server()
    carry_out(server, task(TaskKind.ACCESS, account=page(secrets=frozenset(secrets))))
    (spec,) = server.asked
    assert (spec.credential, [one.name for one in spec.private]) == (credential, private)


def test_a_question_that_failed_is_no_lost_access() -> None:
    """A wrong app secret says nothing of the token."""
    server = Server()
    server.refused["debug_token"] = fault(190, message="Invalid OAuth access token signature.")
    done = carry_out(server, task(TaskKind.ACCESS))
    assert [one.meaning for one in done.verdicts] == [Meaning.PROCEED]
    assert "app_secret" in done.never()["access"]


# --- who tags it


def mentioned(server: Server) -> Carried:
    """The task of mentions, with a window of three days."""
    return carry_out(server, task(TaskKind.MENTIONS, since=NOW - timedelta(days=3)))


def test_mentions_are_listed_by_the_time_of_the_tag() -> None:
    """An old post may be tagged today."""
    server = Server(page_most=3)
    for n in range(12):
        post = server.post(910000000000300 - n, author=BOB, edges=["tagged"], at=NOW - timedelta(days=900 + n))
        post["tagged_time"] = stamp(NOW - timedelta(days=n))
    done = mentioned(server)
    assert 4 <= len(done.keys) < 12
    assert done.covered("mentions") == [Covered("mentions", NOW - timedelta(days=3), NOW, absence=False)]


def test_mentions_that_are_refused_are_a_gap_of_mentions() -> None:
    """And nothing else."""
    server = Server()
    server.refused["tagged"] = fault(10)
    done = mentioned(server)
    assert "mentions" in done.short()
    assert done.verdicts[-1].meaning is Meaning.PROCEED


# --- which call an address is


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/{PAGE}/published_posts?fields=id", Route(Call.PUBLISHED_POSTS, PAGE)),
        (f"/{PAGE}_9/comments?limit=1&appsecret_proof=%5Bremoved%5D", Route(Call.COMMENTS, f"{PAGE}_9")),
        ("/900/photos", Route(Call.PHOTOS, "900")),
        ("/t_1/messages", Route(Call.MESSAGES, "t_1")),
        ("/me?fields=id", Route(Call.ME)),
        ("/debug_token?input_token=%5Bremoved%5D", Route(Call.DEBUG_TOKEN)),
        (f"/{PAGE}?fields=id,is_published", Route(Call.PROBE, PAGE)),
        (f"/{PAGE}?fields=id,name,about,emails", Route(Call.PAGE, PAGE)),
        ("/9_5?fields=id,message,comment_count", Route(Call.COMMENT, "9_5")),
        ("/9?fields=id,images,album", Route(Call.PHOTO, "9")),
        ("/9?fields=id,created_time", Route(Call.OBJECT, "9")),
        ("/9", Route(Call.OBJECT, "9")),
        ("", None),
    ],
)
def test_the_call_of_an_address(path: str, expected: Any) -> None:
    """Whatever the server and the version."""
    assert route_of(f"{ROOT}{path}") == expected
    assert route_of(f"http://gateway.test/fb/v31.0{path}") == expected


def test_a_page_that_vanished_is_for_a_person_to_look_at() -> None:
    """Deleted, unpublished, or a lost permission: the answer is the same."""
    server = Server()
    server.refused[PAGE] = MISSING
    done = carry_out(server, task(TaskKind.PROFILE))
    assert [one.meaning for one in done.verdicts] == [Meaning.ACCESS_LOST]
