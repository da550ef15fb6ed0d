"""One request until its answer can be read: in turn, logged in, redirected, tried again; each attempt is recorded."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archiver.capture.client import Client
from archiver.capture.clock import Clock
from archiver.capture.pace import Pacer
from archiver.capture.retry import next_attempt
from archiver.domain import coverage as ledger
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.task import Meaning, Step, Verdict
from archiver.errors import AccessLost, PlatformTrouble, RateLimited, TokenMissing
from archiver.platforms.adapter import Login
from archiver.services.journal import Context, Journal, Recorded
from archiver.services.spending import Budget, Purse, bounds_of, no_budget
from archiver.store import captures, limits
from archiver.store.engine import Store
from archiver.warc.event import CaptureEvent

FAILURES_IN_A_ROW = 3
"""So many requests that fail for good in a row are an outage: the account's round ends with a gap."""
LOGINS_PER_REQUEST = 2
REDIRECTS = 5
PATIENCE_S = 60.0
"""A round that does not wait for limits lets pass this much, in seconds, for the pace to allow its next call."""
PAID_ATTEMPTS = 2
"""How often a call is tried that is booked at its highest price when no answer comes."""
FIRST_REST, LONGEST_REST = timedelta(minutes=15), timedelta(hours=4)
"""So long an account with a budget is left alone after such calls: each time twice as long."""
UNKNOWN_LIMIT = timedelta(minutes=5)
"""How long a limit is heeded whose end the platform does not name."""

_APP = "app_id"
"""The accounts with the same value of this are one app's, and its limits bind them all."""
_REFUSED = "refused"
_STOPPED = "stopped"
_ADVICE = {
    Meaning.NEEDS_TOKEN: "Write into config.toml where its token shall be, then run `archiver account connect`.",
    Meaning.ACCOUNT_GONE: "Look at the account on the platform; if it was closed, set `paused = true` for it.",
}


class Stopped(Exception):
    """The stop signal came; everything captured is stored, the task goes on from its cursor next time."""


class TaskFailed(Exception):
    """This task can't be carried out now, others can; the message says why."""


@dataclass(frozen=True, slots=True)
class Means:
    """What it takes to ask: made once, used by all accounts."""

    store: Store
    journal: Journal
    client: Client
    pacer: Pacer
    clock: Clock
    stop: threading.Event
    attempts: int = 5
    budget: Budget = no_budget


