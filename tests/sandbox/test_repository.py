"""Signed repositories: the tree, the commit and the proofs, against real ones and the platform's own reader."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.platforms.bluesky.proof import read_proof
from archiver.sandbox import SandboxCity, signing
from archiver.sandbox.bluesky_records import cid_of
from archiver.sandbox.cid import cid_of_block, cid_of_record, encode
from archiver.sandbox.repository import car, commit, grow
from tests.sandbox.conftest import Caller
from tests.sandbox.recorded import BLUESKY, bluesky, needs_recordings

KEY = signing.secret_key("test")


def blocks_of(data: bytes) -> dict[str, bytes]:
    """The blocks of a CAR file by CID, each checked against its name."""

    def varint(place: int) -> tuple[int, int]:
        number = shift = 0
        while True:
            byte = data[place]
            place += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number, place

    length, place = varint(0)
    place += length
    found = {}
    while place < len(data):
        length, place = varint(place)
        block = data[place + 36 : place + length]
        assert data[place + 4 : place + 36] == hashlib.sha256(block).digest()
        found[cid_of_block(block)] = block
        place += length
    return found


@needs_recordings
@pytest.mark.parametrize("release", ["v0.3.215-node20", "v0.6.7-node22"])
def test_the_tree_of_real_records_is_the_real_tree(release: str) -> None:
    """From the listed records of a real repository grow the same nodes as in its own export."""
    names = ("posts", "profile", "repost", "threadgate", "postgate", "follow")
    records = [record for name in names for record in bluesky(release, f"listRecords-{name}")["records"]]
    tree = grow({record["uri"].split("/", 3)[3]: record["cid"] for record in records})
    (exported,) = (BLUESKY / release).glob("*-sync-getRepo.car")
    real = blocks_of(exported.read_bytes())
    assert tree.blocks.keys() <= real.keys()
    assert len(real) == len(tree.blocks) + len({record["cid"] for record in records}) + 1


@given(st.sets(st.text("abcdef", min_size=1, max_size=6), max_size=60), st.text("abcdef", min_size=1, max_size=6))
def test_proofs_tell_what_is_there(keys: set[str], other: str) -> None:
    """The platform's own reader finds each record, and finds that others are not there."""
    records = {f"app.bsky.feed.post/{key}": {"text": key} for key in keys}
    cids = {path: cid_of_record(value) for path, value in records.items()}
    state = commit("did:plc:x", "3n2vxxplom22x", records, cids, KEY)
    for key in {*list(keys)[:5], other}:
        path = f"app.bsky.feed.post/{key}"
        proof = read_proof(state.proof(path), path)
        assert (proof.did, proof.rev, proof.present) == ("did:plc:x", "3n2vxxplom22x", key in keys)


def test_commits_are_signed() -> None:
    """By the key in the DID document, over the commit without its signature; another key's does not fit."""
    state = {"did": "did:plc:x", "version": 3, "data": {"$link": grow({}).root}, "rev": "3n2vxxplom22x", "prev": None}
    signature = signing.sign(KEY, encode(state))
    assert len(signature) == 64
    assert signing.verify(signing.compressed(KEY), encode(state), signature)
    assert not signing.verify(signing.compressed(KEY), encode(state | {"rev": "3n2vxxplom22y"}), signature)
    assert not signing.verify(signing.compressed(signing.secret_key("other")), encode(state), signature)
    made = commit("did:plc:x", "3n2vxxplom22x", {}, {}, KEY)
    assert made.block == encode(state | {"sig": signature})


def test_public_keys_have_the_documented_form() -> None:
    """The curve's generator has this name as a did:key (https://www.w3.org/TR/did-core, multikey)."""
    assert signing.compressed(1).hex() == "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    assert signing.multikey(1).startswith("zQ3sh")
    assert len(signing.multikey(KEY)) == 49


def test_a_car_file_has_one_root() -> None:
    """Header, then each block behind its length and CID."""
    block = encode({"a": 1})
    assert blocks_of(car(cid_of_block(block), {cid_of_block(block): block})) == {cid_of_block(block): block}


def test_served_proofs(city: SandboxCity, call: Caller) -> None:
    """A record that its author removed is not in the tree; one that a server took down is."""
    post, taken, removed = (city.world.post("hall-bluesky", text) for text in ("stays", "taken", "removed"))
    city.world.take_down(taken)
    city.world.delete(removed)
    for one, present in ((post, True), (taken, True), (removed, False)):
        rkey = one.id.rsplit("/", 1)[1]
        where = {"did": one.author.id, "collection": "app.bsky.feed.post", "rkey": rkey}
        answer = call.xrpc("com.atproto.sync.getRecord", **where)
        assert answer.headers["content-type"] == "application/vnd.ipld.car"
        assert read_proof(answer.body, f"app.bsky.feed.post/{rkey}").present is present
    whole = blocks_of(call.xrpc("com.atproto.sync.getRepo", did=post.author.id).body)
    head = call.xrpc("com.atproto.sync.getLatestCommit", did=post.author.id).json
    assert {head["cid"], cid_of(post)} <= whole.keys()
