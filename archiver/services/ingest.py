"""From what an exchange shows to what the store holds.

The same function serves live capture, recovery and rebuild: given the same exchanges in the same order it
writes the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archiver.domain.access import AccessSeen
from archiver.domain.account import Account
from archiver.domain.downloads import complete
from archiver.domain.exchange import Exchange
from archiver.domain.history import Change, EventName, weigh, weigh_author, weigh_gone, weigh_state
from archiver.domain.history import unknown_past as unknown_versions
from archiver.domain.item import Cause, Kind, State
from archiver.domain.keys import Key
from archiver.domain.kinds import has_thread_here, kind_after, kind_of
from archiver.domain.observation import (
    OWN_ACCOUNT,
    AccountSeen,
    AuthorSeen,
    FactSeen,
    GateSeen,
    GoneSeen,
    ItemSeen,
    Observation,
    PastSeen,
    SettingSeen,
    StateSeen,
    TotalSeen,
)
from archiver.domain.task import FollowUp, TaskKind
from archiver.services.disposed import without_disposed
from archiver.services.unity import united
from archiver.store import access, accounts, authors, coverage, downloads, items, page_settings, tombstones
from archiver.store.items import ItemWrite, Stored
from archiver.store.tombstones import Stone

if TYPE_CHECKING:
    from archiver.store import Connection


_JUST_NOW = timedelta(days=1)
"""What was found missing longer ago was not missing for what is told of its author now."""


@dataclass(slots=True)
class Ingested:
    """What one exchange brought: counts for people, follow-ups for the schedule.

    ``learned``: a fact that later calls need is new.
    """

    new: int = 0
    edited: int = 0
    removed: int = 0
    hidden: int = 0
    seen: int = 0
    oldest: datetime | None = None
    changed: set[Key] = field(default_factory=set)
    learned: bool = False
    follow_ups: list[FollowUp] = field(default_factory=list)
    active_threads: set[Key] = field(default_factory=set)

    def add(self, other: Ingested) -> None:
        """Add another exchange's counts to these."""
        self.new += other.new
        self.edited += other.edited
        self.removed += other.removed
        self.hidden += other.hidden
        self.seen += other.seen
        self.learned = self.learned or other.learned
        self.oldest = min(filter(None, (self.oldest, other.oldest)), default=None)

    @property
    def changes(self) -> int:
        """How much was new in some way."""
        return self.new + self.edited + self.removed + self.hidden


def ingest(
    conn: Connection,
    account: Account,
    exchange: Exchange,
    observations: Sequence[Observation],
    *,
    spoken_at: datetime | None = None,
    download: Downloaded | None = None,
) -> Ingested:
    """Write what the observations of one exchange change, inside the caller's transaction.

    ``spoken_at`` is for news that may be late: until when it was true. It changes no record that was seen since; that
    one is asked for instead. ``download``: they stand in a data download, which completes records and corrects none.
    """
    return _Batch(conn, account, exchange, spoken_at, download).take(observations)


@dataclass(frozen=True, slots=True)
class Downloaded:
    """The data download that observations stand in. ``as_of``: when it was so (aware, UTC; None: it does not say)."""

    as_of: datetime | None


