"""Named fields of WARC records: their text, and the forms of dates, ids, digests and addresses (ISO 28500, 4 and 5)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

VERSION_LINE = b"WARC/1.1\r\n"
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""A field name (RFC 9110, 5.6.2)."""

HTTP_REQUEST = "application/http;msgtype=request"
HTTP_RESPONSE = "application/http;msgtype=response"
WARC_FIELDS = "application/warc-fields"

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Named:
    """Something with the named fields of a WARC record, in order; a name may be asked for in any letter case."""

    fields: Fields
    _by_name: dict[str, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[str]] = {}
        for name, value in self.fields:
            by_name.setdefault(name.lower(), []).append(value)
        object.__setattr__(self, "_by_name", by_name)

    @property
    def type(self) -> str:
        """WARC-Type."""
        return self.value("WARC-Type") or ""

    @property
    def record_id(self) -> str:
        """WARC-Record-ID, bare."""
        return bare_id(self.value("WARC-Record-ID") or "")

    @property
    def stands_for(self) -> str:
        """The id by which others name it: its own, or of a conversion that of the record whose place it took (R63)."""
        refers_to = self.value("WARC-Refers-To") if self.type == "conversion" else None
        return bare_id(refers_to) if refers_to else self.record_id

    @property
    def describes(self) -> str | None:
        """Of a metadata record about a conversion: the conversion's bare id. None of a note, whose target is a urn."""
        refers_to = self.value("WARC-Refers-To") if self.type == "metadata" and not self.concurrent else None
        named = (self.value("WARC-Target-URI") or "urn:").startswith("urn:")
        return bare_id(refers_to) if refers_to and not named else None

    @property
    def at(self) -> datetime:
        """WARC-Date (aware, UTC). Raises ValueError."""
        return parse_date(self.value("WARC-Date") or "")

    @property
    def concurrent(self) -> list[str]:
        """Ids of the other records of its event, bare."""
        return [bare_id(value) for value in self.values("WARC-Concurrent-To")]

    def value(self, name: str) -> str | None:
        """The first field of that name."""
        found = self._by_name.get(name.lower())
        return found[0] if found else None

    def values(self, name: str) -> list[str]:
        """All fields of that name, in order."""
        return self._by_name.get(name.lower(), [])


_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")
_URI_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"<>\\^`{|}')
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def head(fields: Iterable[tuple[str, str]]) -> bytes:
    """A record's head: version line, fields in order, empty line. No value can break out of its line."""
    lines = [VERSION_LINE]
    lines += [f"{name}: {_CONTROLS.sub(' ', value)}\r\n".encode() for name, value in fields]
    return b"".join([*lines, b"\r\n"])


def date(at: datetime) -> str:
    """A moment as WARC-Date, with microseconds (5.4)."""
    at = at.astimezone(UTC)
    return f"{at.strftime('%Y-%m-%dT%H:%M:%S')}.{at.microsecond:06d}Z"


def parse_date(text: str) -> datetime:
    """A WARC-Date as an aware UTC moment; digits below the microsecond are dropped. Raises ValueError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no WARC-Date")
    microseconds = int((match[2] or "").ljust(6, "0")[:6])
    return datetime.fromisoformat(match[1]).replace(microsecond=microseconds, tzinfo=UTC)


def urn(record_id: str) -> str:
    """A bare UUID as WARC-Record-ID."""
    return f"<urn:uuid:{record_id}>"


def bare_id(text: str) -> str:
    """The UUID in a WARC-Record-ID; another kind of id without its angle brackets."""
    return text.strip().removeprefix("<").removesuffix(">").removeprefix("urn:uuid:")


def uri(text: str) -> str:
    """A target as it can stand in WARC-Target-URI: what is no URI character (RFC 3986, 2) is percent-encoded."""
    return quote(text, safe=_URI_SAFE, errors="surrogatepass")


def digest(sha256: str) -> str:
    """A SHA-256 in hex as a labelled digest (records rule R61)."""
    return f"sha256:{sha256}"


def parse_digest(text: str) -> tuple[str, bytes]:
    """Algorithm and value of a labelled digest in any of the encodings met: Base32, hex, Base64. Raises ValueError.

    >>> parse_digest("sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N") == parse_digest("SHA-1:qvTGHdzF6KLavt4PO0gs2a6pQ00=")
    True
    """
    label, _, value = text.partition(":")
    algorithm = label.lower().replace("-", "").replace("_", "")
    size = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}.get(algorithm)
    if size is None:
        raise ValueError(f"{text!r} names no known digest algorithm")
    for decode in (bytes.fromhex, _base32, _base64):
        try:
            raw = decode(value)
        except (ValueError, binascii.Error):
            continue
        if len(raw) == size:
            return algorithm, raw
    raise ValueError(f"{text!r} holds no {algorithm} value")


def _base32(value: str) -> bytes:
    return base64.b32decode(value + "=" * (-len(value) % 8), casefold=True)


def _base64(value: str) -> bytes:
    return base64.b64decode(
        value + "=" * (-len(value) % 4), altchars=b"-_" if {"-", "_"} & set(value) else None, validate=True
    )
