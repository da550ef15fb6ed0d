"""The civic life of Maple Ford: who lives there and what they have said over the years, from one seed.

``tell(world, size)`` fills an empty world. The same seed, size and present give the same city, id by id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from archiver.sandbox import texts
from archiver.sandbox.images import Picture, picture
from archiver.sandbox.model import BLUESKY, MASTODON, Card, Person, PollQuestion, Post, Standing
from archiver.sandbox.oddities import befall
from archiver.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Size:
    """How much city: ``posts`` and ``answers`` are totals over all accounts, ``years`` how far back they reach.

    ``even``: as many answers below each post, all of one kind: for benchmarks, which want pages of one size.
    """

    accounts: tuple[str, ...]
    posts: int
    answers: int
    pictures: int
    residents: int
    years: float
    oddities: bool = True
    even: bool = False


SIZES: dict[str, Size] = {
    "small": Size(("hall-bluesky", "police-bluesky", "parks-mastodon"), 36, 110, 8, 14, 1.0),
    "demo": Size(
        ("hall-bluesky", "police-bluesky", "mayor-bluesky", "parks-mastodon", "library-mastodon"),
        300,
        1500,
        60,
        80,
        4.0,
    ),
    "bench": Size(("hall-bluesky",), 1000, 100_000, 0, 500, 4.0, oddities=False, even=True),
    "bench-mastodon": Size(("parks-mastodon",), 1000, 100_000, 0, 500, 4.0, oddities=False, even=True),
    "facebook": Size(("city-facebook",), 40, 300, 20, 14, 1.0),
    "instagram": Size(("city-instagram",), 30, 240, 12, 14, 1.0),
    "threads": Size(("city-threads",), 30, 240, 12, 14, 1.0),
    "youtube": Size(("city-youtube",), 30, 240, 0, 14, 1.0),
    "x": Size(("city-x",), 60, 300, 20, 14, 1.0),
    "empty": Size(("hall-bluesky", "police-bluesky", "parks-mastodon", "library-mastodon"), 0, 0, 0, 6, 1.0),
}

TITLES = {
    "hall": ("City of Maple Ford", "Administration"),
    "police": ("Maple Ford Police", "Police"),
    "mayor": ("Mayor Ingrid Solheim", "Mayor"),
    "parks": ("Maple Ford Parks & Recreation", "Parks"),
    "library": ("Maple Ford Public Library 📚", "Library"),
}


def tell(world: World, size: Size) -> None:
    """Fill an empty world: with the accounts of Bluesky and Mastodon, and their part of what a size has."""
    names = tuple(name for name in size.accounts if platform_of(name) in {BLUESKY, MASTODON})
    if names:
        _Story(world, part_of(size, names)).tell()


def platform_of(name: str) -> str:
    """The platform of an account, by its name in the city (``hall-bluesky``)."""
    return name.rsplit("-", 1)[1]


def part_of(size: Size, names: tuple[str, ...]) -> Size:
    """What falls to some of the accounts of a size: totals are shared out evenly."""
    share = len(names) / len(size.accounts)
    posts, answers, pictures = (round(total * share) for total in (size.posts, size.answers, size.pictures))
    return replace(size, accounts=names, posts=posts, answers=answers, pictures=pictures)


class _Story:
    def __init__(self, world: World, size: Size) -> None:
        self.world = world
        self.size = size
        self.rng = Random(f"maple ford {world.seed}")
        self.now = world.now()
        self.begin = self.now - timedelta(days=365 * size.years)
        self.residents: dict[str, list[Person]] = {BLUESKY: [], MASTODON: []}
        self.hostile = list(texts.HOSTILE)

    def tell(self) -> None:
        self._settle()
        if self.size.posts:
            roots = self._announce()
            if self.size.even:
                self._discuss_evenly(roots)
                return
            self._discuss(roots)
            if self.size.oddities:
                befall(self.world, self.rng, roots, self.residents)
            self._answer_elsewhere()

    # --- people

    def _settle(self) -> None:
        for name in self.size.accounts:
            office, platform = name.split("-")
            title, department = TITLES[office]
            handle = f"{office}.{self.world.domain}" if platform == BLUESKY else office
            self.world.add_account(
                name,
                platform,
                handle,
                title,
                department=department,
                description=f"Official account of {title}. Posts and comments are public records.",
                joined_at=self.begin - timedelta(days=30),
                avatar=picture(len(handle) * 7919, None),
                followers=self.rng.randrange(200, 9000),
            )
        for number in range(self.size.residents):
            for platform in (BLUESKY, MASTODON):
                self.residents[platform].append(self._resident(platform, number))
        people = [account.person for account in self.world.accounts.values()]
        for person in people:
            person.follows |= {p.id for p in people if p.platform == person.platform and p is not person}

    def _resident(self, platform: str, number: int) -> Person:
        rng = self.rng
        first, last = rng.choice(texts.FIRST_NAMES), rng.choice(texts.LAST_NAMES)
        name = f"{first} {last}"
        if number % 11 == 7:
            name = texts.ODD_NAMES[number // 11 % len(texts.ODD_NAMES)]
        letters = "".join(c for c in f"{first}{last}".lower() if c.isascii() and c.isalpha()) + str(number)
        joined = self.begin - timedelta(days=rng.randrange(1, 700))
        if platform == BLUESKY:
            return self.world.add_person(BLUESKY, f"{letters}.residents.example", name, joined_at=joined)
        domain = None if number % 4 == 0 else rng.choice(("social.example.org", "fosstodon.example", "mstdn.example"))
        handle = letters if domain is None else f"{letters}@{domain}"
        return self.world.add_person(MASTODON, handle, name, joined_at=joined, domain=domain)

    # --- posts

    def _announce(self) -> list[Post]:
        rng, size = self.rng, self.size
        names = list(size.accounts)
        span = (self.now - self.begin).total_seconds()
        moments = sorted(self.begin + timedelta(seconds=rng.random() * span) for _ in range(size.posts))
        with_picture = set(rng.sample(range(size.posts), min(size.pictures // 2 or 1, size.posts)))
        left = size.pictures
        roots: list[Post] = []
        for number, at in enumerate(moments):
            name = names[number % len(names)]
            office, platform = name.split("-")
            text = self._fill(rng.choice(texts.ANNOUNCEMENTS[office]), at)
            pictures: list[Picture] = []
            if number in with_picture and left and "vote:" not in text:
                pictures = self._pictures(min(left, rng.choice((1, 1, 2, 4))), platform)
                left -= len(pictures)
            roots.append(self._publish(name, text, at, pictures, number))
        return roots

    def _publish(self, name: str, text: str, at: datetime, pictures: Sequence[Picture], number: int) -> Post:
        world, rng = self.world, self.rng
        person = world.person(name)
        card = None
        if "https://" in text and not pictures and rng.random() < 0.6:
            url = text[text.index("https://") :].split(maxsplit=1)[0]
            card = Card(url, f"{self.world.domain}: {text[:40]}", "From the city's website.")
        poll = self._poll(at) if person.platform == MASTODON and "vote:" in text else None
        mine = [post for post in person.posts if post.shares is None and post.parent is None]
        if mine and number % 17 == 5:
            return world.post(person, "As we said: " + text, at=at, quote=rng.choice(mine), likes=rng.randrange(9))
        post = world.post(
            person,
            text,
            at=at,
            pictures=pictures,
            card=card,
            poll=poll,
            tags=[word[1:] for word in text.split() if word.startswith("#")],
            likes=rng.randrange(0, 60),
            visibility="unlisted" if person.platform == MASTODON and number % 13 == 3 else "public",
            content_warning="Dangerous weather" if person.platform == MASTODON and "NOT safe" in text else "",
        )
        if number % 9 == 4:
            world.reply(person, post, self._fill(rng.choice(texts.FOLLOW_UPS), at), at=at + timedelta(minutes=2))
        if number % 12 == 7:
            others = [p for p in world.posts.values() if self._shareable(p, person)]
            if others:
                world.share(person, rng.choice(others), at=at + timedelta(hours=3))
        return post

    @staticmethod
    def _shareable(post: Post, by: Person) -> bool:
        return (
            post.platform == by.platform
            and post.author is not by
            and post.shares is None
            and post.visibility == "public"
        )

    def _pictures(self, count: int, platform: str) -> list[Picture]:
        rng = self.rng
        made = []
        for _ in range(count):
            alt: str | None = rng.choice(texts.ALT_TEXTS)
            if platform == MASTODON and not alt:
                alt = None
            mime = rng.choice(("image/png", "image/jpeg"))
            made.append(picture(rng.randrange(1 << 40), alt, mime=mime))
        return made

    def _poll(self, at: datetime) -> PollQuestion:
        rng = self.rng
        votes = [rng.randrange(5, 90) for _ in range(3)]
        native = str(1000 + rng.randrange(1 << 20))
        return PollQuestion(native, ("Ropes", "Slides & swings", "Both 🙂"), votes, at + timedelta(days=3))

    # --- answers

    def _discuss(self, roots: Sequence[Post]) -> None:
        rng = self.rng
        budget = self.size.answers
        busy = sorted(roots, key=lambda _: rng.random())
        weights = [1.0 / (rank + 3) for rank in range(len(busy))]
        total = sum(weights)
        for root, weight in zip(busy, weights, strict=True):
            count = min(budget, max(1, round(self.size.answers * weight / total)))
            budget -= count
            self._thread(root, count)
            if budget <= 0:
                break
        while budget > 0:
            self._thread(rng.choice(roots), 1)
            budget -= 1

    def _discuss_evenly(self, roots: Sequence[Post]) -> None:
        """Ten answers to each post, and nine to each of those."""
        residents = self.residents[roots[0].platform]
        words = [self._fill(text, self.now) for text in texts.ANSWERS]
        for root in roots:
            each = self.size.answers // len(roots)
            at, parent = root.created_at, root
            for number in range(each):
                at += timedelta(seconds=17)
                author = residents[(number * 7 + root.author.serial) % len(residents)]
                text = f"{words[number % len(words)]} ({number + 1} of {each})"
                reply = self.world.reply(author, parent if number % 10 else root, text, at=at)
                parent = parent if number % 10 else reply

    def _thread(self, root: Post, count: int) -> None:
        rng = self.rng
        members = [root]
        at = root.created_at
        for _ in range(count):
            at = min(at + timedelta(seconds=rng.expovariate(1 / 3000)), self.now - timedelta(seconds=90))
            at = max(at, root.created_at + timedelta(seconds=len(members)))
            parent = root if rng.random() < 0.55 else rng.choice(members[-6:])
            members.append(self._one_answer(root, parent, at))

    def _one_answer(self, root: Post, parent: Post, at: datetime) -> Post:
        rng = self.rng
        answered = parent is not root and parent.author is not root.author
        if answered and rng.random() < 0.15:
            return self.world.reply(
                root.author,
                parent,
                self._addressed(self._fill(rng.choice(texts.OFFICIAL_ANSWERS), at), parent),
                at=at,
                mentions=[parent.author],
                visibility=parent.visibility,
            )
        author = rng.choice(self.residents[root.platform])
        lang, text = self._words(at)
        text = self._addressed(text, parent)
        # Residents' clients write their dates in their own ways.
        return self.world.reply(
            author,
            parent,
            text,
            at=at,
            seen_at=at + timedelta(milliseconds=rng.randrange(200, 3000)),
            lang=lang,
            mentions=[parent.author, root.author] if parent.author is not root.author else [root.author],
            likes=rng.choice((0, 0, 0, 1, 2, 5)),
            date_style=author.serial % 4,
            visibility="unlisted" if root.platform == MASTODON else "public",
            content_warning="local politics" if root.platform == MASTODON and rng.random() < 0.02 else "",
            pictures=self._pictures(1, root.platform) if rng.random() < 0.01 else (),
        )

    def _words(self, at: datetime) -> tuple[str | None, str]:
        rng = self.rng
        chance = rng.random()
        if self.hostile and chance < 0.12:
            return "en", self.hostile.pop(0)[1]
        if chance < 0.2:
            lang, text = rng.choice(texts.FOREIGN)
            return lang, self._fill(text, at)
        if chance < 0.3:
            return "en", self._fill(rng.choice(texts.RUDE), at)
        if chance < 0.32:
            return None, self._fill(texts.LONG, at)
        return "en", self._fill(rng.choice(texts.ANSWERS), at)

    @staticmethod
    def _addressed(text: str, parent: Post) -> str:
        """Mastodon's clients put the name of the one who is answered in front."""
        return f"@{parent.author.handle} {text}" if parent.platform == MASTODON else text

    def _fill(self, text: str, at: datetime) -> str:
        rng = self.rng
        return (
            text.replace("{street}", rng.choice(texts.STREETS))
            .replace("{day}", rng.choice(texts.DAYS))
            .replace("{n}", str(rng.randrange(10, 99)))
            .replace("{year}", str(at.year))
            .replace("{domain}", self.world.domain)
        )

    # --- what happened on the way

    def _answer_elsewhere(self) -> None:
        """The city's accounts answer in other people's threads, too, and are named there."""
        rng = self.rng
        for name in self.size.accounts:
            person = self.world.person(name)
            author = rng.choice(self.residents[person.platform])
            at = self.begin + (self.now - self.begin) * rng.uniform(0.2, 0.8)
            text = f"Does @{person.handle} know about the leak at {rng.choice(texts.STREETS)}?"
            theirs = self.world.post(author, text, at=at, mentions=[person])
            answer = self._addressed("We do now, thank you.", theirs)
            self.world.reply(person, theirs, answer, at=at + timedelta(hours=1), mentions=[author])


__all__ = ["SIZES", "Size", "Standing", "tell"]
