"""Durations as people write them: ``30s``, ``15m``, ``6h``, ``1d``."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_FORM = re.compile(r"([0-9]{1,10})([smhd])")
LONGEST = timedelta(days=36_525)
"""A hundred years: anything longer is a slip of the finger."""


def parse_duration(text: str) -> timedelta:
    """Read a duration; raises ValueError with a sentence for a person when it isn't one."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write a whole number and a unit, like 30s, 15m, 6h or 1d")
    count, unit = int(match[1]), _UNITS[match[2]]
    if count == 0:
        raise ValueError(f"{text!r} is no time at all; a duration is at least 1s")
    if count > LONGEST // unit:
        raise ValueError(f"{text!r} is longer than a hundred years")
    return count * unit


def format_duration(duration: timedelta) -> str:
    """In the largest unit that fits; raises ValueError unless it is whole seconds, 1 or more."""
    for letter, unit in _UNITS.items():
        count, rest = divmod(duration, unit)
        if count > 0 and not rest:
            return f"{count}{letter}"
    raise ValueError(f"{duration!r} is not a whole number of seconds greater than zero")
