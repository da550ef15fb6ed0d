"""Holds an export of a Facebook page against what the simulated city knows; each difference is a sentence.

One thing has several ids there, so records are compared by the name that the truth gives each (`MetaTruth.name_of`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from archiver.sandbox.meta.truth import MetaTruth
from archiver.sandbox.truth import TrueRecord, stored

LONGEST_LIST = 12
"""So many pictures of one post the platform lists with it."""


def records_of(export: sqlite3.Connection, truth: MetaTruth) -> dict[str, list[sqlite3.Row]]:
    """The account's records but its profile, by the truth's name for each."""
    rows: dict[str, list[sqlite3.Row]] = {}
    for row in export.execute("SELECT * FROM records WHERE account = ? AND kind != 'profile'", (truth.account,)):
        rows.setdefault(truth.name_of(row["record"]) or "", []).append(row)
    return rows


def differences_of_page(export: sqlite3.Connection, truth: MetaTruth) -> list[str]:
    """Everything in which the export differs from the truth; empty when it does not."""
    rows = records_of(export, truth)
    said = [f"{name} is there {len(found)} times" for name, found in rows.items() if len(found) > 1]
    said += [
        f"{one.kind} {name} is missing: {one.texts[-1][:60]!r}"
        for name, one in truth.records.items()
        if name not in rows
    ]
    said += [
        f"{name} is nobody's: {rows[name][0]['text']!r}"
        for name in rows.keys() - truth.records.keys() - truth.optional.keys()
    ]
    for name, one in truth.records.items():
        if name in rows:
            said += [f"{one.kind} {name}: {what}" for what in _of_record(export, rows[name][0], one, truth)]
    return said


def _of_record(export: sqlite3.Connection, row: sqlite3.Row, one: TrueRecord, truth: MetaTruth) -> Iterator[str]:
    expected = {"kind": one.kind, "author_id": one.author_id or None, "state": one.state}
    for column, value in expected.items():
        if row[column] != value:
            yield f"{column} is {row[column]!r} instead of {value!r}"
    for column, name in (("parent", one.parent), ("thread", one.thread)):
        if truth.name_of(row[column]) != name:
            yield f"{column} is {row[column]!r} instead of {name!r}"
    if row["cause"] not in one.causes:
        yield f"cause is {row['cause']!r}, and only {sorted(map(str, one.causes))} can be proven"
    if one.key not in truth.untold:
        yield from _of_versions(export, row, one)
    names = [
        found["event"]
        for found in export.execute("SELECT event FROM events WHERE record = ? ORDER BY rowid", (row["record"],))
        if found["event"] != "explained"
    ]
    if names != one.events:
        yield f"events are {names} instead of {one.events}"
    if len(one.attachments) <= LONGEST_LIST:
        yield from _of_files(export, row, one)


def _of_versions(export: sqlite3.Connection, row: sqlite3.Row, one: TrueRecord) -> Iterator[str]:
    texts = [
        found["text"] or ""
        for found in export.execute("SELECT text FROM versions WHERE record = ? ORDER BY version", (row["record"],))
    ]
    if texts != [stored(text) for text in one.texts]:
        yield f"versions say {texts} instead of {one.texts}"


def _of_files(export: sqlite3.Connection, row: sqlite3.Row, one: TrueRecord) -> Iterator[str]:
    files = export.execute(
        "SELECT media FROM attachments WHERE record = ? AND version = ? ORDER BY position",
        (row["record"], row["versions"]),
    )
    found, wanted = [each["media"] for each in files], [each.sha256 or None for each in one.attachments]
    if found != wanted:
        yield f"attachments are {found} instead of {wanted}"
