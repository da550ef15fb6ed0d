"""What an answer shows, by the call that it answers. Pure: the same for live capture and for a rebuild."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.keys import Key
from archiver.domain.observation import GoneSeen, Observation
from archiver.domain.task import TaskKind
from archiver.platforms.fields import document
from archiver.platforms.youtube.captions import captions_seen
from archiver.platforms.youtube.channels import channel_seen
from archiver.platforms.youtube.chat import chat_seen
from archiver.platforms.youtube.comments import Listing, comment_seen, thread_seen
from archiver.platforms.youtube.feeds import read_feed
from archiver.platforms.youtube.fields import entries, identifier
from archiver.platforms.youtube.ids import Names, is_video
from archiver.platforms.youtube.playlists import members_seen, playlist_seen
from archiver.platforms.youtube.routes import Call, Route, route_of
from archiver.platforms.youtube.videos import video_seen

PUSH = "push"
"""The stream of deliveries."""
_LOOKED_UP = {Call.VIDEOS: "videos.list", Call.COMMENTS: "comments.list", Call.PLAYLISTS: "playlists.list"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer with what its address and its task tell."""

    names: Names
    exchange: Exchange
    route: Route

    @property
    def thread(self) -> Key | None:
        """The video's key where the task that asked is about its comments or its chat."""
        subject = self.exchange.subject
        if not subject or self.exchange.task_kind not in {TaskKind.THREAD, TaskKind.CHAT}:
            return None
        native_id = self.names.native(subject)
        return self.names.thing(native_id) if is_video(native_id) else None

    @property
    def listing(self) -> Listing:
        """What the address tells of comments."""
        thread = self.thread
        return Listing.of(self.route, self.names.native(thread) if thread else None)


def read(names: Names, exchange: Exchange) -> Iterator[Observation]:
    """The observations of an answer, in its order; none for calls that only inform the adapter."""
    if exchange.stream == PUSH:
        of = names.account_id(exchange.subject) if exchange.subject else None
        yield from read_feed(names, exchange.request_body or b"", of=of)
        return
    route = route_of(exchange.url)
    if route is None or exchange.purpose is Purpose.MEDIA or not exchange.ok:
        return
    reader = _READERS.get(route.call)
    if reader is not None:
        reading = Reading(names, exchange, route)
        yield from reader(reading)
        yield from _missing(reading)


def _missing(reading: Reading) -> Iterator[GoneSeen]:
    """What the last look-up of a confirmation leaves out, as the first one did. Why, YouTube never says."""
    route, exchange = reading.route, reading.exchange
    if exchange.task_kind != TaskKind.CONFIRM or not route.last_look or route.call not in _LOOKED_UP:
        return
    if not isinstance(document(exchange).get("items"), list):
        return
    found = {identifier(item.get("id")) for _, item in entries(exchange)}
    for native_id in route.ids:
        if native_id not in found:
            yield GoneSeen(reading.names.thing(native_id), f"{_LOOKED_UP[route.call]} leaves it out, asked twice")


def _channels(reading: Reading) -> Iterator[Observation]:
    for pointer, channel in entries(reading.exchange):
        yield from channel_seen(reading.names, channel, reading.route, pointer)


def _playlists(reading: Reading) -> Iterator[Observation]:
    for pointer, playlist in entries(reading.exchange):
        yield from playlist_seen(reading.names, playlist, pointer)


def _playlist_items(reading: Reading) -> Iterator[Observation]:
    yield from members_seen(reading.names, reading.exchange, reading.route)


def _videos(reading: Reading) -> Iterator[Observation]:
    for pointer, video in entries(reading.exchange):
        yield from video_seen(reading.names, video, pointer)


def _threads(reading: Reading) -> Iterator[Observation]:
    listing = reading.listing
    for pointer, thread in entries(reading.exchange):
        yield from thread_seen(reading.names, thread, pointer, listing)


def _comments(reading: Reading) -> Iterator[Observation]:
    """Comments by themselves. One without a place is a known one that was asked about, or no record can be made."""
    listing, confirming = reading.listing, reading.exchange.task_kind == TaskKind.CONFIRM
    for pointer, comment in entries(reading.exchange):
        for seen in comment_seen(reading.names, comment, pointer, listing):
            if confirming or seen.parent is not None:
                yield seen


def _captions(reading: Reading) -> Iterator[Observation]:
    yield from captions_seen(reading.names, reading.exchange, reading.route)


def _chat(reading: Reading) -> Iterator[Observation]:
    yield from chat_seen(reading.names, reading.exchange, reading.thread)


def _feed(reading: Reading) -> Iterator[Observation]:
    yield from read_feed(reading.names, reading.exchange.body, of=reading.route.value("channel_id"))


_READERS: dict[Call, Callable[[Reading], Iterator[Observation]]] = {
    Call.CHANNELS: _channels,
    Call.PLAYLISTS: _playlists,
    Call.PLAYLIST_ITEMS: _playlist_items,
    Call.VIDEOS: _videos,
    Call.THREADS: _threads,
    Call.COMMENTS: _comments,
    Call.CAPTIONS: _captions,
    Call.CHAT: _chat,
    Call.FEED: _feed,
}
