"""What ``archiver check`` finds out: whether the machine and each account are ready. It writes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from archiver.capture.client import Client
from archiver.capture.secrets import Secrets
from archiver.domain import coverage as ledger
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import AccountSeen
from archiver.domain.task import Meaning, Task, TaskKind, Verdict
from archiver.errors import ArchiverError, PlatformTrouble, ShapeChanged, TokenMissing
from archiver.ledger import keys
from archiver.platforms.adapter import Adapter
from archiver.platforms.registry import adapter_for
from archiver.store.engine import open_store, revision
from archiver.warc.event import CaptureEvent
from archiver.warc.reader import live_exchange
from archiver.warc.writer import CaptureRef

LEAST_FREE_BYTES = 2 * 10**9
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that is behind this program's making is wrong."""
MOST_REQUESTS = 12
_NOWHERE = CaptureRef("", "", 0, 0, None, None, EARLIEST)


class Level(StrEnum):
    """How bad it is: ``account`` trouble ends with exit code 3, ``machine`` trouble with 1."""

    OK = "ok"
    WARNING = "warning"
    ACCOUNT = "account"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was looked at: a sentence, and what to do when it is not well."""

    what: str
    level: Level
    sentence: str
    advice: str = ""


def check_machine(database: str, data_dir: Path, storage: Path, now: datetime) -> Iterator[Checked]:
    """Clock, disk, storage and store."""
    if now < EARLIEST:
        yield Checked(
            "clock", Level.MACHINE, f"The clock says {now:%Y-%m-%d}.", "Set the clock; records carry its time."
        )
    else:
        yield Checked("clock", Level.OK, f"The clock says {now:%Y-%m-%d %H:%M} UTC.")
    for what, folder in (("data folder", data_dir), ("WARC folder", storage)):
        yield _folder(what, folder)
    yield _store(database)


def check_key(folder: Path) -> Checked:
    """The archive's key."""
    fault = keys.fault(folder)
    if fault is not None:
        return Checked("key", Level.MACHINE, fault)
    if not (folder / keys.PRIVATE).exists():
        return Checked("key", Level.OK, f"There is none in {folder} yet; the first command that writes makes it.")
    return Checked("key", Level.OK, f"The archive's key is in {folder}, for its owner only.")


def _folder(what: str, folder: Path) -> Checked:
    standing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(standing, os.W_OK | os.X_OK):
        return Checked(
            what, Level.MACHINE, f"{standing} can't be written to.", "Give this user the right to, or choose another."
        )
    free = shutil.disk_usage(standing).free
    sentence = f"{folder} has {free / 10**9:.1f} GB free."
    if free < LEAST_FREE_BYTES:
        return Checked(what, Level.MACHINE, sentence, "Make room before capture stops.")
    return Checked(what, Level.OK, sentence)


def _store(database: str) -> Checked:
    path = Path(database.removeprefix("sqlite:///"))
    if database.startswith("sqlite:///") and not path.exists():
        return Checked("store", Level.OK, f"There is none at {path} yet; the first command that collects makes it.")
    try:
        if revision(database) is None:
            return Checked(
                "store", Level.OK, "There is none in the database yet; the first command that collects makes it."
            )
        store = open_store(database)
    except ArchiverError as error:
        return Checked("store", Level.MACHINE, error.message, error.advice)
    try:
        return Checked("store", Level.OK, f"{store.url} is at schema {revision(database)}.")
    finally:
        store.dispose()


def check_account(account: Account, client: Client, secrets: Secrets, now: datetime) -> Checked:
    """Ask the platform who the account is, with its token when there is one."""
    try:
        if account.authenticated and secrets.get(account.id) is None:
            return Checked(account.id, Level.ACCOUNT, "Its token is empty.", "Put the token where config.toml says.")
        seen = _Visit(adapter_for(account), account, client).carry_out(now)
    except TokenMissing as error:
        return Checked(account.id, Level.ACCOUNT, error.message, error.advice)
    except PlatformTrouble as error:
        return Checked(account.id, Level.ACCOUNT, error.message, error.advice)
    if seen is None:
        return Checked(account.id, Level.ACCOUNT, "The platform answered, and did not say who the account is.",
                       "Compare the handle in config.toml with the platform.")  # fmt: skip
    access = "its token is accepted" if account.authenticated else "no token is configured"
    return Checked(account.id, Level.OK, f"@{seen.handle} is {seen.native_id}; {access}.")


class _Visit:
    """The profile task, carried out in memory only."""

    def __init__(self, adapter: Adapter, account: Account, client: Client) -> None:
        self.adapter = adapter
        self.account = account
        self.client = client

    def carry_out(self, now: datetime) -> AccountSeen | None:
        """Who the account is; raises PlatformTrouble."""
        task = Task(self.account, TaskKind.PROFILE, now)
        step = self.adapter.start(task)
        self._login()
        found: AccountSeen | None = None
        for _ in range(MOST_REQUESTS):
            if step.done:
                break
            spec = step.requests[0]
            exchange = self._live(self.client.send(self.account, spec), spec)
            self._heed(self.adapter.judge(exchange), exchange)
            found = next((one for one in self.adapter.read(exchange) if isinstance(one, AccountSeen)), found)
            step = self.adapter.proceed(task, step, exchange)
        return found

    def _login(self) -> None:
        login = self.adapter.login()
        if login is None or not self.account.authenticated or not self.client.needs_login(self.account, login):
            return
        exchange = self._live(self.client.login(self.account, login), login.request)
        if not exchange.ok:
            verdict = self.adapter.judge(exchange)
            detail = verdict.detail or f"the platform answered {exchange.status}"
            raise PlatformTrouble(
                f"The login was refused: {detail}.", advice="Make a new app password and put it where config.toml says."
            )

    def _live(self, event: CaptureEvent, spec: RequestSpec) -> Exchange:
        facts = {"sequence": "0", "account": self.account.id, "stream": spec.stream, "task": str(TaskKind.PROFILE)}
        return live_exchange(event, _NOWHERE, facts)

    def _heed(self, verdict: Verdict, exchange: Exchange) -> None:
        if verdict.meaning is Meaning.PROCEED:
            return
        why = ledger.WHY_NO_ANSWER.get(exchange.failure or "") or ledger.WHY.get(verdict.meaning, "it can't be read")
        words = f" ({verdict.detail})" if verdict.detail else ""
        raise ShapeChanged(f"{why[:1].upper()}{why[1:]}{words}.", advice="Run `archiver check` again after mending it.")
