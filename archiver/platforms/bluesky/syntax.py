"""The names of the AT Protocol: DIDs, at-URIs, TIDs and datetimes (https://atproto.com/specs)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"
THREADGATE = "app.bsky.feed.threadgate"
POSTGATE = "app.bsky.feed.postgate"
PROFILE = "app.bsky.actor.profile"

# https://atproto.com/specs/did: any method, no query, no fragment, at most 2 KB.
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
# https://atproto.com/specs/at-uri-scheme, of a record; the authority may be a handle.
_AT_URI = re.compile(
    r"at://(?P<authority>did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]|[A-Za-z0-9.-]+)"
    r"/(?P<collection>[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+){2,})/(?P<rkey>(?!\.\.?$)[A-Za-z0-9._:~-]{1,512})"
)
# https://atproto.com/specs/tid: the first character holds the highest four bits, the top one of which is 0.
_TID = re.compile(r"[234567a-j][234567a-z]{12}")
_TID_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_TID_CLOCK_BITS = 10
# https://atproto.com/specs/lexicon#datetime: RFC 3339 and ISO 8601 at once; the zone is mandatory.
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:(?P<second>[0-9]{2})(?P<fraction>\.[0-9]+)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?",
    re.IGNORECASE | re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AtUri:
    """The address of a record."""

    authority: str
    collection: str
    rkey: str

    @property
    def did(self) -> str | None:
        """The DID that it begins with; None when that is a handle."""
        return self.authority if is_did(self.authority) else None

    def __str__(self) -> str:
        return f"at://{self.authority}/{self.collection}/{self.rkey}"


def is_did(text: object) -> bool:
    """Whether it is a DID, of whatever method."""
    return isinstance(text, str) and len(text) <= 2048 and _is_did(text)


@lru_cache(maxsize=4096)
def _is_did(text: str) -> bool:
    return _DID.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Whether it is a DNS name with at least two labels, as handles and ``did:web`` hosts are."""
    return len(text) <= 253 and _HOST.fullmatch(text) is not None


def at_uri(text: object) -> AtUri | None:
    """The parts of a record's address; None for anything else."""
    return _at_uri(text) if isinstance(text, str) and len(text) <= 8192 else None


@lru_cache(maxsize=4096)
def _at_uri(text: str) -> AtUri | None:
    """Remembered, since each answer in a thread names the same root, and several readers look at a page."""
    found = _AT_URI.fullmatch(text)
    return AtUri(found["authority"], found["collection"], found["rkey"]) if found else None


def owner(uri: object) -> str | None:
    """The DID in a record's address."""
    parts = at_uri(uri)
    return parts.did if parts is not None else None


def tid_time(rkey: str) -> datetime | None:
    """The moment that a TID encodes, in UTC; None when the record key is no TID.

    A client may choose any, so this orders a listing and proves nothing.
    """
    if _TID.fullmatch(rkey) is None:
        return None
    number = 0
    for character in rkey:
        number = number * 32 + _TID_DIGITS.index(character)
    return _EPOCH + timedelta(microseconds=number >> _TID_CLOCK_BITS)


def moment(text: object) -> datetime | None:
    """A datetime as UTC; None when it is none. Digits beyond microseconds are cut, a leap second is :59.

    Early clients left out the zone, which is an error; they meant UTC, and the AppView takes it so.
    """
    found = _DATETIME.fullmatch(text) if isinstance(text, str) and len(text) <= 64 else None
    if found is None or found["zone"] == "-00:00":
        return None
    fraction = (found["fraction"] or "")[:7]
    second = "59" if found["second"] == "60" else found["second"]
    written = f"{found.string[:17]}{second}{fraction}{(found['zone'] or 'Z').upper().replace('Z', '+00:00')}"
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
