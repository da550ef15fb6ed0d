"""The life of the city's Threads accounts: posts of all kinds, threads below them, and what befell it."""

from __future__ import annotations

from datetime import datetime, timedelta

from archiver.sandbox import texts
from archiver.sandbox.images import Picture
from archiver.sandbox.meta.facebook_story import Plan
from archiver.sandbox.meta.life import ProfileLife
from archiver.sandbox.meta.model import THREADS, Thing
from archiver.sandbox.meta.threads_profiles import ThreadsProfiles, place, poll
from archiver.sandbox.meta.voice import shares, spread
from archiver.sandbox.model import Standing


def tell(profiles: ThreadsProfiles, name: str, plan: Plan) -> None:
    """Make an account of the city (``city-threads``) and its profile's life."""
    _Life(profiles, name, plan).tell()


class _Life(ProfileLife):
    def __init__(self, profiles: ThreadsProfiles, name: str, plan: Plan) -> None:
        super().__init__(profiles.meta, THREADS, name, plan, "Replies")
        self.profiles = profiles

    def tell(self) -> None:
        posts = self._publish()
        for post, count in zip(posts, shares(self.rng, self.plan.comments, len(posts)) if posts else [], strict=True):
            if post.shares is None:
                self._discuss(post, count)
        if self.plan.oddities and len(posts) > 7:
            self._befall(posts)

    # --- posts

    def _publish(self) -> list[Thing]:
        posts: list[Thing] = []
        left = self.plan.pictures
        moments = (
            spread(self.rng, self.begin, self.now - timedelta(hours=2), self.plan.posts) if self.plan.posts else []
        )
        for number, at in enumerate(moments):
            shots: list[Picture] = []
            if left > 0 and number % 3 == 1:
                shots = [self.voice.shot() for _ in range(min(left, self.rng.choice((1, 1, 3))))]
                if self.plan.oddities and number % 12 == 4:
                    shots = [self.voice.film()]
                left -= len(shots)
            posts.append(self._one(number, at, shots, posts))
        return posts

    def _one(self, number: int, at: datetime, shots: list[Picture], before: list[Thing]) -> Thing:
        text = self.voice.announcement(self.office, at)
        if not self.plan.oddities:
            return self.profiles.post(self.account, text, at=at, pictures=shots)
        mine = [one for one in before if one.shares is None]
        if mine and number % 13 == 6:
            return self.profiles.quote(self.account, self.rng.choice(mine), f"As we said: {text}", at=at)
        facts: dict[str, object] = {}
        if "https://" in text and not shots:
            facts["link"] = text[text.index("https://") :].split(maxsplit=1)[0]
        if number % 7 == 3:
            facts["topic"] = "MapleFord"
        post = self.profiles.post(self.account, text, at=at, pictures=shots, facts=facts)
        if number % 9 == 5:
            follow_up = self.voice.fill(self.rng.choice(texts.FOLLOW_UPS), at)
            self.profiles.reply(self.account, post, follow_up, at=at + timedelta(minutes=1))
        return post

    # --- answers

    def _discuss(self, post: Thing, count: int) -> None:
        rng, at = self.rng, post.created_at
        said = [post]
        for number in range(count):
            at = min(at + timedelta(seconds=int(rng.expovariate(1 / 900)) + 1), self.now - timedelta(seconds=60))
            at = max(at, post.created_at)
            below = post if rng.random() < 0.55 else rng.choice(said[-5:])
            said.append(self._say(post, below, at, number))

    def _say(self, post: Thing, below: Thing, at: datetime, number: int) -> Thing:
        rng, odd = self.rng, self.plan.oddities
        if below is not post and below.author is not self.account and rng.random() < 0.2:
            return self.profiles.reply(self.account, below, self.voice.official(at), at=at)
        return self.profiles.reply(
            rng.choice(self.people),
            below,
            self.voice.answer(at),
            at=at,
            pictures=[self.voice.shot()] if odd and rng.random() < 0.02 else [],
            nameless=odd and number % 31 == 9,
        )

    # --- what befell it

    def _befall(self, posts: list[Thing]) -> None:
        self._kinds()
        self._elsewhere()
        self._moderate(posts)

    def _kinds(self) -> None:
        """A poll, a place, a long text, a GIF, posts for a day."""
        profiles, now, account = self.profiles, self.now, self.account
        ends = now - timedelta(days=17)
        asked = poll("Main Square", "Riverside", shares=(0.62, 0.38), votes=50, ends=ends)
        day = timedelta(days=1)
        profiles.post(account, "Where should the market go?", at=ends - 3 * day, facts={"poll": asked})
        hall = place("390000000000001", "City Hall", address="1 Main Street", city="Maple Ford", country="US")
        profiles.post(account, "Meet us here.", at=now - 16 * day, facts={"location": hall})
        long = self.voice.fill(texts.LONG, now) * 3
        profiles.post(account, "The whole statement:", at=now - 15 * day, facts={"attached": long})
        profiles.ghost(account, "Roads are slick until noon.", at=now - timedelta(hours=3))
        profiles.ghost(account, "The pool closes at four today.", at=now - timedelta(hours=40))

    def _elsewhere(self) -> None:
        """Residents name the account, and it answers and repeats what they say."""
        profiles, now, account, people = self.profiles, self.now, self.account, self.people
        theirs = profiles.post(people[0], "The bridge is open again!", at=now - timedelta(days=14))
        profiles.repost(account, theirs, at=now - timedelta(days=14) + timedelta(hours=1))
        asking = f"Does @{account.handle} know about the leak at {self.rng.choice(texts.STREETS)}?"
        leak = profiles.post(people[1], asking, at=now - timedelta(days=11), mentions=[account])
        profiles.reply(account, leak, "We do now, thank you.", at=now - timedelta(days=11) + timedelta(hours=1))

    def _moderate(self, posts: list[Thing]) -> None:
        """Hidden, waiting, removed; a resident gone; a post corrected, another one removed."""
        profiles, meta, rng = self.profiles, self.meta, self.rng
        said = [one for post in posts if post is not posts[5] for one in post.replies if one.author is not self.account]
        leaves = [one for one in said if not one.replies]
        chosen = rng.sample(leaves, min(9, len(leaves)))
        for one, status in zip(chosen[:4], ("HIDDEN", "HIDDEN", "COVERED", "RESTRICTED"), strict=False):
            profiles.hush(one, status)
        for one in chosen[4:6]:
            meta.delete(one, at=one.created_at + timedelta(days=1))
        for one, approval in zip(chosen[6:8], ("pending", "ignored"), strict=False):
            one.facts["approval"] = approval
        meta.edit(posts[2], posts[2].text + " (corrected)", at=posts[2].created_at + timedelta(minutes=3))
        meta.delete(posts[5], at=posts[5].created_at + timedelta(days=2))
        gone = self.people[-1]
        profiles.reply(gone, posts[3], "I am leaving this site.", at=posts[3].created_at + timedelta(minutes=1))
        meta.world.suspend(gone, Standing.DEACTIVATED)
