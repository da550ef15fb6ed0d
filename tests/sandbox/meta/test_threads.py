"""Threads: lists without a next page, conversations, what is hidden, waits or ends, and who sees what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.images import picture
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.threads_profiles import ThreadsProfiles, place, poll
from tests.sandbox.conftest import ask
from tests.sandbox.meta.profiles import NOW, Host, bare

ACCOUNT = "city-threads"


@pytest.fixture
def host() -> Iterator[Host]:
    """An account without posts, for one test."""
    with SandboxCity(seed=7, size=bare(ACCOUNT), now=NOW) as city:
        yield Host(city, ACCOUNT, "v1.0")


@pytest.fixture
def profiles(host: Host) -> ThreadsProfiles:
    """What can be done there."""
    return host.city.hosts.threaders


@pytest.fixture
def thread(host: Host, profiles: ThreadsProfiles) -> dict[str, Thing]:
    """A post with a continuation, an answer, an answer of the city, and one to that, a minute apart."""
    at = NOW - timedelta(hours=2)
    post = profiles.post(host.person, "Leaves", at=at)
    more = profiles.reply(host.person, post, "(2/2) Details", at=at + timedelta(minutes=1))
    first = profiles.reply(host.resident(0), post, "What about Oak?", at=at + timedelta(minutes=2))
    answer = profiles.reply(host.person, first, "Tuesday.", at=at + timedelta(minutes=3))
    third = profiles.reply(host.resident(1), answer, "Thanks", at=at + timedelta(minutes=4))
    return {"post": post, "more": more, "first": first, "answer": answer, "third": third}


def texts(answer: dict[str, Any]) -> list[str]:
    """The texts of a list."""
    return [one["text"] for one in answer["data"]]


def test_one_version_or_none(host: Host) -> None:
    """`v1.0` and no version are the same; others are no path."""
    assert host.ok("me", fields="username") == ask(f"{host.base}/me", {"fields": "username"}, token=host.token).json
    assert ask(f"{host.base}/v26.0/me", token=host.token).json["error"]["code"] == 2500
    assert host.ok("me", fields="threads_biography")["threads_biography"].startswith("Official account")
    gone = host.error("18099999999999999")
    assert (gone["code"], gone["error_subcode"], gone["type"]) == (100, 33, "THApiException")


def test_where_a_post_is_listed(host: Host, thread: dict[str, Thing]) -> None:
    """Roots in one list, what the account answered (its continuations too) in another."""
    assert texts(host.ok("me/threads", fields="text")) == ["Leaves"]
    assert texts(host.ok("me/replies", fields="text")) == ["Tuesday.", "(2/2) Details"]


def test_conversation_and_replies(host: Host, thread: dict[str, Thing]) -> None:
    """All depths, flat, of roots alone; direct answers of anything; newest first unless told otherwise."""
    root = thread["post"].id
    told = ["Thanks", "Tuesday.", "What about Oak?", "(2/2) Details"]
    assert texts(host.ok(f"{root}/conversation", fields="text")) == told
    assert texts(host.ok(f"{root}/conversation", fields="text", reverse="false")) == told[::-1]
    assert texts(host.ok(f"{root}/replies", fields="text")) == ["What about Oak?", "(2/2) Details"]
    assert texts(host.ok(f"{thread['first'].id}/replies", fields="text")) == ["Tuesday."]
    assert host.error(f"{thread['first'].id}/conversation")["code"] == 100


def test_how_a_reply_says_where_it_stands(host: Host, thread: dict[str, Thing]) -> None:
    """Root, what it answers, whose it is; a root says nothing of the kind."""
    fields = "is_reply,is_reply_owned_by_me,root_post,replied_to,hide_status,owner,username,has_replies"
    answer = host.ok(thread["answer"].id, fields=fields)
    assert answer == {
        "is_reply": True,
        "is_reply_owned_by_me": True,
        "root_post": {"id": thread["post"].id},
        "replied_to": {"id": thread["first"].id},
        "hide_status": "NOT_HUSHED",
        "owner": {"id": host.person.id},
        "username": host.person.handle,
        "has_replies": True,
        "id": thread["answer"].id,
    }
    assert host.ok(thread["post"].id, fields=fields).keys() == {"is_reply", "owner", "username", "has_replies", "id"}
    assert "owner" not in host.ok(thread["first"].id, fields=fields)


def test_without_the_scope_for_replies(host: Host, thread: dict[str, Thing]) -> None:
    """Lists of replies are refused, and fields about replies left out."""
    known = host.tokens.known(host.token)
    assert known is not None
    known.scopes.discard("threads_read_replies")
    assert host.error(f"{thread['post'].id}/conversation")["code"] == 10
    assert host.ok(thread["first"].id, fields="text,root_post,hide_status").keys() == {"text", "id"}


def test_lists_end_without_saying_so(host: Host, profiles: ThreadsProfiles) -> None:
    """Cursors on each page, no next one; past the end nothing but emptiness. With a switch, as some have seen it."""
    for number in range(7):
        profiles.post(host.person, str(number), at=NOW - timedelta(hours=9 - number))
    page = host.ok("me/threads", limit=3)
    assert set(page["paging"]) == {"cursors"}
    assert [len(host.ok("me/threads", limit=n)["data"]) for n in (7, 50)] == [7, 7]
    last = host.ok("me/threads", limit=7)["paging"]["cursors"]["after"]
    assert host.ok("me/threads", limit=7, after=last) == {"data": []}
    assert len(host.all("me/threads", limit=3)) == 7
    host.quirks.without_next.clear()
    assert host.token in host.ok("me/threads", limit=3)["paging"]["next"]


def test_since_and_until(host: Host, profiles: ThreadsProfiles) -> None:
    """Unix seconds."""
    profiles.post(host.person, "old", at=NOW - timedelta(days=9))
    profiles.post(host.person, "new", at=NOW - timedelta(days=1))
    bound = int((NOW - timedelta(days=5)).timestamp())
    assert texts(host.ok("me/threads", fields="text", since=bound)) == ["new"]
    assert texts(host.ok("me/threads", fields="text", until=bound)) == ["old"]


def test_hidden_and_shown_again(host: Host, profiles: ThreadsProfiles, thread: dict[str, Thing]) -> None:
    """A hidden answer stays listed for the owner; its state has many words."""
    seen = []
    for status in ("HIDDEN", "COVERED", "RESTRICTED", "BLOCKED"):
        profiles.hush(thread["first"], status)
        seen.append(host.ok(thread["first"].id, fields="hide_status")["hide_status"])
    profiles.unhush(thread["first"])
    seen.append(host.ok(thread["first"].id, fields="hide_status")["hide_status"])
    assert seen == ["HIDDEN", "COVERED", "RESTRICTED", "BLOCKED", "UNHUSHED"]
    assert len(host.ok(f"{thread['post'].id}/conversation")["data"]) == 4


def test_waiting_for_approval(host: Host, profiles: ThreadsProfiles, thread: dict[str, Thing]) -> None:
    """In a list of its own until the account says yes; what it turned down stays there."""
    root = thread["post"].id
    waits = profiles.reply(host.resident(2), thread["post"], "May I?", facts={"approval": "pending"})
    assert len(host.ok(f"{root}/conversation")["data"]) == 4
    told = host.ok(f"{root}/pending_replies", fields="reply_approval_status,hide_status")["data"]
    assert told == [{"reply_approval_status": "pending", "hide_status": "NOT_HUSHED", "id": waits.id}]
    profiles.ignore(waits)
    assert host.ok(f"{root}/pending_replies", approval_status="pending") == {"data": []}
    assert len(host.ok(f"{root}/pending_replies", approval_status="ignored")["data"]) == 1
    profiles.approve(waits)
    assert len(host.ok(f"{root}/conversation")["data"]) == 5


def test_posts_for_a_day(host: Host, profiles: ThreadsProfiles) -> None:
    """In a list of their own, and archived after a day."""
    profiles.ghost(host.person, "Slick roads")
    fields = "text,ghost_post_status,ghost_post_expiration_timestamp"
    (told,) = host.ok("me/ghost_posts", fields=fields)["data"]
    assert (told["ghost_post_status"], told["ghost_post_expiration_timestamp"]) == (
        "ACTIVE",
        "2026-11-23T15:00:00+0000",
    )
    host.city.world.advance(timedelta(hours=24))
    assert host.ok("me/ghost_posts", fields=fields)["data"][0]["ghost_post_status"] == "ARCHIVED"
    assert host.ok("me/threads") == {"data": []}


def test_quotes_and_fronts_of_reposts(host: Host, profiles: ThreadsProfiles) -> None:
    """Ids of what they are about, which can't be read itself."""
    theirs = profiles.post(host.resident(), "The bridge is open")
    quote = profiles.quote(host.person, theirs, "As they say", at=NOW - timedelta(minutes=2))
    front = profiles.repost(host.person, theirs, at=NOW - timedelta(minutes=1))
    fields = "media_type,text,is_quote_post,quoted_post,reposted_post"
    told = host.ok("me/threads", fields=fields)["data"]
    assert told == [
        {"media_type": "REPOST_FACADE", "is_quote_post": False, "reposted_post": {"id": theirs.id}, "id": front.id},
        {"media_type": "TEXT_POST", "text": "As they say", "is_quote_post": True, "quoted_post": {"id": theirs.id},
         "id": quote.id},
    ]  # fmt: skip
    assert host.error(theirs.id)["error_subcode"] == 33


