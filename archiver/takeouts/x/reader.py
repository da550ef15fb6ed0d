"""The reader of X archives: posts, what was deleted lately, long texts, and private messages where they are wanted.

The archive has only what the account itself wrote. What the API showed of a post goes before; an archive fills the gaps
of the years before, beyond the newest 3,200, and tells when a post was deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from archiver.domain.account import Account
from archiver.domain.observation import GoneSeen, ItemSeen
from archiver.platforms.x.fields import identifier, mapping, moment, objects, text
from archiver.platforms.x.ids import PLATFORM, Names, is_id
from archiver.takeouts.protocol import About, Entry, Files, NotUnderstood
from archiver.takeouts.streams import Unreadable, elements
from archiver.takeouts.x.entities import number
from archiver.takeouts.x.layout import Content, Script, content_of, scripts
from archiver.takeouts.x.local import FOLDERS, LocalFiles, addresses_of
from archiver.takeouts.x.longposts import LongTexts
from archiver.takeouts.x.messages import messages_in
from archiver.takeouts.x.posts import (
    Writer,
    key_of,
    media_of,
    post_id,
    post_text,
    post_time,
    shown,
    tweet_of,
    written_at,
)

_OWN = frozenset({Content.POSTS, Content.DELETED, Content.MANIFEST, Content.ACCOUNT})
_NO_MESSAGES = "private messages are not collected for this account"
_NO_ARTICLES = "articles are not read; the post that shows one is"
_NO_POST = "the post of this long text is not in the download"
_NO_ID = "this is no post with an id"
_NOT_HERE = "the manifest names this file and the download does not have it; were all parts given?"
_PARTIAL = "part of the account's data only"


class XArchive:
    """X's account archive, of any layout since 2012 that has scripts (the ``tweets.csv`` of old ones says the same)."""

    name: ClassVar[str] = "X archive"
    platform: ClassVar[str] = PLATFORM

    def recognizes(self, files: Files) -> bool:
        """Whether there are posts, or X's manifest."""
        return any(script.content in _OWN for script in scripts(files))

    def about(self, files: Files) -> About:
        """Whose it is and when it was made, by its manifest; by its account file where it has none."""
        found = list(scripts(files))
        told = _about_manifest(_first(files, found, Content.MANIFEST))
        account = mapping(_first(files, found, Content.ACCOUNT).get("account"))
        return About(
            native_id=told.native_id or identifier(account.get("accountId")),
            handle=told.handle or text(account.get("username")),
            generated_at=told.generated_at,
            covers=told.covers,
        )

    def read(self, files: Files, account: Account) -> Iterator[Entry | NotUnderstood]:
        """Posts file by file, then deletions, then messages; at the end what has no place."""
        found = list(scripts(files))
        work = _Work(files, _writer(files, found, account), LocalFiles(files.paths), _counts(files, found))
        yield from work.texts([one for one in found if one.content is Content.LONG])
        for content, reading in (
            (Content.POSTS, work.posts), (Content.DELETED, work.deleted), (Content.DELETIONS, work.deletions)
        ):  # fmt: skip
            for script in found:
                if script.content is content:
                    yield from reading(script)
        for script in found:
            if script.content is Content.MESSAGES and not account.messages:
                yield NotUnderstood(script.path, _NO_MESSAGES)
            elif script.content is Content.MESSAGES:
                yield from work.messages(script)
            elif script.content is Content.ARTICLES:
                yield NotUnderstood(script.path, _NO_ARTICLES)
        yield from work.left()
        yield from _missing(files, found)


