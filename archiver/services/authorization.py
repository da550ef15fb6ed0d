"""A login at a platform's page: what goes into its address, and what is to be made of where the browser comes back.

OAuth 2.0 with a code (RFC 6749, section 4.1), a challenge that only this process can answer (PKCE, RFC 7636) and a
state that only this login has.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from archiver.errors import AccessLost
from archiver.platforms.connecting import Authorize

_ADVICE = "Begin again with `archiver account connect`."


@dataclass(frozen=True, slots=True)
class Authorization:
    """One login. ``redirect_uri`` is the callback address, letter by letter as the platform knows it for the app."""

    authorize: Authorize
    client_id: str
    redirect_uri: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def address(self) -> str:
        """The page on which the person logs in."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            **dict(self.authorize.parameters),
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self.authorize.url}?{urlencode(parameters)}"

    def given(self, came_back: str) -> dict[str, str]:
        """What the stages need of the address at which the browser came back. Raises AccessLost."""
        try:
            found = dict(parse_qsl(urlsplit(came_back.strip()).query, keep_blank_values=True))
        except ValueError:
            found = {}
        if not hmac.compare_digest(found.get("state", "").encode(), self.state.encode()):
            raise AccessLost("The browser came back with another login than this one.", advice=_ADVICE)
        if "error" in found:
            said = found.get("error_description") or found["error"]
            raise AccessLost(f"The platform refused the login: {said[:200]}.", advice=_ADVICE)
        if not found.get("code"):
            raise AccessLost("The browser came back without a code.", advice=_ADVICE)
        return {"code": found["code"], "code_verifier": self.verifier, "redirect_uri": self.redirect_uri}
