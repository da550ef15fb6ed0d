"""A post as the archive's values: what it says, where it stands, who wrote it, and what is no edit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.exchange import RequestSpec
from archiver.domain.history import EventName, known_after, weigh
from archiver.domain.item import Cause, Form, PollOption, State, facets_of
from archiver.domain.observation import OWN_ACCOUNT, ItemSeen
from archiver.domain.task import TaskKind
from archiver.platforms.threads import ThreadsAdapter
from archiver.platforms.threads.states import state_of
from archiver.platforms.threads.wanted import LISTS, POST, REPLY
from tests.platforms.carrying import exchange_of
from tests.platforms.threads_world import ANN, BASE, CITY, HANDLE, Answer, city, key, picture, task

ALL = f"fields={POST.text}"


def seen(post: dict[str, Any], path: str = "30", *, fields: str = ALL, stream: str = "posts") -> ItemSeen:
    """A post by itself, or alone in a listing, as the adapter reads it."""
    body = {"data": [post]} if "/" in path else post
    spec = RequestSpec(f"{BASE}/v1.0/{path}?{fields}", stream)
    answer: Answer = (200, [], json.dumps(body).encode())
    (found,) = [
        one
        for one in ThreadsAdapter(city()).read(exchange_of(answer, spec, task(TaskKind.POLL)))
        if isinstance(one, ItemSeen)
    ]
    return found


def post(**more: Any) -> dict[str, Any]:
    """A root of the city's."""
    return {
        "id": "30", "media_type": "TEXT_POST", "text": "Leaf pick-up starts Monday", "timestamp": "2026-11-03T14:05:11+0000",
        "username": HANDLE, "owner": {"id": CITY}, "is_reply": False, "shortcode": "DQabc",
        "permalink": f"https://www.threads.com/@{HANDLE}/post/DQabc",
    } | more  # fmt: skip


def reply(**more: Any) -> dict[str, Any]:
    """An answer of Ann's to it."""
    return {
        "id": "41", "media_type": "TEXT_POST", "text": "What about Oak Street?", "timestamp": "2026-11-03T15:00:00+0000",
        "username": ANN, "is_reply": True, "is_reply_owned_by_me": False, "root_post": {"id": "30"}, "replied_to": {"id": "30"},
        "hide_status": "NOT_HUSHED",
    } | more  # fmt: skip


class TestWords:
    """What a reader sees."""

    def test_a_plain_post(self) -> None:
        """Key, author, time, words, address and short code."""
        one = seen(post())
        assert (one.key, one.thread, one.parent, one.thread_author) == (key("30"), key("30"), None, CITY)
        assert one.author is not None
        assert (one.author.native_id, one.author.handle) == (CITY, HANDLE)
        assert one.created_at == datetime(2026, 11, 3, 14, 5, 11, tzinfo=UTC)
        assert one.body.text == "Leaf pick-up starts Monday"
        assert one.permalink == f"https://www.threads.com/@{HANDLE}/post/DQabc"
        assert one.aliases == (key("DQabc"),)

    def test_the_long_text_belongs_to_the_text(self) -> None:
        """The limit of 500 characters does not hold for it; it stands after a blank line, its link among the links."""
        long = {"plaintext": "x" * 6000, "link_attachment_url": "https://elmbrook.example/all"}
        body = seen(post(text_attachment=long)).body
        assert body.text == "Leaf pick-up starts Monday\n\n" + "x" * 6000
        assert [link.url for link in body.links or ()] == ["https://elmbrook.example/all"]
        assert seen(post(text=None, text_attachment=long)).body.text == "x" * 6000

    def test_a_text_that_was_left_out_is_not_empty(self) -> None:
        """A picture without words: the text was not returned; of a record that had one it was emptied by an edit."""
        bare = post()
        del bare["text"]
        one = seen(bare)
        assert one.body.text is None
        known = known_after(None, weigh(None, seen(post())))
        assert EventName.EDITED in {name for name, _ in weigh(known, one).events}

    def test_links_stand_in_the_text_or_beside_it(self) -> None:
        """A preview of one in the text is a card; the attachment of another one is content."""
        text = "See https://elmbrook.example/leaf (or https://elmbrook.example/a_(b))."
        links = seen(post(text=text, link_attachment_url="https://elmbrook.example/leaf")).body.links or ()
        assert [(link.url, link.card) for link in links] == [
            ("https://elmbrook.example/leaf", False),
            ("https://elmbrook.example/a_(b)", False),
            ("https://elmbrook.example/leaf", True),
        ]
        other = seen(post(link_attachment_url="https://elmbrook.example/other")).body
        assert facets_of(other)["links"] == ["https://elmbrook.example/other"]

    def test_marks_are_kept_in_the_platform_s_words(self) -> None:
        """Spoilers with their places, countries, who may answer, where it was written."""
        one = seen(
            post(
                is_spoiler_media=True,
                text_entities=[
                    {"entity_type": "SPOILER", "offset": 4, "length": 7},
                    {"entity_type": "BOLD", "offset": 0},
                ],
                allowlisted_country_codes=["US", "CA"],
                reply_audience="FOLLOWERS_ONLY",
                topic_tag="Elmbrook",
                location_id="390000000000001",
                location={"id": "390000000000001", "name": "City Hall", "city": "Elmbrook", "country": "US"},
            )
        )
        assert one.body.tags == ("Elmbrook",)
        assert one.body.labels == (
            "spoiler", "spoiler:4+7", "reply_audience:FOLLOWERS_ONLY", "countries:US,CA", "location:390000000000001",
            "place:City Hall, Elmbrook, US",
        )  # fmt: skip

    @pytest.mark.parametrize("location", [{"data": [{"id": "7", "name": "Hall"}]}, {"id": "7", "name": "Hall"}])
    def test_a_place_comes_as_an_object_or_as_an_edge(self, location: Any) -> None:
        """Programs have seen both."""
        assert seen(post(location=location)).body.labels == ("location:7", "place:Hall")


