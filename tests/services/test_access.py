"""A token is looked into, renewed and mourned in rounds: over loopback, with real files, WARC and store."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from archiver.capture.client import Client, MediaLimits, Network
from archiver.capture.pace import Pacer
from archiver.capture.secrets import SecretRef, Secrets
from archiver.domain.access import NEVER, AccessSeen, Lacking
from archiver.domain.account import Account
from archiver.domain.task import TaskKind
from archiver.errors import AccessLost, OperatorError
from archiver.services import rebuild
from archiver.services.alerts import Kind, troubles
from archiver.services.collect import Collector, Parts, Round
from archiver.services.health import AccountHealth, AccountState, health
from archiver.services.journal import Journal
from archiver.services.register import register
from archiver.store import access, captures
from archiver.store.engine import Store, open_store, upgrade
from archiver.warc.writer import Segments, WarcInfo
from tests.support.clock import FakeClock
from tests.support.office import APP_ID, APP_SECRET, PLATFORM, Office, Token, install, opened

DAY = timedelta(days=1)


@dataclass
class Work:
    """An archive of one account whose token is in a file."""

    office: Office
    store: Store
    segments: Segments
    journal: Journal
    secrets: Secrets
    client: Client
    clock: FakeClock
    folder: Path

    @property
    def file(self) -> Path:
        """Where the token is."""
        return self.folder / "secrets" / "token"

    @property
    def token(self) -> str:
        """What is in the file."""
        return self.file.read_text().strip()

    def put(self, token: Token) -> None:
        """A person puts a token into its place, now by the archive's clock."""
        self.file.touch(0o600)
        self.file.write_text(token.value)
        self.set_time(self.file, self.clock.now())

    @staticmethod
    def set_time(path: Path, at: datetime) -> None:
        """Let a file be from then."""
        os.utime(path, (at.timestamp(), at.timestamp()))

    def round(self, *, backfill: bool = False) -> Round:
        """One round of what is due."""
        with self.store.begin() as conn:
            run = captures.start_run(conn, "collect", self.clock.now())
        parts = Parts(
            store=self.store, journal=self.journal, client=self.client, pacer=Pacer(min_interval_s=0), clock=self.clock,
            stop=threading.Event(), attempts=2,
        )  # fmt: skip
        collector = Collector(parts, "city", wait=False, run=run)
        return collector.backfill(None, None) if backfill else collector.due()

    def known(self) -> AccessSeen:
        """What the store knows of the token."""
        with self.store.read() as conn:
            known = access.known(conn, "city")
        assert known is not None
        return known[0]

    def paths(self) -> list[str]:
        """What the office was asked since the last call of this, each thing once."""
        asked, self.office.asked = self.office.asked, []
        return list(dict.fromkeys(target.partition("?")[0] for target in asked))

    def light(self) -> AccountHealth:
        """The account's health."""
        (one,) = health(self.store, self.clock.now(), paused={"city": False})
        return one

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        with self.store.read() as conn:
            return [tuple(row) for row in conn.exec_driver_sql(statement)]


@cache
def _empty() -> Path:
    path = Path(mkdtemp(prefix="archiver-access-")) / "empty.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@contextmanager
def working(folder: Path, office: Office, clock: FakeClock, **refs: SecretRef) -> Iterator[Work]:
    """The archive, in a process of its own."""
    shutil.copy(_empty(), folder / "archive.sqlite")
    store = open_store(f"sqlite:///{folder / 'archive.sqlite'}")
    account = Account(
        "city", PLATFORM, "city", base_url=office.base, authenticated=True, secrets=frozenset(refs),
    )  # fmt: skip
    register(store, [account], clock.now())
    segments = Segments(folder / "warc", info=WarcInfo(operator="C", archive="C", user_agent="t"), now=clock.now)
    secrets = Secrets({"city": refs})
    network = Network("test", 5, 5, None, None, (), MediaLimits(10**6, 10, None))
    client = Client(network, secrets, folder / "spool", clock, threading.Event())
    try:
        yield Work(office, store, segments, Journal(store, segments), secrets, client, clock, folder)
    finally:
        client.close()
        segments.close()
        store.dispose()


@pytest.fixture
def refs(tmp_path: Path) -> dict[str, SecretRef]:
    """The account's secrets, in files from long ago."""
    (tmp_path / "secrets").mkdir()
    found = {}
    for name, value in (("token", ""), ("app_id", APP_ID), ("app_secret", APP_SECRET)):
        path = tmp_path / "secrets" / name
        path.touch(0o600)
        path.write_text(value)
        Work.set_time(path, datetime(2026, 1, 1).astimezone())
        found[name] = SecretRef(file=path)
    return found


