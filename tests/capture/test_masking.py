"""Finding and masking secrets, however they are spelled (records rules R19, R62)."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.capture.masking import SHORTEST_SECRET, Masker, fill
from tests.capture.spellings import SPELLINGS, leaks, mixed

CANARIES = {
    "an app password": "abcd-efgh-ijkl-mnop",
    "a JWT": "eyJhbGciOiJFUzI1NksifQ.eyJzY29wZSI6ImNvbS5hdHByb3RvIn0.c2lnbmF0dXJlLV9f",
    "with all that gets escaped": "p\"a/s\\s&w<o>r'd +=%:?#~",
    "of other scripts": "Straße-пароль-密码-🔑!",
}


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_masked(canary: str, spelling: str) -> None:
    """A secret is masked in each spelling, at the same length, and nothing beside it changes."""
    word = CANARIES[canary]
    spelled = SPELLINGS[spelling](word)
    body = bytearray(b'{"a": "http://x/?q=' + spelled + b'&b", "c": 1}')
    masker = Masker([word])
    assert masker.mask(body) == 1
    assert len(body) == len(b'{"a": "http://x/?q=' + spelled + b'&b", "c": 1}')
    assert body.startswith(b'{"a": "http://x/?q=')
    assert body.endswith(b'&b", "c": 1}')
    assert leaks(bytes(body), word) == []
    assert b"REMOVED" in body


def test_a_lone_spelling_is_noticed_by_the_test_itself() -> None:
    """The independent search of these tests finds an unmasked canary in all spellings."""
    word = CANARIES["an app password"]
    blind = [name for name, spell in SPELLINGS.items() if not leaks(b"x " + spell(word) + b" y", word)]
    assert blind == []


unambiguous = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="%&\\")


@given(st.text(unambiguous, min_size=SHORTEST_SECRET, max_size=60), st.integers())
def test_mixed_spellings(word: str, seed: int) -> None:
    """A secret whose characters are each spelled in another way is found as well.

    Not one that itself holds what begins an escape: what was meant by ``%30`` can't be told then.
    """
    spelled = mixed(word, random.Random(seed))
    body = bytearray(b"<<" + spelled + b">>")
    assert Masker([word]).mask(body) >= 1
    assert bytes(body[2:-2]) == fill(len(spelled)) or leaks(bytes(body), word) == []


@given(st.binary(max_size=2000))
def test_honest_bytes_stay(data: bytes) -> None:
    """Bytes without a secret are not touched."""
    body = bytearray(data)
    assert Masker(["a-secret-that-is-not-there"]).mask(body) == 0
    assert body == data


@given(st.lists(st.sampled_from([*CANARIES.values(), "honest", "\\u0061", "%20", "&amp;"]), max_size=12), st.integers())
def test_many_secrets_at_once(words: list[str], seed: int) -> None:
    """Several secrets, next to each other and in any spelling, are all masked."""
    rand = random.Random(seed)
    spellings = [SPELLINGS[name] for name in ("plain", "JSON", "a URL", "HTML", "Base64", "HTML with numbers")]
    body = bytearray(b"|".join(rand.choice(spellings)(word) for word in words))
    length = len(body)
    Masker(CANARIES.values()).mask(body)
    assert len(body) == length
    assert [leaks(bytes(body), word) for word in CANARIES.values()] == [[], [], [], []]


def test_short_secrets_are_not_hunted() -> None:
    """A value of a few characters would be found in honest text by chance."""
    body = bytearray(b"token, stock, secret")
    assert Masker(["tok", "secret"]).mask(body) == 0
    assert not Masker(["tok"])


def test_the_reach_covers_every_spelling() -> None:
    """No spelling is longer than the bytes that a sieve holds back for it."""
    for word in CANARIES.values():
        masker = Masker([word])
        assert all(len(spell(word)) <= masker.reach for spell in SPELLINGS.values())


def test_a_message_for_a_person() -> None:
    """Messages lose secrets too; others stay what they are."""
    masker = Masker(["s3cr3t-value"])
    assert masker.masked("GET /?q=s3cr3t-value failed") == "GET /?q=REMOVEDREMOV failed"
    assert masker.masked("all is well ✓") == "all is well ✓"


def test_json_stays_json() -> None:
    """A document with a masked secret can still be read."""
    word = CANARIES["with all that gets escaped"]
    document = {"next": f"https://x/?a={word}&b=1", "deep": [json.dumps({"t": word})]}
    body = bytearray(json.dumps(document).encode())
    assert Masker([word]).mask(body) == 2
    assert json.loads(body)["next"].endswith("&b=1")
