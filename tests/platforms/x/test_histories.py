"""What becomes of X's answers in the store: edits, removals and returns that an attorney could defend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.item import Cause, State
from archiver.domain.observation import AccountSeen
from archiver.platforms.x.desk import VERSIONS
from archiver.services.ingest import Ingested
from archiver.store import items
from archiver.store.items import Stored
from tests.platforms.x.test_reading import (
    ANN,
    BOB,
    CITY,
    FIRST,
    NAMES,
    REFUSED,
    SECOND,
    THIRD,
    USERS,
    answer,
    post,
    problem,
    shown,
)
from tests.services.house import House, built

LATER = {"created_at": "2026-11-08T10:12:00.000Z", "conversation_id": FIRST}
OLD = post(FIRST, text="al day", edit_history_tweet_ids=[FIRST, SECOND])
NEW = post(SECOND, text="all day", edit_history_tweet_ids=[FIRST, SECOND], **LATER)
CONFIRM: dict[str, Any] = {"kind": "confirm", "query": VERSIONS}
ASKED = f"tweets?ids={FIRST}"


class Archive:
    """A store that X's answers go into."""

    def __init__(self, house: House) -> None:
        self.house = house
        house.show(AccountSeen(CITY, "ExampletonCity"))

    def take(self, body: Any, path: str = f"users/{CITY}/tweets", **more: Any) -> Ingested:
        """One answer."""
        return self.house.show(*shown(body, path, **more))

    def held(self, post_id: str = FIRST) -> Stored:
        """What the store has of a post."""
        with self.house.store.read() as conn:
            return items.stored(conn, [NAMES.post(post_id)])[NAMES.post(post_id)]

    def versions(self) -> list[tuple[Any, ...]]:
        """Version rows of the first post, in the order of learning."""
        return self.house.rows(
            "SELECT v.basis, v.text, v.state FROM versions v JOIN items i ON i.id = v.item_id "
            f"WHERE i.key = 'x:{FIRST}' ORDER BY v.ordinal"
        )  # fmt: skip

    def events(self, post_id: str = FIRST) -> list[str]:
        """What happened to a post."""
        query = (
            f"SELECT e.event FROM events e JOIN items i ON i.id = e.item_id WHERE i.key = 'x:{post_id}' ORDER BY e.id"
        )
        return [row[0] for row in self.house.rows(query)]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive of the city's account."""
    with built(tmp_path / "x.sqlite", Account("city", "x", "ExampletonCity")) as house:
        yield Archive(house)


def test_an_edit_is_a_version_of_one_record(archive: Archive) -> None:
    """Its new id is another name of it, by which answers find it."""
    archive.take(answer(post(FIRST, text="al day")))
    assert archive.take(answer(NEW)).edited == 1
    assert archive.versions() == [("first", "al day", "live"), ("edit", "all day", "live")]
    reply = post(
        THIRD, ANN, conversation_id=FIRST, in_reply_to_user_id=CITY,
        referenced_tweets=[{"type": "replied_to", "id": SECOND}],
    )  # fmt: skip
    archive.take(answer(reply), f"tweets/search/recent?query=conversation_id:{FIRST}")
    assert (archive.held(THIRD).parent, archive.held(THIRD).thread, archive.held(THIRD).kind) == (
        f"x:{FIRST}", f"x:{FIRST}", "comment",
    )  # fmt: skip


def test_a_version_that_nobody_saw_is_fetched_by_the_first_id(archive: Archive) -> None:
    """First seen edited; the look-up brings the whole chain, and twice adds nothing."""
    archive.take(answer(NEW))
    assert archive.take(answer(OLD, tweets=[NEW]), ASKED, **CONFIRM).edited == 1
    assert [(basis, words) for basis, words, _ in archive.versions()] == [("first", "all day"), ("history", "al day")]
    assert archive.take(answer(OLD, tweets=[NEW]), ASKED, **CONFIRM).changes == 0
    assert archive.take(answer(NEW)).changes == 0


@pytest.mark.parametrize("known", [post(FIRST, text="al day"), NEW], ids=["the old one known", "the new one known"])
def test_an_old_version_takes_nothing_back(archive: Archive, known: dict[str, Any]) -> None:
    """Whoever shows it: a confirmation without the newest version, or a reference to the old one."""
    archive.take(answer(known))
    before = archive.held().known.facets
    archive.take(answer(OLD), ASKED, **CONFIRM)
    archive.take(answer(tweets=[OLD]), "tweets/search/recent?query=a")
    assert archive.held().known.facets == before
    assert "edited" not in archive.events()[:1]


def test_gone_and_back_again(archive: Archive) -> None:
    """A suspension that was lifted, or whatever else; X says no more than that it is not there."""
    archive.take(answer(post()))
    archive.take(answer(errors=[problem(FIRST)]), ASKED, **CONFIRM)
    assert (archive.held().known.state, archive.held().known.cause) == (State.GONE, None)
    archive.take(answer(errors=[problem(FIRST)]), ASKED, **CONFIRM)
    archive.take(answer(OLD), ASKED, **CONFIRM)
    assert (archive.held().known.state, archive.events()) == (State.LIVE, ["seen", "gone", "restored"])


def test_a_removal_by_a_later_version_s_id_is_the_record_s(archive: Archive) -> None:
    """Deleting any version deletes all."""
    archive.take(answer(NEW))
    archive.take(answer(errors=[problem(SECOND)]), f"tweets?ids={SECOND}", **CONFIRM)
    assert archive.held().known.state is State.GONE


