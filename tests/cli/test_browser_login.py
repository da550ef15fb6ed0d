"""A login in the browser, and the tokens that come of it: `account connect`, `check` and `collect` as a person runs them."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from archiver.platforms import registry
from tests.capture.spellings import leaks_of_any
from tests.support.command import run
from tests.support.office import APP_ID, APP_SECRET, Office, install, opened

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
    [archive]
    name = "City"
    [[accounts]]
    id = "city"
    platform = "office"
    handle = "city"
    base_url = "{base}"
    token = {{ file = "secrets/city" }}
    refresh_token = {{ file = "secrets/city.refresh" }}
    client_id = {{ file = "app-id" }}
    client_secret = {{ file = "app-secret" }}
"""


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The platform."""
    monkeypatch.setattr("archiver.platforms.registry._ADAPTERS", dict(registry._ADAPTERS))
    install()
    with opened(Office()) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, office: Office) -> Path:
    """A folder with the configuration and the application's files."""
    (tmp_path / "config.toml").write_text(CONFIG.format(base=office.base))
    for name, value in (("app-id", APP_ID), ("app-secret", APP_SECRET)):
        (tmp_path / name).touch(0o600)
        (tmp_path / name).write_text(value)
    return tmp_path


def begun(home: Path, redirect: str) -> tuple[subprocess.Popen[str], str]:
    """The command, waiting, and the address that it shows."""
    command = subprocess.Popen(
        [sys.executable, "-m", "tests.support.office", "--config", str(home / "config.toml"), "account", "connect",
         "city", "--way", "login", "--redirect", redirect],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdout is not None
    address = ""
    for line in command.stdout:
        address = line.strip() if "/authorize?" in line else address
        if line.startswith(("The browser", "When it")):  # it waits from then on
            return command, address
    raise AssertionError(command.communicate()[1])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def log_in(home: Path, office: Office) -> str:
    """A whole login, by the browser's own way back; what the command printed."""
    command, address = begun(home, f"http://127.0.0.1:{free_port()}/")
    page = httpx.get(address, follow_redirects=True)
    assert "You can close this window" in page.text
    out, err = command.communicate(timeout=60)
    assert command.returncode == 0, out + err
    assert leaks_of_any((out + err).encode(), {*office.tokens, *office.refreshing, APP_SECRET}) == []
    return out


def secret(home: Path, name: str) -> str:
    """What is in a secret's file."""
    return (home / "secrets" / name).read_text().strip()


def end_access(office: Office, home: Path) -> None:
    """Two hours pass."""
    value = secret(home, "city")
    office.tokens[value] = replace(office.tokens[value], expires_at=datetime.now(UTC))


def test_the_browser_comes_back_by_itself(home: Path, office: Office) -> None:
    """The page gets a challenge and a state; what comes of it is tried, and stored for its owner only."""
    out = log_in(home, office)
    assert "@city is 77; its token is accepted." in out
    asked = next(one for one in office.asked if one.startswith("/authorize"))
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert query["scope"] == "read comments"
    assert secret(home, "city") in office.tokens
    assert office.refreshing == {secret(home, "city.refresh"): True}
    assert {oct(path.stat().st_mode & 0o777) for path in (home / "secrets").iterdir()} == {"0o600"}


def test_the_address_may_be_pasted(home: Path, office: Office) -> None:
    """The administrator's browser is on another machine, where the way back leads nowhere."""
    command, address = begun(home, "https://archive.example.gov/back")
    back = httpx.get(address).headers["Location"]
    out, err = command.communicate(f"{back}\n", timeout=60)
    assert command.returncode == 0, out + err
    assert secret(home, "city.refresh") in office.refreshing


@pytest.mark.parametrize(
    ("back", "sentence"),
    [
        ("https://archive.example.gov/back?state=of-another&code=1", "another login than this one"),
        ("nonsense", "another login than this one"),
        (None, "The platform refused the login: access_denied."),
    ],
    ids=["another state", "no address", "no consent"],
)
def test_a_login_that_comes_to_nothing(home: Path, office: Office, back: str | None, sentence: str) -> None:
    """One sentence, exit code 3, and nothing is stored."""
    office.agreed = False
    command, address = begun(home, "https://archive.example.gov/back")
    out, err = command.communicate(f"{back or httpx.get(address).headers['Location']}\n", timeout=60)
    assert command.returncode == 3, out + err
    assert sentence in err
    assert list((home / "secrets").iterdir()) == []


def test_an_access_token_that_has_ended_is_renewed(home: Path, office: Office) -> None:
    """Each refresh token is good once: the new one is in its file before anything else is asked; no token is archived."""
    log_in(home, office)
    first = secret(home, "city.refresh")
    assert run(home, "collect", "--all").returncode == 0
    assert secret(home, "city.refresh") == first, "an access token that is alive is used on"
    end_access(office, home)
    done = run(home, "collect", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert secret(home, "city.refresh") != first
    assert office.refreshing == {secret(home, "city.refresh"): True}
    kept = b"".join(
        path.read_bytes() for path in (home / "data").rglob("*") if path.is_file() and "keys" not in path.parts
    )
    assert leaks_of_any(kept, {*office.tokens, first, *office.refreshing, APP_SECRET}) == []


def test_a_check_uses_no_refresh_token_up(home: Path, office: Office) -> None:
    """It writes nothing, so the new one would be lost; it says why the token was not tried."""
    log_in(home, office)
    end_access(office, home)
    before = dict(office.refreshing)
    done = run(home, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The next round renews it" in done.stdout
    assert office.refreshing == before


def test_a_refresh_token_that_was_withdrawn_needs_a_person(home: Path, office: Office) -> None:
    """The account is in attention, with the command that mends it."""
    log_in(home, office)
    end_access(office, home)
    office.refreshing.clear()
    done = run(home, "collect", "--all")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "someone must reconnect it" in run(home, "status").stdout
