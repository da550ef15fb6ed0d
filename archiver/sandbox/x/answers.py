"""A whole answer: what was asked for, what it refers to, what of that can't be shown, and where the list goes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from archiver.sandbox.model import Person
from archiver.sandbox.x.model import Wording, XPost
from archiver.sandbox.x.objects import Objects, Shown, referred
from archiver.sandbox.x.paging import Page
from archiver.sandbox.x.problems import Missing

Resource = tuple[str, str]
"""What X charges for: a kind (``tweet``, ``user``) and a number."""


@dataclass(slots=True)
class Told:
    """A body with what it charges for."""

    body: dict[str, Any]
    data: list[Resource] = field(default_factory=list)
    included: list[Resource] = field(default_factory=list)


class Included:
    """What an answer's objects refer to, each once."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._posts: dict[str, Shown] = {}
        self._people: dict[str, Person] = {}
        self._parts: dict[str, dict[str, dict[str, Any]]] = {"media": {}, "polls": {}, "places": {}}
        self.missing: dict[tuple[str, str], Missing] = {}

    def of_posts(self, posts: Sequence[Shown]) -> None:
        """Collect what the expansions ask of these posts."""
        wanted = self._objects.wanted.expansions
        for post, version in posts:
            if "author_id" in wanted:
                self._people[post.author.id] = post.author
            if "in_reply_to_user_id" in wanted and post.parent is not None:
                self._person(post.parent.author, "in_reply_to_user_id")
            if {"entities.mentions.username", "entities.note.mentions.username"} & wanted:
                for name, person in version.named:
                    self._named(name, person)
            if "edit_history_tweet_ids" in wanted:
                self._posts.update((one.id, (post, one)) for one in post.versions if one is not version)
            if "attachments.media_keys" in wanted:
                self._media(version)
            self._rest(post, wanted)
            self._referred(post, wanted)

    def of_person(self, person: Person) -> None:
        """Collect what the expansions ask of somebody's profile."""
        pinned = self._objects.x.pinned.get(person.id)
        if "pinned_tweet_id" not in self._objects.wanted.expansions or pinned is None:
            return
        self._post((pinned, pinned.latest), "pinned_tweet_id")

    def _rest(self, post: XPost, wanted: frozenset[str]) -> None:
        if "attachments.poll_ids" in wanted and post.poll is not None:
            self._parts["polls"][post.poll.id] = self._objects.poll(post.poll, post.created_at)
        if "geo.place_id" in wanted and post.place is not None:
            self._parts["places"][post.place.id] = self._objects.place(post.place)

    def _referred(self, post: XPost, wanted: frozenset[str]) -> None:
        if not any(one.startswith("referenced_tweets.id") for one in wanted):
            return
        for _, shown in referred(post):
            if not self._post(shown, "referenced_tweets.id"):
                continue
            if "referenced_tweets.id.author_id" in wanted:
                self._people[shown[0].author.id] = shown[0].author
            if "referenced_tweets.id.attachments.media_keys" in wanted:
                self._media(shown[1])

    def _post(self, shown: Shown, parameter: str) -> bool:
        objects, (post, version) = self._objects, shown
        if objects.x.visible(post, objects.viewer):
            self._posts[version.id] = shown
            return True
        why = "unauthorized" if post.there else "gone"
        self._miss(Missing("tweet", version.id, parameter, why, included=True))
        return False

    def _media(self, version: Wording) -> None:
        for one in version.media:
            self._parts["media"][one.key] = self._objects.media(one)

    def _person(self, person: Person, parameter: str) -> None:
        if person.active:
            self._people[person.id] = person
        else:
            self._miss(Missing("user", person.id, parameter, why_absent(person), included=True))

    def _named(self, name: str, person: Person) -> None:
        if person.active and person.handle.lower() == name.lower():
            self._people[person.id] = person
        else:
            why = why_absent(person) if person.handle.lower() == name.lower() else "gone"
            self._miss(Missing("user", name, "entities.mentions.username", why, included=True))

    def _miss(self, missing: Missing) -> None:
        self.missing.setdefault((missing.parameter, missing.value), missing)

    def told(self, told: Told) -> None:
        """Put it into an answer."""
        objects = self._objects
        parts: dict[str, list[dict[str, Any]]] = {
            "tweets": [objects.post(shown) for shown in self._posts.values()],
            "users": [objects.person(person) for person in self._people.values()],
            **{name: list(found.values()) for name, found in self._parts.items()},
        }
        includes = {name: found for name, found in parts.items() if found}
        if includes:
            told.body["includes"] = includes
        told.included += [("tweet", native) for native in self._posts]
        told.included += [("user", native) for native in self._people]


def why_absent(person: Person) -> str:
    """Why somebody's profile is not shown: only a suspension is told."""
    return "suspended" if person.standing.value == "takendown" else "gone"


def of_posts(
    objects: Objects, posts: Sequence[Shown], missing: Iterable[Missing] = (), *, single: bool = False
) -> Told:
    """Posts, and why others are missing."""
    told = Told({}, [("tweet", version.id) for _, version in posts])
    if posts:
        made = [objects.post(shown) for shown in posts]
        told.body["data"] = made[0] if single else made
    included = Included(objects)
    included.of_posts(posts)
    included.told(told)
    _tell_missing(told, objects, [*missing, *included.missing.values()])
    return told


def of_page(objects: Objects, page: Page, *, previous: bool = True) -> Told:
    """A page of a list; an empty one has no ``data``."""
    told = of_posts(objects, page.shown)
    meta: dict[str, Any] = {"result_count": len(page.shown)}
    if page.shown:
        numbers = [version.id for _, version in page.shown]
        meta |= {"newest_id": numbers[0], "oldest_id": numbers[-1]}
    if page.next_token is not None:
        meta["next_token"] = page.next_token
    if previous and page.previous_token is not None:
        meta["previous_token"] = page.previous_token
    told.body["meta"] = meta
    return told


def of_people(
    objects: Objects, people: Sequence[Person], missing: Iterable[Missing] = (), *, single: bool = False
) -> Told:
    """Profiles, and why others are missing."""
    told = Told({}, [("user", person.id) for person in people])
    if people:
        made = [objects.person(person) for person in people]
        told.body["data"] = made[0] if single else made
    included = Included(objects)
    for person in people:
        included.of_person(person)
    included.told(told)
    _tell_missing(told, objects, [*missing, *included.missing.values()])
    return told


def _tell_missing(told: Told, objects: Objects, missing: list[Missing]) -> None:
    if missing:
        told.body["errors"] = [one.told(objects.quirks.problems_host) for one in missing]
