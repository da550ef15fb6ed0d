"""Expungement by order of a court (records rule R35): what it asks beside a disposal, which carries it out.

One person names records and the order, another one approves, and the same run destroys. No record needs to be due, but
all of them go, or none: without a tombstone that knows its name, a record of which a capture still tells would be
read back at the next rebuild.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from archiver.domain.acting import Actor
from archiver.domain.disposal import Certificate, Destroyed, Entry, Kept, Tombstone, digest_of
from archiver.domain.expungement import (
    BY_ORDER,
    DISPOSITION,
    PREFIX,
    TELLING,
    Marks,
    anonymous,
    taken,
)
from archiver.domain.item import Kind
from archiver.domain.keys import Key
from archiver.domain.opening import person_digest
from archiver.errors import NotFound, OperatorError, UsageError
from archiver.ledger.notes import Signer
from archiver.services.disposal.proposing import LASTS
from archiver.services.disposal.staging import Staged
from archiver.services.searches import digest_of as digest_of_members
from archiver.store import Connection, bulk, expunging, items, tombstones
from archiver.store.decisions import audit, disposals
from archiver.store.decisions.audit import Act
from archiver.store.decisions.disposals import Proposal
from archiver.warc.names import segments
from archiver.warc.naming import is_named
from archiver.warc.reader import StoredEvent, events, exchange_of

if TYPE_CHECKING:
    from archiver.services.disposal.running import Order

SERIES = "expungement"
TITLE = "by order of a court"
_CONTENT_ID = 20
"""Names of versions that are as long as this are made from what they say: Bluesky's."""


def new_mark() -> str:
    """A mark that was never there before: 64 random bits, which nothing is made from."""
    return f"{PREFIX}{secrets.token_hex(8)}"


def new_salt() -> str:
    """32 random bytes for a commitment, in hexadecimal digits."""
    return secrets.token_hex(32)


def propose(
    conn: Connection, records: Sequence[str], *, court_order: str, reason: str, at: datetime, day: date, by: Actor,
    names: Sequence[str] = (),
) -> Proposal:  # fmt: skip
    """Freeze the list of an order; it may hold what was disposed of before. Raises NotFound, UsageError.

    ``names`` are a person's, and go from what stays, too: names, handles, numbers of accounts.
    """
    if not court_order.strip() or not reason.strip():
        raise UsageError("An expungement names the court's order and the reason.", advice="Add --order and --reason.")
    keys = sorted({_resolved(conn, name) for name in records})
    found = tombstones.of(conn, keys)
    people = tuple(dict.fromkeys(" ".join(one.split()).removeprefix("@") for one in names))
    _require_a_persons(people, {*expunging.own_names(conn), by.name, by.login}, f"{court_order}\n{reason}")
    _require_telling(conn, found, people)
    salt = new_salt()
    listed = [_entry(one, court_order.strip(), day, salt) for one in found]
    listed[0] = replace(listed[0], names=people)
    name = disposals.next_name(conn, at, "E")
    proposal = Proposal(name, at, by, digest_of(listed), len(listed), at + LASTS, reason.strip())
    disposals.propose(conn, proposal, listed)
    details = {"records": proposal.records, "digest": proposal.digest, "order": court_order.strip()}
    audit.add(conn, Act(at, by, "expunge propose", name, reason.strip(), details))
    return proposal


def _require_a_persons(names: Sequence[str], own: Collection[str], told: str) -> None:
    """Raises UsageError where a name can't be told from other words, is the city's own, or is told by what stays."""
    if short := [one for one in names if len(one) < TELLING]:
        raise UsageError(f"{short[0]!r} is too short to be told from other words.", advice="Give the whole name.")
    for name in names:
        only = Marks.of_people([name], new_mark)
        if only.in_text(told):
            raise UsageError(f"The order and the reason stay, and {name!r} stands there.", advice="Leave it out there.")
        if any(map(only.in_text, own)):
            raise UsageError(
                f"{name!r} is the name of an account of the archive, or of somebody who decided here.",
                advice="Leave it out: only names of those whom the order protects can be taken out.",
            )


def names_of(listed: Sequence[Entry]) -> tuple[str, ...]:
    """The people's names that a list has taken out of what stays."""
    return tuple(name for one in listed for name in one.names)


