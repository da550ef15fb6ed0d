"""The certificate of a disposal: what is on its pages, what is in its file, and what is in neither."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from archiver.domain.disposal import Certificate, Destroyed, Entry, Kept, Residue, Rewritten, Tombstone
from archiver.domain.item import Kind
from archiver.domain.keys import Key
from archiver.exports import certificate as module
from archiver.exports.certificate import COLUMNS, Authority, Paper, authorities_of
from archiver.exports.csv import unguarded
from archiver.exports.paper import Listing, Page, Paragraph, as_bytes, shown

RUN = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
SCHEDULE = Authority(
    "mn-general", "2021-03-01", "General Records Retention Schedule", "The panel", "approval 21-7", date(2021, 4, 12),
    "Resolution 21-33",
)  # fmt: skip
OTHER = Authority("old", "2009", "An older schedule")


def destroyed(number: int, *, series: str = "EX-103", not_public: bool = False, record: str | None = None) -> Destroyed:
    """A comment that was captured that many days after the beginning of 2019."""
    at, key = datetime(2019, 1, 1, 12, tzinfo=UTC) + timedelta(days=number), Key(record or f"x:{number}")
    entry = Entry(
        key, "city-x", Kind.COMMENT, at, "mn-general", "2021-03-01", series, "Comments, general", "destroy",
        date(2020, 1, 1), date(2023, 1, 1),
    )  # fmt: skip
    stone = Tombstone(key, (), "city-x", Kind.COMMENT, None, key, None, at, at, at, at)
    return Destroyed(entry, stone, 2, not_public)


def certificate(*gone: Destroyed) -> Certificate:
    """A disposal of these, of three comments where none is named."""
    return Certificate(
        "D-2026-001", "City of Example", "ab" * 32, "Dana Clerk", RUN - timedelta(days=9), "Lee Attorney",
        RUN - timedelta(days=2), "Sam Admin", RUN, gone or (destroyed(1), destroyed(2), destroyed(3, series="EX-101")),
        media=4, size_bytes=123456,
    )  # fmt: skip


def paper(one: Certificate | None = None) -> Paper:
    """On paper, in Minnesota."""
    return Paper(one or certificate(), (OTHER, SCHEDULE), "— city c2lnbmF0dXJl\n", ZoneInfo("America/Chicago"))


def pages(made: Paper) -> list[str]:
    """The text of each page, with single spaces."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(made.pdf)).pages]


def rows(made: Paper) -> list[dict[str, str]]:
    """The lines of the file."""
    return list(csv.DictReader(io.StringIO(made.csv.decode("utf-8-sig"), newline="")))


def test_what_a_clerk_files() -> None:
    """Who, when in the city's zone, by which authority, how much, how, and what proves it."""
    text = " ".join(pages(paper()))
    for sentence in (
        "Certificate of disposal D-2026-001",
        "City of Example disposed of 3 records under an adopted retention schedule",
        "Proposed Dana Clerk, 2026-11-13 21:30 CST",
        "Approved Lee Attorney, 2026-11-20 21:30 CST",
        "Carried out Sam Admin, 2026-11-22 21:30 CST",
        f"SHA-256 {'ab' * 32}",
        (
            "General Records Retention Schedule, edition 2021-03-01, issued by The panel (approval 21-7); adopted on "
            "2021-04-12 by Resolution 21-33"
        ),
        "EX-101 Comments, general mn-general, 2021-03-01 destroy 1 2019-01-04 2019-01-04",
        "EX-103 Comments, general mn-general, 2021-03-01 destroy 2 2019-01-02 2019-01-03",
        "Records 3, with 6 versions",
        "Files 4 pictures, films and files",
        "WARC files 0 written anew, 0 deleted whole; 123,456 bytes less",
        "Not-public data was not among it",
        "Medium digital: database",
        "Method rows deleted",
        "Nothing: no capture shows any of these records any more.",
        "Nothing: every record of the approved list was disposed of.",
        "x:1 city-x comment 2019-01-02 EX-103 2023-01-01",
        "c2lnbmF0dXJl",
        "page 1 of 2",
    ):
        assert sentence in text, sentence
    assert "older schedule" not in text


def test_what_stays_is_said() -> None:
    """Captures that can't be parted, with where, why and until when; what was kept after all; files before and after."""
    one = replace(
        certificate(destroyed(1, not_public=True)),
        kept=(Kept(Key("x:99"), "H-2026-004 was placed"),),
        residue=(
            Residue("e1", "city-x/api/A.warc.gz", 1234, 3, "a download stays whole", date(2028, 1, 1)),
            Residue("e2", "city-x/api/B.warc.gz", 5678, 1, "its shape is not known", None),
        ),
        files=(
            Rewritten("city-x/api/C.warc.gz", "cd" * 32, "city-x/api/D.warc.gz", "ef" * 32, 12, 3),
            Rewritten("city-x/api/E.warc.gz", "01" * 32, None, None, 40, 0),
        ),
        exports=("request-7.zip",), order="27-CR-26-1", receipt="A-7",
    )  # fmt: skip
    text = " ".join(pages(paper(one)))
    for sentence in (
        "1 record by order of a court", "Court order 27-CR-26-1", "Receipt A-7",
        "still in 2 captures beside records that stay",
        "city-x/api/A.warc.gz, 1,234 3 a download stays whole 2028-01-01",
        "city-x/api/B.warc.gz, 5,678 1 its shape is not known not known yet",
        "x:99 H-2026-004 was placed",
        "1 written anew, 1 deleted whole",
        "52 WARC records taken out, 3 replaced",
        "cd" * 32, "ef" * 32, "deleted whole", "Kept exports request-7.zip", "Not-public data was among it",
    ):  # fmt: skip
        assert sentence in text, sentence


