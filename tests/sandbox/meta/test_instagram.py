"""Instagram in both flavours: fields, lists, comments, what ends, who may read what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.images import picture
from archiver.sandbox.meta.instagram_profiles import InstagramProfiles
from archiver.sandbox.meta.instagram_quirks import COMMENTS_SCOPE, Flavour
from archiver.sandbox.meta.model import Thing
from tests.sandbox.conftest import ask
from tests.sandbox.meta.profiles import NOW, Host, bare

ACCOUNT = "city-instagram"
SHOT, OTHER = picture(1, "A fountain"), picture(2, None, mime="image/jpeg")
FILM = picture(3, None, mime="video/mp4")


@pytest.fixture(params=["instagram", "facebook"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """With whom the owner logs in."""
    chosen: Flavour = request.param
    return chosen


@pytest.fixture
def host(flavour: Flavour) -> Iterator[Host]:
    """An account without media, for one test."""
    with SandboxCity(seed=7, size=bare(ACCOUNT), now=NOW, instagram_login=flavour) as city:
        yield Host(city, ACCOUNT, "v26.0")


@pytest.fixture
def profiles(host: Host) -> InstagramProfiles:
    """What can be done there."""
    return host.city.hosts.profiles


def edge(host: Host, name: str) -> str:
    """The path of a list of the account."""
    return f"{host.person.id}/{name}"


def ids(answer: dict[str, Any]) -> list[str]:
    """The ids of a list."""
    return [one["id"] for one in answer["data"]]


# --- who it is


def test_two_ids_or_one(host: Host, flavour: Flavour) -> None:
    """The Instagram login has an id for the app and another for the world; the Facebook login leads over the page."""
    native = host.person.id
    if flavour == "instagram":
        me = host.ok("me", fields="user_id,username,account_type")
        assert (me["user_id"], me["username"], me["account_type"]) == (native, "maplefordcity", "BUSINESS")
        assert me["id"] != native
        assert host.ok(me["id"], fields="username") == host.ok(native, fields="username")
        assert host.error("me", fields="ig_id")["message"].endswith("nonexisting field (ig_id) on node type (User)")
    else:
        linked = host.ok("me", fields="instagram_business_account{id,username}")["instagram_business_account"]
        assert linked == {"id": native, "username": "maplefordcity"}
        system = host.city.hosts.instagram_on_facebook.api.system_token.value
        (page,) = host.ok("me/accounts", token=system, fields="id,instagram_business_account{id,username}")["data"]
        assert page["instagram_business_account"] == linked
        assert isinstance(host.ok(native, fields="ig_id")["ig_id"], int)
        assert "(user_id) on node type (ShadowIGUser)" in host.error(native, fields="user_id")["message"]
    assert host.ok(native, fields="biography")["biography"].startswith("Official account")


@pytest.mark.parametrize("flavour", ["facebook"], indirect=True)
def test_an_account_that_is_no_longer_linked(host: Host) -> None:
    """Without its page nothing of it can be read; the page stays, without the member."""
    api = host.city.hosts.instagram_on_facebook.api
    known = api.tokens.known(host.token)
    assert known is not None
    assert known.page is not None
    api.unlink(known.page)
    assert "instagram_business_account" not in host.ok("me", fields="name,instagram_business_account{id}")
    assert host.error(host.person.id)["error_subcode"] == 33


def test_the_kinds_of_errors(host: Host, flavour: Flavour) -> None:
    """Each flavour's host has its own word, also for what is not there."""
    gone = host.error("18099999999999999")
    kind = "IGApiException" if flavour == "instagram" else "GraphMethodException"
    assert (gone["status"], gone["code"], gone["error_subcode"], gone["type"]) == (400, 100, 33, kind)
    unknown = host.error(host.person.id, fields="x")
    assert unknown["type"] == ("IGApiException" if flavour == "instagram" else "OAuthException")
    host.tokens.end(host.token, 463)
    expired = host.error("me")
    assert (expired["code"], expired["error_subcode"], expired["type"]) == (190, 463, "OAuthException")


def test_strangers_are_not_readable(host: Host) -> None:
    """Neither another account's media nor a resident's."""
    other = host.city.meta.add_account("other-instagram", "instagram", "other", "Other", department="x").person
    theirs = host.city.hosts.profiles.post(other, "Theirs", [SHOT])
    assert host.error(theirs.id)["error_subcode"] == 33
    assert host.error(f"{other.id}/media")["error_subcode"] == 33


# --- media


