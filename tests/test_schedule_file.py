"""A schedule's file: what it may say, and what is said of faults."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from archiver.config.schedule_file import COLUMNS, example_schedule, parse_csv, parse_schedule, read_schedule
from archiver.domain.profile import Profile
from archiver.domain.retention import Archival, Disposition, Trigger, Unit
from archiver.errors import ConfigError

HEAD = '[schedule]\nid = "cities"\ntitle = "General"\nedition = 2021-03-01\n'
SERIES = '[[series]]\ncode = "A-1"\ntitle = "Posts"\ntrigger = "created"\nperiod = "2 years"\ndisposition = "destroy"\n'


def test_a_schedule_says_all_of_it(tmp_path: Path) -> None:
    """Each key arrives in its place, and the digest is that of the file's bytes."""
    text = HEAD + (
        'authority = { body = "State archives", reference = "", source_url = "https://a.example" }\n'
        '[[series]]\ncode = "A-2"\ntitle = "Comments  and\\nreplies"\nsection = "Council"\ndescription = "What residents say"\n'
        'trigger = ["received", "removed_from_platform"]\nperiod = "18 months"\ndisposition = "transfer"\n'
        'archival = "appraisal_required"\nclasses = "public"\nstatute = ["one", "another"]\n'
    )
    path = tmp_path / "schedule.toml"
    path.write_text(text)
    found = read_schedule(path)
    assert (found.edition.name, found.edition.example) == ("cities@2021-03-01", False)
    assert (found.edition.body, found.edition.reference, found.edition.source_url) == (
        "State archives", None, "https://a.example",
    )  # fmt: skip
    (one,) = found.edition.series
    assert (one.title, one.section, one.triggers) == (
        "Comments and replies", "Council", (Trigger.RECEIVED, Trigger.REMOVED_FROM_PLATFORM),
    )  # fmt: skip
    assert (one.period.count, one.period.unit) == (18, Unit.MONTHS)
    assert (one.disposition, one.archival) == (Disposition.TRANSFER, Archival.APPRAISAL_REQUIRED)
    assert (one.classes, one.statute) == (("public",), ("one", "another"))
    assert len(found.sha256) == 64
    path.write_text(text + "\n")
    again = read_schedule(path)
    assert (again.edition, again.sha256 == found.sha256) == (found.edition, False)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["f: schedule is missing.", "f: series is missing."]),
        ("series = [", ["f: This is not TOML"]),
        (HEAD, ["f: series is missing."]),
        (HEAD + "adopted = true\n" + SERIES, ["f: line 5: schedule.adopted is not a key of a schedule."]),
        (HEAD.replace("2021-03-01", '"March"') + SERIES, ["f: line 4: schedule.edition is a day like 2021-03-01."]),
        (HEAD.replace('"cities"', '"My City"') + SERIES, ["f: line 2: schedule.id is a short name"]),
        (HEAD + SERIES.replace("2 years", "2 weeks"), ['f: line 9: series.period: "2 weeks" is not a period']),
        (HEAD + SERIES.replace('"2 years"', "2"), ['f: line 9: series.period is a text like "3 years"']),
        (HEAD + SERIES.replace("created", "read"), ["f: line 8: series.trigger is one of created, received"]),
        (HEAD + SERIES.replace("destroy", "burn"), ["f: line 10: series.disposition is one of destroy, transfer"]),
        (HEAD + SERIES.replace('trigger = "created"\n', ""), ["f: line 5: series: trigger is missing"]),
        (HEAD + SERIES + 'archival = "yes"\n', ["f: line 5: series: what is archival (yes) is not destroyed"]),
        (HEAD + SERIES.replace("2 years", "permanent"), ["f: line 5: series: what is kept permanent is not destroyed"]),
        (HEAD + SERIES + SERIES, ["f: The code A-1 is used twice"]),
        (
            HEAD + "exmple = true\n" + SERIES.replace("destroy", "burn"),
            ["f: line 5: schedule.exmple is not a key", "f: line 11: series.disposition is one of"],
        ),
    ],
)
def test_faults_are_told_with_their_lines(text: str, faults: list[str]) -> None:
    """All of them at once, each with what would be right."""
    with pytest.raises(ConfigError) as caught:
        parse_schedule(text, "f")
    told = str(caught.value).splitlines()
    assert len(told) == len(faults)
    for line, fault in zip(told, faults, strict=True):
        assert line.startswith(fault)


GIVEN = {"id": "cities", "title": "General", "edition": date(2021, 3, 1)}
TABLE = "code,title,trigger,period,disposition\n"


def test_a_table_says_the_same_as_a_file() -> None:
    """One line a series; several values stand with semicolons between them."""
    row = 'A-2,"Comments, replies",Council,What residents say,received; removed_from_platform,3 years,transfer,yes,public;private,one\n'
    (one,) = parse_csv(",".join(COLUMNS) + "\n" + row, GIVEN, "t").series
    (same,) = parse_schedule(
        HEAD + '[[series]]\ncode = "A-2"\ntitle = "Comments, replies"\nsection = "Council"\ndescription = "What residents say"\n'
        'trigger = ["received", "removed_from_platform"]\nperiod = "3 years"\ndisposition = "transfer"\narchival = "yes"\n'
        'classes = ["public", "private"]\nstatute = "one"\n', "f",
    ).series  # fmt: skip
    assert one == same


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("code;title\n", '"code;title" is not a column'),
        (TABLE + "A-1,Posts,created,2 years,destroy,more\n", "line 2: there are more cells than columns"),
        (TABLE + 'A-1,"Posts\n', "this is not CSV"),
        (TABLE + "A-1,Posts,created,2 years,destroy\nA-2,Posts,created,soon,destroy\n", "line 3: series.period"),
        (TABLE, "series needs one entry at least"),
    ],
    ids=["another separator", "a cell too many", "an open quote", "a wrong period", "no series"],
)
def test_faults_of_a_table_are_told(text: str, fault: str) -> None:
    """With the line."""
    with pytest.raises(ConfigError, match=fault):
        parse_csv(text, GIVEN, "t")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """It is said, and nothing breaks."""
    (tmp_path / "schedule.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="can't be read"):
        read_schedule(tmp_path / "schedule.toml")


def test_the_examples_are_examples(profile: Profile) -> None:
    """Each state has one; it says that it is no law, and its series use every kind of event and end."""
    edition = parse_schedule(example_schedule(profile.id), "example")
    assert edition.example
    assert {Disposition.DESTROY, Disposition.TRANSFER, Disposition.RETAIN} <= {
        one.disposition for one in edition.series
    }
    waits = [
        Trigger.REMOVED_FROM_PLATFORM in one.triggers for one in edition.series if Trigger.RECEIVED in one.triggers
    ]
    assert waits
    assert all(waits) or not profile.disposal.clock_starts_on_removal
