"""What a person says of one record: posted officially or personally (R48), and whether it is a record at all (R2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archiver.domain.account import Capacity
from archiver.domain.acting import Actor
from archiver.domain.keys import Key

MARKS = (Capacity.OFFICIAL, Capacity.PERSONAL)
"""What a post of a mixed account can be marked as."""


class RecordStatus(StrEnum):
    """Whether something that was captured is an official record."""

    UNDETERMINED = "undetermined"
    RECORD = "record"
    TRANSITORY = "transitory"
    COPY = "copy"

    @property
    def counts_as_record(self) -> bool:
        """Whether it is kept as a record: what nobody has decided is."""
        return self in {RecordStatus.UNDETERMINED, RecordStatus.RECORD}


@dataclass(frozen=True, slots=True)
class CapacityMark:
    """A post of a mixed account is official or personal, as somebody says. It hides nothing and deletes nothing."""

    record: Key
    capacity: Capacity
    at: datetime
    by: Actor
    reason: str


@dataclass(frozen=True, slots=True)
class StatusMark:
    """What somebody says a record is. ``target`` is the key or the address of the record copy, for a copy."""

    record: Key
    status: RecordStatus
    at: datetime
    by: Actor
    reason: str
    target: str | None = None

    def __post_init__(self) -> None:
        if (self.target is None) is (self.status is RecordStatus.COPY):
            raise ValueError("a copy, and nothing else, has a record copy that it is a copy of")
