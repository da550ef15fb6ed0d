"""What is left of an answer when some of its records go: the cases that have a reason of their own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.platforms.cutting import Cut, Gone, body_of, cut, with_body
from archiver.platforms.registry import adapter_for
from tests.platforms.facebook.answers import PAGE, POST, comment, feed, pushed

CITY = Account("city", "mastodon", "city", base_url="https://social.example")
SECRET = "Zwetschgenröster und Kaiserschmarrn"


def status(number: int, text: str, author: str = "city", **more: Any) -> dict[str, Any]:
    """A post."""
    return {
        "id": str(number), "uri": f"https://social.example/users/{author}/statuses/{number}", "content": f"<p>{text}</p>",
        "created_at": "2026-01-05T10:00:00Z", "account": {"id": f"9{len(author)}", "acct": author, "display_name": author},
        "media_attachments": [], "mentions": [], "tags": [],
    } | more  # fmt: skip


def answer(document: Any, path: str = "/api/v1/accounts/94/statuses?limit=40", **more: Any) -> Exchange:
    """An exchange with the city's server."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    values: dict[str, Any] = {
        "id": "1", "sequence": 1, "account": "city", "url": f"https://social.example{path}", "stream": "posts",
        "captured_at": datetime(2026, 2, 1, tzinfo=UTC), "status": 200, "body": body, "task_kind": "poll",
        "headers": (("Content-Type", "application/json; charset=utf-8"),),
    } | more  # fmt: skip
    return Exchange(**values)


def without(exchange: Exchange, *numbers: int, account: Account = CITY) -> Cut:
    """The cut of some statuses."""
    return cut(adapter_for(account), exchange, Gone.of({Key(f"mastodon:{number}"): () for number in numbers}))


def texts(exchange: Exchange) -> dict[str, str | None]:
    """The records of an answer with their texts."""
    seen = adapter_for(CITY).read(exchange)
    return {one.key: one.body.text for one in seen if isinstance(one, ItemSeen)}


def test_all_other_bytes_stay_as_they_are() -> None:
    """Spaces, escapes, the order of members, numbers as the server spelled them."""
    kept = b'{"id":"1",  "content":"<p>\\u00e4</p>", "n": 1.50, "created_at":"2026-01-05T10:00:00Z"}'
    body = b'[ %s ,\n{"id": "2", "content": "<p>%s</p>"}]' % (kept, SECRET.encode())
    made = without(answer(body), 2)
    assert made.body == b"[ %s ,\nnull]" % kept
    assert (made.removed, made.media_type) == (1, "application/json; charset=utf-8")


def test_an_answer_that_shows_none_of_them_is_not_touched() -> None:
    """Another platform's records may have the same ids; so have replies what they answer, and that is no word of it."""
    exchange = answer([status(1, "one"), status(2, "two", in_reply_to_id="7")])
    made = cut(adapter_for(CITY), exchange, Gone.of({Key("x:1"): ("2",), Key("mastodon:7"): ()}))
    assert (made.body, made.removed, made.refused) == (exchange.body, 0, "")


def test_a_quote_that_stays_goes_on_to_say_what_it_quotes() -> None:
    """The quoted words go, the id stays: that it was a quote is of the record that stays."""
    quoted = status(1, SECRET, "ann")
    exchange = answer([status(5, "see this", quote={"state": "accepted", "quoted_status": quoted})])
    made = without(exchange, 1)
    after = with_body(exchange, made.body)
    assert list(adapter_for(CITY).read(after)) == list(adapter_for(CITY).read(exchange))
    assert json.loads(made.body)[0]["quote"]["quoted_status"] == {"id": "1", "uri": quoted["uri"]}
    assert (made.removed, made.kept_within) == (1, frozenset())


def test_a_share_that_stays_keeps_the_words_as_its_own() -> None:
    """And it is told that they are there; the original's own entry goes."""
    original = status(1, SECRET)
    exchange = answer([status(5, "", reblog=original), original])
    made = without(exchange, 1)
    assert texts(with_body(exchange, made.body)) == {"mastodon:5": SECRET, "mastodon:1": SECRET}
    assert json.loads(made.body)[1] is None
    assert made.kept_within == {"mastodon:1"}
    both = without(exchange, 1, 5)
    assert json.loads(both.body) == [None, None]
    assert both.kept_within == frozenset()


def test_who_answered_whom_is_still_told() -> None:
    """In a thread the authors of what is gone may be needed; their ids are left, and nothing that they wrote or are called."""
    below = [
        status(2, SECRET, "ann", in_reply_to_id="1", in_reply_to_account_id="94"),
        status(3, "thanks", "peter", in_reply_to_id="2", in_reply_to_account_id="93"),
    ]
    exchange = answer(
        {"ancestors": [], "descendants": below}, "/api/v1/statuses/1/context", task_kind="thread", subject="mastodon:1"
    )
    made = without(exchange, 2)
    assert not made.refused
    after = [one for one in adapter_for(CITY).read(with_body(exchange, made.body)) if one.key == "mastodon:3"]  # type: ignore[union-attr]
    assert after == [one for one in adapter_for(CITY).read(exchange) if one.key == "mastodon:3"]  # type: ignore[union-attr]
    left = json.loads(made.body)["descendants"][0]
    assert "ann" not in {left.get("account", {}).get("acct"), left.get("account", {}).get("display_name")}
    assert SECRET.encode() not in made.body
    assert json.dumps(SECRET).encode()[1:-1] not in made.body


