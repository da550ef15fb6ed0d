"""What the tests of disposal begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.loopback import Desk
from tests.support.disposal import thread_at


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Desk]:
    """An archive with a thread whose root and second answer are of long ago."""
    with thread_at(tmp_path) as made:
        yield made
