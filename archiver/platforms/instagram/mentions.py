"""Media of others in which the account is tagged. Mentions in words are in no listing: only events tell of them."""

from __future__ import annotations

from archiver.domain.exchange import Exchange
from archiver.domain.task import Covered, Finding, NotOffered, Shortfall, Step, Task
from archiver.platforms.instagram.answers import WORDS
from archiver.platforms.instagram.listings import turned
from archiver.platforms.instagram.office import Office
from archiver.platforms.meta.errors import Fault, error_of, words_for
from archiver.platforms.meta.paging import covered
from archiver.platforms.resuming import state_of

STREAM = "mentions"
PAGE_SIZE = 50
UNLISTED = (
    "Instagram lists no captions and comments of others that name the account with @. They are captured as events "
    "while `archiver listen` runs, with the login through a page; mentions in stories never are."
)
NO_TAGS = "Instagram does not list where the account is tagged to this token."


def start(office: Office, _task: Task) -> Step:
    """The first page."""
    query = (("limit", str(PAGE_SIZE)),)
    asked = office.desk.ask(f"{office.who.user_id}/tags", office.lists.tagged, query, stream=STREAM)
    return office.step([asked], findings=[NotOffered("mentions in words", UNLISTED)])


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """The next page, or the end. What is not listed any more was untagged, hidden or deleted: nothing tells which."""
    error = error_of(exchange)
    if error is not None:
        reason = words_for(error, WORDS)
        lasting = error.fault in {Fault.REMOVED, Fault.PARAMETER, Fault.MISSING}
        found: Finding = NotOffered(STREAM, f"{NO_TAGS} {reason}")
        return Step(findings=(found if lasting else Shortfall(STREAM, task.since, task.started_at, reason),))
    state = state_of(step)
    page = turned(exchange, task.since, state.get("tags", {}))
    state["tags"] = page.state
    if page.place is not None:
        following = office.desk.next(
            exchange, page.place, fields=office.lists.tagged, most=PAGE_SIZE, stream=STREAM, page=page.number
        )
        return office.step([following], state)
    found_all = [_no_proof(one) for one in covered(task, STREAM, page.state)]
    return office.step([], findings=found_all)


def _no_proof(found: Finding) -> Finding:
    if isinstance(found, Covered):
        return Covered(found.stream, found.from_at, found.until_at, found.scope, absence=False)
    return found
