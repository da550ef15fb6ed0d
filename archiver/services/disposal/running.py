"""Carrying an approved list out (records rules R26, R30 to R33): all of it, or nothing at all.

The WARC files are written anew beside the old ones and read into a second store; that store may differ from the first
in nothing but what goes. One transaction asks again whether each record may go, takes the second store's rows over,
and enters the tombstones and the signed list. What is to be done on the disk after that is `finishing`'s, which the
next start takes up where a run was stopped.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from archiver.domain.acting import Actor
from archiver.domain.disposal import Certificate, Destroyed, Entry, Kept, Residue, Rewritten, Tombstone
from archiver.domain.expungement import BY_ORDER, Marks, anonymous
from archiver.domain.keys import Key
from archiver.errors import EvidenceDamaged, OperatorError, UsageError
from archiver.ledger import seals
from archiver.ledger.notes import Signer
from archiver.platforms.adapter import Adapter
from archiver.platforms.registry import adapter_for
from archiver.services import left_behind
from archiver.services.disposal import expunging, finishing, proposing, weighing
from archiver.services.disposal.comparing import Leaving, unexpected
from archiver.services.disposal.cutting import Cutter, ReadFor
from archiver.services.disposal.staging import Staged, place_of, stage
from archiver.services.rebuild import Progress, second_store
from archiver.services.replay import replay_all
from archiver.services.retention.eligibility import Terms, assess
from archiver.services.seal import seal_all, statement_of
from archiver.store import Connection, accounts, captures, disposing, tombstones, transfer
from archiver.store.decisions import audit, classes, disposals, moderation, stops
from archiver.store.decisions.audit import Act
from archiver.store.decisions.disposals import Approval, Proposal, Removed, Run
from archiver.store.disposing import Orphans
from archiver.store.engine import Store
from archiver.warc import facts as names
from archiver.warc.names import HANDED_IN, is_pushed, open_segments, segments
from archiver.warc.pushed import refers_to
from archiver.warc.reader import events
from archiver.warc.records import WarcInfo
from archiver.warc.rewriting import About
from archiver.warc.writer import Segments


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a run works with. ``archive`` is its name, ``info`` what WARC files say of themselves.

    ``backups`` is the folder beside whose backups lists are kept, too; None: there is none.
    """

    store: Store
    warc: Segments
    storage: Path
    data_dir: Path
    signer: Signer
    info: WarcInfo
    archive: str
    terms: Terms
    backups: Path | None = None
    progress: Progress = lambda _done, _total: None

    def day(self, at: datetime) -> date:
        """The day of a moment, where the archive is."""
        return at.astimezone(self.terms.zone).date()


@dataclass(frozen=True, slots=True)
class Signed:
    """A destruction list that was signed before, and is repeated in an older archive (`repeating`)."""

    certificate: Certificate
    note: str


@dataclass(frozen=True, slots=True)
class Order:
    """A list that is carried out: who decided what, and what may go of it as it was asked last."""

    proposal: Proposal
    approval: Approval
    by: Actor
    at: datetime
    listed: tuple[Entry, ...]
    going: tuple[Entry, ...]
    kept: tuple[Kept, ...]
    signed: Signed | None = None

    @property
    def court_order(self) -> str | None:
        """The order of the court, of an expungement."""
        return next((one.edition for one in self.listed if one.schedule == BY_ORDER), None)

    @property
    def authority(self) -> list[str]:
        """By which series of which edition."""
        return sorted({f"{one.schedule} {one.edition} {one.series}".strip() for one in self.going})


class _LessMayGo(Exception):
    """Something of what was about to be destroyed must stay now."""


