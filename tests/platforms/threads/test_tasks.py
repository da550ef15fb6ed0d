"""Polls, backfills, mentions and the profile: complete, at an end, and honest about what a token is not shown."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from archiver.domain.observation import AccountSeen, FactSeen
from archiver.domain.task import Covered, Meaning, NotOffered, TaskKind
from archiver.platforms.progress import AGAIN
from archiver.platforms.threads import ThreadsAdapter
from archiver.platforms.threads.listings import EMPTY
from tests.platforms.carrying import exchange_of
from tests.platforms.threads_world import (
    ANN,
    BOB,
    CITY,
    HANDLE,
    NOW,
    SCOPES,
    Carried,
    Refusal,
    Server,
    carry_out,
    city,
    missing,
    task,
)

DAY = timedelta(days=1)


def server(posts: int = 7) -> Server:
    """A city with posts, one a day, the newest yesterday; an answer of its own; and a post for a day."""
    made = Server()
    for n in range(posts):
        made.post(str(100 + n), f"Notice {n}", at=NOW - (posts - n) * DAY)
    made.post("40", "Whose trees are these?", ANN, at=NOW - 2 * DAY)
    made.post("41", "The city's.", at=NOW - DAY / 2, to="40")
    made.post("50", "Roads are slick", at=NOW - DAY / 3, ghost_post_status="ACTIVE")
    return made


def poll(made: Server, **more: object) -> Carried:
    """A poll of everything, unless it says otherwise."""
    words: dict[str, object] = {"full": True} | more
    return carry_out(made, task(TaskKind.POLL, **words))  # type: ignore[arg-type]


class TestPolls:
    """The union of three listings."""

    def test_roots_answers_and_posts_for_a_day_come_from_three_lists(self) -> None:
        """No one of them has all."""
        done = poll(server())
        assert sorted(done.keys) == sorted([*(str(100 + n) for n in range(7)), "41", "50"])
        assert done.findings == [Covered("posts", None, NOW), Covered("replies", None, NOW)]

    @pytest.mark.parametrize("with_next", [False, True], ids=["cursors alone", "an address with a token, too"])
    def test_lists_go_on_without_an_address_of_the_next_page(self, with_next: bool) -> None:
        """Whoever stops where there is no ``next``, has the first page; an address with a token is never followed."""
        made = server()
        made.page_most, made.with_next = 2, with_next
        done = poll(made)
        assert len([one for one in done.keys if one.startswith("10")]) == 7
        assert not [spec for spec in made.asked if "access_token" in spec.url]
        assert done.covered() == [Covered("posts", None, NOW)]

    def test_the_window_ends_the_listing(self) -> None:
        """Not the first older post, which may have been dated back, but a page that ends with some."""
        made = server(posts=40)
        made.page_most = 5
        done = poll(made, full=False, since=NOW - 4 * DAY)
        assert done.paths.count(f"{CITY}/threads") == 2
        assert done.covered() == [Covered("posts", NOW - 4 * DAY, NOW)]

    def test_a_page_that_leads_to_itself_is_no_end(self) -> None:
        """What came before it counts; the rest is a gap."""
        made = server()
        made.page_most = 2
        adapter, ask = ThreadsAdapter(city()), task(TaskKind.POLL, full=True)
        step = adapter.start(ask)
        for number in range(2):
            body = made.answer(step.requests[0])
            if number == 1:
                asked = parse_qs(urlsplit(step.requests[0].url).query)["after"][0]
                body = (200, [], b'{"data":[{"id":"999"}],"paging":{"cursors":{"after":"%s"}}}' % asked.encode())
            step = adapter.proceed(ask, step, exchange_of(body, step.requests[0], ask, number))
        assert step.cursor is not None
        assert step.cursor["at"] == "replies"
        assert step.cursor["done"]["threads"]["short"] == AGAIN

    def test_a_dead_cursor_begins_the_list_anew_once(self) -> None:
        """It dies with the post that it stands for."""
        made = server()
        made.page_most = 2
        adapter, ask = ThreadsAdapter(city()), task(TaskKind.POLL, full=True)
        step = adapter.start(ask)
        step = adapter.proceed(ask, step, exchange_of(made.answer(step.requests[0]), step.requests[0], ask))
        made.delete(step.requests[0].url.rpartition("QVFI")[2])
        again = adapter.proceed(ask, step, exchange_of(made.answer(step.requests[0]), step.requests[0], ask))
        assert "after=" not in again.requests[0].url

    def test_without_the_scope_for_answers_the_posts_are_complete_all_the_same(self) -> None:
        """The richer list of fields is refused; the plain one is not. What is missing, is said with its remedy."""
        made = server()
        made.scopes = frozenset({"threads_basic"})
        done = poll(made)
        assert [one for one in done.keys if one.startswith("10")] == [str(106 - n) for n in range(7)]
        assert done.covered() == [Covered("posts", None, NOW, roots=True)]
        assert "threads_read_replies" in done.short()["replies"]
        assert all(verdict.meaning is Meaning.PROCEED for verdict in done.verdicts)

    def test_an_empty_list_is_held_against_a_post_that_was_listed_before(self) -> None:
        """A token that lost a permission may be shown nothing, with status 200: nothing is concluded from that."""
        made = server()
        fact = next(one for one in poll(made).observations if isinstance(one, FactSeen))
        made.silent = {"threads"}
        done = poll(made, account=city(facts={fact.name: fact.value}))
        assert fact.value == "106"
        assert done.short() == {"posts": EMPTY}
        assert done.covered() == []

    def test_an_account_that_deleted_all_its_posts_has_none(self) -> None:
        """The one that was listed before is gone as well."""
        made = server()
        fact = next(one for one in poll(made).observations if isinstance(one, FactSeen))
        for number in range(7):
            made.delete(str(100 + number))
        assert poll(made, account=city(facts={fact.name: fact.value})).covered() == [Covered("posts", None, NOW)]

    def test_a_new_account_asks_first_who_it_is(self) -> None:
        """By the token; then the lists by the id, which a token of somebody else's can't read."""
        done = poll(server(), account=city(native_id=None))
        assert done.paths[:2] == ["me", f"{CITY}/threads"]
        assert [one.native_id for one in done.observations if isinstance(one, AccountSeen)] == [CITY]

    def test_a_colleague_s_token_brings_nothing(self) -> None:
        """Nothing of the colleague's goes into the archive, and the gap says whose token it is."""
        made = server()
        made.holder, made.profile = "555", {"id": "555", "username": "colleague"}
        done = poll(made, account=city(native_id=None))
        assert (done.observations, done.short()) == (
            [], {"posts": f"The token belongs to @colleague, not to @{HANDLE}. Set a token of @{HANDLE}."},
        )  # fmt: skip
        assert poll(made).verdicts[-1].meaning is Meaning.ACCESS_LOST

    def test_posts_for_a_day_may_not_be_offered(self) -> None:
        """To a token of before December 2025."""
        made = server()
        made.refused["ghost_posts"] = Refusal(100, "Unknown path components: /ghost_posts")
        done = poll(made)
        assert list(done.never()) == ["ghost posts"]
        assert len(done.covered()) == 1

    def test_a_field_of_tomorrow_s_past_is_left_out_and_reported(self) -> None:
        """One that the server does not know fails the whole call; the call is made without, and the next ones, too."""
        made = server()
        made.unknown_fields = {"gif_url"}
        done = poll(made)
        assert len(done.keys) == 9
        assert list(done.never()) == ["field post.gif_url"]
        assert len([one for one in done.exchanges if one.status == 400]) == 1
        facts = {one.name: one.value for one in done.observations if isinstance(one, FactSeen)}
        again = poll(made, account=city(facts=facts))
        assert {one.status for one in again.exchanges} == {200}

    def test_too_much_at_once_halves_the_page(self) -> None:
        """And goes on from there."""
        made = server()
        made.faults = [
            (500, [], b'{"error":{"code":1,"message":"Please reduce the amount of data you\'re asking for"}}')
        ]
        done = poll(made)
        assert [parse_qs(urlsplit(one.url).query)["limit"] for one in done.exchanges[:2]] == [["100"], ["50"]]
        assert len(done.keys) == 9

    def test_a_page_that_can_not_be_smaller_is_a_gap(self) -> None:
        """Not an end of the account's round: the other lists go on."""
        made = server()
        made.refused["replies"] = Refusal(1, "Please reduce the amount of data you're asking for", status=500)
        done = poll(made)
        assert "smallest page" in done.short()["replies"]
        assert done.covered() == [Covered("posts", None, NOW, roots=True)]

    def test_an_edit_is_seen_by_the_next_poll(self) -> None:
        """It leaves no mark and is possible for minutes only; the polls' windows overlap by days."""
        made = server()
        texts = [poll(made, full=False, since=NOW - 3 * DAY).item("106").body.text]
        made.posts["106"]["text"] = "Notice 6, corrected"
        texts.append(poll(made, full=False, since=NOW - 3 * DAY).item("106").body.text)
        assert texts == ["Notice 6", "Notice 6, corrected"]

    def test_a_backfill_reads_what_a_poll_reads(self) -> None:
        """Back to where it is to begin."""
        done = carry_out(server(), task(TaskKind.BACKFILL, since=NOW - 30 * DAY))
        assert len(done.keys) == 9


