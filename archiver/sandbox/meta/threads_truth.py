"""What a perfect archive holds of a Threads account, read with its own token."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.sandbox.meta.model import THREADS, Thing
from archiver.sandbox.meta.threads_posts import below, there, waiting
from archiver.sandbox.meta.truth import Rules, Told
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person

_OWN = ("post", "ghost")
_CAUSES: dict[str, frozenset[str | None]] = {
    "pending": frozenset({"held_for_review"}),
    "ignored": frozenset({"by_city"}),
}


def told_at(meta: MetaWorld) -> Rules:
    """The rules; whether the day of a post for a day is over depends on the present."""

    def told(thing: Thing) -> Told:
        until = thing.facts.get("ghost_until")
        over = until is not None and until <= meta.now()
        return Told(
            _kind(thing),
            (thing.id,),
            thing.parent,
            thing.top,
            _text(thing),
            thing.latest.pictures if thing.shares is None else (),
            author_id=_author(thing),
            hidden=thing.hidden or waiting(thing) or over,
            causes=_CAUSES.get(thing.facts.get("approval", "")),
        )

    return Rules(told, listed, visible, optional)


def _kind(thing: Thing) -> str:
    if thing.shares is not None:
        return "share"
    top = thing.top
    if thing is top:
        if thing.facts.get("quote") is not None:
            return "quote"
        return "post" if thing.author.official else "mention"
    if top.author.official:
        return "comment" if thing.parent is top else "reply"
    return "reply" if thing.author.official else "mention"


def _text(thing: Thing) -> str:
    attached = thing.facts.get("attached")
    return "\n\n".join(filter(None, (thing.text, attached))) if attached else thing.text


def _author(thing: Thing) -> str:
    """Of others only a name is told, and of some not even that."""
    if thing.author.official:
        return thing.author.id
    return "" if thing.nameless else f"@{thing.author.handle.lower()}"


def visible(meta: MetaWorld, thing: Thing) -> bool:
    """Whether the account's token can ask for it by its id."""
    return there(thing, meta.now())


def listed(meta: MetaWorld, person: Person) -> Iterator[Thing]:
    """What the account wrote anywhere, what stands below its roots, and what names it."""
    found: dict[Thing, None] = {}
    for root in meta.of(person, *_OWN):
        if root.author is person and visible(meta, root):
            found[root] = None
            found.update(dict.fromkeys(one for one in below(root) if visible(meta, one)))
    for thing in meta.things.values():
        if thing.platform != THREADS or not visible(meta, thing) or thing.form == "child":
            continue
        if thing.author is person or (person in thing.mentions and not waiting(thing)):
            found[thing] = None
    yield from found


def optional(_meta: MetaWorld, _person: Person) -> Iterator[Thing]:
    """Nothing beside it can be read."""
    yield from ()
