"""What an answer means: the table that Meta's platforms share, and which calls may be refused by themselves."""

from __future__ import annotations

from archiver.domain.exchange import Exchange
from archiver.domain.task import Meaning, Verdict
from archiver.platforms.meta.errors import ALONE, BEARABLE, Fault, error_of, judge, words_for
from archiver.platforms.meta.fieldlists import asked_fields
from archiver.platforms.threads.routes import Call, route_of

WORDS = {
    "190": "The Threads token is not valid any more. Make a new one with `archiver account connect`.",
    "190/463": "The Threads token has expired: it lives 60 days unless it is renewed. Make a new one with "
    "`archiver account connect`.",
    "10": "The Threads token lacks a permission. Make one with the scopes that `archiver check` names.",
    "permission": "The Threads token lacks a permission. Make one with the scopes that `archiver check` names.",
    "token": "The Threads token is not valid. Make a new one with `archiver account connect`.",
}
NOT_SHOWN = (
    "The token is not shown the account: it belongs to another account, or the account was deleted, deactivated or "
    "suspended. Look at the account on Threads, then make a token for it."
)
_FOR_ANSWERS = "has_replies"
"""A field that needs a scope of its own: a list of fields with it is asked for once more without."""
_ITSELF = BEARABLE - {Fault.MISSING}


def verdict(exchange: Exchange) -> Verdict:
    """What an answer means for the loop. Threads counts calls by app and account, so no limit is shared."""
    route = route_of(exchange.url)
    call = route.call if route else None
    error = error_of(exchange)
    about_account = call is Call.THREADS or exchange.stream == "profile"
    if not about_account:
        return judge(exchange, bearable=ALONE, words=WORDS, app_wide=False)
    if error is not None and error.fault is Fault.MISSING:
        return Verdict(Meaning.ACCESS_LOST, f"{NOT_SHOWN} {words_for(error, WORDS)}"[:400])
    rich = _FOR_ANSWERS in (asked_fields(exchange.url) or "").split(",")
    bearable = _ITSELF | {Fault.PERMISSION, Fault.PARAMETER} if rich else _ITSELF
    return judge(exchange, bearable=bearable, words=WORDS, app_wide=False)
