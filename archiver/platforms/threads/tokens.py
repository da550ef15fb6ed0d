"""What ``debug_token`` tells of a token, and what the renewal of one answers.

``{"data": {"app_id", "type", "application", "issued_at", "expires_at", "data_access_expires_at", "is_valid", "scopes",
"granular_scopes", "user_id", "profile_id", "error"}}``; moments are Unix seconds, 0 for never (facebook.md, section 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from archiver.domain.access import NEVER, AccessSeen, Lacking
from archiver.domain.exchange import Exchange
from archiver.platforms.meta.errors import error_in, words_for
from archiver.platforms.meta.fields import count, document, flag, mapping, moment, text

_LONGEST_LIFE_S = 10 * 366 * 86400


def debugged(exchange: Exchange, needed: Mapping[str, str]) -> AccessSeen | None:
    """What is told of the token; None where nothing is. ``needed`` gives each scope what it is for, in plain words."""
    data = mapping(document(exchange).get("data"))
    valid = flag(data.get("is_valid"))
    if valid is None:
        return None
    scopes = _scopes(data)
    lacking = tuple(Lacking(scope, purpose) for scope, purpose in needed.items() if scope not in (scopes or ()))
    error = error_in({"error": data["error"]}) if isinstance(data.get("error"), dict) else None
    return AccessSeen(
        kind=(text(data.get("type")) or "").lower(),
        valid=valid,
        expires_at=_end(data.get("expires_at")),
        data_access_expires_at=_end(data.get("data_access_expires_at")),
        issued_at=moment(data.get("issued_at")),
        scopes=scopes,
        lacking=lacking if scopes is not None else None,
        detail=words_for(error) if error is not None else "",
    )


def renewed(exchange: Exchange, kind: str) -> AccessSeen | None:
    """What the answer to a renewal tells of the new token; None where it brought none."""
    answer = document(exchange)
    if not text(answer.get("access_token")):
        return None
    life = count(answer.get("expires_in"))
    ends = exchange.captured_at + timedelta(seconds=life) if life is not None and life < _LONGEST_LIFE_S else None
    return AccessSeen(kind, valid=True, expires_at=ends, issued_at=exchange.captured_at)


def _scopes(data: Mapping[str, Any]) -> frozenset[str] | None:
    listed = data.get("scopes")
    if not isinstance(listed, list):
        return None
    return frozenset(one for one in listed if isinstance(one, str))


def _end(value: Any) -> datetime | None:
    return NEVER if value == 0 and not isinstance(value, bool) else moment(value)
