"""What a perfect archive holds: made from its looks, exact about versions, states and what was never seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from archiver.sandbox import SandboxCity
from archiver.sandbox.bluesky_records import cid_of
from archiver.sandbox.images import picture
from archiver.sandbox.model import BLUESKY, MASTODON, Person, Standing
from archiver.sandbox.truth import stored
from tests.sandbox.conftest import Caller


def residents(city: SandboxCity, platform: str) -> list[Person]:
    """The people of the city at a platform."""
    return [p for (where, _), p in city.world.people.items() if where == platform and not p.official]


def test_kinds(city: SandboxCity) -> None:
    """Post, comment, reply, share, quote; a mention only with a login."""
    hall, world = city.world.person("hall-bluesky"), city.world
    ann, bo, *_ = residents(city, BLUESKY)
    root = world.post(hall, "root")
    comment = world.reply(ann, root, "comment")
    world.reply(bo, comment, "reply")
    world.reply(hall, comment, "answer")
    world.share(hall, world.post("police-bluesky", "theirs"))
    world.post(bo, "quote", quote=root)
    elsewhere = world.post(ann, "question", mentions=[hall])
    world.reply(hall, elsewhere, "answer elsewhere")
    assert city.truth("hall-bluesky").by_kind() == {"post": 1, "comment": 1, "reply": 3, "share": 1, "quote": 1}
    assert city.truth("hall-bluesky", authenticated=True).by_kind()["mention"] == 1


def test_a_removal_is_known_only_of_what_was_seen(city: SandboxCity) -> None:
    """What came and went between two looks was never there for the archive."""
    root = city.world.post("hall-bluesky", "root")
    ann, bo, *_ = residents(city, BLUESKY)
    seen, missed = city.world.reply(ann, root, "seen"), city.world.reply(bo, root, "missed")
    city.world.delete(missed)
    city.look("hall-bluesky")
    city.world.delete(seen)
    truth = city.truth("hall-bluesky")
    assert missed.key not in truth.records
    record = truth.records[seen.key]
    assert (record.state, record.events, record.texts) == ("gone", ["seen", "gone"], ["seen"])
    assert set(record.causes) == {None, "by_author"}


def test_hiding_is_a_version(city: SandboxCity) -> None:
    """The same text in another state, and back again."""
    root = city.world.post("hall-bluesky", "root")
    reply = city.world.reply(residents(city, BLUESKY)[0], root, "rude")
    city.look("hall-bluesky")
    city.world.hide(reply)
    city.look("hall-bluesky")
    city.world.unhide(reply)
    record = city.truth("hall-bluesky").records[reply.key]
    assert [(version.text, version.state) for version in record.versions] == [
        ("rude", "live"),
        ("rude", "hidden"),
        ("rude", "live"),
    ]
    assert record.events == ["seen", "hidden", "unhidden"]


def test_hidden_at_first_sight(city: SandboxCity) -> None:
    """One version only."""
    root = city.world.post("hall-bluesky", "root")
    reply = city.world.reply(residents(city, BLUESKY)[0], root, "rude")
    city.world.hide(reply)
    record = city.truth("hall-bluesky").records[reply.key]
    assert [version.state for version in record.versions] == ["hidden"]
    assert record.state == "hidden"
    assert set(record.causes) == {"by_city"}


def test_bluesky_edits_between_looks_are_lost(city: SandboxCity) -> None:
    """Only what was there at a look is held, under its CID."""
    post = city.world.post("hall-bluesky", "one")
    city.look("hall-bluesky")
    first = cid_of(post)
    city.world.edit(post, "two")
    city.world.edit(post, "three")
    record = city.truth("hall-bluesky").records[post.key]
    assert record.texts == ["one", "three"]
    assert [version.native for version in record.versions] == [first, cid_of(post)]


def test_mastodon_edits_are_all_told(city: SandboxCity) -> None:
    """The server keeps the history."""
    post = city.world.post("parks-mastodon", "one", at=city.world.now() - timedelta(hours=5))
    city.world.edit(post, "two", at=city.world.now() - timedelta(hours=4))
    city.look("parks-mastodon")
    for hours, text in ((3, "three"), (2, "four")):
        city.world.edit(post, text, at=city.world.now() - timedelta(hours=hours))
    assert city.truth("parks-mastodon").records[post.key].texts == ["one", "two", "three", "four"]


def test_what_hangs_below_a_removed_answer(city: SandboxCity) -> None:
    """Known before: still live; unknown before: not to be found, but for a login that is named in it."""
    root = city.world.post("hall-bluesky", "root")
    ann, bo, *_ = residents(city, BLUESKY)
    middle = city.world.reply(ann, root, "middle")
    known = city.world.reply(bo, middle, "known")
    city.look("hall-bluesky")
    city.world.delete(middle)
    unknown = city.world.reply(bo, known, "unknown")
    truth = city.truth("hall-bluesky")
    assert truth.records[known.key].state == "live"
    assert unknown.key not in truth.records


def test_an_account_that_left(city: SandboxCity) -> None:
    """What it said is gone, and comes back with it."""
    root = city.world.post("hall-bluesky", "root")
    ann = residents(city, BLUESKY)[0]
    reply = city.world.reply(ann, root, "hers")
    city.look("hall-bluesky")
    city.world.suspend(ann, Standing.DEACTIVATED)
    assert city.truth("hall-bluesky").records[reply.key].state == "gone"
    city.world.restore(ann)
    record = city.truth("hall-bluesky").records[reply.key]
    assert (record.state, record.events) == ("live", ["seen", "gone", "restored"])


def test_blocked_answers_are_not_to_be_found(city: SandboxCity) -> None:
    """But stay live when they were known."""
    root = city.world.post("hall-bluesky", "root")
    ann, bo, *_ = residents(city, BLUESKY)
    known = city.world.reply(ann, root, "known")
    city.look("hall-bluesky")
    city.world.block(ann, "hall-bluesky")
    city.world.reply(bo, city.world.reply(ann, root, "unknown"), "below it")
    truth = city.truth("hall-bluesky")
    assert truth.records[known.key].state == "live"
    assert len(truth.records) == 2


def test_a_long_context_without_a_token(city: SandboxCity) -> None:
    """What sixty cut off is not to be found; with the token it is."""
    root = city.world.post("parks-mastodon", "root")
    for n in range(75):
        city.world.reply(residents(city, MASTODON)[n % 3], root, f"{n}")
    assert len(city.truth("parks-mastodon").records) == 61
    assert len(city.truth("parks-mastodon", authenticated=True).records) == 76


def test_private_answers(city: SandboxCity) -> None:
    """Only with the token, and with their visibility."""
    parks = city.world.person("parks-mastodon")
    root = city.world.post(parks, "root")
    secret = city.world.reply(residents(city, MASTODON)[0], root, "@parks x", visibility="direct", mentions=[parks])
    assert secret.key not in city.truth("parks-mastodon").records
    assert city.truth("parks-mastodon", authenticated=True).records[secret.key].visibility == "direct"


def test_a_share_holds_the_original_text(city: SandboxCity) -> None:
    """And its pictures."""
    theirs = city.world.post("police-bluesky", "theirs", pictures=[picture(1, "Map")])
    share = city.world.share("hall-bluesky", theirs)
    record = city.truth("hall-bluesky").records[share.key]
    assert (record.kind, record.texts) == ("share", ["theirs"])
    assert record.attachments[0].sha256 == theirs.latest.pictures[0].sha256


def test_attachments_name_their_bytes(city: SandboxCity) -> None:
    """An empty alt text is empty on Bluesky and absent on Mastodon."""
    for account, alt in (("hall-bluesky", ""), ("parks-mastodon", None)):
        post = city.world.post(account, "x", pictures=[picture(1, None)])
        (attachment,) = city.truth(account).records[post.key].attachments
        assert attachment.alt == alt
        assert attachment.sha256 == post.latest.pictures[0].sha256


def test_the_profile_has_versions(city: SandboxCity) -> None:
    """One for each state that was seen."""
    city.look("hall-bluesky")
    city.world.describe("hall-bluesky", description="New text")
    city.world.rename("hall-bluesky", display_name="New name")
    profiles = city.truth("hall-bluesky").profiles
    assert [(profile.display_name, profile.description) for profile in profiles] == [
        ("City of Maple Ford", "Official account of City of Maple Ford. Posts and comments are public records."),
        ("New name", "New text"),
    ]


def test_rows_hold_no_halves_of_letters() -> None:
    """NUL and lone surrogates are replaced where texts are stored."""
    assert stored("a\0b\ud83dc😀") == "a\ufffdb\ufffdc😀"


def test_the_truth_is_what_the_servers_say(small: SandboxCity) -> None:
    """Everything that is live in the truth is given out by its id, and nothing that is gone."""
    call = Caller(small)
    for account in small.world.accounts.values():
        truth = small.truth(account.name)
        for record in truth.records.values():
            assert record.state != "gone"
            if account.platform == MASTODON:
                answer: Any = call.mastodon(f"/api/v1/statuses/{record.native_id}")
                assert answer.json["id"] == record.native_id
            elif record.kind != "share":
                (view,) = call.xrpc("app.bsky.feed.getPosts", uris=[record.native_id]).json["posts"]
                assert view["record"]["text"] == record.texts[-1]
                assert view["cid"] == record.versions[-1].native
