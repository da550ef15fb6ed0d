"""Taking the names of expunged records out of answers that show others (records rule R35). Pure.

What stays is read again, and must show of all other records what it showed before, but that a mark stands in each
place where an expunged record was named.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.expungement import Marks
from archiver.domain.observation import ItemSeen, Observation
from archiver.errors import ShapeChanged
from archiver.platforms.adapter import Adapter
from archiver.platforms.cutting import PUSH, Gone, body_of, pointers_in, with_body
from archiver.platforms.splicing import NoDocument, decoded, with_values

NAMED = "the other records of the answer could not be read as before without the record's name"
"""Why an answer is left as it is."""


def unnamed(adapter: Adapter, exchange: Exchange, marks: Marks, gone: Gone) -> bytes | None:
    """The body that shows records, without the names; None where the others could not be read as before."""
    body = body_of(exchange)
    if not marks.in_data(body):
        return body
    new = marks.data(_without_numbers(body, marks))
    after = without_names_around(with_body(exchange, new), marks)
    before = [_unbound(one, marks) for one in marks.value(_seen(adapter, exchange, gone))]
    same = before == [_unbound(one, marks) for one in _seen(adapter, after, Gone.of(marks.called))]
    judged = exchange.stream == PUSH or adapter.judge(exchange) == adapter.judge(after)
    return new if same and judged and not marks.in_data(new) else None


def without_names_around(exchange: Exchange, marks: Marks) -> Exchange:
    """An exchange as it will be read: what it says beside its body has no name."""
    return replace(
        exchange, url=marks.text(exchange.url), headers=marks.value(exchange.headers),
        subject=marks.value(exchange.subject), note=marks.text(exchange.note),
    )  # fmt: skip


def is_named_around(exchange: Exchange, marks: Marks) -> bool:
    """Whether the head of the answer says a name, such as the address of its next page."""
    return any(marks.in_text(value) for _, value in exchange.headers)


def _seen(adapter: Adapter, exchange: Exchange, gone: Gone) -> list[Observation]:
    try:
        return [one for one in adapter.read(exchange) if gone.of_observation(one) is None]
    except ShapeChanged:
        return []


def _unbound(seen: Observation, marks: Marks) -> Observation:
    """Who wrote what is expunged is not to be read of those who answered it: Bluesky's ids have it in them."""
    if not isinstance(seen, ItemSeen):
        return seen
    parent = None if seen.parent in marks.called else seen.parent_author
    thread = None if seen.thread in marks.called else seen.thread_author
    return replace(seen, parent_author=parent, thread_author=thread)


def _without_numbers(body: bytes, marks: Marks) -> bytes:
    """Ids that stand there as numbers become texts: a mark is none."""
    try:
        document: Any = json.loads(decoded(body)[0])
    except (NoDocument, ValueError, RecursionError):
        return body
    numbers = {
        at: marks.text(str(one))
        for at, one in pointers_in(document)
        if isinstance(one, int) and not isinstance(one, bool) and marks.in_text(str(one))
    }
    return with_values(body, numbers) if numbers else body
