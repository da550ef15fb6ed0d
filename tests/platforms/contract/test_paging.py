"""Listings: complete whatever the page size, and always at an end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from archiver.domain.exchange import RequestSpec
from archiver.domain.observation import GoneSeen
from archiver.domain.task import Covered, TaskKind
from tests.platforms.contract.server import Provided, Reply, Run, Spoil, carry_out, essence, label, within

EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 40])
def test_any_page_size_gives_the_same(provided: Provided, size: int) -> None:
    """What a task observes of its window does not depend on how many entries the server puts on a page."""
    for task in provided.tasks:
        whole = carry_out(provided, task)
        cut = carry_out(provided, task, page_size=size)
        assert cut.ended == whole.ended == "done", label(task)
        inside = [within(task, run.observations) for run in (cut, whole)]
        assert essence(inside[0]) == essence(inside[1]), label(task)
        assert [repr(f) for f in cut.findings] == [repr(f) for f in whole.findings], label(task)


def test_no_listing_by_itself_says_that_something_is_gone(provided: Provided) -> None:
    """Only confirmations may find that a record is gone, whatever else is left out of an answer."""
    for task in provided.tasks:
        if task.kind is not TaskKind.CONFIRM:
            gone = [seen for seen in carry_out(provided, task).observations if isinstance(seen, GoneSeen)]
            assert gone == [], label(task)


@pytest.mark.parametrize("fault", ["same page, same cursor", "same page, ever new cursors"])
def test_a_page_that_repeats_ends_the_listing(provided: Provided, fault: str) -> None:
    """A server that gives out its first page again and again keeps no task going, and completes no listing.

    What was listed until then may count, but not the whole window.
    """
    for task in provided.tasks:
        undisturbed = carry_out(provided, task, page_size=2)
        run = carry_out(provided, task, page_size=2, spoil=_REPEATS[fault]())
        if task.kind in {TaskKind.POLL, TaskKind.BACKFILL}:
            assert max(spec.page for spec in undisturbed.specs) > 1, "the world has more than two posts"
            assert _beginning(run) > _beginning(undisturbed), label(task)


def _beginning(run: Run) -> datetime:
    """From when on the posts are complete; never, if nothing says so."""
    starts = [found.from_at or EVER for found in run.findings if isinstance(found, Covered) and found.stream == "posts"]
    return min(starts, default=NEVER)


def _same_answers() -> Spoil:
    """Whatever is asked a second time, wherever the listing is, gets the first answer."""
    first: dict[str, Reply] = {}

    def spoil(_number: int, spec: RequestSpec, reply: Reply) -> Reply:
        return first.setdefault(_without_place(spec.url), reply)

    return spoil


def _same_answers_with_new_places() -> Spoil:
    """The same, with a cursor or link that was never there before."""
    same = _same_answers()

    def spoil(number: int, spec: RequestSpec, reply: Reply) -> Reply:
        answer = same(number, spec, reply)
        body = answer.body
        for name in (
            b'"cursor":"',
            b'"next_cursor":"',
            b'"after": "',
            b'"after":"',
            b'"nextPageToken": "',
            b'"next_token": "',
        ):
            before, found, after = body.partition(name)
            body = before + found + b"%d" % number + after if found else body
        headers = tuple(
            (key, value.replace("max_id=", f"max_id={number}")) if key.lower() == "link" else (key, value)
            for key, value in answer.headers
        )
        return Reply(answer.status, body, headers)

    return spoil


def _without_place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{urlencode([one for one in parse_qsl(parts.query) if one[0] not in _PLACE])}"


_PLACE = {"cursor", "max_id", "min_id", "since_id", "limit", "after", "until", "page", "__paging_token", "pageToken"}
_PLACE |= {"pagination_token", "next_token"}
_REPEATS: dict[str, Callable[[], Spoil]] = {
    "same page, same cursor": _same_answers,
    "same page, ever new cursors": _same_answers_with_new_places,
}
