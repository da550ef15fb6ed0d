"""Holds an export against what the simulated city knows to be true; each difference is a sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from archiver.sandbox.meta.model import META
from archiver.sandbox.truth import TrueRecord, Truth, stored


def differences(export: sqlite3.Connection, truth: Truth) -> list[str]:
    """Everything in which the export differs from the truth about one account; empty when it does not."""
    rows = {
        row["record"]: row
        for row in export.execute("SELECT * FROM records WHERE account = ? AND kind != 'profile'", (truth.account,))
    }
    said = [
        f"{one.kind} {key} is missing: {one.texts[-1][:60]!r}" for key, one in truth.records.items() if key not in rows
    ]
    nothing = None if truth.platform in META else ""
    said += [
        f"{key} is nobody's: {rows[key]['text']!r}"
        for key in rows.keys() - truth.records.keys() - truth.optional.keys()
    ]
    for key, one in truth.records.items():
        if key in rows:
            said += [f"{one.kind} {key}: {what}" for what in _of_record(export, rows[key], one, nothing)]
    return said


def _of_record(export: sqlite3.Connection, row: sqlite3.Row, one: TrueRecord, nothing: str | None) -> Iterator[str]:
    """``nothing``: what stands for a text without words; Meta's platforms leave the field out."""
    expected = {
        "kind": one.kind,
        "parent": one.parent,
        "thread": one.thread,
        "author_id": one.author_id or None,
        "text": stored(one.texts[-1]) or nothing,
        "state": one.state,
        "versions": len(one.versions),
    }
    for column, value in expected.items():
        if row[column] != value:
            yield f"{column} is {row[column]!r} instead of {value!r}"
    if row["cause"] not in one.causes:
        yield f"cause is {row['cause']!r}, and only {sorted(map(str, one.causes))} can be proven"
    texts = [
        found["text"]
        for found in export.execute("SELECT text FROM versions WHERE record = ? ORDER BY version", (one.key,))
    ]
    if texts != [stored(text) or nothing for text in one.texts]:
        yield f"versions say {texts} instead of {one.texts}"
    events = [
        found["event"]
        for found in export.execute("SELECT event FROM events WHERE record = ? ORDER BY rowid", (one.key,))
        if found["event"] not in {"explained", "detached", "reattached"}
    ]
    if events != (one.events if one.events[:1] == ["seen"] else ["seen", *one.events]):
        yield f"events are {events} instead of {one.events}"
    if one.kind != "share":
        yield from _of_files(export, row, one)


def _of_files(export: sqlite3.Connection, row: sqlite3.Row, one: TrueRecord) -> Iterator[str]:
    files = export.execute(
        "SELECT alt_text, media, content FROM attachments LEFT JOIN media ON media = sha256 "
        "WHERE record = ? AND version = ? ORDER BY position",
        (one.key, row["versions"]),
    )
    found = [(each["alt_text"] or None, each["media"]) for each in files]
    wanted = [(each.alt or None, each.sha256 or None) for each in one.attachments]
    if found != wanted:
        yield f"attachments are {found} instead of {wanted}"
