"""What stands at ``pbs.twimg.com`` and ``video.twimg.com``, on the port of the API: no signature, no end, no token.

A photo's address gives a small picture; with ``name=orig`` the one that was uploaded. A profile picture's gives it
small; without ``_normal`` whole. A file goes when its post does, or its author's account.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from archiver.sandbox.images import Picture, picture
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked
from archiver.sandbox.x.model import Media
from archiver.sandbox.x.world import XWorld

_SIZES = {"orig": "orig", "large": "orig", "4096x4096": "orig", "medium": "small", "small": "small", "thumb": "small"}
_DEFAULT = picture(1, None, mime="image/png")
_PLAYLIST = b"#EXTM3U\n#EXT-X-VERSION:6\n"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a file is. ``small`` is the photo, or the picture in front of a video."""

    small: str
    variants: list[dict[str, Any]]


def addresses_of(base: str, media: Media) -> Addresses:
    """The addresses that answers give for a file."""
    if media.kind == "image":
        return Addresses(f"{base}/media/{media.name}.{media.picture.suffix}", [])
    number = media.key.partition("_")[2]
    if media.kind == "gif":
        film = {"bit_rate": 0, "content_type": "video/mp4", "url": f"{base}/tweet_video/{media.name}.mp4"}
        return Addresses(f"{base}/tweet_video_thumb/{media.name}.jpg", [film])
    folder = f"{base}/ext_tw_video/{number}/pu"
    variants: list[dict[str, Any]] = [
        {"content_type": "application/x-mpegURL", "url": f"{folder}/pl/{media.name}.m3u8?tag=14"},
        {"bit_rate": 256_000, "content_type": "video/mp4", "url": f"{folder}/vid/320x180/{media.name}.mp4?tag=14"},
        {"bit_rate": 2_176_000, "content_type": "video/mp4", "url": f"{folder}/vid/1280x720/{media.name}.mp4?tag=14"},
    ]
    return Addresses(f"{base}/ext_tw_video_thumb/{number}/pu/img/{media.name}.jpg", variants)


def face_of(base: str, person: Person) -> str | None:
    """The address of somebody's picture, small."""
    face = person.profile.avatar
    if face is None:
        return None
    return f"{base}/profile_images/{person.id}/{face.sha256[:10]}_normal.{face.suffix}"


def default_face(base: str) -> str:
    """The picture of whoever has none."""
    return f"{base}/sticky/default_profile_images/default_profile_normal.png"


_FOLDERS = ("/media/", "/tweet_video/", "/tweet_video_thumb/", "/ext_tw_video/", "/ext_tw_video_thumb/",
            "/profile_images/", "/sticky/")  # fmt: skip


class Files:
    """Gives files out. ``with_secrets``: targets of calls that brought a token or a cookie, which a client must not."""

    def __init__(self, x: XWorld) -> None:
        self._x = x
        self.with_secrets: list[str] = []

    def serves(self, asked: Asked) -> bool:
        """Whether a call is for a file."""
        return asked.path.startswith(_FOLDERS)

    def answer(self, asked: Asked) -> Answer:
        """The file, or that there is none."""
        if {"authorization", "cookie"} & asked.headers.keys():
            self.with_secrets.append(asked.target)
        found = self._find(asked)
        if found is None:
            return Answer(404, b"", "text/plain", cacheable=False)
        data, mime = found
        return Answer(200, data, mime, [("Cache-Control", "max-age=604800, must-revalidate")], cacheable=False)

    def _find(self, asked: Asked) -> tuple[bytes, str] | None:
        folder = asked.path.split("/")[1]
        name, _, suffix = asked.path.rpartition("/")[2].partition(".")
        if folder == "profile_images":
            return self._face(asked.path.split("/")[2], name)
        if folder == "sticky":
            return _DEFAULT.data, _DEFAULT.mime
        found = self._x.media(name)
        if found is None or not found[1].there:
            return None
        media = found[0]
        if suffix == "m3u8":
            return _PLAYLIST, "application/x-mpegURL"
        if folder == "media" and suffix != media.picture.suffix:
            return None
        return self._part(media, folder, asked)

    def _part(self, media: Media, folder: str, asked: Asked) -> tuple[bytes, str] | None:
        if folder == "media":
            size = _SIZES.get(asked.one("name") or "medium")
            return _of(media.picture) if size == "orig" else _of(media.small) if size else None
        if folder.endswith("_thumb"):
            return _of(media.small)
        if folder == "ext_tw_video" and "/320x180/" in asked.path:
            return media.picture.data[:3000], media.picture.mime
        return _of(media.picture)

    def _face(self, native: str, name: str) -> tuple[bytes, str] | None:
        person = self._x.person(native)
        if person is None or not person.active or person.profile.avatar is None:
            return None
        face = person.profile.avatar
        if not name.startswith(face.sha256[:10]):
            return None
        if name.endswith("_normal"):
            small = picture(int(hashlib.sha256(face.data).hexdigest()[:8], 16), None, mime="image/jpeg")
            return small.data, small.mime
        return _of(face)


def _of(one: Picture) -> tuple[bytes, str]:
    return one.data, one.mime