def test_a_picture_a_carousel_and_a_reel(host: Host, profiles: InstagramProfiles, flavour: Flavour) -> None:
    """What each kind of medium has, and what it has not."""
    at = NOW - timedelta(days=2)
    one = profiles.post(host.person, "One", [SHOT], at=at)
    many = profiles.post(host.person, "", [OTHER, FILM], at=at + timedelta(hours=1))
    reel = profiles.reel(host.person, "Reel", FILM, at=at + timedelta(hours=2))
    fields = (
        "caption,media_type,media_product_type,media_url,thumbnail_url,permalink,alt_text,owner,comments_count,"
        "children{id,media_type,media_url,thumbnail_url,caption}"
    )
    listed = host.ok(edge(host, "media"), fields=fields)["data"]
    assert [one["id"] for one in listed] == [reel.id, many.id, one.id]
    film, album, single = listed
    assert (film["media_type"], film["media_product_type"]) == ("VIDEO", "REELS")
    assert "thumbnail_url" in film
    assert "/reel/" in film["permalink"]
    assert album["media_type"] == "CAROUSEL_ALBUM"
    assert "caption" not in album
    first, second = album["children"]["data"]
    assert (first["media_type"], second["media_type"]) == ("IMAGE", "VIDEO")
    assert "thumbnail_url" not in first
    assert "caption" not in second
    assert "paging" not in album["children"]
    assert (single["alt_text"], single["owner"], single["comments_count"]) == ("A fountain", {"id": host.person.id}, 0)
    assert not {"children", "thumbnail_url"} & single.keys()
    assert host.ok(second["id"], fields="media_type")["media_type"] == "VIDEO"
    for name in ("shares_count", "is_ai_generated"):
        told = host.get(one.id, fields=name)
        assert (told.status == 200) is (flavour == "facebook")


def test_files_behind_links(host: Host, profiles: InstagramProfiles) -> None:
    """A new signed link at each call; the file is the one that was published, until the link ends."""
    post = profiles.post(host.person, "One", [SHOT])
    urls = [host.ok(post.id, fields="media_url")["media_url"] for _ in range(2)]
    assert urls[0] != urls[1]
    assert urlsplit(urls[0]).path == urlsplit(urls[1]).path
    assert ask(urls[0]).body == SHOT.data
    host.city.world.advance(timedelta(days=15))
    expired = ask(urls[0])
    assert (expired.status, expired.body) == (403, b"URL signature expired")


def test_works_of_others_have_no_address(host: Host, profiles: InstagramProfiles) -> None:
    """``media_url`` is missing where the sound or picture is somebody else's."""
    reel = profiles.reel(host.person, "Song", FILM, facts={"withheld": True})
    assert set(host.ok(reel.id, fields="media_url,thumbnail_url")) == {"id", "thumbnail_url"}


def test_the_horizon(host: Host, profiles: InstagramProfiles) -> None:
    """Only the newest media are listed; older ones are read by their ids, and pinned ones stand first."""
    posts = [profiles.post(host.person, f"{n}", [SHOT], at=NOW - timedelta(days=9 - n)) for n in range(6)]
    host.quirks.horizon = 4
    assert [one["id"] for one in host.all(edge(host, "media"), limit=3)] == [one.id for one in reversed(posts[2:])]
    assert host.ok(posts[0].id, fields="caption")["caption"] == "0"
    host.quirks.pinned = (posts[3].id,)
    assert ids(host.ok(edge(host, "media")))[0] == posts[3].id


def test_since_and_until(host: Host, profiles: InstagramProfiles) -> None:
    """By unix seconds; other edges of the account know nothing else."""
    old = profiles.post(host.person, "old", [SHOT], at=NOW - timedelta(days=9))
    new = profiles.post(host.person, "new", [SHOT], at=NOW - timedelta(days=1))
    bound = int((NOW - timedelta(days=5)).timestamp())
    assert ids(host.ok(edge(host, "media"), since=bound)) == [new.id]
    assert ids(host.ok(edge(host, "media"), until=bound)) == [old.id]
    assert host.error(edge(host, "media"), limit=500)["code"] == 1


# --- what ends by itself


def test_stories_end(host: Host, profiles: InstagramProfiles) -> None:
    """After 24 hours they are nowhere; they are never in the grid."""
    story = profiles.story(host.person, SHOT)
    told = host.ok(edge(host, "stories"), fields="media_product_type,permalink,media_url")["data"]
    assert [(one["id"], one["media_product_type"]) for one in told] == [(story.id, "STORY")]
    assert "/stories/maplefordcity/" in told[0]["permalink"]
    assert host.ok(edge(host, "media")) == {"data": []}
    host.city.world.advance(timedelta(hours=24))
    assert host.ok(edge(host, "stories")) == {"data": []}
    assert host.error(story.id)["error_subcode"] == 33