def test_polls_places_and_long_texts(host: Host, profiles: ThreadsProfiles) -> None:
    """What few posts have."""
    asked = poll("Square", "Riverside", shares=(0.62, 0.38), votes=50, ends=NOW)
    hall = place("39000001", "City Hall", city="Maple Ford")
    facts = {"poll": asked, "location": hall, "attached": "All of it.", "topic": "Elmbrook", "gif": "https://g.example"}
    post = profiles.post(host.person, "Where?", facts=facts)
    told = host.ok(post.id, fields="poll_attachment,location_id,location,text_attachment,topic_tag,gif_url")
    assert told["poll_attachment"] == {
        "option_a": "Square",
        "option_b": "Riverside",
        "option_a_votes_percentage": 0.62,
        "option_b_votes_percentage": 0.38,
        "total_votes": 50,
        "expiration_timestamp": "2026-11-22T15:00:00+0000",
    }
    assert (told["location_id"], told["text_attachment"]) == ("39000001", {"plaintext": "All of it."})
    assert host.ok("39000001", fields="name,city") == {"name": "City Hall", "city": "Maple Ford", "id": "39000001"}


def test_parts_of_a_carousel(host: Host, profiles: ThreadsProfiles) -> None:
    """Ids alone unless unfolded; each can be read, and has a file."""
    shots = [picture(1, "A map"), picture(2, None, mime="video/mp4")]
    post = profiles.post(host.person, "Two", pictures=shots)
    assert host.ok(post.id, fields="media_type,children") == {
        "media_type": "CAROUSEL_ALBUM",
        "children": {"data": [{"id": part.id} for part in post.parts]},
        "id": post.id,
    }
    unfolded = host.ok(post.id, fields="children{media_type,media_url,alt_text}")["children"]["data"]
    assert [one["media_type"] for one in unfolded] == ["IMAGE", "VIDEO"]
    assert [one.get("alt_text") for one in unfolded] == ["A map", None]
    assert ask(host.ok(post.parts[1].id, fields="media_url")["media_url"]).body == shots[1].data
    plain = profiles.post(host.person, "None")
    assert host.ok(plain.id, fields="children,media_url") == {"id": plain.id}


