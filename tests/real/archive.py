"""An archive of somebody who uses our commands: a folder, a configuration, and what the export says."""

from __future__ import annotations

import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

CONFIG = """\
[archive]
name     = "Archive of a real network"
timezone = "America/Chicago"

[capture]
requests_per_second = 1000
"""
ACCOUNT = """
[[accounts]]
id       = "{id}"
platform = "bluesky"
handle   = "{handle}"
base_url = "{base_url}"
"""
TOKEN = """\
token    = { env = "REAL_TOKEN" }
"""


@dataclass(frozen=True)
class History:
    """All versions and all events of an export, to see whether any was added."""

    versions: tuple[tuple[object, ...], ...] = ()
    events: tuple[tuple[object, ...], ...] = ()

    @classmethod
    def of(cls, export: sqlite3.Connection) -> History:
        """Read them out of an export."""
        return cls(
            *(
                tuple(tuple(row) for row in export.execute(f"SELECT * FROM {table} ORDER BY record, rowid"))
                for table in ("versions", "events")
            )
        )


@dataclass
class Archive:
    """A folder with a configuration; ``token`` is an app password that the commands find in their environment."""

    folder: Path
    token: str | None = field(default=None, repr=False)

    def add(self, account: str, handle: str, base_url: str) -> None:
        """Write an account into the configuration, which is made if it isn't there."""
        path = self.folder / "config.toml"
        text = path.read_text() if path.exists() else CONFIG
        text += ACCOUNT.format(id=account, handle=handle, base_url=base_url)
        path.write_text(text + (TOKEN if self.token else ""))

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command as a person does; its output. Fails when it ends with another code."""
        program = str(Path(sys.executable).with_name("archiver"))
        command = [program, "--config", str(self.folder / "config.toml"), *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ARCHIVER_")}
        if self.token:
            environment["REAL_TOKEN"] = self.token
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        said = f"archiver {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, said
        assert "Traceback" not in done.stderr, said
        return done.stdout

    def status(self, account: str) -> dict[str, object]:
        """What ``status`` says of an account."""
        accounts = json.loads(self.run("status", "--json"))["accounts"]
        found: dict[str, object] = next(one for one in accounts if one["account"] == account)
        return found

    @contextmanager
    def export(self) -> Iterator[sqlite3.Connection]:
        """A fresh SQLite export, open for reading."""
        path = self.folder / "export.sqlite"
        path.unlink(missing_ok=True)
        self.run("export", "sqlite", "-o", str(path))
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection

    def holds(self, pattern: bytes) -> list[Path]:
        """The files in which a regular expression is found, compressed ones unfolded."""
        found = []
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                data = path.read_bytes()
                if re.search(pattern, gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data):
                    found.append(path)
        return found