class TestMentions:
    """Posts of others that name the account."""

    def test_all_are_listed(self) -> None:
        """Roots and answers."""
        made = server()
        made.post("60", f"Hello @{HANDLE}", BOB)
        made.mentions = ["60", "40"]
        made.page_most = 1
        done = carry_out(made, task(TaskKind.MENTIONS, full=True))
        assert (done.keys, done.findings) == (["60", "40"], [Covered("mentions", None, NOW)])

    def test_one_that_can_not_be_read_by_its_id_is_not_missed(self) -> None:
        """A "not there" would mean nothing; so what is no longer listed keeps its state, and that is said."""
        made = server()
        made.mentions = ["40"]
        made.hides_by_id = lambda _post: True
        done = carry_out(made, task(TaskKind.MENTIONS, full=True))
        assert done.covered("mentions") == [Covered("mentions", None, NOW, absence=False)]
        assert list(done.never()) == ["removed mentions"]

    def test_that_one_could_be_read_is_remembered(self) -> None:
        """Until the next full listing; where the last mention is gone, it is what makes that mean something."""
        made = server()
        made.mentions = ["40"]
        first = carry_out(made, task(TaskKind.MENTIONS, full=True))
        facts = {one.name: one.value for one in first.observations if isinstance(one, FactSeen)}
        again = carry_out(made, task(TaskKind.MENTIONS, account=city(facts=facts), since=NOW - 30 * DAY))
        assert (first.paths[-1], again.paths.count("40")) == ("40", 0)
        made.mentions = []
        assert [one.absence for one in carry_out(made, task(TaskKind.MENTIONS, full=True)).covered("mentions")] == [
            False
        ]
        left = carry_out(made, task(TaskKind.MENTIONS, account=city(facts=facts), full=True))
        assert [one.absence for one in left.covered("mentions")] == [True]

    def test_a_missing_scope_is_a_gap_with_its_remedy(self) -> None:
        """Not the end of the account's round."""
        made = server()
        made.scopes = SCOPES - {"threads_manage_mentions"}
        done = carry_out(made, task(TaskKind.MENTIONS, full=True))
        assert "threads_manage_mentions" in done.short()["mentions"]
        assert done.verdicts[-1].meaning is Meaning.PROCEED


