"""The certificate of a disposal, as a clerk files it (records rule R29): a PDF to read, a CSV that names each record.

Neither holds a word of a record. The same disposal gives the same bytes, today and in ten years with this version.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property

from archiver.domain.disposal import Certificate, Destroyed
from archiver.exports.csv import guarded
from archiver.exports.paper import Block, Facts, Heading, Listing, Note, Page, Paragraph, as_bytes

AT_ONCE = 500
"""So many records are in one table, under a heading that says which."""
MOST_NAMED = 10_000
"""With more records the PDF leaves naming them to the CSV file, whose digest it has: nobody files 3,000 pages."""

_SUBJECT = "Destruction list under a records retention schedule"

COLUMNS = (
    "disposal", "record", "account", "kind", "created_at", "schedule", "edition", "series", "series_title",
    "disposition", "trigger_on", "due_on", "versions", "not_public", "destroyed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authority:
    """The edition of a schedule under which records went: who issued it, and how the city adopted it.

    ``schedule`` and ``edition`` are those of the list's entries. Days are days of the law.
    """

    schedule: str
    edition: str
    title: str
    body: str | None = None
    reference: str | None = None
    adopted_on: date | None = None
    instrument: str | None = None

    def sentence(self) -> str:
        """As it stands in the certificate."""
        issued = f", issued by {self.body}" if self.body else ""
        approved = f" ({self.reference})" if self.reference else ""
        by = f" by {self.instrument}" if self.instrument else ""
        adopted = f"; adopted on {self.adopted_on}{by}" if self.adopted_on else ""
        return f"{self.title}, edition {self.edition}{issued}{approved}{adopted}"


@dataclass(frozen=True)
class Paper:
    """A certificate and what is said of it on paper.

    ``signature`` are the lines below the signed list (``— name base64``), ``zone`` is that of the times of day.
    """

    certificate: Certificate
    authorities: tuple[Authority, ...] = ()
    signature: str | None = None
    zone: tzinfo = UTC

    @cached_property
    def csv(self) -> bytes:
        """Each destroyed record: UTF-8 with a mark, CRLF, nothing in it that a spreadsheet would run."""
        text = io.StringIO(newline="")
        written = csv.writer(text, lineterminator="\r\n")
        written.writerow(COLUMNS)
        written.writerows(map(self._row, self.certificate.destroyed))
        return text.getvalue().encode("utf-8-sig")

    @cached_property
    def pdf(self) -> bytes:
        """The certificate with its headings, its tables and the list of records."""
        one = self.certificate
        page = Page(
            title=f"Certificate of {self._what} {one.name}",
            author=one.archive,
            subject="Expungement by order of a court" if one.order else _SUBJECT,
            footer=f"{one.archive} - certificate of {self._what} {one.name}",
        )
        return as_bytes(page, list(self._blocks()))

    @property
    def _what(self) -> str:
        return "expungement" if self.certificate.order else "disposal"

    def _row(self, one: Destroyed) -> tuple[str, ...]:
        entry = one.entry
        return (
            guarded(self.certificate.name), guarded(entry.record), guarded(entry.account), str(entry.kind),
            _iso(entry.created_at), guarded(entry.schedule), entry.edition, guarded(entry.series),
            guarded(entry.series_title), entry.disposition, entry.trigger_on.isoformat(), entry.due_on.isoformat(),
            str(one.versions), "yes" if one.not_public else "no", _iso(self.certificate.run_at),
        )  # fmt: skip

    def _blocks(self) -> Iterator[Block]:
        one = self.certificate
        what = "by order of a court" if one.order else "under an adopted retention schedule"
        yield Heading(f"Certificate of {self._what} {one.name}", level=1)
        yield Paragraph(
            f"{one.archive} disposed of {_count(one.went, 'record')} {what}, as proposed, "
            "approved by a second person, and carried out as told here. Nothing on these pages is a record's text."
        )
        yield Heading("Who decided")
        yield Facts(tuple(self._decided()))
        yield Heading("By which authority")
        yield Facts(tuple(self._authority()))
        yield Heading("What was disposed of")
        yield from self._quantities()
        yield Heading("How")
        yield Facts((("Medium", one.medium), ("Method", one.method), *self._how()))
        yield from self._residue()
        yield from self._kept()
        yield from self._files()
        yield Heading("The records")
        if one.expunged:
            yield Paragraph(
                "None is named here, nor anywhere in the archive. The SHA-256 of the approved list was taken with a "
                "salt that was destroyed with it, so that nobody can try out which records it was of."
            )
        else:
            yield from self._records()
        yield Heading("Proof")
        yield from self._proof()

    def _decided(self) -> Iterator[tuple[str, str]]:
        one = self.certificate
        yield "Proposed", f"{one.proposed_by}, {self._local(one.proposed_at)}"
        yield "Approved", f"{one.approved_by}, {self._local(one.approved_at)}"
        yield "Carried out", f"{one.run_by}, {self._local(one.run_at)}"
        yield "Approved list", f"SHA-256 {one.digest}"

    def _authority(self) -> Iterator[tuple[str, str]]:
        one = self.certificate
        known = {(found.schedule, found.edition): found for found in self.authorities}
        for name in dict.fromkeys((total.schedule, total.edition) for total in one.totals):
            schedule, edition = name
            yield schedule, known[name].sentence() if name in known else f"edition {edition}"
        if one.order:
            yield "Court order", one.order
        if one.receipt:
            yield "Receipt", one.receipt

    def _quantities(self) -> Iterator[Block]:
        one = self.certificate
        columns = ("Series", "Title", "Schedule, edition", "Disposition", "Records", "From", "Until")
        rows = [
            (total.series, total.title, f"{total.schedule}, {total.edition}", total.disposition.replace("_", " "),
             f"{total.records:,}", str(total.from_on), str(total.until_on))
            for total in one.totals
        ]  # fmt: skip
        if rows:
            yield Listing(columns, tuple(rows), (14, 40, 36, 22, 18, 22, 22), numbers=frozenset({4}))
        versions = sum(found.versions for found in one.destroyed)
        gone = sum(found.new is None for found in one.files)
        yield Facts(
            (
                ("Records", f"{one.went:,}" + ("" if one.expunged else f", with {_count(versions, 'version')}")),
                ("Files", f"{_count(one.media, 'picture, film or file', 'pictures, films and files')}"),
                (
                    "WARC files",
                    f"{len(one.files) - gone:,} written anew, {gone:,} deleted whole; {_less(one.size_bytes)}",
                ),
                ("Kept exports", ", ".join(one.exports) or "none were there"),
                ("Not-public data", "not told of what is expunged" if one.expunged else _public(one)),
            )
        )

    def _how(self) -> Iterator[tuple[str, str]]:
        one = self.certificate
        removed, changed = sum(found.removed for found in one.files), sum(found.changed for found in one.files)
        yield "In WARC files", f"{_count(removed, 'WARC record')} taken out, {changed:,} replaced by what stays of them"

    def _residue(self) -> Iterator[Block]:
        found = self.certificate.residue
        yield Heading("What stays for now")
        if not found:
            yield Paragraph("Nothing: no capture shows any of these records any more.")
            return
        yield Paragraph(
            f"Words of disposed records are still in {_count(len(found), 'capture')} beside records that stay, and "
            "can't be parted from them. No search finds them; they go when the records beside them go."
        )
        rows = tuple(
            (f"{one.file}, {one.offset:,}", f"{one.records:,}", one.reason, str(one.until or "not known yet"))
            for one in found
        )
        yield Listing(
            ("WARC file, offset", "Records", "Reason", "Until"), rows, (62, 18, 68, 26), numbers=frozenset({1})
        )

    def _kept(self) -> Iterator[Block]:
        found = self.certificate.kept
        yield Heading("Approved, and kept after all")
        if not found:
            yield Paragraph("Nothing: every record of the approved list was disposed of.")
            return
        yield Listing(("Record", "Reason"), tuple((one.record, one.reason) for one in found), (90, 84))

    def _files(self) -> Iterator[Block]:
        found = self.certificate.files
        if not found:
            return
        yield Heading("WARC files")
        rows = tuple(
            (
                f"{one.file}\nSHA-256 {one.sha256}",
                f"{one.new}\nSHA-256 {one.new_sha256}" if one.new else "deleted whole",
            )
            for one in found
        )
        yield Listing(("Before", "After"), rows, (87, 87), size=6.0)

    def _records(self) -> Iterator[Block]:
        one = self.certificate
        yield Paragraph(
            f"Each of them is a line of the file {one.name}.csv "
            f"({len(self.csv):,} bytes, SHA-256 {hashlib.sha256(self.csv).hexdigest()})."
        )
        if len(one.destroyed) > MOST_NAMED:
            yield Paragraph(f"They are more than {MOST_NAMED:,}, and are named there alone.")
            return
        for start in range(0, len(one.destroyed), AT_ONCE):
            some = one.destroyed[start : start + AT_ONCE]
            if len(one.destroyed) > AT_ONCE:
                yield Heading(f"Records {start + 1:,} to {start + len(some):,}", level=3)
            columns = ("Record", "Account", "Kind", "Created", "Series", "Due")
            yield Listing(columns, tuple(map(self._named, some)), (68, 34, 18, 18, 18, 18), size=7.0)

    def _named(self, one: Destroyed) -> tuple[str, ...]:
        entry = one.entry
        return (
            entry.record, entry.account, str(entry.kind), self._day(entry.created_at), entry.series, str(entry.due_on),
        )  # fmt: skip

    def _proof(self) -> Iterator[Block]:
        text = self.certificate.text()
        yield Paragraph(
            f"The list in the archive has {len(text.encode()):,} bytes and the SHA-256 "
            f"{hashlib.sha256(text.encode()).hexdigest()}. It stays in the archive for good."
        )
        if self.signature:
            yield Paragraph("It is signed with the archive's key:")
            yield Note(self.signature.strip())
        yield Paragraph("Signed on paper, where the city wants that:")
        yield Facts((("Records officer", " "), ("Date", " ")), ruled=True)

    def _local(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M %Z")

    def _day(self, at: datetime | None) -> str:
        return str(at.astimezone(self.zone).date()) if at else "not known"


def _public(one: Certificate) -> str:
    return "was among it" if one.not_public else "was not among it"


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _less(size: int) -> str:
    """How much smaller the files became; what is told of taken records can make small files larger."""
    return f"{abs(size):,} bytes {'less' if size >= 0 else 'more'}"


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def authorities_of(found: Sequence[Authority], certificate: Certificate) -> tuple[Authority, ...]:
    """Those of the schedules' editions that the certificate rests on."""
    names = {(total.schedule, total.edition) for total in certificate.totals}
    return tuple(one for one in found if (one.schedule, one.edition) in names)
