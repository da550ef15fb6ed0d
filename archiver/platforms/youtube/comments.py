"""Comments and the answers to them: a tree of two levels below a video, or below the old discussion of a channel.

All answers have the thread's top comment as parent, those to other answers too. Only the newest text is given; an edit
shows in ``updatedAt``. ``textOriginal`` is the text as it was written, ``textDisplay`` as a page shows it: HTML, or
plain with long addresses cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.domain.item import Attachment, Body, Form, Metrics
from archiver.domain.keys import Key
from archiver.domain.observation import ItemSeen
from archiver.platforms.fields import count, flag, mapping, objects, text
from archiver.platforms.links import links_in
from archiver.platforms.rendering import render
from archiver.platforms.youtube.fields import file_of, identifier, moment
from archiver.platforms.youtube.ids import Names, comment_page, top_comment_of
from archiver.platforms.youtube.people import commenter
from archiver.platforms.youtube.routes import Call, Route
from archiver.platforms.youtube.visibility import of_moderation

Comment = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """What the address of an answer tells of all comments in it.

    ``moderation`` is the status that they have where they do not say so themselves (None: not told by the address).
    ``html``: ``textDisplay`` is HTML. ``video`` and ``channel`` are what they are about, ``parent`` is the comment that
    they answer.
    """

    moderation: str | None = None
    html: bool = True
    video: str | None = None
    channel: str | None = None
    parent: str | None = None

    @classmethod
    def of(cls, route: Route, video: str | None = None) -> Listing:
        """What an address tells. ``video``: that of the task that asked, for answers that do not name it."""
        listed = not route.ids
        moderation = (route.value("moderationStatus") or "published") if listed else None
        return cls(
            moderation=moderation,
            html=route.value("textFormat") != "plainText",
            video=route.value("videoId") or video,
            parent=route.value("parentId") if route.call is Call.COMMENTS else None,
        )


@dataclass(frozen=True, slots=True)
class Thread:
    """What an answer tells of a whole thread, for the walk: how many answers there are, and how many came along."""

    id: str
    video: str | None
    replies: int
    inlined: tuple[str, ...]


def thread_seen(names: Names, thread: Mapping[str, Any], pointer: str, listing: Listing) -> Iterator[ItemSeen]:
    """The top comment of a thread, then the answers that came along with it: five at most."""
    snippet = mapping(thread.get("snippet"))
    top = mapping(snippet.get("topLevelComment"))
    native_id = identifier(top.get("id"))
    if native_id is None:
        return
    around = _narrowed(listing, snippet)
    public = flag(snippet.get("isPublic"))
    replies = count(snippet.get("totalReplyCount"))
    yield from comment_seen(
        names, top, f"{pointer}/snippet/topLevelComment", around, replies=replies, public=public is True
    )
    author = commenter(names, mapping(top.get("snippet")))
    below = Listing(_of_answers(around), around.html, around.video, around.channel, native_id)
    for place, answer in objects(mapping(thread.get("replies")).get("comments"), f"{pointer}/replies/comments"):
        yield from comment_seen(names, answer, place, below, answered=author.native_id if author else None)


def comment_seen(
    names: Names,
    comment: Comment,
    pointer: str,
    listing: Listing,
    *,
    replies: int | None = None,
    public: bool = False,
    answered: str | None = None,
) -> Iterator[ItemSeen]:
    """The record that one comment is. ``public``: its thread says that everybody sees it.

    ``answered`` is who wrote the comment that it answers. One of which nothing tells where it stands has no parent.
    """
    native_id, snippet = identifier(comment.get("id")), mapping(comment.get("snippet"))
    if native_id is None or not snippet:
        return
    around = _narrowed(listing, snippet)
    parent = identifier(snippet.get("parentId")) or top_comment_of(native_id)
    if parent is None and around.parent != native_id:
        parent = around.parent
    thread, owner = _root(names, around), names.person(around.channel) if around.channel else None
    status = text(snippet.get("moderationStatus")) or around.moderation
    seen = of_moderation(status or ("published" if public else None))
    likes = count(snippet.get("likeCount"))
    yield ItemSeen(
        key=names.thing(native_id),
        form=Form.POST,
        author=commenter(names, snippet),
        body=_body(names, native_id, snippet, status, html=around.html),
        created_at=moment(snippet.get("publishedAt")),
        parent=names.thing(parent) if parent else thread,
        thread=thread,
        thread_author=owner,
        parent_author=answered if parent else owner,
        permalink=comment_page(around.video, native_id) if around.video else None,
        metrics=Metrics(likes=likes, replies=replies) if likes is not None or replies is not None else None,
        state=seen.state,
        cause=seen.cause,
        pointer=pointer,
    )


def thread_of(thread: Mapping[str, Any]) -> Thread | None:
    """A thread as the walk needs it; None for what is none."""
    snippet = mapping(thread.get("snippet"))
    native_id = identifier(mapping(snippet.get("topLevelComment")).get("id")) or identifier(thread.get("id"))
    if native_id is None:
        return None
    inlined = (identifier(one.get("id")) for _, one in objects(mapping(thread.get("replies")).get("comments")))
    return Thread(
        id=native_id,
        video=identifier(snippet.get("videoId")),
        replies=count(snippet.get("totalReplyCount")) or 0,
        inlined=tuple(one for one in inlined if one),
    )


def _of_answers(listing: Listing) -> str | None:
    """The status of answers that came along: a queue of held comments does not say that their answers are held."""
    return listing.moderation if listing.moderation == "published" else None


def _narrowed(listing: Listing, snippet: Mapping[str, Any]) -> Listing:
    """With what the object itself says of the video and the channel that it is about."""
    video = identifier(snippet.get("videoId")) or listing.video
    channel = identifier(snippet.get("channelId")) or listing.channel
    return Listing(listing.moderation, listing.html, video, channel, listing.parent)


def _root(names: Names, around: Listing) -> Key | None:
    """The video, or the channel in whose old discussion it stood; None where no answer tells."""
    root = around.video or around.channel
    return names.thing(root) if root else None


def _body(names: Names, native_id: str, snippet: Mapping[str, Any], status: str | None, *, html: bool) -> Body:
    written, shown = text(snippet.get("textOriginal")), text(snippet.get("textDisplay"))
    if written is None and shown is not None:
        written = render(shown).text if html else shown
    image = text(snippet.get("imageUrl"))
    named = f"{names.thing(native_id)}/image/{file_of(image)}" if image else None
    return Body(
        text=written,
        markup=shown if html else None,
        edited_at=_edited_at(snippet),
        attachments=(Attachment("image", image, source=named),) if image else None,
        links=links_in(written) if written is not None else None,
        labels=(f"moderation:{status}",) if status not in {None, "published"} else None,
    )


def _edited_at(snippet: Mapping[str, Any]) -> datetime | None:
    """When it was last changed; None for one that never was."""
    published, updated = moment(snippet.get("publishedAt")), moment(snippet.get("updatedAt"))
    return updated if published is not None and updated is not None and updated > published else None
