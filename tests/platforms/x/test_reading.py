"""What X's answers show: the traps of posts, versions, problems, users and events."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.item import Attachment, Cause, Form, Link, State
from archiver.domain.observation import (
    OWN_ACCOUNT,
    AccountSeen,
    AuthorSeen,
    GoneSeen,
    ItemSeen,
    Observation,
    PastSeen,
    StateSeen,
    TotalSeen,
)
from archiver.domain.task import FollowUp, TaskKind
from archiver.errors import ShapeChanged
from archiver.platforms.x.desk import VERSIONS
from archiver.platforms.x.fieldlists import POSTS, PROFILE
from archiver.platforms.x.ids import Names
from archiver.platforms.x.pushes import hints
from archiver.platforms.x.reading import read
from archiver.platforms.x.versions import is_edited

CITY, ANN, BOB = "1200000000000000001", "1300000000000000002", "1300000000000000003"
NAMES = Names.of(Account("city", "x", "@ExampletonCity"))
USERS = [
    {"id": CITY, "name": "City of Exampleton", "username": "ExampletonCity", "protected": False},
    {"id": ANN, "name": "Ann", "username": "ann", "protected": False},
    {"id": BOB, "name": "Bob", "username": "bob", "protected": True},
]
FIRST, SECOND, THIRD = "2119369334584246294", "2119372354483126295", "2119375354483126296"
MISSING = "https://api.twitter.com/2/problems/resource-not-found"
REFUSED = "https://api.x.com/2/problems/not-authorized-for-resource"


def post(post_id: str = FIRST, author: str = CITY, **more: Any) -> dict[str, Any]:
    """A post as X shows one."""
    return {
        "id": post_id, "text": f"I am {post_id}", "author_id": author, "conversation_id": post_id,
        "edit_history_tweet_ids": [post_id], "created_at": "2026-11-08T10:00:00.000Z",
    } | more  # fmt: skip


def answer(*data: dict[str, Any], errors: Any = (), **includes: Any) -> dict[str, Any]:
    """A listing of posts with the city and two residents in it."""
    whole: dict[str, Any] = {"data": list(data), "includes": {"users": USERS} | includes}
    if not data:
        del whole["data"]
    return whole | ({"errors": list(errors)} if errors else {}) | {"meta": {"result_count": len(data)}}


def exchange(
    body: Any, path: str = f"users/{CITY}/tweets", *, kind: str = "poll", query: Any = POSTS, **more: Any
) -> Exchange:
    """An answer as the adapter sees it."""
    url = f"https://api.x.com/2/{path}{'&' if '?' in path else '?'}{urlencode(query)}"
    words: dict[str, Any] = {"status": 200, "body": json.dumps(body).encode(), "task_kind": kind} | more
    return Exchange("0", 0, "city", url, "posts", datetime(2026, 11, 16, tzinfo=UTC), **words)


def shown(body: Any, path: str = f"users/{CITY}/tweets", **more: Any) -> list[Observation]:
    """All that an answer shows."""
    return list(read(NAMES, exchange(body, path, **more)))


def sight(body: Any, path: str = f"users/{CITY}/tweets", **more: Any) -> ItemSeen:
    """The first record that an answer shows."""
    return next(seen for seen in shown(body, path, **more) if isinstance(seen, ItemSeen))


class TestWords:
    def test_three_signs_are_escaped_once(self) -> None:
        """What somebody typed as an entity stays as it was typed."""
        assert sight(answer(post(text="Fish &amp; chips &lt;3 &amp;copy;"))).body.text == "Fish & chips <3 &copy;"

    def test_a_long_post_is_whole_and_has_the_links_of_its_whole_text(self) -> None:
        """``text`` is only the beginning; its own entities are those of the beginning."""
        long = post(
            text="The beginning… https://t.co/more",
            entities={"urls": [{"start": 15, "end": 32, "url": "https://t.co/more"}]},
            note_tweet={
                "text": "The beginning &amp; the end https://t.co/end",
                "entities": {"urls": [{"start": 10, "end": 20, "url": "https://t.co/end", "expanded_url": "https://a.example"}]},
            },
        )  # fmt: skip
        body = sight(answer(long)).body
        assert body.text == "The beginning & the end https://t.co/end"
        assert body.links == (Link("https://t.co/end", "https://a.example"),)
        assert not body.partial

    def test_a_long_post_of_which_only_the_beginning_was_asked_says_that_it_is_cut(self) -> None:
        """So that the whole text later is more detail and no edit."""
        body = sight(answer(post(text="The beginning… https://t.co/more")), query=[("tweet.fields", "created_at")]).body
        assert (body.text, body.partial) == ("The beginning…", frozenset({"text", "links"}))

    def test_a_post_that_ends_with_dots_by_itself_is_not_cut(self) -> None:
        """Long texts were asked for, and there is none."""
        assert not sight(answer(post(text="Wait for it…"))).body.partial

    def test_the_link_of_several_pictures_is_one_link(self) -> None:
        """X repeats it for each picture, at the same place."""
        url = {"start": 0, "end": 23, "url": "https://t.co/pic", "expanded_url": "https://x.com/a/status/1/photo/1"}
        links = sight(answer(post(entities={"urls": [url, url, url | {"start": 30, "end": 53}]}))).body.links
        assert [link.url for link in links or ()] == ["https://t.co/pic", "https://t.co/pic"]

    def test_links_lead_to_where_all_redirections_end_and_have_the_card_s_title(self) -> None:
        """``unwound_url`` and ``title`` come when X has looked at the page."""
        url = {
            "start": 0, "end": 9, "url": "https://t.co/a", "expanded_url": "https://bit.example/a",
            "unwound_url": "https://city.example/budget", "title": "Budget", "description": "A page",
        }  # fmt: skip
        link = Link("https://t.co/a", "https://city.example/budget", "Budget")
        assert sight(answer(post(entities={"urls": [url]}))).body.links == (link,)

    def test_hashtags_and_cashtags_are_tags(self) -> None:
        """A cashtag keeps its sign."""
        entities = {
            "hashtags": [{"start": 0, "end": 5, "tag": "snow"}],
            "cashtags": [{"start": 6, "end": 9, "tag": "X"}],
        }
        assert sight(answer(post(entities=entities))).body.tags == ("snow", "$X")

    def test_fields_that_were_asked_for_and_are_not_there_have_no_value(self) -> None:
        """A field that was not asked for is absent (records rule R3)."""
        asked = sight(answer(post())).body
        assert (asked.links, asked.tags, asked.attachments, asked.poll) == ((), (), (), None)
        unasked = sight(answer(post()), query=[]).body
        assert (unasked.links, unasked.tags, unasked.attachments) == (None, None, None)

    def test_an_article_has_a_title_and_its_text(self) -> None:
        """Below the words of the post, which are a link to it."""
        body = sight(answer(post(text="https://t.co/a", article={"title": "Budget", "plain_text": "It is long."}))).body
        assert (body.title, body.text) == ("Budget", "https://t.co/a\n\nIt is long.")


class TestPlace:
    def test_a_reply_stands_below_its_parent_in_its_conversation(self) -> None:
        """Who wrote the parent is told; who wrote the root only if somebody answered it directly."""
        reply = post(
            SECOND, ANN, conversation_id=FIRST, in_reply_to_user_id=CITY,
            referenced_tweets=[{"type": "replied_to", "id": FIRST}],
        )  # fmt: skip
        deeper = post(
            THIRD, BOB, conversation_id=FIRST, in_reply_to_user_id=ANN,
            referenced_tweets=[{"type": "quoted", "id": "7"}, {"type": "replied_to", "id": SECOND}],
        )  # fmt: skip
        path = f"tweets/search/recent?query=conversation_id:{FIRST}"
        one, other = (seen for seen in shown(answer(reply, deeper), path) if isinstance(seen, ItemSeen))
        assert (one.parent, one.thread, one.thread_author, one.parent_author) == (
            f"x:{FIRST}",
            f"x:{FIRST}",
            CITY,
            CITY,
        )
        assert (other.parent, other.thread, other.thread_author) == (f"x:{SECOND}", f"x:{FIRST}", CITY)
        assert (other.parent_author, other.body.quotes) == (ANN, "x:7")

    def test_a_reply_to_a_later_version_stands_below_the_post(self) -> None:
        """By the chain where the answer shows it; else the store finds it by the alias."""
        reply = post(
            THIRD, ANN, conversation_id=FIRST, in_reply_to_user_id=CITY,
            referenced_tweets=[{"type": "replied_to", "id": SECOND}],
        )  # fmt: skip
        edited = post(SECOND, conversation_id=FIRST, edit_history_tweet_ids=[FIRST, SECOND])
        assert sight(answer(reply, tweets=[edited]), "tweets/search/recent?query=q").parent == f"x:{FIRST}"
        alone = sight(answer(reply), "tweets/search/recent?query=q")
        assert (alone.parent, alone.united) == (f"x:{SECOND}", True)

    def test_an_old_answer_by_name_alone_is_a_root(self) -> None:
        """It begins with @name and answers no post; X then gives the person, and its own id as the conversation."""
        seen = sight(answer(post(SECOND, ANN, in_reply_to_user_id=CITY)))
        assert (seen.parent, seen.thread, seen.thread_author) == (None, f"x:{SECOND}", ANN)

    def test_a_post_of_which_nothing_was_asked_does_not_say_where_it_stands(self) -> None:
        """Only id and text come unasked."""
        seen = sight({"data": [{"id": FIRST, "text": "a"}], "meta": {}}, "tweets/search/recent?query=a", query=[])
        assert (seen.thread, seen.author, seen.created_at) == (None, None, datetime(2026, 11, 8, 10, tzinfo=UTC))

    def test_mentions_are_people_by_id_by_name_or_the_account_itself(self) -> None:
        """Until 2021 answers had names alone; the city's own is known from the configuration."""
        entities = {"mentions": [{"username": "ANN"}, {"username": "someone"}, {"id": "9", "username": "b"}]}
        assert sight(answer(post(entities=entities))).mentions == {ANN, "@someone", "9"}
        alone = {"data": [post(entities={"mentions": [{"username": "exampletoncity"}]})]}
        assert sight(alone, "tweets/search/recent?query=a").mentions == {OWN_ACCOUNT}

    def test_all_posts_of_the_list_of_mentions_name_the_account(self) -> None:
        """Though the name may stand where only X knows of it."""
        assert CITY in sight(answer(post(SECOND, ANN)), f"users/{CITY}/mentions").mentions

    def test_what_posts_refer_to_is_a_record_if_it_is_the_account_s_or_speaks_to_it(self) -> None:
        """A stranger's post that was quoted is none: nobody in the city wrote it or was spoken to."""
        refers = post(SECOND, CITY)
        named = post("11", ANN, entities={"mentions": [{"id": CITY, "username": "ExampletonCity"}]})
        answering = post("12", ANN, conversation_id="5", in_reply_to_user_id=CITY)
        below = post("13", ANN, conversation_id=SECOND)
        strange, own = post("14", ANN), post("15", CITY)
        found = shown(answer(refers, tweets=[named, answering, below, strange, own]))
        assert [seen.key for seen in found if isinstance(seen, ItemSeen)] == [
            f"x:{SECOND}",
            "x:11",
            "x:12",
            "x:13",
            "x:15",
        ]


