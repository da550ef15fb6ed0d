"""Posts, people and files as X gives them out; what refers to what; and what can't be shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.sandbox.images import picture
from archiver.sandbox.model import PollQuestion, Standing
from archiver.sandbox.x.model import XPost
from archiver.sandbox.x.parameters import (
    MEDIA_FIELDS,
    PLACE_FIELDS,
    POLL_FIELDS,
    POST_EXPANSIONS,
    POST_FIELDS,
    PRIVATE_METRICS,
    USER_FIELDS,
)
from tests.sandbox.conftest import Reply, ask
from tests.sandbox.x.conftest import Caller

EVERYTHING = {
    "tweet_fields": ",".join(sorted(POST_FIELDS - PRIVATE_METRICS)),
    "expansions": ",".join(sorted(POST_EXPANSIONS)),
    "media_fields": ",".join(sorted(MEDIA_FIELDS)),
    "poll_fields": ",".join(sorted(POLL_FIELDS)),
    "place_fields": ",".join(sorted(PLACE_FIELDS)),
    "user_fields": ",".join(sorted(USER_FIELDS)),
}


def _shown(call: Caller, post: XPost) -> dict[str, Any]:
    found: dict[str, Any] = call.ok(f"tweets/{post.latest.id}", **EVERYTHING)["data"]
    return found


def _file(url: str) -> Reply:
    return ask(url)


def test_without_fields_there_are_three_members(call: Caller) -> None:
    """Number, text and the numbers of all versions."""
    post = call.x.post(call.account, "Hello")
    assert call.ok(f"tweets/{post.id}") == {
        "data": {"id": post.id, "text": "Hello", "edit_history_tweet_ids": [post.id]}
    }


@pytest.mark.parametrize(
    "text",
    [
        "Plain",
        "a & b < c > d &amp; #Tag $CASH",
        "See https://mapleford.example/a?b=1&c=2 and #Schnee ❄️ 👩‍👩‍👧 @nobody",
        "Wörter \U0001f468\u200d\U0001f469\u200d\U0001f467 #Straße https://example.org/x",
    ],
)
def test_entities_are_where_they_say(call: Caller, text: str) -> None:
    """Positions count code points of the escaped text; addresses are short links of 23 letters."""
    post = call.x.post(call.account, f"{text} @{call.account.handle}", at=call.x.now() - timedelta(days=1))
    shown = _shown(call, post)
    for kind, sign, member in (("hashtags", "#", "tag"), ("cashtags", "$", "tag"), ("mentions", "@", "username")):
        for one in shown["entities"].get(kind, []):
            assert shown["text"][one["start"] : one["end"]] == sign + one[member]
    for one in shown["entities"].get("urls", []):
        assert shown["text"][one["start"] : one["end"]] == one["url"]
        assert len(one["url"]) == 23
    assert "https://mapleford" not in shown["text"]
    assert [one["id"] for one in shown["entities"]["mentions"]] == [call.account.id]


def test_a_long_post(call: Caller) -> None:
    """``text`` is the beginning, with a link to the rest; all of it is in the note."""
    words = "All about the water main, in full. " * 20
    post = call.x.post(call.account, words + "https://mapleford.example/main")
    shown = _shown(call, post)
    assert len(shown["text"]) < 300
    assert "… https://t.co/" in shown["text"]
    assert shown["note_tweet"]["text"].startswith(words)
    (link,) = shown["note_tweet"]["entities"]["urls"]
    assert link["expanded_url"] == "https://mapleford.example/main"


def test_an_edit_is_a_post_of_its_own(call: Caller) -> None:
    """Both versions can be read, each lists both, the conversation is that of the first, the timeline has the last."""
    post = call.x.post(call.account, "Closed al day", at=call.x.now() - timedelta(minutes=10))
    edited = call.x.edit(post, "Closed all day")
    found = call.ok("tweets", ids=f"{post.id},{edited.id}", tweet_fields="conversation_id,created_at")["data"]
    assert [one["text"] for one in found] == ["Closed al day", "Closed all day"]
    assert all(one["edit_history_tweet_ids"] == [post.id, edited.id] for one in found)
    assert {one["conversation_id"] for one in found} == {post.id}
    assert [one["id"] for one in call.every(f"users/{call.account.id}/tweets")] == [edited.id]
    call.x.delete(post)
    assert "data" not in call.ok("tweets", ids=f"{post.id},{edited.id}")


def test_pictures_and_films(call: Caller) -> None:
    """A photo is small unless its original is asked for; a film has renditions; both go with their post."""
    shot, film = picture(1, "A bridge"), picture(2, None, mime="video/mp4")
    post = call.x.post(call.account, "Look", pictures=[shot, film])
    answer = call.ok(f"tweets/{post.id}", **EVERYTHING)
    photo, video = answer["includes"]["media"]
    assert (photo["type"], photo["alt_text"], video["type"]) == ("photo", "A bridge", "video")
    assert _file(photo["url"]).body != shot.data
    assert _file(photo["url"] + "?name=orig").body == shot.data
    files = {one.get("bit_rate"): one["url"] for one in video["variants"]}
    assert _file(files[2_176_000]).body == film.data
    assert _file(files[256_000]).body != film.data
    assert "url" not in video
    call.x.delete(post)
    assert _file(photo["url"]).status == 404


def test_a_poll_closes(call: Caller) -> None:
    """By the clock."""
    poll = PollQuestion("77", ("Yes", "No"), [3, 4], call.x.now() + timedelta(hours=1))
    post = call.x.post(call.account, "Well?", poll=poll)
    for status in ("open", "closed"):
        (found,) = call.ok(f"tweets/{post.id}", **EVERYTHING)["includes"]["polls"]
        assert (found["voting_status"], found["options"][1]["votes"]) == (status, 4)
        call.x.world.advance(timedelta(hours=2))


def test_a_repost_is_cut(call: Caller) -> None:
    """After 140 letters; the whole stands in what it refers to, and both go together."""
    words = "Smoke alarm giveaway on Saturday at Station 2. " * 5
    original = call.x.post(call.people[0], words)
    again = call.x.repost(call.account, original)
    answer = call.ok(f"tweets/{again.id}", **EVERYTHING)
    assert len(answer["data"]["text"]) == 140
    assert answer["data"]["referenced_tweets"] == [{"type": "retweeted", "id": original.id}]
    assert words.strip() in answer["includes"]["tweets"][0]["text"]
    call.x.delete(original)
    assert "data" not in call.ok(f"tweets/{again.id}")


def test_what_an_answer_refers_to_and_cannot_show(call: Caller) -> None:
    """Is missing from what it includes, and told in errors; the answer itself is none."""
    theirs = call.x.post(call.people[0], "Mine alone")
    answer = call.x.reply(call.account, theirs, "Thank you")
    call.x.protect(call.people[0])
    told = call.ok("tweets", ids=answer.id, **EVERYTHING)
    (error,) = told["errors"]
    assert (error["title"], error["section"], error["resource_id"]) == ("Authorization Error", "includes", theirs.id)
    assert told["data"][0]["id"] == answer.id


def test_gone_protected_and_never_there(call: Caller) -> None:
    """In one look-up: what can be seen is data; of the rest one is unauthorized, and the others are not told apart."""
    one, two, three = call.people
    there, gone, kept, banned = (
        call.x.post(call.account, "There"),
        call.x.post(one, "Gone"),
        call.x.post(two, "Kept"),
        call.x.post(three, "Banned"),
    )
    call.x.delete(gone)
    call.x.protect(two)
    call.x.world.suspend(three)
    answer = call.ok("tweets", ids=f"{there.id},{gone.id},{kept.id},{banned.id},12")
    assert [post["id"] for post in answer["data"]] == [there.id]
    titles = {error["resource_id"]: error["title"] for error in answer["errors"]}
    not_found = "Not Found Error"
    assert titles == {gone.id: not_found, kept.id: "Authorization Error", banned.id: not_found, "12": not_found}


def test_people(call: Caller) -> None:
    """A suspended one is forbidden, a closed one is not found, a protected one is shown as such."""
    one, two, three = call.people
    call.x.world.suspend(one)
    call.x.world.suspend(two, Standing.DELETED)
    call.x.protect(three)
    answer = call.ok("users", ids=f"{one.id},{two.id},{three.id}", user_fields="protected")
    assert [error["title"] for error in answer["errors"]] == ["Forbidden", "Not Found Error"]
    assert answer["data"] == [
        {"id": three.id, "name": three.profile.display_name, "username": three.handle, "protected": True}
    ]
    assert call.ok("users/me")["data"]["username"] == call.account.handle
    assert call.ok(f"users/by/username/{call.account.handle.upper()}")["data"]["id"] == call.account.id


def test_a_single_post_that_is_missing(call: Caller) -> None:
    """Is 200 with errors by the recordings, 404 by the prose."""
    answer = call.get("tweets/12")
    assert (answer.status, "data" in answer.json) == (200, False)
    call.api.quirks.single_404 = True
    assert call.get("tweets/12").status == 404


def test_the_new_names(call: Caller) -> None:
    """Answers have them under one switch, and parameters, too, under another; then the old ones are refused."""
    original = call.x.post(call.people[0], "Theirs")
    call.x.repost(call.account, original)
    path = f"users/{call.account.id}/tweets"
    params = {"expansions": "referenced_tweets.id"}
    call.api.quirks.names = "post answers"
    answer = call.ok(path, tweet_fields="referenced_tweets,public_metrics", **params)
    assert answer["data"][0]["referenced_posts"] == [{"type": "retweeted", "id": original.id}]
    assert answer["includes"]["posts"][0]["edit_history_post_ids"] == [original.id]
    assert "repost_count" in answer["data"][0]["public_metrics"]
    call.api.quirks.names = "post"
    assert call.get(path, tweet_fields="referenced_tweets").status == 400
    assert call.ok(path, post_fields="referenced_posts", expansions="referenced_posts")["includes"]["posts"]


def test_undocumented_members(call: Caller) -> None:
    """Come when they are switched on."""
    post = call.x.post(call.account, "Hello")
    call.api.quirks.extra_fields = True
    assert "x_mood" in call.ok(f"tweets/{post.id}")["data"]