def named_beside(conn: Connection, listed: Sequence[Entry]) -> list[Key]:
    """The records that stay and have one of these names in them, as far as rows tell."""
    names = names_of(listed)
    if not names:
        return []
    going = {one.record for one in listed}
    return sorted(expunging.naming(conn, Marks.of_people(names, new_mark)) - going)


def shown_still(conn: Connection, name: str) -> list[Key]:
    """What of a list the platform shows as far as is known: collecting goes on, and would bring it back."""
    keys = [one.record for one in disposals.entries(conn, name)]
    return sorted(Key(row[0]) for row in bulk.select(conn, _SHOWN, keys))


_SHOWN = "SELECT key FROM items WHERE state = 'live' AND key {among}"


def _resolved(conn: Connection, name: str) -> Key:
    key = items.resolve(conn, name)
    if key is None:
        raise NotFound(f"There is no record {name!r}.", advice="`archiver search` shows the keys of records.")
    if PREFIX in key:
        raise UsageError(f"{key} was expunged before; nothing of it is left but the place.")
    return key


def _entry(one: Tombstone, court_order: str, day: date, salt: str) -> Entry:
    return Entry(
        record=one.record, account=one.account, kind=one.kind, created_at=one.created_at, schedule=BY_ORDER,
        edition=court_order, series=SERIES, series_title=TITLE, disposition=DISPOSITION, trigger_on=day, due_on=day,
        salt=salt,
    )  # fmt: skip


def _require_telling(conn: Connection, stones: Sequence[Tombstone], people: Sequence[str]) -> None:
    """Raises UsageError where names can't be told from other words, or are a part of others' names."""
    if profiles := [one.record for one in stones if one.kind is Kind.PROFILE]:
        raise UsageError(
            f"{profiles[0]} is an account's profile; its name is that of all its records.",
            advice="Take the account out of the archive as a whole.",
        )
    marks = marks_of(conn, stones, people)
    if marks.least < TELLING:
        raise UsageError(
            f"An id of only {marks.least} characters can't be told from other words.",
            advice="Such a record can't be expunged; a disposal under its series leaves only its tombstone.",
        )
    going = {one.record for one in stones}
    rows = conn.exec_driver_sql("SELECT key, key FROM items UNION SELECT i.key, a.alias FROM aliases a "
                                "JOIN items i ON i.id = a.item_id").all()  # fmt: skip
    with_it = sorted({*taken(marks, [(row[0], row[1]) for row in rows if row[0] not in going])})
    if with_it:
        raise UsageError(
            f"The ids of {len(with_it)} other records have one of these names in them, such as {with_it[0]}.",
            advice="Name them as well, where the order covers them.",
        )
    downloads = [row for query in _DOWNLOADS for row in bulk.select(conn, query, sorted(going))]
    if downloads:
        raise UsageError(
            f"{downloads[0][0]} stands in a data download, too, which is kept whole and can't be cut.",
            advice="It can't be expunged as long as the archive has that download.",
        )


_DOWNLOADS = (
    "SELECT i.key FROM download_entries e JOIN items i ON i.id = e.item_id WHERE i.key {among}",
    "SELECT r.record FROM residue r JOIN download_parts p ON p.exchange_id = r.exchange_id WHERE r.record {among}",
)


def require_all(name: str, kept: Sequence[Kept]) -> None:
    """Raises UsageError where something of an order's list must stay: all of it goes, or nothing."""
    if kept:
        reasons = "; ".join(sorted({one.reason for one in kept}))
        raise UsageError(
            f"{len(kept)} records of {name} must stay: {reasons}. Nothing was expunged.",
            advice="Have the stop released, or propose a list without them.",
        )


def marks_of(conn: Connection, stones: Sequence[Tombstone], people: Sequence[str] = ()) -> Marks:
    """What takes the place of these records' names, and of digests by which one could find out what they said.

    ``people`` are names that go from what stays.
    """
    keys = [one.record for one in stones]
    names: dict[Key, list[str]] = {one.record: list(one.names) for one in stones}
    more = {person_digest(name): new_mark() for name in people}
    for key, permalink in bulk.select(conn, _PERMALINKS, keys):
        names[Key(key)].append(permalink)
    for key, native, digest in bulk.select(conn, _VERSIONS, keys):
        if native and len(native) >= _CONTENT_ID:
            names[Key(key)].append(native)
        more[digest] = new_mark()
    return replace(Marks.of(names, new_mark, more), words=Marks.of_people(people, new_mark).words)


