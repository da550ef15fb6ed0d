"""Money is a budget: no more than that, whatever happens, and what is new goes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from archiver.capture.client import Client
from archiver.cli.reporting import sentences as told
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.spending import Tariff
from archiver.domain.task import Step, Task, TaskKind
from archiver.errors import TokenMissing
from archiver.services.asking import PAID_ATTEMPTS, Stopped
from archiver.services.checkup import Level, check_budget
from archiver.services.health import health
from archiver.services.rebuild import check, rebuild
from archiver.services.replay import recover
from archiver.services.schedule import Rhythm, anything_due
from archiver.services.spending import Bounds, amount_in_words, bounds_of, overview, take_up_affordable
from archiver.services.verify import verify
from archiver.store import captures, tasks
from archiver.warc.event import CaptureEvent
from tests.platforms.mastodon_world import ANN, CITY
from tests.services.loopback import Desk
from tests.services.priced import A_CALL, A_POST, PricedMastodon, PricedServer, RationedMastodon, office, sell

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
OLD = 12
POSTS = OLD + 3


def quiet(_done: int, _of: int) -> None:
    """Nobody watches."""


@pytest.fixture
def world() -> PricedServer:
    """Three new posts of the city with a comment each, and a dozen of last year."""
    made = PricedServer()
    made.clock.advance((NOON - made.clock.now()).total_seconds())
    for number in range(OLD):
        made.post(f"11200000000000{number:04d}", CITY, at=NOON - timedelta(days=400 - number))
    for number in range(3):
        root, at = f"11400000000000{number:04d}", NOON - timedelta(hours=10 - number)
        made.post(root, CITY, at=at)
        made.post(f"11400000000010{number:04d}", ANN, to=root, at=at + timedelta(hours=1))
    return made


@pytest.fixture
def at_work(tmp_path: Path, world: PricedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A process that pays this server."""
    sell(monkeypatch)
    with office(tmp_path, world) as made:
        yield made


def booked(desk_: Desk) -> int:
    """What the archive says that it spent."""
    return int(desk_.rows("SELECT coalesce(sum(amount), 0) FROM spending")[0][0])


def test_every_call_is_on_the_books(at_work: Desk, world: PricedServer) -> None:
    """The sum of the exchanges, the sums of the days and the platform's bill are the same, and a rebuild knows them."""
    assert not at_work.round(everything=True).short
    costs = at_work.rows("SELECT count(*), sum(cost) FROM exchanges WHERE cost IS NOT NULL")
    assert (costs[0][0], costs[0][1]) == (at_work.count("exchanges"), world.bill)
    assert booked(at_work) == world.bill == A_POST * POSTS + A_CALL * (world.bill - A_POST * POSTS) // A_CALL
    assert at_work.count("reservations") == 0
    assert list(verify(at_work.store, at_work.folder / "warc", full=True, workers=1, progress=quiet)) == []
    compared = check(at_work.store, at_work.folder / "warc", at_work.folder / "scratch", NOON, progress=quiet)
    assert compared.differences == []
    with at_work.store.begin() as conn:
        conn.exec_driver_sql("DELETE FROM spending")
    rebuild(at_work.store, at_work.folder / "warc", at_work.folder / "scratch", NOON, progress=quiet)
    assert booked(at_work) == world.bill


def test_a_budget_is_never_overspent(at_work: Desk, world: PricedServer) -> None:
    """What it does not reach for is put off with a gap that says why; what is free goes on."""
    at_work.budget = Decimal("0.15")
    done = at_work.round(everything=True)
    assert 0 < world.bill <= 150
    assert done.trouble is None
    assert done.problems == []
    assert any("the budget of 0.15 USD for 2026-11" in gap for gap in done.gaps)
    assert at_work.count("items") > POSTS  # the posts are there
    states = dict(at_work.rows("SELECT stream, state FROM coverage WHERE scope = ''"))
    assert states["comments"] == "gap"
    reasons = at_work.rows("SELECT DISTINCT put_off FROM tasks WHERE put_off IS NOT NULL")
    assert reasons
    bill = world.bill
    for _ in range(3):
        world.clock.advance(3600)
        at_work.round()
        assert bill <= world.bill <= 150


def test_new_posts_and_likely_replies_go_first(at_work: Desk, world: PricedServer) -> None:
    """Money that is short is spent on the threads that live; those of last year wait for a better month."""
    at_work.budget = Decimal("0.16")
    at_work.round(everything=True)
    visited = {key for (key,) in at_work.rows("SELECT subject FROM tasks WHERE kind = 'thread' AND visits > 0")}
    assert visited == {f"mastodon:11400000000000{number:04d}" for number in range(3)}


