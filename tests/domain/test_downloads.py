"""A download completes a record and corrects none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.domain.downloads import complete
from archiver.domain.history import Basis, Known, known_after, weigh
from archiver.domain.item import Attachment, Body, Form, Link, State
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen

SEEN = datetime(2026, 11, 15, tzinfo=UTC)
BEFORE, AFTER = SEEN - timedelta(days=1), SEEN + timedelta(days=1)
PICTURE = (Attachment("image", "https://cdn.example/1", source="blob:1"),)


def seen(**body: Any) -> ItemSeen:
    """A sight of the record."""
    return ItemSeen(Key("x:1"), Form.POST, None, Body(**body), created_at=BEFORE)


def known(state: State = State.LIVE, **body: Any) -> Known:
    """What the archive has of it."""
    first = seen(**body)
    return replace(known_after(None, weigh(None, first)), state=state)


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], datetime | None, str]] = {
    "the same words": ({"text": "A"}, {"text": "A"}, AFTER, ""),
    "other spaces": ({"text": "A b"}, {"text": "A\nb "}, AFTER, ""),
    "no words": ({"text": "A"}, {}, AFTER, ""),
    "empty words": ({"text": "A"}, {"text": " "}, AFTER, ""),
    "other words, younger than ours": ({"text": "A"}, {"text": "B"}, AFTER, "edit"),
    "other words, older than ours": ({"text": "A"}, {"text": "B"}, BEFORE, "past"),
    "other words of no date": ({"text": "A"}, {"text": "B"}, None, "past"),
    "other pictures": (
        {"text": "A", "attachments": PICTURE},
        {"attachments": (Attachment("image", "a.jpg"),)},
        AFTER,
        "",
    ),
    "pictures that were not known": ({"text": "A"}, {"text": "A", "attachments": PICTURE}, AFTER, "detail"),
    "other links": ({"text": "A", "links": (Link("u"),)}, {"links": (Link("v"),)}, AFTER, ""),
    "the date of an edit whose words are known": ({"text": "A"}, {"text": "A", "edited_at": AFTER}, AFTER, ""),
    "words cut short": ({"text": "A long text"}, {"text": "A long…", "partial": frozenset({"text"})}, AFTER, ""),
}


@pytest.mark.parametrize(("ours", "theirs", "as_of", "what"), CASES.values(), ids=CASES)
def test_what_a_download_tells(ours: dict[str, Any], theirs: dict[str, Any], as_of: datetime | None, what: str) -> None:
    """Other words are a version, what was not known is a detail, and nothing else changes; it is never a new sight."""
    found = complete(known(**ours), seen(**theirs), as_of=as_of, seen_until=SEEN)
    told = "past" if found.past else str(found.change.version.basis) if found.change and found.change.version else ""
    assert told == what
    if found.change is not None:
        assert not found.change.seen
        assert found.change.version is not None
        assert found.change.version.basis in {Basis.EDIT, Basis.DETAIL}


@pytest.mark.parametrize("state", [State.GONE, State.HIDDEN, State.DISPOSED])
@pytest.mark.parametrize("text", ["A", "B"])
@pytest.mark.parametrize("as_of", [BEFORE, AFTER, None])
def test_nothing_comes_back(state: State, text: str, as_of: datetime | None) -> None:
    """Whatever a download shows, what is gone, hidden or disposed of stays so."""
    found = complete(known(state, text="A"), seen(text=text), as_of=as_of, seen_until=SEEN)
    assert found.change is None or (found.change.state is state and state is State.HIDDEN)
    assert found.past is None or state is not State.DISPOSED


def _named(version: str, **body: Any) -> ItemSeen:
    """A sight of a version that has a name, as on X."""
    return replace(seen(**body), native_version=version)


NAMED: dict[str, tuple[ItemSeen, ItemSeen, str]] = {
    "another spelling of a version that is known": (
        _named("1", text="Map: https://t.co/a"), _named("1", text="Map:"), "",
    ),
    "the rest of a version that is known cut": (
        _named("1", text="A long…", partial=frozenset({"text"})), _named("1", text="A long text"), "detail",
    ),
    "an earlier version by its own date, however new the download is": (
        _named("2", text="all day", edited_at=SEEN), _named("1", text="al day", edited_at=BEFORE), "past",
    ),
    "a later version": (_named("1", text="al day"), _named("2", text="all day", edited_at=SEEN), "edit"),
}  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "what"), NAMED.values(), ids=NAMED)
def test_versions_with_names(ours: ItemSeen, theirs: ItemSeen, what: str) -> None:
    """A table of what a download that is newer than the last capture tells of them."""
    found = complete(known_after(None, weigh(None, ours)), theirs, as_of=AFTER, seen_until=SEEN)
    told = "past" if found.past else str(found.change.version.basis) if found.change and found.change.version else ""
    assert told == what
