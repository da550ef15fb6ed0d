"""Reading proofs: present, absent, cut, tampered."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import ShapeChanged
from archiver.platforms.bluesky.proof import read_proof
from tests.platforms.bluesky.recorded import SERVERS, SHARED, needs_recordings, recordings
from tests.platforms.bluesky.repository import Cid, block, car, node, repository

DID = "did:plc:city"
KEYS = [f"app.bsky.feed.post/3n2vxx{letter}{digit}om22x" for letter in "abcdefgh" for digit in "234567"]


@pytest.mark.parametrize("key", [KEYS[0], KEYS[17], KEYS[-1]])
def test_a_record_in_the_repository_is_found(key: str) -> None:
    """At the beginning, in the middle and at the end of the tree, whose keys share prefixes."""
    proof = read_proof(repository(DID, KEYS), key)
    assert (proof.did, proof.rev, proof.present) == (DID, "3n2vxxuore22x", True)


@pytest.mark.parametrize(
    "key", ["app.bsky.actor.profile/self", KEYS[17] + "a", KEYS[17][:-1], "app.bsky.feed.repost/3n2vxxaaom22x"]
)
def test_a_record_that_is_not_there_is_proven_absent(key: str) -> None:
    """Before, between and after the keys that are there, and where one is the beginning of another."""
    assert not read_proof(repository(DID, KEYS), key).present


def test_the_walk_goes_down_to_the_right_subtree() -> None:
    """Left of all entries, between two of them, and after the last one."""
    record = block({"text": "x"})
    low, middle, high = (block(node([(key, record[0], None)])) for key in ("a/1", "c/1", "e/1"))
    top = block(node([("b/1", record[0], middle[0]), ("d/1", record[0], high[0])], left=low[0]))
    commit = block({"did": DID, "version": 3, "data": top[0], "rev": "3n2vxxuore22x", "prev": None, "sig": b""})
    whole = car(commit[0], [commit, high, top, low, middle])
    found = {key: read_proof(whole, key).present for key in ("a/1", "b/1", "c/1", "d/1", "e/1", "a/0", "c/2", "f/1")}
    assert found == dict.fromkeys(["a/1", "b/1", "c/1", "d/1", "e/1"], True) | dict.fromkeys(
        ["a/0", "c/2", "f/1"], False
    )
    needed_only = car(commit[0], [commit, top, middle])
    assert read_proof(needed_only, "c/1").present
    with pytest.raises(ShapeChanged, match="missing"):
        read_proof(needed_only, "e/1")


def test_a_tree_that_leads_in_circles_ends() -> None:
    """No honest hash can do that; a file that claims it is refused."""
    record = block({"text": "x"})
    tree = block(node([("b/1", record[0], None)], left=Cid(b"\x01\x71\x12\x20" + b"\7" * 32)))
    commit = block({"did": DID, "version": 3, "data": tree[0], "rev": "3", "prev": None, "sig": b""})
    with pytest.raises(ShapeChanged):
        read_proof(car(commit[0], [commit, tree]), "a/1")


@given(st.data())
def test_a_flipped_bit_is_noticed_or_changes_nothing(data: st.DataObject) -> None:
    """Every block is held against its name, so no bit can turn presence into absence."""
    whole = bytearray(repository(DID, KEYS))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        proof = read_proof(bytes(whole), KEYS[3])
    except ShapeChanged:
        return
    assert proof == read_proof(repository(DID, KEYS), KEYS[3])


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_one_way(body: bytes) -> None:
    """ShapeChanged, whatever came instead of a proof."""
    with pytest.raises(ShapeChanged):
        read_proof(body, KEYS[0])


@needs_recordings
@pytest.mark.parametrize("folder", SERVERS)
def test_recorded_proofs_say_what_a_full_verifier_found(folder: str) -> None:
    """Presence and absence in proofs that real servers gave."""
    whole = SHARED / "devenv" / folder / "car-verification-expected.json"
    expected = json.loads(whole.read_text()) if whole.exists() else {}
    proofs = [one for one in recordings(folder) if one.call == "com.atproto.sync.getRecord"]
    assert proofs
    for one in proofs:
        path = f"{one.param('collection')}/{one.param('rkey')}"
        proof = read_proof(one.body, path)
        assert proof.did == one.param("did")
        assert proof.present is ("absence" not in one.name), one.name
    assert "absence" in json.dumps(expected) or folder.endswith("extra")


@needs_recordings
def test_a_whole_repository_is_walked_like_a_proof() -> None:
    """Each listed post is found in the export of the repository, a made-up one is not."""
    folder = "v0.6.7-node22"
    export = next(one for one in recordings(folder) if one.name == "095-sync-getRepo")
    posts = next(one for one in recordings(folder) if one.name == "082-listRecords-posts").answer["records"]
    paths = [post["uri"].split("/", 3)[3] for post in posts]
    random.Random(1).shuffle(paths)
    assert [read_proof(export.body, path).present for path in paths] == [True] * len(paths)
    assert not read_proof(export.body, "app.bsky.feed.post/3n2vxxaaaaa2x").present
