"""A person is told once, again and again until it is over, and then that it is."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from archiver import config
from archiver.domain.access import AccessSeen
from archiver.domain.account import Account
from archiver.domain.coverage import CoverageState, Span
from archiver.errors import AccessLost, OperatorError
from archiver.platforms.registry import platforms
from archiver.services.alerts import LEAST_FREE_BYTES, Alerts, Kind, Trouble, decide, message, troubles
from archiver.services.health import AccountHealth, AccountState
from archiver.store import accounts
from archiver.store.alerts import Told
from archiver.store.engine import Store, open_store, upgrade
from archiver.wiring import alerts_of
from tests.capture.servers import peer

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WELL = AccountHealth("police", "bluesky", "police", AccountState.OK, NOW, None, None, 3, NOW, (), None, 3, 0)
ENOUGH = 10 * LEAST_FREE_BYTES


def gap(age: timedelta) -> Span:
    """An open gap of that age."""
    return Span("posts", None, NOW - age, NOW, CoverageState.GAP, "no answer", opened_at=NOW - age)


def ends(after: timedelta) -> AccessSeen:
    """What is known of a token that ends then."""
    return AccessSeen("user", valid=True, expires_at=NOW + after)


WORLDS = {
    "all is well": (WELL, ENOUGH, None),
    "a short gap": (replace(WELL, state=AccountState.GAP, open_gaps=(gap(HOUR),)), ENOUGH, None),
    "a gap of a day": (replace(WELL, state=AccountState.GAP, open_gaps=(gap(HOUR), gap(DAY))), ENOUGH, (Kind.GAP, DAY)),
    "a short outage": (replace(WELL, state=AccountState.GAP, last_error="no answer"), ENOUGH, None),
    "a dead token, and its gap": (
        replace(WELL, state=AccountState.ATTENTION, attention_since=NOW - HOUR, open_gaps=(gap(DAY),)), ENOUGH, (Kind.ATTENTION, HOUR),
    ),
    "a round that failed": (replace(WELL, failed_since=NOW - HOUR, last_error="disk"), ENOUGH, (Kind.FAILED, HOUR)),
    "a paused account with a dead token": (
        replace(WELL, state=AccountState.PAUSED, attention_since=NOW - DAY, open_gaps=(gap(DAY),)), ENOUGH, None,
    ),
    "a token that ends in three weeks": (replace(WELL, access=ends(21 * DAY)), ENOUGH, (Kind.TOKEN, timedelta())),
    "a token that ends in two weeks": (replace(WELL, access=ends(14 * DAY)), ENOUGH, (Kind.TOKEN, 7 * DAY)),
    "a token that ends some day": (replace(WELL, access=ends(22 * DAY)), ENOUGH, None),
    "a dead token that has ended": (
        replace(WELL, attention_since=NOW - HOUR, access=ends(-DAY)), ENOUGH, (Kind.ATTENTION, HOUR),
    ),
    "a paused account whose token ends": (
        replace(WELL, state=AccountState.PAUSED, access=ends(DAY)), ENOUGH, None,
    ),
    "a closed account with a dead token": (
        replace(WELL, state=AccountState.CLOSED, attention_since=NOW - DAY, access=ends(DAY)), ENOUGH, None,
    ),
    "a full disk": (WELL, LEAST_FREE_BYTES - 1, (Kind.DISK, timedelta())),
}  # fmt: skip


@pytest.mark.parametrize("world", WORLDS)
def test_what_a_person_must_know(world: str) -> None:
    """What is a trouble, of which kind, and since when."""
    health, free, expected = WORLDS[world]
    found = troubles([health], free, NOW)
    assert [(one.kind, NOW - one.since_at) for one in found] == ([expected] if expected else [])


def test_a_token_is_told_of_weekly_until_its_last_week() -> None:
    """Three weeks of daily mails would be read by nobody."""
    for left, told_ago, due in ((14, 2, False), (14, 7, True), (6, 2, True)):
        (found,) = troubles([replace(WELL, access=ends(left * DAY))], ENOUGH, NOW)
        told = Told("police", "token", found.what, found.since_at, NOW - told_ago * DAY)
        assert decide([found], [told], NOW, DAY).alerts == ((found,) if due else ())
        assert "archiver account connect police" in found.todo


def test_a_gap_and_the_end_of_a_token_are_two_things() -> None:
    """Neither hides the other."""
    both = replace(WELL, state=AccountState.GAP, open_gaps=(gap(DAY),), access=ends(DAY))
    assert [one.kind for one in troubles([both], ENOUGH, NOW)] == [Kind.GAP, Kind.TOKEN]


LOST = Trouble("police", Kind.ATTENTION, NOW - HOUR, "The token is refused.", "Renew it.")
TOLD = Told("police", "attention", LOST.what, LOST.since_at, NOW - HOUR)

CASES: dict[str, tuple[Sequence[Trouble], Sequence[Told], int, int]] = {
    "nothing is wrong": ([], [], 0, 0),
    "something new": ([LOST], [], 1, 0),
    "told an hour ago": ([LOST], [TOLD], 0, 0),
    "told a day ago": ([LOST], [replace(TOLD, told_at=NOW - DAY)], 1, 0),
    "told by a clock that ran ahead": ([LOST], [replace(TOLD, told_at=NOW + DAY)], 1, 0),
    "over": ([], [TOLD], 0, 1),
    "another kind of the same account": ([replace(LOST, kind=Kind.GAP)], [TOLD], 1, 1),
    "another account": ([LOST, replace(LOST, subject="parks")], [TOLD], 1, 0),
}


@pytest.mark.parametrize("case", CASES)
def test_when_it_is_said(case: str) -> None:
    """New ones at once, known ones when it is time, solved ones once."""
    found, told, alerts, solved = CASES[case]
    decision = decide(found, told, NOW, DAY)
    assert (len(decision.alerts), len(decision.solved)) == (alerts, solved)


def test_the_message() -> None:
    """What it is, since when in the city's time, and what to do; one message for all."""
    said = message(
        "City", decide([LOST], [Told("parks", "gap", "A gap.", NOW, NOW)], NOW, DAY), ZoneInfo("America/Chicago")
    )
    assert said.subject == "City archive: 1 to look after: police"
    assert said.text == (
        "police: The token is refused.\n  Since 2026-11-22 08:00 CST.\n  Renew it.\n\nparks: Solved. It was: A gap.\n"
    )
    assert json.loads(json.dumps(said.payload))["alerts"] == [
        {
            "subject": "police",
            "kind": "attention",
            "since": "2026-11-22T14:00:00Z",
            "what": LOST.what,
            "todo": LOST.todo,
        }
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with one account."""
    url = f"sqlite:///{tmp_path / 'archive.sqlite'}"
    upgrade(url)
    opened = open_store(url)
    with opened.begin() as conn:
        accounts.register(conn, [Account("police", "bluesky", "police")], NOW)
        accounts.set_outcome(conn, "police", at=NOW, trouble=AccessLost("The token is refused."))
    yield opened
    opened.dispose()


def test_until_it_is_solved(store: Store) -> None:
    """Told once, kept silent about, repeated after a day, by another process too, and solved once."""
    sent: list[str] = []
    alerts = Alerts(
        "City", ZoneInfo("UTC"), DAY, {"police": False}, lambda: ENOUGH, [lambda said: sent.append(said.text)]
    )
    for at in (NOW, NOW + HOUR, NOW + DAY, NOW + DAY + HOUR):
        replace(alerts).tell(store, at)
    assert len(sent) == 2
    with store.begin() as conn:
        accounts.set_outcome(conn, "police", at=NOW + DAY, trouble=None)
    alerts.tell(store, NOW + DAY + HOUR)
    alerts.tell(store, NOW + DAY + HOUR)
    assert [text.splitlines()[0] for text in sent[2:]] == ["police: Solved. It was: The token is refused."]


def test_what_could_not_be_sent_is_sent_next_time(store: Store) -> None:
    """An alert counts as told when it went out one way at least."""
    sent: list[str] = []

    def broken(_said: object) -> None:
        raise OperatorError("The mail server is down.")

    alerts = Alerts("City", ZoneInfo("UTC"), DAY, {"police": False}, lambda: ENOUGH, [broken])
    assert alerts.tell(store, NOW).alerts
    both = replace(alerts, channels=[broken, lambda said: sent.append(said.text)])
    assert both.tell(store, NOW + HOUR).alerts
    assert not both.tell(store, NOW + 2 * HOUR).alerts
    assert len(sent) == 1


class Inbox:
    """Takes mails."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = BytesParser(policy=default).parsebytes(content)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[Inbox, int]]:
    """A mail server on loopback, and its port."""
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox, port
    finally:
        controller.stop()


def test_by_mail_and_webhook(store: Store, tmp_path: Path) -> None:
    """As configured, a real mail and a real webhook call arrive."""
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with mail_server() as (inbox, port), peer(ok) as hook:
        (tmp_path / "hook").write_text(f"{hook.url}/s3cr3t\n")
        (tmp_path / "hook").chmod(0o600)
        text = f"""
            [archive]
            name = "City"
            [[accounts]]
            id = "police"
            platform = "bluesky"
            handle = "police"
            [alerts]
            webhook = {{ file = "hook" }}
            [alerts.mail]
            host = "127.0.0.1"
            port = {port}
            security = "none"
            sender = "archiver@city.example"
            to = ["clerk@city.example"]
        """
        settings = config.parse_text(text, tmp_path / "config.toml", platforms=platforms())
        settings.data_dir.mkdir()
        alerts_of(settings).tell(store, NOW)
        (mail,) = inbox.mails
        assert mail["To"] == "clerk@city.example"
        assert mail["Subject"] == "City archive: 1 to look after: police"
        assert "The token is refused." in mail.get_content()
        head, _, body = hook.requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /s3cr3t ")
        assert json.loads(body)["alerts"][0]["subject"] == "police"
