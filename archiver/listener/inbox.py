"""The queue between the sockets and the disk: bounded, and emptied in groups that share one sync."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

import structlog

from archiver.listener.deposit import Delivery

log = structlog.get_logger()

WAITING = 1000
WAITING_BYTES = 64 * 1024 * 1024
"""More deliveries, or more bytes of them, than this don't wait: the platform is asked to send them again."""
GROUP_BYTES = 8 * 1024 * 1024
REMEMBERED = 20_000
IDLE_S = 0.5

Told = Callable[[bool], None]
"""Called with whether a delivery is on disk, on the inbox's own thread."""


class Inbox:
    """Hands deliveries to ``keep`` on a thread of its own, all that wait together. ``idle`` is called now and then."""

    def __init__(
        self,
        keep: Callable[[Sequence[Delivery]], list[bool]],
        *,
        idle: Callable[[], None] = lambda: None,
        waiting: int = WAITING,
        waiting_bytes: int = WAITING_BYTES,
    ) -> None:
        self._keep = keep
        self._idle = idle
        self._most, self._most_bytes = waiting, waiting_bytes
        self._waiting: deque[tuple[Delivery, Told]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._closing = False
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._thread = threading.Thread(target=self._work, name="deliveries")
        self._thread.start()

    def knows(self, delivery: Delivery) -> bool:
        """Whether the very same bytes are on disk already: platforms send again what they hold to be unanswered."""
        with self._changed:
            return delivery.digest in self._seen

    def offer(self, delivery: Delivery, told: Told) -> bool:
        """Have a delivery kept, and be told; False when there is no room for it to wait."""
        size = len(delivery.message.raw)
        with self._changed:
            full = len(self._waiting) >= self._most or self._bytes + size > self._most_bytes
            if self._closing or full:
                return False
            self._waiting.append((delivery, told))
            self._bytes += size
            self._changed.notify()
            return True

    def close(self) -> None:
        """Keep what waits, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing, timeout=IDLE_S)
                group = self._group()
                if not group and self._closing:
                    return
            if group:
                self._deposit(group)
            self._pause()

    def _group(self) -> list[tuple[Delivery, Told]]:
        """What is kept next: all that waits, up to a size; the first always, however large."""
        group: list[tuple[Delivery, Told]] = []
        size = 0
        while self._waiting and (not group or size + len(self._waiting[0][0].message.raw) <= GROUP_BYTES):
            group.append(self._waiting.popleft())
            size += len(group[-1][0].message.raw)
        self._bytes -= size
        return group

    def _deposit(self, group: list[tuple[Delivery, Told]]) -> None:
        try:
            kept = self._keep([delivery for delivery, _ in group])
        except Exception:  # whatever it is, the platform must be asked to send again
            log.exception("deliveries could not be kept", count=len(group))
            kept = [False] * len(group)
        for (delivery, told), safe in zip(group, kept, strict=True):
            if safe:
                self._remember(delivery.digest)
            told(safe)

    def _remember(self, digest: str) -> None:
        with self._changed:
            self._seen[digest] = None
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)

    def _pause(self) -> None:
        try:
            self._idle()
        except Exception:  # a wish that can't be fulfilled must not stop the receiver
            log.exception("the receiver's housekeeping failed")