POLL = {
    "option_a": "Main Square", "option_b": "Riverside", "option_a_votes_percentage": 0.62,
    "option_b_votes_percentage": 0.38, "total_votes": 50, "expiration_timestamp": "2026-11-05T14:00:00+0000",
}  # fmt: skip


class TestPolls:
    """Shares of votes make counts, and counts are no edits."""

    def test_votes_are_counted_from_their_shares(self) -> None:
        """62 percent of 50 are 31."""
        poll = seen(post(poll_attachment=POLL)).body.poll
        assert poll is not None
        assert poll.options == (PollOption("Main Square", 31), PollOption("Riverside", 19))
        assert poll.closes_at == datetime(2026, 11, 5, 14, tzinfo=UTC)

    def test_shares_alone_are_no_numbers(self) -> None:
        """Without the total nobody knows how many votes there are."""
        poll = seen(post(poll_attachment={**POLL, "total_votes": None})).body.poll
        assert poll is not None
        assert [option.votes for option in poll.options] == [None, None]

    def test_votes_are_no_edit_and_options_are(self) -> None:
        """What people vote changes by itself."""
        known = known_after(None, weigh(None, seen(post(poll_attachment=POLL))))
        voted = weigh(known, seen(post(poll_attachment={**POLL, "total_votes": 99, "option_a_votes_percentage": 0.1})))
        renamed = weigh(known, seen(post(poll_attachment={**POLL, "option_a": "Main Street"})))
        assert (voted.version, [name for name, _ in renamed.events]) == (None, [EventName.EDITED])


class TestFiles:
    """Named by ids; addresses are signed anew in each answer."""

    def test_a_new_signature_is_no_edit(self) -> None:
        """The same picture has another address each time."""
        first, later = picture("30", end="oe=69300A1C"), picture("30", end="oe=69312345")
        known = known_after(None, weigh(None, seen(post() | first)))
        assert weigh(known, seen(post() | later)).version is None
        (file,) = seen(post() | first).body.attachments or ()
        assert (file.identity, file.kind, file.url) == ("media:30", "image", first["media_url"])

    def test_a_carousel_has_its_entries_each_with_its_own_words(self) -> None:
        """Not the picture that the carousel itself shows."""
        entries = [picture("31") | {"alt_text": "Map"}, picture("32", kind="VIDEO")]
        files = seen(post(media_type="CAROUSEL_ALBUM", children={"data": entries}, **_url("30"))).body.attachments or ()
        assert [(one.identity, one.kind, one.alt_text) for one in files] == [
            ("media:31", "image", "Map"),
            ("media:32", "video", None),
        ]

    def test_a_carousel_that_was_not_unfolded_is_completed_later(self) -> None:
        """Ids alone are files all the same; their kinds come later, and that is no edit."""
        folded = post(media_type="CAROUSEL_ALBUM", children={"data": [{"id": "31"}, {"id": "32"}]})
        one = seen(folded)
        assert [file.identity for file in one.body.attachments or ()] == ["media:31", "media:32"]
        known = known_after(None, weigh(None, seen(post(media_type="CAROUSEL_ALBUM"))))
        whole = post(media_type="CAROUSEL_ALBUM", children={"data": [picture("31"), picture("32")]})
        assert not {name for name, _ in weigh(known, seen(whole)).events}

    def test_what_has_no_address_is_a_file_all_the_same(self) -> None:
        """Addresses are left out for works under copyright."""
        (file,) = seen(post(media_type="VIDEO")).body.attachments or ()
        assert (file.kind, file.url, file.identity) == ("video", "", "media:30")

    def test_a_gif_lies_at_its_provider_s(self) -> None:
        """Beside whatever else there is."""
        (file,) = seen(post(gif_url="https://media2.giphy.com/x.gif")).body.attachments or ()
        assert (file.kind, file.identity) == ("gifv", "media:30/gif")

    def test_fields_that_were_not_asked_for_take_nothing_away(self) -> None:
        """A call that refuses some fields shows less, and that is no edit."""
        whole = post(
            text_attachment={"plaintext": "More."}, **_url("30"), media_type="IMAGE", gif_url="https://giphy.com/a.gif"
        )
        known = known_after(None, weigh(None, seen(whole)))
        less = {name: whole[name] for name in ("id", "text", "timestamp", "username", "media_type")}
        poor = seen(less, fields="fields=id,text,timestamp,username,media_type")
        assert poor.body.partial == {"text", "attachments", "links"}
        assert weigh(known, poor).version is None


