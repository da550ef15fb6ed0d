"""What becomes of single captures when records go."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.domain.account import Account
from archiver.domain.exchange import Purpose
from archiver.domain.keys import Key
from archiver.platforms.registry import adapter_for
from archiver.services.disposal.cutting import SHARED, Cutter
from archiver.warc.reader import StoredEvent, events
from archiver.warc.rewriting import KEEP, Remove, Replace
from archiver.warc.writer import Segments
from tests.platforms.test_cutting import CITY, status
from tests.support.clock import FakeClock
from tests.warc.captures import INFO, KEY, answer, event, put

URL = "https://social.example/api/v1/accounts/94/statuses?limit=40"
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
JSON = [("Content-Type", "application/json")]


def cutter(*numbers: int, media: frozenset[str] = frozenset()) -> Cutter:
    """One that takes these statuses out."""
    readers = {KEY.account: adapter_for(CITY), "other": adapter_for(Account("other", "x", "nobody"))}
    return Cutter({Key(f"mastodon:{number}"): () for number in numbers}, media, readers, {})


def captured(folder: Path, document: Any, **changes: Any) -> StoredEvent:
    """One capture."""
    raw = document if isinstance(document, bytes) else answer(json.dumps(document).encode(), headers=JSON)
    segments = Segments(folder, info=INFO, now=FakeClock(AT).now)
    put(segments, event(raw, url=URL, **changes))
    segments.close()
    (path,) = folder.rglob("*.open")
    (found,) = events(path)
    return found


def test_an_answer_is_cut_or_kept(tmp_path: Path) -> None:
    """As it shows what goes, or not."""
    found = captured(tmp_path, [status(1, "one"), status(2, "two")])
    cut = cutter(1)(found)
    assert isinstance(cut, Replace)
    assert (json.loads(cut.body)[0], cut.removed, cut.media_type) == (None, 1, "application/json")
    assert cutter(7)(found) is KEEP


def test_what_a_share_keeps_is_told(tmp_path: Path) -> None:
    """The capture is residue until the share goes, although its original was cut out of it."""
    found = captured(tmp_path, [status(5, "", reblog=status(1, "one")), status(1, "one")])
    one = cutter(1)
    assert isinstance(one(found), Replace)
    assert one.refused == {found.id: SHARED}


def test_media_go_whole_and_nothing_else_does(tmp_path: Path) -> None:
    """When the store says that nobody else shows them."""
    found = captured(tmp_path, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nPNG", purpose=Purpose.MEDIA)
    assert cutter(1)(found) is KEEP
    assert isinstance(cutter(1, media=frozenset({found.id}))(found), Remove)


@pytest.mark.parametrize(("number", "named"), [(1, True), (2, False)])
def test_an_answer_that_breaks_http_is_told_if_it_names_a_record(tmp_path: Path, number: int, *, named: bool) -> None:
    """Nobody can take anything out of it."""
    broken = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[{"id": "1", "content": "one"}]'
    found = captured(tmp_path, broken, failure="protocol")
    one = cutter(number)
    assert one(found) is KEEP
    assert bool(one.refused) is named
