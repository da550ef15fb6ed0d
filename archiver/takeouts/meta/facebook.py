"""The download of a Facebook page, or of a person's profile, in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from archiver.domain.account import Account
from archiver.domain.item import Attachment, Body, Form, Link, Person, Poll, PollOption
from archiver.domain.keys import Key
from archiver.domain.observation import OWN_ACCOUNT, ItemSeen
from archiver.platforms.fields import mapping, objects, text
from archiver.takeouts.meta.messages import read_messages
from archiver.takeouts.meta.parts import Namer, attachment, files_of, moment, words
from archiver.takeouts.meta.shapes import first_element, first_members, has, is_conversation, json_files
from archiver.takeouts.protocol import About, Entry, Files, NotUnderstood
from archiver.takeouts.streams import Unreadable, elements

_COMMENTS = ("comments_v2", "comments")
_STORIES = ("archived_stories_v2", "stories_v2", "active_stories_v2")
_VIDEOS = ("videos_v2", "videos")
_PHOTOS = ("other_photos_v2", "photos")
_ROOTS = ("this_profile's_activity_across_facebook/", "your_facebook_activity/", "posts/")


class FacebookDownload:
    """Reads "Download profile information" of a page, and the same of a person, of any layout since about 2018."""

    name: ClassVar[str] = "Facebook download"
    platform: ClassVar[str] = "facebook"

    def recognizes(self, files: Files) -> bool:
        """By a list of posts, comments or messages, at a place where Facebook has them."""
        likely = [path for path in json_files(files) if any(root in path for root in _ROOTS)]
        return any(_shape(files, path) is not None for path in likely[:50])

    def about(self, files: Files) -> About:  # noqa: ARG002 - the protocol's
        """It names neither an id nor a date."""
        return About()

    def read(self, files: Files, account: Account) -> Iterator[Entry | NotUnderstood]:
        """Posts first: pictures in albums and lists of videos are told only where no post shows them."""
        shapes: dict[str, list[str]] = {}
        for path in json_files(files):
            shapes.setdefault(_shape(files, path) or "", []).append(path)
        reading = _Reading(files, account, Namer(account))
        for shape, read in (
            ("posts", reading.posts), ("stories", reading.stories), ("comments", reading.comments),
            ("media", reading.media), ("messages", reading.messages),
        ):  # fmt: skip
            for path in shapes.get(shape, ()):
                try:
                    yield from read(path)
                except Unreadable as error:
                    yield NotUnderstood(path, str(error))


def _shape(files: Files, path: str) -> str | None:
    """What a file holds; None for what is no record: likes, settings, followers, advertisements."""
    found = first_members(files, path)
    if is_conversation(found):
        return "messages"
    for shape, names in (("comments", _COMMENTS), ("stories", _STORIES), ("media", (*_VIDEOS, *_PHOTOS))):
        if found.keys() & set(names):
            return shape
    return "posts" if not found and _is_post(mapping(first_element(files, path))) else None


def _is_post(entry: Mapping[str, Any]) -> bool:
    said = [one for _place, one in objects(entry.get("data"))]
    told = any(has(one, "post", "update_timestamp") for one in said)
    return "timestamp" in entry and (told or "attachments" in entry)


@dataclass(slots=True)
class _Reading:
    """The files of one download on their way."""

    files: Files
    account: Account
    namer: Namer
    shown: set[str] = field(default_factory=set)
    """The paths of the pictures and videos that posts show."""

    def posts(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """A list of posts."""
        for pointer, entry in self._elements(path):
            yield self._post(path, pointer, mapping(entry), Form.POST)

    def stories(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """A list of stories, which look like posts."""
        for pointer, entry in self._elements(path, *_STORIES):
            yield self._post(path, pointer, mapping(entry), Form.STORY)

    def comments(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """The page's own comments. What each stands below is not said."""
        for pointer, entry in self._elements(path, *_COMMENTS):
            said = (mapping(one.get("comment")) for _place, one in objects(mapping(entry).get("data")))
            comment = next((one for one in said if one), None)
            at = moment((comment or mapping(entry)).get("timestamp"))
            attachments, links, _poll, _texts = _attached(mapping(entry).get("attachments"))
            if at is None or (comment is None and not attachments):
                yield NotUnderstood(path, "a comment without a time or without words", pointer)
                continue
            self.shown.update(one.url for one in attachments)
            key = self.namer.key("comment", at)
            below = self.namer.named("what is answered by", key)
            body = Body(text=words((comment or {}).get("comment")), attachments=attachments, links=links)
            yield self._entry(path, pointer, key, Form.POST, at, body, below)

    def media(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """An album, or a list of videos or pictures: those that no post showed."""
        for pointer, found in self._elements(path, *_VIDEOS, *_PHOTOS):
            one, at = attachment(mapping(found)), moment(mapping(found).get("creation_timestamp"))
            if one is None or at is None:
                yield NotUnderstood(path, "a picture or video without a file or a time", pointer)
            elif one.url not in self.shown:
                self.shown.add(one.url)
                body = Body(text=words(mapping(found).get("description")), attachments=(one,))
                yield self._entry(path, pointer, self.namer.key("medium", at), Form.POST, at, body)

    def messages(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """A conversation."""
        return read_messages(self.files, path, self.account, self.namer)

    def _elements(self, path: str, *names: str) -> Iterator[tuple[str, Any]]:
        with self.files.open(path) as stream:
            yield from elements(stream, *names)

    def _post(self, path: str, pointer: str, entry: Mapping[str, Any], form: Form) -> Entry | NotUnderstood:
        at = moment(entry.get("timestamp"))
        if at is None:
            return NotUnderstood(path, "a post without a time", pointer)
        said = [one for _place, one in objects(entry.get("data"))]
        attachments, links, poll, texts = _attached(entry.get("attachments"))
        self.shown.update(one.url for one in attachments)
        written = next((words(one["post"]) for one in said if "post" in one), None)
        body = Body(
            text=written if written is not None else next(iter(texts), None),
            edited_at=next((moment(one["update_timestamp"]) for one in said if "update_timestamp" in one), None),
            attachments=attachments,
            links=links,
            poll=poll,
        )
        return self._entry(path, pointer, self.namer.key(str(form), at), form, at, body)

    def _entry(
        self, path: str, pointer: str, key: Key, form: Form, at: Any, body: Body, below: Key | None = None
    ) -> Entry:
        seen = ItemSeen(
            key=key, form=form, author=Person(OWN_ACCOUNT), body=body, created_at=at, parent=below, thread=below or key
        )
        return Entry(seen, path, pointer, files_of(body.attachments or ()), sure=False)


def _attached(value: Any) -> tuple[tuple[Attachment, ...], tuple[Link, ...], Poll | None, list[str]]:
    """What hangs on an entry: media, links, a poll, and words that are its text where it has no other.

    What describes one of several pictures is not the entry's text.
    """
    hanging = [one for _place, group in objects(value) for _position, one in objects(group.get("data"))]
    media = [mapping(one["media"]) for one in hanging if "media" in one]
    attachments = tuple(found for one in media if (found := attachment(one)) is not None)
    contexts = [mapping(one.get("external_context")) for one in hanging]
    links = tuple(
        Link(address, title=words(one.get("name")), card=True) for one in contexts if (address := text(one.get("url")))
    )
    described = [words(one.get("description")) for one in media] if len(media) == 1 else []
    told = [words(one.get("text")) for one in hanging] + [
        words(mapping(one.get("event")).get("name")) for one in hanging
    ]
    polls = (_poll(mapping(one["poll"])) for one in hanging if "poll" in one)
    return attachments, links, next(polls, None), [one for one in (*described, *told) if one]


def _poll(found: Mapping[str, Any]) -> Poll | None:
    options = (words(one.get("option")) for _place, one in objects(found.get("options")))
    named = tuple(PollOption(one) for one in options if one is not None)
    return Poll(named) if named else None
