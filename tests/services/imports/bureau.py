"""An archive of one account into which downloads are imported: a real store, real WARC files, real zips."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.item import Attachment, Body, Form, Person
from archiver.domain.keys import make_key
from archiver.domain.observation import OWN_ACCOUNT, GoneSeen, ItemSeen
from archiver.domain.task import Step, Task, TaskKind
from archiver.platforms.fields import mapping
from archiver.platforms.registry import adapter_for
from archiver.services.imports.importing import Imported, Importer, Wish
from archiver.services.journal import Context, Journal
from archiver.services.rebuild import check
from archiver.services.register import register
from archiver.services.replay import recover
from archiver.services.verify import verify
from archiver.store import accounts
from archiver.store.engine import Store, open_store, upgrade
from archiver.takeouts.protocol import About, Entry, Files, NotUnderstood
from archiver.takeouts.streams import elements
from archiver.warc.event import Block, CaptureEvent
from archiver.warc.http import payload_sha256
from archiver.warc.writer import Segments, WarcInfo
from tests.support.clock import FakeClock
from tests.takeouts.memory import zipped

PAGE = Account("page", "facebook", "1000", authenticated=True, native_id=None)
CITY = Account("page", "mastodon", "city", base_url="https://social.example")


@dataclass
class Bureau:
    """One process that works on the archive."""

    folder: Path
    store: Store
    segments: Segments
    journal: Journal
    account: Account
    clock: FakeClock = field(default_factory=FakeClock)
    stop: threading.Event = field(default_factory=threading.Event)
    told: list[tuple[str, int, int]] = field(default_factory=list)
    stop_at: int | None = None

    def handed_in(self, name: str, files: Mapping[str, Any]) -> Path:
        """A zip with these files."""
        path = self.folder / name
        path.write_bytes(zipped(files))
        return path

    def take(self, *paths: Path, on: date | None = None, anyway: bool = False) -> Imported:
        """Import the zips."""
        importer = Importer(self.store, self.journal, self.folder / "warc", self.clock.now, self.stop, self._watch)
        self.clock.advance(60)
        return importer.carry_out(Wish(self.account.id, paths, on, "J. Clerk", anyway))

    def _watch(self, what: str, done: int, of: int) -> None:
        self.told.append((what, done, of))
        if self.stop_at is not None and what == "reading" and done >= self.stop_at:
            self.stop.set()

    def introduced(self, answer: Any) -> None:
        """The platform's API answered this when it was asked for the account's profile."""
        task = Task(self.account, TaskKind.PROFILE, self.clock.now())
        self.captured(adapter_for(self.account).start(task).requests[0].url, answer, TaskKind.PROFILE)

    def captured(self, url: str, answer: Any, kind: TaskKind = TaskKind.POLL) -> None:
        """The platform's API answered this."""
        with self.store.read() as conn:
            account = accounts.get(conn, self.account.id)
        self.clock.advance(60)
        now = self.clock.now()
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        block = Block.of(head + body)
        with block.open() as stream:
            digest = payload_sha256(stream)
        event = CaptureEvent(url, "GET", now, 5, f"GET {url} HTTP/1.1\r\n\r\n".encode(), block, digest)
        spec = RequestSpec(url, "posts")
        adapter = adapter_for(account)
        task = Task(account, kind, now)
        self.journal.record(Context(account, adapter, task, (), 1), Step((spec,)), event, spec)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        with self.store.read() as conn:
            return [tuple(row) for row in conn.exec_driver_sql(statement)]

    def texts(self) -> list[tuple[str, str, str]]:
        """Kind, state and latest text of each record, in the order of time."""
        return self.rows(
            "SELECT i.kind, i.state, v.text FROM items i JOIN versions v ON v.item_id = i.id AND v.ordinal = i.current "
            "WHERE i.kind <> 'profile' ORDER BY i.moment, i.key"
        )

    def matches(self) -> list[str]:
        """How the entries found their records."""
        return [row[0] for row in self.rows("SELECT match FROM download_entries ORDER BY id")]

    def warc_bytes(self) -> int:
        """How much is in the WARC files."""
        return sum(path.stat().st_size for path in (self.folder / "warc").rglob("*.warc.gz*"))

    def assert_sound(self, *, verified: bool = False) -> None:
        """The WARC files make the store again; ``verified``: and stand every other check."""
        warc = self.folder / "warc"
        if verified:
            assert list(verify(self.store, warc, full=True, workers=1, progress=_quiet)) == []
        compared = check(self.store, warc, self.folder / "scratch", self.clock.now(), progress=_quiet)
        assert compared.replayed.unread == []
        assert [str(one) for one in compared.differences] == []


@contextmanager
def bureau(folder: Path, account: Account = PAGE) -> Iterator[Bureau]:
    """A process on the archive in ``folder``; what an earlier one left behind is recovered."""
    url = f"sqlite:///{folder / 'archive.sqlite'}"
    if not (folder / "archive.sqlite").exists():
        upgrade(url)
    clock = FakeClock()
    store = open_store(url)
    register(store, [account], clock.now())
    info = WarcInfo(operator="City", archive="City", user_agent="test")
    segments = Segments(folder / "warc", info=info, now=clock.now)
    try:
        recover(store, segments)
        yield Bureau(folder, store, segments, Journal(store, segments), account, clock)
    finally:
        segments.close()
        store.dispose()


def _quiet(_done: int, _of: int) -> None:
    """Nobody watches."""


class PlainDownload:
    """A reader for tests: a download with ids, ``posts.json``, and ``about.json`` of whose and when it is.

    A post is ``{"id", "at", "text", "media"?, "deleted"?}``; times are Unix seconds.
    """

    name: ClassVar[str] = "plain download"
    platform: ClassVar[str] = "mastodon"

    def recognizes(self, files: Files) -> bool:
        """By the name of its first file."""
        return "about.json" in files.paths

    def about(self, files: Files) -> About:
        """Whose and when it is."""
        with files.open("about.json") as stream:
            told = mapping(json.load(stream))
        made = told.get("made")
        return About(
            told.get("id"), told.get("handle"), datetime.fromtimestamp(made, UTC) if made else None, "all time"
        )

    def read(self, files: Files, account: Account) -> Iterator[Entry | NotUnderstood]:
        """Its posts."""
        for path in files.paths:
            if path.startswith("posts"):
                yield from _posts(files, path, account)
            elif path.endswith(".odd"):
                yield NotUnderstood(path, "nobody knows what this is")


def _posts(files: Files, path: str, account: Account) -> Iterator[Entry | NotUnderstood]:
    with files.open(path) as stream:
        for pointer, found in elements(stream):
            key = make_key("mastodon", found["id"], account.key_space)
            media = tuple(
                Attachment("image", f"https://cdn.example/{one}", source=one) for one in found.get("media", ())
            )
            seen = ItemSeen(
                key, Form.POST, Person(OWN_ACCOUNT), Body(text=found["text"], attachments=media or None),
                created_at=datetime.fromtimestamp(found["at"], UTC), thread=key,
            )  # fmt: skip
            held = tuple((one, f"media/{one}") for one in found.get("media", ()))
            yield Entry(seen, path, pointer, held)
            if "deleted" in found:
                basis = f"deleted at {found['deleted']}, as the platform's own download says ({path})"
                yield Entry(GoneSeen(key, basis), path, pointer)
