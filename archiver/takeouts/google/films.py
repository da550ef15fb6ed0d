"""Which video each film of a download is.

Nothing says so: a file has the video's title, cut, and with a number where several have the same. What titles leave
open, the length of the film decides; what that leaves open stays open. The length is in the file's ``mvhd`` box
(ISO/IEC 14496-12, section 8.2.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import BinaryIO

from archiver.takeouts.google.videos import Video
from archiver.takeouts.protocol import Files

_FILMS = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".wmv", ".flv", ".mpg", ".mpeg", ".3gp")
_NUMBER = re.compile(r"\(\d{1,4}\)$", re.ASCII)
_SHORTEST_CUT = 20
"""A name that is this long may be the beginning of a longer title; Takeout cuts at about fifty characters."""
_NEAR = timedelta(seconds=2)
"""The table's length is approximate."""
_PIECE_BYTES = 1024 * 1024
_HEAD_BYTES = 120


def film_files(files: Files) -> list[str]:
    """The paths of all films."""
    return [path for path in files.paths if path.lower().endswith(_FILMS)]


def films_of(files: Files, videos: Sequence[Video]) -> Mapping[str, str]:
    """The film of each video of which it is certain, by the video's id."""
    found: dict[str, str] = {}
    for paths, candidates in _groups(film_files(files), videos):
        if len(paths) == 1 and len(candidates) == 1:
            found[candidates[0].id] = paths[0]
        else:
            found.update(_by_length(files, paths, candidates))
    return found


def length_of(stream: BinaryIO) -> timedelta | None:
    """How long a film is, by its own head; None for a file of another kind. Read from the beginning, not kept."""
    while (size_kind := _box(stream)) is not None:
        size, kind = size_kind
        if kind == b"moov":
            inside = _box(stream)
            return _told(stream.read(_HEAD_BYTES)) if inside is not None and inside[1] == b"mvhd" else None
        if size is None or not _skip(stream, size):
            return None
    return None


def _groups(paths: Sequence[str], videos: Sequence[Video]) -> Iterator[tuple[list[str], list[Video]]]:
    """Files and videos that belong together by their titles; each file in one group."""
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(_name_of(path), []).append(path)
    titled = [(_plain(video.title or ""), video) for video in videos]
    for name, some in sorted(by_name.items()):
        same = [video for title, video in titled if title == name]
        cut = [video for title, video in titled if len(name) >= _SHORTEST_CUT and title.startswith(name)]
        yield some, same or cut


def _by_length(files: Files, paths: Sequence[str], videos: Sequence[Video]) -> dict[str, str]:
    """Films and videos of the same title that have the same length and no other's."""
    lengths = {path: _length(files, path) for path in paths}
    fits = [
        (path, video.id)
        for path, length in lengths.items()
        for video in videos
        if length is not None and video.duration is not None and abs(length - video.duration) <= _NEAR
    ]
    of_path, of_video = [path for path, _ in fits], [video for _, video in fits]
    return {video: path for path, video in fits if of_path.count(path) == 1 and of_video.count(video) == 1}


def _length(files: Files, path: str) -> timedelta | None:
    try:
        with files.open(path) as stream:
            return length_of(stream)
    except (OSError, ValueError, KeyError, EOFError):
        return None


def _name_of(path: str) -> str:
    stem = path.rpartition("/")[2].rpartition(".")[0]
    return _plain(_NUMBER.sub("", stem))


def _plain(title: str) -> str:
    """Letters and digits alone: Takeout puts ``_`` for what a file's name must not have, and not always the same."""
    return "".join(character for character in title.casefold() if character.isalnum())


def _box(stream: BinaryIO) -> tuple[int | None, bytes] | None:
    """The size of the next box's content and its kind; None at the end, size None for a box that goes on to it."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size, kind = int.from_bytes(head[:4]), head[4:]
    if size == 1:
        size = int.from_bytes(stream.read(8)) - 8
    return (None if size == 0 else size - 8), kind


def _skip(stream: BinaryIO, size: int) -> bool:
    while size > 0:
        piece = stream.read(min(size, _PIECE_BYTES))
        if not piece:
            return False
        size -= len(piece)
    return size == 0


def _told(head: bytes) -> timedelta | None:
    """The length in an ``mvhd``: version 1 has times and length of eight bytes, version 0 of four."""
    if not head:
        return None
    wide = head[0] == 1
    at, width = (20, 8) if wide else (12, 4)
    scale, length = int.from_bytes(head[at : at + 4]), int.from_bytes(head[at + 4 : at + 4 + width])
    if scale == 0 or len(head) < at + 4 + width:
        return None
    seconds = length / scale
    return timedelta(seconds=seconds) if seconds < 1_000_000 else None
