"""Where secrets are read, and the only place that knows their values.

Configuration refers to a secret; the client asks for it at the last moment. All values that were handed out are
remembered, so that they can be taken out of whatever is about to be written.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver.capture.masking import Masker
from archiver.errors import OperatorError, StorageFull, TokenMissing

PUBLIC = frozenset({"app_id", "client_id"})
"""Configured beside the secrets, and none: they stand in answers and addresses as anybody may see them."""
_REMEMBERED_PER_ACCOUNT = 24
"""Sessions rotate every few hours; an older token is dead and can't be in an answer of today."""


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is: in an environment variable or in a file (its text without surrounding white space)."""

    env: str | None = None
    file: Path | None = None


class Secrets:
    """The secrets of all accounts, by account id and by name (``token``). Without ``keep`` no new value is stored."""

    def __init__(self, refs: Mapping[str, Mapping[str, SecretRef]], *, keep: bool = True) -> None:
        self._keep = keep
        self._refs = {account: dict(by_name) for account, by_name in refs.items()}
        self._known: dict[str, dict[str, None]] = {}
        self._held: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        self._masker = Masker(())

    def get(self, account: str, name: str = "token") -> str | None:
        """A secret's value, read anew so that a renewed one is seen; None where none is configured.

        Raises TokenMissing with a sentence for the administrator when it is configured and can't be had.
        """
        with self._lock:
            held = self._held.get((account, name))
        ref = self._refs.get(account, {}).get(name)
        if held is None and ref is None:
            return None
        what = f"{account}: {name}"
        value = _checked(read(ref, what), what) if held is None and ref is not None else held or ""
        if name not in PUBLIC:
            self.remember(account, value)
        return value

    def sharing(self, account: str, name: str) -> frozenset[str]:
        """The accounts whose secret of this name has the same value, this one among them; it alone without one.

        A value that can't be had is like no other: whose it is is told where it is needed.
        """
        if name not in self._refs.get(account, {}):
            return frozenset({account})
        values: dict[str, str | None] = {}
        for one in self._refs:
            with suppress(TokenMissing):
                values[one] = self.get(one, name)
        own = values.get(account)
        same = {one for one, value in values.items() if value == own} if own is not None else set()
        return frozenset({account, *same})

    def hold(self, account: str, name: str, value: str) -> None:
        """Have a value in memory, in the place of what its reference leads to, until this process ends."""
        self.remember(account, value)
        with self._lock:
            self._held[account, name] = value

    def storable(self, account: str, name: str = "token") -> bool:
        """Whether a new value could be stored: the reference is to a file, in a folder that this user may write to."""
        ref = self._refs.get(account, {}).get(name)
        if ref is None or ref.file is None:
            return False
        return os.access(ref.file.resolve().parent, os.W_OK | os.X_OK)

    def keeps(self, account: str, name: str = "token") -> bool:
        """Whether a new value is stored here, and not only held in memory."""
        return self._keep and self.storable(account, name)

    def store(self, account: str, name: str, value: str, at: datetime) -> Path | None:
        """Put a new value into the secret's file, whole or not at all, for its owner only. The file's name.

        What no configuration refers to is held in memory, and None given.

        ``at`` (aware, UTC) becomes the file's time: that of the answer which brought the value.
        Until it is stored, and if that fails, the value is held in memory. Raises OperatorError, StorageFull.
        """
        self.hold(account, name, value)
        ref = self._refs.get(account, {}).get(name)
        if ref is None or not self._keep:
            return None
        if ref.file is None:
            raise OperatorError(
                f"{account}: {name} comes from the environment variable {ref.env}, where nothing can be stored.",
                advice=f'Let it come from a file: {name} = {{ file = "secrets/{account}-{name}" }}.',
            )
        path = ref.file.resolve()
        try:
            _write(path, value, at)
        except OSError as error:
            kind = StorageFull if error.errno in {errno.ENOSPC, errno.EDQUOT} else OperatorError
            raise kind(
                f"{account}: The new {name} can't be stored in {path}: {error.strerror}.",
                advice="Let the archiver's user write to that folder; until then the new one is in memory only.",
            ) from error
        with self._lock:
            self._held.pop((account, name), None)
        return path

    def changed_at(self, account: str) -> datetime | None:
        """When a secret of the account was last put into its file (aware, UTC); None where none is in a file."""
        times = []
        for ref in self._refs.get(account, {}).values():
            if ref.file is not None:
                with suppress(OSError):
                    times.append(ref.file.stat().st_mtime)
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def remember(self, account: str, value: str) -> None:
        """Keep a value, such as a session's token, out of all that is written from now on."""
        with self._lock:
            known = self._known.setdefault(account, {})
            known.pop(value, None)
            known[value] = None
            while len(known) > _REMEMBERED_PER_ACCOUNT:
                del known[next(iter(known))]

    def known(self, account: str) -> frozenset[str]:
        """The values that were handed out or remembered for an account."""
        with self._lock:
            return frozenset(self._known.get(account, ()))

    def known_anywhere(self) -> frozenset[str]:
        """The values of all accounts, for logs and messages."""
        with self._lock:
            return frozenset(value for known in self._known.values() for value in known)

    def masked(self, text: str) -> str:
        """A text for a log or a person, without any account's secrets, however they are spelled in it."""
        known = self.known_anywhere()
        if self._masker.secrets != known:
            self._masker = Masker(known)
        return self._masker.masked(text)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(f'{account}: {sorted(names)}' for account, names in sorted(self._refs.items()))})"


def _write(path: Path, value: str, at: datetime) -> None:
    """A file that is there whole or not at all, after a crash too."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # for its owner only
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{value}\n")
            file.flush()
            os.utime(file.fileno(), (at.timestamp(), at.timestamp()))
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(ref: SecretRef, what: str) -> str:
    """The value that a reference leads to; ``what`` names it in messages. Raises TokenMissing."""
    if ref.file is not None:
        return _from_file(ref.file, what)
    value = os.environ.get(ref.env or "")
    if value is None:
        raise TokenMissing(
            f"{what} is to come from the environment variable {ref.env}, which is not set.",
            advice="Set it for the service (systemd: EnvironmentFile=), or use { file = … }.",
        )
    return value


def _from_file(path: Path, what: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & stat.S_IRWXO:
                raise TokenMissing(
                    f"{what} is in {path}, which everybody on this machine may read (mode {mode:04o}).",
                    advice=f"Renew the secret if others use this machine, and run `chmod 600 {path}`.",
                )
            return file.read()
    except OSError as error:
        raise TokenMissing(
            f"{what} is to come from the file {path}, which can't be read: {error.strerror}.",
            advice="Check the file's name and that the service's user may read it.",
        ) from error
    except UnicodeDecodeError:
        raise TokenMissing(
            f"{what} is to come from the file {path}, which is not text.", advice="Check the file."
        ) from None


def _checked(value: str, what: str) -> str:
    value = value.strip()
    if not value:
        raise TokenMissing(f"{what} is empty.", advice="Put the secret where the configuration refers to.")
    if not value.isprintable():
        raise TokenMissing(
            f"{what} has a line break or a control character in it.", advice="Store it again, alone on one line."
        )
    return value
