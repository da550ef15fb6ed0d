"""Names of records taken out of all answers of all platforms: no byte of them is left, and all others are as before."""

from __future__ import annotations

import random

import pytest

from archiver.domain.expungement import TELLING, Marks, taken
from archiver.domain.item import Form
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.platforms.cutting import Gone, cut, with_body
from archiver.platforms.registry import platforms
from archiver.platforms.unnaming import unnamed, without_names_around
from archiver.services.disposal.expunging import new_mark
from tests.platforms.contract.test_cutting import World, world

RECORDS = 2
LEAST = 4
"""The ids of the small worlds are shorter than those of platforms."""


def chosen(every: World) -> list[tuple[Key, set[str]]]:
    """Some records whose names can be told from others'."""
    keys = sorted(every.words.keys() - every.profiles)
    found = []
    for key in random.Random(7).sample(keys, len(keys)):
        names = every.names.get(key, set())
        marks = Marks.of({key: names}, new_mark)
        others = [[one, *every.names.get(one, ())] for one in keys if one != key and one not in names]
        if marks.least >= LEAST and not list(taken(marks, others)):
            found.append((key, names))
    return found[:RECORDS]


@pytest.mark.parametrize("platform", platforms())
def test_no_name_is_left_in_any_answer(platform: str) -> None:
    """What is read afterwards names a mark where it named the record, and is else what it was."""
    every = world(platform)
    for key, names in chosen(every):
        marks, gone = Marks.of({key: names}, new_mark), Gone.of({key: names})
        named = 0
        for adapter, exchange in every.answers:
            if not marks.in_data(exchange.body):
                assert unnamed(adapter, exchange, marks, gone) is exchange.body
                continue
            made = cut(adapter, exchange, gone)
            if made.refused or made.kept_within:
                continue
            named += 1
            before = with_body(exchange, made.body)
            body = unnamed(adapter, before, marks, gone)
            assert body is not None, (key, exchange.url)
            assert not marks.in_data(body)
            assert key.encode() not in body
            after = without_names_around(with_body(before, body), marks)
            assert not marks.in_text(after.url)
            assert unnamed(adapter, after, marks, gone) == body
            assert len(list(adapter.read(after))) == len(list(adapter.read(before)))
            assert (body == made.body) == (not marks.in_data(made.body))
        assert named, key


def residents(every: World) -> dict[str, set[str]]:
    """How those who are no account of the archive are called, by their number.

    Not what could be another word, or is a part of their records' ids.
    """
    found: dict[str, set[str]] = {}
    own: set[str] = set()
    for adapter, exchange in every.answers:
        for seen in adapter.read(exchange):
            if isinstance(seen, ItemSeen) and seen.author is not None:
                author = seen.author
                told = {author.native_id.removeprefix("@"), author.handle or "", author.display_name or ""}
                telling = {
                    name for name in told if len(name) >= TELLING and not any(name in key for key in every.words)
                }
                found.setdefault(author.native_id, set()).update(telling)
                own |= told if seen.form is Form.PROFILE else set()
    return {number: names for number, names in found.items() if names and names.isdisjoint(own)}


@pytest.mark.parametrize("platform", [one for one in platforms() if one != "feed"])
def test_a_residents_names_go_from_any_answer(platform: str) -> None:
    """And what is read of it is what was read before, with a mark where a name was; a feed has no residents."""
    every = world(platform)
    people, named = residents(every), 0
    for names in people.values():
        marks = Marks.of_people(names, new_mark)
        for adapter, exchange in every.answers:
            if marks.in_data(exchange.body):
                named += 1
                body = unnamed(adapter, exchange, marks, Gone.of({}))
                assert body is not None, (names, exchange.url)
                assert not any(name.encode() in body for name in names)
    assert named, people
