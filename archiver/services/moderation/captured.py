"""What the captures show of moderation, as entries that nobody has said anything of yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archiver.domain.classification import UNDECIDED
from archiver.domain.history import EventName
from archiver.domain.item import Cause, State
from archiver.domain.keys import Key
from archiver.domain.moderation import MODERATING, Action, By, Entry, Proof, Source, Subject, action_of, by_of
from archiver.domain.page_settings import ON_PEOPLE, Changed, SettingName, Snapshot, Turn, by_track, changes
from archiver.services.clearance import Access
from archiver.services.release import Release
from archiver.store.views import Record, Row

WITHHELD_PERSON = "who is shut out is data on individuals, and nobody has decided whether it is public"
_TIME = "%Y%m%dT%H%M%SZ"


def reference(subject: str, what: str, at: datetime) -> str:
    """The name of an entry: what it is about, what happened, and when we saw it. A rebuild gives the same."""
    return f"{subject}#{what}@{at.astimezone(UTC).strftime(_TIME)}"


def moment_of(named: str) -> datetime | None:
    """The moment in such a name, to the second; None where there is none."""
    try:
        return datetime.strptime(named.rpartition("@")[2], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def shows_people(access: Access, account: str) -> bool:
    """Whether the reader may know who was blocked or muted on an account: it is data that nobody has decided about."""
    return access.clearance.covers(UNDECIDED, account)


def of_record(record: Record, own_id: str | None, release: Release) -> list[Entry]:
    """The entries of one record, oldest first, with what ``release`` lets out of its words.

    ``own_id`` is the account's own id as an author.
    """
    key, author_id = record.row["record"], record.row["author_id"]
    seen, withheld = _released(record, release)
    own = own_id is not None and author_id == own_id
    return [
        entry if seen.row["record"] == key else replace(entry, filed_as=_renamed(entry, key))
        for entry in _of_events(seen, withheld, own=own)
    ]


def subject_of(record: Record, release: Release) -> Subject:
    """A record as it is known now, for what is said of it."""
    seen, withheld = _released(record, release)
    return _subject(seen, seen.versions[-1] if seen.versions else None, withheld, own=False)


def _released(record: Record, release: Release) -> tuple[Record, str | None]:
    """A record as it may be seen, or why none of its words may."""
    seen = release.outgoing(record)
    if seen is not None:
        return seen, None
    record.row["record"] = release.name_of(record.row["record"])
    return record, str(release.withheld[-1]["basis"])


def _renamed(entry: Entry, key: str) -> str:
    return f"{key}#{entry.reference.rpartition('#')[2]}"


def _of_events(record: Record, withheld: str | None, *, own: bool) -> Iterator[Entry]:
    downloads = {row["exchange"] for row in record.origins}
    hidden_for: Cause | None = None
    for place, event in enumerate(record.events):
        name = EventName(event["event"])
        if name not in MODERATING:
            continue
        cause = _cause(record, place, name)
        before, shown = _versions_around(record, event)
        target = before or shown
        yield Entry(
            reference=reference(record.row["record"], str(name), event["at"]),
            source=Source.IMPORT if event["exchange"] in downloads else Source.API,
            account=record.row["account"],
            at=event["at"],
            action=(action := action_of(name, cause, hidden_for)),
            by=by_of(cause) if name in {EventName.HIDDEN, EventName.GONE} else _by_of_return(hidden_for),
            subject=_subject(record, target, withheld, own=own),
            seen_as=action,
            basis=event["basis"],
            after=_not_before(record, event["at"], before),
            before=Proof(before["observed_at"], before["exchange"]) if before else None,
            shown=Proof(event["at"], event["exchange"]),
            captured=target is not None and target["text"] is not None,
        )
        hidden_for = cause if name is EventName.HIDDEN else hidden_for if name is EventName.GONE else None


def _by_of_return(hidden_for: Cause | None) -> By:
    """What the account hid only the account can show again; of anything else nothing is proved."""
    return By.CITY if hidden_for is Cause.BY_CITY else By.UNKNOWN


def _cause(record: Record, place: int, name: EventName) -> Cause | None:
    """Why: as the answer itself says, or as was found out of what the record is until now."""
    event = record.events[place]
    for version in record.versions:
        if name is EventName.HIDDEN and version["exchange"] == event["exchange"] and version["cause"] is not None:
            return Cause(version["cause"])
    state = {EventName.HIDDEN: State.HIDDEN, EventName.GONE: State.GONE}.get(name)
    later = {EventName(one["event"]) for one in record.events[place + 1 :]}
    lasting = record.row["state"] == state and not later & MODERATING
    return Cause(record.row["cause"]) if lasting and record.row["cause"] is not None else None


def _versions_around(record: Record, event: Row) -> tuple[Row | None, Row | None]:
    """The last version that was seen before an event, and the one that its own answer shows."""
    before = [one for one in record.versions if one["observed_at"] < event["at"]]
    shown = [one for one in record.versions if one["exchange"] == event["exchange"]]
    return (before[-1] if before else None), (shown[-1] if shown else None)


def _not_before(record: Record, at: datetime, before: Row | None) -> datetime | None:
    """The last sight of it before the event; where it was seen since, the last version's is what is known."""
    last: datetime = record.row["last_seen_at"]
    if last < at:
        return last
    return before["observed_at"] if before else None


