"""OAuth 2.0 as several platforms have it: a person logs in once, and what comes of it is renewed from then on.

RFC 6749 (code and refresh token), RFC 7636 (PKCE), RFC 8252 (the browser comes back to this machine).
"""

from __future__ import annotations

from dataclasses import dataclass

from archiver.domain.account import Account
from archiver.domain.exchange import Grant, PrivateParameter, RequestSpec
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import TOKEN, Asked, Authorize, Stage, Way

REFRESH = "refresh_token"
CLIENT_ID, CLIENT_SECRET = "client_id", "client_secret"
_STREAM = "access"
_BRINGS = Grant(((REFRESH, (REFRESH,)), (TOKEN, ("access_token",))))
"""The refresh token first: some platforms take each only once, so the new one must be safe before the rest."""
_NOT_EXCHANGED = (
    "The login was not exchanged for a token. Begin again, and come back within half a minute; callback address and "
    "client id must be those of the platform's page for the app."
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A platform's two addresses, what the token must be allowed and what for, and how an application shows its secret.

    ``extra`` are more parameters of the login page. ``basic``: the client's secret goes as HTTP Basic, where there is
    one; else it is needed, and goes in the form.
    """

    authorize_url: str
    token_url: str
    scopes: tuple[tuple[str, str], ...]
    extra: tuple[tuple[str, str], ...] = ()
    basic: bool = False

    def login(self, account: Account) -> Login | None:
        """How a refresh token becomes an access token; None for an account without one."""
        if REFRESH not in account.secrets:
            return None
        request = self._asking(account, "refresh_token", PrivateParameter(REFRESH, f"{{{REFRESH}}}"))
        return Login(request, access_member="access_token", secret=REFRESH, kept=TOKEN)

    def way(self, account: Account, name: str, title: str, *before: str) -> Way:
        """A login in the browser."""
        asked = [Asked(CLIENT_ID, "Client id of the app", secret=False)]
        if not self.basic:
            asked.append(Asked(CLIENT_SECRET, "Client secret of the app"))
        exchange = self._asking(
            account,
            "authorization_code",
            PrivateParameter("code", "{code}"),
            PrivateParameter("code_verifier", "{code_verifier}"),
            PrivateParameter("redirect_uri", "{redirect_uri}"),
        )
        parameters = (("scope", " ".join(scope for scope, _ in self.scopes)), *self.extra)
        authorize = Authorize(self.authorize_url, parameters)
        return Way(name, title, before, tuple(asked), (Stage(exchange, _NOT_EXCHANGED),), authorize)

    def _asking(self, account: Account, grant_type: str, *private: PrivateParameter) -> RequestSpec:
        """A call for tokens. A client that has no secret says who it is in the form."""
        secret = self.basic and CLIENT_SECRET in account.secrets
        if not secret:
            private = (*private, PrivateParameter(CLIENT_ID, f"{{{CLIENT_ID}}}"))
        if not self.basic:
            private = (*private, PrivateParameter(CLIENT_SECRET, f"{{{CLIENT_SECRET}}}"))
        return RequestSpec(
            self.token_url,
            _STREAM,
            method="POST",
            headers=(("Accept", "application/json"), ("Accept-Encoding", "identity")),
            body=f"grant_type={grant_type}".encode(),
            private=private,
            basic=(CLIENT_ID, CLIENT_SECRET) if secret else None,
            grant=_BRINGS,
        )
