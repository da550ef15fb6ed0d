"""The bytes of one file. Its address is signed and expires; then the file is asked for by its id again."""

from __future__ import annotations

from datetime import datetime, timedelta

from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.task import Finding, NotOffered, Shortfall, Step, Task
from archiver.platforms.meta.errors import error_of
from archiver.platforms.meta.fields import document, text
from archiver.platforms.meta.links import ends_at, is_address
from archiver.platforms.meta.requests import Desk
from archiver.platforms.resuming import state_of
from archiver.platforms.threads import whose
from archiver.platforms.threads.files import address_in, named
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.profiles import PICTURE, picture_source
from archiver.platforms.threads.wanted import FILE, PROFILE

STREAM = "media"
WITHHELD = NotOffered(
    "withheld files",
    "Threads gives no address of some files: of works under copyright, and of a profile's earlier pictures. Words and "
    "answers are captured; the file has to come from whoever made it.",
)
GONE = "Threads no longer gives the file, neither where it was last seen nor at a new address."
_ADDRESS = "address"
_SLACK = timedelta(minutes=1)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The address at which it was seen last, unless that has expired."""
    cursor = task.cursor or {}
    if isinstance(cursor.get(_ADDRESS), str):
        return _fetch(desk, cursor[_ADDRESS], again=bool(cursor.get("again")))
    if again := desk.resumed(cursor):
        return again
    subject = task.subject or ""
    address = task.address or (subject if is_address(subject) else None)
    if address and is_address(address) and not _ended(address, task.started_at):
        return _fetch(desk, address, again=False)
    asked = _again(desk, names, task)
    return desk.step([asked] if asked is not None else [], {"again": True})


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """After an address that does not lead to the file any more, the file's id, once; then where that leads."""
    state = state_of(step)
    if exchange.purpose is Purpose.MEDIA:
        if exchange.ok or exchange.truncated:
            return desk.step([])
        again = None if state.get("again") else _again(desk, names, task)
        if again is None:
            return desk.step([], findings=[_missing(task)])
        return desk.step([again], {"again": True})
    if mended := desk.mended(step, exchange):
        return mended
    if error_of(exchange) is not None:
        return desk.step([], findings=[_missing(task)])
    address = _address(task, exchange)
    return _fetch(desk, address, again=True) if address else desk.step([], findings=[WITHHELD])


def _missing(task: Task) -> Finding:
    return Shortfall(STREAM, task.started_at - timedelta(seconds=1), task.started_at, GONE)


def _fetch(desk: Desk, address: str, *, again: bool) -> Step:
    return desk.step([desk.media(address)], {_ADDRESS: address, "again": again})


def _ended(address: str, now: datetime) -> bool:
    end = ends_at(address)
    return end is not None and end <= now + _SLACK


def _again(desk: Desk, names: Names, task: Task) -> RequestSpec | None:
    subject = task.subject or ""
    if subject.startswith(PICTURE):
        return desk.ask(whose.node_of(names, task) or "me", PROFILE, stream=STREAM)
    found = named(subject)
    return desk.ask(found[0], FILE, stream=STREAM) if found is not None else None


def _address(task: Task, exchange: Exchange) -> str | None:
    """Where the file lies now; of a profile's picture only if it is still the same."""
    subject, answer = task.subject or "", document(exchange)
    found = named(subject)
    address = address_in(answer, found[1]) if found is not None else text(answer.get("threads_profile_picture_url"))
    if not address or not is_address(address):
        return None
    return address if found is not None or picture_source(address) == subject else None
