"""The life of the city's Facebook pages: posts of all kinds, what residents answered, and what befell it.

The same seed and size give the same pages, id by id. Texts are those of the other platforms.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from archiver.sandbox import texts
from archiver.sandbox.images import Picture, picture
from archiver.sandbox.meta.facebook_pages import FacebookPages
from archiver.sandbox.meta.model import FACEBOOK, Thing
from archiver.sandbox.model import Person, Standing

TITLES = {
    "city": ("City of Maple Ford", "Administration", "hall"),
    "police": ("Maple Ford Police", "Police", "police"),
    "parks": ("Maple Ford Parks & Recreation", "Parks", "parks"),
    "library": ("Maple Ford Public Library 📚", "Library", "library"),
    "mayor": ("Mayor Ingrid Solheim", "Mayor", "mayor"),
}
"""Name, department and whose announcements they make, by office."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much there is on one page. ``oddities`` False: posts and comments alone, nothing hidden, gone or edited."""

    posts: int
    comments: int
    pictures: int
    residents: int
    years: float
    oddities: bool = True


def tell(pages: FacebookPages, name: str, plan: Plan) -> None:
    """Make an account of the city (``city-facebook``) and its page's life."""
    _Life(pages, name, plan).tell()


class _Life:
    def __init__(self, pages: FacebookPages, name: str, plan: Plan) -> None:
        self.pages = pages
        self.meta = pages.meta
        self.plan = plan
        self.name = name
        self.rng = Random(f"facebook {self.meta.world.seed} {name}")
        self.now = self.meta.now()
        self.begin = self.now - timedelta(days=365 * plan.years)
        self.hostile = [text for _, text in texts.HOSTILE]
        title, department, self.voice = TITLES.get(name.split("-", maxsplit=1)[0], TITLES["city"])
        account = self.meta.add_account(
            name,
            FACEBOOK,
            f"MapleFord{name.split('-', maxsplit=1)[0].title()}",
            title,
            department=department,
            description=f"Official page of {title}. Comments are public records.",
            joined_at=self.begin - timedelta(days=30),
            avatar=picture(len(name) * 7919 + 1, None),
            followers=self.rng.randrange(200, 9000),
        )
        self.page = account.person
        self.people = [self._resident(number) for number in range(plan.residents)]

    def tell(self) -> None:
        posts = self._announce()
        self._discuss(posts)
        if self.plan.oddities and len(posts) > 7:
            self._befall(posts)

    def _resident(self, number: int) -> Person:
        rng = self.rng
        name = f"{rng.choice(texts.FIRST_NAMES)} {rng.choice(texts.LAST_NAMES)}"
        if number % 11 == 7:
            name = texts.ODD_NAMES[number // 11 % len(texts.ODD_NAMES)] or "Anonymous"
        handle = f"{self.name}.resident.{number}"
        return self.meta.add_person(FACEBOOK, handle, name, joined_at=self.begin - timedelta(days=400))

    # --- posts

    def _announce(self) -> list[Thing]:
        rng, plan = self.rng, self.plan
        span = (self.now - self.begin).total_seconds()
        moments = sorted(self.begin + timedelta(seconds=int(rng.random() * (span - 7200))) for _ in range(plan.posts))
        left = plan.pictures
        posts: list[Thing] = []
        for number, at in enumerate(moments):
            text = self._fill(rng.choice(texts.ANNOUNCEMENTS[self.voice]), at)
            shown: list[Picture] = []
            if left > 0 and number % 3 == 1:
                shown = self._pictures(min(left, rng.choice((1, 1, 1, 3))), number)
                left -= len(shown)
            posts.append(self._publish(text, at, shown, number, posts))
        return posts

    def _publish(self, text: str, at: datetime, shown: list[Picture], number: int, before: list[Thing]) -> Thing:
        reactions = {"LIKE": self.rng.randrange(40), "ANGRY": self.rng.randrange(9), "LOVE": self.rng.randrange(9)}
        if before and number % 19 == 12:
            return self.pages.share(self.page, self.rng.choice(before), "Still true. " + text, at=at)
        link = None
        if "https://" in text and not shown:
            link = (text[text.index("https://") :].split(maxsplit=1)[0], f"Maple Ford: {text[:30]}")
        return self.pages.post(self.page, text, link=link, at=at, pictures=shown, reactions=reactions)

    def _pictures(self, count: int, number: int) -> list[Picture]:
        if number % 24 == 4:
            return [picture(self.rng.randrange(1 << 40), None, mime="video/mp4")]
        made = []
        for _ in range(count):
            mime = self.rng.choice(("image/png", "image/jpeg"))
            made.append(picture(self.rng.randrange(1 << 40), self.rng.choice(texts.ALT_TEXTS) or None, mime=mime))
        return made

    # --- comments

    def _discuss(self, posts: list[Thing]) -> None:
        """A few posts have most of the comments."""
        if not posts:
            return
        order = sorted(posts, key=lambda _: self.rng.random())
        weights = [1.0 / (rank + 3) for rank in range(len(order))]
        total, left = sum(weights), self.plan.comments
        for post, weight in zip(order, weights, strict=True):
            count = min(left, max(1, round(self.plan.comments * weight / total)))
            self._thread(post, count)
            left -= count
        self._thread(order[0], left)

    def _thread(self, post: Thing, count: int) -> None:
        rng, at = self.rng, post.created_at
        said = [post]
        for number in range(count):
            at = min(at + timedelta(seconds=int(rng.expovariate(1 / 900)) + 1), self.now - timedelta(seconds=60))
            at = max(at, post.created_at)
            to = post if rng.random() < 0.6 else rng.choice(said[-5:])
            said.append(self._one(post, to, at, number))

    def _one(self, post: Thing, to: Thing, at: datetime, number: int) -> Thing:
        rng = self.rng
        if to is not post and to.author is not self.page and rng.random() < 0.2:
            text = f"{to.author.profile.display_name} {self._fill(rng.choice(texts.OFFICIAL_ANSWERS), at)}"
            return self.pages.comment(self.page, to, text, at=at, mentions=[to.author])
        odd = self.plan.oddities
        shown = [picture(rng.randrange(1 << 40), None)] if odd and rng.random() < 0.02 else []
        return self.pages.comment(
            rng.choice(self.people),
            to,
            "" if shown and rng.random() < 0.5 else self._words(at),
            at=at,
            pictures=shown,
            nameless=odd and number % 29 == 13,
            private=odd and number % 41 == 17,
            reactions={"LIKE": rng.choice((0, 0, 1, 4))},
        )

    def _words(self, at: datetime) -> str:
        rng = self.rng
        chance = rng.random()
        if self.hostile and chance < 0.12:
            return self.hostile.pop(0)
        if chance < 0.2:
            return self._fill(rng.choice(texts.FOREIGN)[1], at)
        if chance < 0.32:
            return self._fill(rng.choice(texts.RUDE), at)
        return self._fill(rng.choice(texts.ANSWERS), at)

    def _fill(self, text: str, at: datetime) -> str:
        rng = self.rng
        return (
            text.replace("{street}", rng.choice(texts.STREETS))
            .replace("{day}", rng.choice(texts.DAYS))
            .replace("{n}", str(rng.randrange(10, 99)))
            .replace("{year}", str(at.year))
            .replace("{domain}", self.meta.world.domain)
        )

    # --- what befell it

    def _befall(self, posts: list[Thing]) -> None:
        self._others(posts)
        self._files(posts)
        self._moderate(posts)
        self._write_privately()

    def _others(self, posts: list[Thing]) -> None:
        """What residents wrote on the page and about it, and how they left."""
        pages, people, now = self.pages, self.people, self.now
        for number, author in enumerate(people[:3]):
            at = posts[len(posts) // 2].created_at + timedelta(minutes=7 * number)
            theirs = pages.visitor_post(author, self.page, self._words(at), at=at)
            pages.comment(self.page, theirs, "Thank you for writing.", at=at + timedelta(hours=1))
        tagging = pages.tag(people[3], self.page, "@Maple Ford please fix the bridge", at=now - timedelta(days=9))
        pages.comment(people[4], tagging, "Yes please.", at=now - timedelta(days=8))
        gone = people[-1]
        pages.comment(gone, posts[3], "I am leaving this site.", at=posts[3].created_at + timedelta(minutes=3))
        self.meta.world.suspend(gone, Standing.DEACTIVATED)

    def _files(self, posts: list[Thing]) -> None:
        """Albums, films, broadcasts, events, stories, drafts."""
        pages, rng, now, page = self.pages, self.rng, self.now, self.page
        album = pages.album(page, "Budget hearing", "Pictures of the hearing", at=posts[2].created_at)
        for number in range(3):
            pages.photo(album, picture(rng.randrange(1 << 40), None), f"Slide {number + 1}", at=posts[2].created_at)
        many = [picture(rng.randrange(1 << 40), None) for _ in range(14)]
        big = pages.post(page, "All fourteen crosswalks.", pictures=many, at=posts[4].created_at + timedelta(minutes=9))
        pages.comment(self.people[2], big.parts[3], "This one is crooked.", at=big.created_at + timedelta(minutes=2))
        film = picture(rng.randrange(1 << 40), None, mime="video/mp4")
        at = posts[5].created_at
        reel = pages.reel(page, film, "Ribbon cutting", at=at + timedelta(minutes=1))
        pages.comment(self.people[0], reel, "Nice scissors.", at=at + timedelta(minutes=4))
        live = pages.live(page, "Council meeting, live", picture(rng.randrange(1 << 40), None, mime="video/mp4"), at=at)
        pages.comment(self.people[1], live, "Is the sound on?", at=at + timedelta(minutes=2))
        hearing = "Public hearing on the levy"
        pages.event(page, hearing, "Bring questions.", now + timedelta(days=20), at=now - timedelta(days=5))
        pages.event(page, "Night to Unite", "Block parties.", now - timedelta(days=90), at=now - timedelta(days=120))
        pages.story(page, picture(rng.randrange(1 << 40), None), at=now - timedelta(hours=5))
        pages.story(page, picture(rng.randrange(1 << 40), None), at=now - timedelta(hours=30))
        pages.schedule(page, "Polls open at 7 am.", now + timedelta(days=2))

    def _moderate(self, posts: list[Thing]) -> None:
        """Hidden, removed, filtered, edited."""
        meta, rng = self.meta, self.rng
        comments = [one for post in posts for one in post.replies if one.author is not self.page]
        for one in rng.sample(comments, min(5, len(comments))):
            meta.hide(one)
        leaves = [one for one in comments if not one.replies]
        for one in rng.sample(leaves, min(4, len(leaves))):
            meta.delete(one, at=one.created_at + timedelta(days=1))
        for one in rng.sample(leaves, min(3, len(leaves))):
            one.unlisted = True
        meta.edit(posts[1], posts[1].text + " (corrected)", at=posts[1].created_at + timedelta(minutes=20))
        meta.hide(posts[6])

    def _write_privately(self) -> None:
        """Conversations: one short, one with more messages than are told in detail."""
        pages = self.pages
        for count, author in ((3, self.people[0]), (25, self.people[1])):
            conversation = pages.converse(self.page, author)
            at = self.now - timedelta(days=3)
            for number in range(count):
                at += timedelta(minutes=number + 1)
                writer = author if number % 2 == 0 else self.page
                pages.message(conversation, writer, f"{self._words(at)} ({number + 1})", at=at)
