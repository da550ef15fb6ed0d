"""What the tests of several services need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.house import House, built


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A store with one account."""
    with built(tmp_path / "house.sqlite") as made:
        yield made
