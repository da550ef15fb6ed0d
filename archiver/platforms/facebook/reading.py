"""What an answer shows, by the call that it answers. Pure: the same for live capture and for a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.item import Body, Form
from archiver.domain.observation import GoneSeen, ItemSeen, Observation
from archiver.domain.task import TaskKind
from archiver.platforms.facebook.attachments import gathered
from archiver.platforms.facebook.comments import Above, comment_seen
from archiver.platforms.facebook.events import event_seen
from archiver.platforms.facebook.ids import Names, comment_id, last_part
from archiver.platforms.facebook.kinds import kind_of
from archiver.platforms.facebook.media import album_seen, live_video_seen, photo_seen, video_seen
from archiver.platforms.facebook.messages import conversation_seen, message_seen, messages_in
from archiver.platforms.facebook.posts import body_of, post_seen
from archiver.platforms.facebook.profiles import is_own, page_seen
from archiver.platforms.facebook.push import pushed_seen
from archiver.platforms.facebook.reviews import review_seen
from archiver.platforms.facebook.routes import Call, Route, route_of
from archiver.platforms.facebook.setting import Setting
from archiver.platforms.facebook.stories import story_seen
from archiver.platforms.meta.errors import Fault, error_of
from archiver.platforms.meta.fieldlists import asked_fields, parse
from archiver.platforms.meta.fields import document, identifier, listed
from archiver.platforms.meta.push import STREAM

Thing = Mapping[str, Any]

_WROTE = frozenset({
    Call.PUBLISHED_POSTS, Call.POSTS, Call.VIDEOS, Call.VIDEO_REELS, Call.LIVE_VIDEOS, Call.STORIES, Call.ALBUMS,
})  # fmt: skip
"""Lists of what the page itself published; their entries may come without ``from``."""

_OWNERS = frozenset({Call.PHOTO, Call.VIDEO})


def read(names: Names, exchange: Exchange) -> Iterator[Observation]:
    """The observations of an answer, in its order; none for calls that only inform the adapter."""
    if exchange.stream == STREAM:
        yield from pushed_seen(names, exchange)
        return
    route = route_of(exchange.url)
    if route is None or exchange.purpose is Purpose.MEDIA or exchange.status is None:
        return
    if exchange.task_kind == TaskKind.MEDIA and route.call in _OWNERS:
        return  # asked for its address alone: the photo of somebody's comment is no record of its own
    error = error_of(exchange)
    if error is not None:
        if error.fault is Fault.MISSING and exchange.task_kind == TaskKind.CONFIRM:
            yield from _missing(names, route, error.basis)
        return
    reader = _READERS.get(route.call)
    if exchange.ok and reader is not None:
        yield from reader(names, exchange, route, setting_of(names, exchange, route))


def setting_of(names: Names, exchange: Exchange, route: Route) -> Setting:
    """What the call tells of all objects in its answer."""
    asked = frozenset(one.name for one in parse(asked_fields(exchange.url) or ""))
    page = route.id if route.call in _PAGES and route.id.isdigit() else None
    if page is None and names.handle.isdigit():
        page = names.handle
    return Setting(page, wrote=route.call in _WROTE, tags=route.call is Call.TAGGED, asked=asked)


def _missing(names: Names, route: Route, basis: str) -> Iterator[Observation]:
    """The platform's "not there" about one id, in a confirmation, which has made sure that page and token are well.

    The same answer is given for deleted, hidden by the platform, and a person who left: it tells no cause. A comment
    that is not found by its number alone is asked for by its whole id next, so that answer says nothing yet.
    """
    by_number_alone = route.call is Call.COMMENT and "_" not in route.id
    if route.id and not by_number_alone and route.call not in _EDGES | {Call.PAGE, Call.PROBE, Call.ME}:
        yield GoneSeen(names.thing(route.id), basis)


def thing_seen(names: Names, thing: Thing, pointer: str, setting: Setting, call: Call) -> Iterator[Observation]:
    """One object of a kind."""
    if call is Call.COMMENT:
        yield from comment_seen(names, thing, pointer, Above(), setting)
    elif call is Call.MESSAGE:
        yield from message_seen(names, thing, pointer, None)
    elif call is Call.CONVERSATION:
        yield from conversation_seen(names, thing, pointer)
    elif call in {Call.PAGE, Call.PROBE}:
        if is_own(names, thing):
            yield from page_seen(names, thing, pointer, asked=setting.asked)
    elif call in _OBJECTS:
        yield from _OBJECTS[call](names, thing, pointer, setting)


def _one(names: Names, exchange: Exchange, route: Route, setting: Setting) -> Iterator[Observation]:
    """A single object, of the kind that was asked for; or, where that does not tell, of the kind that it looks like."""
    thing = document(exchange)
    call = route.call if route.call in _KNOWN else kind_of(thing)
    if call is Call.OBJECT:
        yield from _bare(names, exchange, route, thing)
        return
    yield from thing_seen(names, thing, "", setting, call)


def _bare(names: Names, exchange: Exchange, route: Route, thing: Thing) -> Iterator[Observation]:
    """An object of which only the id was asked for, to confirm that it is there. It does not say what it is."""
    native_id = identifier(thing.get("id"))
    if native_id is not None and exchange.task_kind == TaskKind.CONFIRM and last_part(route.id) == last_part(native_id):
        yield ItemSeen(names.thing(route.id), Form.POST, None, Body(), united=True)


def _page(names: Names, exchange: Exchange, route: Route, setting: Setting) -> Iterator[Observation]:
    """The page that is configured, asked for by its name or, in the task that reads the profile, by its id."""
    page = document(exchange)
    if exchange.task_kind == TaskKind.PROFILE or is_own(names, page):
        yield from page_seen(names, page, "", probed=route.call is Call.PROBE, asked=setting.asked)


def _list(names: Names, exchange: Exchange, route: Route, setting: Setting) -> Iterator[Observation]:
    """The entries of an edge, all of one kind."""
    for pointer, thing in listed(exchange):
        yield from thing_seen(names, thing, pointer, setting, _ENTRIES[route.call])


def _comments(names: Names, exchange: Exchange, route: Route, setting: Setting) -> Iterator[Observation]:
    """Comments below a post or medium, or the replies to one of its comments."""
    entries = listed(exchange)
    above = _above(names, exchange, route, entries)
    for pointer, comment in entries:
        yield from comment_seen(names, comment, pointer, above, setting)


def _above(names: Names, exchange: Exchange, route: Route, entries: list[tuple[str, Thing]]) -> Above:
    """What the comments of a list stand below.

    ``A_B`` is a post (page and post) when its comments are ``B_…``, and a comment (post and comment) when its replies
    are ``A_…``.
    """
    first, _, last = route.id.rpartition("_")
    if not first:
        return Above(names.thing(route.id), route.id)
    owners = {comment_id(native_id).partition("_")[0] for _, one in entries if (native_id := identifier(one.get("id")))}
    subject = names.native(exchange.subject) if exchange.subject else ""
    below_comment = first in owners and last not in owners
    if not owners & {first, last}:
        below_comment = subject != route.id and last_part(subject) == first
    if below_comment:
        return Above(names.post(first), first, comment=route.id)
    return Above(names.post(route.id), route.id)


def _attachments(names: Names, exchange: Exchange, route: Route, setting: Setting) -> Iterator[Observation]:
    """All attachments of a post, of which its own list may have shown the first ones only."""
    held = gathered(document(exchange))
    if held is not None and held.media:
        body = body_of({}, held, share=False)
        yield ItemSeen(
            names.post(route.id, setting.page),
            Form.POST,
            None,
            Body(attachments=body.attachments, partial=body.partial),
            pointer="/data",
            aliases=names.post_aliases(route.id),
            united=True,
        )


def _messages(names: Names, exchange: Exchange, route: Route, _setting: Setting) -> Iterator[Observation]:
    yield from messages_in(names, document(exchange), "", route.id)


_OBJECTS: Mapping[Call, Callable[[Names, Thing, str, Setting], Iterator[Observation]]] = {
    Call.POST: post_seen,
    Call.PHOTO: photo_seen,
    Call.VIDEO: video_seen,
    Call.ALBUM: album_seen,
    Call.LIVE_VIDEO: live_video_seen,
    Call.EVENT: event_seen,
    Call.STORIES: story_seen,
    Call.RATINGS: review_seen,
}
_KNOWN = frozenset({*_OBJECTS, Call.COMMENT, Call.CONVERSATION, Call.MESSAGE})
_ENTRIES: Mapping[Call, Call] = {
    **dict.fromkeys((Call.PUBLISHED_POSTS, Call.POSTS, Call.FEED, Call.VISITOR_POSTS, Call.TAGGED), Call.POST),
    Call.VIDEOS: Call.VIDEO,
    Call.VIDEO_REELS: Call.VIDEO,
    Call.LIVE_VIDEOS: Call.LIVE_VIDEO,
    Call.EVENTS: Call.EVENT,
    Call.STORIES: Call.STORIES,
    Call.ALBUMS: Call.ALBUM,
    Call.PHOTOS: Call.PHOTO,
    Call.RATINGS: Call.RATINGS,
    Call.CONVERSATIONS: Call.CONVERSATION,
}
_PAGES = frozenset(_ENTRIES) - {Call.PHOTOS}
"""Edges of a page."""
_EDGES = frozenset({*_ENTRIES, Call.COMMENTS, Call.ATTACHMENTS, Call.MESSAGES})
_READERS: Mapping[Call, Callable[[Names, Exchange, Route, Setting], Iterator[Observation]]] = {
    **dict.fromkeys(_ENTRIES, _list),
    **dict.fromkeys((*_KNOWN - {Call.STORIES, Call.RATINGS}, Call.OBJECT), _one),
    Call.PAGE: _page,
    Call.PROBE: _page,
    Call.ME: _page,
    Call.COMMENTS: _comments,
    Call.ATTACHMENTS: _attachments,
    Call.MESSAGES: _messages,
}
