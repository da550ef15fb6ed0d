"""The archive's key: made once, kept in its data folder, readable by its owner only."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from archiver.errors import OperatorError
from archiver.ledger.notes import Signer, Verifier

PRIVATE, PUBLIC = "seal.key", "seal.pub"


def key_name(archive: str) -> str:
    """A key's name from the archive's: ``city-of-example/seals``. It stays when the archive is renamed."""
    words = re.findall(r"[a-z0-9]+", archive.lower())
    return f"{'-'.join(words)[:60] or 'archive'}/seals"


def signer(folder: Path, archive: str) -> Signer:
    """The archive's key, made if there is none. Raises OperatorError when it is open to everybody, or no key."""
    path = folder / PRIVATE
    if not path.exists():
        _make(folder, Signer.generate(key_name(archive)))
    text = _owners_only(path)
    try:
        found = Signer.parse(text)
    except ValueError as error:
        raise OperatorError(f"{path} is not the archive's key: {error}.", advice="Restore it from a backup.") from None
    if not (folder / PUBLIC).exists():
        _write(folder / PUBLIC, f"{found.verifier}\n", 0o644)
    return found


def verifier(folder: Path) -> Verifier | None:
    """The public key, None when there is none. Raises OperatorError when it is no key. Writes nothing."""
    path = folder / PUBLIC
    try:
        return Verifier.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise OperatorError(
            f"{path} is not the archive's public key: {error}.", advice="Restore it from a backup."
        ) from None


def fault(folder: Path) -> str | None:
    """What is wrong with the key that is there, in one sentence; None when all is well or there is none yet."""
    try:
        if (folder / PRIVATE).exists():
            Signer.parse(_owners_only(folder / PRIVATE))
    except OperatorError as error:
        return str(error)
    except ValueError as error:
        return f"{folder / PRIVATE} is not the archive's key: {error}."
    return None


def _make(folder: Path, new: Signer) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / PUBLIC, f"{new.verifier}\n", 0o644)
    _write(folder / PRIVATE, f"{new.secret()}\n", 0o600)  # last: where it is, all is


def _write(path: Path, text: str, mode: int) -> None:
    """Whole or not at all, and never readable by others for a moment."""
    draft = path.with_suffix(f"{path.suffix}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _owners_only(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & stat.S_IRWXO:
                raise OperatorError(
                    f"Everybody on this machine may read the archive's key {path} (mode {mode:04o}).",
                    advice=f"Run `chmod 600 {path}`; if others use this machine, have a new one made instead.",
                )
            return file.read()
    except OSError as error:
        raise OperatorError(
            f"The archive's key {path} can't be read: {error.strerror}.", advice="Check that this user owns it."
        ) from error
    except UnicodeDecodeError:
        raise OperatorError(f"{path} is not the archive's key.", advice="Restore it from a backup.") from None
