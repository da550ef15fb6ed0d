"""What ``archiver check`` finds out: whether the machine and each account are ready. It writes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from archiver.capture.client import Client
from archiver.capture.secrets import Secrets
from archiver.domain import coverage as ledger
from archiver.domain.access import NEVER, AccessSeen, data_ended, ending, remedy
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import AccountSeen, Observation
from archiver.domain.task import Meaning, NotOffered, Step, Task, TaskKind, Verdict
from archiver.errors import AccessLost, ArchiverError, PlatformTrouble, ShapeChanged, TokenMissing
from archiver.ledger import keys
from archiver.platforms.adapter import Adapter
from archiver.platforms.registry import adapter_for
from archiver.platforms.terms import CONFLICTS
from archiver.services import left_behind
from archiver.services.recurring import Standing
from archiver.services.spending import Bounds, amount_in_words
from archiver.store.engine import open_store, revision, shown
from archiver.warc.event import CaptureEvent
from archiver.warc.reader import live_exchange
from archiver.warc.writer import CaptureRef

T = TypeVar("T")

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
    yield _store(database, data_dir)


def check_key(folder: Path) -> Checked:
    """The archive's key."""
    fault = keys.fault(folder)
    if fault is not None:
        return Checked("key", Level.MACHINE, fault)
    if not (folder / keys.PRIVATE).exists():
        return Checked("key", Level.OK, f"There is none in {folder} yet; the first command that writes makes it.")
    return Checked("key", Level.OK, f"The archive's key is in {folder}, for its owner only.")


def check_terms(platforms: Iterable[str], decided: Mapping[str, str]) -> Iterator[Checked]:
    """Where the terms of a collected platform and records law collide, and what the city decided about it (R11)."""
    for platform in sorted(CONFLICTS.keys() & set(platforms)):
        conflict = CONFLICTS[platform]
        if platform in decided:
            yield Checked(f"{platform} terms", Level.OK, f"The city decided: {decided[platform]}.")
            continue
        yield Checked(
            f"{platform} terms", Level.WARNING, f"{conflict.words} (read on {conflict.as_of:%Y-%m-%d}).",
            f"Let counsel decide, and write that into [[terms]]; docs/platforms/{platform}.md has the words.",
        )  # fmt: skip


def check_recurring(found: Iterable[Standing]) -> Iterator[Checked]:
    """What the state's law has a city do again and again (R15), and whether it is late."""
    for one in found:
        if one.reminder is None:
            yield Checked(one.what.name, Level.OK, one.sentence)
        else:
            yield Checked(one.what.name, Level.WARNING, one.sentence, one.advice)


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


def _store(database: str, data_dir: Path) -> Checked:
    path = Path(database.removeprefix("sqlite:///"))
    try:
        left_behind.require_not_left(data_dir, shown(database))
        if database.startswith("sqlite:///") and not path.exists():
            return Checked("store", Level.OK, f"There is none at {path} yet; the first command that collects makes it.")
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


def check_budget(bounds: Bounds) -> Checked:
    """Whether somebody has said what an account may cost, where that is money."""
    tariff = bounds.tariff
    if bounds.own is None and bounds.shared is None:
        sentence = f"What is read from its platform is paid for in {tariff.unit}, and it has no budget."
        return Checked(
            bounds.account, Level.WARNING, sentence, f"Set `budget`, in {tariff.unit} for a {tariff.period}."
        )
    limit = bounds.own if bounds.own is not None else bounds.shared or 0
    words = amount_in_words(tariff, limit)
    return Checked(bounds.account, Level.OK, f"It may cost {words} a {tariff.period}.")


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of an account: its id at the platform, its token, and why nothing is collected from it."""

    native_id: str | None = None
    access: AccessSeen | None = None
    not_collected: str | None = None


NOTHING_KNOWN = Known()


UNTRIED = (
    "Its access token has ended, as it does every few hours. The next round renews it; to try that here would use up "
    "the refresh token, and a check writes nothing."
)


def check_account(
    account: Account, client: Client, secrets: Secrets, now: datetime, known: Known = NOTHING_KNOWN
) -> Iterator[Checked]:
    """Ask the platform who the account is, with its token when there is one, and what that may do."""
    try:
        adapter = adapter_for(account)
        login = adapter.login()
        opener = login.secret if login is not None else "token"
        if account.authenticated and secrets.get(account.id, opener) is None:
            yield Checked(account.id, Level.ACCOUNT, "Its token is empty.", "Put the token where config.toml says.")
            return
        shown = _Visit(adapter, account, client).carry_out(TaskKind.PROFILE, now)
    except _Untried:
        yield Checked(account.id, Level.OK, UNTRIED)
        return
    except (TokenMissing, PlatformTrouble) as error:
        yield Checked(account.id, Level.ACCOUNT, error.message, error.advice)
        return
    seen = shown.last(AccountSeen)
    if seen is None:
        yield Checked(account.id, Level.ACCOUNT, "The platform answered, and did not say who the account is.",
                      "Compare the handle in config.toml with the platform.")  # fmt: skip
        return
    if known.native_id not in {None, seen.native_id}:
        sentence = (
            f"The platform answers for @{seen.handle} ({seen.native_id}); so far {known.native_id} was collected."
        )
        yield Checked(
            account.id, Level.ACCOUNT, sentence, "Use a token, and the handle, of the same account as before."
        )
        return
    access = "its token is accepted" if account.authenticated else "no token is configured"
    yield Checked(account.id, Level.OK, f"@{seen.handle} is {seen.native_id}; {access}.")
    account = replace(account, native_id=seen.native_id, facts={**account.facts, **seen.facts})
    if TaskKind.ACCESS in adapter.kinds and account.authenticated:
        yield from check_access(account, client, now, known.access)


def check_access(account: Account, client: Client, now: datetime, known: AccessSeen | None = None) -> Iterator[Checked]:
    """What the account's token may do and how long it lives."""
    try:
        shown = _Visit(adapter_for(account), account, client).carry_out(TaskKind.ACCESS, now)
    except _Untried:
        yield Checked(account.id, Level.OK, UNTRIED)
        return
    except (TokenMissing, PlatformTrouble) as error:
        yield Checked(account.id, Level.WARNING, f"What its token may do can't be told: {error.message}", error.advice)
        return
    seen = shown.last(AccessSeen)
    access = seen.over(known) if seen is not None else known
    if access is not None:
        yield from told_of(account.id, access, now)
    for reason in shown.not_offered:
        yield Checked(account.id, Level.WARNING, reason)


