"""The error tree, sorted by who must act.

ArchiverError
├── UsageError                 exit 2   the person at the keyboard: an argument or a file name
├── ConfigError                exit 2   the IT administrator: config.toml, all faults of it at once
├── OperatorError              exit 1   the IT administrator: disk, permissions, database, lock
│   ├── StorageFull                     make room; nothing was lost, the work goes on after that
│   ├── StoreTooOld                     run ``archiver db upgrade``
│   ├── StoreTooNew                     update the archiver
│   ├── InstanceRunning                 another process holds this data folder
│   ├── DownloadRefused                 a data download that is damaged, or made to do harm
│   └── TokenMissing                    the secret that the configuration refers to is not there
├── NotFound                   exit 1   the records officer: no such record, account or file
├── NotCleared                 exit 1   the person who asked: data that their work does not open to them
├── EvidenceDamaged            exit 1   the officer and the administrator: a WARC file is not what was written
└── PlatformTrouble            exit 3   time or the platform: recorded as a gap, tried again
    ├── RateLimited                     wait until the moment the platform named
    ├── AccessLost                      a person must renew the token (the account is in ``attention``)
    └── ShapeChanged                    the platform answers differently; the answer itself is kept

Anything else that escapes is a bug: exit 1, the sentence says where the report goes.
Every error carries one sentence of what happened and where, and one of what to do.
"""

from __future__ import annotations

from datetime import datetime


class ArchiverError(Exception):
    """Base of all errors that a person can cause or must answer.

    ``message`` says what happened and where; ``advice`` says what to do about it.
    """

    exit_code: int = 1
    advice: str = ""

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if advice is not None:
            self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class UsageError(ArchiverError):
    """A command was called with an argument that can't be right."""

    exit_code = 2
    advice = "See the command's --help."


class ConfigError(ArchiverError):
    """The configuration is wrong; ``faults`` lists every fault, one sentence each."""

    exit_code = 2

    def __init__(self, faults: list[str], *, path: str = "config.toml") -> None:
        self.faults = faults
        super().__init__("\n".join(f"{path}: {fault}" for fault in faults))


class OperatorError(ArchiverError):
    """The machine, not the platform, is in the way."""


class StorageFull(OperatorError):
    """A write did not fit on the disk; what was written before it stands."""

    advice = "Make room on that disk and run the same command again; nothing captured was lost."


class StoreTooOld(OperatorError):
    """The store's schema is older than this program."""

    advice = "Run `archiver db upgrade`, then the command again."


class StoreTooNew(OperatorError):
    """The store's schema is newer than this program."""

    advice = "Update the archiver, or restore the backup that belongs to this version."


class InstanceRunning(OperatorError):
    """Another process works on the same data folder."""

    advice = "Stop it first, or wait until it has finished."


class DownloadRefused(OperatorError):
    """A data download is damaged, or holds what no platform puts there; nothing of it was kept."""

    advice = "Get the download from the platform again, and give its zip files as they came."


class TokenMissing(OperatorError):
    """A secret that the configuration refers to can't be read."""

    exit_code = 2


class NotFound(ArchiverError):
    """No such record, account or file."""


class NotCleared(ArchiverError):
    """Data was asked for that is not public, and that the person's work does not open to them."""


class EvidenceDamaged(ArchiverError):
    """A WARC file is not what was written."""

    advice = "Run `archiver verify --full` for the list of findings and restore the file from a backup."


class PlatformTrouble(ArchiverError):
    """The platform did not answer as needed; recorded as a gap and tried again."""

    exit_code = 3


class RateLimited(PlatformTrouble):
    """The platform asks for a pause until ``until`` (aware, UTC; None when it did not say)."""

    def __init__(self, message: str, *, until: datetime | None, advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.until = until


class AccessLost(PlatformTrouble):
    """The token is refused or lacks a scope; no further calls until a person renews it."""

    advice = "Renew the account's token (`archiver account connect`), then run `archiver check`."


class ShapeChanged(PlatformTrouble):
    """An answer is not shaped as documented; it is kept in the WARC and can be read after an update."""

    advice = "The answer is kept. Update the archiver; if that does not help, report it with the account's status."
