"""What an answer means for the loop: a table of the error's class and of the call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.limits import retry_after
from archiver.domain.task import Meaning, TaskKind, Verdict
from archiver.errors import ShapeChanged
from archiver.platforms.fields import document, text
from archiver.platforms.youtube.errors import ApiError, Fault, error_of, quota_resets
from archiver.platforms.youtube.routes import Call, Route, route_of

_SHORT_PAUSE = timedelta(minutes=1)
_LONGEST_DETAIL = 400

WORDS: Mapping[Fault, str] = {
    Fault.QUOTA: "The day's quota of the Google Cloud project is used up; it begins anew at midnight Pacific time.",
    Fault.RATE: "Too many calls in a short time.",
    Fault.RIGHTS: "The key or token may not do this. Only a token of the channel's owner reads what is not public.",
    Fault.CLOSED: "YouTube says that the channel was closed or suspended.",
    Fault.KEY: "The API key, or the Google Cloud project that it is of, is not set up for the YouTube Data API v3.",
    Fault.TOKEN: "The token has ended or was withdrawn, or its account has no channel. Connect the channel again.",
    Fault.NO_TOKEN: "YouTube answers no one without a key. Set the account's token in config.toml: an API key, or "
    "connect the channel.",
}
"""What an error means, and what to do about it, in words for a person."""
NO_CHANNEL = (
    "YouTube shows no such channel: it was closed, or the handle in the configuration is not (or no longer) its."
)

_ANSWERS = frozenset({Fault.MISSING, Fault.COMMENTS_OFF, Fault.CHAT_OVER, Fault.PLACE})
"""Errors that are answers to read: the adapter does something about them."""
_BY_ITSELF = frozenset(
    {Call.THREADS, Call.COMMENTS, Call.CAPTIONS, Call.CAPTION_FILE, Call.CHAT, Call.PLAYLISTS, Call.SEARCH}
)
"""Calls that may be refused while the account's other calls go well."""
_MEANINGS: Mapping[Fault, Meaning] = {
    Fault.QUOTA: Meaning.WAIT,
    Fault.RATE: Meaning.WAIT,
    Fault.RIGHTS: Meaning.ACCESS_LOST,
    Fault.CLOSED: Meaning.ACCOUNT_GONE,
    Fault.KEY: Meaning.ACCESS_LOST,
    Fault.TOKEN: Meaning.ACCESS_LOST,
    Fault.NO_TOKEN: Meaning.NEEDS_TOKEN,
    Fault.REQUEST: Meaning.SHAPE_CHANGED,
    Fault.PASSING: Meaning.RETRY,
}


def judge(exchange: Exchange, *, token_sent: bool, session: bool) -> Verdict:
    """What an answer means for the loop.

    ``token_sent``: the account has a key or token, so every call carried it. ``session``: a refused token can be
    replaced by a fresh one.
    """
    if exchange.purpose is Purpose.MEDIA:
        return _spent(exchange) or Verdict(_file(exchange, session=session), until=_named_pause(exchange))
    route = route_of(exchange.url)
    if route is not None and route.call is Call.FEED:
        return Verdict(Meaning.PROCEED)  # a hint: it fails for hours at times, and where the site is blocked always
    if exchange.status is None or exchange.truncated is not None:
        return Verdict(Meaning.RETRY, exchange.failure or "")
    error = error_of(exchange)
    if error is None:
        return _unexplained(exchange, route)
    verdict = _explained(exchange, route, error, session=session)
    if verdict.meaning is Meaning.ACCESS_LOST and not token_sent:  # strangers are told that they are forbidden
        return Verdict(Meaning.NEEDS_TOKEN, WORDS[Fault.NO_TOKEN])
    return verdict


def words_for(error: ApiError) -> str:
    """What an error means, in words for a person, then the platform's own."""
    known = WORDS.get(error.fault)
    return (f"{known} YouTube says: {error.basis}" if known else error.basis)[:_LONGEST_DETAIL]


