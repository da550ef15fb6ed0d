"""What an answer means: status and error name, as a table.

Errors are ``{"error": name, "message": text}``. Not found is 400, an expired token is 400, a garbage cursor is 500; the
name decides, not the status. What stands between us and the platform answers in HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.limits import retry_after, unix_reset
from archiver.domain.task import Budget, Meaning, Verdict
from archiver.errors import ShapeChanged
from archiver.platforms.bluesky.addresses import APPVIEW, ENTRYWAY, PLC, Call, call_of
from archiver.platforms.bluesky.answers import parsed

MISSING_REPO = "Could not find repo"

LOGIN = {"com.atproto.server.createSession", "com.atproto.server.refreshSession"}
REPEATABLE = {"app.bsky.feed.getAuthorFeed", "app.bsky.feed.getQuotes", "com.atproto.repo.listRecords"}
"""Listings that the tasks start again without a cursor when a server chokes on the stored one."""
OPTIONAL = {
    "app.bsky.feed.getAuthorFeed",
    "app.bsky.feed.getQuotes",
    "app.bsky.actor.getProfile",
    "app.bsky.notification.listNotifications",
    "com.atproto.repo.describeRepo",
    "com.atproto.sync.getLatestCommit",
    "com.atproto.sync.getRecord",
    "com.atproto.sync.getRepoStatus",
    "did-log",
}
"""Methods that a task can do without, so that a server which lacks one is no reason to stop."""

PROCEED, RETRY, GONE = Meaning.PROCEED, Meaning.RETRY, Meaning.ACCOUNT_GONE
EXPIRED, LOST, CHANGED = Meaning.SESSION_EXPIRED, Meaning.ACCESS_LOST, Meaning.SHAPE_CHANGED

BY_NAME: dict[str, Meaning] = {
    # not found: an answer like any other
    "NotFound": PROCEED,
    "RecordNotFound": PROCEED,
    "BlobNotFound": PROCEED,
    "HandleNotFound": PROCEED,
    "ActorNotFound": PROCEED,
    # the state of somebody's account; of our own it is ACCOUNT_GONE, see _of_account
    "RepoNotFound": PROCEED,
    "RepoDeactivated": PROCEED,
    "RepoTakendown": PROCEED,
    "RepoSuspended": PROCEED,
    "AccountDeactivated": PROCEED,
    "AccountTakedown": PROCEED,
    "AccountSuspended": PROCEED,
    "AccountDeleted": PROCEED,
    # sessions
    "ExpiredToken": EXPIRED,
    "InvalidToken": EXPIRED,
    "AuthMissing": EXPIRED,
    "AuthenticationRequired": LOST,
    "AuthFactorTokenRequired": LOST,
    "InvalidPassword": LOST,
    "Forbidden": LOST,
    "ScopeMissingError": LOST,
    # passing faults
    "UpstreamFailure": RETRY,
    "UpstreamTimeout": RETRY,
    "InternalServerError": RETRY,
    "NotEnoughResources": RETRY,
    # a cursor of another time or server: the listing starts again
    "BadCursor": PROCEED,
    "InvalidCursor": PROCEED,
}

_NOT_FOUND = (
    "Profile not found", "Post not found", "Blob not found", "Actor not found", "Record not found",
    "Unable to resolve handle", "Could not locate record", MISSING_REPO,
)  # fmt: skip
_ACCOUNT_ERRORS = {
    "RepoNotFound", "RepoDeactivated", "RepoTakendown", "RepoSuspended",
    "AccountDeactivated", "AccountTakedown", "AccountSuspended", "AccountDeleted", "HandleNotFound",
}  # fmt: skip
_OWN_STREAMS = {"profile", "posts", "quotes", "mentions"}
_TOKEN_ERRORS = {"InvalidToken", "ExpiredToken", "AuthMissing"}
_PUBLIC = {
    "app.bsky.actor.getProfile",
    "app.bsky.feed.getAuthorFeed",
    "app.bsky.feed.getPosts",
    "app.bsky.feed.getPostThread",
    "app.bsky.feed.getQuotes",
}
_ACCOUNT_MESSAGES = ("Profile not found", MISSING_REPO, "Unable to resolve handle")
_MEMBERS: dict[str, tuple[str, type]] = {
    "app.bsky.actor.getProfile": ("did", str),
    "app.bsky.feed.getAuthorFeed": ("feed", list),
    "app.bsky.feed.getPosts": ("posts", list),
    "app.bsky.feed.getPostThread": ("thread", dict),
    "app.bsky.feed.getQuotes": ("posts", list),
    "app.bsky.notification.listNotifications": ("notifications", list),
    "com.atproto.identity.resolveHandle": ("did", str),
    "com.atproto.repo.describeRepo": ("did", str),
    "com.atproto.repo.getRecord": ("value", dict),
    "com.atproto.repo.listRecords": ("records", list),
    "com.atproto.sync.getLatestCommit": ("rev", str),
    "com.atproto.sync.getRepoStatus": ("active", bool),
    "did": ("id", str),
}
"""The member that each answer must have; unknown members never matter."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The platform's error: its name and its words, both ``""`` when the answer is no such thing."""

    name: str = ""
    message: str = ""


