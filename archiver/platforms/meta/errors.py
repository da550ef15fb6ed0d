"""What Meta's error objects mean. The table is facebook.md's section 12; codes and subcodes decide, words only help.

``{"error": {"message", "type", "code", "error_subcode", "is_transient", "error_user_title", "error_user_msg",
"fbtrace_id"}}``; only ``message`` and mostly ``code`` are certain. An error may come with HTTP status 200, as a
flat ``{"error_type", "code", "error_message"}`` (token endpoints), and with 5xx as a web page or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.limits import retry_after
from archiver.domain.parsing import parse_json
from archiver.domain.task import Meaning, Verdict
from archiver.platforms.meta.fields import flag, mapping, text
from archiver.platforms.meta.usage import blocked_until, budget_of, most_used

_LONGEST_DETAIL = 400
_REFUSED_FIELD = re.compile(r"nonexisting field \(([A-Za-z0-9_]{1,80})\)(?: on node type \(([A-Za-z0-9_]{1,80})\))?")
_LEAST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=1)


class Fault(StrEnum):
    """The classes of errors, by what has to be done."""

    HEAVY = "heavy"  # asked for too much at once: a smaller page, then fewer fields
    FIELD = "field"  # a field that this version does not know
    MISSING = "missing"  # 100/33: not there, or not visible to this caller; nothing tells which
    REMOVED = "removed"  # 12: the platform gave up this call
    PARAMETER = "parameter"  # a parameter, path or query that it does not take
    PERMISSION = "permission"  # a scope, task or feature is missing
    TOKEN = "token"  # noqa: S105 - a word: the token is dead, or of the wrong kind
    NO_TOKEN = "no_token"  # noqa: S105 - a word: none was sent
    PROOF = "proof"  # appsecret_proof is missing or wrong
    BLOCKED = "blocked"  # for reasons of policy
    LIMIT = "limit"  # too many calls
    PASSING = "passing"  # try again


@dataclass(frozen=True, slots=True)
class GraphError:
    """One error object. ``code`` is None where it has none that is a number."""

    message: str
    code: int | None = None
    subcode: int | None = None
    kind: str | None = None
    transient: bool | None = None
    user_title: str | None = None
    user_message: str | None = None
    trace: str | None = None

    @property
    def fault(self) -> Fault:
        """Its class."""
        return _fault(self)

    @property
    def name(self) -> str:
        """``code/subcode``, as an officer's proof quotes it."""
        return "/".join(str(one) for one in (self.code, self.subcode) if one is not None) or "error"

    @property
    def basis(self) -> str:
        """Code and the platform's own words, for the basis of an event."""
        return f"{self.name} {self.message}".strip()[:_LONGEST_DETAIL]

    @property
    def refused_field(self) -> str | None:
        """The field that this version does not know, of the error that names one."""
        found = _REFUSED_FIELD.search(self.message)
        return found.group(1) if found else None

    @property
    def node_type(self) -> str | None:
        """The kind of object that does not have the field, in the platform's word."""
        found = _REFUSED_FIELD.search(self.message)
        return found.group(2) if found else None


def error_in(document: Any) -> GraphError | None:
    """The error of a JSON document; None where it has none."""
    answer = mapping(document)
    error = answer.get("error")
    if isinstance(error, dict):
        return GraphError(
            message=text(error.get("message")) or "",
            code=_number(error.get("code")),
            subcode=_number(error.get("error_subcode", error.get("subcode"))),  # the latter inside debug_token's data
            kind=text(error.get("type")),
            transient=flag(error.get("is_transient")),
            user_title=text(error.get("error_user_title")),
            user_message=text(error.get("error_user_msg")),
            trace=text(error.get("fbtrace_id")),
        )
    if isinstance(answer.get("error_message"), str):
        return GraphError(answer["error_message"], _number(answer.get("code")), kind=text(answer.get("error_type")))
    if isinstance(error, str) and error:
        return GraphError(text(answer.get("error_description")) or error)
    return None


def error_of(exchange: Exchange) -> GraphError | None:
    """The error of an answer, whatever its status; None where it has none, or is no JSON."""
    if b'"error' not in exchange.body:
        return None
    try:
        return error_in(parse_json(exchange.body))
    except (ValueError, RecursionError):
        return None


BEARABLE: frozenset[Fault] = frozenset({Fault.HEAVY, Fault.FIELD, Fault.MISSING, Fault.REMOVED})
"""Errors that are always answers to read: the adapter does something about them."""
ALONE: frozenset[Fault] = BEARABLE | {Fault.PARAMETER, Fault.PERMISSION}
"""What also ends one call without ending the account's round, where a call may be refused by itself."""


