"""How much of the allowance is used, by the headers that say so.

``X-App-Usage`` and ``X-Page-Usage`` are ``{"call_count": 28, "total_time": 25, "total_cputime": 25}``, in percent;
``X-Business-Use-Case-Usage`` is ``{"ID": [{"type": "pages", "call_count", "total_cputime", "total_time",
"estimated_time_to_regain_access"}]}``, the last in minutes. They are missing until enough calls were made.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.parsing import parse_json
from archiver.domain.task import Budget
from archiver.platforms.meta.fields import mapping

SLOW_FROM = 75
"""The percentage from which calls are spread."""
_WHOLE = 100
_PARTS = ("call_count", "total_time", "total_cputime")
_APP = "X-App-Usage"
_LONGEST_BLOCK = timedelta(days=1)


def budget_of(exchange: Exchange, types: Collection[str] | None = None, *, app_wide: bool = True) -> Budget | None:
    """What is left, in hundredths that the pace understands: it spreads what is left below one half.

    So all is left below `SLOW_FROM` percent of use, one half there, and nothing when all is used. The windows slide, so
    there is no reset, but for the end of a block. It is shared where the app's own is the most used, if ``app_wide``.
    """
    blocked = blocked_until(exchange, types)
    if blocked is not None:
        return Budget(_WHOLE, 0, blocked)
    used = most_used(exchange, types)
    if used is None:
        return None
    if used < SLOW_FROM:
        return Budget(_WHOLE, _WHOLE, None)
    left = max(0, math.ceil(_WHOLE / 2 * (_WHOLE - used) / (_WHOLE - SLOW_FROM)))
    return Budget(_WHOLE, left, None, shared=app_wide and _most(_header(exchange, _APP)) == used)


def most_used(exchange: Exchange, types: Collection[str] | None = None) -> int | None:
    """The highest of all percentages that are stated; None where none is."""
    stated = [_most(one) for one in _usages(exchange, types)]
    return max((one for one in stated if one is not None), default=None)


def blocked_until(exchange: Exchange, types: Collection[str] | None = None) -> datetime | None:
    """When a block ends that the platform gives an end to; None without one."""
    stated = [_percent(one.get("estimated_time_to_regain_access")) or 0 for one in _usages(exchange, types)]
    minutes = max(stated, default=0)
    return exchange.captured_at + min(timedelta(minutes=minutes), _LONGEST_BLOCK) if minutes > 0 else None


def _most(usage: Mapping[str, Any]) -> int | None:
    stated = [_percent(usage.get(name)) for name in _PARTS]
    return max((one for one in stated if one is not None), default=None)


def _usages(exchange: Exchange, types: Collection[str] | None) -> Iterator[Mapping[str, Any]]:
    for name in (_APP, "X-Page-Usage"):
        yield _header(exchange, name)
    for cases in _header(exchange, "X-Business-Use-Case-Usage").values():
        for case in cases if isinstance(cases, list) else ():
            one = mapping(case)
            if types is None or one.get("type") in types or "type" not in one:
                yield one


def _header(exchange: Exchange, name: str) -> Mapping[str, Any]:
    try:
        return mapping(parse_json(exchange.header(name) or "{}"))
    except (ValueError, RecursionError):
        return {}


def _percent(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**6:
        return None
    return int(value)
