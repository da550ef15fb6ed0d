"""Recorded answers of real servers, outside the repository: found by ``ARCHIVER_SHARED``, else beside it.

All of them are brought into one form: who asked what, and what came back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("ARCHIVER_SHARED", str(ROOT.parent / "shared"))) / "recorded" / "mastodon"
FOLDERS = {
    "gotosocial": "http://localhost:8080",
    "takahe": "http://localhost:8001",
    "mastodon-py-cassettes/local-instance-4.6": "http://localhost:3000",
    "mastodon-py-cassettes/entity-checks-mastodon.social": "https://mastodon.social",
    "granary": "http://foo.com",
}
OWNERS = {"gotosocial": "millbrook", "takahe": "millbrook", "granary": "snarfed"}

needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded answers in {SHARED}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange of a recording; ``sent`` is the request's body, ``answer`` the JSON of the answer (None: no JSON)."""

    folder: str
    name: str
    method: str
    url: str
    sent: Any
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def answer(self) -> Any:
        """The JSON of the answer; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def exchange(self, **more: Any) -> Exchange:
        """As the adapter sees it."""
        words: dict[str, Any] = {
            "url": self.url,
            "status": self.status,
            "headers": self.headers,
            "body": self.body,
        } | more
        return Exchange("0", 0, "city", stream="posts", captured_at=datetime(2026, 11, 22, 15, 44, tzinfo=UTC), **words)


def account_of(folder: str) -> Account:
    """The account whose recording it is."""
    handle = OWNERS.get(folder, "mastodonpy_test" if "local" in folder else "halcy")
    return Account("city", "mastodon", handle, base_url=FOLDERS[folder], authenticated=True)


def recordings(folder: str) -> Iterator[Recorded]:
    """All exchanges of a folder, in the order of the recording."""
    place = SHARED / folder
    if (place / "exchanges-with-headers.jsonl").exists():
        for line in (place / "exchanges-with-headers.jsonl").read_text().splitlines():
            one = json.loads(line)
            found = next(iter(place.glob(one["name"] + ".*")), None)
            yield Recorded(
                folder, one["name"], one["request"]["method"], one["request"]["url"], one["request"]["body"],
                one["response"]["status"], tuple((k, v) for k, v in one["response"]["headers"]),
                found.read_bytes() if found else b"",
            )  # fmt: skip
        return
    for path in sorted(place.glob("*.json")):
        content = json.loads(path.read_text())
        yield from (
            _cassette(folder, path.stem, content)
            if isinstance(content, list)
            else _constants(folder, path.stem, content)
        )


def _cassette(folder: str, name: str, exchanges: list[dict[str, Any]]) -> Iterator[Recorded]:
    """Mastodon.py's cassettes: headers as lists, the answer as JSON or text."""
    for one in exchanges:
        answer = one["response"]
        headers = tuple((key, value) for key, values in answer["headers"].items() for value in values)
        body = json.dumps(answer["json"]) if "json" in answer else answer.get("text") or ""
        yield Recorded(
            folder, name, one["request"]["method"], one["request"]["url"], one["request"]["body"], answer["status"], headers,
            body.encode(),
        )  # fmt: skip


def _constants(folder: str, name: str, constants: dict[str, Any]) -> Iterator[Recorded]:
    """Granary's hand-made objects, each as the answer to a call of its own."""
    for title, value in constants.items():
        yield Recorded(
            folder, f"{name}:{title}", "GET", f"{FOLDERS[folder]}/{title}", None, 200, (), json.dumps(value).encode()
        )


def statuses_in(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every status anywhere in an answer, with its JSON pointer; not those inside another one, which its reading covers."""
    if isinstance(value, dict):
        if ("content" in value or value.get("reblog")) and "id" in value and "account" in value:
            yield pointer, value
            return
        for name, one in value.items():
            yield from statuses_in(one, f"{pointer}/{name}")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from statuses_in(one, f"{pointer}/{place}")


def asks_for_one(folder: str, native_id: str) -> str:
    """The address at which a single status would be asked for."""
    return f"{FOLDERS[folder]}/api/v1/statuses/{native_id}"


def path_of(url: str) -> str:
    """An address without scheme and host."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
