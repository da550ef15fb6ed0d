"""What calls cost on platforms that count them: X in dollars by the month, YouTube in quota units by the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from archiver.domain.exchange import Exchange


class Period(StrEnum):
    """How long a budget lasts: a calendar day or month of the tariff's time zone."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Tariff:
    """How a platform counts what is asked of it.

    ``unit`` is the word for people (``USD``, ``units``), of which one has ``parts`` of the smallest that is counted;
    amounts are whole numbers of these parts. ``cost`` tells what an answered call cost, from the exchange alone.
    ``allowance`` is what the platform gives for a period where the configuration sets no budget; None: no bound.
    ``zone`` is the time zone in which its periods begin.
    """

    unit: str
    parts: int
    period: Period
    zone: str
    cost: Callable[[Exchange], int]
    allowance: int | None = None