@pytest.fixture
def work(tmp_path: Path, refs: dict[str, SecretRef], monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """An archive at work, with a token of today."""
    monkeypatch.setattr("archiver.platforms.registry._ADAPTERS", {})
    install()
    office, clock = Office(), FakeClock()
    office.now = clock.now
    with opened(office), working(tmp_path, office, clock, **refs) as made:
        made.put(office.give())
        yield made


def test_a_token_is_looked_into_daily_and_first(work: Work) -> None:
    """What the platform tells is kept with the account; within a day it is not asked again."""
    assert work.round().trouble is None
    assert work.paths() == ["/debug_token", "/me", "/posts"]
    ends = work.clock.now().replace(microsecond=0) + timedelta(days=60)
    known = work.known()
    assert (known.kind, known.valid, known.lacking) == ("user", True, ())
    assert known.expires_at is not None
    assert abs(known.expires_at - ends) < timedelta(minutes=5)
    work.clock.advance(3600)
    work.round()
    assert "/debug_token" not in work.paths()
    work.clock.advance(24 * 3600)
    work.round()
    assert work.paths()[0] == "/debug_token"


def test_a_backfill_looks_into_the_token_first(work: Work) -> None:
    """Nothing long is begun with a dead token."""
    work.round(backfill=True)
    assert work.paths()[0] == "/debug_token"


def test_a_token_is_renewed_weekly(work: Work) -> None:
    """The new one is in the file, for its owner only, and in use at once; the old one is nowhere asked with again."""
    old = work.token
    for _ in range(7):
        work.round()
        work.clock.advance(86400)
    assert work.token == old
    assert "/refresh" not in work.paths()
    work.round()
    assert work.paths() == ["/debug_token", "/refresh", "/me", "/posts"]
    new = work.token
    assert new != old
    assert new in work.office.tokens
    assert stat.S_IMODE(work.file.stat().st_mode) == 0o600
    known = work.known()
    assert known.issued_at is not None
    assert known.expires_at is not None
    assert (known.expires_at - known.issued_at, known.lacking) == (timedelta(days=60), ())
    work.office.tokens[old].dead = "over"
    work.clock.advance(900)
    assert work.round().trouble is None
    assert work.paths() == ["/posts"]  # a token that we put there ourselves is no news


def test_a_young_token_is_not_renewed(work: Work) -> None:
    """The platform would refuse it."""
    work.put(work.office.give(age=timedelta(hours=23)))
    work.round()
    assert "/refresh" not in work.paths()


def test_a_token_that_can_not_be_kept_is_not_renewed(
    tmp_path: Path, refs: dict[str, SecretRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One from the environment is left alone; whoever set it hears of its end."""
    install()
    office, clock = Office(), FakeClock()
    office.now = clock.now
    with opened(office):
        monkeypatch.setenv("CITY_TOKEN", office.give(age=40 * DAY).value)
        with working(tmp_path, office, clock, **refs | {"token": SecretRef(env="CITY_TOKEN")}) as work:
            assert work.round().trouble is None
            assert "/refresh" not in work.paths()
            assert [one.kind for one in troubles([work.light()], 10**12, clock.now())] == [Kind.TOKEN]


def test_a_renewed_token_that_can_not_be_stored(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is used, the exchange is kept, and a person is told what to do."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    work.put(work.office.give(age=20 * DAY))
    old = work.token
    with monkeypatch.context() as patched:
        patched.setattr("archiver.capture.secrets._write", full)
        with pytest.raises(OperatorError, match=r"No space left .*in memory only"):
            work.round()
    assert work.token == old
    assert work.rows("SELECT count(*) FROM exchanges WHERE url LIKE '%/refresh%'") == [(1,)]
    work.office.tokens[old].dead = "over"
    assert work.round().trouble is None


def test_a_token_that_was_replaced_is_looked_into_at_once(work: Work) -> None:
    """A person's new token is news, and what was known of the old one is not held against it."""
    work.put(work.office.give(life=5 * DAY))
    work.round()
    assert work.known().expires_at != NEVER
    work.paths()
    work.clock.advance(3600)
    work.put(work.office.give(life=None, kind="page"))
    work.clock.advance(60)
    work.round()
    assert work.paths()[0] == "/debug_token"
    assert (work.known().kind, work.known().expires_at) == ("page", NEVER)
    work.clock.advance(900)
    work.round()
    assert work.paths() == ["/posts"]


def test_a_dead_token_stops_the_round(work: Work) -> None:
    """Nothing is asked with it, a person is needed, and a new one ends that."""
    work.office.tokens[work.token].dead = "The user changed the password."
    done = work.round()
    assert isinstance(done.trouble, AccessLost)
    assert "changed the password" in str(done.trouble)
    assert work.paths() == ["/debug_token"]
    assert [one.kind for one in troubles([work.light()], 10**12, work.clock.now())] == [Kind.ATTENTION]
    work.clock.advance(3600)
    work.put(work.office.give())
    work.clock.advance(60)
    assert work.round().trouble is None
    assert troubles([work.light()], 10**12, work.clock.now()) == []


def test_the_end_of_access_to_data_needs_a_person(work: Work) -> None:
    """What is shown is still taken; the round is short, the light is red, and a person hears what to do."""
    work.put(work.office.give(life=None, data_until=work.clock.now() + DAY))
    assert work.round().trouble is None
    work.clock.advance(2 * 86400)
    light = work.light()  # before any round
    assert (light.state, light.attention_since) == (AccountState.ATTENTION, light.access and light.access.ends_at)
    assert "access to data has ended" in (light.last_error or "")
    work.paths()
    done = work.round()
    assert "/posts" in work.paths()
    assert isinstance(done.trouble, AccessLost)
    assert "access to data has ended" in done.trouble.message
    assert "system user" in done.trouble.advice
    (told,) = troubles([work.light()], 10**12, work.clock.now())
    assert (told.kind, "access to data has ended" in told.what, "system user" in told.todo) == (
        Kind.ATTENTION, True, True,
    )  # fmt: skip
    with work.store.begin() as conn:
        conn.exec_driver_sql("UPDATE accounts SET authenticated = 0")  # what was known of its token no longer matters
    work.clock.advance(3600)
    assert work.round().trouble is None
    assert work.light().state is AccountState.OK
    with work.store.begin() as conn:
        conn.exec_driver_sql("UPDATE accounts SET authenticated = 1")
    work.put(work.office.give(life=None, data_until=work.clock.now() + 90 * DAY))
    work.clock.advance(60)
    assert work.round().trouble is None
    assert work.light().state is AccountState.OK


def test_the_end_is_told_weeks_ahead(work: Work) -> None:
    """Three weeks before it an alert, with the day and what to do; not before."""
    work.put(work.office.give(life=30 * DAY, scopes=("read",)))
    work.round()
    assert work.known().lacking == (Lacking("comments", "what residents answer"),)
    assert troubles([work.light()], 10**12, work.clock.now()) == []
    work.office.tokens[work.token].issued_at = work.clock.now() + 10 * DAY  # too young to be renewed
    work.clock.advance(10 * 86400)
    (told,) = troubles([work.light()], 10**12, work.clock.now())
    assert (told.kind, "ends in 19 days" in told.what or "ends in 20 days" in told.what) == (Kind.TOKEN, True)
    assert "archiver account connect city" in told.todo


def test_a_rebuild_knows_the_same(work: Work, tmp_path: Path) -> None:
    """What is known of a token comes from the WARC files alone, renewals and replacements included."""
    for _ in range(9):
        work.round()
        work.clock.advance(86400)
    work.put(work.office.give(life=None, scopes=("read",)))
    work.clock.advance(60)
    work.round()
    compared = rebuild.check(work.store, tmp_path / "warc", tmp_path / "spool", work.clock.now(), progress=_silent)
    assert compared.replayed.unread == []
    assert [str(one) for one in compared.differences] == []


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def test_an_account_without_a_token_has_nothing_to_look_after(work: Work) -> None:
    """There is no such task for it."""
    with work.store.begin() as conn:
        conn.exec_driver_sql("UPDATE accounts SET authenticated = 0")
    work.round()
    assert work.rows(f"SELECT count(*) FROM tasks WHERE kind = '{TaskKind.ACCESS}'") == [(0,)]


def test_no_address_in_the_store_has_a_secret(work: Work) -> None:
    """Private parameters are there by their names."""
    work.put(work.office.give(age=20 * DAY))
    work.round()
    urls = [url for (url,) in work.rows("SELECT url FROM exchanges")]
    base = work.office.base
    assert f"{base}/debug_token?input_token=%5Bremoved%5D&appsecret_proof=%5Bremoved%5D" in urls
    assert f"{base}/refresh?access_token=%5Bremoved%5D" in urls