def run(shop: Workshop, name: str, *, by: Actor, at: datetime) -> Certificate:
    """Destroy what an approved list names and what may still go; what stays is told with the reason.

    Raises NotFound, UsageError where nothing may go or the list is none that may be carried out, EvidenceDamaged and
    OperatorError; the archive is as it was then.
    """
    finishing.finish(shop.store, shop.storage, shop.data_dir, at, backups=shop.backups)
    left_behind.require_gone(shop.data_dir, shop.store.url)
    with shop.store.read() as conn:
        proposal, approval, listed = proposing.approved(conn, name, at)
    close_all(shop, at)
    order = Order(proposal, approval, by, at, tuple(listed), tuple(listed), ())
    while True:
        order = _asked_again(shop, order)
        try:
            certificate = carry_out(shop, order)
            break
        except _LessMayGo:
            continue
    finishing.finish(shop.store, shop.storage, shop.data_dir, at, backups=shop.backups)
    return certificate


def _is_committed(store: Store, name: str) -> bool:
    with store.read() as conn:
        return disposals.run_of(conn, name) is not None


def close_all(shop: Workshop, at: datetime) -> None:
    """No WARC file is being written any more. Raises OperatorError."""
    seal_all(shop.store, shop.warc, at, signer=shop.signer)
    if still := open_segments(shop.storage):
        raise OperatorError(
            f"{len(still)} WARC files are still being written.",
            advice="Stop the receiver of pushed events, run `archiver seal`, then this command again.",
        )


def _asked_again(shop: Workshop, order: Order) -> Order:
    with shop.store.read() as conn:
        now = _weighed(conn, shop, order)
    if order.court_order is not None:
        expunging.require_all(order.proposal.name, now.kept)
    if not now.going:
        reasons = "; ".join(sorted({one.reason for one in now.kept}))
        raise UsageError(f"Nothing of {order.proposal.name} may be disposed of: {reasons}.")
    return replace(order, going=now.going, kept=now.kept)


def _weighed(conn: Connection, shop: Workshop, order: Order) -> weighing.Weighed:
    if order.court_order is not None:
        return weighing.by_order(conn, order.listed, expunging.named_beside(conn, order.listed))
    received = disposals.receipt(conn, order.proposal.name) is not None
    return weighing.again(conn, shop.day(order.at), shop.terms, order.listed, received=received)


def carry_out(shop: Workshop, order: Order) -> Certificate:
    """Prepare everything, then destroy in one transaction; where that fails, nothing is left of the attempt."""
    try:
        return _carried_out(shop, order)
    finally:
        if not _is_committed(shop.store, order.proposal.name):
            shutil.rmtree(place_of(shop.data_dir, order.proposal.name), ignore_errors=True)


def _carried_out(shop: Workshop, order: Order) -> Certificate:
    keys = [one.record for one in order.going]
    with shop.store.read() as conn:
        told = order.signed.certificate.destroyed if order.signed else ()
        stones = [one.stone for one in told] or tombstones.of(conn, keys)
        media = disposing.orphans(conn, keys)
        people = expunging.names_of(order.listed)
        marks = expunging.marks_of(conn, stones, people) if order.court_order is not None else None
        cutter = Cutter(_names(conn, stones), media.exchanges, _adapters(conn), _deliveries(shop.storage), marks)
    about = About(order.proposal.name, order.authority, order.at, shop.info, marks)
    staged = stage(shop.storage, shop.data_dir, about, cutter)
    if marks is not None:
        expunging.require_nothing_left(staged, marks)
    seeds = [anonymous(stone, marks) for stone in stones] if marks is not None else stones
    place = place_of(shop.data_dir, order.proposal.name)
    with second_store(shop.store, place, order.at, seeds, marks) as second:
        replayed = replay_all(second, staged.view, progress=shop.progress)
        if replayed.unread:
            raise EvidenceDamaged(f"Not all captures can be read: {replayed.unread[0]}.")
        _differs_in_nothing_else(shop.store, second, [one.record for one in (*stones, *seeds)], media, staged, marks)
        residue = _residue(shop, second, staged, order)
        return _destroy(shop, order, second, staged, stones, media, residue, marks)


def _names(conn: Connection, stones: Sequence[Tombstone]) -> Mapping[Key, Sequence[str]]:
    """What goes, and what went before and was shown again since, with all its names."""
    shown_again = {key for keys in tombstones.residues(conn).values() for key in keys}
    before = [stone for stone in disposals.stones(conn) if stone.record in shown_again]
    return {stone.record: stone.names for stone in (*stones, *before)}


