"""Records taken out of any answer of any platform: gone with their words, and all others as they were."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.domain.exchange import Exchange
from archiver.domain.item import Body, Form
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, ItemSeen, Observation, PastSeen, StateSeen
from archiver.platforms.adapter import Adapter
from archiver.platforms.cutting import Gone, cut, with_body
from archiver.platforms.registry import adapter_for, platforms
from tests.platforms.contract.test_faults import _recorded


@dataclass
class World:
    """All answers of a platform's small world, and what they say of each record.

    ``names`` are those of one record under each of them: a photo may be all of a post, and have its names, too.
    """

    answers: list[tuple[Adapter, Exchange]] = field(default_factory=list)
    names: dict[str, set[str]] = field(default_factory=dict)
    words: dict[Key, set[str]] = field(default_factory=dict)
    profiles: set[Key] = field(default_factory=set)


_WORLDS: dict[str, World] = {}


def world(platform: str) -> World:
    """A platform's world, made once."""
    if platform not in _WORLDS:
        made = _WORLDS[platform] = World()
        for task, run in _recorded(platform):
            adapter = adapter_for(task.account)
            for exchange in run.exchanges:
                made.answers.append((adapter, exchange))
                for seen in adapter.read(exchange):
                    if isinstance(seen, ItemSeen):
                        same: set[str] = {seen.key, *seen.aliases}
                        same.update(*(made.names.get(name, ()) for name in list(same)))
                        made.names.update(dict.fromkeys(same, same))
                        if seen.form is Form.PROFILE:
                            made.profiles.add(seen.key)
                    for key, body in bodies(seen):
                        made.words.setdefault(key, set()).update(words_of(body))
    return _WORLDS[platform]


def bodies(seen: Observation) -> Iterator[tuple[Key, Body]]:
    """The bodies that an observation shows."""
    if isinstance(seen, ItemSeen):
        yield seen.key, seen.body
    elif isinstance(seen, PastSeen):
        yield from ((seen.key, version.body) for version in seen.versions)


def words_of(body: Body) -> Iterator[str]:
    """The words of a body that can be told from others."""
    alt = (one.alt_text for one in body.attachments or ())
    poll = (option.title for option in (body.poll.options if body.poll else ()))
    every = (body.text, body.title, body.markup, body.content_warning, *alt, *poll)
    yield from (one.strip() for one in every if one and len(one.strip()) > 3)


def survivors(adapter: Adapter, exchange: Exchange, gone: set[str]) -> list[Observation]:
    """What is read of an answer but for records that go, under any of their names."""
    about = (ItemSeen, PastSeen, GoneSeen, StateSeen)
    found = []
    for seen in adapter.read(exchange):
        names = {seen.key} if isinstance(seen, about) else set()
        if gone.isdisjoint(names.union(seen.aliases) if isinstance(seen, ItemSeen) else names):
            found.append(seen)
    return found


def texts(body: bytes) -> list[str]:
    """All texts of a body, whatever escapes they are written with."""
    try:
        document = json.loads(body)
    except ValueError:
        return [html.unescape(body.decode("utf-8"))]
    found: list[str] = []
    rest: list[Any] = [document]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict | list):
            rest += one.values() if isinstance(one, dict) else one
    return found


@pytest.mark.parametrize("platform", platforms())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_records_can_be_taken_out_of_any_answer(platform: str, data: st.DataObject) -> None:
    """What is read afterwards is what was read before but for them, to the last pointer; none of their words is left."""
    every = world(platform)
    adapter, exchange = every.answers[data.draw(st.integers(0, len(every.answers) - 1), label="answer")]
    candidates = sorted(every.words.keys() - every.profiles)
    drawn = data.draw(st.lists(st.sampled_from(candidates), unique=True, min_size=1), label="gone")
    gone = {name for key in drawn for name in (key, *every.names.get(key, ()))}
    made = cut(adapter, exchange, Gone.of({key: every.names.get(key, set()) for key in drawn}))
    assert not made.refused
    after = with_body(exchange, made.body)
    again = cut(adapter, after, Gone.of({key: every.names.get(key, set()) for key in drawn}))
    assert (again.body, again.removed, again.refused) == (made.body, 0, "")
    assert survivors(adapter, after, gone) == survivors(adapter, exchange, gone)
    assert adapter.judge(after) == adapter.judge(exchange)
    kept = {name for key in made.kept_within for name in (key, *every.names.get(key, ()))}
    staying = {word for key, words in every.words.items() if key not in gone - kept for word in words}
    left = texts(made.body)
    for key in gone - kept:
        for word in every.words.get(Key(key), ()):
            if not any(word in other for other in staying):
                assert not any(word in text for text in left), key


@pytest.mark.parametrize("platform", platforms())
def test_all_records_of_an_answer_can_go(platform: str) -> None:
    """Each answer by itself, with all that it shows: not one is refused, and those without any stay the same bytes."""
    every = world(platform)
    for adapter, exchange in every.answers:
        shown = {key for seen in adapter.read(exchange) for key, _ in bodies(seen)}
        made = cut(adapter, exchange, Gone.of({key: every.names.get(key, set()) for key in shown}))
        assert not made.refused, exchange.url
        assert bool(made.removed or made.kept_within) or not (shown - every.profiles), exchange.url
        if not shown:
            assert made.body == exchange.body
