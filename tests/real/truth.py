"""What is true of a story: each record that an archive of it must hold, as it must be held."""

from __future__ import annotations

from dataclasses import dataclass, field

from archiver.domain.item import Kind
from archiver.sandbox.images import Picture


@dataclass(frozen=True)
class Attached:
    """A file on a record, with the description that its author gave."""

    file: Picture
    alt: str | None
    kind: str = "image"


@dataclass
class Expected:
    """One record. ``texts`` are those of its versions in their order, ``events`` what happened to it after it was first seen."""

    uri: str
    author: str
    kind: Kind
    texts: list[str]
    parent: str | None = None
    thread: str | None = None
    quotes: str | None = None
    attached: list[Attached] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    lang: str | None = None
    created_at: str | None = None
    state: str = "live"
    cause: str | None = None
    events: list[str] = field(default_factory=list)
    by_login: bool = False
    """Only the account itself is told of it: a mention elsewhere, an answer below a post that was deleted before."""

    @property
    def text(self) -> str:
        """What it says now, or said last."""
        return self.texts[-1]


@dataclass
class Truth:
    """All that must be in an archive of the account ``did``, by address."""

    did: str = ""
    records: dict[str, Expected] = field(default_factory=dict)
    uncertain: set[str] = field(default_factory=set)
    """Records that are real, and that no reader of the account is told of; they may be in the archive."""

    def add(self, expected: Expected) -> Expected:
        """Enter a record."""
        assert expected.uri not in self.records
        self.records[expected.uri] = expected
        return expected

    def required(self, *, login: bool) -> dict[str, Expected]:
        """What an archive must hold that was made with or without the account's login."""
        return {uri: one for uri, one in self.records.items() if login or not one.by_login}

    def edited(self, uri: str, text: str) -> None:
        """Its author wrote another text over it."""
        self.records[uri].texts.append(text)
        self.records[uri].events.append("edited")

    def begins(self, uri: str, event: str, state: str, cause: str | None = None) -> None:
        """It is so when it is first seen: an event, and no version of its own."""
        one = self.records[uri]
        one.events.append(event)
        one.state, one.cause = state, cause

    def becomes(self, uri: str, event: str, state: str, cause: str | None = None) -> None:
        """Something happened to it, seen as ``event``; this is its state now, and why if that can be known."""
        self.begins(uri, event, state, cause)
        one = self.records[uri]
        if event in {"hidden", "unhidden"}:
            one.texts.append(one.text)
