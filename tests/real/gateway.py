"""One address for a whole Bluesky network: ``com.atproto.*`` to the PDS, ``app.bsky.*`` to the AppView.

A PDS answers ``app.bsky.*`` only to its own people. Who archives without a token points ``base_url`` at such a
gateway, which passes each request and each answer on as it came: headers in their order and spelling, bytes as encoded.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

CALLER = ("127.0.0.2", 0)
"""The gateway's own address, so that the PDS counts its limits apart from those of other callers."""


@dataclass
class Gateway:
    """A running gateway; ``asked`` is every path that came in, in order."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def running(pds: str, appview: str) -> Iterator[Gateway]:
    """Stand before the two servers until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    gateway = Gateway(f"http://127.0.0.1:{server.server_port}")
    server.upstreams, server.gateway = {"com": pds, "app": appview}, gateway  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _pass_on(self) -> None:
        self.server.gateway.asked.append(self.path)  # type: ignore[attr-defined]
        upstream = self.server.upstreams.get(self.path.removeprefix("/xrpc/").partition(".")[0])  # type: ignore[attr-defined]
        if upstream is None:
            self.send_error(404, "Not a call of the API")
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        connection = http.client.HTTPConnection(urlsplit(upstream).netloc, timeout=60, source_address=CALLER)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            self._answer(connection.getresponse())
        finally:
            connection.close()

    do_GET = do_POST = do_HEAD = _pass_on  # noqa: N815 - so http.server calls them

    def _answer(self, response: http.client.HTTPResponse) -> None:
        self.send_response_only(response.status, response.reason)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        while piece := response.read1(65536):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if response.chunked else piece)
        if response.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