_PERMALINKS = "SELECT key, permalink FROM items WHERE permalink IS NOT NULL AND key {among}"
_VERSIONS = """
SELECT i.key, v.native_version, v.digest FROM versions v JOIN items i ON i.id = v.item_id WHERE i.key {among}
"""


def require_nothing_left(staged: Staged, marks: Marks) -> None:
    """Raises OperatorError where a capture would still tell of a record."""
    left = dict(staged.refused)
    for path in segments(staged.view):
        for event in events(path):
            if is_named(event, marks) or _answers(event, marks):
                left.setdefault(event.id, "it says a name of the record")
    if left:
        first = next(iter(left))
        raise OperatorError(
            f"{len(left)} captures can't be parted from what is to be expunged; {first}: {left[first]}. "
            "Nothing was expunged.",
            advice="Have what stays and repeats it expunged, too, where the order covers it.",
        )


def _answers(event: StoredEvent, marks: Marks) -> bool:
    """Whether an answer, as it was read out of its codings, says a name."""
    if event.is_note or event.response is None or event.response.type == "resource":
        return False
    exchange = exchange_of(event)
    said = [exchange.body, exchange.request_body or b""]
    return any(map(marks.in_data, said)) or any(marks.in_text(value) for _, value in exchange.headers)


def nameless(certificate: Certificate, court_order: str, marks: Marks) -> Certificate:
    """The certificate of an expungement: the order and counts, and no record."""
    exports = tuple(map(marks.text, certificate.exports))
    names = "1 name" if len(marks.words) == 1 else f"{len(marks.words)} names"
    people = f", and {names} of people," if marks.words else ""
    method = f"{certificate.method}; the records' ids and addresses{people} replaced by marks in all that stays"
    return replace(
        certificate, order=court_order, expunged=len(certificate.destroyed), destroyed=(), kept=(), residue=(),
        exports=exports, method=method,
    )  # fmt: skip


def forget(conn: Connection, signer: Signer, order: Order, stones: Sequence[Tombstone], marks: Marks) -> dict[str, Any]:
    """Take the names out of what people decided, in the transaction of the run; what is to be told of it.

    The lines of the order's list go with their salt, so that its digest is a commitment that nobody can open.
    """
    expunging.forget_fingerprints(conn, list(marks.keys), digest_of_members)
    lists = _lists(conn, order.proposal.name, marks)
    every = replace(marks, names={**marks.names, **lists})
    for run in disposals.runs(conn):
        text = run.note.rpartition("\n\n")[0] + "\n"
        if run.name != order.proposal.name and every.in_text(text):
            disposals.signed_again(conn, run.name, signer.signed(_without(Certificate.parse(text), every).text()))
    changed = expunging.forget_names(conn, every, order.proposal.name)
    buried = [_buried(stone, order.going[0], marks) for stone in stones]
    disposals.bury(conn, order.proposal.name, order.at, buried)
    return {
        "records": len(stones), "names": len(marks.words), "order": order.court_order,
        "digest": order.proposal.digest, "decisions": changed,
    }  # fmt: skip


def _buried(stone: Tombstone, entry: Entry, marks: Marks) -> Destroyed:
    nameless_stone = anonymous(stone, marks)
    entry = replace(entry, record=nameless_stone.record, created_at=None, salt=None, names=())
    return Destroyed(entry, nameless_stone, versions=0)


def _without(certificate: Certificate, marks: Marks) -> Certificate:
    """An earlier certificate in which what was expunged has neither name nor time."""
    destroyed = tuple(
        Destroyed(
            replace(one.entry, record=marks.keys[one.entry.record], created_at=None, salt=None),
            anonymous(one.stone, marks), one.versions, one.not_public,
        )
        if one.entry.record in marks.keys
        else one
        for one in certificate.destroyed
    )  # fmt: skip
    changed: Certificate = marks.value(replace(certificate, destroyed=destroyed))
    return changed


def _lists(conn: Connection, own: str, marks: Marks) -> dict[str, str]:
    """The digests of other lists that name what is expunged, and what they are without the names.

    A digest of a few keys and days could be tried out.
    """
    found: dict[str, str] = {}
    for proposal in disposals.proposals(conn):
        listed = disposals.entries(conn, proposal.name) if proposal.name != own else []
        if any(one.record in marks.keys for one in listed):
            found[proposal.digest] = digest_of(marks.value(one) for one in listed)
    return found
