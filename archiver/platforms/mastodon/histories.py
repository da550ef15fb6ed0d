"""The edit history that the server keeps of a status (Mastodon 3.5 and later)."""

from __future__ import annotations

from archiver.domain.exchange import Exchange
from archiver.domain.task import FollowUp, NotOffered, Step, Task, TaskKind
from archiver.platforms.mastodon.answers import is_page
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.mastodon.requests import Desk
from archiver.platforms.mastodon.routes import Call

STREAM = "edits"
NO_CALL = "This server keeps no edit history; versions are those that were captured as they stood."


def start(desk: Desk, names: Names, task: Task) -> Step:
    """One call a record."""
    return desk.step([desk.ask(Call.HISTORY, names.native(key), stream=STREAM) for key in task.subjects])


def proceed(desk: Desk, _names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """A 404 may be the record's (then a confirmation tells), or of a server that has no histories (a web page)."""
    rest = step.rest().requests
    if exchange.ok and not is_page(exchange):
        return desk.step(rest)
    if exchange.status in {404, 410} and not is_page(exchange):
        return desk.step(rest, follow_ups=[FollowUp(TaskKind.CONFIRM, key) for key in task.subjects])
    return desk.step(rest, findings=[NotOffered(STREAM, NO_CALL)])
