"""Deliveries of webhooks, taken apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.errors import ShapeChanged
from archiver.platforms.meta.push import events_of
from tests.platforms.meta.answers import answer

CHANGE = {"field": "feed", "value": {"item": "comment", "verb": "add"}}
DELIVERIES: list[tuple[str, Any, list[tuple[str | None, str, str]]]] = [
    ("a change", {"object": "page", "entry": [{"id": "104", "time": 1793720000, "changes": [CHANGE]}]},
     [("104", "feed", "/entry/0/changes/0/value")]),
    ("several pages, several changes",
     {"entry": [{"id": "104", "changes": [CHANGE, CHANGE]}, {"id": 105, "changes": [CHANGE]}]},
     [("104", "feed", "/entry/0/changes/0/value"), ("104", "feed", "/entry/0/changes/1/value"),
      ("105", "feed", "/entry/1/changes/0/value")]),
    ("messages", {"entry": [{"id": "104", "messaging": [{"timestamp": 1628596803000, "message": {"mid": "m_1"}}]}]},
     [("104", "messaging", "/entry/0/messaging/0")]),
    ("messages of another app", {"entry": [{"id": "104", "standby": [{"message": {}}]}]},
     [("104", "messaging", "/entry/0/standby/0")]),
    ("names without values", {"entry": [{"id": "104", "changed_fields": ["feed", 7]}]}, [("104", "feed", "/entry/0")]),
    ("a change without its value", {"entry": [{"id": "104", "changes": [{"field": "feed"}]}]},
     [("104", "feed", "/entry/0/changes/0")]),
    ("field and value in the entry", {"object": "instagram", "entry": [{"id": "178", **CHANGE}]},
     [("178", "feed", "/entry/0/value")]),
    ("Threads' flat one", {"topic": "moderate", "target_id": "31", "time": 1723226877, "values": CHANGE},
     [("31", "feed", "/values/value")]),
    ("Threads' flat one as a list", {"target_id": "31", "values": [CHANGE]}, [("31", "feed", "/values/0/value")]),
    ("nothing that is known", {"entry": [None, 7, {"id": "104", "changes": {"x": 1}}], "values": 7}, []),
]  # fmt: skip


def delivered(body: Any, subject: str | None = None) -> Any:
    """The exchange of a delivery."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answer(b"", request_body=raw, subject=subject, stream="push", task_kind="push", method="POST")


@pytest.mark.parametrize(("sentence", "body", "expected"), DELIVERIES)
def test_the_events_of_a_delivery(sentence: str, body: Any, expected: Any) -> None:
    """Whose, of which field, and where in the body."""
    assert [(one.account, one.field, one.pointer) for one in events_of(delivered(body))] == expected, sentence


def test_only_one_account_s_entries_are_read() -> None:
    """A delivery may hold those of several pages."""
    body = DELIVERIES[1][1]
    assert [one.account for one in events_of(delivered(body, "105"))] == ["105"]


@pytest.mark.parametrize("body", [b"", b"[1]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_delivery_has_another_shape(body: bytes) -> None:
    """It is kept, and said so."""
    with pytest.raises(ShapeChanged):
        list(events_of(delivered(body)))
