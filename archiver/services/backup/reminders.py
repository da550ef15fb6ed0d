"""How old the last backup and the last drill are, and whether a person should be reminded of them (R36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.store.decisions import backups
from archiver.store.decisions.backups import Backup, Drill
from archiver.store.engine import Store


@dataclass(frozen=True, slots=True)
class Standing:
    """The last backup and the last drill, and what there is to say of them, a sentence each."""

    last: Backup | None
    drill: Drill | None
    reminders: tuple[str, ...]


def standing(store: Store, now: datetime, *, remind: timedelta, drill: timedelta) -> Standing:
    """``remind`` and ``drill`` are the ages after which a person is reminded."""
    with store.read() as conn:
        last = next(iter(backups.made(conn)), None)
        tried = next(iter(backups.tried(conn)), None)
    return Standing(last, tried, tuple(_said(last, tried, now, remind, drill)))


def _said(last: Backup | None, tried: Drill | None, now: datetime, remind: timedelta, drill: timedelta) -> list[str]:
    if last is None:
        return ["No backup was made yet. Run `archiver backup`."]
    said = []
    if now - last.made_at > remind:
        said.append(f"The last backup is {(now - last.made_at).days} days old. Run `archiver backup`.")
    if tried is None:
        said.append("No restore was tried yet. Run `archiver restore --drill`.")
    elif not tried.passed:
        said.append(f"The last drill, of {tried.backup}, failed: {tried.findings[0].rstrip('.')}.")
    elif now - tried.at > drill:
        said.append(f"The last drill was {(now - tried.at).days} days ago. Run `archiver restore --drill`.")
    return said
