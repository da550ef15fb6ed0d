"""What residents say, with the texts of the other platforms: kind, rude, foreign, and hostile to careless software."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from archiver.sandbox import texts
from archiver.sandbox.images import Picture, picture
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person
from archiver.sandbox.world import World


class Voice:
    """The words of one account's surroundings, in an order that a seed gives. Each hostile text is said once."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng
        self._hostile = [text for _, text in texts.HOSTILE]

    def residents(self, meta: MetaWorld, platform: str, count: int, joined_at: datetime) -> list[Person]:
        """People, some with odd names; handles are as both platforms allow them."""
        return [meta.add_person(platform, *self.resident(number), joined_at=joined_at) for number in range(count)]

    def resident(self, number: int) -> tuple[str, str]:
        """A handle, as most platforms allow it, and a name."""
        rng = self.rng
        first, last = rng.choice(texts.FIRST_NAMES), rng.choice(texts.LAST_NAMES)
        name = f"{first} {last}"
        if number % 11 == 7:
            name = texts.ODD_NAMES[number // 11 % len(texts.ODD_NAMES)] or "Anonymous"
        letters = "".join(one for one in f"{first}.{last}".lower() if one.isascii() and (one.isalpha() or one == "."))
        return f"{letters}{number}", name

    def announcement(self, voice: str, at: datetime) -> str:
        """What an office tells."""
        return self.fill(self.rng.choice(texts.ANNOUNCEMENTS[voice]), at)

    def official(self, at: datetime) -> str:
        """What an office answers."""
        return self.fill(self.rng.choice(texts.OFFICIAL_ANSWERS), at)

    def answer(self, at: datetime) -> str:
        """What a resident answers."""
        chance = self.rng.random()
        if self._hostile and chance < 0.12:
            # A text of nothing can't be sent on either platform.
            return self._hostile.pop(0) or "…"
        if chance < 0.2:
            return self.fill(self.rng.choice(texts.FOREIGN)[1], at)
        if chance < 0.32:
            return self.fill(self.rng.choice(texts.RUDE), at)
        return self.fill(self.rng.choice(texts.ANSWERS), at)

    def fill(self, text: str, at: datetime) -> str:
        """Put streets, days and numbers into a text."""
        rng = self.rng
        return (
            text.replace("{street}", rng.choice(texts.STREETS))
            .replace("{day}", rng.choice(texts.DAYS))
            .replace("{n}", str(rng.randrange(10, 99)))
            .replace("{year}", str(at.year))
            .replace("{domain}", self.world.domain)
        )

    def shot(self) -> Picture:
        """A picture."""
        alt = self.rng.choice(texts.ALT_TEXTS) or None
        return picture(self.rng.randrange(1 << 40), alt, mime=self.rng.choice(("image/png", "image/jpeg")))

    def film(self) -> Picture:
        """A film."""
        return picture(self.rng.randrange(1 << 40), None, mime="video/mp4")


def spread(rng: Random, begin: datetime, end: datetime, count: int) -> list[datetime]:
    """So many moments between two, in order, in whole seconds."""
    span = int((end - begin).total_seconds())
    return sorted(begin + timedelta(seconds=rng.randrange(span)) for _ in range(count))


def shares(rng: Random, total: int, parts: int) -> list[int]:
    """A total in parts, of which a few have most of it."""
    weights = [1.0 / (rank + 3) for rank in range(parts)]
    whole = sum(weights)
    found = [int(total * weight / whole) for weight in weights]
    found[0] += total - sum(found)
    rng.shuffle(found)
    return found
