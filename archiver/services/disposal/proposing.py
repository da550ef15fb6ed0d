"""The first two steps of a disposal: one person proposes a list, another one looks at it and approves it (R28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archiver.domain.acting import Actor
from archiver.domain.disposal import Entry, digest_of, span_of
from archiver.domain.expungement import Marks
from archiver.domain.keys import Key
from archiver.errors import NotFound, UsageError
from archiver.services.disposal.weighing import AFTER_TRANSFER, Wish, due_now
from archiver.services.retention.eligibility import Terms
from archiver.store import Connection
from archiver.store.decisions import audit, disposals
from archiver.store.decisions.audit import Act
from archiver.store.decisions.disposals import Approval, Proposal, Receipt, Run
from archiver.store.expunging import naming
from archiver.store.losses import Loss, losses

LASTS = timedelta(days=30)
"""So long may a list be approved and carried out; then things may have changed too much."""

SAMPLE = 10


@dataclass(frozen=True, slots=True)
class SeriesCount:
    """How many records of a list go under one series, and what happens to them."""

    schedule: str
    edition: str
    series: str
    title: str
    disposition: str
    records: int


@dataclass(frozen=True, slots=True)
class Review:
    """A list as the person sees it who is to approve it. ``span`` are the first and last moment (aware, UTC).

    ``sample`` are keys spread over the list, ``losses`` what readers of threads lose; ``intact`` says that the lines
    are those of the digest. ``names`` are a person's that go from what stays, of which ``named`` records have them.
    """

    proposal: Proposal
    counts: tuple[SeriesCount, ...]
    accounts: tuple[tuple[str, int], ...]
    span: tuple[datetime, datetime] | None
    sample: tuple[Key, ...]
    losses: tuple[Loss, ...]
    intact: bool
    approval: Approval | None
    receipt: Receipt | None
    run: Run | None
    names: tuple[str, ...] = ()
    named: int = 0

    @property
    def waits_for_receipt(self) -> bool:
        """Whether some of it goes only after an archive has said that it has it."""
        return self.receipt is None and any(one.disposition in AFTER_TRANSFER for one in self.counts)

    def standing(self, at: datetime) -> str:
        """How far it has come, in a word: ``carried out``, ``expired``, ``approved`` or ``proposed``."""
        if self.run is not None:
            return "carried out"
        if at >= self.proposal.expires_at:
            return "expired"
        return "approved" if self.approval is not None else "proposed"


def propose(
    conn: Connection, *, at: datetime, day: date, by: Actor, terms: Terms, wish: Wish, reason: str | None = None
) -> Proposal:
    """Freeze what is due now and asked for. Raises UsageError where that is nothing."""
    found = due_now(conn, day, terms, wish)
    if not found.going:
        held = f", and {len(found.kept)} that are due are kept by stops" if found.kept else ""
        raise UsageError(
            f"Nothing that may be disposed of was found{held}.", advice="`archiver retention due` tells what is due."
        )
    proposal = Proposal(
        disposals.next_name(conn, at), at, by, digest_of(found.going), len(found.going), at + LASTS, reason, found.kept
    )
    disposals.propose(conn, proposal, found.going)
    details = {"records": proposal.records, "digest": proposal.digest, "stopped": len(found.kept)}
    audit.add(conn, Act(at, by, "disposal propose", proposal.name, reason, details))
    return proposal


def review(conn: Connection, name: str) -> Review:
    """What there is to know of a list. Raises NotFound."""
    proposal = _known(conn, name)
    listed = disposals.entries(conn, name)
    run = disposals.run_of(conn, name)
    names = tuple(one for entry in listed for one in entry.names)
    return Review(
        proposal=proposal, counts=_by_series(listed), accounts=_by_account(listed), span=span_of(listed),
        sample=tuple(one.record for one in listed[:: max(1, -(-len(listed) // SAMPLE))]),
        losses=() if run else tuple(losses(conn, [one.record for one in listed])),
        intact=digest_of(listed) == proposal.digest or (run is not None and not listed),
        approval=disposals.approval(conn, name),
        receipt=disposals.receipt(conn, name), run=run, names=names,
        named=_named_beside(conn, names, listed),
    )  # fmt: skip


def _named_beside(conn: Connection, names: Sequence[str], listed: Sequence[Entry]) -> int:
    if not names:
        return 0
    return len(naming(conn, Marks.of_people(names, str)) - {entry.record for entry in listed})


def approve(conn: Connection, name: str, *, at: datetime, by: Actor, digest: str, logins: bool = False) -> Approval:
    """Another person approves the list of that digest, of which the first eight digits are enough.

    ``logins``: the configuration binds people to logins, so two names from one login are one person. Raises UsageError.
    """
    proposal = _known(conn, name)
    _open(conn, proposal, at)
    if disposals.approval(conn, name) is not None:
        raise UsageError(f"{name} is approved already.", advice="`archiver retention review` tells by whom.")
    if by.is_same_person(proposal.by) or (logins and by.login == proposal.by.login):
        raise UsageError(
            f"{name} was proposed by {proposal.by.name}; the same person can't approve it.",
            advice="Two different people decide on a disposal; have another one approve it.",
        )
    if not 8 <= len(digest) <= len(proposal.digest) or not proposal.digest.startswith(digest.casefold()):
        raise UsageError(
            f"{name} has another digest: {proposal.digest}.", advice="Look at the list again and approve what it is."
        )
    if digest_of(disposals.entries(conn, name)) != proposal.digest:
        raise UsageError(f"{name} was changed after it was proposed.", advice="Propose a new list.")
    approval = Approval(name, at, by, proposal.digest)
    disposals.approve(conn, approval)
    audit.add(conn, Act(at, by, "disposal approve", name, details={"digest": proposal.digest}))
    return approval


def record_receipt(conn: Connection, receipt: Receipt) -> None:
    """An archive has what was transferred to it (records rule R34). Raises NotFound, UsageError."""
    proposal = _known(conn, receipt.name)
    _open(conn, proposal, receipt.at)
    disposals.add_receipt(conn, receipt)
    details = {"bag": receipt.bag, "digest": receipt.digest, "reference": receipt.reference}
    audit.add(conn, Act(receipt.at, receipt.by, "disposal receipt", receipt.name, details=details))


def approved(conn: Connection, name: str, at: datetime) -> tuple[Proposal, Approval, list[Entry]]:
    """A list that may be carried out: approved, not expired, and unchanged. Raises NotFound, UsageError."""
    proposal = _known(conn, name)
    _open(conn, proposal, at)
    approval, listed = disposals.approval(conn, name), disposals.entries(conn, name)
    if approval is None:
        raise UsageError(f"{name} is not approved.", advice="Another person approves it: `archiver retention approve`.")
    if not approval.digest == proposal.digest == digest_of(listed):
        raise UsageError(f"{name} was changed after it was approved.", advice="Propose a new list.")
    return proposal, approval, listed


def _known(conn: Connection, name: str) -> Proposal:
    proposal = disposals.proposal(conn, name)
    if proposal is None:
        raise NotFound(f"There is no disposal {name!r}.", advice="`archiver retention disposals` names them.")
    return proposal


def _open(conn: Connection, proposal: Proposal, at: datetime) -> None:
    if disposals.run_of(conn, proposal.name) is not None:
        raise UsageError(
            f"{proposal.name} was carried out.", advice="`archiver retention certificates` tells what went."
        )
    if at >= proposal.expires_at:
        raise UsageError(
            f"{proposal.name} expired on {proposal.expires_at:%Y-%m-%d}.", advice="Propose what is due now."
        )


def _by_series(listed: Sequence[Entry]) -> tuple[SeriesCount, ...]:
    found: dict[tuple[str, str, str, str, str], int] = {}
    for one in listed:
        names = (one.schedule, one.edition, one.series, one.series_title, one.disposition)
        found[names] = found.get(names, 0) + 1
    return tuple(SeriesCount(*names, count) for names, count in sorted(found.items()))


def _by_account(listed: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for one in listed:
        found[one.account] = found.get(one.account, 0) + 1
    return tuple(sorted(found.items()))
