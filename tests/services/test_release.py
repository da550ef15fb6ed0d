"""What is withheld is nowhere in an export: no word, in no spelling, in no format (records rule R19)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from archiver.domain.acting import Actor
from archiver.domain.classification import Clearance, Part, Span, text_digest
from archiver.domain.item import Form, Link, Person, Poll, PollOption
from archiver.domain.keys import Key
from archiver.domain.profile import Profile
from archiver.services.clearance import Access
from archiver.services.export import Format
from archiver.store import views
from archiver.store.decisions import classes
from archiver.store.decisions.classes import NewMark
from archiver.store.selection import Query
from tests.capture.spellings import leaks_of_any
from tests.services.test_export import CITY, MADE_AT, Archive, image, key, read, seen
from tests.support.heap import heap

WORDS = "canary-7f3a Smith"
"""What may be nowhere; of letters that every spelling changes."""
DANA = Actor("Dana Clerk", "dclerk")
LAW = "Law 4.2"
TEXT = f"Call {WORDS} tomorrow"
CODED = base64.b64encode(f"x {WORDS} y".encode()).decode()


def spelled(number: int, text: str = TEXT, **more: Any) -> Any:
    """A post that says it in every field that strangers fill."""
    said: dict[str, Any] = {
        "title": f"About {WORDS.upper()}", "content_warning": WORDS, "tags": (WORDS,), "visibility": "public",
        "markup": f"<p>{text}</p>",
        "attachments": (image(f"{quote(WORDS)}.png", f"A picture of {WORDS}"),),
        "links": (Link(f"https://x.example/?q={quote(WORDS)}", f"https://x.example/{CODED}", f"On {WORDS}"),),
        "poll": Poll((PollOption(f"{WORDS}?", 1), PollOption("no", 2))),
    }  # fmt: skip
    return seen(number, text, **said | more)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A post with the words in every field and version, a share, a quote and an answer of it, and one beside."""
    it = Archive(tmp_path)
    it.observe(
        spelled(1),
        seen(2, TEXT, form=Form.SHARE, shares=key(1), visibility="public", author=CITY),
        seen(3, f"Look: {WORDS}", quotes=key(1), visibility="public", author=CITY),
        seen(4, "Nothing of that", parent=key(1), thread=key(1), visibility="public"),
        seen(5, None, form=Form.SHARE, shares=key(1), visibility="public", author=CITY),
    )
    it.observe(spelled(1, f"{TEXT}, or today", edited_at=it.now))
    yield it
    it.segments.close()
    it.store.dispose()


def mark(archive: Archive, number: int, part: Part, *, piece: bool = False, **more: Any) -> None:
    """A mark on a post of the archive."""
    with archive.store.begin() as conn:
        span = None
        if piece:
            record = views.record(conn, key(number))
            assert record is not None
            text = record.versions[0]["text"]
            span = Span(1, text_digest(key(number), text), text.index(WORDS), text.index(WORDS) + len(WORDS))
        class_ = more.pop("class_")
        classes.add(conn, NewMark(key(number), part, class_, LAW, f"It says {WORDS}", span, **more), DANA, archive.now)


def written(path: Path) -> bytes:
    """All bytes of an export, unpacked."""
    beside = [one for one in path.parent.glob(f"{path.name}*/**/*") if one.is_file()]
    return heap([*([path] if path.is_file() else []), *beside])


CLOSED: dict[str, tuple[Part, dict[str, Any], str]] = {
    "a piece of its text": (Part.TEXT, {"piece": True}, WORDS),
    "all of its text, of all versions": (Part.TEXT, {}, TEXT),
    "the whole record": (Part.RECORD, {}, WORDS),
}


