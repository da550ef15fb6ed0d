"""The zips of a download as one tree of files, and what makes a zip one that nobody should open.

A zip comes from outside. Nothing is unpacked to a disk here; but a path that leads out of the download, a link or a
second file of the same name would mislead whoever unpacks the kept zip later, and a few kilobytes can unfold to
petabytes. Such a zip is refused as a whole, before anything of it is kept. Layout: PKWARE APPNOTE 6.3.10, 4.3 and 4.4.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from archiver.errors import DownloadRefused
from archiver.takeouts.streams import Unreadable

_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_KNOWN_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LOCAL_HEAD_BYTES = 30
_UNICODE_PATH = 0x7075
_EXTRA_HEAD_BYTES = 4
_PIECE_BYTES = 1024 * 1024
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a zip may unfold to. Sizes in bytes; ``ratio`` is unpacked to packed.

    JSON shrinks to a twentieth, seldom to a hundredth; what deflate can do at most is 1032. Small files may shrink as
    they like: ``harmless`` bytes of them cost nobody anything.
    """

    files: int = 2_000_000
    directory: int = 512 * 1024**2
    total: int = 4 * 1024**4
    ratio: int = 200
    harmless: int = 256 * 1024**2


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Zip:
    """One part of a download: its name for messages, and its bytes, in which must be possible to seek."""

    name: str
    file: BinaryIO


class Joined:
    """The files of all parts as one tree (`archiver.takeouts.protocol.Files`).

    A file that several parts hold alike is one; where they differ, that of the first part has the name, and the
    others are found under ``NAME (part N)``. Raises DownloadRefused for a zip that must not be opened. ``kept`` are
    zips that were let in once: whatever is refused by now, what was read of them can be read again.
    """

    def __init__(self, parts: Sequence[Zip], bounds: Bounds = BOUNDS, *, kept: bool = False) -> None:
        self._places: dict[str, tuple[int, zipfile.ZipInfo]] = {}
        self._archives: list[zipfile.ZipFile] = []
        try:
            for number, part in enumerate(parts):
                archive = _opened(part, bounds)
                self._archives.append(archive)
                if not kept:
                    _refuse_what_no_download_has(part, archive, bounds)
                self._join(number, ((_path(one), one) for one in archive.infolist() if not one.is_dir()))
        except BaseException:
            self.close()
            raise
        self._paths = sorted(self._places)

    @property
    def paths(self) -> Sequence[str]:
        """The paths of all files, sorted."""
        return self._paths

    def __contains__(self, path: object) -> bool:
        return path in self._places

    def size(self, path: str) -> int:
        """How many bytes a file has, unpacked."""
        return self._places[path][1].file_size

    def part(self, path: str) -> int:
        """In which of the parts a file lies, counted from 0."""
        return self._places[path][0]

    def open(self, path: str) -> BinaryIO:
        """A file as a stream; reading raises Unreadable where the zip is damaged."""
        number, info = self._places[path]
        try:
            return cast("BinaryIO", io.BufferedReader(_Member(self._archives[number].open(info), path), 64 * 1024))
        except _DAMAGED as error:
            raise Unreadable(f"{path} can't be unpacked: {error}") from error

    def read_all(self, progress: Callable[[int, int], None]) -> None:
        """Unpack everything once, to nowhere, so that damage is found before anything is kept. Progress in bytes.

        Raises DownloadRefused.
        """
        total, done = sum(info.file_size for _number, info in self._places.values()), 0
        for path in self._paths:
            try:
                with self.open(path) as stream:
                    while piece := stream.read(_PIECE_BYTES):
                        done += len(piece)
                        progress(done, total)
            except Unreadable as error:
                raise _refused(self._archives[self.part(path)].filename or "the zip", f"is damaged: {error}") from error

    def close(self) -> None:
        """Close the archives; the files of the parts stay open."""
        for archive in self._archives:
            archive.close()

    def _join(self, number: int, files: Iterator[tuple[str, zipfile.ZipInfo]]) -> None:
        for path, info in files:
            known = self._places.get(path)
            if known is None:
                self._places[path] = (number, info)
            elif (known[1].CRC, known[1].file_size) != (info.CRC, info.file_size):
                self._places[f"{path} (part {number + 1})"] = (number, info)


class _Member(io.RawIOBase):
    """A file of a zip as it is unpacked; damage is said in our words."""

    def __init__(self, source: Any, path: str) -> None:
        super().__init__()
        self._source = source
        self._path = path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            data: bytes = self._source.read(len(buffer))
        except _DAMAGED as error:
            raise Unreadable(f"{self._path} can't be unpacked: {error}") from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()


