"""Repositories as CAR files, made by hand: a commit, a Merkle search tree, the record on the way (atproto.com/specs/repository).

The tree's shape is the test's choice, not the one that the keys' hashes would give; a reader must not care.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any


class Cid(bytes):
    """A CID as its 36 bytes."""


def cbor(value: Any) -> bytes:  # noqa: PLR0911 - a table
    """DAG-CBOR: map keys by length, then bytewise; links are tag 42."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, Cid):
        return b"\xd8\x2a" + _head(2, 37) + b"\0" + value
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
    return _head(5, len(value)) + b"".join(cbor(name) + cbor(value[name]) for name in names)


def block(value: Any) -> tuple[Cid, bytes]:
    """A block with its CID."""
    data = cbor(value)
    return Cid(b"\x01\x71\x12\x20" + hashlib.sha256(data).digest()), data


def node(entries: Sequence[tuple[str, Cid, Cid | None]], left: Cid | None = None) -> dict[str, Any]:
    """A node of the tree: (key, record, subtree after it) in the order of the keys, prefixes shared."""
    packed, before = [], b""
    for key, record, subtree in entries:
        raw = key.encode()
        shared = next(
            (n for n, (a, b) in enumerate(zip(raw, before, strict=False)) if a != b), min(len(raw), len(before))
        )
        packed.append({"p": shared, "k": raw[shared:], "v": record, "t": subtree})
        before = raw
    return {"l": left, "e": packed}


def car(root: Cid, blocks: Sequence[tuple[Cid, bytes]]) -> bytes:
    """A CAR v1 file."""
    header = cbor({"version": 1, "roots": [root]})
    return _varint(len(header)) + header + b"".join(_varint(len(c) + len(data)) + c + data for c, data in blocks)


def repository(did: str, keys: Sequence[str], *, rev: str = "3n2vxxuore22x") -> bytes:
    """A repository of one node that holds these keys."""
    record = block({"$type": "app.bsky.feed.post", "text": "x"})
    tree = block(node([(key, record[0], None) for key in sorted(keys)]))
    commit = block({"did": did, "version": 3, "data": tree[0], "rev": rev, "prev": None, "sig": b"\0" * 64})
    return car(commit[0], [commit, tree, record])


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for low, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | low]) + number.to_bytes(size, "big")
    raise OverflowError(number)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
