"""Polls and backfills: media, stories, broadcasts, messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.domain.history import Basis, EventName, known_after, weigh
from archiver.domain.item import Form
from archiver.domain.observation import FactSeen, ItemSeen
from archiver.domain.task import Covered, Meaning, NotOffered, Shortfall, Task, TaskKind
from archiver.platforms.instagram import listings
from archiver.platforms.instagram.flavours import LISTS, Flavour
from tests.platforms.instagram_world import (
    CITY,
    NOW,
    PAGE,
    TOKEN,
    Done,
    Server,
    carried_out,
    city,
    failed,
    key,
    link,
    task,
)

DAY = timedelta(days=1)


def full(server: Server, **more: Any) -> Done:
    """A listing of everything."""
    return carried_out(server, task(TaskKind.POLL, account=city(server.flavour, **more), full=True))


def found(done: Done, stream: str, kind: type = Covered) -> list[Any]:
    """The findings of one kind about a stream."""
    return [one for one in done.findings if isinstance(one, kind) and one.stream == stream]


def filled(count: int, flavour: str = "facebook") -> Server:
    """A server with so many posts, a day apart, the newest of today."""
    server = Server(flavour=flavour)
    for n in range(count):
        server.post(f"1{n:04d}", f"Notice {n}", at=NOW - (count - n) * DAY + DAY / 2)
    return server


@pytest.mark.parametrize("flavour", ["facebook", "instagram"])
def test_every_field_that_is_asked_for_is_known_to_the_login(flavour: str) -> None:
    """Each login has fields of its own: one that a host does not know would fail the whole call."""
    server = filled(3, flavour)
    done = full(server)
    assert [seen.key for seen in done.of(ItemSeen)] == [key("10002"), key("10001"), key("10000")]
    assert not done.of(FactSeen)
    assert done.paths == [f"{CITY}/stories", f"{CITY}/live_media", f"{CITY}/media"]


def test_the_next_page_is_asked_for_by_ourselves() -> None:
    """What ``paging.next`` says of host, path and token is not followed; fields and version stay ours."""
    server = filled(5)
    server.page_most = 2
    done = full(server)
    media = [spec for spec in done.specs if "/media?" in spec.url]
    assert [spec.page for spec in media] == [1, 2, 3]
    assert [parse_qs(urlsplit(spec.url).query).get("after") for spec in media] == [None, ["c2"], ["c4"]]
    assert all(
        spec.url.startswith("https://graph.facebook.com/v26.0/") and TOKEN not in spec.url for spec in done.specs
    )
    assert {parse_qs(urlsplit(spec.url).query)["fields"][0] for spec in media} == {listings_fields(server)}


def listings_fields(server: Server) -> str:
    """The fields of media, as sent."""
    return LISTS[Flavour(server.flavour)].media.text


def test_every_call_is_signed_and_asks_for_a_plain_answer() -> None:
    """Proof with every call, the token in no address, no compression of answers that may repeat a token."""
    for spec in full(filled(1)).specs:
        assert spec.credential == "token"
        assert [one.name for one in spec.private] == ["appsecret_proof"]
        assert ("Accept-Encoding", "identity") in spec.headers
        assert "access_token" not in spec.url


def test_a_window_ends_after_a_whole_page_of_older_posts() -> None:
    """Pinned ones stand first, however old they are; so neither they nor a single older one end a listing."""
    server = filled(120)
    pinned = [f"1{n:04d}" for n in range(3)]
    order = server.edges[CITY, "media"]
    server.edges[CITY, "media"] = [*pinned, *(one for one in order if one not in pinned)]
    poll = task(TaskKind.POLL, since=NOW - 30 * DAY)
    for size in (100, 3, 2, 1):
        server.page_most = size
        done = carried_out(server, poll)
        inside = {seen.key for seen in done.of(ItemSeen) if seen.created_at >= poll.since}
        assert len(inside) == 30, size
        assert len(done.of(ItemSeen)) <= 75
        assert found(done, "posts") == [Covered("posts", poll.since, NOW, roots=True)]


def test_own_comments_are_in_no_listing_of_posts() -> None:
    """So a listing of posts proves no absence of them."""
    assert [one.roots for one in found(full(filled(2)), "posts")] == [True]


def test_an_empty_listing_beside_a_count_is_a_gap_and_no_removal() -> None:
    """A lost scope shows as silence: the cause and the remedy stand in the gap, and nothing is covered."""
    server = filled(7)
    server.silent = {"media"}
    done = full(server)
    assert found(done, "posts") == []
    (gap,) = found(done, "posts", Shortfall)
    assert "states 7" in gap.reason
    assert "instagram_basic" in gap.reason


def test_an_account_without_posts_is_complete() -> None:
    """Its own count says that there are none."""
    assert found(full(Server()), "posts") == [Covered("posts", None, NOW, roots=True)]


def test_only_the_newest_ten_thousand_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was listed is covered from its oldest on; the rest is not offered, and no gap that anyone could close."""
    monkeypatch.setattr(listings, "HORIZON", 5)
    done = full(filled(5))
    (covered,) = found(done, "posts")
    assert covered.from_at == (NOW - 5 * DAY + DAY / 2).astimezone(UTC)
    assert [type(one) for one in found(done, "posts", NotOffered)] == [NotOffered]
    assert not found(carried_out(filled(9), task(TaskKind.POLL, since=NOW - DAY)), "posts", NotOffered)


