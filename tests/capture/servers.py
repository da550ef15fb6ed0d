"""Real servers on loopback that send exactly the bytes that a test wants: no HTTP library stands in between."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

Play = Callable[[socket.socket], bool]
"""Answers one request; whether the connection goes on."""


def say(data: bytes, *, pieces: int = 1, pause_s: float = 0.0) -> Play:
    """Send bytes, if wanted in several pieces, and keep the connection."""

    def play(conn: socket.socket) -> bool:
        size = -(-len(data) // pieces) or 1
        for start in range(0, len(data), size):
            conn.sendall(data[start : start + size])
            time.sleep(pause_s)
        return True

    return play


def hang_up(data: bytes = b"", *, rudely: bool = False) -> Play:
    """Send bytes and close; rudely: with a reset instead of an end."""

    def play(conn: socket.socket) -> bool:
        if data:
            conn.sendall(data)
        if rudely:
            time.sleep(0.05)
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        return False

    return play


def drip(data: bytes, every_s: float, then: bytes = b"x", seconds: float = 30.0) -> Play:
    """Send bytes, then one more now and then, for a long time."""

    def play(conn: socket.socket) -> bool:
        conn.sendall(data)
        until = time.monotonic() + seconds
        with suppress(OSError):
            while time.monotonic() < until:
                time.sleep(every_s)
                conn.sendall(then)
        return False

    return play


def silence(data: bytes = b"", seconds: float = 30.0) -> Play:
    """Send bytes, then nothing until the other side goes."""

    def play(conn: socket.socket) -> bool:
        conn.sendall(data)
        select.select([conn], [], [], seconds)
        return False

    return play


class Peer:
    """A scripted server. ``requests`` are the requests as they came; ``connections`` how many were made."""

    def __init__(
        self, script: Sequence[Play | bytes], *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._script = [say(one) if isinstance(one, bytes) else one for one in script]
        self._tls = tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._server = socket.create_server((host, 0), family=family)
        self.port: int = self._server.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if tls else 'http'}://{shown}:{self.port}"
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Close the server and all connections."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        with self._lock:
            for conn in self._open:
                with suppress(OSError):
                    conn.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)
        for conn in self._open:
            conn.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                conn, _ = self._server.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(conn,), daemon=True)
                with self._lock:
                    self._open.append(conn)
                    self._threads.append(thread)
                thread.start()

    def _serve(self, conn: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is not None:
                conn = self._tls.wrap_socket(conn, server_side=True)
            with self._lock:
                self._open.append(conn)
            with conn:
                while (request := read_request(conn)) and self._script:
                    self.requests.append(request)
                    if not self._script.pop(0)(conn):
                        break


def read_request(conn: socket.socket) -> bytes:
    """One request with its body, as it came; empty when there is none."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = conn.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += conn.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def peer(*script: Play | bytes, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Peer]:
    """A server that answers one request after the other by the script."""
    server = Peer(script, tls=tls, host=host)
    try:
        yield server
    finally:
        server.close()


class Proxy:
    """A small true HTTP proxy: tunnels for CONNECT, forwards absolute addresses, may want a password.

    ``heads`` are the heads that it got. ``routes`` says where a host name leads, instead of a name server.
    """

    def __init__(self, routes: dict[str, tuple[str, int]], *, authorization: bytes | None = None) -> None:
        self.heads: list[bytes] = []
        self._routes = routes
        self._authorization = authorization
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the proxy."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(timeout=5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                conn, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn: socket.socket) -> None:
        with suppress(OSError), conn:
            request = read_request(conn)
            self.heads.append(request)
            method, target, _ = request.split(b"\r\n", 1)[0].split(b" ")
            if self._authorization is not None and self._authorization not in request:
                conn.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            place = target if method == b"CONNECT" else target.split(b"/")[2]
            upstream = socket.create_connection(self._routes[place.decode()])
            with upstream:
                if method == b"CONNECT":
                    conn.sendall(b"HTTP/1.1 200 Connection established\r\nX-Proxy: here\r\n\r\n")
                else:
                    upstream.sendall(request)
                _relay(conn, upstream)


def _relay(one: socket.socket, other: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([one, other], [], [], 10)
        if not ready:
            return
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            (other if source is one else one).sendall(data)


@contextmanager
def proxy(routes: dict[str, tuple[str, int]], *, authorization: bytes | None = None) -> Iterator[Proxy]:
    """A running proxy."""
    server = Proxy(routes, authorization=authorization)
    try:
        yield server
    finally:
        server.close()
