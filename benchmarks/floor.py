"""The least that the same work can cost: plain scripts with httpx, gzip, sha-256 and sqlite3, and nothing kept safe.

``python -m benchmarks.floor ingest FOLDER [--fsync]`` asks for each URL on standard input, one after the other:
decompress, digest, compress into one file, parse, a row for each post. It knows nothing of edits, failures or search.
``python -m benchmarks.floor read FILE…`` inflates files and digests what is in them.
Each writes one line of JSON.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

_LEVEL = 6
"""zlib's own default; the gzip module's, 9, takes twice the time for one percent."""
_PIECE_BYTES = 1 << 20

INSERT = "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?)"
Row = tuple[str, str, str, str, int, int]


def ingest(folder: Path, urls: list[str], *, fsync: bool, token: str | None) -> dict[str, int]:
    """Fetch, compress, digest, insert. With ``fsync`` each page is on disk before the next is asked for."""
    conn = sqlite3.connect(folder / "floor.sqlite")
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = NORMAL")
    conn.execute("CREATE TABLE pages (url TEXT, sha256 TEXT, offset INTEGER)")
    conn.execute(
        "CREATE TABLE items (id TEXT PRIMARY KEY, author TEXT, text TEXT, at TEXT, likes INTEGER, replies INTEGER)"
    )
    total = 0
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(headers=headers) as client, (folder / "floor.gz").open("wb") as kept:
        for url in urls:
            answer = client.get(url)
            digest = hashlib.sha256(answer.content).hexdigest()
            offset = kept.tell()
            kept.write(gzip.compress(answer.content, _LEVEL))
            kept.flush()
            if fsync:
                os.fsync(kept.fileno())
            with conn:
                conn.execute("INSERT INTO pages VALUES (?, ?, ?)", (url, digest, offset))
                if "json" in answer.headers.get("content-type", ""):
                    conn.executemany(INSERT, rows(json.loads(answer.content)))
            total += len(answer.content)
    (count,) = conn.execute("SELECT count(*) FROM items").fetchone()
    conn.close()
    return {"items": count, "bytes": total}


def rows(value: Any) -> Iterator[Row]:
    """A row for each post, wherever it stands in a page."""
    if isinstance(value, list):
        for one in value:
            yield from rows(one)
    elif isinstance(value, dict):
        if "record" in value and "author" in value and "uri" in value:
            record = value["record"]
            yield (
                value["uri"], value["author"]["did"], record.get("text", ""), record["createdAt"],
                value.get("likeCount", 0), value.get("replyCount", 0),
            )  # fmt: skip
        elif "content" in value and "account" in value:
            yield (
                value["id"], value["account"]["id"], value["content"], value["created_at"],
                value["favourites_count"], value["replies_count"],
            )  # fmt: skip
        for one in value.values():
            if isinstance(one, list | dict):
                yield from rows(one)


def read(paths: list[Path]) -> dict[str, int]:
    """Inflate and digest."""
    total = 0
    for path in paths:
        digest = hashlib.sha256()
        with gzip.open(path) as stream:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
                total += len(piece)
    return {"bytes": total}


def main() -> None:
    """One of the two."""
    what, *rest = sys.argv[1:]
    if what == "ingest":
        token = os.environ.get("ARCHIVER_BENCHMARK_TOKEN")
        said = ingest(Path(rest[0]), sys.stdin.read().split(), fsync="--fsync" in rest, token=token)
    else:
        said = read([Path(one) for one in rest])
    print(json.dumps(said))


if __name__ == "__main__":
    main()
