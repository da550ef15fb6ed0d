"""The moderation report as a page and as a table: readable, and harmless whatever strangers wrote."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.domain.moderation import (
    Action,
    By,
    Doubt,
    Entry,
    Kept,
    Note,
    PolicyVersion,
    Proof,
    Rule,
    Source,
    Subject,
    concluded,
)
from archiver.domain.moderation_report import Look, Report, Unlike
from archiver.domain.page_settings import SettingName
from archiver.errors import UsageError
from archiver.exports.csv import unguarded
from archiver.exports.moderation_page import page, write
from archiver.exports.moderation_rows import COLUMNS, DONE, document, write_csv

NOW = datetime(2026, 11, 3, 21, 30, tzinfo=UTC)
DANA = Actor("Dana Clerk", "dana")


def everywhere(words: str, permalink: str = "https://social.example/1") -> Report:
    """A report in which the words of a stranger, or of anybody, stand wherever words may stand."""
    policy = PolicyVersion(1, None, date(2026, 1, 1), words, words, "ab" * 32, words, (Rule("3", words),), NOW, DANA)
    subject = Subject(
        Key(f"mastodon:{words}"), "comment", words, words, words, 2, NOW, permalink, person=words, setting=words
    )
    note = Note(NOW, Actor(words, "x"), Action.DELETE, words, "3", words, words, words)
    entry = Entry(
        f"{words}#gone@x", Source.API, "city", NOW, Action.VANISH, By.UNKNOWN, subject, Action.VANISH, words, NOW,
        before=Proof(NOW, "urn:uuid:1"), shown=Proof(NOW, "urn:uuid:2"), kept=Kept(words, "ab", 1, "moderation/ab"),
    )  # fmt: skip
    whole = concluded(entry, [note], [policy], NOW.date())
    bare = concluded(replace(entry, subject=Subject(withheld=words)), [], [policy], NOW.date())
    span = {
        "account": "city", "stream": "comments", "thread": words, "from_at": None, "until_at": NOW, "state": "gap",
        "reason": words,
    }  # fmt: skip
    return Report(
        words, NOW, "America/Chicago", NOW, None, ("city",), "public data only", (whole, bare), (policy,), (span, span | {"state": "complete", "reason": "all is there"}),
        (Look("city", SettingName.FILTERS, NOW, NOW, 1, (words,), False),), (Unlike("city", words, (whole,), (Key(words),)),), 1,
    )  # fmt: skip


class Reader(HTMLParser):
    """What a browser would see: the elements, their attributes, and the words between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Words."""
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


PLAIN = Reader(page(everywhere("x")))


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>", "</blockquote></main><img src=x onerror=alert(1)>", '" onmouseover="alert(1)',
        "' autofocus onfocus=alert(1) '", "<!--", "]]>", "</style><style>*{display:none}", "&lt;b&gt;", "\x00\x1b[2J\ud800",
        "\u202egnihton", "<a href=javascript:alert(1)>here</a>",
    ],
)  # fmt: skip
def test_strangers_words_are_words_wherever_they_stand(words: str) -> None:
    """The same elements with the same attributes as for plain words, and nothing of a page of their own."""
    seen = Reader(page(everywhere(words)))
    assert [(tag, set(attributes)) for tag, attributes in seen.elements] == [
        (tag, set(attributes)) for tag, attributes in PLAIN.elements
    ]
    assert "\x00" not in "".join(seen.words)


@given(st.text(min_size=1, max_size=60))
def test_no_text_makes_an_element(words: str) -> None:
    """Whatever it is."""
    assert [tag for tag, _ in Reader(page(everywhere(words))).elements] == [tag for tag, _ in PLAIN.elements]


@pytest.mark.parametrize(
    ("permalink", "linked"),
    [
        ("https://social.example/@ann/1?a=1&b=2", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ('https://a.example/" onclick="alert(1)', False),
        ("//a.example/", False),
    ],
)
def test_only_addresses_of_the_web_are_links(permalink: str, linked: bool) -> None:
    """They tell nobody where the reader came from."""
    links = [
        one for one in Reader(page(everywhere("x", permalink))).all("a") if not (one["href"] or "").startswith("#")
    ]
    assert [one["href"] for one in links] == ([permalink] if linked else [])
    assert all(one["rel"] == "noopener noreferrer" for one in links)


def test_the_page_can_be_read_without_seeing_it() -> None:
    """A language, one heading of the first level, no level left out, captions, and a scope for each table heading."""
    assert PLAIN.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in PLAIN.elements if tag in {"h1", "h2", "h3"}]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(PLAIN.all("caption")) == len(PLAIN.all("table")) > 0
    assert all(one.get("scope") in {"col", "row"} for one in PLAIN.all("th"))
    named = {one["id"] for _, one in PLAIN.elements if one.get("id")}
    inside = {(one["href"] or "")[1:] for one in PLAIN.all("a") if (one["href"] or "").startswith("#")}
    assert inside <= named
    assert {one["aria-labelledby"] for one in PLAIN.all("article")} <= named


def test_the_page_loads_and_runs_nothing() -> None:
    """It is one file, and the browser is told to keep it so."""
    assert not {"script", "img", "link", "iframe", "object", "form"} & {tag for tag, _ in PLAIN.elements}
    policies = [one["content"] for one in PLAIN.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_page_says_what_is_missing_and_in_which_zone() -> None:
    """An entry without a reason, a gap in the coverage, the city's time."""
    words = " ".join(PLAIN.words)
    assert "2026-11-03 15:30" in words
    assert "1 gap, listed under Coverage" in words
    assert str(Doubt.NO_REASON).capitalize() in words
    assert "all is there" not in words  # a thread that was captured whole: there are thousands


def test_an_empty_period_says_so() -> None:
    """No table without rows, no sentence left out."""
    empty = Report("x", NOW, "UTC", None, None, (), "public data only", (), (), ())
    seen = Reader(page(empty))
    assert seen.all("table") == []
    assert "No comment policy is on file." in seen.words
    assert document(empty)["entries"] == []


def test_the_table_gives_every_text_exactly(tmp_path: Path) -> None:
    """Guarded for spreadsheets as the records are (records rule R92)."""
    words = '=HYPERLINK("http://x")\n"quoted", and more'
    write_csv(everywhere(words), tmp_path / "m.csv", force=False)
    with (tmp_path / "m.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(COLUMNS)
    assert rows[0]["text"].startswith("'=")
    assert unguarded(rows[0]["text"]) == words
    assert rows[1]["doubts"].startswith("no reason yet")


def test_what_is_in_the_way_stays(tmp_path: Path) -> None:
    """A report is replaced only when asked to."""
    target = tmp_path / "m.html"
    write(everywhere("x"), target, force=False)
    before = target.read_bytes()
    with pytest.raises(UsageError):
        write(everywhere("y"), target, force=False)
    assert target.read_bytes() == before
    write(everywhere("y"), target, force=True)
    assert target.read_bytes() != before


def test_everything_that_can_be_done_has_a_word() -> None:
    """No entry is left without one."""
    assert set(DONE) == set(Action)
