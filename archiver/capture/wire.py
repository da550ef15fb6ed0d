"""Sockets under httpcore: every byte sent and received is recorded, every wait can be ended, every address is judged.

httpcore offers its network backend as the public place to do this. What passes here are the bytes of HTTP as they are
on the wire, after TLS is taken off and before anything reads them: chunk framing, spelling and spaces included.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import httpcore
from httpcore import SOCKET_OPTION

from archiver.capture.attempt import Attempt, current
from archiver.capture.faults import CONNECT, DISCONNECT, DNS, REFUSED, TIMEOUT, TLS, Fault
from archiver.capture.guard import Guard

T = TypeVar("T")
Resolve = Callable[[str, int], Sequence[str]]
"""All IP addresses of a host, in the order to try them; raises OSError when there are none."""

_SLICE_S = 0.25  # how long a wait goes on before looking whether it should end


def system_resolve(host: str, port: int) -> list[str]:
    """The addresses that the system's resolver gives."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Backend(httpcore.NetworkBackend):
    """Opens connections: to a judged address directly, or to the operator's proxy."""

    def __init__(self, guard: Guard, *, proxied: bool, resolve: Resolve = system_resolve) -> None:
        self._guard = guard
        self._proxied = proxied
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's interface
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; raises Fault."""
        attempt = current()
        until = _until(timeout)
        addresses = self._addresses(host, port, attempt, until)
        if not self._proxied:
            self.judge(addresses, host, attempt)
        fault = Fault(CONNECT, f"{host} has no address.")
        for place, address in enumerate(addresses):
            share = _share(until, len(addresses) - place)
            try:
                return Stream(_connected(address, port, attempt, share), address, self)
            except Fault as error:
                if error.word not in {CONNECT, TIMEOUT}:
                    raise
                fault = error
        raise fault

    def judge(self, addresses: Sequence[str], host: str, attempt: Attempt | None) -> None:
        """Raise Fault when one of the addresses may not be connected to by this attempt."""
        if attempt is not None and attempt.trusted:
            return
        for address in addresses:
            reason = self._guard.why_not(address)
            if reason is not None:
                raise Fault(REFUSED, f"{host} is at {address}, which is not public: {reason}.")

    def judge_before_proxy(self, host: str, port: int, attempt: Attempt, timeout: float) -> None:
        """What can be judged when a proxy connects: the addresses that this machine finds for the name.

        A name that only the proxy can resolve is left to the proxy.
        """
        try:
            addresses = self._addresses(host, port, attempt, _until(timeout))
        except Fault as fault:
            if fault.word in {DNS, TIMEOUT}:
                return
            raise
        self.judge(addresses, host, attempt)

    def rejudge(self, address: str, attempt: Attempt) -> None:
        """Judge a kept connection again: another account's trust may have opened it."""
        if not self._proxied:
            self.judge([address], "The host of an open connection", attempt)

    @property
    def proxied(self) -> bool:
        """Whether the other end of every connection is the proxy."""
        return self._proxied

    def _addresses(self, host: str, port: int, attempt: Attempt | None, until: float) -> Sequence[str]:
        literal = host.strip("[]")
        try:
            return [str(ip_address(literal))]
        except ValueError:
            return _resolved(self._resolve, host, port, attempt, until)