class Asker:
    """Asks for one account. ``wait``: limits are waited for; ``waiting`` and ``recorded`` are told what happens."""

    def __init__(
        self, means: Means, account: Account, *, wait: bool, waiting: Callable[[float], None],
        recorded: Callable[[Recorded], None],
    ) -> None:  # fmt: skip
        self.means = means
        self.account = account
        self.wait = wait
        self._of_the_app = means.client.sharing(account, _APP)
        self._waiting = waiting
        self._recorded = recorded
        self._failures = 0
        self._purse: Purse | None = None
        self._in_vain = False
        """Whether the last attempt is booked at its highest price because its answer is not whole."""
        self._random = random.Random()  # noqa: S311 - jitter, not a secret

    def answered(self, context: Context, step: Step) -> Recorded:
        """Send the first request of a step until its answer can be read.

        Raises TaskFailed when only this request fails, PlatformTrouble when the account's round must end, Stopped.
        """
        attempt, logins, redirects = 0, 0, 0
        spec = step.requests[0]
        while True:
            recorded = self._ask(context, step, spec)
            meaning = recorded.verdict.meaning
            if meaning is Meaning.PROCEED:
                self._failures = 0
                return recorded
            if meaning is Meaning.REDIRECT:
                spec, redirects = self._redirected(spec, recorded.exchange, redirects), redirects + 1
                continue
            if meaning is Meaning.SESSION_EXPIRED and logins < LOGINS_PER_REQUEST:
                self.means.client.expire(self.account)
                logins += 1
                continue
            attempt += 1
            verdict = recorded.verdict
            if meaning is Meaning.SESSION_EXPIRED and verdict.at_last is not None:  # a new session is refused, too
                verdict = replace(verdict, meaning=Meaning.RETRY)
            self._heed(verdict, attempt, recorded.exchange)

    def heed_announced_limit(self) -> None:
        """A limit that an earlier process, or another account of the app, was told of still holds."""
        with self.means.store.read() as conn:
            announced = limits.until(conn, self.account.id, self.means.clock.now())
        if announced is not None:
            until, reason = announced
            self._limited_until(until, reason)

    def pause_until(self, moment: datetime) -> None:
        """Let time pass; raises Stopped."""
        while (left := (moment - self.means.clock.now()).total_seconds()) > 0:
            self._pause(left)

    def _ask(self, context: Context, step: Step, spec: RequestSpec) -> Recorded:
        """One attempt, in turn, logged in if need be."""
        means, lane = self.means, self._lane(spec)
        self._login(context, spec)
        far = means.pacer.turn(lane, means.clock, means.stop, patience_s=None if self.wait else PATIENCE_S)
        if far is not None:
            why = f"the platform's budget of calls is used up until {far:%H:%M} UTC."
            self._announce(far, why, shared=means.pacer.shared(lane))
        if len(self._of_the_app) > 1:  # their rounds go on beside this one
            self.heed_announced_limit()
        self._unless_stopped()
        before = means.journal.earlier(self.account, spec)
        asked = spec if before is None else replace(spec, headers=(*spec.headers, *before.fields))
        event = self._sent(context, asked)
        recorded = means.journal.record(context, step, event, spec, before)
        self._in_vain = self._is_in_vain(spec, event, recorded.exchange)
        means.pacer.note(lane, recorded.verdict.budget, now=means.clock.now())
        self._recorded(recorded)
        if (unkept := means.client.unkept(self.account)) is not None:
            raise unkept
        return recorded

    def _sent(self, context: Context, spec: RequestSpec) -> CaptureEvent:
        """One attempt, for which there is money; raises PutOff and Stopped.

        What was set aside stays so until the answer is in the archive, and for good where none gets there. Only what
        was surely never sent costs nothing.
        """
        means, purse = self.means, self._purse_of(context)
        if purse is not None:
            if (quiet := purse.quiet_until(spec.cost, means.clock.now())) is not None:
                self.pause_until(quiet)
            means.journal.catch_up()  # so that what is set aside next is for the next call
            purse.reserve(spec.cost, context.priority, means.clock.now())
        try:
            event = means.client.send(self.account, spec)
        except TokenMissing:
            if purse is not None:
                purse.release()
            raise
        if event.failure == _STOPPED:
            if purse is not None and not event.request:
                purse.release()
            raise Stopped
        return event

    def _is_in_vain(self, spec: RequestSpec, event: CaptureEvent, exchange: Exchange) -> bool:
        whole = exchange.status is not None and exchange.truncated is None
        return bool(spec.cost and event.request) and not whole and self._purse is not None and self._purse.holds_money

    def _rest(self, why: str, now: datetime) -> None:
        """An outage must not use up a month's budget on calls of which nobody knows whether they are charged."""
        with self.means.store.begin() as conn:
            rounds = captures.unanswered_of_late(conn, self.account.id) // PAID_ATTEMPTS
            until = now + min(FIRST_REST * (1 << max(rounds - 1, 0)), LONGEST_REST)
            again = f"It may be charged all the same, so nothing is asked before {until:%H:%M} UTC."
            limits.announce(conn, self.account.id, until, f"{self.account.id}: {why} {again}")

    def _purse_of(self, context: Context) -> Purse | None:
        """What the account may spend; None where nobody counts."""
        tariff = context.adapter.tariff
        if self._purse is None and tariff is not None:
            bounds = bounds_of(
                tariff, self.account.id, self.means.budget, lambda name: self.means.client.sharing(self.account, name)
            )
            self._purse = Purse(self.means.store, bounds)
        return self._purse

    def _login(self, context: Context, spec: RequestSpec) -> None:
        """A session where the platform wants one; when renewing it is refused, a new one by the secret itself."""
        login, client = context.adapter.login(), self.means.client
        while spec.credential is not None and login is not None and client.needs_login(self.account, login):
            renewing = client.refreshing(self.account, login)
            exchange = self._logged_in(context, login)
            if exchange.ok or (renewing and not client.refreshing(self.account, login)):
                continue
            verdict = context.adapter.judge(exchange)
            if verdict.meaning in {Meaning.PROCEED, Meaning.SESSION_EXPIRED}:
                verdict = replace(verdict, meaning=Meaning.ACCESS_LOST)
            self._heed(verdict, self.means.attempts, exchange)

    def _logged_in(self, context: Context, login: Login) -> Exchange:
        event = self.means.client.login(self.account, login)
        if event.failure == _STOPPED:
            raise Stopped
        exchange = self.means.journal.aside(context, event, login.request)
        if (unkept := self.means.client.unkept(self.account)) is not None:
            raise unkept
        return exchange

    def _redirected(self, spec: RequestSpec, exchange: Exchange, redirects: int) -> RequestSpec:
        target = self.means.client.redirect(spec, exchange) if redirects < REDIRECTS else None
        if target is None:
            raise TaskFailed(f"{self.account.id}: {exchange.url} redirects in a way that can't be followed.")
        return target

    def _heed(self, verdict: Verdict, attempt: int, exchange: Exchange) -> None:
        """Wait and return to try again, or end the task or the round with the right kind of trouble."""
        now = self.means.clock.now()
        why = ledger.WHY_NO_ANSWER.get(exchange.failure or "") or ledger.WHY.get(verdict.meaning, verdict.detail)
        reason = why + (f" ({verdict.detail})" if verdict.detail else "") + "."
        if verdict.meaning is Meaning.WAIT:
            self._announce(verdict.until or now + UNKNOWN_LIMIT, reason, shared=verdict.shared)
            return
        detail = f"{self.account.id}: {reason}"
        if verdict.meaning is Meaning.SHAPE_CHANGED:
            raise TaskFailed(detail)
        if verdict.meaning is not Meaning.RETRY:
            raise AccessLost(detail, advice=_ADVICE.get(verdict.meaning))
        most = min(PAID_ATTEMPTS, self.means.attempts) if self._in_vain else self.means.attempts
        more = attempt < most and exchange.failure != _REFUSED
        delay = next_attempt(attempt, verdict, self._random, now) if more else None
        if delay is not None:
            self._pause(delay)
            return
        if exchange.purpose is Purpose.MEDIA:
            raise TaskFailed(f"{detail[:-1]}: {exchange.url}.")
        self._failures += 1
        if self._in_vain and exchange.failure is not None:
            self._rest(reason, now)
        if verdict.at_last is not None:
            self._heed(replace(verdict, meaning=verdict.at_last, at_last=None), attempt, exchange)
        if exchange.failure is not None or self._failures >= FAILURES_IN_A_ROW:
            raise PlatformTrouble(detail, advice="It is tried again at the next round; nothing to do unless it lasts.")
        raise TaskFailed(detail)

    def _announce(self, until: datetime, why: str, *, shared: bool) -> None:
        """A limit lasts: it is kept in the store, so that the next process asks nothing before it is over.

        A shared one is kept for every account of the app.
        """
        bound = self._of_the_app if shared else {self.account.id}
        with self.means.store.begin() as conn:
            for account in sorted(bound):
                limits.announce(conn, account, until, f"{account}: {why}")
        self._limited_until(until, f"{self.account.id}: {why}")

    def _limited_until(self, until: datetime, reason: str) -> None:
        if not self.wait:
            raise RateLimited(reason, until=until, advice="The next round goes on after that; or use --wait.")
        self.pause_until(until)

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self._waiting(seconds)
            self.means.clock.wait(seconds, self.means.stop)
        self._unless_stopped()

    def _unless_stopped(self) -> None:
        if self.means.stop.is_set():
            raise Stopped

    def _lane(self, spec: RequestSpec) -> str:
        return f"{self.account.id}:{spec.credential or 'public'}:{spec.purpose}"
