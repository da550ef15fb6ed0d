"""Credentials leave heads and URLs; all other bytes stay (records rule R62)."""

from __future__ import annotations

import pytest

from archiver.capture.heads import clean_head, clean_url
from archiver.capture.masking import Masker

MASKER = Masker(["s3cr3t-value"])

HEADS: dict[str, tuple[str, bytes, bytes, dict[str, int]]] = {
    "nothing to take": (
        "response",
        b"HTTP/1.1 200 OK\r\nX-Odd:a\r\n  folded\r\nX: \t b \r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Odd:a\r\n  folded\r\nX: \t b \r\n\r\n",
        {},
    ),
    "a bearer": (
        "request",
        b"GET /a HTTP/1.1\r\nHost: x\r\nAUTHorization:\tBearer abc  \r\nAccept: */*\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: x\r\nAUTHorization:\t[removed]  \r\nAccept: */*\r\n\r\n",
        {"request-header authorization": 1},
    ),
    "a proxy's password and a cookie": (
        "request",
        b"GET http://x/ HTTP/1.1\r\nProxy-Authorization: Basic abc\r\nCookie: a=1; b=2\r\n\r\n",
        b"GET http://x/ HTTP/1.1\r\nProxy-Authorization: [removed]\r\nCookie: [removed]\r\n\r\n",
        {"request-header proxy-authorization": 1, "request-header cookie": 1},
    ),
    "a folded cookie, line feeds only": (
        "response",
        b"HTTP/1.1 200 OK\nSet-Cookie: a=1;\n Path=/\nSet-Cookie:\nX: y\n\n",
        b"HTTP/1.1 200 OK\nSet-Cookie: [removed]\nSet-Cookie:\nX: y\n\n",
        {"response-header set-cookie": 1},
    ),
    "an API key": (
        "request",
        b"GET /v3 HTTP/1.1\r\nX-Goog-Api-Key: abc\r\n\r\n",
        b"GET /v3 HTTP/1.1\r\nX-Goog-Api-Key: [removed]\r\n\r\n",
        {"request-header x-goog-api-key": 1},
    ),
    "tokens in the target": (
        "request",
        b"GET /v?a=1&access_token=abc&x-token=1&Token=d#e HTTP/1.1\r\n\r\n",
        b"GET /v?a=1&access_token=%5Bremoved%5D&x-token=1&Token=%5Bremoved%5D#e HTTP/1.1\r\n\r\n",
        {"url": 2},
    ),
    "tokens where it leads to": (
        "response",
        b'HTTP/1.1 302 Found\r\nLocation: /b?token=abc\r\nLink: <https://x/?a=1&api_key=k>; rel="next"\r\n\r\n',
        b'HTTP/1.1 302 Found\r\nLocation: /b?token=%5Bremoved%5D\r\nLink: <https://x/?a=1&api_key=%5Bremoved%5D>; rel="next"\r\n\r\n',
        {"response-header location": 1, "response-header link": 1},
    ),
    "a known secret anywhere": (
        "response",
        b"HTTP/1.1 200 s3cr3t-value\r\nX-Echo: Bearer s3cr3t%2Dvalue!\r\n\r\n",
        b"HTTP/1.1 200 REMOVEDREMOV\r\nX-Echo: Bearer REMOVEDREMOVED!\r\n\r\n",
        {"response-line": 1, "response-header x-echo": 1},
    ),
    "a head that broke off": (
        "response",
        b"HTTP/1.1 200 OK\r\nX: y\r\nSet-Cookie: ab",
        b"HTTP/1.1 200 OK\r\nX: y\r\nSet-Cookie: [removed]",
        {"response-header set-cookie": 1},
    ),
    "nothing at all": ("request", b"", b"", {}),
}


@pytest.mark.parametrize("case", HEADS)
def test_heads(case: str) -> None:
    """Only the value of what is secret changes, and it is said where."""
    message, head, cleaned, taken = HEADS[case]
    assert clean_head(head, message, MASKER) == (cleaned, taken)


URLS = {
    "https://x/?a=1": ("https://x/?a=1", 0),
    "https://x/?access_token=": ("https://x/?access_token=", 0),
    "https://x/?access_token=a%26b&c=d": ("https://x/?access_token=%5Bremoved%5D%26b&c=d", 1),
    "https://x/#access_token=abc&x=1": ("https://x/#access_token=%5Bremoved%5D&x=1", 1),
    "https://x/?u=https%3A%2F%2Fy%2F%3Ftoken%3Dabc%26b%3Dc": (
        "https://x/?u=https%3A%2F%2Fy%2F%3Ftoken%3D%5Bremoved%5D%26b%3Dc",
        1,
    ),
    "https://x/s3cr3t-value/y": ("https://x/REMOVEDREMOV/y", 1),
    "https://x/?tokens=3&page_token=4&nexttoken=5": ("https://x/?tokens=3&page_token=4&nexttoken=5", 0),
    "https://x/?cursor=abc&sig=def": ("https://x/?cursor=abc&sig=def", 0),
}


@pytest.mark.parametrize("url", URLS)
def test_urls(url: str) -> None:
    """Parameters with the names of tokens lose their values; others, such as cursors, do not."""
    assert clean_url(url, MASKER) == URLS[url]
