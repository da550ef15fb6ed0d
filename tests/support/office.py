"""A platform whose tokens end, are renewed and exchanged, and that tells the caller's secrets back wherever it can.

`Office` is the server, on a port of this machine; `OfficeAdapter` the adapter. ``python -m tests.support.office
ARGUMENTS`` is the archiver's command with this platform in it.
"""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from archiver.capture.credentials import proof
from archiver.domain.access import NEVER, AccessSeen, Lacking, renewal_due
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Grant, PrivateParameter, RequestSpec, Where
from archiver.domain.item import Body, Form, Person
from archiver.domain.keys import Key
from archiver.domain.observation import AccountSeen, ItemSeen, Observation
from archiver.domain.spending import Tariff
from archiver.domain.task import Covered, FollowUp, Meaning, Step, Task, TaskKind, Verdict
from archiver.platforms import registry
from archiver.platforms.adapter import Login
from archiver.platforms.connecting import GIVEN, TOKEN, Asked, Connection, Stage, Way
from archiver.platforms.oauth import Provider
from tests.capture.spellings import SPELLINGS

PLATFORM = "office"
APP_ID, APP_SECRET = "246813579024681", "app-s3cret/canary=0815"
NEEDED = {"read": "posts", "comments": "what residents answer"}
LIFE, OLD_ENOUGH = timedelta(days=60), timedelta(hours=24)


@dataclass
class Token:
    """A token that the office has given out."""

    value: str
    kind: str = "user"
    issued_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    expires_at: datetime | None = None
    data_until: datetime | None = None
    scopes: tuple[str, ...] = tuple(NEEDED)
    dead: str = ""
    owner: str = "city"


