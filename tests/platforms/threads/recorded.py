"""Recorded answers, outside the repository: found by ``ARCHIVER_SHARED``, else beside it.

They are bodies alone, so each is given the address that it answers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("ARCHIVER_SHARED", str(ROOT.parent / "shared"))) / "recorded" / "threads"
BASE = "https://graph.threads.net"
ACCOUNT = Account("city", "threads", "threadsapitestuser")

needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no recorded answers in {SHARED}")


@dataclass(frozen=True, slots=True)
class Call:
    """The call that a recording answers: all after the version, the stream, the HTTP status, the task."""

    path: str
    stream: str = "posts"
    status: int = 200
    task_kind: str = "poll"


CALLS = {
    "python-facebook/base/threads_user_long_lived_token": Call("access_token?grant_type=th_exchange_token", "access"),
    "python-facebook/base/threads_user_token": Call("oauth/access_token", "access"),
    "pythreads/container_status": Call("17889615691921648?fields=id,status,error_message"),
    "pythreads/container_status_with_error": Call("17889615691921648?fields=id,status,error_message"),
    "pythreads/conversation": Call("1234567891/conversation", "comments"),
    "pythreads/insights": Call("1234567890/insights?metric=likes,replies"),
    "pythreads/publishing_limit": Call("95561/threads_publishing_limit"),
    "pythreads/replies": Call("1234567891/replies", "comments"),
    "pythreads/threads": Call("95561/threads"),
    "pythreads/threads_with_options": Call("95561/threads?limit=1"),
    "pythreads/user_insights_multiple_metrics": Call("95561/threads_insights?metric=views,likes"),
    "pythreads/user_insights_requesting_follower_demographics": Call("95561/threads_insights?metric=follower_demographics"),
    "pythreads/user_insights_single_metric": Call("95561/threads_insights?metric=likes"),
    "restfb/threads/basic-list-reply": Call("1234567891/conversation", "comments"),
    "restfb/threads/basic-media": Call("1234567"),
    "restfb/threads/basic-profile": Call("me?fields=id,username,name,threads_biography", "profile", task_kind="profile"),
    "restfb/threads/basic-quota": Call("1234567/threads_publishing_limit"),
    "restfb/threads/basic-reply": Call("1234567890", "comments"),
    "restfb/threads/exception": Call("1234567?fields=id", status=400, task_kind="confirm"),
    "restfb/threads/media-container-error": Call("17889615691921648?fields=id,status,error_message"),
    "restfb/threads/media-container-success": Call("17889615691921648?fields=id,status,error_message"),
    "restfb/threads/media-with-location": Call("54321"),
    "restfb/threads/media-with-poll": Call("1234567"),
}  # fmt: skip
"""Every recording, with the call that it answers."""


def recordings() -> Iterator[str]:
    """The names of all recordings that are there."""
    for path in sorted(SHARED.rglob("*.json")):
        yield str(path.relative_to(SHARED).with_suffix(""))


def exchange(name: str) -> Exchange:
    """A recording as the adapter sees it."""
    call = CALLS[name]
    return Exchange(
        "0", 0, "city", f"{BASE}/v1.0/{call.path}", call.stream, datetime(2026, 11, 22, 15, tzinfo=UTC),
        status=call.status, body=(SHARED / f"{name}.json").read_bytes(), task_kind=call.task_kind,
    )  # fmt: skip


def answer(name: str) -> Any:
    """A recording's JSON."""
    return json.loads((SHARED / f"{name}.json").read_bytes())
