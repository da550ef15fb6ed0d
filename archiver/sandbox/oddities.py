"""What befalls the city's posts over the years: everything that a platform can do to a record, at least once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random

from archiver.sandbox.images import picture
from archiver.sandbox.model import BLUESKY, MASTODON, Person, Post, Standing
from archiver.sandbox.world import World


def befall(world: World, rng: Random, roots: Sequence[Post], residents: Mapping[str, Sequence[Person]]) -> None:
    """Let it happen, on both platforms as far as each knows it."""
    for platform in (BLUESKY, MASTODON):
        mine = [post for post in roots if post.platform == platform]
        if mine:
            _everywhere(world, rng, mine, residents[platform])
    bluesky = [post for post in roots if post.platform == BLUESKY]
    if bluesky:
        _on_bluesky(world, rng, bluesky, residents[BLUESKY])
    mastodon = [post for post in roots if post.platform == MASTODON]
    if mastodon:
        _on_mastodon(world, mastodon, residents[MASTODON])


def _everywhere(world: World, rng: Random, roots: Sequence[Post], residents: Sequence[Person]) -> None:
    discussed = [post for post in roots if post.replies and post.poll is None]
    world.edit(roots[1], roots[1].latest.text + " (corrected)", at=roots[1].created_at + timedelta(minutes=20))
    answers = [reply for root in discussed for reply in root.replies if not reply.author.official]
    leaves = [reply for reply in answers if not reply.replies]
    middles = [reply for reply in answers if reply.replies]
    for reply in rng.sample(leaves, min(2, len(leaves))):
        world.delete(reply, at=reply.created_at + timedelta(days=1))
    if len(middles) > 1:
        world.delete(rng.choice(middles), at=world.now() - timedelta(days=2))
    quoted = rng.choice(discussed or list(roots))
    for author, text in zip(residents, ("Look at what the city is doing.", "This. All of this."), strict=False):
        at = min(quoted.created_at + timedelta(hours=5), world.now() - timedelta(minutes=3))
        world.post(author, text, at=at, quote=quoted, mentions=[quoted.author])
    for author in residents[2:5]:
        at = min(quoted.created_at + timedelta(hours=6), world.now() - timedelta(minutes=2))
        world.share(author, quoted, at=at)
    world.pin(roots[0])
    film = picture(rng.randrange(1 << 30), "Two seconds of the council meeting", mime="video/mp4")
    at = roots[-1].created_at - timedelta(minutes=7)
    world.post(roots[-1].author, "From last night's meeting.", at=at, pictures=[film])


def _on_bluesky(world: World, rng: Random, roots: Sequence[Post], residents: Sequence[Person]) -> None:
    answers = [reply for root in roots for reply in root.replies if not reply.author.official and reply.available]
    for reply in rng.sample(answers, min(3, len(answers))):
        world.hide(reply)
    followed = roots[-2]
    at = followed.created_at + timedelta(minutes=11)
    world.allow_replies(followed, ["followingRule", "mentionRule"])
    world.reply(residents[0], followed, "I answer although I may not.", at=at, breaks_gate=True)
    quotes = [post for post in world.posts.values() if post.quote is not None and not post.author.official]
    if quotes:
        world.detach(quotes[0])
    angry = residents[-1]
    target = rng.choice(roots[: len(roots) // 2 or 1])
    at = target.created_at + timedelta(minutes=31)
    world.reply(angry, target, "Blocking this account after this.", at=at)
    world.block(angry, target.author)
    left = residents[-2]
    at = target.created_at + timedelta(minutes=33)
    theirs = world.reply(left, target, "I am leaving this site.", at=at)
    world.reply(residents[1], theirs, "Take care!", at=at + timedelta(minutes=1))
    world.suspend(left, Standing.DEACTIVATED)
    shy = residents[3]
    shy.hides_from_public = True
    at = target.created_at + timedelta(minutes=35)
    world.reply(shy, target, "I do not want this shown to everybody.", at=at)
    _deep_thread(world, rng, target, residents)
    # Clients can claim any date: one far back, one in the future.
    old = world.now() - timedelta(days=365 * 12)
    world.post(roots[0].author, "Imported from our old site.", at=old, seen_at=world.now() - timedelta(days=40))
    future = world.now() + timedelta(days=400)
    world.post(residents[4], "Greetings from tomorrow", at=future, seen_at=world.now() - timedelta(days=3))


def _deep_thread(world: World, rng: Random, root: Post, residents: Sequence[Person]) -> None:
    """Two people who do not stop: deeper than one answer of the platform shows."""
    parent, at = root, root.created_at + timedelta(minutes=40)
    for turn in range(24):
        at += timedelta(minutes=1)
        author = residents[5 + turn % 2]
        parent = world.reply(author, parent, f"{'No' if turn % 2 else 'Yes'}. ({turn + 1})", at=at)
        if rng.random() < 0.2:
            world.reply(residents[7], parent, "Get a room.", at=at + timedelta(seconds=20))


def _on_mastodon(world: World, roots: Sequence[Post], residents: Sequence[Person]) -> None:
    long_thread = roots[len(roots) // 2]
    at = long_thread.created_at + timedelta(minutes=5)
    for number in range(75):
        at += timedelta(minutes=3)
        author = residents[number % len(residents)]
        text = f"@{long_thread.author.handle} Comment number {number + 1}."
        world.reply(author, long_thread, text, at=at, mentions=[long_thread.author], visibility="public")
    edited = [reply for root in roots for reply in root.replies if not reply.author.official and reply.available]
    for reply in edited[:2]:
        world.edit(reply, reply.latest.text + " EDIT: spelling", at=reply.created_at + timedelta(minutes=9))
    twice = roots[2]
    world.edit(twice, twice.latest.text + " Now with a map.", at=twice.created_at + timedelta(hours=1))
    world.edit(twice, twice.latest.text + " And the time.", at=twice.created_at + timedelta(hours=2))
    at = roots[1].created_at + timedelta(minutes=50)
    text = f"@{roots[1].author.handle} Please keep this between us: my address is on the permit."
    world.reply(residents[0], roots[1], text, at=at, mentions=[roots[1].author], visibility="direct")
    text = f"@{roots[1].author.handle} For followers only."
    at += timedelta(minutes=1)
    world.reply(residents[1], roots[1], text, at=at, mentions=[roots[1].author], visibility="private")
    world.suspend(residents[-1], Standing.TAKEN_DOWN)
