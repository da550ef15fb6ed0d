"""Whether a repository holds a record, from the proof that ``com.atproto.sync.getRecord`` gives.

The answer is a CAR file: the signed commit and the nodes of the Merkle search tree on the way to the record's key
(https://atproto.com/specs/repository). If the tree has no such key, the account itself took the record out, since only
its key can sign the commit; if it has, a server merely does not show it (a takedown). Block hashes are checked here;
the signature is not, as the exchange keeps all that is needed to check it at any time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from archiver.errors import ShapeChanged

_CID_PREFIX = b"\x01\x71\x12\x20"  # CIDv1, dag-cbor, sha2-256, 32 bytes
_CID_SIZE = 36
_DEEPEST = 64
_LINK_TAG = 42  # https://ipld.io/specs/codecs/dag-cbor/spec/#links


@dataclass(frozen=True, slots=True)
class Link:
    """A CID inside a block, as its 36 bytes."""

    cid: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof shows: the repository's state (``rev``) and whether the record is in it."""

    did: str
    rev: str
    present: bool


def read_proof(car: bytes, path: str) -> Proof:
    """Walk to ``collection/rkey`` in a proof; raises ShapeChanged when it is incomplete or not what it says."""
    try:
        root, blocks = _blocks(car)
        commit = _node(blocks, root)
        did, rev, tree = commit.get("did"), commit.get("rev"), commit.get("data")
        if isinstance(did, str) and isinstance(rev, str) and isinstance(tree, Link):
            return Proof(did, rev, _holds(blocks, tree.cid, path.encode()))
    except (ValueError, IndexError, TypeError, RecursionError, OverflowError) as error:
        raise ShapeChanged(f"The proof for {path} can't be read: {error}") from error
    raise ShapeChanged(f"The proof for {path} has no commit.")


def _holds(blocks: dict[bytes, bytes], tree: bytes, path: bytes) -> bool:
    """Descend into the subtree whose range the key falls in. Keys are compared as bytes; entries share prefixes."""
    for _ in range(_DEEPEST):
        node = _node(blocks, tree)
        below, key = node.get("l"), b""
        for entry in _entries(node):
            shared, suffix = entry.get("p"), entry.get("k")
            if not isinstance(shared, int) or not isinstance(suffix, bytes) or not 0 <= shared <= len(key):
                raise ValueError("an entry of the tree is malformed")
            key = key[:shared] + suffix
            if key == path:
                return True
            if key > path:
                break
            below = entry.get("t")
        if not isinstance(below, Link):
            return False
        tree = below.cid
    raise ValueError("the tree is too deep")


def _entries(node: dict[str, Any]) -> list[dict[str, Any]]:
    entries = node.get("e")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("a node of the tree is malformed")
    return entries


def _node(blocks: dict[bytes, bytes], cid: bytes) -> dict[str, Any]:
    if cid not in blocks:
        raise ValueError("a block is missing")
    node, _ = _item(blocks[cid], 0)
    if not isinstance(node, dict):
        raise TypeError("a block is no map")
    return node


def _blocks(car: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """CAR v1 (https://ipld.io/specs/transport/car/carv1/): the root's CID and the dag-cbor blocks, hashes checked."""
    size, at = _varint(car, 0)
    header, _ = _item(car[at : at + size], 0)
    roots = header.get("roots") if isinstance(header, dict) else None
    if not isinstance(roots, list) or not roots or not isinstance(roots[0], Link):
        raise ValueError("no root")
    blocks: dict[bytes, bytes] = {}
    at += size
    while at < len(car):
        size, at = _varint(car, at)
        section = car[at : at + size]
        at += size
        if len(section) != size or size < _CID_SIZE:
            raise ValueError("a block is cut")
        cid, data = section[:_CID_SIZE], section[_CID_SIZE:]
        if not cid.startswith(_CID_PREFIX):
            continue
        if hashlib.sha256(data).digest() != cid[len(_CID_PREFIX) :]:
            raise ValueError("a block is not what its name says")
        blocks[cid] = data
    return roots[0].cid, blocks


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
        if shift > 63:
            raise ValueError("a length is too long")


def _item(data: bytes, at: int) -> tuple[Any, int]:
    """One CBOR item (RFC 8949) of the kinds that DAG-CBOR allows."""
    major, low = data[at] >> 5, data[at] & 0x1F
    at += 1
    if major == 7:
        return _simple(data, at, low)
    number, at = _number(data, at, low)
    if major in {0, 1}:
        return (number if major == 0 else -1 - number), at
    if major in {2, 3}:
        chunk = data[at : at + number]
        if len(chunk) != number:
            raise ValueError("a string is cut")
        return (chunk if major == 2 else chunk.decode()), at + number
    if major == 4:
        return _array(data, at, number)
    if major == 5:
        return _map(data, at, number)
    inner, at = _item(data, at)
    if number != _LINK_TAG or not isinstance(inner, bytes) or len(inner) != _CID_SIZE + 1:
        raise ValueError("an unknown tag")
    return Link(inner[1:]), at


def _simple(data: bytes, at: int, low: int) -> tuple[Any, int]:
    if low in {20, 21}:
        return low == 21, at
    if low == 22:
        return None, at
    if low == 27:
        return data[at : at + 8], at + 8  # a float: nothing that we look at
    raise ValueError("an unknown simple value")


def _number(data: bytes, at: int, low: int) -> tuple[int, int]:
    if low < 24:
        return low, at
    if low > 27:
        raise ValueError("an indefinite length")
    size = 1 << (low - 24)
    if at + size > len(data):
        raise ValueError("a number is cut")
    return int.from_bytes(data[at : at + size], "big"), at + size


def _array(data: bytes, at: int, count: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(count):
        one, at = _item(data, at)
        items.append(one)
    return items, at


def _map(data: bytes, at: int, count: int) -> tuple[dict[str, Any], int]:
    members: dict[str, Any] = {}
    for _ in range(count):
        name, at = _item(data, at)
        value, at = _item(data, at)
        if not isinstance(name, str):
            raise TypeError("a map's key is no string")
        members[name] = value
    return members, at