def test_mentions_of_a_new_account_begin_with_who_it_is() -> None:
    """And end there when the token is a colleague's."""
    made = server()
    made.mentions = ["40"]
    new = city(native_id=None)
    done = carry_out(made, task(TaskKind.MENTIONS, account=new, full=True))
    assert (done.paths[0], [one for one in done.keys if one != CITY]) == ("me", ["40"])
    made.holder, made.profile = "555", {"id": "555", "username": "colleague"}
    assert "@colleague" in carry_out(made, task(TaskKind.MENTIONS, account=new, full=True)).short()["mentions"]
    assert "@colleague" in carry_out(made, task(TaskKind.PROFILE, account=new)).short()["profile"]


class TestProfile:
    """Who the account is."""

    def test_the_profile_is_a_record(self) -> None:
        """With its words, links and picture, which is named by its file."""
        done = carry_out(server(), task(TaskKind.PROFILE))
        one = done.item(CITY)
        assert one.body.title == "City of Elmbrook"
        assert [link.url for link in one.body.links or ()] == ["https://elmbrook.example/records"]
        assert [file.identity for file in one.body.attachments or ()] == ["picture:p_n.jpg"]
        assert {one.stream for one in done.findings if isinstance(one, NotOffered)} >= {"edit history", "quotes"}

    def test_a_new_name_is_noticed(self) -> None:
        """The account is asked for by its id."""
        made = server()
        made.profile["username"] = "elmbrookcity"
        done = carry_out(made, task(TaskKind.PROFILE))
        assert [one.handle for one in done.observations if isinstance(one, AccountSeen)] == ["elmbrookcity"]

    def test_another_version_is_complained_about(self) -> None:
        """The header says which one answered."""
        made = server()
        status, _, body = made.answer(ThreadsAdapter(city()).start(task(TaskKind.PROFILE)).requests[0])
        made.faults = [(status, [("facebook-api-version", "v2.0")], body)]
        assert "answered in v2.0" in carry_out(made, task(TaskKind.PROFILE)).short()["profile"]

    def test_an_account_that_is_not_shown_needs_a_person(self) -> None:
        """Deleted, suspended or somebody else's: the same words for all."""
        made = server()
        refusal = missing(CITY)
        made.faults = [(400, [], b'{"error":{"message":"%s","code":100,"error_subcode":33}}' % str(refusal).encode())]
        done = carry_out(made, task(TaskKind.PROFILE))
        assert done.verdicts[-1].meaning is Meaning.ACCESS_LOST
        assert done.gone == {}


def test_a_server_of_one_s_own_may_have_a_version_of_its_own() -> None:
    """Both are settings of the account."""
    account = city(base_url="http://gateway.test/threads/", api_version="v2.0")
    spec = ThreadsAdapter(account).start(task(TaskKind.PROFILE, account=account)).requests[0]
    assert spec.url.startswith(f"http://gateway.test/threads/v2.0/{CITY}?fields=")
    assert ("Accept-Encoding", "identity") in spec.headers