def error_of(exchange: Exchange) -> Refusal:
    """Read the error of an answer; never raises."""
    try:
        body = parsed(exchange)
    except ShapeChanged:
        return Refusal()
    if not isinstance(body, dict):
        return Refusal()
    name, message = body.get("error"), body.get("message")
    return Refusal(name if isinstance(name, str) else "", message if isinstance(message, str) else "")


def not_found(exchange: Exchange) -> bool:
    """Whether the platform says of what was asked for that it is not there (400 with one of several names)."""
    error = error_of(exchange)
    named = error.name in {"NotFound", "RecordNotFound", "BlobNotFound", "RepoNotFound", "HandleNotFound"}
    return exchange.status in {400, 404} and (named or error.message.startswith(_NOT_FOUND))


def no_repository(exchange: Exchange) -> bool:
    """Whether the answer is that the whole repository is not to be had here."""
    error = error_of(exchange)
    return exchange.status == 400 and (error.name in _ACCOUNT_ERRORS or error.message.startswith(MISSING_REPO))


def judge(exchange: Exchange, account: Account) -> Verdict:
    """The meaning of one answer for the loop."""
    meaning, detail = _meaning(exchange, account)
    until = _until(exchange) if meaning is Meaning.WAIT else None
    return Verdict(meaning, detail, until, _budget(exchange))


def _meaning(exchange: Exchange, account: Account) -> tuple[Meaning, str]:
    call, status = call_of(exchange.url), exchange.status
    if status == 429:
        return Meaning.WAIT, "the limit on calls is reached"
    if exchange.purpose is Purpose.MEDIA:
        return _of_media(exchange, strange=_is_strange(exchange, call, account))
    if status is None or exchange.truncated is not None:
        meaning, detail = RETRY, exchange.failure or f"the answer was cut off ({exchange.truncated})"
    elif exchange.ok:
        meaning, detail = _of_success(exchange, call)
    elif _about_own_account(exchange, call):
        meaning, detail = GONE, _words(exchange)
    else:
        meaning, detail = _of_refusal(exchange, call, account), _words(exchange)
    if meaning is not GONE and _is_strange(exchange, call, account):
        meaning = PROCEED
    return meaning, detail


def _of_media(exchange: Exchange, *, strange: bool) -> tuple[Meaning, str]:
    """A file that is not there is an answer; so is one that was cut by our own limits.

    Of a stranger's server that fails, the copy of the CDN is asked for next.
    """
    if strange and not exchange.ok and call_of(exchange.url).method == "com.atproto.sync.getBlob":
        return PROCEED, _words(exchange)
    if exchange.status is None:
        return RETRY, exchange.failure or "no answer"
    if exchange.status >= 500:
        return RETRY, f"status {exchange.status}"
    return PROCEED, "" if exchange.ok else f"status {exchange.status}"


