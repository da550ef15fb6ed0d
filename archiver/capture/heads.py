"""Taking credentials out of request heads, response heads and URLs (records rule R62), and saying what was taken.

A header whose whole purpose is a credential or a cookie keeps its name, its spelling and the spaces around it; its
value is replaced. Query values with the names that tokens go by are replaced wherever a URL stands: the request
line, ``Location``, ``Link``.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from archiver.capture.masking import Masker, fill
from archiver.warc.event import REMOVED

_MARKER = REMOVED.encode()
_MARKER_IN_URL = b"%5Bremoved%5D"  # the same marker where brackets may not stand (RFC 3986, section 3.4)
_SECRET_FIELDS = {
    b"authorization", b"proxy-authorization", b"cookie", b"cookie2", b"set-cookie", b"set-cookie2",
    b"x-goog-api-key", b"x-api-key", b"x-auth-token", b"x-access-token", b"authentication-info",
}  # fmt: skip
_SECRET_PARAMETERS = (
    "access_token", "accesstoken", "refresh_token", "id_token", "auth_token", "oauth_token", "oauth_verifier",
    "session_token", "token", "jwt", "api_key", "apikey", "api-key", "client_secret", "app_secret", "appsecret_proof",
    "input_token", "fb_exchange_token", "secret", "password", "passwd", "sessionid", "x-amz-security-token",
)  # fmt: skip


@lru_cache(maxsize=256)
def _parameter(private: frozenset[str]) -> re.Pattern[bytes]:
    """Finds the parameters that go by a token's name, and those that were made of secrets whatever their name."""
    names = (*_SECRET_PARAMETERS, *(re.escape(name) for name in sorted(private)))
    return re.compile(
        rb"((?:[?&;#]|%(?:25){0,3}(?:3[fF]|26|23))(?:" + "|".join(names).encode() + rb")(?:=|%(?:25){0,3}3[dD]))"
        rb"((?:(?!%(?:25){0,3}26)[^&;#\s\"'<>])+)",
        re.IGNORECASE,
    )


_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_FIELD = re.compile(rb"([^\s:]+)([ \t]*:[ \t]*)(.*?)([ \t]*\r?\n?)\Z", re.DOTALL)

NO_SECRETS = Masker(())
NO_NAMES: frozenset[str] = frozenset()


def clean_url(url: str, masker: Masker = NO_SECRETS, private: frozenset[str] = NO_NAMES) -> tuple[str, int]:
    """A URL without the values of token-like parameters and without known secrets, and how many were replaced.

    ``private`` are the names of further parameters with secret values.
    """
    cleaned, count = _clean_target(url.encode(), masker, private)
    return cleaned.decode(), count


def clean_head(
    head: bytes, message: str, masker: Masker = NO_SECRETS, private: frozenset[str] = NO_NAMES
) -> tuple[bytes, Counter[str]]:
    """A head without credentials, and where they stood (``url``, ``MESSAGE-header NAME``).

    ``private`` are as in `clean_url`. ``message`` is ``request`` or ``response``. The empty line at the end stays; all
    other bytes stay as they are.
    """
    taken: Counter[str] = Counter()
    lines = _lines(head)
    first, count = _clean_target(lines[0], masker, private)
    taken["url" if message == "request" else f"{message}-line"] += count
    cleaned = [first]
    for line in lines[1:]:
        field = _FIELD.match(line)
        if field is None:
            cleaned.append(_clean_target(line, masker, private)[0])
            continue
        name, colon, value, end = field.groups()
        if name.lower() in _SECRET_FIELDS:
            value, count = (_MARKER, 1) if value else (value, 0)
        else:
            value, count = _clean_target(value, masker, private)
        taken[f"{message}-header {name.decode('latin-1').lower()}"] += count
        cleaned.append(name + colon + value + end)
    return b"".join(cleaned), +taken


def _lines(head: bytes) -> list[bytes]:
    """The lines with their ends; a folded one counts as one."""
    lines: list[bytes] = []
    for line in _LINE.findall(head):
        if lines[1:] and line[:1] in {b" ", b"\t"}:
            lines[-1] += line
        else:
            lines.append(line)
    return lines or [b""]


def clean_form(body: bytes, private: frozenset[str]) -> tuple[bytes, int]:
    """A form without the values of its secret fields, each of the length that it had; how many were replaced."""
    if not private:
        return body, 0
    names = "|".join(re.escape(name) for name in sorted(private)).encode()
    pattern = re.compile(rb"((?:\A|&)(?:" + names + rb")=)([^&]+)")
    return pattern.subn(lambda found: found[1] + fill(len(found[2])), body)


def _clean_target(text: bytes, masker: Masker, private: frozenset[str]) -> tuple[bytes, int]:
    cleaned, count = _parameter(private).subn(rb"\g<1>" + _MARKER_IN_URL, text)
    masked = bytearray(cleaned)
    count += masker.mask(masked)
    return bytes(masked), count