def _opened(part: Zip, bounds: Bounds) -> zipfile.ZipFile:
    if _directory_bytes(part.file) > bounds.directory:
        raise _refused(part.name, "has a list of contents too long for any download")
    part.file.seek(0)
    try:
        archive = zipfile.ZipFile(part.file)
    except _DAMAGED as error:
        raise _refused(part.name, f"is no whole zip file ({error})") from error
    archive.filename = part.name
    return archive


def _directory_bytes(file: BinaryIO) -> int:
    """The size of the list of contents as the end of the zip states it, before that list is read; 0: not found."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    stated: int = struct.unpack_from("<I", tail, at + 12)[0]
    far = tail.rfind(b"PK\x06\x06")
    if stated == 0xFFFFFFFF and 0 <= far <= len(tail) - 48:
        stated = struct.unpack_from("<Q", tail, far + 40)[0]
    return stated


def _refuse_what_no_download_has(part: Zip, archive: zipfile.ZipFile, bounds: Bounds) -> None:
    """Raises DownloadRefused at the first thing of a zip that no platform makes."""
    infos = archive.infolist()
    if len(infos) > bounds.files:
        raise _refused(part.name, f"holds more than {bounds.files} files")
    _refuse_bombs(part, infos, bounds)
    _refuse_overlaps(part, infos)
    names: set[str] = set()
    for info in infos:
        path = _path(info)
        for name in (path, *_other_names(info)):
            if problem := _problem(info, name):
                raise _refused(part.name, f"holds {_shown(name)}, which {problem}")
        if path in names:
            raise _refused(part.name, f"holds {_shown(path)}, which occurs twice")
        names.add(path)


def _path(info: zipfile.ZipInfo) -> str:
    """The path as it was meant: names are UTF-8, whether or not the zip says so."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _other_names(info: zipfile.ZipInfo) -> Iterator[str]:
    """The names by which other programs would unpack a file (APPNOTE 4.6.9, Info-ZIP's Unicode Path)."""
    extra = info.extra
    while len(extra) >= _EXTRA_HEAD_BYTES:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == _UNICODE_PATH:
            # a version and a checksum stand before the name
            yield extra[_EXTRA_HEAD_BYTES + 5 : _EXTRA_HEAD_BYTES + length].decode("utf-8", "replace")
        extra = extra[_EXTRA_HEAD_BYTES + length :]


def _problem(info: zipfile.ZipInfo, path: str) -> str | None:
    """Why a zip with this in it is refused, as the end of a sentence; None: all is well."""
    names = path.rstrip("/").split("/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    leaves = path.startswith("/") or "\\" in path or _DRIVE.match(path) or {"", ".", ".."} & set(names)
    problems = (
        (leaves, "leads out of the download"),
        (_CONTROL.search(path), "has control characters in its name"),
        (kind == stat.S_IFLNK, "is a link"),
        (kind not in {0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}, "is no file"),
        (info.flag_bits & _ENCRYPTED, "is encrypted"),
        (info.compress_type not in _KNOWN_METHODS, f"is packed by a method ({info.compress_type}) unknown here"),
    )
    return next((words for found, words in problems if found), None)


def _refuse_bombs(part: Zip, infos: Sequence[zipfile.ZipInfo], bounds: Bounds) -> None:
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    one = max(infos, key=lambda info: info.file_size, default=None)
    if unpacked > bounds.total or (unpacked > bounds.harmless and unpacked > bounds.ratio * max(packed, 1)):
        raise _refused(part.name, f"would unfold from {packed} to {unpacked} bytes")
    if one and one.file_size > bounds.harmless and one.file_size > 2 * bounds.ratio * max(one.compress_size, 1):
        raise _refused(part.name, f"holds {_shown(_path(one))}, which would unfold to {one.file_size} bytes")


def _refuse_overlaps(part: Zip, infos: Sequence[zipfile.ZipInfo]) -> None:
    """Files that share their bytes are how a small zip unfolds to a large one at a modest ratio."""
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            raise _refused(part.name, f"holds {_shown(_path(info))}, which lies inside another file")
        end = info.header_offset + _LOCAL_HEAD_BYTES + len(info.orig_filename) + info.compress_size


def _shown(path: str) -> str:
    return ascii(path[:200])


def _refused(name: str, why: str) -> DownloadRefused:
    return DownloadRefused(f"{name} {why}; nothing of it was kept.")
