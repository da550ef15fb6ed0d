"""Names give way to marks, wherever and however they are written, and nothing else does."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.disposal import Tombstone
from archiver.domain.expungement import PREFIX, Marks, anonymous, taken
from archiver.domain.item import Kind
from archiver.domain.keys import Key
from archiver.services.disposal.expunging import new_mark

NAME = "José Nuñez O'Hara"
AT_URI = "at://did:plc:abc/app.bsky.feed.post/3mw7d7mxjc222"
POST = Key("mastodon:town.example/113000000000000020")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (POST, "113000000000000020"),
        (POST, "mastodon:town.example/113000000000000020#hide@20260101T000000Z"),
        (POST, "/api/v1/statuses/113000000000000020/context?max_id=113000000000000020"),
        (f"bluesky:{AT_URI}", AT_URI),
        (f"bluesky:{AT_URI}", f"?uri={quote(AT_URI, safe='')}"),
        (f"bluesky:{AT_URI}", quote(AT_URI, safe="").replace("%3A", "%3a")),
        (f"bluesky:{AT_URI}", '"at:\\/\\/did:plc:abc\\/app.bsky.feed.post\\/3mw7d7mxjc222"'),
        (f"bluesky:{AT_URI}", "https://bsky.app/profile/city.example/post/3mw7d7mxjc222"),
        ("facebook:910000000000305_555000000000001", "910000000000305_555000000000001"),
        ("facebook:910000000000305_555000000000001", "?comment_id=555000000000001"),
    ],
)
def test_every_spelling_goes(key: str, text: str) -> None:
    """As a key, an id, in an address, percent-encoded, with JSON's escapes; in text and in bytes."""
    marks = Marks.of({Key(key): ()}, new_mark)
    for left in (marks.text(text), marks.data(text.encode()).decode()):
        assert PREFIX in left
        assert not marks.in_text(left)
        assert not any(piece in left for piece in ("113000000000000020", "3mw7d7mxjc222", "555000000000001"))


@given(st.text(max_size=50), st.text(max_size=50))
def test_nothing_else_changes(before: str, after: str) -> None:
    """What stands around a name stays, and a text without one is the same text."""
    marks = Marks.of({POST: ()}, new_mark)
    assert marks.text(before) == before
    around = f"{before} 113000000000000020 {after}"
    mark = marks.keys[POST].rpartition("/")[2]
    assert marks.text(around) == f"{before} {mark} {after}"


@pytest.mark.parametrize(
    "text",
    [
        NAME, NAME.upper(), unicodedata.normalize("NFD", NAME), json.dumps(NAME)[1:-1], f"\\n{json.dumps(NAME)[1:-1]}",
        quote(NAME), quote_plus(NAME), html.escape(NAME), "Jos&eacute; Nu&#241;ez&nbsp;O&#39;Hara",
        "jos\\u00C9  nu\\u00f1ez\\u00a0o\\u0027hara", NAME.replace(" ", "-"), f"<b>{NAME}</b>'s",
    ],
)  # fmt: skip
def test_a_persons_name_goes_in_every_spelling(text: str) -> None:
    """In any case, composed or not, as JSON, HTML and addresses write it; its mark is as long as the name is."""
    marks = Marks.of_people([NAME], new_mark)
    left = marks.text(text)
    assert marks.data(text.encode()).decode() == left
    assert not marks.in_text(left)
    assert marks.words[NAME] in left
    assert len(marks.words[NAME]) == len(NAME)
    assert not any(part in left.casefold() for part in ("jos", "hara"))


def test_a_networks_number_stays_one() -> None:
    """A mark for ``did:plc:…`` is one, so that what has it can be read; inside of a longer word it stands for nothing."""
    did = "did:plc:o44ydfkhvcb4s5irfz46gdan"
    left = Marks.of_people([did, "Mai Vue"], new_mark).text(f'"{did}" {did}x Mai Vuery')
    assert re.fullmatch(rf'"did:plc:expunged-[0-9a-f]{{15}}" {did}x Mai Vuery', left)


def test_an_address_stays_one() -> None:
    """What begins with a record's address is an address still, with the server that it had."""
    marks = Marks.of({POST: ("https://town.example/@city/9?c=1",)}, new_mark)
    assert re.fullmatch(
        r"https://town\.example/expunged-[0-9a-f]{16}&d=2", marks.text("https://town.example/@city/9?c=1&d=2")
    )


def test_a_longer_number_is_another_one() -> None:
    """A name inside of a longer word is none; a record whose own name has it as a part is told."""
    marks = Marks.of({POST: ()}, new_mark)
    assert marks.text("1130000000000000201 x113000000000000020") == "1130000000000000201 x113000000000000020"
    assert list(taken(marks, [["youtube:a", "113000000000000020.9"], ["youtube:b"]])) == ["youtube:a"]


def test_marks_are_random_and_lead_nowhere() -> None:
    """The same record is never called alike twice, and keeps its platform and server in its mark."""
    first, second = (Marks.of({POST: ()}, new_mark).keys[POST] for _ in range(2))
    assert first != second
    assert first.startswith("mastodon:town.example/expunged-")


def test_a_tombstone_without_identity() -> None:
    """Neither id nor other names, nor a moment: of its place in time the year is left."""
    at = datetime(2020, 5, 6, 7, 8, tzinfo=UTC)
    stone = Tombstone(POST, ("x",), "city", Kind.REPLY, POST, POST, None, at, at, at, at)
    left = anonymous(stone, marks := Marks.of({POST: ()}, new_mark))
    assert (left.record, left.parent, left.thread) == (marks.keys[POST],) * 3
    assert (left.names, left.created_at, left.moment) == ((), None, datetime(2020, 1, 1, tzinfo=UTC))
    assert "113000000000000020" not in str(left)
