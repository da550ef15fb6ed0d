"""A status becomes a record with all that the server states of it, and with nothing that it does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.domain.history import Basis, Change, Known, known_after, unknown_past, weigh
from archiver.domain.item import Form, Metrics
from archiver.domain.observation import ItemSeen
from archiver.domain.task import TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.mastodon import MastodonAdapter
from tests.platforms.carrying import exchange_of
from tests.platforms.mastodon_world import ANN, BOB, CITY, NOW, Server, attachment, carry_out, city, task


def read(status: dict[str, Any], **more: Any) -> ItemSeen:
    """A status by itself."""
    return all_of(status, **more)[0]


def all_of(status: dict[str, Any], **more: Any) -> list[ItemSeen]:
    """All that a status shows."""
    server = Server(statuses={status["id"]: status})
    return carry_out(
        server, task(TaskKind.CONFIRM, f"mastodon:{status['id']}", account=city(authenticated=True, **more))
    ).items


def post(author: str = CITY, content: str = "<p>Hello</p>", **more: Any) -> dict[str, Any]:
    """A status of a fresh server."""
    return Server().post("100", author, content, **more)


class TestFields:
    def test_a_post(self) -> None:
        """Names, times, words, counts."""
        seen = read(post(content="<p>Main St &amp; Elm</p>", favourites_count=4, reblogs_count=1, at=NOW))
        assert (seen.key, seen.form, seen.thread, seen.parent) == ("mastodon:100", Form.POST, "mastodon:100", None)
        assert seen.author is not None
        assert (seen.author.native_id, seen.author.handle, seen.author.display_name) == (
            CITY,
            "city",
            "City of Example",
        )
        assert (seen.body.text, seen.body.markup) == ("Main St & Elm", "<p>Main St &amp; Elm</p>")
        assert (seen.body.visibility, seen.body.lang, seen.created_at) == ("public", "en", NOW)
        assert seen.metrics == Metrics(likes=4, replies=0, shares=1)
        assert seen.permalink == "https://social.example.gov/@city/100"

    def test_the_name_in_all_the_fediverse_is_an_alias(self) -> None:
        """``uri`` is the true key across servers."""
        assert read(post()).aliases == ("mastodon:https://social.example.gov/users/city/statuses/100",)

    def test_what_the_server_does_not_state_is_absent_and_not_empty(self) -> None:
        """Records rule R3."""
        seen = read({"id": "100"})
        assert (seen.author, seen.body.text, seen.body.attachments, seen.body.links, seen.body.tags) == (None,) * 5
        assert seen.metrics == Metrics()
        assert seen.created_at is None

    def test_an_empty_text_is_empty(self) -> None:
        """A picture alone."""
        assert read(post(content="", media_attachments=[attachment()])).body.text == ""

    def test_a_language_that_is_not_known_is_none(self) -> None:
        """``language`` may be null."""
        assert read(post(language=None)).body.lang is None

    def test_a_content_warning_and_what_it_hides_are_kept(self) -> None:
        """``sensitive`` without a warning blurs pictures."""
        body = read(post(spoiler_text="Storm damage", sensitive=True)).body
        assert (body.content_warning, body.labels) == ("Storm damage", ("sensitive",))

    @pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct", "local"])
    def test_visibility_is_kept_as_stated(self, visibility: str) -> None:
        """So that nothing private passes for public; forks know more words."""
        assert read(post(visibility=visibility)).body.visibility == visibility

    def test_words_of_every_script_stay(self) -> None:
        """Right to left, CJK, emoji, custom emoji."""
        body = read(
            post(
                content="<p>שלום 日本語 🏊 :blobcat:</p>",
                emojis=[{"shortcode": "blobcat", "url": "https://f.example/b.png"}],
            )
        ).body
        assert body.text == "שלום 日本語 🏊 :blobcat:"
        assert [(link.url, link.title, link.card) for link in body.links or ()] == [
            ("https://f.example/b.png", ":blobcat:", True)
        ]

    def test_a_link_card_is_no_link_of_the_text(self) -> None:
        """It appears seconds after posting and changes later."""
        card = {"url": "https://a.example", "title": "A", "type": "link"}
        body = read(post(content='<p><a href="https://a.example">a</a></p>', card=card)).body
        assert [(link.url, link.card) for link in body.links or ()] == [
            ("https://a.example", False),
            ("https://a.example", True),
        ]

    def test_tags_and_mentions_are_kept(self) -> None:
        """Mentions by the id of the person."""
        seen = read(post(tags=[{"name": "roads"}], mentions=[{"id": ANN, "acct": "ann@elsewhere.example"}]))
        assert seen.body.tags == ("roads",)
        assert seen.mentions == {ANN}

    def test_a_poll_has_its_options_votes_and_end(self) -> None:
        """Votes may be withheld until then."""
        poll = {"id": "34", "expires_at": "2026-03-03T14:00:00.000Z", "multiple": False,
                "options": [{"title": "Saturday", "votes_count": 6}, {"title": "Sunday", "votes_count": None}]}  # fmt: skip
        found = read(post(poll=poll)).body.poll
        assert found is not None
        assert [(one.title, one.votes) for one in found.options] == [("Saturday", 6), ("Sunday", None)]
        assert found.closes_at == datetime(2026, 3, 3, 14, tzinfo=UTC)
        assert found.multiple is False

    @pytest.mark.parametrize(
        "stamp", ["2026-03-02T14:05:11.123Z", "2026-03-02T14:05:11.123+00:00", "2026-03-02T15:05:11.123+01:00"]
    )
    def test_times_are_utc(self, stamp: str) -> None:
        """Whatever zone a fork writes."""
        assert read(post(created_at=stamp)).created_at == datetime(2026, 3, 2, 14, 5, 11, 123000, tzinfo=UTC)

    @pytest.mark.parametrize("value", [7, None, [], {}, "soon", "0001-01-01T00:00:00+23:59", True])
    def test_a_field_of_another_type_counts_as_absent(self, value: Any) -> None:
        """Forks retype fields; the rest is read all the same."""
        odd = post() | dict.fromkeys(("created_at", "edited_at", "account", "media_attachments", "mentions", "tags", "emojis", "quote", "card", "poll", "language", "spoiler_text", "visibility", "url", "uri", "replies_count", "reblog", "sensitive"), value)  # fmt: skip
        assert read(odd).body.text == "Hello"

    def test_ids_may_be_numbers(self) -> None:
        """Some forks send them so."""
        status = post() | {"in_reply_to_id": 99}
        assert read(status).parent == "mastodon:99"

    def test_a_pointer_leads_to_the_object(self) -> None:
        """In the exchange's own body (RFC 6901)."""
        assert read(post()).pointer == "/0"


