"""Follows what an export cites into the WARC files, with somebody else's reader."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

ABSENT = {"RecordNotFound", "RepoNotFound", "RepoDeactivated"}
"""The names of errors by which a server says that it does not show a record."""


@dataclass(frozen=True)
class Answer:
    """A WARC record of an answer, as another reader sees it."""

    uri: str
    record_id: str
    content: bytes


def faults(export: sqlite3.Connection, warc: Path) -> Iterator[str]:
    """What is wrong with the proofs: no WARC record at the place named, another one, or an answer that says otherwise."""
    answers: dict[str, bytes] = {}
    for row in export.execute("SELECT * FROM exchanges"):
        answer = _answer(warc, row["warc_file"], row["warc_offset"])
        if answer is None or answer.uri != row["url"] or row["exchange"] not in answer.record_id:
            yield f"{row['warc_file']} has at {row['warc_offset']} {answer} instead of {row['url']}"
        else:
            answers[row["exchange"]] = answer.content
    for row in export.execute("SELECT * FROM events JOIN exchanges USING (exchange) WHERE event = 'gone'"):
        said = json.loads(answers.get(row["exchange"], b"")) if row["status"] == 400 else {}
        if said.get("error") not in ABSENT and "Could not find repo" not in said.get("message", ""):
            yield f"{row['record']} is gone by an answer that says {row['status']} {said}"


def _answer(warc: Path, name: str, offset: int) -> Answer | None:
    """The WARC record at a place; its file may still be open."""
    path = next(path for path in (warc / name, warc / f"{name}.open") if path.exists())
    with path.open("rb") as file:
        file.seek(offset)
        for record in ArchiveIterator(file):
            headers = record.rec_headers
            content = record.content_stream().read()
            return Answer(headers.get("WARC-Target-URI"), headers.get("WARC-Record-ID"), content)
    return None
