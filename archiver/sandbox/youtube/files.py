"""Pictures behind their addresses: thumbnails of videos, faces and banners of channels, pictures in comments.

An address lasts; a video's thumbnail may become another one behind it. Sizes are the same picture here.
"""

from __future__ import annotations

from archiver.sandbox.images import Picture
from archiver.sandbox.model import Person
from archiver.sandbox.wire import Answer, Asked
from archiver.sandbox.youtube.model import Video
from archiver.sandbox.youtube.world import YouTubeWorld

TEXT = "text/plain"
SIZES: dict[str, tuple[str, int, int]] = {
    "default": ("default", 120, 90),
    "medium": ("mqdefault", 320, 180),
    "high": ("hqdefault", 480, 360),
    "standard": ("sddefault", 640, 480),
    "maxres": ("maxresdefault", 1280, 720),
}
"""By the name in the API: that of the file, width and height."""
_FILES = frozenset(f"{name}.jpg" for name, _, _ in SIZES.values())


class Files:
    """Gives out addresses and what is behind them. ``missing``: addresses that answer 404 all the same.

    ``with_credentials`` are the targets of calls that brought a key or a token: a client must not.
    """

    def __init__(self, youtube: YouTubeWorld, base: str) -> None:
        self._youtube = youtube
        self._base = base
        self._pictures: dict[str, Picture] = {}
        self.missing: set[str] = set()
        self.with_credentials: list[str] = []

    def thumbnails(self, video: Video) -> dict[str, dict[str, object]]:
        """``snippet.thumbnails`` of a video."""
        return {
            name: {"url": f"{self._base}/vi/{video.id}/{file}.jpg", "width": width, "height": height}
            for name, (file, width, height) in SIZES.items()
        }

    def address(self, picture: Picture, size: int) -> str:
        """Where a picture of a channel or a comment lies."""
        path = f"/ytc/{picture.sha256[:40]}"
        self._pictures[path] = picture
        return f"{self._base}{path}=s{size}-c-k-c0x00ffffff-no-rj"

    def face(self, person: Person, size: int) -> str:
        """Where somebody's picture lies; those of residents are elsewhere, and nobody needs them."""
        if person.profile.avatar is not None:
            return self.address(person.profile.avatar, size)
        return f"https://yt3.ggpht.com/ytc/{person.id[2:]}=s{size}-c-k-c0x00ffffff-no-rj"

    def serves(self, asked: Asked) -> bool:
        """Whether a call is for a file."""
        return asked.path.startswith(("/vi/", "/ytc/"))

    def answer(self, asked: Asked) -> Answer:
        """The file, or why not."""
        if {"authorization", "x-goog-api-key", "cookie"} & asked.headers.keys() or "key" in asked.params:
            self.with_credentials.append(asked.target)
        picture = self._picture(asked.path)
        if picture is None or asked.path in self.missing:
            return Answer(404, b"Not Found", TEXT, cacheable=False)
        headers = [("Cache-Control", "public, max-age=7200"), ("Accept-Ranges", "bytes")]
        return Answer(200, picture.data, picture.mime, headers, cacheable=False)

    def _picture(self, path: str) -> Picture | None:
        if path.startswith("/ytc/"):
            return self._pictures.get(path.partition("=")[0])
        native, _, file = path.removeprefix("/vi/").partition("/")
        video = self._youtube.videos.get(native)
        if video is None or video.gone_at is not None or file not in _FILES:
            return None
        return video.latest.thumbnail
