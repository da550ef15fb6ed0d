"""Events of a page: what they are called, when and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.domain.item import Attachment, Body, Cause, Form, State
from archiver.domain.observation import ItemSeen
from archiver.platforms.facebook.addresses import SITE, unshimmed
from archiver.platforms.facebook.attachments import loose_file, photo_name
from archiver.platforms.facebook.comments import Above, comments_in
from archiver.platforms.facebook.ids import Names
from archiver.platforms.facebook.people import person_of
from archiver.platforms.facebook.posts import audience
from archiver.platforms.facebook.setting import Setting
from archiver.platforms.meta.fields import flag, identifier, mapping, moment, objects, text
from archiver.platforms.meta.links import links_in

Event = Mapping[str, Any]


def event_seen(names: Names, event: Event, pointer: str, setting: Setting) -> Iterator[ItemSeen]:
    """An event. That its time or place was changed is an edit, so these are lines of its text."""
    native_id = identifier(event.get("id"))
    if native_id is None:
        return
    key = names.thing(native_id)
    author = setting.author(names, person_of(names, event.get("owner")) or person_of(names, event.get("from")))
    draft = flag(event.get("is_draft"))
    yield ItemSeen(
        key=key,
        form=Form.POST,
        author=author,
        body=_body(event),
        created_at=moment(event.get("created_time")),
        thread=key,
        thread_author=author.native_id if author else None,
        permalink=f"{SITE}/events/{native_id}/",
        state=State.HIDDEN if draft else State.LIVE if draft is False else None,
        cause=Cause.OWNER_PRIVATE if draft and setting.is_own(names, author) else None,
        pointer=pointer,
    )
    above = Above(key, native_id, author.native_id if author else None)
    yield from comments_in(names, event.get("comments"), f"{pointer}/comments", above)


def _body(event: Event) -> Body:
    description = text(event.get("description"))
    lines = list(_lines(event))
    whole = "\n\n".join(part for part in (description, "\n".join(lines)) if part)
    ticket = text(event.get("ticket_uri"))
    return Body(
        text=whole if description is not None or lines else None,
        title=text(event.get("name")) or text(event.get("title")),
        visibility=audience(event.get("privacy")) or audience(event.get("type")),
        attachments=_cover(event),
        links=links_in(f"{whole}\n{unshimmed(ticket)}" if ticket else whole) or None,
        partial=frozenset({"links"}),
    )


def _lines(event: Event) -> Iterator[str]:
    """When and where, a line each, times as the organiser wrote them. None of it where the call left out the start."""
    start = text(event.get("start_time"))
    if not start:
        return
    if flag(event.get("is_canceled")):
        yield "Canceled"
    yield f"Start: {start}"
    if end := text(event.get("end_time")):
        yield f"End: {end}"
    times = [(text(one.get("start_time")) or "", text(one.get("end_time")) or "") for _, one in
             objects(event.get("event_times"))]  # fmt: skip
    for begin, until in sorted(times):
        yield f"Date: {begin} to {until}" if until else f"Date: {begin}"
    if place := _place(mapping(event.get("place"))) or text(event.get("location")):
        yield f"Place: {place}"
    if online := text(event.get("online_event_third_party_url")):
        yield f"Online: {unshimmed(online)}"


def _place(place: Mapping[str, Any]) -> str:
    where = mapping(place.get("location"))
    parts = [text(place.get("name")), *(text(where.get(name)) for name in ("street", "zip", "city", "state"))]
    return ", ".join(part for part in parts if part)


def _cover(event: Event) -> tuple[Attachment, ...] | None:
    cover = mapping(event.get("cover"))
    url, native_id = text(cover.get("source")), identifier(cover.get("cover_id")) or identifier(cover.get("id"))
    if not url:
        return None
    return (Attachment("image", url, source=photo_name(native_id)) if native_id else loose_file(url),)
