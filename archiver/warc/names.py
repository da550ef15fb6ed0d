"""Names of WARC files: ``Prefix-Timestamp-Serial-Crawlhost.warc.gz`` (ISO 28500, Annex C; records rule R68).

They lie in ``<account>/<class>/`` and end in ``.open`` while they are written. The crawl host is a word of ours: the
machine's own name stays inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from archiver.errors import NotFound

SUFFIX = ".warc.gz"
OPEN = ".open"
PUSHED = "push"
"""The class of files that hold what platforms sent by themselves."""
HANDED_IN = "import"
"""The class of files that hold what somebody handed in."""
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
NAME = re.compile(
    r"(?P<prefix>[A-Za-z0-9_.-]+)-(?P<timestamp>\d{14})-(?P<serial>\d{5,})-(?P<host>[A-Za-z0-9_.]+)\.warc\.gz"
)


@dataclass(frozen=True, slots=True, order=True)
class SegmentKey:
    """What one open WARC file holds: one account, one class of capture (``api`` or ``media``).

    Of class ``import`` it holds what somebody handed in: data downloads, whole.
    Of class ``push`` it holds deliveries, and ``account`` is ``_`` and the platform's id of whom they are about
    (``_several`` where that is more than one): who has that id may be learned later.
    """

    account: str
    klass: str

    def __post_init__(self) -> None:
        for part in (self.account, self.klass):
            if not _PART.fullmatch(part):
                raise ValueError(f"{part!r} can't be the name of a folder of WARC files")


SEVERAL = SegmentKey("_several", PUSHED)
"""Deliveries about more than one account, or about nobody that can be told."""
_PUSHED_ID = re.compile(r"[A-Za-z0-9]{1,64}")


def pushed_key(native_id: str) -> SegmentKey:
    """Where deliveries about the one account of that platform id lie."""
    return SegmentKey(f"_{native_id}", PUSHED) if _PUSHED_ID.fullmatch(native_id) else SEVERAL


def is_pushed(path: Path) -> bool:
    """Whether a segment holds deliveries."""
    return path.parts[-2] == PUSHED


def segment_name(key: SegmentKey, at: datetime, serial: int, host: str) -> str:
    """The file name of a segment begun at ``at``, without ``.open``."""
    return f"{key.account}-{key.klass}-{at.astimezone(UTC):%Y%m%d%H%M%S}-{serial:05d}-{host}{SUFFIX}"


def begun_at(name: str) -> datetime | None:
    """When the segment of that name was begun; None for a name of another form."""
    match = NAME.fullmatch(name.removesuffix(OPEN))
    if match is None:
        return None
    try:
        return datetime.strptime(match["timestamp"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def serial_of(name: str) -> int:
    """The serial number in a segment's name; 0 for a name of another form."""
    match = NAME.fullmatch(name.removesuffix(OPEN))
    return int(match["serial"]) if match else 0


def rewritten_name(name: str) -> str:
    """The name of the file that takes a sealed one's place: the same time and serial, the crawl host with ``.r1``.

    So it sorts where the old one did, and no file that is begun later can have its name. The next one has ``.r2``.
    Raises ValueError for a name of another form.
    """
    match = NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is not the name of a WARC file")
    host, _, number = match["host"].rpartition(".r")
    if not (host and number.isascii() and number.isdigit()):
        host, number = match["host"], "0"
    return f"{match['prefix']}-{match['timestamp']}-{match['serial']}-{host}.r{int(number) + 1}{SUFFIX}"


def key_of(path: Path) -> SegmentKey:
    """Whose segment a path is. Raises ValueError for folders of other names."""
    return SegmentKey(path.parts[-3], path.parts[-2])


def open_segments(folder: Path, key: SegmentKey | None = None) -> list[Path]:
    """The segments that are being written, of one key or of all; what else lies in the WARC folder is passed over."""
    found = folder.glob(f"{key.account}/{key.klass}/*{OPEN}" if key else f"*/*/*{OPEN}")
    return sorted(path for path in found if NAME.fullmatch(path.name.removesuffix(OPEN)) and _is_keyed(path))


def _is_keyed(path: Path) -> bool:
    return all(_PART.fullmatch(part) for part in path.parts[-3:-1])


def relative(path: Path) -> str:
    """A segment's name as rows hold it: ``account/class/name``, without ``.open``."""
    return "/".join((*path.parts[-3:-1], path.name.removesuffix(OPEN)))


def locate(folder: Path, file: str) -> Path:
    """The segment's path, sealed or still open. Raises NotFound."""
    sealed = folder / file
    for path in (sealed, sealed.with_name(sealed.name + OPEN)):
        if path.exists():
            return path
    raise NotFound(
        f"The WARC file {file} is not in {folder}.", advice="Restore it from a backup, then run `archiver verify`."
    )


def opened(path: Path) -> BinaryIO:
    """A segment opened for reading, unbuffered, under its final name if it was sealed since it was found."""
    try:
        return path.open("rb", buffering=0)
    except FileNotFoundError:
        if not path.name.endswith(OPEN):
            raise
        return path.with_name(path.name.removesuffix(OPEN)).open("rb", buffering=0)


def segments(folder: Path) -> list[Path]:
    """All segments below a folder, sealed and open; those of one account and class in the order of their serials."""
    found = [path for path in folder.rglob(f"*{SUFFIX}*") if path.name.removesuffix(OPEN).endswith(SUFFIX)]
    return sorted(found, key=lambda path: (path.parent, serial_of(path.name), path.name))
