"""What was opened to somebody, or refused, in one reading: the objects of the audit log's `view` and `view deny` (R14).

It names places, classes and laws, never words. People on a list of who was shut out are told by digests, so that
the log can be asked for one of them and gives no name away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.domain.classification import NotPublic


@dataclass(frozen=True, slots=True)
class Opening:
    """A record, or a list of people, with the parts of it that are not public and were opened or refused.

    ``subject`` is the record's key, or the list's name. ``people`` are `person_digest` of who is named in a list,
    ``beside`` what is known of a record's author that is not public: that they are said to be a minor.
    """

    subject: str
    parts: tuple[NotPublic, ...] = ()
    people: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """For the audit log, in values of JSON."""
        found: dict[str, Any] = {}
        if self.parts:
            found["parts"] = [_part(one) for one in self.parts]
        if self.people:
            found["people"] = list(self.people)
        if self.beside:
            found["beside"] = list(self.beside)
        return found


SHUT_OUT = "people shut out"
"""What the lists of blocked and muted people of an account are called, behind the account and ``#``."""

MINORS = "minors"
"""What the list of people who are said to be minors is called."""

Noted = Callable[[Sequence[Opening]], None]
"""Is told of openings before they are shown, or of refusals; if it fails, nothing is shown."""


def person_digest(name: str) -> str:
    """By what somebody is known again who is named in a list, in whatever case, with or without ``@``: SHA-256, hex."""
    return hashlib.sha256(" ".join(name.split()).removeprefix("@").casefold().encode()).hexdigest()


def person_digests(names: Iterable[str]) -> tuple[str, ...]:
    """Those of several names, each once, in order."""
    return tuple(sorted({person_digest(one) for one in names if one.strip()}))


def _part(one: NotPublic) -> dict[str, Any]:
    told: dict[str, Any] = {"part": one.part.value, "class": one.class_, "law": one.citation}
    if one.span is not None:
        told |= {"version": one.span.version, "from": one.span.start, "to": one.span.end}
    return told