def test_the_next_period_takes_up_what_was_put_off(at_work: Desk, world: PricedServer) -> None:
    """When there is money again the gap closes, and the bill of each month is within its budget."""
    at_work.budget = Decimal("0.50")
    assert at_work.round(everything=True).short
    assert at_work.rows("SELECT count(*) FROM tasks WHERE put_off IS NOT NULL")[0][0] > 0
    at_work.budget = Decimal("2.50")
    world.clock.advance(86_400 * 20.6)
    for _ in range(3):
        world.clock.advance(86_400)
        at_work.round()
    assert at_work.rows("SELECT count(*) FROM tasks WHERE kind = 'thread' AND visits = 0") == [(0,)]
    assert len(world.by_month()) >= 2
    assert world.by_month()["2026-11"] <= 500
    assert world.by_month()["2026-12"] <= 2500
    assert at_work.rows("SELECT count(*) FROM coverage WHERE state = 'gap'") == [(0,)]


def test_without_a_budget_nothing_is_put_off(at_work: Desk) -> None:
    """The operator's word is what binds; a platform without an allowance has no other bound."""
    assert not at_work.round(everything=True).short
    assert at_work.rows("SELECT count(*) FROM tasks WHERE put_off IS NOT NULL") == [(0,)]


def test_an_answer_that_was_never_seen_costs_all_that_it_may(
    at_work: Desk, world: PricedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends between the call and its record leaves what it set aside, and the next one counts it."""
    at_work.budget = Decimal(25)
    at_work.round(TaskKind.PROFILE)

    def dies(self: Client, *args: Any, **more: Any) -> Any:
        sending(self, *args, **more)
        raise KeyboardInterrupt

    sending = Client.send
    with monkeypatch.context() as killed:
        killed.setattr(Client, "send", dies)
        with pytest.raises(KeyboardInterrupt):
            at_work.round(TaskKind.POLL)
    assert (world.bill, booked(at_work)) == (A_POST * POSTS, 0)
    assert at_work.count("reservations") == 1
    recover(at_work.store, at_work.segments)
    assert at_work.count("reservations") == 0
    assert booked(at_work) == A_POST * 40
    at_work.round(TaskKind.POLL)
    assert booked(at_work) - A_POST * 40 == world.bill - A_POST * POSTS


def test_an_answer_that_only_the_store_has_not_seen_costs_what_it_cost(
    at_work: Desk, world: PricedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recovery finds it in the WARC file, with its price."""
    at_work.budget = Decimal(25)
    at_work.round(TaskKind.PROFILE)
    with at_work.store.begin() as conn:
        conn.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON exchanges BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(Exception, match="full"):
        at_work.round(TaskKind.POLL)
    with at_work.store.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER full")
    recover(at_work.store, at_work.segments)
    assert at_work.count("reservations") == 0
    assert booked(at_work) == world.bill == A_POST * POSTS


def test_nothing_is_asked_when_the_month_changes(at_work: Desk, world: PricedServer) -> None:
    """The platform's clock may be another: the minutes around midnight cost nothing."""
    at_work.budget = Decimal(25)
    world.clock.advance((datetime(2026, 11, 30, 23, 59, 30, tzinfo=UTC) - world.clock.now()).total_seconds())
    at_work.round(TaskKind.PROFILE, TaskKind.POLL)
    assert min(at for at, _ in world.charges) >= datetime(2026, 12, 1, 0, 1, tzinfo=UTC)


def bounds(desk_: Desk, budget: str | None, *sharers: str) -> Bounds:
    """What binds the one account."""
    amount = Decimal(budget) if budget else None
    tariff = PricedMastodon.tariff
    assert tariff is not None
    return bounds_of(tariff, "city-mastodon", lambda _account: amount, lambda _name: frozenset(sharers))


def test_how_it_stands(at_work: Desk, world: PricedServer) -> None:
    """What was spent, what it comes to, what waits: in the light of the account and in words."""
    at_work.budget = Decimal("0.15")
    at_work.round(everything=True)
    (seen,) = health(
        at_work.store, world.clock.now(), paused={"city-mastodon": False},
        bounds={"city-mastodon": bounds(at_work, "0.15")},
    )  # fmt: skip
    spending = seen.spending
    assert spending is not None
    assert (spending.spent, spending.limit, spending.forecast) == (world.bill, 150, None)
    assert spending.calls == len(world.charges)
    assert spending.put_off[TaskKind.THREAD] > OLD / 2
    assert str(seen.state) == "gap"
    sentences = list(told(seen, world.clock.now(), ZoneInfo("UTC")))
    assert any(one.startswith(f"0.{world.bill} USD of 0.15 USD were spent in 2026-11") for one in sentences)
    (waiting,) = [one for one in sentences if one.startswith("put off, as it would cost too much now: ")]
    assert "threads to be visited (" in waiting
    assert any("the budget of 0.15 USD for 2026-11" in one for one in sentences)


def test_a_day_of_late_says_what_it_comes_to(at_work: Desk, world: PricedServer) -> None:
    """After a whole day that is not the first there is a forecast, which the budget bounds."""
    for _ in range(3):
        at_work.round()
        world.clock.advance(86_400)
    at_work.round()
    with at_work.store.read() as conn:
        now = world.clock.now()
        unbound, bound = overview(conn, bounds(at_work, None), now), overview(conn, bounds(at_work, "5"), now)
    assert unbound.forecast is not None
    assert unbound.forecast > unbound.spent == world.bill
    assert bound.forecast == min(unbound.forecast, 5000)


def test_a_larger_budget_takes_up_what_was_put_off(at_work: Desk, world: PricedServer) -> None:
    """At the next start; the same budget changes nothing."""
    at_work.budget = Decimal("0.15")
    at_work.round(everything=True)
    waiting = "SELECT count(*) FROM tasks WHERE put_off IS NOT NULL AND due_at > '2026-11-11'"
    before = at_work.rows(waiting)[0][0]
    assert before > 0
    take_up_affordable(at_work.store, {"city-mastodon": bounds(at_work, "0.15")}, world.clock.now())
    assert at_work.rows(waiting) == [(before,)]
    take_up_affordable(at_work.store, {"city-mastodon": bounds(at_work, "9")}, world.clock.now())
    assert at_work.rows(waiting) == [(0,)]
    at_work.budget = Decimal(9)
    assert not at_work.round().short
    assert at_work.rows("SELECT count(*) FROM tasks WHERE put_off IS NOT NULL") == [(0,)]


UNITS = RationedMastodon.tariff
PRICES = {
    "no budget where it is money": (PricedMastodon.tariff, {}, (None, None)),
    "a budget where it is money": (PricedMastodon.tariff, {"a": "25", "b": "30"}, (25_000, None)),
    "the platform's allowance, for all with the key": (UNITS, {}, (None, 10_000)),
    "a budget below the allowance": (UNITS, {"a": "4000"}, (4000, 10_000)),
    "budgets of all with the key that make more than it": (UNITS, {"a": "9000", "b": "8000"}, (9000, 17_000)),
    "what is less than the smallest unit": (PricedMastodon.tariff, {"a": "0.0129"}, (12, None)),
}


@pytest.mark.parametrize("case", PRICES)
def test_what_binds(case: str) -> None:
    """The account's own budget, and what the accounts with the same key have together."""
    tariff, set_, expected = PRICES[case]
    assert tariff is not None
    amounts = {name: Decimal(amount) for name, amount in set_.items()}
    found = bounds_of(tariff, "a", amounts.get, lambda name: frozenset({"a", "b"} if name == "token" else {"a"}))
    assert (found.own, found.shared) == expected
    assert found.sharers == (frozenset({"a", "b"}) if found.shared is not None else frozenset({"a"}))


SAID = {
    "no budget": (None, Level.WARNING, "paid for in USD, and it has no budget"),
    "a budget": ("25", Level.OK, "It may cost 25.00 USD a month."),
}


@pytest.mark.parametrize("case", SAID)
def test_what_check_says(case: str) -> None:
    """Where it is money, somebody must have said how much."""
    budget, level, words = SAID[case]
    tariff = PricedMastodon.tariff
    assert tariff is not None
    amount = Decimal(budget) if budget else None
    found = check_budget(bounds_of(tariff, "a", lambda _account: amount, lambda _name: frozenset()))
    assert (found.level, words in found.sentence) == (level, True)


WORDS = {(PricedMastodon.tariff, 25_000): "25.00 USD", (PricedMastodon.tariff, 3): "0.003 USD", (UNITS, 7): "7 units"}


@pytest.mark.parametrize(("tariff", "amount"), WORDS, ids=WORDS.values())
def test_amounts_in_words(tariff: Tariff, amount: int) -> None:
    """As people write them, down to the smallest part."""
    assert amount_in_words(tariff, amount) == WORDS[tariff, amount]


def test_a_poll_that_is_put_off_was_not_planned_by_a_wrong_clock(at_work: Desk, world: PricedServer) -> None:
    """It waits for the month's end, and nothing is due until then; the gap says why."""
    at_work.budget = Decimal("0.03")
    assert at_work.round().short
    later = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
    for _ in range(2):
        with at_work.store.read() as conn:
            poll = tasks.get(conn, "city-mastodon", TaskKind.POLL)
            assert poll is not None
            assert (poll.due_at, poll.put_off is not None) == (later, True)
            assert not anything_due(conn, "city-mastodon", world.clock.now() + timedelta(minutes=5), Rhythm())
        at_work.round()
    assert world.bill == 0
    assert at_work.rows("SELECT state FROM coverage WHERE stream = 'posts' AND scope = ''") == [("gap",)]


def stopped(request: bytes) -> CaptureEvent:
    """A call that a stop ended, before or after its request went out."""
    return CaptureEvent("https://a.example/", "GET", NOON, 0, request, None, failure="stopped")


LEFT = {
    "a stop before the request went out": (b"", 0),
    "a stop while the answer came": (b"GET / HTTP/1.1", 1),
}


@pytest.mark.parametrize("case", LEFT)
def test_what_a_stop_leaves(case: str, at_work: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was surely never sent is free; the rest is counted until somebody knows better."""
    request, reservations = LEFT[case]
    at_work.round(TaskKind.PROFILE)
    monkeypatch.setattr(Client, "send", lambda *_args, **_more: stopped(request))
    with pytest.raises(Stopped):
        at_work.round(TaskKind.POLL)
    assert at_work.count("reservations") == reservations


def test_a_call_without_its_secret_was_not_made(at_work: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stays set aside for it."""
    at_work.round(TaskKind.PROFILE)

    def refuses(*_args: Any, **_more: Any) -> CaptureEvent:
        raise TokenMissing("There is no token.")

    monkeypatch.setattr(Client, "send", refuses)
    with pytest.raises(TokenMissing):
        at_work.round(TaskKind.POLL)
    assert at_work.count("reservations") == 0


def outage(failure: str, request: bytes) -> Callable[..., CaptureEvent]:
    """A platform that does not answer anything; ``request`` is what went out to it."""

    def send(client: Client, _account: Account, spec: RequestSpec, **_more: Any) -> CaptureEvent:
        now = client._clock.now()
        return CaptureEvent(spec.url, "GET", now, 0, request, None, failure=failure, purpose=spec.purpose)

    return send


def test_what_never_reached_the_platform_is_free(at_work: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A firewall that swallows every connection costs the city nothing, however long it does."""
    at_work.budget = Decimal(25)
    at_work.round(TaskKind.PROFILE)
    before = at_work.count("exchanges")
    monkeypatch.setattr(Client, "send", outage("timeout", b""))
    at_work.round(TaskKind.POLL)
    assert (at_work.count("exchanges"), booked(at_work)) == (before + 3, 0)
    assert at_work.rows("SELECT count(*) FROM limits") == [(0,)]


def test_an_outage_does_not_use_the_month_up(
    at_work: Desk, world: PricedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two days of calls without an answer, each of which may be charged, leave most of a small budget for after them."""
    at_work.budget = Decimal(2)
    at_work.round(TaskKind.PROFILE)
    with monkeypatch.context() as down:
        down.setattr(Client, "send", outage("timeout", b"GET / HTTP/1.1"))
        first = at_work.round(TaskKind.POLL)
        assert booked(at_work) == PAID_ATTEMPTS * A_POST * 40
        assert first.trouble is not None
        assert first.short
        for _ in range(2 * 24 * 4):
            world.clock.advance(15 * 60)
            assert at_work.round(TaskKind.POLL).trouble is not None
    reason = at_work.rows("SELECT reason FROM limits")[0][0]
    assert "It may be charged all the same, so nothing is asked before" in reason
    assert PAID_ATTEMPTS * A_POST * 40 * 5 < booked(at_work) <= PAID_ATTEMPTS * A_POST * 40 * 17
    world.clock.advance(4 * 3600)
    assert not at_work.round(TaskKind.POLL).short
    assert world.bill == A_POST * POSTS
    with at_work.store.read() as conn:
        assert captures.unanswered_of_late(conn, "city-mastodon") == 0


class Watched(PricedMastodon):
    """The same with a daily look at the token, which is free."""

    kinds: ClassVar[frozenset[TaskKind]] = PricedMastodon.kinds | {TaskKind.ACCESS}

    def start(self, task: Task) -> Step:
        """The profile serves for it."""
        return super().start(replace(task, kind=TaskKind.PROFILE) if task.kind is TaskKind.ACCESS else task)

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """The same."""
        seen = replace(task, kind=TaskKind.PROFILE) if task.kind is TaskKind.ACCESS else task
        return super().proceed(seen, step, exchange)


def test_after_an_outage_began_something_free_is_asked_first(
    tmp_path: Path, world: PricedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as not even the free look at the token is answered, nothing more is booked."""
    sell(monkeypatch, Watched)
    with office(tmp_path, world, token=True) as made:
        made.budget = Decimal(25)
        made.round()
        world.clock.advance(20 * 60)
        monkeypatch.setattr(Client, "send", outage("timeout", b"GET / HTTP/1.1"))
        made.round()
        lost = booked(made)
        assert lost > world.bill
        before = made.count("exchanges")
        for _ in range(20 * 4):
            world.clock.advance(15 * 60)
            made.round()
        assert made.count("exchanges") > before + 100
        assert booked(made) == lost
