"""Comments that wait for the owner's review, of all videos at once: held ones, and what YouTube takes for spam.

Only the owner sees these lists, and YouTube keeps a comment in them for sixty days at most; one that the owner rejects
leaves them for good. So they are read daily.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Finding, Shortfall, Task
from archiver.platforms.youtube.answers import words_for
from archiver.platforms.youtube.comments import thread_of
from archiver.platforms.youtube.errors import error_of
from archiver.platforms.youtube.fields import entries
from archiver.platforms.youtube.office import Office
from archiver.platforms.youtube.paging import Page, turn
from archiver.platforms.youtube.routes import Call, Route

STREAM = "comments"
TRACKS: Mapping[str, str] = {"heldForReview": "held comments", "likelySpam": "comments taken for spam"}
"""The lists, each with the track of the coverage ledger that tells whether it could be read."""


def questions(office: Office) -> list[RequestSpec]:
    """Both lists from their beginning; none where the credential is not the owner's."""
    if not office.owner or office.channel is None:
        return []
    return [
        office.desk.ask(
            Call.THREADS, ("allThreadsRelatedToChannelId", office.channel), ("moderationStatus", status),
            ("textFormat", "plainText"), stream=STREAM,
        )
        for status in TRACKS
    ]  # fmt: skip


def queue_of(route: Route | None) -> str | None:
    """Which of these lists a call reads; None for any other call."""
    status = route.value("moderationStatus") if route is not None and route.call is Call.THREADS else None
    return status if status in TRACKS else None


def held_in(exchange: Exchange) -> list[str]:
    """The ids of the comments on a page, answers that came along included."""
    if error_of(exchange) is not None:
        return []
    found = [thread for _, one in entries(exchange) if (thread := thread_of(one)) is not None]
    return [native_id for thread in found for native_id in (thread.id, *thread.inlined)]


def turned(exchange: Exchange, state: dict[str, Any]) -> Page:
    """What follows a page; after a refusal nothing, and then the list was not read."""
    error = error_of(exchange)
    if error is not None:
        return Page(None, {"short": words_for(error)})
    return turn(exchange, held_in(exchange), state)


def result(task: Task, status: str, state: dict[str, Any]) -> Finding:
    """Whether a list was read to its end."""
    short = state.get("short")
    if short is None:
        return Covered(TRACKS[status], None, task.started_at, absence=False)
    return Shortfall(TRACKS[status], None, task.started_at, f"The list of {TRACKS[status]} can't be read: {short}")
