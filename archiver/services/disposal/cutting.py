"""What becomes of each capture event when records go: it stays, its body is cut, or, of media, it goes whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.expungement import Marks
from archiver.domain.keys import Key
from archiver.platforms.adapter import Adapter
from archiver.platforms.cutting import UNREAD, Cut, Gone, cut, names_one, with_body
from archiver.platforms.unnaming import NAMED, is_named_around, unnamed
from archiver.warc import facts as names
from archiver.warc.names import HANDED_IN, is_pushed, key_of
from archiver.warc.naming import is_named
from archiver.warc.pushed import STREAM
from archiver.warc.reader import StoredEvent, exchange_of
from archiver.warc.rewriting import KEEP, UNNAME, Decision, Remove, Replace

SHARED = "a record that stays has its words as its own: a share, or a playlist with its title"


@dataclass(frozen=True, slots=True)
class ReadFor:
    """That a delivery was read for an account, as a note of that account's says; ``note`` is the exchange's id."""

    account: str
    subject: str | None
    note: str


@dataclass(slots=True)
class Cutter:
    """Decides event by event, the same each time it is asked (`archiver.warc.rewriting`).

    ``gone`` are the records that go with their other names, ``media`` the captures that go whole, ``readers`` the
    adapters by account, ``deliveries`` for whom each delivery was read, by its request's id. ``refused`` collects the
    captures that could not be cut, by the exchange's id, with the reason. ``marks`` take the place of the names of what
    a court had expunged.
    """

    gone: Mapping[Key, Collection[str]]
    media: Collection[str]
    readers: Mapping[str, Adapter]
    deliveries: Mapping[str, Collection[ReadFor]]
    marks: Marks | None = None
    refused: dict[str, str] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)
    _names: Gone = field(init=False)

    def __post_init__(self) -> None:
        self._names = Gone.of(self.gone)

    def __call__(self, event: StoredEvent) -> Decision:
        """What becomes of an event."""
        if event.id in self._kept:
            return KEEP
        decision = self._decided(event)
        if decision is KEEP and self.marks is not None and is_named(event, self.marks):
            return UNNAME
        if decision is KEEP:
            self._kept.add(event.id)
        return decision

    def _decided(self, event: StoredEvent) -> Decision:
        path = event.main.path
        if is_pushed(path):
            return self._delivery(event)
        if event.is_note or key_of(path).klass == HANDED_IN:
            return KEEP
        if event.id in self.media:
            return Remove()
        adapter = self.readers.get(_fact(event, names.ACCOUNT))
        if adapter is None or _fact(event, names.PURPOSE) == Purpose.MEDIA:
            return KEEP
        exchange = exchange_of(event)
        if exchange.failure is not None:
            return self._broken(event, adapter)
        return self._replaced([(event.id, adapter, exchange)])

    def _broken(self, event: StoredEvent, adapter: Adapter) -> Decision:
        """An answer that breaks HTTP shows nothing to anybody; its bytes may have the words all the same."""
        if event.response is not None:
            with event.response.open_block() as block:
                if names_one(adapter, block.read(), self._names):
                    self.refused[event.id] = UNREAD
        return KEEP

    def _delivery(self, event: StoredEvent) -> Decision:
        """A delivery may have been read for several accounts; each of them may show records that go."""
        if event.request is None:
            return KEEP
        exchange = exchange_of(event)
        return self._replaced(
            (one.note, self.readers[one.account], _delivered(exchange, one))
            for one in self.deliveries.get(event.request.stands_for, ())
            if one.account in self.readers
        )

    def _replaced(self, readings: Iterable[tuple[str, Adapter, Exchange]]) -> Decision:
        body, removed, left, named = b"", 0, None, False
        for name, adapter, exchange in readings:
            found: Cut = cut(adapter, exchange if left is None else with_body(exchange, body), self._names)
            if found.refused or found.kept_within:
                self.refused[name] = found.refused or SHARED
            if found.refused:
                return KEEP
            left, body, removed = found, found.body, removed + found.removed
            if self.marks is not None:
                cleared = unnamed(adapter, with_body(exchange, body), self.marks, self._names)
                if cleared is None:
                    self.refused[name] = NAMED
                    return KEEP
                named = named or cleared != body or is_named_around(exchange, self.marks)
                body = cleared
        return Replace(body, left.media_type, removed) if left is not None and (removed or named) else KEEP


def _delivered(exchange: Exchange, read: ReadFor) -> Exchange:
    return replace(exchange, account=read.account, stream=STREAM, task_kind=STREAM, subject=read.subject)


def _fact(event: StoredEvent, name: str) -> str:
    values = event.facts.get(name)
    return values[0] if values else ""
