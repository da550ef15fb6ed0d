"""Contents of media on their way into an export: streamed, checked against their digest, under names of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from archiver.errors import EvidenceDamaged, NotFound, PlatformTrouble
from archiver.exports.dataset import Dataset, MissingMedia, Row

CHUNK_BYTES = 1024 * 1024

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "text/vtt": ".vtt",
    "application/pdf": ".pdf",
}
"""Endings by type. What a double click would run or render as a page (HTML, SVG …) is called ``.bin``."""


def file_name(media: Row) -> str:
    """A media object's path inside its folder: nothing in it comes from strangers but the digest's hex digits."""
    sha256 = str(media["sha256"])
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"{sha256!r} is not a SHA-256 in hexadecimal")
    mime = str(media.get("mime") or "").split(";")[0].strip().lower()
    return f"{sha256[:2]}/{sha256}{EXTENSIONS.get(mime, '.bin')}"


def media_folder(export: Path) -> Path:
    """The folder beside an export; it has its whole name, for ``x.json`` must not replace what ``x.sqlite`` has."""
    return export.with_name(export.name + "-media")


def is_media_folder(folder: Path) -> bool:
    """Whether a folder holds media files of an export and nothing else, so that it may be replaced."""
    if not folder.is_dir():
        return False
    return all(
        one.is_dir() and len(one.name) == 2 and all(len(file.stem) == 64 for file in one.iterdir())
        for one in folder.iterdir()
    )


def copy_content(dataset: Dataset, sha256: str, write: Callable[[bytes], object]) -> MissingMedia | None:
    """Hand a content over in pieces; the problem, if the archive can't give it or gives something else.

    What was handed over is then worth nothing and the caller drops it.
    """
    digest = hashlib.sha256()
    try:
        with dataset.open_media(sha256) as content:
            while piece := content.read(CHUNK_BYTES):
                digest.update(piece)
                write(piece)
    except (EvidenceDamaged, NotFound, PlatformTrouble) as error:
        return MissingMedia(sha256, error.message)
    if digest.hexdigest() != sha256:
        return MissingMedia(sha256, f"The content that the archive holds has the digest {digest.hexdigest()}.")
    return None


def with_files(
    dataset: Dataset, rows: Iterable[Row], folder: Path | None, prefix: str, missing: list[MissingMedia]
) -> Iterator[Row]:
    """Media rows whose contents are written as files below ``folder`` on the way (None: they are not).

    ``prefix`` is the folder as readers of the export name it. What can't be had goes into ``missing`` and into its row.
    """
    for row in rows:
        if folder is None:
            yield row
            continue
        name = file_name(row)
        problem = _write_file(dataset, str(row["sha256"]), folder / name)
        if problem is None:
            yield {**row, "file": f"{prefix}/{name}"}
        else:
            missing.append(problem)
            yield {**row, "problem": problem.problem}


def _write_file(dataset: Dataset, sha256: str, path: Path) -> MissingMedia | None:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        missing = copy_content(dataset, sha256, file.write)
    if missing is not None:
        path.unlink()
    return missing
