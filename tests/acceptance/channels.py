"""Holds an export of a YouTube channel against what the simulated city knows; each difference is a sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from archiver.sandbox.truth import stored
from archiver.sandbox.youtube.truth import YouTubeTruth
from tests.acceptance.comparison import differences


def differences_of_channel(export: sqlite3.Connection, truth: YouTubeTruth, *, lists: bool = True) -> list[str]:
    """Everything in which the export differs from the truth about a channel; empty when it does not.

    ``lists``: playlists too, with what is in them.
    """
    said = [*differences(export, truth), *_of_titles(export, truth), *_of_profile(export, truth)]
    return [*said, *_of_lists(export, truth)] if lists else said


def _of_titles(export: sqlite3.Connection, truth: YouTubeTruth) -> Iterator[str]:
    """The title of each version of a video, and when the thing was published."""
    titles: dict[str, list[str | None]] = {}
    for row in export.execute("SELECT record, title FROM versions ORDER BY record, version"):
        titles.setdefault(row["record"], []).append(row["title"])
    for key, wanted in truth.titles.items():
        if titles.get(key) != [stored(title) for title in wanted]:
            yield f"titles of {key} are {titles.get(key)} instead of {wanted}"
    times = dict(export.execute("SELECT record, created_at FROM records").fetchall())
    for key, one in truth.records.items():
        wanted_at = f"{one.created_at:%Y-%m-%dT%H:%M:%S}"
        if key in times and not str(times[key]).startswith(wanted_at):
            yield f"{key} was created at {times[key]} instead of {wanted_at}"


def _of_profile(export: sqlite3.Connection, truth: YouTubeTruth) -> Iterator[str]:
    versions = export.execute(
        "SELECT title, text FROM versions WHERE record = ? ORDER BY version", (truth.profile_key,)
    ).fetchall()
    found = [(row["title"], row["text"]) for row in versions]
    wanted = [(one.display_name, one.description) for one in truth.profiles]
    if found != wanted:
        yield f"the channel's profile is {found} instead of {wanted}"


def _of_lists(export: sqlite3.Connection, truth: YouTubeTruth) -> Iterator[str]:
    """Playlists are profiles beside the channel's own; the videos of each are its links."""
    rows = export.execute(
        "SELECT record, title, text FROM records WHERE account = ? AND kind = 'profile' AND state != 'gone' "
        "AND record != ?",
        (truth.account, truth.profile_key),
    ).fetchall()
    found = {row["record"]: (row["title"], row["text"], _links(export, row["record"])) for row in rows}
    wanted = {
        one.key: (one.title, one.description, tuple(f"https://www.youtube.com/watch?v={video}" for video in one.videos))
        for one in truth.playlists.values()
    }
    for key in sorted(found.keys() | wanted.keys()):
        if found.get(key) != wanted.get(key):
            yield f"playlist {key} is {found.get(key)} instead of {wanted.get(key)}"


def _links(export: sqlite3.Connection, record: str) -> tuple[str, ...]:
    rows = export.execute(
        "SELECT url FROM links WHERE record = ? AND version = (SELECT max(version) FROM links WHERE record = ?) "
        "ORDER BY position",
        (record, record),
    )
    return tuple(row["url"] for row in rows)
