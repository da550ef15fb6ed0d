"""Video files of the city's own channel, fetched by yt-dlp where the operator has turned that on.

yt-dlp is a program of its own (the extra ``video``), kept out of this process: it reads strangers' pages. The file is
kept whole as a WARC ``resource``, beside it what fetched it and how (records rule R65).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Event

from archiver.capture.clock import Clock
from archiver.domain.account import Account
from archiver.services.asking import Stopped, TaskFailed
from archiver.services.contents import file_facts
from archiver.services.imports.importing import MEDIA, kept
from archiver.services.journal import Journal
from archiver.store.downloads import STREAM
from archiver.warc import facts as names
from archiver.warc.resources import FileBlock, Resource

PROGRAM = "yt_dlp"
MISSING = (
    "video_files is on, and yt-dlp is not installed. Install the extra (pip install 'city-records-archiver[video]'), "
    "or turn video_files off."
)
METHOD = "FETCH"
_LOOK_S = 0.5
_PATIENCE_S = 10.0
_LONGEST_WORDS = 300
_HANDED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""All of our environment that the program gets: secrets may be in the rest."""


def installed() -> bool:
    """Whether yt-dlp is there."""
    return importlib.util.find_spec(PROGRAM) is not None


@dataclass(frozen=True, slots=True)
class Films:
    """Fetches video files, one at a time. ``spool`` is where a file lies until it is in the archive."""

    journal: Journal
    clock: Clock
    stop: Event
    spool: Path
    max_bytes: int
    proxy: str | None = None

    def fetch(self, account: Account, identity: str, page: str) -> None:
        """Fetch the file of a video and keep it.

        Raises TaskFailed with the program's last words, or where it is missing; Stopped and StorageFull.
        """
        if not installed():
            raise TaskFailed(f"{account.id}: {MISSING}")
        self.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="film-", dir=self.spool) as folder:
            command = self._command(Path(folder), page)
            self._run(command, account, identity, Path(folder))
            files = [path for path in Path(folder).iterdir() if path.name.startswith("film.")]
            if len(files) != 1:
                raise TaskFailed(f"{account.id}: yt-dlp fetched no file of {identity}; is it larger than allowed?")
            self._keep(account, identity, page, files[0], command)

    def _command(self, folder: Path, page: str) -> list[str]:
        """Picture and sound come apart in the best quality; putting them together takes ffmpeg."""
        quality = "bv*+ba/b" if shutil.which("ffmpeg") else "b"
        proxy = ["--proxy", self.proxy] if self.proxy else []
        return [
            sys.executable, "-m", PROGRAM, "--ignore-config", "--no-cache-dir", "--no-playlist", "--no-progress",
            "--no-mtime", "--quiet", "--format", quality, "--max-filesize", str(self.max_bytes),
            "--paths", str(folder), "--output", "film.%(ext)s", *proxy, "--", page,
        ]  # fmt: skip

    def _run(self, command: Sequence[str], account: Account, identity: str, folder: Path) -> None:
        with (folder / "said").open("w+b") as said:
            process = subprocess.Popen(  # noqa: S603 - our own words; the page is behind "--"
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=folder,
                env={name: os.environ[name] for name in _HANDED_ON if name in os.environ},
            )  # fmt: skip
            try:
                while process.poll() is None:
                    if self.stop.wait(_LOOK_S):
                        raise Stopped
            finally:
                _ended(process)
            said.seek(0)
            words = said.read().decode("utf-8", "replace").strip().splitlines()
        if process.returncode != 0:
            last = words[-1][:_LONGEST_WORDS] if words else f"it ended with {process.returncode}"
            raise TaskFailed(f"{account.id}: yt-dlp could not fetch {identity}: {last.rstrip('.')}.")

    def _keep(self, account: Account, identity: str, page: str, path: Path, command: Sequence[str]) -> None:
        with path.open("rb") as stream:
            content = file_facts(stream)
        block = FileBlock(int(content[names.CONTENT_BYTES]), content[names.CONTENT_SHA256], lambda: path.open("rb"))
        mime = content.get(names.CONTENT_MIME, "application/octet-stream")
        settings = " ".join(command[2 : command.index("--paths")])
        said = {
            names.TASK: STREAM,
            names.STREAM: STREAM,
            names.METHOD: METHOD,
            names.PURPOSE: MEDIA,
            names.SUBJECT: identity,
            names.FETCHED_BY: f"yt-dlp {version('yt-dlp')}: {settings}",
        }
        resource = Resource(page, mime, block, self.clock.now())
        self.journal.keep(account, MEDIA, resource, {**said, **content}, rows=kept)


def _ended(process: subprocess.Popen[bytes]) -> None:
    """Have it end, at first by asking."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
