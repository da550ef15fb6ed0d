"""Tags, files, the profile, the token, pushed events."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.domain.access import AccessSeen
from archiver.domain.exchange import Exchange, Grant, Purpose
from archiver.domain.history import known_after, weigh
from archiver.domain.item import Cause, Form
from archiver.domain.observation import AccountSeen, GoneSeen, ItemSeen, TotalSeen
from archiver.domain.task import Covered, FollowUp, Meaning, NotOffered, Shortfall, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.instagram import InstagramAdapter
from archiver.platforms.instagram.posts import lasts_a_day
from tests.platforms.instagram_world import (
    CITY,
    HANDLE,
    NOW,
    Done,
    Server,
    carried_out,
    city,
    failed,
    key,
    link,
    ok,
    task,
)

DAY = timedelta(days=1)


# --- tags


def test_tags_name_the_account_and_prove_no_absence() -> None:
    """Media of others: a name and no owner. Who is not listed any more may be private, or only untagged."""
    server = Server()
    server.tag("9", "festival.example", "Saturday", NOW - DAY)
    done = carried_out(server, task(TaskKind.MENTIONS, full=True))
    (seen,) = done.of(ItemSeen)
    assert (seen.author.native_id, seen.mentions) == ("@festival.example", {CITY})
    assert Covered("mentions", None, NOW, absence=False) in done.findings
    assert any(isinstance(one, NotOffered) and one.stream == "mentions in words" for one in done.findings)


@pytest.mark.parametrize(("code", "kind"), [(10, Shortfall), (100, NotOffered), (12, NotOffered)])
def test_refused_tags_end_nothing_else(code: int, kind: type) -> None:
    """A gap where a scope is missing; else they are not offered."""
    server = Server()
    server.refused["tags"] = {"code": code, "message": "no"}
    assert kind in {
        type(one) for one in carried_out(server, task(TaskKind.MENTIONS)).findings if one.stream == "mentions"
    }


# --- files


def fetch(server: Server, subject: str, address: str | None) -> Done:
    """One file."""
    return carried_out(server, task(TaskKind.MEDIA, subject, address=address))


def test_a_file_is_fetched_where_it_was_seen() -> None:
    """Without the token."""
    done = fetch(Server(), key("1"), link("1.jpg"))
    assert [(spec.url, spec.credential, spec.purpose) for spec in done.specs] == [
        (link("1.jpg"), None, Purpose.MEDIA),
    ]


def test_an_address_that_has_ended_is_asked_for_again() -> None:
    """By the end that stands in it, or by the answer; the cover of a video, the account's picture as well."""
    server = Server()
    server.post("1", media_type="VIDEO", media_url=link("new.mp4"), thumbnail_url=link("new.jpg"))
    old = link("old.mp4", until=NOW - DAY)
    assert [spec.url for spec in fetch(server, key("1"), old).specs][1:] == [link("new.mp4")]
    assert [spec.url for spec in fetch(server, key("1") + "/thumbnail", old).specs][1:] == [link("new.jpg")]
    assert [spec.url for spec in fetch(server, key(CITY) + "/picture/p_1.jpg", old).specs][1:] == [link("p_1.jpg")]
    server.faults = [(403, [("Content-Type", "text/plain")], b"URL signature expired")]
    done = fetch(server, key("1"), link("revoked.mp4"))
    assert [spec.url for spec in done.specs][::2] == [link("revoked.mp4"), link("new.mp4")]
    assert done.findings == []


def test_a_new_address_that_is_refused_too_is_the_end() -> None:
    """No circles."""
    server = Server()
    server.post("1")
    refused = (403, [("Content-Type", "text/plain")], b"URL signature expired")
    server.instead = lambda spec: refused if spec.purpose is Purpose.MEDIA else None
    assert len(fetch(server, key("1"), link("1.jpg")).specs) == 3


def test_a_withheld_file_is_not_offered() -> None:
    """Flagged for somebody's music: the medium is there, its file is not."""
    server = Server()
    server.post("1", media_type="VIDEO", media_url=None)
    done = fetch(server, key("1"), "")
    assert [type(one) for one in done.findings] == [NotOffered]
    assert done.paths == ["1"]


@pytest.mark.parametrize("subject", ["1", "aWdfZAG06/0"])
def test_a_file_that_cannot_be_asked_for_is_a_gap(subject: str) -> None:
    """Of a medium that is gone, or of a message."""
    done = fetch(Server(), key(subject), link("old.jpg", until=NOW - DAY))
    assert [type(one) for one in done.findings] == [Shortfall]


