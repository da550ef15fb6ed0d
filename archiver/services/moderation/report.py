"""The report on a period: what vanished or was hidden, and what people say of it (records rules R45, R46, R50)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from archiver.domain.classification import PUBLIC_ONLY
from archiver.domain.item import State
from archiver.domain.moderation import TAKES_AWAY, Entry, Source, same_text
from archiver.domain.moderation_report import Report, Unlike
from archiver.domain.page_settings import Snapshot, by_track
from archiver.services.clearance import Access
from archiver.services.moderation.entries import Scope, gathered, looks, snapshots
from archiver.services.release import Release
from archiver.store import Connection, accounts, removals, views
from archiver.store.decisions import moderation as told
from archiver.store.engine import Store
from archiver.store.selection import Query
from archiver.store.views import Record

_ALIKE = 100
"""So many records that hold a text's words are looked at; more of them say little about unlike treatment."""
_WORDS = 12


def report(store: Store, scope: Scope, *, archive: str, made_at: datetime) -> Report:
    """All of it in one view of the store, while captures may go on."""
    with store.read() as conn:
        entries = gathered(conn, scope)
        unlike, passed_over = _unlike(conn, entries, scope.access)
        query = Query(account=scope.account, since=scope.since, until=scope.until)
        return Report(
            archive=archive,
            made_at=made_at,
            timezone=str(scope.zone),
            since=scope.since,
            until=scope.until,
            accounts=tuple(one.id for one in accounts.listed(conn) if scope.account in {None, one.id}),
            clearance=scope.access.note,
            entries=tuple(entries),
            policies=tuple(told.policy_versions(conn)),
            coverage=tuple(map(Release(conn, scope.access).coverage, views.coverage_rows(conn, query))),
            settings=tuple(looks(_tracks(conn, scope), scope.access)),
            unlike=tuple(unlike),
            not_compared=passed_over,
        )


def _tracks(conn: Connection, scope: Scope) -> list[list[Snapshot]]:
    """The looks at each setting up to the period's end."""
    tracks = by_track(snapshots(conn, scope.account)).values()
    return [[one for one in track if scope.until is None or one.at < scope.until] for track in tracks]


def _unlike(conn: Connection, entries: Sequence[Entry], access: Access) -> tuple[list[Unlike], int]:
    """Texts of which one was taken away and another was left standing on the same account.

    With it: how many were not held against others, as no word in them leads to others, or too many hold it.
    """
    alike: dict[tuple[str, str], list[Entry]] = {}
    for one in entries:
        text = one.subject.text
        if text and one.action in TAKES_AWAY and one.source is not Source.MANUAL and not one.subject.own:
            alike.setdefault((one.account, same_text(text)), []).append(one)
    release = Release(conn, replace(access, clearance=PUBLIC_ONLY, opened=None, refused=None))
    found: list[Unlike] = []
    passed_over = 0
    for (account, text), taken in alike.items():
        query = Query(
            words=" ".join(re.findall(r"\w+", text)[:_WORDS]), account=account, state=State.LIVE, limit=_ALIKE
        )
        if not query.terms or len(candidates := removals.with_words(conn, query)) == _ALIKE:
            passed_over += 1
            continue
        names = {one.subject.record for one in taken}
        alike_keys = [key for key, words in candidates if key not in names and same_text(words) == text]
        standing = [
            record.row["record"]
            for record in views.records_of(conn, alike_keys)
            if release.outgoing(record) and _text_of(record) == text
        ]
        if standing:
            found.append(Unlike(account, taken[0].subject.text or "", tuple(taken), tuple(standing)))
    return found, passed_over


def _text_of(record: Record) -> str:
    return same_text(record.row["text"] or "")
