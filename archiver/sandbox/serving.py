"""The sockets: HTTP/1.1 with keep-alive on a free loopback port, one thread a connection.

The standard library's handler reads headers through its mail parser, which costs more than all the rest; here they are
read line by line. A page is encoded once and kept until the world changes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Generic, Protocol, TypeVar

from archiver.sandbox.faults import Delivery, Faults
from archiver.sandbox.journal import Journal
from archiver.sandbox.wire import Answer, Asked
from archiver.sandbox.world import World

COMPRESSED_FROM = 1024
"""The real servers leave shorter bodies as they are."""

REASONS = {status.value: status.phrase for status in HTTPStatus}


class Api(Protocol):
    """What a platform's server must be able to do."""

    def limited(self, asked: Asked) -> tuple[list[tuple[str, str]], Answer | None]:
        """The rate headers of a call, and the refusal when it is one too many."""
        ...

    def cache_key(self, asked: Asked) -> str | None:
        """What an answer depends on beside the world; None when it must be made anew each time."""
        ...

    def answer(self, asked: Asked) -> Answer:
        """Answer one call; errors are answers."""
        ...


A = TypeVar("A", bound=Api)


class Encoded:
    """A body ready to send, in the forms that callers ask for; packed when the first of them asks for that."""

    __slots__ = ("_packed", "answer", "etag")

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        digest = base64.b64encode(hashlib.sha1(answer.body, usedforsecurity=False).digest()).decode()
        self.etag = f'W/"{len(answer.body):x}-{digest.rstrip("=")}"'
        self._packed: bytes | None = None

    def packed(self) -> bytes:
        """The body compressed; empty where the server leaves it as it is."""
        if self._packed is None:
            body = self.answer.body
            packs = self.answer.gzip and len(body) >= COMPRESSED_FROM
            self._packed = gzip.compress(body, 6, mtime=0) if packs else b""
        return self._packed


class PlatformServer(Generic[A]):
    """One platform on one port. ``stale``: go on giving out the pages made before (a cache in front of the views).

    ``etags``: answers have one, and a caller that knows it gets 304.
    """

    def __init__(
        self,
        world: World,
        make_api: Callable[[str], A],
        *,
        signature: tuple[tuple[str, str], ...],
        etags: bool = True,
    ) -> None:
        self.world = world
        self.etags = etags
        self.faults = Faults()
        self.journal = Journal()
        self.signature = signature
        self.stale: Callable[[Asked], bool] = lambda _: False
        self._pages: dict[str, tuple[int, Encoded]] = {}
        self._httpd = _LoopbackServer(("127.0.0.1", 0), _handler_for(self))
        self.base_url = f"http://127.0.0.1:{self._httpd.server_address[1]}"
        self.api = make_api(self.base_url)
        self._thread = threading.Thread(
            target=self._httpd.serve_forever, args=(0.05,), name=f"sandbox {self.base_url}", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and all connections; a server that was never started only closes its port."""
        if self._thread.is_alive():
            self._httpd.shutdown()
            self._thread.join()
        self._httpd.server_close()

    def page(self, asked: Asked) -> Encoded:
        """The answer to a request, made or remembered."""
        key = self.api.cache_key(asked)
        if key is not None:
            kept = self._pages.get(key)
            if kept is not None and (kept[0] == self.world.version or self.stale(asked)):
                return kept[1]
        with self.world.lock:
            version = self.world.version
            answer = self.api.answer(asked)
        page = Encoded(answer)
        if key is not None and answer.cacheable and answer.status == 200:
            page.packed()
            self._pages[key] = (version, page)
        return page

    def deliver(self, asked: Asked) -> tuple[Delivery, Encoded]:
        """Count the call, answer it, and let the faults have their way."""
        headers, refusal = self.api.limited(asked)
        page = Encoded(refusal) if refusal is not None else self.page(asked)
        answer = page.answer
        delivery = Delivery(answer)
        self.faults.apply(asked, delivery)
        if delivery.answer is not answer:
            page = Encoded(delivery.answer)
        if headers:
            whole = delivery.answer
            delivery.answer = Answer(whole.status, whole.body, whole.mime, [*headers, *whole.headers])
        return delivery, page


class _LoopbackServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if isinstance(request, socket.socket):
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Kept-alive connections would wait for ever: end them."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is nobody's fault."""


def _handler_for(server: PlatformServer[Any]) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        platform = server

    return Handler


class _Handler(BaseHTTPRequestHandler):
    platform: PlatformServer[Any]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 0

    def handle_one_request(self) -> None:
        """Read one request, send one answer."""
        asked = self._read()
        if asked is None:
            self.close_connection = True
            return
        platform = self.platform
        delivery, page = platform.deliver(asked)
        platform.journal.note(asked, 0 if delivery.drop else delivery.answer.status, platform.world.now())
        if delivery.wait_s:
            time.sleep(delivery.wait_s)
        if delivery.drop:
            self._hang_up()
            return
        self._send(asked, delivery, page)

    def _read(self) -> Asked | None:
        try:
            line = self.rfile.readline(65_537)
            method, target, _ = line.decode("latin-1").split()
        except (OSError, ValueError):
            return None
        headers: dict[str, str] = {}
        while (raw := self.rfile.readline(65_537)) not in {b"\r\n", b"\n", b""}:
            name, _, value = raw.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else b""
        self.close_connection = headers.get("connection", "").lower() == "close"
        return Asked.of(method, target, headers, body)

    def _send(self, asked: Asked, delivery: Delivery, page: Encoded) -> None:
        answer, body = delivery.answer, delivery.answer.body
        packed = page.packed() if "gzip" in asked.headers.get("accept-encoding", "") else b""
        status = answer.status
        if status == 200 and self.platform.etags and asked.headers.get("if-none-match") == page.etag:
            status, body, packed = 304, b"", b""
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, '')}"]
        lines.extend(f"{name}: {value}" for name, value in self._headers(answer, page))
        if packed:
            # As the real servers do it: one chunk, no length.
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
            lines += ["Content-Encoding: gzip", "Transfer-Encoding: chunked"]
        elif status != 304:
            lines.append(f"Content-Length: {len(body)}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if asked.method == "HEAD":
            body = b""
        self._write(head, body, delivery)

    def _headers(self, answer: Answer, page: Encoded) -> list[tuple[str, str]]:
        platform = self.platform
        return [
            *platform.signature,
            *answer.headers,
            ("Content-Type", answer.mime),
            *([("ETag", page.etag)] if platform.etags else []),
            ("Date", _http_date(platform.world.now())),
            ("Connection", "close" if self.close_connection else "keep-alive"),
        ]

    def _write(self, head: bytes, body: bytes, delivery: Delivery) -> None:
        try:
            if delivery.keep is not None:
                self.connection.sendall(head + body[: int(len(body) * delivery.keep)])
                self._hang_up()
            elif delivery.pause_s:
                self.connection.sendall(head + body[: len(body) // 2])
                time.sleep(delivery.pause_s)
                self.connection.sendall(body[len(body) // 2 :])
            else:
                self.connection.sendall(head + body)
        except OSError:
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


_dates: dict[int, str] = {}


def _http_date(moment: datetime) -> str:
    second = int(moment.timestamp())
    text = _dates.get(second)
    if text is None:
        _dates.clear()
        text = _dates[second] = format_datetime(moment.replace(microsecond=0), usegmt=True)
    return text
