"""The download of an Instagram account, in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from archiver.domain.account import Account
from archiver.domain.item import Body, Cause, Form, Person, State
from archiver.domain.observation import OWN_ACCOUNT, GoneSeen, ItemSeen
from archiver.platforms.fields import mapping, objects, text
from archiver.takeouts.meta.messages import read_messages
from archiver.takeouts.meta.parts import Namer, attachment, files_of, moment, words
from archiver.takeouts.meta.shapes import first_element, first_members, has, is_conversation, json_files
from archiver.takeouts.protocol import About, Entry, Files, NotUnderstood
from archiver.takeouts.repair import repaired
from archiver.takeouts.streams import Unreadable, elements

_POSTS = ("ig_reels_media", "ig_igtv_media", "ig_posts")
_STORIES = ("ig_stories",)
_ARCHIVED = ("ig_archived_post_media",)
_DELETED = ("ig_recently_deleted_media",)
_COMMENTS = ("comments_media_comments", "comments_reels_comments", "comments_story_comments")
_PROFILE = ("profile_user",)
_SHAPES = {
    "posts": _POSTS, "stories": _STORIES, "archived": _ARCHIVED, "deleted": _DELETED, "comments": _COMMENTS,
    "profile": _PROFILE,
}  # fmt: skip
_COMMENT_WORDS = frozenset({"comment", "opmerking", "kommentar", "comentario", "commentaire", "commento", "comentário"})
_OWNER_WORDS = frozenset({"media owner", "media-eigenaar", "eigenaar van media", "propriétaire du média"})
_USERNAME = re.compile(r"[a-z0-9._]{1,30}", re.IGNORECASE | re.ASCII)


class InstagramDownload:
    """Reads "Download your information" of an account, of any layout since about 2020."""

    name: ClassVar[str] = "Instagram download"
    platform: ClassVar[str] = "instagram"

    def recognizes(self, files: Files) -> bool:
        """By a list of posts, stories or comments, or by the profile, as only Instagram writes them."""
        likely = sorted(json_files(files), key=lambda path: ("media/" not in path and "content/" not in path, path))
        return any(_shape(files, path) not in {None, "messages"} for path in likely[:100])

    def about(self, files: Files) -> About:
        """It names the account, and no date."""
        for path in json_files(files):
            if _shape(files, path) == "profile":
                return About(handle=_username(mapping(first_element(files, path, *_PROFILE))))
        return About()

    def read(self, files: Files, account: Account) -> Iterator[Entry | NotUnderstood]:
        """Posts, reels and stories, what was put away or deleted, the account's own comments, and its messages."""
        shapes: dict[str, list[str]] = {}
        for path in json_files(files):
            shapes.setdefault(_shape(files, path) or "", []).append(path)
        reading = _Reading(files, account, Namer(account))
        for shape, read in (
            ("posts", reading.posts), ("stories", reading.stories), ("archived", reading.archived),
            ("deleted", reading.deleted), ("comments", reading.comments), ("messages", reading.messages),
        ):  # fmt: skip
            for path in shapes.get(shape, ()):
                try:
                    yield from read(path)
                except Unreadable as error:
                    yield NotUnderstood(path, str(error))


def _shape(files: Files, path: str) -> str | None:
    """What a file holds; None for what is no record: likes, followers, settings, advertisements."""
    found = first_members(files, path)
    if is_conversation(found):
        return "messages"
    if found:
        return next((shape for shape, names in _SHAPES.items() if found.keys() & set(names)), None)
    first = mapping(first_element(files, path))
    if isinstance(first.get("media"), list) and has(next((one for _p, one in objects(first["media"])), None), "uri"):
        return "posts"
    return "comments" if _comment(first) is not None and "comments" in path.lower() else None


@dataclass(frozen=True, slots=True)
class _Comment:
    """What is said of a comment: its words, whose post it stands below, when."""

    text: str
    owner: str | None
    at: datetime


