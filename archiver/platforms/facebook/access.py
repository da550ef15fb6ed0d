"""What the page's token may do, and what is not captured without what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archiver.domain.access import AccessSeen
from archiver.domain.exchange import Exchange
from archiver.domain.task import Finding, NotOffered, Step, Task
from archiver.platforms.facebook.ids import Names
from archiver.platforms.meta.access import access_of, debug_token
from archiver.platforms.meta.errors import error_of, words_for
from archiver.platforms.meta.requests import Desk, version_of
from archiver.platforms.meta.version import complaint

WANTED = (
    ("pages_show_list", "the page in the list of what the token reaches"),
    ("pages_read_engagement", "the page itself, its posts, photos, videos, events, and who tags it"),
    ("pages_read_user_content", "comments, visitors' posts and reviews"),
)
_PERSONAL = (
    "This is a person's token: Facebook lists no comments for it. Connect the account with the page's token "
    "(`archiver account connect`)."
)


def start(desk: Desk, _names: Names, task: Task) -> Step:
    """The question about the token."""
    return desk.step([debug_token(desk, task.account)])


def proceed(_desk: Desk, _names: Names, _task: Task, _step: Step, exchange: Exchange) -> Step:
    """The end. What went wrong with the question itself is no gap in the records."""
    error = error_of(exchange)
    if error is None:
        return Step()
    reason = f"What the token may do can't be told; are app_id and app_secret right? {words_for(error)}"
    never: list[Finding] = [NotOffered("access", reason)]
    return Step(findings=tuple(never))


def read(exchange: Exchange) -> Iterator[AccessSeen]:
    """What the answer tells of the token."""
    if error_of(exchange) is not None or not exchange.ok:
        return
    seen = access_of(exchange, WANTED, extra=complaint(version_of(exchange.url), exchange) or "")
    if seen is not None:
        words = [seen.detail, _PERSONAL if seen.kind == "user" else ""]
        yield replace(seen, detail=" ".join(one for one in words if one))
