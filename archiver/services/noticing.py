"""Telling the custodians of a stop what they must keep, and reminding them until they say that they read it (R27)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from archiver.domain.acting import Actor
from archiver.domain.stops import NoticeStep, StopType
from archiver.errors import NotFound, UsageError
from archiver.services.holds import open_one
from archiver.store import Connection
from archiver.store.decisions import audit, notices, stops
from archiver.store.decisions.audit import Act
from archiver.store.decisions.notices import Entry, Notice
from archiver.store.decisions.scopes import Scope
from archiver.store.decisions.stops import Stop
from archiver.store.engine import Store

PATIENCE = timedelta(days=7)
"""So long a custodian has to acknowledge, unless another number of days is given."""

Mail = Callable[[str, str, str], None]
"""Sends a mail: address, subject, text. Raises an ArchiverError that says why it could not."""

WORDS = {
    StopType.LEGAL_HOLD: "legal hold",
    StopType.DATA_REQUEST: "data request",
    StopType.AUDIT: "audit",
    StopType.CLAIM: "claim",
    StopType.ARCHIVAL_APPRAISAL: "archival appraisal",
    StopType.COURT_ORDER: "court order",
    StopType.MANUAL: "stop",
}
"""The types in words."""

_NOTICE = """\
To: {custodian}
From: {sender}, {archive}
About: {kind} {name}, {matter}

You keep, or may keep, records that must be preserved because of this matter.

From now on, until you are told in writing that it is over:

1. Do not delete, edit or hide any post, comment, reply or message that has to do with this matter: neither on the
   city's accounts, nor on an account of your own on which you acted for the city.
2. Do not block or report anybody in connection with it without asking first.
3. Switch off whatever deletes by itself: disappearing messages, storage limits, clean-up rules, on phones as well.
4. Keep notes, drafts, screenshots, messages and mails about it, wherever they are.
5. Tell others who keep such records, and name them to {sender}.

It concerns {scope}.

The city's archive keeps what it has captured of this by itself; that does not cover what you have.

Please answer that you have read this until {due}. If you are in doubt whether something belongs to it, keep it and ask.
"""

_REMINDER = """\
To: {custodian}
From: {sender}, {archive}
About: {kind} {name}, {matter}: reminder

On {sent} you were sent a notice about records that must be preserved because of this matter. It still holds, and you
have not said yet that you read it. Please answer until {due}. The notice was:

{notice}"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice on its way. ``address`` None, or no mail: somebody has to bring it."""

    custodian: str
    address: str | None
    text: str
    by_mail: bool


