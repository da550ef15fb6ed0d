"""How the simulated Mastodon server behaves, held against the fact sheet (sections 1 to 10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.images import picture
from archiver.sandbox.limits import Limit
from archiver.sandbox.mastodon_api import MastodonApi
from archiver.sandbox.mastodon_html import content, seen
from archiver.sandbox.model import MASTODON, Card, Person, PollQuestion, Standing
from tests.sandbox.conftest import Caller, ask


def residents(city: SandboxCity) -> list[Person]:
    """The people who are on Mastodon."""
    return [p for (platform, _), p in city.world.people.items() if platform == MASTODON and not p.official]


def token(city: SandboxCity, account: str = "parks-mastodon") -> str:
    """An account's token."""
    return city.world.accounts[account].secret


def path(city: SandboxCity, account: str = "parks-mastodon") -> str:
    """Where an account's statuses are."""
    return f"/api/v1/accounts/{city.world.person(account).id}/statuses"


class TestPages:
    @pytest.mark.parametrize("limit", [4, 5, 6, 40])
    def test_links_lead_through_the_whole(self, city: SandboxCity, call: Caller, limit: int) -> None:
        """Each status once; a page of exactly the limit may be followed by an empty one."""
        made = [city.world.post("parks-mastodon", f"{n}", at=city.world.now() - timedelta(hours=n)) for n in range(12)]
        found = call.statuses(path(city), limit=limit)
        assert [status["id"] for status in found] == [post.id for post in made]
        whole = call.mastodon(path(city), limit=12)
        assert ask(whole.links["next"]).json == []
        assert "next" not in call.mastodon(path(city), limit=13).links

    def test_min_id_and_since_id(self, city: SandboxCity, call: Caller) -> None:
        """``min_id`` gives the ones right after, ``since_id`` the newest; both newest first."""
        made = [
            city.world.post("parks-mastodon", f"{n}", at=city.world.now() - timedelta(hours=9 - n)) for n in range(9)
        ]
        after = [s["content"] for s in call.mastodon(path(city), limit=2, min_id=made[3].id).json]
        newest = [s["content"] for s in call.mastodon(path(city), limit=2, since_id=made[3].id).json]
        assert after == ["<p>5</p>", "<p>4</p>"]
        assert newest == ["<p>8</p>", "<p>7</p>"]

    def test_a_limit_is_lowered_silently(self, city: SandboxCity, call: Caller) -> None:
        """80 is 40, and nought the default."""
        for n in range(45):
            city.world.post("parks-mastodon", f"{n}", at=city.world.now() - timedelta(hours=n))
        assert [len(call.mastodon(path(city), limit=n).json) for n in (80, 0, 7)] == [40, 20, 7]

    def test_pins_have_no_pages(self, city: SandboxCity, call: Caller) -> None:
        """And stand in the normal list, too."""
        post = city.world.post("parks-mastodon", "pinned")
        city.world.pin(post)
        answer = call.mastodon(path(city), pinned="true")
        assert ([s["id"] for s in answer.json], answer.links) == ([post.id], {})
        assert len(call.mastodon(path(city)).json) == 1

    def test_filters(self, city: SandboxCity, call: Caller) -> None:
        """Answers to oneself stay when replies are excluded."""
        ann = residents(city)[0]
        first = city.world.post("parks-mastodon", "first #pool", tags=["pool"])
        city.world.reply("parks-mastodon", first, "second")
        theirs = city.world.post(ann, "theirs")
        city.world.reply("parks-mastodon", theirs, "to them")
        city.world.share("parks-mastodon", theirs)
        city.world.post("parks-mastodon", "map", pictures=[picture(1, "Map")])

        def count(**params: Any) -> int:
            return len(call.mastodon(path(city), **params).json)

        assert count() == 5
        assert count(exclude_replies="true") == 4
        assert count(exclude_reblogs="true") == 4
        assert count(only_media="true") == 1
        assert count(tagged="pool") == 1


