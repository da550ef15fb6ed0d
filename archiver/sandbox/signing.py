"""Repository signing keys on the curve secp256k1, in plain integers: for a play city, not for secrets.

A key comes from a seed. Signatures are 64 bytes ``r || s`` with a low ``s`` over SHA-256 (SEC 1, 4.1.3;
https://atproto.com/specs/cryptography).
"""

from __future__ import annotations

import functools
import hashlib

_P = 2**256 - 2**32 - 977
_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

_Point = tuple[int, int] | None


def secret_key(*seed: object) -> int:
    """A private key, the same for the same seed."""
    return int.from_bytes(hashlib.sha256(repr(("key", *seed)).encode()).digest(), "big") % (_N - 1) + 1


@functools.lru_cache(maxsize=4096)
def multikey(secret: int) -> str:
    """The public key as a DID document has it: ``z``, then base58btc of ``e7 01`` and the 33 compressed bytes."""
    return "z" + _base58(b"\xe7\x01" + compressed(secret))


@functools.lru_cache(maxsize=4096)
def legacy_key(secret: int) -> str:
    """The older form: base58btc of the 65 uncompressed bytes."""
    x, y = _public(secret)
    return "z" + _base58(b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big"))


def compressed(secret: int) -> bytes:
    """The public key in 33 bytes."""
    x, y = _public(secret)
    return bytes((2 + (y & 1),)) + x.to_bytes(32, "big")


def sign(secret: int, data: bytes) -> bytes:
    """A signature over the SHA-256 of ``data``; the same data gives the same one."""
    digest = hashlib.sha256(data).digest()
    z = int.from_bytes(digest, "big")
    k = int.from_bytes(hashlib.sha256(secret.to_bytes(32, "big") + digest).digest(), "big") % (_N - 1) + 1
    point = _times(k, _G)
    assert point is not None
    r = point[0] % _N
    s = pow(k, -1, _N) * (z + r * secret) % _N
    return r.to_bytes(32, "big") + min(s, _N - s).to_bytes(32, "big")


def verify(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether a signature is a compressed public key's."""
    x = int.from_bytes(public[1:], "big")
    y = pow(x**3 + 7, (_P + 1) // 4, _P)
    point = (x, y if y & 1 == public[0] & 1 else _P - y)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    z = int.from_bytes(hashlib.sha256(data).digest(), "big")
    w = pow(s, -1, _N)
    total = _plus(_times(z * w % _N, _G), _times(r * w % _N, point))
    return total is not None and total[0] % _N == r


def _public(secret: int) -> tuple[int, int]:
    point = _times(secret, _G)
    assert point is not None
    return point


def _plus(one: _Point, other: _Point) -> _Point:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % _P == 0:
        return None
    slope = 3 * x1 * x1 * pow(2 * y1, -1, _P) if one == other else (y2 - y1) * pow(x2 - x1, -1, _P)
    x = (slope * slope - x1 - x2) % _P
    return x, (slope * (x1 - x) - y1) % _P


def _times(factor: int, point: _Point) -> _Point:
    total: _Point = None
    while factor:
        if factor & 1:
            total = _plus(total, point)
        point = _plus(point, point)
        factor >>= 1
    return total


def _base58(data: bytes) -> str:
    number, letters = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        letters = _BASE58[rest] + letters
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + letters
