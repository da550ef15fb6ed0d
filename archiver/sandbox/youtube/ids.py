"""How YouTube names things, and opaque marks of the same look; the same seed and place give the same name."""

from __future__ import annotations

import base64
import hashlib

CHANNEL_LETTERS = 22


def letters(count: int, *seed: object) -> str:
    """So many of ``[A-Za-z0-9_-]``."""
    digest = hashlib.sha512(repr(seed).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")[:count]


def channel_id(*seed: object) -> str:
    """``UC`` and 22 letters."""
    return "UC" + letters(CHANNEL_LETTERS, "channel", *seed)


def uploads_of(channel: str) -> str:
    """The playlist of a channel's uploads: ``UU`` and the same 22 letters."""
    return "UU" + channel[2:]


def video_id(*seed: object) -> str:
    """11 letters."""
    return letters(11, "video", *seed)


def playlist_id(*seed: object) -> str:
    """``PL`` and 32 letters."""
    return "PL" + letters(32, "playlist", *seed)


def comment_id(*seed: object) -> str:
    """26 letters, as the site's: ``Ug…4AaABAg``."""
    return f"Ug{letters(1, 'kind', *seed).lower().replace('-', 'x').replace('_', 'w')}{letters(16, *seed)}4AaABAg"


def reply_id(parent: str, *seed: object) -> str:
    """The id of the comment that it answers, a point, and 22 letters."""
    return f"{parent}.{letters(22, 'reply', *seed)}"


def caption_id(*seed: object) -> str:
    """A long opaque word."""
    return "AUieDa" + letters(34, "caption", *seed)


def chat_id(channel: str, video: str) -> str:
    """A word that holds channel and video, as the platform's does."""
    return base64.urlsafe_b64encode(f"\n\r\n\v{video}*'\n\x18{channel}\x12\v{video}".encode()).decode().rstrip("=")


def message_id(*seed: object) -> str:
    """``LCC.`` and a word."""
    return "LCC.EhwKGk" + letters(31, "message", *seed)


def etag(body: bytes) -> str:
    """A bare word of 27 letters."""
    return base64.urlsafe_b64encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode().rstrip("=")
