"""What the account's token may do, as X has shown: whether it is an application's or the account's own.

An application's token opens the full archive; a user's does not, but reads the user's own posts and mentions for a
fifth of the price. X tells neither by itself, so it is asked something that is free: its usage, which only applications
see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from archiver.domain.access import NEVER, AccessSeen
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.observation import FactSeen, Observation
from archiver.errors import ShapeChanged
from archiver.platforms.x.fields import identifier, mapping, text
from archiver.platforms.x.routes import Call, route_of
from archiver.platforms.x.vocabulary import problem_type

KIND: Final = "kind of token"
"""The fact that says whether the token is an application's (``app``) or a person's (``user``)."""
HOLDER: Final = "holder of the token"
"""The fact with the id of the person whose token it is."""
ARCHIVE: Final = "full archive"
"""The fact that says whether the full archive answers: ``open``, or since when and why it does not."""

APP, USER, OPEN = "app", "user", "open"
UNSUPPORTED = "unsupported-authentication"
RETRY_AFTER = timedelta(days=7)
"""An archive that was closed is tried again after so long: access may have been bought since."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the token. ``kind`` and ``archive`` None: nothing yet. ``owned``: it is the account's own."""

    kind: str | None = None
    archive: str | None = None
    owned: bool = False

    @classmethod
    def of(cls, account: Account, own_id: str | None) -> Standing:
        """From the account's facts."""
        kind = account.facts.get(KIND)
        owned = kind == USER and own_id is not None and account.facts.get(HOLDER) == own_id
        return cls(kind, account.facts.get(ARCHIVE), owned)

    def opens_archive(self, now: datetime) -> bool:
        """Whether the full archive is worth a call: not with a user's token, and not soon after a refusal."""
        if self.kind == USER:
            return False
        if self.archive is None or self.archive == OPEN:
            return True
        since, _, reason = self.archive.partition(" ")
        if reason == UNSUPPORTED and self.kind == APP:
            return True  # it was refused to a token that has been replaced
        try:
            refused_at = datetime.fromisoformat(since)
        except ValueError:
            return True
        return now - refused_at >= RETRY_AFTER


def learned(exchange: Exchange) -> Iterator[Observation]:
    """What an answer shows of the token."""
    route = route_of(exchange.url)
    if route is None or exchange.purpose is Purpose.MEDIA or exchange.truncated is not None:
        return
    reason = refusal(exchange)
    if route.call is Call.FULL_SEARCH and exchange.ok:
        yield FactSeen(ARCHIVE, OPEN)
    elif route.call is Call.FULL_SEARCH and reason is not None:
        yield FactSeen(ARCHIVE, f"{exchange.captured_at.isoformat()} {reason}")
    elif route.call is Call.USAGE and (exchange.ok or reason is not None):
        kind = APP if exchange.ok else USER if reason == UNSUPPORTED else None
        if kind is not None:
            yield FactSeen(KIND, kind)
            yield AccessSeen(kind, valid=True, expires_at=NEVER)
    elif route.call is Call.ME and exchange.ok:
        holder = identifier(mapping(mapping(exchange.json()).get("data")).get("id"))
        if holder is not None:
            yield FactSeen(HOLDER, holder)


def refusal(exchange: Exchange) -> str | None:
    """Why X refuses a call to this kind of caller (403), in its word for it; None for any other answer."""
    if exchange.status != 403:
        return None
    try:
        return problem_type(text(mapping(exchange.json()).get("type")) or "") or "forbidden"
    except ShapeChanged:
        return None
