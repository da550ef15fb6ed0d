"""What is known of an account's credential: what it may do, how long it lives, and when to renew it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of what has no end."""
RENEW_EVERY = timedelta(days=7)
"""Often enough that a month of failures costs no token of sixty days."""
RENEW_NOT_BEFORE = timedelta(hours=24)
"""Meta refuses to renew a younger one (Instagram and Threads)."""
WARN_AHEAD = timedelta(days=21)
"""A person hears of the end of a credential so long before it."""

_MOMENT = timedelta(seconds=1)  # files keep their times a little coarser than we do


@dataclass(frozen=True, slots=True)
class Lacking:
    """A scope that the credential does not have, and what is not captured without it, in the administrator's words."""

    scope: str
    purpose: str


@dataclass(frozen=True, slots=True)
class AccessSeen:
    """What a platform told about the account's credential.

    ``kind`` is the platform's word, in lower case (``page user system_user app``). ``detail`` says why it is not
    ``valid``, or what else is wrong with it. Moments are aware, UTC; `NEVER` for what has no end. None is what the
    answer did not tell: of the same credential, and of one that was renewed, that stays as it was known.
    """

    kind: str
    valid: bool
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    issued_at: datetime | None = None
    scopes: frozenset[str] | None = None
    lacking: tuple[Lacking, ...] | None = None
    detail: str = ""

    @property
    def ends_at(self) -> datetime | None:
        """When it can no longer be used, or no longer for what it is needed for; None when nothing tells."""
        return min(filter(None, (self.expires_at, self.data_access_expires_at)), default=None)

    def over(self, known: AccessSeen | None) -> AccessSeen:
        """This, and what it leaves open as it was known."""
        if known is None:
            return self
        return replace(
            self,
            expires_at=self.expires_at or known.expires_at,
            data_access_expires_at=self.data_access_expires_at or known.data_access_expires_at,
            issued_at=self.issued_at or known.issued_at,
            scopes=known.scopes if self.scopes is None else self.scopes,
            lacking=known.lacking if self.lacking is None else self.lacking,
        )


def in_use(seen_at: datetime, changed_at: datetime | None) -> bool:
    """Whether what was seen then is of the credential in use, which was put into its place at ``changed_at``."""
    return changed_at is None or changed_at <= seen_at + _MOMENT


def renewal_due(
    access: AccessSeen | None,
    now: datetime,
    *,
    every: timedelta = RENEW_EVERY,
    not_before: timedelta = RENEW_NOT_BEFORE,
) -> bool:
    """Whether a credential with an end is to be renewed now.

    One whose age is not known is tried: the platform refuses if it is too young, and tells by that that it lives.
    """
    if access is None:
        return True
    if access.expires_at == NEVER or (access.expires_at is not None and access.expires_at <= now):
        return False
    return access.issued_at is None or now - access.issued_at >= max(every, not_before)


def days_left(access: AccessSeen | None, now: datetime) -> int | None:
    """Whole days until the end, at least 0; None where there is no end or none is known."""
    ends = access.ends_at if access is not None else None
    return None if ends is None or ends == NEVER else max((ends - now).days, 0)


def data_ended(access: AccessSeen | None, now: datetime) -> str | None:
    """Why a credential that is alive may be shown nothing, in a sentence; None while it has its access to data.

    A person's consent to an application holds for 90 days; behind it calls succeed, and lists may be empty.
    """
    if access is None or not access.valid or access.data_access_expires_at is None:
        return None
    if access.data_access_expires_at > now:
        return None
    day = f"{access.data_access_expires_at:%Y-%m-%d}"
    return f"The token's access to data has ended on {day}; lists may come back empty without an error."


def remedy(account: str, access: AccessSeen | None, now: datetime) -> str:
    """What a person is to do about the end that `ending` tells."""
    connect = f"`archiver account connect {account}`"
    if data_ended(access, now):
        return f"Log in again ({connect}), or use a system user's token, whose access to data has no end."
    return f"Get a new one in time: {connect}."


def ending(access: AccessSeen | None, now: datetime) -> str | None:
    """The end of a credential that comes near, in a sentence for a person; None as long as it is far."""
    left = days_left(access, now)
    if access is None or access.ends_at is None or left is None or access.ends_at - now > WARN_AHEAD:
        return None
    what = "The token" if access.ends_at == access.expires_at else "The token's access to data"
    day = f"{access.ends_at:%Y-%m-%d}"
    if access.ends_at <= now:
        return data_ended(access, now) or f"{what} has ended on {day}."
    return f"{what} ends in {left} day{'' if left == 1 else 's'}, on {day}." if left else f"{what} ends within a day."
