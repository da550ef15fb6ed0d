"""An installation of the archiver beside a simulated city: commands are run as a user runs them."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from archiver.sandbox.server import SandboxCity

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
            if self.authenticated:
                variable = name.upper().replace("-", "_")
                self.secrets[variable] = account.secret
                lines.append(f'token = {{ env = "{variable}" }}')
        (self.home / "config.toml").write_text("\n".join(lines), encoding="utf-8")

    def command(self, *arguments: str) -> tuple[str, ...]:
        """A command line of this installation."""
        return (*COMMAND, "--config", str(self.home / "config.toml"), *arguments)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands."""
        return {**os.environ, **self.secrets}

    def run(self, *arguments: str, codes: Sequence[int] = (0,)) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its exit code must be one of ``codes``."""
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, env=self.environment, check=False, timeout=300
        )
        assert done.returncode in codes, f"{arguments} left with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done

    def collect(self, *arguments: str, codes: Sequence[int] = (0, 3)) -> dict[str, dict[str, Any]]:
        """A round of everything; what it says of each account."""
        done = self.run("collect", *arguments, "--all", "--json", codes=codes)
        return {one["account"]: one for one in json.loads(done.stdout)["accounts"]}

    def export(self, name: str = "export.db") -> sqlite3.Connection:
        """An SQLite export of everything, opened."""
        path = self.home / name
        self.run("export", "sqlite", "-o", str(path), "--force", "--include-private")
        return self.opened(path)

    def opened(self, path: Path) -> sqlite3.Connection:
        """An export that was made, with rows that have names."""
        opened = sqlite3.connect(path)
        opened.row_factory = sqlite3.Row
        return opened

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
