"""What leaves the archive, and what is withheld of it: the marks, the rules and a clearance, applied to records.

Every search, `show` and export passes its records through here (R12 to R14, R19). A record that is withheld as a whole
goes nowhere; of others, what is closed is replaced by a mark that names the law, in every place of the record where it
stands, and in records that share or quote it. What was captured is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from archiver.domain.classification import OPEN_VISIBILITIES, UNDECIDED, Classified, NotPublic, Part, classified
from archiver.domain.excerpt import excerpt
from archiver.domain.fulltext import Term
from archiver.domain.keys import Key, platform_of
from archiver.domain.opening import Opening
from archiver.domain.redaction import Redactor
from archiver.services.blackening import blacken, texts_of, words_of
from archiver.services.clearance import Access
from archiver.services.granting import Grants
from archiver.services.openings import Openings, Repeats
from archiver.store import Connection, views
from archiver.store.decisions import classes
from archiver.store.selection import Query
from archiver.store.views import Record, Row

_LINKING = ("record", "parent", "thread", "quotes", "shares")


@dataclass(frozen=True, slots=True)
class FoundBy:
    """How records were found: words that must all stand in them, and whether an author was asked for."""

    terms: Sequence[Term] = ()
    author: bool = False

    @classmethod
    def of(cls, query: Query) -> FoundBy:
        """As a query finds."""
        return cls(tuple(query.terms), query.author is not None)


@dataclass(slots=True)
class _Plan:
    """What is withheld of one record, as far as marks and rules say."""

    kept: list[NotPublic]
    words: list[tuple[str, str]] = field(default_factory=list)
    alias: Key | None = None


ANYHOW = FoundBy()

_REPEATED = NotPublic(
    Part.TEXT, "", "as the record that it repeats", "The words that were asked for stand only in what is withheld."
)


class Release:
    """One reading of the archive on some terms. ``withheld`` fills while records go by.

    ``among``: the only records that will be asked for; None: any.
    """

    def __init__(self, conn: Connection, access: Access, among: Iterable[Key] | None = None) -> None:
        self._conn = conn
        self._access = access
        among = None if among is None else list(among)
        self.withheld: list[Row] = []
        self._openings = Openings(access)
        self._repeats = Repeats()
        marks = classes.standing(conn) if among is None else classes.of_records(conn, among)
        marks |= classes.standing(conn, everywhere=True)
        self._marks = marks
        self._grants = Grants(conn, access, few=among is not None)
        self._grants.prepare([*marks, *(among or ())])
        self._plans: dict[Key, _Plan] = {}
        self._few: frozenset[Key] | None = None
        everywhere: list[tuple[str, str]] = []
        addresses: list[tuple[str, str]] = []
        for record in views.records_of(conn, marks):
            if access.clearance.classes:
                self._repeats.add(record, self._opened(record))
            plan = self._plan(record)
            if plan.kept:
                self._plans[record.row["record"]] = plan
                addresses += plan.words
                chosen = [one for one in plan.kept if one.mark is not None and one.mark.everywhere]
                everywhere += words_of(record, chosen)
        self._everywhere = Redactor(everywhere)
        self._addresses = Redactor((words, law) for words, law in addresses if len(words) > _SHORT)
        self._aliases = {key: plan.alias for key, plan in self._plans.items() if plan.alias is not None}

    def outgoing(self, record: Record, found_by: FoundBy = ANYHOW) -> Record | None:
        """A record as it may be seen; None where all of it is withheld, which ``withheld`` tells.

        Where the words by which it was found stand only in what is withheld, it was not found.
        """
        key = record.row["record"]
        plan = self._plans.get(key)
        found = self.classified(record)
        kept = plan.kept if plan is not None else self._kept(found, record)
        refused = self._grants.refused(kept, record)
        if refused:
            self._openings.refused(Opening(key, tuple(refused)))
        whole = next((one for one in kept if one.part is Part.RECORD), None)
        if whole is None and found_by.author:
            whole = next((one for one in kept if one.part is Part.AUTHOR), None)
        if whole is not None:
            self.withheld.append(self._line(record, whole))
            return None
        redactor = self._redactor(record, plan)
        if kept or redactor:
            before = texts_of(record) if found_by.terms else []
            blacken(record, kept, redactor)
            after = texts_of(record) if found_by.terms else []
            if after != before and not _found_in(after, found_by.terms) and _found_in(before, found_by.terms):
                self.withheld.append(self._line(record, kept[0] if kept else _REPEATED))
                return None
        self.withheld += [self._line(record, one) for one in kept]
        opened = self._grants.opened(found, record)
        if opened:
            self._openings.shown(Opening(key, tuple(opened)))
        for other in self._repeated(record):
            self._openings.shown(other)
        if self._aliases:
            self._rename(record)
        return record

    def prepare(self, keys: Iterable[Key]) -> None:
        """These records will be asked for soon: look up at once what decides about them."""
        self._grants.prepare(keys)

    def kept(self, record: Record) -> list[NotPublic]:
        """The parts of a record that may not be shown."""
        return self._kept(self.classified(record), record)

    def names_author(self, record: Record) -> bool:
        """Whether what people say of a record's author may be told; to be asked before `outgoing`."""
        closed = {one.part for one in self.kept(record)} & _NAMING
        return not closed and self._grants.names_people(record)

    def note_beside(self, record: Key, what: str) -> None:
        """Something is told of a record's author that is not public."""
        self._openings.shown(Opening(record, beside=(what,)))

    @property
    def closes_anything(self) -> bool:
        """Whether there is anything at all that has to be taken out of records that are not withheld as a whole."""
        return bool(self._plans) or bool(self._everywhere) or bool(self._undecided())

    @property
    def opens_anything(self) -> bool:
        """Whether there is anything at all that is not public and may be shown, so that it has to be noted."""
        return bool(self._repeats)

    def name_of(self, key: Key) -> Key:
        """The name that a record goes by: its key, or another where the key names an author who is withheld."""
        return self._aliases.get(key, key)

    def keeps_of(self, key: Key) -> bool:
        """Whether something of a record is withheld, as far as marks say."""
        return key in self._plans

    def classified(self, record: Record) -> Classified:
        """The class of a record today."""
        marks = self._marks.get(record.row["record"], ())
        limited = _limited(record)
        if not marks and not limited:
            return Classified(self._access.profile.rule_set, self._access.profile.public.name)
        made = record.row["created_at"] or record.row["first_seen_at"]
        return classified(self._access.profile, marks, limited=limited, made_on=made.date(), today=self._access.today)

    def text_of(self, record: Record) -> str | None:
        """A record's text as it may stand in another record that repeats it; None where it is withheld."""
        kept = self._kept(self.classified(record), record)
        if any(one.part is Part.RECORD for one in kept):
            return None
        if kept:
            blacken(record, kept, self._redactor(record, self._plans.get(record.row["record"])))
        text: str | None = record.row["text"]
        return text

    def exchange(self, row: Row) -> Row:
        """An exchange whose address says none of what is withheld."""
        if self._addresses or self._aliases:
            row["url"] = self._addresses.text(row["url"])
        return row

    def coverage(self, row: Row) -> Row:
        """A span of coverage that names no record whose name is withheld."""
        if self._aliases:
            row["thread"] = self._aliases.get(row["thread"], row["thread"])
        return row

    def beside(self, record: Record, text: str) -> str:
        """What a person wrote about a record, without what is withheld of it: words may repeat what it says."""
        return self._redactor(record, self._plans.get(record.row["record"])).text(text)

    def words(self, text: str) -> str:
        """A text about the answer as a whole: a filter, a search as it was typed."""
        return self._addresses.text(text)

    def done(self) -> None:
        """All records have gone by: what was opened or refused and is not yet written down, is."""
        self._openings.done()

    def _opened(self, record: Record) -> list[NotPublic]:
        return self._grants.opened(self.classified(record), record)

    def _repeated(self, record: Record) -> list[Opening]:
        """What a record shows of others that are not public and open."""
        if not self._access.clearance.classes:
            return []
        for name in ("shares", "quotes"):
            other = record.row[name]
            if other is not None and other not in self._repeats and other in self._undecided():
                original = views.record(self._conn, other)
                if original is not None:
                    self._repeats.add(original, self._opened(original))
        return self._repeats.among(record)

    def _plan(self, record: Record) -> _Plan:
        kept = self._kept(self.classified(record), record)
        plan = _Plan(kept, words_of(record, kept))
        number = next((one.mark.id for one in kept if one.mark is not None and one.part in _NAMING), None)
        author = record.row["author_id"] or ""
        if number is not None and len(author) > _SHORT and author in record.row["record"]:
            plan.alias = Key(f"{platform_of(record.row['record'])}:withheld-{number}")
            law = next(one.citation for one in kept if one.part in _NAMING)
            plan.words += [(record.row["native_id"], law)]
        return plan

    def _kept(self, found: Classified, record: Record) -> list[NotPublic]:
        return self._grants.kept(found, record) if found.parts else []

    def _redactor(self, record: Record, plan: _Plan | None) -> Redactor:
        """Takes out what is withheld of this record, of those that it shares and quotes, and what goes everywhere."""
        related: list[tuple[str, str]] = []
        for name in ("shares", "quotes"):
            other = record.row[name]
            if other is not None and other in self._plans:
                related += self._plans[other].words
            elif other is not None and other in self._undecided():
                original = views.record(self._conn, other)
                if original is not None:
                    related += words_of(original, self._kept(self.classified(original), original))
        own = {record.row["author"], record.row["author_handle"], record.row["author_id"]}  # who quotes themselves
        words = [one for one in related if one[0] not in own] + (plan.words if plan is not None else [])
        if not words:
            return self._everywhere
        return Redactor([*words, *self._everywhere.words])

    def _undecided(self) -> frozenset[Key]:
        """Records that few could see and that may be shared or quoted all the same."""
        if self._few is None:
            self._few = frozenset(classes.limited_posts(self._conn))
        return self._few

    def _rename(self, record: Record) -> None:
        """Other names for records whose keys name an author who is withheld."""
        own = self._aliases.get(record.row["record"])
        if own is not None:
            record.row |= {"native_id": own.partition(":")[2], "permalink": None}
        for row in _rows(record):
            for name in _LINKING:
                if row.get(name) in self._aliases:
                    row[name] = self._aliases[row[name]]

    def _line(self, record: Record, one: NotPublic) -> Row:
        """The line that stands for what is withheld, in the list of that; it has none of the record's words."""
        row = record.row
        basis = one.citation
        if one.class_ == UNDECIDED:
            shown = {str(v["visibility"]) for v in (row, *record.versions) if v["visibility"] not in OPEN_VISIBILITIES}
            basis = f"visibility: {', '.join(sorted(shown))}"
        plan = self._plans.get(row["record"])
        reason = Redactor(plan.words).text(one.reason) if plan is not None else one.reason
        return {
            "record": self._aliases.get(row["record"], row["record"]),
            "account": row["account"],
            "kind": row["kind"],
            "created_at": row["created_at"],
            "part": one.part.value,
            "version": one.span.version if one.span else None,
            "span": f"{one.span.start}-{one.span.end}" if one.span else None,
            "class": one.class_ or None,
            "basis": basis,
            "reason": reason,
        }


_NAMING = frozenset({Part.RECORD, Part.AUTHOR})
_SHORT = 5
"""Words up to so many characters are in too many addresses to mean anything there."""


def _limited(record: Record) -> bool:
    """Whether the platform showed it, in any of its versions, to fewer people than all."""
    return not {record.row["visibility"], *(version["visibility"] for version in record.versions)} <= OPEN_VISIBILITIES


def _found_in(texts: Sequence[str], terms: Sequence[Term]) -> bool:
    return all(excerpt(texts, [term]).marks for term in terms)


def _rows(record: Record) -> Iterator[Row]:
    yield record.row
    for rows in (
        record.versions, record.events, record.attachments, record.links, record.polls, record.metrics, record.origins,
    ):  # fmt: skip
        yield from rows
