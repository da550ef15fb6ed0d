"""What a token may do and how long it lives, as ``debug_token`` tells (facebook.md, section 2).

The call is made with the app's own credential where one is configured, else with the token itself, which may ask about
itself. ``input_token`` is the token; the client adds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from archiver.domain.access import NEVER, AccessSeen, Lacking
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Grant, PrivateParameter, RequestSpec
from archiver.platforms.meta.errors import error_in, words_for
from archiver.platforms.meta.fields import count, document, flag, identifier, mapping, moment, objects, text
from archiver.platforms.meta.requests import Desk

DEBUG_TOKEN = "debug_token"  # noqa: S105 - a path
STREAM = "access"
REFRESH = "refresh_access_token"
_RENEWED = PrivateParameter("access_token", "{token}")
_LONGEST = timedelta(days=400)
_INPUT = PrivateParameter("input_token", "{token}")


def debug_token(desk: Desk, account: Account, app: str = "{app_id}|{app_secret}") -> RequestSpec:
    """The call about the account's token. ``app`` is the template of an app's credential."""
    spec = desk.ask(DEBUG_TOKEN, stream=STREAM)
    if {"app_id", "app_secret"} <= account.secrets:
        return replace(spec, credential=app, private=(_INPUT,))
    return replace(spec, private=(_INPUT, *spec.private))


def access_of(
    exchange: Exchange, wanted: Sequence[tuple[str, str]], *, owner: str | None = None, extra: str = ""
) -> AccessSeen | None:
    """What the answer tells of the token; None where it is an error of the call itself.

    ``wanted`` are scopes, each with what is not captured without it; ``owner`` is the page or account that a scope must
    reach (None: whose token it says it is, else any). ``extra`` is something else that is wrong, for a person.
    """
    data = mapping(document(exchange).get("data"))
    valid = flag(data.get("is_valid"))
    if valid is None:
        return None
    error = error_in(data)
    scopes = _scopes(data, owner or identifier(data.get("profile_id")))
    details = [words_for(error) if error is not None else "", extra]
    return AccessSeen(
        kind=(text(data.get("type")) or "").lower(),
        valid=valid,
        expires_at=_end(data.get("expires_at")),
        data_access_expires_at=_end(data.get("data_access_expires_at")),
        issued_at=moment(data.get("issued_at")),
        scopes=scopes,
        lacking=_lacking(scopes, wanted),
        detail=" ".join(one for one in details if one),
    )


def renewal(desk: Desk, grant_type: str) -> RequestSpec:
    """The call that brings a new token for the old one, which is a parameter of it.

    Sent in the header as well, the token would be there twice, which Graph hosts refuse (code 210).
    """
    spec = desk.ask(REFRESH, query=(("grant_type", grant_type),), stream=STREAM)
    return replace(spec, credential=None, private=(_RENEWED,), grant=Grant())


def renewed(exchange: Exchange, wanted: Sequence[tuple[str, str]]) -> AccessSeen | None:
    """What the answer to a renewal tells of the new token; None where it brought none."""
    answer = document(exchange)
    life_s = count(answer.get("expires_in"))
    if life_s is None:
        return None
    said = answer.get("permissions")
    words = said if isinstance(said, list) else (text(said) or "").split(",") if said else None
    scopes = None if words is None else frozenset(one.strip() for one in words if isinstance(one, str))
    return AccessSeen(
        kind="user",
        valid=True,
        expires_at=exchange.captured_at + min(timedelta(seconds=min(life_s, 10**9)), _LONGEST),
        issued_at=exchange.captured_at,
        scopes=scopes,
        lacking=_lacking(scopes, wanted),
    )


def _lacking(scopes: frozenset[str] | None, wanted: Sequence[tuple[str, str]]) -> tuple[Lacking, ...] | None:
    return None if scopes is None else tuple(Lacking(*one) for one in wanted if one[0] not in scopes)


def _scopes(data: Mapping[str, Any], owner: str | None) -> frozenset[str] | None:
    """The scopes that reach the owner. A granular one without targets reaches all."""
    plain = data.get("scopes")
    granular = [one for _, one in objects(data.get("granular_scopes"))]
    if not isinstance(plain, list) and not granular:
        return None
    found = {one for one in plain if isinstance(one, str)} if isinstance(plain, list) else set()
    for one in granular:
        name, targets = text(one.get("scope")), one.get("target_ids")
        if name is None:
            continue
        reaches = not isinstance(targets, list) or owner is None or owner in {str(target) for target in targets}
        found = found | {name} if reaches else found - {name}
    return frozenset(found)


def _end(value: Any) -> datetime | None:
    """0 is never."""
    return NEVER if value == 0 and not isinstance(value, bool) else moment(value)
