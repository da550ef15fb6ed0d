"""How the simulated Bluesky servers behave, held against what was measured on the real ones (fact sheet, sections 4 to 15)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.cid import cid_of_bytes, cid_of_record
from archiver.sandbox.images import picture
from archiver.sandbox.limits import Limit
from archiver.sandbox.model import BLUESKY, Person, Post, Standing
from tests.sandbox.conftest import NOW, Caller, ask

THREAD = "app.bsky.feed.getPostThread"
FEED = "app.bsky.feed.getAuthorFeed"


def residents(city: SandboxCity) -> list[Person]:
    """The people of the city on Bluesky."""
    return [p for (platform, _), p in city.world.people.items() if platform == BLUESKY and not p.official]


def texts(node: dict[str, Any]) -> list[str]:
    """The texts of a thread below its anchor, depth first."""
    found = []
    for reply in node.get("replies", []):
        found += [reply["post"]["record"]["text"], *texts(reply)]
    return found


def thread(call: Caller, post: Post, **params: Any) -> dict[str, Any]:
    """The thread of a post."""
    answer: dict[str, Any] = call.xrpc(THREAD, uri=post.id, **params).json
    return answer


class TestThreads:
    def test_depth_is_capped_at_ten(self, city: SandboxCity, call: Caller) -> None:
        """Whatever is asked, ten levels come; the last has an answer count and no list."""
        root = city.world.post("hall-bluesky", "root")
        parent, made = root, [root]
        for level in range(1, 25):
            parent = city.world.reply(residents(city)[level % 2], parent, f"level {level}")
            made.append(parent)
        answers = [thread(call, root, depth=depth) for depth in (10, 50, 1000)]
        assert answers[0] == answers[1] == answers[2]
        node = answers[0]["thread"]
        assert len(texts(node)) == 10
        while node.get("replies"):
            node = node["replies"][0]
        assert node["post"]["replyCount"] == 1
        assert "replies" not in node
        below = thread(call, made[10], depth=10)["thread"]
        assert texts(below) == [f"level {level}" for level in range(11, 21)]
        assert thread(call, made[24])["thread"]["replies"] == []

    def test_depth_nought_gives_the_post_alone(self, city: SandboxCity, call: Caller) -> None:
        """No list of answers at all, whatever the count."""
        root = city.world.post("hall-bluesky", "root")
        city.world.reply(residents(city)[0], root, "answer")
        node = thread(call, root, depth=0)["thread"]
        assert "replies" not in node
        assert node["post"]["replyCount"] == 1

    def test_a_removed_root_leaves_its_answers(self, city: SandboxCity, call: Caller) -> None:
        """400 NotFound for the root; an answer by itself has a parent that is not found."""
        root = city.world.post("hall-bluesky", "root")
        reply = city.world.reply(residents(city)[0], root, "answer")
        city.world.delete(root)
        refused = call.xrpc(THREAD, uri=root.id)
        assert (refused.status, refused.json["error"]) == (400, "NotFound")
        assert thread(call, reply)["thread"]["parent"] == {
            "$type": "app.bsky.feed.defs#notFoundPost",
            "uri": root.id,
            "notFound": True,
        }

    def test_a_removed_answer_takes_its_branch_away(self, city: SandboxCity, call: Caller) -> None:
        """From the root nothing below it is seen; by their own addresses the posts are there."""
        ann, bo, *_ = residents(city)
        root = city.world.post("hall-bluesky", "root")
        middle = city.world.reply(ann, root, "middle")
        leaf = city.world.reply(bo, middle, "leaf")
        city.world.delete(middle)
        node = thread(call, root)["thread"]
        assert (texts(node), node["post"]["replyCount"]) == ([], 0)
        assert thread(call, leaf)["thread"]["post"]["record"]["text"] == "leaf"

    @pytest.mark.parametrize("standing", [Standing.DEACTIVATED, Standing.TAKEN_DOWN, Standing.DELETED])
    def test_an_account_that_left_takes_its_branches_away(
        self, city: SandboxCity, call: Caller, standing: Standing
    ) -> None:
        """Its answers go with all below them, and the count goes on counting."""
        ann, bo, *_ = residents(city)
        root = city.world.post("hall-bluesky", "root")
        city.world.reply(bo, city.world.reply(ann, root, "hers"), "below hers")
        city.world.suspend(ann, standing)
        node = thread(call, root)["thread"]
        assert (texts(node), node["post"]["replyCount"]) == ([], 1)

    def test_a_block_cuts_for_everybody(self, city: SandboxCity, call: Caller) -> None:
        """Gone from the thread; asked for directly it is there, its parent blocked."""
        ann = residents(city)[0]
        root = city.world.post("hall-bluesky", "root")
        reply = city.world.reply(ann, root, "angry")
        city.world.block(ann, "hall-bluesky")
        assert texts(thread(call, root)["thread"]) == []
        parent = thread(call, reply)["thread"]["parent"]
        assert parent["$type"].endswith("#blockedPost")
        assert parent["author"] == {"did": root.author.id}
        assert len(call.xrpc("app.bsky.feed.getPosts", uris=[reply.id]).json["posts"]) == 1

    def test_hidden_answers_are_still_given_out(self, city: SandboxCity, call: Caller) -> None:
        """Only the gate says that they are hidden, until it does not."""
        root = city.world.post("hall-bluesky", "root")
        reply = city.world.reply(residents(city)[0], root, "rude")
        city.world.hide(reply)
        answer = thread(call, root)
        assert texts(answer["thread"]) == ["rude"]
        assert answer["threadgate"]["record"]["hiddenReplies"] == [reply.id]
        rkey = root.id.rsplit("/", 1)[1]
        assert answer["threadgate"]["uri"].endswith(f"/app.bsky.feed.threadgate/{rkey}")
        city.world.unhide(reply)
        assert "hiddenReplies" not in thread(call, root)["threadgate"]["record"]

    def test_answers_against_the_gate_are_in_no_thread(self, city: SandboxCity, call: Caller) -> None:
        """They raise no count; asked for directly they have no parent."""
        root = city.world.post("hall-bluesky", "root")
        city.world.allow_replies(root, [])
        reply = city.world.reply(residents(city)[0], root, "anyway", breaks_gate=True)
        node = thread(call, root)["thread"]
        assert (texts(node), node["post"]["replyCount"]) == ([], 0)
        direct = thread(call, reply)["thread"]
        assert "parent" not in direct
        assert "replies" not in direct

    def test_the_address_may_name_the_handle(self, city: SandboxCity, call: Caller) -> None:
        """Answers use the DID."""
        root = city.world.post("hall-bluesky", "root")
        uri = root.id.replace(root.author.id, root.author.handle)
        assert call.xrpc(THREAD, uri=uri).json["thread"]["post"]["uri"] == root.id


class TestFeed:
    @pytest.mark.parametrize(("style", "more"), [("0.0.221", 1), ("0.0.280", 0)])
    @pytest.mark.parametrize("limit", [3, 4, 5, 100])
    def test_pages_make_up_the_whole(self, city: SandboxCity, call: Caller, style: Any, more: int, limit: int) -> None:
        """Both cursor styles give each post once; the older one ends with an empty page."""
        city.bluesky.api.style = style
        made = [city.world.post("hall-bluesky", f"{n}", at=city.world.now() - timedelta(hours=n)) for n in range(12)]
        pages = call.pages(FEED, "feed", actor=made[0].author.id, limit=limit)
        assert [item["post"]["uri"] for page in pages for item in page] == [post.id for post in made]
        assert len(pages) == -(-12 // limit) + more

    def test_filters_come_after_the_cut(self, city: SandboxCity, call: Caller) -> None:
        """A page may be short or empty and still have a cursor."""
        for n in range(6):
            at = city.world.now() - timedelta(hours=n)
            pictures = [picture(n, "Map")] if n == 5 else []
            city.world.post("hall-bluesky", f"{n}", at=at, pictures=pictures)
        did = city.world.person("hall-bluesky").id
        pages = call.pages(FEED, "feed", actor=did, limit=2, filter="posts_with_media")
        assert [len(page) for page in pages] == [0, 0, 1]

    def test_an_unknown_filter_is_the_default(self, city: SandboxCity, call: Caller) -> None:
        """Silently."""
        root = city.world.post("hall-bluesky", "root")
        city.world.reply("hall-bluesky", root, "and more")
        did = root.author.id
        default = call.xrpc(FEED, actor=did).json
        assert call.xrpc(FEED, actor=did, filter="nope").json == default
        assert len(call.xrpc(FEED, actor=did, filter="posts_no_replies").json["feed"]) == 1
        assert len(call.xrpc(FEED, actor=did, filter="posts_and_author_threads").json["feed"]) == 2

    def test_shares_are_named_by_their_reason(self, city: SandboxCity, call: Caller) -> None:
        """The post is the other's, the reason has the share's own address; a removed original is left out."""
        theirs = city.world.post("police-bluesky", "theirs")
        share = city.world.share("hall-bluesky", theirs)
        (item,) = call.xrpc(FEED, actor=share.author.id).json["feed"]
        assert item["post"]["author"]["did"] == theirs.author.id
        assert item["reason"]["uri"] == share.id
        city.world.delete(theirs)
        assert call.xrpc(FEED, actor=share.author.id).json["feed"] == []

    def test_a_claimed_date_in_the_past_sorts_there(self, city: SandboxCity, call: Caller) -> None:
        """And one in the future sorts by the server's."""
        now = city.world.now()
        for text, at in (("today", now), ("old", now - timedelta(days=4000)), ("future", now + timedelta(days=400))):
            city.world.post("hall-bluesky", text, at=at, seen_at=now - timedelta(days=1) if text == "future" else now)
        feed = call.xrpc(FEED, actor=city.world.person("hall-bluesky").id).json["feed"]
        assert [item["post"]["record"]["text"] for item in feed] == ["today", "future", "old"]