class Office:
    """The server. ``asked`` are the targets as they came; ``echo``: every answer tells the caller's secrets back."""

    def __init__(self) -> None:
        self.base = ""
        self.tokens: dict[str, Token] = {}
        self.asked: list[str] = []
        self.refreshing: dict[str, bool] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.agreed = True
        self.echo = False
        self.broken = False
        self.packed = False
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._count = 0

    def give(
        self, value: str | None = None, *, life: timedelta | None = LIFE, age: timedelta = timedelta(), **more: Any
    ) -> Token:
        """A new token."""
        self._count += 1
        issued = self.now() - age
        value = value or f"T{self._count}/canary+of|the=office-{self._count:04}"
        self.tokens[value] = Token(value, issued_at=issued, expires_at=issued + life if life else None, **more)
        return self.tokens[value]

    def answer(self, target: str, bearer: str | None) -> tuple[int, Any]:
        """Status and document."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if bearer is not None and query.get("appsecret_proof") not in {None, proof(APP_SECRET, bearer)}:
            return 400, _error("Invalid appsecret_proof provided in the API argument")
        if parts.path == "/exchange":
            return self._exchange(query)
        if parts.path == "/refresh":
            return self._refresh(query)
        if bearer != f"{APP_ID}|{APP_SECRET}":
            refused = self._refused(bearer)
            if refused:
                return 401, _error(refused)
        return self._known(parts.path, query, self.tokens.get(bearer or ""))

    def _known(self, path: str, query: dict[str, str], token: Token | None) -> tuple[int, Any]:
        if path == "/debug_token":
            return 200, {"data": self._looked_at(query["input_token"])}
        owner = token.owner if token else "nobody"
        if path == "/me":
            return 200, {"id": "77" if owner == "city" else "88", "username": owner, "pinned_id": 17841400000000001}
        if path == "/posts":
            post = {"id": "1", "text": "Hello, city."}
            if self.echo:  # tokens that nobody asked for, in a member and in a link
                post["access_token"] = self.give(kind="page").value
            secret = quote(self.give(kind="page").value if self.echo else "none", safe="")
            following = {"next": f"{self.base}/posts?access_token={secret}&after=QVFI", "cursors": {"after": "QVFI"}}
            return 200, {"data": [post], "paging": following}
        if path == "/me/accounts":
            pages = [self.give(kind="page", life=None, owner=name) for name in ("parks", "city")]
            return 200, {"data": [{"id": one.owner, "access_token": one.value} for one in pages]}
        return 404, _error("There is no such call.")

    def log_in(self, query: dict[str, str]) -> str:
        """Where the browser is sent after the person has agreed, or has not."""
        back = {"state": query["state"], "error": "access_denied"}
        if self.agreed:
            self._count += 1
            back = {"state": query["state"], "code": f"code-{self._count}"}
            self.codes[back["code"]] = query
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def tokens_for(self, form: dict[str, str]) -> tuple[int, Any]:
        """An access token for a code or for a refresh token; each of the two is good once."""
        if form.get("client_id") != APP_ID or form.get("client_secret") != APP_SECRET:
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            asked = self.codes.pop(form["code"], {})
            digest = base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            if (asked.get("code_challenge"), asked.get("redirect_uri")) != (digest, form["redirect_uri"]):
                return 400, {"error": "invalid_grant"}
        elif not self.refreshing.pop(form["refresh_token"], False):
            return 400, {"error": "invalid_grant", "error_description": "Value passed for the token was invalid."}
        self._count += 1
        refresh = f"R{self._count}/canary+refresh={self._count:04}"
        self.refreshing[refresh] = True
        access = self.give(life=timedelta(hours=2)).value
        return 200, {"token_type": "bearer", "expires_in": 7200, "access_token": access, "refresh_token": refresh}

    def _refused(self, bearer: str | None) -> str:
        token = self.tokens.get(bearer or "")
        if token is None:
            return "Invalid OAuth access token - Cannot parse access token"
        if token.expires_at is not None and token.expires_at <= self.now():
            return f"Error validating access token: Session has expired on {token.expires_at:%A}."
        return token.dead

    def _looked_at(self, value: str) -> dict[str, Any]:
        token, refused = self.tokens.get(value), self._refused(value)
        if token is None:
            return {"is_valid": False, "scopes": [], "error": {"message": refused}}
        return {
            "app_id": APP_ID, "type": token.kind, "is_valid": not refused, "scopes": list(token.scopes),
            "issued_at": int(token.issued_at.timestamp()),
            "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
            "data_access_expires_at": int(token.data_until.timestamp()) if token.data_until else 0,
            "error": {"message": refused},
        }  # fmt: skip

    def _exchange(self, query: dict[str, str]) -> tuple[int, Any]:
        if (query.get("client_id"), query.get("client_secret")) != (APP_ID, APP_SECRET):
            return 400, _error("Error validating client secret.")
        if refused := self._refused(query.get("given")):
            return 400, _error(refused)
        return 200, {"access_token": self.give().value, "token_type": "bearer", "expires_in": int(LIFE.total_seconds())}

    def _refresh(self, query: dict[str, str]) -> tuple[int, Any]:
        value = query.get("access_token", "")
        if refused := self._refused(value):
            return 400, _error(refused)
        if self.now() - self.tokens[value].issued_at < OLD_ENOUGH:
            return 400, _error("The token is too young.")
        made = self.give(scopes=self.tokens[value].scopes)
        return 200, {"access_token": made.value, "token_type": "bearer", "expires_in": int(LIFE.total_seconds())}


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message}}


@contextmanager
def opened(office: Office) -> Iterator[Office]:
    """The office on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            office.asked.append(self.path)
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, document = office.tokens_for({name: values[0] for name, values in form.items()})
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            office.asked.append(self.path)
            if self.path.startswith("/authorize?"):
                query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                self.send_response(302)
                self.send_header("Location", office.log_in(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ") or None
            status, document = office.answer(self.path, bearer)
            told = [one for one in (bearer, *(v for _, v in _secrets_of(self.path))) if one]
            headers: list[tuple[str, str]] = []
            if office.echo:
                document = {**document, "echo": [s(one).decode("latin-1") for one in told for s in SPELLINGS.values()]}
                headers = [("X-Token", one) for one in told] + [("Link", f"<{office.base}{self.path}>; rel=self")]
            body = json.dumps(document).encode()
            if office.broken:
                status, body = 500, b"<html>" + b"<br>".join(s(one) for one in told for s in SPELLINGS.values())
            if office.packed and "gzip" in self.headers.get("Accept-Encoding", ""):
                body, headers = gzip.compress(body), [*headers, ("Content-Encoding", "gzip")]
            self.send_response(status)
            kind = "text/html" if office.broken else "application/json; charset=UTF-8"
            for name, value in (*headers, ("Content-Type", kind), ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        office.base = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield office
        finally:
            server.shutdown()


def _secrets_of(target: str) -> list[tuple[str, str]]:
    query = parse_qs(urlsplit(target).query)
    return [(name, values[0]) for name, values in query.items() if name not in {"grant_type", "client_id", "fields"}]


PROOF = PrivateParameter("appsecret_proof", "{proof}", optional=True)
_TOKEN = PrivateParameter("access_token", "{token}")


class OfficeAdapter:
    """An account whose token is looked at daily and renewed weekly."""

    platform: ClassVar[str] = PLATFORM
    kinds: ClassVar[frozenset[TaskKind]] = frozenset({TaskKind.PROFILE, TaskKind.POLL, TaskKind.ACCESS})
    batches: ClassVar[Mapping[TaskKind, int]] = {}
    tariff: ClassVar[Tariff | None] = None

    def __init__(self, account: Account) -> None:
        self.account = account
        self.base = account.base_url or ""

    @property
    def id_server(self) -> str | None:
        """Ids are the same everywhere."""
        return None

    def start(self, task: Task) -> Step:
        """One call each; the credential is looked at first."""
        if task.kind is TaskKind.ACCESS:
            app = task.account.secrets >= {"app_id", "app_secret"}
            credential = "{app_id}|{app_secret}" if app else "token"
            looked_at = PrivateParameter("input_token", "{token}")
            return Step((self._spec("/debug_token", "access", credential, (looked_at, PROOF)),))
        path, stream = ("/me", "profile") if task.kind is TaskKind.PROFILE else ("/posts", "posts")
        return Step((self._spec(path, stream, "token", (PROOF,)),))

    def proceed(self, task: Task, step: Step, exchange: Exchange) -> Step:
        """The renewal, where it is time for one."""
        path = urlsplit(exchange.url).path
        if path == "/debug_token" and task.renewable:
            seen = next(iter(self.read(exchange)), None)
            if isinstance(seen, AccessSeen) and seen.valid and renewal_due(seen, task.started_at):
                return Step((self._spec("/refresh", "access", None, (_TOKEN,), Grant()),))
        found = (Covered("posts", None, task.started_at),) if path == "/posts" else ()
        return Step(findings=found)

    def read(self, exchange: Exchange) -> Iterator[Observation]:
        """The profile, a post, and what is told of a token."""
        path = urlsplit(exchange.url).path
        document = exchange.json() if exchange.ok else {}
        if path == "/me" and document:
            yield AccountSeen(document["id"], document["username"])
        for post in document.get("data", ()) if path == "/posts" else ():
            key = Key(f"{PLATFORM}:{post['id']}")
            yield ItemSeen(key, Form.POST, Person("77", "city", "City"), Body(text=post["text"]), exchange.captured_at)
        if path == "/debug_token" and document:
            yield _debugged(document["data"])
        if path == "/refresh" and "expires_in" in document:
            ends = exchange.captured_at + timedelta(seconds=document["expires_in"])
            yield AccessSeen("user", valid=True, issued_at=exchange.captured_at, expires_at=ends)

    def judge(self, exchange: Exchange) -> Verdict:
        """A refused token is lost; an error of another kind is read, or tried again."""
        if exchange.status is None or exchange.status >= 500 or exchange.truncated:
            return Verdict(Meaning.RETRY)
        try:
            error = exchange.json().get("error", {})
            detail = error if isinstance(error, str) else error.get("message", "")
        except Exception:  # noqa: BLE001 - whatever it is, it is not JSON
            return Verdict(Meaning.SHAPE_CHANGED)
        if exchange.status == 401 and "refresh_token" in self.account.secrets:
            return Verdict(Meaning.SESSION_EXPIRED, detail)
        return Verdict(Meaning.ACCESS_LOST if exchange.status == 401 else Meaning.PROCEED, detail)

    def pushed(self, exchange: Exchange) -> tuple[FollowUp, ...]:
        """Nothing is pushed."""
        return ()

    def login(self) -> Login | None:
        """The token is the bearer, but where it comes of a refresh token."""
        return self.provider.login(self.account)

    @property
    def provider(self) -> Provider:
        """The office's login page and what gives out tokens."""
        return Provider(f"{self.base}/authorize", f"{self.base}/oauth2/token", tuple(NEEDED.items()))

    def connection(self) -> Connection:
        """By exchange and the list of pages, by exchange alone, or as it is."""
        parameters = {"client_id": "{app_id}", "client_secret": "{app_secret}", "given": f"{{{GIVEN}}}"}
        private = tuple(PrivateParameter(name, template) for name, template in parameters.items())
        asked = (Asked("app_id", "App id", secret=False), Asked("app_secret", "App secret"), Asked(GIVEN, "Token"))

        def exchange(brings: str) -> Stage:
            grant = Grant(((brings, ("access_token",)),))
            return Stage(self._spec("/exchange", "access", None, private, grant), "Make a fresh token.")

        place = ("data", Where(("id",), self.account.handle), "access_token")
        pages = self._spec("/me/accounts", "access", "{long}", (PROOF,), Grant(((TOKEN, place),)))
        return Connection((
            Way("pages", "the page's own", ("Sign in.",), asked, (exchange("long"), Stage(pages, "Tick the page."))),
            Way("short", "an exchanged one", ("Sign in.",), asked, (exchange(TOKEN),)),
            self.provider.way(self.account, "login", "a login in the browser", "Register the app."),
            Way("as-it-is", "one that you have", (), (Asked(TOKEN, "Token"),)),
        ))  # fmt: skip

    def _spec(
        self, path: str, stream: str, credential: str | None, private: tuple[PrivateParameter, ...],
        grant: Grant | None = None,
    ) -> RequestSpec:  # fmt: skip
        return RequestSpec(self.base + path, stream, credential=credential, private=private, grant=grant)


def _debugged(data: dict[str, Any]) -> AccessSeen:
    def moment(name: str) -> datetime | None:
        return None if name not in data else datetime.fromtimestamp(data[name], UTC) if data[name] else NEVER

    return AccessSeen(
        data.get("type", ""), data["is_valid"], moment("expires_at"), moment("data_access_expires_at"), issued_at=moment("issued_at"),
        scopes=frozenset(data["scopes"]), detail=data["error"]["message"],
        lacking=tuple(Lacking(scope, why) for scope, why in NEEDED.items() if scope not in data["scopes"]),
    )  # fmt: skip


def install() -> None:
    """Let this process know the platform."""
    registry._ADAPTERS[PLATFORM] = "tests.support.office:OfficeAdapter"


if __name__ == "__main__":
    from archiver.cli.main import main

    install()
    main()
