"""The WARC files as they will be: those that have to be written anew in a folder of their own, and a view of all.

Nothing outside of ``<data_dir>/disposal/<name>`` is touched here.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.services.disposal.cutting import Cutter
from archiver.warc.names import OPEN, relative, segments
from archiver.warc.rewriting import About, Rewritten, rewrite, survey

FOLDER = "disposal"
_NEW, _VIEW = "warc", "view"


@dataclass(frozen=True, slots=True)
class Staged:
    """``view`` looks as the WARC folder will; ``rewritten`` are the files that take others' places in it.

    ``refused`` are the captures that could not be cut, by the exchange's id, with the reason.
    """

    view: Path
    rewritten: tuple[Rewritten, ...]
    refused: Mapping[str, str]


def place_of(data_dir: Path, name: str) -> Path:
    """The folder in which a disposal's files are made."""
    return data_dir / FOLDER / name


def new_files(data_dir: Path, name: str) -> Path:
    """Where the files written anew wait for their place, as in the WARC folder."""
    return place_of(data_dir, name) / _NEW


def stage(storage: Path, data_dir: Path, about: About, cutter: Cutter) -> Staged:
    """Write anew what has to be, afresh whatever an earlier attempt left. Raises EvidenceDamaged, StorageFull."""
    place, target = place_of(data_dir, about.disposal), new_files(data_dir, about.disposal)
    shutil.rmtree(place, ignore_errors=True)
    target.mkdir(parents=True)
    rewritten: list[Rewritten] = []
    for paths in _by_account(segments(storage)):
        found = survey(paths, cutter)
        rewritten += (rewrite(path, target, found.decide, about, lost=found.lost) for path in found.files)
    view = place / _VIEW
    _lay_out(view, storage, rewritten)
    return Staged(view, tuple(rewritten), dict(cutter.refused))


def _by_account(paths: Sequence[Path]) -> list[list[Path]]:
    """The sealed files, those of one account's folder together: a revisit never leads out of it (R32)."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        if not path.name.endswith(OPEN):
            found[path.parts[-3]].append(path)
    return list(found.values())


def _lay_out(view: Path, storage: Path, rewritten: Sequence[Rewritten]) -> None:
    """Links to the files that will be there: those that stay, and those that were written anew."""
    replaced = {one.old_file for one in rewritten}
    paths = [(relative(path), path) for path in segments(storage) if relative(path) not in replaced]
    paths += [(relative(one.path), one.path) for one in rewritten if one.path is not None]
    for name, path in paths:
        link = view / (name + OPEN if path.name.endswith(OPEN) else name)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path.resolve())
    view.mkdir(exist_ok=True)
