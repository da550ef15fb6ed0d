"""The bytes of one file. Its address is signed and expires; then the file is asked for by its id again."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.task import Step, Task
from archiver.platforms.meta.errors import error_of
from archiver.platforms.meta.fields import document, text
from archiver.platforms.meta.links import is_address
from archiver.platforms.meta.requests import Desk, query_of, state_of
from archiver.platforms.threads import whose
from archiver.platforms.threads.files import address_in, named
from archiver.platforms.threads.names import Names
from archiver.platforms.threads.profiles import PICTURE, picture_source
from archiver.platforms.threads.wanted import FILE, PROFILE

STREAM = "media"
_ADDRESS = "address"
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,10}", re.ASCII)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The address at which it was seen last, unless that has expired."""
    cursor = task.cursor or {}
    if isinstance(cursor.get(_ADDRESS), str):
        return _fetch(desk, cursor[_ADDRESS], again=bool(cursor.get("again")))
    if again := desk.resumed(cursor):
        return again
    subject = task.subject or ""
    address = task.address or (subject if is_address(subject) else None)
    if address and is_address(address) and not expired(address, task.started_at):
        return _fetch(desk, address, again=False)
    asked = _again(desk, names, task)
    return desk.step([asked] if asked is not None else [], {"again": True})


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """After an address that does not lead to the file any more, the file's id, once; then where that leads."""
    state = state_of(step)
    if exchange.purpose is Purpose.MEDIA:
        again = None if exchange.ok or exchange.truncated or state.get("again") else _again(desk, names, task)
        return desk.step([again] if again is not None else [], {"again": True})
    if mended := desk.mended(step, exchange):
        return mended
    address = _address(task, exchange) if error_of(exchange) is None else None
    return _fetch(desk, address, again=True) if address else desk.step([])


def _fetch(desk: Desk, address: str, *, again: bool) -> Step:
    return desk.step([desk.media(address)], {_ADDRESS: address, "again": again})


def expired(address: str, now: datetime) -> bool:
    """Whether Meta's CDN gives nothing at an address any more: its ``oe`` is the end in hexadecimal Unix seconds."""
    end = next((value for name, value in query_of(address) if name == "oe"), "")
    return bool(_HEXADECIMAL.fullmatch(end)) and datetime.fromtimestamp(int(end, 16), UTC) <= now


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