def test_a_list_of_versions_goes_whole() -> None:
    """It has no ids; its address says whose they are."""
    versions = [{"content": f"<p>{SECRET} {n}</p>", "created_at": f"2026-01-0{n}T10:00:00Z"} for n in (1, 2)]
    exchange = answer(versions, "/api/v1/statuses/1/history", task_kind="history", subject="mastodon:1")
    made = without(exchange, 1)
    assert (made.body, made.removed) == (b"[]", 1)
    assert without(exchange, 2).body == exchange.body


def test_words_that_stand_in_another_place_go_too() -> None:
    """A server that repeats a text somewhere: nobody reads it there, so nobody misses it."""
    exchange = answer([status(1, SECRET), status(2, "stays", preview=f"<p>{SECRET}</p>", other={"x": [SECRET]})])
    made = without(exchange, 1)
    assert json.loads(made.body)[1]["preview"] is None
    assert json.loads(made.body)[1]["other"] == {"x": [None]}


def test_what_somebody_linked_to_is_no_id() -> None:
    """The record's ids stay for its neighbors' sake; where its facets and its card lead goes, like its words."""
    hall = Account("hall", "bluesky", "hall.example", native_id="did:plc:hall")
    secret = "https://doxx.example/her-address"
    link = {"$type": "app.bsky.richtext.facet#link", "uri": secret}
    more = {
        "facets": [{"index": {"byteStart": 0, "byteEnd": 4}, "features": [link]}],
        "embed": {"$type": "app.bsky.embed.external", "external": {"uri": secret, "title": "t", "description": ""}},
    }
    named = "at://did:plc:hall/app.bsky.feed.post/"
    posts = [
        {"uri": f"{named}{rkey}", "cid": f"bafy{rkey}", "value": {
            "$type": "app.bsky.feed.post", "text": f"said {rkey}", "createdAt": "2026-01-05T10:00:00Z", **more}}
        for rkey, more in (("3kaaaaaaaaa2a", more), ("3kaaaaaaaaa2b", {}))
    ]  # fmt: skip
    path = "/xrpc/com.atproto.repo.listRecords?repo=did:plc:hall&collection=app.bsky.feed.post"
    exchange = answer({"records": posts}, path, account="hall")
    key = Key(f"bluesky:{posts[0]['uri']}")
    made = cut(adapter_for(hall), exchange, Gone.of({key: ()}))
    assert made.removed == 1
    assert not made.refused
    assert secret.encode() not in made.body
    assert json.loads(made.body)["records"][1] == posts[1]


def test_the_same_words_of_somebody_else_stay() -> None:
    """They are that record's own."""
    made = without(answer([status(1, SECRET), status(2, SECRET, "ann")]), 1)
    assert texts(with_body(answer([]), made.body)) == {"mastodon:2": SECRET}


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b'[{"id": "1", "content": "half of a', True),
        (b'[{"id": "11", "content": "half of a', False),
        (b"\xff\xfe 1 \x00", True),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_if_it_names_the_record(body: bytes, *, refused: bool) -> None:
    """It may have the words; what else is in it nobody can tell."""
    made = without(answer(body), 1)
    assert bool(made.refused) is refused
    assert made.body == body


def test_subtitles_go_with_their_video() -> None:
    """A body that is about one record, and no document, goes whole; media by their purpose are left to the store."""
    account = Account("city", "youtube", "UCx")
    gone = Gone.of({Key("youtube:vid00000001"): ()})
    words = answer(
        b"WEBVTT\n\n00:01.000 --> 00:02.000\nWe begin.\n", "/captions", headers=(("Content-Type", "text/vtt"),),
        subject="youtube:vid00000001", task_kind="media",
    )  # fmt: skip
    made = cut(adapter_for(account), words, gone)
    assert (made.body, made.removed, made.media_type) == (b"", 1, "text/vtt")
    media = answer(b"", "/captions", purpose=Purpose.MEDIA, subject="youtube:vid00000001")
    assert cut(adapter_for(account), media, gone).removed == 0


def test_a_comment_goes_out_of_what_was_pushed_and_its_post_does_not_take_it_along() -> None:
    """Both ids are in the event of the comment, and it is the comment's."""
    account = Account("city", "facebook", PAGE)
    words = {"comment_id": f"{POST}_1", "from": comment()["from"], "created_time": 1793719999}
    delivery = pushed(feed("comment", "add", message=SECRET, **words), feed("status", "add", message="stays"))
    assert body_of(delivery) == delivery.request_body
    made = cut(adapter_for(account), delivery, Gone.of({Key(f"facebook:{POST}_1"): ()}))
    changes = json.loads(made.body)["entry"][0]["changes"]
    assert changes[0] in (None, {"field": "feed", "value": None})
    assert changes[1]["value"]["message"] == "stays"
    post = cut(adapter_for(account), delivery, Gone.of({Key(f"facebook:{PAGE}_{POST}"): ()}))
    changes = json.loads(post.body)["entry"][0]["changes"]
    assert changes[0]["value"]["message"] == SECRET
    assert "stays" not in post.body.decode()


def test_a_video_goes_out_of_a_pushed_feed() -> None:
    """Found by its id: of what is pushed by anybody nothing is read but that."""
    account = Account("city", "youtube", "UCx")
    head = b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015">'
    one = b"<entry><yt:videoId>vid00000001</yt:videoId><title>We begin</title></entry>"
    two = b"<entry><yt:videoId>vid00000002</yt:videoId><title>We end</title></entry>"
    delivery = answer(b"", "/push", stream="push", request_body=head + one + two + b"</feed>", subject="youtube:UCx")
    made = cut(adapter_for(account), delivery, Gone.of({Key("youtube:vid00000001"): ()}))
    assert made.body == head + b"<entry></entry>" + two + b"</feed>"
    assert (made.removed, made.media_type) == (1, "application/xml")