class _Batch:
    """The observations of one exchange on their way into the store."""

    def __init__(
        self, conn: Connection, account: Account, exchange: Exchange, spoken_at: datetime | None = None,
        download: Downloaded | None = None,
    ) -> None:  # fmt: skip
        self.spoken_at = spoken_at
        self.download = download
        self.shown_until: dict[Key, datetime | None] = {}
        self.conn = conn
        self.account = account
        self.exchange = exchange
        self.own = account.native_id
        self.at: datetime = exchange.captured_at
        self.stored: dict[Key, Stored] = {}
        self.stones: dict[Key, Stone] = {}
        self.parents: dict[Key, ItemSeen] = {}
        self.gated: dict[Key, set[Key]] = {}
        self.detached: dict[Key, set[Key]] = {}
        self.writes: list[ItemWrite] = []
        self.waiting: set[Key] = set()
        self.result = Ingested()

    def take(self, observations: Sequence[Observation]) -> Ingested:
        for seen in observations:
            self._told(seen)
        left = without_disposed(self.conn, self._named(observations))
        self.stones = left.stones
        tombstones.note_residue(self.conn, self.exchange.id, left.passed_over)
        observations = united(self.conn, left.observations)
        sightings = [seen for seen in observations if isinstance(seen, ItemSeen)]
        self.parents = {seen.key: seen for seen in sightings}
        self._load(observations, sightings)
        for seen in observations:
            if isinstance(seen, ItemSeen):
                self._sighting(seen)
            elif isinstance(seen, GoneSeen | StateSeen):
                self._statement(seen)
        self._flush()
        for seen in observations:
            if isinstance(seen, PastSeen):
                self._past(seen)
            elif isinstance(seen, GateSeen):
                self._gate(seen)
            elif isinstance(seen, AuthorSeen):
                self._author(seen)
        return self.result

    def _told(self, seen: Observation) -> None:
        """What concerns the account as a whole."""
        if isinstance(seen, AccountSeen):
            self.own = seen.native_id
            accounts.observe(self.conn, self.account.id, seen, self.at)
        elif isinstance(seen, FactSeen):
            self.result.learned |= accounts.learn(self.conn, self.account.id, seen)
        elif isinstance(seen, AccessSeen):
            access.observe(self.conn, self.account.id, seen, self.at)
        elif isinstance(seen, SettingSeen):
            page_settings.observe(self.conn, self.account.id, seen, exchange=self.exchange.id, at=self.at)
        elif isinstance(seen, TotalSeen):
            coverage.set_total(self.conn, self.account.id, seen.stream, seen.total, self.at)

    def _named(self, observations: Sequence[Observation]) -> list[Observation]:
        """Put the account's id where an answer only says that it is meant; its name as long as nobody knows the id."""
        own = self.own or f"@{self.account.handle.removeprefix('@')}"
        return [_with_own_id(seen, own) if isinstance(seen, ItemSeen) else seen for seen in observations]

    def _load(self, observations: Sequence[Observation], sightings: Sequence[ItemSeen]) -> None:
        """Everything the rules need to know, in a few queries for the whole exchange."""
        keys: set[Key] = {seen.key for seen in observations if isinstance(seen, GoneSeen | StateSeen)}
        threads: set[Key] = set()
        for seen in sightings:
            keys.add(seen.key)
            keys.update(key for key in (seen.parent, seen.thread) if key is not None)
            threads.add(seen.thread or seen.parent or seen.key)
        self.stored = items.stored(self.conn, sorted(keys))
        if self.download is not None:
            self.shown_until = downloads.shown_until(self.conn, sorted(self.stored))
        placed = (seen.parent or seen.key for seen in sightings if seen.thread is None)
        roots = {self.stored[key].thread for key in placed if key in self.stored}
        roots = (roots | {stone.thread for stone in self.stones.values()}) - self.stored.keys()
        if roots:  # whose a thread is tells the kind of what stands in it
            self.stored.update(items.stored(self.conn, sorted(roots)))
            self.stones |= tombstones.among(self.conn, sorted(roots - self.stored.keys()))
        new = [seen for seen in sightings if seen.key not in self.stored]
        returned = any(one.known.state is State.GONE for one in self.stored.values())
        if new or returned:
            self.gated = items.gated_below(self.conn, sorted(threads), "hidden")
            quoted = {seen.body.quotes for seen in new if seen.body.quotes is not None}
            self.detached = items.gated_below(self.conn, sorted(quoted), "detached") if quoted else {}

    def _sighting(self, seen: ItemSeen) -> None:
        if seen.key in self.waiting:
            self._flush()
            self.stored.update(items.stored(self.conn, [seen.key]))
        before = self.stored.get(seen.key)
        if self.download is not None and before is not None:
            self._completed(seen, before, self.download)
        elif not self._outdated(seen.key, before) and not (
            seen.medium and before and before.known.state is State.GONE  # a picture may outlive its removed post
        ):
            self._sight(seen, before)

    def _sight(self, seen: ItemSeen, before: Stored | None) -> None:
        """What the platform's own answer shows."""
        if self.spoken_at is not None and before is not None and before.known.state is State.GONE:
            seen = replace(seen, origin=False)  # news come in any order; only the platform itself brings back
        thread = self._thread_of(seen, before)
        unseen = before is None or before.known.state is State.GONE
        if seen.state is None and unseen and seen.key in self.gated.get(thread, ()):
            seen = replace(seen, state=State.HIDDEN, cause=Cause.BY_CITY)
        change = weigh(before.known if before else None, seen)
        self.result.seen += 1
        if seen.created_at is not None and seen.author is not None and seen.author.native_id == self.own:
            self.result.oldest = min(seen.created_at, self.result.oldest or seen.created_at)
        if before is None:
            self._first_sight(seen, thread, change)
            return
        kind = self._kind_after(seen, thread, before)
        moved = thread if thread != before.thread else None
        self.writes.append(ItemWrite(change, seen, kind if kind is not before.kind else None, moved))
        self.waiting.add(seen.key)
        self._count(change, thread)
        if moved or kind is not before.kind:
            self._follow(seen, thread, kind)
        if change.doubt:
            self.result.follow_ups.append(FollowUp(TaskKind.CONFIRM, seen.key))
        counted = seen.metrics.replies if seen.metrics else None
        if None not in {counted, before.replies} and counted != before.replies:
            self.result.active_threads.add(thread)

    def _completed(self, seen: ItemSeen, before: Stored, download: Downloaded) -> None:
        """What a download tells of a record that is known."""
        self.result.seen += 1
        until = self._seen_until(seen.key, before)
        found = complete(before.known, seen, as_of=download.as_of, seen_until=until)
        if found.change is not None:
            bare = replace(seen, metrics=None, parent=None, thread_author=None)
            self.writes.append(ItemWrite(found.change, bare, None, None))
            self.waiting.add(seen.key)
            self._count(found.change, before.thread)
        elif found.past is not None and found.past.body.text not in downloads.words_of(self.conn, seen.key):
            items.add_past(
                self.conn, seen.key, [found.past], exchange=self.exchange.id, at=self.at,
                source=f"a data download of the platform at {seen.pointer}",
            )  # fmt: skip
            self.result.edited += 1
            self.result.changed.add(seen.key)

    def _seen_until(self, key: Key, before: Stored) -> datetime:
        """Until when a record was seen: one that only downloads have shown, when the latest of them was made."""
        return self.shown_until.get(key) or before.last_seen_at

    def _first_sight(self, seen: ItemSeen, thread: Key, change: Change) -> None:
        kind = self._kind_of(seen, thread)
        if seen.body.quotes is not None and seen.key in self.detached.get(seen.body.quotes, ()):
            change = replace(change, events=(*change.events, (EventName.DETACHED, "detached at first sight")))
        self.writes.append(ItemWrite(change, seen, kind, thread))
        self.waiting.add(seen.key)
        self.result.new += 1
        self.result.changed.add(seen.key)
        self.result.active_threads.add(thread)
        if change.state is State.HIDDEN:
            self.result.hidden += 1
        self._follow(seen, thread, kind)

    def _follow(self, seen: ItemSeen, thread: Key, kind: Kind) -> None:
        """What the account wrote, or what stands on its page, is visited for what is below it."""
        own = seen.author is not None and seen.author.native_id == self.own
        root = thread == seen.key and seen.parent is None
        if has_thread_here(seen.key, kind, own=own, root=root, thread_is_own=self._owner(seen, thread)):
            self.result.follow_ups.append(FollowUp(TaskKind.THREAD, seen.key))

    def _thread_of(self, seen: ItemSeen, before: Stored | None) -> Key:
        """The root's key as far as it is known; what is known of a record gives way only to what is surely better."""
        told, sure = self._told_thread(seen)
        if before is None:
            return told
        if told in {before.thread, seen.key}:  # where the parent is gone an answer may look like a root
            return before.thread
        if before.thread == seen.key:  # it was taken for a root
            return told
        better = (sure or self._is_root(told)) and not self._is_root(before.thread)
        return told if better else before.thread

    def _told_thread(self, seen: ItemSeen) -> tuple[Key, bool]:
        """The root's key as stated, or at the end of the chain of parents that we have.

        With it: whether the answer itself says that it is the root.
        """
        if seen.thread == seen.key or (seen.thread is None and seen.parent is None):
            return seen.key, seen.thread is not None
        key = seen.thread or seen.parent or seen.key
        stated, visited = seen.thread is not None, {seen.key}
        while (link := self.parents.get(key)) is not None and key not in visited:
            visited.add(key)
            stated = stated or link.thread is not None
            above = (link.thread if link.thread != key else None) or link.parent
            if above is None:
                break
            key = above
        known = self.stored.get(key) or self.stones.get(key)
        return (known.thread, stated and known.thread == key) if known else (key, stated)

    def _is_root(self, key: Key) -> bool:
        """Whether the store has it, and as the root of its thread. Asked only when a record seems to move."""
        if key in self.waiting:
            self._flush()
        known = items.stored(self.conn, [key]).get(key)
        if known is None:
            return key in self.stones and self.stones[key].thread == key
        return known.thread == key and known.parent is None

    def _owner(self, seen: ItemSeen, thread: Key, before: Stored | None = None) -> bool | None:
        """Whether the account wrote the root of the thread; None when nothing tells yet."""
        if self.own is None:
            return None
        if seen.thread_author is not None and seen.thread in {None, thread}:
            return seen.thread_author == self.own
        root = self.parents.get(thread)
        if root is not None and root.author is not None:
            return root.author.native_id == self.own
        if (author := self._known_author(thread)) is not None:
            return author == self.own
        if before is not None and before.thread == thread and before.thread_author is not None:
            return before.thread_author == self.own
        # a parent of somebody else's need not be the root, even where no more of the thread is known
        return True if seen.parent == thread and seen.parent_author == self.own else None

    def _known_author(self, thread: Key) -> str | None:
        """Who wrote the root of a thread, as the store has it; "" where it was disposed of, and not the account's."""
        if (stone := self.stones.get(thread)) is not None:
            return stone.thread_author or ""
        known = self.stored.get(thread)
        return known.author if known is not None else None

    def _kind_of(self, seen: ItemSeen, thread: Key) -> Kind:
        return kind_of(
            seen.form,
            own=seen.author is not None and seen.author.native_id == self.own,
            parent=seen.parent,
            thread=thread,
            thread_is_own=self._owner(seen, thread),
            quotes=seen.body.quotes,
            mentions_account=self.own in seen.mentions,
        )

    def _kind_after(self, seen: ItemSeen, thread: Key, before: Stored) -> Kind:
        author = before.author or (seen.author.native_id if seen.author else None)
        return kind_after(
            before.kind,
            own=author is not None and author == self.own,
            parent=before.parent or seen.parent,
            thread=thread,
            thread_is_own=self._owner(seen, thread, before),
            quotes=before.quotes or seen.body.quotes,
            mentions_account=self.own in seen.mentions,
        )

    def _statement(self, seen: GoneSeen | StateSeen) -> None:
        if seen.key in self.waiting:
            self._flush()
            self.stored.update(items.stored(self.conn, [seen.key]))
        before = self.stored.get(seen.key)
        if before is None or self._outdated(seen.key, before):
            return
        change = weigh_gone(before.known, seen) if isinstance(seen, GoneSeen) else weigh_state(before.known, seen)
        self.writes.append(ItemWrite(change, None, None, None))
        self.waiting.add(seen.key)
        self._count(change, before.thread)

    def _outdated(self, key: Key, before: Stored | None) -> bool:
        """Whether a record was seen since what is told of it now was true; then the platform itself is asked."""
        if self.download is not None and before is not None:
            as_of, until = self.download.as_of, self._seen_until(key, before)
            if as_of is None or until <= as_of or before.last_seen_at == self.at or before.known.state is State.GONE:
                return False
            self.result.follow_ups.append(FollowUp(TaskKind.CONFIRM, key))
            return True
        if self.spoken_at is None or before is None or before.last_seen_at == self.at:
            return False
        if before.last_seen_at <= self.spoken_at:
            return False
        self.result.follow_ups.append(FollowUp(TaskKind.CONFIRM, key))
        return True

    def _count(self, change: Change, thread: Key) -> None:
        names = {str(name) for name, _ in change.events}
        self.result.edited += "edited" in names
        self.result.removed += "gone" in names
        self.result.hidden += "hidden" in names
        if names:
            self.result.changed.add(change.key)
            self.result.active_threads.add(thread)

    def _flush(self) -> None:
        """Write what has gathered, and hang answers that came before their parents where they belong."""
        if not self.writes:
            return
        wanted = items.write(self.conn, self.writes, account=self.account.id, exchange=self.exchange.id, at=self.at)
        self.result.follow_ups += [FollowUp(TaskKind.MEDIA, identity) for identity in wanted]
        placed = {
            write.change.key: (write.seen, write.thread)
            for write in self.writes
            if write.seen is not None and write.thread is not None
        }
        named = [
            write.seen for write in self.writes if write.seen is not None and write.seen.united and write.seen.aliases
        ]
        self.writes = []
        self.waiting = set()
        for top in items.threads_in_use(self.conn, sorted(placed)):
            self._hang(top, *placed[top])
        for seen in named:
            self._adopt(seen)

    def _adopt(self, seen: ItemSeen) -> None:
        """What was said to answer this record by another of its names, before anybody knew that, answers it."""
        known = self.stored.get(seen.key)
        thread = known.thread if known is not None else seen.thread
        kinds: dict[Kind, list[Key]] = {}
        for one in items.answering(self.conn, thread, seen.aliases) if thread is not None else ():
            kind = kind_after(
                one.kind,
                own=one.author is not None and one.author == self.own,
                parent=seen.key,
                thread=one.thread,
                thread_is_own=self._owner(seen, one.thread),
                quotes=one.quotes,
                mentions_account=False,
            )
            kinds.setdefault(kind, []).append(one.known.key)
        for kind, keys in kinds.items():
            items.reparent(self.conn, keys, parent=seen.key, kind=kind, at=self.at)
            self.stored.update(items.stored(self.conn, [key for key in keys if key in self.stored]))

    def _hang(self, top: Key, seen: ItemSeen, thread: Key) -> None:
        """What took ``top`` for its root came before it: it stands in ``thread``, of which more is known now."""
        thread_is_own = self._owner(seen, thread)
        kinds: dict[Kind, list[Key]] = {}
        below = items.threaded(self.conn, top)
        for one in below:
            kind = kind_after(
                one.kind,
                own=one.author is not None and one.author == self.own,
                parent=one.parent,
                thread=thread,
                thread_is_own=thread_is_own,
                quotes=one.quotes,
                mentions_account=False,
            )
            if thread != top or kind is not one.kind:
                kinds.setdefault(kind, []).append(one.known.key)
        for kind, keys in kinds.items():
            items.place(self.conn, keys, thread=thread, kind=kind, at=self.at)
            self.stored.update(items.stored(self.conn, [key for key in keys if key in self.stored]))

    def _past(self, past: PastSeen) -> None:
        missing = unknown_versions(past, items.past_known(self.conn, past.key))
        if missing and items.stored(self.conn, [past.key]):
            items.add_past(self.conn, past.key, missing, exchange=self.exchange.id, at=self.at)
            self.result.edited += len(missing)

    def _author(self, told: AuthorSeen) -> None:
        """Why what somebody wrote, and what was found missing just now, is not shown."""
        keys = authors.unexplained(
            self.conn, platform=self.account.platform, author=told.author, state=told.state, since=self.at - _JUST_NOW,
            basis=told.basis,
        )  # fmt: skip
        for key, one in items.stored(self.conn, keys).items():
            change = weigh_author(one.known, told)
            self.writes.append(ItemWrite(change, None, None, None))
            self._count(change, one.thread)
            self.waiting.add(key)
        self._flush()

    def _gate(self, gate: GateSeen) -> None:
        """What is newly on the list was hidden by the account; what left it was shown again."""
        before = items.gate_members(self.conn, gate.scope, gate.gate)
        if before == gate.members:
            return
        items.set_gate(self.conn, gate.scope, gate.gate, gate.members, exchange=self.exchange.id, at=self.at)
        if gate.gate != "hidden":
            items.add_gate_events(
                self.conn, gate, added=gate.members - before, removed=before - gate.members,
                exchange=self.exchange.id, at=self.at,
            )  # fmt: skip
            return
        touched = items.stored(self.conn, sorted(gate.members ^ before))
        for key, one in touched.items():
            hidden = key in gate.members
            stated = StateSeen(
                key, State.HIDDEN if hidden else State.LIVE, gate.basis, Cause.BY_CITY if hidden else None
            )
            change = weigh_state(one.known, stated)
            self.writes.append(ItemWrite(change, None, None, None))
            self._count(change, one.thread)
        self._flush()


def _with_own_id(seen: ItemSeen, own: str) -> ItemSeen:
    author = seen.author
    wrote = author is not None and author.native_id == OWN_ACCOUNT
    if not wrote and OWN_ACCOUNT not in {seen.thread_author, seen.parent_author, *seen.mentions}:
        return seen
    return replace(
        seen,
        author=replace(author, native_id=own) if wrote and author is not None else author,
        thread_author=own if seen.thread_author == OWN_ACCOUNT else seen.thread_author,
        parent_author=own if seen.parent_author == OWN_ACCOUNT else seen.parent_author,
        mentions=frozenset(own if one == OWN_ACCOUNT else one for one in seen.mentions),
    )
