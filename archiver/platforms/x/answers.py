"""What an answer means for the loop: a table of status, kind of problem and call (x.md, section 11)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.limits import retry_after, unix_reset
from archiver.domain.task import Budget, Meaning, Verdict
from archiver.errors import ShapeChanged
from archiver.platforms.x.fields import identifier, mapping, objects, text
from archiver.platforms.x.problems import Trouble, problems_in
from archiver.platforms.x.routes import Call, route_of
from archiver.platforms.x.vocabulary import problem_type

LONGEST_WINDOW: Final = timedelta(minutes=15)
"""Limits are counted in windows of so long; a reset that is further away is somebody's mistake."""
AFTER_RESET: Final = timedelta(seconds=2)
"""Clocks differ a little."""
ONE_A_SECOND: Final = timedelta(seconds=10)
"""The pause after a refusal for the pace, while calls of the window are left."""
_LONGEST_DETAIL = 300

_ABOUT_ACCOUNT = frozenset({Call.USER, Call.USER_BY_NAME, Call.TIMELINE, Call.MENTIONS})
_DISPENSABLE = frozenset({Call.FULL_SEARCH, Call.USAGE, Call.ME})
"""Calls that are not for every kind of token."""
_LISTINGS = frozenset({Call.TIMELINE, Call.MENTIONS, Call.RECENT_SEARCH, Call.FULL_SEARCH})
_MAY_END = frozenset({"pagination_token", "next_token", "since_id", "start_time", "query"})
"""Parameters that were right and may be refused: a place that has ended, a moment that is too long ago."""
_PAID_UP = frozenset({"usage-capped", "credits"})
_CAP = "The account's credits or spending limit at X are used up (console.x.com). {said}"

_PROTECTED = "X does not show the account to this token: it protects its posts, so the token must be of its own login"
_LOGIN_ENDED = "The login of the account has ended, or its refresh token was used by another program: connect it again"


def judge(exchange: Exchange, *, token_sent: bool, session: bool = False) -> Verdict:
    """What an answer means. ``token_sent``: the account has a token, so every call carried it.

    ``session``: the token is one of two hours, and can be renewed.
    """
    if exchange.purpose is Purpose.MEDIA:
        return _media(exchange)
    said = mapping(_document(exchange))
    budget = budget_of(exchange)
    if exchange.status == 429:
        return _limited(exchange, said, budget)
    meaning, detail, at_last = _meaning(exchange, said, token_sent=token_sent, session=session)
    detail = detail or ("" if meaning is Meaning.PROCEED else words_of(exchange))
    return Verdict(meaning, detail, budget=budget, at_last=at_last)


def budget_of(exchange: Exchange) -> Budget | None:
    """The calls left in this window, by X's headers; they are believed, no table is."""
    remaining = _whole(exchange.header("x-rate-limit-remaining"))
    if remaining is None:
        return None
    limit = _whole(exchange.header("x-rate-limit-limit"))
    return Budget(limit, remaining, unix_reset(exchange.header("x-rate-limit-reset")))


def words_of(exchange: Exchange) -> str:
    """X's own words for a person."""
    if exchange.status is None:
        return exchange.failure or ""
    told = mapping(_document(exchange))
    words = [word for name in ("title", "detail") if (word := text(told.get(name)))]
    if not words:
        words = [word for _, one in objects(told.get("errors")) if (word := text(one.get("message")))]
    return f"{exchange.status} {' - '.join(dict.fromkeys(words))}".strip()[:_LONGEST_DETAIL]


def refused_parameters(exchange: Exchange) -> frozenset[str]:
    """Which parameters X refuses in an invalid request (400); none in any other answer."""
    if exchange.status != 400:
        return frozenset()
    named = [mapping(one.get("parameters")) for _, one in objects(mapping(_document(exchange)).get("errors"))]
    return frozenset(name for parameters in named for name in parameters)


def _meaning(exchange: Exchange, said: Any, *, token_sent: bool, session: bool) -> tuple[Meaning, str, Meaning | None]:
    """Meaning, words for a person, and what a fault means that does not pass."""
    status, route = exchange.status, route_of(exchange.url)
    call = route.call if route is not None else None
    if status is None or exchange.truncated is not None or status >= 500 or status in {408, 425}:
        return Meaning.RETRY, "", None
    if 200 <= status < 300:
        return _answered(exchange, said, call)
    if status == 402 or _kind(said) in _PAID_UP or (status == 403 and _is_about_money(said)):
        return Meaning.ACCESS_LOST, _CAP.format(said=words_of(exchange)), None
    if call is Call.TOKEN:
        return Meaning.ACCESS_LOST, f"{_LOGIN_ENDED} ({words_of(exchange)})", None
    if status == 401 and token_sent:  # in 2026 good tokens were refused for minutes
        return Meaning.SESSION_EXPIRED if session else Meaning.RETRY, "", Meaning.ACCESS_LOST
    return _refused(exchange, said, call), "", None


