"""One request, one capture event. Transport faults are part of the event, never exceptions."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urljoin

import httpx

from archiver.capture.attempt import Attempt, carried_out
from archiver.capture.clock import Clock
from archiver.capture.credentials import NOTHING, Carried, carried
from archiver.capture.faults import (
    DISCONNECT,
    FAILURE,
    FOREIGN,
    PROTOCOL,
    REFUSED,
    STOPPED,
    TRUNCATED,
    Fault,
    of_foreign,
)
from archiver.capture.framing import AnswerHead
from archiver.capture.guard import Guard, Origin
from archiver.capture.heads import clean_url
from archiver.capture.learning import brought, granted, shown, true_ones
from archiver.capture.masking import Masker
from archiver.capture.media import Cut, MediaLimits, unwanted
from archiver.capture.network import Network
from archiver.capture.recording import Learn, Recorded, Recording, Scan
from archiver.capture.secrets import Secrets
from archiver.capture.session import Login, Sessions, document_of, filled, tokens_in
from archiver.capture.transport import Transport, address, exact_target
from archiver.capture.wire import Backend, Resolve, system_resolve
from archiver.domain.account import Account
from archiver.domain.exchange import Exchange, Grant, Purpose, RequestSpec
from archiver.errors import OperatorError, TokenMissing
from archiver.warc.event import BlockWriter, CaptureEvent, Redaction

__all__ = ["Client", "MediaLimits", "Network"]

_KEPT_LOCATIONS = 256
_OURS = {"cookie", "authorization", "proxy-authorization", "host", "content-length", "transfer-encoding", "connection"}
_SWITCHING = 101
_REDIRECTS = {301, 302, 303, 307, 308}

for _name in ("httpx", "httpcore"):
    # Their debug messages hold header fields, cookies among them; the WARC is the place to look instead.
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """What one attempt sends: the spec as the adapter gave it, and what the client adds.

    ``trusted``: the operator named this origin as the account's server. ``learn`` finds the tokens in a login's answer.
    """

    spec: RequestSpec
    origin: Origin
    trusted: bool
    body: bytes | None
    carried: Carried = NOTHING
    learn: Learn | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How an exchange ended: by its end, by a fault, or cut because its head says that the rest is not wanted."""

    http_version: str | None = None
    fault: Fault | None = None
    cut: Cut | None = None


