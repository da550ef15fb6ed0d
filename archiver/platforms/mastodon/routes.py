"""The calls that are made: their addresses, and which call an address is.

Answers are read by the path of their request alone, wherever the server stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

Query = Sequence[tuple[str, str]]


class Call(StrEnum):
    """The calls of Mastodon's API that an archive needs."""

    LOOKUP = "lookup"
    VERIFY = "verify_credentials"
    ACCOUNT = "account"
    LISTING = "listing"  # an account's statuses
    STATUS = "status"
    STATUSES = "statuses"  # many by id, Mastodon 4.3 and later
    CONTEXT = "context"
    HISTORY = "history"
    QUOTES = "quotes"  # Mastodon 4.5 and later, with a user's token
    NOTIFICATIONS = "notifications"
    REQUESTS = "requests"  # senders whose notifications are held back
    BLOCKS = "blocks"  # with a user's token, like the three below
    MUTES = "mutes"
    DOMAIN_BLOCKS = "domain_blocks"
    FILTERS = "filters"  # Mastodon 4.0 and later
    INSTANCE = "instance"
    INSTANCE_V1 = "instance_v1"
    NODEINFO_INDEX = "nodeinfo_index"
    NODEINFO = "nodeinfo"


_PATHS: tuple[tuple[Call, str], ...] = (
    (Call.LOOKUP, "/api/v1/accounts/lookup"),
    (Call.VERIFY, "/api/v1/accounts/verify_credentials"),
    (Call.LISTING, "/api/v1/accounts/{id}/statuses"),
    (Call.ACCOUNT, "/api/v1/accounts/{id}"),
    (Call.CONTEXT, "/api/v1/statuses/{id}/context"),
    (Call.HISTORY, "/api/v1/statuses/{id}/history"),
    (Call.QUOTES, "/api/v1/statuses/{id}/quotes"),
    (Call.STATUS, "/api/v1/statuses/{id}"),
    (Call.STATUSES, "/api/v1/statuses"),
    (Call.REQUESTS, "/api/v1/notifications/requests"),
    (Call.NOTIFICATIONS, "/api/v1/notifications"),
    (Call.BLOCKS, "/api/v1/blocks"),
    (Call.MUTES, "/api/v1/mutes"),
    (Call.DOMAIN_BLOCKS, "/api/v1/domain_blocks"),
    (Call.FILTERS, "/api/v2/filters"),
    (Call.INSTANCE, "/api/v2/instance"),
    (Call.INSTANCE_V1, "/api/v1/instance"),
    (Call.NODEINFO_INDEX, "/.well-known/nodeinfo"),
    (Call.NODEINFO, "/nodeinfo/{id}"),
)

_PATTERNS = tuple((call, re.compile(re.escape(path).replace(r"\{id\}", "([^/]+)") + "/?$")) for call, path in _PATHS)
_TEMPLATES = dict(_PATHS)


@dataclass(frozen=True, slots=True)
class Route:
    """A call with the id that is in its path (empty where there is none)."""

    call: Call
    id: str = ""


def route_of(url: str) -> Route | None:
    """Which call an address is; None for any other."""
    path = _parts(url).path
    for call, pattern in _PATTERNS:
        match = pattern.search(path)
        if match:
            return Route(call, unquote(match.group(1)) if pattern.groups else "")
    return None


def address(base: str, call: Call, native_id: str = "", query: Query = ()) -> str:
    """The address of a call."""
    path = _TEMPLATES[call].replace("{id}", quote(native_id, safe=""))
    return f"{base}{path}?{urlencode(query)}" if query else f"{base}{path}"


def query_of(url: str) -> list[tuple[str, str]]:
    """The parameters of an address, in order, repeated ones included."""
    return parse_qsl(_parts(url).query, keep_blank_values=True)


def _parts(url: str) -> SplitResult:
    """An address in parts. Those in answers are strangers' words, and may be none at all."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def asked_ids(url: str) -> list[str]:
    """The ids that a look-up of many statuses asked for."""
    return [value for name, value in query_of(url) if name == "id[]"]
