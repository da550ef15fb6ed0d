"""What an answer means: a table of status and call, never of words, which servers translate (``Accept-Language``)."""

from __future__ import annotations

from datetime import datetime, timedelta

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.limits import iso_reset, retry_after, unix_reset
from archiver.domain.parsing import parse_json
from archiver.domain.task import Budget, Meaning, Verdict
from archiver.platforms.mastodon.fields import mapping
from archiver.platforms.mastodon.routes import Call, route_of

_UNSAID_PAUSE = timedelta(minutes=5)  # stock Mastodon's window, when a 429 names no moment
_LONGEST_DETAIL = 300

_ABOUT_ACCOUNT = frozenset({Call.LOOKUP, Call.ACCOUNT, Call.LISTING})
_ABOUT_SERVER = frozenset({Call.INSTANCE, Call.INSTANCE_V1, Call.NODEINFO_INDEX, Call.NODEINFO})
_SETTINGS = frozenset({Call.BLOCKS, Call.MUTES, Call.DOMAIN_BLOCKS, Call.FILTERS})
_OPTIONAL = _ABOUT_SERVER | _SETTINGS | {Call.STATUSES, Call.HISTORY, Call.QUOTES, Call.NOTIFICATIONS, Call.REQUESTS}
"""Calls that not every server has: one that is missing or refused says so by one of ``_NOT_HERE``."""

_NOT_HERE = frozenset({400, 403, 404, 405, 406, 410, 422, 501})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PAGE = (
    "The server answered with a web page where data was asked for: a login page, or that of a proxy in between which "
    "wants a browser."
)


def judge(exchange: Exchange, *, token_sent: bool) -> Verdict:
    """What an answer means for the loop. ``token_sent``: the account has a token, so every call carried it."""
    budget = budget_of(exchange)
    if exchange.purpose is Purpose.MEDIA:
        return Verdict(_media(exchange), until=_pause(exchange), budget=None)
    meaning, detail = _meaning(exchange, token_sent=token_sent)
    until = _pause(exchange) if meaning is Meaning.WAIT else None
    return Verdict(meaning, detail or words_of(exchange), until, budget)


def budget_of(exchange: Exchange) -> Budget | None:
    """The calls left, by ``X-RateLimit-*`` in any letter case; the reset is ISO 8601 text on all servers that send it.

    Unix seconds are understood too. Takahē sends no such headers.
    """
    remaining = _number(exchange.header("X-RateLimit-Remaining"))
    if remaining is None:
        return None
    return Budget(_number(exchange.header("X-RateLimit-Limit")), remaining, _reset(exchange))


def words_of(exchange: Exchange) -> str:
    """The server's own words for a person, in whatever language."""
    if exchange.status is None:
        return exchange.failure or ""
    if exchange.ok:
        return ""
    try:
        said = mapping(parse_json(exchange.body))
    except (ValueError, RecursionError):
        said = {}
    words = [str(said[name]) for name in ("error", "error_description") if isinstance(said.get(name), str)]
    return f"{exchange.status} {' - '.join(words)}".strip()[:_LONGEST_DETAIL]


def is_page(exchange: Exchange) -> bool:
    """Whether the answer is a page for people where JSON was asked for."""
    kind = (exchange.header("Content-Type") or "").lower()
    return "html" in kind or exchange.body[:64].lstrip()[:1] == b"<"


def _meaning(exchange: Exchange, *, token_sent: bool) -> tuple[Meaning, str]:
    status, route = exchange.status, route_of(exchange.url)
    call = route.call if route else None
    if status is None or exchange.truncated is not None:
        return Meaning.RETRY, ""
    if 200 <= status < 300:
        return _answered(exchange, call, token_sent=token_sent)
    if status == 429 or (status == 503 and _named_pause(exchange) is not None):
        return Meaning.WAIT, ""
    if _dispensable(call, status):
        return Meaning.PROCEED, ""
    if status >= 500 or status in {408, 425}:
        return Meaning.RETRY, ""
    return _refused(exchange, status, call, token_sent=token_sent)


