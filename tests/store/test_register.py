"""Accounts, exchanges, runs, tasks, limits, alerts, coverage and media: the small tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from archiver.domain.account import Account, Capacity
from archiver.domain.coverage import CoverageState, Span
from archiver.domain.exchange import Content, Exchange
from archiver.domain.item import Attachment, Kind, Person
from archiver.domain.keys import Key
from archiver.domain.observation import AccountSeen
from archiver.domain.task import TaskKind
from archiver.errors import AccessLost, NotFound, OperatorError, RateLimited
from archiver.store import accounts, alerts, captures, coverage, limits, media, tasks
from archiver.store.alerts import Told
from archiver.store.captures import ExchangeRow
from archiver.store.engine import Store
from archiver.store.media import MediaState

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

CITY = Account(
    id="police", platform="bluesky", handle="police.example", capacity=Capacity.MIXED, department="Police", series="GRS-1",
    base_url="https://pds.example", since=date(2019, 1, 1), authenticated=True, key_space="s/", facts={"pds": "https://pds.example"},
)  # fmt: skip


@pytest.fixture
def conn(city: Any, store: Store) -> Iterator[Connection]:
    """A write transaction on a store with the account ``city``."""
    with store.begin() as opened:
        yield opened


class TestAccounts:
    """The register of accounts."""

    def test_registered_is_what_comes_back(self, conn: Connection) -> None:
        """Every field of the configuration is kept."""
        accounts.register(conn, [CITY], NOON)
        assert accounts.get(conn, "police") == CITY
        assert [account.id for account in accounts.listed(conn)] == ["city", "police"]
        assert accounts.find(conn, "nobody") is None
        with pytest.raises(NotFound, match="nobody"):
            accounts.get(conn, "nobody")

    def test_registering_again_keeps_what_was_learned(self, conn: Connection) -> None:
        """A changed configuration is taken over; what the platform told stays."""
        accounts.register(conn, [CITY], NOON)
        accounts.observe(conn, "police", AccountSeen("did:1", "police.example", "Police", {"x": "1"}), NOON)
        accounts.register(conn, [accounts.unlearned(CITY)], NOON + HOUR)
        found = accounts.get(conn, "police")
        assert (found.native_id, dict(found.facts)) == ("did:1", {"pds": "https://pds.example", "x": "1"})
        assert accounts.row(conn, "police").registered_at == NOON

    def test_a_renamed_account_is_one_account(self, conn: Connection) -> None:
        """Each name is a line of its history; the same name again, or one that is left out, is none."""
        names = [("one", "One"), ("one", "One"), ("one", None), ("two", "One"), ("two", "Two"), ("one", "One")]
        news = [
            accounts.observe(conn, "city", AccountSeen("1", handle, name), NOON + n * HOUR)
            for n, (handle, name) in enumerate(names)
        ]
        assert news == [True, False, False, True, True, True]
        assert [(row.handle, row.display_name) for row in accounts.handles(conn, "city")] == [
            ("one", "One"), ("two", "One"), ("two", "Two"), ("one", "One"),
        ]  # fmt: skip
        assert (accounts.row(conn, "city").handle, accounts.get(conn, "city").handle) == ("one", "city@example.social")

    def test_outcomes(self, conn: Connection) -> None:
        """Errors stay until a round succeeds; only a lost access needs a person, and since when is kept."""
        assert accounts.outcome(conn, "city") == accounts.Outcome(None, None, None, None, None)
        accounts.set_outcome(conn, "city", at=NOON, trouble=RateLimited("slow", until=None, advice="wait"))
        found = accounts.outcome(conn, "city")
        assert (found.error, found.error_at, found.advice, found.needs_person) == ("slow", NOON, "wait", False)
        for hours in (1, 2):
            accounts.set_outcome(conn, "city", at=NOON + hours * HOUR, trouble=AccessLost("dead"))
        found = accounts.outcome(conn, "city")
        assert (found.error, found.attention_since, found.needs_person) == ("dead", NOON + HOUR, True)
        accounts.set_outcome(conn, "city", at=NOON + 3 * HOUR, trouble=OperatorError("disk"))
        assert accounts.outcome(conn, "city").failed_since == NOON + 3 * HOUR
        accounts.set_outcome(conn, "city", at=NOON + 4 * HOUR, trouble=None)
        assert accounts.outcome(conn, "city") == accounts.Outcome(NOON + 4 * HOUR, None, None, None, None)


class TestCaptures:
    """Exchanges, runs and sealed files."""

    def row(self, number: int, **facts: Any) -> ExchangeRow:
        """An exchange in the file A."""
        exchange = Exchange(f"e{number}", number, "city", "https://x", "posts", NOON + number * HOUR, status=200)
        return ExchangeRow(exchange, "A", number * 10, 5, **facts)

    def test_an_exchange_is_known_once(self, conn: Connection) -> None:
        """By its id; the same id again is refused."""
        captures.add(conn, self.row(1))
        assert captures.known_ids(conn, ["e1", "e2"]) == {"e1"}
        assert captures.known_ids(conn, []) == set()
        with pytest.raises(IntegrityError), conn.begin_nested():
            captures.add(conn, self.row(1))

    def test_sequence(self, conn: Connection) -> None:
        """The highest number of exchanges and of what is none; a lower one changes nothing."""
        assert captures.last_sequence(conn) == 0
        captures.add(conn, self.row(7))
        assert captures.last_sequence(conn) == 7
        captures.set_sequence(conn, 9)
        captures.set_sequence(conn, 8)
        assert captures.last_sequence(conn) == 9

    def test_the_original_of_a_payload(self, conn: Connection) -> None:
        """The account's first whole exchange with it; another account's is none (records rule R32)."""
        accounts.register(conn, [CITY], NOON)
        digest = "sha256:aa"
        captures.add(conn, self.row(1))
        assert captures.original_of(conn, "city", digest) is None
        for number in (2, 3):
            captures.add(conn, self.row(number, payload_digest=digest))
        assert captures.original_of(conn, "city", digest) == ("https://x", NOON + 2 * HOUR, "e2", "A", 20)
        assert captures.original_of(conn, "police", digest) is None

    def test_places(self, conn: Connection) -> None:
        """What lies where in a file."""
        captures.add(conn, self.row(1, payload_digest="p", block_digest="b"))
        captures.add(conn, self.row(2))
        assert captures.places(conn, "A") == {"e1": (10, "p", "b"), "e2": (20, None, None)}
        assert captures.places(conn, "B") == {}
        assert set(captures.cited_files(conn)) == {"A"}

    def test_sealed_files(self, conn: Connection) -> None:
        """Saying the same again is nothing new, saying something else is refused."""
        words: dict[str, Any] = {"records": 3, "size_bytes": 9, "first_at": NOON, "last_at": None, "sealed_at": NOON}
        for _ in range(2):
            captures.add_sealed(conn, "A", sha256="aa", **words)
        assert captures.sealed(conn)["A"].sha256 == "aa"
        with pytest.raises(IntegrityError), conn.begin_nested():
            captures.add_sealed(conn, "A", sha256="bb", **words)

    def test_runs_of_a_lost_store_are_not_given_again(self, conn: Connection) -> None:
        """A new run's number is higher than any that an exchange carries."""
        first = captures.start_run(conn, "collect", NOON)
        assert captures.start_run(conn, "collect", NOON) > first
        captures.add(conn, self.row(1, run=1000))
        numbers = [captures.start_run(conn, "collect", NOON) for _ in range(2)]
        assert numbers == [1001, 1002]


