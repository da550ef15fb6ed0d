"""What records of an event say beside the body of the answer: addresses, what was asked, what is told of it (R35)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from archiver.domain.expungement import Marks
from archiver.warc import facts as fact
from archiver.warc import fields as f
from archiver.warc.event import Block
from archiver.warc.http import request_parts
from archiver.warc.records import Record
from archiver.warc.stored import StoredEvent, StoredRecord


def is_named(event: StoredEvent, marks: Marks) -> bool:
    """Whether a record of the event says a name that is expunged, in its head or, but for the answer, in its block."""
    return any(marks.in_text(value) for record in event.records for _, value in record.fields) or any(
        marks.in_data(data) for data in _told(event)
    )


def _told(event: StoredEvent) -> Iterator[bytes]:
    for record in (event.request, event.metadata, event.about):
        if record is not None:
            with record.open_block() as block:
                yield block.read()


def without_names(record: StoredRecord, marks: Marks, told: Mapping[str, Sequence[str]]) -> Record | None:
    """The record with marks in the place of the names; None where there is none, and nothing more is ``told``.

    It keeps its id, its date, and, of an answer, its block; digests and length are those of what is there now.
    """
    with record.open_block() as block:
        data = block.read()
    new = data if record.type in {"response", "revisit", "conversion", "resource"} else marks.data(data)
    if told:
        facts = fact.from_block(new)
        new = fact.to_block(facts | {name: [*facts.get(name, ()), *more] for name, more in told.items()})
    fields = [(name, marks.text(value)) for name, value in record.fields]
    if new == data and fields == list(record.fields):
        return None
    made = Block.of(new)
    again = {"warc-block-digest": f.digest(made.sha256), "content-length": str(made.size)}
    if record.type == "request" and new != data:
        body = request_parts(new)[1]
        again["warc-payload-digest"] = f.digest(hashlib.sha256(body).hexdigest())
    head = f.head([(name, again.get(name.lower(), value)) for name, value in fields])
    return Record(record.record_id, record.at, head, made)