@dataclass(frozen=True, slots=True)
class Office:
    """Who sends notices from where. ``mail`` None: no mail is configured."""

    store: Store
    archive: str
    zone: ZoneInfo
    by: Actor
    at: datetime
    mail: Mail | None = None

    def send(
        self, hold: str, to: Sequence[str], *, patience: timedelta = PATIENCE, text: str | None = None
    ) -> list[Letter]:
        """Send a notice to custodians, ``Name`` or ``Name <address>`` each. ``text`` takes the place of our words.

        Each is written down, with its row in the audit log, as soon as it is out.
        """
        with self.store.read() as conn:
            stop = open_one(conn, hold)
        due, people = self.at + patience, [_person(one) for one in to]  # all are looked at before one goes out
        return [
            self._out(stop, NoticeStep.SENT, name, address, text or self._notice(stop, name, due), due)
            for name, address in people
        ]

    def remind(self, hold: str, *, patience: timedelta = PATIENCE) -> list[Letter]:
        """Remind those who should have acknowledged a notice by now; by the way that the notice took."""
        with self.store.read() as conn:
            stop = open_one(conn, hold)
            late = [one for one in notices.of(conn, [stop.name]) if one.is_overdue(self.at)]
        due = self.at + patience
        return [
            self._out(stop, NoticeStep.REMINDED, one.custodian, one.address, self._reminder(stop, one, due), due)
            for one in late
        ]

    def acknowledge(self, hold: str, name: str) -> None:
        """A custodian has said that they read it. Raises NotFound where none of that name was sent one."""
        with self.store.begin() as conn:
            stop = open_one(conn, hold)
            sent = notices.of(conn, [stop.name])
            known = next((one for one in sent if notices.plain(one.custodian) == notices.plain(name)), None)
            if known is None:
                names = ", ".join(one.custodian for one in sent) or "nobody"
                raise NotFound(f'"{name}" was sent no notice of {stop.name}.', advice=f"It was sent to: {names}.")
            self._write(
                conn,
                Entry(stop.name, NoticeStep.ACKNOWLEDGED, known.custodian, None, self.at, None, "hand", None, self.by),
            )

    def _out(self, stop: Stop, step: NoticeStep, name: str, address: str | None, text: str, due: datetime) -> Letter:
        mail = self.mail if address is not None else None
        if mail is not None and address is not None:
            again = ": reminder" if step is NoticeStep.REMINDED else ""
            mail(address, f"{WORDS[stop.type].capitalize()} {stop.name}: {stop.matter}{again}", text)
        means = "mail" if mail is not None else "hand"
        with self.store.begin() as conn:
            self._write(conn, Entry(stop.name, step, name, address, self.at, due, means, text, self.by))
        return Letter(name, address, text, mail is not None)

    def _write(self, conn: Connection, entry: Entry) -> None:
        notices.add(conn, entry)
        details = {"custodian": entry.custodian, "address": entry.address, "means": entry.means}
        audit.add(conn, Act(self.at, self.by, _ACTS[entry.step], entry.stop, None, details))

    def _notice(self, stop: Stop, custodian: str, due: datetime) -> str:
        return _NOTICE.format(**self._facts(stop, custodian, due), scope=scope_in_words(stop.scope, self.zone))

    def _reminder(self, stop: Stop, one: Notice, due: datetime) -> str:
        words = next((entry.text for entry in reversed(one.entries) if entry.step is NoticeStep.SENT), None)
        return _REMINDER.format(
            **self._facts(stop, one.custodian, due), sent=self._day(one.sent_at), notice=words or ""
        )

    def _facts(self, stop: Stop, custodian: str, due: datetime) -> dict[str, str]:
        return {
            "custodian": custodian, "sender": self.by.name, "archive": self.archive, "kind": WORDS[stop.type],
            "name": stop.name, "matter": stop.matter, "due": self._day(due),
        }  # fmt: skip

    def _day(self, at: datetime) -> str:
        return at.astimezone(self.zone).date().isoformat()


_ACTS = {
    NoticeStep.SENT: "hold notice",
    NoticeStep.REMINDED: "hold remind",
    NoticeStep.ACKNOWLEDGED: "hold acknowledge",
}


def overdue(conn: Connection, now: datetime) -> list[Notice]:
    """Notices of open stops that should have been acknowledged by now."""
    names = [stop.name for stop in stops.every(conn, open_only=True)]
    return [one for one in notices.of(conn, names) if one.is_overdue(now)]


def _person(given: str) -> tuple[str, str | None]:
    """Name and address of ``Name <address>``, ``address`` or ``Name``."""
    name, address = given.strip(), None
    if (found := _ADDRESSED.fullmatch(name)) is not None:
        name, address = found["name"].strip('" '), found["address"]
    elif _ADDRESS.fullmatch(name) is not None:
        address = name
    if not name and address is None:
        raise UsageError("A custodian has no name.", advice='Name them: --to "Sam Porter <sam.porter@city.example>".')
    return " ".join(name.split()) or str(address), address


_ADDRESS = re.compile(r"[^\s<>@,]+@[^\s<>@,]+")
_ADDRESSED = re.compile(rf"(?P<name>[^<>]*)<(?P<address>{_ADDRESS.pattern})>")


def scope_in_words(scope: Scope, zone: ZoneInfo) -> str:
    """What a stop covers, as a sentence's end."""
    parts = []
    if scope.query is not None:
        parts.append(" ".join(["all records", *_filters(scope, zone)]))
    if scope.threads:
        parts.append(f"the threads {', '.join(scope.threads)}")
    if scope.records:
        parts.append(f"the records {', '.join(scope.records)}")
    words = "; ".join(parts)
    return f"{words}, with what they answer, quote or pass on" if scope.context else words


def _filters(scope: Scope, zone: ZoneInfo) -> Iterator[str]:
    query = scope.query
    if query is None:
        return
    if query.words:
        yield f"with the words {query.words}"
    if query.account:
        yield f"of the account {query.account}"
    if query.platform:
        yield f"on {query.platform}"
    if query.kind:
        yield f"of the kind {query.kind}"
    if query.state:
        yield f"that are {query.state}"
    if query.author:
        yield f"by {query.author}"
    if query.since:
        yield f"from {query.since.astimezone(zone).date()} on"
    if query.until:
        yield f"until {(query.until - timedelta(microseconds=1)).astimezone(zone).date()}"
