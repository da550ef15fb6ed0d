"""Content identifiers as the AT Protocol uses them, from the bytes themselves.

CIDv1 in base32 (lower case, no padding): ``bafyrei…`` names a record by the SHA-256 of its DAG-CBOR,
``bafkrei…`` a blob by the SHA-256 of its bytes. Canonical encoding: shortest integers, map keys sorted by length
and then bytewise, links as tag 42 (https://ipld.io/specs/codecs/dag-cbor/spec/).
"""

from __future__ import annotations

import base64
import functools
import hashlib
import struct
from collections.abc import Mapping, Sequence

_DAG_CBOR = b"\x01\x71\x12\x20"
_RAW = b"\x01\x55\x12\x20"
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + two for one in _LETTERS for two in _LETTERS]

_UINT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG = (major << 5 for major in range(7))


def cid_of_record(value: object) -> str:
    """The CID of a record given as its JSON form (``$link`` and ``$bytes`` objects are links and bytes)."""
    return _name(_DAG_CBOR, encode(value))


def cid_of_bytes(data: bytes) -> str:
    """The CID of a blob."""
    return _name(_RAW, data)


def cid_of_block(data: bytes) -> str:
    """The CID of a record or node that is encoded already."""
    return _name(_DAG_CBOR, data)


def binary_cid(cid: str) -> bytes:
    """The 36 bytes that a CID's letters stand for."""
    return base64.b32decode(_padded(cid[1:].upper()))


def encode(value: object) -> bytes:
    """Canonical DAG-CBOR of a JSON form."""
    out = bytearray()
    _write(value, out)
    return bytes(out)


def _name(prefix: bytes, data: bytes) -> str:
    binary = prefix + hashlib.sha256(data).digest()
    # 36 bytes are 288 bits: 58 letters of 5 bits with two zero bits at the end, taken in pairs.
    number = int.from_bytes(binary, "big") << 2
    return "b" + "".join([_PAIRS[(number >> shift) & 1023] for shift in range(280, -1, -10)])


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major | number,))
    if number < 1 << 8:
        return bytes((major | 24, number))
    if number < 1 << 16:
        return struct.pack(">BH", major | 25, number)
    if number < 1 << 32:
        return struct.pack(">BI", major | 26, number)
    return struct.pack(">BQ", major | 27, number)


def _write(value: object, out: bytearray) -> None:
    if isinstance(value, str):
        # A lone surrogate has no place in CBOR text; a record that holds one gets a CID all the same.
        data = value.encode("utf-8", "surrogatepass")
        out += _head(_TEXT, len(data)) + data
    elif isinstance(value, Mapping):
        _write_map(value, out)
    elif value is None or isinstance(value, bool):
        out += {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    elif isinstance(value, int):
        out += _head(_UINT, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    elif isinstance(value, float):
        out += struct.pack(">Bd", 0xFB, value)
    elif isinstance(value, bytes):
        out += _head(_BYTES, len(value)) + value
    elif isinstance(value, Sequence):
        out += _head(_ARRAY, len(value))
        for element in value:
            _write(element, out)
    else:
        raise TypeError(f"{type(value).__name__} has no place in a record")


def _write_map(value: Mapping[str, object], out: bytearray) -> None:
    if len(value) == 1 and "$link" in value:
        binary = binary_cid(str(value["$link"]))
        out += _head(_TAG, 42) + _head(_BYTES, len(binary) + 1) + b"\x00" + binary
        return
    if len(value) == 1 and "$bytes" in value:
        data = base64.b64decode(_padded(str(value["$bytes"]), 4))
        out += _head(_BYTES, len(data)) + data
        return
    out += _head(_MAP, len(value))
    for key, encoded in _order(tuple(value)):
        out += encoded
        _write(value[key], out)


@functools.lru_cache(maxsize=1000)
def _order(keys: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """The keys of a map as they are to be written; the same few sets of them come again and again."""
    ordered = sorted(keys, key=lambda key: (len(key.encode()), key.encode()))
    return [(key, _head(_TEXT, len(key.encode())) + key.encode()) for key in ordered]


def _padded(text: str, to: int = 8) -> str:
    return text + "=" * (-len(text) % to)
