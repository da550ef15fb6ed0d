"""What Google's error objects mean. Reasons decide, then the status in words, then the HTTP status; words never.

``{"error": {"code", "message", "errors": [{"domain", "reason", "message"}], "status", "details": [{"reason"}]}}``; of
these ``status`` and ``details`` (google.rpc.ErrorInfo) are newer. The more exact reason of the two is taken. Messages
hold HTML. The token endpoint answers ``{"error": "invalid_grant", "error_description"}``.
(https://developers.google.com/youtube/v3/docs/errors)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from archiver.domain.exchange import Exchange
from archiver.domain.parsing import parse_json
from archiver.platforms.fields import mapping, objects, text

QUOTA_ZONE = "America/Los_Angeles"
"""Where the day ends by which quota is counted."""
_LONGEST_BASIS = 400
_TAG = re.compile(r"<[^<>]{0,400}>")


class Fault(StrEnum):
    """The classes of errors, by what has to be done."""

    QUOTA = "quota"  # the day's units of the project are used up
    RATE = "rate"  # too many calls in a short time
    MISSING = "missing"  # the one thing that was asked for is not there, or not for this caller
    COMMENTS_OFF = "comments off"  # a state of the video, which may change back
    CHAT_OVER = "chat over"  # ended, or never switched on
    PLACE = "place"  # the place in a listing is no longer known: begin again
    RIGHTS = "rights"  # this caller may not do this
    CLOSED = "closed"  # the channel was closed or suspended
    KEY = "key"  # the key or its project is not set up for these calls
    TOKEN = "token"  # noqa: S105 - a word: it has ended, or is of an account without a channel
    NO_TOKEN = "no token"  # noqa: S105 - a word: none was sent
    REQUEST = "request"  # not as documented
    PASSING = "passing"  # try again


@dataclass(frozen=True, slots=True)
class ApiError:
    """One error object. ``reason`` is the most exact that it states, ``domain`` the part of YouTube that says so."""

    status: int
    reason: str
    message: str = ""
    domain: str = ""
    named: str = ""
    """The status in words: ``PERMISSION_DENIED``."""

    @property
    def fault(self) -> Fault:
        """Its class."""
        return _BY_REASON.get(self.reason) or _BY_NAME.get(self.named) or _by_status(self.status)

    @property
    def basis(self) -> str:
        """Status, reason and the platform's own words without markup, as an officer's proof quotes them."""
        said = " ".join(unescape(_TAG.sub("", self.message)).split())
        return f"{self.status} {self.reason} {said}".strip()[:_LONGEST_BASIS]


def error_of(exchange: Exchange) -> ApiError | None:
    """The error of an answer that failed; None where it did not, or where what failed is no JSON."""
    if exchange.status is None or exchange.status < 400:
        return None
    try:
        return error_in(exchange.status, parse_json(exchange.body))
    except (ValueError, RecursionError):
        return None


def error_in(status: int, document: Any) -> ApiError | None:
    """The error of a JSON document; None where it has none."""
    answer = mapping(document)
    error = answer.get("error")
    if isinstance(error, str) and error:  # the token endpoint's
        return ApiError(status, error, text(answer.get("error_description")) or "")
    if not isinstance(error, dict):
        return None
    first = next((one for _, one in objects(error.get("errors"))), mapping(None))
    detailed = next((found for _, one in objects(error.get("details")) if (found := text(one.get("reason")))), None)
    reason, named = text(first.get("reason")) or "", text(error.get("status")) or ""
    if detailed in _BY_REASON and (reason not in _BY_REASON or reason in _VAGUE):
        reason = detailed or reason
    message = text(error.get("message")) or text(first.get("message")) or ""
    if _counts_days(error) and _BY_REASON.get(reason) is Fault.RATE:
        reason = "dailyLimitExceeded"
    return ApiError(status, reason or named, message, text(first.get("domain")) or "", named)


def quota_resets(at: datetime) -> datetime:
    """The next midnight in Pacific time after a moment, in UTC's zone of that moment.

    Days of the change to and from summer time have 23 or 25 hours.
    """
    there = at.astimezone(ZoneInfo(QUOTA_ZONE))
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)  # wall-clock time
    return midnight.astimezone(at.tzinfo)


def _counts_days(error: Mapping[str, Any]) -> bool:
    """Whether a limit that names itself (``quota_unit`` of ErrorInfo) is one of the day's: ``1/d/{project}``."""
    units = (text(mapping(one.get("metadata")).get("quota_unit")) for _, one in objects(error.get("details")))
    return any("/d/" in unit for unit in units if unit)


