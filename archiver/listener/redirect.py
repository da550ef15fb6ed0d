"""The way back of a login in the browser: one request to this machine, whose address is all that counts (RFC 8252)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_PAGE = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Archiver</title></head>
<body><h1>Done</h1><p>You can close this window and go back to the command.</p></body></html>"""


@contextmanager
def returning(host: str, port: int, came_back: Callable[[str], None]) -> Iterator[int]:
    """Wait for the browser on ``host`` and ``port`` (0: any); its number. ``came_back`` gets each address asked for.

    Raises OSError where nobody can listen there.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(_PAGE)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(_PAGE)
            came_back(self.path)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Nothing: the address holds a code."""

    with ThreadingHTTPServer((host, port), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