class Client:
    """Sends requests for all accounts; safe to use from several threads, each carrying out one request at a time.

    All methods may raise TokenMissing, when a configured secret can't be read, and StorageFull, when an answer does not
    fit on the disk of ``spool``.
    """

    def __init__(
        self,
        network: Network,
        secrets: Secrets,
        spool: Path,
        clock: Clock,
        stop: threading.Event,
        *,
        resolve: Resolve = system_resolve,
    ) -> None:
        self._network = network
        self._secrets = secrets
        self._spool = spool
        self._clock = clock
        self._stop = stop
        self._sessions = Sessions()
        self._backend = Backend(Guard(network.allow_networks), proxied=network.proxy is not None, resolve=resolve)
        self._http = httpx.Client(
            transport=Transport(self._backend, proxy=network.proxy, ca_bundle=network.ca_bundle),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # takes none
            trust_env=False,
        )
        self._maskers: dict[str, Masker] = {}
        self._locations: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._plain_only: set[Origin] = set()
        self._unkept: dict[str, OperatorError] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def send(self, account: Account, spec: RequestSpec) -> CaptureEvent:
        """One attempt. The event says what went wrong, if it did: ``stopped`` when this process was asked to end."""
        session: str | None = None
        if spec.credential is not None and self._sessions.has(account.id):
            session = self._sessions.of(account.id).access
            if session is None:
                return self._unsent(spec, Fault(PROTOCOL, "There is no session: log in first."))
        given = carried(self._secrets, account, spec, session)
        if spec.grant is not None:
            return self._granted(account, spec, given, spec.grant)
        return self._carry_out(account, spec, spec.body, given)[0]

    def redirect(self, spec: RequestSpec, exchange: Exchange) -> RequestSpec | None:
        """The request that an answer redirects to; None when it does not, or to what may not be asked.

        A credential goes along only within one origin. The caller counts the hops.
        """
        stated = exchange.header("location")
        if not spec.follow or exchange.status not in _REDIRECTS or not stated:
            return None
        with self._lock:
            location = self._locations.get((spec.url, stated), stated)
        try:
            target = urljoin(spec.url, location).partition("#")[0]
            same = Origin.of(target) == Origin.of(spec.url)
        except ValueError:
            return None
        moved = spec if same else replace(spec, credential=None, private=(), grant=None)
        moved = replace(moved, url=target)
        if exchange.status == 303 or (exchange.status in {301, 302} and spec.method == "POST"):
            return replace(moved, method="HEAD" if spec.method == "HEAD" else "GET", body=None)
        return moved

    # ---- new secrets

    def _granted(self, account: Account, spec: RequestSpec, given: Carried, grant: Grant) -> CaptureEvent:
        """One attempt to get new secrets; each is stored before the answer is told of, or at least held in memory."""
        answers: list[dict[str, object]] = []

        def learn(head: AnswerHead, content: bytes) -> set[str] | None:
            document = document_of(content)
            if document is None:
                return None if head.ok else set()
            answers.append(document)
            tokens = brought(document, grant)
            for token in tokens:
                self._secrets.remember(account.id, token)
            return tokens

        event, recorded = self._carry_out(account, spec, spec.body, given, learn)
        if answers and _is_success(event, recorded):
            self._keep(account, answers[-1], grant, event.captured_at)
        return event

    def _keep(self, account: Account, document: dict[str, object], grant: Grant, at: datetime) -> None:
        """Store the new secrets of an answer, in the order of the grant, or at least hold them in memory."""
        for name, value in granted(document, grant).items():
            try:
                self._secrets.store(account.id, name, value, at)
            except OperatorError as error:
                self._unkept[account.id] = error

    def unkept(self, account: Account) -> OperatorError | None:
        """Why a new secret could not be stored, once; it is used all the same as long as this process lives."""
        return self._unkept.pop(account.id, None)

    # ---- sessions

    def needs_login(self, account: Account, login: Login | None) -> bool:
        """Whether a login is due before a request with a credential."""
        if login is None or self._secrets.get(account.id, login.secret) is None:
            return False
        if login.kept is not None and not self._sessions.has(account.id):
            with suppress(TokenMissing):  # its file is empty until the first login
                kept = self._secrets.get(account.id, login.kept)
                if kept is not None:
                    self._sessions.adopt(account.id, kept)
        return self._sessions.of(account.id).access is None

    def may_log_in(self, account: Account, login: Login) -> bool:
        """Whether a login leaves the secret that it is made of as good as it was, or the new one can be kept."""
        grant = login.request.grant
        uses_up = grant is not None and any(name == login.secret for name, _ in grant.brings)
        return not uses_up or self._secrets.keeps(account.id, login.secret)

    def refreshing(self, account: Account, login: Login) -> bool:
        """Whether the next login only renews the session; if the platform refuses that, the one after it does not."""
        return login.refresh is not None and self._sessions.of(account.id).refresh is not None

    def login(self, account: Account, login: Login) -> CaptureEvent:
        """One attempt to log in, or to renew the session where there is a refresh token."""
        refresh = self._sessions.of(account.id).refresh
        renewal = login.refresh if refresh is not None else None
        if renewal is not None:
            spec, body, bearer = renewal, renewal.body, refresh
        else:
            secret = self._secrets.get(account.id, login.secret)
            if secret is None:
                raise TokenMissing(f"{account.id}: there is no {login.secret} to log in with.")
            spec, body, bearer = login.request, filled(login.request.body or b"", secret), None
        answers: list[dict[str, object]] = []

        def learn(head: AnswerHead, content: bytes) -> list[str] | None:
            document = document_of(content)
            if document is None:
                return None if head.ok else []
            answers.append(document)
            tokens = list(true_ones(tokens_in(document, login.access_member, login.refresh_member)))
            for token in tokens:
                self._secrets.remember(account.id, token)
            return tokens

        given = Carried(bearer) if bearer is not None else carried(self._secrets, account, spec)
        event, recorded = self._carry_out(account, spec, body, given, learn)
        status = _status(recorded)
        if answers and _is_success(event, recorded):
            if spec.grant is not None:
                self._keep(account, answers[-1], spec.grant, event.captured_at)
            self._sessions.opened(account.id, login, answers[-1])
        elif renewal is not None and 400 <= status < 500 and status not in {408, 429}:
            self._sessions.refused(account.id)
        return event

    # ---- what may be renewed

    def renewable(self, account: Account) -> bool:
        """Whether a new token could be kept."""
        kept = {"token", "refresh_token"} & account.secrets
        return bool(kept) and all(self._secrets.storable(account.id, name) for name in kept)

    def secrets_changed_at(self, account: Account) -> datetime | None:
        """When a secret was last put into its file (aware, UTC); None where none is in a file."""
        return self._secrets.changed_at(account.id)

    def sharing(self, account: Account, name: str) -> frozenset[str]:
        """The ids of the accounts whose secret of this name has the same value, this account's among them."""
        return self._secrets.sharing(account.id, name)

    def expire(self, account: Account) -> None:
        """The platform says that the session has ended."""
        self._sessions.expired(account.id)

    # ---- one attempt

    def _carry_out(
        self, account: Account, spec: RequestSpec, body: bytes | None, given: Carried, learn: Learn | None = None
    ) -> tuple[CaptureEvent, Recorded | None]:
        try:
            origin = Origin.of(spec.url)
            outgoing = _Outgoing(spec, origin, _is_own(account, origin), body, given, learn)
            request = self._request(outgoing)
        except Fault as fault:
            return self._unsent(spec, fault), None
        except ValueError as error:
            return self._unsent(spec, Fault(REFUSED, f"{error}.")), None
        masker = self._masker(account.id)
        recording = Recording(
            spec.method,
            BlockWriter(self._spool),
            masker,
            look_inside=_shows_credentials(outgoing),
            learn=learn,
            scan=self._scan(account.id) if given else None,
            private=given.names,
        )
        attempt = self._attempt(recording, outgoing)
        captured_at, began = self._clock.now(), time.monotonic()
        try:
            outcome = self._exchange(attempt, request, outgoing)
            recorded = recording.finish()
        except BaseException:
            recording.discard()
            raise
        elapsed_ms = round((time.monotonic() - began) * 1000)
        event = _event(address(request), outgoing, masker, attempt, recorded, outcome, captured_at, elapsed_ms)
        self._remember(outgoing, recorded)
        return event, recorded

    def _scan(self, account: str) -> Scan:
        """Finds the credentials in an answer that was asked for something else, and remembers them."""

        def scan(content: bytes) -> set[str]:
            found = shown(content)
            for token in found:
                self._secrets.remember(account, token)
            return found

        return scan

    def _attempt(self, recording: Recording, outgoing: _Outgoing) -> Attempt:
        limits = self._network.media if outgoing.spec.purpose is Purpose.MEDIA else self._network.api
        return Attempt(
            recording,
            self._stop,
            secure=outgoing.origin.scheme == "https",
            trusted=outgoing.trusted,
            max_bytes=limits.max_bytes,
            max_seconds=limits.max_seconds,
        )

    def _exchange(self, attempt: Attempt, request: httpx.Request, outgoing: _Outgoing) -> _Outcome:
        """Send and receive; the bytes are recorded on the wire, so what comes up here is let go."""
        version: str | None = None
        with carried_out(attempt):
            try:
                attempt.check()
                if self._backend.proxied:
                    origin, timeout = outgoing.origin, self._network.connect_timeout_s
                    self._backend.judge_before_proxy(origin.host, origin.port, attempt, timeout)
                response = self._http.send(request, stream=True)
                version = response.http_version
                with closing(response):
                    if response.status_code == _SWITCHING:
                        return _Outcome(None, Fault(PROTOCOL, "The server wanted to switch to another protocol."))
                    cut = self._unwanted(attempt, outgoing.spec)
                    if cut is None:
                        for _ in response.iter_raw():
                            pass
                return _Outcome(version, cut=cut)
            except Fault as fault:
                return _Outcome(version, fault)
            except FOREIGN as error:
                return _Outcome(version, _at_end(of_foreign(error), attempt))

    def _unwanted(self, attempt: Attempt, spec: RequestSpec) -> Cut | None:
        head = attempt.recording.head
        return unwanted(head, self._network.media) if head is not None and spec.purpose is Purpose.MEDIA else None

    def _request(self, outgoing: _Outgoing) -> httpx.Request:
        """The request as it goes out: who we are first, the credential last."""
        spec, given = outgoing.spec, outgoing.carried
        shows_secret = bool(given) or outgoing.learn is not None
        if shows_secret and outgoing.origin.scheme != "https" and not outgoing.trusted:
            raise Fault(REFUSED, "A credential goes over https only, or to the account's own base_url.")
        stated = [(name, value) for name, value in given.headers(spec) if name.lower() not in _OURS]
        names = {name.lower() for name, _ in stated}
        plain = outgoing.learn is not None or spec.purpose is Purpose.MEDIA or outgoing.origin in self._plain_only
        defaults = (
            ("User-Agent", self._network.user_agent),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity" if plain else "gzip"),
            ("Connection", "keep-alive"),
        )
        headers = [(name, value) for name, value in defaults if name.lower() not in names] + stated
        headers += given.authorization()
        connect, read = self._network.connect_timeout_s, self._network.read_timeout_s
        timeouts = {"connect": connect, "read": read, "write": read, "pool": connect}
        try:
            encoded = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
            url = given.url(spec)
            return httpx.Request(
                spec.method,
                url,
                headers=encoded,
                content=given.body(spec, outgoing.body),
                extensions={"timeout": timeouts, **exact_target(url)},
            )
        except UnicodeEncodeError as error:
            raise Fault(PROTOCOL, "A header field holds characters that can't be sent.") from error

    def _masker(self, account: str) -> Masker:
        """What knows an account's secrets, made anew when there are new ones."""
        known = self._secrets.known(account)
        with self._lock:
            masker = self._maskers.get(account)
            if masker is None or masker.secrets != known:
                masker = self._maskers[account] = Masker(known)
            return masker

    def _unsent(self, spec: RequestSpec, fault: Fault) -> CaptureEvent:
        """The event of a request that did not go out."""
        masker = Masker(self._secrets.known_anywhere())
        url, count = clean_url(spec.url, masker)
        return CaptureEvent(
            url=url,
            method=spec.method,
            captured_at=self._clock.now(),
            elapsed_ms=0,
            request=b"",
            response=None,
            failure=fault.word,
            failure_detail=masker.masked(fault.detail),
            redactions=(Redaction("url", count),) if count else (),
            purpose=spec.purpose,
        )

    def _remember(self, outgoing: _Outgoing, recorded: Recorded) -> None:
        """Keep in memory what the next request needs and the stored answer does not tell."""
        with self._lock:
            if recorded.coded_secret:
                self._plain_only.add(outgoing.origin)
            if recorded.location is not None and recorded.location[0] != recorded.location[1]:
                stored, true = recorded.location
                self._locations[outgoing.spec.url, stored] = true
                while len(self._locations) > _KEPT_LOCATIONS:
                    self._locations.popitem(last=False)