class TestReposts:
    ORIGINAL = post(SECOND, ANN, text="All of the words", attachments={"media_keys": ["3_77"]})
    REPOST = post(
        THIRD, CITY, text="RT @ann: All of…", referenced_tweets=[{"type": "retweeted", "id": SECOND}],
        public_metrics={"retweet_count": 5, "like_count": 0, "reply_count": 0, "quote_count": 0},
    )  # fmt: skip

    def test_a_repost_has_its_own_id_and_the_original_s_words_and_pictures(self) -> None:
        """Its own text is cut after 140 characters, its counts are the original's."""
        media = [{"media_key": "3_77", "type": "photo", "url": "https://pbs.example/a.jpg"}]
        seen = sight(answer(self.REPOST, tweets=[self.ORIGINAL], media=media))
        assert (seen.key, seen.form, seen.shares, seen.thread) == (
            f"x:{THIRD}",
            Form.SHARE,
            f"x:{SECOND}",
            f"x:{THIRD}",
        )
        assert (seen.body.text, seen.metrics) == ("All of the words", None)
        assert [one.identity for one in seen.body.attachments or ()] == ["x:media/77"]

    def test_without_the_original_it_is_the_beginning_of_its_words(self) -> None:
        """So that the whole text, when it can be seen, is more detail and no edit."""
        body = sight(answer(self.REPOST)).body
        assert (body.text, body.partial, body.labels) == ("All of…", frozenset({"text"}), ("original:not shown",))
        short = self.REPOST | {"text": "RT @ann: All."}
        assert sight(answer(short)).body.partial == frozenset()

    def test_a_quotation_is_a_post_of_its_own(self) -> None:
        """It names what it quotes, whose version stays as stated."""
        seen = sight(answer(post(THIRD, CITY, referenced_tweets=[{"type": "quoted", "id": SECOND}])))
        assert (seen.form, seen.body.quotes, seen.parent) == (Form.POST, f"x:{SECOND}", None)


