"""Signed notes: a text of lines, and below it who signed it (C2SP signed-note v1.0.0; records rule R79).

A note is the text, an empty line, and signature lines ``— name base64(4 bytes of key id, signature)``. Any program
that reads the format can check one, knowing nothing but the verifier key ``name+id+base64(0x01, public key)``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
"""The signature type that stands before a key, and within its id."""

_DASH = "\u2014"
_PRIVATE = "PRIVATE+KEY+"


class NotSigned(ValueError):
    """A note has no good signature by the key; the message says what is wrong, for a sentence of the caller's."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name."""

    name: str
    key: Ed25519PublicKey

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``name+id+base64``; raises ValueError when it is none, or its id is another key's."""
        name, key_id, data = _parts(text)
        verifier = cls(name, Ed25519PublicKey.from_public_bytes(data))
        if verifier.key_id.hex() != key_id:
            raise ValueError("the key's id is not that of its name and bytes")
        return verifier

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell a name's keys apart; they prove nothing."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key.public_bytes_raw()).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(ED25519 + self.key.public_bytes_raw())}"

    def text_of(self, note: str) -> str:
        """What was signed; raises NotSigned. Lines of other keys are passed over, as the format wants it."""
        text, gap, lines = note.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise NotSigned("it is no signed note")
        signed = f"{text}\n"
        for line in lines.splitlines():
            mark, _, rest = line.partition(" ")
            name, _, encoded = rest.partition(" ")
            value = _bytes(encoded)
            if mark != _DASH or value[:4] != self.key_id or name != self.name:
                continue
            try:
                self.key.verify(value[4:], signed.encode())
            except InvalidSignature:
                raise NotSigned("its signature is not of this text") from None
            return signed
        raise NotSigned(f"it is not signed by {self.name}+{self.key_id.hex()}")


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key; raises ValueError for a name that the format can't hold."""
        if not name or "+" in name or any(character.isspace() for character in name):
            raise ValueError(f"{name!r} can't name a key: it has a plus or white space")
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``PRIVATE+KEY+name+id+base64``; raises ValueError."""
        if not text.startswith(_PRIVATE):
            raise ValueError("it is no private key of a signed note")
        name, key_id, data = _parts(text.removeprefix(_PRIVATE))
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(data))
        if signer.verifier.key_id.hex() != key_id:
            raise ValueError("the key's id is not that of its name and bytes")
        return signer

    @property
    def verifier(self) -> Verifier:
        """What anyone may have, to check what this key signed."""
        return Verifier(self.name, self.key.public_key())

    def secret(self) -> str:
        """The form in which the key is kept."""
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{_base64(ED25519 + self.key.private_bytes_raw())}"

    def signed(self, text: str) -> str:
        """The note: the text, which ends with a line break, and our line below it."""
        if not text.endswith("\n"):
            raise ValueError("the text of a note ends with a line break")
        return f"{text}\n{_DASH} {self.name} {_base64(self.verifier.key_id + self.key.sign(text.encode()))}\n"


def _parts(text: str) -> tuple[str, str, bytes]:
    """Name, id and the 32 bytes of an Ed25519 key."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    data = _bytes(encoded)
    if not name or data[:1] != ED25519 or len(data) != 33:
        raise ValueError("it is no Ed25519 key of a signed note")
    return name, key_id, data[1:]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
