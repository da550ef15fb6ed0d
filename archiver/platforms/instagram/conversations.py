"""Private messages, where the configuration asks for them: conversations that moved, and their newest messages.

Instagram gives the details of the newest twenty messages of a conversation only, so they are looked at with every poll.
"""

from __future__ import annotations

from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Covered, Finding, NotOffered, Shortfall, Step, Task
from archiver.platforms.instagram.answers import WORDS
from archiver.platforms.instagram.flavours import CONVERSATIONS, Flavour
from archiver.platforms.instagram.office import Office
from archiver.platforms.instagram.routes import Call, route_of
from archiver.platforms.meta.errors import error_of, words_for
from archiver.platforms.meta.fields import identifier, listed, moment
from archiver.platforms.meta.paging import covered, turn
from archiver.platforms.resuming import state_of

STREAM = "messages"
NEWEST = (
    "Instagram gives only the newest twenty messages of a conversation, and none of requests that were left alone for "
    "thirty days."
)
NO_PAGE_KNOWN = "Messages are read through the account's page, which this token does not name."
_PAGE_SIZE = 50


def start(office: Office, task: Task) -> list[RequestSpec]:
    """The first page of conversations; nothing where messages are not to be read."""
    whose = _whose(office)
    if not task.account.messages or whose is None:
        return []
    query = (("platform", "instagram"), ("limit", str(_PAGE_SIZE)))
    return [office.desk.ask(f"{whose}/conversations", CONVERSATIONS, query, stream=STREAM)]


def missing(office: Office, task: Task) -> list[Finding]:
    """What can't be read of them from the start."""
    if not task.account.messages:
        return []
    return [NotOffered("older messages", NEWEST)] if _whose(office) else [NotOffered(STREAM, NO_PAGE_KNOWN)]


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """The messages of what moved since the window began; then the next page, or the end."""
    rest, state = list(step.rest().requests), state_of(step)
    call, error = route_of(exchange.url).call, error_of(exchange)
    if error is not None:
        if call is Call.CONVERSATION:
            state[STREAM] = {**state.get(STREAM, {}), "refused": words_for(error, WORDS)}
            return _go_on(office, task, rest, state)
        found = Shortfall(STREAM, task.since, task.started_at, words_for(error, WORDS))
        return office.step(rest, state, findings=[found])
    if call is Call.CONVERSATION:
        return _go_on(office, task, rest, state)
    entries = [one for _, one in listed(exchange)]
    moved = [
        (native_id, moment(one.get("updated_time"))) for one in entries if (native_id := identifier(one.get("id")))
    ]
    page = turn(exchange, [one for one, _ in moved], [at for _, at in moved], task.since, _listing(state))
    state[STREAM] = {**state.get(STREAM, {}), **page.state, "over": page.place is None}
    due = [one for one, at in moved if task.since is None or at is None or at >= task.since]
    asked = [office.desk.ask(one, office.lists.conversation, stream=STREAM) for one in due]
    if page.place is not None:
        asked.append(office.desk.next(
            exchange, page.place, fields=CONVERSATIONS, most=_PAGE_SIZE, stream=STREAM, page=page.number
        ))  # fmt: skip
    return _go_on(office, task, [*rest, *asked], state)


def _go_on(office: Office, task: Task, asked: list[RequestSpec], state: dict[str, Any]) -> Step:
    found: list[Finding] = []
    left = any(spec.stream == STREAM for spec in asked)
    if not left:
        known = state.get(STREAM, {})
        if known.get("refused"):
            found = [Shortfall(STREAM, task.since, task.started_at, str(known["refused"]))]
        else:
            found = [one if isinstance(one, Shortfall) else Covered(STREAM, task.since, task.started_at, absence=False)
                     for one in covered(task, STREAM, _listing(state))]  # fmt: skip
    return office.step(asked, state, findings=found)


def _listing(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.get(STREAM, {}).items() if name in {"progress", "oldest", "short"}}


def _whose(office: Office) -> str | None:
    """Whose conversations are listed: the page's, with Facebook's login; one's own with Instagram's."""
    return "me" if office.who.flavour is Flavour.INSTAGRAM else office.who.page
