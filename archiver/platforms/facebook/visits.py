"""The page itself; once a day, and what Facebook does not give at all."""

from __future__ import annotations

from archiver.domain.exchange import Exchange
from archiver.domain.task import Finding, NotOffered, Step, Task
from archiver.platforms.facebook.asked import PAGE
from archiver.platforms.facebook.ids import Names
from archiver.platforms.meta.requests import Desk
from archiver.platforms.meta.version import complaint
from archiver.platforms.resuming import state_of

STREAM = "profile"
NO_HISTORY = (
    "Facebook keeps no history of edits for others to read. What was changed twice between two visits shows the last "
    "text only, unless events are pushed (`archiver listen`)."
)
NO_NAMES = "Facebook often leaves out who wrote a comment, and never tells who hid or removed it."
NO_EXPIRED = "Expired posts, and shared posts whose original is no longer visible, leave the lists and can't be read."


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The page by its id, so that a new name is noticed; by its handle as long as the id is not known."""
    native_id = task.account.native_id
    page = names.person_id(native_id) if native_id is not None else names.handle
    never: list[Finding] = [
        NotOffered("edit history", NO_HISTORY),
        NotOffered("names", NO_NAMES),
        NotOffered("expired posts", NO_EXPIRED),
    ]
    return desk.step([desk.ask(page, PAGE, stream=STREAM)], findings=never)


def proceed(desk: Desk, _names: Names, _task: Task, step: Step, exchange: Exchange) -> Step:
    """The end, with a complaint about the version where there is one."""
    wrong = complaint(desk.version, exchange)
    findings = [NotOffered(f"api version {desk.version}", wrong)] if wrong else []
    return desk.step(step.rest().requests, state_of(step), findings=findings)