def _url(native_id: str) -> dict[str, Any]:
    return {"media_url": picture(native_id)["media_url"]}


class TestPlaces:
    """Whose it is, what it answers, whose the thread is."""

    def test_an_answer(self) -> None:
        """Of others there is no id but the name; of whom it is told nothing, there is no author."""
        one = seen(reply(), "30/conversation", stream="comments")
        assert (one.parent, one.thread, one.pointer) == (key("30"), key("30"), "/data/0")
        assert one.author is not None
        assert (one.author.native_id, one.author.handle) == (f"@{ANN}", ANN)
        nameless = reply()
        del nameless["username"]
        assert seen(nameless, "30/conversation", stream="comments").author is None

    def test_the_account_s_own_answer(self) -> None:
        """No answer tells its id there, only that it is its own."""
        one = seen(reply(username=HANDLE, is_reply_owned_by_me=True), "30/conversation", stream="comments")
        assert one.author is not None
        assert one.author.native_id == OWN_ACCOUNT

    def test_a_renamed_account_is_still_the_account(self) -> None:
        """What says that it is the account's own, needs no name; what says that it is not, is not."""
        renamed = seen(reply(username="elmbrookcity", is_reply_owned_by_me=True), "30/conversation", stream="comments")
        assert renamed.author is not None
        assert renamed.author.native_id == OWN_ACCOUNT

    @pytest.mark.parametrize(
        ("path", "stream", "parent", "thread"),
        [
            ("30/conversation", "comments", "30", "30"),
            ("44/replies", "comments", "44", None),
            (f"{CITY}/threads", "posts", None, "41"),
            (f"{CITY}/ghost_posts", "posts", None, "41"),
        ],
        ids=["below a root", "right below a post", "among roots", "among posts for a day"],
    )
    def test_what_does_not_say_where_it_stands_stands_where_it_was_listed(
        self, path: str, stream: str, parent: str | None, thread: str | None
    ) -> None:
        """A token without the scope for it is not told; the list itself says something."""
        bare = {
            "id": "41",
            "text": "x",
            "media_type": "TEXT_POST",
            "timestamp": "2026-11-03T15:00:00+0000",
            "username": ANN,
        }
        one = seen(bare, path, stream=stream)
        assert (one.parent, one.thread) == (key(parent) if parent else None, key(thread) if thread else None)

    def test_a_later_part_of_a_chain_is_an_answer_of_the_account(self) -> None:
        """It is in the list of its answers, and in no other."""
        part = reply(id="45", username=HANDLE, owner={"id": CITY}, is_reply_owned_by_me=True)
        one = seen(part, f"{CITY}/replies")
        assert (one.parent, one.thread, one.author and one.author.native_id) == (key("30"), key("30"), CITY)

    def test_a_repost_has_an_id_of_its_own_and_no_words(self) -> None:
        """The other's post is named; its content is not given."""
        facade = post(id="37", media_type="REPOST_FACADE", reposted_post={"id": "900"})
        del facade["text"]
        one = seen(facade, f"{CITY}/threads")
        assert (one.form, one.shares, one.key, one.body.text, one.body.attachments) == (
            Form.SHARE, key("900"), key("37"), None, (),
        )  # fmt: skip

    def test_a_quotation_names_what_it_quotes(self) -> None:
        """Where that is not told any more, it stays one by its mark."""
        assert seen(post(is_quote_post=True, quoted_post={"id": "900"})).body.quotes == key("900")
        assert seen(post(is_quote_post=True)).body.labels == ("quote",)

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            (f"Hello @{HANDLE}!", True),
            (f"Hello @{HANDLE.upper()}.", True),
            (f"mail@{HANDLE}", False),
            (f"@{HANDLE}2 is another", False),
            ("nobody", False),
        ],
    )
    def test_whoever_writes_the_account_s_name_names_it(self, text: str, named: bool) -> None:
        """Threads marks no mentions in answers; in the list of mentions all are."""
        assert (OWN_ACCOUNT in seen(reply(text=text), "30/conversation", stream="comments").mentions) is named
        assert OWN_ACCOUNT in seen(reply(text=text), f"{CITY}/mentions", stream="mentions").mentions


