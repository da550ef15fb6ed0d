"""Holds an export against the truth of a story, and says each difference in a sentence."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime

from tests.real.truth import Expected, Truth


def differences(export: sqlite3.Connection, truth: Truth, *, login: bool) -> list[str]:
    """Everything in which the export is not the truth; empty when it is."""
    required = truth.required(login=login)
    found = {row["native_id"]: row for row in export.execute("SELECT * FROM records")}
    said = [f"{_name(one)} is missing" for uri, one in required.items() if uri not in found]
    known = {*truth.records, *truth.uncertain}
    said += [f"{uri} is nobody's: {found[uri]['text']!r}" for uri in found if uri not in known]
    for uri, one in required.items():
        if uri in found:
            said += [f"{_name(one)}: {what}" for what in _of_record(export, found[uri], one)]
    return said


def _name(one: Expected) -> str:
    return f"{one.kind} {one.text[:40]!r} ({one.uri.rpartition('/')[2]})"


def _of_record(export: sqlite3.Connection, row: sqlite3.Row, one: Expected) -> Iterator[str]:
    expected = {
        "record": _key(one.uri),
        "kind": str(one.kind),
        "parent": _key(one.parent),
        "thread": _key(one.thread),
        "quotes": _key(one.quotes),
        "author_id": one.author,
        "text": one.text,
        "state": one.state,
        "cause": one.cause,
        "lang": one.lang,
        "versions": len(one.texts),
    }
    for column, value in expected.items():
        if row[column] != value:
            yield f"{column} is {row[column]!r} instead of {value!r}"
    if one.created_at is not None and _second(row["created_at"]) != _second(one.created_at):
        yield f"created_at is {row['created_at']} instead of {one.created_at}"
    yield from _of_history(export, row["record"], one)
    yield from _of_files(export, row, one)
    links = export.execute(
        "SELECT url FROM links WHERE record = ? AND version = ? ORDER BY position", (row["record"], row["versions"])
    )
    if (urls := [link["url"] for link in links]) != one.links:
        yield f"links are {urls} instead of {one.links}"


def _of_history(export: sqlite3.Connection, record: str, one: Expected) -> Iterator[str]:
    """Versions, events, and that each points at the exchange that shows it."""
    versions = list(export.execute("SELECT * FROM versions WHERE record = ? ORDER BY version", (record,)))
    if [version["text"] for version in versions] != one.texts:
        yield f"versions say {[version['text'] for version in versions]} instead of {one.texts}"
    events = list(
        export.execute(
            "SELECT e.*, x.url, x.status FROM events e LEFT JOIN exchanges x USING (exchange) WHERE record = ? ORDER BY e.rowid",
            (record,),
        )
    )
    happened = [event["event"] for event in events if event["event"] != "explained"]  # the cause is held above
    if happened != ["seen", *one.events]:
        yield f"events are {happened} instead of {['seen', *one.events]}"
    for row in (*versions, *events):
        if row["exchange"] is None:
            yield f"{dict(row)} points at no exchange"
    rkey = one.uri.rpartition("/")[2]
    for event in events:
        if event["event"] == "gone" and (event["url"] is None or rkey not in event["url"]):
            yield f"the exchange that shows that it is gone asked for {event['url']}"


def _of_files(export: sqlite3.Connection, row: sqlite3.Row, one: Expected) -> Iterator[str]:
    """Each file in its place, with its description, and byte for byte what was uploaded."""
    rows = list(
        export.execute(
            "SELECT * FROM attachments LEFT JOIN media ON media = sha256 WHERE record = ? AND version = ? ORDER BY position",
            (row["record"], row["versions"]),
        )
    )
    if one.kind == "share":
        return  # its files are those of what it repeats
    shown = [(each["kind"], each["alt_text"], each["media"]) for each in rows]
    expected = [(each.kind, each.alt, each.file.sha256) for each in one.attached]
    if shown != expected:
        yield f"attachments are {shown} instead of {expected}"
        return
    for each, file in zip(rows, one.attached, strict=True):
        if hashlib.sha256(each["content"]).hexdigest() != file.file.sha256 or each["bytes"] != len(file.file.data):
            yield f"the content of {file.file.cid} is not what was uploaded"


def _second(text: str) -> datetime:
    """The moment of a text, without the fraction that exports leave out."""
    return datetime.fromisoformat(text).replace(microsecond=0)


def _key(uri: str | None) -> str | None:
    return None if uri is None else f"bluesky:{uri}"
