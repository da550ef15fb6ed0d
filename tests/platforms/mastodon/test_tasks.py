"""Confirmations, histories, mentions, the profile and media: what is asked, in which order, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.domain.exchange import Purpose
from archiver.domain.item import Form
from archiver.domain.observation import AccountSeen, TotalSeen
from archiver.domain.task import Covered, FollowUp, Meaning, NotOffered, Shortfall, TaskKind
from archiver.platforms.mastodon import MastodonAdapter
from tests.platforms.mastodon_world import ANN, BASE, BOB, CITY, NOW, Carried, Server, account, carry_out, city, task

LOGIN = city(authenticated=True)


def confirm(server: Server, *ids: str, **more: Any) -> Carried:
    """A confirmation of these records."""
    return carry_out(server, task(TaskKind.CONFIRM, *(f"mastodon:{one}" for one in ids), **more))


class TestConfirm:
    def test_what_a_look_up_shows_is_still_there(self) -> None:
        """One call for twenty."""
        server = Server()
        for n in range(20):
            server.post(str(100 + n))
        done = confirm(server, *(str(100 + n) for n in range(20)))
        assert len(done.exchanges) == 1
        assert len(done.items) == 20
        assert done.gone == {}

    def test_what_a_look_up_leaves_out_is_asked_for_by_itself(self) -> None:
        """A hole in a list begins the question, the 404 about that id answers it."""
        server = Server()
        server.post("100")
        done = confirm(server, "100", "101", "102")
        assert done.keys == ["mastodon:100"]
        assert done.gone == {"mastodon:101": "404", "mastodon:102": "404"}
        assert done.urls[1:] == ["/api/v1/statuses/101", "/api/v1/statuses/102"]

    def test_nobody_is_said_to_have_deleted_it(self) -> None:
        """The same 404 stands for deleted, made private, suspended, blocked and never there."""
        done = confirm(Server(), "101")
        assert {one.cause for one in done.observations} == {None}  # type: ignore[union-attr]

    def test_a_server_without_look_ups_must_show_a_sign_of_life(self) -> None:
        """Then its 404 counts, even as a web page (Takahē)."""
        server = Server(batch=False, html_errors=True)
        server.post("100")
        done = confirm(server, "100", "101")
        assert done.urls[1] == f"/api/v1/accounts/{CITY}"
        assert done.gone == {"mastodon:101": "404 (web page)"}

    def test_a_parked_domain_is_not_the_end_of_every_record(self) -> None:
        """Whoever answers 404 to everything does not speak for the platform."""
        server = Server(batch=False, html_errors=True, people={})
        done = confirm(server, "100", "101")
        assert done.gone == {}
        assert done.verdicts[-1].meaning is Meaning.SHAPE_CHANGED

    @pytest.mark.parametrize("answer", [b"{}", b'{"error": "x"}', b'"x"'])
    def test_a_look_up_that_answers_with_something_else_is_none(self, answer: bytes) -> None:
        """The ids are asked for one by one."""
        server = Server()
        server.post("100")
        server.faults = [(200, [("Content-Type", "application/json")], answer)]
        assert "mastodon:100" in confirm(server, "100").keys

    def test_a_look_up_that_shows_other_statuses_shows_none(self) -> None:
        """A server that does not know ``id[]`` may answer with a timeline."""
        server = Server()
        server.post("100")
        server.faults = [
            server.answer(MastodonAdapter(city()).start(task(TaskKind.CONFIRM, "mastodon:100")).requests[0])
        ]
        done = confirm(server, "777")
        assert done.gone == {"mastodon:777": "404"}

    def test_what_is_private_is_not_gone_for_want_of_a_token(self) -> None:
        """401 and 403 are about the caller."""
        for status in (401, 403):
            server = Server(faults=[(200, [], b"[]"), (status, [], b"{}")])
            done = confirm(server, "101")
            assert done.gone == {}
            assert done.verdicts[-1].meaning is Meaning.NEEDS_TOKEN

    def test_a_profile_is_confirmed_as_a_profile(self) -> None:
        """Statuses and accounts are numbered apart."""
        server = Server()
        done = confirm(server, f"accounts/{CITY}", "100")
        assert done.urls[0] == f"/api/v1/accounts/{CITY}"
        assert f"mastodon:accounts/{CITY}" in done.keys
        assert done.gone == {"mastodon:100": "404"}

    def test_an_undone_boost_is_gone_while_the_original_stays(self) -> None:
        """A boost has an id of its own."""
        server = Server()
        server.boost("200", server.post("100", ANN))
        server.delete("200")
        done = confirm(server, "200", "100")
        assert done.gone == {"mastodon:200": "404"}
        assert done.keys == ["mastodon:100"]

    def test_keys_of_a_second_server_are_asked_for_by_their_ids(self) -> None:
        """The key space is no part of the id."""
        server = Server()
        server.post("100")
        second = city(key_space="social.example.gov/")
        done = carry_out(server, task(TaskKind.CONFIRM, "mastodon:social.example.gov/100", account=second))
        assert done.urls == ["/api/v1/statuses?id%5B%5D=100"]
        assert done.keys == ["mastodon:social.example.gov/100"]
        assert done.items[0].author is not None
        assert done.items[0].author.native_id == f"social.example.gov/{CITY}"

    def test_an_edit_that_a_confirmation_shows_has_its_history_read(self) -> None:
        """It may be the first look at that record for long."""
        server = Server()
        server.post("100")
        server.edit("100", "<p>x</p>", NOW)
        assert confirm(server, "100").follow_ups == [FollowUp(TaskKind.HISTORY, "mastodon:100")]


class TestHistory:
    def test_all_versions_oldest_first(self) -> None:
        """Each with its time and words."""
        server = Server()
        server.post("100", content="<p>5 pm</p>", at=NOW - timedelta(hours=3))
        server.edit("100", "<p>6 pm</p>", NOW - timedelta(hours=2))
        server.edit("100", "<p>5 pm</p>", NOW - timedelta(hours=1))
        (past,) = carry_out(server, task(TaskKind.HISTORY, "mastodon:100")).past
        assert [(one.body.text, one.at) for one in past.versions] == [
            ("5 pm", NOW - timedelta(hours=3)),
            ("6 pm", NOW - timedelta(hours=2)),
            ("5 pm", NOW - timedelta(hours=1)),
        ]
        assert [one.body.edited_at for one in past.versions] == [None, *(one.at for one in past.versions[1:])]

    def test_versions_in_another_order_are_put_right(self) -> None:
        """By their times."""
        server = Server()
        server.post("100", at=NOW - timedelta(hours=3))
        server.edit("100", "<p>New</p>", NOW)
        server.histories["100"].reverse()
        (past,) = carry_out(server, task(TaskKind.HISTORY, "mastodon:100")).past
        assert [one.body.text for one in past.versions] == ["Hello", "New"]

    def test_pictures_warnings_and_polls_have_versions_too(self) -> None:
        """A poll's earlier options are only titles."""
        server = Server()
        server.post("100")
        server.edit("100", "<p>x</p>", NOW)
        server.histories["100"][0] |= {
            "spoiler_text": "Storm", "sensitive": True, "poll": {"options": [{"title": "Sat"}]},
            "media_attachments": [{"id": "5", "type": "image", "url": "https://f.example/5.jpg", "description": "Map"}],
        }  # fmt: skip
        (past,) = carry_out(server, task(TaskKind.HISTORY, "mastodon:100")).past
        body = past.versions[0].body
        assert (body.content_warning, body.labels) == ("Storm", ("sensitive",))
        assert body.poll is not None
        assert [(one.title, one.votes) for one in body.poll.options] == [("Sat", None)]
        assert [one.alt_text for one in body.attachments or ()] == ["Map"]

    def test_a_server_without_histories_does_not_offer_them(self) -> None:
        """Takahē answers with a web page."""
        server = Server(history=False, html_errors=True)
        server.post("100")
        assert list(carry_out(server, task(TaskKind.HISTORY, "mastodon:100")).never()) == ["edits"]

    def test_a_history_that_is_gone_asks_whether_the_record_is(self) -> None:
        """The same 404 as for the status itself."""
        done = carry_out(Server(), task(TaskKind.HISTORY, "mastodon:100"))
        assert done.follow_ups == [FollowUp(TaskKind.CONFIRM, "mastodon:100")]
        assert done.findings == []
        assert done.gone == {}


