"""The simulated answers are shaped like the recorded ones of real servers: same names at the same places.

What the real servers send and the simulation does not is listed here, each with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from archiver.sandbox import SandboxCity
from archiver.sandbox.images import picture
from archiver.sandbox.model import Card, PollQuestion, Post
from tests.sandbox.conftest import NOW, Caller
from tests.sandbox.recorded import Shape, bluesky, mastodon, needs_recordings, shape

RELEASES = ("v0.3.215-node20", "v0.6.7-node22")

MORE_IN_BLUESKY = {
    ".facets": "the simulated text has other facets",
    ".aspectRatio": "real clients may leave it out",
    ".external.thumb": "cards here have no picture",
    "embed.media.external": "a card beside a quote is not made here",
    ".verification": "production only",
    ".createdAt": "authors' dates come from production, the recorded network has none",
    ".displayName": "some residents have none",
    ".description": "some residents have none",
    ".avatar": "some residents have none",
    ".labels[]": "not everything is labelled",
}


@dataclass
class Scene:
    """A city in which the same things happened as in the recording."""

    call: Caller
    did: str
    root: Post
    hidden: Post
    film: Post
    boosted: Post


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """Posts of all kinds on both platforms."""
    with SandboxCity(seed=3, size="empty", now=NOW) as city:
        world = city.world
        hall, police = world.person("hall-bluesky"), world.person("police-bluesky")
        ann, bo = [p for (where, _), p in world.people.items() if where == "bluesky" and not p.official][:2]
        root = world.post(hall, "Hearing on Tuesday. #Hearing", mentions=[police], likes=2)
        rude = world.reply(ann, root, "Rude comment")
        world.reply(bo, rude, "Answer below it")
        world.hide(rude)
        world.post(hall, "New lanes", pictures=[picture(1, "Lanes"), picture(2, "")], labels=["graphic-media"])
        world.post(hall, "Storm", hidden_tags=["storm", "weather"])
        world.post(hall, "Budget", card=Card("https://mapleford.example/b", "Draft", "The budget"))
        film = world.post(hall, "Clip", pictures=[picture(3, "Clip", mime="video/mp4")])
        other = world.post(police, "Trail closed")
        world.share(hall, other)
        world.post(hall, "Avoid it", pictures=[picture(4, "Map")], quote=other)
        quote = world.post(bo, "Look at this", quote=root)
        world.post(police, "From our colleagues", quote=root)
        world.detach(quote)
        world.pin(root)
        world.allow_replies(film, ["followingRule"])
        boosted = _mastodon(city)
        yield Scene(Caller(city), hall.id, root, rude, film, boosted)


def _mastodon(city: SandboxCity) -> Post:
    world = city.world
    parks, library = world.person("parks-mastodon"), world.person("library-mastodon")
    ann = next(
        p for (where, _), p in world.people.items() if where == "mastodon" and not p.official and p.domain is None
    )
    post = world.post(parks, "Pool opens #pool", tags=["pool"], card=Card("https://mapleford.example/p", "Pool", "."))
    world.edit(post, "Pool opens on Saturday #pool")
    world.reply(ann, post, "@parks When?", mentions=[parks])
    world.post(parks, "Which?", poll=PollQuestion("7", ("a", "b"), [1, 2], NOW))
    world.share(library, post)
    world.post(library, "Look", quote=post)
    return post


def _places(found: Shape) -> set[str]:
    return set(found)


def _missing(ours: Any, real: Any) -> list[str]:
    """Places that the real answer has and ours lacks, apart from the listed ones."""
    absent = _places(shape(real)) - _places(shape(ours))
    return sorted(place for place in absent if not any(part in place for part in MORE_IN_BLUESKY))


def _contradictions(ours: Any, real: Any) -> list[str]:
    """Places where ours has a kind of value that the real answer has not."""
    theirs = shape(real)
    return sorted(
        f"{place}: {kinds} where {theirs[place]} is real"
        for place, kinds in shape(ours).items()
        if place in theirs and not kinds - {"null"} <= theirs[place] | {"null"} and theirs[place] != {"null"}
    )


def _like(ours: Any, real: Any) -> None:
    assert _missing(ours, real) == []
    assert _contradictions(ours, real) == []


@needs_recordings
@pytest.mark.parametrize("release", RELEASES)
class TestBluesky:
    """Against the recordings of two releases of the real servers."""

    def test_profile(self, scene: Scene, release: str) -> None:
        """``getProfile`` has all that the real one has."""
        _like(scene.call.xrpc("app.bsky.actor.getProfile", actor=scene.did).json, bluesky(release, "getProfile"))

    def test_profiles(self, scene: Scene, release: str) -> None:
        """``getProfiles`` too."""
        answer = scene.call.xrpc("app.bsky.actor.getProfiles", actors=[scene.did, "nobody.example"]).json
        _like(answer, bluesky(release, "getProfiles"))

    def test_author_feed(self, scene: Scene, release: str) -> None:
        """Posts, shares, quotes, pictures and films stand in the feed as they really do."""
        answer = scene.call.xrpc("app.bsky.feed.getAuthorFeed", actor=scene.did).json
        real = bluesky(release, "getAuthorFeed-default")
        real["feed"] = [item for item in real["feed"] if "reply" not in item]
        real.pop("cursor", None)
        _like(answer, real)

    def test_pins(self, scene: Scene, release: str) -> None:
        """The pin comes first, with its reason."""
        answer = scene.call.xrpc("app.bsky.feed.getAuthorFeed", actor=scene.did, includePins="true").json
        assert answer["feed"][0]["reason"] == bluesky(release, "getAuthorFeed-includePins")["feed"][0]["reason"]

    def test_thread(self, scene: Scene, release: str) -> None:
        """Nodes, counts, the gate and the empty ``threadContext``."""
        answer = scene.call.xrpc("app.bsky.feed.getPostThread", uri=scene.root.id).json
        real = bluesky(release, "getPostThread-before-delete")
        _like(answer, real)

    def test_hidden_reply_asked_for_directly(self, scene: Scene, release: str) -> None:
        """A hidden answer is given out, with its parent and the gate."""
        answer = scene.call.xrpc("app.bsky.feed.getPostThread", uri=scene.hidden.id).json
        _like(answer, bluesky(release, "getPostThread-hidden-reply-direct"))

    def test_posts(self, scene: Scene, release: str) -> None:
        """``getPosts`` gives the same views."""
        uris = [post.id for post in scene.call.city.world.posts_of("hall-bluesky") if post.shares is None]
        answer = scene.call.xrpc("app.bsky.feed.getPosts", uris=uris).json
        real = bluesky(release, "getPosts")
        for view in real["posts"]:
            view.get("record", {}).pop("reply", None)
            kind = view.get("embed", {}).get("record", {}).get("$type", "")
            if kind.endswith(("#viewDetached", "#viewNotFound")):
                view.pop("embed")
                view["record"].pop("embed")
        _like(answer, real)

    def test_quotes(self, scene: Scene, release: str) -> None:
        """A detached quote and one that stands."""
        answer = scene.call.xrpc("app.bsky.feed.getQuotes", uri=scene.root.id).json
        real = bluesky(release, "getQuotes")
        real.pop("cursor", None)
        _like(answer, real)
        kinds = {post["embed"]["record"]["$type"] for post in answer["posts"]}
        assert kinds == {"app.bsky.embed.record#viewDetached", "app.bsky.embed.record#viewRecord"}

    @pytest.mark.parametrize(
        ("collection", "name"),
        [
            ("app.bsky.feed.repost", "listRecords-repost"),
            ("app.bsky.feed.threadgate", "listRecords-threadgate"),
            ("app.bsky.feed.postgate", "listRecords-postgate"),
            ("app.bsky.actor.profile", "listRecords-profile"),
        ],
    )
    def test_records(self, scene: Scene, release: str, collection: str, name: str) -> None:
        """The records of a repository's collections."""
        answer = scene.call.xrpc("com.atproto.repo.listRecords", repo=scene.did, collection=collection).json
        _like(answer, bluesky(release, name))

    @pytest.mark.parametrize(
        ("method", "param", "name"),
        [
            ("com.atproto.sync.getLatestCommit", "did", "sync-getLatestCommit"),
            ("com.atproto.sync.getRepoStatus", "did", "sync-getRepoStatus"),
            ("com.atproto.sync.listBlobs", "did", "sync-listBlobs"),
            ("com.atproto.repo.describeRepo", "repo", "describeRepo"),
        ],
    )
    def test_repository(self, scene: Scene, release: str, method: str, param: str, name: str) -> None:
        """What the PDS says of a repository."""
        real = bluesky(release, name)
        _like(scene.call.xrpc(method, **{param: scene.did}).json, real)

    def test_session(self, scene: Scene, release: str) -> None:
        """Logging in gives the same members."""
        _like(scene.call.login("hall-bluesky").json, bluesky(release, "createSession-app-password"))

    def test_notifications(self, scene: Scene, release: str) -> None:
        """Entries of the list of notifications."""
        token = scene.call.login("hall-bluesky").json["accessJwt"]
        answer = scene.call.xrpc("app.bsky.notification.listNotifications", token=token).json
        real = bluesky(release, "listNotifications-app-password")
        real.pop("cursor", None)
        for entry in real["notifications"]:
            entry["author"].pop("viewer", None)
        _like(answer, real)


