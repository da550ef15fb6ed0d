"""The published schemas, as far as needed to say whether an answer is shaped as they demand (https://atproto.com/specs/lexicon).

Lenient where the protocol is: unknown members and unknown members of open unions are fine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tests.platforms.bluesky.recorded import SHARED

_KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "unknown": dict,
    "cid-link": dict,
    "blob": dict,
    "bytes": dict,
}


@lru_cache
def definitions(nsid: str) -> dict[str, Any] | None:
    """The definitions of one schema; None for one that is not at hand."""
    path = SHARED / "lexicons" / (nsid.replace(".", "/") + ".json")
    found: dict[str, Any] | None = json.loads(path.read_text())["defs"] if path.exists() else None
    return found


def faults(nsid: str, body: Any) -> list[str]:
    """What is wrong with an answer of a query; raises LookupError when its schema is not at hand."""
    known = definitions(nsid)
    if known is None:
        raise LookupError(nsid)
    return list(_check(known["main"]["output"]["schema"], body, nsid, nsid.rpartition(".")[2]))


def _check(schema: dict[str, Any], value: Any, home: str, where: str) -> Iterator[str]:
    kind = schema["type"]
    if kind == "ref":
        yield from _referred(schema["ref"], value, home, where)
    elif kind == "union":
        yield from _union(schema, value, home, where)
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for n, one in enumerate(value):
            yield from _check(schema["items"], one, home, f"{where}/{n}")
    elif kind == "object":
        yield from _object(schema, value, home, where)
    elif kind == "record":
        yield from _object(schema["record"], value, home, where)
    elif not isinstance(value, _KINDS[kind]) or (kind == "integer" and isinstance(value, bool)):
        yield f"{where} is no {kind}"


def _object(schema: dict[str, Any], value: Any, home: str, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    for name in schema.get("required", []):
        if name not in value:
            yield f"{where} lacks {name}"
    for name, member in schema.get("properties", {}).items():
        if name in value and not (value[name] is None and name in schema.get("nullable", [])):
            yield from _check(member, value[name], home, f"{where}/{name}")


def _union(schema: dict[str, Any], value: Any, home: str, where: str) -> Iterator[str]:
    name = value.get("$type") if isinstance(value, dict) else None
    if not isinstance(name, str):
        yield f"{where} does not say what it is ($type)"
        return
    full = {_absolute(ref, home).removesuffix("#main") for ref in schema["refs"]}
    if name.removesuffix("#main") in full:
        yield from _referred(name, value, home, where)
    elif schema.get("closed"):
        yield f"{where} may not be a {name}"


def _referred(ref: str, value: Any, home: str, where: str) -> Iterator[str]:
    nsid, _, name = _absolute(ref, home).partition("#")
    known = definitions(nsid)
    if known is not None:
        yield from _check(known[name or "main"], value, nsid, where)


def _absolute(ref: str, home: str) -> str:
    return home + ref if ref.startswith("#") else ref
