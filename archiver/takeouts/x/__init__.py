"""The account archive of X: what an account posted, with what it deleted lately, as a zip of script files."""

from archiver.takeouts.x.reader import XArchive

__all__ = ["XArchive"]
