"""Errors in Google's form and words (youtube.md section 11)."""

from __future__ import annotations

from typing import Any

from archiver.sandbox.wire import Answer
from archiver.sandbox.youtube.wire import answered

QUOTA = (
    "The request cannot be completed because you have exceeded your "
    '<a href="/youtube/v3/getting-started#quota">quota</a>.'
)
DISABLED = (
    'The video identified by the <code><a href="/youtube/v3/docs/commentThreads/list#videoId">videoId</a></code> '
    "parameter has disabled comments."
)
NO_VIDEO = (
    'The video identified by the <code><a href="/youtube/v3/docs/commentThreads/list#videoId">videoId</a></code> '
    "parameter could not be found."
)
NO_PLAYLIST = "The playlist identified with the request's <code>playlistId</code> parameter cannot be found."
FAILED = (
    "The API server failed to successfully process the request. While this can be a transient error, it usually "
    "indicates that the request's input is invalid."
)
UNAUTHENTICATED = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential."
)


class Problem(Exception):
    """The answer is an error. ``where``: the parameter or header that is to blame, and which of them it is.

    ``state`` and ``info`` stand in newer answers (``status``, and the reason of ``details``); ``short`` are the words
    of the inner error where they are others.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        domain: str = "youtube.parameter",
        where: tuple[str, str] | None = None,
        state: str = "",
        info: str = "",
        short: str = "",
    ) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.domain = code, reason, message, domain
        self.where, self.state, self.info, self.short = where, state, info, short

    def error(self) -> dict[str, Any]:
        """What stands below ``error``."""
        inner = {"message": self.short or self.message, "domain": self.domain, "reason": self.reason}
        if self.where is not None:
            inner |= {"location": self.where[0], "locationType": self.where[1]}
        value: dict[str, Any] = {"code": self.code, "message": self.message, "errors": [inner]}
        if self.state:
            value["status"] = self.state
        if self.info:
            metadata = {"service": "youtube.googleapis.com"}
            value["details"] = [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": self.info,
                    "domain": "googleapis.com",
                    "metadata": metadata,
                }
            ]
        return value

    def answer(self) -> Answer:
        """As it goes over the wire."""
        return answered({"error": self.error()}, self.code)


def bad(name: str, reason: str, message: str) -> Problem:
    """A parameter that is not as it should be."""
    return Problem(400, reason, message, where=(name, "parameter"))


def not_found(domain: str, reason: str, message: str, name: str) -> Problem:
    """404, with the parameter that named it."""
    return Problem(404, reason, message, domain=domain, where=(name, "parameter"))


def forbidden() -> Problem:
    """Not for this caller."""
    message = "The request might not be properly authorized."
    return Problem(403, "forbidden", message, domain="youtube.common", where=("Authorization", "header"))


def lacking_scope() -> Problem:
    """The token is good, but was not given what this needs."""
    message = "Request had insufficient authentication scopes."
    return Problem(
        403,
        "insufficientPermissions",
        message,
        domain="global",
        state="PERMISSION_DENIED",
        info="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        short="Insufficient Permission",
    )


def not_registered() -> Problem:
    """A call with neither key nor token."""
    message = (
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other "
        "form of API consumer identity to call this API."
    )
    return Problem(403, "forbidden", message, domain="global", state="PERMISSION_DENIED")


def wrong_key() -> Problem:
    """The key is none."""
    message = "API key not valid. Please pass a valid API key."
    return Problem(400, "badRequest", message, domain="global", state="INVALID_ARGUMENT", info="API_KEY_INVALID")


def wrong_token() -> Problem:
    """The access token is none, or has ended."""
    return Problem(
        401,
        "authError",
        UNAUTHENTICATED,
        domain="global",
        where=("Authorization", "header"),
        state="UNAUTHENTICATED",
        short="Invalid Credentials",
    )


def login_required() -> Problem:
    """A key where only an owner's token will do."""
    message = (
        "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
        "valid authentication credential."
    )
    return Problem(
        401,
        "required",
        message,
        domain="global",
        where=("Authorization", "header"),
        state="UNAUTHENTICATED",
        info="CREDENTIALS_MISSING",
        short="Login Required.",
    )


def quota_exceeded() -> Problem:
    """Nothing more before midnight in California."""
    return Problem(403, "quotaExceeded", QUOTA, domain="youtube.quota")


def too_fast() -> Problem:
    """Too many calls in a minute."""
    message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service."
    return Problem(
        403, "rateLimitExceeded", message, domain="usageLimits", state="RESOURCE_EXHAUSTED", info="RATE_LIMIT_EXCEEDED"
    )


def comments_disabled() -> Problem:
    """The channel has switched the comments of this video off."""
    where = ("videoId", "parameter")
    return Problem(403, "commentsDisabled", DISABLED, domain="youtube.commentThread", where=where)


def processing_failure() -> Problem:
    """The server does not like its own page token."""
    where = ("pageToken", "parameter")
    return Problem(400, "processingFailure", FAILED, domain="youtube.commentThread", where=where)


def no_path() -> Problem:
    """Not a method of this API."""
    return Problem(404, "notFound", "Not Found", domain="global")
