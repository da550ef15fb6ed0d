"""Is it still there? Asked of records that a listing should have shown and did not, or that a push calls in doubt.

A look-up leaves out what is not there, without an error, and now and then what is. So what one look-up leaves out is
looked up once more, an hour later, and only what both leave out is gone (in a round of everything the second follows at
once). YouTube does not say why, and tells a stranger the same of what was made private.

Two things would make comments look removed that are not: they wait in one of the owner's queues, or comments were
switched off below their video. Both are asked before the second look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from archiver.domain.exchange import Exchange, RequestSpec
from archiver.domain.task import Cursor, FollowUp, Step, Task
from archiver.platforms.resuming import state_of
from archiver.platforms.youtube import queues
from archiver.platforms.youtube.errors import Fault, error_of
from archiver.platforms.youtube.fields import entries, identifier
from archiver.platforms.youtube.ids import is_comment, is_playlist, is_post, is_video
from archiver.platforms.youtube.office import Office
from archiver.platforms.youtube.pursuits import chat_of
from archiver.platforms.youtube.routes import Call, Route, route_of

BATCH = 50
"""So many ids one look-up takes."""
PATIENCE = timedelta(hours=1)
"""Between the two looks."""
_STREAMS = {Call.VIDEOS: "posts", Call.COMMENTS: "comments", Call.PLAYLISTS: "profile"}


def start(office: Office, task: Task) -> Step:
    """The first look: videos, comments and playlists each by one call. Of other records there is no look-up."""
    ids = [office.names.native(key) for key in dict.fromkeys(task.subjects)]
    asked = {
        Call.VIDEOS: [one for one in ids if is_video(one)],
        Call.COMMENTS: [one for one in ids if is_comment(one) and not _below_post(office, task, one)],
        Call.PLAYLISTS: [one for one in ids if is_playlist(one)],
    }
    return office.step(
        [_look(office, call, some) for call, some in asked.items() if some],
        {"missing": {}, "videos": _videos_of(office, task)},
    )


def proceed(office: Office, task: Task, step: Step, exchange: Exchange) -> Step:
    """After the first look the precautions and the second one, of what was left out."""
    route, state = route_of(exchange.url), state_of(step)
    rest = list(step.rest().requests)
    if route is None or route.last_look:
        return office.step(rest, state)
    streams: list[FollowUp] = []
    if route.ids:
        _note_missing(route, state, exchange)
        streams = _streams_in(office, task, route, exchange)
    elif queues.queue_of(route) is not None:
        rest = _without_held(office, route, state, exchange) + rest
    else:
        _without_switched_off(route, state, exchange)
    step = office.step(rest, state) if rest else _next_look(office, task, state, exchange)
    return replace(step, follow_ups=tuple(streams))


def _streams_in(office: Office, task: Task, route: Route, exchange: Exchange) -> list[FollowUp]:
    """The chats of streams: a push tells of one that has begun minutes before the next poll does."""
    if route.call is not Call.VIDEOS or error_of(exchange) is not None:
        return []
    return [chat for _, video in entries(exchange) for chat in chat_of(office.names, task, video)]


def _below_post(office: Office, task: Task, comment: str) -> bool:
    """Whether it stands below a community post: of those, look-ups leave out what is there."""
    known = task.about.get(office.names.thing(comment))
    return known is not None and is_post(office.names.native(known.thread or ""))


def _look(office: Office, call: Call, ids: Sequence[str], *, last: bool = False) -> RequestSpec:
    as_written = (("textFormat", "plainText"),) if call is Call.COMMENTS else ()
    return office.desk.ask(call, ("id", ",".join(ids)), *as_written, stream=_STREAMS[call], last_look=last)


def _videos_of(office: Office, task: Task) -> dict[str, str]:
    """Below which video each comment stands, as far as it is known."""
    found: dict[str, str] = {}
    for key in task.subjects:
        known = task.about.get(key)
        native_id, video = office.names.native(key), office.names.native(known.thread or "") if known else ""
        if is_comment(native_id) and is_video(video):
            found[native_id] = video
    return found


def _note_missing(route: Route, state: Cursor, exchange: Exchange) -> None:
    """What a look-up left out; one that failed left out nothing."""
    if error_of(exchange) is not None:
        return
    found = {identifier(one.get("id")) for _, one in entries(exchange)}
    missing = [one for one in route.ids if one not in found]
    if missing:
        state["missing"] = {**state["missing"], route.call.value: missing}


def _without_held(office: Office, route: Route, state: Cursor, exchange: Exchange) -> list[RequestSpec]:
    """A page of the owner's queue: what waits there is not gone; where it can't be read, nothing is. Its next page."""
    status = queues.queue_of(route) or ""
    page = queues.turned(exchange, state.get(status, {}))
    unread = "short" in page.state
    _there(state, state["missing"].get(Call.COMMENTS.value, []) if unread else queues.held_in(exchange))
    state[status] = page.state
    return [office.desk.next(exchange, page.token, page.number)] if page.token is not None else []


def _without_switched_off(route: Route, state: Cursor, exchange: Exchange) -> None:
    """Below a video without comments none can be missing."""
    error = error_of(exchange)
    if error is not None and error.fault is not Fault.MISSING:
        video = route.value("videoId")
        _there(state, [comment for comment, below in state["videos"].items() if below == video])


def _there(state: Cursor, comments: Sequence[str]) -> None:
    """Nothing is concluded of these."""
    missing = [one for one in state["missing"].get(Call.COMMENTS.value, []) if one not in comments]
    state["missing"] = {**state["missing"], Call.COMMENTS.value: missing}


def _next_look(office: Office, task: Task, state: Cursor, exchange: Exchange) -> Step:
    """The precautions, as long as comments are missing and they were not taken; then the second look."""
    if not state.get("careful"):
        careful = _precautions(office, state)
        state["careful"] = True
        if careful:
            return _later(office, task, state, exchange, careful)
    missing = {Call(name): ids for name, ids in state["missing"].items() if ids}
    looks = [_look(office, call, ids, last=True) for call, ids in missing.items()]
    if not looks or state.get("waited"):
        return office.step(looks, state)
    return _later(office, task, state, exchange, looks)


def _later(office: Office, task: Task, state: Cursor, exchange: Exchange, asked: Sequence[RequestSpec]) -> Step:
    """These requests in an hour; at once where a person asks for everything."""
    state["waited"] = True
    if task.everything or task.full:
        return office.step(asked, state)
    return office.suspended(asked, state, exchange.captured_at + PATIENCE)


def _precautions(office: Office, state: Cursor) -> list[RequestSpec]:
    """The owner's queues, and one thread below each video of which comments are missing."""
    comments: list[str] = state["missing"].get(Call.COMMENTS.value, [])
    if not comments:
        return []
    videos = dict.fromkeys(state["videos"][one] for one in comments if one in state["videos"])
    below = [
        office.desk.spoken(
            Call.THREADS, (("part", "id"), ("videoId", video), ("maxResults", "1")), stream=_STREAMS[Call.COMMENTS]
        )
        for video in videos
    ]
    return [*queues.questions(office), *below]
