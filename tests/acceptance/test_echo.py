"""A platform that tells secrets back, in every way and spelling: none of them is in anything that is written (R62)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from archiver.capture.credentials import proof
from archiver.platforms import registry
from tests.capture.spellings import leaks_of_any
from tests.support.cleared import CLEARED
from tests.support.command import run
from tests.support.heap import heap
from tests.support.office import APP_ID, APP_SECRET, Office, install, opened

CONFIG = """
    [archive]
    name = "City"
    [[accounts]]
    id = "city"
    platform = "office"
    handle = "city"
    base_url = "{base}"
    token = {{ file = "secrets/city" }}
    app_id = {{ file = "secrets/app-id" }}
    app_secret = {{ file = "secrets/app-secret" }}
    [[people]]
    name = "The Comparer"
    sees = ["undecided"]
"""


def test_nothing_of_what_is_told_back_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short, long and page tokens, of this page and others; proofs, the app's secret; learnt, renewed, ended."""
    monkeypatch.setattr(registry, "_ADAPTERS", dict(registry._ADAPTERS))
    install()
    home, office, said = tmp_path / "home", Office(), list[str]()
    (home / "secrets").mkdir(parents=True)
    for name, value in (("app-id", APP_ID), ("app-secret", APP_SECRET)):
        (home / "secrets" / name).touch(0o600)
        (home / "secrets" / name).write_text(value)

    def told(*arguments: str, given: str | None = None, codes: tuple[int, ...] = (0,)) -> None:
        done = run(home, *arguments, given=given)
        assert done.returncode in codes, (arguments, done.stdout, done.stderr)
        said.extend((done.stdout, done.stderr))

    def connect(way: str) -> None:
        short = office.give(life=timedelta(hours=1)).value
        told("--debug", "account", "connect", "city", "--way", way, given=short)

    with opened(office):
        (home / "config.toml").write_text(CONFIG.format(base=office.base))
        office.echo = True
        connect("pages")
        told("--debug", "check")
        told("--debug", "collect")
        connect("short")
        token = office.tokens[(home / "secrets" / "city").read_text().strip()]
        token.issued_at -= timedelta(days=8)
        told("--debug", "collect", "--all")  # renews the token
        renewed = (home / "secrets" / "city").read_text().strip()
        assert renewed != token.value
        office.packed = True
        told("--debug", "collect", "--all", codes=(0, 3))
        told("--debug", "check", codes=(0, 3))
        office.broken = True
        told("check", codes=(3,))
        told("--debug", "account", "connect", "city", "--way", "as-it-is", given=office.give().value, codes=(3,))
        office.broken, office.packed = False, False
        office.tokens[renewed].dead = f"The token {renewed} is dead."
        told("--debug", "collect", "--all", codes=(3,))
        told("check", "--json", codes=(3,))
        for command in ("status", "coverage"):
            told(command)
            told(command, "--json")
        for form in ("sqlite", "csv", "json"):
            told("export", form, "-o", str(home / f"export-{form}"), *CLEARED)
        told("seal")
        told("verify", "--full")
        told("rebuild", "--check")
        told("rebuild")
    tokens = set(office.tokens)
    proofs = {proof(APP_SECRET, one) for one in (*tokens, f"{APP_ID}|{APP_SECRET}")}
    files = [path for path in home.rglob("*") if path.is_file() and path.parent != home / "secrets"]
    written = heap(path for path in files if not path.name.endswith("-shm"))
    assert len(tokens) > 6
    assert any(path.name.endswith(".warc.gz") for path in files)
    assert b"REMOVEDREMOVED" in written
    assert b"input_token=%5Bremoved%5D" in written
    assert b"17841400000000001" in written  # a number is none
    for where, data in (("files", written), ("output", "\n".join(said).encode())):
        assert leaks_of_any(data, {*tokens, *proofs, APP_SECRET}) == [], where
