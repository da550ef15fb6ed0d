"""One-time applications for records that no schedule has: drafted, then approved by the state's body (R24)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from archiver.domain.acting import Actor
from archiver.domain.keys import Key
from archiver.errors import NotFound, UsageError
from archiver.services.retention.assigning import words_of
from archiver.services.retention.eligibility import Eligibility, Terms, WhyNot, assess
from archiver.store import Connection, lifetimes
from archiver.store.decisions import applications, audit
from archiver.store.decisions.applications import Application, Approval
from archiver.store.decisions.audit import Act
from archiver.store.decisions.scopes import Scope, matching
from archiver.store.engine import Store
from archiver.store.selection import Query


@dataclass(frozen=True, slots=True)
class Draft:
    """What an application form asks for (records rule R24): what the records are, from when, and how many."""

    application: Application
    by_account: tuple[tuple[str, str, int], ...]

    def document(self) -> dict[str, Any]:
        """As ``--json`` tells it."""
        one = self.application
        approval = one.approval
        return {
            "application": one.name, "description": one.description, "scope": words_of(one.query) if one.query else "",
            "first": one.first, "last": one.last, "records": one.count, "digest": one.digest,
            "quantities": [{"account": a, "kind": kind, "records": n} for a, kind, n in self.by_account],
            "drafted_by": one.by.name, "drafted_at": one.at,
            "approval": None if approval is None else {
                "number": approval.number, "body": approval.body, "day": approval.day, "entered_by": approval.by.name,
            },
        }  # fmt: skip


def unscheduled(conn: Connection, at_day: date, terms: Terms, query: Query) -> list[Eligibility]:
    """The records among those asked for that no series matches and no approved application lets go."""
    keys = sorted(
        {Key(key) for one in matching(conn, Scope(query, context=False)) for key in conn.execute(one).scalars()}
    )
    return [one for one in assess(conn, at_day, terms, keys) if one.why_not is WhyNot.UNSCHEDULED]


def apply(
    store: Store, query: Query, description: str, *, by: Actor, at: datetime, at_day: date, terms: Terms
) -> Draft:
    """Draft an application for the unscheduled records that are asked for; what others come later is not meant."""
    with store.begin() as conn:
        found = unscheduled(conn, at_day, terms, query)
        if not found:
            raise UsageError("Every record that is asked for has a series, or there is none.",
                             advice="`archiver retention unscheduled` shows what no schedule has.")  # fmt: skip
        records = sorted(one.record for one in found)
        days = [terms.day(one.came_at) for one in found]
        draft = Application(
            0, description, query, min(days), max(days), digest_of(records), by, at, len(records)
        )  # fmt: skip
        draft = replace(draft, number=applications.add(conn, draft, records))
        details = {"records": draft.count, "digest": draft.digest, "scope": words_of(query)}
        audit.add(conn, Act(at, by, "application draft", draft.name, description, details))
    return Draft(draft, _quantities((one.account, one.kind) for one in found))


def grant(store: Store, name: str, approval: Approval) -> Application:
    """Store the number under which an application was approved: its records may go from the day of the approval."""
    with store.begin() as conn:
        one = _of_name(conn, name)
        if one.approval is not None:
            raise UsageError(f"{one.name} was approved already, as {one.approval.number}.", advice="Draft another one.")
        applications.approve(conn, one.number, approval)
        details = {"number": approval.number, "day": approval.day.isoformat(), "digest": one.digest}
        audit.add(conn, Act(approval.at, approval.by, "application approve", one.name, approval.body, details))
    return replace(one, approval=approval)


def load(store: Store, name: str) -> Draft:
    """An application by its name, ``A-1``. Raises NotFound."""
    with store.read() as conn:
        one = _of_name(conn, name)
        records = applications.records_of(conn, one.number)
        found = [(life.account, life.kind) for portion in lifetimes.lifetimes(conn, records) for life in portion]
    return Draft(one, _quantities(found))


def listed(store: Store) -> list[Application]:
    """All of them, in the order in which they were drafted."""
    with store.read() as conn:
        return applications.listed(conn)


def digest_of(records: Iterable[Key]) -> str:
    """SHA-256, hex, over the keys in order, a line each."""
    return hashlib.sha256("".join(f"{key}\n" for key in sorted(records)).encode()).hexdigest()


def _quantities(found: Iterable[tuple[str, str]]) -> tuple[tuple[str, str, int], ...]:
    return tuple((account, kind, count) for (account, kind), count in sorted(Counter(found).items()))


def _of_name(conn: Connection, name: str) -> Application:
    found = next((one for one in applications.listed(conn) if name.upper() in {one.name, str(one.number)}), None)
    if found is None:
        raise NotFound(f'There is no application "{name}".', advice="`archiver retention application` lists them.")
    return found
