"""What the tests of retention need."""

from __future__ import annotations

import pytest

from tests.services.house import House
from tests.services.retention.shelf import Shelf


@pytest.fixture
def shelf(house: House) -> Shelf:
    """A store without records, and people who decide."""
    return Shelf(house)