def told_of(account: str, access: AccessSeen, now: datetime) -> Iterator[Checked]:
    """What there is to say of a token, in sentences."""
    connect = f"Run `archiver account connect {account}`."
    if not access.valid:
        yield Checked(account, Level.ACCOUNT, f"Its token is dead: {access.detail or 'the platform says so.'}", connect)
        return
    kind = access.kind.replace("_", " ")
    what = f"Its token is one of the kind {kind!r}" if kind else "Its token is alive"
    if (blind := data_ended(access, now)) is not None:
        yield Checked(account, Level.ACCOUNT, blind, remedy(account, access, now))
    else:
        yield Checked(account, Level.OK, f"{what}; {_until(access)}.")
        if (soon := ending(access, now)) is not None:
            yield Checked(account, Level.WARNING, soon, remedy(account, access, now))
    if access.detail:
        yield Checked(account, Level.WARNING, access.detail)
    for one in access.lacking or ():
        sentence = f"Its token lacks the scope {one.scope}; without it these are not captured: {one.purpose}."
        yield Checked(account, Level.WARNING, sentence, f"Get one that has it: {connect[4:]}")


def _until(access: AccessSeen) -> str:
    """When a token ends, or what it is needed for."""
    if access.ends_at is None:
        return "when it ends was not told"
    if access.ends_at == NEVER:
        return "it has no end"
    what = "it" if access.ends_at == access.expires_at else "its access to data"
    return f"{what} ends on {access.ends_at:%Y-%m-%d}"


@dataclass(slots=True)
class _Shown:
    """What a visit showed: the last of each kind of observation counts."""

    seen: list[Observation] = field(default_factory=list)
    not_offered: list[str] = field(default_factory=list)

    def last(self, kind: type[T]) -> T | None:
        """What was told last of a kind."""
        return next((one for one in reversed(self.seen) if isinstance(one, kind)), None)

    def note(self, step: Step) -> None:
        """Keep what a step says that the platform does not give."""
        for one in step.findings:
            if isinstance(one, NotOffered) and one.reason not in self.not_offered:
                self.not_offered.append(one.reason)


class _Untried(Exception):
    """The session has ended, and to open another would use up what it is made of."""


class _Visit:
    """A task, carried out in memory only."""

    def __init__(self, adapter: Adapter, account: Account, client: Client) -> None:
        self.adapter = adapter
        self.account = account
        self.client = client

    def carry_out(self, kind: TaskKind, now: datetime) -> _Shown:
        """What it showed; raises PlatformTrouble. Nothing is asked that would bring a new token."""
        task, shown = Task(self.account, kind, now), _Shown()
        step = self.adapter.start(task)
        self._login()
        for _ in range(MOST_REQUESTS):
            shown.note(step)
            if step.done or step.requests[0].grant is not None:
                break
            spec = step.requests[0]
            exchange = self._live(self.client.send(self.account, spec), spec, kind)
            if self.adapter.judge(exchange).meaning is Meaning.SESSION_EXPIRED:
                self.client.expire(self.account)
                self._login()
                exchange = self._live(self.client.send(self.account, spec), spec, kind)
            self._heed(self.adapter.judge(exchange), exchange)
            shown.seen += self.adapter.read(exchange)
            step = self.adapter.proceed(task, step, exchange)
        return shown

    def _login(self) -> None:
        login = self.adapter.login()
        if login is None or not self.account.authenticated or not self.client.needs_login(self.account, login):
            return
        if not self.client.may_log_in(self.account, login):
            raise _Untried
        event = self.client.login(self.account, login)
        exchange = self._live(event, login.request, TaskKind.PROFILE)
        if not exchange.ok:
            verdict = self.adapter.judge(exchange)
            detail = verdict.detail or f"the platform answered {exchange.status}"
            raise PlatformTrouble(
                f"The login was refused: {detail}.", advice="Make a new app password and put it where config.toml says."
            )

    def _live(self, event: CaptureEvent, spec: RequestSpec, kind: TaskKind) -> Exchange:
        facts = {"sequence": "0", "account": self.account.id, "stream": spec.stream, "task": str(kind)}
        return live_exchange(event, _NOWHERE, facts)

    def _heed(self, verdict: Verdict, exchange: Exchange) -> None:
        if verdict.meaning is Meaning.PROCEED:
            return
        why = ledger.WHY_NO_ANSWER.get(exchange.failure or "") or ledger.WHY.get(verdict.meaning, "it can't be read")
        words = f" ({verdict.detail})" if verdict.detail else ""
        if verdict.meaning in {Meaning.ACCESS_LOST, Meaning.NEEDS_TOKEN}:
            connect = f"Run `archiver account connect {self.account.id}`."
            raise AccessLost(f"{why[:1].upper()}{why[1:]}{words}.", advice=connect)
        raise ShapeChanged(f"{why[:1].upper()}{why[1:]}{words}.", advice="Run `archiver check` again after mending it.")
