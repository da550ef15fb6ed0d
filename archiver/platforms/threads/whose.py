"""Whose token it is, before anything is asked with it: a colleague's would show the colleague's posts."""

from __future__ import annotations

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Shortfall, Task
from archiver.platforms.meta.fields import document, identifier, text
from archiver.platforms.meta.requests import Desk
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.wanted import IDENTITY

STREAM = "profile"


def node_of(names: Names, task: Task) -> str | None:
    """The account's id as the API takes it; None as long as nobody knows it."""
    native_id = task.account.native_id
    return native_id.removeprefix(names.space) if native_id is not None else None


def ask(desk: Desk, names: Names, task: Task) -> RequestSpec:
    """The account's id, by the token."""
    return desk.ask(node_of(names, task) or "me", IDENTITY, stream=STREAM)


def told(names: Names, task: Task, exchange: Exchange) -> str | None:
    """The account's id out of the answer; None when the token is another account's."""
    answer = document(exchange)
    native_id, username = identifier(answer.get("id")), text(answer.get("username"))
    known = node_of(names, task)
    fits = native_id == known if known is not None else names.is_own(username, native_id)
    return native_id if fits else None


def another(names: Names, task: Task, exchange: Exchange, stream: str) -> Shortfall:
    """What is missing while the token is another account's."""
    whose = text(document(exchange).get("username")) or "another account"
    reason = f"The token belongs to @{whose}, not to @{names.handle}. Set a token of @{names.handle}."
    return Shortfall(stream, task.since, task.started_at, reason)
