"""What an import writes into WARC beside the files: a note when it begins, one for each stretch read, one at its end.

They give each step its place in the archive's order, so that a rebuild does what the import did.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from archiver.store.downloads import STREAM, Download, FileRow, Part
from archiver.warc import facts as names

Facts = dict[str, str | Sequence[str]]
Stored = Mapping[str, Sequence[str]]
METHOD = "IMPORT"
_COMMON: Facts = {names.TASK: STREAM, names.STREAM: STREAM}


def zip_facts(name: str) -> Facts:
    """Beside a zip that is kept as it is."""
    return _COMMON | {names.METHOD: METHOD, names.IMPORT_FILE: name}


def media_facts(content: Mapping[str, str], path: str, download: str) -> Facts:
    """Beside a file out of a download."""
    identity = f"sha256:{content[names.CONTENT_SHA256]}"
    said = {names.METHOD: METHOD, names.PURPOSE: "media", names.SUBJECT: identity}
    return {**_COMMON, **said, names.IMPORT: download, names.IMPORT_FILE: path, **content}


def begun(download: Download) -> Facts:
    """An import begins."""
    told: dict[str, Any] = {
        "reader": download.reader,
        "platform_id": download.platform_id,
        "handle": download.handle,
        "generated_at": download.generated_at.isoformat() if download.generated_at else None,
        "covers": download.covers,
        "requested_on": download.requested_on,
        "requested_by": download.requested_by,
        "messages": download.messages,
        "parts": [
            {"name": one.name, "sha256": one.sha256, "bytes": one.size_bytes, "exchange": one.exchange}
            for one in download.parts
        ],
    }
    return _COMMON | {names.IMPORT_BEGUN: json.dumps(told, sort_keys=True)}


def beginning(facts: Stored, note: str, account: str, at: datetime) -> Download:
    """The inverse: the import that the note with that id began."""
    told = json.loads(facts[names.IMPORT_BEGUN][0])
    generated = told["generated_at"]
    return Download(
        number=0, download=note, account=account, reader=told["reader"], platform_id=told["platform_id"],
        handle=told["handle"], generated_at=datetime.fromisoformat(generated) if generated else None,
        covers=told["covers"], requested_on=told["requested_on"], requested_by=told["requested_by"],
        messages=told["messages"], imported_at=at, read=0, finished_at=None, not_understood=None,
        parts=tuple(Part(one["name"], one["sha256"], one["bytes"], one["exchange"]) for one in told["parts"]),
    )  # fmt: skip


def span(download: str, path: str, first: int, until: int, files: Sequence[FileRow]) -> Facts:
    """The entries from ``first`` to ``until`` were read; ``files`` are those that they show, looked at for them."""
    facts = _COMMON | {names.IMPORT: download, names.IMPORT_FILE: path, names.IMPORT_SPAN: f"{first} {until}"}
    told = [{"path": one.path, "sha256": one.sha256, "problem": one.problem} for one in files]
    return facts | {names.IMPORT_MEDIA: [json.dumps(one, sort_keys=True) for one in told]}


def span_of(facts: Stored) -> tuple[int, int, list[FileRow]]:
    """The inverse."""
    first, until = facts[names.IMPORT_SPAN][0].split()
    files = [FileRow(**json.loads(one)) for one in facts.get(names.IMPORT_MEDIA, ())]
    return int(first), int(until), files


def end(download: str, not_understood: Sequence[Sequence[str]]) -> Facts:
    """All was read; of each thing that was not understood path, pointer and reason."""
    return _COMMON | {names.IMPORT: download, names.IMPORT_END: json.dumps([list(one) for one in not_understood])}


def end_of(facts: Stored) -> list[list[str]]:
    """The inverse."""
    found: list[list[str]] = json.loads(facts[names.IMPORT_END][0])
    return found
