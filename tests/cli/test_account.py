"""``account connect`` and what `check` and `status` say of tokens, as commands, against a platform on loopback."""

from __future__ import annotations

import os
import pty
import select
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.platforms import registry
from tests.capture.spellings import leaks_of_any
from tests.support.command import run
from tests.support.office import APP_ID, APP_SECRET, Office, install, opened

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tests.support.office"]
CONFIG = """
    [archive]
    name = "City"
    [[accounts]]
    id = "city"
    platform = "office"
    handle = "city"
    base_url = "{base}"
    {secrets}
"""
TOKEN_FILE = 'token = { file = "secrets/city" }'
APP = 'app_id = { file = "app-id" }\n    app_secret = { file = "app-secret" }'


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The platform."""
    monkeypatch.setattr("archiver.platforms.registry._ADAPTERS", dict(registry._ADAPTERS))
    install()
    with opened(Office()) as made:
        yield made


def configure(home: Path, office: Office, *secrets: str) -> None:
    """Write the configuration, and the app's files."""
    (home / "config.toml").write_text(CONFIG.format(base=office.base, secrets="\n    ".join(secrets)))
    for name, value in (("app-id", APP_ID), ("app-secret", APP_SECRET)):
        (home / name).touch(0o600)
        (home / name).write_text(value)


def stored(home: Path) -> str:
    """The token in its file, which only its owner may read."""
    path = home / "secrets" / "city"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text().strip()


