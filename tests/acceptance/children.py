"""Commands in forked children that can be hurt: killed at a chosen point, given a wrong clock or too small a disk.

A process of its own, without threads, imports the archiver once and forks for each command, so that a command costs
a fork and not a start of Python. Nothing in the archiver knows of it: the child wraps what every write passes through.
"""

from __future__ import annotations

import importlib
import json
import mmap
import os
import pkgutil
import resource
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import archiver

KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Harm:
    """What is done to a child.

    ``kill_at``: SIGKILL at that point (from 1) of the run; ``torn``: when that is a write, half of it is made first.
    ``statements``: each statement to the database is a point, too.
    ``clock_s``: its clock is wrong by so many seconds. ``file_bytes``: no file may grow beyond (``RLIMIT_FSIZE``).
    """

    kill_at: int = 0
    torn: bool = False
    statements: bool = True
    clock_s: float = 0.0
    file_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a child ended. ``points`` is how many points it passed at which it could have been killed."""

    code: int
    stdout: str
    stderr: str
    points: int

    @property
    def killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.code == KILLED


class Children:
    """The process that forks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.acceptance.children"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        harm: Harm | None = None,
        at: Path | None = None,
    ) -> Outcome:
        """Run ``archiver`` with these arguments in a child, in the folder ``at``, to whatever end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        streams = [str(self._folder / "stdout"), str(self._folder / "stderr")]
        job = {
            "arguments": arguments,
            "environment": dict(environment),
            "streams": streams,
            "harm": asdict(harm or Harm()),
            "at": str(at or Path.cwd()),
        }
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        done = json.loads(self._process.stdout.readline())
        stdout, stderr = (Path(stream).read_text(encoding="utf-8", errors="replace") for stream in streams)
        return Outcome(done["code"], stdout, stderr, done["points"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()


# --- in the process that forks


def serve() -> None:
    """Fork for each line on stdin; say how it went on stdout."""
    from archiver.cli.main import program
    from archiver.config import profile

    for module in pkgutil.walk_packages(archiver.__path__, "archiver."):
        if not module.name.startswith("archiver.sandbox") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    program()
    profile.default_name()
    counter = mmap.mmap(-1, 8)
    for line in sys.stdin:
        job = json.loads(line)
        counter[:8] = bytes(8)
        child = os.fork()
        if child == 0:
            _live(job, counter)
        _, status = os.waitpid(child, 0)
        points = struct.unpack("<q", counter[:8])[0]
        sys.stdout.write(json.dumps({"code": os.waitstatus_to_exitcode(status), "points": points}) + "\n")
        sys.stdout.flush()


def _live(job: dict[str, Any], counter: mmap.mmap) -> None:
    """The child: put on what harms it, run the command, leave."""
    for descriptor, path in enumerate(job["streams"], start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(job["at"])
    os.environ.clear()
    os.environ.update(job["environment"])
    harm = Harm(**job["harm"])
    code = 1
    try:
        if harm.clock_s:
            _mislead(harm.clock_s)
        if harm.file_bytes:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (harm.file_bytes, harm.file_bytes))
        _wrap(_Fate(harm, counter), statements=harm.statements)
        from archiver.cli.main import main

        main(list(job["arguments"]))
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:  # noqa: BLE001 - whatever it is, it is the child's end and must be seen
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class _Fate:
    """Counts the points of a run, and ends it at the chosen one."""

    def __init__(self, harm: Harm, counter: mmap.mmap) -> None:
        self._harm = harm
        self._counter = counter
        self._lock = threading.Lock()
        self._passed = 0

    def point(self) -> bool:
        """One more point. Whether it is the one."""
        with self._lock:
            self._passed += 1
            self._counter[:8] = struct.pack("<q", self._passed)
            return self._passed == self._harm.kill_at

    def strike(self) -> None:
        """The point between two calls."""
        if self.point():
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call with a point before and a point after it."""

        def struck(*args: Any, **kwargs: Any) -> Any:
            self.strike()
            result = call(*args, **kwargs)
            self.strike()
            return result

        return struck

    def writing(self, write: Callable[[int, Any], int]) -> Callable[[int, Any], int]:
        """``os.write``, which a kill may leave half done."""

        def struck(descriptor: int, data: Any) -> int:
            if self.point():
                if self._harm.torn:
                    write(descriptor, bytes(data)[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            written = write(descriptor, data)
            self.strike()
            return written

        return struck


def _wrap(fate: _Fate, *, statements: bool) -> None:
    """Points at every write, sync, cut and rename of a file, every statement and commit, and every answer received."""
    from httpcore._backends.sync import SyncStream
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from sqlalchemy.engine.default import DefaultDialect

    os.write = fate.writing(os.write)
    for name in ("fsync", "ftruncate", "rename", "replace", "unlink"):
        setattr(os, name, fate.around(getattr(os, name)))
    SyncStream.read = fate.around(SyncStream.read)  # type: ignore[method-assign]
    DefaultDialect.do_commit = fate.around(DefaultDialect.do_commit)  # type: ignore[method-assign]
    if statements:
        event.listen(Engine, "after_cursor_execute", lambda *_: fate.strike())


def _mislead(seconds: float) -> None:
    from archiver.capture.clock import Clock

    truly = Clock.now
    Clock.now = lambda self: truly(self) + timedelta(seconds=seconds)  # type: ignore[method-assign]


if __name__ == "__main__":
    serve()