def test_stories_come_with_every_poll() -> None:
    """A backfill has none; a story is one whatever its address says, and absence counts only while it must be there."""
    server = filled(1)
    server.post("1201", None, edge="stories", media_product_type="STORY", permalink=None, at=NOW - DAY / 4)
    done = carried_out(server, task(TaskKind.POLL, since=NOW - DAY))
    assert {seen.key: seen.form for seen in done.of(ItemSeen)} == {key("1201"): Form.STORY, key("10000"): Form.POST}
    assert found(done, "stories") == [Covered("stories", NOW - listings.STORY_LIFE, NOW)]
    assert timedelta(hours=24) > listings.STORY_LIFE
    backfill = carried_out(server, task(TaskKind.BACKFILL))
    assert backfill.paths == [f"{CITY}/media"]


def test_a_broadcast_is_visited_while_it_lasts() -> None:
    """What is said during it can't be read afterwards."""
    server = Server()
    server.post("900", None, edge="live_media", media_type="BROADCAST", media_product_type="LIVE", media_url=None)
    done = full(server)
    assert done.followed == {("thread", key("900"))}
    seen = next(one for one in done.of(ItemSeen) if one.key == key("900"))
    assert (seen.form, seen.body.attachments) == (Form.STORY, ())


@pytest.mark.parametrize(("code", "kind"), [(10, Shortfall), (200, Shortfall), (12, Shortfall)])
def test_refused_stories_are_a_gap_of_their_own(code: int, kind: type) -> None:
    """Posts go on."""
    server = filled(2)
    server.refused["stories"] = {"code": code, "message": "(#10) no"}
    done = full(server)
    assert [type(one) for one in found(done, "stories", kind)] == [kind]
    assert len(found(done, "posts")) == 1


def test_too_much_at_once_is_asked_for_in_smaller_pages() -> None:
    """The bare error without a type; every page is halved until it fits, and nothing is missed."""
    server = filled(60)
    server.heavy = 10
    done = full(server)
    assert len({seen.key for seen in done.of(ItemSeen)}) == 60
    assert found(done, "posts") == [Covered("posts", None, NOW, roots=True)]


def test_a_field_that_a_version_lacks_is_left_out_and_remembered() -> None:
    """In this task, in later ones by the account's facts, and in a finding."""
    server = filled(3)
    server.unknown_fields = {"alt_text"}
    done = full(server)
    assert len(done.of(ItemSeen)) == 3
    assert {fact.name for fact in done.of(FactSeen)} == {"refused field v26.0 media.alt_text"}
    assert found(done, "field media.alt_text", NotOffered)
    account = city()
    account = replace(account, facts={**account.facts, "refused field v26.0 media.alt_text": "x"})
    before = len(server.asked)
    carried_out(server, task(TaskKind.POLL, account=account, full=True))
    assert not [spec for spec in server.asked[before:] if "alt_text" in spec.url]


def test_a_dead_token_ends_the_round() -> None:
    """With words that say which login's tokens live for sixty days."""
    server = filled(1)
    server.faults = [failed(190, "Error validating access token: Session has expired on Sunday", subcode=463)]
    done = full(server)
    assert done.verdict is not None
    assert (done.verdict.meaning, len(done.specs)) == (Meaning.ACCESS_LOST, 1)
    assert "sixty days" in done.verdict.detail


# --- what is an edit


def medium(server: Server) -> ItemSeen:
    """The newest medium as a poll sees it now."""
    seen: ItemSeen = full(server).of(ItemSeen)[0]
    return seen