class TestMedia:
    def test_pictures_have_their_descriptions_and_size(self) -> None:
        """No description is none, not an empty one."""
        first, second = (
            read(post(media_attachments=[attachment(), attachment("6", description=None)])).body.attachments or ()
        )
        assert (first.kind, first.alt_text, first.width, first.height) == ("image", "Map of the detour", 800, 600)
        assert first.identity == "https://files.example.gov/media/5.jpg"
        assert second.alt_text is None

    def test_media_of_another_server_are_named_by_their_address_there(self) -> None:
        """This server's copy moves, and expires when the cache is cleaned."""
        cached = attachment(url="https://files.example.gov/cache/5.jpg", remote_url="https://elsewhere.example/m.jpg")
        cleaned = attachment(
            url="https://social.example.gov/media_proxy/5/original", remote_url="https://elsewhere.example/m.jpg"
        )
        (one,) = read(post(ANN, media_attachments=[cached])).body.attachments or ()
        (two,) = read(post(ANN, media_attachments=[cleaned])).body.attachments or ()
        assert one.identity == two.identity == "https://elsewhere.example/m.jpg"
        assert one.url == "https://files.example.gov/cache/5.jpg"

    def test_media_that_this_server_never_fetched_are_kept_by_address(self) -> None:
        """``type`` is unknown and ``url`` null then; the kind follows from the name, so that fetching it is no edit."""
        unknown = attachment(
            type="unknown", url=None, preview_url=None, remote_url="https://elsewhere.example/m.JPG?x=1"
        )
        known = attachment(
            url="https://files.example.gov/cache/5.jpg", remote_url="https://elsewhere.example/m.JPG?x=1"
        )
        assert (read(post(ANN, media_attachments=[unknown])).body.attachments or ())[0].kind == "image"
        assert same(post(ANN, media_attachments=[unknown]), post(ANN, media_attachments=[known]))


