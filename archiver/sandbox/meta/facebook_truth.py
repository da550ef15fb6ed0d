"""What a perfect archive holds of a Facebook page, read with the page's token."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.facebook_comments import below
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.truth import Rules, Told
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person

_ROOTS = ("post", "photo", "album", "video", "reel", "live", "event", "story")


def record_of(thing: Thing) -> Thing:
    """Which of the objects for one thing the record is named after: a post before its photo, a broadcast's video."""
    if thing.twin is not None and thing.twin.form == "post":
        return thing.twin
    if thing.form == "live" and thing.twin is not None:
        return thing.twin
    return thing


def told(thing: Thing) -> Told:
    """A thing as a record."""
    if thing.form == "comment":
        return _comment(thing)
    if thing.form == "message":
        conversation = thing.whole or thing
        return Told("message", (thing.number_of,), None, conversation, thing.text, thing.latest.pictures, "private",
                    thing.author.id)  # fmt: skip
    return Told(
        _kind(thing),
        _names(thing),
        None,
        thing,
        _text(thing),
        _pictures(thing),
        "public" if thing.published else "private",
        thing.author.id,
    )


def _names(thing: Thing) -> tuple[str, ...]:
    names = [thing.number_of]
    if thing.twin is not None:
        names.append(thing.twin.number_of)
    if thing.form == "story":
        names.append(thing.facts["media"].number_of)
    return tuple(names)


def _kind(thing: Thing) -> str:
    if thing.form == "story":
        return "story"
    if thing.shares is not None:
        return "share"
    return "mention" if thing.facts.get("tagged") else "post"


def _comment(thing: Thing) -> Told:
    root = record_of(thing.top)
    parent = record_of(thing.parent) if thing.parent is not None else None
    kind = "comment" if parent is root and root.author is root.owner else "reply"
    if root.facts.get("tagged") and thing.owner in thing.mentions:
        kind = "mention"
    shown = not thing.nameless or thing.author is thing.owner
    visibility = "private" if thing.private else "public"
    author = thing.author.id if shown else None
    return Told(kind, (thing.number_of,), parent, root, thing.text, thing.latest.pictures, visibility, author)


def _text(thing: Thing) -> str | None:
    """Of shares and events an archive's text has more in it than their own words: not said here."""
    return None if thing.shares is not None or thing.form in {"event", "live", "story"} else thing.text


def _pictures(thing: Thing) -> tuple[Picture, ...]:
    if thing.form == "post":
        return tuple(one for part in thing.parts for one in part.latest.pictures if part.gone_at is None)
    return thing.latest.pictures


def visible(meta: MetaWorld, thing: Thing) -> bool:
    """Whether the page's token can ask for it by its id."""
    return thing.available(meta.now()) and not thing.unlisted and thing.owner.id not in meta.unpublished


def _roots(meta: MetaWorld, page: Person) -> Iterator[Thing]:
    for thing in meta.of(page, *_ROOTS):
        if not visible(meta, thing) or record_of(thing) is not thing or thing.facts.get("story"):
            continue
        yield thing


def _is_listed(thing: Thing) -> bool:
    """Drafts, and shares of what is gone, are on no list: known ones are asked for by their ids."""
    return thing.published


def listed(meta: MetaWorld, page: Person) -> Iterator[Thing]:
    """All that the page's lists give, and the comments below it."""
    for root in _roots(meta, page):
        if not _is_listed(root) or (root.shares is not None and not root.shares.available(meta.now())):
            continue
        yield root
        yield from _below(meta, root)


def _below(meta: MetaWorld, root: Thing) -> Iterator[Thing]:
    places = [root] + ([root.twin] if root.twin is not None else [])
    for place in places:
        for comment in below(place):
            if visible(meta, comment):
                yield comment


def optional(meta: MetaWorld, page: Person) -> Iterator[Thing]:
    """What an archive may hold as well: drafts with their threads, private messages."""
    for root in _roots(meta, page):
        yield root
        yield from _below(meta, root)
    yield from meta.of(page, "message")


RULES = Rules(told, listed, visible, optional)
