"""The guide for new platforms shows an adapter that works."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.domain.task import Covered, Meaning, Task, TaskKind
from archiver.platforms.adapter import Adapter

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-a-platform.md"
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
BOARD = {str(n): {"id": n, "text": f"Notice {n}", "at": f"2026-11-0{n}T12:00:00Z"} for n in range(1, 6)}


@pytest.fixture
def adapter() -> Adapter:
    """The guide's adapter, out of the page."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names: dict[str, Any] = {"__name__": "notices"}
    exec(compile(code, str(GUIDE), "exec"), names)
    made: Adapter = names["NoticeBoardAdapter"](Account("board", "notices", "town"))
    return made


def answer(spec: RequestSpec) -> Exchange:
    """The board: two notices a page."""
    path, _, query = spec.url.removeprefix("https://notices.example").partition("?")
    number = path.removeprefix("/notices").strip("/")
    status, body = 200, json.dumps(BOARD.get(number)).encode()
    if number and number not in BOARD:
        status, body = 404, b"{}"
    elif not number:
        before = int(query.removeprefix("before=") or 99)
        older = sorted((n for n in map(int, BOARD) if n < before), reverse=True)
        page = {"notices": [BOARD[str(n)] for n in older[:2]], "before": str(older[1]) if len(older) > 2 else None}
        body = json.dumps(page).encode()
    return Exchange("0", 0, "board", spec.url, spec.stream, NOW, status=status, body=body)


def test_the_guide_s_adapter_lists_everything(adapter: Adapter) -> None:
    """Page by page, to a complete end."""
    task = Task(Account("board", "notices", "town"), TaskKind.POLL, NOW)
    seen: list[str] = []
    step = adapter.start(task)
    while not step.done:
        exchange = answer(step.requests[0])
        assert adapter.judge(exchange).meaning is Meaning.PROCEED
        seen += [one.key for one in adapter.read(exchange) if isinstance(one, ItemSeen)]
        step = adapter.proceed(task, step, exchange)
    assert seen == [f"notices:{n}" for n in (5, 4, 3, 2, 1)]
    assert step.findings == (Covered("posts", None, NOW),)


def test_the_guide_s_adapter_confirms(adapter: Adapter) -> None:
    """A 404 is the board's own word."""
    task = Task(Account("board", "notices", "town"), TaskKind.CONFIRM, NOW, ("notices:9",))
    step = adapter.start(task)
    exchange = answer(step.requests[0])
    assert list(adapter.read(exchange)) == [GoneSeen("notices:9", "404")]  # type: ignore[arg-type]
    assert adapter.proceed(task, step, exchange).done


def test_the_guide_names_files_that_exist() -> None:
    """Paths in the guide lead somewhere."""
    root = GUIDE.parents[2]
    named = re.findall(r"`((?:archiver|tests|docs)/[^`<>*]+?)`", GUIDE.read_text())
    assert named
    assert [path for path in named if not (root / path.rstrip("/")).exists()] == []