@pytest.mark.parametrize(("part", "how", "words"), CLOSED.values(), ids=CLOSED)
def test_no_word_of_what_is_withheld_goes_out(
    archive: Archive, profile: Profile, part: Part, how: dict[str, Any], words: str
) -> None:
    """In no format and no spelling: not in versions, titles, descriptions, links, tags, shares, quotes, the reason."""
    mark(archive, 1, part, class_=profile.class_names[1], **how)
    cleared = Access(profile, MADE_AT.date(), Clearance(frozenset(profile.class_names)))
    for fmt, name in {Format.SQLITE: "x.db", Format.CSV: "x", Format.JSON: "x.jsonl"}.items():
        path = archive.export(name, format=fmt, access=Access(profile, MADE_AT.date()))
        data = written(path)
        assert leaks_of_any(data, {words, words.upper()}) == [], fmt
        assert LAW.encode() in data
        assert b"Nothing of that" in data
    path = archive.export("all.json", format=Format.JSON, access=cleared)
    assert len(leaks_of_any(written(path), {words})) >= 1


def test_the_place_says_the_law_and_the_rest_stays(archive: Archive, profile: Profile) -> None:
    """The text around it, the other version, the share and the digest, which would give a short word away."""
    mark(archive, 1, Part.TEXT, piece=True, class_=profile.class_names[1])
    path = archive.export("x.db", access=Access(profile, MADE_AT.date()))
    gap = f"Call [withheld: {LAW}] tomorrow"
    assert read(path, "SELECT text, digest FROM versions WHERE record = ? ORDER BY version", key(1)) == [
        (gap, "withheld"),
        (f"{gap}, or today", "withheld"),
    ]
    assert read(path, "SELECT text FROM records WHERE record IN (?, ?) ORDER BY record", key(2), key(5)) == [
        (gap,),
        (f"{gap}, or today",),
    ]
    assert read(path, "SELECT count(*) FROM versions WHERE record = ? AND digest = 'withheld'", key(4)) == [(0,)]
    assert read(path, "SELECT record, part, version, span, reason FROM withheld") == [
        (key(1), "text", 1, "5-22", f"It says [withheld: {LAW}]")
    ]
    assert read(path, "SELECT count(*) FROM search WHERE search MATCH 'smith'") == [(0,)]


def test_the_same_words_elsewhere_go_when_the_officer_says_so(archive: Archive, profile: Profile) -> None:
    """Only then, and whoever wrote them."""
    archive.observe(spelled(7, author=CITY))
    mark(archive, 1, Part.TEXT, piece=True, class_=profile.class_names[1])
    path = archive.export("x.db", access=Access(profile, MADE_AT.date()))
    assert read(path, "SELECT text FROM records WHERE record = ?", key(7)) == [(TEXT,)]
    mark(archive, 1, Part.TEXT, piece=True, class_=profile.class_names[1], everywhere=True)
    path = archive.export("y.db", access=Access(profile, MADE_AT.date()))
    assert leaks_of_any(written(path), {WORDS}) == []
    assert read(path, "SELECT count(*) FROM records WHERE record = ?", key(7)) == [(1,)]


def test_an_author_goes_with_every_name(archive: Archive, profile: Profile) -> None:
    """Display name, handle, id and address; where the record's key names the author, it has another key."""
    person = Person("did:plc:canary7f3acanary", "canary.example", WORDS)
    named = Key(f"mastodon:{person.native_id}/9")
    link = Link(f"https://x.example/@{person.handle}")
    sight = seen(9, f"By {person.handle}", author=person, visibility="public", permalink=link.url, links=(link,))
    archive.observe(replace(sight, key=named, thread=named), seen(10, "An answer", parent=named, thread=named))
    with archive.store.begin() as conn:
        new = NewMark(named, Part.AUTHOR, profile.class_names[1], LAW, "A child")
        number = classes.add(conn, new, DANA, archive.now).id
    for fmt in Format:
        path = archive.export(
            f"x.{fmt}", format=fmt, query=Query(words="answer"), access=Access(profile, MADE_AT.date())
        )
        everything = archive.export(f"y.{fmt}", format=fmt, access=Access(profile, MADE_AT.date()))
        secrets = {person.native_id, str(person.handle)}
        assert leaks_of_any(written(path), secrets) == []
        assert leaks_of_any(written(everything), secrets) == []
    whole = archive.warc.parent / "y.sqlite"
    rows = read(whole, "SELECT record, native_id, author FROM records WHERE author LIKE '[with%'")
    assert rows == [(f"mastodon:withheld-{number}", f"withheld-{number}", f"[withheld: {LAW}]")]
    (answer,) = read(whole, "SELECT parent, thread FROM records WHERE record = ?", key(10))
    assert answer == (f"mastodon:withheld-{number}",) * 2


