"""The account's profile, once a day, with what Instagram never gives and the version of its API that answered."""

from __future__ import annotations

from archiver.domain.exchange import Exchange
from archiver.domain.task import Finding, NotOffered, Step, Task
from archiver.platforms.instagram.listings import profile
from archiver.platforms.instagram.office import Office
from archiver.platforms.meta.version import complaint
from archiver.platforms.resuming import state_of

STREAM = "profile"
NEVER: tuple[Finding, ...] = (
    NotOffered(
        "unlisted comments",
        "Instagram does not list comments of restricted accounts until they are approved, of accounts that blocked the "
        "city or were switched off, below advertisements, and of a broadcast once it is over. It counts some of them.",
    ),
    NotOffered("story highlights", "Instagram gives stories for 24 hours only; highlights can't be read."),
    NotOffered("edit histories", "Instagram keeps none: an edit shows where two captures differ."),
)


def start(office: Office, _task: Task) -> Step:
    """The account itself, by its id, so that a new name is noticed."""
    return office.step([profile(office, STREAM)], findings=NEVER)


def proceed(office: Office, _task: Task, step: Step, exchange: Exchange) -> Step:
    """Done, with a word about the version where there is one to say."""
    said = complaint(office.desk.version, exchange)
    found = [NotOffered("API version", said)] if said else []
    return office.step(step.rest().requests, state_of(step), findings=found)