class Stream(httpcore.NetworkStream):
    """One connection. Its bytes go to the recording of the attempt that its thread carries out."""

    def __init__(self, sock: socket.socket, peer: str, backend: Backend) -> None:
        self._sock = sock
        self._peer = peer
        self._backend = backend
        self._spoiled = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes; empty when the other end closed. Raises Fault."""
        attempt = current()
        records = attempt is not None and self._records(attempt)
        if attempt is not None and records:
            max_bytes = min(max_bytes, attempt.room())
        try:
            data = self._patiently(partial(self._sock.recv, max_bytes), attempt, _until(timeout), "No answer")
        except OSError as error:
            raise Fault(DISCONNECT, _words(error)) from error
        if attempt is not None and records:
            attempt.ended_by_peer = not data
            attempt.recording.received(data)
            self._spoiled = attempt.recording.surplus_bytes > 0
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it. Raises Fault, or httpcore's WriteError, after which httpcore still reads an early answer."""
        attempt = current()
        if attempt is not None and self._records(attempt):
            self._begin(attempt)
            attempt.recording.sent(buffer)
        until = _until(timeout)
        left = memoryview(buffer)
        try:
            while left:
                count = self._patiently(partial(self._sock.send, left), attempt, until, "Nothing was taken")
                left = left[count:]
        except OSError as error:
            raise httpcore.WriteError(_words(error)) from error

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, from here on over TLS. Raises Fault."""
        until = _until(timeout)
        try:
            self._sock = secure = ssl_context.wrap_socket(
                self._sock, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._patiently(secure.do_handshake, current(), until, "No TLS handshake")
        except BaseException as error:
            self.close()
            if isinstance(error, OSError | ValueError):  # ValueError: a host name that no certificate can have
                raise Fault(TLS, _words(error)) from error
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks: above all whether an idle connection was closed, or must not be used again."""
        if info == "is_readable":
            return self._spoiled or _readable(self._sock)
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        if info == "server_addr":
            return self._peer
        return None

    def _records(self, attempt: Attempt) -> bool:
        return isinstance(self._sock, ssl.SSLSocket) or not attempt.secure

    def _begin(self, attempt: Attempt) -> None:
        if attempt.sent:
            return
        self._backend.rejudge(self._peer, attempt)
        attempt.sent = True
        attempt.peer = None if self._backend.proxied else self._peer.partition("%")[0]
        attempt.tls = self._sock.version() if isinstance(self._sock, ssl.SSLSocket) else None

    def _patiently(self, act: Callable[[], T], attempt: Attempt | None, until: float, what: str) -> T:
        """Do it in slices of time, so that a stop, the end of the attempt's time and the timeout are all seen."""
        while True:
            if attempt is not None:
                attempt.check()
            left = until - time.monotonic()
            if left <= 0:
                raise Fault(TIMEOUT, f"{what} in time.")
            self._sock.settimeout(min(left, _SLICE_S))
            try:
                return act()
            except TimeoutError:
                continue


def _until(timeout: float | None) -> float:
    return time.monotonic() + (timeout if timeout is not None else 3600.0)


def _share(until: float, ways: int) -> float:
    """An equal part of the time left, so that one silent address leaves time for the next."""
    now = time.monotonic()
    return now + (until - now) / ways


def _connected(address: str, port: int, attempt: Attempt | None, until: float) -> socket.socket:
    """A socket connected to a numeric address; raises Fault."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(0)
        _await_connection(sock, (address, port), attempt, until)
    except BaseException:
        sock.close()
        raise
    return sock


def _await_connection(sock: socket.socket, address: tuple[str, int], attempt: Attempt | None, until: float) -> None:
    try:
        status = sock.connect_ex(address)
    except (OSError, OverflowError) as error:
        raise Fault(CONNECT, f"{address[0]}: {error}.") from error
    while status in {errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK}:
        if attempt is not None:
            attempt.check()
        left = until - time.monotonic()
        if left <= 0:
            raise Fault(TIMEOUT, f"{address[0]} did not answer.")
        if _ready(sock, select.POLLOUT, min(left, _SLICE_S)):
            status = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            break
    if status:
        raise Fault(TIMEOUT if status == errno.ETIMEDOUT else CONNECT, f"{address[0]}: {_strerror(status)}.")


def _resolved(resolve: Resolve, host: str, port: int, attempt: Attempt | None, until: float) -> Sequence[str]:
    """The addresses of a name. The resolver knows no timeout, so it runs beside; one that hangs is left behind."""
    answers: SimpleQueue[Sequence[str] | BaseException] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except BaseException as error:  # noqa: BLE001 - raised again where the caller waits
            answers.put(error)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    while True:
        if attempt is not None:
            attempt.check()
        left = until - time.monotonic()
        if left <= 0:
            raise Fault(TIMEOUT, f"The address of {host} was not found in time.")
        try:
            answer = answers.get(timeout=min(left, _SLICE_S))
        except Empty:
            continue
        if isinstance(answer, OSError | UnicodeError):
            raise Fault(DNS, f"{host}: {_words(answer)}") from answer
        if isinstance(answer, BaseException):
            raise answer
        return answer


def _readable(sock: socket.socket) -> bool:
    """Whether something came on an idle connection: its end, or bytes that nobody asked for."""
    if sock.fileno() < 0:
        return True
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    return _ready(sock, select.POLLIN, 0)


def _ready(sock: socket.socket, events: int, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(sock.fileno(), events)
    return bool(poll.poll(timeout_s * 1000))


def _strerror(number: int) -> str:
    return os.strerror(number)


def _words(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{error.verify_message}."
    return f"{getattr(error, 'strerror', None) or str(error) or type(error).__name__}."
