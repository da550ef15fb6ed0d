"""The readers that there are, and which of them understands a download."""

from __future__ import annotations

from archiver.errors import OperatorError, UsageError
from archiver.takeouts.google.reader import GoogleTakeout
from archiver.takeouts.meta.facebook import FacebookDownload
from archiver.takeouts.meta.instagram import InstagramDownload
from archiver.takeouts.protocol import Files, Reader
from archiver.takeouts.x import XArchive

READERS: tuple[Reader, ...] = (FacebookDownload(), InstagramDownload(), XArchive(), GoogleTakeout())
"""In the order in which they are asked."""


def reader_for(platform: str, files: Files) -> Reader:
    """The reader that recognizes a download for an account of ``platform``.

    Raises OperatorError where nobody does, or where it is one of another platform.
    """
    known = [one for one in READERS if one.recognizes(files)]
    for reader in known:
        if reader.platform == platform:
            return reader
    if known:
        raise OperatorError(
            f"This is a download of {known[0].platform} ({known[0].name}), and the account is one of {platform}.",
            advice="Name the account that it was downloaded from.",
        )
    ours = [one.name for one in READERS if one.platform == platform]
    if not ours:
        raise UsageError(f"Downloads of {platform} can't be imported.", advice="Downloads of other platforms can.")
    raise OperatorError(
        f"These files are no download that is known here; of {platform} it would be: {', '.join(ours)}.",
        advice="Ask the platform for its data download in JSON format, in English, and give all parts of it.",
    )


def reader_named(name: str) -> Reader | None:
    """The reader that an import says it was made with."""
    return next((one for one in READERS if one.name == name), None)
