"""Rounds for several accounts side by side, entered in the register of runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog

from archiver.capture.clock import Clock
from archiver.errors import ArchiverError
from archiver.services.asking import Stopped
from archiver.services.collect import Round
from archiver.services.register import refusals
from archiver.store import accounts as register
from archiver.store import captures
from archiver.store.engine import Store

log = structlog.get_logger()

AT_ONCE = 4
"""So many accounts are collected side by side; each account by one thread."""

Work = Callable[[str, int], Round]
"""A round of one account, given its id and the run's number."""


def carry_out(store: Store, clock: Clock, accounts: Sequence[str], command: str, work: Work) -> list[Round]:
    """One round for each account; a stop ends all of them with what they have, and the next call goes on.

    From an account that is not in the register, or that was closed, nothing is collected (R1): the log says why.
    An error of one account's round that is no trouble of its platform (a full disk, a bug) is kept as the account's
    last error, and ends the call after the other rounds have come to their end.
    """
    refused = refusals(store, accounts)
    for account, why in refused.items():
        log.warning("not collected", account=account, why=why)
    accounts = [account for account in accounts if account not in refused]
    if refused and not accounts:
        return []
    with store.begin() as conn:
        run = captures.start_run(conn, command, clock.now())

    def one(account: str) -> Round | None:
        try:
            return work(account, run)
        except Stopped:
            return None
        except Exception as error:
            _keep(store, account, error, clock)
            raise

    outcome = "failed"
    try:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            # Not `map`: after one error it would cancel the rounds that have not begun.
            begun = [pool.submit(one, account) for account in accounts]
        rounds = [round_ for future in begun if (round_ := future.result()) is not None]
        outcome = "done" if len(rounds) == len(accounts) else "stopped"
        if any(round_.short for round_ in rounds):
            outcome += ", with gaps"
        return rounds
    finally:
        with store.begin() as conn:
            captures.end_run(conn, run, clock.now(), outcome)


def _keep(store: Store, account: str, error: Exception, clock: Clock) -> None:
    """Have ``archiver status`` show an error that was not expected; what it says may be a stranger's text."""
    known = error if isinstance(error, ArchiverError) else None
    fault = known or ArchiverError(
        f"{account}: A fault in the archiver itself: {type(error).__name__}.",
        advice="It is tried again; what was captured is safe. If it lasts, report it with the log.",
    )
    try:
        with store.begin() as conn:
            register.set_outcome(conn, account, at=clock.now(), trouble=fault)
    except ArchiverError as second:
        log.warning("an error could not be kept", account=account, why=str(second))
