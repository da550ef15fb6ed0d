"""What a feed server's answer means."""

from __future__ import annotations

from datetime import datetime, timedelta

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.limits import retry_after
from archiver.domain.task import Meaning, Verdict

_UNSAID_PAUSE = timedelta(minutes=15)
_PASSING = frozenset({408, 425})
_MOVED = "There is nothing at the feed's address any more; has the site moved it? Then set the account's handle anew."


def judge(exchange: Exchange, *, token: bool) -> Verdict:
    """What an answer means. ``token``: one goes with the calls."""
    meaning, detail = _meaning(exchange, token=token)
    return Verdict(meaning, detail, _pause(exchange) if meaning is Meaning.WAIT else None)


def _meaning(exchange: Exchange, *, token: bool) -> tuple[Meaning, str]:
    status = exchange.status
    if status is None or exchange.truncated is not None or status in _PASSING:
        return Meaning.RETRY, exchange.failure or ""
    if exchange.ok or exchange.unmodified:
        return Meaning.PROCEED, ""
    if exchange.redirects:
        return Meaning.REDIRECT, ""
    if status == 429 or (status == 503 and _named_pause(exchange) is not None):
        return Meaning.WAIT, ""
    if status >= 500:
        return Meaning.RETRY, f"{status}"
    return _refused(exchange, status, token=token)


def _refused(exchange: Exchange, status: int, *, token: bool) -> tuple[Meaning, str]:
    if exchange.purpose is Purpose.MEDIA:
        return Meaning.PROCEED, ""
    if status == 410:
        return Meaning.ACCOUNT_GONE, "410: the feed is gone for good."
    if status in {401, 403}:
        return (Meaning.ACCESS_LOST if token else Meaning.NEEDS_TOKEN), f"{status}"
    return Meaning.SHAPE_CHANGED, _MOVED if status == 404 else f"{status}"


def _pause(exchange: Exchange) -> datetime:
    return _named_pause(exchange) or exchange.captured_at + _UNSAID_PAUSE


def _named_pause(exchange: Exchange) -> datetime | None:
    return retry_after(exchange.header("Retry-After"), exchange.captured_at)
