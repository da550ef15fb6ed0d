"""The log: events as ``key=value`` or JSON lines on stderr, without secrets and without what residents wrote."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

Event = MutableMapping[str, Any]
Mask = Callable[[str], str]


def configure(*, level: str = "warning", as_json: bool = False, mask: Mask = str, tracebacks: bool = False) -> None:
    """Where log lines go and what they look like. ``mask`` takes the secrets out of a text."""

    def masked(_logger: object, _method: str, event: Event) -> Event:
        return {name: mask(value) if isinstance(value, str) else value for name, value in event.items()}

    render: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if not as_json:
        render = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], repr_native_str=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if tracebacks else _place,
            masked,
            *([] if as_json else [_one_line]),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _place(_logger: object, _method: str, event: Event) -> Event:
    """An exception as its kind and place: its message may be a text of a resident's."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        event["where"] = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return event


def _one_line(_logger: object, _method: str, event: Event) -> Event:
    """Values with spaces or line breaks in quotes, so that a line stays one."""
    return {name: _quoted(value) if isinstance(value, str) else value for name, value in event.items()}


def _quoted(value: str) -> str:
    plain = value.isprintable() and value and not any(sign in value for sign in ' "=')
    return value if plain else '"' + "".join(_escaped(sign) for sign in value) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii")