class TestTasks:
    """What is due."""

    def due(self, conn: Connection, at: datetime = NOON, **filters: Any) -> list[str]:
        """The subjects of what is due."""
        return [row.subject for row in tasks.due(conn, "city", at, **filters)]

    def one(self, conn: Connection, subject: str = "a") -> tasks.TaskRow:
        """The thread task of a subject."""
        found = tasks.get(conn, "city", TaskKind.THREAD, subject)
        assert found is not None
        return found

    def test_due_in_order(self, conn: Connection) -> None:
        """The longest due first; neither what is later nor another account's."""
        for subject, hours in (("a", -1), ("b", -3), ("c", 0), ("d", 1)):
            tasks.ensure(conn, "city", TaskKind.THREAD, subject, due_at=NOON + hours * HOUR)
        tasks.ensure(conn, "city", TaskKind.POLL, due_at=NOON - 5 * HOUR)
        assert self.due(conn) == ["", "b", "a", "c"]
        assert self.due(conn, kind=TaskKind.THREAD, limit=2) == ["b", "a"]
        assert self.due(conn, kind=TaskKind.THREAD, limit=2, without={self.one(conn, "b").id}) == ["a", "c"]
        assert tasks.left(conn, "city", NOON) == 4
        assert tasks.counts(conn, "city") == {TaskKind.THREAD: 4, TaskKind.POLL: 1}
        assert tasks.due(conn, "nobody", NOON) == []

    def test_ensuring_never_postpones(self, conn: Connection) -> None:
        """A later moment changes nothing, an earlier one does."""
        for hours, expected in ((0, 0), (2, 0), (-2, -2)):
            tasks.ensure(conn, "city", TaskKind.THREAD, "a", due_at=NOON + hours * HOUR)
            assert self.one(conn).due_at == NOON + expected * HOUR

    def test_a_visit(self, conn: Connection) -> None:
        """Beginning, going on after a stop, failing, finishing."""
        tasks.ensure(conn, "city", TaskKind.THREAD, "a", due_at=NOON, since=NOON - HOUR, full=True)
        task = self.one(conn)
        assert (task.visits, task.attempts, task.done, task.started_at) == (0, 0, False, None)
        tasks.begin(conn, task.id, NOON)
        tasks.save_cursor(conn, task.id, {"page": 2, "seen": ["é"]})
        tasks.ensure(conn, "city", TaskKind.THREAD, "a", due_at=NOON)
        tasks.begin(conn, task.id, NOON + HOUR)
        task = self.one(conn)
        assert (task.started_at, task.cursor, task.since, task.full) == (
            NOON,
            {"page": 2, "seen": ["é"]},
            NOON - HOUR,
            True,
        )
        tasks.fail(conn, task.id, "it broke", at=NOON, due_at=NOON + HOUR)
        task = self.one(conn)
        assert (task.attempts, task.last_error, task.due_at, task.cursor) == (
            1,
            "it broke",
            NOON + HOUR,
            {"page": 2, "seen": ["é"]},
        )
        assert tasks.failing(conn, "city", TaskKind.THREAD)
        tasks.finish(conn, task.id, due_at=NOON + 2 * HOUR, changed_at=NOON + HOUR)
        task = self.one(conn)
        assert (task.attempts, task.last_error, task.due_at, task.visits, task.changed_at, task.done, task.full) == (
            0, None, NOON + 2 * HOUR, 1, NOON + HOUR, False, False,
        )  # fmt: skip
        assert task.started_at is None

    def test_who_waits_by_its_own_wish_is_not_hurried(self, conn: Connection) -> None:
        """A task that asks again in an hour is not pulled forward by the next one that wants it; a failed one is."""
        tasks.ensure(conn, "city", TaskKind.THREAD, "a", due_at=NOON)
        task = self.one(conn)
        tasks.begin(conn, task.id, NOON)
        tasks.suspend(conn, task.id, {"again": True}, due_at=NOON + HOUR)
        tasks.ensure(conn, "city", TaskKind.THREAD, "a", due_at=NOON)
        assert (self.one(conn).due_at, self.one(conn).cursor) == (NOON + HOUR, {"again": True})
        tasks.fail(conn, task.id, "it broke", at=NOON, due_at=NOON + HOUR)
        tasks.ensure(conn, "city", TaskKind.THREAD, "a", due_at=NOON)
        assert self.one(conn).due_at == NOON

    def test_done_until_asked_for_again(self, conn: Connection) -> None:
        """A task without a next moment is done; asking for it opens it."""
        tasks.ensure(conn, "city", TaskKind.THREAD, "a", due_at=NOON)
        tasks.finish(conn, self.one(conn).id, due_at=None)
        assert (self.one(conn).done, self.due(conn), tasks.exists(conn, "city", TaskKind.THREAD, "a")) == (
            True,
            [],
            True,
        )
        tasks.ensure(conn, "city", TaskKind.THREAD, "a", due_at=NOON)
        assert self.due(conn) == ["a"]

    def test_hastening(self, conn: Connection) -> None:
        """All open tasks of a kind are due now; of the done ones only threads open again."""
        for kind in (TaskKind.THREAD, TaskKind.MEDIA):
            for subject in ("done", "later"):
                tasks.ensure(conn, "city", kind, subject, due_at=NOON + HOUR)
            task = tasks.get(conn, "city", kind, "done")
            assert task is not None
            tasks.finish(conn, task.id, due_at=None)
            tasks.hasten(conn, "city", kind, NOON)
        assert sorted(self.due(conn, kind=TaskKind.THREAD)) == ["done", "later"]
        assert self.due(conn, kind=TaskKind.MEDIA) == ["later"]

    def test_trying_again(self, conn: Connection) -> None:
        """What failed is due now, of whatever kind; what merely waits for its time goes on waiting."""
        for subject in ("failed", "waits"):
            tasks.ensure(conn, "city", TaskKind.THREAD, subject, due_at=NOON)
        failed = tasks.get(conn, "city", TaskKind.THREAD, "failed")
        waits = tasks.get(conn, "city", TaskKind.THREAD, "waits")
        assert failed is not None
        assert waits is not None
        tasks.fail(conn, failed.id, "no answer", at=NOON, due_at=NOON + HOUR)
        tasks.suspend(conn, waits.id, {}, due_at=NOON + HOUR)
        assert self.due(conn) == []
        tasks.retry(conn, "city", NOON)
        assert self.due(conn) == ["failed"]

    def test_stirring(self, conn: Connection) -> None:
        """Something new in a thread makes its task due; no task is made."""
        tasks.ensure(conn, "city", TaskKind.THREAD, "a", due_at=NOON + HOUR)
        tasks.stir(conn, "city", "a", NOON)
        tasks.stir(conn, "city", "b", NOON)
        assert self.due(conn) == ["a"]