STATES: list[tuple[str, dict[str, Any], State | None, Cause | None]] = [
    ("nothing is said", {}, None, None),
    ("shown", {"hide_status": "NOT_HUSHED"}, State.LIVE, None),
    ("shown again", {"hide_status": "UNHUSHED"}, State.LIVE, None),
    ("hidden, by whom is not told", {"hide_status": "HIDDEN"}, State.HIDDEN, None),
    ("covered, by whom is not told", {"hide_status": "COVERED"}, State.HIDDEN, None),
    ("of one who is blocked", {"hide_status": "BLOCKED"}, State.HIDDEN, None),
    ("of one who is restricted", {"hide_status": "RESTRICTED"}, State.HIDDEN, None),
    ("a word of tomorrow", {"hide_status": "SOMETHING"}, None, None),
    ("waiting for approval", {"hide_status": "NOT_HUSHED", "reply_approval_status": "pending"}, State.HIDDEN, Cause.HELD_FOR_REVIEW),
    ("approval withheld", {"hide_status": "NOT_HUSHED", "reply_approval_status": "ignored"}, State.HIDDEN, Cause.BY_CITY),
    ("a post for a day on its day", {"ghost_post_status": "ACTIVE"}, State.LIVE, None),
    ("in small letters", {"ghost_post_status": "active"}, State.LIVE, None),
    ("after its day", {"ghost_post_status": "ARCHIVED"}, State.HIDDEN, Cause.OWNER_PRIVATE),
]  # fmt: skip


@pytest.mark.parametrize(("said", "state", "cause"), [one[1:] for one in STATES], ids=[one[0] for one in STATES])
def test_states_claim_what_is_stated_and_no_more(
    said: dict[str, Any], state: State | None, cause: Cause | None
) -> None:
    """Who hid an answer, Threads does not say (records rule R7)."""
    assert state_of(said) == (state, cause)


def test_hiding_and_showing_again_are_versions_of_the_same_words() -> None:
    """Each with its event, and the second sight of either is none."""
    known, names = None, []
    for status in ("NOT_HUSHED", "HIDDEN", "HIDDEN", "UNHUSHED", "UNHUSHED"):
        change = weigh(known, seen(reply(hide_status=status), "30/conversation", stream="comments"))
        known = known_after(known, change)
        names += [str(name) for name, _ in change.events]
    assert names == ["seen", "hidden", "unhidden"]


def test_one_post_through_all_calls_is_one_record_with_one_version() -> None:
    """Through the list of roots, by its id, and as an answer in two lists: nothing differs that an edit could change."""
    one = reply(
        username=HANDLE, owner={"id": CITY}, is_reply_owned_by_me=True, text="Tuesday: https://elmbrook.example/leaf",
        **picture("41"), text_attachment={"plaintext": "Long."}, gif_url="https://giphy.com/a.gif",
    )  # fmt: skip
    ways = [("30/conversation", "comments"), ("30/replies", "comments"), (f"{CITY}/replies", "posts"), ("41", "posts")]
    known = None
    for path, stream in ways:
        fields = f"fields={(REPLY if stream == 'comments' else POST).text}"
        change = weigh(known, seen(one, path, fields=fields, stream=stream))
        assert (known is None) is (change.version is not None), path
        known = known_after(known, change)


def test_ids_may_come_as_numbers() -> None:
    """17 digits, beyond what a double holds."""
    assert seen(post(id=18070000000000031)).key == key("18070000000000031")


def test_every_field_is_asked_for_once() -> None:
    """A name twice on one level fails the call."""
    for one in LISTS:
        names = [field.name for field in one.fields]
        assert len(names) == len(set(names)), one.name


@given(
    st.dictionaries(
        st.sampled_from(sorted({field.name for field in POST.fields})),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "data", "name"]), inner),
            max_leaves=8,
        ),
    )
)
def test_no_post_stops_the_reading_of_the_others(odd: dict[str, Any]) -> None:
    """Whatever its fields hold: it is read as far as it can be, and its neighbour whole."""
    body = {"data": [odd | {"id": "77"}, reply()]}
    spec = RequestSpec(f"{BASE}/v1.0/30/conversation?fields={REPLY.text}", "comments")
    answer: Answer = (200, [], json.dumps(body).encode())
    read = ThreadsAdapter(city()).read(exchange_of(answer, spec, task(TaskKind.THREAD, "30")))
    found = [one for one in read if isinstance(one, ItemSeen)]
    assert [one.key for one in found] == [key("77"), key("41")]
    assert replace(found[-1], pointer="") == replace(seen(reply(), "30/conversation", stream="comments"), pointer="")
