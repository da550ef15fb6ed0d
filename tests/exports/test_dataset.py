"""Values as exports write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from archiver.domain.item import Kind
from archiver.exports.dataset import cell, moment
from archiver.exports.media import EXTENSIONS, file_name

CELLS: dict[str, tuple[object, object]] = {
    "nothing": (None, None),
    "a number": (0, 0),
    "yes": (True, 1),
    "no": (False, 0),
    "a fraction": (1.5, 1.5),
    "bytes": (b"\x00", b"\x00"),
    "a text": ("Snow ❄", "Snow ❄"),
    "an empty text": ("", ""),
    "a text with NUL": ("a\x00b", "a\ufffdb"),
    "a text with half a character": ("a\ud83d", "a\ufffd"),
    "a word of a list": (Kind.POST, "post"),
    "a day": (date(2026, 11, 22), "2026-11-22"),
    "a moment": (datetime(2026, 11, 22, 15, 4, 5, 999_999, tzinfo=UTC), "2026-11-22T15:04:05Z"),
    "a moment elsewhere": (
        datetime(2026, 11, 22, 9, 4, 5, tzinfo=timezone(timedelta(hours=-6))),
        "2026-11-22T15:04:05Z",
    ),
    "the first moment of all": (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "0001-01-01T00:00:00Z"),
}


@pytest.mark.parametrize(("value", "written"), CELLS.values(), ids=CELLS)
def test_values(value: object, written: object) -> None:
    """A table of values; a written one has a plain type."""
    found = cell(value)
    assert found == written
    assert type(found) in {str, int, float, bytes, type(None)}


def test_a_moment_without_a_zone_is_a_bug() -> None:
    """It is never taken for UTC in silence."""
    with pytest.raises(ValueError, match="time zone"):
        moment(datetime(2026, 11, 22))  # noqa: DTZ001 - the point


def test_a_value_without_a_form_is_a_bug() -> None:
    """Nothing is written by its repr."""
    with pytest.raises(TypeError, match="dict"):
        cell({})


@pytest.mark.parametrize(
    "mime", ["text/html", "image/svg+xml", "application/x-sh", "application/octet-stream", None, "", "../../x"]
)
def test_what_a_double_click_would_run_is_called_bin(mime: str | None) -> None:
    """Also what has no type."""
    assert file_name({"sha256": "ab" * 32, "mime": mime}) == f"ab/{'ab' * 32}.bin"


def test_known_types_have_their_ending() -> None:
    """Parameters and letter case of a type don't count."""
    assert file_name({"sha256": "ab" * 32, "mime": "Image/JPEG; q=1"}).endswith(".jpg")
    assert not {".html", ".htm", ".svg", ".xml", ".js", ".exe", ".sh"} & set(EXTENSIONS.values())


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "zz" * 32])
def test_a_name_is_only_made_of_a_digest(sha256: str) -> None:
    """Anything else is a bug and not a path."""
    with pytest.raises(ValueError, match="SHA-256"):
        file_name({"sha256": sha256, "mime": "image/png"})
