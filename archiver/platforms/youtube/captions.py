"""The subtitles of a video, as its owner sees them: tracks that are files beside its picture.

A changed track has a new ``lastUpdated``, so it is another file, and the video was edited. Drafts are not published,
and what is still being made or has failed has no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.exchange import Exchange
from archiver.domain.item import Attachment, Body, Form
from archiver.domain.observation import ItemSeen
from archiver.platforms.fields import flag, mapping, text
from archiver.platforms.youtube.fields import entries, identifier
from archiver.platforms.youtube.ids import CaptionTrack, Names
from archiver.platforms.youtube.routes import API, Call, Route, address
from archiver.platforms.youtube.videos import film

FORMAT = "vtt"
"""WebVTT: what browsers and players show."""


def captions_seen(names: Names, exchange: Exchange, route: Route) -> Iterator[ItemSeen]:
    """The video with all its files: the film, the picture that every video has, then the published tracks."""
    video = route.value("videoId")
    if video is None:
        return
    tracks = [found for _, caption in entries(exchange) if (found := _track(names, video, caption)) is not None]
    key = names.thing(video)
    picture = Attachment("image", f"https://i.ytimg.com/vi/{video}/hqdefault.jpg", source=names.thumbnail(video))
    partial = frozenset({"attachments"} if route.ids else ())  # some tracks were asked for, not all
    body = Body(attachments=(film(names, video), picture, *tracks), partial=partial)
    yield ItemSeen(key=key, form=Form.POST, author=None, body=body, thread=key)


def _track(names: Names, video: str, caption: Mapping[str, Any]) -> Attachment | None:
    native_id, snippet = identifier(caption.get("id")), mapping(caption.get("snippet"))
    if native_id is None or text(snippet.get("status")) != "serving" or flag(snippet.get("isDraft")):
        return None
    track = CaptionTrack(video, native_id, text(snippet.get("lastUpdated")) or "")
    return Attachment(
        "captions",
        address(API, Call.CAPTION_FILE, (("tfmt", FORMAT),), native_id=native_id),
        source=names.captions(track),
        alt_text=_described(snippet),
        mime="text/vtt",
    )


def _described(snippet: Mapping[str, Any]) -> str:
    """Language, name and kind as YouTube states them: ``en, Corrected (standard)``."""
    words = [word for name in ("language", "name") if (word := text(snippet.get(name)))]
    kind = (text(snippet.get("trackKind")) or "").lower()
    return f"{', '.join(words)} ({kind})" if kind else ", ".join(words)
