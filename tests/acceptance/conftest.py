"""An installation of the archiver beside a simulated city: commands are run as a user runs them."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.server import SandboxCity
from tests.acceptance.children import Children, Harm
from tests.support.cleared import CLEARED, for_all

COMMAND = (sys.executable, "-c", "from archiver.cli.main import main; main()")


@dataclass
class Installation:
    """A folder with a configuration, and the commands on it."""

    home: Path
    city: SandboxCity
    accounts: tuple[str, ...]
    authenticated: bool
    secrets: dict[str, str] = field(default_factory=dict)
    settings: str = ""
    children: Children | None = None
    """Where commands are run, and may be hurt; None: in a process that starts from nothing, as a user's does."""

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home / "data"

    def configure(self) -> None:
        """Write config.toml for the accounts as the city has them now."""
        lines = ['[archive]\nname = "Maple Ford"\n[capture]\nrequests_per_second = 1000\nattempts = 2', self.settings]
        for name in self.accounts:
            account = self.city.world.accounts[name]
            lines.append(f'[[accounts]]\nid = "{name}"\nplatform = "{account.platform}"\nhandle = "{account.handle}"')
            lines.append(f'base_url = "{self.city.base_url(name)}"')
            variable = name.upper().replace("-", "_")
            for setting, value in self.city.secrets(name, authenticated=self.authenticated).items():
                known_as = variable if setting == "token" else f"{variable}_{setting.upper()}"
                self.secrets[known_as] = value
                lines.append(f'{setting} = {{ env = "{known_as}" }}')
        (self.home / "config.toml").write_text("\n".join(lines), encoding="utf-8")

    def command(self, *arguments: str) -> tuple[str, ...]:
        """A command line of this installation."""
        config = self.home / "config.toml"
        if "--clearance" in arguments:
            config = for_all(config)
        return (*COMMAND, "--config", str(config), *arguments)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands."""
        return {**os.environ, **self.secrets}

    def run(
        self, *arguments: str, codes: Sequence[int] = (0,), harm: Harm | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its exit code must be one of ``codes``."""
        command = self.command(*arguments)
        if self.children is not None:
            outcome = self.children.run(command[len(COMMAND) :], self.environment, harm)
            done = subprocess.CompletedProcess(command, outcome.code, outcome.stdout, outcome.stderr)
        else:
            done = subprocess.run(
                command, capture_output=True, text=True, env=self.environment, check=False, timeout=300
            )
        assert done.returncode in codes, f"{arguments} left with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done

    def collect(
        self, *arguments: str, codes: Sequence[int] = (0, 3), harm: Harm | None = None
    ) -> dict[str, dict[str, Any]]:
        """A round of everything; what it says of each account."""
        done = self.run("collect", *arguments, "--all", "--json", codes=codes, harm=harm)
        return {one["account"]: one for one in json.loads(done.stdout)["accounts"]}

    def export(self, name: str = "export.db") -> sqlite3.Connection:
        """An SQLite export of everything, opened."""
        path = self.home / name
        self.run("export", "sqlite", "-o", str(path), "--force", *CLEARED)
        return self.opened(path)

    def opened(self, path: Path) -> sqlite3.Connection:
        """An export that was made, with rows that have names."""
        opened = sqlite3.connect(path)
        opened.row_factory = sqlite3.Row
        return opened

    def status(self) -> dict[str, dict[str, Any]]:
        """What ``status`` says of each account."""
        return {one["account"]: one for one in json.loads(self.run("status", "--json").stdout)["accounts"]}

    def coverage(self) -> list[dict[str, Any]]:
        """The coverage ledger."""
        found: list[dict[str, Any]] = json.loads(self.run("coverage", "--json").stdout)["coverage"]
        return found

    def forget_limits(self) -> None:
        """Let the time that announced limits last be over."""
        with closing(sqlite3.connect(self.data / "archive.sqlite")) as store, store:
            store.execute("DELETE FROM limits")

    def assert_sound(self) -> None:
        """Every WARC file is valid, the store agrees with them, and they give the same store again."""
        verified = json.loads(self.run("verify", "--full", "--json", codes=(0, 1)).stdout)
        assert verified["findings"] == []
        rebuilt = json.loads(self.run("rebuild", "--check", "--json", codes=(0, 1)).stdout)
        assert rebuilt["differences"] == []


@pytest.fixture
def city() -> Iterator[SandboxCity]:
    """A small city with its servers running."""
    with SandboxCity(seed=7, size="small") as running:
        yield running


@pytest.fixture
def install(tmp_path: Path, city: SandboxCity) -> Any:
    """Make an installation for some accounts of the city."""

    def make(*accounts: str, authenticated: bool = False, settings: str = "") -> Installation:
        chosen = accounts or tuple(city.world.accounts)
        made = Installation(tmp_path, city, chosen, authenticated, settings=settings)
        made.configure()
        return made

    return make


VILLAGE = Size(("hall-bluesky", "parks-mastodon"), 8, 30, 4, 8, 1.0)
"""Small enough to be archived in some seconds, with everything in it that a city has."""


@pytest.fixture(scope="session")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Children]:
    """The process that forks for each command."""
    with Children(tmp_path_factory.mktemp("children")) as running:
        yield running


@pytest.fixture
def village() -> Iterator[SandboxCity]:
    """The smallest city, with its servers running."""
    with SandboxCity(seed=7, size=VILLAGE) as running:
        yield running


@pytest.fixture
def settle(tmp_path: Path, village: SandboxCity, children: Children) -> Any:
    """Make an installation beside the village whose commands run in forked children."""

    def make(*accounts: str, authenticated: bool = False, settings: str = "") -> Installation:
        chosen = accounts or tuple(village.world.accounts)
        made = Installation(tmp_path, village, chosen, authenticated, settings=settings, children=children)
        made.configure()
        return made

    return make
