"""The moderation report as values of JSON, and as rows for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.domain.moderation import Action, By, Entry, PolicyVersion, Proof, Source
from archiver.domain.moderation_report import Look, Report, Unlike
from archiver.exports.csv import guarded
from archiver.exports.dataset import moment
from archiver.exports.target import new_file

DONE = {
    Action.HIDE: "hidden",
    Action.UNHIDE: "shown again",
    Action.DELETE: "deleted",
    Action.RESTORE: "there again",
    Action.VANISH: "vanished",
    Action.BLOCK: "blocked",
    Action.UNBLOCK: "no longer blocked",
    Action.MUTE: "muted",
    Action.UNMUTE: "no longer muted",
    Action.RESTRICT: "restricted",
    Action.UNRESTRICT: "no longer restricted",
    Action.REPORT: "reported to the platform",
    Action.HOLD_FOR_REVIEW: "held for review",
    Action.APPROVE: "approved",
    Action.REJECT: "rejected",
    Action.LIMIT_REPLIES: "replies limited",
    Action.COMMENTS_OFF: "comments turned off",
    Action.COMMENTS_ON: "comments turned on",
    Action.FILTER_AUTO_HIDE: "hidden by a filter",
    Action.SETTING_CHANGE: "setting changed",
    Action.DETACH: "quotation detached",
    Action.REATTACH: "quotation attached again",
}
"""What was done, in the officer's words."""

WHOSE = {
    By.CITY: "the city",
    By.AUTHOR: "its author",
    By.PLATFORM: "the platform",
    By.UNKNOWN: "not known",
}
SOURCES = {Source.API: "captured", Source.IMPORT: "from a data download", Source.MANUAL: "written down by a person"}

COLUMNS = (
    "entry", "at", "after", "account", "action", "seen_as", "by", "actor", "source", "record", "kind", "author",
    "created_at", "version", "text", "earlier_text", "person", "setting", "withheld", "rule", "rule_words", "policy",
    "reason", "notice", "appeal", "doubts", "basis", "before_at", "before_exchange", "shown_at", "shown_exchange",
    "file", "file_sha256", "permalink",
)  # fmt: skip


def document(report: Report) -> dict[str, Any]:
    """The whole report, in values of JSON; times are UTC."""
    return {
        "archive": report.archive,
        "made_at": moment(report.made_at),
        "since": _moment(report.since),
        "until": _moment(report.until),
        "accounts": list(report.accounts),
        "clearance": report.clearance,
        "entries": [entry_document(one) for one in report.entries],
        "without_reason": [one.reference for one in report.open],
        "counts": [
            dict(zip(("account", "action", "by", "rule", "entries"), row, strict=True)) for row in report.counts()
        ],
        "same_text_unlike_treatment": [_unlike(one) for one in report.unlike],
        "texts_not_compared": report.not_compared,
        "policies": [policy_document(one) for one in report.policies],
        "settings": [look_document(one) for one in report.settings],
        "coverage": [{name: _plain(value) for name, value in span.items()} for span in report.coverage],
    }


def entry_document(entry: Entry) -> dict[str, Any]:
    """One entry, in the words of COLUMNS, with its notes."""
    row: dict[str, Any] = dict(entry_row(entry))
    row["doubts"] = [str(one) for one in entry.doubts]
    row["notes"] = [
        {
            "at": moment(note.at), "by": note.by.name, "action": note.action, "actor": note.actor, "rule": note.rule,
            "reason": note.reason, "notice": note.notice, "appeal": note.appeal,
        }
        for note in entry.said.notes
    ]  # fmt: skip
    return row


def entry_row(entry: Entry) -> Mapping[str, str | int | None]:
    """One entry as a row of COLUMNS."""
    subject, said, policy = entry.subject, entry.said, entry.policy
    before, shown = _proof(entry.before), _proof(entry.shown)
    return {
        "entry": entry.reference,
        "at": entry.at.date().isoformat() if entry.day_only else moment(entry.at),
        "after": _moment(entry.after),
        "account": entry.account,
        "action": str(entry.action),
        "seen_as": str(entry.seen_as),
        "by": str(entry.by),
        "actor": said.actor,
        "source": str(entry.source),
        "record": subject.record,
        "kind": subject.kind,
        "author": subject.author,
        "created_at": _moment(subject.created_at),
        "version": subject.version,
        "text": subject.text,
        "earlier_text": subject.earlier_text,
        "person": subject.person,
        "setting": subject.setting,
        "withheld": subject.withheld,
        "rule": said.rule,
        "rule_words": entry.rule.words if entry.rule else None,
        "policy": None if policy is None else f"policy:{policy.number}",
        "reason": said.reason,
        "notice": said.notice,
        "appeal": said.appeal,
        "doubts": "; ".join(str(one) for one in entry.doubts),
        "basis": entry.basis,
        "before_at": before[0],
        "before_exchange": before[1],
        "shown_at": shown[0],
        "shown_exchange": shown[1],
        "file": entry.kept.path if entry.kept else None,
        "file_sha256": entry.kept.sha256 if entry.kept else None,
        "permalink": subject.permalink,
    }


def policy_document(policy: PolicyVersion) -> dict[str, Any]:
    """One version of the comment policy."""
    return {
        "policy": f"policy:{policy.number}",
        "account": policy.account,
        "effective": policy.effective.isoformat(),
        "title": policy.title,
        "shown_at": policy.shown_at,
        "sha256": policy.sha256,
        "rules": [{"rule": one.code, "words": one.words} for one in policy.rules],
        "entered_at": moment(policy.entered_at),
        "entered_by": policy.by.name,
    }


def write_csv(report: Report, path: Path, *, force: bool) -> None:
    """Write the entries, guarded as the CSV of records is. Raises UsageError where something is in the way."""
    with new_file(path, force=force) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for one in report.entries:
            row = entry_row(one)
            writer.writerow([guarded(value) if isinstance(value := row[name], str) else value for name in COLUMNS])


def _proof(proof: Proof | None) -> tuple[str | None, str | None]:
    return (None, None) if proof is None else (moment(proof.at), proof.exchange)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(at)


def _plain(value: object) -> object:
    return moment(value) if isinstance(value, datetime) else value


def _unlike(one: Unlike) -> dict[str, Any]:
    taken = [entry.reference for entry in one.entries]
    return {"account": one.account, "text": one.text, "taken_away": taken, "left_standing": list(one.standing)}


def look_document(look: Look) -> dict[str, Any]:
    """A setting as it stood at its last look."""
    return {
        "account": look.account,
        "setting": str(look.setting),
        "source": "manual" if look.manual else "api",
        "first_look": moment(look.first_at),
        "last_look": moment(look.last_at),
        "entries": look.entries,
        "members": None if look.words is None else list(look.words),
    }
