"""The sockets of the receiver: one asyncio loop on a thread, and a limit for everything a stranger can use up."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial

from archiver.errors import OperatorError
from archiver.listener.messages import Message, Reader, Refused, Reply
from archiver.listener.receiver import Receiver, again

CONNECTIONS = 256
BODIES_BYTES = 64 * 1024 * 1024
"""So many bytes of requests that are not whole yet are held, over all connections."""
REQUEST_S = 20.0
"""A request must be whole in this time. The proxy holds slow clients; this is for the proxy."""
IDLE_S = 75.0
"""A kept connection without a request is closed after this: later than nginx (60 s) would do it."""
CLOSE_S = 5.0
LINGER_S = 2.0


class Server:
    """Listens on a thread of its own from ``start`` to ``stop``. ``port`` 0 takes any free one; then it is known."""

    def __init__(
        self,
        receiver: Receiver,
        host: str,
        port: int,
        *,
        connections: int = CONNECTIONS,
        bodies_bytes: int = BODIES_BYTES,
        request_s: float = REQUEST_S,
        idle_s: float = IDLE_S,
    ) -> None:
        self.receiver = receiver
        self.host, self.port = host, port
        self.most, self.request_s, self.idle_s = connections, request_s, idle_s
        self.room_bytes = bodies_bytes
        self.open: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="receiver")
        self._listening: asyncio.Server | None = None
        self._empty = asyncio.Event()
        self._empty.set()

    def start(self) -> None:
        """Raises OperatorError where the address can't be listened on."""
        try:
            self._listening = self._loop.run_until_complete(
                self._loop.create_server(partial(_Connection, self), self.host, self.port, backlog=512)
            )
        except OSError as error:
            self._loop.close()
            raise OperatorError(
                f"{self.host}:{self.port} can't be listened on: {error.strerror or error}.",
                advice="Choose another [listen] port, or stop the program that has it.",
            ) from error
        self.port = self._listening.sockets[0].getsockname()[1]
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, answer those that are whole, and end: some seconds at most."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=4 * CLOSE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        assert self._listening is not None
        self._listening.close()
        for one in list(self.open):
            one.finish()
        await self._gone()
        for one in list(self.open):
            one.abort()
        await self._gone()
        await asyncio.sleep(0)  # transports close their sockets in the loop's next turn

    async def _gone(self) -> None:
        """Wait some seconds for all connections to end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), CLOSE_S)

    def joined(self, one: _Connection) -> bool:
        """One more connection; whether there is room for it."""
        self.open.add(one)
        self._empty.clear()
        return len(self.open) <= self.most

    def left(self, one: _Connection) -> None:
        """A connection has ended."""
        self.open.discard(one)
        if not self.open:
            self._empty.set()


class _Connection(asyncio.Protocol):
    """One client: a request at a time, each with a deadline."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._receiver = server.receiver
        self._loop = asyncio.get_running_loop()
        self._reader = Reader()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False
        self._ending = False
        self._held_bytes = 0
        self._begun_at = self._receiver.now()
        self._begun_s = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._server.joined(self):
            self._wait(self._server.request_s)
        else:
            self._answer(again("too many connections", self._receiver.tally))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's interface
        """It is gone, or we closed it."""
        self._server.left(self)
        self._release()
        if self._timer is not None:
            self._timer.cancel()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Bytes of a request; of one that was refused they are thrown away."""
        if self._ending:
            return
        if len(data) > self._server.room_bytes:
            self._answer(again("too many bytes at once", self._receiver.tally))
            return
        self._server.room_bytes -= len(data)
        self._held_bytes += len(data)
        if not self._reader.begun:
            self._begin()
        self._reader.feed(data)
        if not self._busy:
            self._read()

    def eof_received(self) -> bool:
        """The client sends no more; an answer that is under way can still be read by it."""
        self._ending = True
        return self._busy

    def finish(self) -> None:
        """Take no further request; one that is being dealt with is answered first."""
        self._ending = True
        if not self._busy:
            self.abort()

    def abort(self) -> None:
        """End at once."""
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._begun_at, self._begun_s = self._receiver.now(), self._loop.time()
        self._wait(self._server.request_s)

    def _wait(self, seconds: float) -> None:
        """Something must be done with the connection in that time."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._late)

    def _late(self) -> None:
        if self._busy:
            return
        if self._reader.begun and not self._ending:
            self._receiver.tally.count("refused: too slow")
            self._answer(Reply(408, close=True))
        else:
            self.abort()

    def _read(self) -> None:
        try:
            for event in self._reader.events():
                if isinstance(event, Message):
                    self._take(event)
                    return
                if (refusal := self._receiver.admit(event)) is not None:
                    self._answer(refusal)
                    return
                if self._reader.expects_word and self._transport is not None:
                    self._transport.write(self._reader.proceed())
        except Refused as refused:
            self._answer(self._receiver.refuse(refused))

    def _take(self, message: Message) -> None:
        self._busy = True
        if self._transport is not None:
            self._transport.pause_reading()
        elapsed_ms = round(1000 * (self._loop.time() - self._begun_s))
        self._receiver.take(message, self._begun_at, elapsed_ms, self._answer_from_any_thread)

    def _answer_from_any_thread(self, reply: Reply) -> None:
        with suppress(RuntimeError):  # the loop was closed: the client is gone
            self._loop.call_soon_threadsafe(self._answer, reply)

    def _answer(self, reply: Reply) -> None:
        self._busy = False
        self._release()
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(reply.fixed(self._receiver.now()).wire)
        transport.resume_reading()
        if not self._reader.answered(reply) or reply.close or self._ending:
            self._end(transport)
        elif self._reader.begun:  # the next request came with this one
            self._begin()
            self._read()
        else:
            self._wait(self._server.idle_s)

    def _end(self, transport: asyncio.Transport) -> None:
        """No more from us. Closed a little later: what comes in after a close would take the answer away (RST)."""
        self._ending = True
        transport.write_eof()
        self._wait(min(LINGER_S, self._server.request_s))

    def _release(self) -> None:
        self._server.room_bytes += self._held_bytes
        self._held_bytes = 0