def _by_status(status: int) -> Fault:
    if status >= 500 or status in {408, 425}:
        return Fault.PASSING
    return {401: Fault.TOKEN, 403: Fault.RIGHTS, 404: Fault.MISSING, 410: Fault.MISSING, 429: Fault.RATE}.get(
        status, Fault.REQUEST
    )


_REASONS: Mapping[Fault, tuple[str, ...]] = {
    Fault.QUOTA: ("quotaExceeded", "dailyLimitExceeded", "variableTermLimitExceeded"),
    Fault.RATE: (
        "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "concurrentLimitExceeded",
        "servingLimitExceeded", "limitExceeded",
    ),
    Fault.MISSING: (
        "videoNotFound", "playlistNotFound", "playlistItemNotFound", "channelNotFound", "commentNotFound",
        "commentThreadNotFound", "parentCommentNotFound", "captionNotFound", "liveChatNotFound", "notFound",
    ),
    Fault.COMMENTS_OFF: ("commentsDisabled",),
    Fault.CHAT_OVER: ("liveChatEnded", "liveChatDisabled"),
    Fault.PLACE: ("invalidPageToken", "processingFailure"),
    Fault.RIGHTS: (
        "forbidden", "insufficientPermissions", "playlistItemsNotAccessible", "playlistForbidden", "channelForbidden",
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "accountDelegationForbidden", "ineligibleAccount",
    ),
    Fault.CLOSED: (
        "channelClosed", "channelSuspended", "authenticatedUserAccountClosed", "authenticatedUserAccountSuspended",
    ),
    Fault.KEY: (
        "keyInvalid", "keyExpired", "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED",
        "API_KEY_IP_ADDRESS_BLOCKED", "accessNotConfigured", "SERVICE_DISABLED", "CONSUMER_INVALID",
        "CONSUMER_SUSPENDED", "BILLING_DISABLED", "ipRefererBlocked",
    ),
    Fault.TOKEN: (
        "authError", "youtubeSignupRequired", "ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_TYPE_UNSUPPORTED", "expired",
        "invalidCredentials", "invalid_grant", "invalid_client", "invalid_token",
    ),
    Fault.NO_TOKEN: ("authorizationRequired", "CREDENTIALS_MISSING", "dailyLimitExceededUnreg"),
    Fault.REQUEST: ("badRequest", "couldNotConvert", "invalid_request"),
    Fault.PASSING: ("backendError", "internalError", "SERVICE_UNAVAILABLE", "serviceUnavailable", "transient"),
}  # fmt: skip
_BY_REASON: Mapping[str, Fault] = {reason: fault for fault, reasons in _REASONS.items() for reason in reasons}
_VAGUE = frozenset({"badRequest", "forbidden", "authError"})
"""Reasons that say less than the newer one beside them: an invalid key is a ``badRequest``."""
_BY_NAME: Mapping[str, Fault] = {
    "RESOURCE_EXHAUSTED": Fault.RATE,
    "UNAUTHENTICATED": Fault.TOKEN,
    "PERMISSION_DENIED": Fault.RIGHTS,
    "NOT_FOUND": Fault.MISSING,
    "UNAVAILABLE": Fault.PASSING,
    "INTERNAL": Fault.PASSING,
    "DEADLINE_EXCEEDED": Fault.PASSING,
    "ABORTED": Fault.PASSING,
    "INVALID_ARGUMENT": Fault.REQUEST,
    "FAILED_PRECONDITION": Fault.REQUEST,
}
