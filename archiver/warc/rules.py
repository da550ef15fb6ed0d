"""What a WARC 1.1 record must look like, as tables (ISO 28500, 5 and 6; records rules R55-R64, R67).

Stricter than the standard where our writer is: SHA-256 in one spelling, a digest of every block, no continuation
records.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from archiver.warc import fields as f
from archiver.warc.event import REMOVED

TYPES = frozenset({"warcinfo", "request", "response", "resource", "metadata", "revisit", "conversion"})
_ALL = TYPES


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a record has wrong."""

    problem: str
    expected: str = ""
    found: str = ""


@dataclass(slots=True)
class Disclosure:
    """Header fields of an event whose values were removed, and those that its metadata tells (R62); in lower case.

    ``fields`` is what the list of fields says that was read last (of a warcinfo or metadata record).
    """

    masked: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    fields: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    """On which types a field must and may stand."""

    must: frozenset[str] = frozenset()
    may: frozenset[str] = _ALL


def _place(*, must: str = "", may: str = "", never: str = "") -> _Place:
    allowed = frozenset(may.split()) if may else _ALL - set(never.split())
    return _Place(frozenset(must.split()), allowed | set(must.split()))


FIELDS = {
    "warc-type": _place(must=" ".join(TYPES)),
    "warc-record-id": _place(must=" ".join(TYPES)),
    "warc-date": _place(must=" ".join(TYPES)),
    "content-length": _place(must=" ".join(TYPES)),
    "content-type": _place(must=" ".join(TYPES)),
    "warc-block-digest": _place(must=" ".join(TYPES)),
    "warc-target-uri": _place(must="request response resource revisit conversion", may="metadata"),
    "warc-ip-address": _place(never="warcinfo conversion"),
    "warc-concurrent-to": _place(never="warcinfo conversion"),
    "warc-refers-to": _place(must="revisit", may="metadata conversion"),
    "warc-refers-to-target-uri": _place(must="revisit", may="revisit"),
    "warc-refers-to-date": _place(must="revisit", may="revisit"),
    "warc-payload-digest": _place(never="warcinfo metadata"),
    "warc-profile": _place(must="revisit", may="revisit"),
    "warc-filename": _place(must="warcinfo", may="warcinfo"),
    "warc-warcinfo-id": _place(never="warcinfo"),
    "warc-segment-number": _Place(may=frozenset()),
    "warc-segment-origin-id": _Place(may=frozenset()),
    "warc-segment-total-length": _Place(may=frozenset()),
}
"""R56, and R64 for what a revisit says of its original. Fields that are not here may stand anywhere."""

REPEATABLE = frozenset({"warc-concurrent-to", "warc-protocol"})
TRUNCATED = frozenset({"length", "time", "disconnect", "unspecified"})
PROFILES = frozenset({f.IDENTICAL_PAYLOAD, f.NOT_MODIFIED})
CONTENT_TYPES = {
    "warcinfo": f.WARC_FIELDS,
    "metadata": f.WARC_FIELDS,
    "request": f.HTTP_REQUEST,
    "response": f.HTTP_RESPONSE,
    "revisit": f.HTTP_RESPONSE,
}
WARCINFO_FIELDS = (
    "software", "format", "conformsTo", "operator", "isPartOf", "description", "robots", "http-header-user-agent",
    "account", "schedule", "digest-encoding", "http-rewriting", "header-removal",
)  # fmt: skip
"""R57."""

CONVERSION_FIELDS = ("disposal", "records-removed", "http-start-line", "body", "software")
"""R63: what is said about a conversion that stands in the place of a message."""

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
"""R62: their values never reach a file."""

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ID = re.compile(rf"<urn:uuid:{_UUID}>")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e%]+")
_ENCODED_WORD = re.compile(r"=\?[^?]+\?[BbQq]\?[^?]*\?=")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SECRET_PARAMETER = re.compile(
    r"[?&#;](access_token|refresh_token|id_token|oauth_token|api_key|apikey|client_secret|app_secret|appsecret_proof"
    r"|password)=(?!%5Bremoved%5D|\[removed\]|REMOVED)[^&#;]+",
    re.IGNORECASE,
)


def parse_head(head: bytes) -> tuple[f.Fields, list[Fault]]:
    """The fields of a record's head, and what is wrong with its lines (R55)."""
    version, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    faults = []
    if version != b"WARC/1.1":
        faults.append(Fault("the version line is wrong", "WARC/1.1", _shown(version)))
    fields: list[tuple[str, str]] = []
    for line in lines:
        parsed = _parse_line(line)
        if isinstance(parsed, Fault):
            faults.append(parsed)
        else:
            fields.append(parsed)
    return tuple(fields), faults


