"""What a reader of a platform's data download must be, and the values between it and the import.

A reader is pure, as an adapter is: it gets the files of a download, all parts of it joined, with streamed access, and
yields what they show, each entry with the place that it came from. It writes nothing, asks nobody and knows no store.
The same download must always give the same entries in the same order: an import that was stopped goes on at the entry
where it stood, and a rebuild reads again what the import read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, ClassVar, Protocol

from archiver.domain.account import Account
from archiver.domain.observation import GoneSeen, ItemSeen, PastSeen, StateSeen

Shown = ItemSeen | PastSeen | GoneSeen | StateSeen
"""What an entry of a download can tell. Of the account as a whole nothing is taken from a download."""


class Files(Protocol):
    """The files of a download: what its parts (several zips) hold together, as one tree.

    Paths are relative, with ``/`` between names, and safe: none is absolute, leads upwards, or occurs twice.
    """

    @property
    def paths(self) -> Sequence[str]:
        """The paths of all files (no folders), sorted."""
        ...

    def size(self, path: str) -> int:
        """How many bytes a file has, unpacked. Raises KeyError where the download has no such file."""
        ...

    def open(self, path: str) -> BinaryIO:
        """A file as a stream of its bytes, unpacked as it is read; it can't be sought in. To be closed.

        Raises KeyError where the download has no such file.
        """
        ...


@dataclass(frozen=True, slots=True)
class About:
    """What a download says of itself; None for what it does not say.

    ``native_id`` and ``handle`` are whose it is: the account's permanent id, its name. ``generated_at`` is when the
    platform made it (aware, UTC): what it shows was so then, whenever it is imported. ``covers`` is what the platform
    says about its range, in words for a person ("all time", "part of the account's data only").
    """

    native_id: str | None = None
    handle: str | None = None
    generated_at: datetime | None = None
    covers: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a download shows.

    ``path`` is the file it stands in and ``pointer`` where: a JSON pointer (RFC 6901) inside the file's JSON
    (``/12/tweet``), or ``line 12`` (from 1) in a text.

    ``files`` are the files of the download that hold what the item's attachments show: the attachment's ``identity``
    with the file's path. An attachment's file that the download lacks is named all the same; the import tells it, and
    it is fetched from its address, if it has one.

    ``sure``: the keys are the platform's own ids. Otherwise they are made of the content (`keys.made_key`), and the
    import looks for the record that the platform's API gave of the same thing, by time, text and media.
    """

    shown: Shown
    path: str
    pointer: str = ""
    files: tuple[tuple[str, str], ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Something of a download that was not read, with the reason in words for a person; it stays in the stored zip.

    ``path`` may be empty: it is about the download as a whole. What is left out on purpose (private messages where
    they are not collected, the list of devices) is told like this, too, once for each file; files that a reader never
    opened need not be named.
    """

    path: str
    why: str
    pointer: str = ""


class Reader(Protocol):
    """One kind of download. Has no state; one object serves all imports."""

    name: ClassVar[str]
    """What it is called in notes and messages: ``X archive``. It never changes: rebuilds find readers by it."""
    platform: ClassVar[str]
    """As in `Account.platform`."""

    def recognizes(self, files: Files) -> bool:
        """Whether this is such a download: by what stands in the files as well as by their paths, which are localized.

        Must be quick (look at names, sizes and the first kilobytes of few files) and never raise.
        """
        ...

    def about(self, files: Files) -> About:
        """What the download says of itself. Never raises; what can't be read is not said."""
        ...

    def read(self, files: Files, account: Account) -> Iterator[Entry | NotUnderstood]:
        """Everything it shows, always in the same order, streamed: files of hundreds of megabytes are never in memory.

        Of the account only platform, base_url, handle, native_id, key_space and messages may be used
        (``messages``: private ones are read, too). Its own author may be given as `OWN_ACCOUNT`.

        Never raises for what stands in the files: what can't be read is yielded as `NotUnderstood`, and reading goes on
        behind it. A post that a download shows as deleted is an `ItemSeen` (with the content) followed by a `GoneSeen`
        whose basis says when and where that stands; the import sees to it that nothing comes back to life by the first.
        What a download shows cut is named in ``body.partial``; of what it does not know it leaves the field None.
        """
        ...
