"""Bringing an older archive up to date: what was disposed of since must not come back with a backup (records rule R36).

Nobody is asked again: the list was approved and carried out, and its signature says so. A stop that was placed since
covers nothing of it, for it was gone by then.
"""

from __future__ import annotations

from datetime import datetime

from archiver.domain.acting import Actor
from archiver.domain.disposal import Certificate
from archiver.errors import OperatorError
from archiver.services.disposal import finishing
from archiver.services.disposal.running import Order, Signed, Workshop, carry_out, close_all
from archiver.store.decisions import disposals
from archiver.store.decisions.disposals import Approval, Proposal


def repeat(shop: Workshop, certificate: Certificate, note: str, *, by: Actor, at: datetime) -> bool:
    """Destroy what a signed list names in this archive, too; False where that was done before.

    ``note`` is the signed list, whose signature was checked; ``by`` restores the archive. Safe to call again. Raises
    EvidenceDamaged and OperatorError, and nothing of that list was destroyed then.
    """
    finishing.finish(shop.store, shop.storage, shop.data_dir, at, backups=shop.backups)
    with shop.store.read() as conn:
        if disposals.run_of(conn, certificate.name) is not None:
            return False
        known = disposals.proposal(conn, certificate.name)
    if known is not None and known.digest != certificate.digest:
        raise OperatorError(
            f"This archive has another list of the name {certificate.name}.",
            advice="Restore an older backup, from before that list was proposed.",
        )
    close_all(shop, at)
    carry_out(shop, _order(certificate, note, by, at))
    finishing.finish(shop.store, shop.storage, shop.data_dir, at, backups=shop.backups)
    return True


def _order(certificate: Certificate, note: str, by: Actor, at: datetime) -> Order:
    """The list as it was decided; from which logins is not on it."""
    entries = tuple(one.entry for one in certificate.destroyed)
    proposal = Proposal(
        certificate.name, certificate.proposed_at, Actor(certificate.proposed_by, ""), certificate.digest,
        len(entries) + len(certificate.kept), certificate.run_at, "repeated in a restored archive",
    )  # fmt: skip
    approver = Actor(certificate.approved_by, "")
    approval = Approval(certificate.name, certificate.approved_at, approver, certificate.digest)
    return Order(proposal, approval, by, at, entries, entries, certificate.kept, Signed(certificate, note))
