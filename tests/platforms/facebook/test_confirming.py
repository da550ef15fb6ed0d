"""Gone or not to be seen: one and the same answer, told apart by what stands beside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.task import Meaning, TaskKind
from archiver.platforms.facebook.confirming import NO_SIBLING, UNPUBLISHED, UNSAID
from tests.platforms.facebook_world import MISSING, NOW, PAGE, Carried, Server, carry_out, fault, page, stamp, task

POST, COMMENTED = f"{PAGE}_910000000000301", f"{PAGE}_910000000000302"
COMMENT = "910000000000302_555000000000001"


def city() -> Server:
    """A page with three posts, one of them with two comments."""
    server = Server()
    for n in range(1, 4):
        server.post(910000000000300 + n, at=NOW - timedelta(days=n))
    server.comment(COMMENTED, 555000000000001)
    server.comment(COMMENTED, 555000000000002)
    return server


def confirm(server: Server, *native_ids: str) -> Carried:
    """A confirmation of these."""
    return carry_out(server, task(TaskKind.CONFIRM, *(f"facebook:{one}" for one in native_ids)))


def test_a_post_is_gone_by_its_own_answer_after_the_page_and_a_post_beside() -> None:
    """In this order; the basis quotes the platform, and no cause is given."""
    server = city()
    server.delete(POST)
    done = confirm(server, POST)
    assert done.paths == [PAGE, f"{PAGE}/published_posts", POST]
    assert list(done.gone) == [f"facebook:{POST}"]
    assert done.gone[f"facebook:{POST}"].startswith("100/33 Unsupported get request")


def test_a_comment_is_asked_for_by_its_number_then_by_its_whole_id() -> None:
    """Some are found by their number only, so the first answer says nothing."""
    server = city()
    server.delete(COMMENT)
    done = confirm(server, COMMENT)
    assert done.paths[-3:] == [f"{COMMENTED}/comments", "555000000000001", COMMENT]
    assert list(done.gone) == [f"facebook:{COMMENT}"]


def test_a_comment_that_only_its_number_finds_is_there() -> None:
    """And is seen again."""
    server = city()
    del server.objects[COMMENT]
    done = confirm(server, COMMENT)
    assert done.gone == {}
    assert f"facebook:{COMMENT}" in done.keys
    assert done.paths[-1] == "555000000000001"


def test_a_comment_of_the_first_years_is_asked_for_by_its_whole_id_alone() -> None:
    """Its number was counted in each post."""
    server = city()
    done = confirm(server, "910000000000302_17")
    assert "17" not in done.paths
    assert list(done.gone) == ["facebook:910000000000302_17"]


def test_what_is_there_is_seen() -> None:
    """Whatever list left it out."""
    done = confirm(city(), POST, COMMENT)
    assert done.gone == {}
    assert {f"facebook:{POST}", f"facebook:{COMMENT}"} <= set(done.keys)


DOUBTS: list[tuple[str, Any, str]] = [
    ("the page is not published", lambda s: s.objects[PAGE].update(is_published=False), UNPUBLISHED),
    ("it is not said whether it is", lambda s: s.objects[PAGE].pop("is_published"), UNSAID),
    ("lists are silent", lambda s: setattr(s, "silent", True), NO_SIBLING),
    ("the posts are refused", lambda s: s.refused.update(feed=fault(10), published_posts=fault(12)), "12"),
    ("the comments are refused", lambda s: s.refused.update(comments=fault(10)), "lacks a permission"),
]


@pytest.mark.parametrize(("sentence", "what", "reason"), DOUBTS)
def test_no_id_is_asked_for_in_doubt(sentence: str, what: Any, reason: str) -> None:
    """Nothing is gone because the token sees less; the clerk hears why."""
    server = city()
    server.delete(COMMENT)
    what(server)
    done = confirm(server, COMMENT)
    assert done.gone == {}, sentence
    assert reason in done.short()["removals"], sentence
    assert COMMENT not in done.paths


@pytest.mark.parametrize(("code", "subcode"), [(190, 460), (10, None)])
def test_a_token_that_died_ends_the_round_before_anything_is_asked(code: int, subcode: int | None) -> None:
    """By the verdict on the first probe."""
    server = city()
    server.delete(POST)
    server.refused[PAGE] = fault(code, subcode)
    done = confirm(server, POST)
    assert [one.meaning for one in done.verdicts] == [Meaning.ACCESS_LOST]
    assert done.gone == {}


def test_a_page_that_is_not_there_itself_says_nothing_of_its_posts() -> None:
    """It is about the page, or about the token: a person must look."""
    server = city()
    server.refused[PAGE] = MISSING
    done = confirm(server, POST)
    assert [one.meaning for one in done.verdicts] == [Meaning.ACCESS_LOST]
    assert "was deleted or unpublished" in done.verdicts[0].detail


def test_comments_that_are_counted_and_not_shown_confirm_nothing() -> None:
    """Silence below one post; the records of others are asked for all the same."""
    server = city()
    server.delete(COMMENT)
    server.delete(POST)
    server.lists[f"{COMMENTED}/comments"].clear()
    server.uncounted[COMMENTED] = 2
    done = confirm(server, COMMENT, POST)
    assert list(done.gone) == [f"facebook:{POST}"]
    assert done.short()["removals"] == NO_SIBLING
    assert done.covered("removals") == []


def emptied() -> Server:
    """The only comments of the page are gone: none is counted, none listed."""
    server = city()
    for number in (1, 2):
        server.delete(f"910000000000302_55500000000000{number}")
    return server


@pytest.mark.parametrize("below", ["a post that is asked about, too", "any post"])
def test_the_last_comment_of_a_post_is_gone_where_the_token_sees_another(below: str) -> None:
    """Below a post that is probed anyway, or else below one of the newest."""
    server = emptied()
    for number in (8, 9):
        server.comment(f"{PAGE}_910000000000303", 555000000000000 + number)
    missing = "910000000000303_555000000000008"
    server.delete(missing)
    probed = [missing] if below != "any post" else []
    done = confirm(server, COMMENT, *probed)
    assert list(done.gone) == [f"facebook:{one}" for one in (COMMENT, *probed)]
    assert done.paths.count(f"{PAGE}/published_posts") == (1 if probed else 2)
    assert len(done.covered("removals")) == 1


@pytest.mark.parametrize("post_too", [False, True])
def test_the_last_comment_of_all_is_not_taken_for_gone(post_too: bool) -> None:
    """A token that may not see comments is shown just that: no count, no comment. Posts are asked for all the same."""
    server = emptied()
    server.delete(POST)
    if post_too:
        server.delete(COMMENTED)
    done = confirm(server, COMMENT, POST)
    assert list(done.gone) == [f"facebook:{POST}"]
    assert done.short()["removals"] == NO_SIBLING
    assert (done.covered("removals"), COMMENT in done.paths) == ([], False)


def test_a_comment_below_a_photo_is_probed_by_the_photo() -> None:
    """The number before it is no post's."""
    server = city()
    server.objects["910000000000400"] = {"id": "910000000000400"}
    server.comment("910000000000400", 555000000000009)
    server.comment("910000000000400", 555000000000010)
    server.delete("910000000000400_555000000000009")
    done = confirm(server, "910000000000400_555000000000009")
    assert f"{PAGE}_910000000000400/comments" in done.paths
    assert "910000000000400/comments" in done.paths
    assert list(done.gone) == ["facebook:910000000000400_555000000000009"]


