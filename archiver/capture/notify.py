"""Telling a person: a webhook and a mail. What goes out here is no evidence and is not recorded."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Literal

import httpx

from archiver.capture.transport import tls_context
from archiver.errors import OperatorError

TIMEOUT_S = 8.0
"""For each answer; short, because an alert may be on its way when the process is asked to end."""


class NotSent(OperatorError):
    """An alert did not go out; the trouble that it was about is in ``archiver status`` as well."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server and who writes to whom.

    ``security``: TLS after the greeting (``starttls``), from the start (``tls``), or none (a relay on this machine).
    ``ca_bundle`` holds further authorities (PEM), beside the public ones.
    """

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_bundle: Path | None = None
    timeout_s: float = TIMEOUT_S


def send_webhook(
    url: str,
    payload: Mapping[str, object],
    *,
    proxy: str | None = None,
    ca_bundle: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Post ``payload`` as JSON; raises NotSent. The address often is a secret itself, so no message shows it."""
    try:
        with httpx.Client(
            verify=tls_context(ca_bundle), proxy=proxy, trust_env=False, timeout=timeout_s, follow_redirects=False
        ) as client:
            status = client.post(url, json=dict(payload)).status_code
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _webhook_failed(type(error).__name__) from None
    if not 200 <= status < 300:
        raise _webhook_failed(f"it answered {status}")


def _webhook_failed(why: str) -> NotSent:
    return NotSent(f"The alert's webhook could not be called: {why}.", advice="Check alerts.webhook and the network.")


def message(smtp: Smtp, subject: str, text: str) -> EmailMessage:
    """A plain mail from the archiver, marked as automatic (RFC 3834) so that nobody's absence note answers it."""
    mail = EmailMessage()
    mail["From"] = smtp.sender
    mail["To"] = ", ".join(smtp.to)
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain=smtp.sender.rpartition("@")[2].strip("> ") or None)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    return mail


def send_mail(smtp: Smtp, mail: EmailMessage) -> Sequence[str]:
    """Hand a mail to the server; the recipients that it refused, if it took the mail for others. Raises NotSent."""
    try:
        with _connected(smtp) as server:
            if smtp.user is not None:
                server.login(smtp.user, smtp.password or "")
            return sorted(server.send_message(mail))
    except (smtplib.SMTPException, OSError) as error:
        why = _words(error)
        raise NotSent(
            f"The mail could not be sent through {smtp.host}:{smtp.port}: {why}.",
            advice="Check alerts.mail, its password and the network.",
        ) from None


def _connected(smtp: Smtp) -> smtplib.SMTP:
    if smtp.security == "tls":
        return smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout_s, context=tls_context(smtp.ca_bundle))
    server = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout_s)
    if smtp.security == "starttls":
        try:
            server.starttls(context=tls_context(smtp.ca_bundle))
        except BaseException:
            server.close()
            raise
    return server


def _words(error: Exception) -> str:
    """A server's or the system's words, without what we said to it."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"all recipients were refused ({', '.join(sorted(error.recipients))})"
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return str(error) or type(error).__name__