class TestBoosts:
    def test_a_boost_is_not_the_city_s_own_words(self) -> None:
        """It is a share, with its own id and date, and the whole original text."""
        server = Server()
        original = server.post(
            "50",
            ANN,
            "<p>Trail open</p>",
            spoiler_text="Trails",
            media_attachments=[attachment()],
            at=NOW - timedelta(days=9),
        )
        boost = server.boost("100", original, at=NOW)
        (seen,) = all_of(boost)
        assert (seen.key, seen.form, seen.shares) == ("mastodon:100", Form.SHARE, "mastodon:50")
        assert seen.author is not None
        assert seen.author.native_id == CITY
        assert (seen.body.text, seen.body.content_warning, seen.created_at) == ("Trail open", "Trails", NOW)
        assert len(seen.body.attachments or ()) == 1
        assert (seen.parent, seen.thread, seen.metrics) == (None, "mastodon:100", None)

    def test_a_boost_of_the_city_s_own_post_shows_that_post_too(self) -> None:
        """A second look at it for nothing."""
        server = Server()
        boost = server.boost("100", server.post("50"))
        assert [one.key for one in all_of(boost)] == ["mastodon:100", "mastodon:50"]

    def test_a_boost_s_own_visibility_counts(self) -> None:
        """A public post may be boosted to followers only."""
        server = Server()
        boost = server.boost("100", server.post("50", ANN), visibility="private")
        assert all_of(boost)[0].body.visibility == "private"


class TestQuotes:
    STATES = (
        "accepted",
        "pending",
        "rejected",
        "revoked",
        "deleted",
        "unauthorized",
        "blocked_account",
        "some_new_state",
    )

    @pytest.mark.parametrize("state", STATES)
    def test_every_state_is_kept(self, state: str) -> None:
        """Most of them show no quoted post; unknown ones come with new versions."""
        quoted = {"id": "50", "content": "<p>…</p>"} if state == "accepted" else None
        body = read(post(quote={"state": state, "quoted_status": quoted})).body
        assert body.labels == (f"quote:{state}",)
        assert body.quotes == ("mastodon:50" if quoted else None)

    def test_a_shallow_quote_names_the_quoted_post(self) -> None:
        """Within a quoted post."""
        assert read(post(quote={"state": "accepted", "quoted_status_id": "50"})).body.quotes == "mastodon:50"

    def test_a_quotation_taken_back_is_no_edit(self) -> None:
        """Nobody changed the text; what was quoted stays known."""
        first = post(quote={"state": "accepted", "quoted_status": {"id": "50"}})
        assert same(first, post(quote={"state": "revoked", "quoted_status": None}))


class TestAnswers:
    def test_an_answer_names_its_parent(self) -> None:
        """The thread follows from the parents, unless the answer tells it."""
        seen = read(post(ANN) | {"in_reply_to_id": "50", "in_reply_to_account_id": CITY})
        assert (seen.parent, seen.thread, seen.parent_author) == ("mastodon:50", None, None)

    def test_a_chain_of_one_s_own_is_certain(self) -> None:
        """Whoever answers themself is the parent's author."""
        seen = read(post() | {"in_reply_to_id": "50", "in_reply_to_account_id": CITY})
        assert seen.parent_author == CITY

    def test_an_answer_whose_parent_was_forgotten_is_no_root(self) -> None:
        """``in_reply_to_id`` turned null: the parent is not stated, and no thread; the store keeps what it has."""
        seen = read(post(ANN) | {"in_reply_to_id": None, "in_reply_to_account_id": CITY})
        assert (seen.parent, seen.thread) == (None, None)


def first(status: dict[str, Any]) -> Known:
    """What is known after a first sight."""
    return known_after(None, weigh(None, read(status)))


def change(one: dict[str, Any], two: dict[str, Any]) -> Change:
    """What a second sight changes."""
    return weigh(first(one), read(two))


def same(one: dict[str, Any], two: dict[str, Any]) -> bool:
    """Whether the second sight is no edit."""
    version = change(one, two).version
    return version is None or version.basis is not Basis.EDIT


