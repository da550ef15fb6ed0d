"""An account as the archive's values: who it is, its profile as a record, and what the server is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Link
from archiver.domain.observation import OWN_POSTS, AccountSeen, ItemSeen, Observation, TotalSeen
from archiver.platforms.mastodon.fields import count, flag, identifier, mapping, moment, objects, text
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.mastodon.statuses import person_of
from archiver.platforms.rendering import render

_MARKS = ("bot", "group", "locked", "memorial", "limited")


def account_seen(names: Names, account: Mapping[str, Any], *, by_token: bool) -> Iterator[Observation]:
    """What the account's own answer shows.

    ``by_token``: it came for the token, so it may be about somebody else; then it is not the account's profile.
    A suspended account is a hollow object that says nothing of the profile.
    """
    native_id = identifier(account.get("id"))
    handle = text(account.get("acct")) or text(account.get("username"))
    if native_id is None or handle is None or (by_token and not names.is_own(handle)):
        return
    yield AccountSeen(
        native_id=names.person(native_id),
        handle=handle,
        display_name=text(account.get("display_name")),
        facts=_facts(account),
    )
    if flag(account.get("suspended")):
        return
    yield _profile(names, account, native_id)
    posts = count(account.get("statuses_count"))
    if posts is not None:
        yield TotalSeen(OWN_POSTS, posts)


def moved_to(account: Mapping[str, Any]) -> str | None:
    """Where the account says that it has moved."""
    moved = mapping(account.get("moved"))
    return text(moved.get("url")) or text(moved.get("acct"))


def _facts(account: Mapping[str, Any]) -> dict[str, str]:
    """Each fact every time, so that one that ended (a move taken back) is seen to end."""
    return {
        "uri": text(account.get("uri")) or "",
        "url": text(account.get("url")) or "",
        "moved": moved_to(account) or "",
        "suspended": "true" if flag(account.get("suspended")) else "",
    }


def _profile(names: Names, account: Mapping[str, Any], native_id: str) -> ItemSeen:
    key = names.profile(native_id)
    author = person_of(names, account)
    uri = text(account.get("uri"))
    return ItemSeen(
        key=key,
        form=Form.PROFILE,
        author=author,
        body=_body(account),
        created_at=moment(account.get("created_at")),
        thread=key,
        thread_author=names.person(native_id),
        permalink=text(account.get("url")) or uri,
        aliases=(names.uri(uri),) if uri else (),
    )


def _body(account: Mapping[str, Any]) -> Body:
    """Title, text and pictures of a profile; each of its fields is a line ``name: value`` below the text."""
    markup = text(account.get("note"))
    note = render(markup) if markup is not None else None
    words: list[str] = []
    links: list[Link] = []
    for _, one in objects(account.get("fields")):
        value = render(text(one.get("value")) or "")
        words.append(f"{text(one.get('name')) or ''}: {value.text}")
        links += value.links
    whole = "\n\n".join(part for part in (note.text if note else "", "\n".join(words)) if part)
    return Body(
        text=whole if note is not None or words else None,
        title=text(account.get("display_name")),
        markup=markup,
        attachments=_pictures(account),
        links=(*(note.links if note else ()), *links) if note is not None or words else None,
        labels=tuple(mark for mark in _MARKS if flag(account.get(mark))) + _moved_label(account),
    )


def _moved_label(account: Mapping[str, Any]) -> tuple[str, ...]:
    target = moved_to(account)
    return (f"moved:{target}",) if target else ()


def _pictures(account: Mapping[str, Any]) -> tuple[Attachment, ...] | None:
    found = [
        Attachment("image", url, alt_text=text(account.get(f"{name}_description")))
        for name in ("avatar", "header")
        if (url := text(account.get(name)))
    ]
    return tuple(found) if "avatar" in account or "header" in account else None
