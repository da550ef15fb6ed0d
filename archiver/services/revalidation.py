"""Asking whether anything has changed since the last whole answer (RFC 9110, section 13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import structlog

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Headers, Purpose, RequestSpec
from archiver.errors import ArchiverError, EvidenceDamaged
from archiver.platforms.adapter import Adapter
from archiver.platforms.tagging import Tagging
from archiver.store import validators
from archiver.store.engine import Store
from archiver.store.validators import Validator
from archiver.warc import fields as f
from archiver.warc.conversions import open_message
from archiver.warc.event import CaptureEvent
from archiver.warc.names import locate, relative
from archiver.warc.originals import original_of
from archiver.warc.records import NOT_MODIFIED, status_of
from archiver.warc.stored import StoredRecord, record_at
from archiver.warc.writer import Original

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last whole answer to an address: what to ask with, its record, and its bytes.

    They are at hand before anything is asked, so that a 304 never refers to what can't be read.
    """

    fields: Headers
    original: Original
    open: Callable[[], BinaryIO]

    def holds(self, event: CaptureEvent) -> bool:
        """Whether a server says that this answer still holds."""
        return event.failure is None and event.truncated is None and status_of(event) == NOT_MODIFIED


def reusable(spec: RequestSpec) -> bool:
    """Whether the answer may stand for a later one.

    What private parameters asked for can't be told from the stored address.
    """
    return spec.conditional and spec.method == "GET" and spec.purpose is Purpose.API and not spec.private


def tag_of(adapter: Adapter, exchange: Exchange) -> str | None:
    """The entity tag of a whole answer: of its header, or from inside of it where the platform has it there."""
    inside = adapter.tag_of(exchange) if isinstance(adapter, Tagging) else None
    return exchange.header("etag") or inside


def earlier(store: Store, folder: Path, account: Account, spec: RequestSpec) -> Earlier | None:
    """The account's last whole answer to just this request; None where there is none to ask with.

    It is the account's own, whatever others were answered (R32). One that can't be read, or that lies in the answer
    of another address, is passed over: the request then asks for everything.
    """
    if not reusable(spec):
        return None
    with store.read() as conn:
        known = validators.of(conn, account.id, f.uri(spec.url))
    if known is None:
        return None
    try:
        record = _response(_stored(folder, known))
    except ArchiverError as error:
        log.warning("an earlier answer can't be read; everything is asked for", url=spec.url, why=error.message)
        return None
    if record.target != f.uri(spec.url):
        return None
    original = Original(record.target, record.at, record.stands_for, relative(record.path), record.offset)
    return Earlier(_conditions(known), original, partial(open_message, record))


def _stored(folder: Path, known: Validator) -> StoredRecord:
    record = record_at(locate(folder, known.file), known.offset)
    if record.stands_for != known.exchange:
        raise EvidenceDamaged(f"{record.path} has another record than {known.exchange} at byte {known.offset}.")
    return record


def _response(record: StoredRecord) -> StoredRecord:
    return original_of(record) if record.type == "revisit" else record


def _conditions(known: Validator) -> Headers:
    """Both, where both are known: a server that has entity tags heeds only these (RFC 9110, 13.1.3)."""
    fields = (("If-None-Match", known.etag), ("If-Modified-Since", known.last_modified))
    return tuple((name, value) for name, value in fields if value is not None)
