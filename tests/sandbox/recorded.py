"""Recorded answers of real servers, outside the repository: found by ``ARCHIVER_SHARED``, else beside it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("ARCHIVER_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "recorded"
BLUESKY = SHARED / "bluesky" / "devenv"
MASTODON = SHARED / "mastodon" / "mastodon-py-cassettes" / "local-instance-4.6"

needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded answers in {SHARED}")

Shape = dict[str, set[str]]
"""Which kinds of JSON value stand at which place; ``[]`` is any entry of a list."""


def bluesky(release: str, name: str) -> Any:
    """A recorded body of the Bluesky servers, by the end of its file name."""
    (path,) = (BLUESKY / release).glob(f"[0-9]*-{name}.json")
    return json.loads(path.read_text())


def mastodon(cassette: str, part: str) -> Any:
    """The first recorded answer of a Mastodon 4.6.4 to a read whose address has that part."""
    for exchange in json.loads((MASTODON / f"{cassette}.json").read_text()):
        request, response = exchange["request"], exchange["response"]
        if request["method"] == "GET" and part in request["url"] and response["status"] == 200:
            return response["json"]
    raise LookupError(part)


def shape(value: Any, place: str = "", into: Shape | None = None) -> Shape:
    """The shape of a JSON document."""
    found: Shape = {} if into is None else into
    found.setdefault(place, set()).add(_kind(value))
    if isinstance(value, dict):
        for name, part in value.items():
            shape(part, f"{place}.{name}", found)
    elif isinstance(value, list):
        for part in value:
            shape(part, f"{place}[]", found)
    return found


def _kind(value: Any) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "flag", int: "number", float: "number"}
    return "null" if value is None else names[type(value)]
