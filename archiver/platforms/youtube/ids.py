"""Names and ids of YouTube. Ids are unique everywhere and tell by their form what they are of.

A channel is ``UC`` and 22 characters, its uploads playlist ``UU`` and the same 22, other playlists ``PL…`` and a few
other beginnings; a video has 11 characters; a comment begins with ``Ug``, and an answer is ``<comment>.<suffix>``.
A thread has the id of its top comment. Handles may change, ids do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from archiver.platforms.naming import Naming
from archiver.platforms.youtube.routes import SITE

PLATFORM = "youtube"

_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}", re.ASCII)
_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_PLAYLIST = re.compile(r"(?:PL|UU|UULF|UUSH|UULV|FL|LL|OL|RD)[A-Za-z0-9_-]{10,}", re.ASCII)
_COMMENT = re.compile(r"(?:Ug|z[0-9a-z])[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+)?", re.ASCII)
_POST = re.compile(r"Ugkx[A-Za-z0-9_-]{10,}", re.ASCII)
_THUMBNAIL, _CAPTIONS, _PICTURE, _FILM = "/thumbnail", "/captions/", "/picture/", "/film"


@dataclass(frozen=True, slots=True)
class CaptionTrack:
    """One track of subtitles in one state: its video, its id, and when it was last changed, as YouTube writes it."""

    video: str
    id: str
    updated: str


@dataclass(frozen=True, slots=True)
class Names(Naming):
    """How the ids of YouTube become keys, and back; built from nothing but the account's configuration.

    ``handle`` is the channel's handle without ``@``, or its id.
    """

    platform: ClassVar[str] = PLATFORM

    @property
    def channel_id(self) -> str | None:
        """The channel's id where the configuration has it in place of the handle."""
        return self.handle if is_channel(self.handle) else None

    def thumbnail(self, video: str) -> str:
        """What lasts of a video's (or playlist's) picture; the picture behind it may change without notice."""
        return f"{self.thing(video)}{_THUMBNAIL}"

    def picture(self, channel: str, file: str) -> str:
        """A channel's picture or banner: another file is another picture."""
        return f"{self.thing(channel)}{_PICTURE}{file}"

    def film(self, video: str) -> str:
        """The video file itself, which no API gives; a download of the owner's may bring it."""
        return f"{self.thing(video)}{_FILM}"

    def is_film(self, source: str) -> bool:
        """Whether it is the name of a video file."""
        return source.startswith(f"{PLATFORM}:") and source.endswith(_FILM)

    def video_of_film(self, source: str) -> str | None:
        """The video whose file goes by a name; None for any other name."""
        return self.native(source).removesuffix(_FILM) if self.is_film(source) else None

    def captions(self, track: CaptionTrack) -> str:
        """A track of subtitles as it was after its last change."""
        return f"{self.thing(track.video)}{_CAPTIONS}{track.id}/{track.updated}"

    def track(self, source: str) -> CaptionTrack | None:
        """The track of which `captions` made the name; None for the name of anything else."""
        video, found, rest = self.native(source).partition(_CAPTIONS)
        track, _, updated = rest.partition("/")
        return CaptionTrack(video, track, updated) if found and video and track else None


def is_channel(native_id: str) -> bool:
    """Whether it is the id of a channel."""
    return _CHANNEL.fullmatch(native_id) is not None


def is_video(native_id: str) -> bool:
    """Whether it is the id of a video."""
    return _VIDEO.fullmatch(native_id) is not None


def is_comment(native_id: str) -> bool:
    """Whether it is the id of a comment or of an answer to one; those of before 2016 begin with ``z``."""
    return _COMMENT.fullmatch(native_id) is not None and not is_video(native_id) and not is_post(native_id)


def is_post(native_id: str) -> bool:
    """Whether it is the id of a post of the community tab, which is in no API, and only in the owner's download."""
    return _POST.fullmatch(native_id) is not None


def is_playlist(native_id: str) -> bool:
    """Whether it is the id of a playlist."""
    return _PLAYLIST.fullmatch(native_id) is not None and not is_video(native_id)


def top_comment_of(comment: str) -> str | None:
    """The comment that an answer is below, by its id; None for a comment that answers none."""
    top, dot, _ = comment.partition(".")
    return top if dot and top else None


def uploads_of(channel: str) -> str | None:
    """The playlist of a channel's uploads, by its id; the channel's own answer names it, too."""
    return f"UU{channel.removeprefix('UC')}" if is_channel(channel) else None


def watch_page(video: str) -> str:
    """The page of a video."""
    return f"{SITE}/watch?v={video}"


def comment_page(video: str, comment: str) -> str:
    """The page of a video with a comment pointed out."""
    return f"{watch_page(video)}&lc={comment}"


def channel_page(channel: str) -> str:
    """The page of a channel."""
    return f"{SITE}/channel/{channel}"


def playlist_page(playlist: str) -> str:
    """The page of a playlist."""
    return f"{SITE}/playlist?list={playlist}"