def test_files_that_became_larger_say_so() -> None:
    """What a file tells of the records that were taken out can be more than they were."""
    text = " ".join(pages(paper(replace(certificate(), size_bytes=-2373))))
    assert "0 deleted whole; 2,373 bytes more" in text


def test_the_file_names_each_record() -> None:
    """A line a record, in the list's order; its digest is on paper."""
    made = paper(certificate(destroyed(1), destroyed(2, not_public=True)))
    found = rows(made)
    assert tuple(found[0]) == COLUMNS
    assert [(one["record"], one["series"], one["versions"], one["not_public"]) for one in found] == [
        ("x:1", "EX-103", "2", "no"),
        ("x:2", "EX-103", "2", "yes"),
    ]
    assert {(one["disposal"], one["due_on"], one["destroyed_at"]) for one in found} == {
        ("D-2026-001", "2023-01-01", "2026-11-23T03:30:00Z")
    }
    assert made.csv.startswith(b"\xef\xbb\xbfdisposal,record,")
    assert hashlib.sha256(made.csv).hexdigest() in "".join(pages(made))


@pytest.mark.parametrize("record", ["=cmd|' /C calc'!A0:1", "@x:1", "17000000000000000000001", 'x:"1,2"'])
def test_a_spreadsheet_runs_and_rounds_nothing(record: str) -> None:
    """A key that looks like a formula or a number is kept from being one, and comes back exactly."""
    ((line),) = rows(paper(certificate(destroyed(1, record=record))))
    assert not line["record"].startswith(("=", "@"))
    assert unguarded(line["record"]) == record


def test_the_same_disposal_gives_the_same_bytes() -> None:
    """No time of printing, no random id: a copy printed later is the copy that was filed."""
    assert paper().pdf == paper().pdf
    assert paper().csv == paper().csv
    assert paper(certificate(destroyed(4))).pdf != paper().pdf


def test_totals_are_those_of_the_list() -> None:
    """What the series' lines count is what the file names (R29)."""
    gone = [destroyed(number, series=f"EX-{number % 3}") for number in range(40)]
    made = paper(certificate(*gone))
    text = " ".join(pages(made))
    counted = {name: int(count) for name, count in re.findall(r"(EX-\d) Comments, general \S+ \S+ destroy (\d+)", text)}
    assert counted == {"EX-0": 14, "EX-1": 13, "EX-2": 13}
    assert sum(counted.values()) == len(rows(made)) == 40


def test_a_table_repeats_its_header_on_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page is numbered, every record is on one of them, and each table says what its columns are."""
    monkeypatch.setattr(module, "AT_ONCE", 60)
    made = pages(paper(certificate(*map(destroyed, range(150)))))
    assert [page.rsplit("page ", 1)[1] for page in made] == [f"{n + 1} of {len(made)}" for n in range(len(made))]
    assert len(made) > 3
    with_records = [page for page in made if re.search(r"x:\d+ city-x comment", page)]
    assert len(with_records) > 2
    assert all("Record Account Kind Created Series Due" in page for page in with_records)
    assert re.findall(r"(x:\d+) city-x comment", " ".join(made)) == [f"x:{number}" for number in range(150)]
    assert "Records 121 to 150" in " ".join(made)


def test_a_very_long_list_is_named_in_the_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages say so, and have the file's digest."""
    monkeypatch.setattr(module, "MOST_NAMED", 2)
    made = paper()
    text = " ".join(pages(made))
    assert "They are more than 2, and are named there alone." in text
    assert "x:1 city-x" not in text
    assert len(rows(made)) == 3


def test_the_document_says_what_it_is() -> None:
    """Its title, whose it is, its language, and an outline of its parts, for programs that read aloud or file away."""
    reader = PdfReader(io.BytesIO(paper().pdf))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("Certificate of disposal D-2026-001", "City of Example")
    assert str(reader.root_object["/Lang"]) == "en-US"
    first, *_ = reader.outline
    assert not isinstance(first, list)
    assert first.title == "Certificate of disposal D-2026-001"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Łukasz O'Neill & <b>", "Łukasz O'Neill & <b>"), ("Nguyễn", "Nguy[U+1EC5]n"), ("🏛", "[U+1F3DB]")],
)
def test_nothing_is_left_out_unseen(text: str, expected: str) -> None:
    """What the fonts lack stands there as its number; what looks like markup is text."""
    assert shown(text) == expected
    made = as_bytes(Page("t", "a", "s", "f"), [Paragraph(text), Listing(("a",), ((text,),), (80,))])
    assert PdfReader(io.BytesIO(made)).pages[0].extract_text().count(expected) == 2


def test_only_the_editions_that_count_are_named() -> None:
    """Of all schedules that the city adopted."""
    assert authorities_of([OTHER, SCHEDULE], certificate()) == (SCHEDULE,)
    assert replace(OTHER, body=None).sentence() == "An older schedule, edition 2009"
