"""What a Mastodon server tells an account of its own settings: whom it blocked or muted, and what it filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archiver.sandbox.model import Person


@dataclass(slots=True)
class Settings:
    """The settings of one account. Each entry has a number of its own, by which lists are paged."""

    blocked: list[tuple[str, Person]] = field(default_factory=list)
    muted: list[tuple[str, Person]] = field(default_factory=list)
    servers: list[tuple[str, str]] = field(default_factory=list)
    filters: list[dict[str, Any]] = field(default_factory=list)
    numbers: int = 0

    def block(self, person: Person) -> None:
        """The account blocks somebody."""
        self.blocked.append((self._number(), person))

    def unblock(self, person: Person) -> None:
        """The account blocks somebody no longer."""
        self.blocked = [one for one in self.blocked if one[1] is not person]

    def mute(self, person: Person) -> None:
        """The account mutes somebody."""
        self.muted.append((self._number(), person))

    def block_server(self, domain: str) -> None:
        """The account blocks a whole server."""
        self.servers.append((self._number(), domain))

    def filter_word(self, word: str, *, title: str = "Filter") -> None:
        """The account filters a word, in the filter of that title."""
        one = next((one for one in self.filters if one["title"] == title), None)
        if one is None:
            one = {
                "id": self._number(), "title": title, "context": ["home", "notifications"], "expires_at": None,
                "filter_action": "warn", "keywords": [], "statuses": [],
            }  # fmt: skip
            self.filters.append(one)
        one["keywords"].append({"id": self._number(), "keyword": word, "whole_word": True})

    def _number(self) -> str:
        self.numbers += 1
        return str(self.numbers)
