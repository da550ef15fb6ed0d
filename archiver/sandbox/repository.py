"""A Bluesky repository as it is signed: a Merkle search tree over its records, a commit, and CAR files of both.

https://atproto.com/specs/repository; the tree of the same records is the same, block by block.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.sandbox.cid import binary_cid, cid_of_block, encode
from archiver.sandbox.signing import sign


@dataclass(frozen=True, slots=True)
class Tree:
    """A Merkle search tree: the CID of its top node, and all nodes, as values and as blocks."""

    root: str
    nodes: Mapping[str, Mapping[str, Any]]
    blocks: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Commit:
    """A signed state of a repository. ``records`` are the values by path (``collection/rkey``)."""

    cid: str
    rev: str
    block: bytes
    tree: Tree
    records: Mapping[str, Mapping[str, Any]]

    def whole(self) -> bytes:
        """The CAR file of ``sync.getRepo``: the commit, all nodes, all records."""
        blocks = {self.cid: self.block, **self.tree.blocks}
        blocks |= _record_blocks(self.records.values())
        return car(self.cid, blocks)

    def proof(self, path: str) -> bytes:
        """The CAR file of ``sync.getRecord``: the commit and the nodes on the way to a key, which may not be there."""
        blocks = {self.cid: self.block, **way(self.tree, path)}
        if path in self.records:
            blocks |= _record_blocks([self.records[path]])
        return car(self.cid, blocks)


def commit(did: str, rev: str, records: Mapping[str, Mapping[str, Any]], cids: Mapping[str, str], key: int) -> Commit:
    """Sign the present state of a repository; ``cids`` are those of the records, by path."""
    tree = grow(cids)
    state = {"did": did, "version": 3, "data": {"$link": tree.root}, "rev": rev, "prev": None}
    block = encode(state | {"sig": sign(key, encode(state))})
    return Commit(cid_of_block(block), rev, block, tree, records)


def grow(cids: Mapping[str, str]) -> Tree:
    """The tree of these paths and the CIDs of their records."""
    entries = [(path, cid, _level(path)) for path, cid in sorted(cids.items(), key=lambda entry: entry[0].encode())]
    nodes: dict[str, dict[str, Any]] = {}
    blocks: dict[str, bytes] = {}
    top = max((level for _, _, level in entries), default=0)
    return Tree(_node(entries, top, nodes, blocks), nodes, blocks)


def way(tree: Tree, path: str) -> dict[str, bytes]:
    """The nodes from the top to where a path is, or would be."""
    blocks: dict[str, bytes] = {}
    cid: str | None = tree.root
    while cid is not None:
        blocks[cid] = tree.blocks[cid]
        node = tree.nodes[cid]
        below, key = node["l"], b""
        for entry in node["e"]:
            key = key[: entry["p"]] + entry["k"]
            if key == path.encode():
                return blocks
            if key > path.encode():
                break
            below = entry["t"]
        cid = below["$link"] if below else None
    return blocks


def car(root: str, blocks: Mapping[str, bytes]) -> bytes:
    """A CAR file, version 1, with one root (https://ipld.io/specs/transport/car/carv1/)."""
    head = encode({"version": 1, "roots": [{"$link": root}]})
    out = bytearray(_varint(len(head)) + head)
    for cid, block in blocks.items():
        name = binary_cid(cid)
        out += _varint(len(name) + len(block)) + name + block
    return bytes(out)


def _record_blocks(values: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    return {cid_of_block(block): block for block in map(encode, values)}


def _level(path: str) -> int:
    """Leading zero bits of the path's SHA-256, in pairs."""
    digest = hashlib.sha256(path.encode()).digest()
    number = int.from_bytes(digest, "big")
    return (256 - number.bit_length()) // 2


def _node(
    entries: Sequence[tuple[str, str, int]], level: int, nodes: dict[str, dict[str, Any]], blocks: dict[str, bytes]
) -> str:
    """A node of one level: its own entries, and a subtree before, between and after them."""
    own: list[dict[str, Any]] = []
    left: dict[str, str] | None = None
    before = b""
    waiting: list[tuple[str, str, int]] = []

    def subtree() -> dict[str, str] | None:
        return {"$link": _node(waiting, level - 1, nodes, blocks)} if waiting else None

    for path, cid, depth in entries:
        if depth < level:
            waiting.append((path, cid, depth))
            continue
        if own:
            own[-1]["t"] = subtree()
        else:
            left = subtree()
        waiting = []
        key = path.encode()
        shared = _shared(before, key)
        own.append({"p": shared, "k": key[shared:], "v": {"$link": cid}, "t": None})
        before = key
    if own:
        own[-1]["t"] = subtree()
    else:
        left = subtree()
    node = {"l": left, "e": own}
    block = encode(node)
    name = cid_of_block(block)
    nodes[name], blocks[name] = node, block
    return name


def _shared(one: bytes, other: bytes) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
