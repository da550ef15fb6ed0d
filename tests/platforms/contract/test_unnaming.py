"""Names of records taken out of all answers of all platforms: no byte of them is left, and all others are as before."""

from __future__ import annotations

import random

import pytest

from archiver.domain.expungement import Marks, taken
from archiver.domain.keys import Key
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
