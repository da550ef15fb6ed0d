"""Bluesky's part of the contract suite."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archiver.domain.account import Account
from archiver.domain.exchange import RequestSpec
from archiver.domain.keys import Key
from archiver.domain.task import Meaning, TaskKind
from tests.platforms.bluesky_world import BASE, NOW, BlueskyWorld, story
from tests.platforms.contract.server import Case, Provided, Reply

RESETS = (("RateLimit-Limit", "3000"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1795371000"))
PAGE = b"<html><body>Bad gateway</body></html>"


def provide() -> Provided:
    """A city with a hearing, a deep thread, something hidden, something deleted."""
    world = BlueskyWorld()
    named = story(world)
    known = tuple(Key(post.key) for name, post in named.items() if post.root is named["hearing"])
    subjects = tuple(named[name].key for name in ("middle", "question", "notice 3", "notice 4", "share"))
    world.world.delete(named["middle"])
    world.world.delete(named["notice 4"])
    hearing, blob = named["hearing"].key, named["pictures"].latest.pictures[0].cid
    login = world.logged_in
    tasks = (
        world.task(TaskKind.PROFILE),
        world.task(TaskKind.PROFILE, account=world.configured),
        world.task(TaskKind.POLL, full=True),
        world.task(TaskKind.POLL, since=NOW - timedelta(days=65)),
        world.task(TaskKind.BACKFILL, since=NOW - timedelta(days=89)),
        world.task(TaskKind.THREAD, hearing),
        world.task(TaskKind.THREAD, hearing, known=known, full=True),
        world.task(TaskKind.CONFIRM, *subjects),
        world.task(TaskKind.MENTIONS, account=login, full=True),
        world.task(TaskKind.MEDIA, f"blob:{world.city.person.id}/{blob}"),
    )

    def serve(spec: RequestSpec, page_size: int | None) -> Reply:
        reply = world.serve(spec, page_size)
        return Reply(reply.status, reply.body, reply.headers)

    return Provided(
        account=world.account,
        serve=serve,
        tasks=tasks,
        elsewhere=replace(world.account, base_url=None, facts={"pds": "https://oyster.us-east.host.bsky.network"}),
        limits={"limit": (1, 100), "depth": (0, 1000), "parentHeight": (0, 1000)},
        most_values={"uris": 25, "actors": 25, "reasons": 20},
        may_hold_secret=frozenset({"bsky.social", "oyster.us-east.host.bsky.network"}),
        meanings=_meanings(world.account),
    )


def _error(status: int, name: str, message: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    body = f'{{"error": "{name}", "message": "{message}"}}'.encode()
    return Reply(status, body, (("Content-Type", "application/json"), *headers))


def _meanings(account: Account) -> list[Case]:
    """Limits, names of errors, states of accounts, logins, and what stands in between."""
    did = account.native_id
    feed = f"{BASE}/xrpc/app.bsky.feed.getAuthorFeed?actor={did}"
    listing = f"{BASE}/xrpc/com.atproto.repo.listRecords?repo={did}&collection=app.bsky.feed.post"
    record = f"{BASE}/xrpc/com.atproto.repo.getRecord?repo={did}&collection=app.bsky.feed.post&rkey=3n2vxxplom22x"
    thread = f"{BASE}/xrpc/app.bsky.feed.getPostThread?uri=at://{did}/app.bsky.feed.post/3n2vxxplom22x"
    profile = f"{BASE}/xrpc/app.bsky.actor.getProfile?actor={did}"
    status = f"{BASE}/xrpc/com.atproto.sync.getRepoStatus?did={did}"
    notices = f"{BASE}/xrpc/app.bsky.notification.listNotifications?limit=100"
    session = f"{BASE}/xrpc/com.atproto.server.createSession"
    refresh = f"{BASE}/xrpc/com.atproto.server.refreshSession"
    reset = datetime.fromtimestamp(1795371000, UTC)
    login, plain = replace(account, authenticated=True), replace(account, authenticated=False)
    wait, retry, gone, lost = Meaning.WAIT, Meaning.RETRY, Meaning.ACCOUNT_GONE, Meaning.ACCESS_LOST
    proceed, expired, changed = Meaning.PROCEED, Meaning.SESSION_EXPIRED, Meaning.SHAPE_CHANGED
    case = Case
    limited = _error(429, "RateLimitExceeded", "Rate Limit Exceeded", RESETS)
    later = _error(429, "RateLimitExceeded", "", (("Retry-After", "290"),))
    return [
        case("429 waits until RateLimit-Reset, which is in unix seconds", listing, limited, wait, until=reset),
        case("429 with Retry-After alone waits that long", listing, later, wait, until=NOW + timedelta(seconds=290)),
        case(
            "429 that names no moment waits, and the loop decides how long",
            listing,
            _error(429, "RateLimitExceeded"),
            wait,
        ),
        case(
            "a record that is not there is an answer, though its status is 400",
            record,
            _error(400, "RecordNotFound"),
            proceed,
        ),
        case("so is a thread whose root is gone", thread, _error(400, "NotFound", "Post not found: at://x"), proceed),
        case(
            "an expired token is 400, too, and means to log in again",
            notices,
            _error(400, "ExpiredToken"),
            expired,
            account=login,
        ),
        case(
            "a token that is refused means to log in again",
            notices,
            _error(400, "InvalidToken"),
            expired,
            account=login,
        ),
        case(
            "a wrong app password needs a person",
            session,
            _error(401, "AuthenticationRequired"),
            lost,
            account=login,
            method="POST",
        ),
        case(
            "so does a second factor",
            session,
            _error(401, "AuthFactorTokenRequired"),
            lost,
            account=login,
            method="POST",
        ),
        case(
            "a refused refresh token means to log in again",
            refresh,
            _error(400, "InvalidToken"),
            expired,
            account=login,
            method="POST",
        ),
        case(
            "a taken-down account cannot log in",
            session,
            _error(401, "AccountTakedown"),
            gone,
            account=login,
            method="POST",
        ),
        case(
            "a server that shows nothing without a login needs a token",
            feed,
            _error(401, "AuthMissing"),
            Meaning.NEEDS_TOKEN,
            account=plain,
        ),
        case("with one, the task asks again with it", feed, _error(401, "AuthMissing"), proceed, account=login),
        case("a deactivated account is gone", profile, _error(400, "AccountDeactivated"), gone, stream="profile"),
        case("a taken-down account is gone", profile, _error(400, "AccountTakedown"), gone, stream="profile"),
        case(
            "a deleted account has no profile",
            profile,
            _error(400, "InvalidRequest", "Profile not found"),
            gone,
            stream="profile",
        ),
        case("a deleted account has no repository", status, _error(400, "RepoNotFound"), gone),
        case(
            "the boolean active counts, whatever the status is called",
            status,
            Reply(200, b'{"did":"d","active":false,"status":"new"}'),
            gone,
        ),
        case(
            "a desynchronized repository that is active goes on",
            status,
            Reply(200, b'{"did":"d","active":true,"status":"desynchronized"}'),
            proceed,
        ),
        case(
            "a repository that is not at this server may have moved: the task finds out",
            listing,
            _error(400, "InvalidRequest", "Could not find repo: did"),
            proceed,
        ),
        case("a bad gateway's web page passes", listing, Reply(502, PAGE, (("Content-Type", "text/html"),)), retry),
        case(
            "a web page with status 200 passes, too", listing, Reply(200, PAGE, (("Content-Type", "text/html"),)), retry
        ),
        case("an upstream that fails passes", feed, _error(502, "UpstreamFailure"), retry),
        case("a first page that fails is tried again", feed, _error(500, "InternalServerError"), retry),
        case(
            "a cursor that the server chokes on is left behind by the task",
            feed + "&cursor=garbage",
            _error(500, "InternalServerError"),
            proceed,
        ),
        case("a listing without its list has changed its shape", listing, Reply(200, b'{"entries": []}'), changed),
        case(
            "a parameter that is refused has changed its shape",
            listing,
            _error(400, "InvalidRequest", "Error: limit"),
            changed,
        ),
        case("a JSON answer that was cut off is tried again", listing, Reply(200, b'{"records": [{"uri'), retry),
        case("a method that a server lacks is done without", status, _error(501, "MethodNotImplemented"), proceed),
        case(
            "a listing that a server lacks can't be done without", listing, _error(501, "MethodNotImplemented"), changed
        ),
        case(
            "names of the error matter, not its words",
            record,
            _error(400, "RecordNotFound", "Enregistrement introuvable"),
            proceed,
        ),
    ]