def test_replanning_after_a_loss(city: Any, store: Store, seen: Any) -> None:
    """What records call for is planned again: threads of the account's own roots, media that no capture has; once."""
    own, stranger = Person("me"), Person("you")
    with store.begin() as conn:
        accounts.observe(conn, "city", AccountSeen("me", "city"), NOON)
    city.see(seen(1, author=own, attachments=(Attachment("image", "pic"),)), seen(2, author=stranger))
    city.see(seen(3, author=own, thread=Key("x"), thread_author="you", parent=Key("x")), kind=Kind.REPLY)
    city.see(
        seen(4, author=own, thread=Key("mastodon:1"), thread_author="me", parent=Key("mastodon:1")), kind=Kind.REPLY
    )
    with store.begin() as conn:
        for _ in range(2):
            tasks.replan(conn, NOON)
        planned = [(row.kind, row.subject) for row in tasks.due(conn, "city", NOON)]
    assert sorted(planned) == [
        (TaskKind.MEDIA, "pic"),
        (TaskKind.THREAD, "mastodon:1"),
        (TaskKind.THREAD, "mastodon:3"),
    ]


def test_limits(conn: Connection) -> None:
    """The longest announced wait holds until it is over or lifted."""
    limits.announce(conn, "city", NOON + HOUR, "slow down")
    limits.announce(conn, "city", NOON, "less")
    assert limits.until(conn, "city", NOON) == (NOON + HOUR, "slow down")
    assert limits.until(conn, "city", NOON + HOUR) is None
    assert limits.until(conn, "other", NOON) is None
    limits.announce(conn, "city", NOON + 2 * HOUR, "more")
    assert limits.until(conn, "city", NOON) == (NOON + 2 * HOUR, "more")
    limits.lift(conn, "city")
    assert limits.until(conn, "city", NOON) is None


