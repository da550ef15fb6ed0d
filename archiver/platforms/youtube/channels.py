"""A channel as the archive's values: who the account is, what it counts, and its page as a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Person
from archiver.domain.observation import OWN_ROOTS, AccountSeen, ItemSeen, Observation, TotalSeen
from archiver.platforms.fields import mapping, text
from archiver.platforms.youtube.fields import counter, file_of, identifier, largest, moment
from archiver.platforms.youtube.ids import Names, channel_page, uploads_of
from archiver.platforms.youtube.routes import Route

Channel = Mapping[str, Any]

UPLOADS = "uploads"
"""The fact that names the playlist of the channel's uploads."""
_KEYWORD = re.compile(r'"([^"]*)"|(\S+)')


def channel_seen(names: Names, channel: Channel, route: Route, pointer: str) -> Iterator[Observation]:
    """What a channel's answer shows: the account, where it is the configured one; then its page."""
    native_id = identifier(channel.get("id"))
    if native_id is None:
        return
    snippet, own = mapping(channel.get("snippet")), is_own(names, channel, route)
    handle = handle_of(channel)
    if own and snippet:
        lists = mapping(mapping(channel.get("contentDetails")).get("relatedPlaylists"))
        uploads = identifier(lists.get("uploads")) or uploads_of(native_id)
        facts = {UPLOADS: uploads} if uploads else {}
        yield AccountSeen(names.person(native_id), handle or names.handle, text(snippet.get("title")), facts)
    videos = counter(mapping(channel.get("statistics")).get("videoCount"))
    if own and videos is not None:
        yield TotalSeen(OWN_ROOTS, videos)
    if snippet:
        yield _page(names, native_id, channel, handle, pointer)


def is_own(names: Names, channel: Channel, route: Route) -> bool:
    """Whether it is the configured channel.

    Asked for by its own id or handle, it is. ``mine`` shows whose the token is, which may be somebody else.
    """
    native_id = identifier(channel.get("id"))
    if names.channel_id is not None:
        return native_id == names.channel_id
    wanted, found = names.handle.lower(), handle_of(channel)
    asked = route.value("forHandle") or route.value("forUsername") or ""
    return asked.removeprefix("@").lower() == wanted or (found is not None and found.lower() == wanted)


def handle_of(channel: Channel) -> str | None:
    """The channel's handle without ``@``; of old it was the custom part of its address."""
    custom = text(mapping(channel.get("snippet")).get("customUrl"))
    return custom.removeprefix("@") if custom else None


def _page(names: Names, native_id: str, channel: Channel, handle: str | None, pointer: str) -> ItemSeen:
    snippet, key = mapping(channel.get("snippet")), names.thing(native_id)
    branding = mapping(mapping(channel.get("brandingSettings")).get("channel"))
    owner = names.person(native_id)
    return ItemSeen(
        key=key,
        form=Form.PROFILE,
        author=Person(owner, handle=handle, display_name=text(snippet.get("title"))),
        body=Body(
            title=text(snippet.get("title")),
            text=text(snippet.get("description")),
            lang=identifier(snippet.get("defaultLanguage")) or identifier(branding.get("defaultLanguage")),
            attachments=_pictures(names, native_id, channel),
            tags=_keywords(branding.get("keywords")),
        ),
        created_at=moment(snippet.get("publishedAt")),
        thread=key,
        thread_author=owner,
        permalink=channel_page(native_id),
        pointer=pointer,
    )


def _pictures(names: Names, native_id: str, channel: Channel) -> tuple[Attachment, ...] | None:
    """The channel's picture and its banner, each under the name of its file: a new one shows, a new size does not."""
    pictures = largest(mapping(channel.get("snippet")).get("thumbnails"), "") or ()
    addresses = [one.url for one in pictures]
    banner = text(mapping(mapping(channel.get("brandingSettings")).get("image")).get("bannerExternalUrl"))
    if banner:
        addresses.append(banner)
    found = tuple(Attachment("image", url, source=names.picture(native_id, file_of(url))) for url in addresses)
    return found or None


def _keywords(value: Any) -> tuple[str, ...] | None:
    """The channel's keywords; one of several words stands in quotation marks."""
    if not isinstance(value, str):
        return None
    return tuple(quoted or word for quoted, word in _KEYWORD.findall(value) if quoted or word)