class TestRepository:
    def test_records_go_by_key(self, city: SandboxCity, call: Caller) -> None:
        """Newest first, or oldest first; the cursor is the last key."""
        made = [city.world.post("hall-bluesky", f"{n}", at=city.world.now() - timedelta(hours=n)) for n in range(7)]
        ask_for: dict[str, Any] = {"repo": made[0].author.id, "collection": "app.bsky.feed.post", "limit": 3}
        pages = call.pages("com.atproto.repo.listRecords", "records", **ask_for)
        assert [record["uri"] for page in pages for record in page] == [post.id for post in made]
        backwards = call.pages("com.atproto.repo.listRecords", "records", reverse="true", **ask_for)
        assert [record["uri"] for page in backwards for record in page] == [post.id for post in reversed(made)]
        first = call.xrpc("com.atproto.repo.listRecords", **ask_for).json
        assert first["cursor"] == made[2].id.rsplit("/", 1)[1]

    def test_an_overwritten_record_has_a_new_cid(self, city: SandboxCity, call: Caller) -> None:
        """Same address, other content; the views follow, or show the first version for ever."""
        post = city.world.post("hall-bluesky", "first")
        rkey = post.id.rsplit("/", 1)[1]
        where = {"repo": post.author.id, "collection": "app.bsky.feed.post", "rkey": rkey}
        before = call.xrpc("com.atproto.repo.getRecord", **where).json
        city.world.advance(timedelta(hours=1))
        city.world.edit(post, "second")
        after = call.xrpc("com.atproto.repo.getRecord", **where).json
        assert (after["uri"], after["value"]["text"]) == (before["uri"], "second")
        assert after["cid"] == cid_of_record(after["value"]) != before["cid"]
        refused = call.xrpc("com.atproto.repo.getRecord", **where, cid=before["cid"])
        assert (refused.status, refused.json["error"]) == (400, "RecordNotFound")
        (view,) = call.xrpc("app.bsky.feed.getPosts", uris=[post.id]).json["posts"]
        assert view["indexedAt"] == "2026-11-22T16:00:00.000Z"
        city.bluesky.api.appview.views.keeps_first_version = True
        city.world.set_counts(post, likes=1)
        (view,) = call.xrpc("app.bsky.feed.getPosts", uris=[post.id]).json["posts"]
        assert (view["cid"], view["record"]["text"]) == (before["cid"], "first")

    def test_a_removed_record_is_not_located(self, city: SandboxCity, call: Caller) -> None:
        """400 at the PDS, left out of the views."""
        post = city.world.post("hall-bluesky", "x")
        city.world.delete(post)
        rkey = post.id.rsplit("/", 1)[1]
        where = {"repo": post.author.id, "collection": "app.bsky.feed.post", "rkey": rkey}
        refused = call.xrpc("com.atproto.repo.getRecord", **where)
        assert refused.json == {"error": "RecordNotFound", "message": f"Could not locate record: {post.id}"}
        assert call.xrpc("app.bsky.feed.getPosts", uris=[post.id]).json == {"posts": []}

    def test_a_record_taken_down_stays_in_the_views(self, city: SandboxCity, call: Caller) -> None:
        """Disappearance from one endpoint is no proof."""
        post = city.world.post("hall-bluesky", "x")
        city.world.take_down(post)
        rkey = post.id.rsplit("/", 1)[1]
        where = {"repo": post.author.id, "collection": "app.bsky.feed.post", "rkey": rkey}
        assert call.xrpc("com.atproto.repo.getRecord", **where).json["error"] == "RecordNotFound"
        assert len(call.xrpc("app.bsky.feed.getPosts", uris=[post.id]).json["posts"]) == 1

    def test_each_change_moves_the_revision(self, city: SandboxCity, call: Caller) -> None:
        """And nothing else does; revisions sort by time."""
        did = city.world.person("hall-bluesky").id
        seen = [call.xrpc("com.atproto.sync.getLatestCommit", did=did).json["rev"]]
        post = city.world.post("hall-bluesky", "x")
        city.world.post("police-bluesky", "y")
        seen.append(call.xrpc("com.atproto.sync.getLatestCommit", did=did).json["rev"])
        city.world.hide(city.world.reply(residents(city)[0], post, "z"))
        seen.append(call.xrpc("com.atproto.sync.getLatestCommit", did=did).json["rev"])
        assert seen == sorted(set(seen))
        assert call.xrpc("com.atproto.sync.getLatestCommit", did=did).json["rev"] == seen[-1]

    def test_blobs_are_the_uploaded_bytes(self, city: SandboxCity, call: Caller) -> None:
        """True to their CID, and gone with the last record that refers to them."""
        shot = picture(5, "Map", mime="image/jpeg")
        post = city.world.post("hall-bluesky", "x", pictures=[shot])
        where = {"did": post.author.id, "cid": shot.cid}
        answer = call.xrpc("com.atproto.sync.getBlob", **where)
        assert (answer.raw, answer.headers["content-type"]) == (shot.data, "image/jpeg")
        assert cid_of_bytes(answer.raw) == shot.cid
        assert hashlib.sha256(answer.raw).hexdigest() == shot.sha256
        assert answer.headers["content-disposition"] == f'attachment; filename="{shot.cid}"'
        city.world.delete(post)
        assert call.xrpc("com.atproto.sync.getBlob", **where).json["message"] == "Blob not found"

    @pytest.mark.parametrize(
        ("standing", "status", "profile", "repository"),
        [
            (Standing.DEACTIVATED, "deactivated", "AccountDeactivated", "RepoDeactivated"),
            (Standing.TAKEN_DOWN, "takendown", "AccountTakedown", "RepoTakendown"),
            (Standing.DELETED, None, "InvalidRequest", "RepoNotFound"),
        ],
    )
    def test_states_of_an_account(
        self, city: SandboxCity, call: Caller, standing: Standing, status: str | None, profile: str, repository: str
    ) -> None:
        """Each endpoint says it in its own way (fact sheet, section 11)."""
        did = city.world.person("hall-bluesky").id
        assert call.xrpc("com.atproto.sync.getRepoStatus", did=did).json["active"] is True
        city.world.suspend("hall-bluesky", standing)
        said = call.xrpc("com.atproto.sync.getRepoStatus", did=did).json
        assert said.get("status") == status
        assert said.get("error") == ("RepoNotFound" if status is None else None)
        assert call.xrpc("app.bsky.actor.getProfile", actor=did).json["error"] == profile
        assert call.xrpc("com.atproto.repo.describeRepo", repo=did).json["error"] == repository
        assert call.xrpc(FEED, actor=did).json["message"] == "Profile not found"
        city.world.restore("hall-bluesky")
        assert call.xrpc("app.bsky.actor.getProfile", actor=did).status == 200

    def test_an_old_handle_fails_and_the_did_works(self, city: SandboxCity, call: Caller) -> None:
        """After a change of handle."""
        person = city.world.person("hall-bluesky")
        city.world.rename("hall-bluesky", handle="cityhall.mapleford.example")
        assert call.xrpc("app.bsky.actor.getProfile", actor="hall.mapleford.example").status == 400
        assert call.xrpc("com.atproto.identity.resolveHandle", handle="cityhall.mapleford.example").json == {
            "did": person.id
        }
        assert call.xrpc("app.bsky.actor.getProfile", actor=person.id).json["handle"] == "cityhall.mapleford.example"


