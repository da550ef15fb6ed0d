"""Alerts reach a person, or it is said in one sentence why not."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from archiver.capture.notify import NotSent, Smtp, message, send_mail, send_webhook
from tests.capture.servers import hang_up, peer, proxy, silence

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ServerTls = Callable[..., ssl.SSLContext]


class Inbox:
    """Takes mails, but not for ``nobody``."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a recipient or not."""
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail."""
        self.envelopes.append(envelope)
        return "250 OK"

    def mail(self) -> EmailMessage:
        """The one mail that came."""
        (envelope,) = self.envelopes
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = BytesParser(policy=default).parsebytes(content)
        assert isinstance(parsed, EmailMessage)
        return parsed


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Only the archiver may send."""
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"archiver", b"m4il-p4ss")
    return AuthResult(success=good, handled=False)


@contextmanager
def server(**settings: Any) -> Iterator[tuple[Inbox, Smtp]]:
    """A mail server on loopback, and how to reach it without TLS."""
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **settings)
    controller.start()
    try:
        yield (
            inbox,
            Smtp("127.0.0.1", "Archiver <archiver@city.example>", ("clerk@city.example",), port, "none", timeout_s=3),
        )
    finally:
        controller.stop()


@pytest.fixture
def plain() -> Iterator[tuple[Inbox, Smtp]]:
    """A relay without TLS or password."""
    with server() as running:
        yield running


def test_a_mail(plain: tuple[Inbox, Smtp]) -> None:
    """A mail arrives with its words, marked as automatic."""
    inbox, smtp = plain
    smtp = replace(smtp, to=("clerk@city.example", "it@city.example"))
    assert (
        send_mail(
            smtp, message(smtp, "police-facebook needs\na person ⚠", "Renew the token.\n\nÜber alles: ärgerlich.")
        )
        == []
    )
    mail = inbox.mail()
    assert mail["Subject"] == "police-facebook needs a person ⚠"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@city.example>")
    assert "ärgerlich" in mail.get_content()
    assert inbox.envelopes[0].rcpt_tos == ["clerk@city.example", "it@city.example"]


def test_a_recipient_that_is_refused(plain: tuple[Inbox, Smtp]) -> None:
    """One wrong address does not keep the mail from the others; only wrong ones are an error."""
    inbox, smtp = plain
    some = replace(smtp, to=("nobody@city.example", "clerk@city.example"))
    assert send_mail(some, message(some, "x", "y")) == ["nobody@city.example"]
    none = replace(smtp, to=("nobody@city.example",))
    with pytest.raises(NotSent, match=r"all recipients were refused \(nobody@city.example\)"):
        send_mail(none, message(none, "x", "y"))
    assert len(inbox.envelopes) == 1


@pytest.mark.parametrize("password", ["m4il-p4ss", "wr0ng-p4ss"])
def test_starttls_and_password(password: str, server_tls: ServerTls, bundle: Path) -> None:
    """The password goes over TLS only; a wrong one is told without being shown."""
    with server(
        tls_context=server_tls("127.0.0.1"), require_starttls=True, auth_required=True, authenticator=knows
    ) as (inbox, relay):
        smtp = replace(relay, security="starttls", user="archiver", password=password, ca_bundle=bundle)
        if password.startswith("m4il"):
            send_mail(smtp, message(smtp, "x", "y"))
            assert len(inbox.envelopes) == 1
        else:
            with pytest.raises(NotSent, match="535") as caught:
                send_mail(smtp, message(smtp, "x", "y"))
            assert password not in str(caught.value)
    assert password not in repr(smtp)


def test_tls_from_the_start(server_tls: ServerTls, bundle: Path) -> None:
    """A server that speaks TLS at once is spoken to so."""
    with server(ssl_context=server_tls("127.0.0.1")) as (inbox, relay):
        smtp = replace(relay, security="tls", ca_bundle=bundle)
        send_mail(smtp, message(smtp, "x", "y"))
        assert len(inbox.envelopes) == 1


def test_a_server_without_starttls(plain: tuple[Inbox, Smtp]) -> None:
    """A server that suddenly offers no TLS gets neither password nor mail."""
    inbox, smtp = plain
    smtp = replace(smtp, security="starttls", user="archiver", password="m4il-p4ss")
    with pytest.raises(NotSent, match="STARTTLS"):
        send_mail(smtp, message(smtp, "x", "y"))
    assert inbox.envelopes == []


def test_an_unknown_authority_for_mail(server_tls: ServerTls) -> None:
    """A server with a certificate of nobody's gets nothing."""
    with server(tls_context=server_tls("127.0.0.1")) as (inbox, relay):
        smtp = replace(relay, security="starttls")
        with pytest.raises(NotSent, match="certificate"):
            send_mail(smtp, message(smtp, "x", "y"))
        assert inbox.envelopes == []


def test_no_mail_server() -> None:
    """A server that is not there is named."""
    smtp = Smtp("127.0.0.1", "a@b.example", ("c@d.example",), 9, "none", timeout_s=1)
    with pytest.raises(NotSent, match=r"127\.0\.0\.1:9"):
        send_mail(smtp, message(smtp, "x", "y"))


def test_a_webhook() -> None:
    """The payload is posted as JSON."""
    with peer(OK) as hook:
        send_webhook(f"{hook.url}/services/s3cr3t", {"account": "police-facebook", "état": "attention"})
        head, _, body = hook.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /services/s3cr3t HTTP/1.1\r\n")
    assert b"application/json" in head
    assert json.loads(body) == {"account": "police-facebook", "état": "attention"}


@pytest.mark.parametrize(
    "play",
    [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
     hang_up(), silence(), b"SSH-2.0\r\n\r\n"],
    ids=["not found", "elsewhere", "no answer", "silence", "not HTTP"],
)  # fmt: skip
def test_a_webhook_that_fails(play: Any) -> None:
    """A failure is one sentence, and the address, which is a secret, is not in it."""
    with peer(play) as hook, pytest.raises(NotSent, match="webhook") as caught:
        send_webhook(f"{hook.url}/services/s3cr3t", {}, timeout_s=0.5)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["", "nothing", "ftp://x/y", "http://127.0.0.1:1/s3cr3t"])
def test_a_webhook_that_is_none(url: str) -> None:
    """A wrong address is a sentence too."""
    with pytest.raises(NotSent):
        send_webhook(url, {})


def test_a_webhook_through_the_proxy() -> None:
    """Alerts go the way that everything goes."""
    with peer(OK) as hook, proxy({f"hooks.example:{hook.port}": ("127.0.0.1", hook.port)}) as way:
        send_webhook(f"http://hooks.example:{hook.port}/x", {}, proxy=way.url)
        assert way.heads[0].startswith(b"POST http://hooks.example")