def _adapters(conn: Connection) -> dict[str, Adapter]:
    return {account.id: adapter_for(account) for account in accounts.listed(conn)}


def _deliveries(storage: Path) -> dict[str, list[ReadFor]]:
    """For whom each delivery was read, by the id of its request: the notes in the accounts' own files say so."""
    found: dict[str, list[ReadFor]] = {}
    paths = segments(storage)
    if not any(is_pushed(path) for path in paths):
        return found
    for path in paths:
        for event in events(path) if not is_pushed(path) else ():
            if event.is_note and names.DELIVERY_FILE in event.facts:
                subject = event.facts.get(names.SUBJECT, [""])[0] or None
                read = ReadFor(event.facts[names.ACCOUNT][0], subject, event.main.record_id)
                found.setdefault(refers_to(event.main), []).append(read)
    return found


def _differs_in_nothing_else(
    store: Store, second: Store, keys: Sequence[Key], media: Orphans, staged: Staged, marks: Marks | None = None
) -> None:
    with store.read() as conn:
        removed = {exchange for one in staged.rewritten for exchange in one.removed}
        removed -= set().union(*(one.places for one in staged.rewritten))
        leaving = Leaving(frozenset(keys), media, removed | captures.known_ids(conn, sorted(media.exchanges)))
    found = list(unexpected(store, second, leaving, marks))
    if found:
        raise OperatorError(
            f"Without these records the archive would differ in {len(found)} more things, first: {found[0]}. "
            "Nothing was destroyed.",
            advice="Run `archiver rebuild --check`; if it finds nothing, report this.",
        )


def _residue(shop: Workshop, second: Store, staged: Staged, order: Order) -> tuple[Residue, ...]:
    """The captures that still show records which went, now or before, and until when."""
    going = {one.record for one in order.going}
    with second.read() as conn:
        shown = {name: len(records) for name, records in tombstones.residues(conn).items()}
        shown = dict.fromkeys(staged.refused, 1) | shown
        places = disposing.places(conn, sorted(shown))
        beside = {exchange: disposing.told_by(conn, exchange) for exchange in shown}
    found: list[Residue] = []
    with shop.store.read() as conn:
        for exchange, records in shown.items():
            place = places[exchange]
            until = _until(conn, shop, order, [key for key in beside[exchange] if key not in going])
            reason = staged.refused.get(exchange) or _why(place.file)
            found.append(Residue(exchange, place.file, place.offset, records, reason, until))
    return tuple(found)


def _why(file: str) -> str:
    if file.split("/")[1] == HANDED_IN:
        return "it stands in a data download, which is kept whole until the last record in it is due"
    return "it can't be parted from what stays"


def _until(conn: Connection, shop: Workshop, order: Order, keys: Sequence[Key]) -> date | None:
    """The day on which the last of these is due; None where that can't be told yet."""
    days = [one.due for one in assess(conn, shop.day(order.at), shop.terms, keys)]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _destroy(
    shop: Workshop, order: Order, second: Store, staged: Staged, stones: Sequence[Tombstone], media: Orphans,
    residue: tuple[Residue, ...], marks: Marks | None,
) -> Certificate:  # fmt: skip
    """The transaction. Raises _LessMayGo, and nothing was done, where a record must stay since it was asked last."""
    with shop.store.begin() as conn:
        if order.signed is None:
            _ask_once_more(conn, shop, order)
            certificate = _certificate(conn, shop, order, staged, stones, media, residue)
            if order.court_order is not None and marks is not None:
                certificate = expunging.nameless(certificate, order.court_order, marks)
            signed = Signed(certificate, shop.signer.signed(certificate.text()))
        else:
            signed, certificate = order.signed, order.signed.certificate
            _enter_decisions(conn, order)
        transfer.take_over_captured(conn, second)
        _exchange_files(conn, shop, order, staged)
        disposing.forget_tasks(conn, _all_names(stones), media.shown)
        moderation.forget_words(conn, _all_names(stones))
        run = Run(order.proposal.name, order.at, order.by, signed.note)
        disposals.carried_out(conn, run, certificate, _removed(staged))
        details = {
            "records": len(certificate.destroyed), "kept": len(certificate.kept), "residue": len(residue),
            "digest": certificate.digest,
        }  # fmt: skip
        if marks is not None:
            details = expunging.forget(conn, shop.signer, order, stones, marks)
        act = "disposal repeat" if order.signed else "disposal run" if marks is None else "expunge run"
        audit.add(conn, Act(order.at, order.by, act, order.proposal.name, details=details))
    return certificate


