"""An account as the archive's values: who it is, what later calls need to know of it, and its profile as a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from archiver.domain.exchange import Exchange
from archiver.domain.item import Attachment, Body, Form, Link, Person
from archiver.domain.observation import OWN_ROOTS, AccountSeen, ItemSeen, Observation, TotalSeen
from archiver.platforms.instagram.flavours import FLAVOUR, PAGE, SCOPED, Flavour
from archiver.platforms.instagram.ids import PICTURE, Names
from archiver.platforms.meta.fields import connection, count, document, identifier, mapping, text
from archiver.platforms.meta.paging import following
from archiver.platforms.meta.requests import query_of

User = Mapping[str, Any]

_DESCRIBING = frozenset({"name", "biography"})


def profile_seen(names: Names, user: User, asked: frozenset[str]) -> Iterator[Observation]:
    """What the account's own answer shows. ``user_id`` is there only for a token that Instagram itself made."""
    scoped, native_id = identifier(user.get("id")), identifier(user.get("user_id"))
    facts = {FLAVOUR: str(Flavour.FACEBOOK)}
    if native_id is not None:
        facts = {FLAVOUR: str(Flavour.INSTAGRAM), SCOPED: scoped or ""}
    native_id, username = native_id or scoped, text(user.get("username"))
    if native_id is None or not username:
        return
    name = text(user.get("name"))
    yield AccountSeen(names.person(native_id), username, name, facts)
    media = count(user.get("media_count"))
    if media is not None:
        yield TotalSeen(OWN_ROOTS, media)
    if asked and not asked & _DESCRIBING:  # a question about something else
        return
    key = names.thing(native_id)
    yield ItemSeen(
        key=key,
        form=Form.PROFILE,
        author=Person(names.person(native_id), handle=username, display_name=name),
        body=_body(names, user, native_id, asked),
        thread=key,
        thread_author=names.person(native_id),
        permalink=f"https://www.instagram.com/{username}/",
    )


def linked_seen(names: Names, page: Mapping[str, Any]) -> AccountSeen | None:
    """The account that a page's answer names as its own."""
    linked = mapping(page.get("instagram_business_account"))
    native_id, username = identifier(linked.get("id")), text(linked.get("username"))
    if native_id is None:
        return None
    facts = {FLAVOUR: str(Flavour.FACEBOOK), PAGE: identifier(page.get("id")) or ""}
    return AccountSeen(names.person(native_id), username or names.handle, None, facts)


def chosen(names: Names, exchange: Exchange) -> AccountSeen | None:
    """The configured account among those of a person's pages; if none has its name, the only one that there is.

    Of a longer list that goes on elsewhere nobody knows whether it is the only one.
    """
    pages = document(exchange)
    found = [seen for _, page in connection(pages) if (seen := linked_seen(names, page)) is not None]
    for seen in found:
        if names.is_own(seen.handle) or names.account_id(seen.native_id) == names.handle_id:
            return seen
    whole = following(exchange) is None and not any(name == "after" for name, _ in query_of(exchange.url))
    return found[0] if len(found) == 1 and whole else None


def _body(names: Names, user: User, native_id: str, asked: frozenset[str]) -> Body:
    """Title, words, link and picture. The picture is named by its file: a new one shows, a new address does not."""
    found = {"title": text(user.get("name")), "text": text(user.get("biography"))}
    wanted = {"title": "name", "text": "biography"}
    website, picture = text(user.get("website")), text(user.get("profile_picture_url"))
    links = None
    if website is not None or "website" in asked:
        links = (Link(website),) if website else ()
    kind = text(user.get("account_type"))
    return Body(
        text=found["text"],
        title=found["title"],
        attachments=(Attachment("image", picture, source=_picture(names, native_id, picture)),) if picture else None,
        links=links,
        labels=(f"account:{kind.lower()}",) if kind else None,
        left_out=frozenset(name for name, value in found.items() if value is None and wanted[name] in asked),
    )


def _picture(names: Names, native_id: str, url: str) -> str:
    try:
        name = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        name = ""
    return f"{names.thing(native_id)}{PICTURE}{name or 'unnamed'}"