# --- the profile


def test_a_profile_s_new_words_and_picture_are_an_edit_and_its_numbers_are_not() -> None:
    """The picture is known by its file's name, not by its address."""
    server = Server()

    def look() -> ItemSeen:
        seen: ItemSeen = carried_out(server, task(TaskKind.PROFILE)).of(ItemSeen)[0]
        return seen

    known = known_after(None, weigh(None, look()))
    server.user.update({"followers_count": 1, "profile_picture_url": link("p_1.jpg", until=NOW + 9 * DAY)})
    assert weigh(known, look()).version is None
    for change in ({"profile_picture_url": link("p_2.jpg")}, {"website": "https://new.example/"}, {"name": "Elmbrook"}):
        server.user.update(change)
        weighed = weigh(known, look())
        assert weighed.version is not None, change
        known = known_after(known, weighed)
    del server.user["biography"], server.user["website"]
    version = weigh(known, look()).version
    assert version is not None
    assert (version.body.text, version.body.links) == ("", ())


def test_the_profile_states_how_many_posts_there_are() -> None:
    """Without comments and stories, so it is held against posts alone."""
    server = Server()
    server.post("1")
    done = carried_out(server, task(TaskKind.PROFILE))
    assert done.of(TotalSeen) == [TotalSeen("posts without answers", 1)]
    assert {one.stream for one in done.findings} == {"unlisted comments", "story highlights", "edit histories"}


def test_a_version_that_answered_in_place_of_ours_is_complained_about() -> None:
    """Dead ones are served by the oldest alive."""
    server = Server()
    _, headers, body = ok(server.user)
    server.faults = [(200, [(name, value.replace("v26.0", "v24.0")) for name, value in headers], body)]
    for expected in (1, 0):
        found = carried_out(server, task(TaskKind.PROFILE)).findings
        assert len([one for one in found if one.stream == "API version"]) == expected


# --- the token


def access(flavour: str, **more: Any) -> Done:
    """The daily look at the token."""
    server = Server(flavour=flavour)
    account = city(
        flavour, base_url="https://gateway.example.gov", secrets=frozenset({"token", "app_id", "app_secret"})
    )
    return carried_out(server, task(TaskKind.ACCESS, account=account, **more))


def test_a_pages_token_is_looked_into() -> None:
    """By the app's token; scopes that are missing are named with what each is for."""
    done = access("facebook")
    spec = done.specs[-1]
    assert (done.paths[-1], spec.credential) == ("debug_token", "{app_id}|{app_secret}")
    assert "input_token" in {one.name for one in spec.private}
    (seen,) = done.of(AccessSeen)
    assert (seen.kind, seen.valid, [one.scope for one in seen.lacking or ()]) == (
        "system_user", True, ["instagram_manage_comments"],
    )  # fmt: skip


def test_a_token_of_instagrams_login_is_renewed_weekly() -> None:
    """The answer's token is taken by the client; what is known of it is until when it is good."""
    done = access("instagram", renewable=True)
    spec = done.specs[-1]
    assert done.paths == ["me", "refresh_access_token"]
    assert spec.grant == Grant()
    assert "grant_type=ig_refresh_token" in spec.url
    assert (spec.credential, [one.name for one in spec.private]) == (None, ["access_token"])
    tried, renewed = done.of(AccessSeen)
    assert tried.valid
    assert renewed.expires_at == done.exchanges[-1].captured_at + timedelta(seconds=5183944)
    assert renewed.lacking == ()
    young = AccessSeen("user", valid=True, issued_at=NOW - DAY, expires_at=NOW + 59 * DAY)
    assert access("instagram", renewable=True, access=young).paths == ["me"]
    assert access("instagram").paths == ["me"]


def test_a_renewal_that_is_refused_ends_nothing() -> None:
    """It may be too young; it has just answered."""
    server = Server(flavour="instagram")
    server.instead = lambda spec: failed(100, "The session is too young") if "refresh" in spec.url else None
    done = carried_out(server, task(TaskKind.ACCESS, account=city("instagram"), renewable=True))
    assert [seen.valid for seen in done.of(AccessSeen)] == [True]
    assert done.verdict is not None
    assert done.verdict.meaning is Meaning.PROCEED


def test_a_token_of_the_other_login_is_noticed_when_it_is_looked_at() -> None:
    """What an earlier token told is not believed of this one."""
    server = Server(flavour="instagram")
    account = city("facebook", base_url="https://gateway.example.gov")
    done = carried_out(server, task(TaskKind.ACCESS, account=account))
    assert done.paths == ["me"]
    assert done.of(AccountSeen)[0].facts["flavour"] == "instagram"


