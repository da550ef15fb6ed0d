"""The bytes of pictures, videos and files. Their addresses are signed and expire.

A photo is asked for by its id, which lists all its sizes, and the biggest is taken. What has no id of its own lies
where it was last seen; when that address has expired, a record that shows it is read again (facebook.md, section 16).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from archiver.domain.exchange import Exchange, Purpose, RequestSpec
from archiver.domain.task import Cursor, Finding, Shortfall, Step, Task
from archiver.platforms.facebook.addresses import is_own_site
from archiver.platforms.facebook.asked import COMMENT, PHOTO, POST, VIDEO
from archiver.platforms.facebook.attachments import attached, gathered
from archiver.platforms.facebook.ids import Names, first_part
from archiver.platforms.facebook.routes import route_of
from archiver.platforms.meta.errors import error_of
from archiver.platforms.meta.fields import count, document, mapping, objects, text
from archiver.platforms.meta.links import ends_at
from archiver.platforms.meta.requests import Desk
from archiver.platforms.resuming import state_of

STREAM = "media"
GONE = "The platform no longer gives the file, neither where it was last seen nor at a new address."
_KINDS = {"facebook:photo:": PHOTO, "facebook:video:": VIDEO}
_EXPIRED = frozenset({400, 401, 403, 404, 410})
_MARGIN = timedelta(minutes=5)


def start(desk: Desk, names: Names, task: Task) -> Step:
    """The object that the file belongs to, where its name tells it; else where the file was last seen."""
    owner = _owner(desk, task.subject or "")
    if owner is not None:
        return desk.step([owner])
    address = task.address or task.subject or ""
    if _usable(address, task.started_at):
        return _fetched(desk, address)
    return _record(desk, names, task)


def proceed(desk: Desk, names: Names, task: Task, step: Step, exchange: Exchange) -> Step:
    """The file itself, once its address is known; from a new address, where the one that was known had expired."""
    state = state_of(step)
    if exchange.purpose is Purpose.MEDIA:
        if exchange.status in _EXPIRED and not state.get("renewed"):
            return _record(desk, names, task)
        return Step() if exchange.ok or exchange.redirects else Step(findings=_missing(task))
    found = None if error_of(exchange) is not None or not exchange.ok else _address_in(exchange, task.subject or "")
    if found is None and not state.get("renewed"):
        return _fetched(desk, task.address) if _usable(task.address, task.started_at) else _record(desk, names, task)
    return _fetched(desk, found, {"renewed": state.get("renewed", False)}) if found else Step(findings=_missing(task))


def _owner(desk: Desk, identity: str) -> RequestSpec | None:
    for prefix, fields in _KINDS.items():
        native_id = identity.removeprefix(prefix)
        if native_id != identity:
            return desk.ask(native_id, fields, stream=STREAM)
    return None


def _fetched(desk: Desk, url: str | None, state: Cursor | None = None) -> Step:
    return Step((desk.media(url or ""),), {"address": url, **(state or {})})


def resumed(desk: Desk, cursor: Cursor | None) -> Step | None:
    """The step that a cursor was saved with, when a file was next. Its address may have expired; then it is renewed."""
    address = (cursor or {}).get("address")
    return _fetched(desk, address, cursor) if isinstance(address, str) else None


def _record(desk: Desk, names: Names, task: Task) -> Step:
    """A record that shows the file, for a new address."""
    if not task.known:
        return Step(findings=_missing(task))
    native_id = names.native(task.known[0])
    page = names.person_id(task.account.native_id or "")
    comment = "_" in native_id and first_part(native_id) != page
    return desk.step([desk.ask(native_id, COMMENT if comment else POST, stream=STREAM)], {"renewed": True})


def _usable(address: str | None, now: datetime) -> bool:
    """Whether a file may lie there: no page of the site, and not expired."""
    if not address or not address.startswith(("https://", "http://")) or is_own_site(address):
        return False
    ends = ends_at(address)
    return ends is None or ends > now + _MARGIN


def _address_in(exchange: Exchange, identity: str) -> str | None:
    """Where the file lies now: the biggest size of a photo, a video's source, or the attachment of that name."""
    found = document(exchange)
    route = route_of(exchange.url)
    if route is not None and identity == f"facebook:photo:{route.id}":
        return _biggest(found.get("images")) or text(found.get("source"))
    if route is not None and identity == f"facebook:video:{route.id}":
        return text(found.get("source"))
    for held in (gathered(found.get("attachments")), attached(found.get("attachment"))):
        for one in held.media if held else ():
            if one.identity == identity and _usable(one.url, exchange.captured_at):
                return one.url
    return None


def _biggest(images: Any) -> str | None:
    sizes = [mapping(one) for _, one in objects(images) if text(one.get("source"))]
    best = max(sizes, key=lambda one: (count(one.get("width")) or 0) * (count(one.get("height")) or 0), default=None)
    return text(best.get("source")) if best else None


def _missing(task: Task) -> tuple[Finding, ...]:
    return (Shortfall(STREAM, None, task.started_at, GONE),)
