"""Whose the credential is: an API key, a token of the channel's owner, or somebody else's token.

The question is ``channels?mine=true``, which only a token answers. A key is refused there, and then tried on the public
channel. What is refused as an invalid key may be a token that does not look like one: it is shown as a bearer token
once, and whether that went well is kept as a fact, so that all later calls do the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from archiver.domain.access import NEVER, AccessSeen
from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.observation import FactSeen, Observation
from archiver.domain.task import Meaning, Step, Task, TaskKind, Verdict
from archiver.platforms.youtube.answers import judge, words_for
from archiver.platforms.youtube.desk import AS_BEARER, AS_KEY, CREDENTIAL, shown_as_token
from archiver.platforms.youtube.errors import ApiError, Fault, error_of
from archiver.platforms.youtube.fields import entries, identifier
from archiver.platforms.youtube.ids import Names
from archiver.platforms.youtube.office import WHOSE, Office
from archiver.platforms.youtube.routes import Call, Route, route_of

STREAM, KEY = "access", "key"
_NO_KEY = frozenset({"keyInvalid", "API_KEY_INVALID"})
"""What is said of a credential that is no key at all; others are keys that are not set up."""
_TELLING = frozenset({Fault.KEY, Fault.TOKEN, Fault.NO_TOKEN, Fault.RIGHTS, Fault.REQUEST, Fault.MISSING})
"""Errors that tell something of the credential, and so are answers here."""
_OF_THE_CREDENTIAL = frozenset({Fault.KEY, Fault.TOKEN, Fault.NO_TOKEN})
_NO_CHANNEL = "youtubeSignupRequired"
NEITHER = "YouTube takes it neither for an API key nor for a token."


def start(office: Office, task: Task) -> Step:
    """Whose it is. A key that was told to be one is nobody's; of an older credential nothing is believed."""
    key = task.access is not None and task.access.valid and task.access.kind == KEY
    return office.step([office.who(STREAM) if key else _mine(office)])


def proceed(office: Office, _task: Task, step: Step, exchange: Exchange) -> Step:
    """After a refusal the next question, as far as there is one."""
    route, error = route_of(exchange.url), error_of(exchange)
    if error is None or route is None or not _is_mine(route) or exchange.note == AS_BEARER:
        return office.step(step.rest().requests)
    if error.reason in _NO_KEY:
        return office.step([shown_as_token(_mine(office))])
    if error.fault is Fault.KEY or error.reason == _NO_CHANNEL:
        return office.step([])
    return office.step([office.who(STREAM)])


def judged(exchange: Exchange, *, session: bool, token_sent: bool) -> Verdict:
    """What an answer means in a look at the credential: to be refused is an answer there."""
    verdict = judge(exchange, session=session, token_sent=token_sent)
    if verdict.meaning is Meaning.SESSION_EXPIRED:
        return verdict
    error = error_of(exchange)
    if error is not None:
        return Verdict(Meaning.PROCEED) if error.fault in _TELLING else verdict
    return Verdict(Meaning.PROCEED) if exchange.ok else verdict


def told(names: Names, exchange: Exchange) -> Iterator[Observation]:
    """What an answer tells of the credential."""
    route = route_of(exchange.url)
    if exchange.task_kind != TaskKind.ACCESS or route is None or route.call is not Call.CHANNELS:
        return
    error = error_of(exchange)
    if error is None:
        yield from _accepted(names, exchange, route)
    elif error.reason == _NO_CHANNEL:
        yield from _token("", exchange.note)
    elif exchange.note == AS_BEARER or not _is_mine(route):
        yield from _refused(exchange, error)
    elif error.fault is Fault.KEY and error.reason not in _NO_KEY:
        yield AccessSeen(KEY, valid=False, detail=words_for(error))


def _accepted(names: Names, exchange: Exchange, route: Route) -> Iterator[Observation]:
    if not exchange.ok:
        return
    found = entries(exchange)
    if not _is_mine(route):
        yield from _key()
        return
    whose = next((native_id for _, one in found if (native_id := identifier(one.get("id")))), None)
    yield from _token(names.account_id(whose) if whose else "", exchange.note)


def _token(whose: str, note: str) -> Iterator[Observation]:
    """A token that is alive, of this channel (empty: of a Google account without one)."""
    yield AccessSeen("oauth", valid=True, detail="" if whose else "The token's Google account has no channel.")
    yield FactSeen(WHOSE, whose)
    yield FactSeen(CREDENTIAL, AS_BEARER if note == AS_BEARER else AS_KEY)


def _refused(exchange: Exchange, error: ApiError) -> Iterator[Observation]:
    """Of the public question, or of the credential as a token: only a refusal of the credential itself counts."""
    if exchange.note == AS_BEARER:
        if error.fault in _OF_THE_CREDENTIAL:
            yield AccessSeen("unknown", valid=False, detail=f"{NEITHER} {words_for(error)}")
        else:
            yield AccessSeen("oauth", valid=True, detail=words_for(error))
            yield FactSeen(WHOSE, "")
            yield FactSeen(CREDENTIAL, AS_BEARER)
    elif error.fault in _OF_THE_CREDENTIAL:
        yield AccessSeen("unknown", valid=False, detail=words_for(error))
    elif error.fault is Fault.MISSING:
        yield from _key()


def _key() -> Iterator[Observation]:
    """It reads what everybody sees, and is nobody's token; keys do not end."""
    yield AccessSeen(KEY, valid=True, expires_at=NEVER)
    yield FactSeen(WHOSE, "")
    yield FactSeen(CREDENTIAL, AS_KEY)


def _mine(office: Office) -> RequestSpec:
    return office.desk.spoken(Call.CHANNELS, (("part", "id,snippet"), ("mine", "true")), stream=STREAM)


def _is_mine(route: Route) -> bool:
    return route.value("mine") == "true"
