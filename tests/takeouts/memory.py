"""Downloads made for tests: files in memory, and real zips of them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO


class InMemory:
    """The files of a download, out of a mapping of path to bytes, or to what is written as JSON."""

    def __init__(self, files: Mapping[str, Any]) -> None:
        self._files = {path: contents(value) for path, value in files.items()}

    @property
    def paths(self) -> Sequence[str]:
        """The paths, sorted."""
        return sorted(self._files)

    def size(self, path: str) -> int:
        """The size in bytes."""
        return len(self._files[path])

    def open(self, path: str) -> BinaryIO:
        """A stream."""
        return io.BytesIO(self._files[path])


def contents(value: Any) -> bytes:
    """Bytes as they are; text as UTF-8; anything else as JSON, the way Meta spells it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value).encode()


def broken(text: str) -> str:
    """A text the way Meta's downloads spell it."""
    return text.encode().decode("latin-1")


def zipped(files: Mapping[str, Any], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A real zip with these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for path, value in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 11, 16, 10, 0, 0)), contents(value), method)
    return target.getvalue()