class TestContext:
    def test_without_a_token_it_is_cut_at_sixty(self, city: SandboxCity, call: Caller) -> None:
        """Nothing in the answer says so; with a token all are there."""
        root = city.world.post("parks-mastodon", "root")
        for n in range(75):
            city.world.reply(residents(city)[n % 3], root, f"{n}")
        url = f"/api/v1/statuses/{root.id}/context"
        assert len(call.mastodon(url).json["descendants"]) == 60
        assert len(call.mastodon(url, token=token(city)).json["descendants"]) == 75

    def test_depth_first_and_twenty_levels(self, city: SandboxCity, call: Caller) -> None:
        """A deep chain is cut at twenty levels, forty ancestors are shown."""
        root = city.world.post("parks-mastodon", "root")
        parent = root
        for n in range(45):
            parent = city.world.reply(residents(city)[n % 2], parent, f"{n}")
        below = call.mastodon(f"/api/v1/statuses/{root.id}/context").json
        assert [status["content"] for status in below["descendants"]] == [f"<p>{n}</p>" for n in range(20)]
        above = call.mastodon(f"/api/v1/statuses/{parent.id}/context").json["ancestors"]
        assert len(above) == 40
        assert above[-1]["content"] == "<p>43</p>"

    def test_a_removed_parent_is_forgotten(self, city: SandboxCity, call: Caller) -> None:
        """The parent's id turns null, the account's stays, and no context shows the branch."""
        ann, bo, *_ = residents(city)
        root = city.world.post("parks-mastodon", "root")
        middle = city.world.reply(ann, root, "middle")
        leaf = city.world.reply(bo, middle, "leaf")
        city.world.delete(middle)
        assert call.mastodon(f"/api/v1/statuses/{root.id}/context").json["descendants"] == []
        status = call.mastodon(f"/api/v1/statuses/{leaf.id}").json
        assert (status["in_reply_to_id"], status["in_reply_to_account_id"]) == (None, ann.id)
        assert call.mastodon(f"/api/v1/statuses/{middle.id}").status == 404

    def test_private_answers_need_the_token_of_who_is_named(self, city: SandboxCity, call: Caller) -> None:
        """Others get a 404 and a shorter context."""
        parks = city.world.person("parks-mastodon")
        root = city.world.post(parks, "root")
        secret = city.world.reply(residents(city)[0], root, "@parks secret", visibility="direct", mentions=[parks])
        url, single = f"/api/v1/statuses/{root.id}/context", f"/api/v1/statuses/{secret.id}"
        assert call.mastodon(url).json["descendants"] == []
        assert call.mastodon(url, token=token(city, "library-mastodon")).json["descendants"] == []
        (status,) = call.mastodon(url, token=token(city)).json["descendants"]
        assert status["visibility"] == "direct"
        assert call.mastodon(single).status == 404
        assert call.mastodon(single, token=token(city)).status == 200

    def test_late_answers_are_fetched_in_the_background(self, city: SandboxCity, call: Caller) -> None:
        """The first call says to ask again; then they are there, with an old id."""
        root = city.world.post("parks-mastodon", "root", at=city.world.now() - timedelta(days=2))
        far = next(person for person in residents(city) if person.domain)
        at = city.world.now() - timedelta(days=1)
        late = city.world.reply(far, root, "late", at=at, undelivered=True)
        city.world.reply(far, root, "in time")
        url = f"/api/v1/statuses/{root.id}/context"
        first = call.mastodon(url)
        assert first.headers["mastodon-async-refresh"].endswith("retry=2, result_count=0")
        assert len(first.json["descendants"]) == 1
        assert call.mastodon(f"/api/v1/statuses/{late.id}").status == 404
        city.world.advance(timedelta(seconds=2))
        second = call.mastodon(url)
        assert second.headers.get("mastodon-async-refresh") is None
        assert second.json["descendants"][0]["id"] == late.id


