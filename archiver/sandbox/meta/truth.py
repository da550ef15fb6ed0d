"""What a perfect archive holds of an account on one of Meta's platforms: everything that was to be seen at some look.

The platforms keep no history, so a state that came and went between two looks is in no archive (unless it was pushed).
One thing may have several ids there (a post and its one photo, a reel and its post); records are therefore named by
`name_of`: the platform and the last number of the id that the thing goes by. An archive may choose any of the ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.model import Thing
from archiver.sandbox.meta.world import MetaWorld
from archiver.sandbox.model import Person
from archiver.sandbox.truth import TrueAttachment, TrueProfile, TrueRecord, TrueVersion, Truth
from archiver.sandbox.world import CityAccount


@dataclass(frozen=True, slots=True)
class Told:
    """A thing as a record: what a platform's own rules make of it.

    ``names`` are all numbers that it goes by, the first being the record's. ``text`` None: this truth does not say.
    ``hidden`` None: as the thing is. ``causes`` are those of its present state that a source proves, where there are
    others than usual.
    """

    kind: str
    names: tuple[str, ...]
    parent: Thing | None
    thread: Thing
    text: str | None
    pictures: tuple[Picture, ...]
    visibility: str = "public"
    author_id: str | None = None
    hidden: bool | None = None
    causes: frozenset[str | None] | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """How one platform shows an account: what can be found at all, what is merely possible, and as what.

    ``visible``: whether it can be asked for by its id now. ``listed``: all that a capture with the account's token
    finds. ``optional``: what an archive may hold beside it.
    """

    told: Callable[[Thing], Told]
    listed: Callable[[MetaWorld, Person], Iterable[Thing]]
    visible: Callable[[MetaWorld, Thing], bool]
    optional: Callable[[MetaWorld, Person], Iterable[Thing]]


@dataclass(slots=True)
class MetaTruth(Truth):
    """``names``: for each other number of a thing, that of its record. ``untold``: keys whose text is not said here."""

    names: dict[str, str] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)

    def name_of(self, key: str | None) -> str | None:
        """The name of a record by any key that an archive may give it."""
        if key is None:
            return None
        platform, _, native = key.partition(":")
        last = native.rsplit("_", 1)[-1]
        return f"{platform}:{self.names.get(last, last)}"


class MetaObserver:
    """Remembers what each perfect capture saw. ``rules`` by platform."""

    def __init__(self, meta: MetaWorld, rules: Mapping[str, Rules]) -> None:
        self._meta = meta
        self._rules = rules
        self._truths: dict[str, MetaTruth] = {}
        self._things: dict[str, Thing] = {}

    def look(self, name: str) -> MetaTruth:
        """A perfect capture of an account happened just now; what the archive holds after it."""
        meta = self._meta
        with meta.world.lock:
            account = meta.world.accounts[name]
            rules = self._rules[account.platform]
            truth = self._truths.get(name)
            if truth is None:
                truth = self._truths[name] = _empty(account)
            _see_profile(truth, account.person)
            found = list(rules.listed(meta, account.person))
            around = [thing for thing in rules.optional(meta, account.person) if thing not in found]
            for things, records in ((found, truth.records), (around, truth.optional)):
                for thing in sorted(things, key=lambda one: (one.created_at, one.number)):
                    self._see(truth, records, thing, rules)
            seen = {_key(thing, rules) for thing in (*found, *around)}
            for key in truth.records.keys() - seen:
                self._ask(truth.records[key], self._things[key], rules)
            return truth

    def _see(self, truth: MetaTruth, records: dict[str, TrueRecord], thing: Thing, rules: Rules) -> None:
        told = rules.told(thing)
        key = f"{thing.platform}:{told.names[0]}"
        self._things[key] = thing
        truth.names.update(dict.fromkeys(told.names[1:], told.names[0]))
        if told.text is None:
            truth.untold.add(key)
        if key not in records:
            known = truth.optional.pop(key) if key in truth.optional else None
            records[key] = known or _record(thing, told, rules)
        _sighted(records[key], thing, told)

    def _ask(self, record: TrueRecord, thing: Thing, rules: Rules) -> None:
        """What is known but can't be found any more is asked for by its id; a story has ended, which is no removal."""
        if rules.visible(self._meta, thing):
            _sighted(record, thing, rules.told(thing))
        elif record.state != "gone" and thing.form != "story":
            record.state = "gone"
            record.events.append("gone")
            record.causes = frozenset({None})


def _key(thing: Thing, rules: Rules) -> str:
    return f"{thing.platform}:{rules.told(thing).names[0]}"


def _empty(account: CityAccount) -> MetaTruth:
    person = account.person
    return MetaTruth(account.name, account.platform, f"{account.platform}:{person.id}", [], {})


def _see_profile(truth: Truth, person: Person) -> None:
    if not person.active:
        return
    now = person.profile
    profile = TrueProfile(now.display_name, now.description, now.avatar.sha256 if now.avatar else None)
    if not truth.profiles or truth.profiles[-1] != profile:
        truth.profiles.append(profile)


def _record(thing: Thing, told: Told, rules: Rules) -> TrueRecord:
    return TrueRecord(
        key=f"{thing.platform}:{told.names[0]}",
        native_id=thing.id,
        kind=told.kind,
        parent=_key(told.parent, rules) if told.parent is not None else None,
        thread=_key(told.thread, rules),
        quotes=None,
        author_id=told.author_id or "",
        author_handle=thing.author.handle,
        author_name=thing.author.profile.display_name,
        created_at=thing.created_at,
        visibility=told.visibility,
    )


def _sighted(record: TrueRecord, thing: Thing, told: Told) -> None:
    """Weigh one sighting against what is known."""
    state = "hidden" if (thing.hidden if told.hidden is None else told.hidden) else "live"
    version = TrueVersion(told.text or "", "", tuple(_file(one) for one in told.pictures), state, _time_of(thing))
    before = record.versions[-1] if record.versions else None
    if before is None:
        record.events.append("seen")
    elif record.state == "gone":
        record.events.append("restored")
    if state != (before.state if before is not None else "live"):
        record.events.append("hidden" if state == "hidden" else "unhidden")
    if before is None or (before.text, before.attachments) != (version.text, version.attachments):
        if before is not None:
            record.events.append("edited")
        record.versions.append(version)
    elif before.state != state:
        record.versions.append(replace(before, state=state))
    record.state = state
    usual = frozenset({None, "by_city", "owner_private"}) if state == "hidden" else frozenset({None})
    record.causes = usual if told.causes is None else told.causes


def _time_of(thing: Thing) -> datetime:
    return thing.latest.at


def _file(one: Picture) -> TrueAttachment:
    return TrueAttachment(one.kind, one.mime, one.alt, one.sha256, len(one.data), one.width, one.height)


__all__ = ["MetaObserver", "MetaTruth", "Rules", "Told"]
