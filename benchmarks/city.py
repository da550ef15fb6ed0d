"""The simulated city in a process of its own, so that serving its pages is not counted as our cost.

``python -m benchmarks.city ITEMS`` writes one line of JSON when it is ready and ends with its standard input.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from archiver.sandbox.city import Size
from archiver.sandbox.server import SandboxCity
from benchmarks.process import environment

ACCOUNTS = {"bluesky": "hall-bluesky", "mastodon": "parks-mastodon"}
COMMENTS_PER_POST = 100


@dataclass(frozen=True, slots=True)
class City:
    """Where a city answers, and the one account that it has."""

    account: str
    platform: str
    handle: str
    base_url: str
    secret: str
    comments: int


@contextmanager
def city(platform: str, comments: int) -> Iterator[City]:
    """A running city whose one account has so many comments, a hundred to a post."""
    command = (sys.executable, "-m", "benchmarks.city", platform, str(comments))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield City(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(timeout=60)


def main() -> None:
    """Start, make the pages, say where, wait."""
    platform, comments = sys.argv[1], int(sys.argv[2])
    posts = max(1, comments // COMMENTS_PER_POST)
    size = Size((ACCOUNTS[platform],), posts, comments, 0, 500, 4.0, oddities=False, even=True)
    with SandboxCity(size=size) as running:
        running.warm()
        (account,) = running.world.accounts.values()
        said = City(
            account=account.name,
            platform=platform,
            handle=account.handle,
            base_url=running.base_url(account.name),
            secret=account.secret,
            comments=comments // posts * posts,
        )
        sys.stdout.write(json.dumps({name: getattr(said, name) for name in City.__slots__}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