def judge(
    exchange: Exchange,
    *,
    bearable: Collection[Fault] = BEARABLE,
    usage_types: Collection[str] | None = None,
    words: Mapping[str, str] | None = None,
    app_wide: bool = True,
) -> Verdict:
    """What an answer means for the loop.

    ``bearable`` are the errors that the caller's ``proceed`` takes care of; `ALONE` for calls that may be refused by
    themselves. ``usage_types`` are the kinds of business use case whose allowance the caller uses (None: any).
    ``words`` adds to or replaces `WORDS`, by ``code/subcode`` or ``code``. ``app_wide``: what the app may ask is
    counted over all its accounts, so that its limits are shared.
    """
    if exchange.purpose is Purpose.MEDIA:
        return Verdict(_media(exchange), until=_retry_after(exchange))
    budget = budget_of(exchange, usage_types, app_wide=app_wide)
    error = error_of(exchange)
    if exchange.status is None or exchange.truncated is not None:
        return Verdict(Meaning.RETRY, exchange.failure or "", budget=budget)
    if error is None:
        return Verdict(*_unexplained(exchange), until=_retry_after(exchange), budget=budget)
    fault = error.fault
    meaning = Meaning.PROCEED if fault in bearable else _MEANINGS[fault]
    until = _pause(exchange, error, usage_types) if meaning is Meaning.WAIT else None
    detail = "" if meaning is Meaning.PROCEED else words_for(error, words)
    shared = app_wide and meaning is Meaning.WAIT and error.code in _OF_THE_APP
    return Verdict(meaning, detail, until, budget, shared)


def words_for(error: GraphError, words: Mapping[str, str] | None = None) -> str:
    """What an error means, and what to do about it, in words for a person; then the platform's own."""
    table = {**WORDS, **(words or {})}
    known = table.get(error.name) or table.get(str(error.code)) or table.get(str(error.fault))
    said = error.user_message or error.message
    own = f"code {error.name}: {said}" if error.code is not None else said
    return (f"{known} The platform says: {own}" if known else own).strip()[:_LONGEST_DETAIL]


WORDS: Mapping[str, str] = {
    "190": "The token is not valid any more. Make a new one.",
    "190/458": "The app was removed by the person whose token this is. Make a new token, best from a system user.",
    "190/459": "The person whose token this is must log in to the platform and answer a security check there.",
    "190/460": "The person whose token this is changed the password, or the platform ended the session. "
    "Make a new token, best from a system user, which outlives people and passwords.",
    "190/463": "The token has expired. Make a new one, best from a system user, which need not expire.",
    "190/464": "The account of the person whose token this is has not been confirmed.",
    "190/467": "The token is not valid any more. Make a new one.",
    "190/492": "The person whose token this is has no role on the page any more. Give the role back, or make a token "
    "of a system user.",
    "190/2069032": "This is a person's token; a page's token is needed.",
    "210": "This is a person's token; a page's token is needed.",
    "102": "The session behind the token has ended. Make a new token.",
    "368": "The platform blocks these calls for reasons of policy. Look at the app's dashboard.",
    "10": "The token lacks a permission. Make one with the scopes that `archiver check` names.",
    "3": "The app lacks a capability or a permission. Look at the app's dashboard.",
    "token": "The token is not valid. Make a new one.",
    "no_token": "No token was sent. Set the account's token in config.toml.",
    "permission": "The token lacks a permission. Make one with the scopes that `archiver check` names.",
    "proof": "The app wants calls to be signed: set the account's app_secret in config.toml, that of the app whose "
    "token this is.",
    "limit": "The platform's limit of calls is reached.",
}
"""Words for a person by ``code/subcode``, ``code``, or the error's class."""

_MEANINGS: Mapping[Fault, Meaning] = {
    Fault.HEAVY: Meaning.RETRY,
    Fault.FIELD: Meaning.SHAPE_CHANGED,
    Fault.MISSING: Meaning.SHAPE_CHANGED,
    Fault.REMOVED: Meaning.SHAPE_CHANGED,
    Fault.PARAMETER: Meaning.SHAPE_CHANGED,
    Fault.PERMISSION: Meaning.ACCESS_LOST,
    Fault.TOKEN: Meaning.ACCESS_LOST,
    Fault.NO_TOKEN: Meaning.NEEDS_TOKEN,
    Fault.PROOF: Meaning.ACCESS_LOST,
    Fault.BLOCKED: Meaning.ACCESS_LOST,
    Fault.LIMIT: Meaning.WAIT,
    Fault.PASSING: Meaning.RETRY,
}

