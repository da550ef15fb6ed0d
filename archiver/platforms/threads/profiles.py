"""A profile as the archive's values: who the account is, and its profile as a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Person
from archiver.domain.observation import AccountSeen, ItemSeen, Observation
from archiver.platforms.meta.fields import flag, identifier, text
from archiver.platforms.meta.links import links_in, unsigned
from archiver.platforms.threads.names import Names

PICTURE = "picture:"


def account_seen(
    names: Names, answer: Mapping[str, Any], *, by_token: bool, whole: bool = True
) -> Iterator[Observation]:
    """What the account's own answer shows.

    ``by_token``: it was asked for as ``me``, so it may be about somebody else; then it is not the account's. ``whole``:
    all of the profile was asked for.
    """
    native_id, username = identifier(answer.get("id")), text(answer.get("username"))
    if native_id is None or username is None or (by_token and not names.is_own(username, native_id)):
        return
    yield AccountSeen(names.number(native_id), username, text(answer.get("name")))
    if whole:
        yield _profile(names, answer, native_id, username)


def _profile(names: Names, answer: Mapping[str, Any], native_id: str, username: str) -> ItemSeen:
    key = names.profile(native_id)
    words, picture = text(answer.get("threads_biography")), text(answer.get("threads_profile_picture_url"))
    name = text(answer.get("name"))
    body = Body(
        text=words,
        title=name,
        attachments=(Attachment("image", picture, picture_source(picture)),) if picture else None,
        links=links_in(words) if words is not None else None,
        labels=("verified",) if flag(answer.get("is_verified")) else (),
    )
    return ItemSeen(
        key=key,
        form=Form.PROFILE,
        author=Person(names.number(native_id), username, name, unsigned(picture) if picture else None),
        body=body,
        thread=key,
        thread_author=names.number(native_id),
    )


def picture_source(url: str) -> str:
    """The lasting name of a profile's picture: the name of its file. The same picture has another address each time."""
    return PICTURE + (unsigned(url).rstrip("/").rpartition("/")[2] or url)
