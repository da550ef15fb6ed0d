"""The daemon: APScheduler as a mere clock.

It ticks; what is due lives in the store (`services.schedule`), so a tick that is missed, late or doubled loses
nothing. A tick of an account asks the store, and carries a round out when something is due. The main thread waits for
the signal to stop, tells systemd that all is well, and sets the ticks right when the machine's clock was set.

Where the configuration has ``[listen]``, what platforms push is received here, too; a tick of its own reads it.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from archiver import systemd
from archiver.errors import ArchiverError
from archiver.reception import Reception
from archiver.services.alerts import Alerts
from archiver.services.collect import Collector, Round
from archiver.services.register import refusals
from archiver.services.rounds import carry_out
from archiver.services.schedule import anything_due, rest_until
from archiver.services.seal import enter_missed, enter_sealed
from archiver.store import accounts, captures
from archiver.wiring import Archive

log = structlog.get_logger()

TICK = timedelta(seconds=10)
"""How often an account's tasks are looked at; more often when it is to be polled more often."""
GRACE = timedelta(seconds=60)
"""A tick that comes later than this is reported as missed: the machine slept, or is overloaded."""
TELL_EVERY_S = 300.0
"""Gaps grow old and disks fill up between rounds too."""
THREADS = 16
"""So many accounts are collected side by side at most."""
LOOK_S = 1.0
JUMP_S = 5.0
"""Wall clock and monotonic clock that drift apart by more, from one look to the next, mean that the clock was set."""
CHECK = "pulse"
PUSHED = "pushed"
ADOPT_EVERY = timedelta(seconds=2)
"""How often deliveries are looked for: a comment that was pushed is asked for while it is still there."""
LISTEN_EVERY = timedelta(seconds=30)
"""How often a receiver that could not start tries again."""


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Now, and again after each interval. Ticks of a time that was slept through don't pile up, however long it was."""

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next tick, after ``now``."""
        return now if previous_fire_time is None else max(previous_fire_time, now) + self.interval


class Daemon:
    """Collects until it is stopped. ``threads`` accounts at once; a tick later than ``grace`` counts as missed."""

    def __init__(
        self,
        archive: Archive,
        alerts: Alerts,
        *,
        threads: int = THREADS,
        tick: timedelta = TICK,
        grace: timedelta = GRACE,
    ) -> None:
        self.archive = archive
        self.alerts = alerts
        self.accounts = [one.id for one in archive.settings.chosen([])]
        self._parts = archive.parts(_no_progress)
        self._adopter = archive.adopter()
        self._reception = Reception(archive.settings, archive.clock)
        self._tick_every = tick
        self._refused: dict[str, int] = {}
        self._not_collected: dict[str, str | None] = {}
        self._alive_at = time.monotonic()
        self._news = threading.Event()
        workers = max(1, min(threads, len(self.accounts)))
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={
                "default": ThreadPoolExecutor(workers),
                CHECK: ThreadPoolExecutor(1),
                PUSHED: ThreadPoolExecutor(1),
            },
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": max(1, int(grace.total_seconds())),
            },
        )
        # the two listeners below report what matters, with the account's name
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL + 1)
        self._scheduler.add_listener(self._missed, EVENT_JOB_MISSED)
        self._scheduler.add_listener(self._broken, EVENT_JOB_ERROR)

    def run(self) -> None:
        """Until the archive's stop event is set; every round has come to its end when this returns."""
        self._plan()
        self._scheduler.start()
        teller = threading.Thread(target=self._tell_now_and_then, name="alerts", daemon=True)
        teller.start()
        log.info("started", accounts=len(self.accounts), data_dir=str(self.archive.settings.data_dir))
        systemd.notify(systemd.READY, f"STATUS=Collecting {len(self.accounts)} accounts")
        try:
            self._watch()
        finally:
            systemd.notify(systemd.STOPPING)
            log.info("stopping")
            self._news.set()
            self._scheduler.shutdown(wait=True)
            self._reception.close()
            # a mail server that does not answer is left alone: what was not told is told at the next start
            teller.join(timeout=2)
            log.info("stopped")

    def realign(self) -> None:
        """All ticks now: the clock was set, and they may have been planned for a year that is far away."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def _plan(self) -> None:
        for account in self.accounts:
            every = min(self._tick_every, self._parts.rhythm(account).poll / 2)
            self._scheduler.add_job(self._tick, Every(every), args=[account], id=account)
        self._scheduler.add_job(self._adopt, Every(ADOPT_EVERY), id=f" {PUSHED}", executor=PUSHED)
        self._scheduler.add_job(self._reception.keep_up, Every(LISTEN_EVERY), id=" listen", executor=PUSHED)
        self._scheduler.add_job(self._pulse, Every(timedelta(seconds=LOOK_S)), id=f" {CHECK}", executor=CHECK)

    def _watch(self) -> None:
        """The main thread's work until the stop."""
        every, told_at = systemd.watchdog_s(), -1e9
        drift = _drift()
        while not self.archive.stop.wait(LOOK_S if every is None else min(LOOK_S, every)):
            if abs(_drift() - drift) > JUMP_S:
                log.warning("the clock was set", seconds=round(_drift() - drift))
                drift = _drift()
                self.realign()
            healthy = time.monotonic() - self._alive_at < 10 * LOOK_S
            if every is not None and healthy and time.monotonic() - told_at >= every / 2:
                systemd.notify(systemd.ALIVE)
                told_at = time.monotonic()

    def _pulse(self) -> None:
        """Shows that the scheduler ticks."""
        self._alive_at = time.monotonic()

    def _adopt(self) -> None:
        """Read what was pushed; whoever it is about is looked at now."""
        now = self.archive.clock.now()
        try:
            adopted = self._adopter.adopt(self.accounts, now)
            if adopted:
                enter_missed(
                    self.archive.store, self.archive.segments, now, signer=self.archive.signer, pushed_only=True
                )
        except ArchiverError as error:
            log.warning("deliveries could not be read", why=str(error))
            return
        for one in adopted:
            total = one.total
            log.info(
                "deliveries read", account=one.account, deliveries=one.deliveries, new=total.new, edited=total.edited,
                removed=total.removed,
            )  # fmt: skip
            self._scheduler.modify_job(one.account, next_run_time=datetime.now(UTC))

    def _tick(self, account: str) -> None:
        """A round, if one is due. Whatever goes wrong concerns this account alone, and is its last error."""
        if self.archive.stop.is_set() or not self._its_turn(account):
            return
        try:
            rounds = carry_out(
                self.archive.store, self.archive.clock, [account], "run",
                lambda name, run: Collector(self._parts, name, wait=False, run=run).due(),
            )  # fmt: skip
            enter_sealed(
                self.archive.store, self.archive.segments, self.archive.clock.now(), signer=self.archive.signer
            )
        except ArchiverError as error:
            log.warning("round failed", account=account, why=str(error))
        else:
            for round_ in rounds:
                _report(round_)
        self._news.set()

    def _its_turn(self, account: str) -> bool:
        """Whether something is due and the account is not resting; a renewed token ends the rest of a refused one."""
        now, rhythm = self.archive.clock.now(), self._parts.rhythm(account)
        why = refusals(self.archive.store, [account]).get(account)
        if why is not None and why != self._not_collected.get(account):
            log.info("not collected", account=account, why=why)
        self._not_collected[account] = why
        if why is not None:
            return False
        with self.archive.store.read() as conn:
            outcome = accounts.outcome(conn, account)
            if not anything_due(conn, account, now, rhythm):
                return False
        token = self._token(account)
        if not outcome.needs_person:
            self._refused.pop(account, None)
            return rest_until(outcome, rhythm, now) is None
        renewed = self._refused.get(account) != token
        self._refused[account] = token
        return renewed or rest_until(outcome, rhythm, now) is None

    def _token(self, account: str) -> int:
        """A number that changes with the account's secret."""
        try:
            return hash(self.archive.secrets.get(account))
        except ArchiverError:
            return 0

    def _missed(self, event: JobExecutionEvent) -> None:
        """A tick came too late: in the log and in the register of runs. The next one makes up for it."""
        if event.job_id not in self.accounts:
            return
        planned = event.scheduled_run_time.astimezone(UTC)
        log.warning("tick missed", account=event.job_id, planned_at=planned.isoformat(timespec="seconds"))
        now = self.archive.clock.now()
        with self.archive.store.begin() as conn:
            run = captures.start_run(conn, f"run {event.job_id}", now)
            captures.end_run(conn, run, now, f"missed: planned for {planned:%Y-%m-%dT%H:%M:%SZ}")

    def _broken(self, event: JobExecutionEvent) -> None:
        """A tick ended in a bug; the account's last error says so already, if the store could be written to."""
        log.error(
            "tick failed", account=event.job_id, error=type(event.exception).__name__, where=_where(event.traceback)
        )
        self._news.set()

    def _tell_now_and_then(self) -> None:
        """Alerts, after rounds and every few minutes, on a thread that nobody waits for."""
        while not self.archive.stop.is_set():
            self._news.clear()
            try:
                self.alerts.tell(self.archive.store, self.archive.clock.now())
            except Exception:  # telling must not stop collecting
                log.exception("alerts failed")
            self._news.wait(TELL_EVERY_S)


def _no_progress(_account: str, _event: str, _round: Round) -> None:
    """Nobody watches a daemon's rounds."""


def _report(round_: Round) -> None:
    total = round_.total
    counts: dict[str, Any] = {
        "calls": round_.exchanges,
        "new": total.new,
        "edited": total.edited,
        "removed": total.removed,
    }
    if round_.short:
        why = str(round_.trouble) if round_.trouble else (round_.problems + round_.gaps)[0]
        log.warning("round done, with gaps", account=round_.account, **counts, why=why)
    else:
        log.info("round done", account=round_.account, **counts)


def _drift() -> float:
    """Wall clock less monotonic clock, in seconds: constant as long as nobody sets the clock."""
    return time.time() - time.monotonic()


def _where(formatted: str | None) -> str:
    """The last place in a traceback."""
    lines = [line.strip() for line in (formatted or "").splitlines() if line.strip().startswith("File ")]
    return lines[-1] if lines else ""