class TestMentions:
    def notices(self, server: Server, *ids: str, kind: str = "mention") -> None:
        """Notices of these statuses, newest first."""
        for n, one in enumerate(ids):
            server.notices.append({"id": str(90 - n), "type": kind, "created_at": "2026-03-09T12:00:00.000Z",
                                   "account": server.people[ANN], "status": server.statuses[one]})  # fmt: skip

    def mentions(self, server: Server, **more: Any) -> Carried:
        """The mentions task with a token."""
        return carry_out(server, task(TaskKind.MENTIONS, account=LOGIN, **more))

    def test_without_a_token_mentions_are_not_offered(self) -> None:
        """Nothing is asked."""
        done = carry_out(Server(), task(TaskKind.MENTIONS))
        assert done.exchanges == []
        assert list(done.never()) == ["mentions"]

    def test_stray_mentions_are_found(self) -> None:
        """Nobody else tells of posts elsewhere that name the city."""
        server = Server()
        server.post("100", ANN, mentions=[{"id": CITY, "acct": "city"}])
        self.notices(server, "100")
        done = self.mentions(server)
        assert done.item("100").mentions == {CITY}
        assert done.findings == [Covered("mentions", None, NOW)]

    def test_held_back_notices_are_listed_and_their_senders_read(self) -> None:
        """The notification policy hides strangers; an archive looks behind it."""
        server = Server()
        server.requests = [{"id": "1", "notifications_count": "1", "last_status": server.post("100", BOB)}]
        done = self.mentions(server)
        assert "include_filtered=true" in done.urls[1]
        assert done.keys == [f"mastodon:accounts/{CITY}", "mastodon:100"]

    def test_other_kinds_of_notice_are_not_read(self) -> None:
        """Takahē forgets the filter on the second page; a favourite's status is the city's own."""
        server = Server()
        server.post("100", CITY)
        self.notices(server, "100", kind="favourite")
        assert self.mentions(server).keys == [f"mastodon:accounts/{CITY}"]

    def test_notices_are_paged_to_the_window_s_beginning(self) -> None:
        """By their own dates."""
        server = Server(page_most=2)
        for n in range(6):
            server.post(str(100 + n), ANN)
        self.notices(server, *(str(100 + n) for n in range(6)))
        assert len(self.mentions(server).keys) == 7
        done = self.mentions(server, since=NOW)
        assert len([url for url in done.urls if "notifications?" in url]) == 1

    def test_a_colleague_s_token_is_noticed(self) -> None:
        """It would show the colleague's notices as the city's."""
        server = Server(own=BOB)
        done = self.mentions(server)
        assert len(done.exchanges) == 1
        assert done.observations == []
        (short,) = done.short()
        assert short.reason == "The token belongs to @bob, not to @city; mentions of the account can't be read with it."

    def test_a_server_that_does_not_know_quotes_is_asked_without(self) -> None:
        """422 or 400 for an unknown kind."""
        server = Server()
        verified = server.answer(MastodonAdapter(LOGIN).start(task(TaskKind.MENTIONS, account=LOGIN)).requests[0])
        server.faults = [verified, (422, [], b'{"error": "Validation failed"}')]
        done = self.mentions(server)
        assert done.urls[2].count("types%5B%5D") == 1
        assert done.findings == [Covered("mentions", None, NOW)]

    def test_a_token_without_the_scope_is_a_gap_that_a_person_can_mend(self) -> None:
        """403 says that, in whatever language."""
        server = Server()
        verified = server.answer(MastodonAdapter(LOGIN).start(task(TaskKind.MENTIONS, account=LOGIN)).requests[0])
        server.faults = [verified, (403, [], '{"error": "この操作は…"}'.encode())]
        (short,) = self.mentions(server).short()
        assert "read:notifications" in short.reason