@pytest.mark.parametrize("part", [Part.MEDIA, Part.ALT_TEXT, Part.LINKS, Part.POLL, Part.TITLE, Part.CONTENT_WARNING])
def test_a_field_goes_whole(archive: Archive, profile: Profile, part: Part) -> None:
    """What was in it is nowhere; the record goes out with the rest."""
    other = f"other-{part}-9e1c"
    fields: dict[Part, dict[str, Any]] = {
        Part.MEDIA: {"attachments": (image(f"{other}.png", "x"),)},
        Part.ALT_TEXT: {"attachments": (image("a.png", other),)},
        Part.LINKS: {"links": (Link(f"https://{other}.example/"),)},
        Part.POLL: {"poll": Poll((PollOption(other, 1),))},
        Part.TITLE: {"title": other},
        Part.CONTENT_WARNING: {"content_warning": other},
    }
    archive.observe(seen(20, "Still here", visibility="public", **fields[part]))
    mark(archive, 20, part, class_=profile.class_names[1])
    path = archive.export("x.json", format=Format.JSON, access=Access(profile, MADE_AT.date()))
    assert leaks_of_any(written(path), {other}) == []
    (record,) = (one for one in json.loads(path.read_bytes())["records"] if one["record"] == key(20))
    assert record["text"] == "Still here"
    assert f"[withheld: {LAW}]" in json.dumps(record)


def test_what_was_found_by_withheld_words_was_not_found(archive: Archive, profile: Profile) -> None:
    """An export by words does not tell that they stand in what is withheld."""
    mark(archive, 1, Part.TEXT, piece=True, class_=profile.class_names[1])
    path = archive.export("x.db", query=Query(words="smith"), access=Access(profile, MADE_AT.date()))
    assert read(path, "SELECT count(*) FROM records") == [(0,)]
    path = archive.export("y.db", query=Query(words="tomorrow"), access=Access(profile, MADE_AT.date()))
    assert {row[0] for row in read(path, "SELECT record FROM records")} == {key(1), key(2)}


def test_a_mark_whose_text_has_gone_closes_the_field(archive: Archive, profile: Profile) -> None:
    """Where a piece was marked in a text that no version has any more, nobody knows where its words are now."""
    with archive.store.begin() as conn:
        new = NewMark(
            key(4), Part.TEXT, profile.class_names[1], LAW, "why", Span(1, text_digest(key(4), "other"), 0, 3)
        )
        classes.add(conn, new, DANA, archive.now)
    path = archive.export("x.db", access=Access(profile, MADE_AT.date()))
    assert read(path, "SELECT text FROM records WHERE record = ?", key(4)) == [(f"[withheld: {LAW}]",)]


def test_a_mark_holds_when_more_of_the_version_is_learned(archive: Archive, profile: Profile) -> None:
    """A picture that was not told of before makes no edit, and opens nothing."""
    archive.observe(seen(30, TEXT, visibility="public"))
    mark(archive, 30, Part.TEXT, piece=True, class_=profile.class_names[1])
    archive.observe(seen(30, TEXT, visibility="public", attachments=(image("late.png", "A dog"),)))
    path = archive.export("x.db", access=Access(profile, MADE_AT.date()))
    assert read(path, "SELECT text FROM records WHERE record = ?", key(30)) == [(f"Call [withheld: {LAW}] tomorrow",)]
    assert read(path, "SELECT alt_text FROM attachments WHERE record = ?", key(30)) == [("A dog",)]