def test_a_page_whose_last_post_was_removed_shows_an_album_beside() -> None:
    """A list that is empty says nothing; another that is not shows that the token sees."""
    server = Server()
    server.list(f"{PAGE}/albums", {"id": "900000000000001", "created_time": stamp(NOW), "name": "Profile pictures"})
    done = confirm(server, POST)
    assert done.paths == [PAGE, f"{PAGE}/published_posts", f"{PAGE}/feed", f"{PAGE}/albums", POST]
    assert list(done.gone) == [f"facebook:{POST}"]


def test_things_of_any_kind_are_confirmed_by_what_all_have() -> None:
    """A bare number does not tell whether it is a photo, a video or an event."""
    server = city()
    server.objects["910000000000400"] = {"id": "910000000000400", "created_time": stamp(NOW)}
    done = confirm(server, "910000000000400", "910000000000401")
    assert "facebook:910000000000400" in done.keys
    assert list(done.gone) == ["facebook:910000000000401"]


def test_two_numbers_may_be_a_post_on_somebody_else_s_timeline() -> None:
    """Fields of comments are refused by the object's kind, not by the version: nothing is dropped for good."""
    server = city()
    elsewhere = "7100000000000002_910000000000777"
    server.objects["910000000000777"] = server.objects[elsewhere] = {"id": elsewhere, "created_time": stamp(NOW)}
    wrong = fault(100, message="(#100) Tried accessing nonexisting field (comment_count) on node type (PagePost)")
    server.before = lambda server, spec: server.refused.update(
        {"910000000000777": wrong if "comment_count" in spec.url else None}  # type: ignore[dict-item]
    )
    done = confirm(server, elsewhere)
    assert f"facebook:{elsewhere}" in done.keys
    assert (done.gone, done.facts) == ({}, {})


def test_messages_are_never_confirmed_gone() -> None:
    """Beyond the newest twenty of a conversation all of them answer as if they had been deleted."""
    done = confirm(city(), "m_123", "t_9", "mid.7")
    assert (done.paths, done.gone, done.findings) == ([], {}, [])


def test_the_profile_is_confirmed_by_the_page() -> None:
    """Its key is the page's."""
    done = carry_out(city(), task(TaskKind.CONFIRM, f"facebook:{PAGE}", account=page()))
    assert f"facebook:{PAGE}" in done.keys
