"""``python -m archiver.sandbox``: the city in a process of its own, for benchmarks and for looking around.

Writes one line of JSON (addresses, accounts with their secrets) when it is ready, and ends with its standard input.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime

from archiver.sandbox.city import SIZES
from archiver.sandbox.server import SandboxCity


def main() -> None:
    """Start, say where, wait."""
    parser = argparse.ArgumentParser(prog="python -m archiver.sandbox", description="A simulated city.")
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--now", type=datetime.fromisoformat, help="the city's present, with a zone")
    parser.add_argument("--real-limits", action="store_true", help="the platforms' own rate limits")
    parser.add_argument("--warm", action="store_true", help="encode the page of each thread first")
    given = parser.parse_args()
    with SandboxCity(seed=given.seed, size=given.size, now=given.now, generous=not given.real_limits) as city:
        pages = city.warm() if given.warm else 0
        sys.stdout.write(json.dumps(_facts(city) | {"pages": pages}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def _facts(city: SandboxCity) -> dict[str, object]:
    accounts = [
        {
            "id": account.name,
            "platform": account.platform,
            "handle": account.handle,
            "department": account.department,
            "base_url": city.base_url(account.name),
            "native_id": account.person.id,
            "secret": account.secret,
            **{setting: value for setting, value in city.secrets(account.name).items() if setting != "token"},
        }
        for account in city.world.accounts.values()
    ]
    return {"bluesky_url": city.bluesky_url, "mastodon_url": city.mastodon_url, "accounts": accounts}


if __name__ == "__main__":
    main()