@dataclass(slots=True)
class _Work:
    """The reading of one archive. ``counts`` are how many entries the manifest says each file has."""

    files: Files
    writer: Writer
    local: LocalFiles
    counts: dict[str, int]
    long: list[tuple[str, LongTexts]] = field(default_factory=list)

    def texts(self, found: Sequence[Script]) -> Iterator[NotUnderstood]:
        """Long texts first: posts need them."""
        for script in found:
            entries: list[tuple[str, Any]] = []
            for one in self._elements(script):
                if isinstance(one, NotUnderstood):
                    yield one
                else:
                    entries.append(one)
            self.long.append((script.path, LongTexts.of(entries)))

    def posts(self, script: Script) -> Iterator[Entry | NotUnderstood]:
        """Posts, reposts and answers."""
        for one in self._elements(script):
            yield from [one] if isinstance(one, NotUnderstood) else self._post(script, *one)

    def deleted(self, script: Script) -> Iterator[Entry | NotUnderstood]:
        """Posts that the account deleted in the weeks before, with the time."""
        for one in self._elements(script):
            if isinstance(one, NotUnderstood):
                yield one
                continue
            pointer, entry = one
            yield from self._post(script, pointer, entry)
            yield from self._gone(script, tweet_of(entry), pointer)

    def deletions(self, script: Script) -> Iterator[Entry | NotUnderstood]:
        """The times alone, of posts whose words the archive no longer has."""
        for one in self._elements(script):
            if isinstance(one, NotUnderstood):
                yield one
                continue
            pointer, entry = one
            header = tweet_of(entry)
            yield from self._gone(script, {"id_str": header.get("tweet_id"), **header}, pointer)

    def messages(self, script: Script) -> Iterator[Entry | NotUnderstood]:
        """Private messages."""
        for one in self._elements(script):
            if isinstance(one, NotUnderstood):
                yield one
                continue
            for seen, held in messages_in(self.writer, one[1], one[0], self.local, script.folder):
                yield Entry(seen, script.path, seen.pointer, held)

    def left(self) -> Iterator[NotUnderstood]:
        """Long texts without a post."""
        for path, texts in self.long:
            yield from (NotUnderstood(path, _NO_POST, one.pointer) for one in texts.left)

    def _post(self, script: Script, pointer: str, entry: Any) -> Iterator[Entry | NotUnderstood]:
        tweet = tweet_of(entry)
        native_id = post_id(tweet)
        if native_id is None:
            yield NotUnderstood(script.path, _NO_ID, pointer)
            return
        where = f"{pointer}/tweet" if "tweet" in mapping(entry) else pointer
        note = self._note(native_id, post_time(tweet), post_text(tweet) or "")
        for seen in shown(self.writer, tweet, where, note):
            held = tuple(self._held(script, native_id, tweet, seen)) if isinstance(seen, ItemSeen) else ()
            yield Entry(seen, script.path, where, held)

    def _gone(self, script: Script, tweet: Any, pointer: str) -> Iterator[Entry]:
        key, at = key_of(self.writer, tweet), _deleted_at(tweet.get("deleted_at"))
        if key is None or at is None:
            return
        basis = f"deleted at {at:%Y-%m-%dT%H:%M:%SZ}, as the platform's own download says ({script.path})"
        yield Entry(GoneSeen(key, basis), script.path, pointer)

    def _note(self, native_id: str, at: datetime | None, beginning: str) -> Any:
        found = (texts.of_post(native_id, at, beginning) for _, texts in self.long)
        return next((note for note in found if note is not None), None)

    def _held(self, script: Script, native_id: str, tweet: Any, seen: ItemSeen) -> Iterator[tuple[str, str]]:
        """The files of the post's media. A still picture that stands for a video is not in the archive."""
        shown_here = {one.identity for one in seen.body.attachments or ()}
        for media_id, medium in media_of(tweet):
            name = str(self.writer.names.medium(media_id))
            path = self.local.of(script.folder, FOLDERS, native_id, addresses_of(medium))
            if path is not None and name in shown_here:
                yield name, path

    def _elements(self, script: Script) -> Iterator[tuple[str, Any] | NotUnderstood]:
        """The entries of a file; where it ends too early or is not as long as the manifest says, that is told."""
        read = 0
        try:
            with self.files.open(script.path) as stream:
                for one in elements(stream, assigned=True):
                    read += 1
                    yield one
        except (Unreadable, OSError, KeyError) as error:
            yield NotUnderstood(script.path, f"it can't be read from entry {read} on: {error}", f"/{read}")
            return
        said = self.counts.get(script.path)
        if said is not None and said != read:
            yield NotUnderstood(script.path, f"the manifest says that it has {said} entries, and it has {read}")


def _deleted_at(value: Any) -> datetime | None:
    at = written_at(value) or moment(value)
    return at.astimezone(UTC) if at is not None else None


def _writer(files: Files, found: Sequence[Script], account: Account) -> Writer:
    names = Names.of(account)
    told = _about_manifest(_first(files, found, Content.MANIFEST))
    owner = mapping(_first(files, found, Content.ACCOUNT).get("account"))
    native_id = names.account_id(account.native_id) if account.native_id else None
    native_id = native_id or told.native_id or identifier(owner.get("accountId"))
    user = mapping(_first(files, found, Content.MANIFEST).get("userInfo"))
    return Writer(
        names=names,
        native_id=native_id if native_id and is_id(native_id) else None,
        handle=told.handle or text(owner.get("username")),
        display_name=text(user.get("displayName")) or text(owner.get("accountDisplayName")),
    )


def _about_manifest(manifest: Any) -> About:
    user, archive = mapping(manifest.get("userInfo")), mapping(manifest.get("archiveInfo"))
    return About(
        native_id=identifier(user.get("accountId")),
        handle=text(user.get("userName")),
        generated_at=moment(archive.get("generationDate")),
        covers=_PARTIAL if str(archive.get("isPartialArchive")).lower() == "true" else None,
    )


def _counts(files: Files, found: Sequence[Script]) -> dict[str, int]:
    """How many entries the manifest says that each file has; its paths begin at the folder that holds ``data``."""
    return {path: said for path, _name, said in _listed(files, found) if said is not None}


def _missing(files: Files, found: Sequence[Script]) -> Iterator[NotUnderstood]:
    """The files with something to read that the manifest lists and the download lacks."""
    here = set(files.paths)
    for path, name, said in _listed(files, found):
        if said and content_of(f"window.{name}") is not None and path not in here:
            yield NotUnderstood(path, _NOT_HERE)


def _listed(files: Files, found: Sequence[Script]) -> Iterator[tuple[str, str, int | None]]:
    """The files that the manifest lists: path, name of what is in it, number of entries."""
    manifest = next((one for one in found if one.content is Content.MANIFEST), None)
    root = manifest.folder.removesuffix("data/") if manifest else ""
    for kind in mapping(_first(files, found, Content.MANIFEST).get("dataTypes")).values():
        for _, one in objects(mapping(kind).get("files")):
            if path := text(one.get("fileName")):
                yield f"{root}{path}", text(one.get("globalName")) or "", number(one.get("count"))


def _first(files: Files, found: Sequence[Script], content: Content) -> Any:
    """The first entry of the first file with something; an empty object where there is none."""
    script = next((one for one in found if one.content is content), None)
    if script is None:
        return {}
    try:
        with files.open(script.path) as stream:
            return mapping(next((one for _, one in elements(stream, assigned=True)), {}))
    except (Unreadable, OSError, KeyError):
        return {}
