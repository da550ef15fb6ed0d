"""What is said beside a capture: the fields of its ``metadata`` record (``application/warc-fields``).

A field may repeat. A value that can't stand in a line as it is (line breaks, other controls, spaces at its ends)
is written as a quoted string with JSON's escapes, and read back to what it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from archiver.warc.event import CaptureEvent
from archiver.warc.fields import TOKEN

Facts = Mapping[str, str | Sequence[str]]
"""As a caller states them: one value or several per name."""

SEQUENCE = "sequence"
"""Increasing integer over the whole archive: the order in which captures were made."""
ACCOUNT = "account"
"""The account's id in the configuration."""
TASK = "task"
"""The kind of task that asked (`archiver.domain.task.TaskKind`)."""
SUBJECT = "subject"
"""What the task is about, where it is about one thing."""
NOTE = "note"
"""What the adapter said of the request to whoever reads the answer (`archiver.domain.exchange.RequestSpec`)."""
RUN = "run"
"""The run, as numbered in the store."""
STREAM = "stream"
"""The coverage stream that the request serves."""
PAGE = "page"
"""Which page of a listing, from 1."""
CURSOR_IN = "cursor-in"
"""The cursor that the request was made from."""
CURSOR_OUT = "cursor-out"
"""The cursor that the answer led to."""
FETCH_TIME_MS = "fetchTimeMs"
"""Milliseconds from the request's first byte to the response's last."""
MEANING = "meaning"
"""What the answer meant for the task (`archiver.domain.task.Meaning`)."""
FINDING = "finding"
"""What the task found out about coverage, as JSON; repeated."""
ASIDE = "aside"
"""``yes``: serves the task without being of it (a login, a redirect)."""
RATE_LIMIT = "rate-limit"
"""A header about the calls left, ``Header: value``; repeated."""
REMOVED_HEADER = "removed-header"
"""A header whose value was left out of the stored request or response, in lower case; repeated."""
REDACTED = "redacted"
"""``place; count=n; received=sha256:…``: a credential that was replaced in a body or URL; repeated."""
METHOD = "method"
"""The request's method, where no request record could be written."""
FAILURE = "failure"
"""``dns connect tls timeout disconnect refused protocol``: why there is no usable response."""
FAILURE_DETAIL = "failure-detail"
"""The failure in the words of the library or the system that saw it."""
CONTENT_SHA256 = "content-sha256"
"""Hex digest of a media answer's content, decoded."""
CONTENT_BYTES = "content-bytes"
"""Size of that content."""
CONTENT_MIME = "content-mime"
"""Its media type, as found by looking at it or as the server said."""
WIDTH = "width"
"""Pixels of an image or video."""
HEIGHT = "height"
"""Pixels of an image or video."""
PURPOSE = "purpose"
"""``api`` or ``media`` (`archiver.domain.exchange.Purpose`)."""
MEANING = "meaning"
"""What the adapter took the answer to mean (`archiver.domain.task.Meaning`)."""
FINDING = "finding"
"""What the task found out about completeness, one JSON object each: a covered span, a gap, a stream not offered."""
ASIDE = "aside"
"""``yes``: the exchange served the task without being of it: a login."""
REUSABLE = "reusable"
"""``yes``: a later answer to the same address may say that nothing has changed since this one (304)."""
COST = "cost"
"""What the call is taken to have cost, in the smallest unit of the platform's tariff; where it cost something."""
SPENT_ON = "spent-on"
"""What for: ``new``, ``again`` or ``past`` (`archiver.domain.budgets.Priority`)."""
SIGNED_FOR = "signed-for"
"""An account whose application's secret signed the delivery; repeated."""
DELIVERY_FILE = "delivery-file"
"""In the note of its adoption: the WARC file that holds a delivery. ``WARC-Refers-To`` is its request record."""
DELIVERY_OFFSET = "delivery-offset"
"""Where in that file the request record begins, in bytes."""
IMPORT_BEGUN = "import-begun"
"""In the note that begins an import: what was handed in, by whom, and what it says of itself, as JSON."""
IMPORT = "import"
"""In the other notes of an import: the id of the one that began it."""
IMPORT_FILE = "import-file"
"""The file of the download that these entries stand in; beside a zip, its name as it was handed in."""
IMPORT_SPAN = "import-span"
"""Which entries of the download were read, ``from until``, counted from 0."""
IMPORT_MEDIA = "import-media"
"""A file of the download that these entries show, as JSON: path, digest, and why there is none; repeated."""
IMPORT_END = "import-end"
"""All of the download was read: what was not understood, as JSON."""
FETCHED_BY = "fetched-by"
"""Beside a file that a program of its own fetched: its name, version and settings (records rule R65)."""
RECOVERED = "recovered"
"""``true``: written afterwards, because the process stopped between the response and its metadata."""
SOFTWARE = "software"
"""The program and version that captured."""