class TestVersions:
    OLD = post(FIRST, text="al day", edit_history_tweet_ids=[FIRST, SECOND])
    NEW = post(
        SECOND, text="all day", conversation_id=FIRST, edit_history_tweet_ids=[FIRST, SECOND],
        created_at="2026-11-08T10:12:00.000Z",
    )  # fmt: skip

    def test_an_edited_post_is_the_record_of_its_first_id(self) -> None:
        """Its date is the first version's, which the id tells where the version is not shown."""
        seen = sight(answer(self.NEW))
        assert (seen.key, seen.aliases, seen.native_version) == (f"x:{FIRST}", (f"x:{SECOND}",), SECOND)
        assert seen.created_at == datetime(2026, 11, 8, 10, tzinfo=UTC)
        assert seen.body.edited_at == datetime(2026, 11, 8, 10, 12, tzinfo=UTC)
        assert seen.permalink == f"https://x.com/ExampletonCity/status/{SECOND}"

    def test_who_asks_for_the_first_id_is_shown_what_the_post_says_now(self) -> None:
        """The answer's ``data`` is the first version; the expansion brings the others, and the whole history with them."""
        found = shown(answer(self.OLD, tweets=[self.NEW]), f"tweets?ids={FIRST}", kind="confirm", query=VERSIONS)
        item, past = found
        assert isinstance(item, ItemSeen)
        assert isinstance(past, PastSeen)
        assert (item.body.text, item.pointer, item.origin) == ("all day", "/includes/tweets/0", True)
        assert [one.body.text for one in past.versions] == ["al day", "all day"]
        assert [one.body.edited_at for one in past.versions] == [None, datetime(2026, 11, 8, 10, 12, tzinfo=UTC)]

    def test_an_old_version_alone_is_a_sign_of_life_for_a_confirmation(self) -> None:
        """Its words are history; they say nothing about the present ones."""
        item, past = shown(answer(self.OLD), f"tweets?ids={FIRST}", kind="confirm")
        assert isinstance(item, ItemSeen)
        assert isinstance(past, PastSeen)
        assert (item.body.text, item.native_version, item.origin) == (None, None, True)
        assert [one.body.text for one in past.versions] == ["al day", None]

    def test_an_old_version_elsewhere_is_dated_as_the_old_one_it_is(self) -> None:
        """It may be all that is ever seen of it, but must not pass for an edit."""
        item = sight(answer(self.OLD))
        assert (item.body.text, item.origin) == ("al day", False)
        assert item.body.edited_at == datetime(2026, 11, 8, 10, tzinfo=UTC)

    def test_versions_that_stand_together_are_one_record(self) -> None:
        """In whatever order."""
        for data in ([self.OLD, self.NEW], [self.NEW, self.OLD]):
            kinds = [
                type(seen).__name__ for seen in shown(answer(*data), f"tweets?ids={FIRST},{SECOND}", kind="history")
            ]
            assert kinds == ["ItemSeen", "PastSeen"]

    def test_what_was_edited_and_what_was_not(self) -> None:
        """A repost has no versions of its own."""
        assert [is_edited(one) for one in (self.OLD, self.NEW, post(), TestReposts.REPOST)] == [
            True,
            True,
            False,
            False,
        ]