# --- pushed events


def pushed(body: Any, *, messages: bool = False, subject: str | None = CITY) -> tuple[list[Any], tuple[FollowUp, ...]]:
    """What a delivery shows, and what it leads to."""
    adapter = InstagramAdapter(city(messages=messages))
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    exchange = Exchange("0", 0, "city", "https://archive.example.gov/push", "push", NOW, method="POST",
                        request_body=raw, status=200, task_kind="push", subject=subject)  # fmt: skip
    return list(adapter.read(exchange)), adapter.pushed(exchange)


COMMENT = {"id": "21", "from": {"id": "156", "username": "pat"}, "text": "Oak Street?", "media": {"id": "1"}}


def entry(account: str = CITY, **more: Any) -> dict[str, Any]:
    """An entry of a delivery."""
    return {"id": account, "time": 1793718001, **more}


def delivery(*entries: dict[str, Any]) -> dict[str, Any]:
    """A delivery."""
    return {"object": "instagram", "entry": list(entries)}


LAYOUTS = {
    "in changes": entry(changes=[{"field": "comments", "value": COMMENT}]),
    "in the entry itself": entry(field="comments", value=COMMENT),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_comment_that_lives_for_a_minute_is_captured(layout: str) -> None:
    """In either layout: its words are kept, and its thread is looked at now. When it was written is not told."""
    (seen,), hints = pushed(delivery(LAYOUTS[layout]))
    assert (seen.key, seen.parent, seen.thread, seen.body.text) == (key("21"), key("1"), key("1"), "Oak Street?")
    assert (seen.author.native_id, seen.author.handle, seen.created_at) == ("156", "pat", None)
    assert hints == (FollowUp(TaskKind.THREAD, key("1")),)


def test_entries_of_other_accounts_are_theirs() -> None:
    """One delivery may be about several accounts; without a subject all are read."""
    body = delivery(LAYOUTS["in changes"], entry("178", field="comments", value={**COMMENT, "id": "22"}))
    assert [seen.key for seen in pushed(body)[0]] == [key("21")]
    assert len(pushed(body, subject=None)[0]) == 2


def test_an_answer_hangs_below_its_comment() -> None:
    """``parent_id`` is the comment's."""
    (seen,), _ = pushed(delivery(entry(field="comments", value={**COMMENT, "parent_id": "20"})))
    assert (seen.parent, seen.thread) == (key("20"), key("1"))


def test_what_is_said_during_a_broadcast_is_kept_as_chat() -> None:
    """It can't be listed when the broadcast is over."""
    (seen,), hints = pushed(delivery(entry(changes=[{"field": "live_comments", "value": COMMENT}])))
    assert seen.form is Form.CHAT
    assert hints == (FollowUp(TaskKind.THREAD, key("1")),)


def test_comments_below_advertisements_are_kept_and_not_looked_for() -> None:
    """They have a medium of their own that can't be listed."""
    value = {**COMMENT, "media": {"id": "77", "ad_id": "120", "original_media_id": "1"}}
    (seen,), hints = pushed(delivery(entry(changes=[{"field": "comments", "value": value}])))
    assert (seen.thread, seen.body.labels, hints) == (key("77"), ("advertisement:120",), ())


NOWHERE = {name: value for name, value in COMMENT.items() if name != "media"}


@pytest.mark.parametrize("medium", [None, {}, {"id": ""}, {"media_product_type": "FEED"}])
def test_a_comment_that_stands_nowhere_is_no_post(medium: Any) -> None:
    """No record is made of it, also where it names the account; if the platform can show it, a confirmation brings it."""
    value = NOWHERE | {"text": f"@{HANDLE}"} | ({} if medium is None else {"media": medium})
    seen, hints = pushed(delivery(entry(changes=[{"field": "comments", "value": value}])))
    assert seen == []
    assert hints == (FollowUp(TaskKind.CONFIRM, key("21")),)


@pytest.mark.parametrize(("field", "more"), [("comments", {"parent_id": "20"}), ("live_comments", {})])
def test_what_only_an_event_told_of_is_not_confirmed(field: str, more: dict[str, str]) -> None:
    """An answer or a chat whose medium is not told is kept; the token never saw it, so it can't be missing."""
    (seen,), hints = pushed(delivery(entry(changes=[{"field": field, "value": NOWHERE | more}])))
    assert seen.key == key("21")
    assert (seen.parent, seen.form) == ((key("20"), Form.POST) if more else (None, Form.CHAT))
    assert hints == ()


def test_mentions_are_fetched_by_what_the_event_names() -> None:
    """A comment or, without one, a caption."""
    values = [{"media_id": "9", "comment_id": "91"}, {"media_id": "9"}, {}]
    seen, hints = pushed(delivery(entry(changes=[{"field": "mentions", "value": one} for one in values])))
    assert seen == []
    assert hints == (FollowUp(TaskKind.CONFIRM, key("mention/9/91")), FollowUp(TaskKind.CONFIRM, key("mention/9")))


def test_a_comment_that_names_the_account_is_a_mention_where_the_thread_is_not_its_own() -> None:
    """With Instagram's login mentions elsewhere come as comments."""
    (seen,), _ = pushed(delivery(entry(field="comments", value={**COMMENT, "text": f"look @{HANDLE.upper()}"})))
    assert seen.mentions == {CITY}


MESSAGES = entry(messaging=[
    {"sender": {"id": "156"}, "recipient": {"id": CITY}, "timestamp": 1793718001000,
     "message": {"mid": "m1", "text": "Hello", "attachments": [{"type": "image", "payload": {"url": link("a.jpg")}}]}},
    {"sender": {"id": "156"}, "timestamp": 1793718002000, "message_edit": {"mid": "m1", "text": "Hello!", "num_edit": 1}},
    {"sender": {"id": "156"}, "timestamp": 1793718003000, "message": {"mid": "m0", "is_deleted": True}},
    {"sender": {"id": CITY}, "timestamp": 1793718003000, "message": {"mid": "m2", "is_deleted": True}},
    {"sender": {"id": "156"}, "timestamp": 1793718004000, "read": {"mid": "m1"}},
])  # fmt: skip


def test_messages_are_kept_where_they_are_wanted() -> None:
    """New, edited, and taken back by whoever sent them; read marks are no records."""
    assert pushed(delivery(MESSAGES)) == ([], ())
    (new, edited, *gone), _ = pushed(delivery(MESSAGES), messages=True)
    assert (new.key, new.form, new.body.text, new.body.visibility) == (key("m1"), Form.MESSAGE, "Hello", "private")
    assert new.created_at == datetime(2026, 11, 3, 15, 0, 1, tzinfo=UTC)
    assert [one.source for one in new.body.attachments] == [key("m1") + "/0"]
    assert (edited.key, edited.body.text) == (key("m1"), "Hello!")
    unsent = "webhook message.is_deleted"
    assert gone == [GoneSeen(key("m0"), unsent, Cause.BY_AUTHOR), GoneSeen(key("m2"), unsent, Cause.BY_CITY)]


@pytest.mark.parametrize("body", [
    delivery(entry(changes=[{"field": "comments"}])), delivery(entry(changed_fields=["comments"])), delivery(),
    delivery(entry(changes=[{"field": "story_insights", "value": {"media_id": "1"}}])), {"object": "page"},
    delivery(entry(changes=[{"field": "comments", "value": {"text": "no id"}}])), {"entry": 7},
])  # fmt: skip
def test_deliveries_without_content_end_well(body: Any) -> None:
    """A field without a value, an unknown field, nothing at all."""
    assert pushed(body) == ([], ())


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_what_is_no_delivery_is_said_to_be_none(body: bytes) -> None:
    """The receiver keeps it all the same."""
    with pytest.raises(ShapeChanged):
        pushed(body)


def test_a_pushed_comment_and_its_listing_are_one_record() -> None:
    """The listing adds the time and changes nothing else."""
    server = Server()
    server.post("1")
    server.comment("21", "1", "pat", "Oak Street?")["from"]["id"] = "156"
    (seen,), _ = pushed(delivery(LAYOUTS["in changes"]))
    known = known_after(None, weigh(None, seen))
    listed = next(
        one for one in carried_out(server, task(TaskKind.THREAD, key("1"))).of(ItemSeen) if one.key == key("21")
    )
    assert weigh(known, listed).version is None
    assert replace(seen.author) == listed.author


@pytest.mark.parametrize(
    ("stated", "lasts"), [("STORY", True), ("LIVE", True), ("FEED", False), ([], False), (7, False)]
)
def test_what_lasts_a_day(stated: object, lasts: bool) -> None:
    """Stories and broadcasts; a word that is none says nothing."""
    assert lasts_a_day({"id": "9", "media_product_type": stated}) is lasts
