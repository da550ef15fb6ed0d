"""Where to ask, and what an address asked for.

With a ``base_url`` one server answers everything. Without one the public AppView answers ``app.bsky.*``, the account's
own PDS its repository, and the PLC directory says which PDS that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from archiver.domain.account import Account
from archiver.domain.keys import Key, make_key, native_id_of
from archiver.platforms.bluesky.syntax import is_host

APPVIEW = "https://public.api.bsky.app"
PLC = "https://plc.directory"
ENTRYWAY = "https://bsky.social"
CDN = "https://cdn.bsky.app"
VIDEO = "https://video.bsky.app"
WEB = "https://bsky.app"

Params = Iterable[tuple[str, str | int]]


@dataclass(frozen=True, slots=True)
class Call:
    """What an address asked for: an XRPC method, or a DID document (method ``did``) or its log (``did-log``)."""

    method: str
    host: str
    params: Mapping[str, list[str]]

    def one(self, name: str) -> str:
        """The first value of a parameter, ``""`` when it was not given."""
        return next(iter(self.params.get(name, ())), "")


def call_of(url: str) -> Call:
    """Read an address back; the method is ``""`` for one that is not ours."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].lower()
        params = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        return Call("", "", {})
    path = parts.path
    if "/xrpc/" in path:
        return Call(path.rpartition("/xrpc/")[2], host, params)
    if path.endswith("/.well-known/did.json"):
        return Call("did", host, {"did": ["did:web:" + host.replace(":", "%3A")]})
    at = path.find("/did:plc:")
    if at >= 0:
        did, _, rest = path[at + 1 :].partition("/")
        return Call("did-log" if rest else "did", host, {"did": [did]})
    return Call("", host, params)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The servers of one account, and the keys of what they hold."""

    platform: str
    base_url: str | None
    key_space: str = ""

    @classmethod
    def of(cls, account: Account) -> Addresses:
        """The addresses for an account."""
        base_url = account.base_url.rstrip("/") if account.base_url else None
        return cls(account.platform, base_url, account.key_space)

    @property
    def appview(self) -> str:
        """Who answers ``app.bsky.*`` without a login."""
        return self.base_url or APPVIEW

    def document(self, did: str) -> str | None:
        """Where a DID's document is; None for a DID of a method without a known place."""
        method, _, name = did.removeprefix("did:").partition(":")
        if method == "plc":
            return f"{PLC}/{quote(did, safe=':')}"
        if method == "web" and is_host(name):
            return f"https://{name}/.well-known/did.json"
        return None

    def image(self, did: str, cid: str, preset: str = "feed_fullsize") -> str:
        """Where a picture can be seen. The CDN's copy is encoded anew; the evidence is the blob."""
        if self.base_url is not None:
            return blob_url(self.base_url, did, cid)
        return f"{CDN}/img/{preset}/plain/{did}/{cid}@jpeg"

    def video(self, did: str, cid: str) -> str:
        """Where a video can be seen."""
        if self.base_url is not None:
            return blob_url(self.base_url, did, cid)
        return f"{VIDEO}/watch/{quote(did, safe='')}/{cid}/playlist.m3u8"

    def file(self, did: str, cid: str) -> str:
        """Where any other blob is; the entryway leads to the right server."""
        return blob_url(self.base_url or ENTRYWAY, did, cid)

    def key(self, uri: str) -> Key:
        """The key of a record."""
        return make_key(self.platform, uri, self.key_space)

    def uri(self, key: str) -> str:
        """The at-URI in a key."""
        return native_id_of(Key(key)).removeprefix(self.key_space)


def xrpc(server: str, method: str, params: Params = ()) -> str:
    """The address of an XRPC call; arrays repeat their name."""
    query = urlencode([(name, str(value)) for name, value in params])
    return f"{server}/xrpc/{method}" + (f"?{query}" if query else "")


def blob_url(server: str, did: str, cid: str) -> str:
    """The address of a blob's original bytes."""
    return xrpc(server, "com.atproto.sync.getBlob", [("did", did), ("cid", cid)])


def permalink(did: str, rkey: str) -> str:
    """A post's page; with the DID it outlives a change of handle."""
    return f"{WEB}/profile/{did}/post/{rkey}"


def profile_link(did: str) -> str:
    """An account's page."""
    return f"{WEB}/profile/{did}"


def server_of(endpoint: object) -> str | None:
    """A PDS address out of a DID document, which strangers write: https, a DNS name, nothing else; else None."""
    if not isinstance(endpoint, str):
        return None
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
    if parts.scheme != "https" or not plain or not is_host(host):
        return None
    return f"https://{host}" + (f":{port}" if port not in {None, 443} else "")