BLUESKY_ERRORS = [
    ("app.bsky.actor.getProfile", {"actor": "nobody.example"}, "getProfile-unknown", 400),
    ("app.bsky.feed.getAuthorFeed", {"actor": "{did}", "limit": 101}, "getAuthorFeed-limit-101", 400),
    ("app.bsky.feed.getAuthorFeed", {"actor": "{did}", "cursor": "garbage"}, "getAuthorFeed-bad-cursor", 500),
    ("app.bsky.feed.getAuthorFeed", {"actor": "nobody.example"}, "getAuthorFeed-unknown-actor", 400),
    ("app.bsky.feed.getAuthorFeed", {}, "getAuthorFeed-missing-actor", 400),
    ("app.bsky.feed.getPostThread", {"uri": "at://x/y/z", "depth": 1001}, "getPostThread-depth1001", 400),
    ("app.bsky.feed.getPosts", {"uris": ["at://x/y/z"] * 26}, "getPosts-26", 400),
    ("app.bsky.notification.listNotifications", {}, "listNotifications-noauth", 401),
    ("app.bsky.feed.noSuchThing", {}, "method-not-implemented-appview", 501),
    ("com.atproto.identity.resolveHandle", {"handle": "nobody.example"}, "resolveHandle-unknown", 400),
    ("com.atproto.sync.getBlob", {"did": "{did}", "cid": "bafkrei"}, "sync-getBlob-missing", 400),
]


