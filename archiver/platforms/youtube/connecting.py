"""How a channel is connected: by a login of its owner, or by an API key, which reads what everybody sees."""

from __future__ import annotations

from archiver.domain.account import Account
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import TOKEN, Asked, Connection, Way
from archiver.platforms.oauth import Provider

_ACCOUNTS, _TOKENS = "https://accounts.google.com", "https://oauth2.googleapis.com"
SCOPES = (
    ("https://www.googleapis.com/auth/youtube.readonly", "private videos and live chats"),
    ("https://www.googleapis.com/auth/youtube.force-ssl", "comments held for review, and subtitles"),
)
"""What the owner is asked for. The second one could also write: for comments Google has none that only reads."""
_PROJECT = (
    "In the Google Cloud console (https://console.cloud.google.com) make a project of the city's own, and switch on "
    "«YouTube Data API v3» under APIs & Services → Library."
)


def login(account: Account) -> Login | None:
    """How the owner's refresh token becomes an access token of an hour; None where there is none."""
    return _google(account).login(account)


def connection(account: Account) -> Connection:
    """The owner's login first: it shows what a key never does."""
    owner = _google(account).way(
        account,
        "owner",
        "a login of the channel's owner",
        _PROJECT,
        "Under APIs & Services → OAuth consent screen publish the app («In production»): while it is in testing, "
        "a login ends after seven days.",
        "Under APIs & Services → Credentials make an OAuth client id of the type «Desktop app».",
        "Log in as the channel's owner or manager, and choose the channel itself, not the person, where Google asks.",
    )
    key = Way(
        "key",
        "an API key, for what everybody sees",
        (
            _PROJECT,
            "Under APIs & Services → Credentials make an API key, and restrict it to «YouTube Data API v3».",
        ),
        (Asked(TOKEN, "API key"),),
    )
    return Connection((owner, key))


def _google(account: Account) -> Provider:
    """Google's pages for logins; with a ``base_url`` all of it is there."""
    base = (account.base_url or "").rstrip("/")
    return Provider(
        authorize_url=f"{base or _ACCOUNTS}/o/oauth2/v2/auth",
        token_url=f"{base or _TOKENS}/token",
        scopes=SCOPES,
        extra=(("access_type", "offline"), ("prompt", "consent")),
    )