class TestFiles:
    def test_a_photo_is_fetched_as_it_was_uploaded(self) -> None:
        """Under the digits of its media key, with its description."""
        photo = {
            "media_key": "3_77",
            "type": "photo",
            "url": "https://pbs.example/a?format=jpg&name=small",
            "alt_text": "A map",
        }
        body = sight(answer(post(attachments={"media_keys": ["3_77"]}), media=[photo])).body
        where = "https://pbs.example/a?format=jpg&name=orig"
        assert body.attachments == (Attachment("image", where, source="x:media/77", alt_text="A map"),)

    def test_a_video_is_its_best_file(self) -> None:
        """A list for players is no file, and has no rate; a gif is a video without sound."""
        variants: list[dict[str, Any]] = [
            {"content_type": "application/x-mpegURL", "url": "https://v.example/list.m3u8"},
            {"content_type": "video/mp4", "bit_rate": 2_000_000, "url": "https://v.example/high.mp4"},
            {"content_type": "video/mp4", "bit_rate": 500_000, "url": "https://v.example/low.mp4"},
        ]
        media = [
            {"media_key": "7_1", "type": "video", "variants": variants, "preview_image_url": "https://v.example/p.jpg"},
            {"media_key": "16_2", "type": "animated_gif", "variants": [variants[2] | {"bit_rate": 0}]},
            {
                "media_key": "7_3",
                "type": "video",
                "variants": variants[:1],
                "preview_image_url": "https://v.example/p.jpg",
            },
        ]
        found = sight(answer(post(attachments={"media_keys": ["7_1", "16_2", "7_3"]}), media=media)).body.attachments
        assert [(one.kind, one.url, one.source) for one in found or ()] == [
            ("video", "https://v.example/high.mp4", "x:media/1"),
            ("gifv", "https://v.example/low.mp4", "x:media/2"),
            ("image", "https://v.example/p.jpg", "x:media/3/preview"),
        ]

    def test_media_that_the_answer_does_not_show_leave_the_list_cut(self) -> None:
        """They are there, but where, another answer must tell."""
        body = sight(answer(post(attachments={"media_keys": ["3_77"]}))).body
        assert (body.attachments, body.partial) == (None, frozenset({"attachments"}))

    def test_a_poll_has_its_answers_in_order(self) -> None:
        """Votes move until it closes."""
        poll = {
            "id": "5", "end_datetime": "2026-11-14T12:00:00.000Z", "voting_status": "open",
            "options": [{"position": 2, "label": "River", "votes": 87}, {"position": 1, "label": "Elm", "votes": 120}],
        }  # fmt: skip
        found = sight(answer(post(attachments={"poll_ids": ["5"]}), polls=[poll])).body.poll
        assert found is not None
        assert [(one.title, one.votes) for one in found.options] == [("Elm", 120), ("River", 87)]
        assert found.closes_at == datetime(2026, 11, 14, 12, tzinfo=UTC)


