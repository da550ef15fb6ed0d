"""An archive of a city's account, and the archiver's commands on it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from archiver.store.engine import Store, open_store
from benchmarks.city import City
from benchmarks.process import ARCHIVER, Cost, python

_CONFIG = """[archive]
name = "Maple Ford"
[capture]
requests_per_second = 1000
[[accounts]]
id = "{account}"
platform = "{platform}"
handle = "{handle}"
base_url = "{base_url}"
"""
_TOKEN = "ARCHIVER_BENCHMARK_TOKEN"  # the name of a variable


class Archive:
    """A folder with a configuration; nothing is captured yet."""

    def __init__(self, home: Path, city: City) -> None:
        self.home = home
        self.city = city
        home.mkdir()
        config = _CONFIG.format(**{name: getattr(city, name) for name in City.__slots__})
        if city.platform == "mastodon":  # a thread is cut for callers without a token
            config += f'token = {{ env = "{_TOKEN}" }}\n'
            os.environ[_TOKEN] = city.secret
        (home / "config.toml").write_text(config, encoding="utf-8")

    def run(self, *arguments: str, codes: Sequence[int] = (0,)) -> Cost:
        """A command of the archiver on this archive."""
        return python(*ARCHIVER, "--config", str(self.home / "config.toml"), *arguments, codes=codes)

    def asked(self) -> list[str]:
        """What was asked for, in order."""
        return [url for (url,) in self._rows("SELECT url FROM exchanges WHERE method = 'GET' ORDER BY sequence")]

    def records(self) -> int:
        """How many records there are."""
        return int(self._rows("SELECT count(*) FROM items")[0][0])

    def warc_files(self) -> list[Path]:
        """The files that hold the captures."""
        return sorted(
            path for path in (self.home / "data" / "warc").rglob("*.warc.gz*") if "warc.gz.mark" not in path.name
        )

    def store(self) -> Store:
        """The store, for reading; the caller disposes of it."""
        return open_store(f"sqlite:///{self.home / 'data' / 'archive.sqlite'}")

    def _rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.home / "data" / "archive.sqlite")) as conn:
            return conn.execute(query).fetchall()


def collected(home: Path, city: City) -> tuple[Archive, Cost]:
    """A new archive after ``collect --all``, and what that cost; all comments must be in it."""
    archive = Archive(home, city)
    cost = archive.run("collect", "--all", "--json", codes=(0, 3))
    (said,) = json.loads(cost.output)["accounts"]
    held = archive.records()
    if held < city.comments or said["gaps"]:
        raise AssertionError(f"{held} records of {city.comments} comments; gaps: {said['gaps']}")
    return archive, cost
