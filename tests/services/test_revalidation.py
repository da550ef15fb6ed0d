"""Whether anything has changed is asked where it can be, and what has not is in the archive once (R32, R64)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.domain.exchange import Exchange, PrivateParameter, Purpose, RequestSpec
from archiver.domain.task import Step, Task, TaskKind, Verdict
from archiver.platforms.adapter import Adapter
from archiver.platforms.mastodon import MastodonAdapter
from archiver.services import collect, replay
from archiver.services.rebuild import check, rebuild
from archiver.services.replay import recover
from archiver.services.revalidation import reusable
from archiver.services.verify import verify
from tests.platforms.mastodon_world import ANN, CITY, Answer, Server
from tests.services.loopback import Desk, desk, served

ROOT, COMMENT, LONG = "113000000000000020", "113100000000000001", "<p>" + "word " * 400 + "</p>"


class AskingAgain(MastodonAdapter):
    """A platform whose every call asks whether anything has changed; 304 is to it what 200 is."""

    def start(self, task: Task) -> Step:
        """All requests are conditional."""
        return _conditional(super().start(task))

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """The same."""
        return _conditional(super().proceed(task, step, _as_ever(exchange)))

    def judge(self, exchange: Exchange) -> Verdict:
        """As of a whole answer."""
        return super().judge(_as_ever(exchange))


def _conditional(step: Step) -> Step:
    return replace(step, requests=tuple(replace(one, conditional=True) for one in step.requests))


def _as_ever(exchange: Exchange) -> Exchange:
    return replace(exchange, status=200) if exchange.unmodified else exchange


@dataclass(slots=True)
class TaggingServer(Server):
    """A server that gives entity tags. ``calls`` says of each answer whether it was asked for, and its status."""

    tags: bool = True
    weak_changes: int = 0
    calls: list[tuple[str, str | None, int]] = field(default_factory=list)

    def answer(self, spec: RequestSpec) -> Answer:
        """An answer, or the word that it has not changed."""
        status, headers, body = super(TaggingServer, self).answer(spec)
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}-{self.weak_changes}"'
        asked = next((value for name, value in spec.headers if name == "If-None-Match"), None)
        if self.tags and status == 200:
            headers = [*headers, ("ETag", tag), ("Last-Modified", "Tue, 10 Mar 2026 12:00:00 GMT")]
            if asked == tag:
                status, headers, body = 304, [("ETag", tag)], b""
        self.calls.append((spec.url.removeprefix(self.base), asked, status))
        return status, headers, body

    def statuses_of_round(self) -> list[int]:
        """The statuses that were given since this was asked last."""
        given = [status for path, _, status in self.calls if ".png" not in path]
        self.calls.clear()
        return given


@pytest.fixture
def world() -> TaggingServer:
    """A post that is long enough to be worth a revisit record, with a comment."""
    made = TaggingServer()
    made.post(ROOT, CITY, LONG)
    made.post(COMMENT, ANN, LONG, to=ROOT)
    return made


@pytest.fixture
def at_work(tmp_path: Path, world: TaggingServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A process that asks this server."""

    def adapter_for(account: object) -> Adapter:
        return AskingAgain(account)  # type: ignore[arg-type]

    monkeypatch.setattr(collect, "adapter_for", adapter_for)
    monkeypatch.setattr(replay, "adapter_for", adapter_for)
    with served(world), desk(tmp_path, world) as made:
        yield made


def quiet(_done: int, _of: int) -> None:
    """Nobody watches."""


def assert_sound(desk_: Desk) -> None:
    """Store and WARC files agree, every revisit has its original, and each half makes the other."""
    assert list(verify(desk_.store, desk_.folder / "warc", full=True, workers=1, progress=quiet)) == []
    compared = check(desk_.store, desk_.folder / "warc", desk_.folder / "scratch", desk_.clock.now(), progress=quiet)
    assert (compared.differences, compared.replayed.unread) == ([], [])


def revisits(desk_: Desk) -> int:
    """How many of the exchanges are answers that nothing has changed."""
    return int(desk_.rows("SELECT count(*) FROM exchanges WHERE status = 304")[0][0])


def warm(desk_: Desk, world: TaggingServer) -> int:
    """Two rounds, after which every address was asked for; how many answers said that nothing has changed."""
    desk_.round(everything=True)
    desk_.round(everything=True)
    world.calls.clear()
    return revisits(desk_)


def test_a_round_without_news_is_told_that_nothing_has_changed(at_work: Desk, world: TaggingServer) -> None:
    """It sees what the first saw, changes nothing, and costs no payload; an edit is seen at once."""
    first = at_work.round(everything=True)
    assert (first.total.new, first.short) == (3, False)
    assert len({path for path, _, _ in world.calls}) >= world.statuses_of_round().count(200) > 3
    before = warm(at_work, world)
    size = sum(path.stat().st_size for path in (at_work.folder / "warc").rglob("*.warc.gz*"))
    second = at_work.round(everything=True)
    assert (second.total.changes, second.short, second.problems) == (0, False, [])
    given = world.statuses_of_round()
    assert given.count(304) == len(given) == revisits(at_work) - before
    assert_sound(at_work)
    grown = sum(path.stat().st_size for path in (at_work.folder / "warc").rglob("*.warc.gz*")) - size
    assert grown < 2500 * len(given)
    world.edit(COMMENT, LONG + "<p>and more</p>", datetime(2026, 3, 10, 13, tzinfo=UTC))
    assert at_work.round(everything=True).total.edited == 1
    assert_sound(at_work)