class TestSessions:
    def test_refresh_tokens_rotate(self, city: SandboxCity, call: Caller) -> None:
        """A spent one is refused with a 400, and so is an access token in its place."""
        session = call.login("hall-bluesky").json
        url = f"{city.bluesky_url}/xrpc/com.atproto.server.refreshSession"
        fresh = ask(url, post={}, token=session["refreshJwt"]).json
        assert fresh["refreshJwt"] != session["refreshJwt"]
        again = ask(url, post={}, token=session["refreshJwt"])
        assert (again.status, again.json["error"]) == (400, "ExpiredToken")
        wrong = ask(url, post={}, token=fresh["accessJwt"])
        assert (wrong.status, wrong.json) == (400, {"error": "InvalidToken", "message": "Invalid token type"})

    def test_an_access_token_lasts_two_hours(self, city: SandboxCity, call: Caller) -> None:
        """Then 400 ExpiredToken, and the refresh token still works."""
        session = call.login("hall-bluesky").json
        listing = "app.bsky.notification.listNotifications"
        assert call.xrpc(listing, token=session["accessJwt"]).status == 200
        city.world.advance(timedelta(hours=2))
        late = call.xrpc(listing, token=session["accessJwt"])
        assert (late.status, late.json["error"]) == (400, "ExpiredToken")
        url = f"{city.bluesky_url}/xrpc/com.atproto.server.refreshSession"
        assert ask(url, post={}, token=session["refreshJwt"]).status == 200

    def test_logins_are_limited(self) -> None:
        """The 31st within five minutes is refused."""
        with SandboxCity(seed=7, size="empty", now=NOW, generous=False) as strict:
            answers = [Caller(strict).login("hall-bluesky") for _ in range(31)]
        assert [answer.status for answer in answers] == [200] * 30 + [429]
        assert answers[-1].json == {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
        assert "retry-after" not in answers[-1].headers

    def test_a_revoked_password(self, city: SandboxCity, call: Caller) -> None:
        """Sessions end and logging in fails until it is good again."""
        session = call.login("hall-bluesky").json
        city.revoke("hall-bluesky")
        refused = call.xrpc("app.bsky.notification.listNotifications", token=session["accessJwt"])
        assert (refused.status, refused.json["error"]) == (400, "InvalidToken")
        assert call.login("hall-bluesky").json["message"] == "Invalid identifier or password"
        city.reconnect("hall-bluesky")
        assert call.login("hall-bluesky").status == 200

    def test_notifications_are_direct_answers_and_names(self, city: SandboxCity, call: Caller) -> None:
        """Not what is below other people's answers, and nothing from who blocks."""
        hall = city.world.person("hall-bluesky")
        ann, bo, cyrus, *_ = residents(city)
        root = city.world.post(hall, "root")
        reply = city.world.reply(ann, root, "direct")
        city.world.reply(bo, reply, "below")
        city.world.post(bo, f"ask @{hall.handle}", mentions=[hall])
        city.world.post(ann, "look", quote=root)
        city.world.share(bo, root)
        city.world.reply(cyrus, root, "blocker")
        city.world.block(cyrus, hall)
        token = call.login("hall-bluesky").json["accessJwt"]
        entries = call.xrpc("app.bsky.notification.listNotifications", token=token).json["notifications"]
        assert sorted(entry["reason"] for entry in entries) == ["mention", "quote", "reply", "repost"]
        only = call.xrpc("app.bsky.notification.listNotifications", token=token, reasons=["mention"]).json
        (mention,) = only["notifications"]
        assert "reasonSubject" not in mention

    def test_with_a_login_views_are_personal(self, city: SandboxCity, call: Caller) -> None:
        """``viewer`` objects and rate headers come with a token only."""
        root = city.world.post("hall-bluesky", "root")
        token = call.login("hall-bluesky").json["accessJwt"]
        personal = call.xrpc(THREAD, uri=root.id, token=token)
        public = call.xrpc(THREAD, uri=root.id)
        assert "viewer" in personal.json["thread"]["post"]
        assert "viewer" not in public.json["thread"]["post"]
        assert "ratelimit-limit" in personal.headers
        assert "ratelimit-limit" not in public.headers


class TestLimits:
    def test_the_pds_counts_and_refuses(self, city: SandboxCity, call: Caller) -> None:
        """429 with a reset in unix seconds and no Retry-After, until the window ends."""
        city.bluesky.api.limit = Limit(3, 300)
        did = city.world.person("hall-bluesky").id
        answers = [call.xrpc("com.atproto.sync.getRepoStatus", did=did) for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert answers[3].headers["ratelimit-policy"] == "3;w=300"
        assert int(answers[3].headers["ratelimit-reset"]) == int(city.world.now().timestamp()) + 300
        assert "retry-after" not in answers[3].headers
        assert call.xrpc("app.bsky.actor.getProfile", actor=did).status == 200
        city.world.advance(timedelta(seconds=301))
        assert call.xrpc("com.atproto.sync.getRepoStatus", did=did).status == 200


def test_long_answers_are_compressed_and_chunked(city: SandboxCity, call: Caller) -> None:
    """From a kilobyte on, for who asks for it; the ETag answers a second request."""
    root = city.world.post("hall-bluesky", "root")
    for n in range(5):
        city.world.reply(residents(city)[0], root, f"answer {n}")
    url = f"{city.bluesky_url}/xrpc/{THREAD}?uri={root.id}"
    packed = ask(url, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["transfer-encoding"] == "chunked"
    assert packed.json == ask(url).json
    unchanged = ask(url, headers={"If-None-Match": packed.headers["etag"]})
    assert (unchanged.status, unchanged.raw) == (304, b"")


def test_facets_count_bytes(city: SandboxCity, call: Caller) -> None:
    """The offsets of names, links and tags are in UTF-8 bytes, the end exclusive."""
    police = city.world.person("police-bluesky")
    text = f"Pool 🏊 — ask @{police.handle} at https://mapleford.example/pool #Pool"
    post = city.world.post("hall-bluesky", text, mentions=[police])
    (view,) = call.xrpc("app.bsky.feed.getPosts", uris=[post.id]).json["posts"]
    data = text.encode()
    parts = [data[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in view["record"]["facets"]]
    assert parts == [f"@{police.handle}", "https://mapleford.example/pool", "#Pool"]


def test_records_keep_to_the_lexicon(small: SandboxCity) -> None:
    """Texts of at most 300 graphemes (counted here as code points) and 3,000 bytes, four pictures, alt texts."""
    call = Caller(small)
    for account in small.world.accounts.values():
        if account.platform != BLUESKY:
            continue
        for page in call.pages(
            "com.atproto.repo.listRecords", "records", repo=account.person.id, collection="app.bsky.feed.post"
        ):
            for record in page:
                value = record["value"]
                assert len(value["text"]) <= 300
                assert len(value["text"].encode("utf-8", "surrogatepass")) <= 3000
                assert len(value.get("langs", [])) <= 3
                images = value.get("embed", {}).get("images", [])
                assert len(images) <= 4
                assert all(isinstance(image["alt"], str) for image in images)