def test_marks_are_labels() -> None:
    """Of what is no part of the text: who may answer, where it was written, where it is withheld."""
    marked = post(
        possibly_sensitive=True, reply_settings="mentionedUsers", community_id="3", card_uri="card://4",
        paid_partnership=True, geo={"place_id": "p", "coordinates": {"type": "Point", "coordinates": [-73.5, 40.25]}},
        withheld={"copyright": True, "country_codes": ["DE"], "scope": "tweet"},
    )  # fmt: skip
    body = sight(answer(marked, places=[{"id": "p", "full_name": "Exampleton, MN"}])).body
    assert body.labels == (
        "sensitive", "paid_partnership", "replies:mentionedUsers", "community:3", "card:card://4", "place:Exampleton, MN",
        "coordinates:40.25,-73.5", "withheld:copyright", "withheld:DE",
    )  # fmt: skip


def test_posts_of_who_protects_them_are_for_followers() -> None:
    """X shows them, so they are not hidden; but the account sees them as a follower does, and not as the public."""
    seen = sight(answer(post(SECOND, BOB)), "tweets/search/recent?query=a")
    assert (seen.state, seen.body.visibility) == (None, "followers")
    assert sight(answer(post(SECOND, ANN))).body.visibility is None


def problem(
    about: str, kind: str = MISSING, title: str = "Not Found Error", parameter: str = "ids", **more: str
) -> Any:
    """An entry of ``errors``."""
    return {
        "value": about,
        "resource_id": about,
        "type": kind,
        "title": title,
        "parameter": parameter,
        "detail": "…",
    } | more


STATED: dict[str, tuple[Any, type, Any]] = {
    "not found is gone, and nobody says why": (problem("12"), GoneSeen, None),
    "a suspended author is a cause": (problem("12", title="Forbidden"), GoneSeen, Cause.AUTHOR_SUSPENDED),
    "not authorized is hidden: the author protects their posts, or has blocked": (
        problem("12", REFUSED, "Authorization Error"), StateSeen, None,
    ),
}  # fmt: skip


