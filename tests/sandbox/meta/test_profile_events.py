"""Pushed events of Instagram and Threads: what is told, what is not, and in which layouts."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.images import picture
from archiver.sandbox.meta.instagram_quirks import Flavour
from archiver.sandbox.meta.threads_events import ThreadsSender
from archiver.sandbox.meta.webhooks import sign
from tests.sandbox.meta.profiles import NOW, Host, bare

SHOT = picture(1, None)
NOWHERE = "http://127.0.0.1:9/push"


def city_of(account: str, login: Flavour = "instagram") -> Host:
    """A city whose servers need not run: events are looked at before they are sent."""
    city = SandboxCity(seed=7, size=bare(account), now=NOW, instagram_login=login)
    city.stop()
    return Host(city, account, "v1.0")


@pytest.mark.parametrize("direct", [False, True], ids=["changes", "direct"])
def test_a_comment_on_instagram(direct: bool) -> None:
    """In both layouts; an answer names what it answers. Nothing tells of edits, hidings, removals."""
    host = city_of("city-instagram")
    profiles, meta = host.city.hosts.profiles, host.city.meta
    post = profiles.post(host.person, "Leaves", [SHOT])
    sender = host.city.hosts.instagram_events(NOWHERE, direct=direct)
    first = profiles.comment(host.resident(), post, "What about Oak?")
    profiles.comment(host.person, first, "Tuesday.")
    meta.edit(first, "What about Elm?")
    meta.hide(first)
    meta.delete(first)
    entries = sender.waiting()
    assert {(entry["id"], entry["time"]) for entry in entries} == {(host.person.id, int(NOW.timestamp()))}
    told: list[dict[str, Any]] = [entry if direct else entry["changes"][0] for entry in entries]
    assert [one["field"] for one in told] == ["comments", "comments"]
    assert told[0]["value"] == {
        "from": {"id": host.resident().id, "username": host.resident().handle},
        "media": {"id": post.id, "media_product_type": "FEED"},
        "id": first.id,
        "text": "What about Oak?",
    }
    assert told[1]["value"]["parent_id"] == first.id


def test_live_comments_and_mentions() -> None:
    """Live ones have a field of their own; mentions are ids with one login, comments with the other."""
    fields = {}
    logins: tuple[Flavour, ...] = ("instagram", "facebook")
    for login in logins:
        host = city_of("city-instagram", login)
        profiles = host.city.hosts.profiles
        sender = host.city.hosts.instagram_events(NOWHERE)
        live = profiles.go_live(host.person)
        profiles.comment(host.resident(), live, "Sound?")
        named = profiles.mention(host.resident(), host.person, f"@{host.person.handle}?", SHOT)
        remark = profiles.remark(host.resident(1), named, f"@{host.person.handle}!")
        changes = [entry["changes"][0] for entry in sender.waiting()]
        fields[login] = [one["field"] for one in changes]
        assert changes[0]["value"]["media"]["media_product_type"] == "LIVE"
        if login == "facebook":
            assert [one["value"] for one in changes[1:]] == [
                {"media_id": named.id},
                {"media_id": named.id, "comment_id": remark.id},
            ]
    assert fields == {
        "instagram": ["live_comments", "comments"],
        "facebook": ["live_comments", "mentions", "mentions"],
    }


def test_messages_on_instagram() -> None:
    """As messaging events, in milliseconds."""
    host = city_of("city-instagram")
    sender = host.city.hosts.instagram_events(NOWHERE)
    conversation = host.city.hosts.profiles.converse(host.person, host.resident())
    said = host.city.hosts.profiles.message(conversation, host.resident(), "Hello")
    (entry,) = sender.waiting()
    (told,) = entry["messaging"]
    assert (told["sender"]["id"], told["message"]) == (host.resident().id, {"mid": said.id, "text": "Hello"})


def _flat(sender: ThreadsSender) -> list[dict[str, Any]]:
    sender.flush()
    return [json.loads(one.body) for one in sender.sent]


def test_events_of_threads() -> None:
    """One flat object each, signed over its very bytes: answers, mentions, own posts, and own removals."""
    host = city_of("city-threads")
    profiles, meta = host.city.hosts.threaders, host.city.meta
    sender = host.city.hosts.threads_events(NOWHERE)
    post = profiles.post(host.person, "Leaves /1/")
    reply = profiles.reply(host.resident(), post, "Öak?")
    profiles.post(host.resident(), f"@{host.person.handle} a leak", mentions=[host.person])
    profiles.post(host.resident(), "Nothing to do with it")
    meta.edit(post, "Leaves")
    profiles.hush(reply)
    meta.delete(reply)
    meta.delete(post)
    told = _flat(sender)
    assert [(one["topic"], one["values"]["field"]) for one in told] == [
        ("interaction", "publish"),
        ("moderate", "replies"),
        ("interaction", "mentions"),
        ("moderate", "delete"),
    ]
    assert not {"object", "entry"} & told[0].keys()
    value = told[1]["values"]["value"]
    assert (value["text"], value["replied_to"]) == ("Öak?", {"id": post.id})
    assert value["root_post"] == {"id": post.id, "owner_id": host.person.id, "username": host.person.handle}
    assert told[1]["target_id"] == post.id
    removed = told[3]["values"]["value"]
    assert (removed["id"], removed["owner"]) == (post.id, {"owner_id": host.person.id})
    sent = sender.sent[1]
    assert rb"\u00d6ak" in sent.body
    assert sent.headers["X-Hub-Signature-256"] == sign(sent.body, host.city.hosts.threads_app.secret)


def test_other_layouts_of_threads() -> None:
    """``values`` as a list, and the classic layout: not confirmed, and so to be read as well."""
    host = city_of("city-threads")
    sender = host.city.hosts.threads_events(NOWHERE)
    host.city.hosts.threaders.post(host.person, "One")
    sender.listed = True
    assert _flat(sender)[0]["values"][0]["field"] == "publish"
    host.city.world.advance(timedelta(minutes=1))
    host.city.hosts.threaders.post(host.person, "Two")
    sender.classic = True
    last = _flat(sender)[-1]
    assert (last["object"], last["entry"][0]["changes"][0]["field"]) == ("threads", "publish")
