"""What of a sighting is new, held against the facets of the latest version.

A source may show fewer fields than another, or a list cut after some entries (``Body.partial``). Neither takes
anything away: what it leaves out keeps holding, and what a better source shows later is more detail, no edit.
Stored facets remember in ``partial`` which of their lists were only seen cut.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from archiver.domain.item import Body, canonical, facets_of

_PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The facets that hold after a sighting, and the body to store for them.

    ``edited``: something contradicts the latest version; ``more``: something completes it. Fields that the latest
    version holds better than the sighting are None in ``body``, so that they are taken over from it.
    """

    facets: Mapping[str, Any]
    partial: frozenset[str]
    body: Body
    edited: bool = False
    more: bool = False

    @property
    def text(self) -> str:
        """The facets as stored."""
        return stored_facets(self.facets, self.partial)


def stored_facets(facets: Mapping[str, Any], partial: frozenset[str]) -> str:
    """Canonical JSON of facets and of which of them are cut."""
    cut = sorted(partial & facets.keys())
    return canonical({**facets, _PARTIAL: cut} if cut else facets)


def compare(stored: str, body: Body) -> Comparison:
    """Hold a body against stored facets."""
    before: dict[str, Any] = json.loads(stored)
    was_cut: frozenset[str] = frozenset(before.pop(_PARTIAL, ()))
    emptied: dict[str, Any] = {name: "" for name in sorted(body.left_out) if before.get(name)}
    body = replace(body, **emptied)
    now = facets_of(body)
    body, alike = _with_known_descriptions(before, now, body)
    after, partial = dict(before), set(was_cut)
    edited = more = False
    for name, value in now.items():
        cut = name in body.partial
        if name in before and alike[name] == before[name]:
            more = more or value != before[name] or (name in was_cut and not cut)
            partial -= set() if cut else {name}
        elif name in before and cut and _continued(alike[name], before[name]):
            taken_over: dict[str, Any] = {name: None}
            body = replace(body, **taken_over)
            continue
        else:
            completes = name not in before or (name in was_cut and _continued(before[name], alike[name]))
            more, edited = more or completes, edited or not completes
            partial = partial | {name} if cut else partial - {name}
        after[name] = value
    return Comparison(after, frozenset(partial), body, edited, more)


def _with_known_descriptions(
    before: Mapping[str, Any], now: dict[str, object], body: Body
) -> tuple[Body, dict[str, Any]]:
    """Fill in descriptions of pictures that this source leaves out (None), in ``now`` too.

    Also the facets to compare with: a description that was not known before is no difference.
    """
    if body.attachments is None or "attachments" not in before:
        return body, now
    known = {(kind, identity): alt for kind, identity, alt in before["attachments"]}
    filled = tuple(
        one if one.alt_text is not None else replace(one, alt_text=known.get((one.kind, one.identity)))
        for one in body.attachments
    )
    body = replace(body, attachments=filled)
    now["attachments"] = facets_of(body)["attachments"]
    listed: Any = now["attachments"]
    compared = [
        [kind, identity, None if known.get((kind, identity), alt) is None else alt] for kind, identity, alt in listed
    ]
    return body, {**now, "attachments": compared}


def _starts(part: object, whole: object) -> bool:
    """Whether a cut list or text is the beginning of another."""
    if isinstance(part, list) and isinstance(whole, list):
        return part == whole[: len(part)]
    if isinstance(part, str) and isinstance(whole, str):
        return whole.startswith(part.removesuffix("…").removesuffix("..."))
    return False


def _continued(part: object, whole: object) -> bool:
    """Whether what is only shown in part goes on like this.

    An attachment of which such a part has nothing but a signed address is the one that stands at the same place.
    """
    if _starts(part, whole):
        return True
    if not (isinstance(part, list) and isinstance(whole, list) and len(part) <= len(whole)):
        return False
    return all(_alike(one, other) for one, other in zip(part, whole, strict=False))


def _alike(one: object, other: object) -> bool:
    if not (isinstance(one, list) and isinstance(other, list)):
        return one == other
    return one == other or (one[0] == other[0] and _is_signed(str(one[1])))


def _is_signed(identity: str) -> bool:
    """Whether it is no name, but an address that ends: the signature is in its query."""
    return identity.startswith(("https://", "http://")) and "?" in identity
