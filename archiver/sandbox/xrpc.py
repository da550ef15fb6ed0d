"""Bluesky's call layer: parameters with their limits, and errors with a name (https://atproto.com/specs/xrpc).

Two releases are spoken, which word their errors differently: ``0.0.221`` (AppView of that number, PDS 0.4.217) and
``0.0.280`` (PDS 0.5.35).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked, json_answer

Style = Literal["0.0.221", "0.0.280"]


class Refused(Exception):
    """The answer is an error."""

    def __init__(self, status: int, error: str, message: str, headers: list[tuple[str, str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message
        self.headers = headers or []

    def answer(self) -> Answer:
        """As it goes over the wire."""
        body = {"error": self.error, "message": self.message}
        return json_answer(body, self.status, headers=list(self.headers), cacheable=False)


def broken() -> Refused:
    """What a garbage cursor gives, and other things that nobody caught."""
    return Refused(500, "InternalServerError", "Internal Server Error")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what was asked, and who is logged in."""

    asked: Asked
    viewer: Person | None
    style: Style

    @property
    def cursor(self) -> str | None:
        """The cursor, as it was given out before."""
        return self.asked.one("cursor")

    def flag(self, name: str) -> bool:
        """A boolean parameter, false when absent."""
        return self.asked.one(name) == "true"

    def required(self, name: str) -> str:
        """A parameter that must be there."""
        value = self.asked.one(name)
        if value:
            return value
        raise self._invalid(f'Params must have the property "{name}"', f'Missing required key "{name}"')

    def number(self, name: str, default: int, low: int, high: int, *, at_pds: bool = False) -> int:
        """An integer inside the lexicon's bounds; the older PDS fell over others."""
        text = self.asked.one(name)
        if text is None:
            return default
        try:
            number = int(text)
        except ValueError:
            new = f"Expected integer value type (got {text!r})"
            raise self._invalid(f"{name} must be an integer", new) from None
        if low <= number <= high:
            return number
        if at_pds and self.style == "0.0.221":
            raise broken()
        if number > high:
            new = f"integer too big (maximum {high}, got {number})"
            raise self._invalid(f"{name} can not be greater than {high}", new)
        new = f"integer too small (minimum {low}, got {number})"
        raise self._invalid(f"{name} can not be less than {low}", new)

    def array(self, name: str, most: int) -> list[str]:
        """A repeated parameter; more than ``most`` are refused."""
        values = self.asked.params.get(name, [])
        if not values:
            self.required(name)
        if len(values) > most:
            new = f"array too big (maximum {most}, got {len(values)})"
            raise self._invalid(f"{name} must not have more than {most} elements", new)
        return values

    def _invalid(self, old: str, new: str) -> Refused:
        if self.style == "0.0.221":
            return Refused(400, "InvalidRequest", f"Error: {old}")
        method = self.asked.path.removeprefix("/xrpc/")
        return Refused(400, "InvalidRequest", f"Invalid {method} params: {new}")


def listing(body: dict[str, object], cursor: str | None) -> Answer:
    """A page; the cursor is left out, not null, when there is none."""
    return json_answer(body if cursor is None else body | {"cursor": cursor})