def test_a_broadcast_ends(host: Host, profiles: InstagramProfiles) -> None:
    """Its comments can be read while it goes on, and never again."""
    live = profiles.go_live(host.person)
    said = profiles.comment(host.resident(), live, "Is the sound on?")
    (told,) = host.ok(edge(host, "live_media"), fields="media_type,media_product_type,media_url,comments{text}")["data"]
    assert (told["media_type"], told["media_product_type"]) == ("BROADCAST", "LIVE")
    assert "media_url" not in told
    assert told["comments"]["data"][0]["text"] == "Is the sound on?"
    profiles.end_live(live)
    assert host.ok(edge(host, "live_media")) == {"data": []}
    assert host.error(said.id)["error_subcode"] == 33


# --- comments


@pytest.fixture
def thread(host: Host, profiles: InstagramProfiles) -> dict[str, Thing]:
    """A picture with two comments, one of them answered twice."""
    at = NOW - timedelta(hours=2)
    post = profiles.post(host.person, "Leaves", [SHOT], at=at)
    first = profiles.comment(host.resident(0), post, "What about Oak?", at=at + timedelta(minutes=1))
    reply = profiles.comment(host.person, first, "Tuesday.", at=at + timedelta(minutes=2))
    third = profiles.comment(host.resident(1), reply, "Thanks", at=at + timedelta(minutes=3))
    second = profiles.comment(host.resident(1), post, "First!", at=at + timedelta(minutes=4))
    return {"post": post, "first": first, "reply": reply, "third": third, "second": second}


def test_first_level_newest_first(host: Host, thread: dict[str, Thing]) -> None:
    """Three fields when none are asked for; answers have an edge of their own, one level deep."""
    told = host.ok(f"{thread['post'].id}/comments")
    assert [set(one) for one in told["data"]] == [{"id", "text", "timestamp"}] * 2
    assert [one["text"] for one in told["data"]] == ["First!", "What about Oak?"]
    answers = host.ok(f"{thread['first'].id}/replies", fields="text,parent_id")["data"]
    assert [one["text"] for one in answers] == [f"@{host.person.handle} Thanks", "Tuesday."]
    assert {one["parent_id"] for one in answers} == {thread["first"].id}
    assert host.ok(thread["post"].id, fields="comments_count")["comments_count"] == 4


def test_who_wrote_a_comment(host: Host, thread: dict[str, Thing]) -> None:
    """``user`` for one's own only; of some nobody is told."""
    thread["second"].nameless = True
    fields = "username,from,user,media{id,media_product_type},parent_id,replies{username,user}"
    nameless, named = host.ok(f"{thread['post'].id}/comments", fields=fields)["data"]
    assert not {"username", "from", "user", "parent_id"} & nameless.keys()
    resident = host.resident(0)
    assert named["from"] == {"id": resident.id, "username": resident.handle}
    assert named["media"] == {"id": thread["post"].id, "media_product_type": "FEED"}
    assert [one.get("user") for one in named["replies"]["data"]] == [None, {"id": host.person.id}]


def test_pages_of_comments(host: Host, profiles: InstagramProfiles, thread: dict[str, Thing]) -> None:
    """Never more than fifty; ``after`` alone in the cursors, and on the last page no ``paging`` at all."""
    for number in range(70):
        profiles.comment(host.resident(), thread["post"], str(number), at=NOW - timedelta(seconds=99 - number))
    path = f"{thread['post'].id}/comments"
    page = host.ok(path, limit=100)
    assert (len(page["data"]), set(page["paging"]), set(page["paging"]["cursors"])) == (
        50,
        {"cursors", "next"},
        {"after"},
    )
    assert host.token in page["paging"]["next"]
    rest = host.ok(path, limit=100, after=page["paging"]["cursors"]["after"])
    assert (len(rest["data"]), set(rest)) == (22, {"data"})


def test_hidden_waiting_and_removed(host: Host, thread: dict[str, Thing]) -> None:
    """Hidden ones stay, of restricted people nothing is given out, and both are counted."""
    host.city.meta.hide(thread["first"])
    thread["second"].unlisted = True
    told = host.ok(f"{thread['post'].id}/comments", fields="hidden")["data"]
    assert told == [{"hidden": True, "id": thread["first"].id}]
    assert host.error(thread["second"].id)["error_subcode"] == 33
    assert host.ok(thread["post"].id, fields="comments_count")["comments_count"] == 4
    host.city.meta.delete(thread["first"])
    assert host.ok(thread["post"].id, fields="comments_count")["comments_count"] == 1
    assert host.error(thread["reply"].id)["error_subcode"] == 33


