"""Rounds for several accounts side by side, entered in the register of runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from archiver.capture.clock import Clock
from archiver.services.asking import Stopped
from archiver.services.collect import Round
from archiver.store import captures
from archiver.store.engine import Store

AT_ONCE = 4
"""So many accounts are collected side by side; each account by one thread."""

Work = Callable[[str, int], Round]
"""A round of one account, given its id and the run's number."""


def carry_out(store: Store, clock: Clock, accounts: Sequence[str], command: str, work: Work) -> list[Round]:
    """One round for each account; a stop ends all of them with what they have, and the next call goes on.

    An error of one account's round that is no trouble of its platform (a full disk, a bug) ends the call,
    after the other rounds have come to their end.
    """
    with store.begin() as conn:
        run = captures.start_run(conn, command, clock.now())

    def one(account: str) -> Round | None:
        try:
            return work(account, run)
        except Stopped:
            return None

    outcome = "failed"
    try:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            rounds = [round_ for round_ in pool.map(one, accounts) if round_ is not None]
        outcome = "done" if len(rounds) == len(accounts) else "stopped"
        if any(round_.short for round_ in rounds):
            outcome += ", with gaps"
        return rounds
    finally:
        with store.begin() as conn:
            captures.end_run(conn, run, clock.now(), outcome)
