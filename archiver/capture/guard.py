"""The network guard: text and links come from strangers, and must not lead into the city's own network.

It judges addresses, not names: a name is resolved once, every address of it is judged, and one of those very
addresses is connected to, so a second answer of the name server (rebinding) changes nothing. The tables follow
IANA's registries of special-purpose addresses (RFC 6890 and its updates), written out because Python's own idea
of them differs from one patch version to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

IPNetwork = IPv4Network | IPv6Network
_DEFAULT_PORTS = {"http": 80, "https": 443}

_NOT_PUBLIC_4 = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by carriers (CGNAT)",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a cloud's metadata",
    "169.254.0.0/16": "link-local or a cloud's metadata",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved for protocols",
    "192.0.2.0/24": "for documentation",
    "192.88.99.0/24": "a former 6to4 relay",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "for benchmarks",
    "198.51.100.0/24": "for documentation",
    "203.0.113.0/24": "for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
_NOT_PUBLIC_6 = {
    "2001::/23": "reserved for protocols (Teredo, ORCHID)",
    "2001:db8::/32": "for documentation",
    "3fff::/20": "for documentation",
}
_INSIDE_IS_4 = {"::ffff:0:0/96": 0, "::/96": 0, "64:ff9b::/96": 0, "2002::/16": 80}
"""IPv6 networks that stand for an IPv4 address, with the place of its last bit: mapped, compatible, NAT64, 6to4."""

_TABLE_4 = [(IPv4Network(network), why) for network, why in _NOT_PUBLIC_4.items()]
_TABLE_6 = [(IPv6Network(network), why) for network, why in _NOT_PUBLIC_6.items()]
_TABLE_4_IN_6 = [(IPv6Network(network), shift) for network, shift in _INSIDE_IS_4.items()]
_UNICAST_6 = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host (lower case, ASCII) and port: what the web calls an origin (RFC 6454)."""

    scheme: str
    host: str
    port: int

    @classmethod
    @lru_cache(maxsize=64)  # each address is judged more than once, and to parse one takes a part of a millisecond
    def of(cls, url: str) -> Origin:
        """A URL's origin, read by the same parser that connecting uses.

        Raises ValueError, with the reason in a few words, for an address that may not be asked whatever it leads to.
        """
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ValueError(f"not an address: {error}") from error
        if parsed.scheme not in _DEFAULT_PORTS:
            raise ValueError("only http and https addresses are asked")
        if not parsed.host or parsed.port == 0:
            raise ValueError("an address without a host or port")
        if parsed.userinfo or "@" in parsed.netloc.decode("ascii", "replace"):
            raise ValueError("a user name or password in the address")
        return cls(parsed.scheme, parsed.raw_host.decode("ascii"), parsed.port or _DEFAULT_PORTS[parsed.scheme])


class Guard:
    """Which addresses may be connected to: public ones, and those in the networks that the operator allowed."""

    def __init__(self, allow: Sequence[IPNetwork] = ()) -> None:
        self._allow = tuple(allow)

    def why_not(self, address: str) -> str | None:
        """Why an IP address may not be connected to, in a few words; None when it may."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return "not an IP address"
        return self._why_not(parsed)

    def _why_not(self, address: IPv4Address | IPv6Address) -> str | None:
        if any(address.version == network.version and address in network for network in self._allow):
            return None
        if isinstance(address, IPv4Address):
            return next((why for network, why in _TABLE_4 if address in network), None)
        if address.scope_id is not None:
            return "link-local"
        for network, shift in _TABLE_4_IN_6:
            if address in network:
                inner = IPv4Address(int(address) >> shift & 0xFFFFFFFF)
                why = self._why_not(inner)
                return None if why is None else f"{why}, as {inner} inside IPv6"
        if address not in _UNICAST_6:
            return "not a global unicast address"
        return next((why for network, why in _TABLE_6 if address in network), None)
