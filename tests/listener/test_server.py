"""The receiver over real sockets: rules, slow and rude clients, floods, and nothing of them on the disk."""

from __future__ import annotations

import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from archiver.errors import OperatorError
from archiver.listener.deposit import Delivery
from archiver.listener.messages import BODY_LIMIT_BYTES
from archiver.listener.server import Server
from tests.listener.receiving import OTHER, House, answer, ask, receiving, request, side_by_side
from tests.support.pushed import WORD, comment, delivery, entry

BODY = delivery(entry("11", comment(1)))
HANDSHAKE = f"GET /meta?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={WORD} HTTP/1.1\r\nHost: a\r\n\r\n".encode()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A receiver."""
    with receiving(tmp_path / "warc") as made:
        yield made


def test_a_callback_is_confirmed(house: House) -> None:
    """The challenge and nothing else, as text."""
    status, fields, body = ask(house, HANDSHAKE)
    assert (status, body) == (200, b"1158201444")
    assert fields["content-type"].startswith("text/plain")
    assert ask(house, HANDSHAKE.replace(WORD.encode(), b"guess"))[0] == 403
    assert ask(house, b"GET /meta HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 403


def test_a_signed_delivery_is_kept_and_then_answered(house: House) -> None:
    """With the very bytes that stand in the WARC file."""
    with house.open() as connection:
        connection.sendall(request(BODY, secret=OTHER))
        raw = connection.recv(10_000)
    (one,) = house.stored()
    assert one.event.response is not None
    with one.event.response.open_block() as block:
        assert block.read() == raw
    assert one.event.facts["signed-for"] == ["police"]


REFUSED = {
    "another signature": (request(BODY, secret="guess"), 403),
    "no signature": (b"POST /meta HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 403),
    "only the old signature": (b"POST /meta HTTP/1.1\r\nHost: a\r\nX-Hub-Signature: sha1=00\r\nContent-Length: 2\r\n\r\n{}", 403),
    "another path": (request(BODY, path="/"), 404),
    "a path below": (request(BODY, path="/meta/"), 404),
    "a whole address": (request(BODY, path="http://records.example.gov/meta"), 404),
    "a query": (request(BODY, path="/meta?access_token=x"), 404),
    "another method": (request(BODY).replace(b"POST", b"PUT", 1), 405),
    "a coding": (request(BODY, more="Content-Encoding: gzip\r\n"), 415),
    "too long": (request(BODY).replace(f"Content-Length: {len(BODY)}".encode(), f"Content-Length: {BODY_LIMIT_BYTES + 1}".encode()), 413),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_not_kept(house: House, raw: bytes, status: int) -> None:
    """An answer, a closed connection, a count; not a byte below the WARC folder."""
    got, fields, body = ask(house, raw)
    assert (got, body, fields["connection"]) == (status, b"", "close")
    assert not [path for path in house.folder.rglob("*") if path.is_file()]
    assert sum(house.tally.total.values()) == 1


def test_a_flood_of_forgeries_costs_the_disk_nothing(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """A thousand wrong signatures: one line in the log, a number in memory."""

    def forge(number: int) -> None:
        for _ in range(125):
            assert ask(house, request(BODY, secret=f"guess {number}"))[0] == 403

    side_by_side(forge, 8)
    assert list(house.tally.total.values()) == [1000]
    assert len([line for line in capsys.readouterr().out.splitlines() if "refused" in line]) == 1
    assert not [path for path in house.folder.rglob("*") if path.is_file()]


def test_the_same_delivery_twice_is_kept_once(house: House) -> None:
    """Both are answered; the platform did not see the first answer."""
    assert [ask(house, request(BODY))[0] for _ in range(3)] == [200] * 3
    assert len(house.stored()) == 1
    assert ask(house, request(BODY + b" "))[0] == 200
    assert len(house.stored()) == 2


def test_a_thousand_changes_come_in_one(house: House) -> None:
    """The largest batch that platforms send, with fields that nobody knows."""
    changes = [comment(n, "word " * 100, unknown={"deep": [n]}) for n in range(1000)]
    body = delivery(entry("11", *changes))
    assert ask(house, request(body))[0] == 200
    (one,) = house.stored()
    assert one.exchange("", 0, "", None).request_body == body


def test_a_connection_is_used_again_and_requests_may_follow_at_once(house: House) -> None:
    """As a proxy does; three requests in one packet get three answers in order."""
    with house.open() as connection:
        for number in range(3):
            connection.sendall(request(delivery(entry("11", comment(number)))))
            assert answer(connection)[0] == 200
        connection.sendall(
            b"".join(request(delivery(entry("11", comment(number)))) for number in range(3, 6)) + HANDSHAKE
        )
        assert [answer(connection)[0] for _ in range(4)] == [200] * 4
    assert len(house.stored()) == 6


def test_a_client_that_waits_for_a_word_gets_it(house: House) -> None:
    """``Expect: 100-continue``, and a refusal in place of the word where the head is enough to refuse."""
    raw = request(BODY, more="Expect: 100-continue\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    with house.open() as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert answer(connection)[0] == 100
        connection.sendall(body)
        assert answer(connection)[0] == 200
    assert ask(house, head.replace(b"/meta", b"/other") + b"\r\n\r\n")[0] == 404


def test_bytes_may_come_one_by_one(house: House) -> None:
    """A network may cut as it likes."""
    with house.open() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request(BODY):
            connection.sendall(bytes([byte]))
        assert answer(connection)[0] == 200
    assert len(house.stored()) == 1


def test_a_slow_client_is_sent_away(tmp_path: Path) -> None:
    """Whoever does not send a whole request in time holds a connection no longer."""
    with receiving(tmp_path / "warc", request_s=0.3, idle_s=0.3) as house:
        with house.open() as connection:
            connection.sendall(request(BODY)[:60])
            began = time.monotonic()
            assert answer(connection)[0] == 408
            assert time.monotonic() - began < 5
        with house.open() as silent:
            assert silent.recv(1) == b""
        with house.open() as kept:
            kept.sendall(request(BODY))
            assert answer(kept)[0] == 200
            assert kept.recv(1) == b""  # it was idle for too long
        assert ask(house, HANDSHAKE)[0] == 200


def test_so_many_connections_and_no_more(tmp_path: Path) -> None:
    """The one too many is asked to come again; when one is free there is room again."""
    with receiving(tmp_path / "warc", connections=3) as house:
        held = [house.open() for _ in range(3)]
        time.sleep(0.1)
        with house.open() as late:
            status, fields, _ = answer(late)
        assert (status, fields["retry-after"]) == (503, "30")
        held.pop().close()
        time.sleep(0.1)
        assert ask(house, request(BODY))[0] == 200
        for one in held:
            one.close()


def test_so_many_bytes_and_no_more(tmp_path: Path) -> None:
    """Half requests can't fill the memory."""
    with receiving(tmp_path / "warc", bodies_bytes=200_000) as house:
        big = request(delivery(entry("11", comment(1, "x" * 500_000))))
        with house.open() as connection:
            try:
                connection.sendall(big)
                assert answer(connection)[0] == 503
            except ConnectionError:
                pass  # it was told so, and sent on
        assert ask(house, request(BODY))[0] == 200
        assert house.server.room_bytes == 200_000


