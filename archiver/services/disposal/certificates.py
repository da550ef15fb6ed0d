"""Reading the signed lists of what was destroyed."""

from __future__ import annotations

from archiver.domain.disposal import Certificate
from archiver.errors import EvidenceDamaged
from archiver.ledger.notes import NotSigned, Verifier
from archiver.store.decisions.disposals import Run


def certificate_of(run: Run, verifier: Verifier | None) -> Certificate:
    """The list of a run. Raises EvidenceDamaged where it is not what the archive's key signed.

    ``verifier`` None: the public key is missing, which `archiver verify` tells; the list is read all the same.
    """
    try:
        text = verifier.text_of(run.note) if verifier is not None else run.note.rpartition("\n\n")[0] + "\n"
        return Certificate.parse(text)
    except (NotSigned, ValueError) as error:
        raise EvidenceDamaged(f"The destruction list of {run.name} is not what was signed: {error}.") from error
