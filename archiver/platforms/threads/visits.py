"""The account's profile, once a day; and what Threads does not give at all."""

from __future__ import annotations

from archiver.domain.exchange import Exchange
from archiver.domain.task import NotOffered, Shortfall, Step, Task
from archiver.platforms.meta.requests import Desk
from archiver.platforms.meta.version import complaint
from archiver.platforms.threads import whose
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.wanted import PROFILE

STREAM = "profile"
NEVER = (
    NotOffered(
        "edit history", "Threads keeps no versions and marks no edit. Versions are what was captured as it stood."
    ),
    NotOffered("reposted content", "Threads names the post that was reposted or quoted, and does not show its words."),
    NotOffered("quotes", "Threads does not list who quoted or reposted the account's posts."),
    NotOffered("reactions", "Threads does not tell who liked a post, nor how many did, but in the owner's statistics."),
    NotOffered(
        "removed answers of others", "Threads does not tell when others remove their answers; it is noticed later."
    ),
)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The account by its id, so that a new name is noticed; by its token as long as the id is not known."""
    node = whose.node_of(names, task) or "me"
    return desk.step([desk.ask(node, PROFILE, stream=STREAM)], {}, findings=NEVER)


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """Whether it is the account's token."""
    if mended := desk.mended(step, exchange):
        return mended
    if whose.told(names, task, exchange) is None:
        return desk.step([], findings=[whose.another(names, task, exchange, STREAM)])
    wrong = complaint(desk.version, exchange)
    found = [Shortfall(STREAM, task.since, task.started_at, wrong)] if wrong else []
    return desk.step([], findings=found)
