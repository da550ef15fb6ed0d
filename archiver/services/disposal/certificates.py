"""Reading the signed lists of what was destroyed, for people and for paper."""

from __future__ import annotations

from datetime import tzinfo

from archiver.domain.disposal import Certificate
from archiver.errors import EvidenceDamaged
from archiver.exports.certificate import Authority, Paper, authorities_of
from archiver.ledger.notes import NotSigned, Verifier
from archiver.store import Connection
from archiver.store.decisions import schedules
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


def paper_of(conn: Connection, run: Run, verifier: Verifier | None, zone: tzinfo) -> Paper:
    """The same with what is said of it on paper. Raises EvidenceDamaged."""
    certificate = certificate_of(run, verifier)
    signature = run.note.rpartition("\n\n")[2].strip()
    return Paper(certificate, authorities_of(_authorities(conn), certificate), signature, zone)


def _authorities(conn: Connection) -> list[Authority]:
    """The editions that were imported, and how the city adopted them."""
    adopted = {one.edition: one for one in schedules.adoptions(conn) if one.adopted}
    found = []
    for imported in schedules.editions(conn):
        edition, adoption = imported.edition, adopted.get(imported.edition.name)
        found.append(
            Authority(
                edition.schedule, edition.edition.isoformat(), edition.title, edition.body, edition.reference,
                adoption.day if adoption else None, adoption.instrument if adoption else None,
            )
        )  # fmt: skip
    return found
