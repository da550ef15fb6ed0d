"""Where the files of an archive lie: beside the post's script, named by the post and the end of the file's address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from archiver.platforms.x.fields import mapping, objects, text

Object = Mapping[str, Any]

FOLDERS = ("tweets_media", "tweet_media", "deleted_tweets_media", "community_tweet_media", "tweets-media")
MESSAGE_FOLDERS = ("direct_messages_media", "direct_messages_group_media", "direct_message_media")


class LocalFiles:
    """The files of an archive, found by name."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = frozenset(paths)

    def of(self, folder: str, folders: Sequence[str], owner: str, addresses: Sequence[str]) -> str | None:
        """The file of a medium of ``owner``; where there is none, the path at which it should be; None: no address.

        ``folder`` is that of the script, ``addresses`` are those of the medium, the best first.
        """
        names = [f"{owner}-{name}" for address in addresses if (name := last_part(address))]
        places = [f"{folder}{one}/{name}" for name in names for one in folders]
        found = next((place for place in places if place in self._paths), None)
        return found or (places[0] if places else None)


def last_part(address: str) -> str:
    """The name of a file in an address, without what follows it."""
    try:
        return urlsplit(address).path.rpartition("/")[2]
    except ValueError:
        return ""


def addresses_of(medium: Object) -> list[str]:
    """The addresses of a medium of a post: of a video its files, the best first, then the still picture."""
    variants = sorted(
        (-_rate(one), url)
        for _, one in objects(mapping(medium.get("video_info")).get("variants"))
        if text(one.get("content_type")) == "video/mp4" and (url := text(one.get("url")))
    )
    return [url for _, url in variants] + list(_still(medium))


def _rate(variant: Object) -> int:
    rate = str(variant.get("bitrate", ""))
    return int(rate) if rate.isascii() and rate.isdigit() and len(rate) < 19 else 0


def _still(medium: Object) -> Iterator[str]:
    for name in ("media_url_https", "media_url"):
        if url := text(medium.get(name)):
            yield url
            return