@needs_recordings
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("method", "params", "name", "status"), BLUESKY_ERRORS, ids=[e[2] for e in BLUESKY_ERRORS])
def test_bluesky_errors_are_word_for_word(
    scene: Scene, release: str, method: str, params: dict[str, Any], name: str, status: int
) -> None:
    """Status, name and message of each error, as each release words it."""
    scene.call.city.bluesky.api.style = "0.0.221" if release == RELEASES[0] else "0.0.280"
    filled = {key: scene.did if value == "{did}" else value for key, value in params.items()}
    answer = scene.call.xrpc(method, **filled)
    assert (answer.status, answer.json) == (status, bluesky(release, name))


@needs_recordings
def test_an_older_pds_falls_over_a_limit(scene: Scene) -> None:
    """PDS 0.4.217 answered 500 to a limit of 101."""
    scene.call.city.bluesky.api.style = "0.0.221"
    answer = scene.call.xrpc("com.atproto.repo.listRecords", repo=scene.did, collection="x", limit=101)
    assert (answer.status, answer.json) == (500, bluesky(RELEASES[0], "listRecords-limit101"))


MORE_IN_MASTODON = {
    ".account.source": "only of the token's own account",
    ".fields": "residents fill in none",
    ".roles[]": "nobody has one here",
    ".collection_limit": "nothing that an archive asks for",
    ".configuration": "only the limits that an archive may ask for",
    ".icon": "decoration",
    ".registrations.": "nobody registers here",
    ".wrapstodon": "decoration",
    ".thumbnail": "decoration",
}


