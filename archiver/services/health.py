"""Each morning's question: is everything being captured, and what is missing?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from archiver.domain import coverage as ledger
from archiver.domain.access import AccessSeen, data_ended, remedy
from archiver.domain.coverage import CoverageState, Span
from archiver.domain.observation import OWN_POSTS, OWN_POSTS_WITHOUT_SHARES, OWN_ROOTS
from archiver.domain.register import Standing
from archiver.domain.task import TaskKind
from archiver.services.spending import Bounds, Overview, overview
from archiver.store import Connection, access, accounts, coverage, items, tasks
from archiver.store.decisions import register
from archiver.store.engine import Store

NOTHING_COUNTED: Mapping[str, Bounds] = MappingProxyType({})


class AccountState(StrEnum):
    """An account's light: green, yellow, red, grey; a closed one is dark."""

    OK = "ok"
    GAP = "gap"
    ATTENTION = "attention"
    PAUSED = "paused"
    CLOSED = "closed"


SILENT = frozenset({AccountState.PAUSED, AccountState.CLOSED})
"""Nothing is expected of such an account, and nobody is told of its troubles."""


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """What the clerk and the administrator want to know of one account. Moments are aware, UTC.

    ``last_delivery_at`` is when the last of the deliveries came that were read for it. ``spending`` is there where the
    platform counts. ``not_collected`` says why nothing is, where the account register says so.
    """

    account: str
    platform: str
    handle: str
    state: AccountState
    last_success_at: datetime | None
    last_error: str | None
    advice: str | None
    records: int
    coverage_until: datetime | None
    open_gaps: tuple[Span, ...]
    stated_total: int | None
    held_total: int
    tasks_due: int
    attention_since: datetime | None = None
    failed_since: datetime | None = None
    access: AccessSeen | None = None
    last_delivery_at: datetime | None = None
    spending: Overview | None = None
    not_collected: str | None = None

    def unnamed(self, sentence: str) -> str:
        """An error or a gap's reason without the account's name before it, for a line that begins with that."""
        return ledger.THEN.join(part.removeprefix(f"{self.account}: ") for part in sentence.split(ledger.THEN))


def health(
    store: Store, now: datetime, *, paused: Mapping[str, bool], bounds: Mapping[str, Bounds] = NOTHING_COUNTED
) -> list[AccountHealth]:
    """The health of every configured account, in the configuration's order. ``bounds`` are those that spend."""
    with store.read() as conn:
        counts = items.counts_by_account(conn)
        standing = register.all_standings(conn)
        handles = {row.account.id: row.handle for row in accounts.rows(conn)}
        found = []
        for account_id in paused:
            if account_id not in handles:
                found.append(_not_yet(account_id, paused=paused[account_id]))
                continue
            outcome = accounts.outcome(conn, account_id)
            entered = standing.get(account_id, Standing(account_id))
            spans = coverage.spans(conn, account_id)
            gaps = tuple(ledger.gaps(spans))
            whole = [span for span in spans if span.scope is None and span.state is not CoverageState.NOT_OFFERED]
            account = accounts.get(conn, account_id)
            stated, held = _totals(conn, account_id)
            pushed = tasks.get(conn, account_id, TaskKind.PUSH)
            seen = known[0] if (known := access.known(conn, account_id)) else None
            blind = data_ended(seen, now) if account.authenticated else None
            found.append(
                AccountHealth(
                    account=account_id,
                    platform=account.platform,
                    handle=handles[account_id],
                    state=_state(outcome, gaps, entered, paused=paused[account_id], blind=blind is not None),
                    last_success_at=outcome.last_success_at,
                    last_error=outcome.error or blind,
                    advice=outcome.advice if outcome.error or not blind else remedy(account_id, seen, now),
                    records=counts.get(account_id, 0),
                    coverage_until=ledger.coverage_until(whole),
                    open_gaps=gaps,
                    stated_total=stated,
                    held_total=held,
                    tasks_due=tasks.left(conn, account_id, now),
                    attention_since=outcome.attention_since
                    or (seen.data_access_expires_at if seen and blind else None),
                    failed_since=outcome.failed_since,
                    access=seen,
                    spending=overview(conn, bounds[account_id], now) if account_id in bounds else None,
                    last_delivery_at=pushed.changed_at if pushed is not None else None,
                    not_collected=entered.refusal,
                )
            )
    return found


def _totals(conn: Connection, account: str) -> tuple[int | None, int]:
    """How many posts the platform says that the account has, and how many of those we hold, counted as it counts."""
    stated = coverage.total(conn, account, OWN_POSTS_WITHOUT_SHARES)
    if stated is not None:
        return stated, items.own_live_posts(conn, account, shares=False)
    stated = coverage.total(conn, account, OWN_ROOTS)
    if stated is not None:
        return stated, items.own_live_posts(conn, account, answers=False)
    return coverage.total(conn, account, OWN_POSTS), items.own_live_posts(conn, account)


def _not_yet(account_id: str, *, paused: bool) -> AccountHealth:
    """An account that is in the configuration, and that no command has collected yet."""
    return AccountHealth(
        account=account_id, platform="", handle="", state=AccountState.PAUSED if paused else AccountState.GAP,
        last_success_at=None, last_error="It was not collected yet.", advice="Run `archiver collect`.", records=0,
        coverage_until=None, open_gaps=(), stated_total=None, held_total=0, tasks_due=0,
    )  # fmt: skip


def _state(
    outcome: accounts.Outcome, gaps: Iterable[Span], entered: Standing, *, paused: bool, blind: bool
) -> AccountState:  # fmt: skip
    if entered.closed is not None:
        return AccountState.CLOSED
    if paused or entered.turned_off is not None:
        return AccountState.PAUSED
    if outcome.needs_person or blind:
        return AccountState.ATTENTION
    if outcome.last_success_at is None or outcome.error is not None or any(True for _ in gaps):
        return AccountState.GAP
    return AccountState.OK
