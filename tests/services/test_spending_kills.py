"""A process that is killed when the platform has charged, and before anything is written, overspends nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from archiver.domain.exchange import RequestSpec
from archiver.services.rebuild import check
from archiver.services.replay import recover
from archiver.services.verify import verify
from tests.platforms.mastodon_world import ANN, CITY, Answer
from tests.services.loopback import desk, served
from tests.services.priced import A_CALL, PricedServer, sell
from tests.services.test_spending import quiet

ROOT = Path(__file__).parents[2]
BUDGET = 900
PATIENCE_S = 120.0


@dataclass(slots=True)
class DeadlyServer(PricedServer):
    """Kills whoever asks after so many charges, at once or a little later."""

    kill: Callable[[], None] = lambda: None
    deadly: int = 0
    after_s: float = 0.0

    def answer(self, spec: RequestSpec) -> Answer:
        """The bill is written, then the process that asked is gone."""
        before = len(self.charges)
        found = super(DeadlyServer, self).answer(spec)
        if before < self.deadly <= len(self.charges):
            sleep(self.after_s)
            self.kill()
        return found


@pytest.mark.timeout(180)
def test_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times, at a call that was charged; then the books hold all of the bill, and the bill is within the budget."""
    world = DeadlyServer()
    for number in range(8):
        root, at = f"11400000000000{number:04d}", world.clock.now() - timedelta(hours=number + 1)
        world.post(root, CITY, at=at)
        world.post(f"11400000000010{number:04d}", ANN, to=root, at=at + timedelta(minutes=5))
    with served(world) as address:
        for kill in range(4):
            run_until_killed(world, tmp_path, address, deadly=len(world.charges) + 3 + 4 * kill)
            assert world.bill <= BUDGET
        sell(monkeypatch)
        with desk(tmp_path, world, clock=world.clock) as made:
            recover(made.store, made.segments)
            assert made.count("reservations") == 0
            booked = int(made.rows("SELECT sum(amount) FROM spending")[0][0])
            assert world.bill <= booked <= BUDGET
            assert booked - world.bill <= 4 * 2 * A_CALL  # what was never seen costs the most that it may
            assert list(verify(made.store, tmp_path / "warc", full=True, workers=1, progress=quiet)) == []
            compared = check(made.store, tmp_path / "warc", tmp_path / "scratch", made.clock.now(), progress=quiet)
            assert compared.differences == []


def run_until_killed(world: DeadlyServer, folder: Path, address: str, *, deadly: int) -> None:
    """A process that lives until the platform has charged that often."""
    command = [sys.executable, "-m", "tests.services.spending_child", str(folder), address, f"0.{BUDGET}"]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    world.kill, world.deadly = (lambda: os.kill(child.pid, signal.SIGKILL)), deadly
    end = monotonic() + PATIENCE_S
    while child.poll() is None and monotonic() < end:
        sleep(0.05)
    world.deadly = 0
    told = ""
    if child.stderr is not None:
        if child.poll() is None:
            child.kill()
        told = child.stderr.read()
        child.stderr.close()
    assert child.wait() == -signal.SIGKILL, told