@pytest.mark.parametrize(("way", "kind"), [("pages", "page"), ("short", "user")])
def test_a_short_token_becomes_one_that_lasts(way: str, kind: str, tmp_path: Path, office: Office) -> None:
    """Exchanged, tried, stored; nothing of it is shown, and the archive is not touched."""
    office.echo = True
    short = office.give(life=timedelta(hours=1))
    configure(tmp_path, office, TOKEN_FILE, APP)
    done = run(tmp_path, "account", "connect", "city", "--way", way, given=f"  {short.value}\n")
    assert done.returncode == 0, done.stdout + done.stderr
    token = office.tokens[stored(tmp_path)]
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert (token.kind, token.owner) == (kind, "city")
    assert "@city is 77; its token is accepted." in done.stdout
    assert f"one of the kind '{kind}'" in done.stdout
    assert str(tmp_path / "secrets" / "city") in done.stdout
    assert leaks_of_any((done.stdout + done.stderr).encode(), {*office.tokens, APP_SECRET}) == []
    assert not (tmp_path / "data").exists()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["app-id", "app-secret", "config.toml", "secrets"]
    checked = run(tmp_path, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_secrets_in_files(tmp_path: Path, office: Office) -> None:
    """What the configuration lacks is given by option and file, and not stored anywhere."""
    configure(tmp_path, office, TOKEN_FILE)
    (tmp_path / "short").write_text(office.give(life=timedelta(hours=1)).value)
    done = run(
        tmp_path, "account", "connect", "city", "--way", "short", "--token-file", "short", "--app-id", APP_ID,
        "--app-secret-file", "app-secret",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert stored(tmp_path) in office.tokens
    assert [one.name for one in (tmp_path / "secrets").iterdir()] == ["city"]


def test_the_apps_secret_is_stored_where_it_is_missing(tmp_path: Path, office: Office) -> None:
    """A place that the configuration names, and that is empty, is filled too."""
    secret = 'app_secret = { file = "secrets/app" }'
    configure(tmp_path, office, TOKEN_FILE, 'app_id = { file = "app-id" }', secret)
    done = run(
        tmp_path, "account", "connect", "city", "--way", "short", "--app-secret-file", "app-secret",
        given=office.give().value,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "secrets" / "app").read_text() == f"{APP_SECRET}\n"


def test_what_the_way_does_not_need_is_asked_for_too_where_it_is_missing(tmp_path: Path, office: Office) -> None:
    """The configuration has a place for the app's secret, so it is wanted, whatever the way needs."""
    secret = 'app_secret = { file = "secrets/app" }'
    configure(tmp_path, office, TOKEN_FILE, 'app_id = { file = "app-id" }', secret)
    way, token = ("account", "connect", "city", "--way", "as-it-is"), office.give().value
    lacking = run(tmp_path, *way, given=token)
    assert lacking.returncode == 2
    assert "app_secret of city: nothing was given. Give its file with --app-secret-file" in lacking.stderr
    done = run(tmp_path, *way, "--app-secret-file", "app-secret", given=token)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "secrets" / "app").read_text() == f"{APP_SECRET}\n"
    assert stored(tmp_path) == token


REFUSED = {
    "a dead token": ("as-it-is", "The user changed the password.", 3, "changed the password"),
    "a short token that has ended": ("short", "Session has expired.", 3, "Make a fresh token."),
    "an unknown way": ("magic", "", 2, "Known: pages, short, login, as-it-is."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str, tmp_path: Path, office: Office) -> None:
    """One sentence, the right exit code, and the old token stays."""
    way, facts, code, sentence = REFUSED[case]
    configure(tmp_path, office, TOKEN_FILE, APP)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "city").touch(0o600)
    (tmp_path / "secrets" / "city").write_text("the old one")
    bad = office.give(dead=facts)
    done = run(tmp_path, "account", "connect", "city", "--way", way, given=bad.value)
    assert done.returncode == code, done.stdout + done.stderr
    assert sentence in done.stdout + done.stderr
    assert stored(tmp_path) == "the old one"
    assert leaks_of_any((done.stdout + done.stderr).encode(), {bad.value, APP_SECRET}) == []


def test_a_token_of_another_account(tmp_path: Path, office: Office) -> None:
    """Once the account was collected, its id is known; the token of another one is refused."""
    configure(tmp_path, office, TOKEN_FILE, APP)
    good, other = office.give(), office.give(owner="parks")
    assert run(tmp_path, "account", "connect", "city", "--way", "as-it-is", given=good.value).returncode == 0
    assert run(tmp_path, "collect").returncode == 0
    done = run(tmp_path, "account", "connect", "city", "--way", "as-it-is", given=other.value)
    assert done.returncode == 3
    assert "@parks (88); so far 77 was collected" in done.stdout
    assert stored(tmp_path) == good.value


WRONG = {
    "no token is configured": ((APP,), ("--way", "short"), 'Write `token = { file = "secrets/city" }`'),
    "the token is in the environment": (
        (APP, 'token = { env = "CITY_TOKEN" }'), ("--way", "short"), "comes from the environment variable CITY_TOKEN; nothing can be stored",
    ),
    "nothing is given": ((APP, TOKEN_FILE), ("--way", "short"), "Token: nothing was given. Give its file with --token-file"),
    "no way is chosen": ((APP, TOKEN_FILE), (), "Choose with --way: pages, short, login, as-it-is."),
    "no such account": ((APP, TOKEN_FILE), ("parks",), "Known: city."),
    "no app": ((TOKEN_FILE,), ("--way", "short"), "Give it with --app-id"),
    "a file that is not there": ((APP, TOKEN_FILE), ("--way", "short", "--token-file", "nowhere"), "nowhere can't be read"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_before_anything_is_asked(
    case: str, tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence with what to do, exit code 2, and the platform was not asked."""
    monkeypatch.setenv("CITY_TOKEN", "t")
    secrets, arguments, sentence = WRONG[case]
    configure(tmp_path, office, *secrets)
    account = () if arguments[:1] == ("parks",) else ("city",)
    done = run(tmp_path, "account", "connect", *account, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert sentence in done.stderr, done.stderr
    assert office.asked == []


def test_at_the_keyboard(tmp_path: Path, office: Office) -> None:
    """Led step by step; what is typed is seen only where it is no secret."""
    configure(tmp_path, office, TOKEN_FILE)
    short = office.give(life=timedelta(hours=1)).value
    master, slave = pty.openpty()
    program = subprocess.Popen(
        [*COMMAND, "--config", str(tmp_path / "config.toml"), "account", "connect", "city"],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    seen = ""
    for prompt, typed in (("Which way", "2"), ("App id", APP_ID), ("App secret", APP_SECRET), ("Token", short)):
        seen = _until(master, seen, f"{prompt}:" if prompt != "Which way" else prompt)
        os.write(master, f"{typed}\n".encode())
    seen = _until(master, seen, "Next: archiver collect city --all")
    assert program.wait(timeout=30) == 0
    os.close(master)
    assert "1. pages: the page's own" in seen
    assert "1. Sign in." in seen
    assert APP_ID in seen
    assert leaks_of_any(seen.encode(), {APP_SECRET, *office.tokens}) == []
    assert stored(tmp_path) in office.tokens


def _until(master: int, seen: str, words: str, seconds: float = 30.0) -> str:
    """Read what the program shows until it shows these words."""
    until = time.monotonic() + seconds
    while words not in seen.rpartition("\x00")[2]:
        assert time.monotonic() < until, seen
        if select.select([master], [], [], 0.2)[0]:
            seen += os.read(master, 4096).decode()
    return seen + "\x00"


def test_what_check_says_of_a_token(tmp_path: Path, office: Office) -> None:
    """Its kind, its end, the scopes that it lacks and what for; a dead one is exit code 3. Nothing is written."""
    configure(tmp_path, office, TOKEN_FILE, APP)
    (tmp_path / "secrets").mkdir()
    path = tmp_path / "secrets" / "city"
    path.touch(0o600)
    token = office.give(life=timedelta(days=52, hours=1), age=timedelta(days=40), scopes=("read",))
    path.write_text(token.value)
    before = sorted(one for one in tmp_path.rglob("*"))
    done = run(tmp_path, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok      city: @city is 77; its token is accepted." in done.stdout
    assert (
        "warning city: Its token lacks the scope comments; without it these are not captured: what residents answer."
        in done.stdout
    )
    assert "warning city: The token ends in 12 days" in done.stdout
    assert "archiver account connect city" in done.stdout
    assert all("/refresh" not in target for target in office.asked)
    assert sorted(one for one in tmp_path.rglob("*")) == before
    token.dead = "The user changed the password."
    done = run(tmp_path, "check")
    assert done.returncode == 3
    assert "changed the password" in done.stdout
    assert "Run `archiver account connect city`." in done.stdout


def test_what_status_says_of_a_token(tmp_path: Path, office: Office) -> None:
    """When it ends, weeks ahead, in words and in JSON."""
    configure(tmp_path, office, TOKEN_FILE, APP)
    assert (
        run(
            tmp_path,
            "account",
            "connect",
            "city",
            "--way",
            "as-it-is",
            given=office.give(life=timedelta(days=9, hours=1)).value,
        ).returncode
        == 0
    )
    assert run(tmp_path, "collect").returncode == 0
    done = run(tmp_path, "status")
    assert "city: The token ends in 9 days, on " in done.stdout
    as_json = run(tmp_path, "status", "--json")
    assert '"kind": "user"' in as_json.stdout