class TestProfile:
    def profile(self, server: Server, **more: Any) -> Carried:
        """The profile task."""
        return carry_out(server, task(TaskKind.PROFILE, account=city(**more)))

    def test_who_the_account_is_and_how_many_posts_it_says_it_has(self) -> None:
        """By its id once that is known, so that a new name is noticed."""
        done = self.profile(Server())
        assert done.urls[0] == f"/api/v1/accounts/{CITY}"
        account = next(one for one in done.observations if isinstance(one, AccountSeen))
        assert (account.native_id, account.handle, account.display_name) == (CITY, "city", "City of Example")
        assert TotalSeen("posts", 410) in done.observations

    def test_the_profile_is_a_record(self) -> None:
        """Its text with its fields, the pictures with their descriptions."""
        server = Server()
        server.people[CITY] |= {
            "note": "<p>Official account.</p><p>Posts are records.</p>", "avatar_description": "Seal",
            "fields": [
                {"name": "Web", "value": '<a href="https://example.gov" rel="me"><span class="invisible">https://</span>example.gov</a>'},
                {"name": "Phone", "value": "311"},
            ],
        }  # fmt: skip
        seen = self.profile(server).items[0]
        assert (seen.key, seen.form, seen.thread) == (
            f"mastodon:accounts/{CITY}",
            Form.PROFILE,
            f"mastodon:accounts/{CITY}",
        )
        assert seen.body.title == "City of Example"
        assert seen.body.text == "Official account.\n\nPosts are records.\n\nWeb: https://example.gov\nPhone: 311"
        assert [link.url for link in seen.body.links or ()] == ["https://example.gov"]
        assert [(one.url, one.alt_text) for one in seen.body.attachments or ()] == [
            ("https://files.example.gov/city.png", "Seal"),
            ("https://files.example.gov/h.png", None),
        ]

    def test_a_new_account_is_found_by_its_name(self) -> None:
        """The first time."""
        assert self.profile(Server(), native_id=None).urls[0] == "/api/v1/accounts/lookup?acct=city"

    def test_a_renamed_account_stays_the_same_person(self) -> None:
        """Display name and handle are what they are at each look."""
        server = Server()
        server.people[CITY] |= {"display_name": "City of Example (official)"}
        done = self.profile(server)
        account = next(one for one in done.observations if isinstance(one, AccountSeen))
        assert (account.native_id, account.display_name) == (CITY, "City of Example (official)")

    def test_a_moved_account_is_reported_and_not_followed(self) -> None:
        """Only configured accounts are captured."""
        server = Server()
        server.people[CITY]["moved"] = account("9", "city@new.example")
        done = self.profile(server)
        assert "https://new.example/@city" in done.never()["profile"]
        assert (
            next(one for one in done.observations if isinstance(one, AccountSeen)).facts["moved"]
            == "https://new.example/@city"
        )
        assert all(url.startswith("/api/v") for url in done.urls)

    def test_a_move_taken_back_is_forgotten(self) -> None:
        """The fact is stated each time."""
        done = self.profile(Server())
        assert next(one for one in done.observations if isinstance(one, AccountSeen)).facts["moved"] == ""

    def test_a_suspended_account_is_gone_and_its_hollow_profile_is_no_edit(self) -> None:
        """The server gives an empty object for it."""
        server = Server()
        server.people[CITY] |= {"suspended": True, "display_name": "", "note": ""}
        done = self.profile(server)
        assert done.verdicts[-1].meaning is Meaning.ACCOUNT_GONE
        assert [
            one for one in MastodonAdapter(city()).read(done.exchanges[0]) if not isinstance(one, AccountSeen)
        ] == []

    def test_the_server_is_asked_what_it_is_by_newer_and_older_calls(self) -> None:
        """v2, else v1, else nodeinfo; none of them fails the task."""
        done = self.profile(Server(html_errors=True))
        assert done.urls[1:] == ["/api/v2/instance", "/api/v1/instance"]
        server = Server()
        index = (
            b'{"links": [{"rel": "x", "href": "https://elsewhere.example/nodeinfo/2.1"}, {"href": "h/nodeinfo/2.0"}]}'
        )
        page = (500, [("Content-Type", "text/html")], b"<html>")
        server.faults = [server.answer(MastodonAdapter(city()).start(task(TaskKind.PROFILE)).requests[0]), page, page]
        server.faults += [(200, [], index), (200, [], b"{}")]
        assert self.profile(server).urls[3:] == ["/.well-known/nodeinfo", "/nodeinfo/2.1"]

    def test_the_token_is_checked_with_the_profile(self) -> None:
        """A revoked one is noticed each day."""
        server = Server(token="revoked")
        assert self.profile(server, authenticated=True).verdicts[-1].meaning is Meaning.ACCESS_LOST
        assert "/api/v1/accounts/verify_credentials" in self.profile(Server(), authenticated=True).urls

    def test_what_a_server_never_gives_is_said(self) -> None:
        """Federation has blind spots; without a token there are more."""
        without = ["comments elsewhere", "private posts", "quotes", "mentions", "settings"]
        assert list(self.profile(Server()).never()) == without
        assert list(self.profile(Server(), authenticated=True).never()) == ["comments elsewhere"]