class TestConfirmations:
    @pytest.mark.parametrize(("told", "kind", "cause"), STATED.values(), ids=STATED)
    @pytest.mark.parametrize("status", [200, 404])
    @pytest.mark.parametrize("path", ["tweets?ids=11,12", "tweets/12"])
    def test_what_x_says_of_an_id(self, told: Any, kind: type, cause: Cause | None, status: int, path: str) -> None:
        """In an answer that went well, or by 404."""
        told = told | {"parameter": "ids" if "?" in path else "id"}
        (seen,) = shown(answer(errors=[told]), path, kind="confirm", status=status)
        assert isinstance(seen, GoneSeen | StateSeen)
        assert (type(seen), seen.key, seen.cause) == (kind, "x:12", cause)
        assert told["title"] in seen.basis

    def test_a_404_that_is_a_problem_itself_is_about_the_one_that_was_asked_for(self) -> None:
        """As X's prose has it."""
        body = {"title": "Not Found Error", "type": MISSING, "detail": "Could not find", "status": 404}
        assert shown(body, "tweets/12", kind="confirm", status=404) == [
            GoneSeen(NAMES.post("12"), "resource-not-found (Not Found Error): Could not find")
        ]

    @pytest.mark.parametrize("body", [{"title": "Not Found", "type": "about:blank"}, {"error": "no route"}, [1], "x"])
    def test_any_other_404_says_nothing(self, body: Any) -> None:
        """It may be a proxy's, or of an address that has no API."""
        assert shown(body, "tweets/12", kind="confirm", status=404) == []
        page = exchange(body, "tweets/12", kind="confirm", status=404)
        assert (
            list(read(NAMES, Exchange(**{name: getattr(page, name) for name in page.__slots__} | {"body": b"<html>"})))
            == []
        )

    def test_problems_are_no_statement_but_in_a_confirmation_and_about_what_was_asked(self) -> None:
        """What posts refer to may be missing in every timeline."""
        of_includes = problem("99", parameter="referenced_tweets.id", section="includes")
        assert len(shown(answer(post(), errors=[of_includes, problem("12")]))) == 1
        assert (
            len(shown(answer(post(), errors=[of_includes, problem("98")]), f"tweets?ids={FIRST}", kind="confirm")) == 1
        )

    def test_of_authors_it_is_told_why_they_are_not_shown(self) -> None:
        """Suspended, closed or protected are told apart; of others there is nothing to say."""
        path = f"users?ids={ANN},{BOB},7,8"
        body = {"data": USERS[1:], "errors": [problem("7", title="Forbidden"), problem("8")]}
        found = [seen for seen in shown(body, path, kind="confirm", query=()) if isinstance(seen, AuthorSeen)]
        assert [(seen.author, seen.state, seen.cause) for seen in found] == [
            (BOB, State.HIDDEN, Cause.AUTHOR_PROTECTED), ("7", State.GONE, Cause.AUTHOR_SUSPENDED), ("8", State.GONE, None),
        ]  # fmt: skip
        assert not [seen for seen in shown(body, path, kind="poll", query=()) if isinstance(seen, AuthorSeen)]


