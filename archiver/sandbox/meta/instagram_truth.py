"""What a perfect archive holds of an Instagram account, read with its own token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.instagram_comments import above, below
from archiver.sandbox.meta.instagram_media import kind_of
from archiver.sandbox.meta.instagram_profiles import OWN, cover
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.truth import Rules, Told
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person

_KINDS = {"story": "story", "live": "story", "tagged": "mention", "mention": "mention", "remark": "mention"}


def told(thing: Thing) -> Told:
    """A thing as a record."""
    if thing.form == "comment":
        return _comment(thing)
    if thing.form == "message":
        conversation = thing.whole or thing
        return Told(
            "message", (thing.id,), None, conversation, thing.text, thing.latest.pictures, "private", thing.author.id
        )
    parent = thing.parent if thing.form == "remark" else None
    return Told(
        _KINDS.get(thing.form, "post"),
        (thing.id,),
        parent,
        thing.top,
        thing.text,
        files(thing),
        author_id=_author(thing),
    )


def _comment(comment: Thing) -> Told:
    kind = "comment" if comment.parent is comment.top else "reply"
    if comment.top.form == "live":
        kind = "chat"
    return Told(kind, (comment.id,), comment.parent, comment.top, comment.text, (), author_id=_author(comment))


def _author(thing: Thing) -> str:
    """Media of others tell a name alone, and stand for it; nobody is told of some comments."""
    if thing.form in {"tagged", "mention", "remark"}:
        return f"@{thing.author.handle}"
    return "" if thing.nameless and thing.author is not thing.owner else thing.author.id


def files(medium: Thing) -> tuple[Picture, ...]:
    """The files in the order of an archive: as published, then the covers of films; only a lone picture has a text.

    A file that the platform does not give out has no digest.
    """
    shown = medium.latest.pictures
    if medium.form == "live":
        return ()
    if medium.form in {"tagged", "mention"}:
        return tuple(replace(one, alt=None) for one in shown[:1])
    if kind_of(medium) != "IMAGE":
        shown = tuple(replace(one, alt=None) for one in shown)
    if medium.facts.get("withheld"):
        shown = tuple(replace(one, sha256="") for one in shown)
    return shown + tuple(cover(one) for one in medium.latest.pictures if one.kind == "video")


def visible(meta: MetaWorld, thing: Thing) -> bool:
    """Whether the account's token can ask for it by its id."""
    if thing.form in {"tagged", "mention", "remark"}:
        return thing.available(meta.now())
    held = thing.unlisted or any(one.unlisted for one in above(thing))
    return thing.owner.active and thing.available(meta.now()) and not held


def listed(meta: MetaWorld, person: Person) -> Iterator[Thing]:
    """All that the account's lists give, and the comments below it."""
    for medium in meta.of(person, *OWN, "story", "live"):
        if visible(meta, medium):
            yield medium
            yield from (one for one in below(medium) if visible(meta, one))
    yield from (one for one in meta.of(person, "tagged") if visible(meta, one))


def optional(meta: MetaWorld, person: Person) -> Iterator[Thing]:
    """What an archive may hold as well: what only an event tells of, and private messages."""
    for one in meta.of(person, "mention", "remark"):
        if visible(meta, one):
            yield one
    yield from meta.of(person, "message")


RULES = Rules(told, listed, visible, optional)
