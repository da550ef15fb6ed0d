"""How a person gets a token of X that lasts: the account's own by a login, or the application's."""

from __future__ import annotations

from typing import Final

from archiver.domain.account import Account
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import TOKEN, Asked, Connection, Way
from archiver.platforms.oauth import Provider
from archiver.platforms.x.routes import DEFAULT_BASE

SITE: Final = "https://x.com"
SCOPES: Final = (
    ("tweet.read", "posts, mentions and searches"),
    ("users.read", "who wrote them, and the profile"),
    ("offline.access", "a session that can be renewed"),
)
"""What an archive asks for, and nothing that writes."""
_CONSOLE: Final = (
    "Log in at https://console.x.com with the account that is archived, and make an app for it there: only the owner "
    "of an app reads their own posts and mentions at a fifth of the price."
)
_LIMIT: Final = "Set a spending limit in the console, too: it holds whatever a program does."


def login(account: Account) -> Login | None:
    """How the refresh token becomes an access token of two hours; None where there is none."""
    return _x(account).login(account)


def connection(account: Account) -> Connection:
    """The account's login first: it is the cheaper one. The application's token reaches further back."""
    own = _x(account).way(
        account,
        "login",
        "a login of the account: its own posts and mentions at a fifth of the price",
        _CONSOLE,
        _LIMIT,
        "In the app's settings switch on user authentication, of the type «Native App» with the permission «Read», and "
        "enter the callback address that is shown here.",
    )
    application = Way(
        "bearer",
        "the app's bearer token: posts and answers of all years, by the full archive",
        (_CONSOLE, _LIMIT, "Under «Keys and tokens» generate the bearer token. It has no end, and only reads."),
        (Asked(TOKEN, "Bearer token"),),
    )
    return Connection((own, application))


def _x(account: Account) -> Provider:
    """X's page for logins and its call for tokens; with a ``base_url`` both are there."""
    base = (account.base_url or "").rstrip("/")
    return Provider(
        authorize_url=f"{base or SITE}/i/oauth2/authorize",
        token_url=f"{base or DEFAULT_BASE}/2/oauth2/token",
        scopes=SCOPES,
        basic=True,
    )
