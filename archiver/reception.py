"""The receiver of what platforms push, put together; and kept up beside the daemon's rounds.

It needs no store, so it goes on receiving while the database is away or being moved. It has a lock of its own: one
receiver for each data folder, in a process of its own or in the daemon's.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from archiver.capture.clock import Clock
from archiver.capture.secrets import Secrets, read
from archiver.config import Settings
from archiver.errors import ArchiverError, ConfigError, InstanceRunning
from archiver.listener.deposit import Depositor
from archiver.listener.inbox import Inbox
from archiver.listener.receiver import Receiver
from archiver.listener.server import Server
from archiver.listener.signature import SIGNING, Signers
from archiver.listener.tally import Tally
from archiver.services.checkup import Checked, Level
from archiver.warc.names import PUSHED, open_segments
from archiver.warc.pushed import ask_to_seal, sealing_is_done
from archiver.warc.writer import Segments
from archiver.wiring import secret_ref, secrets_of, warc_info

log = structlog.get_logger()

_SEAL_S = 10.0


@contextmanager
def open_receiver(
    settings: Settings, *, clock: Clock | None = None, secrets: Secrets | None = None
) -> Iterator[Server]:
    """Receive until the end of the block. Raises ConfigError, TokenMissing, InstanceRunning and OperatorError."""
    clock, word = clock or Clock(), _checked(settings)
    secrets = secrets or secrets_of(settings)
    with ExitStack() as stack:
        stack.enter_context(_alone(settings))
        tally = Tally()
        segments, depositor = _depositor(settings, clock, tally)
        stack.callback(segments.close)
        signers = Signers(lambda: _signing(settings, secrets))
        inbox = Inbox(depositor.keep, idle=depositor.look_after)
        stack.callback(inbox.close)
        receiver = Receiver(inbox, signers, word, now=clock.now, tally=tally)
        assert settings.listen is not None
        server = Server(receiver, settings.listen.host, settings.listen.port)
        server.start()
        stack.callback(server.stop)
        log.info("receiving", host=server.host, port=server.port)
        yield server


def check_receiver(settings: Settings) -> Checked | None:
    """What ``archiver check`` says of receiving; None where nothing is to be received."""
    if settings.listen is None:
        return None
    place = f"{settings.listen.host}:{settings.listen.port}"
    try:
        _checked(settings)
    except ArchiverError as error:
        return Checked("receiver", Level.MACHINE, error.message.removeprefix(f"{settings.path}: "))
    if is_receiving(settings):
        return Checked("receiver", Level.OK, f"It receives at {place}.")
    return Checked("receiver", Level.OK, f"It would receive at {place}; none is running.")


def is_receiving(settings: Settings) -> bool:
    """Whether a receiver works on the data folder."""
    try:
        descriptor = os.open(_lock_of(settings), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # whoever may read may ask
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def seal_pushed(settings: Settings, clock: Clock) -> bool:
    """Close the open files of pushed events, or have the receiver do it where one runs. Whether all are closed."""
    files = [path for path in open_segments(settings.storage) if path.parent.name == PUSHED]
    if not files:
        return True
    try:
        with _alone(settings):
            segments, depositor = _depositor(settings, clock, Tally())
            try:
                depositor.seal()
                sealing_is_done(settings.storage)
            finally:
                segments.close()
    except InstanceRunning:
        ask_to_seal(settings.storage)
        deadline = time.monotonic() + _SEAL_S
        while any(path.exists() for path in files) and time.monotonic() < deadline:
            time.sleep(0.05)
    return not any(path.exists() for path in files)


class Reception:
    """A receiver that is kept up: what keeps it from starting is said once, and tried again."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._open: ExitStack | None = None
        self._said = ""

    def keep_up(self) -> None:
        """Have a receiver, unless another process has one."""
        if self._settings.listen is None or self._open is not None:
            return
        stack = ExitStack()
        try:
            stack.enter_context(open_receiver(self._settings, clock=self._clock))
        except ArchiverError as error:
            if str(error) != self._said:
                self._said = str(error)
                log.warning("nothing is received by this process", why=self._said)
        else:
            self._open, self._said = stack, ""

    def close(self) -> None:
        """End it, if there is one."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _lock_of(settings: Settings) -> Path:
    return settings.data_dir / ".listen.lock"


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One receiver for each data folder. Raises InstanceRunning."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(_lock_of(settings))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InstanceRunning(f"Another receiver works on {settings.data_dir}.") from None
    try:
        yield
    finally:
        lock.release()


def _depositor(settings: Settings, clock: Clock, tally: Tally) -> tuple[Segments, Depositor]:
    """The writer of pushed events, with what an earlier one left behind mended."""
    segments = Segments(
        settings.storage, info=warc_info(settings), now=clock.now, size_limit=int(settings.capture.segment_size),
        ours=lambda key: key.klass == PUSHED,
    )  # fmt: skip
    depositor = Depositor(segments, tally)
    depositor.recover()
    return segments, depositor


def _checked(settings: Settings) -> Callable[[], str]:
    """What gives the word of the handshake, read anew each time. Raises ConfigError and TokenMissing."""
    listen, faults = settings.listen, list[str]()
    if listen is None:
        faults.append('There is no [listen] table; add one with verify_token = { env = "NAME" } or { file = "path" }.')
    signed = any(name in one.secrets for one in settings.accounts for name in SIGNING[:1])
    if not signed and (listen is None or listen.public_url is None):
        faults.append(
            "No account has an app_secret, so no delivery could be told from a forgery, and without public_url nothing "
            "can be subscribed to."
        )
    if faults or listen is None:
        raise ConfigError(faults, path=str(settings.path))
    ref = secret_ref(listen.verify_token, settings.home)

    def word() -> str:
        return read(ref, "listen.verify_token").strip()

    word()
    return word


def _signing(settings: Settings, secrets: Secrets) -> dict[str, frozenset[str]]:
    """The secrets that deliveries may be signed with, each with the accounts that have it. Raises TokenMissing."""
    found: dict[str, frozenset[str]] = {}
    for one in settings.accounts:
        if SIGNING[0] in one.secrets:
            for value in filter(None, (secrets.get(one.id, name) for name in SIGNING)):
                found[value] = found.get(value, frozenset()) | {one.id}
    return found