def test_names_of_private_people(host: Host, thread: dict[str, Thing]) -> None:
    """Neither name nor address of what they wrote."""
    thread["first"].nameless = True
    assert host.ok(thread["first"].id, fields="username,permalink,text").keys() == {"text", "id"}


def test_who_is_seen(host: Host, profiles: ThreadsProfiles) -> None:
    """Mentions of others are a list; their other posts are not readable, nor is the rest of their thread."""
    leak = profiles.post(host.resident(0), "@maplefordcity a leak!", mentions=[host.person])
    other = profiles.reply(host.resident(1), leak, "Same here")
    answer = profiles.reply(host.person, leak, "We know.")
    assert texts(host.ok("me/mentions", fields="text")) == ["@maplefordcity a leak!"]
    assert host.ok(leak.id, fields="text")["text"].startswith("@")
    assert host.ok(answer.id, fields="replied_to")["replied_to"] == {"id": leak.id}
    stranger = profiles.post(host.resident(1), "Hello")
    assert host.error(stranger.id)["error_subcode"] == 33
    profiles.meta.delete(leak)
    assert host.error(other.id)["error_subcode"] == 33


def test_edits_and_removals_leave_no_mark(host: Host, thread: dict[str, Thing]) -> None:
    """The new text stands there; what answers a removed answer stays; a removed root takes all along."""
    meta = host.city.meta
    meta.edit(thread["post"], "Leaves, corrected")
    assert host.ok(thread["post"].id, fields="text") == {"text": "Leaves, corrected", "id": thread["post"].id}
    meta.delete(thread["first"])
    assert texts(host.ok(f"{thread['post'].id}/conversation", fields="text")) == ["Thanks", "Tuesday.", "(2/2) Details"]
    assert host.error(thread["first"].id)["error_subcode"] == 33
    meta.delete(thread["post"])
    assert host.error(thread["third"].id)["error_subcode"] == 33
    meta.restore(thread["post"])
    assert host.ok(thread["third"].id)["id"]


def test_the_limit(host: Host) -> None:
    """Code 4 with the usage of the app."""
    host.city.hosts.threads.api.usage.block(minutes=7)
    answer = host.get("me")
    assert (answer.status, answer.json["error"]["code"]) == (403, 4)
    assert '"call_count":100' in answer.headers["x-app-usage"]


def test_a_year_of_an_account() -> None:
    """The truth is what the lists give, those of pending answers too."""
    with SandboxCity(seed=7, size="threads", now=NOW) as city:
        host = Host(city, ACCOUNT, "v1.0")
        roots = host.all("me/threads") + host.all("me/ghost_posts")
        found = {one["id"] for one in roots + host.all("me/replies") + host.all("me/mentions")}
        for one in roots:
            for edge in ("conversation", "pending_replies"):
                found |= {reply["id"] for reply in host.all(f"{one['id']}/{edge}", limit=50)}
        truth = city.meta_truth(ACCOUNT)
        assert {f"threads:{one}" for one in found} == truth.records.keys()
        kinds = truth.by_kind()
        assert kinds.keys() == {"post", "comment", "reply", "quote", "share", "mention"}
        # Four hushed ones, two that wait or were turned down, and a post for a day that is over.
        assert truth.by_state()["hidden"] == 7
