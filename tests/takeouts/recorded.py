"""The recorded downloads, which lie outside the repository: tests that read them are skipped where they are missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.takeouts.memory import InMemory

SHARED = Path(os.environ.get("ARCHIVER_SHARED") or Path(__file__).parents[2].parent / "shared")


def recorded(folder: str) -> InMemory:
    """The files of a recorded download, as if they came out of its zip."""
    root = SHARED / "recorded" / "takeouts" / folder
    if not root.is_dir():
        pytest.skip(f"the recordings are not at {root}")
    return InMemory({str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()})