class TestMedia:
    def test_media_are_fetched_from_where_they_are_without_the_token(self) -> None:
        """The token never goes to a file host."""
        step = MastodonAdapter(LOGIN).start(
            task(TaskKind.MEDIA, "https://files.elsewhere.example/a.jpg", account=LOGIN)
        )
        (spec,) = step.requests
        assert (spec.url, spec.credential, spec.purpose) == (
            "https://files.elsewhere.example/a.jpg",
            None,
            Purpose.MEDIA,
        )
        assert spec.stream == "media"


def test_every_call_carries_the_token_if_there_is_one() -> None:
    """Closed servers answer nothing without it."""
    server = Server(open=False)
    server.post("100")
    for kind in (
        TaskKind.PROFILE,
        TaskKind.POLL,
        TaskKind.THREAD,
        TaskKind.CONFIRM,
        TaskKind.HISTORY,
        TaskKind.MENTIONS,
    ):
        done = carry_out(server, task(kind, "mastodon:100", account=LOGIN))
        assert {verdict.meaning for verdict in done.verdicts} == {Meaning.PROCEED}
    assert all(token and url.startswith(BASE) for url, token in server.asked)
    done = carry_out(server, task(TaskKind.POLL))
    assert done.verdicts[-1].meaning is Meaning.NEEDS_TOKEN


def test_findings_of_one_account_name_only_known_forms() -> None:
    """Gaps can be mended; what never comes is not offered."""
    assert {type(one) for one in carry_out(Server(), task(TaskKind.PROFILE)).findings} == {NotOffered}
    assert Shortfall not in {type(one) for one in carry_out(Server(), task(TaskKind.POLL)).findings}