_BY_CODE: Mapping[int, Fault] = {
    1: Fault.PASSING,
    2: Fault.PASSING,
    3: Fault.PERMISSION,
    4: Fault.LIMIT,
    10: Fault.PERMISSION,
    12: Fault.REMOVED,
    17: Fault.LIMIT,
    24: Fault.MISSING,  # Instagram: the media that was asked for is not there
    32: Fault.LIMIT,
    100: Fault.PARAMETER,
    102: Fault.TOKEN,
    104: Fault.NO_TOKEN,
    190: Fault.TOKEN,
    210: Fault.TOKEN,
    341: Fault.LIMIT,
    368: Fault.BLOCKED,
    613: Fault.LIMIT,
    803: Fault.MISSING,
    2500: Fault.PARAMETER,
}
_OF_THE_APP = frozenset({4, 341})
"""Limits of the app: calls for any of its accounts are refused, and lengthen the block."""
_BY_SUBCODE: Mapping[tuple[int, int], Fault] = {
    (1, 99): Fault.PERMISSION,
    (1, 1446036): Fault.PERMISSION,
    (1, 2853006): Fault.PERMISSION,
    (100, 33): Fault.MISSING,
}
_BY_WORDS: tuple[tuple[frozenset[int | None], str, Fault], ...] = (
    (frozenset({None, 1, 2, 100, -3}), "reduce the amount of data", Fault.HEAVY),
    (frozenset({None, 100}), "nonexisting field", Fault.FIELD),
    (frozenset({None, 100}), "appsecret_proof", Fault.PROOF),
    (frozenset({100}), "does not exist, cannot be loaded due to missing permission", Fault.MISSING),
    (frozenset({2500}), "an active access token must be used", Fault.NO_TOKEN),
)
"""Where one code has several meanings that only its words tell apart."""


def _fault(error: GraphError) -> Fault:
    said = error.message.lower()
    for codes, words, fault in _BY_WORDS:
        if error.code in codes and words in said:
            return fault
    code, subcode = error.code, error.subcode
    if code is not None:
        by_subcode = None if error.transient else _BY_SUBCODE.get((code, subcode or 0))  # its own word counts more
        found = by_subcode or _BY_CODE.get(code)
        if found is not None:
            return found
        if 200 <= code < 300:
            return Fault.PERMISSION
        if 80000 <= code < 80100:
            return Fault.LIMIT
    return Fault.PASSING if error.transient else Fault.PARAMETER


def _unexplained(exchange: Exchange) -> tuple[Meaning, str]:
    """The meaning of an answer without an error object."""
    status = exchange.status or 0
    if status in {429, 503} and _retry_after(exchange) is not None:
        return Meaning.WAIT, ""
    if status >= 500 or status in {408, 425, 429}:
        return Meaning.RETRY, f"status {status}"
    if 300 <= status < 400:
        where = (exchange.header("Location") or "")[:_LONGEST_DETAIL]
        return Meaning.SHAPE_CHANGED, f"The call was sent on to {where}; should base_url name that?"
    if not _is_json(exchange):
        return Meaning.RETRY, f"status {status} with something that is not JSON, perhaps from a proxy in between"
    return (Meaning.PROCEED, "") if status < 300 else (Meaning.SHAPE_CHANGED, f"status {status} without an error")


def _is_json(exchange: Exchange) -> bool:
    """Whether it looks like JSON; what is broken inside, reading finds out."""
    return exchange.body.lstrip()[:1] not in {b"", b"<"}


def _media(exchange: Exchange) -> Meaning:
    status = exchange.status
    if status is None:
        return Meaning.RETRY
    if status in {429, 503} and _retry_after(exchange) is not None:
        return Meaning.WAIT
    return Meaning.RETRY if status >= 500 or status in {408, 425, 429} else Meaning.PROCEED


def _pause(exchange: Exchange, error: GraphError, usage_types: Collection[str] | None) -> datetime:
    """When calls may go on: as the headers say, else in five minutes to an hour, the later the more was too much."""
    stated = blocked_until(exchange, usage_types) or _retry_after(exchange)
    if stated is not None:
        return stated
    if error.code in {341, 613}:
        return exchange.captured_at + _LONGEST_PAUSE
    over = max(0, (most_used(exchange, usage_types) or 0) - 100)
    return exchange.captured_at + min(_LONGEST_PAUSE, _LEAST_PAUSE + timedelta(minutes=over))


def _retry_after(exchange: Exchange) -> datetime | None:
    """Meta sends none in general; a proxy in between may."""
    return retry_after(exchange.header("Retry-After"), exchange.captured_at)


def _number(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value, re.ASCII):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
