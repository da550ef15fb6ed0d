"""A person connects the city's accounts on Meta's platforms, and the archiver keeps them connected."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.sandbox.city import Size
from archiver.sandbox.meta.tokens import SHORT, Token, Tokens
from archiver.sandbox.server import SandboxCity
from tests.capture.spellings import leaks_of_any
from tests.support.command import run
from tests.support.heap import heap

PAGE, GRAM, THREADS = ACCOUNTS = ("city-facebook", "city-instagram", "city-threads")
SIZE = Size(ACCOUNTS, posts=3, answers=4, pictures=1, residents=4, years=0.2)


@pytest.fixture(scope="module")
def city() -> Iterator[SandboxCity]:
    """A city with an account on each platform."""
    with SandboxCity(seed=7, size=SIZE) as opened:
        yield opened


def configure(home: Path, city: SandboxCity, *accounts: str) -> None:
    """A configuration whose apps are known, and whose tokens are still to be had."""
    lines = ['[archive]\nname = "City"']
    (home / "secrets").mkdir(mode=0o700)
    for name in accounts:
        app = city.hosts.app_of(name)
        for what, value in (("id", app.id), ("secret", app.secret)):
            (home / "secrets" / f"{name}-app-{what}").touch(0o600)
            (home / "secrets" / f"{name}-app-{what}").write_text(value)
        account = city.world.accounts[name]
        lines.append(f"""
            [[accounts]]
            id = "{name}"
            platform = "{account.platform}"
            handle = "{account.handle}"
            base_url = "{city.base_url(name)}"
            token = {{ file = "secrets/{name}" }}
            app_id = {{ file = "secrets/{name}-app-id" }}
            app_secret = {{ file = "secrets/{name}-app-secret" }}
        """)
    (home / "config.toml").write_text("\n".join(lines))


def tokens_of(city: SandboxCity, account: str) -> Tokens:
    """The tokens of an account's platform."""
    found: Tokens = city.hosts.server(account).api.tokens
    return found


def short_token(city: SandboxCity, account: str, way: str) -> str:
    """What a person brings for a way."""
    person = city.world.accounts[account].person
    if account == PAGE:
        api = city.hosts.facebook.api
        return api.system_token.value if way == "system-user" else api.login("Clerk", person).value
    known = tokens_of(city, account).known(city.world.accounts[account].secret)
    assert known is not None
    life = SHORT if way == "short" else timedelta(days=60)
    login = city.hosts.server(account).api.login
    return str(login.issue(person, known.scopes, life=life).value)


def stored(home: Path, city: SandboxCity, account: str) -> Token:
    """The token in an account's file."""
    found = tokens_of(city, account).known((home / "secrets" / account).read_text().strip())
    assert found is not None
    return found


WAYS = (
    (PAGE, "system-user", "PAGE"), (PAGE, "user", "PAGE"), (GRAM, "short", "USER"), (GRAM, "dashboard", "USER"),
    (THREADS, "short", "USER"), (THREADS, "dashboard", "USER"),
)  # fmt: skip


@pytest.mark.parametrize(("account", "way", "kind"), WAYS, ids=[f"{name} by {way}" for name, way, _ in WAYS])
def test_ways_to_a_token_that_lasts(account: str, way: str, kind: str, tmp_path: Path, city: SandboxCity) -> None:
    """What a person brings becomes a page token without an end, or one of sixty days; it is tried, and shown nowhere."""
    configure(tmp_path, city, account)
    brought = short_token(city, account, way)
    done = run(tmp_path, "--debug", "account", "connect", account, "--way", way, given=brought)
    assert done.returncode == 0, done.stdout + done.stderr
    token = stored(tmp_path, city, account)
    assert token.kind == kind
    assert token.expires_at is None or token.expires_at - token.issued_at > timedelta(days=59)
    assert token.page is city.world.accounts[account].person
    assert "its token is accepted" in done.stdout
    assert "warning" not in done.stdout, done.stdout
    secrets = {one.value for one in tokens_of(city, account).all()} | {city.hosts.app_of(account).secret}
    assert leaks_of_any((done.stdout + done.stderr).encode(), secrets) == []


