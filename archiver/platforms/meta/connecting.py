"""Ways to tokens of Meta that last: by a system user, and by exchanging a short one.

Facebook: a page token that is made from a long user token, or from a system user's, has no date of expiry
(facebook.md, section 2). Instagram's own login and Threads: a short token is exchanged for one of sixty days, which is
renewed weekly from then on (instagram.md, section 1; threads.md, section 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from archiver.domain.account import Account
from archiver.domain.exchange import Grant, PrivateParameter, RequestSpec
from archiver.platforms.connecting import GIVEN, TOKEN, Asked, Connection, Stage, Way
from archiver.platforms.meta.requests import HEADERS, PROOF

Scopes = Sequence[tuple[str, str]]
"""What a token must be allowed, and what for."""

STREAM = "access"
LONG = "long"

APP_ID = Asked("app_id", "App id (App dashboard → App settings → Basic)", secret=False)
APP_SECRET = Asked("app_secret", "App secret (the same page)")

_NO_PAGE = (
    "This token may not see the page's own one. Tick the page in the login window, or assign it to the "
    "system user; where the page belongs to a business portfolio the scope business_management is needed, too."
)
_NO_EXCHANGE = "The token was not exchanged. It must be a fresh one, made for this very app."


def facebook(account: Account, root: str, scopes: Scopes) -> Connection:
    """Ways to a page token. ``root`` is the API's address with its version."""
    page = _page(account, root, f"{{{GIVEN}}}")
    return Connection((
        Way(
            "system-user",
            "a system user of the city's business portfolio: outlives every member of staff",
            (
                "In Meta Business Suite open Settings → Users → System users and add one of the kind Employee.",
                "Assign the page to it, with at least Content, Messages and Community activity.",
                f"Generate a token for the city's app, one that never expires, with {_named(scopes)}.",
            ),
            (Asked(GIVEN, "The system user's token"),),
            (Stage(page, _NO_PAGE),),
        ),
        Way(
            "user",
            "a person with a role on the page: ends when this person's password, role or consent does",
            (
                "Open developers.facebook.com → Tools → Graph API Explorer and choose the city's app.",
                f"Generate a user access token with {_named(scopes)}, and tick the page.",
            ),
            (APP_ID, APP_SECRET, Asked(GIVEN, "The user access token")),
            (
                Stage(_exchange(f"{root}/oauth/access_token"), _NO_EXCHANGE),
                Stage(_page(account, root, f"{{{LONG}}}"), _NO_PAGE),
            ),
        ),
        _as_it_is("page", "a page token that you have already", "The page access token"),
    ))  # fmt: skip


def instagram(base: str, scopes: Scopes, facebook_scopes: Scopes) -> Connection:
    """Ways to a token of Instagram's own login, and of Facebook's. ``base`` is the former's address."""
    exchange = _swap(f"{base}/access_token", "ig_exchange_token")
    return Connection((
        _as_it_is(
            "dashboard", "a long token from the app's dashboard, for an account of the city's own",
            "The token of the dashboard",
            "Open developers.facebook.com → the app → Instagram → API setup with Instagram login.",
            "Add the account, then press Generate token beside it.",
        ),
        Way(
            "short", "a short token of Instagram's login: is exchanged for one of sixty days",
            (f"Log in with Instagram's login for the city's app, with {_named(scopes)}.",),
            (
                Asked("app_secret", "Instagram app secret (App dashboard → Instagram → API setup)"),
                Asked(GIVEN, "The short token"),
            ),
            (Stage(exchange, _NO_EXCHANGE),),
        ),
        _as_it_is(
            "system-user", "Facebook's login: a token of a system user, or of the page that the account is linked to",
            "The system user's or the page's token",
            f"The account must be linked to a page. Make the token as for the page, with {_named(facebook_scopes)}.",
        ),
    ))  # fmt: skip


def threads(base: str, scopes: Scopes) -> Connection:
    """Ways to a token of Threads. ``base`` is the API's address."""
    exchange = _swap(f"{base}/access_token", "th_exchange_token")
    return Connection((
        _as_it_is(
            "dashboard", "a long token from the app's dashboard, for an account of the city's own",
            "The token of the dashboard",
            "Open developers.facebook.com → the app → Use cases → Access the Threads API → Settings.",
            "Add the account as a Threads tester, accept that on threads.net, then press Generate access token.",
        ),
        Way(
            "short", "a short token: is exchanged for one of sixty days",
            (f"Log in with Threads for the city's app, with {_named(scopes)}.",),
            (
                Asked("app_secret", "Threads app secret (App dashboard → App settings → Basic)"),
                Asked(GIVEN, "The short token"),
            ),
            (Stage(exchange, _NO_EXCHANGE),),
        ),
    ))  # fmt: skip


def _named(scopes: Scopes) -> str:
    return f"the scopes {', '.join(scope for scope, _ in scopes)}"


def _as_it_is(name: str, title: str, prompt: str, *before: str) -> Way:
    return Way(name, title, before, (Asked(TOKEN, prompt),))


def _page(account: Account, root: str, credential: str) -> RequestSpec:
    """The page's own token, which whoever has a task on the page may see."""
    known = quote(account.native_id or account.handle.removeprefix("@"), safe="")
    return RequestSpec(
        f"{root}/{known}?fields=id,access_token",
        STREAM,
        headers=HEADERS,
        credential=credential,
        private=(PROOF,),
        grant=Grant(),
    )


def _exchange(url: str) -> RequestSpec:
    """A long user token for a short one."""
    private = (
        PrivateParameter("client_id", "{app_id}"),
        PrivateParameter("client_secret", "{app_secret}"),
        PrivateParameter("fb_exchange_token", f"{{{GIVEN}}}"),
    )
    brings = Grant(((LONG, ("access_token",)),))
    return RequestSpec(f"{url}?grant_type=fb_exchange_token", STREAM, headers=HEADERS, private=private, grant=brings)


def _swap(url: str, grant_type: str) -> RequestSpec:
    """A long token of Instagram or Threads for a short one."""
    private = (
        PrivateParameter("client_secret", "{app_secret}"),
        PrivateParameter("access_token", f"{{{GIVEN}}}"),
    )
    return RequestSpec(f"{url}?grant_type={grant_type}", STREAM, headers=HEADERS, private=private, grant=Grant())
