"""What people add to the moderation record. Each act stands in the audit log, in the same transaction.

The log has no words of a record, nor of what was said about one: only what was done, and to what.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from archiver.domain.acting import Actor
from archiver.domain.filetypes import HEAD_BYTES, recognise
from archiver.domain.moderation import KEPT_FOLDER, SAYABLE, Entry, Kept, Note, PolicyVersion, Rule, rules_in
from archiver.domain.page_settings import Member, SettingName, Snapshot
from archiver.errors import NotFound, UsageError
from archiver.services.moderation.entries import ACT, Scope, found
from archiver.store import Connection, accounts
from archiver.store.decisions import audit
from archiver.store.decisions import moderation as told
from archiver.store.decisions.audit import Act
from archiver.store.decisions.moderation import ManualAct, ManualSetting
from archiver.store.engine import Store

LARGEST_FILE_BYTES = 200 * 1024 * 1024
_PIECE_BYTES = 256 * 1024


def note(store: Store, scope: Scope, name: str, said: Note) -> Entry:
    """Say something of an entry: who did it, under which rule, why. Raises NotFound, UsageError."""
    given = [field for field in SAYABLE if getattr(said, field) is not None]
    if not given:
        raise UsageError("Nothing is said.", advice="Add --actor, --rule, --reason, --notice, --appeal or --action.")
    with store.begin() as conn:
        entry = require(conn, scope, name)
        name = entry.names[0]
        told.add_note(conn, name, said)
        _log(conn, said.at, said.by, "moderation note", name, fields=given)
        return require(conn, scope, name)


def require(conn: Connection, scope: Scope, name: str) -> Entry:
    """The entry of that name. Raises NotFound."""
    entry = found(conn, scope, name)
    if entry is None:
        raise NotFound(
            f"Nothing in the moderation record is called {name!r}.",
            advice="`archiver moderation list` has the names; what no capture shows is entered with "
            "`archiver moderation act`.",
        )
    return entry


def act(store: Store, one: ManualAct, said: Note | None) -> str:
    """Enter what was done and no platform tells of; its name."""
    with store.begin() as conn:
        _require_account(conn, one.account)
        name = f"{ACT}{told.add_act(conn, one)}"
        if said is not None and any(getattr(said, field) is not None for field in SAYABLE):
            told.add_note(conn, name, said)
        _log(
            conn, one.entered_at, one.by, "moderation act", name, account=one.account, action=str(one.action),
            file=one.kept.sha256 if one.kept else None,
        )  # fmt: skip
        return name


@dataclass(frozen=True, slots=True)
class PolicyGiven:
    """A version of the comment policy as it was handed in. ``codes``: the rules' numbers, where the text has none."""

    content: bytes
    title: str
    effective: date
    shown_at: str
    account: str | None = None
    codes: Sequence[str] = ()


def policy(store: Store, given: PolicyGiven, by: Actor, at: datetime) -> PolicyVersion:
    """Keep a version of the comment policy: its text, from when it held, and where it was shown. Raises UsageError."""
    try:
        text = given.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(
            "The policy is no text in UTF-8.", advice="Save it as plain text or Markdown, then try again."
        ) from None
    if not text.strip():
        raise UsageError("The policy is empty.")
    rules = tuple(_rule(code) for code in given.codes) or rules_in(text)
    sha256 = hashlib.sha256(given.content).hexdigest()
    version = PolicyVersion(0, given.account, given.effective, given.title, text, sha256, given.shown_at, rules, at, by)
    with store.begin() as conn:
        if given.account is not None:
            _require_account(conn, given.account)
        version = replace(version, number=told.add_policy(conn, version))
        _log(
            conn, at, by, "moderation policy", f"policy:{version.number}", effective=given.effective.isoformat(),
            account=given.account, sha256=sha256, rules=len(rules),
        )  # fmt: skip
    return version


def _rule(given: str) -> Rule:
    """``CODE: words``, or a code alone."""
    code, _, words = given.partition(":")
    if not code.strip():
        raise UsageError(f"{given!r} is no rule.", advice="Write --has-rule as CODE or as CODE: WORDS.")
    return Rule(code.strip(), words.strip())


@dataclass(frozen=True, slots=True)
class SettingGiven:
    """How a setting stood at a moment (aware, UTC), as a person saw it; a line for each word, person or role."""

    account: str
    setting: SettingName
    at: datetime
    lines: Sequence[str]
    remark: str | None = None
    kept: Kept | None = None


def setting(store: Store, given: SettingGiven, by: Actor, entered_at: datetime) -> str:
    """Enter how a setting stood; the entry's name."""
    lines = dict.fromkeys(" ".join(line.split()) for line in given.lines)
    members = tuple(Member(line.casefold(), line) for line in lines if line)
    seen = Snapshot(given.account, given.setting, given.at, members, "", manual=True)
    with store.begin() as conn:
        _require_account(conn, given.account)
        number = told.add_setting(conn, ManualSetting(seen, entered_at, by, given.remark, given.kept))
        name = f"setting:{number}"
        _log(
            conn, entered_at, by, "moderation setting", name, account=given.account, setting=str(given.setting),
            lines=len(members), file=given.kept.sha256 if given.kept else None,
        )  # fmt: skip
    return name


def keep_file(data_dir: Path, path: Path) -> Kept:
    """Copy a file into the data folder, under its digest. Raises UsageError where it can't be read or is too large."""
    folder = data_dir / KEPT_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        source = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.", advice="Look at the file's name.") from error
    with source, tempfile.NamedTemporaryFile(dir=folder) as copy:
        digest, size, head = hashlib.sha256(), 0, bytearray()
        while piece := source.read(_PIECE_BYTES):
            size += len(piece)
            if size > LARGEST_FILE_BYTES:
                raise UsageError(f"{path} is larger than 200 MiB.", advice="A screenshot is enough.")
            digest.update(piece)
            head += piece[: HEAD_BYTES - len(head)]
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
        kind = recognise(bytes(head))
        name = f"{KEPT_FOLDER}/{digest.hexdigest()}{_ENDING.get(kind.mime if kind else '', '')}"
        if not (data_dir / name).exists():
            os.link(copy.name, data_dir / name)
    return Kept(path.name, digest.hexdigest(), size, name)


_ENDING = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif"}


def _require_account(conn: Connection, account: str) -> None:
    if accounts.find(conn, account) is None:
        raise NotFound(f"There is no account {account!r}.", advice="`archiver status` lists the accounts.")


def _log(conn: Connection, at: datetime, by: Actor, what: str, subject: str, **details: Any) -> None:
    audit.add(conn, Act(at, by, what, subject, details={key: value for key, value in details.items() if value}))
