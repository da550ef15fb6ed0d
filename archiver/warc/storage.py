"""What the disk answers, in our words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import OperatorError, StorageFull

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""No space, no quota, and the limit that a process may be given (``RLIMIT_FSIZE``)."""


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Raises StorageFull or OperatorError for what the operating system says about ``path``."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error


def disk_error(error: OSError, path: Path) -> OperatorError:
    """The error a person reads, for one of the operating system's."""
    if error.errno in FULL:
        return StorageFull(f"No room left while writing {path}.")
    reason = error.strerror or str(error)
    return OperatorError(
        f"{path} could not be written or read: {reason}.", advice="Check that disk and the folder's permissions."
    )


def write_all(descriptor: int, data: bytes) -> None:
    """Write to the operating system, however many calls that takes: a nearly full disk takes a part first."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable: a new or renamed file survives a power cut only after this."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