# Of the metadata record about a conversion, and of the warcinfo of a file that was written anew

DISPOSAL = "disposal"
"""The disposal that took something out, by its name; repeated where there was an earlier one."""
AUTHORITY = "authority"
"""By what right it was taken out: series and edition, or the order of a court; repeated."""
RECORDS_REMOVED = "records-removed"
"""How many objects of the body were taken out that show records, all disposals together."""
START_LINE = "http-start-line"
"""The first line of the HTTP message whose body was changed."""
HTTP_FIELD = "http-field"
"""A header field of that message, ``Name: value``, in order; repeated."""
BODY = "body"
"""What the conversion's block is: ``content`` (transfer and content coding removed) or ``payload`` (coding kept)."""
UNMODIFIED = "unmodified"
"""``yes``: the platform had said that nothing has changed since; the block is the earlier answer's content."""
EXPUNGED = "expunged"
"""Beside a capture: the expungement that took names out of the event's records; repeated."""
REPLACES = "replaces"
"""In a warcinfo: the name of the file whose place this one takes."""
REPLACES_SHA256 = "replaces-sha256"
"""Hex digest of all bytes of that file."""

_QUOTE = re.compile(r'^["\s]|\s$|^$|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')


def normal(facts: Facts) -> dict[str, list[str]]:
    """Facts with a list of values under each name, as they are read back."""
    return {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in facts.items()
        if value or value == ""
    }


def of_event(event: CaptureEvent) -> dict[str, list[str]]:
    """What the event itself tells."""
    told = {PURPOSE: [event.purpose.value], FETCH_TIME_MS: [str(event.elapsed_ms)]}
    if not event.answered:
        told[METHOD] = [event.method]
        told[FAILURE] = ["disconnect"]
    if event.failure:
        told[FAILURE] = [event.failure]
    if event.failure_detail:
        told[FAILURE_DETAIL] = [event.failure_detail]
    for redaction in event.redactions:
        place, _, header = redaction.place.partition(" ")
        if header and place.endswith("-header"):
            told.setdefault(REMOVED_HEADER, []).append(header.lower())
        else:
            received = f"; received={redaction.received_digest}" if redaction.received_digest else ""
            told.setdefault(REDACTED, []).append(f"{redaction.place}; count={redaction.count}{received}")
    return told


def complete(event: CaptureEvent, stated: Facts, *, account: str) -> dict[str, list[str]]:
    """All facts of a capture: the caller's word goes before the event's own and the ``account`` of its file."""
    return {**of_event(event), ACCOUNT: [account], **normal(stated)}


def to_block(facts: Facts) -> bytes:
    """The block of a metadata record. Raises ValueError for a name that can't be one."""
    lines = []
    for name, values in normal(facts).items():
        if not TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} can't be the name of a field")
        lines += [f"{name}: {_quoted(value)}\r\n" for value in values]
    return "".join(lines).encode()


def from_block(block: bytes) -> dict[str, list[str]]:
    """The facts in a metadata record's block; lines that are none are passed over."""
    facts: dict[str, list[str]] = {}
    for line in block.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            facts.setdefault(name.strip(), []).append(_unquoted(value.strip()))
    return facts


def _quoted(value: str) -> str:
    return json.dumps(value) if _QUOTE.search(value) else value


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            text = json.loads(value)
        except ValueError:
            return value
        return text if isinstance(text, str) else value
    return value
