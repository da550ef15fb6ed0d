"""The queue before the disk: bounded, in groups, and honest about what became of each delivery."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest

from archiver.listener.deposit import Delivery
from archiver.listener.inbox import Inbox
from archiver.listener.messages import Head, Message

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)


def delivery(number: int, size: int = 10) -> Delivery:
    """One of many."""
    body = str(number).encode().ljust(size)
    return Delivery(Message(Head("POST", "/meta", {}), body, body), AT, 1, b"", frozenset({"city"}))


class Disk:
    """Keeps what it is given, as long as it may."""

    def __init__(self) -> None:
        self.groups: list[list[Delivery]] = []
        self.free = threading.Event()
        self.free.set()
        self.inside = threading.Event()
        self.verdict: Callable[[Delivery], bool] = lambda _one: True

    def keep(self, group: Sequence[Delivery]) -> list[bool]:
        """One group."""
        self.inside.set()
        assert self.free.wait(10)
        self.groups.append(list(group))
        return [self.verdict(one) for one in group]


@pytest.fixture
def disk() -> Disk:
    """A disk that is there."""
    return Disk()


@pytest.fixture
def inbox(disk: Disk) -> Iterator[Inbox]:
    """Ten deliveries may wait, or a thousand bytes of them."""
    made = Inbox(disk.keep, waiting=10, waiting_bytes=1000)
    yield made
    disk.free.set()
    made.close()


def test_what_waits_while_the_disk_works_goes_together(inbox: Inbox, disk: Disk) -> None:
    """The first goes alone, all that came meanwhile as one group, in the order in which they came."""
    told: list[bool] = []
    disk.free.clear()
    assert inbox.offer(delivery(0), told.append)
    assert disk.inside.wait(10)
    assert all(inbox.offer(delivery(number), told.append) for number in range(1, 10))
    disk.free.set()
    inbox.close()
    assert [[int(one.message.body) for one in group] for group in disk.groups] == [[0], list(range(1, 10))]
    assert told == [True] * 10


def test_there_is_room_for_so_many_and_no_more(inbox: Inbox, disk: Disk) -> None:
    """A flood is turned away at the door: the eleventh that would wait, or too many bytes."""
    disk.free.clear()
    assert inbox.offer(delivery(0), lambda _: None)
    assert disk.inside.wait(10)
    assert [inbox.offer(delivery(number), lambda _: None) for number in range(1, 13)] == [True] * 10 + [False] * 2
    disk.free.set()
    disk.inside.clear()
    inbox.close()
    assert sum(map(len, disk.groups)) == 11


def test_there_is_room_for_so_many_bytes(inbox: Inbox, disk: Disk) -> None:
    """Few large ones fill it as well."""
    disk.free.clear()
    inbox.offer(delivery(0), lambda _: None)
    assert disk.inside.wait(10)
    assert [inbox.offer(delivery(n, 400), lambda _: None) for n in range(1, 4)] == [True, True, False]


def test_each_is_told_what_became_of_it(inbox: Inbox, disk: Disk) -> None:
    """And only what is on disk is known."""
    disk.verdict = lambda one: int(one.message.body) % 2 == 0
    told: dict[int, bool] = {}
    for number in range(6):
        inbox.offer(delivery(number), lambda safe, number=number: told.update({number: safe}))  # type: ignore[misc]
    inbox.close()
    assert told == {number: number % 2 == 0 for number in range(6)}
    assert [inbox.knows(delivery(number)) for number in range(6)] == [True, False] * 3


def test_a_fault_in_keeping_is_a_no(inbox: Inbox, disk: Disk) -> None:
    """Whatever goes wrong, the platform is to send again, and the next delivery is taken."""

    def fail(_one: Delivery) -> bool:
        raise ZeroDivisionError

    told: list[bool] = []
    disk.verdict = fail
    inbox.offer(delivery(1), told.append)
    deadline = time.monotonic() + 10
    while not told and time.monotonic() < deadline:
        time.sleep(0.01)
    disk.verdict = lambda _one: True
    inbox.offer(delivery(2), told.append)
    inbox.close()
    assert told == [False, True]


def test_after_the_end_nothing_is_taken(inbox: Inbox, disk: Disk) -> None:
    """What waits is kept; what comes later is refused."""
    disk.free.clear()
    told: list[bool] = []
    inbox.offer(delivery(1), told.append)
    closing = threading.Thread(target=inbox.close)
    closing.start()
    disk.free.set()
    closing.join(10)
    assert told == [True]
    assert not inbox.offer(delivery(2), told.append)


def test_memory_of_what_was_kept_is_bounded(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten: sent again it is kept again, which does no harm."""
    monkeypatch.setattr("archiver.listener.inbox.REMEMBERED", 3)
    inbox = Inbox(disk.keep)
    for number in range(5):
        inbox.offer(delivery(number), lambda _: None)
    inbox.close()
    assert [inbox.knows(delivery(number)) for number in range(5)] == [False, False, True, True, True]


def test_housekeeping_goes_on_when_it_fails(disk: Disk) -> None:
    """A wish that can't be fulfilled must not stop the receiver."""
    asked = threading.Event()

    def idle() -> None:
        asked.set()
        raise OSError

    inbox, told = Inbox(disk.keep, idle=idle), list[bool]()
    assert asked.wait(10)
    inbox.offer(delivery(1), told.append)
    inbox.close()
    assert told == [True]