def _event(
    url: str,
    outgoing: _Outgoing,
    masker: Masker,
    attempt: Attempt,
    recorded: Recorded,
    outcome: _Outcome,
    captured_at: datetime,
    elapsed_ms: int,
) -> CaptureEvent:
    """Put together what is known of an exchange that is over."""
    clean, count = clean_url(url, masker, outgoing.carried.names)
    redactions = recorded.redactions if attempt.sent or not count else (Redaction("url", count),)
    failure, truncated, detail = _ending(outcome, recorded)
    response = recorded.response
    if failure == STOPPED and response is not None:
        response.close()
        response = None
    tls = (attempt.tls.lower().replace("v", "/"),) if attempt.tls else ()
    return CaptureEvent(
        url=clean,
        method=outgoing.spec.method,
        captured_at=captured_at,
        elapsed_ms=elapsed_ms,
        request=recorded.request,
        response=response,
        payload_sha256=recorded.payload_sha256 if failure is None else None,
        peer=attempt.peer,
        protocols=((outcome.http_version or "HTTP/1.1").lower(), *tls) if attempt.sent else (),
        truncated=truncated,
        failure=failure,
        failure_detail=masker.masked(detail) if detail else None,
        redactions=redactions,
        purpose=outgoing.spec.purpose,
    )


