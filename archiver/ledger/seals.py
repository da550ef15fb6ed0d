"""What is signed when a WARC file is sealed: its name, digest, size, and what it spans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.ledger.notes import NotSigned, Signer, Verifier

TITLE = "archiver seal v1"
"""The first line says what kind of text it is, so that no signature serves for a text of another kind."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sealed WARC file as it was at sealing. ``first_at`` and ``last_at`` are the captures' (aware, UTC)."""

    file: str
    sha256: str
    records: int
    size_bytes: int
    first_at: datetime | None
    last_at: datetime | None

    def text(self) -> str:
        """One fact a line; the same facts always give the same text."""
        return (
            f"{TITLE}\nfile {self.file}\nsha256 {self.sha256}\nrecords {self.records}\nbytes {self.size_bytes}\n"
            f"first {_moment(self.first_at)}\nlast {_moment(self.last_at)}\n"
        )


def seal(statement: Statement, signer: Signer) -> str:
    """The statement as a signed note."""
    return signer.signed(statement.text())


def fault(note: str | None, expected: Statement, verifier: Verifier) -> str | None:
    """What is wrong with the note of a sealed file; None when it says just this, signed by the archive's key."""
    if note is None:
        return "its sealing is not signed"
    try:
        said = verifier.text_of(note)
    except NotSigned as error:
        return f"its signed statement does not hold: {error}"
    if said != expected.text():
        return f"its signed statement is about something else: {_differs(said, expected.text())}"
    return None


def _differs(said: str, expected: str) -> str:
    """The first line in which two statements differ."""
    pairs = zip(said.splitlines(), expected.splitlines(), strict=False)
    return next((f"it says {one!r}, not {other!r}" for one, other in pairs if one != other), "it has other lines")


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else "-"
