"""A receiver with its parts in this process, and the simplest client that sends bytes as they are."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.listener.deposit import Delivery, Depositor
from archiver.listener.inbox import Inbox
from archiver.listener.receiver import Receiver
from archiver.listener.server import Server
from archiver.listener.signature import Signers
from archiver.listener.tally import Tally
from archiver.warc.members import Damage
from archiver.warc.names import PUSHED, is_pushed, segments
from archiver.warc.pushed import Delivery as Stored
from archiver.warc.pushed import deliveries
from archiver.warc.writer import Segments, WarcInfo
from tests.support.pushed import SECRET, WORD, headers

INFO = WarcInfo(operator="City", archive="City", user_agent="test")
OTHER = "the secret of another application"


@dataclass
class House:
    """The parts of a receiver."""

    server: Server
    tally: Tally
    folder: Path

    def open(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=10)

    def stored(self) -> list[Stored]:
        """All deliveries on disk."""
        return stored(self.folder)


def stored(folder: Path) -> list[Stored]:
    """The deliveries below a WARC folder, file by file."""
    found: list[Stored] = []
    for path in filter(is_pushed, segments(folder)):
        found += deliveries(path, start=0, end=10**12, on_damage=_must_not_be)
    return found


def _must_not_be(path: Path, damage: Damage) -> None:
    raise AssertionError(f"{path}: {damage}")


def depositor(folder: Path, tally: Tally | None = None) -> tuple[Segments, Depositor]:
    """What writes deliveries to a folder."""
    segments = Segments(folder, info=INFO, now=lambda: datetime.now(UTC), ours=lambda key: key.klass == PUSHED)
    return segments, Depositor(segments, tally or Tally())


@contextmanager
def receiving(
    folder: Path, *, keep: Callable[[Sequence[Delivery]], list[bool]] | None = None, waiting: int = 1000, **limits: Any
) -> Iterator[House]:
    """A receiver that listens; ``keep`` takes the place of the disk."""
    tally = Tally()
    segments, writer = depositor(folder, tally)
    inbox = Inbox(keep or writer.keep, idle=writer.look_after, waiting=waiting)
    signers = Signers(lambda: {SECRET: frozenset({"city", "parks"}), OTHER: frozenset({"police"})})
    receiver = Receiver(inbox, signers, lambda: WORD, tally=tally)
    server = Server(receiver, "127.0.0.1", 0, **limits)
    try:
        server.start()
        try:
            yield House(server, tally, folder)
        finally:
            server.stop()
    finally:
        inbox.close()
        segments.close()


def request(body: bytes, *, secret: str = SECRET, more: str = "", path: str = "/meta") -> bytes:
    """A delivery as it comes over the wire."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers(body, secret).items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: records.example.gov\r\n{fields}{more}Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One answer: status, header fields in lower case, and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(1)
        if not piece:
            raise EOFError(data)
        data += piece
    head, _, _ = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = b""
    while len(body) < int(fields.get("content-length", "0")):
        body += connection.recv(100_000)
    return int(first.split()[1]), fields, body


def ask(house: House, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own."""
    with house.open() as connection:
        connection.sendall(raw)
        return answer(connection)


def side_by_side(work: Callable[[int], None], times: int) -> None:
    """The same work on several threads; the first error of one is raised."""
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
