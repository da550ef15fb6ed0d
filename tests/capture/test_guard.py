"""Which addresses may be connected to (design, section 7)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.guard import Guard, Origin

PUBLIC = [
    "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
    "169.253.0.1", "169.255.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255", "192.169.0.1",
    "198.17.255.255", "198.20.0.1", "223.255.255.255", "168.63.129.15",
    "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::1", "2620:fe::fe",
    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
]  # fmt: skip
NOT_PUBLIC = {
    "0.0.0.0": "this network", "0.1.2.3": "this network", "10.0.0.1": "private", "10.255.255.255": "private",
    "100.64.0.1": "carriers", "100.100.100.200": "carriers", "100.127.255.255": "carriers",
    "127.0.0.1": "loopback", "127.255.255.254": "loopback", "168.63.129.16": "metadata",
    "169.254.0.1": "link-local", "169.254.169.254": "metadata", "172.16.0.1": "private", "172.31.255.255": "private",
    "192.0.0.192": "protocols", "192.0.2.1": "documentation", "192.88.99.1": "6to4", "192.168.1.1": "private",
    "198.18.0.1": "benchmarks", "198.19.255.255": "benchmarks", "198.51.100.1": "documentation",
    "203.0.113.1": "documentation", "224.0.0.1": "multicast", "239.255.255.250": "multicast", "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "this network", "::1": "this network", "::127.0.0.1": "loopback", "::ffff:127.0.0.1": "loopback",
    "::ffff:10.0.0.1": "private", "::ffff:169.254.169.254": "metadata", "::ffff:a00:1": "private",
    "::ffff:0:127.0.0.1": "global unicast",
    "64:ff9b::127.0.0.1": "loopback", "64:ff9b::a9fe:a9fe": "metadata", "64:ff9b:1::8.8.8.8": "global unicast",
    "2002:7f00:1::1": "loopback", "2002:a00:1::": "private", "2001::1": "Teredo",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo", "2001:20::1": "ORCHID", "2001:db8::1": "documentation",
    "3fff::1": "documentation", "fc00::1": "global unicast", "fd00:ec2::254": "global unicast", "fd20:ce::254": "global",
    "fe80::1": "global unicast", "fe80::1%eth0": "link-local", "fec0::1": "global unicast", "ff02::1": "global unicast",
    "100::1": "global unicast", "5f00::1": "global unicast", "4000::1": "global unicast",
    "localhost": "not an IP", "": "not an IP", "127.1": "not an IP", "0x7f000001": "not an IP",
}  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    """Public addresses may be connected to, those next to a reserved network too."""
    assert Guard().why_not(address) is None


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_not_public(address: str) -> None:
    """No other address may, however it is dressed up; the reason says what it is."""
    assert NOT_PUBLIC[address] in str(Guard().why_not(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_ipv6_is_judged_as_itself(address: IPv4Address) -> None:
    """Mapped, compatible, NAT64 and 6to4 forms of an address are as public as the address."""
    plain = Guard().why_not(str(address)) is None
    number = int(address)
    forms = [0xFFFF << 32 | number, number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80 | 1]
    assert {Guard().why_not(str(IPv6Address(form))) is None for form in forms} == {plain}


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_outside_the_public_range(address: IPv6Address) -> None:
    """What Python's tables call private, local or multicast is never public for us."""
    if Guard().why_not(str(address)) is None:
        assert not (address.is_multicast)
        assert not (address.is_loopback)
        assert not (address.is_link_local)
        assert not (address.is_unspecified)
        assert not address.is_site_local


def test_allowed_networks() -> None:
    """The operator's networks may be connected to, also where an address of them is written in IPv6."""
    guard = Guard((ip_network("10.1.2.0/24"), ip_network("fd00:1::/64"), ip_network("127.0.0.0/8")))
    for address in ("10.1.2.3", "fd00:1::5", "127.0.0.1", "::ffff:10.1.2.3"):
        assert guard.why_not(address) is None
    for address in ("10.1.3.1", "fd00:2::5", "::1", "192.168.0.1"):
        assert guard.why_not(address) is not None


ORIGINS = {
    "https://Social.Example.GOV/path?x#y": Origin("https", "social.example.gov", 443),
    "http://127.0.0.1:8080": Origin("http", "127.0.0.1", 8080),
    "HTTP://[::1]:80/": Origin("http", "::1", 80),
    "https://bücher.example/": Origin("https", "xn--bcher-kva.example", 443),
}


@pytest.mark.parametrize("url", ORIGINS)
def test_origins(url: str) -> None:
    """An origin is scheme, host and port, written in one way."""
    assert Origin.of(url) == ORIGINS[url]