class TestProfiles:
    USER = USERS[0] | {
        "description": "Comments are public records &amp; kept. https://t.co/d", "location": "Exampleton",
        "url": "https://t.co/a", "verified_type": "government", "created_at": "2019-12-01T16:20:00.000Z",
        "profile_image_url": "https://pbs.example/profile_images/9/seal_normal.png",
        "profile_banner_url": "https://pbs.example/profile_banners/9/17", "pinned_tweet_id": FIRST,
        "entities": {"url": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://city.example"}]}},
        "public_metrics": {"tweet_count": 9120},
    }  # fmt: skip

    @pytest.mark.parametrize("path", ["users/me", f"users/{CITY}", "users/by/username/ExampletonCity"])
    def test_the_account_is_told_with_its_profile(self, path: str) -> None:
        """All that a reader sees of it; the picture in full size; how many posts it has."""
        who, profile, total = shown({"data": self.USER}, path, kind="profile", query=PROFILE)
        assert who == AccountSeen(CITY, "ExampletonCity", "City of Exampleton")
        assert total == TotalSeen("posts", 9120)
        assert isinstance(profile, ItemSeen)
        body = profile.body
        assert (profile.key, profile.form) == (f"x:user/{CITY}", Form.PROFILE)
        assert body.text == (
            "Comments are public records & kept. https://t.co/d\n\nLocation: Exampleton\nVerified: government"
        )
        assert [one.url for one in body.attachments or ()] == [
            "https://pbs.example/profile_images/9/seal.png", "https://pbs.example/profile_banners/9/17",
        ]  # fmt: skip
        assert [link.expanded or link.url for link in body.links or ()] == [
            "https://city.example", f"https://x.com/i/status/{FIRST}",
        ]  # fmt: skip
        assert body.visibility == "public"

    def test_the_new_names_read_alike(self) -> None:
        """Pinned post and count of posts."""
        new = {
            {"pinned_tweet_id": "pinned_post_id"}.get(name, name): value for name, value in self.USER.items()
        } | {"public_metrics": {"post_count": 9120}}  # fmt: skip
        path = f"users/{CITY}"
        assert shown({"data": new}, path, kind="profile", query=PROFILE) == shown(
            {"data": self.USER}, path, kind="profile", query=PROFILE
        )

    def test_a_renamed_account_is_known_by_its_id_and_a_stranger_is_not_the_account(self) -> None:
        """The profile task asks by id; a token may be somebody else's."""
        renamed = self.USER | {"username": "CityHall"}
        assert shown({"data": renamed}, f"users/{CITY}", kind="profile", query=PROFILE)[0] == AccountSeen(
            CITY, "CityHall", "City of Exampleton"
        )
        assert shown({"data": renamed}, "users/me", kind="profile", query=PROFILE) == []
        assert shown({"data": renamed}, f"users/{CITY}", kind="confirm", query=PROFILE) == []

    def test_a_profile_without_words_tells_what_it_has(self) -> None:
        """A link whose entity is missing, a mark; words that were there before were taken away."""
        user = USERS[0] | {"url": "https://t.co/a", "parody": True, "withheld": {"country_codes": ["DE"]}}
        _, profile = shown({"data": user}, f"users/{CITY}", kind="profile", query=PROFILE)
        assert isinstance(profile, ItemSeen)
        assert [link.url for link in profile.body.links or ()] == ["https://t.co/a"]
        assert profile.body.labels == ("parody", "withheld:DE")
        assert (profile.body.text, profile.body.left_out, profile.body.attachments) == (None, frozenset({"text"}), ())


class TestEvents:
    EVENT: ClassVar[dict[str, Any]] = {
        "event_uuid": "-27", "event_type": "post.reply.create", "filter": {"user_id": CITY},
        "payload": post(
            SECOND, ANN, conversation_id=FIRST, in_reply_to_user_id=CITY, in_reply_to_tweet_id=FIRST,
            public_metrics={"like_count": 3, "like_count_str": "3"},
        ),
        "includes": {"users": [{"data": USERS[1]}]},
    }  # fmt: skip

    @staticmethod
    def pushed(event: Any) -> Exchange:
        """A delivery as the adapter sees it."""
        sent = json.dumps({"data": event}).encode()
        return replace(exchange({}, "hook", kind="push", query=(), request_body=sent), stream="push")

    def test_an_event_is_a_post_by_a_person_who_may_be_wrapped_once_more(self) -> None:
        """What it answers stands in a field that other answers do not have."""
        (seen,) = read(NAMES, self.pushed(self.EVENT))
        assert isinstance(seen, ItemSeen)
        assert (seen.parent, seen.thread, seen.pointer) == (f"x:{FIRST}", f"x:{FIRST}", "/data/payload")
        assert seen.author is not None
        assert (seen.author.handle, seen.metrics.likes if seen.metrics else None) == ("ann", 3)

    def test_word_of_a_removal_is_a_reason_to_ask(self) -> None:
        """And takes nothing away by itself (records rule R11)."""
        event = {"event_type": "post.delete", "payload": {"id": FIRST, "author_id": CITY}}
        assert list(read(NAMES, self.pushed(event))) == []
        assert hints(NAMES, self.pushed(event)) == (FollowUp(TaskKind.CONFIRM, NAMES.post(FIRST)),)
        assert hints(NAMES, self.pushed(self.EVENT)) == ()

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data": 7}', b"null"])
    def test_a_delivery_that_is_none_says_so(self, body: bytes) -> None:
        """Whatever was sent."""
        push = exchange({}, "hook", kind="push", query=(), request_body=body)
        with pytest.raises(ShapeChanged):
            hints(NAMES, push)


@pytest.mark.parametrize("body", [[], "words", 7, None, {"foo": 1}, {"data": "words"}])
def test_an_answer_of_another_shape_says_so(body: Any) -> None:
    """It is recorded, and read by nobody's guess."""
    with pytest.raises(ShapeChanged):
        shown(body)


FULL = answer(
    post(
        SECOND, ANN, conversation_id=FIRST, in_reply_to_user_id=CITY, edit_history_tweet_ids=[SECOND, THIRD],
        referenced_tweets=[{"type": "replied_to", "id": FIRST}, {"type": "quoted", "id": "7"}],
        attachments={"media_keys": ["3_7", "7_8"], "poll_ids": ["5"]}, article={"title": "a", "plain_text": "b"},
        entities={"urls": [{"start": 0, "end": 4, "url": "https://t.co/a"}], "mentions": [{"id": CITY, "username": "c"}]},
        note_tweet={"text": "long", "entities": {"hashtags": [{"start": 0, "end": 1, "tag": "a"}]}},
        geo={"place_id": "p", "coordinates": {"coordinates": [1, 2]}}, withheld={"country_codes": ["DE"]},
        public_metrics={"like_count": 1}, edit_controls={"editable_until": "2026-11-08T10:12:00.000Z"},
    ),
    post(THIRD, referenced_tweets=[{"type": "retweeted", "id": FIRST}]),
    errors=[problem("12"), problem("13", REFUSED)], tweets=[post(FIRST), post("7", BOB)],
    media=[
        {"media_key": "3_7", "type": "photo", "url": "https://pbs.example/a.jpg"},
        {"media_key": "7_8", "type": "video", "variants": [{"content_type": "video/mp4", "bit_rate": 5, "url": "https://a"}]},
    ],
    polls=[{"id": "5", "options": [{"position": 1, "label": "a", "votes": 2}]}], places=[{"id": "p", "full_name": "b"}],
)  # fmt: skip
ODD: list[Any] = [
    None, 7, -1, 2**70, 1.5, "", "x", "\ud800", [], {}, [None], [{}], {"a": 1}, True, "2026-99-99", "1" * 400, "http://[",
]  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a JSON document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, one in inner for place in _places(one, (*path, name)))]