def _refused(exchange: Exchange, said: Any, call: Call | None) -> Meaning:
    """A refusal of this request, and of no other."""
    match exchange.status:
        case 401:
            return Meaning.NEEDS_TOKEN
        case 403:
            return _forbidden(exchange, call)
        case 404:
            return _missing(said, call)
        case 400 if call in _LISTINGS and refused_parameters(exchange) & _MAY_END:
            return Meaning.PROCEED
        case _:
            return Meaning.SHAPE_CHANGED


def _answered(exchange: Exchange, said: Any, call: Call | None) -> tuple[Meaning, str, Meaning | None]:
    """An answer that went well may be a page of a proxy or cut off, or say that the account is not there."""
    if _is_page(exchange):
        return Meaning.RETRY, "A web page came where data was asked for, as from a proxy.", Meaning.SHAPE_CHANGED
    if not isinstance(_document(exchange), dict):
        return Meaning.RETRY, "The answer is cut off, or is no JSON object.", Meaning.SHAPE_CHANGED
    if call in {Call.USER, Call.USER_BY_NAME} and "data" not in said:
        for problem in problems_in(mapping(said)):
            if problem.trouble in {Trouble.MISSING, Trouble.SUSPENDED}:
                return Meaning.ACCOUNT_GONE, problem.basis, None
    if call in _LISTINGS and "data" not in said:
        return _unlisted(said)
    return Meaning.PROCEED, "", None


def _unlisted(said: Any) -> tuple[Meaning, str, Meaning | None]:
    """An answer without posts is an empty list, or X does not show the account, or says something unknown."""
    for problem in problems_in(mapping(said)):
        if problem.parameter == "id" and problem.trouble in {Trouble.MISSING, Trouble.SUSPENDED}:
            return Meaning.ACCOUNT_GONE, problem.basis, None
        if problem.parameter == "id" and problem.trouble is Trouble.REFUSED:
            return Meaning.ACCESS_LOST, f"{_PROTECTED} ({problem.basis})", None
    if "meta" in said:
        return Meaning.PROCEED, "", None
    return Meaning.RETRY, "The answer is neither a list nor a reason for having none.", Meaning.SHAPE_CHANGED


def _is_about_money(said: Any) -> bool:
    return "spend" in (text(mapping(said).get("detail")) or "").lower()


def _forbidden(exchange: Exchange, call: Call | None) -> Meaning:
    """A refusal to this kind of caller; where the call can be done without, an answer to read."""
    if call in _DISPENSABLE and not _is_page(exchange):
        return Meaning.PROCEED
    return Meaning.RETRY if _is_page(exchange) else Meaning.ACCESS_LOST


def _missing(said: Any, call: Call | None) -> Meaning:
    """X's own "not there" is about a record; of the account it ends the round. A stranger's page says nothing."""
    known = any(True for _ in problems_in(mapping(said)))
    if not known:
        return Meaning.RETRY if not mapping(said) else Meaning.SHAPE_CHANGED
    return Meaning.ACCOUNT_GONE if call in _ABOUT_ACCOUNT else Meaning.PROCEED


def _limited(exchange: Exchange, said: Any, budget: Budget | None) -> Verdict:
    """Three kinds of 429: the cap of the month, the pace of one a second, the window of a quarter of an hour."""
    now, detail = exchange.captured_at, words_of(exchange)
    if _kind(said) == "usage-capped" or identifier(mapping(said).get("title")) == "UsageCapExceeded":
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        return Verdict(Meaning.WAIT, detail, until=tomorrow, budget=None, shared=True)
    if budget is not None and budget.remaining > 0:
        return Verdict(Meaning.RETRY, detail, until=now + ONE_A_SECOND, budget=budget)
    reset = unix_reset(exchange.header("x-rate-limit-reset")) or retry_after(exchange.header("retry-after"), now)
    latest = now + LONGEST_WINDOW
    until = min(max(reset, now), latest) if reset is not None else latest
    return Verdict(Meaning.WAIT, detail, until=until + AFTER_RESET, budget=budget)


def _media(exchange: Exchange) -> Verdict:
    status = exchange.status
    if status is None or status >= 500 or status in {408, 425}:
        return Verdict(Meaning.RETRY)
    if status == 429:
        until = retry_after(exchange.header("retry-after"), exchange.captured_at)
        return Verdict(Meaning.WAIT, until=until or exchange.captured_at + LONGEST_WINDOW)
    return Verdict(Meaning.PROCEED)


def _kind(said: Any) -> str:
    return problem_type(text(mapping(said).get("type")) or "")


def _document(exchange: Exchange) -> Any:
    try:
        return exchange.json()
    except ShapeChanged:
        return None


def _is_page(exchange: Exchange) -> bool:
    kind = (exchange.header("content-type") or "").lower()
    return "html" in kind or exchange.body[:64].lstrip()[:1] == b"<"


def _whole(value: str | None) -> int | None:
    words = (value or "").strip()
    return int(words) if words.isascii() and words.isdigit() and len(words) < 12 else None
