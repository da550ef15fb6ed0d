"""Files behind signed links: ``oe`` is when a link ends (hexadecimal, unix), ``oh`` signs all the rest.

Each answer has new links for the same file. A link that has ended, or of which a letter was changed, is refused with
403 and a word of text. It is mounted below ``/v/`` of a platform's server, or stands on a port of its own.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from archiver.sandbox.images import Picture
from archiver.sandbox.meta.wire import unix
from archiver.sandbox.wire import Answer, Asked

TEXT = "text/plain"
LIFE = timedelta(days=14)
FILM_LIFE = timedelta(days=3)
PATH = "/v/t39.30808-6/"
_SECRET = b"the signature of the files"


class Cdn:
    """Gives out links and what is behind them. ``base`` is scheme and host.

    ``missing``: names of files that are not there (404) although links are given out.
    ``with_tokens`` are the targets of calls that brought a token or a cookie: a client must not.
    """

    def __init__(self, base: str, now: Callable[[], datetime]) -> None:
        self.base = base
        self._now = now
        self._files: dict[str, Picture] = {}
        self._made = 0
        self.life = LIFE
        self.film_life = FILM_LIFE
        self.missing: set[str] = set()
        self.with_tokens: list[str] = []

    def link(self, picture: Picture, name: str, size: str = "") -> str:
        """An address for a file; ``name`` is the same at each call, ``size`` (``s720x720``) another rendition."""
        nonce = self.nonce()
        path = f"{PATH}{name}_n.{picture.suffix}"
        self._files[path] = picture
        life = self.film_life if picture.kind == "video" else self.life
        ends = unix(self._now() + life) + self._made % 600
        parts = [f"stp=dst-{picture.suffix}_{size}"] if size else []
        parts += ["_nc_cat=101", "ccb=1-7", "_nc_sid=127cfc", f"_nc_ohc=o{nonce}", f"oe={ends:X}"]
        signature = _sign(path, parts)
        return f"{self.base}{path}?{'&'.join([*parts[:-1], f'oh=00_{signature}', parts[-1]])}"

    def nonce(self) -> str:
        """Something that is another one at each call; the same story of calls gives the same."""
        self._made += 1
        return f"{self._made:x}"

    def serves(self, asked: Asked) -> bool:
        """Whether a call is for a file."""
        return asked.path.startswith("/v/t")

    def answer(self, asked: Asked) -> Answer:
        """The file, or why not."""
        if {"authorization", "cookie"} & asked.headers.keys() or "access_token" in asked.params:
            self.with_tokens.append(asked.target)
        if asked.method not in {"GET", "HEAD"}:
            return _word(405, "Method not allowed")
        refusal = self._refused(asked)
        if refusal is not None:
            return refusal
        picture = self._files.get(asked.path)
        if picture is None or asked.path.removeprefix(PATH).rsplit("_n.", 1)[0] in self.missing:
            return _word(404, "Not Found")
        return _part(picture, asked.headers.get("range", ""))

    def _refused(self, asked: Asked) -> Answer | None:
        pairs = [part for part in asked.target.partition("?")[2].split("&") if part]
        signature = next((part[6:] for part in pairs if part.startswith("oh=00_")), None)
        ends = next((part[3:] for part in pairs if part.startswith("oe=")), None)
        if signature is None:
            return _word(403, "Bad URL hash")
        try:
            over = unix(self._now()) >= int(ends or "", 16)
        except ValueError:
            return _word(403, "Bad URL timestamp")
        if not hmac.compare_digest(signature, _sign(asked.path, [p for p in pairs if not p.startswith("oh=")])):
            return _word(403, "URL signature mismatch")
        return _word(403, "URL signature expired") if over else None


def _sign(path: str, parts: list[str]) -> str:
    return hmac.new(_SECRET, "&".join([path, *parts]).encode(), hashlib.sha256).hexdigest()[:40]


def _word(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), TEXT, cacheable=False)


def _part(picture: Picture, wanted: str) -> Answer:
    """The whole file, or one range of it (RFC 9110, 14)."""
    data, headers = picture.data, [("Accept-Ranges", "bytes"), ("Cache-Control", "max-age=1209600, no-transform")]
    unit, _, span = wanted.partition("=")
    first, dash, last = span.partition("-")
    if unit != "bytes" or not dash or not first.isdigit() or "," in span:
        return Answer(200, data, picture.mime, headers, cacheable=False)
    begin, end = int(first), min(int(last) if last.isdigit() else len(data) - 1, len(data) - 1)
    if begin > end:
        return Answer(416, b"", TEXT, [("Content-Range", f"bytes */{len(data)}")], cacheable=False)
    headers.append(("Content-Range", f"bytes {begin}-{end}/{len(data)}"))
    return Answer(206, data[begin : end + 1], picture.mime, headers, cacheable=False)