def test_what_is_known_survives_a_rebuild(at_work: Desk, world: TaggingServer) -> None:
    """The validators come from what was captured."""
    warm(at_work, world)
    before = at_work.rows("SELECT account, url, etag, last_modified FROM validators ORDER BY url")
    assert before
    rebuild(at_work.store, at_work.folder / "warc", at_work.folder / "scratch", at_work.clock.now(), progress=quiet)
    assert at_work.rows("SELECT account, url, etag, last_modified FROM validators ORDER BY url") == before
    world.statuses_of_round()
    at_work.round(everything=True)
    assert set(world.statuses_of_round()) == {304}
    assert_sound(at_work)


def test_what_was_sealed_still_holds(at_work: Desk, world: TaggingServer) -> None:
    """The original is found where it lies now."""
    warm(at_work, world)
    at_work.segments.seal()
    at_work.round(everything=True)
    assert set(world.statuses_of_round()) == {304}
    assert_sound(at_work)


def test_without_its_original_everything_is_asked_for(at_work: Desk, world: TaggingServer) -> None:
    """A file that is missing costs calls, and no record that refers to nothing."""
    before = warm(at_work, world)
    for sealed in at_work.segments.seal():
        (at_work.folder / "warc" / sealed.file).rename(at_work.folder / "elsewhere")
    at_work.round(TaskKind.PROFILE, TaskKind.POLL, everything=True)
    assert set(world.statuses_of_round()) == {200}
    assert revisits(at_work) == before


def test_a_new_tag_for_the_old_body(at_work: Desk, world: TaggingServer) -> None:
    """The whole answer repeats the payload of the first; the one after it is asked with the new tag."""
    warm(at_work, world)
    world.weak_changes += 1
    assert at_work.round(everything=True).total.changes == 0
    assert set(world.statuses_of_round()) == {200}
    assert at_work.round(everything=True).total.changes == 0
    assert set(world.statuses_of_round()) == {304}
    assert_sound(at_work)


def test_servers_without_validators_are_asked_for_everything(at_work: Desk, world: TaggingServer) -> None:
    """Those that stop giving them are not asked with old ones."""
    at_work.round(everything=True)
    world.tags = False
    world.post("113200000000000009", CITY, LONG)
    at_work.round(everything=True)
    for (address,) in at_work.rows("SELECT url FROM validators"):
        assert "/statuses?" not in address
    world.statuses_of_round()
    at_work.round(everything=True)
    assert set(world.statuses_of_round()) == {200}
    assert_sound(at_work)


def test_an_interrupted_304_is_recovered(at_work: Desk, world: TaggingServer) -> None:
    """What the store lacks of it is read out of the WARC file, body and all."""
    before = warm(at_work, world)
    with at_work.store.begin() as conn:
        conn.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON exchanges WHEN NEW.status = 304 BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(Exception, match="full"):
        at_work.round(everything=True)
    with at_work.store.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER full")
    assert recover(at_work.store, at_work.segments).exchanges == 1
    assert revisits(at_work) == before + 1
    assert_sound(at_work)


SPECS = {
    "a plain call": (RequestSpec("https://a.example/", "posts", conditional=True), True),
    "one that does not ask": (RequestSpec("https://a.example/", "posts"), False),
    "a change": (RequestSpec("https://a.example/", "posts", method="POST", conditional=True), False),
    "a file": (RequestSpec("https://a.example/", "media", purpose=Purpose.MEDIA, conditional=True), False),
    "one whose address is not kept whole": (
        RequestSpec("https://a.example/", "posts", private=(PrivateParameter("key", "{token}"),), conditional=True),
        False,
    ),
}


@pytest.mark.parametrize("case", SPECS)
def test_what_may_be_asked_so(case: str) -> None:
    """Only what the archive can tell again by its address."""
    spec, expected = SPECS[case]
    assert reusable(spec) is expected


def test_nobody_is_answered_by_what_another_account_was_told(at_work: Desk, world: TaggingServer) -> None:
    """The same address asked for another account is asked for whole, and its revisits are its own (R32)."""
    at_work.round(TaskKind.PROFILE)
    account = at_work.collector().account
    (address, *_), *_ = at_work.rows("SELECT url FROM validators")
    spec = RequestSpec(address, "profile", conditional=True)
    assert at_work.journal.earlier(account, spec) is not None
    assert at_work.journal.earlier(replace(account, id="another"), spec) is None
    assert world.calls
