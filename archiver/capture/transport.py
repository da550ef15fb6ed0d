"""httpx on top of our own sockets."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpcore
import httpx

from archiver.errors import ConfigError

KEEPALIVE_S = 15.0
_KEPT_CONNECTIONS = 20
_EXACT = "archiver.target"
_VISIBLE = re.compile(r"[a-z]+://[^/?#]*([/?]?[!-~]*)", re.IGNORECASE)


class Transport(httpx.BaseTransport):
    """Sends over HTTP/1.1 through httpcore's pool. Errors pass as they are: ours, and httpcore's (`faults`)."""

    def __init__(self, backend: httpcore.NetworkBackend, *, proxy: str | None, ca_bundle: Path | None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls_context(ca_bundle),
            proxy=proxy_of(proxy),
            max_connections=None,
            max_keepalive_connections=_KEPT_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_S,
            http1=True,
            http2=False,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and come back when the head of the answer is there."""
        url = request.url
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme,
                    host=url.raw_host,
                    port=url.port,
                    target=request.extensions.get(_EXACT, url.raw_path),
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions={"timeout": request.extensions["timeout"]},
            )
        )
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response.stream),
            extensions={"http_version": response.extensions["http_version"]},
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """httpcore's body as httpx wants it."""

    def __init__(self, stream: object) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from cast("Iterator[bytes]", self._stream)

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


def exact_target(url: str) -> dict[str, bytes]:
    """The request target as the URL has it, as an extension of a request; httpx would spell some characters anew.

    Empty where the URL holds characters that can't be sent as they are.
    """
    found = _VISIBLE.fullmatch(url.partition("#")[0])
    if found is None:
        return {}
    return {_EXACT: (found[1] if found[1].startswith("/") else f"/{found[1]}").encode()}


def address(request: httpx.Request) -> str:
    """The URL that a request truly asks for, without a fragment."""
    url = request.url
    target = request.extensions.get(_EXACT, url.raw_path)
    return f"{url.scheme}://{url.netloc.decode('ascii')}{target.decode('ascii')}"


def tls_context(ca_bundle: Path | None) -> ssl.SSLContext:
    """TLS that trusts the public authorities and those in ``ca_bundle`` (PEM). Raises ConfigError."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=ca_bundle)
        except OSError as error:  # ssl.SSLError, for a file without certificates, is one too
            raise ConfigError([f"capture.ca_bundle: {ca_bundle} can't be read as certificates: {error}."]) from error
    return context


def proxy_of(address: str | None) -> httpcore.Proxy | None:
    """The operator's proxy, name and password included if its address has them. Raises ConfigError."""
    if address is None:
        return None
    try:
        proxy = httpx.Proxy(address)
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigError(["capture.proxy is not an address like http://proxy.example.gov:3128."]) from error
    if proxy.url.scheme != "http" or not proxy.url.host:
        raise ConfigError(["capture.proxy is not an address like http://proxy.example.gov:3128."])
    url = httpcore.URL(scheme=b"http", host=proxy.url.raw_host, port=proxy.url.port or 80, target=b"/")
    return httpcore.Proxy(url, auth=proxy.raw_auth)
