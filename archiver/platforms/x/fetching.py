"""The bytes of one file. X's addresses carry no signature and do not end, but go with the post or the account."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from archiver.domain.exchange import Exchange
from archiver.domain.task import Shortfall, Step, Task
from archiver.platforms.x.desk import Desk
from archiver.platforms.x.ids import Names

STREAM: Final = "media"
GONE: Final = "X no longer gives the file: the post, the account or the picture of the profile has changed or gone."


def start(desk: Desk, _names: Names, task: Task) -> Step:
    """The address at which it was seen last."""
    address = task.address or task.subject or ""
    return Step((desk.media(address),), {}) if _is_address(address) else Step()


def proceed(_desk: Desk, _names: Names, task: Task, _step: Step, exchange: Exchange) -> Step:
    """The end, whatever came."""
    if exchange.ok or exchange.truncated:
        return Step()
    moment = task.started_at
    return Step(findings=(Shortfall(STREAM, moment - timedelta(seconds=1), moment, GONE),))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
