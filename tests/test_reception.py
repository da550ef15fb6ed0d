"""The receiver put together from a configuration: what it needs, one for each data folder, and kept up by the daemon."""

from __future__ import annotations

import http.client
import os
from pathlib import Path

import pytest

from archiver import config
from archiver.capture.clock import Clock
from archiver.errors import ConfigError, InstanceRunning, OperatorError, TokenMissing
from archiver.platforms.registry import platforms
from archiver.reception import Reception, check_receiver, is_receiving, open_receiver, seal_pushed
from archiver.services.checkup import Level
from tests.listener.receiving import stored
from tests.support.pushed import SECRET, WORD, comment, delivery, entry, headers

LISTEN = '[listen]\nport = 0\nverify_token = { env = "WORD" }\n'
ACCOUNT = '[[accounts]]\nid = "{0}"\nplatform = "mastodon"\nhandle = "{0}"\nbase_url = "https://social.example"\n'
SIGNED = ACCOUNT.format("city") + 'app_secret = { env = "SECRET" }\n'


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the service."""
    monkeypatch.setenv("WORD", WORD)
    monkeypatch.setenv("SECRET", SECRET)
    monkeypatch.setenv("SECOND", "another secret of the same account")


def settings(folder: Path, text: str = LISTEN + SIGNED) -> config.Settings:
    """A configuration, read."""
    path = folder / "config.toml"
    path.write_text(f'[archive]\nname = "City"\n{text}')
    return config.load(path, platforms=platforms())


@pytest.fixture
def configured(tmp_path: Path) -> config.Settings:
    """A configuration with all that a receiver needs."""
    return settings(tmp_path)


def send(port: int, body: bytes, secret: str = SECRET) -> int:
    """One delivery; the status of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/meta", body, headers(body, secret))
    answered = connection.getresponse()
    answered.read()
    connection.close()
    return answered.status


def test_it_receives_without_a_store(configured: config.Settings) -> None:
    """No database is made or opened; what came is in the WARC folder."""
    with open_receiver(configured) as server:
        assert send(server.port, delivery(entry("11", comment(1)))) == 200
        assert is_receiving(configured)
    assert not is_receiving(configured)
    assert len(stored(configured.storage)) == 1
    assert not list(configured.data_dir.glob("*.sqlite*"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (SIGNED, r"There is no \[listen\] table"),
        (LISTEN + ACCOUNT.format("city"), "No account has an app_secret"),
        (ACCOUNT.format("city"), "(?s)no .listen. table.*No account has an app_secret"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, text: str, fault: str) -> None:
    """All of it at once, before anything is listened to."""
    with pytest.raises(ConfigError, match=fault), open_receiver(settings(tmp_path, text)):
        pass


@pytest.mark.parametrize("name", ["WORD", "SECRET"])
def test_a_secret_that_is_not_there_is_said(
    configured: config.Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """At the start, not at the first delivery."""
    monkeypatch.delenv(name)
    with pytest.raises(TokenMissing, match=name), open_receiver(configured):
        pass
    assert not is_receiving(configured)


def test_a_check_says_how_it_is(tmp_path: Path) -> None:
    """Nothing without the table; ready, running, or what is missing."""
    assert check_receiver(settings(tmp_path, SIGNED)) is None
    lacking = check_receiver(settings(tmp_path, LISTEN + ACCOUNT.format("city")))
    assert lacking is not None
    assert (lacking.level, "No account has an app_secret" in lacking.sentence) == (Level.MACHINE, True)
    chosen = settings(tmp_path)
    ready = check_receiver(chosen)
    with open_receiver(chosen):
        running = check_receiver(chosen)
    assert ready is not None
    assert running is not None
    assert (ready.level, running.level) == (Level.OK, Level.OK)
    assert (ready.sentence, running.sentence) == (
        "It would receive at 127.0.0.1:0; none is running.", "It receives at 127.0.0.1:0.",
    )  # fmt: skip


def test_every_application_s_secret_fits_and_others_don_t(tmp_path: Path) -> None:
    """Two accounts of one application, one of another, and the second secret that Instagram may use."""
    text = (
        LISTEN
        + SIGNED
        + ACCOUNT.format("parks")
        + 'app_secret = { env = "SECRET" }\nclient_secret = { env = "SECOND" }\n'
    )
    chosen = settings(tmp_path, text)
    with open_receiver(chosen) as server:
        assert send(server.port, delivery(entry("11", comment(1)))) == 200
        assert send(server.port, delivery(entry("11", comment(2))), os.environ["SECOND"]) == 200
        assert send(server.port, delivery(entry("11", comment(3))), WORD) == 403
    assert [one.event.facts["signed-for"] for one in stored(chosen.storage)] == [["city", "parks"], ["parks"]]


def test_one_receiver_for_each_folder(configured: config.Settings) -> None:
    """A second one is refused; when the first has ended it may begin."""
    with open_receiver(configured), pytest.raises(InstanceRunning, match="Another receiver"), open_receiver(configured):
        pass
    with open_receiver(configured):
        pass


def test_sealing_with_and_without_a_receiver(configured: config.Settings) -> None:
    """The receiver does it where there is one; without one it is done here; without files there is nothing to do."""
    clock = Clock()
    configured.storage.mkdir(parents=True)
    assert seal_pushed(configured, clock)
    with open_receiver(configured) as server:
        send(server.port, delivery(entry("11", comment(1))))
        assert seal_pushed(configured, clock)
        send(server.port, delivery(entry("11", comment(2))))
    assert len(list(configured.storage.rglob("*.open"))) == 1
    assert seal_pushed(configured, clock)
    assert len(list(configured.storage.rglob("*.warc.gz"))) == 2
    assert len(stored(configured.storage)) == 2


def test_a_receiver_that_does_not_answer_is_waited_for_and_left(
    configured: config.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files stay open, and that is the answer."""
    monkeypatch.setattr("archiver.reception._SEAL_S", 0.2)
    monkeypatch.setattr("archiver.listener.deposit.Depositor.look_after", lambda _self: None)
    with open_receiver(configured) as server:
        send(server.port, delivery(entry("11", comment(1))))
        assert not seal_pushed(configured, Clock())


def test_the_daemon_s_receiver_begins_when_it_can(
    configured: config.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is in its way is said once, and tried again."""
    kept_up = Reception(configured, Clock())
    with open_receiver(configured):
        for _ in range(3):
            kept_up.keep_up()
    assert capsys.readouterr().out.count("nothing is received") == 1
    kept_up.keep_up()
    assert is_receiving(configured)
    kept_up.keep_up()
    kept_up.close()
    assert not is_receiving(configured)
    kept_up.close()


def test_without_the_table_the_daemon_listens_to_nothing(tmp_path: Path) -> None:
    """And says nothing of it."""
    chosen = settings(tmp_path, SIGNED)
    reception = Reception(chosen, Clock())
    reception.keep_up()
    assert not is_receiving(chosen)
    reception.close()


def test_an_address_that_is_not_ours_is_said(tmp_path: Path) -> None:
    """With the address in it; nothing is left running."""
    chosen = settings(tmp_path, LISTEN.replace("port = 0", 'host = "192.0.2.1"\nport = 8480') + SIGNED)
    with pytest.raises(OperatorError, match=r"192\.0\.2\.1:8480"), open_receiver(chosen):
        pass
    assert not is_receiving(chosen)
