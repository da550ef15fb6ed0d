"""The ways in which a server may spell a secret (records rule R19), and how to look for it in all of them."""

from __future__ import annotations

import base64
import html
import json
import random
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, unquote_to_bytes

Spell = Callable[[str], bytes]


def _each(template: str) -> Spell:
    return lambda word: "".join(template.format(ord(char)) for char in word).encode()


def _units(template: str) -> Spell:
    """Escapes of 16 bits, as JSON and JavaScript have them."""

    def spell(word: str) -> bytes:
        units = word.encode("utf-16-be").hex("-", 2).split("-")
        return "".join(template.format(int(unit, 16)) for unit in units).encode()

    return spell


SPELLINGS: dict[str, Spell] = {
    "plain": str.encode,
    "JSON": lambda word: json.dumps(word)[1:-1].encode(),
    "JSON with every character escaped": _units("\\u{:04x}"),
    "JSON with every character escaped in capitals": _units("\\u{:04X}"),
    "JSON with escaped slashes": lambda word: json.dumps(word)[1:-1].replace("/", "\\/").encode(),
    "JSON inside JSON": lambda word: json.dumps(json.dumps(_units("\\u{:04x}")(word).decode()))[1:-1].encode(),
    "a URL": lambda word: quote(word, safe="").encode(),
    "a URL in small letters": lambda word: re.sub("%..", lambda m: m[0].lower(), quote(word, safe="")).encode(),
    "a URL with every character escaped": lambda word: "".join(f"%{byte:02X}" for byte in word.encode()).encode(),
    "a URL with every character escaped in small letters": lambda word: "".join(
        f"%{b:02x}" for b in word.encode()
    ).encode(),
    "a URL inside a URL": lambda word: quote(quote(word, safe=""), safe="").encode(),
    "HTML": lambda word: html.escape(word).encode(),
    "HTML with numbers": _each("&#{};"),
    "HTML with hexadecimal numbers": _each("&#x{:x};"),
    "HTML with zeros and capitals": _each("&#X00{:X};"),
    "HTML inside HTML": lambda word: html.escape("".join(f"&#{ord(c)};" for c in word)).encode(),
    "JavaScript": lambda word: "".join(
        f"\\x{ord(c):02x}" if ord(c) < 0x100 else _units("\\u{:04x}")(c).decode() for c in word
    ).encode(),
    "Base64": lambda word: base64.b64encode(word.encode()),
    "Base64 at the second place": lambda word: base64.b64encode(b"u" + word.encode() + b"!"),
    "Base64 at the third place": lambda word: base64.b64encode(b"u:" + word.encode() + b"!!"),
    "Base64 for URLs": lambda word: base64.urlsafe_b64encode(b"user:" + word.encode()).rstrip(b"="),
    "Base64 in a URL": lambda word: quote(base64.b64encode(b"user:" + word.encode()), safe="").encode(),
    "hexadecimal": lambda word: word.encode().hex().encode(),
    "hexadecimal in capitals": lambda word: word.encode().hex().upper().encode(),
    "UTF-16, low byte first": lambda word: word.encode("utf-16-le"),
    "UTF-16, high byte first": lambda word: word.encode("utf-16-be"),
}


def mixed(word: str, rand: random.Random) -> bytes:
    """Each character in a spelling of its own."""
    ways = ["{c}", "\\u{n:04x}", "%{n:02X}", "&#{n};", "&#x{n:x};", "\\x{n:02x}", "%25{n:02x}"]
    return "".join(rand.choice(ways).format(c=char, n=ord(char)) for char in word).encode()


def leaks(data: bytes, canary: str) -> list[str]:
    """In which spellings a canary can still be read out of bytes; independent of the code under test."""
    return [name for name, view in _views(data) if any(form in view for form in _forms(canary))]


def leaks_of_any(data: bytes, canaries: Iterable[str]) -> list[str]:
    """The same for many canaries in a heap of bytes that is unpacked already: beginnings of those that are in it."""
    wanted = {canary: tuple(_forms(canary)) for canary in canaries}
    found: dict[str, None] = {}
    for name, view in _views(data.replace(b"\x1f\x8b\x08", b"")):
        found |= {f"{canary[:4]}… {name}": None for canary, forms in wanted.items() if any(f in view for f in forms)}
    return list(found)


def _forms(canary: str) -> Iterator[bytes]:
    raw = canary.encode()
    yield raw
    yield raw.hex().encode()
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw).rstrip(b"=")
        yield coded[before + (before > 0) : -1]


def _views(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "as it is", data
    yield "in lower case", data.lower()
    text = data.decode("utf-8", "replace")
    for depth in range(1, 4):
        text = html.unescape(text)
        text = unquote_to_bytes(text.encode("utf-8", "replace")).decode("utf-8", "replace")
        text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
        text = re.sub(r"\\+x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)
        text = re.sub(r"\\+([/\"\\])", r"\1", text)
        plain = text.encode("utf-8", "replace")
        yield f"after {depth} rounds of decoding", plain
        yield f"after {depth} rounds of decoding, URL alphabet", plain.translate(bytes.maketrans(b"-_", b"+/"))
    yield "as UTF-16", data.replace(b"\0", b"")
    for at in (match.start() for match in re.finditer(rb"\x1f\x8b\x08", data)):
        try:
            yield "inflated", zlib.decompressobj(31).decompress(data[at:])
        except zlib.error:
            continue
