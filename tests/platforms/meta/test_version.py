"""The version that was asked for, and the one that answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archiver.platforms.meta.version import GRAPH_VERSION, answered_by, complaint
from tests.platforms.meta.answers import NOW, answer


@pytest.mark.parametrize(
    ("sent", "answered", "at", "expected"),
    [
        (GRAPH_VERSION, GRAPH_VERSION, NOW, None),
        (GRAPH_VERSION, None, NOW, None),
        (GRAPH_VERSION, "v27.0", NOW, "answered in v27.0"),
        ("v20.0", "v21.0", NOW, "answered in v21.0"),
        ("v21.0", "v21.0", NOW, "ends on 2027-01-21"),
        ("v22.0", "v22.0", NOW, None),
        ("v22.0", "v22.0", datetime(2027, 3, 1, tzinfo=UTC), "ends on 2027-05-20"),
        (GRAPH_VERSION, "<script>", NOW, None),
    ],
)
def test_what_is_wrong_with_a_version(sent: str, answered: str | None, at: datetime, expected: str | None) -> None:
    """A dead one is answered by the oldest alive, without a word in the body; one near its end is told of early."""
    headers = (("facebook-api-version", answered),) if answered else ()
    found = complaint(sent, replace(answer({}, headers=headers), captured_at=at))
    assert (expected in found if found else False) if expected else found is None


def test_the_version_that_answered() -> None:
    """By its header, in any letter case."""
    assert answered_by(answer({}, headers=(("Facebook-API-Version", "v26.0"),))) == "v26.0"
    assert answered_by(answer({})) is None