@given(
    st.sampled_from(_places(FULL)[1:]), st.sampled_from(ODD), st.sampled_from(["poll", "confirm", "history"]),
    st.sampled_from([f"users/{CITY}/tweets", "tweets?ids=12,13", "users?ids=12"]),
)  # fmt: skip
def test_no_value_anywhere_stops_the_reading(place: tuple[Any, ...], odd: Any, kind: str, path: str) -> None:
    """A field that is not what it should be counts as not returned; an answer that is none says so."""
    broken = copy.deepcopy(FULL)
    parent = broken
    for name in place[:-1]:
        parent = parent[name]
    parent[place[-1]] = odd
    try:
        found = shown(broken, path, kind=kind)
    except ShapeChanged:
        return
    assert all(
        seen.key.startswith("x:") for seen in found if isinstance(seen, ItemSeen | GoneSeen | StateSeen | PastSeen)
    )


@pytest.mark.parametrize("data", [[7], [None], [{"id": None}], [{"id": []}], [{"text": "a"}], {}])
def test_posts_without_an_id_are_no_records(data: Any) -> None:
    """And stop the reading of nothing else."""
    assert shown({"data": data}) == []


def test_writing_calls_and_private_messages_are_read_by_nobody_who_does_not_want_them() -> None:
    """An answer to a post's creation is no sighting; messages only come where they are configured."""
    assert shown({"data": {"id": FIRST, "text": "a"}}, "tweets", method="POST") == []
    event = {"id": "5", "event_type": "MessageCreate", "text": "Hello", "dm_conversation_id": "1-2", "sender_id": ANN}
    joined = {"id": "6", "event_type": "ParticipantsJoin", "dm_conversation_id": "1-2"}
    assert shown({"data": [event, joined]}, "dm_events") == []
    (seen,) = read(NAMES, exchange({"data": [event, joined]}, "dm_events"), messages=True)
    assert isinstance(seen, ItemSeen)
    assert (seen.key, seen.thread, seen.form, seen.body.visibility) == (
        "x:message/5", "x:message/1-2", Form.MESSAGE, "private",
    )  # fmt: skip
