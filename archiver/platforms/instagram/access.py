"""What becomes of the token: looked at daily, and renewed weekly where Instagram itself made it.

A token made with Instagram's login lives for sixty days and can be renewed by itself once it is a day old; one that was
not renewed in time is dead. One of a page or system user is looked at only: there is nothing to renew.
"""

from __future__ import annotations

from collections.abc import Iterator

from archiver.domain.access import AccessSeen, renewal_due
from archiver.domain.exchange import Exchange
from archiver.domain.task import Step, Task, TaskKind
from archiver.platforms.instagram.flavours import Flavour
from archiver.platforms.instagram.office import Office
from archiver.platforms.instagram.routes import Call, route_of
from archiver.platforms.meta.access import DEBUG_TOKEN, REFRESH, access_of, debug_token, renewal, renewed
from archiver.platforms.meta.errors import Fault, error_of, words_for
from archiver.platforms.meta.requests import path_of
from archiver.platforms.resuming import state_of

GRANT_TYPE = "ig_refresh_token"

OF_FACEBOOK = (
    ("instagram_basic", "the profile, posts and stories"),
    ("instagram_manage_comments", "comments, the names of those who write them, and mentions elsewhere"),
    ("pages_show_list", "finding the Instagram account through its page"),
    ("pages_read_engagement", "finding the Instagram account through its page"),
)
OF_INSTAGRAM = (
    ("instagram_business_basic", "the profile, posts and stories"),
    ("instagram_business_manage_comments", "comments, and the names of those who write them"),
)
"""The scopes that are needed, and what each is for."""


def start(office: Office, task: Task) -> Step:
    """Looked into by Facebook's tool; renewed where Instagram made it, which has just answered to it."""
    if office.who.flavour is Flavour.FACEBOOK:
        return office.step([debug_token(office.desk, task.account)])
    due = task.renewable and renewal_due(task.access, task.started_at)
    return office.step([renewal(office.desk, GRANT_TYPE)] if due else [])


def proceed(office: Office, _task: Task, step: Step, _exchange: Exchange) -> Step:
    """Done. A renewal that was refused says nothing of the token, which may be too young."""
    return office.step(step.rest().requests, state_of(step))


def is_renewal(url: str) -> bool:
    """Whether it is the call that brings a new token."""
    return _call(url) == REFRESH


def told(exchange: Exchange) -> Iterator[AccessSeen]:
    """What an answer tells of the token."""
    if exchange.task_kind != TaskKind.ACCESS:
        return
    error = error_of(exchange)
    if error is not None:
        if error.fault is Fault.TOKEN and route_of(exchange.url).call is not Call.PROFILE:
            yield AccessSeen("user", valid=False, detail=words_for(error))
    elif _call(exchange.url) == DEBUG_TOKEN:
        seen = access_of(exchange, OF_FACEBOOK)
        if seen is not None:
            yield seen
    elif is_renewal(exchange.url):
        seen = renewed(exchange, OF_INSTAGRAM)
        if seen is not None:
            yield seen
    elif exchange.ok and route_of(exchange.url).call is Call.PROFILE:
        yield AccessSeen("user", valid=True)


def _call(url: str) -> str:
    return path_of(url).rstrip("/").rpartition("/")[2]
