"""Archives for imports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.takeouts import readers
from tests.services.imports.bureau import CITY, Bureau, PlainDownload, bureau


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Bureau]:
    """The archive of a Facebook page."""
    with bureau(tmp_path) as made:
        yield made


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads with ids can be read, too."""
    monkeypatch.setattr(readers, "READERS", (*readers.READERS, PlainDownload()))


@pytest.fixture
def city(tmp_path: Path, plain: None) -> Iterator[Bureau]:
    """The archive of an account whose downloads have ids."""
    with bureau(tmp_path, CITY) as made:
        yield made