class TestStatuses:
    def test_history_holds_every_version(self, city: SandboxCity, call: Caller) -> None:
        """Oldest first; the first is from when it was made, the last from the last edit."""
        post = city.world.post("parks-mastodon", "one", at=city.world.now() - timedelta(hours=3))
        for hours, text in ((2, "two"), (1, "three")):
            city.world.edit(post, text, at=city.world.now() - timedelta(hours=hours))
        history = call.mastodon(f"/api/v1/statuses/{post.id}/history").json
        assert [edit["content"] for edit in history] == ["<p>one</p>", "<p>two</p>", "<p>three</p>"]
        status = call.mastodon(f"/api/v1/statuses/{post.id}").json
        assert history[0]["created_at"] == status["created_at"]
        assert history[-1]["created_at"] == status["edited_at"]

    def test_many_at_once(self, city: SandboxCity, call: Caller) -> None:
        """Missing ones are left out without a word, and so is what is beyond twenty."""
        made = [city.world.post("parks-mastodon", f"{n}") for n in range(22)]
        city.world.delete(made[3])
        found = ask(f"{city.mastodon_url}/api/v1/statuses", {"id[]": [post.id for post in made]}).json
        assert [status["id"] for status in found] == [post.id for post in made[:20] if post is not made[3]]

    def test_a_boost_has_names_of_its_own(self, city: SandboxCity, call: Caller) -> None:
        """Outer id and time are the boost's, the text is the original's."""
        theirs = city.world.post(residents(city)[0], "theirs")
        share = city.world.share("parks-mastodon", theirs)
        (status,) = call.mastodon(path(city)).json
        assert (status["id"], status["content"]) == (share.id, "")
        assert status["uri"].endswith("/activity")
        assert status["reblog"]["id"] == theirs.id

    @pytest.mark.parametrize(
        ("happens", "state"), [("nothing", "accepted"), ("revoked", "revoked"), ("removed", "deleted")]
    )
    def test_states_of_a_quote(self, city: SandboxCity, call: Caller, happens: str, state: str) -> None:
        """Accepted quotes hold the status, others do not."""
        theirs = city.world.post("library-mastodon", "theirs")
        post = city.world.post("parks-mastodon", "mine", quote=theirs)
        if happens == "revoked":
            city.world.detach(post)
        elif happens == "removed":
            city.world.delete(theirs)
        quote = call.mastodon(f"/api/v1/statuses/{post.id}").json["quote"]
        assert quote["state"] == state
        assert (quote["quoted_status"] is not None) == (state == "accepted")

    def test_a_poll_closes(self, city: SandboxCity, call: Caller) -> None:
        """By the city's clock, although nothing else changed."""
        closes = city.world.now() + timedelta(hours=1)
        post = city.world.post("parks-mastodon", "Which?", poll=PollQuestion("9", ("a", "b"), [1, 2], closes))
        url = f"/api/v1/statuses/{post.id}"
        assert call.mastodon(url).json["poll"]["expired"] is False
        city.world.advance(timedelta(hours=2))
        assert call.mastodon(url).json["poll"]["expired"] is True

    def test_a_card_comes_later(self, city: SandboxCity, call: Caller) -> None:
        """Seconds after the status."""
        card = Card("https://mapleford.example/x", "X", "", from_at=city.world.now() + timedelta(seconds=5))
        post = city.world.post("parks-mastodon", "x", card=card)
        assert call.mastodon(f"/api/v1/statuses/{post.id}").json["card"] is None
        city.world.advance(timedelta(seconds=5))
        assert call.mastodon(f"/api/v1/statuses/{post.id}").json["card"]["title"] == "X"

    def test_media_are_where_they_say(self, city: SandboxCity, call: Caller) -> None:
        """And gone with their status; no description is null."""
        shot = picture(4, None)
        post = city.world.post("parks-mastodon", "x", pictures=[shot])
        (media,) = call.mastodon(f"/api/v1/statuses/{post.id}").json["media_attachments"]
        assert media["description"] is None
        assert ask(media["url"]).raw == shot.data
        city.world.delete(post)
        assert ask(media["url"]).status == 404

    def test_a_suspended_person_is_hollow(self, city: SandboxCity, call: Caller) -> None:
        """The account is there, emptied; the statuses are not."""
        ann = residents(city)[0]
        post = city.world.post(ann, "x")
        city.world.suspend(ann, Standing.TAKEN_DOWN)
        account = call.mastodon(f"/api/v1/accounts/{ann.id}").json
        assert (account["suspended"], account["display_name"]) == (True, "")
        assert call.mastodon(f"/api/v1/accounts/{ann.id}/statuses").json == []
        assert call.mastodon(f"/api/v1/statuses/{post.id}").status == 404


