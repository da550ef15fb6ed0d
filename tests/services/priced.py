"""A platform that charges for what is read, and that keeps the accounts itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.spending import Period, Tariff
from archiver.domain.task import Step, Task
from archiver.platforms.adapter import Adapter
from archiver.platforms.mastodon import MastodonAdapter
from archiver.services import collect, replay
from tests.platforms.mastodon_world import Answer, Server
from tests.services.loopback import Desk, desk, served
from tests.support.clock import FakeClock

A_POST, A_CALL, LONGEST_PAGE = 1, 20, 40


def price(path: str, status: int | None, body: bytes) -> int:
    """What a call is charged with: each post of a listing, each look at a thread; what is refused is free."""
    if status != 200 or "/accounts/lookup" in path or "instance" in path:
        return 0
    if "/statuses" not in path or "pinned" in path:
        return 0
    if path.partition("?")[0].endswith("/statuses"):
        return A_POST * len(json.loads(body))
    return A_CALL


def most(path: str) -> int:
    """The highest price of a call."""
    if "/statuses" not in path or "pinned" in path:
        return 0
    return A_POST * LONGEST_PAGE if path.partition("?")[0].endswith("/statuses") else A_CALL


def _cost(exchange: Exchange) -> int:
    return price(exchange.url.partition("/api/")[2].join(("/api/", "")), exchange.status, exchange.body)


class PricedMastodon(MastodonAdapter):
    """Mastodon as if it were sold by the piece, in tenths of a cent by the month."""

    tariff: ClassVar[Tariff | None] = Tariff("USD", 1000, Period.MONTH, "UTC", _cost)

    def start(self, task: Task) -> Step:
        """Each request says what it may cost."""
        return _priced(super().start(task))

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """The same."""
        return _priced(super().proceed(task, step, exchange))


class RationedMastodon(PricedMastodon):
    """Mastodon as if each key had units for a day."""

    tariff: ClassVar[Tariff | None] = Tariff("units", 1, Period.DAY, "America/Los_Angeles", _cost, allowance=10_000)


def _priced(step: Step) -> Step:
    requests = (replace(one, cost=most(one.url)) for one in step.requests)
    return replace(step, requests=tuple(requests))


@dataclass(slots=True)
class PricedServer(Server):
    """A server that charges. ``charges`` are the moments of its own clock with what was charged then."""

    clock: FakeClock = field(default_factory=FakeClock)
    charges: list[tuple[datetime, int]] = field(default_factory=list)

    def answer(self, spec: RequestSpec) -> Answer:
        """An answer, and its price on the bill."""
        found = super(PricedServer, self).answer(spec)
        amount = price(spec.url.removeprefix(self.base), found[0], found[2])
        if amount:
            self.charges.append((self.clock.now(), amount))
        return found

    @property
    def bill(self) -> int:
        """All that was charged."""
        return sum(amount for _, amount in self.charges)

    def by_month(self) -> dict[str, int]:
        """What was charged in each month."""
        found: dict[str, int] = {}
        for at, amount in self.charges:
            found[f"{at:%Y-%m}"] = found.get(f"{at:%Y-%m}", 0) + amount
        return found


def sell(monkeypatch: pytest.MonkeyPatch, adapter: type[Adapter] = PricedMastodon) -> None:
    """Have Mastodon accounts collected by an adapter with a tariff."""
    for module in (collect, replay):
        monkeypatch.setattr(module, "adapter_for", adapter)


@contextmanager
def office(folder: Path, world: PricedServer, *, token: bool = False) -> Iterator[Desk]:
    """A process in front of this server, with its clock."""
    with served(world), desk(folder, world, token=token, clock=world.clock) as made:
        yield made