@pytest.mark.parametrize(
    ("of_author", "cause", "events"),
    [
        (problem(ANN, title="Forbidden"), Cause.AUTHOR_SUSPENDED, ["seen", "gone", "explained"]),
        (problem(ANN), None, ["seen", "gone", "explained"]),
        (None, None, ["seen", "gone"]),
    ],
    ids=["suspended", "closed", "there"],
)
def test_why_a_resident_s_answer_is_gone(
    archive: Archive, of_author: Any, cause: Cause | None, events: list[str]
) -> None:
    """Never "deleted": suspended where X says so of the author, else unknown, with what X said of them."""
    archive.take(answer(post(SECOND, ANN)), "tweets/search/recent?query=a")
    archive.take(answer(errors=[problem(SECOND)]), f"tweets?ids={SECOND}", **CONFIRM)
    users = {"errors": [of_author]} if of_author else {"data": [USERS[1]]}
    for _ in range(2):
        archive.take(users, f"users?ids={ANN}", kind="confirm", query=())
    assert (archive.held(SECOND).known.state, archive.held(SECOND).known.cause) == (State.GONE, cause)
    assert archive.events(SECOND) == events


def test_a_protected_author_s_answer_is_hidden_until_it_can_be_read_again(archive: Archive) -> None:
    """It may also be that the author has blocked the account; only what X says of the author is a cause."""
    archive.take(answer(post(SECOND, ANN)), "tweets/search/recent?query=a")
    archive.take(answer(errors=[problem(SECOND, REFUSED, "Authorization Error")]), f"tweets?ids={SECOND}", **CONFIRM)
    assert (archive.held(SECOND).known.state, archive.held(SECOND).known.cause) == (State.HIDDEN, None)
    archive.take({"data": [USERS[1] | {"protected": True}]}, f"users?ids={ANN}", kind="confirm", query=())
    assert archive.held(SECOND).known.cause is Cause.AUTHOR_PROTECTED
    archive.take(answer(post(SECOND, ANN)), f"tweets?ids={SECOND}", **CONFIRM)
    assert (archive.held(SECOND).known.state, archive.held(SECOND).known.cause) == (State.LIVE, None)
    assert archive.events(SECOND) == ["seen", "hidden", "explained", "unhidden"]


def test_what_is_for_followers_is_not_shown_again_by_an_answer_without_its_author(archive: Archive) -> None:
    """Most look-ups leave the authors out, for the price; that they are silent on protection is no event."""
    alone = answer(post(SECOND, BOB)) | {"includes": {}}
    for body in (answer(post(SECOND, BOB)), alone, answer(post(SECOND, BOB)), alone):
        archive.take(body, f"tweets?ids={SECOND}", **CONFIRM)
    assert (archive.held(SECOND).known.state, archive.held(SECOND).known.visibility) == (State.LIVE, "followers")
    assert archive.events(SECOND) == ["seen"]


def test_who_begins_to_protect_their_posts_edits_none_of_them(archive: Archive) -> None:
    """From then on they are for followers, as one sees who follows."""
    archive.take(answer(post(SECOND, ANN)), "tweets/search/recent?query=a")
    now = answer(post(SECOND, ANN))
    now["includes"]["users"] = [one | {"protected": True} for one in now["includes"]["users"]]
    archive.take(now, "tweets/search/recent?query=a")
    assert archive.held(SECOND).known.visibility == "followers"
    assert archive.events(SECOND) == ["seen"]


def test_a_poll_s_votes_and_a_link_s_card_are_no_edits(archive: Archive) -> None:
    """They move by themselves."""
    asked = post(
        attachments={"poll_ids": ["5"]}, public_metrics={"like_count": 1},
        entities={"urls": [{"start": 0, "end": 5, "url": "https://t.co/a", "expanded_url": "https://a.example"}]},
    )  # fmt: skip
    poll = {
        "id": "5",
        "options": [{"position": 1, "label": "Elm", "votes": 1}, {"position": 2, "label": "River", "votes": 2}],
    }
    archive.take(answer(asked, polls=[poll]))
    later = asked | {
        "public_metrics": {"like_count": 9},
        "entities": {"urls": [asked["entities"]["urls"][0] | {"title": "A"}]},
    }
    options = [{"position": 1, "label": "Elm", "votes": 11}, {"position": 2, "label": "River", "votes": 20}]
    assert archive.take(answer(later, polls=[poll | {"options": options}])).changes == 0


def test_a_short_look_leaves_what_a_better_one_showed(archive: Archive) -> None:
    """Media that an answer does not show, and the beginning of a long text, take nothing away."""
    whole = post(text="The be…", note_tweet={"text": "The beginning and the end"}, attachments={"media_keys": ["3_7"]})
    archive.take(answer(whole, media=[{"media_key": "3_7", "type": "photo", "url": "https://pbs.example/a.jpg"}]))
    before = archive.held().known.facets
    assert archive.take(answer(whole)).changes == 0
    assert archive.take({"data": [post(text="The be… https://t.co/x")]}, query=[]).changes == 0
    assert archive.held().known.facets == before


def test_an_original_that_can_be_seen_again_completes_the_repost(archive: Archive) -> None:
    """And is no edit of it."""
    repost = post(FIRST, text="RT @ann: All of…", referenced_tweets=[{"type": "retweeted", "id": SECOND}])
    archive.take(answer(repost))
    archive.take(answer(repost, tweets=[post(SECOND, ANN, text="All of the words")]))
    assert archive.events() == ["seen"]
    assert archive.versions()[-1][1] == "All of the words"
    assert archive.take(answer(repost)).changes == 0