def _ending(outcome: _Outcome, recorded: Recorded) -> tuple[str | None, str | None, str | None]:
    """Failure, truncation and a sentence about it."""
    fault, cut = outcome.fault, outcome.cut or recorded.cut
    if fault is not None and (outcome.http_version is None or fault.word == STOPPED):
        return FAILURE.get(fault.word, fault.word), None, fault.detail
    if fault is not None:
        return None, TRUNCATED.get(fault.word, "unspecified"), fault.detail
    if cut is not None:
        return None, cut.word, cut.detail
    if recorded.surplus_bytes:
        return None, None, f"{recorded.surplus_bytes} bytes after the end of the answer were left out."
    return None, None, None


def _at_end(fault: Fault, attempt: Attempt) -> Fault:
    """What h11 calls a breach of protocol is a broken connection, if the bytes ended where it was found."""
    return Fault(DISCONNECT, fault.detail) if fault.word == PROTOCOL and attempt.ended_by_peer else fault


def _is_own(account: Account, origin: Origin) -> bool:
    """Whether the operator named this very origin as the account's server."""
    try:
        return account.base_url is not None and Origin.of(account.base_url) == origin
    except ValueError:
        return False


def _shows_credentials(outgoing: _Outgoing) -> bool:
    """Whether the answer could repeat a secret. A file from elsewhere was shown none."""
    return outgoing.spec.purpose is not Purpose.MEDIA or bool(outgoing.carried)


def _status(recorded: Recorded | None) -> int:
    return recorded.head.status if recorded is not None and recorded.head is not None else 0


def _is_success(event: CaptureEvent, recorded: Recorded | None) -> bool:
    """Whether a whole answer with a 2xx status came."""
    return event.failure is None and event.truncated is None and 200 <= _status(recorded) < 300
