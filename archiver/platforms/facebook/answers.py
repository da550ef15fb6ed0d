"""What Facebook's answers mean for the loop.

A call that may be refused by itself (an edge that needs one more permission, an object that is not visible) is an
answer, which the task takes care of. What the page cannot be read without ends the account's round.
"""

from __future__ import annotations

from dataclasses import replace

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.task import Meaning, Verdict
from archiver.platforms.facebook.routes import Call, route_of
from archiver.platforms.meta import errors
from archiver.platforms.meta.errors import ALONE, BEARABLE, Fault, error_of

USAGE = frozenset({"pages", "messenger"})
NO_PAGE = (
    "The page can't be read: it was deleted or unpublished, or the token may not see it any more. Look at the page, "
    "then at the token (`archiver check`)."
)
WRONG_PAGE = "There is no page of this name or id. Put the page's id into `handle`."

_OF_PAGE = frozenset({Call.PAGE, Call.PROBE})
_ESSENTIAL = _OF_PAGE | {Call.PUBLISHED_POSTS}


def judge(exchange: Exchange) -> Verdict:
    """The verdict on an answer."""
    route = route_of(exchange.url)
    call = route.call if route else None
    bearable = BEARABLE | {Fault.PARAMETER} if call in _ESSENTIAL else ALONE
    if call is Call.DEBUG_TOKEN:
        bearable = frozenset(Fault) - {Fault.LIMIT, Fault.PASSING}
    verdict = errors.judge(exchange, bearable=bearable, usage_types=USAGE)
    if exchange.purpose is Purpose.MEDIA or verdict.meaning is not Meaning.PROCEED or call not in _OF_PAGE:
        return verdict
    error = error_of(exchange)
    if error is None or error.fault in {Fault.FIELD, Fault.HEAVY}:
        return verdict
    words = WRONG_PAGE if error.code == 803 else NO_PAGE
    return replace(verdict, meaning=Meaning.ACCESS_LOST, detail=f"{words} ({error.basis})")
