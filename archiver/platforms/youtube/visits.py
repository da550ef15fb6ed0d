"""The account's profile: the channel and its playlists, once a day, and what YouTube never gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Cursor, Finding, FollowUp, NotOffered, Step, Task, TaskKind
from archiver.platforms.fields import mapping, text, zoned_moment
from archiver.platforms.resuming import state_of
from archiver.platforms.youtube.errors import error_of
from archiver.platforms.youtube.fields import entries, identifier
from archiver.platforms.youtube.files import FILMS, NO_FILMS
from archiver.platforms.youtube.office import MEMORY, Office, done, remembered
from archiver.platforms.youtube.paging import turn
from archiver.platforms.youtube.routes import Call, route_of

STREAM = "profile"
LISTS_AGAIN = timedelta(days=7)
"""What is in a playlist is listed again so much later, though the playlist looks as it was."""
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


ANOTHER_S = "The token belongs to the channel {whose}, not to this one: choose the channel at the login. "


def start(office: Office, task: Task) -> Step:
    """The channel itself."""
    found = NEVER if office.owner else (*NEVER, NotOffered("what only the owner sees", _why(office)))
    state: Cursor = {MEMORY: remembered(task.cursor), "playlists": {}}
    return office.step([office.who(STREAM)], state, findings=found)


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """Its playlists, then the videos in each of them."""
    route, state = route_of(exchange.url), state_of(step)
    asked = list(step.rest().requests)
    call = route.call if route is not None else None
    if call is Call.CHANNELS:
        channel = next((found for _, one in entries(exchange) if (found := identifier(one.get("id")))), None)
        if channel is not None:
            whose = ("mine", "true") if office.owner else ("channelId", channel)  # the owner's private ones, too
            asked.append(office.desk.ask(Call.PLAYLISTS, whose, stream=STREAM))
    elif error_of(exchange) is not None:
        state["whole"] = state.get("whole", True) and call is not Call.PLAYLISTS
    elif call is Call.PLAYLISTS:
        asked += _playlists(office, task, exchange, state)
    elif call is Call.PLAYLIST_ITEMS:
        asked = _members(office, exchange, state) + asked
    if asked:
        return office.step(asked, state)
    return _end(office, state)


def _why(office: Office) -> str:
    """Why there is no more than what everybody sees."""
    return (ANOTHER_S.format(whose=office.whose) if office.whose is not None else "") + PUBLIC_ONLY


def _playlists(office: Office, task: Task, exchange: Exchange, state: Cursor) -> list[RequestSpec]:
    """A page of playlists: the next one, then what is in those of this page that look changed."""
    lists = {found: one for _, one in entries(exchange) if (found := identifier(one.get("id")))}
    page = turn(exchange, list(lists), state.get("lists", {}))
    before = mapping(state[MEMORY].get("playlists"))
    asked: list[RequestSpec] = []
    for native_id, playlist in lists.items():
        if native_id in state["playlists"]:
            continue
        kept = _kept(task, playlist, before.get(native_id))
        state["playlists"] = {**state["playlists"], native_id: kept or [_print(playlist), task.started_at.isoformat()]}
        if kept is None:
            asked.append(office.desk.ask(Call.PLAYLIST_ITEMS, ("playlistId", native_id), stream=STREAM))
    state |= {"lists": page.state, "whole": "short" not in page.state}
    following = [office.desk.next(exchange, page.token, page.number)] if page.token is not None else []
    return following + asked


def _kept(task: Task, playlist: Mapping[str, Any], before: Any) -> list[str] | None:
    """What is remembered of a playlist that need not be listed again; None where it is to be."""
    if task.full or not isinstance(before, list) or len(before) != 2:
        return None
    listed_at = zoned_moment(before[1])
    good = listed_at is not None and task.started_at < listed_at + LISTS_AGAIN
    return before if good and before[0] == _print(playlist) else None


def _print(playlist: Mapping[str, Any]) -> str:
    """What changes with a playlist: the mark that YouTube gives it, and how many videos it has."""
    count = mapping(playlist.get("contentDetails")).get("itemCount")
    return f"{text(playlist.get('etag')) or ''} {count}"


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
    known, listed = mapping(state.get(MEMORY, {}).get("playlists")), state.get("playlists", {})
    if not state.get("whole"):
        return done({"playlists": {**known, **listed}})
    missing = [office.names.thing(one) for one in known if one not in listed]
    return done({"playlists": listed}, (), [FollowUp(TaskKind.CONFIRM, one) for one in missing])
