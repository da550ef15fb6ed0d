"""The account's profile: the channel and its playlists, once a day, and what YouTube never gives."""

from __future__ import annotations

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Cursor, Finding, FollowUp, NotOffered, Step, Task, TaskKind
from archiver.platforms.resuming import state_of
from archiver.platforms.youtube.errors import error_of
from archiver.platforms.youtube.fields import entries, identifier
from archiver.platforms.youtube.files import FILMS, NO_FILMS
from archiver.platforms.youtube.office import MEMORY, Office, done, remembered
from archiver.platforms.youtube.paging import turn
from archiver.platforms.youtube.routes import Call, route_of

STREAM = "profile"
NEVER: tuple[Finding, ...] = (
    NotOffered("community posts", "YouTube's API has no community posts, polls in them, or comments below them."),
    NotOffered(FILMS, NO_FILMS),
    NotOffered("past live chats", "A live chat can be read only while the stream lasts, and not of earlier streams."),
    NotOffered(
        "uncounted comments",
        "YouTube counts comments that it lists to nobody (held, filtered as spam, removed), so its counts are higher.",
    ),
)
PUBLIC_ONLY = (
    "Private and scheduled videos, comments held for review and subtitles are shown only to the channel's owner. "
    "Connect the channel with `archiver account connect` to capture them."
)


def start(office: Office, task: Task) -> Step:
    """The channel itself."""
    found = NEVER if office.owner else (*NEVER, NotOffered("what only the owner sees", PUBLIC_ONLY))
    state: Cursor = {MEMORY: remembered(task.cursor), "playlists": []}
    return office.step([office.who(STREAM)], state, findings=found)


def proceed(office: Office, _task: Task, step: Step, exchange: Exchange) -> Step:
    """Its playlists, then the videos in each of them."""
    route, state = route_of(exchange.url), state_of(step)
    asked = list(step.rest().requests)
    call = route.call if route is not None else None
    if call is Call.CHANNELS:
        channel = next((found for _, one in entries(exchange) if (found := identifier(one.get("id")))), None)
        if channel is not None:
            asked.append(office.desk.ask(Call.PLAYLISTS, ("channelId", channel), stream=STREAM))
    elif error_of(exchange) is not None:
        state["whole"] = state.get("whole", True) and call is not Call.PLAYLISTS
    elif call is Call.PLAYLISTS:
        asked += _playlists(office, exchange, state)
    elif call is Call.PLAYLIST_ITEMS:
        asked = _members(office, exchange, state) + asked
    if asked:
        return office.step(asked, state)
    return _end(office, state)


def _playlists(office: Office, exchange: Exchange, state: Cursor) -> list[RequestSpec]:
    """A page of playlists: the next one, then what is in those of this page."""
    ids = [found for _, one in entries(exchange) if (found := identifier(one.get("id")))]
    page = turn(exchange, ids, state.get("lists", {}))
    new = [native_id for native_id in ids if native_id not in state["playlists"]]
    state |= {"lists": page.state, "playlists": state["playlists"] + new, "whole": "short" not in page.state}
    following = [office.desk.next(exchange, page.token, page.number)] if page.token is not None else []
    return following + [office.desk.ask(Call.PLAYLIST_ITEMS, ("playlistId", one), stream=STREAM) for one in new]


def _members(office: Office, exchange: Exchange, state: Cursor) -> list[RequestSpec]:
    """A page of what is in a playlist; the next one goes before other playlists."""
    route = route_of(exchange.url)
    of = route.value("playlistId") if route is not None else None
    before = state.get("members", {})
    ids = [found for _, one in entries(exchange) if (found := identifier(one.get("id")))]
    page = turn(exchange, ids, before["page"] if before.get("of") == of else {})
    state["members"] = {"of": of, "page": page.state}
    return [office.desk.next(exchange, page.token, page.number)] if page.token is not None else []


def _end(office: Office, state: Cursor) -> Step:
    """A playlist that was listed the last time and is not now is asked for by its id."""
    known, listed = state.get(MEMORY, {}).get("playlists", []), state.get("playlists", [])
    if not state.get("whole"):
        return done({"playlists": sorted({*known, *listed})})
    missing = [one for one in known if one not in listed]
    return done({"playlists": listed}, (), [FollowUp(TaskKind.CONFIRM, office.names.thing(one)) for one in missing])
