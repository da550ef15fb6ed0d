"""From a feed's page to observations."""

from __future__ import annotations

from collections.abc import Iterator

from archiver.domain.exchange import Exchange, Purpose
from archiver.domain.item import Attachment, Body, Form, Link, Person
from archiver.domain.observation import OWN_ACCOUNT, AccountSeen, ItemSeen, Observation
from archiver.platforms.feed.documents import Entry, Feed, File, feed_of
from archiver.platforms.feed.markup import pictures, rendered
from archiver.platforms.feed.places import Place

_KINDS = {"image": "image", "video": "video", "audio": "audio"}


def read(place: Place, exchange: Exchange) -> Iterator[Observation]:
    """The feed itself, then its entries in order, unless only the feed was asked for.

    Raises ShapeChanged when the answer is no feed.
    """
    if exchange.purpose is Purpose.MEDIA or not (exchange.ok or exchange.unmodified):
        return
    feed = feed_of(exchange)
    title = rendered(feed.title)
    name = title.text if title else None
    yield AccountSeen(place.name, place.name, name)
    author = Person(OWN_ACCOUNT, place.name, name, feed.picture)
    yield _profile(place, feed, author)
    for entry in feed.entries if exchange.stream != "profile" else ():
        yield _post(place, entry, author, feed.lang)


def _profile(place: Place, feed: Feed, author: Person) -> ItemSeen:
    subtitle, title = rendered(feed.subtitle), rendered(feed.title)
    body = Body(
        text=subtitle.text if subtitle else None,
        title=title.text if title else None,
        markup=feed.subtitle.value if feed.subtitle and feed.subtitle.markup else None,
        lang=feed.lang,
        links=(Link(feed.link),) if feed.link else (),
    )
    return ItemSeen(place.profile(), Form.PROFILE, author, body, permalink=feed.link)


def _post(place: Place, entry: Entry, author: Person, lang: str | None) -> ItemSeen:
    key, title, text = place.entry(entry.id), rendered(entry.title), rendered(entry.body)
    created, updated = entry.published or entry.updated, entry.updated
    body = Body(
        text=text.text if text else None,
        title=title.text if title else None,
        markup=entry.body.value if entry.body and entry.body.markup else None,
        lang=entry.lang or lang,
        edited_at=updated if updated and created and updated > created else None,
        attachments=_attachments(entry),
        links=text.links if text else (),
        tags=entry.tags,
        labels=tuple(f"author: {name}" for name in entry.authors),
    )
    return ItemSeen(
        key,
        Form.POST,
        author,
        body,
        created_at=created,
        thread=key,
        thread_author=OWN_ACCOUNT,
        permalink=entry.link,
        pointer=entry.pointer,
    )


def _attachments(entry: Entry) -> tuple[Attachment, ...]:
    """The files of an entry, then the pictures in its text; each address once."""
    found = [Attachment(_kind(file), file.url, mime=file.mime) for file in entry.files]
    by_address = {one.url: one for one in reversed((*found, *pictures(entry.body)))}
    return tuple(by_address[url] for url in dict.fromkeys(one.url for one in (*found, *pictures(entry.body))))


def _kind(file: File) -> str:
    stated = (file.medium or (file.mime or "").partition("/")[0]).lower()
    return _KINDS.get(stated, "file")