class TestEdits:
    VOLATILE = (
        ("what the viewer did", {"favourited": True, "reblogged": True, "muted": True, "bookmarked": True, "pinned": True}),
        ("a filter of the viewer", {"filtered": [{"filter": {"id": "1"}, "keyword_matches": ["x"]}]}),
        ("counts", {"favourites_count": 9, "replies_count": 9, "reblogs_count": 9, "quotes_count": 9}),
        ("the account as of now", {"account": Server().people[CITY] | {"followers_count": 9, "statuses_count": 9, "display_name": "New"}}),
        ("a link card", {"card": {"url": "https://a.example", "title": "A"}}),
        ("the client", {"application": {"name": "Web"}}),
        ("a field of tomorrow", {"tagged_collections": [{"id": 1}], "interaction_policy": {}}),
        ("the custom emoji's picture", {"emojis": [{"shortcode": "a", "url": "https://f.example/2.png"}]}),
        ("a picture's blurhash and focus", {"media_attachments": [attachment(blurhash="x", meta={"focus": {"x": 1}})]}),
    )  # fmt: skip

    @pytest.mark.parametrize("more", [case[1] for case in VOLATILE], ids=[case[0] for case in VOLATILE])
    def test_what_changes_without_anybody_editing_is_no_edit(self, more: dict[str, Any]) -> None:
        """Nor is a token that comes or goes."""
        plain = post(media_attachments=[attachment()])
        assert same(plain, plain | more)
        assert same(plain | more, plain)

    CHANGED = (
        ("the words", {"content": "<p>Hello!</p>"}),
        ("a picture's description", {"media_attachments": [attachment(description="Another")]}),
        ("the content warning", {"spoiler_text": "New"}),
        ("the time of the last edit", {"edited_at": "2026-03-09T13:00:00.000Z"}),
        ("where a link leads", {"content": '<p><a href="https://b.example">Hello</a></p>'}),
    )

    @pytest.mark.parametrize("more", [case[1] for case in CHANGED], ids=[case[0] for case in CHANGED])
    def test_what_somebody_changed_is_an_edit(self, more: dict[str, Any]) -> None:
        """Some servers do not move ``edited_at`` with a picture's description."""
        plain = post(content='<p><a href="https://a.example">Hello</a></p>', media_attachments=[attachment()])
        assert not same(plain, plain | more)

    def test_a_poll_that_goes_on_is_no_edit_and_one_with_other_options_is(self) -> None:
        """Votes count up, options are changed."""
        poll = {"id": "1", "options": [{"title": "Sat", "votes_count": 1}], "expires_at": "2026-03-11T00:00:00Z"}
        more_votes = poll | {"options": [{"title": "Sat", "votes_count": 2}]}
        assert same(post(poll=poll), post(poll=more_votes))
        assert not same(post(poll=poll), post(poll=poll | {"options": [{"title": "Mon", "votes_count": 0}]}))

    def test_the_history_adds_only_versions_that_were_not_seen(self) -> None:
        """Seen at its first and at its last state; the one between comes from the history."""
        server = Server()
        before = read(json.loads(json.dumps(server.post("100", content="<p>5 pm</p>", at=NOW - timedelta(hours=3)))))
        server.edit("100", "<p>6 pm</p>", NOW - timedelta(hours=2))
        server.edit("100", "<p>7 pm</p>", NOW - timedelta(hours=1))
        after = read(server.statuses["100"])
        (past,) = carry_out(server, task(TaskKind.HISTORY, "mastodon:100")).past
        known = known_after(None, weigh(None, before))
        rows = [(known.edited_at, known.digest)]
        known = known_after(known, weigh(known, after))
        rows.append((known.edited_at, known.digest))
        assert [one.body.text for one in unknown_past(past, rows)] == ["6 pm"]


def test_two_servers_may_give_the_same_number() -> None:
    """The second server's key space keeps posts and people apart."""
    one, two = read(post()), read(post(), key_space="other.example/")
    assert (one.key, two.key) == ("mastodon:100", "mastodon:other.example/100")
    assert one.author is not None
    assert two.author is not None
    assert one.author.native_id != two.author.native_id


@pytest.mark.parametrize(
    "native_id", ["01M81YV1GADN0AWNF6VFE9BGTX", "AbCdEfGhIjKlMnOpQr", "7", "113000000000000020", "a/b", "../x"]
)
def test_ids_are_texts(native_id: str) -> None:
    """ULIDs, flakes, short and long numbers; what would lead elsewhere in an address is escaped."""
    server = Server()
    server.post(native_id)
    done = carry_out(server, task(TaskKind.CONFIRM, f"mastodon:{native_id}"))
    assert done.keys == [f"mastodon:{native_id}"]
    step = MastodonAdapter(city()).start(task(TaskKind.HISTORY, f"mastodon:{native_id}"))
    assert step.requests[0].url.count("/") == 7


@pytest.mark.parametrize("body", [b"", b"null", b"7", b"[", b"\xff\xfe", b"[[[["])
def test_an_answer_of_another_shape_is_said_to_be_one(body: bytes) -> None:
    """It is kept, and read after an update."""
    spec = MastodonAdapter(city()).start(task(TaskKind.POLL)).requests[0]
    exchange = exchange_of((200, [("Content-Type", "application/json")], body), spec, task(TaskKind.POLL))
    with pytest.raises(ShapeChanged):
        list(MastodonAdapter(city()).read(exchange))


def test_strangers_named_like_the_city_are_not_the_city() -> None:
    """``city@elsewhere`` is somebody else."""
    server = Server()
    server.people[BOB] |= {"acct": "city@elsewhere.example", "username": "city"}
    assert [one.key for one in all_of(server.boost("100", server.post("50", BOB)))] == ["mastodon:100"]