def test_a_disk_that_can_t_follow_makes_platforms_wait(tmp_path: Path) -> None:
    """What there is no room for gets 503 and comes again; nothing is answered before it is kept."""
    free, kept = threading.Event(), list[Delivery]()

    def keep(group: Sequence[Delivery]) -> list[bool]:
        assert free.wait(20)
        kept.extend(group)
        return [True] * len(group)

    answers: list[int] = []
    with receiving(tmp_path / "warc", keep=keep, waiting=5) as house:

        def send(number: int) -> None:
            answers.append(ask(house, request(delivery(entry("11", comment(number)))))[0])

        senders = [threading.Thread(target=send, args=(number,)) for number in range(30)]
        for one in senders:
            one.start()
        deadline = time.monotonic() + 10
        while len(answers) < 19 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert set(answers) == {503}
        free.set()
        for one in senders:
            one.join()
    assert answers.count(200) == len(kept) > 0
    assert answers.count(200) + answers.count(503) == 30


def test_a_full_disk_is_said_and_room_ends_it(house: House) -> None:
    """503 and Retry-After as long as nothing fits; nothing half written; then the same delivery is kept."""
    assert ask(house, request(BODY))[0] == 200
    (path,) = house.folder.rglob("*.open")
    before = path.read_bytes()
    body = delivery(entry("11", comment(2, os.urandom(8000).hex())))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 2000, hard))
        for _ in range(2):
            status, fields, _ = ask(house, request(body))
            assert (status, fields["retry-after"]) == (503, "30")
        assert path.read_bytes() == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert ask(house, request(body))[0] == 200
    assert [one.exchange("", 0, "", None).request_body for one in house.stored()] == [BODY, body]


def test_the_end_answers_what_is_under_way(tmp_path: Path) -> None:
    """A delivery that is being written is answered; then the port is free."""
    began, free = threading.Event(), threading.Event()

    def keep(group: Sequence[Delivery]) -> list[bool]:
        began.set()
        assert free.wait(10)
        return [True] * len(group)

    got: list[int] = []
    with receiving(tmp_path / "warc", keep=keep) as house:
        port, idle = house.server.port, house.open()
        sender = threading.Thread(target=lambda: got.append(ask(house, request(BODY))[0]))
        sender.start()
        assert began.wait(10)
        threading.Timer(0.2, free.set).start()
    sender.join()
    assert got == [200]
    with suppress(ConnectionResetError):
        assert idle.recv(1) == b""
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_port_that_is_taken_is_said(house: House) -> None:
    """With what to do about it."""
    other = Server(house.server.receiver, "127.0.0.1", house.server.port)
    with pytest.raises(OperatorError, match=r"can't be listened on.*port"):
        other.start()
