"""``init`` and ``check``, as commands."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import archiver
from archiver.sandbox.server import SandboxCity

PROGRAM = [sys.executable, "-c", "from archiver.cli.main import main; main()"]


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person does, with nobody at the keyboard."""
    ours = {"PYTHONPATH": str(Path(archiver.__file__).parent.parent)}
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], env=os.environ | ours | environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def mode(path: Path) -> int:
    """A file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


def test_init_with_options(tmp_path: Path) -> None:
    """A configuration, a key and an empty store are made, for their owner only; the next command works with them."""
    home = tmp_path / "city"
    done = run("init", home, "--name", "City", "--account", "bluesky:city.example", "--account", "bluesky:city.example")
    assert done.returncode == 0, done.stderr
    assert mode(home / "config.toml") == 0o600
    assert mode(home / "data" / "keys" / "seal.key") == 0o600
    assert (home / "data" / "archive.sqlite").exists()
    status = run("--config", home / "config.toml", "status")
    assert status.returncode == 0, status.stderr
    assert "city-bluesky-2" in status.stdout


def test_init_refuses_to_write_over(tmp_path: Path) -> None:
    """A configuration that is there stays as it is."""
    (tmp_path / "config.toml").write_text("mine")
    done = run("init", tmp_path, "--name", "City", "--account", "bluesky:city.example")
    assert done.returncode == 2
    assert "There is a configuration at" in done.stderr
    assert (tmp_path / "config.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--name", "City"), "Nobody is here to answer."),
        (("--name", "City", "--account", "city.example"), '"city.example" is not PLATFORM:HANDLE.'),
        (("--name", "City", "--account", "myspace:city"), '"myspace" is not a platform'),
        (("--name", "City", "--account", "bluesky:c", "--timezone", "Mars"), '"Mars" is not a time zone'),
    ],
)
def test_init_that_makes_nothing(tmp_path: Path, options: tuple[str, ...], sentence: str) -> None:
    """Wrong answers are a sentence, exit code 2, and nothing is made."""
    done = run("init", tmp_path / "city", *options)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not list(tmp_path.rglob("*.*"))


@pytest.fixture(scope="module")
def city() -> Iterator[SandboxCity]:
    """A small city that is open."""
    with SandboxCity(size="small") as opened:
        yield opened


def configure(city: SandboxCity, folder: Path, *, token: str = "TOKEN") -> Path:
    """A configuration of one account with a token."""
    name = next(name for name, one in city.world.accounts.items() if one.platform == "mastodon")
    text = f"""
        [archive]
        name = "City"
        [[accounts]]
        id = "{name}"
        platform = "mastodon"
        handle = "{city.world.accounts[name].handle}"
        base_url = "{city.mastodon_url}"
        token = {{ env = "{token}" }}
    """
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_check(city: SandboxCity, tmp_path: Path) -> None:
    """0 when all is well, 3 for an account's trouble, 1 for the machine's, 2 for the configuration's; nothing is written."""
    path = configure(city, tmp_path)
    name = next(name for name, one in city.world.accounts.items() if one.platform == "mastodon")
    secret = city.world.accounts[name].secret

    well = run("--config", path, "check", TOKEN=secret)
    assert well.returncode == 0, well.stdout + well.stderr
    assert "its token is accepted" in well.stdout
    assert "Security assessment" in well.stdout  # the default profile asks for one, and none is recorded
    missing = run("--config", path, "check")
    assert missing.returncode == 2, missing.stdout + missing.stderr
    assert "TOKEN, which is not set" in missing.stderr
    city.revoke(name)
    try:
        revoked = run("--config", path, "check", "--json", TOKEN=secret)
    finally:
        city.reconnect(name)
    assert revoked.returncode == 3, revoked.stdout + revoked.stderr
    assert '"state": "account"' in revoked.stdout
    assert secret not in revoked.stdout + revoked.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]

    path.write_text(path.read_text().replace('name = "City"', 'name = "City"\n        data_dir = "config.toml/data"'))
    assert run("--config", path, "check", TOKEN=secret).returncode == 1
    path.write_text("nothing = 1")
    assert run("--config", path, "check").returncode == 2
    assert [one.name for one in tmp_path.iterdir()] == ["config.toml"]


def test_check_of_a_key_that_everybody_may_read(city: SandboxCity, tmp_path: Path) -> None:
    """A key with wrong permissions is the machine's trouble, and is said by `check` before anything needs it."""
    assert run("init", tmp_path / "city", "--name", "City", "--account", "bluesky:city.example").returncode == 0
    (tmp_path / "city" / "data" / "keys" / "seal.key").chmod(0o644)
    looked = run("--config", tmp_path / "city" / "config.toml", "check")
    assert looked.returncode == 1
    assert "chmod 600" in looked.stdout
    done = run("--config", tmp_path / "city" / "config.toml", "seal")
    assert done.returncode == 1
    assert "Everybody on this machine may read the archive's key" in done.stderr
    assert done.stderr.count("\n") == 1