def test_alerts(conn: Connection) -> None:
    """What was told is kept until it is over."""
    one = Told("city", "token", "dead", NOON, NOON)
    alerts.tell(conn, one)
    again = Told("city", "token", "still dead", NOON, NOON + HOUR)
    alerts.tell(conn, again)
    assert alerts.told(conn) == [again]
    alerts.forget(conn, "city", "token")
    assert alerts.told(conn) == []


def test_coverage(conn: Connection) -> None:
    """A track is replaced as a whole; others stay; what comes back is what was put in."""
    whole = Span("posts", None, None, NOON, CoverageState.COMPLETE, "late: outage", NOON - HOUR, NOON)
    gap = Span("posts", None, NOON, NOON + HOUR, CoverageState.GAP, "outage", NOON)
    thread = Span("comments", Key("mastodon:1"), NOON, NOON + HOUR, CoverageState.COMPLETE)
    coverage.replace(conn, "city", "posts", None, [gap])
    coverage.replace(conn, "city", "comments", Key("mastodon:1"), [thread])
    coverage.replace(conn, "city", "posts", None, [gap, whole])
    assert coverage.track(conn, "city", "posts", None) == (whole, gap)
    assert coverage.track(conn, "city", "comments", Key("mastodon:1")) == (thread,)
    assert coverage.track(conn, "city", "comments", None) == ()
    assert coverage.spans(conn, "city") == [thread, whole, gap]
    assert coverage.rows(conn) == [("city", thread), ("city", whole), ("city", gap)]
    coverage.replace(conn, "city", "posts", None, [])
    assert coverage.spans(conn, "city") == [thread]