def _ask_once_more(conn: Connection, shop: Workshop, order: Order) -> None:
    """Stops and terms of each record, in the transaction that destroys it (R26)."""
    stops.settle(conn)
    now = _weighed(conn, shop, order)
    if not {one.record for one in order.going} <= {one.record for one in now.going}:
        raise _LessMayGo


def _enter_decisions(conn: Connection, order: Order) -> None:
    """Who proposed and approved what is repeated, where this archive is older than that."""
    if disposals.proposal(conn, order.proposal.name) is None:
        disposals.propose(conn, order.proposal, order.listed)
    if disposals.approval(conn, order.proposal.name) is None:
        disposals.approve(conn, order.approval)


def _all_names(stones: Sequence[Tombstone]) -> list[str]:
    return [name for stone in stones for name in (stone.record, *stone.names)]


def _exchange_files(conn: Connection, shop: Workshop, order: Order, staged: Staged) -> None:
    disposing.forget_files(conn, [one.old_file for one in staged.rewritten])
    for one in staged.rewritten:
        if one.sealed is not None:
            captures.add_sealed(
                conn, one.sealed.file, sha256=one.sealed.sha256, records=one.sealed.records,
                size_bytes=one.sealed.size_bytes, first_at=one.sealed.first_at, last_at=one.sealed.last_at,
                sealed_at=order.at, statement=seals.seal(statement_of(one.sealed), shop.signer),
            )  # fmt: skip


def _removed(staged: Staged) -> list[Removed]:
    return [
        Removed(file, one.removed, tuple(one.replaced))
        for one, file in zip(staged.rewritten, _files(staged), strict=True)
    ]


def _files(staged: Staged) -> tuple[Rewritten, ...]:
    return tuple(
        Rewritten(
            one.old_file, one.old_sha256, one.sealed.file if one.sealed else None,
            one.sealed.sha256 if one.sealed else None, len(one.removed), len(one.replaced),
        )
        for one in staged.rewritten
    )  # fmt: skip


def _certificate(
    conn: Connection, shop: Workshop, order: Order, staged: Staged, stones: Sequence[Tombstone], media: Orphans,
    residue: tuple[Residue, ...],
) -> Certificate:  # fmt: skip
    """What went, as the rows about to go tell it."""
    keys = [stone.record for stone in stones]
    not_public = {*classes.of_records(conn, keys), *classes.limited(conn, keys)}
    versions = disposing.versions_of(conn, keys)
    by_key = {stone.record: stone for stone in stones}
    receipt = disposals.receipt(conn, order.proposal.name)
    sizes = sum(one.old_bytes - (one.sealed.size_bytes if one.sealed else 0) for one in staged.rewritten)
    return Certificate(
        name=order.proposal.name, archive=shop.archive, digest=order.proposal.digest,
        proposed_by=order.proposal.by.name, proposed_at=order.proposal.at, approved_by=order.approval.by.name,
        approved_at=order.approval.at, run_by=order.by.name, run_at=order.at,
        destroyed=tuple(
            Destroyed(one, by_key[one.record], versions.get(one.record, 0), not_public=one.record in not_public)
            for one in order.going
        ),
        kept=order.kept, residue=residue, files=_files(staged), exports=finishing.kept_exports(shop.data_dir),
        media=len(media.contents), size_bytes=sizes,
        receipt=f"{receipt.reference}: {receipt.bag}, {receipt.digest}" if receipt else None,
    )  # fmt: skip
