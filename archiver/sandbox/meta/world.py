"""The state of Meta's platforms in the city, and everything that can happen there.

``MetaWorld`` stands on the city's `World`: its clock, its lock, its version (so that pages made before are not given
out after a change), its people and accounts. Each change is also an `Event`, in order, for the webhook sender.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict, Unpack

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.model import FACEBOOK, INSTAGRAM, THREADS, Event, Thing
from archiver.sandbox.model import Person, ProfileVersion, Version
from archiver.sandbox.world import CityAccount, World

_FIRST_ID = {FACEBOOK: 122_100_000_000_000_000, INSTAGRAM: 18_050_000_000_000_000, THREADS: 18_060_000_000_000_000}
_FIRST_PERSON = {FACEBOOK: 7_100_000_000_000_000, INSTAGRAM: 1_560_000_000_000_000, THREADS: 7_300_000_000_000_000}
_FIRST_ACCOUNT = {FACEBOOK: 104_000_000_000_100, INSTAGRAM: 17_841_400_000_000_000, THREADS: 17_841_500_000_000_000}
_TOKEN_HEADS = {FACEBOOK: "EAA", INSTAGRAM: "IGAA", THREADS: "THAA"}
STORY_LIFE = timedelta(hours=24)


class Details(TypedDict, total=False):
    """What a thing may have beside its text; see `Thing`. ``id`` is given where the platform composes it."""

    at: datetime | None
    id: str
    owner: Person | str
    pictures: Sequence[Picture]
    parent: Thing | None
    whole: Thing | None
    shares: Thing | None
    mentions: Sequence[Person]
    private: bool
    unlisted: bool
    nameless: bool
    hidden: bool
    published: bool
    expires_at: datetime | None
    reactions: Mapping[str, int]
    shared: int
    facts: Mapping[str, Any]


class MetaWorld:
    """Things by platform and id, gone ones too."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.things: dict[tuple[str, str], Thing] = {}
        self.events: list[Event] = []
        self.unpublished: set[str] = set()
        """Ids of pages that are not published now."""
        self._numbers: dict[tuple[str, str], Thing] = {}
        self._by_owner: dict[tuple[str, str], list[Thing]] = {}
        self._made: dict[tuple[str, str], int] = {}

    # --- looking things up

    def now(self) -> datetime:
        """The city's present."""
        return self.world.now()

    def find(self, platform: str, native: str) -> Thing | None:
        """A thing by its id, a gone one too."""
        return self.things.get((platform, native))

    def find_number(self, platform: str, number: str) -> Thing | None:
        """A thing by the last part of its id."""
        return self._numbers.get((platform, number))

    def of(self, owner: Person | str, *forms: str) -> list[Thing]:
        """All that stands on an account's page, by form, in the order of making, gone ones too."""
        person = self.world.person(owner)
        found: list[Thing] = []
        for form in forms:
            found += self._by_owner.get((person.id, form), [])
        return found if len(forms) < 2 else sorted(found, key=lambda thing: thing.number)

    def comments(self, owner: Person | str) -> list[Thing]:
        """All comments anywhere on an account's page."""
        return self.of(owner, "comment")

    def new_id(self, platform: str) -> str:
        """A number beyond 2^53, as the platforms' are; the same story gives the same numbers."""
        return str(_FIRST_ID[platform] + 17 * self._count(platform, "id"))

    # --- people

    def add_person(self, platform: str, handle: str, name: str, *, joined_at: datetime | None = None) -> Person:
        """Somebody who writes there. The id is the scoped one that the city's app sees."""
        native = str(_FIRST_PERSON[platform] + self._count(platform, "person"))
        return self._join(Person(platform, native, handle, joined_at or self.now()), name)

    def add_account(
        self, name: str, platform: str, handle: str, title: str, *, department: str, **facts: Any
    ) -> CityAccount:
        """A page or profile of the city. ``secret`` is its token; the tokens that work are the server's business."""
        native = str(_FIRST_ACCOUNT[platform] + self._count(platform, "account"))
        joined = facts.get("joined_at") or self.now()
        person = Person(platform, native, handle, joined, official=True, followers=facts.get("followers", 0))
        self._join(person, title, facts.get("description", ""), facts.get("avatar"))
        digest = hashlib.sha256(f"{self.world.seed} {platform} {name}".encode()).digest()
        letters = base64.b64encode(digest * 4, altchars=b"Zx").decode().rstrip("=")
        account = CityAccount(name, platform, person, department, _TOKEN_HEADS[platform] + letters)
        with self.world.change():
            self.world.accounts[name] = account
        return account

    def _join(self, person: Person, name: str, description: str = "", avatar: Picture | None = None) -> Person:
        person.profiles.append(ProfileVersion(person.joined_at, name, description, avatar))
        with self.world.change():
            self.world.join(person)
        return person

    # --- making

    def add(self, form: str, author: Person | str, text: str = "", **details: Unpack[Details]) -> Thing:
        """A new thing, now or at a moment of the past. ``owner`` is needed where nothing above it tells."""
        person = self.world.person(author)
        with self.world.change():
            thing = self._make(form, person, text, details)
            self.things[person.platform, thing.id] = thing
            self._numbers[person.platform, thing.number_of] = thing
            self._by_owner.setdefault((thing.owner.id, form), []).append(thing)
            if thing.whole is not None:
                thing.whole.parts.append(thing)
            if thing.parent is not None:
                thing.parent.replies.append(thing)
                thing.top.touched_at = max(thing.top.touched_at, thing.created_at)
            self._tell("add", thing)
            return thing

    def _make(self, form: str, person: Person, text: str, details: Details) -> Thing:
        at = (details.get("at") or self.now()).astimezone(UTC).replace(microsecond=0)
        parent, whole = details.get("parent"), details.get("whole")
        above = parent or whole
        owner = self.world.person(details["owner"]) if "owner" in details else above.owner if above else person
        version = Version(at, text, tuple(details.get("pictures", ())))
        thing = Thing(
            person.platform,
            details.get("id") or self.new_id(person.platform),
            form,
            owner,
            person,
            at,
            [version],
            touched_at=at,
            number=self._count(person.platform, "thing"),
            parent=parent,
            root=parent.top if parent else None,
            whole=whole,
            shares=details.get("shares"),
            mentions=tuple(details.get("mentions", ())),
        )
        for name in ("private", "unlisted", "nameless", "hidden", "published", "expires_at", "shared"):
            if name in details:
                setattr(thing, name, details[name])
        thing.reactions = dict(details.get("reactions", {}))
        thing.facts = dict(details.get("facts", {}))
        return thing

    def join(self, one: Thing, other: Thing) -> None:
        """Make two objects one thread under two ids."""
        with self.world.change():
            one.twin, other.twin = other, one

    # --- what happens to them

    def edit(
        self, thing: Thing, text: str, *, pictures: Sequence[Picture] | None = None, at: datetime | None = None
    ) -> Version:
        """Change the words; the platform keeps no history."""
        with self.world.change():
            old = thing.latest
            moment = (at or self.now()).replace(microsecond=0)
            version = replace(old, at=moment, text=text, pictures=old.pictures if pictures is None else tuple(pictures))
            thing.versions.append(version)
            thing.touched_at = max(thing.touched_at, moment)
            self._tell("edited", thing)
            return version

    def hide(self, thing: Thing) -> None:
        """The city hides it."""
        with self.world.change():
            thing.hidden = True
            self._tell("hide", thing)

    def unhide(self, thing: Thing) -> None:
        """The city shows it again."""
        with self.world.change():
            thing.hidden = False
            self._tell("unhide", thing)

    def delete(self, thing: Thing, *, at: datetime | None = None) -> None:
        """It is removed, by its author or by the city: nobody can tell which."""
        with self.world.change():
            thing.gone_at = at or self.now()
            self._tell("remove", thing)

    def restore(self, thing: Thing) -> None:
        """It is there again (an archived post comes back, a filter is taken off); no event tells of it."""
        with self.world.change():
            thing.gone_at = None

    def publish(self, thing: Thing, *, published: bool = True) -> None:
        """Publish a scheduled post, or make a published one a draft again."""
        with self.world.change():
            thing.published = published

    def react(self, thing: Thing, kind: str, count: int) -> None:
        """State how many reactions of a kind there are (``LIKE LOVE WOW …``)."""
        with self.world.change():
            thing.reactions[kind] = count

    def vanish(self, things: Iterable[Thing]) -> None:
        """Take things out of every list and answer without an event, as a filter of the platform does."""
        with self.world.change():
            for thing in things:
                thing.gone_at = self.now()

    # --- inside

    def _tell(self, verb: str, thing: Thing) -> None:
        self.events.append(Event(self.now(), verb, thing, thing.text))

    def _count(self, platform: str, what: str) -> int:
        self._made[platform, what] = made = self._made.get((platform, what), 0) + 1
        return made


__all__ = ["STORY_LIFE", "Details", "MetaWorld"]
