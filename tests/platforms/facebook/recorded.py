"""Recorded answers and deliveries, outside the repository: found by ``ARCHIVER_SHARED``, else beside it.

Most are bare bodies. Each is given the address that it would have been the answer to: a page's list by the address in its own
paging, anything else by the name of its file. Bodies that hold several objects (the multi-get of former versions, lists of
objects) are taken apart.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange
from archiver.platforms.facebook.asked import LISTS

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("ARCHIVER_SHARED", str(ROOT.parent / "shared"))) / "recorded" / "facebook"
FOLDERS = ("granary", "python-facebook", "restfb", "restfb/webhooks")

needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded answers in {SHARED}")

GRAPH = "https://graph.facebook.com/v26.0"
_KINDS = (
    ("conversation", r"conversation|cvs"),
    ("message", r"^messages?(_|-with|-eu|\.)"),
    ("comment", r"^comment|create_resp"),
    ("post", r"photo_post"),
    ("photo", r"^photos?[_.-]"),
    ("live_video", r"live_video"),
    ("video", r"^video"),
    ("album", r"^albums?[_.-]"),
    ("event", r"event|milestone"),
    ("page", r"page|single_default|multi_default|object_|objects_|from-as-page|pictures|cover_photo"),
    ("post", r"post|fb_|share|message-tags"),
)
"""The kind of object by the name of its file; the first that fits."""
_FIELDS = {one.name: one.text for one in LISTS}
_ALONE = re.compile(
    r"Issue|error|token|oembed|subscription|permission|graphresponse|insight|header|batch|account|likes\."
)
"""Bodies that no record comes from."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One body with the address that it answers, and the place of it in its file (a JSON pointer)."""

    name: str
    pointer: str
    url: str
    body: bytes
    stream: str = "posts"
    kind: str | None = None

    @property
    def answer(self) -> Any:
        """The JSON of it."""
        return json.loads(self.body)

    @property
    def account(self) -> Account:
        """Whose answer it is: a page's own where it is about a page."""
        return account(str(self.answer.get("id"))) if self.kind == "page" else account()

    def exchange(self, **more: Any) -> Exchange:
        """As the adapter sees it."""
        pushed = self.stream == "push"
        words: dict[str, Any] = {
            "url": self.url,
            "method": "POST" if pushed else "GET",
            "status": 200,
            "body": b"" if pushed else self.body,
            "request_body": self.body if pushed else None,
            "task_kind": "push" if pushed else "poll",
        } | more
        at = datetime(2026, 11, 22, 15, 44, tzinfo=UTC)
        return Exchange("0", 0, "city", stream=self.stream, captured_at=at, **words)


def account(handle: str = "1234567890321") -> Account:
    """An account that recordings are read for."""
    return Account("city", "facebook", handle, authenticated=True)


def recordings(folder: str) -> Iterator[Recorded]:
    """All bodies of a folder, in the order of their names."""
    for path in sorted((SHARED / folder).rglob("*.json")):
        if folder == "restfb" and "webhooks" in path.parts:
            continue
        name = path.relative_to(SHARED).with_suffix("").as_posix()
        yield from _taken_apart(name, path.name, path.read_bytes())


def _taken_apart(name: str, file: str, body: bytes) -> Iterator[Recorded]:
    if "webhooks/" in name:
        yield Recorded(name, "", "https://archive.example/push", body, stream="push")
        return
    value = json.loads(body)
    kind = next((kind for kind, pattern in _KINDS if re.search(pattern, file)), None)
    kind = None if _ALONE.search(file) else kind
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield _single(name, f"/{place}", one, kind)
    elif value and all(re.match(r"[0-9]|[mt]_", member) for member in value):
        for member, one in value.items():
            yield _single(name, f"/{member}", one, kind)
    elif isinstance(value.get("data"), list):
        yield Recorded(name, "", _list_address(value, file), body)
    else:
        yield _single(name, "", value, kind)


def _single(name: str, pointer: str, value: Any, kind: str | None) -> Recorded:
    """One object, asked for with the fields of its kind."""
    native_id = value.get("id") or "0"
    if "open_graph_story" in value or "media_id" in value:
        edge = "ratings" if "open_graph_story" in value else "stories"
        wrapped = json.dumps({"data": [value]}).encode()
        return Recorded(name, pointer, f"{GRAPH}/1234567890321/{edge}", wrapped)
    fields = f"?{urlencode({'fields': _FIELDS[kind]})}" if kind else ""
    return Recorded(name, pointer, f"{GRAPH}/{native_id}{fields}", json.dumps(value).encode(), kind=kind)


def _list_address(value: Any, file: str) -> str:
    """The address of a list, as its own paging tells it."""
    paging = value.get("paging") or {}
    parts = urlsplit(paging.get("next") or paging.get("previous") or f"{GRAPH}/0/{file.removesuffix('.json')}")
    return f"https://graph.facebook.com{parts.path}?{parts.query}"


def dictionaries(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object anywhere in a body, with its JSON pointer."""
    if isinstance(value, dict):
        yield pointer, value
        for name, one in value.items():
            yield from dictionaries(one, f"{pointer}/{name}")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from dictionaries(one, f"{pointer}/{place}")