def _like_mastodon(ours: Any, real: Any) -> None:
    absent = _places(shape(real)) - _places(shape(ours))
    assert sorted(place for place in absent if not any(part in place for part in MORE_IN_MASTODON)) == []
    assert _contradictions(ours, real) == []


@needs_recordings
class TestMastodon:
    """Against recorded traffic of a real Mastodon 4.6.4."""

    def test_account(self, scene: Scene) -> None:
        """``accounts/lookup``."""
        answer = scene.call.mastodon("/api/v1/accounts/lookup", acct="parks").json
        _like_mastodon(answer, mastodon("account_lookup", "lookup"))

    def test_credentials(self, scene: Scene) -> None:
        """``accounts/verify_credentials``."""
        token = scene.call.city.world.accounts["parks-mastodon"].secret
        answer = scene.call.mastodon("/api/v1/accounts/verify_credentials", token=token).json
        real = mastodon("account_lookup", "verify_credentials")
        for name in ("attribution_domains", "quote_policy", "indexable"):
            real["source"].pop(name)
        _like_mastodon(answer, real)

    def test_status(self, scene: Scene) -> None:
        """``statuses/:id`` with a token, in the real order of members."""
        token = scene.call.city.world.accounts["parks-mastodon"].secret
        answer = scene.call.mastodon(f"/api/v1/statuses/{scene.boosted.id}", token=token).json
        real = mastodon("status_card", "statuses")
        _like_mastodon(answer, real)
        shared = [name for name in real if name in answer]
        assert [name for name in answer if name in real] == shared

    def test_history(self, scene: Scene) -> None:
        """``statuses/:id/history``."""
        answer = scene.call.mastodon(f"/api/v1/statuses/{scene.boosted.id}/history").json
        _like_mastodon(answer, mastodon("status_edit", "history"))
        assert len(answer) == 2

    def test_context(self, scene: Scene) -> None:
        """``statuses/:id/context``."""
        answer = scene.call.mastodon(f"/api/v1/statuses/{scene.boosted.id}/context").json
        _like_mastodon(answer, mastodon("status_context", "context"))

    def test_notifications(self, scene: Scene) -> None:
        """``notifications`` of the kind mention."""
        token = scene.call.city.world.accounts["parks-mastodon"].secret
        answer = scene.call.mastodon("/api/v1/notifications", token=token, **{"types[]": "mention"}).json
        _like_mastodon(answer, mastodon("notifications_mentions_only", "notifications"))

    def test_poll(self, scene: Scene) -> None:
        """``polls/:id``."""
        token = scene.call.city.world.accounts["parks-mastodon"].secret
        answer = scene.call.mastodon("/api/v1/polls/7", token=token).json
        real = mastodon("polls", "polls/")
        _like_mastodon(answer | {"own_votes": [0]}, real)

    @pytest.mark.parametrize(
        ("cassette", "path"), [("instance", "/api/v2/instance"), ("instance_v1", "/api/v1/instance")]
    )
    def test_instance(self, scene: Scene, cassette: str, path: str) -> None:
        """What the server says of itself."""
        _like_mastodon(scene.call.mastodon(path).json, mastodon(cassette, path))

    def test_not_found(self, scene: Scene) -> None:
        """The words of a 404."""
        answer = scene.call.mastodon("/api/v1/accounts/lookup", acct="nobody")
        assert (answer.status, answer.json) == (404, {"error": "Record not found"})
