"""A status (post, answer, boost) as the archive's values.

What belongs to the viewer (``favourited``, ``pinned``, ``filtered`` …) and what the account looks like now (its
counts) is left out: it changes without anybody editing anything. Fields that are not known stay in the WARC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Link, Metrics, Person, Poll, PollOption
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen, PastVersion
from archiver.platforms.mastodon.fields import count, flag, identifier, mapping, moment, objects, text
from archiver.platforms.mastodon.ids import Names
from archiver.platforms.rendering import Rendered, is_address, render

Status = Mapping[str, Any]

_ENDING = re.compile(r"\.(\w{1,5})(?:[?#].*)?$", re.ASCII)
_BY_ENDING = {
    **dict.fromkeys(("jpg", "jpeg", "png", "webp", "avif", "heic", "heif", "jxl"), "image"),
    **dict.fromkeys(("mp4", "m4v", "webm", "mov"), "video"),
    **dict.fromkeys(("mp3", "ogg", "oga", "opus", "flac", "wav", "m4a", "aac"), "audio"),
    "gif": "gifv",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a thread a status was found; each part only where the answer tells it."""

    thread: Key | None = None
    thread_author: str | None = None
    parent_author: str | None = None
    root: bool = False


def status_id(status: Status) -> str | None:
    """The id of a status on its server."""
    return identifier(status.get("id"))


def author_id(status: Status) -> str | None:
    """The id of a status' author on its server."""
    return identifier(mapping(status.get("account")).get("id"))


def is_edited(status: Status) -> bool:
    """Whether the server keeps earlier versions. A boost has none of its own."""
    return moment(status.get("edited_at")) is not None and not mapping(status.get("reblog"))


def answers(status: Status) -> bool:
    """Whether it answers something. Stock Mastodon forgets what when that is deleted, but not whom."""
    return any(identifier(status.get(name)) for name in ("in_reply_to_id", "in_reply_to_account_id"))


def is_own(names: Names, status: Status) -> bool:
    """Whether the configured account wrote it."""
    return names.is_own(text(mapping(status.get("account")).get("acct")))


def names_account(names: Names, status: Status) -> bool:
    """Whether it mentions the configured account."""
    return any(names.is_own(text(one.get("acct"))) for _, one in objects(status.get("mentions")))


def sightings(names: Names, status: Status, pointer: str, place: Place | None = None) -> Iterator[ItemSeen]:
    """The record that a status is. With a boost or a quotation of the account's own post that post, too."""
    native_id = status_id(status)
    if native_id is None:
        return
    original = mapping(status.get("reblog"))
    quoted = mapping(mapping(status.get("quote")).get("quoted_status"))
    yield (
        _share(names, status, native_id, pointer, original)
        if original
        else _post(names, status, native_id, pointer, place or _alone(names, status, native_id))
    )
    for inner, name in ((original, "reblog"), (quoted, "quote/quoted_status")):
        if is_own(names, inner):
            yield from sightings(names, inner, f"{pointer}/{name}")


def _alone(names: Names, status: Status, native_id: str) -> Place:
    """The place of a status that is shown without its thread.

    ``in_reply_to_account_id`` is that of the parent's author only if the author answers themself: in a chain of
    one's own answers it skips to whom the first of them answered.
    """
    if not answers(status):
        return Place(thread=names.status(native_id), root=True)
    author, answered = author_id(status), identifier(status.get("in_reply_to_account_id"))
    return Place(parent_author=names.person(answered) if answered is not None and answered == author else None)


def _post(names: Names, status: Status, native_id: str, pointer: str, place: Place) -> ItemSeen:
    parent = identifier(status.get("in_reply_to_id"))
    author = person_of(names, mapping(status.get("account")))
    return ItemSeen(
        key=names.status(native_id),
        form=Form.POST,
        author=author,
        body=body_of(names, status),
        created_at=moment(status.get("created_at")),
        parent=names.status(parent) if parent else None,
        thread=place.thread,
        thread_author=author.native_id if place.root and author else place.thread_author,
        parent_author=place.parent_author,
        mentions=_mentions(names, status),
        permalink=text(status.get("url")) or text(status.get("uri")),
        metrics=Metrics(
            likes=count(status.get("favourites_count")),
            replies=count(status.get("replies_count")),
            shares=count(status.get("reblogs_count")),
        ),
        pointer=pointer,
        aliases=_aliases(names, status),
    )


def _share(names: Names, status: Status, native_id: str, pointer: str, original: Status) -> ItemSeen:
    """A boost: its own id and date, by the one who boosted, with the whole original text."""
    key = names.status(native_id)
    author = person_of(names, mapping(status.get("account")))
    shared = status_id(original)
    body = body_of(names, original, visibility=text(status.get("visibility")))
    return ItemSeen(
        key=key,
        form=Form.SHARE,
        author=author,
        body=body,
        created_at=moment(status.get("created_at")),
        thread=key,
        thread_author=author.native_id if author else None,
        shares=names.status(shared) if shared else None,
        mentions=_mentions(names, original),
        permalink=text(status.get("url")) or text(status.get("uri")),
        pointer=pointer,
        aliases=_aliases(names, status),
    )