def _of_success(exchange: Exchange, call: Call) -> tuple[Meaning, str]:
    """A 2xx answer: whole and shaped as documented, or else not."""
    if call.method not in _MEMBERS and call.method not in LOGIN:
        return PROCEED, ""
    try:
        body = parsed(exchange)
    except ShapeChanged as error:
        return RETRY, error.message  # cut off on the way, or a page of something in between
    if call.method in LOGIN:
        return PROCEED, ""
    member, kind = _MEMBERS[call.method]
    if not isinstance(body, dict) or not isinstance(body.get(member), kind):
        return CHANGED, f"{call.method} answered without {member}"
    if call.method == "com.atproto.sync.getRepoStatus" and body["active"] is False:
        return GONE, f"the repository's status is {body.get('status')!r}"
    return PROCEED, ""


def _of_refusal(exchange: Exchange, call: Call, account: Account) -> Meaning:
    """The rules in the order in which they hold; then the table."""
    error, status = error_of(exchange), exchange.status or 0
    restart = bool(call.one("cursor")) and call.method in REPEATABLE and error.name != ""
    lacking = status in {404, 501} or error.name == "MethodNotImplemented"
    rules: tuple[tuple[bool, Meaning], ...] = (
        (call.method.endswith("createSession") and error.name in _TOKEN_ERRORS, LOST),
        (
            error.name == "AuthMissing" and call.method in _PUBLIC,
            PROCEED if account.authenticated else Meaning.NEEDS_TOKEN,
        ),
        (status >= 500 and status != 501, PROCEED if restart else RETRY),
        (lacking and call.method in OPTIONAL, PROCEED),
        (call.method == "did" and status in {404, 410}, PROCEED),  # not registered, or a tombstone
        (call.method == "app.bsky.feed.getPosts" and exchange.stream == "posts" and status == 400, PROCEED),
        (error.name in BY_NAME, BY_NAME.get(error.name, CHANGED)),
        (error.message.startswith(_NOT_FOUND) or restart, PROCEED),
        (status in {401, 403}, LOST if error.name else RETRY),
        (not error.name and status in {400, 404, 408, 425}, RETRY),
    )
    return next((meaning for holds, meaning in rules if holds), CHANGED)


def _words(exchange: Exchange) -> str:
    error = error_of(exchange)
    return f"{error.name}: {error.message}" if error.name else f"status {exchange.status}"


def _about_own_account(exchange: Exchange, call: Call) -> bool:
    """Whether the answer is that the account itself is gone.

    A moved repository says the same at its old place, so only requests that establish who and where it is are believed.
    """
    error = error_of(exchange)
    if call.method == "com.atproto.server.createSession":
        return error.name in _ACCOUNT_ERRORS
    establishing = exchange.stream == "profile" or call.method == "com.atproto.sync.getRepoStatus"
    if not establishing or exchange.status not in {400, 401, 404, 410}:
        return False
    named = error.name in _ACCOUNT_ERRORS or error.message.startswith(_ACCOUNT_MESSAGES)
    return named or call.method == "did"


def _is_strange(exchange: Exchange, call: Call, account: Account) -> bool:
    """Whether a stranger's server was asked for a stranger's record: what fails there must not hold up the account."""
    if exchange.stream in _OWN_STREAMS:
        return False
    pds = account.facts.get("pds", "")
    own = {server.partition("://")[2].partition("/")[0].lower() for server in (APPVIEW, PLC, ENTRYWAY, pds)}
    return account.base_url is None and call.host not in own


def _until(exchange: Exchange) -> datetime | None:
    reset = unix_reset(exchange.header("RateLimit-Reset"))
    return reset or retry_after(exchange.header("Retry-After"), exchange.captured_at)


def _budget(exchange: Exchange) -> Budget | None:
    """``RateLimit-*``, where a server sends them; the reset is in Unix seconds."""
    remaining = (exchange.header("RateLimit-Remaining") or "").strip()
    limit = (exchange.header("RateLimit-Limit") or "").strip()
    if not _is_number(remaining):
        return None
    resets_at = unix_reset(exchange.header("RateLimit-Reset"))
    return Budget(int(limit) if _is_number(limit) else None, int(remaining), resets_at)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