def _explained(exchange: Exchange, route: Route | None, error: ApiError, *, session: bool) -> Verdict:
    fault = error.fault
    if fault is Fault.MISSING and route is not None and route.call is Call.CHANNELS:
        return Verdict(Meaning.ACCOUNT_GONE, NO_CHANNEL)
    if fault in _ANSWERS or (fault is Fault.RIGHTS and _stands_alone(exchange, route)):
        return Verdict(Meaning.PROCEED)
    if fault is Fault.TOKEN and session and error.reason != "youtubeSignupRequired":
        return Verdict(Meaning.SESSION_EXPIRED, words_for(error))
    return Verdict(_MEANINGS[fault], words_for(error), _pause(exchange, fault), shared=fault is Fault.QUOTA)


def _stands_alone(exchange: Exchange, route: Route | None) -> bool:
    """Whether the other calls go on where this one is refused; of playlists, all but that of the uploads."""
    if route is None:
        return False
    ordinary = route.call is Call.PLAYLIST_ITEMS and exchange.task_kind == TaskKind.PROFILE
    return ordinary or route.call in _BY_ITSELF


def _unexplained(exchange: Exchange, route: Route | None) -> Verdict:
    """The meaning of an answer without an error object."""
    status = exchange.status or 0
    if exchange.ok:
        return _finds_nobody(exchange, route) or Verdict(Meaning.PROCEED)
    if status in {429, 503} and _named_pause(exchange) is not None:
        return Verdict(Meaning.WAIT, f"status {status}", _named_pause(exchange))
    if status >= 500 or status in {408, 425, 429}:
        return Verdict(Meaning.RETRY, f"status {status}")
    if 300 <= status < 400:
        where = (exchange.header("Location") or "")[:_LONGEST_DETAIL]
        return Verdict(Meaning.SHAPE_CHANGED, f"The call was sent on to {where}; should base_url name that?")
    return Verdict(Meaning.SHAPE_CHANGED, f"status {status} without an error that says why")


def _finds_nobody(exchange: Exchange, route: Route | None) -> Verdict | None:
    """That the channel that was asked for is not there: a list without entries, and no error; None when it may be."""
    if route is None or route.call is not Call.CHANNELS:
        return None
    try:
        answer = document(exchange)
    except ShapeChanged:  # reading says what is wrong with it
        return None
    if answer.get("items") or not (text(answer.get("kind")) or "").endswith("ListResponse"):
        return None
    if route.value("mine"):
        return Verdict(Meaning.ACCESS_LOST, WORDS[Fault.TOKEN])
    return Verdict(Meaning.ACCOUNT_GONE, NO_CHANNEL)


def _spent(exchange: Exchange) -> Verdict | None:
    """That a file of the API's, a track of subtitles, is refused only because nothing more may be asked for now."""
    error = error_of(exchange) if route_of(exchange.url) is not None else None
    if error is None or error.fault not in {Fault.QUOTA, Fault.RATE}:
        return None
    shared = error.fault is Fault.QUOTA
    return Verdict(Meaning.WAIT, words_for(error), _pause(exchange, error.fault), shared=shared)


def _file(exchange: Exchange, *, session: bool) -> Meaning:
    """Of a picture or a caption track."""
    status = exchange.status
    if status is None:
        return Meaning.RETRY
    if status in {429, 503} and _named_pause(exchange) is not None:
        return Meaning.WAIT
    if status == 401 and session:
        return Meaning.SESSION_EXPIRED
    return Meaning.RETRY if status >= 500 or status in {408, 425, 429} else Meaning.PROCEED


def _pause(exchange: Exchange, fault: Fault) -> datetime | None:
    """When calls may go on."""
    if fault is Fault.QUOTA:
        return quota_resets(exchange.captured_at)
    if fault is Fault.RATE:
        return _named_pause(exchange) or exchange.captured_at + _SHORT_PAUSE
    return None


def _named_pause(exchange: Exchange) -> datetime | None:
    return retry_after(exchange.header("Retry-After"), exchange.captured_at)