def _parse_line(line: bytes) -> tuple[str, str] | Fault:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return Fault("a field is not UTF-8", found=_shown(line))
    name, colon, value = text.partition(":")
    if text[:1] in {" ", "\t"}:
        return Fault("a field is folded over several lines", "one line", _shown(line))
    if _CONTROL.search(text):
        return Fault("a field holds control characters or a bare line end", found=_shown(line))
    if not colon or not f.TOKEN.fullmatch(name):
        return Fault("a line is no named field", "Name: value", _shown(line))
    if _ENCODED_WORD.search(value):
        return Fault("a field holds an RFC 2047 word", "UTF-8", _shown(line))
    return name, value.strip()


def field_faults(record: f.Named) -> Iterator[Fault]:
    """What is wrong with a record's named fields (R55, R56, R61, R64, R67)."""
    counts = Counter(name.lower() for name, _ in record.fields)
    for name, count in counts.items():
        if count > 1 and name not in REPEATABLE:
            yield Fault(f"the field {name} is repeated", "once", f"{count} times")
    if record.type not in TYPES:
        yield Fault("the record type is unknown or not ours to write", " ".join(sorted(TYPES)), record.type or "none")
        return
    yield from _place_faults(record.type, counts)
    for name, value in record.fields:
        check = _FORMS.get(name.lower())
        fault = check(value) if check else None
        if fault is not None:
            yield Fault(f"{name} is not formed right", fault, value)
    wanted = CONTENT_TYPES.get(record.type)
    content_type = record.value("Content-Type")
    if wanted and content_type and content_type.replace(" ", "").lower() != wanted:
        yield Fault(f"the content type of a {record.type} record is wrong", wanted, content_type)
    if record.value("WARC-Profile") == f.IDENTICAL_PAYLOAD:
        if "warc-payload-digest" not in counts:
            yield Fault("a revisit for an identical payload has no WARC-Payload-Digest")
        if record.value("WARC-Truncated") != "length":
            yield Fault("a revisit without its body does not say so", "WARC-Truncated: length")


def _place_faults(kind: str, counts: Counter[str]) -> Iterator[Fault]:
    for name, place in FIELDS.items():
        if name in counts and kind not in place.may:
            yield Fault(f"the field {name} may not stand on a {kind} record")
        if name not in counts and kind in place.must:
            yield Fault(f"the field {name} is missing from a {kind} record")


def _matching(pattern: re.Pattern[str], form: str) -> Callable[[str], str | None]:
    return lambda value: None if pattern.fullmatch(value) else form


def _one_of(words: frozenset[str]) -> Callable[[str], str | None]:
    return lambda value: None if value in words else " or ".join(sorted(words))


def _date(value: str) -> str | None:
    try:
        f.parse_date(value)
    except ValueError:
        return "YYYY-MM-DDThh:mm:ss[.f]Z"
    return None


def _address(value: str) -> str | None:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return "an IP address"
    return None


def _target(value: str) -> str | None:
    if not _URI.fullmatch(value):
        return "a URI, without angle brackets"
    return "no credential in a URI" if _SECRET_PARAMETER.search(value) else None


_FORMS: dict[str, Callable[[str], str | None]] = {
    "warc-record-id": _matching(_ID, "<urn:uuid:…>"),
    "warc-concurrent-to": _matching(_ID, "<urn:uuid:…>"),
    "warc-refers-to": _matching(_ID, "<urn:uuid:…>"),
    "warc-warcinfo-id": _matching(_ID, "<urn:uuid:…>"),
    "warc-target-uri": _target,
    "warc-refers-to-target-uri": _target,
    "warc-date": _date,
    "warc-refers-to-date": _date,
    "warc-block-digest": _matching(_DIGEST, "sha256: and 64 lowercase hex digits"),
    "warc-payload-digest": _matching(_DIGEST, "sha256: and 64 lowercase hex digits"),
    "warc-ip-address": _address,
    "warc-truncated": _one_of(TRUNCATED),
    "warc-profile": _one_of(PROFILES),
    "content-length": _matching(re.compile(r"[0-9]+"), "a number"),
}


def masked(name: str, value: str) -> bool:
    """Whether a header field of a stored message holds no credential (R62)."""
    return name.lower() not in SECRET_HEADERS or value in {"", REMOVED}


def _shown(line: bytes) -> str:
    """A line as a finding shows it."""
    return ascii(line[:100].decode("latin-1"))[1:-1]
