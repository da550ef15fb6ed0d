"""How a person gets a token of X that lasts."""

from __future__ import annotations

from typing import Final

from archiver.domain.account import Account
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import TOKEN, Asked, Connection, Way
from archiver.platforms.x.desk import Desk

_BEARER: Final = Way(
    name="bearer",
    title="An application's bearer token: the full archive, at five times the price for the account's own posts",
    before=(
        "Log in at https://console.x.com with the account that is archived, and make an app for it there.",
        "Set a spending limit in the console: it holds whatever a program does.",
        'Under "Keys and tokens" generate the bearer token. It has no end, and can read public posts alone.',
    ),
    asked=(Asked(TOKEN, "Bearer token: "),),
)  # fmt: skip


def connection(_desk: Desk) -> Connection:
    """The ways to a token, the best one first."""
    return Connection((_BEARER,))


def login(_account: Account, _desk: Desk) -> Login | None:
    """How a refresh token becomes a session; None without one."""
    return None
