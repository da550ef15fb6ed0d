"""What a perfect archive holds of a channel: all that was to be seen at some look, with the owner's token or a key.

YouTube keeps no history, so a state that came and went between two looks is in no archive. A video that can't be seen
is told by its absence alone; what it was removed by, nothing tells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from archiver.sandbox.images import Picture
from archiver.sandbox.model import Person
from archiver.sandbox.truth import TrueAttachment, TrueProfile, TrueRecord, TrueVersion, Truth
from archiver.sandbox.youtube import seen
from archiver.sandbox.youtube.captions import written
from archiver.sandbox.youtube.model import YOUTUBE, Caption, ChatMessage, Comment, Privacy, Video
from archiver.sandbox.youtube.world import YouTubeWorld

_HELD = frozenset({"held_for_review"})
_PRIVATE = frozenset({"owner_private"})


@dataclass(frozen=True, slots=True)
class TruePlaylist:
    """A playlist as it stands: its words, and the ids of the videos that it shows to this caller, in order."""

    key: str
    title: str
    description: str
    videos: tuple[str, ...]


@dataclass(slots=True)
class YouTubeTruth(Truth):
    """``titles``: the titles of each video's versions. ``playlists``: those that are there now, by key.

    ``silent``: keys of videos whose comments are switched off, so that nothing new is known of them.
    """

    titles: dict[str, list[str]] = field(default_factory=dict)
    playlists: dict[str, TruePlaylist] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)


class YouTubeObserver:
    """Remembers what each perfect capture saw, for each of the two views."""

    def __init__(self, youtube: YouTubeWorld) -> None:
        self._youtube = youtube
        self._truths: dict[tuple[str, bool], YouTubeTruth] = {}
        self._things: dict[str, Video | Comment] = {}

    def look(self, name: str, *, authenticated: bool) -> YouTubeTruth:
        """A perfect capture of a channel happened just now; what the archive holds after it."""
        youtube = self._youtube
        with youtube.world.lock:
            channel = youtube.world.accounts[name].person
            truth = self._truths.get((name, authenticated))
            if truth is None:
                truth = YouTubeTruth(name, YOUTUBE, f"{YOUTUBE}:{channel.id}", [], {})
                self._truths[name, authenticated] = truth
            viewer = channel if authenticated else None
            _see_profile(truth, channel)
            self._see_playlists(truth, channel, viewer)
            found = dict.fromkeys(self._listed(channel, viewer))
            for thing in found:
                self._things[thing.key] = thing
                _sighted(truth, thing, viewer)
            for key in truth.records.keys() - {thing.key for thing in found}:
                if key in self._things:
                    self._ask(truth, self._things[key], viewer)
            truth.silent = {video.key for video in youtube.uploads(channel) if video.comments_off}
            return truth

    def followed(self, name: str, video: Video, *, authenticated: bool) -> None:
        """The chat of a stream was read to this moment, from its beginning on."""
        with self._youtube.world.lock:
            truth = self._truths[name, authenticated]
            for message in video.live.messages if video.live is not None else []:
                _heard(truth, video, message)

    def _listed(self, channel: Person, viewer: Person | None) -> Iterator[Video | Comment]:
        for video in seen.uploads(self._youtube, channel, viewer):
            yield video
            yield from seen.below(video, viewer)

    def _see_playlists(self, truth: YouTubeTruth, channel: Person, viewer: Person | None) -> None:
        truth.playlists = {
            one.key: TruePlaylist(one.key, one.title, one.description, tuple(entry.video.id for entry in one.entries))
            for one in seen.playlists(self._youtube, channel, viewer)
        }

    def _ask(self, truth: YouTubeTruth, thing: Video | Comment, viewer: Person | None) -> None:
        """What is known and in no list any more is asked for by its id."""
        record = truth.records[thing.key]
        if isinstance(thing, Comment):
            if thing.video.comments_off and seen.video_there(thing.video, viewer):
                return  # nothing can be learned of it
            there = seen.comment_there(thing, viewer)
        else:
            there = seen.video_there(thing, viewer)
        if there:
            _sighted(truth, thing, viewer)
        elif record.state != "gone":
            record.state = "gone"
            record.events.append("gone")
            record.causes = frozenset({None})


def _see_profile(truth: Truth, channel: Person) -> None:
    if not channel.active:
        return
    now = channel.profile
    profile = TrueProfile(now.display_name, now.description, now.avatar.sha256 if now.avatar else None)
    if not truth.profiles or truth.profiles[-1] != profile:
        truth.profiles.append(profile)


def _sighted(truth: YouTubeTruth, thing: Video | Comment, viewer: Person | None) -> None:
    """Weigh one sighting against what is known."""
    record = truth.records.get(thing.key)
    if record is None:
        record = truth.records[thing.key] = _record(thing)
    state, causes = _state(thing)
    version = _version(thing, state, viewer)
    title = thing.latest.title if isinstance(thing, Video) else None
    titles = truth.titles.setdefault(thing.key, []) if title is not None else []
    before = record.versions[-1] if record.versions else None
    if before is None:
        record.events.append("seen")
    elif record.state == "gone":
        record.events.append("restored")
    if state != (before.state if before is not None else "live"):
        record.events.append("hidden" if state == "hidden" else "unhidden")
    same = before is not None and before.text == version.text and (title is None or titles[-1] == title)
    if same and before is not None:
        # A picture behind the same address, and tracks that are seen for the first time, are no edit.
        version = record.versions[-1] = replace(before, attachments=version.attachments)
    if before is None or not same:
        if before is not None:
            record.events.append("edited")
        record.versions.append(version)
        titles.extend([title] if title is not None else [])
    elif before.state != state:
        record.versions.append(replace(version, state=state))
        titles.extend([title] if title is not None else [])
    record.state, record.causes = state, causes


def _state(thing: Video | Comment) -> tuple[str, frozenset[str | None]]:
    if isinstance(thing, Video):
        return ("hidden", _PRIVATE) if thing.privacy is Privacy.PRIVATE else ("live", frozenset({None}))
    return ("hidden", _HELD) if thing.moderation in seen.WAITING else ("live", frozenset({None}))


def _record(thing: Video | Comment) -> TrueRecord:
    video = thing if isinstance(thing, Video) else thing.video
    author = thing.channel if isinstance(thing, Video) else thing.author
    parent = None if isinstance(thing, Video) else thing.parent or video
    unlisted = isinstance(thing, Video) and thing.privacy is Privacy.UNLISTED
    return TrueRecord(
        key=thing.key,
        native_id=thing.id,
        kind="post" if parent is None else "comment" if parent is video else "reply",
        parent=parent.key if parent is not None else None,
        thread=video.key,
        quotes=None,
        author_id=author.id,
        author_handle=author.handle,
        author_name=author.profile.display_name,
        created_at=thing.published_at,
        visibility="unlisted" if unlisted else "public",
    )


def _version(thing: Video | Comment, state: str, viewer: Person | None) -> TrueVersion:
    if isinstance(thing, Video):
        tracks = thing.captions if thing.channel is viewer else []
        files = (_FILM, _picture(thing.latest.thumbnail), *(_track(one) for one in tracks if not one.draft))
        return TrueVersion(thing.latest.description, "", files, state, thing.latest.at)
    files = (_picture(thing.picture),) if thing.picture is not None else ()
    return TrueVersion(thing.text, "", files, state, thing.updated_at)


_FILM = TrueAttachment("video", "", None, "", 0, 0, 0)
"""The film itself, which the API names and does not give."""


def _picture(one: Picture) -> TrueAttachment:
    """The platform has no words for a picture."""
    return TrueAttachment(one.kind, one.mime, None, one.sha256, len(one.data), one.width, one.height)


def _track(one: Caption) -> TrueAttachment:
    """Subtitles in the form that browsers show, described by what the platform tells of them."""
    data = written(one, "vtt")
    named = f"{one.language}, {one.name}" if one.name else one.language
    digest = hashlib.sha256(data).hexdigest()
    return TrueAttachment("captions", "text/vtt", f"{named} ({one.kind})", digest, len(data), 0, 0)


def _heard(truth: YouTubeTruth, video: Video, message: ChatMessage) -> None:
    """One message of a chat that was followed. What was removed is gone, with the words that were read before."""
    record = truth.records.get(message.key)
    if record is None:
        if message.removed_at is not None or message.author is None:
            return
        record = truth.records[message.key] = TrueRecord(
            key=message.key,
            native_id=message.id,
            kind="chat",
            parent=video.key,
            thread=video.key,
            quotes=None,
            author_id=message.author.id,
            author_handle=message.author.handle,
            author_name=message.author.profile.display_name,
            created_at=message.at,
            visibility="public",
            versions=[TrueVersion(message.text, "", (), "live", message.at)],
            events=["seen"],
        )
    if message.removed_at is not None and record.state != "gone":
        record.state = "gone"
        record.events.append("gone")
        record.causes = frozenset({None})


__all__ = ["TruePlaylist", "YouTubeObserver", "YouTubeTruth"]
