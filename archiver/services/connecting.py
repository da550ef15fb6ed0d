"""Getting an account a token that lasts, trying it, and storing it. The archive itself is not touched.

Everything on the way is in memory: what the person brought, and what the calls bring. Stored is the last thing only,
when the platform has shown that it is good and whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from archiver.capture.client import Client
from archiver.capture.secrets import Secrets
from archiver.domain import coverage as ledger
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.domain.task import Meaning, TaskKind
from archiver.errors import AccessLost, PlatformTrouble
from archiver.platforms.adapter import Adapter
from archiver.platforms.connecting import TOKEN, Stage, Way
from archiver.services.checkup import NOTHING_KNOWN, Checked, Known, Level, check_account
from archiver.warc.reader import live_exchange
from archiver.warc.writer import CaptureRef

_NOWHERE = CaptureRef("", "", 0, 0, None, None, datetime(2026, 1, 1).astimezone())


@dataclass
class Connecting:
    """One account on its way to a token. ``client`` uses ``secrets``, which hold things in memory only."""

    account: Account
    adapter: Adapter
    client: Client
    secrets: Secrets
    known: Known = NOTHING_KNOWN
    checks: list[Checked] = field(default_factory=list)

    def go(self, way: Way, given: Mapping[str, str], now: datetime) -> Iterator[Checked]:
        """Take the way, and try the token that it leads to. Raises PlatformTrouble where the way ends early."""
        for name, value in given.items():
            self.secrets.hold(self.account.id, name, value)
        names = {*self.account.secrets, *given}
        names = {*names, *way.brings}
        account = replace(self.account, authenticated=True, secrets=frozenset(names))
        for stage in way.stages:
            self._take(account, stage)
        if self.secrets.get(account.id, TOKEN) is None:
            raise AccessLost(f"{account.id}: There is no token at the end of this way.", advice="Choose another one.")
        account = replace(account, secrets=account.secrets | {TOKEN})
        for one in check_account(account, self.client, self.secrets, now, self.known):
            self.checks.append(one)
            yield one

    @property
    def good(self) -> bool:
        """Whether the token was tried, and nothing that it is needed for was refused."""
        return bool(self.checks) and all(one.level in {Level.OK, Level.WARNING} for one in self.checks)

    def store(self, into: Secrets, way: Way, given: Iterable[str], now: datetime) -> list[Path]:
        """Put what was got where the configuration says; the files. Raises OperatorError."""
        paths = []
        for name in dict.fromkeys((*way.brings, *given)):
            value = self.secrets.get(self.account.id, name)
            if value is None or (name not in way.brings and not into.storable(self.account.id, name)):
                continue
            path = into.store(self.account.id, name, value, now)
            if path is not None:
                paths.append(path)
        return paths

    def _take(self, account: Account, stage: Stage) -> None:
        event = self.client.send(account, stage.request)
        facts = {
            "sequence": "0", "account": account.id, "stream": stage.request.stream, "task": str(TaskKind.ACCESS),
        }  # fmt: skip
        exchange = live_exchange(event, _NOWHERE, facts)
        if exchange.status is None:
            why = ledger.WHY_NO_ANSWER.get(exchange.failure or "", "no answer came")
            raise PlatformTrouble(f"{account.id}: {why} ({exchange.url}).", advice="Try again when it answers.")
        grant = stage.request.grant
        brought = grant is None or all(self.secrets.get(account.id, name) for name, _ in grant.brings)
        if not brought:
            raise AccessLost(f"{account.id}: {self._words(exchange)}", advice=stage.missing)

    def _words(self, exchange: Exchange) -> str:
        """What the platform said instead of what was asked for."""
        verdict = self.adapter.judge(exchange)
        if verdict.detail:
            return f"The platform said: {verdict.detail.rstrip('.')}."
        why = ledger.WHY.get(verdict.meaning) if verdict.meaning is not Meaning.PROCEED else None
        return f"{why or 'the answer did not bring what was asked for'}."
