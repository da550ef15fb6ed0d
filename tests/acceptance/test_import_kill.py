"""kill -9 at random points of an import: called again, it ends as if nothing had happened.

``ARCHIVER_KILLS`` says how often, a tenth of it (4 when it is not set), ``ARCHIVER_KILL_SEED`` where.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from archiver.warc.names import segments
from archiver.warc.validator import validate
from tests.acceptance.children import Children, Harm, Outcome
from tests.takeouts.memory import zipped

KILLS = max(4, int(os.environ.get("ARCHIVER_KILLS", "40")) // 10)
SEED = os.environ.get("ARCHIVER_KILL_SEED", "maple ford")
pytestmark = pytest.mark.timeout(120 + 30 * KILLS)
CONFIG = """
[archive]
name = "Maple Ford"
[[accounts]]
id = "page"
platform = "facebook"
handle = "MapleFord"
"""
AT = 1794751200
FILES, POSTS = 3, 2


def download() -> dict[str, Any]:
    """A page's download: some files of posts, each post with a picture, one of which is missing."""
    files: dict[str, Any] = {}
    for number in range(FILES):
        posts = []
        for place in range(POSTS):
            name = f"posts/media/{number}-{place}.png"
            media = {"media": {"uri": name, "creation_timestamp": AT}}
            at = AT + 100 * number + 10 * place
            posts.append({"timestamp": at, "data": [{"post": name}], "attachments": [{"data": [media]}]})
            files[name] = b"\x89PNG\r\n\x1a\n" + Random(name).randbytes(3000)
        files[f"posts/profile_posts_{number}.json"] = posts
    del files["posts/media/0-1.png"]
    return files


class Office:
    """A folder with a configuration and the zip; its commands are killed."""

    def __init__(self, home: Path, children: Children, environment: Mapping[str, str]) -> None:
        home.mkdir()
        (home / "config.toml").write_text(CONFIG)
        (home / "page.zip").write_bytes(zipped(download()))
        self.home, self._children, self._environment = home, children, environment

    def run(self, *arguments: str, harm: Harm | None = None) -> Outcome:
        """A command, to whatever end."""
        return self._children.run(("--config", str(self.home / "config.toml"), *arguments), self._environment, harm)

    def take(self, harm: Harm | None = None) -> Outcome:
        """Import the zip."""
        return self.run("import", "page", str(self.home / "page.zip"), "--json", harm=harm)

    def assert_whole(self) -> None:
        """Every post is there once, with its picture; WARC and store say the same, and each file is valid."""
        for path in segments(self.home / "data" / "warc"):
            assert [str(one) for one in validate(path)] == []
        assert json.loads(self.run("verify", "--full", "--json").stdout)["findings"] == []
        assert json.loads(self.run("rebuild", "--check", "--json").stdout)["differences"] == []
        export = self.home / "export.json"
        assert self.run("export", "json", "-o", str(export), "--media", "none", "--force").code == 0
        document = json.loads(export.read_text())
        assert [one["text"] for one in document["records"]] == [
            f"posts/media/{number}-{place}.png" for number in range(FILES) for place in range(POSTS)
        ]
        assert [len(one["origins"]) for one in document["records"]] == [1] * FILES * POSTS
        assert len(document["downloads"]) == 1
        assert len(document["media"]) == FILES * POSTS - 1


@pytest.mark.parametrize("statements", [False, True], ids=["writes", "statements"])
def test_an_import_killed_at_random_points_ends_whole(tmp_path: Path, children: Children, statements: bool) -> None:
    """Killed anywhere, also in the middle of writing the zip, and called again: the same archive."""
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    undisturbed = Office(tmp_path / "undisturbed", children, environment)
    whole = undisturbed.take(Harm(statements=statements))
    assert whole.code == 0, whole
    assert json.loads(whole.stdout)["new"] == FILES * POSTS
    undisturbed.assert_whole()
    rand = Random(f"{SEED} {statements}")
    kills = 0
    for number in range(KILLS // 2):
        office = Office(tmp_path / f"home-{number}", children, environment)
        for _ in range(2):
            harm = Harm(kill_at=rand.randint(1, whole.points), torn=rand.random() < 0.7, statements=statements)
            outcome = office.take(harm)
            assert outcome.killed or outcome.code == 0, f"{harm}: {outcome}"
            kills += outcome.killed
        again = office.take()
        assert again.code == 0, again
        office.assert_whole()
    assert kills >= KILLS // 4


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, children: Children) -> None:
    """Where the zip does not fit, that is said in one sentence; with room the same command does it."""
    office = Office(tmp_path / "home", children, {"HOME": str(tmp_path), "PATH": os.environ["PATH"]})
    office.run("status")
    blob = zipped(download() | {"posts/media/large.mp4": Random(1).randbytes(3_000_000)})
    (office.home / "page.zip").write_bytes(blob)
    full = office.take(Harm(file_bytes=1_500_000))
    assert full.code == 1, full
    assert "Make room" in full.stderr
    assert office.take().code == 0
    office.assert_whole()