def test_captions_and_descriptions_are_edits_and_counts_and_addresses_are_not() -> None:
    """There is no mark of an edit: two captures are compared, without what changes by itself."""
    server = Server()
    post = server.post("1", "Leaf pick-up", alt_text="A plough")
    known = known_after(None, weigh(None, medium(server)))
    post |= {"like_count": 99, "comments_count": 7, "media_url": link("1.jpg", until=NOW + 9 * DAY)}
    assert weigh(known, medium(server)).version is None
    post["alt_text"] = "A snow plough"
    change = weigh(known, medium(server))
    assert change.version is not None
    assert (change.version.basis, change.events[0][0]) == (Basis.EDIT, EventName.EDITED)
    known = known_after(known, change)
    del post["caption"]
    change = weigh(known, medium(server))
    assert change.version is not None
    assert change.version.body.text == ""


def test_a_file_that_is_withheld_for_a_time_is_no_edit() -> None:
    """Videos with flagged music have no address; the file is still that of the medium."""
    server = Server()
    post = server.post("1", media_type="VIDEO", media_product_type="REELS", thumbnail_url=link("1.jpg"))
    known = known_after(None, weigh(None, medium(server)))
    address = post.pop("media_url")
    assert weigh(known, medium(server)).version is None
    assert [one.url for one in medium(server).body.attachments or ()] == ["", post["thumbnail_url"]]
    post["media_url"] = address
    del post["thumbnail_url"]
    assert weigh(known, medium(server)).version is None


def test_an_album_is_all_its_parts() -> None:
    """Each with its own id; another order or a part less is an edit."""
    server = Server()
    parts = [{"id": f"11{n}", "media_type": "IMAGE", "media_url": link(f"11{n}.jpg")} for n in range(12)]
    server.album("1", *parts)
    seen = medium(server)
    assert [one.source for one in seen.body.attachments or ()] == [key(part["id"]) for part in parts]
    known = known_after(None, weigh(None, seen))
    server.edges["1", "children"].pop()
    assert weigh(known, medium(server)).version is not None


# --- messages


def talk(server: Server, native_id: str, updated: str, holder: str = PAGE) -> None:
    """A conversation with one message."""
    server.things[native_id] = ("Conversation", {"id": native_id, "updated_time": updated})
    message = {
        "id": f"m{native_id}",
        "created_time": updated,
        "message": "Hello",
        "from": {"id": "156", "username": "pat"},
    }
    server.things[f"m{native_id}"] = ("Message", message)
    server.edges[native_id, "messages"] = [f"m{native_id}"]
    server.edges.setdefault((holder, "conversations"), []).append(native_id)


@pytest.mark.parametrize(("flavour", "holder"), [("facebook", PAGE), ("instagram", CITY)])
def test_messages_are_read_only_where_they_are_wanted(flavour: str, holder: str) -> None:
    """And then those of conversations that moved in the window."""
    server = Server(flavour=flavour)
    talk(server, "t2", "2026-11-22T10:00:00+0000", holder)
    talk(server, "t1", "2025-01-01T10:00:00+0000", holder)
    poll = Task(city(flavour), TaskKind.POLL, NOW, since=NOW - DAY)
    assert "conversations" not in " ".join(carried_out(server, poll).paths)
    done = carried_out(server, replace(poll, account=city(flavour, messages=True)))
    (seen,) = (one for one in done.of(ItemSeen) if one.form is Form.MESSAGE)
    assert (seen.key, seen.thread, seen.body.visibility) == (key("mt2"), key("t2"), "private")
    assert [one.absence for one in found(done, "messages")] == [False]


def test_messages_without_a_known_page_are_not_offered() -> None:
    """Facebook's login reads them through the page."""
    account = city(messages=True, facts={"flavour": "facebook"})
    done = carried_out(Server(), task(TaskKind.POLL, account=account, full=True))
    assert found(done, "messages", NotOffered)


def test_refused_messages_are_a_gap_of_their_own() -> None:
    """Everything else goes on."""
    server = filled(1)
    server.refused["conversations"] = {"code": 10, "message": "(#10) no"}
    done = full(server, messages=True)
    assert len(found(done, "messages", Shortfall)) == len(found(done, "posts")) == 1


@pytest.mark.parametrize(("code", "subcode"), [(210, None), (190, 2069032)])
def test_a_system_users_own_token_is_good_for_all_but_messages(code: int, subcode: int | None) -> None:
    """They want the page's."""
    server = filled(1)
    server.refused["conversations"] = {"code": code, "error_subcode": subcode, "message": "A page token is required"}
    done = full(server, messages=True)
    assert len(found(done, "messages", Shortfall)) == len(found(done, "posts")) == 1
