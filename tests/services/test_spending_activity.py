"""Whatever citizens and the city do, whatever the budget, and wherever the process dies: the bill is within it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.capture.client import Client
from archiver.services.rebuild import check
from archiver.services.replay import recover
from tests.platforms.mastodon_world import ANN, CITY
from tests.services.loopback import Desk
from tests.services.priced import PricedServer, office, sell
from tests.services.test_spending import quiet


@dataclass(frozen=True)
class Hours:
    """Some hours: what is written in them, whether the process that looks then dies, and at which of its calls."""

    hours: int
    posts: int
    replies: int
    everything: bool
    dies_at: int | None


spells = st.builds(
    Hours, st.sampled_from([1, 30, 24 * 9]), st.integers(0, 4), st.integers(0, 3), st.booleans(),
    st.none() | st.integers(1, 12),
)  # fmt: skip


@pytest.mark.timeout(300)
@settings(max_examples=4)
@given(st.integers(0, 700), st.lists(spells, min_size=4, max_size=8))
def test_no_more_than_the_budget_ever(budget: int, made: list[Hours]) -> None:
    """Month by month; the books tell of no less than the bill, and a rebuild makes all of it again."""
    world = PricedServer()
    with TemporaryDirectory(prefix="archiver-activity-") as folder, pytest.MonkeyPatch.context() as patch:
        sell(patch)
        with office(Path(folder), world) as desk:
            desk.budget = Decimal(budget) / 1000
            for spell in made:
                live(world, spell)
                look(desk, spell)
                assert max(world.by_month().values(), default=0) <= budget
                assert desk.rows("SELECT coalesce(sum(amount), 0) FROM spending")[0][0] >= world.bill
            compared = check(
                desk.store, desk.folder / "warc", desk.folder / "scratch", world.clock.now(), progress=quiet
            )
            assert compared.differences == []


def live(world: PricedServer, spell: Hours) -> None:
    """Time passes, posts and replies are written."""
    world.clock.advance(spell.hours * 3600)
    for number in range(spell.posts):
        at = world.clock.now() - timedelta(minutes=50 - number)
        root = f"{114000000000000000 + 1000 * len(world.statuses)}"
        world.post(root, CITY, at=at)
        for answer in range(spell.replies):
            world.post(f"{int(root) + 1 + answer}", ANN, to=root, at=at + timedelta(minutes=answer + 1))


def look(desk: Desk, spell: Hours) -> None:
    """A round, by a process that may die when a call was answered; the next one begins with what each begins with."""
    sending, sent = Client.send, 0

    def send(self: Client, *args: Any, **more: Any) -> Any:
        nonlocal sent
        sent += 1
        event = sending(self, *args, **more)
        if sent == spell.dies_at:
            raise KeyboardInterrupt
        return event

    with pytest.MonkeyPatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(Client, "send", send)
        desk.round(everything=spell.everything)
    recover(desk.store, desk.segments)
