"""Who may push: the handshake, and signatures over the very bytes."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import TokenMissing
from archiver.listener.signature import Signers, challenge, has_signed, signature

WORD = "a word of ours"
BODY = b'{"object":"page","entry":[{"id":"1","time":1449135003,"changes":[{"field":"feed","value":{"message":"\\u00e4 \\/"}}]}]}'


@pytest.mark.parametrize(
    ("secret", "body", "expected"),
    [
        # RFC 4231, test cases 2 and 6 (a key larger than the block)
        ("Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ("key", b"The quick brown fox jumps over the lazy dog", "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"),
        ("", b"", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ],
)  # fmt: skip
def test_signatures_are_hmac_sha256(secret: str, body: bytes, expected: str) -> None:
    """Known values of others."""
    assert signature(secret, body) == f"sha256={expected}"


@pytest.mark.parametrize(
    ("head", "signed"),
    [
        (f"X-Hub-Signature-256: {signature('one', BODY)}", True),
        (f"Host: a.example\r\nx-hub-signature-256:{signature('one', BODY).upper()} ", True),
        (f"X-Hub-Signature-256: {signature('two', BODY)}", False),
        (f"X-Hub-Signature: {signature('one', BODY)}", False),
        (f"X-Hub-Signature-256: {signature('two', BODY)}\r\nX-Hub-Signature-256: {signature('one', BODY)}", False),
        ("Host: a.example", False),
    ],
)
def test_a_kept_delivery_shows_who_signed_it(head: str, signed: bool) -> None:
    """The signature is kept with the bytes that it is over, so it can be tried with another secret later."""
    assert has_signed("one", f"POST /meta HTTP/1.1\r\n{head}\r\n\r\n".encode() + BODY) is signed


class Fetched:
    """Secrets that may be renewed, and how often they were read."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = {value: frozenset({name}) for name, value in secrets.items()}
        self.read = 0
        self.missing = False

    def __call__(self) -> dict[str, frozenset[str]]:
        """What is configured now."""
        self.read += 1
        if self.missing:
            raise TokenMissing("The secret is not there.")
        return self.secrets


def test_any_secret_that_fits_is_good() -> None:
    """The request does not say whose application signed it."""
    signers = Signers(Fetched(city="one", police="two"))
    assert signers.accounts(BODY, signature("one", BODY)) == {"city"}
    assert signers.accounts(BODY, signature("two", BODY)) == {"police"}
    assert signers.accounts(BODY, signature("three", BODY)) == frozenset()


@pytest.mark.parametrize(
    "given_",
    ["", "sha256=", "sha256=00", "sha1=" + "0" * 40, signature("one", BODY + b" "), signature("one", BODY)[7:],
     signature("one", BODY) + "," + signature("one", BODY), "sha256=ä", "\udcff"],
)  # fmt: skip
def test_what_is_no_signature_is_nobody_s(given_: str) -> None:
    """Another body, another form, another scheme, letters beyond ASCII."""
    assert Signers(Fetched(city="one")).accounts(BODY, given_) == frozenset()


def test_a_signature_may_be_in_capitals() -> None:
    """Hex is hex."""
    assert Signers(Fetched(city="one")).accounts(BODY, signature("one", BODY).upper())


@given(st.binary(max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_one_changed_byte_is_another_body(body: bytes, place: int, change: int) -> None:
    """A signature is good for these bytes and no others."""
    signers = Signers(lambda: {"one": frozenset({"city"})})
    signed = signature("one", body)
    assert signers.accounts(body, signed)
    if place < len(body):
        other = bytearray(body)
        other[place] ^= change
        assert not signers.accounts(bytes(other), signed)


def test_a_renewed_secret_is_seen_and_a_flood_reads_nothing() -> None:
    """Secrets are read again when none fits, and not more often than every few seconds."""
    fetched, now = Fetched(city="old"), [0.0]
    signers = Signers(fetched, again_s=5, clock=lambda: now[0])
    fetched.secrets = {"new": frozenset({"city"})}
    signed = signature("new", BODY)
    for _ in range(1000):
        assert not signers.accounts(BODY, signed)
    assert fetched.read == 1
    now[0] = 5.1
    assert signers.accounts(BODY, signed) == {"city"}
    assert signers.accounts(BODY, signature("old", BODY)) == frozenset()
    assert fetched.read == 2


def test_a_secret_that_went_away_is_used_on() -> None:
    """A file that is just being renewed costs no delivery."""
    fetched, now = Fetched(city="one"), [0.0]
    signers = Signers(fetched, again_s=5, clock=lambda: now[0])
    fetched.missing, now[0] = True, 10
    assert not signers.accounts(BODY, signature("two", BODY))
    assert signers.accounts(BODY, signature("one", BODY))


def handshake(**fields: str) -> str:
    """A handshake's query."""
    return urlencode({f"hub.{name}": value for name, value in fields.items()})


def test_the_challenge_is_given_back_exactly() -> None:
    """As it was before it was put into an address."""
    query = handshake(mode="subscribe", challenge="1158201444", verify_token=WORD)
    assert challenge(query, WORD) == b"1158201444"
    assert challenge(handshake(mode="subscribe", challenge="ä &+=/%", verify_token=WORD), WORD) == "ä &+=/%".encode()


@pytest.mark.parametrize(
    "query",
    [
        "", "hub.mode", "&&&", "?",
        handshake(mode="subscribe", challenge="1", verify_token="another"),
        handshake(mode="subscribe", challenge="1"),
        handshake(mode="subscribe", challenge="1", verify_token=""),
        handshake(mode="unsubscribe", challenge="1", verify_token=WORD),
        handshake(challenge="1", verify_token=WORD),
        handshake(mode="subscribe", verify_token=WORD),
        handshake(mode="subscribe", challenge="", verify_token=WORD),
        handshake(mode="subscribe", challenge="x" * 5000, verify_token=WORD),
        handshake(mode="subscribe", challenge="1", verify_token=WORD) + "&hub.challenge=2",
        handshake(mode="subscribe", challenge="1", verify_token="another") + "&" + urlencode({"hub.verify_token": WORD}),
    ],
)  # fmt: skip
def test_anything_else_is_no_handshake(query: str) -> None:
    """Another word, another mode, something missing, something twice."""
    assert challenge(query, WORD) is None


def test_an_empty_word_lets_nobody_in() -> None:
    """A secret that was left empty is no secret."""
    assert challenge(handshake(mode="subscribe", challenge="1", verify_token=""), "") is None
