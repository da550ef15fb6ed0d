"""Whatever stands in the tables of a download: reading it never fails, and always gives the same."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from archiver.takeouts.google.reader import GoogleTakeout
from archiver.takeouts.protocol import Entry
from tests.takeouts.google.test_reader import ACCOUNT, AT, CITY, COMMENTS, TOP, VIDEOS
from tests.takeouts.memory import InMemory

READER = GoogleTakeout()
CELLS = st.text(max_size=12) | st.sampled_from(
    [CITY, AT, TOP, f"{TOP}.9abc", "vidMeeting1", "UgkxPost0000000001", '{"text":"a"}', '{"text":', "[{", "0", "60000",
     "9999-12-31T23:59:59-23:59", "2026-11-10 04:30", "Public", "", "Video Title (Original)", "Video ID", "٣٣٣٣"]
)  # fmt: skip
TABLES = st.lists(st.lists(CELLS, max_size=12), max_size=6)


def written(table: list[list[str]]) -> str:
    """A table as a file."""
    file = io.StringIO()
    csv.writer(file).writerows(table)
    return file.getvalue()


@given(TABLES, TABLES, st.binary(max_size=40))
def test_no_table_stops_anything(comments: list[list[str]], videos: list[list[str]], film: bytes) -> None:
    """It is recognized or not, and each of its rows is read, told, or passed over."""
    files = InMemory({COMMENTS: written(comments), VIDEOS: written(videos), "Takeout/videos/a.mp4": film})
    READER.recognizes(files)
    READER.about(files)
    found = list(READER.read(files, ACCOUNT))
    assert found == list(READER.read(files, ACCOUNT))
    assert all(one.path in files.paths for one in found)
    assert all(one.shown.key.startswith("youtube:") for one in found if isinstance(one, Entry))


@given(st.binary(max_size=300))
def test_no_bytes_stop_anything(content: bytes) -> None:
    """A file may be no table at all."""
    files = InMemory({COMMENTS: content})
    READER.recognizes(files)
    READER.about(files)
    assert list(READER.read(files, ACCOUNT)) == list(READER.read(files, ACCOUNT))