@dataclass(slots=True)
class _Reading:
    """The files of one download on their way."""

    files: Files
    account: Account
    namer: Namer

    def posts(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """Posts, reels, videos."""
        for pointer, found in self._elements(path, *_POSTS):
            yield self._post(path, pointer, mapping(found), Form.POST)

    def stories(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """Stories: one picture or video each."""
        for pointer, found in self._elements(path, *_STORIES):
            yield self._post(path, pointer, mapping(found), Form.STORY)

    def archived(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """Posts that the account put away: nobody else can see them."""
        for pointer, found in self._elements(path, *_ARCHIVED):
            yield self._post(path, pointer, mapping(found), Form.POST, State.HIDDEN)

    def deleted(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """What the account deleted in the weeks before; the download does not say when."""
        for pointer, found in self._elements(path, *_DELETED):
            entry = self._post(path, pointer, mapping(found), Form.POST)
            yield entry
            if isinstance(entry, Entry):
                basis = f"among what the account deleted of late, as the platform's own download says ({path})"
                yield Entry(GoneSeen(entry.shown.key, basis, Cause.BY_CITY), path, pointer, sure=False)

    def comments(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """The account's own comments: whose post each stands below is said, and not which."""
        for pointer, found in self._elements(path, *_COMMENTS):
            comment = _comment(mapping(found))
            if comment is None:
                yield NotUnderstood(path, "a comment without a time or without words", pointer)
                continue
            key = self.namer.key("comment", comment.at)
            below = self.namer.named("what is answered by", key)
            seen = ItemSeen(
                key=key, form=Form.POST, author=Person(OWN_ACCOUNT), body=Body(text=comment.text),
                created_at=comment.at, parent=below, thread=below,
                thread_author=OWN_ACCOUNT if self._is_own(comment.owner) else None,
            )  # fmt: skip
            yield Entry(seen, path, pointer, sure=False)

    def _is_own(self, owner: str | None) -> bool:
        return owner is not None and owner.lower() == self.account.handle.strip().removeprefix("@").lower()

    def messages(self, path: str) -> Iterator[Entry | NotUnderstood]:
        """A conversation."""
        return read_messages(self.files, path, self.account, self.namer)

    def _elements(self, path: str, *names: str) -> Iterator[tuple[str, Any]]:
        with self.files.open(path) as stream:
            yield from elements(stream, *names)

    def _post(
        self, path: str, pointer: str, found: Mapping[str, Any], form: Form, state: State | None = None
    ) -> Entry | NotUnderstood:
        media = [one for _place, one in objects(found.get("media"))] or [found]
        attachments = tuple(one for one in map(attachment, media) if one is not None)
        at = moment(found.get("creation_timestamp")) or moment(media[0].get("creation_timestamp"))
        if at is None or not attachments:
            return NotUnderstood(path, "a post without a time or without pictures", pointer)
        caption = found.get("title") if "title" in found or len(media) > 1 else media[0].get("title")
        key = self.namer.key(str(form), at)
        seen = ItemSeen(
            key=key, form=form, author=Person(OWN_ACCOUNT), body=Body(text=words(caption), attachments=attachments),
            created_at=at, thread=key, state=state, cause=Cause.OWNER_PRIVATE if state is State.HIDDEN else None,
        )  # fmt: skip
        return Entry(seen, path, pointer, files_of(attachments), sure=False)


def _comment(found: Mapping[str, Any]) -> _Comment | None:
    """A comment in either of its two layouts; the names of the fields are in the account's language."""
    told: dict[str, str] = {}
    at = moment(found.get("timestamp"))
    for name, value in mapping(found.get("string_map_data")).items():
        at = at or moment(mapping(value).get("timestamp"))
        if (said := words(mapping(value).get("value"))) is not None:
            told[repaired(name).lower()] = said
    for _place, one in objects(found.get("label_values")):
        at = at or moment(one.get("timestamp_value"))
        if (said := words(one.get("value"))) is not None:
            told[repaired(text(one.get("label")) or "").lower()] = said
    comment = next((name for name in told if name in _COMMENT_WORDS), next(iter(told), None))
    if comment is None or at is None:
        return None
    owners = [name for name in told if name != comment]
    owner = next((name for name in owners if name in _OWNER_WORDS), next(iter(owners), None))
    return _Comment(told[comment], told.get(owner or ""), at)


def _username(profile: Mapping[str, Any]) -> str | None:
    """The account's name: the field that is called so, else the first that looks like one."""
    told = {repaired(name).lower(): text(mapping(value).get("value")) for name, value in
            mapping(profile.get("string_map_data")).items()}  # fmt: skip
    named = told.get("username")
    return named or next((one for one in told.values() if one and _USERNAME.fullmatch(one)), None)