def _subject(record: Record, target: Row | None, withheld: str | None, *, own: bool) -> Subject:
    row = record.row
    shown = target if withheld is None else None
    return Subject(
        record=Key(row["record"]),
        kind=row["kind"],
        author=_author(target or row) if withheld is None else None,
        text=shown["text"] if shown else None,
        earlier_text=_earlier(record.versions, shown) if shown else None,
        version=target["version"] if target else None,
        created_at=row["created_at"],
        permalink=row["permalink"] if withheld is None else None,
        own=own,
        withheld=withheld,
    )


def _author(row: Row) -> str | None:
    handle, name = row["author_handle"], row["author"]
    return f"{name} (@{handle})" if handle and name and handle != name else name or handle


def _earlier(versions: Sequence[Row], target: Row) -> str | None:
    """What stood there before the last change of the text."""
    others = [one["text"] for one in versions if one["version"] < target["version"] and one["text"] != target["text"]]
    return others[-1] if others else None


_BY_SETTING = {
    (SettingName.BLOCKED_USERS, Turn.ADDED): Action.BLOCK,
    (SettingName.BLOCKED_USERS, Turn.REMOVED): Action.UNBLOCK,
    (SettingName.MUTED_USERS, Turn.ADDED): Action.MUTE,
    (SettingName.MUTED_USERS, Turn.REMOVED): Action.UNMUTE,
    (SettingName.RESTRICTED_USERS, Turn.ADDED): Action.RESTRICT,
    (SettingName.RESTRICTED_USERS, Turn.REMOVED): Action.UNRESTRICT,
}


def of_settings(snapshots: Sequence[Snapshot], access: Access) -> Iterator[tuple[Entry, str]]:
    """What changed in the settings between two looks: an entry for each word, person or role, and the later look."""
    for track in by_track(snapshots).values():
        for one in changes(track):
            if one.setting in ON_PEOPLE and one.turn is Turn.CHANGED:
                continue  # a person who calls himself otherwise
            yield _of_change(one, names=shows_people(access, one.account)), one.proof


def _of_change(one: Changed, *, names: bool) -> Entry:
    action = _BY_SETTING.get((one.setting, one.turn), Action.SETTING_CHANGE)
    short = hashlib.sha256(one.member.name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    on_person = one.setting in ON_PEOPLE
    withheld = WITHHELD_PERSON if on_person and not names else None
    words = f"{one.before} → {one.member.words}" if one.before is not None else one.member.words
    return Entry(
        reference=reference(one.account, f"{one.setting}:{one.turn}:{short}", one.at),
        source=Source.MANUAL if one.manual else Source.API,
        account=one.account,
        at=one.at,
        action=action,
        by=By.CITY,
        subject=Subject(
            person=words if on_person and withheld is None else None,
            setting=f"{str(one.setting).replace('_', ' ')}: {one.turn}" + ("" if on_person else f": {words}"),
            withheld=withheld,
        ),
        seen_as=action,
        basis=f"in the list of {one.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        if one.turn is not Turn.REMOVED
        else f"not in the list of {one.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        after=one.after,
        before=None if one.manual else Proof(one.after, one.proof_before),
        shown=None if one.manual else Proof(one.at, one.proof),
    )


A_DAY = timedelta(days=1)