def test_a_short_page_token_is_seen_for_what_it_is(tmp_path: Path, city: SandboxCity) -> None:
    """A person's token in the place of a page's is said to be one."""
    configure(tmp_path, city, PAGE)
    person = city.hosts.facebook.api.login("Clerk", city.world.accounts[PAGE].person)
    done = run(tmp_path, "account", "connect", PAGE, "--way", "page", given=person.value)
    assert "warning" in done.stdout + done.stderr or done.returncode == 3, done.stdout + done.stderr


def test_they_stay_connected(tmp_path: Path, city: SandboxCity) -> None:
    """After a week the tokens of Instagram and Threads are renewed into their files; the page's needs nothing."""
    configure(tmp_path, city, *ACCOUNTS)
    for account, way in ((PAGE, "system-user"), (GRAM, "short"), (THREADS, "short")):
        done = run(
            tmp_path, "account", "connect", account, "--way", way, given=short_token(city, account, way)
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    first = run(tmp_path, "collect", "--json")
    assert first.returncode == 0, first.stdout + first.stderr
    before = {name: stored(tmp_path, city, name) for name in ACCOUNTS}
    for token in before.values():
        token.issued_at -= timedelta(days=8)
        if token.expires_at is not None:
            token.expires_at -= timedelta(days=8)
    # What is known of a token's age is what it was; a person's file would be news, so nothing else is touched.
    _make_it_old(tmp_path)
    second = run(tmp_path, "collect", "--all", "--json")
    assert second.returncode == 0, second.stdout + second.stderr
    after = {name: stored(tmp_path, city, name) for name in ACCOUNTS}
    assert {name for name in ACCOUNTS if after[name] is not before[name]} == {GRAM, THREADS}
    status = {one["account"]: one for one in json.loads(run(tmp_path, "status", "--json").stdout)["accounts"]}
    assert [status[name]["token"]["expires_at"] == "never" for name in ACCOUNTS] == [True, False, False]
    assert [status[name]["token"]["lacking"] for name in ACCOUNTS] == [[], [], []]
    assert run(tmp_path, "rebuild", "--check").returncode == 0
    assert run(tmp_path, "verify", "--full").returncode == 0
    files = [one for one in tmp_path.rglob("*") if one.is_file() and one.parent.name != "secrets"]
    values = {token.value for name in ACCOUNTS for token in tokens_of(city, name).all()}
    assert leaks_of_any(heap(one for one in files if not one.name.endswith("-shm")), values) == []


def _make_it_old(home: Path) -> None:
    """Let what the store knows of the tokens be of a week ago."""
    ago = (datetime.now(UTC) - timedelta(days=8)).isoformat(timespec="microseconds")[:26] + "Z"
    with closing(sqlite3.connect(home / "data" / "archive.sqlite")) as store, store:
        store.execute(
            "UPDATE accounts SET access = json_set(access, '$.issued_at', ?) WHERE access IS NOT NULL", (ago,)
        )


def test_instagram_through_a_page(tmp_path: Path) -> None:
    """The page's token is good for the account that is linked to it."""
    with SandboxCity(seed=7, size=Size((GRAM,), 2, 2, 1, 3, 0.1), instagram_login="facebook") as city:
        configure(tmp_path, city, GRAM)
        token = city.world.accounts[GRAM].secret
        done = run(tmp_path, "account", "connect", GRAM, "--way", "system-user", given=token)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "its token is accepted" in done.stdout
        assert "it has no end" in done.stdout
        assert (tmp_path / "secrets" / GRAM).read_text().strip() == token
        collected = run(tmp_path, "collect")
        assert collected.returncode == 0, collected.stdout + collected.stderr
        assert run(tmp_path, "verify", "--full").returncode == 0
