"""The life of the city's Instagram accounts: pictures, reels and stories, what residents said, and what befell it."""

from __future__ import annotations

from datetime import datetime, timedelta

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.facebook_story import Plan
from archiver.sandbox.meta.instagram_profiles import InstagramProfiles
from archiver.sandbox.meta.life import ProfileLife
from archiver.sandbox.meta.model import INSTAGRAM, Thing
from archiver.sandbox.meta.voice import shares, spread
from archiver.sandbox.model import Standing


def tell(profiles: InstagramProfiles, name: str, plan: Plan) -> None:
    """Make an account of the city (``city-instagram``) and its profile's life."""
    _Life(profiles, name, plan).tell()


class _Life(ProfileLife):
    def __init__(self, profiles: InstagramProfiles, name: str, plan: Plan) -> None:
        super().__init__(profiles.meta, INSTAGRAM, name, plan, "Comments")
        self.profiles = profiles

    def tell(self) -> None:
        posts = self._publish()
        for post, count in zip(posts, shares(self.rng, self.plan.comments, len(posts)) if posts else [], strict=True):
            self._discuss(post, count)
        if self.plan.oddities and len(posts) > 7:
            self._befall(posts)

    # --- the grid

    def _publish(self) -> list[Thing]:
        """Every post needs a picture; there are no more different ones than the plan has."""
        if not self.plan.posts:
            return []
        pool = [self.voice.shot() for _ in range(max(1, self.plan.pictures))]
        film = self.voice.film()
        moments = spread(self.rng, self.begin, self.now - timedelta(hours=2), self.plan.posts)
        return [self._one(number, at, pool, film) for number, at in enumerate(moments)]

    def _one(self, number: int, at: datetime, pool: list[Picture], film: Picture) -> Thing:
        rng, odd = self.rng, self.plan.oddities
        caption = "" if odd and number % 17 == 6 else self.voice.announcement(self.office, at)
        likes = {"LIKE": rng.randrange(60)}
        if odd and number % 6 == 2:
            return self.profiles.reel(self.account, caption, film, at=at, reactions=likes)
        first = rng.randrange(len(pool))
        count = min(len(pool), rng.choice((2, 3, 4))) if odd and number % 5 == 3 else 1
        shots = [pool[(first + step) % len(pool)] for step in range(count)]
        if odd and number % 10 == 8:
            shots[-1] = film
        return self.profiles.post(self.account, caption, shots, at=at, reactions=likes)

    # --- comments

    def _discuss(self, post: Thing, count: int) -> None:
        rng, at = self.rng, post.created_at
        top: list[Thing] = []
        for number in range(count):
            at = min(at + timedelta(seconds=int(rng.expovariate(1 / 900)) + 1), self.now - timedelta(seconds=60))
            at = max(at, post.created_at)
            below = post if not top or rng.random() < 0.7 else rng.choice(top[-4:])
            said = self._say(post, below, at, number)
            if said.parent is post:
                top.append(said)

    def _say(self, post: Thing, below: Thing, at: datetime, number: int) -> Thing:
        rng = self.rng
        if below is not post and below.author is not self.account and rng.random() < 0.4:
            text = f"@{below.author.handle} {self.voice.official(at)}"
            return self.profiles.comment(self.account, below, text, at=at)
        return self.profiles.comment(
            rng.choice(self.people),
            below,
            self.voice.answer(at),
            at=at,
            reactions={"LIKE": rng.choice((0, 0, 1, 3))},
            nameless=self.plan.oddities and number % 37 == 11,
        )

    # --- what befell it

    def _befall(self, posts: list[Thing]) -> None:
        self._around(posts)
        self._moderate(posts)
        self._elsewhere()
        self._write_privately()

    def _around(self, posts: list[Thing]) -> None:
        """Stories, and works that the platform does not give out."""
        profiles, now, account = self.profiles, self.now, self.account
        profiles.story(account, self.voice.shot(), at=now - timedelta(hours=3))
        profiles.story(account, self.voice.film(), at=now - timedelta(hours=7))
        profiles.story(account, self.voice.shot(), at=now - timedelta(hours=31))
        reel = next(one for one in posts if one.form == "reel")
        reel.facts["withheld"] = True
        posts[1].facts["comments_enabled"] = False

    def _moderate(self, posts: list[Thing]) -> None:
        """Hidden, removed, waiting for approval; a caption corrected, a post archived, a resident gone."""
        meta, rng = self.meta, self.rng
        comments = [
            one for post in posts if post is not posts[5] for one in post.replies if one.author is not self.account
        ]
        for one in rng.sample(comments, min(4, len(comments))):
            meta.hide(one)
        leaves = [one for one in comments if not one.replies and not one.hidden]
        for one in rng.sample(leaves, min(3, len(leaves))):
            meta.delete(one, at=one.created_at + timedelta(days=1))
        waiting = [one for one in leaves if one.gone_at is None]
        for one in rng.sample(waiting, min(3, len(waiting))):
            one.unlisted = True
        meta.edit(posts[2], posts[2].text + " (corrected)", at=posts[2].created_at + timedelta(minutes=20))
        meta.delete(posts[5], at=posts[5].created_at + timedelta(days=2))
        gone = self.people[-1]
        self.profiles.comment(gone, posts[3], "I am leaving this site.", at=posts[3].created_at + timedelta(minutes=1))
        meta.world.suspend(gone, Standing.DEACTIVATED)

    def _elsewhere(self) -> None:
        """Pictures of residents in which the account is tagged, and one that names it (only an event tells of that)."""
        profiles, people, now, account = self.profiles, self.people, self.now, self.account
        for number, author in enumerate(people[:3]):
            at = now - timedelta(days=12 + number)
            profiles.tag(author, account, "At the fountain with @maplefordcity", self.voice.shot(), at=at)
        caption = f"Does @{account.handle} know that the fountain is dry?"
        named = profiles.mention(people[3], account, caption, self.voice.shot(), at=now - timedelta(days=5))
        profiles.remark(people[4], named, f"@{account.handle} look", at=now - timedelta(days=4))

    def _write_privately(self) -> None:
        """One conversation with more messages than are told in detail."""
        resident = self.people[0]
        conversation = self.profiles.converse(self.account, resident)
        at = self.now - timedelta(days=3)
        for number in range(23):
            at += timedelta(minutes=number + 1)
            writer = resident if number % 2 == 0 else self.account
            self.profiles.message(conversation, writer, f"{self.voice.answer(at)} ({number + 1})", at=at)