class TestAccess:
    @pytest.mark.parametrize(
        ("access", "status", "error"),
        [
            ("closed", 401, "This API requires an authenticated user"),
            ("gotosocial", 401, "Unauthorized: token not supplied"),
        ],
    )
    def test_closed_servers(self, city: SandboxCity, call: Caller, access: Any, status: int, error: str) -> None:
        """Nothing without a token but what the server says of itself."""
        city.mastodon.api.access = access
        answer = call.mastodon(path(city))
        assert (answer.status, answer.json["error"]) == (status, error)
        assert call.mastodon(path(city), token=token(city)).status == 200
        assert call.mastodon("/api/v2/instance").status == 200

    def test_sent_to_a_login_page(self, city: SandboxCity, call: Caller) -> None:
        """302, as Pixelfed does it."""
        city.mastodon.api.access = "login"
        answer = call.mastodon(path(city))
        assert (answer.status, answer.headers["location"]) == (302, f"{city.mastodon_url}/auth/sign_in")

    def test_a_revoked_token(self, city: SandboxCity, call: Caller) -> None:
        """401 with a challenge, until the account is connected again."""
        city.revoke("parks-mastodon")
        answer = call.mastodon(path(city), token=token(city))
        assert (answer.status, answer.json["error"]) == (401, "The access token was revoked")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        city.reconnect("parks-mastodon")
        assert call.mastodon(path(city), token=token(city)).status == 200

    def test_notifications_bring_mentions_from_elsewhere(self, city: SandboxCity, call: Caller) -> None:
        """By token only; answers that name the account are mentions, too."""
        parks = city.world.person("parks-mastodon")
        root = city.world.post(parks, "root")
        city.world.reply(residents(city)[0], root, "@parks hi", mentions=[parks])
        city.world.post(residents(city)[1], "ask @parks", mentions=[parks])
        city.world.share(residents(city)[2], root)
        assert call.mastodon("/api/v1/notifications").status == 401
        kinds = [n["type"] for n in call.mastodon("/api/v1/notifications", token=token(city)).json]
        assert kinds == ["reblog", "mention", "mention"]
        only = call.mastodon("/api/v1/notifications", token=token(city), **{"types[]": ["mention"]}).json
        assert len(only) == 2

    def test_limits_are_told_in_iso_time(self, city: SandboxCity, call: Caller) -> None:
        """Windows are aligned to the clock; paging has a limit of its own; no Retry-After."""
        city.mastodon.api.paging = Limit(2, 900)
        city.world.post("parks-mastodon", "x")
        plain = call.mastodon(path(city))
        assert plain.headers["x-ratelimit-reset"] == "2026-11-22T15:05:00.000000Z"
        answers = [call.mastodon(path(city), max_id="9" * 18) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert answers[2].json == {"error": "Too many requests"}
        assert answers[2].headers["x-ratelimit-reset"] == "2026-11-22T15:15:00.000000Z"
        assert "retry-after" not in answers[2].headers
        city.world.advance(timedelta(minutes=15))
        assert call.mastodon(path(city), max_id="9" * 18).status == 200


HTML = {
    "special characters are escaped once": ("<b> & \"x\" 'y'", "<p>&lt;b&gt; &amp; &quot;x&quot; &#39;y&#39;</p>"),
    "paragraphs and line breaks": ("one\ntwo\n\nthree", "<p>one<br />two</p><p>three</p>"),
    "ends are stripped": ("  x \n", "<p>x</p>"),
    "nothing is nothing": ("", ""),
    "an entity is text": ("AT&amp;T", "<p>AT&amp;amp;T</p>"),
    "a name nobody has is text": ("@nobody hi", "<p>@nobody hi</p>"),
    "a long link is split": (
        "https://www.mapleford.example/agenda/2026/november/item-12",
        (
            '<p><a href="https://www.mapleford.example/agenda/2026/november/item-12" target="_blank" '
            'rel="nofollow noopener" translate="no"><span class="invisible">https://www.</span>'
            '<span class="ellipsis">mapleford.example/agenda/2026/</span>'
            '<span class="invisible">november/item-12</span></a></p>'
        ),
    ),
    "a hashtag is a link": (
        "#Pool",
        '<p><a href="http://h/tags/Pool" class="mention hashtag" rel="tag">#<span>Pool</span></a></p>',
    ),
}


@pytest.mark.parametrize(("text", "expected"), HTML.values(), ids=HTML.keys())
def test_markup(text: str, expected: str) -> None:
    """What an author typed becomes the HTML that Mastodon serves."""
    assert content(text, {}, "http://h") == expected


def test_names_lose_their_server(city: SandboxCity) -> None:
    """A reader sees the short name, the link leads to the person's own server."""
    far = next(person for person in residents(city) if person.domain)
    people = {far.handle: far}
    assert seen(f"@{far.handle} hi", people) == f"@{far.handle.split('@')[0]} hi"
    assert f'href="https://{far.domain}/@{far.handle.split("@")[0]}"' in content(
        f"@{far.handle} hi", people, "http://h"
    )


def test_ulids(call: Caller) -> None:
    """A server may count in ULIDs instead of numbers."""
    with SandboxCity(seed=1, size="empty", mastodon_ids="ulid") as city:
        made = [city.world.post("parks-mastodon", f"{n}") for n in range(5)]
        found = Caller(city).statuses(path(city), limit=2)
    assert [status["id"] for status in found] == [post.id for post in reversed(made)]
    assert all(len(post.id) == 26 for post in made)


@pytest.mark.parametrize(
    ("release", "absent", "lookup", "instance"),
    [
        ((4, 6), set(), 200, 200),
        ((4, 2), {"quote", "quotes_count", "quote_approval", "tagged_collections"}, 404, 200),
        ((3, 4), {"quote", "quotes_count", "quote_approval", "tagged_collections", "edited_at"}, 404, 404),
    ],
)
def test_older_releases_lack_fields_and_calls(
    city: SandboxCity, call: Caller, release: tuple[int, int], absent: set[str], lookup: int, instance: int
) -> None:
    """What came later is not there."""
    post = city.world.post("parks-mastodon", "x")
    newest = call.mastodon(f"/api/v1/statuses/{post.id}").json
    city.mastodon.api.release = release
    status = call.mastodon(f"/api/v1/statuses/{post.id}").json
    assert newest.keys() - status.keys() == absent
    assert ask(f"{city.mastodon_url}/api/v1/statuses", {"id[]": [post.id]}).status == lookup
    assert call.mastodon("/api/v2/instance").status == instance
    first = call.mastodon("/api/v1/instance").json
    assert first["version"].startswith(f"{release[0]}.{release[1]}.")
    assert ("api_versions" in call.mastodon("/api/v2/instance").json) == (release >= (4, 3))


def test_links_may_name_another_scheme(city: SandboxCity, call: Caller) -> None:
    """As servers behind a proxy do; the token must not go there."""
    for n in range(3):
        city.world.post("parks-mastodon", f"{n}")
    city.mastodon.api.link_base = "http://social.mapleford.example"
    assert call.mastodon(path(city), limit=2).links["next"].startswith("http://social.mapleford.example/api/v1/")


class TestSettings:
    def test_lists_are_told_to_the_account_itself(self, city: SandboxCity, call: Caller) -> None:
        """In pages, by numbers of their own; to nobody else, and not without the scope."""
        api = city.mastodon.api
        assert isinstance(api, MastodonApi)
        ann, bob = residents(city)[:2]
        own = api.settings_of("parks-mastodon")
        own.block(ann)
        own.block(bob)
        own.mute(bob)
        own.block_server("spam.example")
        own.filter_word("scam")
        first = call.mastodon("/api/v1/blocks", token=token(city), limit=1)
        assert [one["id"] for one in first.json] == [bob.id]
        assert [one["id"] for one in ask(first.links["next"], token=token(city)).json] == [ann.id]
        assert call.mastodon("/api/v1/domain_blocks", token=token(city)).json == ["spam.example"]
        (one,) = call.mastodon("/api/v2/filters", token=token(city)).json
        assert [keyword["keyword"] for keyword in one["keywords"]] == ["scam"]
        own.unblock(ann)
        assert len(call.mastodon("/api/v1/blocks", token=token(city)).json) == 1
        assert call.mastodon("/api/v1/mutes").status == 401
        api.missing_scopes.add("read:mutes")
        assert call.mastodon("/api/v1/mutes", token=token(city)).status == 403
