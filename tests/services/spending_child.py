"""A process that collects from a server that charges, until it is killed: ``FOLDER ADDRESS BUDGET``."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

from archiver.services import collect, replay
from archiver.services.replay import recover
from tests.services.loopback import desk
from tests.services.priced import PricedMastodon, PricedServer


def main(folder: Path, address: str, budget: Decimal) -> None:
    """Recover, then round after round, everything each time, two hours apart."""
    for module in (collect, replay):
        module.adapter_for = PricedMastodon  # type: ignore[attr-defined]
    world = PricedServer(base=address)
    with desk(folder, world, clock=world.clock) as made:
        made.budget = budget
        recover(made.store, made.segments)
        while True:
            made.round(everything=True)
            world.clock.advance(7200)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Decimal(sys.argv[3]))
