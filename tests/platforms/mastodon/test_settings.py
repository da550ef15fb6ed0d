"""Blocks, mutes and filters: asked for with the account's own token only, read whole, or said not to be given."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.domain.observation import SettingSeen
from archiver.domain.page_settings import Member, SettingName
from archiver.domain.task import Meaning, NotOffered, TaskKind
from archiver.platforms.mastodon import settings
from tests.platforms.mastodon_world import ANN, BASE, BOB, PEOPLE, Carried, Server, account, carry_out, city, task

LOGIN = city(authenticated=True)
PATHS = ["/api/v1/blocks", "/api/v1/mutes", "/api/v1/domain_blocks", "/api/v2/filters"]
FORBIDDEN = (403, [("Content-Type", "application/json")], b'{"error":"This action is outside the authorized scopes"}')


def visit(server: Server, **more: Any) -> Carried:
    """A visit of the profile with the account's token."""
    return carry_out(server, task(TaskKind.PROFILE, account=LOGIN, **more))


def seen(done: Carried) -> dict[str, list[tuple[str, bool, bool]]]:
    """What was seen of each setting: the entries, and whether the list begins and ends there."""
    found: dict[str, list[tuple[str, bool, bool]]] = {}
    for one in done.observations:
        if isinstance(one, SettingSeen):
            words = ", ".join(member.words for member in one.members)
            found.setdefault(str(one.setting), []).append((words, one.first, one.last))
    return found


def paths(done: Carried) -> list[str]:
    """The calls about settings, without their parameters."""
    return [url.partition("?")[0] for url in done.urls if url.partition("?")[0] in PATHS]


def test_each_setting_is_looked_at_with_the_profile() -> None:
    """Once a day, as long lists as the server gives."""
    server = Server(blocked=[PEOPLE[ANN]], muted=[PEOPLE[BOB]], blocked_servers=["spam.example"])
    done = visit(server)
    assert paths(done) == PATHS
    assert seen(done) == {
        "blocked_users": [("@ann@elsewhere.example", True, True)],
        "muted_users": [("@bob", True, True)],
        "blocked_servers": [("spam.example", True, True)],
        "filters": [("", True, True)],
    }
    assert settings.STREAM not in done.never()


def test_a_long_list_comes_in_pages() -> None:
    """The first and the last of them say so."""
    server = Server(page_most=2, blocked=[account(str(number), f"troll{number}") for number in range(5, 0, -1)])
    assert seen(visit(server))["blocked_users"] == [
        ("@troll5, @troll4", True, False), ("@troll3, @troll2", False, False), ("@troll1", False, True),
    ]  # fmt: skip


def test_a_list_that_goes_round_in_circles_is_left() -> None:
    """It is no whole look, and the rest of the visit goes on."""

    class Circle(Server):
        def _paged(self, path: str, entries: Any, query: Any) -> Any:
            return 200, [("Link", f'<{BASE}{path}?max_id=7>; rel="next"')], b'[{"id": "7", "acct": "x"}]'

    done = visit(Circle())
    assert not any(last for _, _, last in seen(done)["blocked_users"])
    assert paths(done)[-1] == PATHS[-1]
    assert len(done.urls) < 40
    assert settings.STREAM in done.never()


@pytest.mark.parametrize("answer", [FORBIDDEN, (404, [], b"{}"), (200, [("Content-Type", "text/html")], b"<html>")])
def test_what_the_server_or_the_token_does_not_give_is_said(answer: Any) -> None:
    """A token with the scopes of before goes on as before."""

    class Narrow(Server):
        def _api(self, path: str, query: Any, *, token: bool) -> Any:
            return answer if path in PATHS else super()._api(path, query, token=token)

    done = visit(Narrow())
    assert {verdict.meaning for verdict in done.verdicts} == {Meaning.PROCEED}
    assert seen(done) == {}
    reasons = {one.reason for one in done.findings if isinstance(one, NotOffered) and one.stream == settings.STREAM}
    assert reasons == {settings.NO_SCOPE if answer is FORBIDDEN else settings.NO_CALL}


@pytest.mark.parametrize(("own", "token"), [(BOB, "valid"), (None, None)], ids=["a colleague's token", "no token"])
def test_only_the_accounts_own_settings_are_asked_for(own: str | None, token: str | None) -> None:
    """A colleague's blocks are no records of the city."""
    server = Server(own=own) if own else Server()
    done = visit(server) if token else carry_out(server, task(TaskKind.PROFILE))
    assert paths(done) == []


FILTER = {
    "id": "3", "title": "Rude", "context": ["home", "notifications"], "filter_action": "hide", "expires_at": None,
    "keywords": [{"id": "7", "keyword": "idiot", "whole_word": True}, {"id": "8", "keyword": "scam", "whole_word": False}],
    "statuses": [{"id": "9", "status_id": "100"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "members"),
    [
        (
            FILTER,
            [
                ("3/7", "“idiot” as a whole word in the filter “Rude”: hide in home, notifications"),
                ("3/8", "“scam” in the filter “Rude”: hide in home, notifications"),
                ("3/post 9", "post 100 in the filter “Rude”: hide in home, notifications"),
            ],
        ),
        ({"id": "4", "title": "Empty"}, [("4/", "filter “Empty”: warn in no place")]),
        (
            {"id": "5", "title": "x", "context": ["public", 3], "expires_at": "2027-01-01", "keywords": "?"},
            [("5/", "filter “x”: warn in public, until 2027-01-01")],
        ),
        ({"title": "without an id"}, []),
        ("no object", []),
    ],
)
def test_a_filter_is_a_member_for_each_of_its_words(one: Any, members: list[tuple[str, str]]) -> None:
    """So one more word is one change; what is shaped in another way is left out."""
    (found,) = [
        one
        for one in visit(Server(filters=[one])).observations
        if isinstance(one, SettingSeen) and one.setting is SettingName.FILTERS
    ]
    assert found.members == tuple(Member(*member) for member in members)