def person_of(names: Names, account: Status) -> Person | None:
    """An author as shown now."""
    native_id = identifier(account.get("id"))
    if native_id is None:
        return None
    return Person(
        names.person(native_id),
        handle=text(account.get("acct")),
        display_name=text(account.get("display_name")),
        avatar=text(account.get("avatar_static")) or text(account.get("avatar")),
    )


def body_of(names: Names, status: Status, *, visibility: str | None = None) -> Body:
    """What of a status an edit can change."""
    quote = mapping(status.get("quote"))
    markup = text(status.get("content"))
    rendered = render(markup, without_quote_line=bool(quote)) if markup is not None else None
    return Body(
        text=rendered.text if rendered else None,
        markup=markup,
        content_warning=text(status.get("spoiler_text")),
        visibility=visibility or text(status.get("visibility")),
        lang=text(status.get("language")),
        edited_at=moment(status.get("edited_at")),
        attachments=attachments_of(status),
        links=_links(status, rendered),
        poll=poll_of(status),
        quotes=_quoted(names, quote),
        tags=_tags(status),
        labels=_labels(status, quote),
    )


def past_version(names: Names, entry: Status, at: datetime, *, first: bool) -> PastVersion:
    """One entry of an edit history, ``at`` the time of that version (its ``created_at``).

    Before Mastodon 4.5 it does not say what is quoted.
    """
    markup = text(entry.get("content"))
    quote = mapping(entry.get("quote"))
    rendered = render(markup, without_quote_line=bool(quote)) if markup is not None else None
    body = Body(
        text=rendered.text if rendered else None,
        markup=markup,
        content_warning=text(entry.get("spoiler_text")),
        edited_at=None if first else at,
        attachments=attachments_of(entry),
        links=_links(entry, rendered),
        poll=poll_of(entry),
        quotes=_quoted(names, quote),
        labels=_labels(entry, quote),
    )
    return PastVersion(at, body)


def attachments_of(status: Status) -> tuple[Attachment, ...] | None:
    """The media. What another server holds is named by its address there: this server's copy moves and expires."""
    if not isinstance(status.get("media_attachments"), list):
        return None
    found = []
    for _, media in objects(status.get("media_attachments")):
        remote = text(media.get("remote_url"))
        url = text(media.get("url")) or remote or text(media.get("preview_url"))
        if not url:
            continue
        original = mapping(mapping(media.get("meta")).get("original"))
        found.append(
            Attachment(
                kind=_kind_of_media(text(media.get("type")) or "unknown", remote or url),
                url=url,
                source=remote or None,
                alt_text=text(media.get("description")),
                width=count(original.get("width")),
                height=count(original.get("height")),
            )
        )
    return tuple(found)


def _kind_of_media(stated: str, url: str) -> str:
    """The kind of a medium. What this server has not fetched yet is ``unknown``, and turns into another later."""
    ending = _ENDING.search(url) if stated == "unknown" else None
    return _BY_ENDING.get(ending.group(1).lower(), stated) if ending else stated


def poll_of(status: Status) -> Poll | None:
    """A poll; in an edit history it has nothing but titles."""
    poll = mapping(status.get("poll"))
    if not poll:
        return None
    options = [
        PollOption(title, count(one.get("votes_count")))
        for _, one in objects(poll.get("options"))
        if (title := text(one.get("title"))) is not None
    ]
    return Poll(tuple(options), moment(poll.get("expires_at")), flag(poll.get("multiple")))


def _links(status: Status, rendered: Rendered | None) -> tuple[Link, ...] | None:
    """The text's links, then the link card and the pictures of custom emoji: these come and go without an edit."""
    if rendered is None:
        return None
    card = mapping(status.get("card"))
    extra = []
    if (url := text(card.get("url"))) and is_address(url):
        extra.append(Link(url, title=text(card.get("title")), card=True))
    for _, emoji in objects(status.get("emojis")):
        code, picture = text(emoji.get("shortcode")), text(emoji.get("url"))
        if code and picture and is_address(picture):
            extra.append(Link(picture, title=f":{code}:", card=True))
    return (*rendered.links, *extra)


def _quoted(names: Names, quote: Status) -> Key | None:
    quoted = identifier(mapping(quote.get("quoted_status")).get("id")) or identifier(quote.get("quoted_status_id"))
    return names.status(quoted) if quoted else None


def _labels(status: Status, quote: Status) -> tuple[str, ...]:
    """Marks that are no part of the text: ``sensitive``, and the state of a quotation (an open set of words)."""
    labels = ["sensitive"] if flag(status.get("sensitive")) else []
    if state := text(quote.get("state")):
        labels.append(f"quote:{state}")
    return tuple(labels)


def _tags(status: Status) -> tuple[str, ...] | None:
    if not isinstance(status.get("tags"), list):
        return None
    return tuple(name for _, tag in objects(status.get("tags")) if (name := text(tag.get("name"))))


def _mentions(names: Names, status: Status) -> frozenset[str]:
    found = (identifier(one.get("id")) for _, one in objects(status.get("mentions")))
    return frozenset(names.person(one) for one in found if one)


def _aliases(names: Names, status: Status) -> tuple[Key, ...]:
    uri = text(status.get("uri"))
    return (names.uri(uri),) if uri else ()