def _dispensable(call: Call | None, status: int) -> bool:
    """Whether an answer only says that the server has no such call, or none for this caller."""
    if call in _ABOUT_SERVER and status in {401, 500}:  # Takahē fails at /api/v2/instance
        return True
    return call in _OPTIONAL and (status in _NOT_HERE or status in _REDIRECTS)


def _answered(exchange: Exchange, call: Call | None, *, token_sent: bool) -> tuple[Meaning, str]:
    if is_page(exchange):
        if call in _OPTIONAL:
            return Meaning.PROCEED, ""
        return _closed(token_sent=token_sent), _PAGE
    if call in _ABOUT_ACCOUNT and call is not Call.LISTING and b'"suspended"' in exchange.body:
        try:
            suspended = mapping(parse_json(exchange.body)).get("suspended") is True
        except (ValueError, RecursionError):
            suspended = False
        if suspended:
            return Meaning.ACCOUNT_GONE, "The server says that the account is suspended."
    return Meaning.PROCEED, ""


def _redirected(exchange: Exchange, *, token_sent: bool) -> tuple[Meaning, str]:
    """Pixelfed leads strangers to its login page by 302; a server that moved for good says 301 or 308."""
    where = (exchange.header("Location") or "")[:_LONGEST_DETAIL]
    if exchange.status in {301, 308}:
        return Meaning.SHAPE_CHANGED, f"The server sends API calls on to {where}; should base_url name that?"
    return _closed(token_sent=token_sent), f"The server sends API calls on to {where}, as to a login page."


def _refused(exchange: Exchange, status: int, call: Call | None, *, token_sent: bool) -> tuple[Meaning, str]:
    if status in _REDIRECTS:
        return _redirected(exchange, token_sent=token_sent)
    if status in {401, 403, 422}:
        return _closed(token_sent=token_sent), ""
    if status in {404, 410}:
        return _missing(exchange, call)
    takahe_s_bad_token = status == 400 and token_sent and is_page(exchange)
    return Meaning.ACCESS_LOST if takahe_s_bad_token else Meaning.SHAPE_CHANGED, ""


def _missing(exchange: Exchange, call: Call | None) -> tuple[Meaning, str]:
    """A "not found" of a record is an answer to read, one of the account is the end of the round."""
    if call not in _ABOUT_ACCOUNT:
        return Meaning.PROCEED, ""
    if is_page(exchange):
        where = f"{exchange.status} with a web page"
        return Meaning.SHAPE_CHANGED, f"{where}: no such account, or no such server at this address any more."
    return Meaning.ACCOUNT_GONE, ""


def _closed(*, token_sent: bool) -> Meaning:
    return Meaning.ACCESS_LOST if token_sent else Meaning.NEEDS_TOKEN


def _media(exchange: Exchange) -> Meaning:
    status = exchange.status
    if status is None:
        return Meaning.RETRY
    if status == 429 or (status == 503 and _named_pause(exchange) is not None):
        return Meaning.WAIT
    return Meaning.RETRY if status >= 500 or status in {408, 425} else Meaning.PROCEED


def _pause(exchange: Exchange) -> datetime | None:
    """When calls may go on after a limit; stock Mastodon names it in the reset, others in ``Retry-After``."""
    if exchange.status not in {429, 503}:
        return None
    return _named_pause(exchange) or exchange.captured_at + _UNSAID_PAUSE


def _named_pause(exchange: Exchange) -> datetime | None:
    """The latest of the moments that ``Retry-After`` names (GoToSocial sends two), else the reset of a spent budget."""
    values = [value for name, value in exchange.headers if name.lower() == "retry-after"]
    moments = [moment for value in values if (moment := retry_after(value, exchange.captured_at)) is not None]
    if moments:
        return max(moments)
    return _reset(exchange) if exchange.status == 429 else None


def _reset(exchange: Exchange) -> datetime | None:
    value = exchange.header("X-RateLimit-Reset")
    return unix_reset(value) or iso_reset(value)


def _number(value: str | None) -> int | None:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None
