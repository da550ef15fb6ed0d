"""Authors, and whom a text names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Person
from archiver.platforms.facebook.ids import Names
from archiver.platforms.meta.fields import identifier, mapping, objects, text


def person_of(names: Names, value: Any) -> Person | None:
    """Somebody as shown now; None where the platform does not say who (people's comments often come without)."""
    who = mapping(value)
    native_id = identifier(who.get("id"))
    if native_id is None:
        return None
    picture = mapping(mapping(who.get("picture")).get("data"))
    return Person(
        names.person(native_id),
        handle=text(who.get("username")),
        display_name=text(who.get("name")),
        avatar=text(picture.get("url")),
    )


def tagged(names: Names, value: Any) -> frozenset[str]:
    """The people and pages of ``message_tags``: a list, or in old answers an object keyed by offset."""
    return frozenset(names.person(one) for tag in _tags(value) if (one := identifier(tag.get("id"))))


def _tags(value: Any) -> Iterator[Mapping[str, Any]]:
    lists = value.values() if isinstance(value, dict) else [value]
    for one in lists:
        yield from (tag for _, tag in objects(one))