@pytest.mark.parametrize("cause", ["scope", "app"])
def test_silent_emptiness(host: Host, thread: dict[str, Thing], flavour: Flavour, cause: str) -> None:
    """HTTP 200 and nothing in it, and a count that says otherwise."""
    if cause == "scope":
        known = host.tokens.known(host.token)
        assert known is not None
        known.scopes.discard(COMMENTS_SCOPE[flavour])
    else:
        host.quirks.silent.add("comments")
    assert host.ok(f"{thread['post'].id}/comments") == {"data": []}
    told = host.ok(thread["post"].id, fields="comments_count,comments{id}")
    assert told == {"comments_count": 4, "id": thread["post"].id}


# --- others


def test_tagged_and_mentioned(host: Host, profiles: InstagramProfiles, flavour: Flavour) -> None:
    """Tags are a list; a mention is read by expansion, with the Facebook login and the id that an event told."""
    tagged = profiles.tag(host.resident(0), host.person, "Look", SHOT)
    assert host.ok(edge(host, "tags"), fields="username,owner")["data"] == [
        {"username": host.resident(0).handle, "id": tagged.id}
    ]
    named = profiles.mention(host.resident(1), host.person, "@maplefordcity?", SHOT)
    remark = profiles.remark(host.resident(2), named, "@maplefordcity!")
    path, media = host.person.id, f"mentioned_media.media_id({named.id}){{caption,username}}"
    if flavour == "instagram":
        assert host.error(path, fields=media)["code"] == 100
        return
    told = host.ok(path, fields=media)
    assert told["mentioned_media"] == {
        "caption": "@maplefordcity?", "username": host.resident(1).handle, "id": named.id
    }  # fmt: skip
    comment = f"mentioned_comment.comment_id({remark.id}){{text,media{{id}}}}"
    assert host.ok(path, fields=comment)["mentioned_comment"] == {
        "text": "@maplefordcity!", "media": {"id": named.id}, "id": remark.id
    }  # fmt: skip
    assert host.error(path, fields="mentioned_media.media_id(18099999999999999){caption}")["code"] == 100


def test_messages(host: Host, profiles: InstagramProfiles, flavour: Flavour) -> None:
    """Below the account, or below its page; twenty of a conversation have details."""
    conversation = profiles.converse(host.person, host.resident())
    for number in range(23):
        profiles.message(conversation, host.resident(), f"{number}", at=NOW - timedelta(minutes=99 - number))
    assert ids(host.ok("me/conversations", platform="instagram")) == [conversation.id]
    told = host.ok(conversation.id, fields="participants,messages{id,message,from}")
    assert len(told["messages"]["data"]) == 20
    assert told["messages"]["data"][0]["message"] == "22"
    assert {one["username"] for one in told["participants"]["data"]} == {
        host.person.handle, host.resident().handle
    }  # fmt: skip


# --- limits, and the whole


def test_the_limit(host: Host) -> None:
    """80002, with the account's id and the minutes that are left."""
    host.city.hosts.server(ACCOUNT).api.usage.block(minutes=7)
    answer = host.get("me")
    assert (answer.status, answer.json["error"]["code"]) == (400, 80002)
    usage = answer.headers["x-business-use-case-usage"]
    assert f'"{host.person.id}":[{{"type":"instagram"' in usage
    assert '"estimated_time_to_regain_access":7' in usage
    host.city.world.advance(timedelta(minutes=7))
    host.ok("me")


def test_a_year_of_an_account(flavour: Flavour) -> None:
    """The truth is what the lists give, hidden comments too; nothing that is only counted is in it."""
    with SandboxCity(seed=7, size="instagram", now=NOW, instagram_login=flavour) as city:
        host = Host(city, ACCOUNT, "v26.0")
        media = host.all(edge(host, "media"), fields="id,comments_count")
        stories = host.all(edge(host, "stories")) + host.all(edge(host, "tags"))
        found = {one["id"] for one in media + stories}
        counted = sum(one["comments_count"] for one in media)
        for one in media:
            for comment in host.all(f"{one['id']}/comments", limit=50):
                found |= {comment["id"], *(reply["id"] for reply in host.all(f"{comment['id']}/replies"))}
        truth = city.meta_truth(ACCOUNT)
        assert {f"instagram:{one}" for one in found} == truth.records.keys()
        said = [one for one in truth.records.values() if one.kind in {"comment", "reply"}]
        assert len(said) == counted - 3
        assert truth.by_state()["hidden"] == 4


def test_the_same_seed_tells_the_same(flavour: Flavour) -> None:
    """Id by id, text by text."""
    told = []
    for _ in range(2):
        city = SandboxCity(seed=9, size="instagram", now=NOW, instagram_login=flavour)
        told.append([(one.id, one.text, one.created_at) for one in city.meta.things.values()])
        city.stop()
    assert told[0] == told[1]
