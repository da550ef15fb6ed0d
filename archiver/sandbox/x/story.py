"""The life of the city's accounts on X: posts of all kinds, conversations below them, and what befell them.

The same seed and size give the same posts, number by number. Texts are those of the other platforms.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from archiver.sandbox import texts
from archiver.sandbox.city import Size
from archiver.sandbox.images import Picture, picture
from archiver.sandbox.meta.facebook_story import TITLES, Plan
from archiver.sandbox.meta.voice import Voice, shares, spread
from archiver.sandbox.model import Person, PollQuestion, Standing
from archiver.sandbox.x.ids import native_id
from archiver.sandbox.x.model import Place, Withheld, XPost
from archiver.sandbox.x.world import XWorld

HALL = Place("5c62ffb0f0f3479d", "Maple Ford", "Maple Ford, MN")


def tell_x(x: XWorld, size: Size) -> None:
    """Fill X; the totals of a size are shared out evenly between its accounts."""
    count = len(size.accounts)
    posts, answers, pictures = size.posts // count, size.answers // count, size.pictures // count
    for name in size.accounts:
        tell(x, name, Plan(posts, answers, pictures, size.residents, size.years, size.oddities))


def tell(x: XWorld, name: str, plan: Plan) -> None:
    """Make an account of the city (``city-x``) and its life."""
    _Life(x, name, plan).tell()


class _Life:
    def __init__(self, x: XWorld, name: str, plan: Plan) -> None:
        self.x = x
        self.plan = plan
        self.rng = Random(f"x {x.world.seed} {name}")
        self.now = x.now()
        self.begin = self.now - timedelta(days=365 * plan.years)
        office = name.split("-", maxsplit=1)[0]
        title, department, self.office = TITLES.get(office, TITLES["city"])
        self.account = x.add_account(
            name,
            f"MapleFord{office.title()}"[:15],
            title,
            department=department,
            description=f"Official account of {title}. Replies are public records & kept.",
            joined_at=self.begin - timedelta(days=30),
            avatar=picture(len(name) * 7919 + 5, None),
            followers=self.rng.randrange(200, 9000),
        ).person
        self.voice = Voice(x.world, self.rng)
        self.people = [self._resident(number, office) for number in range(plan.residents)]

    def tell(self) -> None:
        posts = self._publish()
        counts = shares(self.rng, self.plan.comments, len(posts)) if posts else []
        for post, count in zip(posts, counts, strict=True):
            self._discuss(post, count)
        if self.plan.oddities and len(posts) > 11:
            self._befall(posts)

    def _resident(self, number: int, office: str) -> Person:
        rng = self.rng
        first, last = rng.choice(texts.FIRST_NAMES), rng.choice(texts.LAST_NAMES)
        name = f"{first} {last}"
        if number % 11 == 7:
            name = texts.ODD_NAMES[number // 11 % len(texts.ODD_NAMES)] or "Anonymous"
        letters = "".join(one for one in f"{first}_{last}" if one.isascii() and (one.isalpha() or one == "_"))
        tail = f"{office[:1]}{number}"
        return self.x.add_person(
            f"{letters[: 15 - len(tail)]}{tail}", name, joined_at=self.begin - timedelta(days=400 * (number % 3))
        )

    # --- posts

    def _publish(self) -> list[XPost]:
        plan, rng = self.plan, self.rng
        posts: list[XPost] = []
        left = plan.pictures
        ends = self.now - timedelta(hours=2)
        for number, at in enumerate(spread(rng, self.begin, ends, plan.posts) if plan.posts else []):
            shots: list[Picture] = []
            if left > 0 and number % 3 == 1:
                shots = [self.voice.shot() for _ in range(min(left, rng.choice((1, 1, 4))))]
                if plan.oddities and number % 12 == 4:
                    shots = [self.voice.film()]
                left -= len(shots)
            posts.append(self._one(number, at, shots, posts))
        return posts

    def _one(self, number: int, at: datetime, shots: list[Picture], before: list[XPost]) -> XPost:
        text, likes = self.voice.announcement(self.office, at), self.rng.randrange(40)
        if self.plan.oddities and before and number % 13 == 6:
            quoted = self.rng.choice(before)
            return self.x.post(self.account, f"As we said: {text}", at=at, quote=quoted, likes=likes)
        long = self.plan.oddities and number % 10 == 2 and not shots
        if long:
            text = f"{text}\n\n{self.voice.fill(texts.LONG, at) * 3}"
        post = self.x.post(
            self.account,
            text,
            at=at,
            pictures=shots,
            likes=likes,
            views=likes * 37,
            animated=number % 24 == 4,
            place=HALL if self.plan.oddities and number % 9 == 8 else None,
        )
        if self.plan.oddities and number % 8 == 5:
            follow_up = self.voice.fill(self.rng.choice(texts.FOLLOW_UPS), at)
            self.x.reply(self.account, post, follow_up, at=at + timedelta(minutes=1))
        return post

    # --- conversations

    def _discuss(self, post: XPost, count: int) -> None:
        rng, at = self.rng, post.created_at
        said = [post]
        for number in range(count):
            at = min(at + timedelta(seconds=int(rng.expovariate(1 / 900)) + 1), self.now - timedelta(seconds=60))
            at = max(at, post.created_at)
            below = post if rng.random() < 0.55 else rng.choice(said[-5:])
            said.append(self._say(post, below, at, number))

    def _say(self, post: XPost, below: XPost, at: datetime, number: int) -> XPost:
        rng, odd = self.rng, self.plan.oddities
        if below is not post and below.author is not self.account and rng.random() < 0.2:
            return self.x.reply(self.account, below, self.voice.official(at), at=at)
        return self.x.reply(
            rng.choice(self.people),
            below,
            self.voice.answer(at),
            at=at,
            likes=rng.choice((0, 0, 1, 4)),
            pictures=[self.voice.shot()] if odd and rng.random() < 0.01 else [],
            unnamed=odd and number % 29 == 11,
        )

    # --- what befell it

    def _befall(self, posts: list[XPost]) -> None:
        self._kinds(posts)
        self._elsewhere(posts)
        self._people()
        self._moderate(posts)

    def _kinds(self, posts: list[XPost]) -> None:
        """Polls over and open, a post kept from some countries, one in a community, corrections."""
        x, now, rng = self.x, self.now, self.rng
        for ended, votes in ((now - timedelta(days=17), [120, 87]), (now + timedelta(days=2), [3, 5])):
            asked = ended - timedelta(days=3)
            poll = PollQuestion(native_id(asked, 322), ("Elm Park", "River Park"), votes, ended)
            x.post(self.account, "Which park should get the new playground?", at=asked, poll=poll)
        withheld, day = Withheld(("DE", "FR")), timedelta(days=1)
        x.post(self.account, "Our anthem, sung by the choir.", at=now - 40 * day, withheld=withheld)
        x.post(self.account, "For members of the garden club.", at=now - 39 * day, community="1493446837214187523")
        hours = "Library hours for Veterans Day: closed"
        corrected = x.post(self.account, f"{hours} al day.", at=now - 12 * day)
        x.edit(corrected, f"{hours} all day.", at=corrected.created_at + timedelta(minutes=3))
        twice = posts[3] if posts[3].quote is None else posts[4]
        for minutes in (2, 9):
            x.edit(twice, f"{twice.text} (corrected)", at=twice.created_at + timedelta(minutes=minutes))
        x.reply(rng.choice(self.people), corrected, "Which library?", at=corrected.created_at + timedelta(hours=2))

    def _elsewhere(self, posts: list[XPost]) -> None:
        """Residents name the account, quote and repeat it; it answers and repeats what they say."""
        x, now, account, people = self.x, self.now, self.account, self.people
        theirs = x.post(people[0], "The bridge is open again! " + "So good. " * 16, at=now - timedelta(days=14))
        x.repost(account, theirs, at=now - timedelta(days=14) + timedelta(hours=1))
        asking = f"Does @{account.handle} know about the leak at {self.rng.choice(texts.STREETS)}?"
        leak = x.post(people[1], asking, at=now - timedelta(days=11))
        x.reply(account, leak, "We do now, thank you.", at=now - timedelta(days=11) + timedelta(hours=1))
        for number, post in enumerate(posts[-4:]):
            at = post.created_at + timedelta(minutes=30 + number)
            quote = x.post(people[number % len(people)], "Look at this", quote=post, at=min(at, now), likes=number)
            x.repost(people[(number + 1) % len(people)], quote, at=min(at + timedelta(minutes=3), now))
        x.pin(posts[0])

    def _people(self) -> None:
        """A resident has been suspended, one has gone, one is read by followers alone, one is ranked down."""
        x, now, account = self.x, self.now, self.account
        at = now - timedelta(days=3)
        root = x.post(account, "Tell us about the new bus line.", at=at)
        for number, (name, text) in enumerate(
            (
                ("Buy_now", "Cheap tires!!!"),
                ("Leaving", "I am leaving."),
                ("Quiet", "Only for my friends."),
                ("Loud", "x"),
            )
        ):
            person = x.add_person(f"{name}{account.handle[9:]}"[:15], name, joined_at=self.begin)
            answered = at + timedelta(minutes=number + 1)
            x.reply(person, root, text, at=answered, ranked_down=name == "Loud")
            if name == "Buy_now":
                x.world.suspend(person, Standing.TAKEN_DOWN)
            elif name == "Leaving":
                x.world.suspend(person, Standing.DELETED)
            elif name == "Quiet":
                x.protect(person)
        root.unseen_replies = 1

    def _moderate(self, posts: list[XPost]) -> None:
        """Answers hidden, of which nothing tells; answers and a post deleted."""
        x, rng = self.x, self.rng
        gone = next(post for post in posts[5:] if not post.quotes)
        said = [one for post in posts if post is not gone for one in post.replies if one.author is not self.account]
        leaves = [one for one in said if not one.replies]
        chosen = rng.sample(leaves, min(6, len(leaves)))
        for one in chosen[:3]:
            x.hide(one)
        for one in chosen[3:]:
            x.delete(one, at=one.created_at + timedelta(days=1))
        x.delete(gone, at=gone.created_at + timedelta(days=2))