def test_totals(conn: Connection) -> None:
    """The last stated total counts."""
    assert coverage.total(conn, "city", "posts") is None
    for number in (3, 2):
        coverage.set_total(conn, "city", "posts", number, NOON)
    assert coverage.total(conn, "city", "posts") == 2
    assert [(row.stream, row.total) for row in coverage.totals(conn, "city")] == [("posts", 2)]


class TestMedia:
    """Wanted, captured, or not to be had."""

    PICTURE = Content("ab" * 32, 1000, "image/jpeg", 40, 30)

    @pytest.fixture
    def exchange(self, city: Any, store: Store) -> str:
        """An exchange that captured media."""
        with store.begin() as conn:
            media.want(conn, "city", {"blob:1": "https://x/1", "blob:2": "https://x/2"}, NOON)
            return str(city.exchange(conn))

    def test_captured(self, exchange: str, store: Store) -> None:
        """What is captured is no longer wanted, and its place is known."""
        with store.begin() as conn:
            media.link(conn, "blob:1", self.PICTURE, file="M", offset=7, exchange=exchange, truncated=None)
            assert [one.identity for one in media.wanted(conn, "city")] == ["blob:2"]
            assert media.place_of(conn, self.PICTURE.sha256) == media.Place(self.PICTURE.sha256, "M", 7, None)
            with pytest.raises(NotFound):
                media.place_of(conn, "cd" * 32)

    def test_a_cut_capture_gives_way_to_a_whole_one(self, exchange: str, store: Store) -> None:
        """And never the other way round."""
        cut = Content("cd" * 32, 10, "image/jpeg")
        with store.begin() as conn:
            for content, truncated in ((cut, "length"), (self.PICTURE, None), (cut, "length")):
                media.link(conn, "blob:1", content, file="M", offset=7, exchange=exchange, truncated=truncated)
            assert media.place_of(conn, self.PICTURE.sha256).sha256 == self.PICTURE.sha256
            with pytest.raises(NotFound):
                media.place_of(conn, cut.sha256)

    def test_not_to_be_had(self, exchange: str, store: Store) -> None:
        """A failure is kept with its reason; what was captured before stays captured."""
        with store.begin() as conn:
            media.link(conn, "blob:1", self.PICTURE, file="M", offset=7, exchange=exchange)
            for identity in ("blob:1", "blob:2"):
                media.failed(conn, "city", identity, "404")
            rows = conn.exec_driver_sql("SELECT identity, state, last_error FROM media_sources ORDER BY identity").all()
        assert [tuple(row) for row in rows] == [
            ("blob:1", MediaState.STORED, None),
            ("blob:2", MediaState.FAILED, "404"),
        ]

    def test_each_account_has_its_own_capture(self, exchange: str, city: Any, store: Store) -> None:
        """The place is the account's own where it has one (records rule R32)."""
        with store.begin() as conn:
            accounts.register(conn, [CITY], NOON)
            captures.add(conn, ExchangeRow(Exchange("p1", 99, "police", "u", "media", NOON), "P", 1, 1))
            media.link(conn, "blob:1", self.PICTURE, file="M", offset=7, exchange=exchange)
            media.link(conn, "blob:1", self.PICTURE, file="P", offset=8, exchange="p1")
            assert media.place_of(conn, self.PICTURE.sha256, "police").file == "P"
            assert media.place_of(conn, self.PICTURE.sha256, "city").file == "M"
            assert media.place_of(conn, self.PICTURE.sha256, "nobody").file == "M"
